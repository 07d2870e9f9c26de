# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The unified audit log through Microsoft Graph: a search is ordered, waited for, and its records are read; all of them or none.

Sources: Microsoft's references of auditLogQuery, auditLogRecord and of creating, getting and listing them.  A search runs in the background, for minutes or
for hours.  One that found more than the service's limit ends well, too, and says so in ``isRecordCountLimitExceeded``.
"""

from __future__ import annotations

import dataclasses
import datetime
import time
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, entries, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, TimedOut, Truncated, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._entra import info, paths

QUERIES = "/v1.0/security/auditLog/queries"
QUERY, RECORDS = f"{QUERIES}/{{}}", f"{QUERIES}/{{}}/records"
_FILTERS = {
    "record_types": "recordTypeFilters",
    "operations": "operationFilters",
    "user_ids": "userPrincipalNameFilters",
    "object_ids": "objectIdFilters",
    "ip_addresses": "ipAddressFilters",
    "services": "serviceFilters",
    "keyword": "keywordFilter",
}
_WAITING = ("notStarted", "running")
_SOON = (0.1, 0.5, 2.0, 5.0, 10.0)
"""Seconds before the first looks at a search; after them it is every `_LATER`."""
_LATER = 30.0
_NARROW = "Make the time between start_date and end_date shorter, or ask for fewer record types, operations or users; several tasks may share the time"
_DOUBT = "Nothing was found. Microsoft Graph does not say whether the tenant records anything; exchange_unified_audit_info does."


@dataclasses.dataclass(frozen=True)
class UnifiedAuditInfo(info.GraphInfoModule):
    """Entries of the log, the newest first."""

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        for name in ("query", *_FILTERS):
            given = options.get(name)
            if given is not None and not (all(str(one).strip() for one in given) and given if isinstance(given, list) else given.strip()):
                raise UsageError(f"{name} is empty, or has an empty member; leave it out to take all entries")
        for name in ("wait_timeout", "max_results"):
            if options[name] is not None and options[name] < 1:
                raise UsageError(f"{name} is {options[name]}; it must be 1 or more")
        if options["query"] is None:
            start, end = _span(options)
            if start >= end:
                raise UsageError(f"start_date is {start}, which is not before end_date, {end}")

    def execute(self, session: engine.Tally, task: Task) -> Result:
        with entries.collected(task) as collected:
            query = task.options["query"] or _ordered(session, task.options)
            _wait(session, query, task)
            known, limit = set[str](), task.options["max_results"]
            for page in session.pages(paths.path(RECORDS, query, top=999)):
                for one in _rows(page, session.target):
                    if one["id"] in known:
                        continue
                    if len(known) == limit:
                        raise Truncated(f"there are more than {limit} entries", cmdlet=f"GET {RECORDS}", target=session.target, advice=_NARROW)
                    known.add(one["id"])
                    collected.put(one)
        result = collected.result(lambda one: (one["time"], one["id"]))
        return result | {"query": query, "log": {"enabled": True if known else None}, "warnings": [] if known else [_DOUBT]}


def _span(options: t.Mapping[str, t.Any]) -> tuple[str, str]:
    """Both ends of the time, in UTC; up to now where no end is given.  Raises UsageError."""
    now = datetime.datetime.now(datetime.UTC).isoformat()
    moments = []
    for name, given in (("start_date", options["start_date"]), ("end_date", options["end_date"] or now)):
        try:
            moments.append(values.timestamp(given))
        except ValueError as error:
            raise UsageError(f"{name}: {error}") from None
        if moments[-1] is None:
            raise UsageError(f"{name} is empty")
    return str(moments[0]), str(moments[1])


def _ordered(session: engine.Tally, options: t.Mapping[str, t.Any]) -> str:
    """Have the service search; the id of the search."""
    start, end = _span(options)
    body = {"displayName": f"Ansible {start} to {end}", "filterStartDateTime": start, "filterEndDateTime": end}
    body |= {written: options[name] for name, written in _FILTERS.items() if options[name] is not None}
    found = session.query(paths.path(QUERIES), body).output
    if len(found) != 1 or not found[0].get("id"):
        raise HybridError("the service took the search and did not say which it is", cmdlet=f"POST {QUERIES}", target=session.target)
    return str(found[0]["id"])


def _wait(session: engine.Tally, query: str, task: Task) -> None:
    """Until the search has found all.  Raises HybridError where it did not."""
    limit, soon = task.options["wait_timeout"], list(_SOON)
    until = time.monotonic() + limit
    while True:
        found = session.request("GET", paths.path(QUERY, query)).output
        status = found[0].get("status") if len(found) == 1 else None
        if status == "succeeded":
            break
        if status not in _WAITING:
            text = f"what the log holds is not known: the search {query} ended as '{status}'"
            raise HybridError(text, cmdlet=f"GET {QUERY}", target=session.target, advice="Run the task again; if it fails again, make the time shorter")
        left = until - time.monotonic()
        if left <= 0:
            advice = f"The service goes on with it. Run the task later with query: {query}, which takes that search, or raise wait_timeout"
            raise TimedOut(f"the search {query} is '{status}' after {limit} seconds", cmdlet=f"GET {QUERY}", target=session.target, advice=advice)
        time.sleep(min(soon.pop(0) if soon else _LATER, max(left, 0.1)))
    if found[0].get("isRecordCountLimitExceeded"):
        text = f"the search found more than the service delivers, which is {found[0].get('recordCountLimit')}"
        raise Truncated(text, cmdlet=f"GET {QUERY}", target=session.target, advice=_NARROW)


def _rows(found: t.Iterable[t.Mapping[str, t.Any]], target: str) -> t.Iterator[entries.Entry]:
    try:
        yield from map(row, found)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise HybridError(f"an entry of the log cannot be understood: {error!r}", cmdlet=f"GET {RECORDS}", target=target) from None


def row(found: t.Mapping[str, t.Any]) -> entries.Entry:
    """One record as it is returned, under the names that exchange_unified_audit_info has."""
    data = {name: value for name, value in (found.get("auditData") or {}).items() if not name.startswith("@")}
    moment = values.timestamp(found["createdDateTime"])
    if moment is None:
        raise ValueError("it has no time")
    return {
        "id": str(found["id"]),
        "time": moment,
        "record_type": found.get("auditLogRecordType"),
        "service": found.get("service"),
        "operation": found["operation"],
        "user_id": found.get("userPrincipalName") or found.get("userId"),
        "object_id": found.get("objectId"),
        "ip_address": found.get("clientIp"),
        "result_status": data.get("ResultStatus"),
        "audit_data": data,
    }
