# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The unified audit log, read to its end or not at all.

Sources: Microsoft's reference of Search-UnifiedAuditLog, and what its users published.  A search is a session: the same call again brings the
next page, of up to 5,000 entries, until one is empty; a session brings no more than 50,000.  ``ResultIndex`` numbers the entries of a session,
``ResultCount`` is how many there are, in some months of the service only how many the page has.  A search that gave up inside the service says
-1 and 0, and looks like a short list otherwise.  Where recording is turned off, every list is empty.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import typing as t
import uuid

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, entries, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import AccessDenied, CommandMissing, HybridError, NotRecorded, Truncated, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Module, Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import wires_for
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import single

CMDLET = "Search-UnifiedAuditLog"
PAGE, MOST = 5000, 50000
"""How many entries a call brings at most, and a session."""
_FILTERS = {
    "record_type": "RecordType",
    "operations": "Operations",
    "user_ids": "UserIds",
    "object_ids": "ObjectIds",
    "ip_addresses": "IPAddresses",
    "site_ids": "SiteIds",
    "free_text": "FreeText",
}
_PROPERTIES = ("recordtype", "creationdate", "userids", "operations", "auditdata", "resultindex", "resultcount", "identity")
_ADDRESS = ("ClientIP", "ClientIPAddress", "ActorIpAddress")
"""Where an entry says from which address: most workloads, what is done in mailboxes, and some entries of Entra ID."""
SETTINGS = "Get-AdminAuditLogConfig"
_ENABLE = "Set-AdminAuditLogConfig -UnifiedAuditLogIngestionEnabled $true turns it on; what happens before that is not recorded"
_NARROW = "Make the time between start_date and end_date shorter, or ask for fewer record types, operations or users; several tasks may share the time"
_ROLE = "Give the caller the role View-Only Audit Logs or Audit Logs, for example by a role group of Exchange Online that contains it"
Entry = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class UnifiedAuditInfo(Module):
    """Entries of the log, the newest first."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "wires", self.wires or wires_for(self.documentation))

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        start, end = span(options)
        if start >= end:
            raise UsageError(f"start_date is {start}, which is not before end_date, {end}")
        for name in _FILTERS:
            given = options.get(name)
            if given is not None and not (all(str(one).strip() for one in given) and given if isinstance(given, list) else given.strip()):
                raise UsageError(f"{name} is empty, or has an empty member; leave it out to take all entries")
        if options["max_results"] is not None and options["max_results"] < 1:
            raise UsageError(f"max_results is {options['max_results']}; it must be 1 or more")

    def execute(self, session: engine.Tally, task: Task) -> Result:
        with entries.collected(task) as collected:
            recording, doubt = recorded(session)
            Search(session, parameters(task.options), task.options["max_results"], collected.put).run()
            if not collected.count and not recording:
                raise NotRecorded(f"{doubt}, so that finding nothing says nothing", cmdlet=SETTINGS, target=session.target, advice=_ENABLE)
        found = collected.result(lambda one: (one["time"], one["id"]))
        return found | {"log": {"enabled": recording}, "warnings": [] if recording else [f"{doubt[0].upper()}{doubt[1:]}: entries may be missing. {_ENABLE}."]}


def span(options: t.Mapping[str, t.Any]) -> tuple[str, str]:
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


def parameters(options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """What all calls of the search have in common."""
    start, end = span(options)
    given = {written: options[name] for name, written in _FILTERS.items() if options.get(name) is not None}
    switch = {"HighCompleteness": True} if options["high_completeness"] else {}
    named = {"SessionId": str(uuid.uuid4()), "SessionCommand": "ReturnLargeSet", "ResultSize": PAGE}
    return {"StartDate": start, "EndDate": end, **given, **switch, **named}


class Search:
    """One session of the log, from its first page to the empty one, each entry given to ``put``.  ``most`` is how many are welcome; None: all."""

    def __init__(self, session: engine.Tally, given: dict[str, t.Any], most: int | None, put: t.Callable[[Entry], None]) -> None:
        self._session, self._given, self._most, self._put = session, given, most, put
        self._known: set[str] = set()
        self._received = self._announced = 0

    def run(self) -> None:
        """Raises HybridError for a list that is, or may be, incomplete."""
        while self._received < MOST and (page := self._page()):
            known, anew = len(self._known), False
            for position, one in enumerate(page, 1):
                anew = self._take(one, position)
            if anew and len(self._known) == known:
                raise self._unknown("the service delivered a page a second time instead of the next one")
            if self._most is not None and max(len(self._known), self._announced) > self._most:
                raise self._truncated(f"there are {max(len(self._known), self._announced)} entries, more than max_results, which is {self._most}")
        if self._received < self._announced or self._received >= MOST:
            there = f"of {self._announced}" if self._announced > self._received else "and perhaps not all"
            raise self._truncated(f"the service delivered {self._received} entries {there}")

    def _page(self) -> list[Entry]:
        try:
            answer = self._session.invoke(CMDLET, self._given, properties=_PROPERTIES)
        except (AccessDenied, CommandMissing) as error:
            error.advice = _ROLE
            raise
        if answer.truncated:
            raise self._truncated(f"a page was cut after {len(answer.output)} entries")
        return [{values.fold(name): value for name, value in one.items()} for one in answer.output]

    def _take(self, one: Entry, position: int) -> bool:
        """Whether the entry's page is numbered anew."""
        try:
            index, count = int(one["resultindex"]), int(one["resultcount"])
        except (KeyError, TypeError, ValueError):
            raise self._unknown("an entry does not say which of how many it is") from None
        if index < 0 or count <= 0:
            raise self._unknown(f"the search gave up inside the service (ResultIndex {index}, ResultCount {count})")
        self._received += 1
        if index not in (self._received, position):  # numbered through the session, or anew on each page
            raise self._unknown(f"entry {index} came where entry {self._received} was expected, so there is a page between them that got lost")
        self._announced = max(self._announced, count)
        entry = row(one, self._session.target)
        if entry["id"] not in self._known:  # the large set may hold an entry twice
            self._known.add(entry["id"])
            self._put(entry)
        return index != self._received

    def _unknown(self, text: str) -> HybridError:
        advice = "Run the task again; if it fails again, make the time between start_date and end_date shorter"
        return HybridError(f"what the log holds is not known: {text}", cmdlet=CMDLET, target=self._session.target, advice=advice)

    def _truncated(self, text: str) -> Truncated:
        return Truncated(text, cmdlet=CMDLET, target=self._session.target, advice=_NARROW)


