# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab's certificate authority, the server's certificate, and client certificates for accounts."""

from __future__ import annotations

import dataclasses
import datetime
import ipaddress
import pathlib
import ssl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

# szOID_NT_PRINCIPAL_NAME: the subject alternative name by which Windows maps a client certificate to an account.
PRINCIPAL_NAME = ObjectIdentifier("1.3.6.1.4.1.311.20.2.3")
_VALID = datetime.timedelta(days=30)
_UTF8_STRING = 0x0C


@dataclasses.dataclass(frozen=True)
class Pair:
    """A certificate with its private key, in memory."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def write(self, certificate: pathlib.Path, key: pathlib.Path | None = None) -> None:
        """Write PEM files; the key's is readable by its owner alone."""
        certificate.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))
        if key is not None:
            key.touch(mode=0o600)
            key.write_bytes(
                self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
            )

    @property
    def hash(self) -> bytes:
        """The value of tls-server-end-point channel bindings."""
        return self.certificate.fingerprint(hashes.SHA256())


class Authority:
    """A certificate authority made for one lab."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hybridlab CA")])
        usage = x509.KeyUsage(
            digital_signature=True,
            key_cert_sign=True,
            crl_sign=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )
        builder = _builder(name, name, self._key).add_extension(usage, critical=True)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False)
        self.pair = Pair(builder.sign(self._key, hashes.SHA256()), self._key)

    def server(self) -> Pair:
        """A certificate for localhost, 127.0.0.1 and the emulated servers' own names."""
        names = [x509.DNSName("localhost"), x509.DNSName("ex01.lab.test"), x509.DNSName("dc01.contoso.com"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        return self._issue("localhost", names, ExtendedKeyUsageOID.SERVER_AUTH)

    def client(self, principal: str) -> Pair:
        """A certificate that logs on ``principal``, for example administrator@LAB.TEST."""
        encoded = principal.encode()
        other = x509.OtherName(PRINCIPAL_NAME, bytes([_UTF8_STRING, len(encoded)]) + encoded)
        return self._issue(principal, [other], ExtendedKeyUsageOID.CLIENT_AUTH)

    def _issue(self, common_name: str, names: list[x509.GeneralName], usage: ObjectIdentifier) -> Pair:
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)]), self.pair.certificate.subject, key)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False).add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        return Pair(builder.sign(self._key, hashes.SHA256()), key)


def server_context(certificate: pathlib.Path, key: pathlib.Path, authority: pathlib.Path) -> ssl.SSLContext:
    """A context that shows ``certificate`` and checks a client's certificate, if it sends one, against ``authority``."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.load_verify_locations(authority)
    context.verify_mode = ssl.CERT_OPTIONAL
    return context


def principal(certificate: bytes | None) -> str | None:
    """The account named in a client's DER certificate."""
    if certificate is None:
        return None
    try:
        names = x509.load_der_x509_certificate(certificate).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return None
    for name in names.get_values_for_type(x509.OtherName):
        if name.type_id == PRINCIPAL_NAME:
            return name.value[2:].decode("utf-8", "replace")
    return None


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    return builder.serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1)).not_valid_after(now + _VALID)
