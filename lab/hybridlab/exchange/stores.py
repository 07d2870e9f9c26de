# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the mailbox databases hold, apart from what Active Directory says of it: statistics, logons, disconnected mailboxes.

A database gets a mailbox when it is first opened, and keeps it when Active Directory forgets it.  Only Update-StoreMailboxState, or the
store's own maintenance hours later, marks it as disconnected.  Sources: the reference of Get-MailboxStatistics and Update-StoreMailboxState.
"""

from __future__ import annotations

import datetime
import typing as t
import uuid

from hybridlab.clixml import Enum, MultiValued, Obj, Tag
from hybridlab.exchange import failures, settings, values
from hybridlab.exchange.call import Call
from hybridlab.exchange.directory import EPOCH, Entry, Store, derived_guid
from hybridlab.exchange.mailbox_create import LEGACY
from hybridlab.exchange.mailbox_view import MAILBOX_KINDS
from hybridlab.exchange.opath import compiled
from hybridlab.records import Output, Record, Warned

LAST_TO_TELL_LOGONS = "Version 14."
"""The beginning of the builds whose Get-LogonStatistics works, according to its reference."""
NEVER_OPENED = ("beamer",)
"""Aliases of seeded mailboxes that no database holds yet."""
MOVED = "User 1"
"""The display name of a seeded mailbox that was moved from one database to the other."""
# Mailboxes that Active Directory does not know: alias, display name, database, reason, days after the epoch at which it was given.
DISCONNECTED = (
    ("gone", "Gone Colleague", "DB01", None, None),
    ("left", "Left Employee", "DB01", "Disabled", 5),
)
_STATES = {"Unknown": 0, "Disabled": 1, "SoftDeleted": 2}
_PRESENTATION = "Microsoft.Exchange.Management.MapiTasks.Presentation"
_BASE = ("Microsoft.Exchange.Data.Mapi.MapiObject", "Microsoft.Exchange.Data.ConfigurableObject", "System.Object")
_TYPES = (f"{_PRESENTATION}.MailboxStatistics", "Microsoft.Exchange.Data.Mapi.MailboxStatistics", "Microsoft.Exchange.Data.Mapi.MailboxEntry", *_BASE)
_COUNTS = ("AssociatedItemCount", "DeletedItemCount", "ItemCount")
_OF_DATABASE: dict[str, t.Any] = {
    "DatabaseIssueWarningQuota": "1.899 GB (2,039,480,320 bytes)",
    "DatabaseProhibitSendQuota": "2 GB (2,147,483,648 bytes)",
    "DatabaseProhibitSendReceiveQuota": "Unlimited",
}
_TABLES: dict[str, t.Any] = {
    "AttachmentTableAvailableSize": "32 KB (32,768 bytes)",
    "AttachmentTableTotalSize": "896 MB (939,524,096 bytes)",
    "IsMoveDestination": False,
    "MailboxTypeDetail": "UserMailbox",
    "MessageTableAvailableSize": "160 KB (163,840 bytes)",
    "MessageTableTotalSize": "64 MB (67,108,864 bytes)",
    "OtherTablesAvailableSize": "0 B (0 bytes)",
    "OtherTablesTotalSize": "4 MB (4,194,304 bytes)",
    "SystemMessageCount": 12,
    "SystemMessageSize": "1 MB (1,048,576 bytes)",
}
_FILTERABLE = (*_COUNTS, "Database", "DisconnectDate", "DisconnectReason", "DisplayName", "IsArchiveMailbox", "LegacyDN", "MailboxGuid")


def store_keys(entry: Entry) -> t.Iterator[str]:
    """What -StoreMailboxIdentity takes."""
    yield str(entry.values["MailboxGuid"])
    yield entry.values["DisplayName"]
    yield entry.values["LegacyDN"]


def seeded(recipients: Store) -> Store:
    """The databases of a fresh lab: every mailbox has been opened but those of `NEVER_OPENED`."""
    found = Store(store_keys)
    for number, entry in enumerate(one for one in recipients if one.kind in MAILBOX_KINDS and one.values["Alias"] not in NEVER_OPENED):
        found.add(mailbox_held(entry.values["ExchangeGuid"], entry.values["Alias"], entry.values["DisplayName"], "DB01", number))
        if entry.values["DisplayName"] == MOVED:  # it came from the other database, which keeps what was moved for a while
            moved = {"DisconnectReason": "SoftDeleted", "DisconnectDate": EPOCH + datetime.timedelta(days=2)}
            found.add(mailbox_held(entry.values["ExchangeGuid"], "user1", entry.values["DisplayName"], "DB02", number, **moved))
    for alias, name, database, reason, days in DISCONNECTED:
        when = None if days is None else EPOCH + datetime.timedelta(days=days)
        found.add(mailbox_held(derived_guid("store", alias), alias, name, database, 50, DisconnectReason=reason, DisconnectDate=when))
    return found


def mailbox_held(guid: uuid.UUID, alias: str, name: str, database: str, number: int, **more: t.Any) -> Entry:
    """A mailbox as a database holds it; ``number`` makes its figures differ from others."""
    known = {
        "MailboxGuid": guid,
        "DisplayName": name,
        "LegacyDN": f"{LEGACY}{alias}".upper(),
        "Database": database,
        "ItemCount": 120 + 10 * number,
        "AssociatedItemCount": 15 + number,
        "DeletedItemCount": 4,
        "TotalItemSize": values.print_size(1_288_490_188 + (number << 20)),
        "TotalDeletedItemSize": values.print_size(2 << 20),
        "LastLogonTime": EPOCH + datetime.timedelta(hours=number),
        "LastLogoffTime": EPOCH + datetime.timedelta(hours=number, minutes=20),
        "LastLoggedOnUserAccount": f"CONTOSO\\{alias}",
        "DisconnectReason": None,
        "DisconnectDate": None,
        "IsArchiveMailbox": False,
        **more,
    }
    return Entry(name, "", "", "StoreMailbox", derived_guid("held", database, str(guid)), known)


def _view(call: Call, entry: Entry) -> Obj:
    held = entry.values
    reason = held["DisconnectReason"]
    properties = {
        **held,
        **{name: Tag("U32", str(held[name])) for name in _COUNTS},
        **{name: held[name] and values.local(held[name]) for name in ("LastLogonTime", "LastLogoffTime", "DisconnectDate")},
        "DisconnectReason": reason and Enum(("Microsoft.Exchange.Data.Mapi.MailboxState", "System.Enum", "System.Object"), _STATES[reason], reason),
        "DatabaseName": held["Database"],
        "ServerName": "EX01",
        "Identity": str(held["MailboxGuid"]),
        "MapiIdentity": str(held["MailboxGuid"]),
        "IsQuarantined": False,
        "IsValid": True,
        "MoveHistory": MultiValued(_moves(call, entry)),
        "ObjectClass": "Mailbox",
        "ObjectState": "Unchanged",
        "OriginatingServer": "ex01.contoso.com",
        "OwnerADGuid": _owner(call, entry),
        "StorageLimitStatus": None,
        **_TABLES,
        **_OF_DATABASE,
    }
    if call.parameters.get("IncludeQuarantineDetails"):
        properties |= dict.fromkeys(("QuarantineDescription", "QuarantineLastCrash", "QuarantineEnd"))
    return Obj(_TYPES, properties, string=str(held["MailboxGuid"]))


def _moves(call: Call, entry: Entry) -> list[str]:
    """What came from another database, with the report where it is asked for."""
    asked = [name for name in ("IncludeMoveHistory", "IncludeMoveReport") if call.parameters.get(name)]
    if not asked or entry.values["DisplayName"] != MOVED or entry.values["Database"] != "DB01":
        return []
    return ["Completed, DB02 to DB01" + (": no bad items" if "IncludeMoveReport" in asked else "")]


def _owner(call: Call, entry: Entry) -> uuid.UUID | None:
    account = account_of(call, entry)
    return account.guid if account else None


def account_of(call: Call, entry: Entry) -> Entry | None:
    """The mailbox of Active Directory that lives in this database under this GUID."""
    for one in call.server.recipients.known(str(entry.values["MailboxGuid"])):
        if one.kind in MAILBOX_KINDS and one.values.get("Database", "DB01") == entry.values["Database"]:
            return one
    return None


def get_mailbox_statistics(call: Call) -> t.Iterable[Record]:
    if "CopyOnServer" in call.parameters and call.server.servers.one(call.parameters["CopyOnServer"]).name != "EX01":
        raise failures.refused(f"Server '{call.parameters['CopyOnServer']}' has no copy of the database.", "InvalidOperationException")
    if call.identity is not None:
        return _of_mailbox(call)
    if "Server" in call.parameters:
        call.server.servers.one(call.parameters["Server"])
        entries = list(call.server.stores)
    else:
        database = _database(call)
        entries = [entry for entry in call.server.stores if entry.values["Database"] == database]
    if "StoreMailboxIdentity" in call.parameters:
        named = call.server.stores.find(call.parameters["StoreMailboxIdentity"])
        entries = [entry for entry in entries if entry in named]
        if not entries:
            raise _no_such_mailbox(call.parameters["StoreMailboxIdentity"])
    if call.parameters.get("Filter") is not None:
        matches = compiled(call.parameters["Filter"], _FILTERABLE, lambda entry, name: entry.values[name])
        entries = [entry for entry in entries if matches(entry)]
    return [Output(_view(call, entry)) for entry in entries]


def _database(call: Call) -> str:
    return str(settings.database(call.server, call.parameters["Database"]))


def _no_such_mailbox(identity: t.Any) -> failures.Refused:
    return failures.Refused(f'The specified mailbox Identity:"{identity}" doesn\'t exist.', "ManagementObjectNotFoundException")


def _of_mailbox(call: Call) -> t.Iterable[Record]:
    accounts = [entry for entry in call.server.recipients.find(call.identity) if entry.kind in MAILBOX_KINDS]
    if not accounts:
        raise _no_such_mailbox(call.identity)
    if len(accounts) > 1:
        raise failures.ambiguous(call.identity)
    account = accounts[0]
    guid = str(account.values["ExchangeGuid"])
    if call.parameters.get("Archive"):
        if account.values.get("ArchiveState") != "Local":
            raise failures.refused(f"The mailbox '{account.canonical}' doesn't have an archive.")
        guid = str(account.values["ArchiveGuid"])
    held = [entry for entry in call.server.stores.find(guid) if entry.values["Database"] == account.values.get("Database", "DB01")]
    if not held:
        text = f"The user hasn't logged on to mailbox '{account.canonical}' ('{guid}'), so there is no data to return."
        return [Warned(f"{text} After the user logs on, this warning will no longer appear.")]
    return [Output(_view(call, entry)) for entry in held]


def update_store_mailbox_state(call: Call) -> t.Iterable[Record]:
    """The store marks the mailbox as what Active Directory says that it is.  Names are not taken, and recovery databases have no such state."""
    database = _database(call)
    if call.server.databases.one(database).values.get("Recovery"):
        raise failures.refused(f"This operation isn't valid on recovery mailbox database '{database}'.", "TaskArgumentException", "InvalidArgument")
    try:
        uuid.UUID(str(call.identity))
    except ValueError:
        raise failures.refused(f"'{call.identity}' isn't a GUID.", "MdbAdminTaskException", "InvalidArgument") from None
    held = [entry for entry in call.server.stores.find(call.identity) if entry.values["Database"] == database]
    if not held:
        raise _no_such_mailbox(call.identity)
    for entry in [] if call.what_if else held:
        if account_of(call, entry):
            call.server.stores.change(entry, {"DisconnectReason": None, "DisconnectDate": None})
        elif entry.values["DisconnectReason"] is None:
            now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
            call.server.stores.change(entry, {"DisconnectReason": "Disabled", "DisconnectDate": now})
    return []


def get_logon_statistics(call: Call) -> t.Iterable[Record]:
    """Later builds still have the cmdlet, and it finds no object whatever it is asked for."""
    wanted = call.identity or call.parameters.get("Database") or call.parameters.get("Server")
    if not call.server.build.startswith(LAST_TO_TELL_LOGONS):
        raise failures.not_found(wanted)
    accounts = [entry for entry in call.server.recipients if entry.kind == "UserMailbox" and entry.values["Alias"] in ("user0", "user1")]
    if call.identity is not None:
        found = [entry for entry in call.server.recipients.find(call.identity) if entry.kind in MAILBOX_KINDS]
        if not found:
            raise failures.not_found(call.identity)
        accounts = [entry for entry in accounts if entry in found]
    elif "Database" in call.parameters:
        database = _database(call)
        accounts = [entry for entry in accounts if entry.values.get("Database", "DB01") == database]
    else:
        call.server.servers.one(wanted)
    return [Output(_logon(entry)) for entry in accounts]


def _logon(entry: Entry) -> Obj:
    properties = {
        "UserName": entry.values["DisplayName"],
        "Windows2000Account": f"CONTOSO\\{entry.values['SamAccountName']}",
        "FullMailboxDirectoryName": entry.values["LegacyExchangeDN"],
        "FullUserDirectoryName": entry.values["LegacyExchangeDN"],
        "LogonTime": values.local(EPOCH),
        "LastAccessTime": values.local(EPOCH + datetime.timedelta(minutes=20)),
        "ApplicationId": "Client=MSExchangeRPC",
        "ClientName": "PC1",
        "ClientVersion": "14.0.7268.5000",
        "ClientIPAddress": "10.0.0.17",
        "ClientMode": "ExchangeServerCached",
        "HostAddress": None,
        "Latency": 12,
        "MessagingOperationCount": 40,
        "FolderOperationCount": 21,
        "TotalOperationCount": 77,
        "CurrentOpenFolders": 3,
        "CurrentOpenMessages": 1,
        "CurrentOpenAttachments": 0,
        "DatabaseName": entry.values.get("Database", "DB01"),
        "ServerName": "EX01",
        "Identity": entry.canonical,
        "IsValid": True,
    }
    return Obj((f"{_PRESENTATION}.LogonStatistics", "Microsoft.Exchange.Data.Mapi.LogonStatistics", *_BASE), properties, string=entry.canonical)


HANDLERS = {
    "Get-MailboxStatistics": get_mailbox_statistics,
    "Update-StoreMailboxState": update_store_mailbox_state,
    "Get-LogonStatistics": get_logon_statistics,
}
