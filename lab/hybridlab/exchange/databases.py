# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mailbox databases: settings, and whether they are mounted."""

from __future__ import annotations

import typing as t

from hybridlab.clixml import Obj
from hybridlab.exchange import database_copies, failures
from hybridlab.exchange.call import Call, Handler, found
from hybridlab.exchange.configured import Sort, Values
from hybridlab.exchange.directory import CONFIGURATION_DN, Entry, Store, derived_guid
from hybridlab.exchange.mailbox_table import table
from hybridlab.exchange.mailbox_view import MAILBOX_KINDS
from hybridlab.exchange.settings import policy
from hybridlab.exchange.values import quota_bytes
from hybridlab.records import Output, Record, Warned

CONSTRAINTS = "None,SecondCopy,SecondDatacenter,AllDatacenters,AllCopies,CINoReplication,CISecondCopy,CISecondDatacenter"
ROWS = table(f"""
AllowFileRestore                                 bool       false
AutoDagExcludeFromMonitoring                     bool       false
BackgroundDatabaseMaintenance                    bool       true
CalendarLoggingQuota                             size       6 GB (6,442,450,944 bytes)
CircularLoggingEnabled                           bool       false
DatabaseGroup                                    text       ""
DataMoveReplicationConstraint                    enum       None:{CONSTRAINTS}
DeletedItemRetention                             span       14.00:00:00
EdbFilePath                                      =text      ""
EventHistoryRetentionPeriod                      span       7.00:00:00
IndexEnabled                                     bool       true
IsExcludedFromInitialProvisioning                bool       false
IsExcludedFromProvisioning                       bool       false
IsExcludedFromProvisioningByOperator             bool       false
IsExcludedFromProvisioningDueToLogicalCorruption bool       false
IsExcludedFromProvisioningReason                 text       ""
IsSuspendedFromProvisioning                      bool       false
IssueWarningQuota                                size       1.9 GB (2,039,480,320 bytes)
JournalRecipient                                 ref        -
LogFolderPath                                    =text      ""
MailboxRetention                                 span       30.00:00:00
MetaCacheDatabaseMaxCapacityInBytes              int?       -
MountAtStartup                                   bool       true
Mounted                                          =bool?     false
OfflineAddressBook                               policy     -
ProhibitSendQuota                                size       2 GB (2,147,483,648 bytes)
ProhibitSendReceiveQuota                         size       2.3 GB (2,469,396,480 bytes)
Recovery                                         =bool      false
RecoverableItemsQuota                            size       30 GB (32,212,254,720 bytes)
RecoverableItemsWarningQuota                     size       20 GB (21,474,836,480 bytes)
ReplicationType                                  =text      None
RetainDeletedItemsUntilBackup                    bool       false
Server                                           =text      EX01
ServerName                                       =text      EX01
Servers                                          =texts     EX01
""")
_ORDERED = (
    ("IssueWarningQuota", "ProhibitSendQuota"),
    ("ProhibitSendQuota", "ProhibitSendReceiveQuota"),
    ("IssueWarningQuota", "ProhibitSendReceiveQuota"),
    ("RecoverableItemsWarningQuota", "RecoverableItemsQuota"),
)


