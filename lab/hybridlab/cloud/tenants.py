# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tenants with their applications, and the signatures that a token service makes and checks."""

from __future__ import annotations

import base64
import dataclasses
import datetime
import secrets
import typing as t
import uuid

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from hybridlab import graph
from hybridlab.faults import Faults
from hybridlab.graph import seed
from hybridlab.records import Product

# Names and GUIDs of the tenants are the same in every lab.
NAMES = ("contoso", "fabrikam", "northwind", "adatum")
MOST = len(NAMES)
EXCHANGE = "https://outlook.office365.com"
GRAPH = "https://graph.microsoft.com"
RESOURCES = (EXCHANGE, GRAPH)
"""The services that tokens are issued for."""
MANAGE = "Exchange.ManageAsApp"
ADMINISTRATOR, READER = "Exchange Administrator", "Global Reader"
SUBJECT = "system:serviceaccount:automation:ansible"
ISSUER = "https://issuer.lab.test/"
AUDIENCE = "api://AzureADTokenExchange"
_NAMESPACE = uuid.UUID("6f2f9f2e-6f5a-4a56-8f0e-9d2f1f8b7c11")


@dataclasses.dataclass(frozen=True)
class Certificate:
    """A self-signed certificate with its private key, as administrators make them for applications."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey

    @classmethod
    def make(cls, name: str, days: float = 30.0) -> Certificate:
        """A certificate that is valid until ``days`` from now; negative numbers make one that has expired."""
        key = rsa.generate_private_key(65537, 2048)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.datetime.now(datetime.UTC)
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key()).serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - datetime.timedelta(days=60)).not_valid_after(now + datetime.timedelta(days=days))
        return cls(builder.sign(key, hashes.SHA256()), key)

    @property
    def thumbprints(self) -> set[str]:
        """SHA-1 and SHA-256, as the headers x5t and x5t#S256 carry them."""
        return {encoded(self.certificate.fingerprint(kind)) for kind in (hashes.SHA1(), hashes.SHA256())}

    def pem(self) -> str:
        """Certificate and key, one after the other."""
        key = self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode() + key.decode()


@dataclasses.dataclass
class Application:
    """An app registration with its service principal.

    ``permissions`` are the application permissions that were consented to, by service; ``role`` is the Entra role of the service principal.
    Exchange Online needs both.
    ``expired_secrets`` are secrets whose time has passed.
    """

    client_id: str
    secret: str
    certificates: list[Certificate] = dataclasses.field(default_factory=list)
    permissions: t.Mapping[str, t.Collection[str]] = dataclasses.field(default_factory=lambda: {EXCHANGE: (MANAGE,), GRAPH: graph.EVERYTHING})
    role: str | None = ADMINISTRATOR
    expired_secrets: tuple[str, ...] = ()
    federated: bool = False
    enabled: bool = True

    def __post_init__(self) -> None:
        self.object_id = str(uuid.uuid5(_NAMESPACE, f"principal {self.client_id}"))


@dataclasses.dataclass
class Tenant:
    """A tenant.  ``domain`` is its initial one; ``exchange`` the organization that its cmdlets work on."""

    id: str
    domain: str
    exchange: Product
    directory: graph.Graph
    applications: dict[str, Application] = dataclasses.field(default_factory=dict)

    def answers_to(self, name: str) -> bool:
        return name.lower() in (self.id, self.domain)


def make(number: int, exchange: Product, faults: Faults, users: int = 0) -> Tenant:
    """A tenant with its applications: one for automation, and one for each way in which one may lack something."""
    name = NAMES[number]
    identifier = str(uuid.uuid5(_NAMESPACE, name))
    tenant = Tenant(identifier, f"{name}.onmicrosoft.com", exchange, graph.Graph(seed.tenant(name, users, identifier), faults))
    kinds: dict[str, dict[str, t.Any]] = {
        "automation": {"certificates": [Certificate.make("automation")], "federated": True},
        "reader": {"role": READER, "permissions": {EXCHANGE: (MANAGE,), GRAPH: {one for one in graph.EVERYTHING if ".Read." in one}}},
        "roleless": {"role": None},
        "unpermitted": {"permissions": {}},
        "outdated": {"expired_secrets": (f"outdated-{secrets.token_urlsafe(12)}",)},
        "disabled": {"enabled": False},
    }
    for kind, traits in kinds.items():
        client_id = str(uuid.uuid5(_NAMESPACE, f"{name} {kind}"))
        tenant.applications[kind] = Application(client_id, secrets.token_urlsafe(24), **traits)
    return tenant


def encoded(content: bytes) -> str:
    """Base64 as JSON web tokens have it."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
