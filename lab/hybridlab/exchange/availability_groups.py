# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Database availability groups: a new organisation has none; the cmdlets that make one and give it servers work as on a real server."""

from __future__ import annotations

import typing as t

from hybridlab.exchange import failures
from hybridlab.exchange.call import Call, Handler
from hybridlab.exchange.configured import Sort
from hybridlab.exchange.directory import CONFIGURATION_DN, Entry
from hybridlab.exchange.mailbox_table import table
from hybridlab.records import Record

if t.TYPE_CHECKING:
    from hybridlab.exchange.server import Exchange

NOUN = "DatabaseAvailabilityGroup"
ROWS = table("""
AutoDagAutoReseedEnabled       bool  true
AutoDagDatabaseCopiesPerVolume int   1
AutoDagDatabasesRootFolderPath text  C:\\ExchangeDatabases
AutoDagVolumesRootFolderPath   text  C:\\ExchangeVolumes
Servers                =texts
ThirdPartyReplication  =text     Disabled
WitnessDirectory       text      ""
WitnessServer          text      ""
""")


class AvailabilityGroups(Sort):
    noun = NOUN
    parent = f"CN=Database Availability Groups,CN=Exchange Administrative Group (FYDIBOHF23SPDLT),CN=Administrative Groups,{CONFIGURATION_DN}"
    rows = ROWS
    types = ("Microsoft.Exchange.Data.Directory.SystemConfiguration.DatabaseAvailabilityGroup",)

    def handlers(self) -> dict[str, Handler]:
        return {f"Get-{NOUN}": self.get, f"New-{NOUN}": self.new, f"Add-{NOUN}Server": self.join, f"Remove-{NOUN}Server": self.leave}

    def join(self, call: Call) -> t.Iterable[Record]:
        group, server = self._named(call)
        if known := group_of(call.server, server):
            raise failures.refused(f"Server {server} is already a member of database availability group '{known.name}'.", "DagTaskServerCanNotAddException")
        return self._members(call, group, [*group.values["Servers"], server])

    def leave(self, call: Call) -> t.Iterable[Record]:
        group, server = self._named(call)
        if server not in group.values["Servers"]:
            raise failures.refused(f"Server {server} is not a member of database availability group '{group.name}'.", "DagTaskServerIsNotAMemberException")
        held = [one.name for one in call.server.databases if server in one.values["Servers"] and len(one.values["Servers"]) > 1]
        if held:
            raise failures.refused(f"Server {server} has copies of replicated databases: {', '.join(held)}.", "DagTaskRemoveServerHasCopiesException")
        return self._members(call, group, [one for one in group.values["Servers"] if one != server])

    def _named(self, call: Call) -> tuple[Entry, str]:
        return self.store(call).one(call.identity), call.server.servers.one(call.parameters["MailboxServer"]).name

    def _members(self, call: Call, group: Entry, servers: list[str]) -> t.Iterable[Record]:
        if not call.what_if:
            self.store(call).change(group, {"Servers": servers})
        return []


SORT = AvailabilityGroups()


def group_of(exchange: Exchange, server: str) -> Entry | None:
    """The group that has this server as a member."""
    return next((one for one in exchange.objects[NOUN] if server in one.values["Servers"]), None)
