# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What became of an estate: of each part of its file, of each area, and as a table."""

from __future__ import annotations

import typing as t

Values = t.Mapping[str, t.Any]
Record = dict[str, t.Any]

STATES = ("compliant", "changed", "would_change", "failed", "unknown", "not_managed", "skipped")
"""From the part of an area that counts least to the one that counts most; the last two are of areas that were not run."""

LOST = {"Unreachable", "LoginRefused", "Untrusted", "SessionLimit"}
"""Errors after which a host is not asked again: a wrong password that is tried often enough locks the account."""

NOT_DONE = ("failed", "skipped")
"""Outcomes of objects that were not brought to what is declared: refused, or not begun after others were."""

SHOWN = 5
"""So many objects of a part are named in the table; the report has all."""


def outcome(part: Values, result: Values, *, changed: bool, failed: bool, check_mode: bool, report: t.Any = None) -> Record:
    """What became of one part.

    ``result`` is that of its task, or of the task that failed; ``changed`` whether any task of it changed something, or would.
    """
    objects = _objects(result)
    # ansible-core notifies nobody of a task that failed, although items of its loop may have changed something.
    changed = changed or any(one["outcome"] not in NOT_DONE for one in objects) or (failed and any(one.get("changed") for one in (result, *_items(result))))
    refused = any(one["outcome"] in NOT_DONE for one in objects)
    if failed or refused:
        # Without a change and without an object that was refused, the error came before it was known how things are.
        state = "failed" if not check_mode and (changed or refused) else "unknown"
    else:
        state = ("would_change" if check_mode else "changed") if changed else "compliant"
    found: Record = {"place": part["place"], "host": part.get("host", ""), "state": state, "changed": changed, "why": _why(result) if failed or refused else ""}
    found["objects"] = objects
    if result.get("diff") and not failed:
        found["diff"] = [one for one in _list(result["diff"]) if one]
    if report:
        found["report"] = report
    return found | {"lost": bool(found["host"]) and failed and not objects and any(_lost(one) for one in (result, *_items(result)))}


def summary(areas: t.Iterable[str], planned: t.Mapping[str, t.Any], records: t.Sequence[Values]) -> dict[str, Record]:
    """Each area's state and parts.  An area that is declared and has no record was skipped by a tag."""
    found: dict[str, Record] = {}
    for area in areas:
        parts = [{key: value for key, value in one.items() if key != "lost"} for one in records if one["place"].partition(".")[0] == area]
        states = [one["state"] for one in parts]
        nothing = "skipped" if area in planned else "not_managed"
        found[area] = {"state": max(states, key=STATES.index) if states else nothing, "parts": parts}
    return found


def table(areas: t.Mapping[str, Values]) -> list[str]:
    """A line for each area, and below it one for each part that is not compliant."""
    lines: list[str] = []
    width = max((len(area) for area in areas), default=0)
    for area, row in areas.items():
        told = [_line(one) for one in row["parts"] if one["state"] != "compliant"]
        words = row["state"].replace("_", " ")
        lines.append(f"{area:<{width}}  {words:<12}  {told[0] if told else ''}".rstrip())
        lines.extend(f"{'':<{width}}  {'':<12}  {one}" for one in told[1:])
    return lines


def _line(part: Values) -> str:
    place = " ".join(filter(None, (part["place"].partition(".")[2], f"on {part['host']}" if part["host"] else "")))
    names = [f"{one['object']} ({one['outcome']})" for one in part["objects"]]
    more = [f"and {len(names) - SHOWN} more"] if len(names) > SHOWN else []
    told = [*([part["why"]] if part["why"] else []), *([", ".join(names[:SHOWN] + more)] if names else [])]
    return ": ".join(filter(None, (place, " | ".join(told))))


def _objects(result: Values) -> list[Record]:
    """The objects that changed, would change, or were refused, of a bulk task."""
    outcomes = [one for one in result.get("outcomes", ()) if one["outcome"] != "unchanged"]
    return [{key: one[key] for key in ("object", "outcome", "msg") if one.get(key)} for one in outcomes]


def _items(result: Values) -> list[Values]:
    """The results of a loop's items."""
    return [one for one in result.get("results", ()) if isinstance(one, dict)]


def _lost(result: Values) -> bool:
    error = result.get("error")  # modules of other collections may mean something else by it
    return bool(result.get("unreachable")) or (isinstance(error, dict) and error.get("class") in LOST)


def _why(result: Values) -> str:
    """The error in the words of who said it; of a loop, those of its items."""
    items = [str(one.get("msg", "")) for one in _items(result) if one.get("failed") or one.get("unreachable")]
    return " ".join(" | ".join(dict.fromkeys(items) if items else [str(result.get("msg", "no reason was given"))]).split())


def _list(value: t.Any) -> list[t.Any]:
    return value if isinstance(value, list) else [value]
