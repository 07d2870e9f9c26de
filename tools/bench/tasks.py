# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task costs, and how many sessions many tasks open."""

from __future__ import annotations

import json
import pathlib
import typing as t

from tools.bench.figures import Figure, ratio
from tools.bench.playing import play, seconds, sessions_opened

REPETITIONS = 20
TARGET_AGAINST_PING = 0.3
TARGET_AGAINST_PROCESS = 1.0

_MODULE = "m365.hybrid.exchange_remote_domain"
_ARGUMENTS = {"name": "Default"}  # one read, nothing to change
_LOCAL = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}

Task = dict[str, t.Any]
_OURS: Task = {"name": "ours", _MODULE: _ARGUMENTS}
_ONE_AFTER_ANOTHER: tuple[Task, ...] = (
    _OURS,
    {"name": "ping", "ansible.builtin.ping": {}, "vars": _LOCAL},
    {"name": "process", "ordinary": {"module": _MODULE, "arguments": _ARGUMENTS}},
    {"name": "floor", "ansible.builtin.debug": {"msg": "nothing"}},
)


def one_play(hosts: str, tasks: t.Sequence[Task]) -> dict[str, t.Any]:
    return {"hosts": hosts, "gather_facts": False, "tasks": list(tasks)}


def costs(lab: pathlib.Path, folder: pathlib.Path) -> list[Figure]:
    """The time of one task: ours, ping, ours as a process and a task that does nothing take turns; the first round opens the session."""
    times = play([one_play("ex01", [{**task, "name": "first"} for task in _ONE_AFTER_ANOTHER] + list(_ONE_AFTER_ANOTHER) * REPETITIONS)], folder, [lab])
    ours, floor = seconds(times, "ours"), min(seconds(times, "floor"))
    note = {"task_that_does_nothing": round(floor, 4)}
    return [
        ratio("task_against_ping", ours, seconds(times, "ping"), TARGET_AGAINST_PING, **note),
        ratio("task_against_module_process", ours, seconds(times, "process"), TARGET_AGAINST_PROCESS, **note),
    ]


def sessions(lab: pathlib.Path, folder: pathlib.Path) -> list[Figure]:
    """Sessions opened by thirty tasks in three plays, and by twenty hosts that delegate to one server with ten forks."""
    return [
        _opened("sessions_of_30_tasks_in_3_plays", lab, folder, [one_play("ex01", [_OURS] * 10)] * 3),
        _opened("sessions_of_20_delegating_hosts", lab, folder, [one_play("many", [{**_OURS, "delegate_to": "ex01"}])], hosts=20, forks=10),
    ]


def _opened(name: str, lab: pathlib.Path, folder: pathlib.Path, plays: list[dict[str, t.Any]], *, hosts: int = 0, forks: int = 1) -> Figure:
    many = folder / "many.json"
    many.write_text(json.dumps({"many": {"hosts": {f"host{number}": _LOCAL for number in range(hosts)}}}), encoding="utf-8")
    before = sessions_opened(lab.parent)
    times = play(plays, folder, [lab, many] if hosts else [lab], forks=forks)
    return Figure(name, sessions_opened(lab.parent) - before, "sessions", 1, {"results": len(times), "forks": forks}, exact=True)
