# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is in a PKCS #12 file: whether its password opens it, the certificate that belongs to its key, and the chain."""

from __future__ import annotations

import dataclasses

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import MissingLibrary

try:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.serialization import pkcs12
except ImportError as error:
    _MISSING: str = str(error)
else:
    _MISSING = ""


@dataclasses.dataclass(frozen=True)
class Contents:
    """``certificate`` is DER; ``chain`` counts the other certificates."""

    certificate: bytes
    has_key: bool
    chain: int


def read(content: bytes, password: str) -> Contents:
    """Raises ValueError with a sentence that holds nothing of the file and nothing of the password, `MissingLibrary`."""
    if _MISSING:
        raise MissingLibrary("the Python library cryptography is needed to look into a PFX file")
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(content, password.encode() or None)
    except ValueError:
        raise ValueError("it is no PFX file, or its password is another one") from None
    if certificate is None and not others:
        raise ValueError("it holds no certificate")
    own = certificate if certificate is not None else others[0]
    return Contents(own.public_bytes(serialization.Encoding.DER), key is not None, len(others) - (certificate is None))
