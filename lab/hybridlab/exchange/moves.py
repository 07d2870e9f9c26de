# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Move requests and how they go on: a step each time somebody reads a request's statistics, or when the lab is told to.

No clock drives them, so that a test sees the same each time.  A request waits, stalls, fails and completes for the reasons a real one does: it is
suspended, its target database fails over or its copies do not satisfy the database's constraint, the mailbox has more bad items than it may lose.
"""

from __future__ import annotations

import dataclasses
import datetime
import typing as t
import uuid

from hybridlab.exchange import database_copies, servers
from hybridlab.exchange.directory import EPOCH, Entry
from hybridlab.exchange.move_ends import arrive

if t.TYPE_CHECKING:
    from hybridlab.exchange.server import Exchange

# What a request shows at each step: status, detail, percentage.
STEPS = (
    ("Queued", "Queued", 0),
    ("InProgress", "CreatingFolderHierarchy", 10),
    ("InProgress", "CopyingMessages", 25),
    ("InProgress", "CopyingMessages", 60),
    ("InProgress", "IncrementalSync", 95),
    ("CompletionInProgress", "Finalization", 97),
    ("Completed", "Completed", 100),
)
READY = 4
"""The step after which only completion is left."""
INSPECTED = 3
"""The step at which bad items are noticed."""
STALLED_BY_FAILOVER = "StalledDueToTarget_MdbAvailability"
STALLED_BY_REPLICATION = "StalledDueToTarget_MdbReplication"
OUTAGE = 2
"""Steps for which a failover of the target database holds a request up."""
DONE = ("Completed", "CompletedWithWarning")
RESTING = (*DONE, "Suspended", "AutoSuspended", "Failed")


@dataclasses.dataclass
class Request:
    """One request; ``settings`` are the parameters that it was given, by name."""

    account: Entry
    direction: str
    source: str | None
    target: str | None
    source_archive: str | None
    target_archive: str | None
    settings: dict[str, t.Any]
    guid: uuid.UUID = dataclasses.field(default_factory=uuid.uuid4)
    step: int = 0
    status: str = "Queued"
    detail: str = "Queued"
    outage: int = 0
    failure: str = ""
    message: str = ""
    comment: str = ""
    resumed: bool = False
    """Whether somebody resumed it when it was ready, so that it completes although it was to wait then."""
    events: list[str] = dataclasses.field(default_factory=list)

    @property
    def percent(self) -> int:
        return STEPS[self.step][2]

    @property
    def updated(self) -> datetime.datetime:
        return EPOCH + datetime.timedelta(minutes=len(self.events))

    def show(self, status: str, detail: str | None = None) -> None:
        if (status, detail or status) != (self.status, self.detail):
            self.events.append(f"{self.updated:%Y-%m-%d %H:%M} {detail or status}, {self.percent}%")
        self.status, self.detail = status, detail or status

    def at(self, step: int) -> None:
        self.step = step
        self.show(*STEPS[step][:2])


class Moves:
    """All move requests of an organisation, by the GUID of the account; ``pace`` is how many steps one read of statistics is worth."""

    def __init__(self) -> None:
        self.requests: dict[uuid.UUID, Request] = {}
        self.pace = 1
        self.flaws: dict[uuid.UUID, dict[str, int]] = {}
        """Items of mailboxes that cannot be copied, ``bad`` and ``large`` ones, and whether there is a ``warning`` in the end."""

    def of(self, account: Entry) -> Request | None:
        return self.requests.get(account.guid)

    def looked_at(self, exchange: Exchange, request: Request) -> None:
        for _step in range(self.pace):
            self.advance(exchange, request)

    def interrupted(self, database: str) -> None:
        """A failover of a database: what is being written to it waits until the new active copy is there."""
        for request in self.requests.values():
            if database in (request.target, request.target_archive) and request.status == "InProgress":
                request.outage = OUTAGE
                request.show("InProgress", STALLED_BY_FAILOVER)

    def advance(self, exchange: Exchange, request: Request) -> None:
        if request.status in RESTING:
            return
        _perhaps_fail_over(exchange, request)
        if request.outage:
            request.outage -= 1
            if not request.outage:
                request.show("InProgress", "TransientFailureTarget")
        elif request.step == INSPECTED and (failure := self._too_many(request)):
            request.failure, request.message = failure
            request.show("Failed", "FailedOther")
        elif request.step == READY and (wait := _waits(exchange, request)):
            request.show(*wait)
        else:
            request.at(request.step + 1)
            if request.status == "Completed":
                arrive(exchange, request)
                if self.flaws.get(request.account.guid, {}).get("warning"):
                    request.message = "Warning: Failed to clean up the source mailbox after the move."
                    request.show("CompletedWithWarning")

    def _too_many(self, request: Request) -> tuple[str, str] | None:
        flaws = self.flaws.get(request.account.guid, {})
        if flaws.get("full"):
            return "MailboxIsOverTargetQuotaPermanentException", "Error: The size of this mailbox exceeds the quota that it has in the target database."
        for kind, name in (("bad", "BadItemLimit"), ("large", "LargeItemLimit")):
            limit = str(request.settings.get(name, "0"))
            if flaws.get(kind, 0) and limit != "Unlimited" and flaws[kind] > int(limit):
                exception = "TooManyBadItemsPermanentException" if kind == "bad" else "TooManyLargeItemsPermanentException"
                text = f"Error: This mailbox exceeded the maximum number of {'corrupted' if kind == 'bad' else 'large'} items specified for this move request."
                return exception, text
        return None

    def change(self, exchange: Exchange, order: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        """``moves``: ``pace`` from now on, ``advance`` every request by so many steps; or, of one ``mailbox``: ``bad_items``,
        ``large_items``, ``warning`` (whether its moves end with one), ``over_quota`` (whether it is too large for the target), ``advance``.

        Raises ValueError for a mailbox that there is not.
        """
        asked = dict(order["moves"])
        chosen = list(self.requests.values())
        if "mailbox" in asked:
            found = exchange.recipients.find(asked["mailbox"])
            if len(found) != 1:
                raise ValueError(f"{len(found)} recipients answer to {asked['mailbox']}")
            counted = {"bad": "bad_items", "large": "large_items", "warning": "warning", "full": "over_quota"}
            self.flaws[found[0].guid] = {kind: int(asked.get(name, 0)) for kind, name in counted.items()}
            chosen = [one for one in chosen if one.account.guid == found[0].guid]
        self.pace = int(asked.get("pace", self.pace))
        for request in chosen:
            for _step in range(int(asked.get("advance", 0))):
                self.advance(exchange, request)
        return {"moves": {one.account.name: f"{one.status} {one.percent}%" for one in chosen}, "pace": self.pace}


def _perhaps_fail_over(exchange: Exchange, request: Request) -> None:
    fault = exchange.faults.peek("database-failover")
    if not fault or request.status != "InProgress" or str(fault["database"]).lower() != str(request.target).lower():
        return
    if exchange.faults.take("database-failover"):
        entry = exchange.databases.one(request.target)
        others = [one.server for one in database_copies.copies(entry) if one.server != entry.values["Server"]]
        if others:
            database_copies.fail_over(exchange, entry, others[0])


def _waits(exchange: Exchange, request: Request) -> tuple[str, str] | None:
    """What a request shows that is ready and not completed yet; None for one that goes on."""
    given = request.settings
    if any(not satisfied(exchange, name) for name in (request.target, request.target_archive) if name):
        return "InProgress", STALLED_BY_REPLICATION
    later = given.get("CompleteAfter")
    if given.get("PreventCompletion") or (later is not None and later > datetime.datetime.now(datetime.UTC)):
        return "Synced", "Synced"
    if given.get("SuspendWhenReadyToComplete") and not request.resumed:
        return "AutoSuspended", "AutoSuspended"
    return None


def satisfied(exchange: Exchange, database: str) -> bool:
    """Whether the passive copies are good enough for the database's constraint; a lagged copy is behind on purpose."""
    found = exchange.databases.find(database)
    if not found:
        return True  # a database of another organisation
    entry = found[0]
    constraint = entry.values["DataMoveReplicationConstraint"].removeprefix("CI")
    passive = [one for one in database_copies.copies(entry) if one.server != entry.values["Server"]]
    good = [one for one in passive if database_copies.status(entry, one) == "Healthy"]
    prompt = [one for one in good if not one.lagged]
    sites = {one.server: _site(exchange, one.server) for one in passive}
    home = _site(exchange, entry.values["Server"])
    if constraint == "SecondCopy":
        return bool(good)
    if constraint == "SecondDatacenter":
        return any(sites[one.server] != home for one in prompt)
    if constraint == "AllDatacenters":
        return bool(prompt) and {site for site in sites.values() if site != home} <= {sites[one.server] for one in prompt}
    return constraint != "AllCopies" or (bool(passive) and len(prompt) == len(passive))


def _site(exchange: Exchange, server: str) -> str:
    return str(exchange.objects[servers.SORT.noun].one(server).values["Site"])
