# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each module is, for the page of what is covered: its object, the endpoints that it works on, what it supports, whether it has a scenario.

Everything is asked of the module itself, its documentation with the fragments that it extends, and the files of scenarios.
"""

from __future__ import annotations

import importlib
import typing as t

import yaml

from tests import scenarios
from tools import project

PLUGINS = "ansible_collections.m365.hybrid.plugins"
Facts = dict[str, t.Any]


def names() -> list[str]:
    """Every module of the collection."""
    return sorted(path.stem for path in (project.ROOT / "plugins" / "modules").glob("*.py") if not path.stem.startswith("_"))


def attributes(name: str) -> dict[str, Facts]:
    """The attributes that a module documents; its own win over those of fragments, as in Ansible."""
    text = importlib.import_module(f"{PLUGINS}.modules.{name}").DOCUMENTATION
    documented = yaml.safe_load(text)
    extended = documented.get("extends_documentation_fragment", [])
    found: dict[str, Facts] = {}
    for one in [extended] if isinstance(extended, str) else extended:
        fragment = importlib.import_module(f"{PLUGINS}.doc_fragments.{one.rpartition('.')[2]}")
        found |= yaml.safe_load(fragment.ModuleDocFragment.DOCUMENTATION).get("attributes", {})
    return found | documented.get("attributes", {})


def thing(module: t.Any) -> str:
    """The noun of a module's cmdlets, its path in Microsoft Graph, or its kind of object in the directory; empty where it has several."""
    for key in ("noun", "collection", "kind"):
        if getattr(module, key, None):
            return str(getattr(module, key))
    return ""


def every() -> dict[str, Facts]:
    """Module → ``object``, ``endpoints``, ``check`` and ``diff`` (full, partial, none or N/A), ``scenario``."""
    told = {scenarios.load(path)["module"] for path in scenarios.files()}
    found = {}
    for name in names():
        module, supported = scenarios.module(name), attributes(name)
        support = {key: str(supported.get(f"{key}_mode", {}).get("support", "none")) for key in ("check", "diff")}
        found[name] = {"object": thing(module), "endpoints": sorted({end for _wire, end in module.wires}), "scenario": name in told, **support}
    return found
