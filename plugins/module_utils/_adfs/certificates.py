# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates as AD FS shows them: thumbprints, and what their bytes say.

PowerShell serialises a certificate as its bytes (``RawData``), from which a client of .NET makes it again; here the bytes are read.
Sources: RFC 5280 sections 4.1 and 4.2.1.6, X.690 (DER).
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import datetime
import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import certificate_names, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._entra import certificate

STORE = "Cert:\\LocalMachine\\My"
_COMMON_NAME, _ALTERNATIVE = b"\x55\x04\x03", b"\x55\x1d\x11"
_SEQUENCE, _SET, _OID, _OCTETS, _EXTENSIONS, _DNS, _VERSION = 0x30, 0x31, 0x06, 0x04, 0xA3, 0x82, 0xA0
_THUMBPRINT = re.compile(r"[0-9A-F]{40}")


@dataclasses.dataclass(frozen=True)
class Facts:
    """What is known of a certificate.  ``names`` are the DNS names that it is for."""

    thumbprint: str
    not_before: datetime.datetime
    not_after: datetime.datetime
    subject: str
    names: tuple[str, ...]

    def days_left(self, now: datetime.datetime) -> int:
        return (self.not_after - now) // datetime.timedelta(days=1)

    def covers(self, name: str) -> bool:
        """Whether it is for this name, also by an asterisk in place of the first label."""
        return certificate_names.covers(name, self.names)

    def shown(self, now: datetime.datetime) -> dict[str, t.Any]:
        return {
            "thumbprint": self.thumbprint,
            "subject": self.subject,
            "names": list(self.names),
            "not_before": f"{self.not_before:%Y-%m-%dT%H:%M:%SZ}",
            "not_after": f"{self.not_after:%Y-%m-%dT%H:%M:%SZ}",
            "days_left": self.days_left(now),
        }


def thumbprint(value: t.Any) -> str:
    """A thumbprint as Windows keeps it, of one that was copied from a window, with blanks and marks of direction.  Raises ValueError.

    >>> thumbprint("\\u200e3c 8e 4f 00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff 01")
    '3C8E4F00112233445566778899AABBCCDDEEFF01'
    """
    found = re.sub(r"[\s:\u200e\u200f]", "", values.text(value)).upper()
    if not _THUMBPRINT.fullmatch(found):
        raise ValueError("it is no thumbprint: 40 hexadecimal digits are expected, of the SHA-1 that Windows shows")
    return found


def option(name: str, value: t.Any) -> str:
    """A thumbprint that an option gives.  Raises UsageError."""
    try:
        return thumbprint(value)
    except ValueError as error:
        raise UsageError(f"{name}: {error}") from None


def parse(der: bytes) -> Facts:
    """Raises ValueError for what is no certificate."""
    try:
        basic = certificate.parse(der)
        fields = certificate.elements(certificate.elements(certificate.elements(der)[0][1])[0][1])
        subject = fields[5 if fields[0][0] == _VERSION else 4][1]
        common = _common_name(subject)
        names = [name for tag, content in fields if tag == _EXTENSIONS for name in _alternative_names(content)]
    except IndexError:
        raise ValueError("it is no certificate") from None
    return Facts(basic.thumbprint, basic.not_before, basic.not_after, common, tuple(dict.fromkeys([*names, *([common] if common else [])])))


def _common_name(subject: bytes) -> str:
    """The common name; empty for a subject without one."""
    for _tag, relative in certificate.elements(subject):
        for _inner, pair in certificate.elements(relative):
            (_kind, identifier), (_form, value) = certificate.elements(pair)
            if identifier == _COMMON_NAME:
                return value.decode("utf-8", "replace")
    return ""


def _alternative_names(content: bytes) -> t.Iterator[str]:
    for _tag, extension in certificate.elements(certificate.elements(content)[0][1]):
        parts = certificate.elements(extension)
        if parts[0] == (_OID, _ALTERNATIVE) and parts[-1][0] == _OCTETS:
            for tag, name in certificate.elements(certificate.elements(parts[-1][1])[0][1]):
                if tag == _DNS:
                    yield name.decode("ascii", "replace")


def read(value: t.Any) -> Facts:
    """A certificate of a server's answer: an object with its bytes, or these.  Raises ValueError."""
    raw = next((one for name, one in value.items() if values.fold(name) == "rawdata"), None) if isinstance(value, t.Mapping) else value
    try:
        return parse(raw if isinstance(raw, bytes) else base64.b64decode(str(raw or ""), validate=True))
    except binascii.Error:
        raise ValueError("it is no certificate") from None


def in_store(session: Session) -> dict[str, Facts]:
    """The certificates of the machine by thumbprint.  Raises HybridError."""
    found = {}
    for one in session.invoke("Get-ChildItem", {"Path": STORE}).output:
        try:
            facts = read(one)
        except ValueError as error:
            raise HybridError(f"a certificate in {STORE} cannot be understood: {error}", cmdlet="Get-ChildItem", target=session.target) from None
        found[facts.thumbprint] = facts
    return found


def fitting(session: Session, wanted: str, names: t.Iterable[str], now: datetime.datetime) -> Facts:
    """A certificate of the machine that may be presented under these names from now on.  Raises UsageError."""
    found = in_store(session).get(wanted)
    if found is None:
        advice = "Import it there with ansible.windows.win_certificate_store, on every federation server and every proxy"
        raise UsageError(f"there is no certificate {wanted} in {STORE}", target=session.target, advice=advice)
    problem = unfit(found, names, now)
    if problem:
        raise UsageError(f"certificate {wanted} {problem}", target=session.target)
    return found


def unfit(found: Facts, names: t.Iterable[str], now: datetime.datetime) -> str:
    """Why a certificate must not be presented under these names; empty where nothing is against it."""
    if found.not_after <= now:
        return f"ended on {found.not_after:%Y-%m-%d}"
    if found.not_before > now:
        return f"does not begin before {found.not_before:%Y-%m-%d %H:%M} UTC"
    missing = [name for name in names if not found.covers(name)]
    return f"is for {', '.join(found.names) or 'no name'}, not for {', '.join(missing)}" if missing else ""
