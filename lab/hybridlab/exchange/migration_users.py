# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The users of migration batches: each gets a move request of its own, and a batch is as far as the requests of its users are.

A user that cannot be moved fails for itself, with what New-MoveRequest says, and the batch goes on with the others.  No clock drives them: each look at
batches or users takes every request of a running batch one step further, as reading the statistics of a request does.
Sources: the references of Get-MigrationUser, Get-MigrationUserStatistics, Start-MigrationBatch, and of MigrationUserStatus.
"""

from __future__ import annotations

import dataclasses
import datetime
import typing as t
import uuid

from hybridlab.clixml import Enum, MultiValued, Obj
from hybridlab.contract import refusals
from hybridlab.exchange import failures, move_requests, moves, values
from hybridlab.exchange.call import Call, Handler, listed
from hybridlab.exchange.directory import Entry
from hybridlab.records import Output, Record

if t.TYPE_CHECKING:
    from hybridlab.exchange.server import Exchange

# In the order of the references.
STATUSES = (
    "Queued Syncing Failed Synced IncrementalFailed Completing Completed CompletionFailed Corrupted Provisioning ProvisionUpdating CompletionSynced "
    "Validating IncrementalSyncing IncrementalSynced CompletedWithWarnings Stopped IncrementalStopped"
).split()
SUMMARIES = ("Active", "Failed", "Synced", "Completed", "Stopped")
IDLE = ("Created", "Stopped", "Corrupted", "Completed", "CompletedWithErrors", "Failed")
"""Statuses in which a batch does nothing until somebody starts it."""
REQUESTS_OF = "MigrationService:"
"""What the batch name of a request begins with that the migration service made."""
_STORAGE = "Microsoft.Exchange.Data.Storage.Management"
_ENUMERATED = ("System.Enum", "System.ValueType", "System.Object")
_SHOWN = {"AutoSuspended": "Synced", "CompletionInProgress": "Completing", "CompletedWithWarning": "CompletedWithWarnings", "Suspended": "Stopped"}


@dataclasses.dataclass
class User:
    """A line of a batch's file; ``row`` has its columns by their names in lower case."""

    address: str
    row: dict[str, str]
    guid: uuid.UUID = dataclasses.field(default_factory=uuid.uuid4)
    request: moves.Request | None = None
    refusal: str = ""
    """Why there is no request."""

    @property
    def status(self) -> str:
        if self.refusal:
            return "Failed"
        if self.request is None:
            return "Queued"
        return _SHOWN.get(self.request.status, self.request.status if self.request.status in STATUSES else "Syncing")

    @property
    def summary(self) -> str:
        status = self.status
        return {"Failed": "Failed", "Synced": "Synced", "Completed": "Completed", "CompletedWithWarnings": "Completed", "Stopped": "Stopped"}.get(
            status, "Active"
        )

    @property
    def error(self) -> str:
        if self.refusal:
            return self.refusal
        return f"{self.request.failure}: {self.request.message}" if self.request is not None and self.request.failure else ""


def users_of(entry: Entry) -> list[User]:
    return t.cast("list[User]", entry.values.get("Users") or [])


def look(exchange: Exchange, entry: Entry) -> None:
    """One step of a batch that is under way."""
    kept = entry.values
    if kept["Status"] == "Stopping":
        exchange.migrations.change(entry, {"Status": "Stopped", "StoppedCount": sum(one.summary == "Stopped" for one in users_of(entry))})
        return
    if kept["Status"] in IDLE:
        return
    if kept["Status"] == "Starting":
        exchange.migrations.change(entry, {"Status": "Syncing", "Validating": True})
        return
    if kept.get("Validating"):
        exchange.migrations.change(entry, {"Validating": False})
        for number, user in enumerate(users_of(entry)):
            _begin(exchange, entry, user, number)
    else:
        _step(exchange, entry)
    exchange.migrations.change(entry, _standing(entry))


def stop(entry: Entry) -> None:
    for user in users_of(entry):
        if user.request is not None and user.request.status not in (*moves.RESTING, "CompletionInProgress"):
            user.request.show("Suspended")


def forget(exchange: Exchange, entry: Entry) -> None:
    """A batch goes with its requests."""
    for user in users_of(entry):
        if user.request is not None and exchange.moves.of(user.request.account) is user.request:
            del exchange.moves.requests[user.request.account.guid]


def due(entry: Entry) -> bool:
    """Whether users of the batch are completed as soon as they are synchronised."""
    end = entry.values.get("CompleteAfter")
    return bool(entry.values.get("Finish")) or (end is not None and end <= datetime.datetime.now(datetime.UTC))


