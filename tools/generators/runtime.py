# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``meta/runtime.yml``: which modules the action groups hold, and that every module runs through the one action plugin."""

from __future__ import annotations

import pathlib

ACTION = "m365.hybrid.cmdlet"
SERVICES = ("exchange", "entra", "ad", "skype", "directory_sync", "adfs", "wap")
"""Services with an action group of their own: it holds the modules whose names begin with the service's."""


def modules(root: pathlib.Path) -> list[str]:
    """The names of the collection's modules."""
    return sorted(path.stem for path in (root / "plugins" / "modules").glob("*.py") if not path.stem.startswith("_"))


def _group(name: str, members: list[str]) -> list[str]:
    return [f"  {name}:", *(f"    - {member}" for member in members)] if members else [f"  {name}: []"]


def outputs(root: pathlib.Path) -> dict[str, str]:
    """The file's path and content."""
    names = modules(root)
    lines = [
        "---",
        "# Written by tools/generators/runtime.py from plugins/modules; renew with: make generate",
        'requires_ansible: ">=2.16.0"',
        "action_groups:",
    ]
    lines += _group("all", names)
    for service in SERVICES:
        lines += _group(service, [name for name in names if name.startswith(f"{service}_")])
    lines += ["plugin_routing:", "  modules:"]
    for name in names:
        lines += [f"    {name}:", f"      action_plugin: {ACTION}"]
    return {"meta/runtime.yml": "\n".join(lines) + "\n"}
