# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hosts of a farm: two federation servers and a proxy, each on its WinRM listener and on its own port for clients."""

from __future__ import annotations

import base64
import datetime
import pathlib
import secrets
import ssl
import typing as t

from hybridlab.adfs import issuing, proxy
from hybridlab.adfs.cmdlets import raw
from hybridlab.adfs.farm import SIGNING, Farm, Node
from hybridlab.adfs.listener import Listener
from hybridlab.adfs.session import Session, change
from hybridlab.directory import Directory
from hybridlab.faults import Faults
from hybridlab.graph import Graph
from hybridlab.graph.schema import Schema
from hybridlab.graph.tenant import derived
from hybridlab.windows import profiles
from hybridlab.windows_host import WindowsHost
from hybridlab.wire import auth, recorder, wsman

GENERATIONS = ("2016", "2012r2")
SERVERS, PROXIES = ("ADFS01", "ADFS02"), ("WAP01",)
FOLDER = "adfs"
"""Where the lab has certificates to renew the farm's with."""
_DAY = datetime.timedelta(days=1)


class FederationHost(WindowsHost):
    """One host of a farm; what it is in the farm is added to it, because that needs its machine."""

    def __init__(self, machine: str, profile: str, armed: Faults, calls: recorder.Recorder, counters: wsman.Counters, accounts: auth.Accounts) -> None:
        super().__init__(machine, self.session, armed, calls, counters, profile=profiles.profile(profile), accounts=accounts)
        self.role: Node | proxy.Proxy | None = None
        self.listener: Listener | None = None
        self._farm: Farm | None = None

    def join(self, role: Node | proxy.Proxy, farm: Farm) -> None:
        self.role, self._farm, self.listener = role, farm, Listener(role, farm)

    def session(self) -> Session:
        if self.role is None or self._farm is None:
            raise RuntimeError(f"{self.machine} is in no farm")
        return Session(self.role, self._farm)

    @property
    def client_port(self) -> int:
        """The port that stands for 443."""
        return self.listener.port if self.listener else 0

    def start(self, place: Directory, context: ssl.SSLContext, certificate_hash: bytes, realm: t.Mapping[str, str]) -> None:
        super().start(place, context, certificate_hash, realm)
        if self.listener:
            self.listener.start()

    def stop(self) -> None:
        super().stop()
        if self.listener:
            self.listener.stop()


class Federation:
    """A farm with its hosts, of a generation out of `GENERATIONS`."""

    def __init__(self, generation: str, armed: Faults, calls: recorder.Recorder, counters: wsman.Counters, accounts: auth.Accounts) -> None:
        if generation not in GENERATIONS:
            raise ValueError(f"there is no farm of the generation {generation!r}; there are: {', '.join(GENERATIONS)}")
        self.authority = issuing.Authority.made()
        self.servers = [FederationHost(name, "adfs", armed, calls, counters, accounts) for name in SERVERS]
        self.proxies = [FederationHost(name, "wap", armed, calls, counters, accounts) for name in PROXIES]
        self.farm = Farm(generation, [one.computer for one in self.servers], self.authority, armed)
        self.pfx_password = secrets.token_urlsafe(18)
        self.thumbprints: dict[str, str] = {}
        for host, node in zip(self.servers, self.farm.nodes, strict=True):
            host.join(node, self.farm)
        published = proxy.seed(self.farm)
        for host in self.proxies:
            host.join(proxy.Proxy(host.computer, self.farm, published), self.farm)

    @property
    def hosts(self) -> list[FederationHost]:
        return [*self.servers, *self.proxies]

    def write_certificates(self, folder: pathlib.Path) -> None:
        """PKCS #12 files: two to renew the certificate with, and the ones that must not be taken."""
        folder.mkdir(mode=0o700, exist_ok=True)
        issue, names = self.authority.issue, (self.farm.service, self.farm.alternate, "enterpriseregistration.contoso.com")
        renewed = issue(*names)
        made = {
            "renewed": renewed,
            "next": issue(*names, lasts=2 * issuing.YEAR),
            "wrong_name": issue("www.contoso.com"),
            "expired": issue(*names, begins=issuing.now() - 400 * _DAY),
            "older": issue(*names, lasts=5 * _DAY),
        }
        for name, held in made.items():
            issuing.write_pfx(folder / f"{name}.pfx", held, self.pfx_password, chain=(self.authority.held,))
        self.thumbprints = {name: held.thumbprint for name, held in made.items()}
        issuing.write_pfx(folder / "without_key.pfx", renewed, self.pfx_password, with_key=False)

    def federate(self, tenant: Graph) -> None:
        """A verified subdomain of a tenant signs in with the farm."""
        domain = next(one for name, one in tenant.tenant.domains.items() if name.startswith("fed."))
        base = f"https://{self.farm.service}/adfs"
        known: dict[str, t.Any] = dict.fromkeys(Schema("v1.0").properties("internalDomainFederation")) | {"systemBrowserEnabledOn": []}
        tenant.tenant.federation[domain["id"]] = known | {
            "id": derived(tenant.tenant.id, domain["id"], "federation"),
            "displayName": "Contoso",
            "issuerUri": f"http://{domain['id']}/adfs/services/trust/",
            "passiveSignInUri": f"{base}/ls/",
            "activeSignInUri": f"{base}/services/trust/2005/usernamemixed",
            "metadataExchangeUri": f"{base}/services/trust/mex",
            "signOutUri": f"{base}/ls/",
            "preferredAuthenticationProtocol": "wsFed",
            "signingCertificate": base64.b64encode(raw(self.farm.of(SIGNING)[0].held.certificate)).decode(),
        }
        domain["authenticationType"] = "Federated"

    def change(self, name: str, order: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        """Raises ValueError."""
        host = next((one for one in self.hosts if one.machine.lower() == name.lower()), None)
        if host is None or host.role is None:
            raise ValueError(f"there is no {name} in the farm; there are: {', '.join(one.machine for one in self.hosts)}")
        change(self.farm, host.role, order)
        return self.status()

    def status(self) -> dict[str, t.Any]:
        shown = {one.machine: {f"{name}:{port}": value for (name, port), value in one.role.bindings.items()} for one in self.hosts if one.role}
        certificates = {use: [one.held.thumbprint for one in self.farm.of(use)] for use in dict.fromkeys(one.use for one in self.farm.certificates)}
        return {"service": self.farm.service, "level": self.farm.level, "bindings": shown, "certificates": certificates}
