# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every module's scenario over the real wire: pypsrp, HTTPS, NTLM, PSRP, against a lab on loopback."""

from __future__ import annotations

import pathlib
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._connection_docs import OPTIONS
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from ansible_collections.m365.hybrid.plugins.plugin_utils import options
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import Call, Wire, powershell
from hybridlab import estate
from hybridlab.exchange import Exchange
from tests import scenarios


class WireSession:
    """`_core.session.Session` straight on a wire, without the broker between them."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.target, self.wire, self.endpoint = wire.target, wire.wire, wire.endpoint

    def invoke(self, cmdlet: str, parameters: t.Mapping[str, t.Any] | None = None, *, properties: t.Collection[str] | None = None) -> Answer:
        return self._wire.invoke(Call(60), cmdlet, parameters or {}, properties)


@pytest.mark.parametrize("path", scenarios.files(), ids=lambda path: path.stem)
def test_scenario_on_the_lab(path: pathlib.Path, tmp_path: pathlib.Path) -> None:
    scenario = scenarios.load(path)
    version = str(scenario.get("versions", ["2019"])[0])
    with estate.running(tmp_path / "lab", version=version) as lab:
        given = {option.name: option.default for option in OPTIONS} | {
            "endpoint": "exchange",
            "exchange_host": "localhost",
            "exchange_port": lab.https_port,
            "exchange_scheme": "https",
            "exchange_auth": "negotiate",
            "user": lab.user,
            "password": lab.password,
            "ca_cert": str(lab.ca_path),
        }
        assert isinstance(lab.product, Exchange)
        wire = powershell.open_wire(options.resolve(given.get))
        wire.open(Call(60))
        try:
            scenarios.run(scenario, scenarios.Lab(lab.product, lab.faults, WireSession(wire)))
        finally:
            wire.close()
        assert not lab.service.live()
