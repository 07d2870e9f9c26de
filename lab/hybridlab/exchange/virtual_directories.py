# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The virtual directories of Outlook on the web: where published addresses begin, and whether people who did not sign in can see what is published."""

from __future__ import annotations

import typing as t

from hybridlab.clixml import Obj
from hybridlab.exchange import failures
from hybridlab.exchange.call import Call, Handler
from hybridlab.exchange.configured import Sort, Values
from hybridlab.exchange.directory import Entry, Store, configuration_keys, derived_guid
from hybridlab.exchange.mailbox_table import table
from hybridlab.exchange.servers import SERVER_DN

SERVERS = {"EX01": "https://mail.contoso.com/owa", "EX02": None}
"""Each server, and the address that it has for those outside."""
NAME = "owa (Default Web Site)"
ROWS = table("""
AnonymousFeaturesEnabled  bool   true
CalendarEnabled           bool   true
ExternalUrl               text?  -
""")


class OwaVirtualDirectories(Sort):
    noun = "OwaVirtualDirectory"
    parent = SERVER_DN
    rows = ROWS
    types = ("Microsoft.Exchange.Management.SystemConfigurationTasks.ADOwaVirtualDirectory",)

    def handlers(self) -> dict[str, Handler]:
        return {"Get-OwaVirtualDirectory": self.get, "Set-OwaVirtualDirectory": self.set}

    def fresh_store(self) -> Store:
        return Store(lambda entry: (*configuration_keys(entry), identity(entry)))

    def seed(self, store: Store) -> None:
        for server, outside in SERVERS.items():
            store.add(self.entry(NAME, derived_guid("owa", server), Server=server, ExternalUrl=outside))

    def home(self, values: Values) -> str:
        return f"CN=HTTP,CN=Protocols,CN={values['Server']},{self.parent}"

    def listing(self, call: Call) -> list[Entry]:
        if call.parameters.get("ShowMailboxVirtualDirectories"):
            raise failures.not_emulated(call.cmdlet, "-ShowMailboxVirtualDirectories")
        server = call.parameters.get("Server")
        return [one for one in super().listing(call) if server is None or one.values["Server"].lower() == str(server).lower()]

    def view(self, call: Call, entry: Entry) -> Obj:
        shown = super().view(call, entry)
        properties: dict[str, t.Any] = {**shown.props, "Identity": identity(entry), "Server": entry.values["Server"]}
        return Obj(shown.types, properties, string=identity(entry))


SORT = OwaVirtualDirectories()


def identity(entry: Entry) -> str:
    return f"{entry.values['Server']}\\{entry.name}"
