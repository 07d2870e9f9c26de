# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Public certificates as options take them (PEM or base64) and as Microsoft Graph keeps them (base64), told apart by thumbprint.

Only the validity is read out of one.  Sources: RFC 7468 (PEM), RFC 5280 section 4.1 (the certificate), X.690 (DER).
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import datetime
import hashlib
import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import values

_PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
_SEQUENCE, _UTC_TIME, _LONG_TIME, _VERSION = 0x30, 0x17, 0x18, 0xA0


@dataclasses.dataclass(frozen=True)
class Certificate:
    """What is known of a certificate.  ``thumbprint`` is the SHA-1 in capitals, as Windows and AD FS show it."""

    thumbprint: str
    not_before: datetime.datetime
    not_after: datetime.datetime

    def days_left(self, now: datetime.datetime) -> int:
        """Whole days until it ends; negative when it has ended."""
        return (self.not_after - now) // datetime.timedelta(days=1)


def text(value: t.Any) -> str:
    """Base64 in one line, of what a user or the service wrote; empty for none.  Raises ValueError with a sentence."""
    found = values.text(value).strip()
    if not found:
        return ""
    blocks = _PEM.findall(found)
    if any("KEY" in label for label, _body in blocks):
        raise ValueError("it holds a private key, which must never leave its server; give the certificate alone")
    if len(blocks) > 1:
        raise ValueError(f"it holds {len(blocks)} certificates; give the one that signs")
    body = "".join((blocks[0][1] if blocks else found).split())
    try:
        parse(base64.b64decode(body, validate=True))
    except (binascii.Error, IndexError, ValueError):
        raise ValueError("it is no certificate in PEM or base64") from None
    return body


def parse(der: bytes) -> Certificate:
    """Raises ValueError or IndexError for what is no certificate."""
    (tag, whole), *rest = elements(der)
    if tag != _SEQUENCE or rest:
        raise ValueError("no certificate")
    fields = elements(elements(whole)[0][1])
    validity = fields[4 if fields[0][0] == _VERSION else 3]
    begin, end = elements(validity[1])
    return Certificate(hashlib.sha1(der, usedforsecurity=False).hexdigest().upper(), _moment(*begin), _moment(*end))


def read(value: str) -> Certificate:
    """The certificate of a text that `text` made."""
    return parse(base64.b64decode(value))


def _key(value: str | None) -> str:
    return read(value).thumbprint if value else ""


CODEC = values.Codec(text, _key, lambda value: value or None)
"""A public certificate; an empty text is none."""


def elements(data: bytes) -> list[tuple[int, bytes]]:
    """The elements of a DER sequence's content: tag and content."""
    found, at = [], 0
    while at < len(data):
        tag, size, at = data[at], data[at + 1], at + 2
        if size & 0x80:
            count = size & 0x7F
            size, at = int.from_bytes(data[at : at + count], "big"), at + count
        if at + size > len(data):
            raise ValueError("the data ends too early")
        found.append((tag, data[at : at + size]))
        at += size
    return found


def _moment(tag: int, content: bytes) -> datetime.datetime:
    """A time of a certificate, always in UTC; two digits of a year are of 1950 to 2049."""
    digits = content.decode("ascii")
    if tag == _UTC_TIME:
        digits = ("19" if digits[:2] >= "50" else "20") + digits
    elif tag != _LONG_TIME:
        raise ValueError("no time")
    return datetime.datetime.strptime(digits, "%Y%m%d%H%M%SZ").replace(tzinfo=datetime.UTC)
