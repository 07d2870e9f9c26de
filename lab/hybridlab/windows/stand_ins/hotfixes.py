# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""win_hotfix."""

from __future__ import annotations

import typing as t

from hybridlab.windows.hotfixes import ABSENT, INSTALLED, PENDING, Hotfixes, Update
from hybridlab.windows.stand_ins import StandIn
from hybridlab.windows.task import Failed, Task


def win_hotfix(task: Task) -> dict[str, t.Any]:
    hotfixes = task.machine.part(Hotfixes)
    return _remove(task, hotfixes) if task["state"] == "absent" else _install(task, hotfixes)


def _install(task: Task, hotfixes: Hotfixes) -> dict[str, t.Any]:
    source, nothing = task["source"], {"reboot_required": False}
    if source is None:
        raise Failed("source must be set when state=present", **nothing)
    if task.machine.files.file(source) is None:
        raise Failed(f"the path set for source {source} does not exist or is not a file", **nothing)
    update = hotfixes.updates.get(task.machine.files.expand(source).lower())
    if update is None:
        raise Failed("failed to get metadata xml inside MSU file, cannot get hotfix metadata required for this task", **nothing)
    for option, what, found in (("hotfix_identifier", "identifier", update.identifier), ("hotfix_kb", "KB", update.kb)):
        if task[option] is not None and task[option] != found:
            text = f"the hotfix {what} {task[option]} does not match with the source msu {what} {found}, please omit or specify the correct {what} to continue"
            raise Failed(text, **nothing)
    shown = {"identifiers": [update.identifier], "identifier": update.identifier, "kbs": [update.kb], "kb": update.kb}
    changed = update.state == ABSENT
    if changed and not task.check:
        hotfixes.install(update)
    return {"changed": changed, "reboot_required": update.state == PENDING, **shown}


def _remove(task: Task, hotfixes: Hotfixes) -> dict[str, t.Any]:
    identifier, kb = task["hotfix_identifier"], task["hotfix_kb"]
    if identifier is None and kb is None:
        raise Failed("either hotfix_identifier or hotfix_kb needs to be set when state=absent", reboot_required=False)
    update: Update | None = next((one for one in hotfixes.updates.values() if (one.identifier if identifier else one.kb) == (identifier or kb)), None)
    if update is None or update.state != INSTALLED:
        return {"changed": False, "reboot_required": False}
    if not task.check:
        update.state = ABSENT
    return {"changed": True, "reboot_required": False, "identifier": update.identifier, "kb": update.kb}


PARTS = (Hotfixes,)
STAND_INS: dict[str, StandIn] = {"ansible.windows.win_hotfix": win_hotfix}
