# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""win_command: an installer that is told by its own arguments.  The lab runs no other program."""

from __future__ import annotations

import datetime
import typing as t

from hybridlab.windows.packages import Packages
from hybridlab.windows.stand_ins import StandIn
from hybridlab.windows.task import Failed, Task


def win_command(task: Task) -> dict[str, t.Any]:
    files = task.machine.files
    line = task.get("_raw_params") or task.get("cmd")
    words = [str(word) for word in task["argv"]] if task.get("argv") else _words(str(line or ""))
    if not words:
        raise Failed("no command given", rc=256)
    for option, there in (("creates", True), ("removes", False)):
        if task.get(option) and files.exists(task[option]) == there:
            what = f"{task[option]} {'exists' if there else 'does not exist'}"
            return {"changed": False, "skipped": True, "rc": 0, "cmd": line, "msg": f"skipped, since {what}"}
    if files.file(words[0]) is None:
        raise Failed("Failed to run: The system cannot find the file specified (Win32 ErrorCode 2 - 0x00000002)", cmd=line, rc=2)
    code = _run(task, words)
    now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    result = {"cmd": line or " ".join(words), "rc": code, "stdout": "", "stderr": "", "start": now, "end": now, "delta": "0:00:00.000001"}
    if code:
        raise Failed("non-zero return code", changed=True, **result)
    return {"changed": True, **result}


def _run(task: Task, words: list[str]) -> int:
    """The exit code."""
    packages = task.machine.part(Packages)
    path, given = words[0], " ".join(words[1:]).lower()
    removed = next((one for one in packages.products.values() if one.uninstall and _words(one.uninstall.lower())[0] == path.lower()), None)
    if removed is not None and all(word in given for word in _words(removed.uninstall.lower())[1:]):
        return packages.remove(removed.product_id)
    installer = packages.installers.get(path.lower())
    if installer is None:
        raise Failed(f"the lab runs no programs but installers that it was told of, and {path} is none", rc=1)
    if any(word not in given for word in installer.arguments.lower().split()):
        raise Failed(f"the installer {path} asks questions and would wait for ever; it needs the arguments {installer.arguments}", rc=1)
    return packages.install(path)


def _words(line: str) -> list[str]:
    """As Windows cuts a command line: quotation marks hold words together, a backslash is a backslash."""
    words, inside = [""], False
    for letter in line:
        if letter == '"':
            inside = not inside
        elif letter == " " and not inside:
            words.append("")
        else:
            words[-1] += letter
    return [word for word in words if word]


STAND_INS: dict[str, StandIn] = {"ansible.windows.win_command": win_command}
