# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A timeline as JSON and as a table for spreadsheets, one row after the other."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._audit.rows import Row
from ansible_collections.m365.hybrid.plugins.module_utils._core import values

COLUMNS = tuple(
    "time who operation action kind object where address property old new old_known new_known outcome error source source_kind id run same_as".split()
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""How a cell begins that a spreadsheet program takes as a formula (OWASP, CSV Injection)."""
_AFTER_A_MARK = re.compile(r"([;,\t\r\n]['\"\s]*)(?=[=+\-@＝＋－＠])")
"""Where a cell would begin for a program that separates at another mark, as in countries whose numbers have a comma."""


@dataclasses.dataclass(frozen=True)
class Timeline:
    """What every output begins with.  ``sources`` are dictionaries of name, kind, state, count, reason and notes, ``chosen`` the filters."""

    title: str
    sources: list[dict[str, t.Any]]
    chosen: dict[str, t.Any]
    count: int

    @property
    def doubtful(self) -> list[dict[str, t.Any]]:
        """The sources of which something is, or may be, missing."""
        return [one for one in self.sources if one["state"] != "complete"]


def plain(row: Row) -> Row:
    """A row as outputs have it."""
    return {name: value for name, value in row.items() if not name.startswith("_")}


def as_text(value: t.Any) -> str:
    """A value of any kind in one line of text; nothing at all is empty."""
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    if isinstance(value, list):
        return "; ".join(as_text(one) for one in value)
    return str(value).lower() if isinstance(value, bool) else values.text(value)


def as_json(timeline: Timeline, rows: t.Iterable[Row]) -> t.Iterator[str]:
    """A JSON object; each entry is on a line of its own."""
    head = {"title": timeline.title, "count": timeline.count, "filters": timeline.chosen, "sources": timeline.sources}
    yield json.dumps(head, ensure_ascii=False, indent=2).removesuffix("\n}") + ',\n  "entries": ['
    for number, row in enumerate(rows):
        yield f"{',' if number else ''}\n    {json.dumps(plain(row), ensure_ascii=False)}"
    yield "\n  ]\n}\n"


def as_csv(rows: t.Iterable[Row]) -> t.Iterator[str]:
    """A line for each property that was changed, and one for an entry without any.  The mark at its beginning has spreadsheet programs read UTF-8."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    text.write("\ufeff")
    table.writerow(COLUMNS)
    for row in rows:
        shown = plain(row) | {"same_as": f"{row['same_as']['source']}: {row['same_as']['id']}" if row.get("same_as") else None}
        for change in row["changes"] or [{}]:
            table.writerow([cell(as_text({**shown, **change}.get(name))) for name in COLUMNS])
        yield text.getvalue()
        text.seek(0)
        text.truncate()
    yield text.getvalue()


def cell(text: str) -> str:
    """A text that no spreadsheet program computes: an apostrophe before what would begin a formula, also where a program separates at other marks."""
    inside = _AFTER_A_MARK.sub(r"\1'", text)
    return f"'{inside}" if inside.lstrip(" \u00a0").startswith(_FORMULA) else inside
