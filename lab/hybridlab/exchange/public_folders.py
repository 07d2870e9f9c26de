# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where users find public folders, and requests that migrate them.

Who shows the hierarchy to a user: DefaultPublicFolderMailbox, if the mailbox has one; otherwise one of those that serve, to which users
are spread evenly.  With PublicFoldersEnabled Local these are the public folder mailboxes with a ready hierarchy that are not excluded from
serving it, with Remote RemotePublicFolderMailboxes, with None nobody (published reference of Set-OrganizationConfig and Set-Mailbox).
"""

from __future__ import annotations

import dataclasses
import datetime
import typing as t
import uuid

from hybridlab.clixml import Obj
from hybridlab.exchange import failures
from hybridlab.exchange.call import Call, Handler, found, listed, valid_name
from hybridlab.exchange.directory import CONFIGURATION_DN, Entry, Store, configuration_keys
from hybridlab.exchange.mailbox_view import read
from hybridlab.exchange.settings import database
from hybridlab.exchange.shapes import configuration_identification
from hybridlab.records import Output, Record

KIND = "PublicFolderMailbox"
REQUEST_DN = f"CN=MailboxExportImportRequests,CN=Mailbox Replication,{CONFIGURATION_DN}"
_TYPES = {
    "PublicFolderMigration": "Microsoft.Exchange.Management.RecipientTasks.PublicFolderMigrationRequest",
    "PublicFolderMailboxMigration": "Microsoft.Exchange.Management.RecipientTasks.PublicFolderMailboxMigrationRequest",
}
_BASE_TYPES = ("Microsoft.Exchange.Management.RecipientTasks.RequestBase", "Microsoft.Exchange.Data.ConfigurableObject", "System.Object")
_EMULATED = ("Name", "SourceDatabase", "CSVData", "BatchName", "Suspend", "SuspendComment", "BadItemLimit", "LargeItemLimit", "AcceptLargeDataLoss", "Priority")


@dataclasses.dataclass
class PublicFolders:
    """What an organisation keeps of public folders beside its settings: requests, and who served before, for reads from a cache."""

    requests: dict[str, Store] = dataclasses.field(default_factory=lambda: {kind: Store(configuration_keys) for kind in _TYPES})
    before: tuple[Entry, ...] = ()
    stale_reads: int = 0

    def add(self, kind: str, name: str, status: str = "Queued", **values: t.Any) -> Entry:
        """A request as a migration makes it; ``kind`` is PublicFolderMigration or PublicFolderMailboxMigration."""
        now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
        known = {"Status": status, "BatchName": "", "Suspend": status == "Suspended", **values}
        entry = Entry(name, "", REQUEST_DN, kind, uuid.uuid4(), known, now, now)
        self.requests[kind].add(entry)
        return entry


def settled(settings: t.Mapping[str, t.Any], recipients: t.Iterable[Entry]) -> tuple[Entry, ...]:
    """Who shows the hierarchy to mailboxes without a default of their own."""
    if settings["PublicFoldersEnabled"] == "Remote":
        return tuple(settings["RemotePublicFolderMailboxes"])
    if settings["PublicFoldersEnabled"] == "None":
        return ()
    return tuple(entry for entry in recipients if entry.kind == KIND and read(entry, "IsHierarchyReady") and not read(entry, "IsExcludedFromServingHierarchy"))


def serving(call: Call) -> tuple[Entry, ...]:
    """The same, as one read of mailboxes sees it: through a cache that may still hold what was."""
    kept = call.server.public_folders
    if kept.stale_reads > 0:
        kept.stale_reads -= 1
        return kept.before
    return settled(call.server.organization.values, call.server.recipients)


def moving(call: Call) -> None:
    """The organisation's public folders are about to be found elsewhere."""
    fault = call.server.faults.take("public-folder-cache", call.cmdlet)
    if fault:
        kept = call.server.public_folders
        kept.before = settled(call.server.organization.values, call.server.recipients)
        kept.stale_reads = int(fault["reads"])


def _store(call: Call) -> Store:
    return call.server.public_folders.requests[call.cmdlet.partition("-")[2].removesuffix("Request")]


def _request(call: Call, entry: Entry) -> Obj:
    identified = configuration_identification(entry)
    properties = {name: identified[name] for name in ("Name", "WhenChanged", "WhenCreated", "WhenChangedUTC", "WhenCreatedUTC", "IsValid", "ObjectState")}
    named = {"Identity": f"\\{entry.name}", "RequestGuid": entry.guid, "RequestQueue": entry.values.get("RequestQueue", "DB01")}
    shown = {name: entry.values[name] for name in ("Status", "BatchName", "Suspend")}
    if entry.kind == "PublicFolderMigration":
        named["SourceDatabase"] = entry.values.get("SourceDatabase")
    else:
        named["TargetMailbox"] = entry.values.get("TargetMailbox")
    return Obj((_TYPES[entry.kind], *_BASE_TYPES), {**named, **shown, **properties}, string=f"\\{entry.name}")


def get_request(call: Call) -> t.Iterable[Record]:
    given = call.parameters
    if "RequestQueue" in given or "HighPriority" in given:
        raise failures.not_emulated(call.cmdlet, "-RequestQueue and -HighPriority")
    wanted = {name: given[name] for name in ("Status", "BatchName", "Suspend", "Name") if name in given}
    entries = [entry for entry in found(_unrooted(call), _store(call)) if all(_fits(entry, name, value) for name, value in wanted.items())]
    return listed(call, entries, lambda entry: _request(call, entry))


def _unrooted(call: Call) -> Call:
    """A request's identity is shown with a backslash in front, and taken with or without it."""
    if call.identity is None:
        return call
    return dataclasses.replace(call, parameters={**call.parameters, "Identity": str(call.identity).removeprefix("\\")})


def _fits(entry: Entry, name: str, value: t.Any) -> bool:
    present = entry.name if name == "Name" else entry.values[name]
    return str(present).lower() == str(value).lower()


def new_request(call: Call) -> t.Iterable[Record]:
    """A serial migration from a legacy database; an organisation has at most one."""
    unknown = [name for name in call.settings if name not in _EMULATED]
    if unknown:
        raise failures.not_emulated(call.cmdlet, f"-{unknown[0]}")
    if len(_store(call)):
        text = "A public folder migration request already exists in the organization. Remove it before another one is created."
        raise failures.refused(text, "RecipientTaskException", "InvalidArgument")
    source = database(call.server, call.parameters["SourceDatabase"])
    name = valid_name(call.parameters.get("Name") or "PublicFolderMigration")
    if call.what_if:
        return []
    status = "Suspended" if call.parameters.get("Suspend") else "Queued"
    entry = call.server.public_folders.add("PublicFolderMigration", name, status, SourceDatabase=source, BatchName=call.parameters.get("BatchName") or "")
    return [Output(_request(call, entry))]


def remove_request(call: Call) -> t.Iterable[Record]:
    if call.identity is None:
        raise failures.not_emulated(call.cmdlet, "-RequestQueue with -RequestGuid")
    entry = _store(call).one(_unrooted(call).identity)
    if not call.what_if:
        _store(call).remove(entry)
    return []


HANDLERS: dict[str, Handler] = {
    "Get-PublicFolderMigrationRequest": get_request,
    "New-PublicFolderMigrationRequest": new_request,
    "Remove-PublicFolderMigrationRequest": remove_request,
    "Get-PublicFolderMailboxMigrationRequest": get_request,
    "Remove-PublicFolderMailboxMigrationRequest": remove_request,
}
