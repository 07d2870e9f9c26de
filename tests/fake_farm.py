# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A farm in this process, with certificates that are the same in every run, so that examples and scenarios can name them."""

from __future__ import annotations

import datetime
import typing as t

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.x509.oid import NameOID

from hybridlab.adfs import issuing
from hybridlab.adfs.farm import Farm, Node
from hybridlab.adfs.proxy import Proxy, seed
from hybridlab.adfs.session import Session
from hybridlab.faults import Faults
from hybridlab.windows import profiles
from hybridlab.windows.certificates import Certificates, Held
from hybridlab.windows.machine import Identity, Machine

NAMES = ("sts.contoso.com", "certauth.sts.contoso.com", "enterpriseregistration.contoso.com")


def fixed(number: int, *names: str, begins: int = 2026, ends: int = 2049) -> Held:
    """A certificate that is always the same: Ed25519 signs without chance."""
    key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key()).serial_number(number)
    builder = builder.not_valid_before(datetime.datetime(begins, 1, 1)).not_valid_after(datetime.datetime(ends, 1, 1))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(one) for one in names]), critical=False)
    return Held(builder.sign(key, None), key, exportable=True)


NEXT = fixed(1, *NAMES)
ONE_NAME = fixed(2, NAMES[0])
OTHER_NAME = fixed(3, "www.contoso.com")
ENDED = fixed(4, *NAMES, begins=2010, ends=2011)
AUTHORITY = issuing.Authority.made()


def stock(machines: t.Iterable[Machine]) -> None:
    """Put the certificates of this file into the stores of machines."""
    for machine in machines:
        for held in (NEXT, ONE_NAME, OTHER_NAME, ENDED):
            machine.part(Certificates).add(held)


class FakeFarm:
    """Two servers and a proxy, which all have the certificates of this file in their stores."""

    def __init__(self, generation: str = "2016", faults: Faults | None = None) -> None:
        self.faults = faults or Faults()
        self.machines = [Machine(Identity(name, "contoso.com"), profiles.profile(kind), self.faults) for name, kind in _HOSTS.items()]
        self.farm = Farm(generation, self.machines[:2], AUTHORITY, self.faults)
        self.proxy = Proxy(self.machines[2], self.farm, seed(self.farm))
        stock(self.machines)

    @property
    def primary(self) -> Node:
        return self.farm.nodes[0]

    @property
    def secondary(self) -> Node:
        return self.farm.nodes[1]

    def session(self, host: Node | Proxy | None = None) -> Session:
        return Session(host or self.primary, self.farm)


_HOSTS = {"ADFS01": "adfs", "ADFS02": "adfs", "WAP01": "wap"}
