# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The copies of mailbox databases: made by Add-MailboxDatabaseCopy, shown by Get-MailboxDatabaseCopyStatus, moved by what fails.

A database outside an availability group has one copy, the active one.  The second copy turns the database's constraint from None to
SecondCopy, as the reference of Set-MailboxDatabase says.
"""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from hybridlab.clixml import Enum, Obj
from hybridlab.exchange import failures, values
from hybridlab.exchange.availability_groups import group_of
from hybridlab.exchange.call import Call, Handler
from hybridlab.exchange.directory import EPOCH, Entry
from hybridlab.records import Output, Record

if t.TYPE_CHECKING:
    from hybridlab.exchange.server import Exchange

NO_LAG = datetime.timedelta()
LONGEST_LAG = datetime.timedelta(days=14)
GENERATION = 4711
"""The last log that the active copy has written."""
LOGS_KEPT = 120
"""How many logs are on its disk while every copy keeps up."""
HEALTHY = ("Mounted", "Healthy")
# Numbers of Microsoft.Exchange.Management.SystemConfigurationTasks.CopyStatus.
STATUSES = (
    "Unknown Failed Seeding Suspended Healthy ServiceDown Initializing Resynchronizing Mounted Dismounted Mounting Dismounting DisconnectedAndHealthy "
    "FailedAndSuspended DisconnectedAndResynchronizing NonExchangeReplication SeedingSource Misconfigured"
).split()
_TYPES = ("Microsoft.Exchange.Management.SystemConfigurationTasks.DatabaseCopyStatusEntry", "Microsoft.Exchange.Data.ConfigurableObject", "System.Object")
_ENUMERATED = ("System.Enum", "System.ValueType", "System.Object")
_KNOWN = ("Identity", "Server", "Active", "Local", "ConnectionStatus", "ExtendedErrorInfo", "UseServerCache", "DomainController")
_ADDABLE = ("Identity", "MailboxServer", "ActivationPreference", "ReplayLagTime", "TruncationLagTime", "DomainController")


@dataclasses.dataclass(frozen=True)
class Copy:
    """One copy; ``status`` empty: healthy, or as the database is mounted.  Lengths count logs."""

    server: str
    preference: int
    replay_lag: datetime.timedelta = NO_LAG
    truncation_lag: datetime.timedelta = NO_LAG
    status: str = ""
    content_index: str = "Healthy"
    copy_queue_length: int = 0
    replay_queue_length: int = 0
    disk_free_percent: int = 62
    error: str = ""

    @property
    def lagged(self) -> bool:
        return self.replay_lag > NO_LAG


def copies(entry: Entry) -> tuple[Copy, ...]:
    """The copies of a database, the preferred one first."""
    return entry.values.get("Copies") or (Copy(entry.values["Server"], 1),)


def properties(exchange: Exchange, entry: Entry) -> dict[str, t.Any]:
    """What Get-MailboxDatabase says of a database's copies."""
    group = group_of(exchange, entry.values["Server"])
    found = copies(entry)
    return {
        "MasterServerOrAvailabilityGroup": group.name if group else entry.values["Server"],
        "MasterType": "DatabaseAvailabilityGroup" if group else "Server",
        "ActivationPreference": [f"[{one.server}, {one.preference}]" for one in found],
        "ReplayLagTimes": [f"[{one.server}, {values.print_span(one.replay_lag)}]" for one in found],
        "TruncationLagTimes": [f"[{one.server}, {values.print_span(one.truncation_lag)}]" for one in found],
    }


def add(call: Call) -> t.Iterable[Record]:
    unknown = [name for name in call.parameters if name not in _ADDABLE]
    if unknown:
        raise failures.not_emulated(call.cmdlet, f"-{unknown[0]}")
    entry = call.server.databases.one(call.identity)
    server = call.server.servers.one(call.parameters["MailboxServer"]).name
    group = group_of(call.server, entry.values["Server"])
    if group is None or server not in group.values["Servers"]:
        text = f"The mailbox server '{server}' isn't in the database availability group of database '{entry.name}', so it can't have a copy of it."
        raise failures.refused(text, "DbCopyServersNotInSameDagException")
    present = copies(entry)
    if server in [one.server for one in present]:
        raise failures.refused(f"Database '{entry.name}' already has a copy on server '{server}'.", "DbCopyAlreadyHostedOnServerException")
    lag = call.parameters.get("ReplayLagTime", NO_LAG)
    if not NO_LAG <= lag <= LONGEST_LAG:
        raise failures.invalid(f"The replay lag time {values.print_span(lag)} is not between 00:00:00 and 14.00:00:00.")
    made = Copy(server, int(call.parameters.get("ActivationPreference", len(present) + 1)), lag, call.parameters.get("TruncationLagTime", NO_LAG))
    if not 1 <= made.preference <= len(present) + 1:
        raise failures.invalid(f"The activation preference {made.preference} is not between 1 and {len(present) + 1}, the number of copies.")
    if not call.what_if:
        _put(call.server, entry, _ranked(present, made), {"ReplicationType": "Remote"} | _constraint(entry, present))
    return []


