# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``docs/windows_modules.md``: which of Ansible's own modules for Windows the roles use, and that the lab has a stand-in for each.

It fails when a role or a playbook names a module without a stand-in, and when the lab has a stand-in that nobody needs.
"""

from __future__ import annotations

import pathlib
import re

OUTPUT = "docs/windows_modules.md"
BANNER = "<!-- Written by tools/generators/windows_modules.py from roles and playbooks; renew with: make generate -->"
STAND_INS = pathlib.Path("lab/hybridlab/windows/stand_ins")
_MODULE = r"(?:ansible\.windows|community\.windows|microsoft\.iis)\.\w+"
_TASK = re.compile(rf"(?m)^[ \t]*(?:- )?(?P<name>{_MODULE}):")
_STAND_IN = re.compile(rf"\"(?P<name>{_MODULE})\": ")
# What Ansible itself calls on a Windows host, whatever a role says.
BY_ANSIBLE = {
    "ansible.windows.setup": "gathers facts",
    "ansible.windows.slurp": "is `ansible.builtin.slurp`",
    "ansible.windows.win_copy": "is also `win_template`",
    "ansible.windows.win_file": "makes folders",
    "ansible.windows.win_ping": "is what `wait_for_connection` asks",
    "ansible.windows.win_stat": "is what `fetch` asks",
}
# Neither needs a stand-in: the plugin alone does the work.
WITHOUT_MODULE = frozenset({"ansible.windows.win_reboot", "ansible.windows.win_template"})

FOR_PLAYS = frozenset(
    {
        "ansible.windows.win_command",
        "ansible.windows.win_feature_info",
        "ansible.windows.win_find",
        "ansible.windows.win_group",
        "ansible.windows.win_group_membership",
        "ansible.windows.win_user_profile",
        "community.windows.win_disk_facts",
        "microsoft.iis.web_app_pool",
        "microsoft.iis.website_info",
    }
)
"""Stand-ins that no role needs, for plays of those who rehearse their own with the lab."""


def named(root: pathlib.Path) -> dict[str, list[str]]:
    """Module → the roles and playbooks whose tasks name it."""
    found: dict[str, set[str]] = {}
    for folder in ("roles", "playbooks"):
        for path in sorted((root / folder).rglob("*.yml")):
            parts = path.relative_to(root).parts
            if "meta" in parts:
                continue
            who = parts[1] if folder == "roles" else f"playbook {path.stem}"
            for match in _TASK.finditer(path.read_text(encoding="utf-8")):
                found.setdefault(match["name"], set()).add(who)
    return {name: sorted(who) for name, who in sorted(found.items())}


def stand_ins(root: pathlib.Path) -> list[str]:
    """The modules in the tables of the lab.  Raises ValueError for one that is in two."""
    found = [match["name"] for path in sorted((root / STAND_INS).glob("*.py")) for match in _STAND_IN.finditer(path.read_text(encoding="utf-8"))]
    twice = {name for name in found if found.count(name) > 1}
    if twice:
        raise ValueError(f"there are two stand-ins for {', '.join(sorted(twice))}")
    return sorted(found)


def outputs(root: pathlib.Path) -> dict[str, str]:
    """Raises ValueError."""
    used, there = named(root), stand_ins(root)
    missing = [name for name in used if name not in there and name not in WITHOUT_MODULE]
    if missing:
        raise ValueError(f"{', '.join(missing)}: named by {', '.join(sorted({who for name in missing for who in used[name]}))}, and the lab has no stand-in")
    spare = [name for name in there if name not in used and name not in BY_ANSIBLE and name not in FOR_PLAYS]
    if spare:
        raise ValueError(f"{', '.join(spare)}: no role names it; remove its stand-in")
    needed = [name for name in there if name in used or name in BY_ANSIBLE] + [name for name in used if name in WITHOUT_MODULE]
    rows = [f"| `{name}` | {', '.join([*used.get(name, ()), *([BY_ANSIBLE[name]] if name in BY_ANSIBLE else [])])} |" for name in sorted(needed)]
    lines = [
        BANNER,
        "# Modules for Windows that the roles use",
        "",
        "Everything on a Windows host that Ansible's own collections do is done by them. These are the modules that the roles name, or that Ansible calls",
        "by itself; the lab has a stand-in for each of them, and every other module fails there and says so.",
        "",
        "| module | named by |",
        "|---|---|",
        *rows,
    ]
    return {OUTPUT: "\n".join(lines) + "\n"}
