# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A forest, a tenant and the engine between them, without any wire."""

from __future__ import annotations

import typing as t

from hybridlab.ad.directory import DirectoryObject
from hybridlab.ad.forest import Forest
from hybridlab.cloud.join import join
from hybridlab.exchange import Exchange
from hybridlab.faults import Faults
from hybridlab.graph import Graph, seed
from hybridlab.graph.tenant import Object
from hybridlab.sync.engine import Engine, Staged
from hybridlab.sync.runs import Run


class Hybrid:
    """An organisation with both halves; `forest` is fresh unless it is given, the tenant is the lab's own."""

    def __init__(self, generation: str = "connect", forest: Forest | None = None) -> None:
        self.faults = Faults()
        self.forest = forest or Forest({"administrator": "Wort-und-Zahl-7"})
        self.directory = self.forest.directory
        self.place = self.forest.path("OU=Staff,DC=contoso,DC=com")
        self.graph = Graph(seed.tenant(), self.faults)
        self.exchange = Exchange("online", mailboxes=2, faults=self.faults)
        join(self.graph, self.exchange)
        self.engine = Engine(self.directory, "contoso.com", self.graph, generation, "SYNC01", self.faults)

    def account(self, name: str, **values: t.Any) -> DirectoryObject:
        """An enabled account with an address; None takes an attribute away."""
        address = f"{name}@contoso.com"
        given: dict[str, t.Any] = {"sAMAccountName": name, "userPrincipalName": address, "displayName": name.title(), "userAccountControl": 0x200}
        given |= {"mail": address, "mailNickname": name, "proxyAddresses": [f"SMTP:{address}"]} | values
        return self.forest.make(self.place, name.title(), "user", {key: value for key, value in given.items() if value is not None})

    def group(self, name: str, *members: DirectoryObject, security: bool = True, **values: t.Any) -> DirectoryObject:
        kind = -0x7FFFFFF8 if security else 0x8
        return self.forest.make(self.place, name, "group", {"sAMAccountName": name, "displayName": name, "groupType": kind, "member": list(members), **values})

    def sync(self, policy: str = "Delta") -> dict[tuple[str, str], Run]:
        """One cycle; its runs by kind of connector and profile."""
        return {(run.connector.kind, run.profile.rpartition(" ")[2]): run for run in list(self.engine.cycle(policy))}

    def user(self, name: str) -> Object:
        return self.graph.tenant.get("user", name)

    def users(self) -> set[str]:
        return {one.name for one in self.graph.tenant.all("user")}

    def staged(self, one: DirectoryObject) -> Staged:
        return self.engine.space[one.guid]
