# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is in a PKCS #12 file: whether its password opens it, the certificate that belongs to its key, and the chain."""

from __future__ import annotations

import dataclasses

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import MissingLibrary, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Pfx

try:
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.serialization import pkcs12
except ImportError:  # then nothing can be said of a file before the server has it
    pkcs12 = None  # type: ignore[assignment]


@dataclasses.dataclass(frozen=True)
class Contents:
    """``certificate`` is DER; ``chain`` counts the other certificates."""

    certificate: bytes
    has_key: bool
    chain: int


def read(content: bytes, password: str) -> Contents:
    """Raises ValueError with a sentence that holds nothing of the file and nothing of the password, `MissingLibrary`."""
    if pkcs12 is None:
        raise MissingLibrary("the Python library cryptography is needed to look into a PFX file")
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(content, password.encode() or None)
    except ValueError:
        raise ValueError("it is no PFX file, or its password is another one") from None
    if certificate is None and not others:
        raise ValueError("it holds no certificate")
    own = certificate if certificate is not None else others[0]
    return Contents(own.public_bytes(serialization.Encoding.DER), key is not None, len(others) - (certificate is None))


def opened(content: bytes, password: str) -> Pfx | None:
    """A file that a task hands to a server, said before anything is sent; None without the library.

    Raises UsageError; neither the password nor the file is part of it.
    """
    if pkcs12 is None:
        return None
    try:
        key, found, others = pkcs12.load_key_and_certificates(content, password.encode() or None)
    except ValueError:
        why = "this password does not open it, or it is damaged" if password else "it needs a password, or it is damaged"
        advice = "Check password, and that content is the whole file, as ansible.builtin.slurp returns it"
        raise UsageError(f"the PFX file cannot be opened: {why}", advice=advice) from None
    if key is None and (found or others):  # without a key, no certificate counts as the file's own
        raise UsageError("the PFX file has no private key", advice="Export the certificate with its private key")
    if found is None:
        raise UsageError("the PFX file holds no certificate")
    if key is None or key.public_key() != found.public_key():
        raise UsageError("the private key of the PFX file does not belong to its certificate")
    thumbprint = found.fingerprint(hashes.SHA1()).hex().upper()
    return Pfx(thumbprint, found.subject.rfc4514_string(), found.not_valid_before_utc, found.not_valid_after_utc)
