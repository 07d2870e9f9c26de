# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The certificates of a server: how they read, how they are named, and what a file holds.

Sources: Microsoft's references of Get-, New-, Import-, Enable- and Remove-ExchangeCertificate.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import hashlib
import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, Truncated, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.hybrid_configuration import texts

GET = "Get-ExchangeCertificate"
SERVICES = ("imap", "pop", "um", "iis", "smtp", "federation", "um_call_router")
PENDING = "pending_request"
Row = dict[str, t.Any]
_PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
_THUMBPRINT = re.compile(r"[0-9A-F]{40}")
_SEQUENCE, _INTEGER, _OBJECT = 0x30, 0x02, 0x06


def thumbprint(value: t.Any) -> str:
    """40 digits in capitals; blanks, colons and the invisible mark that Windows' dialogue puts in front are left out.  Raises ValueError."""
    found = re.sub(r"[\s:\u200e]", "", values.text(value)).upper()
    if not _THUMBPRINT.fullmatch(found):
        raise ValueError(f"{value!r} is not a thumbprint, which has 40 hexadecimal digits and needs quotes in YAML")
    return found


_SERVICES = values.flags(SERVICES)
_WORD = values.Codec(lambda value: values.snake(values.text(value)) or None)
_COLUMNS: dict[str, tuple[str, values.Codec]] = {
    "thumbprint": ("thumbprint", values.Codec(thumbprint)),
    "subject": ("subject", values.TEXT),
    "issuer": ("issuer", values.TEXT),
    "domains": ("certificatedomains", values.Codec(texts)),
    "services": ("services", values.Codec(lambda value: sorted(_SERVICES.load(value)))),
    "status": ("status", _WORD),
    "not_before": ("notbefore", values.CODECS["timestamp"]),
    "not_after": ("notafter", values.CODECS["timestamp"]),
    "has_private_key": ("hasprivatekey", values.CODECS["bool"]),
    "private_key_exportable": ("privatekeyexportable", values.CODECS["bool"]),
    "self_signed": ("isselfsigned", values.CODECS["bool"]),
    "root_ca_type": ("rootcatype", _WORD),
    "friendly_name": ("friendlyname", values.TEXT),
    "serial_number": ("serialnumber", values.TEXT),
    "key_size": ("publickeysize", values.CODECS["int"]),
}
PROPERTIES = tuple(read for read, _codec in _COLUMNS.values())


def row(found: t.Any, target: str) -> Row:
    """One certificate.  Raises HybridError for one that came without its properties."""
    folded = {values.fold(str(name)): value for name, value in found.items()} if isinstance(found, t.Mapping) else {}
    try:
        shown = {name: codec.load(folded.get(read)) for name, (read, codec) in _COLUMNS.items()}
    except ValueError as error:
        advice = "Exchange shows them in a session that allows Select-Object only"
        raise HybridError(f"a certificate's properties cannot be read: {error}", cmdlet=GET, target=target, advice=advice) from None
    return shown | {"days_left": days_left(shown["not_after"])}


def days_left(end: str | None) -> int | None:
    """Whole days until then; negative when it has passed."""
    if end is None:
        return None
    return (datetime.datetime.fromisoformat(end) - datetime.datetime.now(datetime.UTC)) // datetime.timedelta(days=1)


def listed(session: engine.Tally, given: t.Mapping[str, t.Any]) -> list[Row]:
    """All certificates and requests of a server.  An unknown thumbprint is no class of its own among the errors, so none is asked for."""
    answer = session.invoke(GET, given, properties=PROPERTIES)
    if answer.truncated:
        raise Truncated(f"the server returned {len(answer.output)} certificates and has more", cmdlet=GET, target=session.target)
    return [row(one, session.target) for one in answer.output]


class File(t.NamedTuple):
    """What a task gives as content.  ``thumbprint`` is None where only opening the file, or nothing, tells it."""

    data: bytes
    is_pfx: bool
    thumbprint: str | None


def file(content: str) -> File:
    """A PFX, PKCS #7 or DER file in base64, or a certificate in PEM.  Raises UsageError; the content is never part of it."""
    blocks = _PEM.findall(content)
    if any("KEY" in label for label, _body in blocks):
        advice = "Exchange takes a key in a PFX file only; openssl pkcs12 -export makes one of a certificate and a key"
        raise UsageError("content is a private key in PEM", advice=advice)
    certificates = [body for label, body in blocks if "CERTIFICATE" in label and "REQUEST" not in label]
    if blocks and len(certificates) != 1:
        raise UsageError(f"content holds {len(certificates)} certificates in PEM", advice="Give the one that was issued; its chain is for the store of Windows")
    try:
        data = base64.b64decode("".join((certificates[0] if blocks else content).split()), validate=True)
        kind = _second_tag(data)
    except (binascii.Error, ValueError, IndexError):
        advice = "Give a file as ansible.builtin.slurp on the control node returns it, which is base64"
        raise UsageError("content is neither base64 of a PFX file or a certificate, nor a certificate in PEM", advice=advice) from None
    known = hashlib.sha1(data, usedforsecurity=False).hexdigest().upper() if kind == _SEQUENCE else None
    return File(data, kind == _INTEGER, known)


def _second_tag(data: bytes) -> int:
    """The tag of the first member of the outer sequence: a version in a PFX, a sequence in a certificate, an object identifier in PKCS #7."""
    if data[0] != _SEQUENCE:
        raise ValueError("no sequence")
    tag = data[2 + (data[1] & 0x7F if data[1] & 0x80 else 0)]
    if tag not in (_INTEGER, _SEQUENCE, _OBJECT):
        raise ValueError("neither of them")
    return tag
