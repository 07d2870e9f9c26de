# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a playbook as a user does, and say in numbers what came of it."""

from __future__ import annotations

import json
import pathlib
import typing as t

from tools import processes, project

CALLBACKS = pathlib.Path(__file__).parent / "callbacks"


class Outcome(t.NamedTuple):
    """What a run of a playbook did, over all hosts.  ``clean``: it ended with 0 and left no process."""

    clean: bool
    hosts: int
    changed: int
    failed: int
    """Failed and unreachable hosts' tasks."""

    @property
    def good(self) -> bool:
        return self.clean and self.failed == 0 and self.hosts > 0


def outcome(finished: processes.Finished, statistics: t.Mapping[str, t.Mapping[str, int]]) -> Outcome:
    """Add up what the callback ``run_statistics`` wrote."""
    hosts = statistics.values()
    return Outcome(finished.clean, len(hosts), sum(one["changed"] for one in hosts), sum(one["failures"] + one["unreachable"] for one in hosts))


def play(
    playbook: pathlib.Path,
    inventory: pathlib.Path,
    collections: pathlib.Path = project.CHECKOUT_COLLECTIONS,
    cwd: pathlib.Path = project.ROOT,
    *,
    variables: t.Mapping[str, t.Any] | None = None,
    record: pathlib.Path | None = None,
) -> Outcome:
    """Run ``ansible-playbook --diff`` with its output on ours, and wait until all that it started has ended.

    ``variables`` are extra variables; ``record`` is where the callback ``change_record`` writes what was changed.
    """
    statistics = inventory.parent / "statistics.json"
    statistics.unlink(missing_ok=True)
    environment = project.environment(
        collections,
        ANSIBLE_CALLBACK_PLUGINS=str(CALLBACKS),
        ANSIBLE_CALLBACKS_ENABLED="run_statistics" + (",m365.hybrid.change_record" if record else ""),
        RUN_STATISTICS=str(statistics),
        **({"M365_CHANGE_RECORD_PATH": str(record)} if record else {}),
    )
    command = ["ansible-playbook", "--diff", "-i", str(inventory), *(["-e", json.dumps(dict(variables))] if variables else []), str(playbook)]
    finished = processes.run(command, environment, cwd)
    return outcome(finished, json.loads(statistics.read_text(encoding="utf-8")) if statistics.is_file() else {})
