# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The libraries that are asked for are those that are imported: the tests' own environment has more, and would hide what is missing."""

from __future__ import annotations

import importlib.metadata as metadata
import re
import sys
import typing as t

import pytest
from packaging.requirements import Requirement

from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import libraries
from tools import project
from tools.sources import Source, sources

DEMO = "requirements-demo.txt"
PRODUCT = "requirements.txt"
TOOLS = {f"tools/{name}.py" for name in ("demo", "lab", "playbook", "project", "package", "prepare", "processes")}
"""What `make demo` and `make build` run besides the lab and the collection."""
OWN = {"ansible_collections", "hybridlab", "tools"}
ONLY_WITH_KERBEROS = {"gssapi", "krb5"}
"""What needs a compiler: imported where Kerberos is asked for, which the demo does not."""


def asked_for(name: str) -> set[str]:
    """The distributions that a file of requirements installs, with what they require themselves."""
    waiting = [Requirement(line) for line in (project.ROOT / name).read_text(encoding="utf-8").splitlines() if line and line[0] not in "#-"]
    found = set[tuple[str, frozenset[str]]]()
    while waiting:
        one = waiting.pop()
        key = (normalized(one.name), frozenset(one.extras))
        if key not in found:
            found.add(key)
            needed = [Requirement(line) for line in metadata.requires(one.name) or ()]
            waiting += [each for each in needed if not each.marker or any(each.marker.evaluate({"extra": extra}) for extra in (*one.extras, ""))]
    return {distribution for distribution, _ in found}


def normalized(distribution: str) -> str:
    return distribution.lower().replace("_", "-")


def third_party(one: Source) -> set[str]:
    return {name for found in one.imports() if (name := found.name.split(".")[0]) not in sys.stdlib_module_names} - OWN


@pytest.mark.parametrize(
    ("requirements", "paths", "besides"),
    [
        (DEMO, [one for one in sources() if one.path in TOOLS or one.path.startswith(("plugins/", "lab/"))], ONLY_WITH_KERBEROS),
        (PRODUCT, sources("plugins"), {"ansible", "yaml", "jinja2"}),
    ],
    ids=["demo", "product"],
)
def test_what_is_imported_is_asked_for(requirements: str, paths: t.Sequence[Source], besides: set[str]) -> None:
    there = asked_for(requirements)
    brings = metadata.packages_distributions()
    assert len(paths) > 50 and len(there) > 5
    missing = {f"{one.path}: {name}" for one in paths for name in third_party(one) - besides if not set(map(normalized, brings.get(name, ()))) & there}
    assert not missing, f"{requirements} lacks what these files import"


def test_the_command_lines_that_are_shown_for_a_missing_library_install_what_is_asked_for() -> None:
    lines = set((project.ROOT / PRODUCT).read_text(encoding="utf-8").splitlines())
    shown = {line for command in (libraries.PSRP, libraries.TENANT, libraries.LDAP, libraries.GSSAPI) for line in re.findall(r'"([^"]+)"', command)}
    readme = re.findall(r"^pip install (.*?)(?:  #|$)", (project.ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    shown |= {line for command in readme for line in re.findall(r'"([^"]+)"', command)}
    assert len(shown) > 4 and not shown - lines
