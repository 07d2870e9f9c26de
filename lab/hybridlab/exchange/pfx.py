# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PFX files, certificates and requests as a server's store reads and makes them."""

from __future__ import annotations

import dataclasses
import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID


@dataclasses.dataclass(frozen=True)
class Read:
    """What a file held.  ``key`` is the public key, by which an issued certificate finds its request."""

    raw: bytes
    subject: str
    issuer: str
    domains: list[str]
    not_before: datetime.datetime
    not_after: datetime.datetime
    has_key: bool
    key: bytes
    serial: str
    key_size: int
    friendly_name: str


def read(data: bytes, password: str) -> Read:
    """A PFX, or a certificate as DER or PEM.  Raises ValueError with the server's words."""
    found, has_key, name = _certificate(data, password)
    public = found.public_key()
    return Read(
        found.public_bytes(serialization.Encoding.DER),
        named(found.subject),
        named(found.issuer),
        _domains(found),
        found.not_valid_before_utc,
        found.not_valid_after_utc,
        has_key,
        public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo),
        f"{found.serial_number:X}",
        getattr(public, "key_size", 0),
        name,
    )


def _certificate(data: bytes, password: str) -> tuple[x509.Certificate, bool, str]:
    for load in (x509.load_der_x509_certificate, x509.load_pem_x509_certificate):
        try:
            return load(data), False, ""
        except ValueError:
            continue  # another of the forms
    if data[:1] != b"\x30":
        raise ValueError("The source data is corrupted or not properly Base64 encoded.")
    try:
        held = pkcs12.load_pkcs12(data, password.encode() or None)
    except ValueError:
        raise ValueError("Cannot import certificate. The specified network password is not correct.") from None
    own = held.cert or next(iter(held.additional_certs), None)
    if own is None:
        raise ValueError("Cannot import certificate. The file holds no certificate.")
    return own.certificate, held.key is not None, (own.friendly_name or b"").decode()


def named(name: x509.Name) -> str:
    """As Windows prints a name: ``CN=mail.contoso.com, O=Contoso``."""
    return ", ".join(f"{one.rfc4514_attribute_name}={one.value!s}" for one in name)


def _domains(found: x509.Certificate) -> list[str]:
    try:
        return found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)
    except x509.ExtensionNotFound:
        return [str(one.value) for one in found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]


def request(subject: str, domains: list[str], size: int) -> tuple[str, bytes]:
    """A request for a certificate in PEM, and its public key."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=size)
    names = x509.SubjectAlternativeName([x509.DNSName(one) for one in domains])
    made = x509.CertificateSigningRequestBuilder().subject_name(x509.Name.from_rfc4514_string(subject)).add_extension(names, critical=False)
    text = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return text.replace("BEGIN CERTIFICATE", "BEGIN NEW CERTIFICATE").replace("END CERTIFICATE", "END NEW CERTIFICATE"), public