def _constraint(entry: Entry, present: t.Sequence[Copy]) -> dict[str, str]:
    return {"DataMoveReplicationConstraint": "SecondCopy"} if len(present) == 1 and entry.values["DataMoveReplicationConstraint"] == "None" else {}


def _ranked(present: t.Sequence[Copy], made: Copy) -> list[Copy]:
    """All copies in order of preference; a new one pushes those behind it down."""
    others = [one.server for one in sorted(present, key=lambda one: one.preference)]
    others.insert(made.preference - 1, made.server)
    known = {one.server: one for one in (*present, made)}
    return [dataclasses.replace(known[server], preference=place) for place, server in enumerate(others, 1)]


def _put(exchange: Exchange, entry: Entry, found: t.Sequence[Copy], more: t.Mapping[str, t.Any] | None = None) -> None:
    exchange.databases.change(entry, {"Copies": tuple(found), "Servers": [one.server for one in found], **(more or {})})


def remove(call: Call) -> t.Iterable[Record]:
    name, _, server = str(call.identity).partition("\\")
    entry = call.server.databases.one(name)
    left = [one for one in copies(entry) if one.server.lower() != server.lower()]
    if len(left) == len(copies(entry)):
        raise failures.not_found(call.identity)
    if entry.values["Server"].lower() == server.lower():
        raise failures.refused(f"Copy '{call.identity}' is the active one, which can't be removed. Move the database first.", "DbCopyIsActiveException")
    if not call.what_if:
        ranked = [dataclasses.replace(one, preference=place) for place, one in enumerate(left, 1)]
        _put(call.server, entry, ranked, {} if len(left) > 1 else {"ReplicationType": "None"})
    return []


def get_status(call: Call) -> t.Iterable[Record]:
    unknown = [name for name in call.parameters if name not in _KNOWN]
    if unknown:
        raise failures.not_emulated(call.cmdlet, f"-{unknown[0]}")
    server = call.parameters.get("Server") or (None if call.identity and not call.parameters.get("Local") else "EX01")
    wanted = None if server is None else call.server.servers.one(server).name
    found = [(entry, one) for entry in _databases(call) for one in copies(entry) if wanted in (None, one.server)]
    if call.identity and "\\" in str(call.identity):
        named = str(call.identity).partition("\\")[2].lower()
        found = [(entry, one) for entry, one in found if one.server.lower() == named]
        if not found:
            raise failures.not_found(call.identity)
    return [Output(_view(call, entry, one)) for entry, one in found if not call.parameters.get("Active") or one.server == entry.values["Server"]]


def _databases(call: Call) -> list[Entry]:
    if call.identity is None:
        return [entry for entry in call.server.databases if not entry.values["Recovery"]]
    name = str(call.identity).partition("\\")[0]
    found = call.server.databases.match(name)
    if not found and "*" not in name:
        raise failures.not_found(call.identity)
    return found


def status(entry: Entry, one: Copy) -> str:
    if one.server == entry.values["Server"]:
        return one.status or ("Mounted" if entry.values["Mounted"] else "Dismounted")
    return one.status or "Healthy"


