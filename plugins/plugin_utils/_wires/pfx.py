# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A PFX file that a task hands to a server: what it holds, said before anything is sent."""

from __future__ import annotations

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Pfx

try:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import pkcs12
except ImportError:  # then nothing can be said of a file before the server has it
    pkcs12 = None  # type: ignore[assignment]


def opened(content: bytes, password: str) -> Pfx | None:
    """None without the library.  Raises UsageError; neither the password nor the file is part of it."""
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
