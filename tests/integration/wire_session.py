# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A session straight on the wire to a lab in this process, without the broker between them."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._connection_docs import OPTIONS
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from ansible_collections.m365.hybrid.plugins.plugin_utils import options
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import Call, Wire, powershell
from hybridlab import estate


class WireSession:
    """`_core.session.Session` on a wire."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.target, self.wire, self.endpoint = wire.target, wire.wire, wire.endpoint

    def invoke(self, cmdlet: str, parameters: t.Mapping[str, t.Any] | None = None, *, properties: t.Collection[str] | None = None) -> Answer:
        return self._wire.invoke(Call(60), cmdlet, parameters or {}, properties)


@contextlib.contextmanager
def connected(lab: estate.Estate, endpoint: str = "exchange", **more: t.Any) -> t.Iterator[WireSession]:
    """A session over HTTPS with NTLM, to the Exchange server or to the first Edge Transport server; none is left on the server afterwards."""
    server = lab if endpoint == "exchange" else lab.edges[0]
    given = {option.name: option.default for option in OPTIONS} | {
        "endpoint": endpoint,
        f"{endpoint}_host": "localhost",
        f"{endpoint}_port": server.https_port,
        f"{endpoint}_scheme": "https",
        f"{endpoint}_auth": "negotiate",
        "user": server.user,
        "password": server.password,
        "ca_cert": str(lab.ca_path),
        **more,
    }
    wire = powershell.open_wire(options.resolve(given.get))
    try:
        wire.open()
        yield WireSession(wire)
    finally:
        wire.close()
        assert not lab.live()