def _step(exchange: Exchange, entry: Entry) -> None:
    for user in users_of(entry):
        if user.request is None:
            continue
        if exchange.moves.of(user.request.account) is not user.request:
            user.refusal = "MigrationPermanentException: The move request of this user was removed."
            continue
        user.request.settings["PreventCompletion"] = not due(entry)
        exchange.moves.looked_at(exchange, user.request)


def _standing(entry: Entry) -> dict[str, t.Any]:
    """Status and counts of a batch, by its users."""
    summaries = [one.summary for one in users_of(entry)]
    counted = {name: summaries.count(name) for name in SUMMARIES}
    statuses = {one.status for one in users_of(entry)}
    moment = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    found: dict[str, t.Any] = {
        "ActiveCount": counted["Active"],
        "SyncedCount": counted["Synced"],
        "FinalizedCount": counted["Completed"],
        "FailedCount": counted["Failed"],
        "FailedInitialSyncCount": counted["Failed"],
        "StoppedCount": counted["Stopped"],
    }
    if counted["Failed"] == len(summaries):
        return found | {"Status": "Failed"}
    if "Completing" in statuses or (due(entry) and counted["Synced"] and not statuses & {"Queued", "Syncing"}):
        return found | {"Status": "Completing"}
    if counted["Active"]:
        return found | {"Status": "Syncing"}
    with_errors = "WithErrors" if counted["Failed"] else ""
    if counted["Synced"]:
        return found | {"Status": f"Synced{with_errors}", "InitialSyncDateTime": entry.values["InitialSyncDateTime"] or moment, "LastSyncedDateTime": moment}
    return found | {"Status": f"Completed{with_errors}", "FinalizedDateTime": moment}


def _begin(exchange: Exchange, entry: Entry, user: User, number: int) -> None:
    """A request for a user that has none; one that failed or was suspended is tried again."""
    if user.request is None or user.refusal:
        user.refusal, user.request = "", None
        try:
            user.request = _request(exchange, entry, user, number)
        except failures.Refused as refused:
            user.refusal = f"MigrationPermanentException: {refused.text}"
        return
    user.request.settings |= _limits(entry, user)
    if user.request.status in ("Failed", "Suspended"):
        user.request.failure = user.request.message = ""
        user.request.at(user.request.step)


def _limits(entry: Entry, user: User) -> dict[str, str]:
    return {name: user.row.get(name.lower()) or entry.values.get(name) or "0" for name in ("BadItemLimit", "LargeItemLimit")}


def _request(exchange: Exchange, entry: Entry, user: User, number: int) -> moves.Request:
    """Raises `failures.Refused`."""
    _alone(exchange, entry, user)
    parameters: dict[str, t.Any] = {"Identity": user.address, "BatchName": REQUESTS_OF + entry.name, "AcceptLargeDataLoss": True, **_limits(entry, user)}
    parameters |= {name: True for name in ("PrimaryOnly", "ArchiveOnly") if entry.values.get("Only") == name}
    endpoint = entry.values["SourceEndpoint"] or entry.values.get("TargetEndpoint")
    outbound = bool(entry.values.get("TargetEndpoint"))
    places: dict[str, t.Any] = {}
    for name, column, chosen in (
        ("TargetDatabase", "targetdatabase", "TargetDatabases"),
        ("ArchiveTargetDatabase", "targetarchivedatabase", "TargetArchiveDatabases"),
    ):
        among = entry.values.get(chosen) or []
        place = user.row.get(column) or (among[number % len(among)] if among else None)
        places |= {name: place} if place else {}
    if endpoint:
        host = exchange.objects["MigrationEndpoint"].one(endpoint).values["RemoteServer"]
        parameters |= {"Outbound" if outbound else "Remote": True, "RemoteHostName": host, "TargetDeliveryDomain": entry.values.get("TargetDeliveryDomain")}
        places = {"RemoteTargetDatabase": places.get("TargetDatabase", "chosen there")} if outbound else places
    call = Call(exchange, "New-MoveRequest", parameters | places, False)
    account = move_requests.account_of(call, user.address)
    if account.values.get("ArchiveState") != "Local":
        call.parameters.pop("ArchiveTargetDatabase", None)
    list(move_requests.new(call))
    made = exchange.moves.of(account)
    if made is None:
        raise failures.not_found(user.address)
    made.settings["PreventCompletion"] = True
    return made


def _alone(exchange: Exchange, entry: Entry, user: User) -> None:
    for other in exchange.migrations:
        if other is entry or other.values["Status"] == "Created":
            continue
        if any(one.address.lower() == user.address.lower() and one.summary != "Completed" for one in users_of(other)):
            raise failures.refused(
                f"The user '{user.address}' is already included in the migration batch '{other.name}'.", "UserDuplicateInOtherBatchException"
            )


# What is shown


