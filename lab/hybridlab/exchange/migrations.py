# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Migration batches, as an administrator of moves left them."""

from __future__ import annotations

import datetime
import typing as t
import uuid

from hybridlab.clixml import Enum, MultiValued, Obj
from hybridlab.contract import refusals
from hybridlab.exchange import failures, values
from hybridlab.exchange.call import Call, Handler, valid_name
from hybridlab.exchange.directory import EPOCH, Entry, Store, configuration_keys, derived_guid
from hybridlab.exchange.settings import database
from hybridlab.records import Output, Record

PUBLIC_FOLDERS = "Public Folder Endpoint"
ENDPOINTS = ("Hybrid Endpoint", PUBLIC_FOLDERS)
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
    ("Public folders", "Completed", "PublicFolder", None, {"TotalCount": 2, "FinalizedCount": 2}),
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
            "CompleteAfter": created + datetime.timedelta(days=30) if status == "Synced" else None,
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
        "Reports": MultiValued([f"{entry.name}, initial synchronization"] if kept["InitialSyncDateTime"] else []),
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
            raise _absent(call.identity)
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


def new_migration_batch(call: Call) -> t.Iterable[Record]:
    """A batch that migrates public folders, from a legacy database or, into the cloud, through an endpoint; created and not started."""
    known = ("Name", "CSVData", "SourcePublicFolderDatabase", "SourceEndpoint", "NotificationEmails", "DomainController")
    unknown = [name for name in call.parameters if name not in known]
    endpoint = str(call.parameters.get("SourceEndpoint") or "")
    if unknown or ("SourcePublicFolderDatabase" not in call.parameters and endpoint.lower() != PUBLIC_FOLDERS.lower()):
        raise failures.not_emulated(call.cmdlet, f"-{unknown[0]}" if unknown else "batches of anything but public folders")
    if not endpoint:
        database(call.server, call.parameters["SourcePublicFolderDatabase"])
    name = valid_name(call.parameters["Name"])
    if call.server.migrations.known(name):
        raise failures.refused(f"A migration batch named '{name}' already exists. Choose another name.", "MigrationBatchAlreadyExistsException")
    if call.what_if:
        return []
    known_now = {**dict.fromkeys(_TIMES), **dict.fromkeys(COUNTS, 0), "Status": "Created", "MigrationType": "PublicFolder", "SourceEndpoint": endpoint or None}
    entry = Entry(name, "", "", "MigrationBatch", uuid.uuid4(), {**known_now, "CreationDateTime": datetime.datetime.now(datetime.UTC).replace(microsecond=0)})
    call.server.migrations.add(entry)
    return [Output(_view(call, entry))]


def remove_migration_batch(call: Call) -> t.Iterable[Record]:
    entries = call.server.migrations.find(call.identity)
    if not entries:
        raise _absent(call.identity)
    if not call.what_if:
        call.server.migrations.remove(entries[0])
    return []


def _absent(identity: object) -> failures.Refused:
    return failures.Refused(f'The migration batch "{identity}" can\'t be found.', "ManagementObjectNotFoundException")


HANDLERS: dict[str, Handler] = {
    "Get-MigrationBatch": get_migration_batch,
    "New-MigrationBatch": new_migration_batch,
    "Remove-MigrationBatch": remove_migration_batch,
}