class Databases(Sort):
    noun = "MailboxDatabase"
    parent = f"CN=Databases,CN=Exchange Administrative Group (FYDIBOHF23SPDLT),CN=Administrative Groups,{CONFIGURATION_DN}"
    rows = ROWS
    types = ("Microsoft.Exchange.Data.Directory.SystemConfiguration.MailboxDatabase",)

    def handlers(self) -> dict[str, Handler]:
        return {**super().handlers(), "Mount-Database": self.mount, "Dismount-Database": self.dismount}

    def seed(self, store: Store) -> None:
        for name in ("DB01", "DB02"):
            paths = _paths(name)
            store.add(self.entry(name, derived_guid("database", name), **paths, Mounted=True))

    def listing(self, call: Call) -> list[Entry]:
        if "Server" not in call.parameters:
            return found(call, self.store(call))
        server = call.server.servers.one(call.parameters["Server"])
        return [entry for entry in self.store(call) if server.name in entry.values["Servers"]]

    def view(self, call: Call, entry: Entry) -> Obj:
        shown = super().view(call, entry)
        mounted = {} if call.parameters.get("Status") else {"Mounted": None}
        return Obj(shown.types, {**shown.props, **database_copies.properties(call.server, entry), **mounted}, string=entry.name)

    def special(self, call: Call, settings: Values, entry: Entry | None) -> Values:
        known: Values = {}
        if "OfflineAddressBook" in settings:
            known["OfflineAddressBook"] = policy(call.server, "OfflineAddressBook", settings.pop("OfflineAddressBook"))
        if entry is None:
            known["Recovery"] = bool(settings.pop("Recovery", False))
            server = call.server.servers.one(settings.pop("Server")).name
            given: Values = {name: settings.pop(name) for name in ("EdbFilePath", "LogFolderPath") if name in settings}
            settings.pop("SkipDatabaseLogFolderCreation", None)
            known |= {"Server": server, "ServerName": server, "Servers": [server], **_paths(call.parameters["Name"]), **given}
        return known

    def check(self, call: Call, values: Values, entry: Entry | None) -> None:
        for low, high in _ORDERED:
            if quota_bytes(values[low]) > quota_bytes(values[high]):
                raise failures.invalid(f"The value of property '{low}' must be less than or equal to that of property '{high}'.")
        if entry is None:
            self._check_new(call, values)

    def _check_new(self, call: Call, values: Values) -> None:
        if not values["EdbFilePath"].lower().endswith(".edb"):
            raise failures.invalid(f"The path '{values['EdbFilePath']}' isn't a database file: its name must end in .edb.")
        for other in self.store(call):
            if other.name.lower() == call.parameters["Name"].lower():
                raise failures.refused(f'The database name "{other.name}" is already in use in the organization.', "MailboxDatabaseNotUniqueException")
            if other.values["EdbFilePath"].lower() == values["EdbFilePath"].lower() and other.values["Server"] == values["Server"]:
                raise failures.refused(f"The file {values['EdbFilePath']} belongs to database {other.name}.", "EdbFilePathNotUniqueException")

    def new(self, call: Call) -> t.Iterable[Record]:
        yield from super().new(call)
        yield Warned(f"Please restart the Microsoft Exchange Information Store service on server {self._server(call)} after adding new mailbox databases.")

    @staticmethod
    def _server(call: Call) -> str:
        return call.server.servers.one(call.parameters["Server"]).name

    def removable(self, call: Call, entry: Entry) -> None:
        mailboxes = [one.values for one in call.server.recipients if one.kind in MAILBOX_KINDS]
        if any(entry.name in (one.get("Database", "DB01"), one.get("ArchiveDatabase")) for one in mailboxes):
            text = "This mailbox database contains one or more mailboxes, mailbox plans, archive mailboxes, public folder mailboxes or arbitration mailboxes."
            raise failures.refused(f"{text} Move or disable them before you remove database {entry.name}.", "AssociatedUserMailboxExistException")

    def remove(self, call: Call) -> t.Iterable[Record]:
        path = self.store(call).one(call.identity).values["EdbFilePath"]
        yield from super().remove(call)
        yield Warned(f"The specified database has been removed. You must remove the database file located in {path} from your computer manually if it exists.")

    def mount(self, call: Call) -> t.Iterable[Record]:
        return self._mounted(call, True)

    def dismount(self, call: Call) -> t.Iterable[Record]:
        return self._mounted(call, False)

    def _mounted(self, call: Call, wanted: bool) -> list[Output]:
        entry = self.store(call).one(call.identity)
        if entry.values["Mounted"] is wanted:
            state = "mounted" if wanted else "dismounted"
            raise failures.refused(f"The database {entry.name} is already {state}.", f"Database{state.capitalize()}Exception")
        if not call.what_if:
            self.store(call).change(entry, {"Mounted": wanted})
        return []


SORT = Databases()


def _paths(name: str) -> Values:
    return {"EdbFilePath": f"D:\\{name}\\{name}.edb", "LogFolderPath": f"D:\\{name}"}
