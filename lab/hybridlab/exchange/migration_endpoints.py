# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Migration endpoints.  A new one is tried out, unless -SkipVerification says not to; hosts below ``unreachable.example`` do not answer."""

from __future__ import annotations

import typing as t

from hybridlab.clixml import Obj
from hybridlab.exchange import failures
from hybridlab.exchange.call import Call, Handler, listed
from hybridlab.exchange.configured import Sort, Values
from hybridlab.exchange.directory import EPOCH, Entry, Store, derived_guid
from hybridlab.exchange.mailbox_table import table
from hybridlab.records import Output, Record

HYBRID, PUBLIC_FOLDERS = "Hybrid Endpoint", "Public Folder Endpoint"
# The switches of New-MigrationEndpoint, and what the type of such an endpoint is called.
TYPES = {
    "ExchangeRemoteMove": "ExchangeRemoteMove",
    "ExchangeOutlookAnywhere": "ExchangeOutlookAnywhere",
    "IMAP": "IMAP",
    "PublicFolder": "PublicFolder",
    "PublicFolderToUnifiedGroup": "PublicFolderToUnifiedGroup",
    "PSTImport": "PSTImport",
    "Compliance": "Compliance",
    "Gmail": "Gmail",
}
ROWS = table("""
AcceptUntrustedCertificates         bool   false
ApplicationId                       text   ""
AppSecretKeyVaultUrl                text   ""
Authentication                      text?  -
EmailAddress                        =text? -
EndpointType                        =text  ExchangeRemoteMove
ExchangeServer                      text?  -
MailboxPermission                   enum   Admin:Admin,FullAccess
MaxConcurrentIncrementalSyncs       count  20
MaxConcurrentMigrations             count  20
NspiServer                          text?  -
Port                                int?   -
PublicFolderDatabaseServerLegacyDN  text?  -
RemoteServer                        text?  -
RemoteTenant                        text?  -
RpcProxyServer                      text?  -
Security                            enum   None:None,Ssl,Tls
SourceMailboxLegacyDN               text?  -
TestMailbox                         text?  -
Username                            =text? -
UseAutoDiscover                     =bool  false
""")
_TYPES = ("Microsoft.Exchange.Data.Storage.Management.MigrationEndpoint", "Microsoft.Exchange.Data.ConfigurableObject", "System.Object")
_SILENT = ".unreachable.example"


class MigrationEndpoints(Sort):
    noun = "MigrationEndpoint"
    parent = ""
    rows = ROWS

    def handlers(self) -> dict[str, Handler]:
        return {**super().handlers(), "Test-MigrationServerAvailability": self.test}

    def seed(self, store: Store) -> None:
        for name, kind in ((HYBRID, "ExchangeRemoteMove"), (PUBLIC_FOLDERS, "PublicFolder")):
            kept = {"EndpointType": kind, "RemoteServer": "mail.contoso.com", "Username": "CONTOSO\\migration"}
            store.add(self.entry(name, derived_guid("endpoint", name), EPOCH, **kept))

    def get(self, call: Call) -> t.Iterable[Record]:
        entries = self.listing(call)
        if call.parameters.get("Type"):
            entries = [one for one in entries if one.values["EndpointType"].lower() == str(call.parameters["Type"]).lower()]
        return listed(call, entries, lambda entry: self.view(call, entry))

    def view(self, call: Call, entry: Entry) -> Obj:
        shown = {"Identity": entry.name, "Guid": entry.guid, **entry.values, "ActiveMigrationCount": 0, "IsValid": True, "ObjectState": "Unchanged"}
        return Obj(_TYPES, shown, string=entry.name)

    def special(self, call: Call, settings: Values, entry: Entry | None) -> Values:
        found: Values = {}
        skipped = settings.pop("SkipVerification", False)
        settings.pop("ServiceAccountKeyFileData", None)
        if "Credentials" in settings:
            credential = settings.pop("Credentials")
            found["Username"] = credential.user if credential else None
        if entry is None:
            kind = next((TYPES[name] for name in TYPES if settings.pop(name, False)), None)
            if kind is None:
                raise failures.not_emulated(call.cmdlet, "this type of endpoint")
            found["EndpointType"] = kind
            found["EmailAddress"] = address = settings.pop("EmailAddress", None)
            if settings.pop("Autodiscover", False):
                found |= {"UseAutoDiscover": True, "RemoteServer": f"mail.{address.rpartition('@')[2]}"}
        server = settings.get("RemoteServer") or found.get("RemoteServer") or (entry.values["RemoteServer"] if entry else None)
        if not skipped and str(server or "").endswith(_SILENT):
            raise failures.refused(f"The connection to the server '{server}' could not be completed.", "MigrationServerConnectionFailedException")
        return found

    def removable(self, call: Call, entry: Entry) -> None:
        using = [one.name for one in call.server.migrations if entry.name in (one.values.get("SourceEndpoint"), one.values.get("TargetEndpoint"))]
        if using:
            text = f"The migration endpoint '{entry.name}' can't be removed because it's being used by the following batches: {', '.join(using)}."
            raise failures.refused(text, "MigrationEndpointCannotBeRemovedException")

    def test(self, call: Call) -> t.Iterable[Record]:
        if "Endpoint" not in call.parameters:
            raise failures.not_emulated(call.cmdlet, "tests of anything but an endpoint")
        entry = self.store(call).one(call.parameters["Endpoint"])
        works = not str(entry.values["RemoteServer"] or "").endswith(_SILENT)
        message = None if works else f"The connection to the server '{entry.values['RemoteServer']}' could not be completed."
        types = ("Microsoft.Exchange.Management.Migration.MigrationServerAvailabilityResult", "System.Object")
        shown = {"Result": "Success" if works else "Failed", "Message": message, "SupportsCutover": False, "ErrorDetail": message and f"{message} Timed out."}
        return [Output(Obj(types, {**shown, "IsValid": True, "ObjectState": "New"}))]


SORT = MigrationEndpoints()
