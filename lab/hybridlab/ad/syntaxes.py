# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How values look on the wire, and when two of them are the same: the syntaxes of Active Directory (MS-ADTS, section 3.1.1.2.2.2)."""

from __future__ import annotations

import datetime
import re
import typing as t
import uuid

Key = t.Hashable
NEVER = 0x7FFFFFFFFFFFFFFF
_FILETIME_EPOCH = datetime.datetime(1601, 1, 1, tzinfo=datetime.UTC)
_TIME = re.compile(rb"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d+)?Z$")
_SID = re.compile(r"S-1-(\d+)((?:-\d+)+)$", re.IGNORECASE)
_INTEGER = re.compile(rb"-?\d+$")


def string_key(value: bytes) -> str:
    """Case and runs of spaces do not count.  Raises ValueError for what is no UTF-8."""
    return " ".join(value.decode().split()).casefold()


def _exact(value: bytes) -> bytes:
    return value


def _number(bits: int) -> t.Callable[[bytes], int]:
    def key(value: bytes) -> int:
        if not _INTEGER.match(value):
            raise ValueError("no number")
        found = int(value)
        if not -(1 << bits - 1) <= found < 1 << bits - 1:
            raise ValueError("out of range")
        return found

    return key


def _boolean(value: bytes) -> bool:
    if value not in (b"TRUE", b"FALSE"):
        raise ValueError("TRUE or FALSE")
    return value == b"TRUE"


def _time_key(value: bytes) -> datetime.datetime:
    match = _TIME.match(value)
    if match is None:
        raise ValueError("no generalized time")
    return datetime.datetime(*(int(part) for part in match.groups()), tzinfo=datetime.UTC)  # type: ignore[misc,arg-type]


def _sid_key(value: bytes) -> bytes:
    return sid_bytes(value.decode()) if value[:2] in (b"S-", b"s-") else value


KEYS: dict[str, t.Callable[[bytes], Key]] = {
    "unicode": string_key,
    "teletex": string_key,
    "printable": string_key,
    "ia5": string_key,
    "numeric": string_key,
    "oid": string_key,
    "dn": string_key,
    "dnbinary": string_key,
    "dnstring": string_key,
    "orname": string_key,
    "presentation": string_key,
    "exact": _exact,
    "octets": _exact,
    "descriptor": _exact,
    "integer": _number(32),
    "int64": _number(64),
    "boolean": _boolean,
    "time": _time_key,
    "utctime": _exact,
    "sid": _sid_key,
}
STRINGS = frozenset({"unicode", "teletex", "printable", "ia5", "numeric", "oid", "exact"})


def generalized_time(moment: datetime.datetime) -> bytes:
    return moment.strftime("%Y%m%d%H%M%S.0Z").encode()


def filetime(moment: datetime.datetime) -> int:
    """Steps of 100 ns since 1601."""
    return int((moment - _FILETIME_EPOCH) / datetime.timedelta(microseconds=1)) * 10


def sid_bytes(text: str) -> bytes:
    """``S-1-5-21-…`` as it is stored.  Raises ValueError."""
    match = _SID.match(text)
    if match is None:
        raise ValueError(f"no SID: {text}")
    parts = [int(part) for part in match.group(2)[1:].split("-")]
    return bytes((1, len(parts))) + int(match.group(1)).to_bytes(6, "big") + b"".join(part.to_bytes(4, "little") for part in parts)


def sid_text(value: bytes) -> str:
    parts = [str(int.from_bytes(value[8 + 4 * place : 12 + 4 * place], "little")) for place in range(value[1])]
    return "-".join(["S-1", str(int.from_bytes(value[2:8], "big")), *parts])


def guid_of(text: str) -> uuid.UUID:
    """The GUID in a ``<GUID=…>`` name: dashed, or the hexadecimal digits of the stored bytes.  Raises ValueError."""
    plain = text.strip("{}")
    return uuid.UUID(plain) if "-" in plain else uuid.UUID(bytes_le=bytes.fromhex(plain))