def _enum(kind: str, names: t.Sequence[str], name: str) -> Enum:
    return Enum((f"{_STORAGE}.{kind}", *_ENUMERATED), names.index(name), name)


def _synced(user: User) -> datetime.datetime | None:
    return user.request.updated if user.request is not None and user.request.percent >= moves.STEPS[moves.READY][2] else None


def _view(call: Call, entry: Entry, user: User, *more: tuple[str, t.Any], kind: str = "MigrationUser") -> Obj:
    synced, percent = _synced(user), user.request.percent if user.request is not None else 0
    flaws = call.server.moves.flaws.get(user.request.account.guid, {}) if user.request is not None else {}
    properties = {
        "Identity": user.address,
        "MailboxIdentifier": user.address,
        "MailboxEmailAddress": user.address,
        "Guid": user.guid,
        "MailboxGuid": user.request.account.values.get("ExchangeGuid") if user.request is not None else None,
        "RequestGuid": user.request.guid if user.request is not None else None,
        "BatchId": entry.name,
        "Status": _enum("MigrationUserStatus", STATUSES, user.status),
        "StatusSummary": _enum("MigrationUserStatusSummary", SUMMARIES, user.summary),
        "State": "Completed" if user.summary == "Completed" else "Active",
        "RecipientType": "Mailbox",
        "ErrorSummary": user.error,
        "SkippedItemCount": flaws.get("bad", 0) if percent >= moves.STEPS[moves.INSPECTED][2] else 0,
        "SyncedItemCount": 135 * percent // 100,
        "LastSuccessfulSyncTime": synced and values.local(synced),
        "LastSuccessfulSyncTimeUTC": synced,
        **dict(more),
        "IsValid": True,
        "ObjectState": "Unchanged",
    }
    return Obj((f"{_STORAGE}.{kind}", "Microsoft.Exchange.Data.ConfigurableObject", "System.Object"), properties, string=user.address)


def _all(call: Call) -> list[tuple[Entry, User]]:
    for entry in call.server.migrations:
        if users_of(entry):
            look(call.server, entry)
    return [(entry, user) for entry in call.server.migrations for user in users_of(entry)]


def _named(call: Call, identity: t.Any) -> tuple[Entry, User]:
    wanted = str(identity).lower()
    for entry, user in _all(call):
        if wanted in (user.address.lower(), str(user.guid)):
            return entry, user
    raise failures.Refused(f'The migration user "{identity}" can\'t be found.', "ManagementObjectNotFoundException")


def get_user(call: Call) -> t.Iterable[Record]:
    given = call.parameters
    for name in ("MailboxGuid", "EmailAddress", "IncludeAssociatedUsers", "Partition"):
        if given.get(name):
            raise failures.not_emulated(call.cmdlet, f"-{name}")
    if call.identity is not None:
        return [Output(_view(call, *_named(call, call.identity)))]
    found = _all(call)
    if given.get("BatchId") is not None:
        batch = call.server.migrations.find(given["BatchId"])
        if not batch:
            raise failures.Refused(f'The migration batch "{given["BatchId"]}" can\'t be found.', "ManagementObjectNotFoundException")
        found = [one for one in found if one[0] is batch[0]]
    for name, kind, known in (("Status", "MigrationUserStatus", STATUSES), ("StatusSummary", "MigrationUserStatusSummary", SUMMARIES)):
        if given.get(name) is None:
            continue
        wanted = {one.lower(): one for one in known}.get(str(given[name]).lower())
        if wanted is None:
            raise refusals.not_an_enumerator(call.cmdlet, name, given[name], f"{_STORAGE}.{kind}", known)
        found = [one for one in found if wanted == (one[1].status if name == "Status" else one[1].summary)]
    return listed(call, t.cast(t.Any, found), t.cast(t.Any, lambda one: _view(call, *one)))


def get_statistics(call: Call) -> t.Iterable[Record]:
    for name in ("Diagnostic", "DiagnosticArgument", "DiagnosticInfo", "Partition", "SkipSubscription", "IncludeSkippedItems"):
        if call.parameters.get(name):
            raise failures.not_emulated(call.cmdlet, f"-{name}")
    entry, user = _named(call, call.identity)
    request = user.request
    more = (
        ("Error", user.error or None),
        ("PercentageComplete", request.percent if request is not None else 0),
        ("TotalItemsInSourceMailboxCount", 135),
        ("SkippedItems", MultiValued([])),
        ("Report", "\n".join(request.events) if request is not None and call.parameters.get("IncludeReport") else None),
    )
    return [Output(_view(call, entry, user, *more, kind="MigrationUserStatistics"))]


HANDLERS: dict[str, Handler] = {"Get-MigrationUser": get_user, "Get-MigrationUserStatistics": get_statistics}
