# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rows of any number in the order of time, the newest first, with no more than a few thousand of them in memory.

Rows are sorted by the thousand into files without a name, which are gone however the process ends, and then merged.  Of one entry that was read twice,
one row is left.  The same change in two logs stays two rows, and the one that is listed later says with which entry it belongs together.
"""

from __future__ import annotations

import contextlib
import datetime
import heapq
import json
import tempfile
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._audit.rows import ALIKE, EXACT, NAMES, Row

AT_ONCE = 2000
"""How many rows are sorted in memory."""
SAME_WITHIN = 60
"""Seconds between two logs' entries of one change: when it was begun and recorded, and clocks that differ a little."""


def _key(row: Row) -> tuple[str, int, str]:
    return row[EXACT], -row["_source"], row["id"]


class Sorter:
    """Takes rows in any order until it is asked for them.  A context manager: what it wrote is gone afterwards."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._at_once, self._rows, self._runs = at_once, list[Row](), list[t.IO[str]]()
        self._files = contextlib.ExitStack()
        self._merged: t.IO[str] | None = None
        self.count = 0

    def __enter__(self) -> Sorter:
        return self

    def __exit__(self, *_how: object) -> None:
        self._files.close()

    def add(self, row: Row) -> None:
        self._rows.append(row)
        if len(self._rows) >= self._at_once:
            self._spill()

    def _spill(self) -> None:
        self._runs.append(self._file(sorted(self._rows, key=_key, reverse=True)))
        self._rows = []

    def _file(self, rows: t.Iterable[Row]) -> t.IO[str]:
        file = self._files.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n"))
        file.writelines(json.dumps(one) + "\n" for one in rows)
        return file

    def merge(self) -> int:
        """Bring all rows into order, once, each with its mark; how many there are."""
        self._spill()
        for file in self._runs:
            file.seek(0)
        self.count = 0
        merged = heapq.merge(*(map(json.loads, file) for file in self._runs), key=_key, reverse=True)
        self._merged = self._file(self._counted(marked(once(merged))))
        return self.count

    def _counted(self, rows: t.Iterable[Row]) -> t.Iterator[Row]:
        for row in rows:
            self.count += 1
            yield row

    def __iter__(self) -> t.Iterator[Row]:
        """All rows, the newest first; as often as wanted, one iteration at a time."""
        if self._merged is None:
            self.merge()
        if self._merged is not None:
            self._merged.seek(0)
            yield from map(json.loads, self._merged)


def once(rows: t.Iterable[Row]) -> t.Iterator[Row]:
    """Without entries that were read twice.  They have the same time, so only those of one moment are compared."""
    now, seen = "", dict[tuple[str, str], int]()
    for row in rows:
        if row[EXACT] != now:
            now, seen = row[EXACT], {}
        identity = (row["source_kind"], row["id"])
        first = seen.get(identity)
        if not row["id"] or first is None or (row[ALIKE] and first == row["_source"]):
            seen[identity] = row["_source"]
            yield row


def marked(rows: t.Iterable[Row]) -> t.Iterator[Row]:
    """With ``same_as`` on a row whose change another kind of log, listed before, has as well: the same kind of thing, a common name, at most a minute apart."""
    known: dict[tuple[str, str], tuple[float, Row]] = {}
    most = AT_ONCE
    for row in rows:
        at = (datetime.datetime.fromisoformat(row[EXACT]).replace(tzinfo=None) - datetime.datetime.min).total_seconds()
        row["same_as"] = None
        for name in row[NAMES]:
            then, other = known.get((row["kind"], name), (0.0, row))
            if other["source_kind"] != row["source_kind"] and then - at <= SAME_WITHIN and row["outcome"] != "failure":
                row["same_as"] = {"source": other["source"], "id": other["id"]}
        if row["outcome"] != "failure":
            short = {name: row[name] for name in ("source", "source_kind", "id")}
            known.update(((row["kind"], name), (at, short)) for name in row[NAMES])
        if len(known) > most:
            known = {key: one for key, one in known.items() if one[0] - at <= SAME_WITHIN}
            most = max(AT_ONCE, 2 * len(known))
        yield row
