# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The machine that synchronises, on its WinRM listener."""

from __future__ import annotations

from hybridlab.ad.exchange_configuration import SYNC_SERVER
from hybridlab.ad.forest import Forest
from hybridlab.faults import Faults
from hybridlab.graph import Graph
from hybridlab.sync.engine import Engine
from hybridlab.sync.machine import Machine
from hybridlab.sync.session import Session
from hybridlab.windows_host import WindowsHost
from hybridlab.wire import recorder, wsman


class SyncHost(WindowsHost):
    """The server between a forest and a tenant."""

    def __init__(self, generation: str, forest: Forest, tenant: Graph, armed: Faults, calls: recorder.Recorder, counters: wsman.Counters) -> None:
        self.product = Machine(Engine(forest.directory, forest.realm, tenant, generation, SYNC_SERVER, armed), armed, SYNC_SERVER)
        super().__init__(SYNC_SERVER, lambda: Session(self.product), armed, calls, counters)
