# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What makes, changes, starts, stops, completes and removes migration batches.

They go on by themselves, a step at each look (`migrations.advance`), as far as the move requests of their users do (`migration_users`).
"""

from __future__ import annotations

import csv
import datetime
import typing as t
import uuid

from hybridlab.contract.check import ONLINE
from hybridlab.exchange import failures, migration_users, values
from hybridlab.exchange.call import Call, Handler, valid_name
from hybridlab.exchange.directory import Entry
from hybridlab.exchange.migrations import COUNTS, LISTS, TIMES, absent, view
from hybridlab.exchange.settings import database, merge
from hybridlab.records import Output, Record, Warned

KNOWN_COLUMNS = (
    "emailaddress targetdatabase targetarchivedatabase baditemlimit largeitemlimit mailboxtype username password userroot folderpath targetmailbox "
    "targetpublicfoldermailbox targetgroupmailbox"
).split()
_PLAIN = ("TargetDeliveryDomain", "TargetDatabases", "TargetArchiveDatabases", *LISTS)
_LIMITS = ("BadItemLimit", "LargeItemLimit")
_DATES = ("CompleteAfter", "StartAfter")
_ENDED = ("Completed", "CompletedWithErrors")
_IDLE = ("Created", "Stopped", "Failed")
_RETRIED = (*_IDLE, "SyncedWithErrors")
"""Statuses that Start-MigrationBatch begins from, or tries failed users of again; Exchange Online takes any that has some."""


def _one(call: Call) -> Entry:
    found = call.server.migrations.find(call.identity)
    if not found:
        raise absent(call.identity)
    return found[0]


def _refused(text: str, exception: str = "MigrationBatchOperationException") -> failures.Refused:
    return failures.refused(text, exception)


def _rows(data: t.Any, unknown: bool) -> list[dict[str, str]]:
    """The lines of the file, columns by their names in lower case.  Raises `failures.Refused`."""
    try:
        rows = list(csv.reader(bytes(data).decode("utf-8-sig").splitlines()))
    except UnicodeDecodeError:
        rows = []
    header = [name.strip().lower() for name in rows[0]] if rows else []
    if not rows or len(rows) < 2:
        raise _refused("The CSV file is empty. Add at least one row below the header.", "CsvFileIsEmptyException")
    if not {"emailaddress", "folderpath", "targetmailbox"} & set(header):
        raise _refused("The CSV file lacks the column EmailAddress.", "CsvRequiredColumnMissingException")
    foreign = [name for name in header if name not in KNOWN_COLUMNS]
    if foreign and not unknown:
        raise _refused(f"The CSV file contains the unknown column '{foreign[0]}'.", "CsvUnknownColumnsException")
    return [dict(zip(header, row, strict=False)) for row in rows[1:]]


def _endpoint(call: Call, name: str) -> str | None:
    given = call.parameters.get(name)
    if not given:
        return None
    found = call.server.objects["MigrationEndpoint"].known(str(given))
    if not found:
        raise failures.Refused(f'The migration endpoint "{given}" can\'t be found.', "ManagementObjectNotFoundException")
    return found[0].name


def _kept(call: Call, entry: Entry | None) -> dict[str, t.Any]:
    """The settings among the parameters, as they are stored."""
    given = call.parameters
    found: dict[str, t.Any] = {name: [str(one) for one in given[name]] if isinstance(given[name], list) else given[name] for name in _PLAIN if name in given}
    found |= {name: values.count(given[name]) for name in _LIMITS if name in given}
    found |= {name: given[name] for name in _DATES if name in given}
    if "NotificationEmails" in given:
        found["NotificationEmails"] = merge(entry.values.get("NotificationEmails", ["admin@contoso.com"]) if entry else [], given["NotificationEmails"], str)
    for name in () if given.get("TargetEndpoint") else ("TargetDatabases", "TargetArchiveDatabases"):
        for one in found.get(name) or ():
            database(call.server, one)
    return found


def new(call: Call) -> t.Iterable[Record]:
    given = call.parameters
    source, target = _endpoint(call, "SourceEndpoint"), _endpoint(call, "TargetEndpoint")
    folders = given.get("SourcePublicFolderDatabase")
    if folders is not None:
        database(call.server, folders)
    of_source = call.server.objects["MigrationEndpoint"].known(source)[0].values["EndpointType"] if source else None
    kind = "PublicFolder" if folders is not None else of_source or ("ExchangeRemoteMove" if target else "ExchangeLocalMove" if given.get("Local") else None)
    if kind is None:
        raise failures.not_emulated(call.cmdlet, "batches without an endpoint that are not local")
    name = valid_name(given["Name"])
    if call.server.migrations.known(name):
        raise _refused(f"A migration batch named '{name}' already exists. Choose another name.", "MigrationBatchAlreadyExistsException")
    rows = _rows(given["CSVData"], bool(given.get("AllowUnknownColumnsInCsv"))) if "CSVData" in given and kind != "PublicFolder" else []
    told = [migration_users.User(row["emailaddress"].strip(), row) for row in rows if row.get("emailaddress")] if kind.endswith("Move") else []
    if call.what_if:
        return []
    now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    known: dict[str, t.Any] = {**dict.fromkeys(TIMES), **dict.fromkeys(COUNTS, 0), "TotalCount": len(rows) or 1, "Status": "Created", "MigrationType": kind}
    if kind != "PublicFolder":
        known |= {"TargetDatabases": [], "TargetDeliveryDomain": None}
    known |= {"BadItemLimit": "Unlimited" if call.contract.version == ONLINE else "0"} if told else {}  # online scores what it skips
    known |= {"NotificationEmails": [], "SourceEndpoint": source, "TargetEndpoint": target, "CreationDateTime": now, **_kept(call, None)}
    known |= {"Users": told, "Only": next((name for name in ("PrimaryOnly", "ArchiveOnly") if given.get(name)), None)}
    if given.get("AutoComplete"):
        known["CompleteAfter"] = now
    entry = Entry(name, "", "", "MigrationBatch", uuid.uuid4(), known)
    call.server.migrations.add(entry)
    if given.get("AutoStart"):
        _begin(call, entry)
    return [Output(view(call, entry))]


def _begin(call: Call, entry: Entry) -> None:
    end = entry.values["CompleteAfter"]
    due = end is not None and end <= datetime.datetime.now(datetime.UTC)
    following = ["Syncing", "Syncing", *(["Completing", "Completed"] if due else ["Synced"])]
    call.server.migrations.change(entry, {"Status": "Starting", "Next": following, "StartDateTime": datetime.datetime.now(datetime.UTC).replace(microsecond=0)})


def set_(call: Call) -> t.Iterable[Record]:
    entry = _one(call)
    if "CSVData" in call.parameters:
        raise failures.not_emulated(call.cmdlet, "-CSVData")
    changes = _kept(call, entry)
    if entry.values["Status"] in _ENDED:
        raise _refused(f"The migration batch '{entry.name}' can't be changed because it's completed.")
    if all(entry.values.get(name) == value for name, value in changes.items()) and not call.parameters.get("ApproveSkippedItems"):
        return [Warned(failures.unchanged(entry.name))]
    if not call.what_if:
        if changes.get("CompleteAfter") and changes["CompleteAfter"] <= datetime.datetime.now(datetime.UTC) and entry.values["Status"] not in _IDLE:
            waiting = ["Completing", "Completed"]
            left = [one for one in entry.values.get("Next") or [] if one == "Syncing"]
            changes["Next"] = [*left, *waiting]
        call.server.migrations.change(entry, changes)
    return []


def start(call: Call) -> t.Iterable[Record]:
    entry = _one(call)
    again = call.contract.version == ONLINE and migration_users.users_of(entry) and entry.values["FailedCount"]
    if entry.values["Status"] not in _RETRIED and not again:
        raise _refused(f"The migration batch '{entry.name}' can't be started because its status is {entry.values['Status']}.")
    if not call.what_if:
        _begin(call, entry)
    return []


def stop(call: Call) -> t.Iterable[Record]:
    entry = _one(call)
    if entry.values["Status"] in (*_IDLE, *_ENDED, "Stopping"):
        raise _refused(f"The migration batch '{entry.name}' can't be stopped because its status is {entry.values['Status']}.")
    if not call.what_if:
        migration_users.stop(entry)
        call.server.migrations.change(entry, {"Status": "Stopping", "Next": ["Stopped"]})
    return []


def complete(call: Call) -> t.Iterable[Record]:
    entry = _one(call)
    if entry.values["Status"] not in ("Synced", "SyncedWithErrors", "CompletedWithErrors"):
        raise _refused(f"The migration batch '{entry.name}' can't be completed because its status is {entry.values['Status']}.")
    if not call.what_if:
        call.server.migrations.change(entry, {"Status": "Completing", "Finish": True, "Next": ["Completing", "Completed"]})
    return []


def remove(call: Call) -> t.Iterable[Record]:
    entry = _one(call)
    if entry.values["Status"] in ("Starting", "Syncing", "IncrementalSyncing", "Completing") and not call.parameters.get("Force"):
        raise _refused(f"The migration batch '{entry.name}' can't be removed because its status is {entry.values['Status']}. Stop it first.")
    if not call.what_if:
        migration_users.forget(call.server, entry)
        call.server.migrations.remove(entry)
    return []


HANDLERS: dict[str, Handler] = {
    "New-MigrationBatch": new,
    "Set-MigrationBatch": set_,
    "Start-MigrationBatch": start,
    "Stop-MigrationBatch": stop,
    "Complete-MigrationBatch": complete,
    "Remove-MigrationBatch": remove,
}
