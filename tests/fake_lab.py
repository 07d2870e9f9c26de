# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab of a module's scenario, in this process: an organization, also in the cloud, an Edge Transport server, a Skype pool or a tenant."""

from __future__ import annotations

from hybridlab.ad.forest import Forest
from hybridlab.exchange import Exchange
from hybridlab.faults import Faults
from hybridlab.graph import Graph, seed
from hybridlab.sync.engine import Engine
from hybridlab.sync.machine import Machine
from hybridlab.sync.session import Session
from tests import scenarios
from tests.fake_directory import fake_directory
from tests.fake_graph import FakeGraph
from tests.fake_session import FakeSession, product_for


def lab(name: str, version: str = "2019") -> scenarios.Lab:
    """A fresh one for the module of that name."""
    faults, module = Faults(), scenarios.module(name)
    if module.wires == scenarios.GRAPH:
        tenant = Graph(seed.tenant(), faults)
        return scenarios.Lab(tenant, faults, FakeGraph(tenant))
    if not module.wires:  # it talks to nobody
        return scenarios.Lab(nobody := Exchange(version, mailboxes=0), faults, FakeSession(nobody))
    if module.wires == scenarios.LDAP:
        directory = fake_directory()
        return scenarios.Lab(directory, faults, directory)
    if module.wires[0] == scenarios.SYNC and not name.startswith(scenarios.FEDERATION):
        machine = synchronizing("connect", faults)
        return scenarios.Lab(machine, faults, FakeSession(Session(machine)))
    product = product_for(module, version, faults)
    return scenarios.Lab(product, faults, FakeSession(product))


def synchronizing(generation: str, faults: Faults) -> Machine:
    """A machine between a forest and a tenant of its own."""
    forest = Forest({})
    return Machine(Engine(forest.directory, forest.realm, Graph(seed.tenant(), faults), generation, "SYNC01", faults), faults, pace=0.01)
