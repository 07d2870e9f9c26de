# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ten thousand users read from Active Directory and judged by the rules of synchronisation, in one task."""

from __future__ import annotations

import pathlib

from tools.bench.figures import Figure, median, spread
from tools.bench.playing import BenchFailed, play, seconds
from tools.bench.tasks import Task, one_play

USERS = 10_000
TASKS = 3
SECONDS = 30.0
"""The longest that a task may take; most of it is the directory's answer."""

_JUDGE: Task = {"name": "judge", "m365.hybrid.directory_sync_scope_info": {"show": "excluded"}, "register": "found"}
_COUNT: Task = {"name": "count", "ansible.builtin.assert": {"that": f"found.summary.objects >= {USERS}"}}


def figures(lab: pathlib.Path, folder: pathlib.Path) -> list[Figure]:
    """The time of whole tasks; the first makes the connection and is not counted.  Raises `BenchFailed`."""
    times = seconds(play([one_play("dc01", [_JUDGE | {"name": "first"}, _COUNT, *[_JUDGE] * TASKS])], folder, [lab]), "judge")
    if len(times) != TASKS:
        raise BenchFailed(f"{len(times)} of {TASKS} tasks were measured")
    return [Figure("sync_scope_of_10000_users", median(times), "s", SECONDS, {"repetitions": TASKS, "range": spread(times)})]
