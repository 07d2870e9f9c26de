# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Begin a module: ``python -m tools.scaffold exchange_send_connector --noun SendConnector`` writes the module and its scenario, and says what remains."""

from __future__ import annotations

import argparse
import pathlib
import re
import sys

import yaml

from tools import project

SERVICES = {"exchange": "_exchange"}
"""First word of a module's name → package in module_utils that turns its plan into calls."""

MODULE = '''\
#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: {name}
short_description: Manage {words}s
version_added: {version}
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Declares {words}s.
options:
  name:
    description: Name of the {words}.
    type: str
    required: true
extends_documentation_fragment:
  - m365.hybrid.{service}
  - m365.hybrid.resource
  - m365.hybrid.writes
"""

EXAMPLES = r"""
- name: A {words}
  m365.hybrid.{name}:
    name: Example
"""

RETURN = r"""
resource:
  description: The {words} as it is after the task, by option names; empty when it does not exist.
  returned: success
  type: dict
  sample:
    name: Example
calls:
  description: How often each cmdlet was called.
  returned: with -v
  type: dict
  sample: {{Get-{noun}: 2, New-{noun}: 1}}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {{class: AccessDenied, cmdlet: Set-{noun}, target: exchange on ex01.contoso.com}}
"""

from ansible_collections.m365.hybrid.plugins.module_utils.{package}.module import CmdletModule

MODULE = CmdletModule(DOCUMENTATION, noun="{noun}")


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
'''

SCENARIO = """\
---
# What {name} does, told once; see tests/scenarios.py.
module: {name}
steps:
  - name: A {words} that is not there is created
    task: {{name: Example}}
    expect: changed
    calls: [New-{noun}]
  - name: It is removed
    task: {{name: Example, state: absent}}
    expect: changed
    calls: [Remove-{noun}]
"""

REMAINING = """\
2. lab/hybridlab/contract/cmdlets.txt and the table in lab/hybridlab/exchange/server.py: let the lab know {noun}; then: make generate
3. {module}: describe the options, create_with=(...) for what New-{noun} takes, a Field(...) for each option that reads or
   writes other than its name says; behaviour beyond that is a class in module_utils/{package}.
4. {scenario}: the behaviour, step by step; then: make check
5. README.md: name the module; then: make generate test
"""


class CannotBegin(Exception):
    """The module cannot be made under this name; the message says why."""


def noun_of(name: str) -> str:
    """The cmdlet noun that a module name suggests: exchange_send_connector → SendConnector."""
    return "".join(word.capitalize() for word in name.split("_")[1:])


def files(root: pathlib.Path, name: str, noun: str) -> dict[pathlib.Path, str]:
    """The new files' paths and content.  Raises CannotBegin."""
    service, _, rest = name.partition("_")
    if service not in SERVICES or not re.fullmatch(r"[a-z][a-z0-9_]*", rest):
        raise CannotBegin(f"{name}: a name is <service>_<singular noun>, with service one of {', '.join(SERVICES)}")
    galaxy = yaml.safe_load((root / "galaxy.yml").read_text(encoding="utf-8"))
    values = {"name": name, "noun": noun, "service": service, "package": SERVICES[service], "words": rest.replace("_", " "), "version": galaxy["version"]}
    found = {
        root / "plugins" / "modules" / f"{name}.py": MODULE.format(**values),
        root / "tests" / "scenarios" / f"{name}.yml": SCENARIO.format(**values),
    }
    existing = [path for path in found if path.exists()]
    if existing:
        raise CannotBegin(f"{existing[0]} exists already")
    return found


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="tools.scaffold", description=__doc__)
    parser.add_argument("name", help="the module's name, for example exchange_send_connector")
    parser.add_argument("--noun", help="the cmdlets' noun; asked for when it is not given")
    options = parser.parse_args(arguments)
    suggested = noun_of(options.name)
    noun = options.noun or (sys.stdin.isatty() and input(f"Noun of the cmdlets [{suggested}]: ").strip()) or suggested
    try:
        found = files(project.ROOT, options.name, noun)
    except CannotBegin as reason:
        print(f"scaffold: {reason}", file=sys.stderr)
        return 2
    for path, content in found.items():
        path.write_text(content, encoding="utf-8")
    module, scenario = (path.relative_to(project.ROOT) for path in found)
    print(f"Written: {module}, {scenario}\n")
    print(REMAINING.format(module=module, scenario=scenario, noun=noun, package=SERVICES[options.name.partition("_")[0]]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
