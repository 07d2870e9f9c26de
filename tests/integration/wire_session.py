# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A session straight on the wire to a lab in this process, without the broker between them."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils import _tenant_docs
from ansible_collections.m365.hybrid.plugins.module_utils._connection_docs import OPTIONS
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from ansible_collections.m365.hybrid.plugins.plugin_utils import options, tenant_options
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import Call, Wire, exchange_online, graph, powershell
from hybridlab import estate


class WireSession:
    """`_core.session.Session` on a wire."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.target, self.wire, self.endpoint = wire.target, wire.wire, wire.endpoint

    def invoke(self, cmdlet: str, parameters: t.Mapping[str, t.Any] | None = None, *, properties: t.Collection[str] | None = None) -> Answer:
        return self._wire.invoke(Call(60), cmdlet, parameters or {}, properties)


@contextlib.contextmanager
def connected(lab: estate.Estate, endpoint: str = "exchange", host: t.Any = None, **more: t.Any) -> t.Iterator[WireSession]:
    """A session over HTTPS with NTLM to the Exchange server, the Skype pool, the first Edge Transport server or the machine that synchronises (``windows``).

    ``host`` is another Windows host to connect to.

    None is left on the server afterwards.
    """
    server: t.Any = host or {"exchange": lab, "skype": lab.skype, "windows": lab.sync}.get(endpoint) or lab.edges[0]
    account: t.Any = lab if endpoint == "skype" else server  # a pool admits accounts of the domain, machines their own
    given = {option.name: option.default for option in OPTIONS} | {
        "endpoint": endpoint,
        f"{endpoint}_host": "localhost",
        f"{endpoint}_port": server.https_port,
        f"{endpoint}_scheme": "https",
        f"{endpoint}_auth": "negotiate",
        "user": account.user,
        "password": account.password,
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


class WireRest:
    """`_core.session.RestSession` on a wire."""

    def __init__(self, wire: graph.Graph) -> None:
        self._wire = wire
        self.target, self.wire, self.endpoint = wire.target, wire.wire, wire.endpoint

    def request(self, method: str, path: str, body: t.Any = None, *, eventual: bool = False) -> Answer:
        return self._wire.request(Call(60), method, path, body, eventual)

    def page(self, path: str, *, eventual: bool = False) -> Answer:
        return self._wire.page(Call(60), path, eventual)


@contextlib.contextmanager
def connected_graph(lab: estate.Estate, **changes: t.Any) -> t.Iterator[WireRest]:
    """Microsoft Graph of the lab's first tenant."""
    wire = graph.open_wire(_tenant(lab, "graph", changes))
    wire.open()
    try:
        yield WireRest(t.cast(graph.Graph, wire))
    finally:
        wire.close()


def _tenant(lab: estate.Estate, wire: str, changes: dict[str, t.Any]) -> dict[str, t.Any]:
    """The options of a connection to the lab's first tenant, resolved."""
    assert lab.site
    variables = lab.site.variables(lab.site.tenants[0], lab.ca_path)
    given = {option.name: option.default for option in _tenant_docs.OPTIONS}
    given |= {option.name: variables[f"m365_tenant_{option.key}"] for option in _tenant_docs.OPTIONS if f"m365_tenant_{option.key}" in variables}
    return tenant_options.resolve((given | changes).get, wire)


@contextlib.contextmanager
def connected_online(lab: estate.Estate, **changes: t.Any) -> t.Iterator[WireSession]:
    """A session to the lab's first tenant."""
    wire = exchange_online.open_wire(_tenant(lab, "exchange_online", changes))
    wire.open()
    try:
        yield WireSession(wire)
    finally:
        wire.close()
