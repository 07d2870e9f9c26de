# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""win_wait_for.  What is not so already will not become so while the lab waits, so it does not."""

from __future__ import annotations

import typing as t

from hybridlab.windows.listeners import Listeners
from hybridlab.windows.machine import Machine
from hybridlab.windows.stand_ins import StandIn
from hybridlab.windows.task import Failed, Task

_LOCAL = ("127.0.0.1", "localhost", "0.0.0.0")


def win_wait_for(task: Task) -> dict[str, t.Any]:
    """For a port of the machine itself or of another that it reaches, or for a file."""
    port, path, state = task["port"], task["path"], task["state"]
    if port is not None and path is not None:
        raise Failed("port and path parameter can not both be passed to win_wait_for")
    if path is not None and state in ("stopped", "drained"):
        raise Failed(f"state={state} should only be used for checking a port in the win_wait_for module")
    if port is not None and task["regex"] is not None:
        raise Failed("regex should by used when checking a string in a file in the win_wait_for module")
    if state == "drained" or task["regex"] is not None:
        raise Failed("the lab knows whether files are there and ports are open, and nothing else of win_wait_for")
    wanted = state in ("started", "present")
    there = task.machine.files.exists(path) if path is not None else port is None or _open(task, port) == wanted
    met = there == wanted if path is not None else there
    waited = {"elapsed": 0.01 if met else float(task["timeout"]), "wait_attempts": 1 if met else max(1, task["timeout"] // max(1, task["sleep"]))}
    if not met:
        raise Failed(f"timeout while waiting for {_what(task, wanted)}", **waited)
    return waited


def _open(task: Task, port: int) -> bool:
    listeners = task.machine.part(Listeners)
    return listeners.open(port) if task["host"] in _LOCAL else listeners.reaches(task["host"], port)


def _what(task: Task, wanted: bool) -> str:
    if task["path"] is not None:
        return f"file {task['path']} to be {'present' if wanted else 'absent'}"
    return f"{task['host']}:{task['port']} to {'start' if wanted else 'stop'} listening"


def _reached(machine: Machine, hosts: list[str]) -> None:
    machine.part(Listeners).reached = list(hosts)


CHANGES: dict[str, t.Callable[[Machine, t.Any], None]] = {"reached": _reached}
STAND_INS: dict[str, StandIn] = {"ansible.windows.win_wait_for": win_wait_for}
