# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cloud half of an estate: tenants, their services on one port, and what a client must know of them."""

from __future__ import annotations

import pathlib
import ssl
import typing as t

from hybridlab.cloud import tenants
from hybridlab.cloud.admin_api import AdminApi
from hybridlab.cloud.graph_api import GraphApi
from hybridlab.cloud.rest import Server
from hybridlab.cloud.tokens import LIFETIME, MANAGED_PATH, TokenService
from hybridlab.faults import Faults
from hybridlab.records import Product
from hybridlab.wire.recorder import Recorder


class Site:
    """Tenants, the token service and the services that take its tokens."""

    def __init__(self, count: int, faults: Faults, recorder: Recorder, mailboxes: int, lifetime: int = LIFETIME) -> None:
        if not 0 < count <= tenants.MOST:
            raise ValueError(f"a lab has up to {tenants.MOST} tenants, not {count}")
        self.tenants = [_tenant(number, faults, mailboxes) for number in range(count)]
        self.tokens = TokenService(self.tenants, lifetime)
        self.admin = AdminApi(self.tokens, faults, recorder)
        self.graph = GraphApi(self.tokens, faults, recorder)
        self._server: Server | None = None

    @property
    def port(self) -> int:
        return self._server.port if self._server else 0

    @property
    def host(self) -> str:
        """Where every service of the lab's cloud is."""
        return f"localhost:{self.port}"

    def start(self, context: ssl.SSLContext) -> None:
        self._server = Server([self.tokens, self.admin, self.graph], context)
        self._server.start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()

    def live(self) -> int:
        """How many connections of clients are open."""
        return self._server.live if self._server else 0

    def status(self) -> dict[str, t.Any]:
        load = {tenant.domain: vars(self.admin.load[tenant.id]) for tenant in self.tenants}
        return {"port": self.port, "tokens_issued": self.tokens.issued, "load": load}

    def hosts(self, ca: pathlib.Path) -> dict[str, dict[str, t.Any]]:
        """The inventory's hosts: one for each tenant's Exchange Online."""
        return {f"exo{number:02}": self.variables(tenant, ca) for number, tenant in enumerate(self.tenants, 1)}

    def graph_hosts(self, ca: pathlib.Path) -> dict[str, dict[str, t.Any]]:
        """The inventory's hosts: one for each tenant's Graph."""
        return {f"entra{number:02}": self.variables(tenant, ca, "graph") for number, tenant in enumerate(self.tenants, 1)}

    def variables(self, tenant: tenants.Tenant, ca: pathlib.Path, wire: str = "exchange_online") -> dict[str, t.Any]:
        application = tenant.applications["automation"]
        return {
            "ansible_connection": f"m365.hybrid.{wire}",
            "m365_tenant_id": tenant.id,
            "m365_tenant_client_id": application.client_id,
            "m365_tenant_client_secret": application.secret,
            "m365_tenant_login_host": self.host,
            "m365_tenant_exchange_host": self.host,
            "m365_tenant_graph_host": self.host,
            "m365_tenant_pace": False,
            "m365_tenant_ca_cert": str(ca),
        }

    def credentials(self) -> dict[str, t.Any]:
        """Every application of every tenant, with all it can log in with."""
        return {
            tenant.domain: {
                "id": tenant.id,
                "domain": tenant.domain,
                "certificate": tenant.applications["automation"].certificates[0].pem(),
                "federated_token": self.tokens.federated_token(),
                "managed_identity": {"endpoint": f"https://{self.host}{MANAGED_PATH}", "header": self.tokens.identity_header},
                "applications": {
                    kind: {"client_id": one.client_id, "client_secret": (*one.expired_secrets, one.secret)[0]} for kind, one in tenant.applications.items()
                },
            }
            for tenant in self.tenants
        }


def _tenant(number: int, faults: Faults, mailboxes: int) -> tenants.Tenant:
    from hybridlab.cloud.join import join  # Loads the contract, which labs without tenants do not need.
    from hybridlab.exchange import Exchange

    exchange = Exchange(version="online", mailboxes=mailboxes, faults=faults)
    tenant = tenants.make(number, t.cast(Product, exchange), faults, mailboxes)
    join(tenant.directory, exchange)
    return tenant
