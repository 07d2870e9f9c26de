# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is in a PKCS #12 file: whether its password opens it, the certificate that belongs to its key, and the chain."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import MissingLibrary, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Pfx

try:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.serialization import pkcs12
except ImportError:  # then nothing can be said of a file before the server has it
    pkcs12 = None  # type: ignore[assignment]


class Contents(t.NamedTuple):
    """``own`` is the certificate of the key, or the first one of a file without key; ``chain`` counts the others."""

    own: x509.Certificate
    has_key: bool
    chain: int

    @property
    def certificate(self) -> bytes:
        """DER."""
        return self.own.public_bytes(serialization.Encoding.DER)


def read(content: bytes, password: str) -> Contents:
    """Raises ValueError with a sentence that holds nothing of the file and nothing of the password, `MissingLibrary`."""
    if pkcs12 is None:
        raise MissingLibrary("the Python library cryptography is needed to look into a PFX file")
    if content.startswith(b"$ANSIBLE_VAULT"):
        raise ValueError("it is encrypted by ansible-vault; leave the file as it was exported, and keep its password in a vault")
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(content, password.encode() or None)
    except ValueError:
        raise ValueError("it is no PFX file, or its password is another one" if password else "it is no PFX file, or it needs a password") from None
    if certificate is None and not others:
        raise ValueError("it holds no certificate")
    if key is not None and certificate is None:  # a certificate is the file's own because its key fits
        raise ValueError("its private key does not belong to its certificate")
    own = others[0] if certificate is None else certificate
    return Contents(own, key is not None, len(others) - (certificate is None))


def opened(content: bytes, password: str) -> Pfx | None:
    """A file that a task hands to a server, said before anything is sent; None without the library.

    Raises UsageError; neither the password nor the file is part of it.
    """
    if pkcs12 is None:
        return None
    try:
        found = read(content, password)
    except ValueError as error:
        advice = "Check password, and that content is the whole file, as ansible.builtin.slurp returns it"
        raise UsageError(f"the PFX file cannot be used: {error}", advice=advice) from None
    if not found.has_key:
        raise UsageError("the PFX file has no private key", advice="Export the certificate with its private key")
    own = found.own
    return Pfx(own.fingerprint(hashes.SHA1()).hex().upper(), own.subject.rfc4514_string(), own.not_valid_before_utc, own.not_valid_after_utc)
