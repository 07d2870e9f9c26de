# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a playbook and take its times: what the callback ``task_clock`` noted of every task."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import subprocess
import sys
import tempfile
import typing as t

from tools import project

HERE = pathlib.Path(__file__).parent
LIMIT = 1200.0
"""Seconds that one playbook may take."""


class BenchFailed(Exception):
    """Something that is to be measured did not work."""


@dataclasses.dataclass(frozen=True)
class TaskTime:
    """One task's seconds, from its start in ansible-playbook to its result there.

    Memory sizes in bytes are those right after it: ``brokers`` {pid: (present, largest so far)}, ``own`` the largest so far of
    ansible-playbook, ``workers`` that of the largest worker that has ended, which that of this task may not have done yet.
    """

    name: str
    seconds: float
    brokers: dict[int, tuple[int, int]]
    own: int = 0
    workers: int = 0


def play(plays: t.Sequence[t.Mapping[str, t.Any]], folder: pathlib.Path, inventories: t.Sequence[pathlib.Path], *, forks: int = 1) -> list[TaskTime]:
    """Run plays, given as data.  Raises `BenchFailed`."""
    book, notes = folder / "bench.json", folder / "task-times.jsonl"
    book.write_text(json.dumps(list(plays)), encoding="utf-8")
    notes.unlink(missing_ok=True)
    hosts = [part for inventory in inventories for part in ("-i", str(inventory))]
    with tempfile.TemporaryDirectory(prefix="m365b-") as sockets:
        environment = project.environment(
            ANSIBLE_CALLBACK_PLUGINS=str(HERE / "callbacks"),
            ANSIBLE_CALLBACKS_ENABLED="task_clock",
            ANSIBLE_ACTION_PLUGINS=str(HERE / "actions"),
            ANSIBLE_PERSISTENT_CONTROL_PATH_DIR=sockets,
            TASK_CLOCK=str(notes),
        )
        command = ["ansible-playbook", "--forks", str(forks), *hosts, str(book)]
        done = subprocess.run(command, env=environment, cwd=project.ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT, check=False)
    if done.returncode:
        raise BenchFailed(f"{book} ended with {done.returncode}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return [_task_time(json.loads(line)) for line in notes.read_text(encoding="utf-8").splitlines()]


def _task_time(note: t.Mapping[str, t.Any]) -> TaskTime:
    return TaskTime(note["name"], note["seconds"], {int(pid): (sizes[0], sizes[1]) for pid, sizes in note["brokers"].items()}, note["own"], note["workers"])


def seconds(times: t.Iterable[TaskTime], name: str) -> list[float]:
    return [one.seconds for one in times if one.name == name]


def sessions_opened(lab: pathlib.Path) -> int:
    """How many sessions the lab has let in so far."""
    command = [sys.executable, "-m", "hybridlab", "status", "--dir", str(lab)]
    done = subprocess.run(command, env=project.environment(), capture_output=True, text=True, timeout=30, check=False)
    if done.returncode:
        raise BenchFailed(done.stderr)
    return int(json.loads(done.stdout)["sessions"]["opened"])
