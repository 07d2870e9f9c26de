# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Turns a module's DOCUMENTATION into its argument spec and its fields, so that neither can lie about the other."""

from __future__ import annotations

import dataclasses
import functools
import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils import _fragments

try:
    import yaml
except ImportError as error:  # ansible-test's import sanity test runs without PyYAML; every Ansible has it
    YAML_MISSING: str | None = str(error)
else:
    YAML_MISSING = None

Option = dict[str, t.Any]

_LOOKS_SECRET = re.compile(r"(?i)pass(?!ive)|secret|token|key")  # names that ansible-core or its sanity tests take for secrets unless it is told otherwise
_SPEC_KEYS = ("aliases", "choices", "default", "elements", "required", "type")


@dataclasses.dataclass(frozen=True)
class Documentation:
    """A module's documented options.

    ``options`` are all of them, ``properties`` the names of those that describe the resource: they are in the module's own text, or in a
    doc fragment whose name ends in ``_properties``.  What comes from any other fragment says how to work.
    """

    module: str
    options: dict[str, Option]
    properties: frozenset[str]

    def argument_spec(self, secrets: t.Collection[str] = ()) -> dict[str, Option]:
        """The AnsibleModule argument spec; the named options become ``no_log``."""
        return {name: _argument(name, option, secrets) for name, option in self.options.items()}


@functools.cache
def load(documentation: str) -> Documentation:
    """Parse a DOCUMENTATION text together with the collection's own doc fragments that it extends.  Raises LookupError for another one."""
    if YAML_MISSING:
        return Documentation("", {}, frozenset())
    text = _parse(documentation)
    options: dict[str, Option] = {}
    properties = own = text.get("options") or {}
    for name in text.get("extends_documentation_fragment", ()):
        if name not in _fragments.BY_NAME:
            raise LookupError(f"{text['module']} extends {name}, which is no fragment of modules here: its options would be documented and not obeyed")
        shared = _parse(_fragments.BY_NAME[name]).get("options", {})
        options |= shared
        properties = properties | shared if name.endswith(_fragments.PROPERTIES) else properties
    return Documentation(text["module"], options | own, frozenset(properties))


def _parse(text: str) -> dict[str, t.Any]:
    parsed = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return t.cast(dict[str, t.Any], parsed)


def _argument(name: str, option: Option, secrets: t.Collection[str]) -> Option:
    entry = {key: option[key] for key in _SPEC_KEYS if key in option}
    if name in secrets:
        entry["no_log"] = True
    elif _LOOKS_SECRET.search(name):
        entry["no_log"] = False  # says to ansible-core that the name alone does not make it a secret
    if "suboptions" in option:
        entry["options"] = {inner: _argument(inner, suboption, secrets) for inner, suboption in option["suboptions"].items()}
    return entry
