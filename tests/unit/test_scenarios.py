# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every module's scenario on the emulated product in this process."""

from __future__ import annotations

import os
import pathlib

import pytest

from hybridlab.faults import Faults
from hybridlab.graph import Graph, seed
from tests import scenarios
from tests.fake_graph import FakeGraph
from tests.fake_session import FakeSession, product_for


def lab(name: str, version: str) -> scenarios.Lab:
    faults, module = Faults(), scenarios.module(name)
    if module.wires == scenarios.GRAPH:
        tenant = Graph(seed.tenant(), faults)
        return scenarios.Lab(tenant, faults, FakeGraph(tenant))
    product = product_for(module, version, faults)
    return scenarios.Lab(product, faults, FakeSession(product))


@pytest.mark.parametrize("path", scenarios.files(), ids=lambda path: path.stem)
def test_scenario(path: pathlib.Path) -> None:
    scenario = scenarios.load(path)
    for version in scenario.get("versions", ["2019"])[: 1 if os.environ.get("FIRST_VERSION_ONLY") else None]:
        scenarios.run(scenario, lab(scenario["module"], str(version)))


def test_every_module_has_a_scenario() -> None:
    names = {path.stem for path in scenarios.MODULES.glob("*.py")} - {"__init__"}
    assert names == {path.stem for path in scenarios.files()}
