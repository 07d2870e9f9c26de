# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An Edge Transport server on its WinRM listener; it has accounts of its own, because it is in no domain."""

from __future__ import annotations

from hybridlab.exchange.edge import Edge
from hybridlab.faults import Faults
from hybridlab.windows_host import WindowsHost
from hybridlab.wire import recorder, wsman

MACHINES = ("EDGE01", "EDGE02")


class EdgeHost(WindowsHost):
    """One server with the role."""

    def __init__(self, product: Edge, armed: Faults, calls: recorder.Recorder, counters: wsman.Counters) -> None:
        super().__init__(product.machine, product.session, armed, calls, counters)
        self.product = product
