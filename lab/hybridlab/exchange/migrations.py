# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Migration batches, as an administrator of moves left them."""

from __future__ import annotations

import datetime
import typing as t

from hybridlab.clixml import Enum, MultiValued, Obj
from hybridlab.contract import refusals
from hybridlab.exchange import failures, migration_users, values
from hybridlab.exchange.call import Call, Handler, listed
from hybridlab.exchange.directory import EPOCH, Entry, Store, configuration_keys, derived_guid
from hybridlab.records import Record

# Numbers of Microsoft.Exchange.Data.Storage.Management.MigrationBatchStatus in the order of its reference.
STATUSES = (
    "Created Stopping Stopped Starting Syncing Synced IncrementalSyncing Completing Completed CompletedWithErrors Corrupted Removing Failed SyncedWithErrors "
    "Waiting"
).split()
_STORAGE = "Microsoft.Exchange.Data.Storage.Management"
_TYPES = (f"{_STORAGE}.MigrationBatch", "Microsoft.Exchange.Data.ConfigurableObject", "System.Object")
_ENUMERATED = ("System.Enum", "System.ValueType", "System.Object")
TIMES = ("CreationDateTime", "StartDateTime", "InitialSyncDateTime", "LastSyncedDateTime", "FinalizedDateTime", "CompleteAfter", "StartAfter")
# Name, status, type, source endpoint, and how many users are in which state.
BATCHES: tuple[tuple[str, str, str, str | None, dict[str, int]], ...] = (
    ("Wave 1", "Completed", "ExchangeLocalMove", None, {"TotalCount": 3, "FinalizedCount": 3}),
    ("Wave 2", "Synced", "ExchangeRemoteMove", "Hybrid Endpoint", {"TotalCount": 4, "SyncedCount": 4}),
    ("Wave 3", "SyncedWithErrors", "ExchangeRemoteMove", "Hybrid Endpoint", {"TotalCount": 5, "SyncedCount": 3, "FailedCount": 2, "FailedInitialSyncCount": 2}),
    ("Public folders", "Completed", "PublicFolder", None, {"TotalCount": 2, "FinalizedCount": 2}),
)
_HIDDEN = ("Next", "Users", "Only", "Finish", "Validating")
LISTS = ("MoveOptions", "SkipMoving", "SkipMerging")
COUNTS = (
    "TotalCount ActiveCount StoppedCount SyncedCount FinalizedCount FailedCount FailedInitialSyncCount FailedIncrementalSyncCount PendingCount "
    "ProvisionedCount ValidationWarningCount"
).split()


def seeded() -> Store:
    """The batches of a fresh lab."""
    found = Store(configuration_keys)
    for number, (name, status, kind, endpoint, counts) in enumerate(BATCHES):
        created = EPOCH + datetime.timedelta(days=number)
        known = {
            **dict.fromkeys(TIMES),
            **dict.fromkeys(COUNTS, 0),
            **counts,
            "Status": status,
            "MigrationType": kind,
            "SourceEndpoint": endpoint,
            "CreationDateTime": created,
            "StartDateTime": created + datetime.timedelta(minutes=5),
            "InitialSyncDateTime": created + datetime.timedelta(hours=3),
            "LastSyncedDateTime": created + datetime.timedelta(days=1),
            "CompleteAfter": created + datetime.timedelta(days=30) if status == "Synced" else None,
            "FinalizedDateTime": created + datetime.timedelta(days=1) if status == "Completed" else None,
        }
        found.add(Entry(name, "", "", "MigrationBatch", derived_guid("migration", name), known))
    return found


