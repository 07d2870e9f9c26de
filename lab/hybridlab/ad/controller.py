# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The domain controller of an estate: a forest behind its two ports."""

from __future__ import annotations

import ssl
import typing as t

from hybridlab.ad.connection import Connection, Record
from hybridlab.ad.forest import Forest
from hybridlab.ad.root import RootEntry
from hybridlab.ad.sasl import GSS_SPNEGO, GSSAPI
from hybridlab.ad.server import Server
from hybridlab.faults import Faults


class DomainController:
    """Made stopped; `start` brings it up with the certificate of the lab."""

    def __init__(self, forest: Forest, record: Record, faults: Faults | None = None) -> None:
        self.forest = forest
        self.faults = faults or Faults()
        self._record = record
        self._binds = 0
        self._servers: list[Server] = []

    def start(self, context: ssl.SSLContext, kerberos: t.Mapping[str, str] | None = None) -> None:
        """``kerberos`` are the variables by which acceptors find the keys of the service, None without a realm."""
        root = RootEntry(self.forest, () if kerberos is None else (GSSAPI, GSS_SPNEGO))

        def connect(secure: bool) -> Connection:
            return Connection(self.forest, root, self._noted, secure, self.faults, kerberos)

        self._servers = [Server(connect, context, ldaps=True), Server(connect, context, ldaps=False)]
        for server in self._servers:
            server.start()

    def _noted(self, operation: str, details: t.Mapping[str, t.Any]) -> None:
        self._binds += operation == "bind"
        self._record(operation, details)

    @property
    def opened(self) -> int:
        """How often a client asked to log on: each session does once."""
        return self._binds

    @property
    def live(self) -> int:
        """How many connections are open."""
        return sum(len(server.open) for server in self._servers)

    @property
    def ldaps_port(self) -> int:
        return self._servers[0].port

    @property
    def ldap_port(self) -> int:
        return self._servers[1].port

    def stop(self) -> None:
        for server in self._servers:
            server.stop()
