# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything in one run, the lab's two sizes one after the other."""

from __future__ import annotations

import argparse
import pathlib
import shutil
import sys
import time
import typing as t

from tools import lab, project

sys.path.insert(0, str(project.CHECKOUT_COLLECTIONS))  # the parts measured without a playbook are the checkout's

from tools.bench import bulking, directory, online, paging, passing, playing, reading, scope, tasks, throttled
from tools.bench.figures import Figure, document, table

FOLDER = project.BUILD / "bench"
PARTS = ("tasks", "sessions", "passing", "reading", "bulk", "memory", "online", "paging", "throttled", "directory", "scope")

_ON_A_LAB_OF_ITS_OWN: dict[str, tuple[int, t.Callable[[pathlib.Path, pathlib.Path], list[Figure]]]] = {
    "reading": (reading.MAILBOXES, reading.figures),
    "bulk": (reading.MAILBOXES, bulking.figures),
    "online": (online.MAILBOXES, online.figures),
    "paging": (paging.USERS, paging.figures),
    "scope": (scope.USERS, scope.figures),
}


def measure(parts: list[str]) -> list[Figure]:
    """Raises `playing.BenchFailed` and `lab.LabFailed`."""
    found: list[Figure] = []
    with lab.running(FOLDER / "lab") as inventory:
        if "tasks" in parts:
            found += tasks.costs(inventory, FOLDER)
        if "sessions" in parts:
            found += tasks.sessions(inventory, FOLDER)
    if "passing" in parts:
        found += passing.figures()
    for name, (mailboxes, part) in _ON_A_LAB_OF_ITS_OWN.items():
        if name in parts:
            with lab.running(FOLDER / "lab", "--mailboxes", str(mailboxes)) as inventory:
                found += part(inventory, FOLDER)
    if "memory" in parts:
        sizes = {}
        for number in (reading.MAILBOXES, bulking.MANY):
            with lab.running(FOLDER / "lab", "--mailboxes", str(number)) as inventory:
                sizes[number] = bulking.memory(inventory, FOLDER, number)
        found += bulking.memory_figures(sizes)
    if "throttled" in parts:
        record = FOLDER / "record.jsonl"
        with lab.running(FOLDER / "lab", "--mailboxes", str(throttled.OBJECTS), record=record) as inventory:
            found += throttled.figures(inventory, FOLDER, record)
    if "directory" in parts:
        with lab.running(FOLDER / "lab", "--mailboxes", str(directory.USERS)) as inventory:
            found += directory.figures(inventory)
    return found


def main(arguments: list[str]) -> int:
    """0 also where a target is missed: the table and the file say so."""
    parser = argparse.ArgumentParser(prog="tools.bench", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="measure these parts, and write no file")
    options = parser.parse_args(arguments)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    started = time.monotonic()
    try:
        figures = measure(options.only)
    except (playing.BenchFailed, lab.LabFailed) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    print(table(figures))
    missed = [figure.name for figure in figures if not figure.met]
    if set(options.only) == set(PARTS):
        (project.BUILD / "bench.json").write_text(document(figures), encoding="utf-8")
    print(f"bench: {len(figures)} figures in {time.monotonic() - started:.0f} s, missed: {', '.join(missed) or 'none'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
