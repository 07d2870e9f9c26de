# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``make demo``: the sample playbook, twice, against the lab, and a page that shows who changed what.

The first run must change something, the second nothing, neither may fail, and no process may be left.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import sys

from tools import lab, playbook, project


def line(first: playbook.Outcome, second: playbook.Outcome) -> str:
    """The closing line, which other programs read."""
    return f"demo: first run changed={first.changed} failed={first.failed}, second run changed={second.changed} failed={second.failed}"


def is_as_promised(first: playbook.Outcome, second: playbook.Outcome) -> bool:
    return first.good and second.good and first.changed > 0 and second.changed == 0


def timeline(book: pathlib.Path, inventory: pathlib.Path, collections: pathlib.Path, cwd: pathlib.Path, changes: pathlib.Path) -> bool:
    """Who changed what, as a page beside the lab's inventory; True when it is there."""
    folder = inventory.parent / "timeline"
    variables = {"change_audit_path": str(folder), "change_audit_record_files": [str(changes)], "change_audit_days": 1}
    shown = playbook.play(book.with_name("change_audit.yml"), inventory, collections, cwd, variables=variables)
    pages = sorted(folder.glob("*.html"))
    print(f"demo: who changed what: {', '.join(str(page) for page in pages) or 'no page was written'}", flush=True)
    return shown.good and bool(pages)


def twice(book: pathlib.Path, directory: pathlib.Path, collections: pathlib.Path, cwd: pathlib.Path, record: pathlib.Path | None) -> bool:
    """Start a lab, run the playbook twice, show who changed what, end the lab; True when all is as promised."""
    changes = directory / "changes.jsonl"
    with lab.running(directory, *lab.FOR_DEMO, record=record) as inventory:
        first = playbook.play(book, inventory, collections, cwd, record=changes)
        print("demo: the same playbook once more", flush=True)
        second = playbook.play(book, inventory, collections, cwd, record=changes)
        shown = timeline(book, inventory, collections, cwd, changes)
    print(line(first, second), flush=True)
    return is_as_promised(first, second) and shown


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="tools.demo", description=__doc__)
    parser.add_argument("--installed", action="store_true", help="use the collection installed from the built tarball, from an empty folder")
    options = parser.parse_args(arguments)
    record = os.environ.get("LAB_RECORD")
    try:
        if not options.installed:
            book, collections, cwd, directory = project.ROOT / "playbooks" / "demo.yml", project.CHECKOUT_COLLECTIONS, project.ROOT, project.BUILD / "demo"
        else:
            book, collections, cwd = project.INSTALLED / "playbooks" / "demo.yml", project.INSTALLED_COLLECTIONS, project.BUILD / "elsewhere"
            directory = project.BUILD / "demo-installed"
        cwd.mkdir(exist_ok=True)
        return 0 if twice(book, directory, collections, cwd, pathlib.Path(record).resolve() if record else None) else 1
    except lab.LabFailed as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
