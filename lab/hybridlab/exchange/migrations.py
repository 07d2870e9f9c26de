# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Migration batches, as an administrator of moves left them."""

from __future__ import annotations

import datetime
import typing as t

from hybridlab.clixml import Enum, MultiValued, Obj
from hybridlab.contract import refusals
from hybridlab.exchange import failures, values
from hybridlab.exchange.call import Call
from hybridlab.exchange.directory import EPOCH, Entry, Store, configuration_keys, derived_guid
from hybridlab.records import Output, Record

ENDPOINTS = ("Hybrid Endpoint",)
# Numbers of Microsoft.Exchange.Data.Storage.Management.MigrationBatchStatus in the order of its reference.
STATUSES = (
    "Created Stopping Stopped Starting Syncing Synced IncrementalSyncing Completing Completed CompletedWithErrors Corrupted Removing Failed SyncedWithErrors "
    "Waiting"
).split()
_STORAGE = "Microsoft.Exchange.Data.Storage.Management"
_TYPES = (f"{_STORAGE}.MigrationBatch", "Microsoft.Exchange.Data.ConfigurableObject", "System.Object")
_ENUMERATED = ("System.Enum", "System.ValueType", "System.Object")
_TIMES = ("CreationDateTime", "StartDateTime", "InitialSyncDateTime", "LastSyncedDateTime", "FinalizedDateTime", "CompleteAfter", "StartAfter")
# Name, status, type, source endpoint, and how many users are in which state.
BATCHES: tuple[tuple[str, str, str, str | None, dict[str, int]], ...] = (
    ("Wave 1", "Completed", "ExchangeLocalMove", None, {"TotalCount": 3, "FinalizedCount": 3}),
    ("Wave 2", "Synced", "ExchangeRemoteMove", "Hybrid Endpoint", {"TotalCount": 4, "SyncedCount": 4}),
    ("Wave 3", "SyncedWithErrors", "ExchangeRemoteMove", "Hybrid Endpoint", {"TotalCount": 5, "SyncedCount": 3, "FailedCount": 2, "FailedInitialSyncCount": 2}),
)
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
            **dict.fromkeys(_TIMES),
            **dict.fromkeys(COUNTS, 0),
            **counts,
            "Status": status,
            "MigrationType": kind,
            "SourceEndpoint": endpoint,
            "CreationDateTime": created,
            "StartDateTime": created + datetime.timedelta(minutes=5),
            "InitialSyncDateTime": created + datetime.timedelta(hours=3),
            "LastSyncedDateTime": created + datetime.timedelta(days=1),
            "FinalizedDateTime": created + datetime.timedelta(days=1) if status == "Completed" else None,
        }
        found.add(Entry(name, "", "", "MigrationBatch", derived_guid("migration", name), known))
    return found


def _view(call: Call, entry: Entry) -> Obj:
    kept = entry.values
    properties = {
        **kept,
        **{name: kept[name] and values.local(kept[name]) for name in _TIMES},
        **{f"{name}UTC": kept[name] for name in _TIMES},
        "Identity": entry.name,
        "BatchGuid": entry.guid,
        "Status": Enum((f"{_STORAGE}.MigrationBatchStatus", *_ENUMERATED), STATUSES.index(kept["Status"]), kept["Status"]),
        "State": "Completed" if kept["Status"] == "Completed" else "Active",
        "BatchDirection": "Local" if kept["SourceEndpoint"] is None else "Onboarding",
        "TargetEndpoint": None,
        "TargetDatabases": MultiValued(["DB02"]),
        "TargetArchiveDatabases": MultiValued([]),
        "TargetDeliveryDomain": None if kept["SourceEndpoint"] is None else "contoso.com",
        "BadItemLimit": "Unlimited",
        "LargeItemLimit": "0",
        "NotificationEmails": MultiValued(["admin@contoso.com"]),
        "SubmittedByUser": "admin@contoso.com",
        "ExcludedFolders": MultiValued([]),
        "Message": None,
        "Report": "The batch's report." if call.parameters.get("IncludeReport") else None,
        "SupportedActions": "Remove" if kept["Status"] == "Completed" else "Complete, Set, Remove, Stop",
        "IsValid": True,
        "ObjectState": "Unchanged",
    }
    return Obj(_TYPES, properties, string=entry.name)


def get_migration_batch(call: Call) -> t.Iterable[Record]:
    given = call.parameters
    for name in ("Diagnostic", "DiagnosticArgument"):
        if given.get(name):
            raise failures.not_emulated(call.cmdlet, f"-{name}")
    entries = list(call.server.migrations)
    if call.identity is not None:
        entries = call.server.migrations.find(call.identity)
        if not entries:
            raise failures.Refused(f'The migration batch "{call.identity}" can\'t be found.', "ManagementObjectNotFoundException")
    if given.get("Endpoint") is not None:
        if str(given["Endpoint"]).lower() not in [name.lower() for name in ENDPOINTS]:
            raise failures.Refused(f'The migration endpoint "{given["Endpoint"]}" can\'t be found.', "ManagementObjectNotFoundException")
        entries = [entry for entry in entries if str(entry.values["SourceEndpoint"]).lower() == str(given["Endpoint"]).lower()]
    if given.get("Status") is not None:
        known = {name.lower(): name for name in STATUSES}
        if str(given["Status"]).lower() not in known:
            raise refusals.not_an_enumerator(call.cmdlet, "Status", given["Status"], f"{_STORAGE}.MigrationBatchStatus", STATUSES)
        entries = [entry for entry in entries if entry.values["Status"] == known[str(given["Status"]).lower()]]
    return [Output(_view(call, entry)) for entry in entries]


HANDLERS = {"Get-MigrationBatch": get_migration_batch}