def view(call: Call, entry: Entry) -> Obj:
    kept = {name: value for name, value in entry.values.items() if name not in _HIDDEN}
    properties = {
        **kept,
        **{name: kept[name] and values.local(kept[name]) for name in TIMES},
        **{f"{name}UTC": kept[name] for name in TIMES},
        "Identity": entry.name,
        "BatchGuid": entry.guid,
        "Status": Enum((f"{_STORAGE}.MigrationBatchStatus", *_ENUMERATED), STATUSES.index(kept["Status"]), kept["Status"]),
        "State": "Completed" if kept["Status"] == "Completed" else "Active",
        "BatchDirection": "Offboarding" if kept.get("TargetEndpoint") else "Local" if kept["SourceEndpoint"] is None else "Onboarding",
        "TargetEndpoint": kept.get("TargetEndpoint"),
        "TargetDatabases": MultiValued(kept.get("TargetDatabases", ["DB02"])),
        "TargetArchiveDatabases": MultiValued(kept.get("TargetArchiveDatabases", [])),
        "TargetDeliveryDomain": kept.get("TargetDeliveryDomain", None if kept["SourceEndpoint"] is None else "contoso.com"),
        "BadItemLimit": kept.get("BadItemLimit", "Unlimited"),
        "LargeItemLimit": kept.get("LargeItemLimit", "0"),
        "NotificationEmails": MultiValued(kept.get("NotificationEmails", ["admin@contoso.com"])),
        **{name: MultiValued(kept.get(name, [])) for name in LISTS},
        "SubmittedByUser": "admin@contoso.com",
        "ExcludedFolders": MultiValued([]),
        "Message": None,
        "Reports": MultiValued([f"{entry.name}, initial synchronization"] if kept["InitialSyncDateTime"] else []),
        "Report": "The batch's report." if call.parameters.get("IncludeReport") else None,
        "SupportedActions": "Remove" if kept["Status"] == "Completed" else "Complete, Set, Remove, Stop",
        "IsValid": True,
        "ObjectState": "Unchanged",
    }
    return Obj(_TYPES, properties, string=entry.name)


def advance(call: Call, entry: Entry) -> None:
    """A step of what goes on by itself: each look at the batches finds those that are under way one step further.

    Batches of a fresh lab, and those of public folders, have no users that are told apart: they have a list of statuses to go through.
    """
    if migration_users.users_of(entry):
        migration_users.look(call.server, entry)
        return
    following = entry.values.get("Next") or []
    if not following:
        return
    status, total = following[0], entry.values["TotalCount"]
    counts = {"Synced": {"SyncedCount": total}, "Completed": {"SyncedCount": 0, "FinalizedCount": total}}.get(status, {})
    call.server.migrations.change(entry, {"Status": status, "Next": following[1:], **counts})


def get_migration_batch(call: Call) -> t.Iterable[Record]:
    given = call.parameters
    for name in ("Diagnostic", "DiagnosticArgument"):
        if given.get(name):
            raise failures.not_emulated(call.cmdlet, f"-{name}")
    for entry in call.server.migrations:
        advance(call, entry)
    entries = list(call.server.migrations)
    if call.identity is not None:
        entries = call.server.migrations.find(call.identity)
        if not entries:
            raise absent(call.identity)
    if given.get("Endpoint") is not None:
        if not call.server.objects["MigrationEndpoint"].known(str(given["Endpoint"])):
            raise failures.Refused(f'The migration endpoint "{given["Endpoint"]}" can\'t be found.', "ManagementObjectNotFoundException")
        entries = [entry for entry in entries if str(entry.values["SourceEndpoint"]).lower() == str(given["Endpoint"]).lower()]
    if given.get("Status") is not None:
        known = {name.lower(): name for name in STATUSES}
        if str(given["Status"]).lower() not in known:
            raise refusals.not_an_enumerator(call.cmdlet, "Status", given["Status"], f"{_STORAGE}.MigrationBatchStatus", STATUSES)
        entries = [entry for entry in entries if entry.values["Status"] == known[str(given["Status"]).lower()]]
    return listed(call, entries, lambda entry: view(call, entry))


def absent(identity: object) -> failures.Refused:
    return failures.Refused(f'The migration batch "{identity}" can\'t be found.', "ManagementObjectNotFoundException")


HANDLERS: dict[str, Handler] = {"Get-MigrationBatch": get_migration_batch, **migration_users.HANDLERS}
