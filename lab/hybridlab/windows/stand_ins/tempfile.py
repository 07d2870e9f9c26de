# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""win_tempfile."""

from __future__ import annotations

import ntpath
import secrets
import typing as t

from hybridlab.windows.stand_ins import StandIn
from hybridlab.windows.task import Failed, Task


def win_tempfile(task: Task) -> dict[str, t.Any]:
    files = task.machine.files
    above = files.expand(task["path"])
    if files.directory(above) is None:
        raise Failed(f"Could not find a part of the path '{above}'.")
    path = ntpath.join(above, f"{task['prefix']}{secrets.token_hex(6)}{task['suffix'] or ''}")
    if not task.check and task["state"] == "directory":
        files.make_directory(path)
    elif not task.check:
        files.write(path, b"")
    return {"changed": True, "state": task["state"], "path": path}


STAND_INS: dict[str, StandIn] = {"ansible.windows.win_tempfile": win_tempfile}
