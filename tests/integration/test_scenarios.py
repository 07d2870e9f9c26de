# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every module's scenario over the real wires, against a lab on loopback: pypsrp, HTTPS, NTLM, PSRP; and a tenant's token and REST."""

from __future__ import annotations

import pathlib
import typing as t

import pytest

from hybridlab import estate
from hybridlab.exchange import Exchange, windows
from hybridlab.skype import Skype
from hybridlab.sync.machine import Machine
from tests import fake_farm, scenarios
from tests.integration.wire_session import connected, connected_graph, connected_online

SETTINGS: dict[str, dict[str, t.Any]] = {"windows": {"product": Exchange(mailboxes=0), "tenants": 1, "mailboxes": 0, "sync": "connect"}}
"""What of a lab is needed for an endpoint."""


@pytest.mark.parametrize("path", scenarios.on_premises(), ids=lambda path: path.stem)
def test_scenario_on_the_lab(path: pathlib.Path, tmp_path: pathlib.Path) -> None:
    scenario = scenarios.load(path)
    version = str(scenario.get("versions", ["2019"])[0])
    endpoint = scenarios.module(scenario["module"]).wires[0][1]
    if path.stem.startswith(scenarios.FEDERATION):
        on_the_farm(scenario, tmp_path)
        return
    with estate.running(tmp_path / "lab", version=version, **SETTINGS.get(endpoint, {})) as lab, connected(lab, endpoint) as session:
        machines = {"exchange": lab.product, "skype": lab.skype and lab.skype.product, "windows": lab.sync and lab.sync.product}
        product = machines[endpoint] if endpoint in machines else lab.edges[0].product.session()
        assert isinstance(product, (Exchange, Skype, windows.Session, Machine))
        scenarios.run(scenario, scenarios.Lab(product, lab.faults, session))


def on_the_farm(scenario: dict[str, t.Any], folder: pathlib.Path) -> None:
    """On the primary, or on the proxy, which have the certificates that the scenario names."""
    with estate.running(folder / "lab", product=Exchange(mailboxes=0), adfs="2016") as lab:
        assert lab.federation
        host = lab.federation.proxies[0] if scenario["module"].startswith("wap_") else lab.federation.servers[0]
        fake_farm.stock(one.computer for one in lab.federation.hosts)
        with connected(lab, "windows", host) as session:
            scenarios.run(scenario, scenarios.Lab(host.session(), lab.faults, session))


@pytest.mark.parametrize("path", scenarios.online(), ids=lambda path: path.stem)
def test_scenario_on_the_tenant(path: pathlib.Path, tmp_path: pathlib.Path) -> None:
    with estate.running(tmp_path / "lab", product=Exchange(mailboxes=0), tenants=1, mailboxes=5) as lab, connected_online(lab) as session:
        assert lab.site
        product = lab.site.tenants[0].exchange
        assert isinstance(product, Exchange)
        scenarios.run(scenarios.load(path), scenarios.Lab(product, lab.faults, session), online=True)


@pytest.mark.parametrize("path", scenarios.entra(), ids=lambda path: path.stem)
def test_scenario_on_graph(path: pathlib.Path, tmp_path: pathlib.Path) -> None:
    with estate.running(tmp_path / "lab", product=Exchange(mailboxes=0), tenants=1, mailboxes=0) as lab, connected_graph(lab) as session:
        assert lab.site
        scenarios.run(scenarios.load(path), scenarios.Lab(lab.site.tenants[0].directory, lab.faults, session))
