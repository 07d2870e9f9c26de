# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The certificate stores of a machine, with certificates that are real."""

from __future__ import annotations

import dataclasses
import typing as t

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

if t.TYPE_CHECKING:
    from hybridlab.windows.machine import Machine

LOCATIONS = ("CurrentUser", "LocalMachine")
STORES = ("AddressBook", "AdfsTrustedDevices", "AuthRoot", "CA", "Disallowed", "My", "Root", "TrustedPeople", "TrustedPublisher")
"""The stores that are there without anybody making one."""
Key = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey


@dataclasses.dataclass(frozen=True)
class Held:
    """A certificate in a store.  ``key`` is its private key, where the machine has it."""

    certificate: x509.Certificate
    key: Key | None = dataclasses.field(default=None, repr=False)
    exportable: bool = False
    friendly_name: str = ""

    @property
    def thumbprint(self) -> str:
        """As Windows shows it: SHA-1 in capitals."""
        return thumbprint(self.certificate)

    @property
    def names(self) -> list[str]:
        return names(self.certificate)


class Certificates:
    """The stores of one machine, by location and name; both without regard to case."""

    def __init__(self, machine: Machine | None = None) -> None:
        self._stores: dict[tuple[str, str], dict[str, Held]] = {(place.lower(), name.lower()): {} for place in LOCATIONS for name in STORES}

    def store(self, location: str = "LocalMachine", name: str = "My") -> dict[str, Held] | None:
        """What is in a store, by thumbprint; None where there is no such store."""
        return self._stores.get((location.lower(), name.lower()))

    @property
    def personal(self) -> dict[str, Held]:
        """``LocalMachine\\\\My``."""
        return self._stores[("localmachine", "my")]

    def add(self, held: Held) -> Held:
        self.personal[held.thumbprint] = held
        return held


def thumbprint(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(hashes.SHA1()).hex().upper()


def names(certificate: x509.Certificate) -> list[str]:
    """The DNS names that it is for, its common name included."""
    common = [str(one.value) for one in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    try:
        more = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)
    except x509.ExtensionNotFound:
        more = []
    return list(dict.fromkeys([*more, *common]))


def covers(certificate: x509.Certificate, name: str) -> bool:
    """Whether it is for a name, also by a wildcard of one label."""
    found = {one.lower() for one in names(certificate)}
    return name.lower() in found or f"*.{name.lower().partition('.')[2]}" in found
