# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Notes how long every task took and how large Ansible and the session brokers are then, in the file that TASK_CLOCK names."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import re
import resource
import socket
import struct
import time
import typing as t

from ansible import constants as C
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: task_clock
type: aggregate
short_description: Times of tasks and memory of session brokers
description: Appends one JSON line for every result to the file named by the environment variable TASK_CLOCK.
"""

_HEADER = struct.Struct("!Q")


class CallbackModule(CallbackBase):
    """Times are taken in ansible-playbook itself: they hold everything that a user waits for."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "task_clock"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._started = time.monotonic()
        self._file = open(os.environ["TASK_CLOCK"], "a", encoding="utf-8")  # it lives as long as the run

    def v2_playbook_on_task_start(self, task: t.Any, is_conditional: bool) -> None:
        self._started = time.monotonic()

    def v2_runner_on_ok(self, result: t.Any) -> None:
        seconds = time.monotonic() - self._started
        note = {"name": result._task.get_name(), "seconds": seconds, "brokers": brokers(), "own": most(resource.RUSAGE_SELF)}
        self._file.write(json.dumps(note | {"workers": most(resource.RUSAGE_CHILDREN)}) + "\n")
        self._file.flush()


def most(who: int) -> int:
    """The most resident memory in bytes that ansible-playbook had, or the largest of its workers that have ended."""
    return resource.getrusage(who).ru_maxrss * 1024


def brokers() -> dict[int, tuple[int, int]]:
    """The brokers of this run, found by their sockets: {pid: (bytes now, most bytes so far)}."""
    found = {}
    for path in pathlib.Path(C.config.get_config_value("PERSISTENT_CONTROL_PATH_DIR")).glob("m365/m365-*"):
        if path.is_socket():
            with contextlib.suppress(OSError):  # it ended meanwhile
                pid = pid_behind(path)
                found[pid] = sizes(pathlib.Path(f"/proc/{pid}/status").read_text())
    return found


def pid_behind(path: pathlib.Path) -> int:
    """Ask the broker as a task does: eight bytes of length, and JSON."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(5)
        connection.connect(str(path))
        question = b'{"op":"hello"}'
        connection.sendall(_HEADER.pack(len(question)) + question)
        with connection.makefile("rb") as answer:
            (length,) = _HEADER.unpack(answer.read(_HEADER.size))
            return int(json.loads(answer.read(length))["pid"])


def sizes(status: str) -> tuple[int, int]:
    """Resident memory in bytes, from the text of /proc/<pid>/status."""
    found = dict(re.findall(r"^(VmRSS|VmHWM):\s+(\d+) kB", status, re.M))
    return int(found["VmRSS"]) * 1024, int(found["VmHWM"]) * 1024
