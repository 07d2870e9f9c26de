# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The virtual directory of Outlook on the web: where its addresses begin, and whether they work for everybody."""

from __future__ import annotations

import typing as t

from hybridlab.exchange import failures
from hybridlab.exchange.call import Call, Handler
from hybridlab.exchange.configured import Sort
from hybridlab.exchange.directory import Entry, Store
from hybridlab.exchange.mailbox_table import table
from hybridlab.exchange.servers import SERVER_DN
from hybridlab.records import Record


class OwaVirtualDirectories(Sort):
    noun = "OwaVirtualDirectory"
    parent = f"CN=HTTP,CN=Protocols,CN=EX01,{SERVER_DN}"
    rows = table("""
AnonymousFeaturesEnabled  bool   true
ExternalUrl               text?  -
InternalUrl               text?  -
""")
    types = ("Microsoft.Exchange.Data.Directory.SystemConfiguration.ADOwaVirtualDirectory",)

    def handlers(self) -> dict[str, Handler]:
        return {"Get-OwaVirtualDirectory": self.get, "Set-OwaVirtualDirectory": self.set}

    def seed(self, store: Store) -> None:
        store.add(self.entry("owa (Default Web Site)", ExternalUrl="https://mail.contoso.com/owa", InternalUrl="https://ex01.contoso.com/owa"))

    def get(self, call: Call) -> t.Iterable[Record]:
        if call.parameters.get("ShowMailboxVirtualDirectories"):
            raise failures.not_emulated(call.cmdlet, "-ShowMailboxVirtualDirectories")
        return super().get(call)

    def listing(self, call: Call) -> list[Entry]:
        if call.parameters.get("Server"):
            call.server.servers.one(call.parameters["Server"])
        return super().listing(call)


SORT = OwaVirtualDirectories()
