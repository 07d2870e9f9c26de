# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The certificates of a farm: those of a certification authority for TLS, and those that a farm makes for itself."""

from __future__ import annotations

import dataclasses
import datetime
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hybridlab.windows.certificates import Held

YEAR = datetime.timedelta(days=365)


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC).replace(microsecond=0)


@dataclasses.dataclass(frozen=True)
class Authority:
    """A certification authority that clients of the farm trust."""

    held: Held

    @classmethod
    def made(cls) -> Authority:
        name, key = _name("Contoso Issuing CA"), ec.generate_private_key(ec.SECP256R1())
        builder = _builder(name, name, key, now() - YEAR, now() + 5 * YEAR)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        return cls(Held(builder.sign(key, hashes.SHA256()), key))

    def issue(self, *names: str, begins: datetime.datetime | None = None, lasts: datetime.timedelta = YEAR) -> Held:
        """A certificate for TLS servers of these names, the first one its subject."""
        key = ec.generate_private_key(ec.SECP256R1())
        start = begins or now() - datetime.timedelta(hours=1)
        builder = _builder(_name(names[0]), self.held.certificate.subject, key, start, start + lasts)
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(one) for one in names]), critical=False)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        signer = self.held.key
        if signer is None:
            raise ValueError("an authority without its key issues nothing")
        return Held(builder.sign(signer, hashes.SHA256()), key, exportable=True)


def self_signed(use: str, service: str, lasts: datetime.timedelta = YEAR, begins: datetime.datetime | None = None) -> Held:
    """What a farm makes for itself: ``ADFS Signing - sts.contoso.com``."""
    name, key = _name(f"ADFS {use} - {service}"), ec.generate_private_key(ec.SECP256R1())
    start = begins or now()
    return Held(_builder(name, name, key, start, start + lasts).sign(key, hashes.SHA256()), key)


def write_pfx(path: pathlib.Path, held: Held, password: str, *, with_key: bool = True, chain: tuple[Held, ...] = ()) -> None:
    """A PKCS #12 file, readable for its owner alone."""
    key = held.key if with_key else None
    more = [one.certificate for one in chain]
    encryption = serialization.BestAvailableEncryption(password.encode())
    if key is None:
        content = pkcs12.serialize_key_and_certificates(None, None, None, [held.certificate, *more], encryption)
    else:
        content = pkcs12.serialize_key_and_certificates(b"sts", key, held.certificate, more, encryption)
    path.touch(mode=0o600)
    path.write_bytes(content)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, begins: datetime.datetime, ends: datetime.datetime
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    return builder.serial_number(x509.random_serial_number()).not_valid_before(begins).not_valid_after(ends)