def row(found: t.Mapping[str, t.Any], target: str) -> Entry:
    """One entry as it is returned.  Raises HybridError."""
    try:
        data = json.loads(found["auditdata"])
        if not isinstance(data, dict):
            raise ValueError("AuditData is no object")
        return {
            "id": str(found["identity"] or data["Id"]),
            "time": values.timestamp(found["creationdate"]) or values.timestamp(data["CreationTime"]),
            "record_type": str(found["recordtype"]),
            "operation": found["operations"],
            "user_id": found["userids"],
            "object_id": data.get("ObjectId"),
            "ip_address": next((data[name] for name in _ADDRESS if data.get(name)), None),
            "result_status": data.get("ResultStatus"),
            "audit_data": data,
        }
    except (KeyError, TypeError, ValueError) as error:
        raise HybridError(f"entry {found.get('identity')} of the log cannot be understood: {error}", cmdlet=CMDLET, target=target) from None


def recorded(session: engine.Tally) -> tuple[bool | None, str]:
    """Whether the tenant records anything, None where nobody says so, and what to say of a log that perhaps does not."""
    try:
        answer = session.invoke(SETTINGS, {}, properties=("unifiedauditlogingestionenabled",))
    except (AccessDenied, CommandMissing):
        return None, "whether the unified audit log of the tenant is turned on is not known, because the caller may not read its settings"
    found = {values.fold(name): value for name, value in single(answer, SETTINGS, session.target, "the settings of the audit log").items()}
    recording = found.get("unifiedauditlogingestionenabled")
    if recording is None:
        return None, "whether the unified audit log of the tenant is turned on is not known, because its settings do not say so"
    return recording is True, "the unified audit log of the tenant is turned off"
