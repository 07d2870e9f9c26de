# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether builds of Exchange Server are supported on a day: one build, and the servers of an organization."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._exchange import build
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.build import PREVIEW, Build, Number

SUPPORTED, EXTENDED, UNSUPPORTED, UNKNOWN = "supported", "extended", "unsupported", "unknown"
STATES = (SUPPORTED, EXTENDED, UNSUPPORTED, UNKNOWN)
_VERSIONS = ("version", "admin_display_version")
"""Where a server's version stands; the second is what exchange_server_info returns."""
STALE = datetime.timedelta(days=240)
"""Cumulative updates come twice a year; a list of builds that is older than this lacks one."""
_COLUMNS = {
    "name": "server",
    "product": "product",
    "cumulative_update": "CU",
    "security_update": "SU",
    "status": "status",
    "supported_until": "until",
    "why": "why",
}
Found = dict[str, t.Any]


def day(value: t.Any) -> datetime.date:
    """A date, given as one or as text; today in UTC where none is given.  Raises ValueError."""
    if value in (None, ""):
        return datetime.datetime.now(datetime.UTC).date()
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, datetime.date):
        return value
    try:
        return datetime.date.fromisoformat(str(value).strip())
    except ValueError:
        raise ValueError(f"{value!r} is not a date such as 2026-03-01") from None


def describe(value: t.Any, today: datetime.date) -> Found:
    """What a build is, and whether it is supported on a day.  Raises ValueError for what is no build of Exchange Server."""
    number = build.parse(value)
    product = build.product_of(number)
    row, cumulative = build.located(product, number)
    told = row is not None and (number.complete or bool(row.update))
    return {
        "build": str(number),
        "product": product["name"],
        "cumulative_update": cumulative,
        "security_update": row.update or None if row is not None and told else None,
        "security_update_known": told,
        "release_date": row.date if row else None,
        **_succession(product["name"], cumulative),
        **_support(product, cumulative, number, today),
        "data_until": build.newest(),
    }


def _succession(product: str, cumulative: str | None) -> Found:
    """What came after a cumulative update, and the newest update for it."""
    names = [one.cumulative for one in build.cumulatives(product)]
    place = -1 if cumulative == PREVIEW else names.index(cumulative) if cumulative else len(names)
    following: Build | None = build.cumulatives(product)[place + 1] if place + 1 < len(names) else None
    updates = [one.update for one in build.known() if one.product == product and one.cumulative == cumulative and one.update]
    return {
        "superseded_by": following.cumulative if following else None,
        "superseded_on": following.date if following else None,
        "latest_security_update": updates[-1] if updates else None,
    }


def _support(product: t.Mapping[str, t.Any], cumulative: str | None, number: Number, today: datetime.date) -> Found:
    last, name = datetime.date.fromisoformat(product["end"]), product["name"]
    if today > last:
        return _ended(product, cumulative, last, today)
    if cumulative == PREVIEW:
        return _state(UNSUPPORTED, None, f"{number} is a preview of {name}, which was never supported")
    if cumulative is None:
        text = f"{number} is a build of {name} that the list of builds, which ends with {build.newest()}, does not have; renew the collection"
        return _state(UNKNOWN, None, text)
    end = build.end_of(product, cumulative)
    reach = f"{name} is supported until {'at least ' if product.get('at_least') else ''}{last}"
    if end.open and today - _newest_day() > STALE:
        reach += f"; the list of builds ends with {build.newest()}, so there may be a newer one: renew the collection"
    return _state(SUPPORTED if today <= end.day else UNSUPPORTED, end.day, f"{end.why}; {reach}")


def _newest_day() -> datetime.date:
    return max(one.day for one in build.known())


def _ended(product: t.Mapping[str, t.Any], cumulative: str | None, last: datetime.date, today: datetime.date) -> Found:
    """After the end of a product there may be security updates for those who pay for them."""
    text = f"support of {product['name']} ended on {last}"
    if cumulative == PREVIEW:
        return _state(UNSUPPORTED, None, f"{text}, and its previews were never supported")
    until = build.end_of(product, cumulative).day if cumulative else last
    if until < last:
        text += f", and of {cumulative} on {until}"
    periods = [one for one in product.get("esu", ()) if cumulative in one["for"]]
    now = next((one for one in periods if one["from"] <= today.isoformat() <= one["until"]), None)
    if now is not None:
        found = _state(EXTENDED, until, f"{text}; who has bought them gets extended security updates for {cumulative} until {now['until']}")
        return found | {"extended_until": now["until"]}
    over = [one["until"] for one in periods if one["until"] < today.isoformat()]
    if over:
        text += f"; extended security updates, for those who had bought them, ended on {max(over)}"
    return _state(UNSUPPORTED, until, text)


def _state(status: str, until: datetime.date | None, why: str) -> Found:
    supported = None if status == UNKNOWN else status == SUPPORTED
    return {"status": status, "supported": supported, "supported_until": until and until.isoformat(), "extended_until": None, "why": why}


def report(servers: t.Any, today: datetime.date, notice_days: int = 0) -> Found:
    """All servers with what their builds are, in order of their names, their number by state, and a table to read.

    A version that is no build makes the state of its server unknown, and says why.  Raises ValueError for what is no list of servers.
    """
    rows = [_server(one, today, notice_days) for one in listed(servers)]
    rows.sort(key=lambda one: str(one["name"]).casefold())
    return {
        "date": today.isoformat(),
        "data_until": build.newest(),
        "counts": {state: sum(one["status"] == state for one in rows) for state in STATES},
        "ending": [one["name"] for one in rows if one["ends_soon"]],
        "servers": rows,
        "table": table(rows),
    }


def listed(servers: t.Any) -> list[t.Mapping[str, t.Any]]:
    """The servers as they were given.  Raises ValueError for what is no list of servers."""
    if not isinstance(servers, list | tuple):
        raise ValueError(f"the servers must be a list, not {type(servers).__name__}")
    for number, one in enumerate(servers, 1):
        if not isinstance(one, t.Mapping) or not str(one.get("name") or "").strip() or not one.keys() & set(_VERSIONS):
            raise ValueError(f"server {number} must be a dictionary with name and version")
    return list(servers)


def _server(server: t.Mapping[str, t.Any], today: datetime.date, notice_days: int) -> Found:
    try:
        found = describe(next(server[name] for name in _VERSIONS if name in server), today)
    except ValueError as error:
        nothing = ("build", "product", "cumulative_update", "security_update", "release_date", "superseded_by", "superseded_on", "latest_security_update")
        found = {**dict.fromkeys(nothing), "security_update_known": False, **_state(UNKNOWN, None, str(error)), "data_until": build.newest()}
    left = (datetime.date.fromisoformat(found["supported_until"]) - today).days if found["supported"] else None
    return {**server, **found, "days_left": left, "ends_soon": left is not None and left < notice_days}


def table(rows: t.Sequence[t.Mapping[str, t.Any]]) -> str:
    """The servers as lines of text; a security update that is not known is shown as such."""
    lines = [list(_COLUMNS.values()), *([_cell(row, name) for name in _COLUMNS] for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(_COLUMNS))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines)


def _cell(row: t.Mapping[str, t.Any], name: str) -> str:
    if name == "security_update" and not row[name]:
        return "none" if row["security_update_known"] else UNKNOWN
    return str(row[name]) if row[name] else "-" if name != "cumulative_update" else UNKNOWN
