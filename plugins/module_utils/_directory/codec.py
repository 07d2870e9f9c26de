# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of directory attributes, as bytes and as plain values.

A plain value is text, an integer, true or false.  Identifiers are in their usual spelling, times are ISO 8601 in UTC, octets base64; a
large integer that is a time and means that there is none, or no end, is the word ``never``.  Sources: [MS-DTYP] 2.3.3 (FILETIME), 2.3.4
(GUID) and 2.4.2 (SID), RFC 4517 (generalized time).
"""

from __future__ import annotations

import base64
import binascii
import datetime
import re
import struct
import typing as t
import uuid

NEVER = "never"
ENDLESS = 0x7FFFFFFFFFFFFFFF
_EPOCH = datetime.datetime(1601, 1, 1, tzinfo=datetime.UTC)
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:[.,]\d+)?(Z|[+-]\d{4})\Z")
_SID = re.compile(r"(?i)S-1-(\d+)((?:-\d+){1,15})\Z")
Load = t.Callable[[bytes], t.Any]
Dump = t.Callable[[t.Any], "str | bytes"]


def guid(value: bytes) -> str:
    """16 bytes, the first three groups in little-endian order."""
    return str(uuid.UUID(bytes_le=value))


def guid_bytes(value: t.Any) -> bytes:
    return uuid.UUID(str(value).strip()).bytes_le


def sid(value: bytes) -> str:
    count = value[1]
    numbers = struct.unpack(f"<{count}I", value[8 : 8 + 4 * count])
    return "-".join(("S", str(value[0]), str(int.from_bytes(value[2:8], "big")), *map(str, numbers)))


def sid_bytes(value: t.Any) -> bytes:
    """Raises ValueError."""
    match = _SID.match(str(value).strip())
    if not match:
        raise ValueError(f"{value!r} is not a SID such as S-1-5-21-1-2-3-1104")
    numbers = [int(one) for one in match.group(2).split("-")[1:]]
    if any(one >= 1 << 32 for one in numbers) or int(match.group(1)) >= 1 << 48:
        raise ValueError(f"{value!r} is not a SID: a number in it is too large")
    return struct.pack("BB", 1, len(numbers)) + int(match.group(1)).to_bytes(6, "big") + struct.pack(f"<{len(numbers)}I", *numbers)


def filetime(value: bytes) -> str | int:
    """100 ns since 1601; what is no time of the calendar stays a number, as an interval does."""
    ticks = int(value)
    if ticks in (0, ENDLESS, -ENDLESS - 1):
        return NEVER
    try:
        return _iso(_EPOCH + datetime.timedelta(microseconds=ticks // 10))
    except OverflowError:
        return ticks


def ticks(value: t.Any) -> str:
    """A time as 100 ns since 1601.  Raises ValueError."""
    if str(value).strip().lower() == NEVER:
        return "0"
    span = moment(value) - _EPOCH
    return str((span.days * 86400 + span.seconds) * 10_000_000)


def moment(value: t.Any) -> datetime.datetime:
    """A time that somebody wrote; one without a zone is UTC.  Raises ValueError."""
    try:
        found = value if isinstance(value, datetime.datetime) else datetime.datetime.fromisoformat(str(value).strip())
        found = found.replace(tzinfo=datetime.UTC) if found.tzinfo is None else found.astimezone(datetime.UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{value!r} is not a time such as 2026-03-01T10:00:00Z") from None
    if found < _EPOCH:
        raise ValueError(f"{value!r} is before 1601")
    return found


def generalized(value: bytes) -> str:
    match = _TIME.match(value.decode("ascii", "replace"))
    if not match:
        return value.decode("ascii", "replace")
    *numbers, zone = match.groups()
    found = datetime.datetime(*(int(one) for one in numbers), tzinfo=datetime.UTC)  # type: ignore[misc,arg-type]
    shift = 0 if zone == "Z" else (1 if zone[0] == "+" else -1) * (int(zone[1:3]) * 60 + int(zone[3:]))
    return _iso(found - datetime.timedelta(minutes=shift))


def generalized_text(value: t.Any) -> str:
    return moment(value).strftime("%Y%m%d%H%M%S.0Z")


def _iso(value: datetime.datetime) -> str:
    return value.replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def text(value: bytes) -> str:
    """What is no UTF-8 is shown in base64, so that no value is changed on its way."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return octets(value)


def octets(value: bytes) -> str:
    return base64.b64encode(value).decode()


def octets_bytes(value: t.Any) -> bytes:
    """Raises ValueError."""
    try:
        return base64.b64decode(str(value), validate=True)
    except binascii.Error:
        raise ValueError("it is not base64") from None


def boolean(value: bytes) -> bool:
    return value.upper() == b"TRUE"


def boolean_text(value: t.Any) -> str:
    return "TRUE" if value is True or str(value).strip().lower() in ("true", "yes", "1", "on") else "FALSE"


def integer_text(value: t.Any) -> str:
    """Raises ValueError."""
    if isinstance(value, bool):
        raise ValueError(f"{value!r} is not a whole number")
    return str(int(str(value).strip()))


LOAD: dict[str, Load] = {
    "text": text,
    "dn": text,
    "bool": boolean,
    "int": int,
    "int64": int,
    "filetime": filetime,
    "time": generalized,
    "guid": guid,
    "sid": sid,
    "octets": octets,
}
DUMP: dict[str, Dump] = {
    "text": str,
    "dn": str,
    "bool": boolean_text,
    "int": integer_text,
    "int64": integer_text,
    "filetime": ticks,
    "time": generalized_text,
    "guid": guid_bytes,
    "sid": sid_bytes,
    "octets": octets_bytes,
}


def load(kind: str, values: t.Iterable[bytes]) -> list[t.Any]:
    """Plain values; one that is not what the schema says is shown in base64, never dropped."""
    one = LOAD[kind]
    try:
        return [one(value) for value in values]
    except (ValueError, IndexError, struct.error):
        return [octets(value) for value in values]
