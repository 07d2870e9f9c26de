# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A certificate with its private key as the identity platform's library takes it, checked before anything is sent.

Nothing of it goes to a file: the library takes PEM text.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import pathlib
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.plugin_utils.tenant_options import is_path

try:
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import pkcs12
except ImportError:  # `libraries` names what is missing before anything here is used
    x509 = None  # type: ignore[assignment]

_OPTION = "m365_tenant_certificate"
_PASSWORD = "Check m365_tenant_certificate_password"


def certificate(options: t.Mapping[str, t.Any], now: datetime.datetime | None = None) -> dict[str, str]:
    """The credential of the application for msal.  Raises `UsageError` for what cannot log anybody in."""
    content = _content(options["certificate"], _OPTION)
    password = options["certificate_password"].encode() if options["certificate_password"] else None
    if b"-----BEGIN" in content:
        found, key = _of_pem(content, options.get("certificate_key"), password)
    else:
        found, key = _of_pfx(content, password)
    _check(found, key, now or datetime.datetime.now(datetime.UTC))
    clear = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return {"private_key": clear.decode(), "public_certificate": found.public_bytes(serialization.Encoding.PEM).decode()}


def _content(value: str, option: str) -> bytes:
    """What the file holds, or the content itself.  Messages never repeat the value: it may be a secret in the wrong place."""
    if not is_path(value):
        if "-----BEGIN" in value:
            return value.encode()
        try:
            return base64.b64decode("".join(value.split()), validate=True)
        except binascii.Error:
            raise UsageError(f"{option} is neither a path, nor PEM text, nor a PFX file in base64") from None
    try:
        return pathlib.Path(value).read_bytes()
    except OSError as error:
        raise UsageError(f"{option}: the file {value} cannot be read: {error.strerror}") from None


def _of_pem(content: bytes, key: str | None, password: bytes | None) -> tuple[x509.Certificate, t.Any]:
    with_key = content if key is None else _content(key, f"{_OPTION}_key")
    if b"-----BEGIN CERTIFICATE" not in content:
        raise UsageError(f"{_OPTION} contains no certificate", advice="Put the certificate and its private key one after the other")
    if b"PRIVATE KEY-----" not in with_key:
        raise UsageError(f"{_OPTION} has no private key", advice="Add the private key to it, or give it with m365_tenant_certificate_key")
    try:
        found, loaded = x509.load_pem_x509_certificates(content), serialization.load_pem_private_key(_key_block(with_key), password)
    except TypeError:  # the key is encrypted and there is no password, or the other way round
        given = "is not encrypted, but there is a password" if password else "is encrypted"
        raise UsageError(f"The private key of {_OPTION} {given}", advice=_PASSWORD) from None
    except ValueError:
        raise UsageError(f"{_OPTION} or its private key cannot be read", advice=_PASSWORD if password else None) from None
    own = loaded.public_key()
    return next((one for one in found if one.public_key() == own), found[0]), loaded  # a chain may stand in any order


def _key_block(content: bytes) -> bytes:
    """The private key out of a file that may hold certificates before it."""
    start = content.index(b"-----BEGIN", max(0, content.index(b"PRIVATE KEY-----") - 30))
    return content[start:]


def _of_pfx(content: bytes, password: bytes | None) -> tuple[x509.Certificate, t.Any]:
    try:
        key, found, others = pkcs12.load_key_and_certificates(content, password)
    except ValueError:
        raise UsageError(f"{_OPTION} is no PEM text, and no PFX file that this password opens", advice=_PASSWORD) from None
    if key is None and (found or others):  # without a key, no certificate counts as the file's own
        raise UsageError(f"{_OPTION} has no private key", advice="Export the certificate with its private key")
    if found is None:
        raise UsageError(f"{_OPTION} contains no certificate")
    return found, key


def _check(found: x509.Certificate, key: t.Any, now: datetime.datetime) -> None:
    name = found.subject.rfc4514_string() or f"serial {found.serial_number:x}"
    if not isinstance(key, rsa.RSAPrivateKey):
        raise UsageError(f"The private key of the certificate {name} is not an RSA key", advice="The identity platform takes RSA keys of 2048 bits or more")
    if key.public_key() != found.public_key():
        raise UsageError(f"The private key does not belong to the certificate {name}")
    if found.not_valid_after_utc < now:
        raise UsageError(
            f"The certificate {name} expired on {found.not_valid_after_utc:%Y-%m-%d}",
            advice="Make a new certificate and upload its public part to the app registration",
        )
    if found.not_valid_before_utc > now:
        raise UsageError(f"The certificate {name} is not valid before {found.not_valid_before_utc:%Y-%m-%d %H:%M} UTC", advice="Check the clock")