def _view(call: Call, entry: Entry, one: Copy) -> Obj:
    shown, active = status(entry, one), one.server == entry.values["Server"]
    index = "NotApplicable" if call.contract.version in ("2019", "SE") else one.content_index  # the search of 2019 has no catalogue of a database
    name = f"{entry.name}\\{one.server}"
    properties = {
        "Identity": name,
        "Id": name,
        "Name": name,
        "DatabaseName": entry.name,
        "Status": Enum(("Microsoft.Exchange.Management.SystemConfigurationTasks.CopyStatus", *_ENUMERATED), STATUSES.index(shown), shown),
        "MailboxServer": one.server,
        "ActiveDatabaseCopy": entry.values["Server"].lower(),
        "ActiveCopy": active,
        "ActivationPreference": one.preference,
        "ActivationSuspended": shown in ("Suspended", "FailedAndSuspended"),
        "ActionInitiator": "Unknown",
        "ErrorMessage": one.error,
        "ContentIndexState": index,
        "ContentIndexErrorMessage": "",
        "ContentIndexBacklog": None if index == "NotApplicable" else 0,
        "ReplayLagStatus": None if active or not one.lagged else f"Enabled:True; PlayDownReason:None; Configured:{values.print_span(one.replay_lag)}",
        **dict.fromkeys(("ErrorEventId", "SuspendComment", "LatestFullBackupTime")),
        **dict.fromkeys(_TIMES, values.local(EPOCH)),
        **_logs(entry, one, active),
        "DiskFreeSpacePercent": one.disk_free_percent,
        "DiskFreeSpace": values.print_size(one.disk_free_percent << 30),
        "DiskTotalSpace": values.print_size(100 << 30),
        "IsValid": True,
        "ObjectState": "Unchanged",
    }
    return Obj(_TYPES, properties, string=name)


_TIMES = ("LastStatusTransitionTime", "StatusRetrievedTime", "LatestAvailableLogTime", "LastInspectedLogTime", "LastReplayedLogTime")


def _logs(entry: Entry, one: Copy, active: bool) -> dict[str, t.Any]:
    """How far a copy is with the logs.  What the slowest copy needs is kept everywhere."""
    behind = max(each.copy_queue_length + each.replay_queue_length for each in copies(entry))
    copied = GENERATION - one.copy_queue_length
    return {
        "CopyQueueLength": one.copy_queue_length,
        "ReplayQueueLength": one.replay_queue_length,
        "ReplaySuspended": False,
        "LogCopyQueueIncreasing": False,
        "LogReplayQueueIncreasing": False,
        "LastLogGenerated": GENERATION,
        "LastLogCopied": 0 if active else copied,
        "LastLogInspected": 0 if active else copied,
        "LastLogReplayed": 0 if active else copied - one.replay_queue_length,
        "LowestLogPresent": GENERATION - LOGS_KEPT - behind,
        "LogsCopiedSinceInstanceStart": 0,
        "LogsReplayedSinceInstanceStart": 0,
    }


_CHANGEABLE = {"status", "content_index", "copy_queue_length", "replay_queue_length", "disk_free_percent", "error"}


def change(exchange: Exchange, order: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """What happens to a database: ``failover`` (the server whose copy takes over), or ``copy`` (a server) with what its copy shows then.

    Raises ValueError for what there is not.
    """
    entry = next((one for one in exchange.databases if one.name.lower() == str(order["database"]).lower()), None)
    if entry is None:
        raise ValueError(f"{exchange.name} has no database {order['database']}")
    server = str(order.get("failover") or order.get("copy") or "").lower()
    one = next((one for one in copies(entry) if one.server.lower() == server), None)
    unknown = set(order) - {"database", "failover", "copy", *_CHANGEABLE}
    if one is None or unknown:
        raise ValueError(f"{', '.join(sorted(unknown))} of a copy cannot be changed" if unknown else f"{entry.name} has no copy on {server or 'no server'}")
    if "failover" in order:
        fail_over(exchange, entry, one.server)
        return {"database": entry.name, "active": one.server}
    changes = {name: order[name] for name in _CHANGEABLE & order.keys()}
    if changes.get("status") not in (None, "", *STATUSES):
        raise ValueError(f"there is no status {changes['status']} of a copy")
    _put(exchange, entry, [dataclasses.replace(each, **changes) if each is one else each for each in copies(entry)])
    return {"database": entry.name, "copy": one.server, **changes}


def fail_over(exchange: Exchange, entry: Entry, server: str) -> None:
    """Another copy becomes the active one."""
    exchange.databases.change(entry, {"Server": server, "ServerName": server})
    exchange.moves.interrupted(entry.name)


HANDLERS: dict[str, Handler] = {
    "Add-MailboxDatabaseCopy": add,
    "Remove-MailboxDatabaseCopy": remove,
    "Get-MailboxDatabaseCopyStatus": get_status,
}
