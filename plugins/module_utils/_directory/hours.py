# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hours of the week at which an account may log on: a bit for each of 168 hours in UTC, from Sunday on, the lowest bit of a byte first.

As an option they are a dictionary of days and spans of whole hours, ``{monday: [8-18]}``.  Source: [MS-SAMR] 2.2.6.5 (SAMPR_LOGON_HOURS).
"""

from __future__ import annotations

import base64
import binascii
import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import values

ALWAYS = "always"
DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_BYTES, _HOURS = 21, 24
_SPAN = re.compile(r"\s*(\d{1,2})\s*-\s*(\d{1,2})\s*\Z")


def load(value: t.Any) -> t.Any:
    """The directory's octets in base64, or what a user wrote: ``always``, or days with their spans, in order and joined.  Raises ValueError."""
    if value in (None, "", ALWAYS):
        return ALWAYS
    return shown(_written(value) if isinstance(value, t.Mapping) else _kept(value))


def shown(week: int) -> t.Any:
    if week == (1 << 7 * _HOURS) - 1:
        return ALWAYS
    days = {day: _spans(week >> number * _HOURS & (1 << _HOURS) - 1) for number, day in enumerate(DAYS)}
    return {day: spans for day, spans in days.items() if spans}


def dump(value: t.Any) -> bytes | None:
    return None if value == ALWAYS else _written(value).to_bytes(_BYTES, "little")


def _kept(value: t.Any) -> int:
    try:
        raw = base64.b64decode(str(value), validate=True)
    except binascii.Error:
        raw = b""
    if len(raw) != _BYTES:
        raise ValueError(f"{value!r} is neither {ALWAYS} nor a dictionary of days with their hours, such as {{monday: [8-18]}}")
    return int.from_bytes(raw, "little")


def _written(value: t.Mapping[t.Any, t.Any]) -> int:
    week = 0
    for day, spans in value.items():
        if str(day).lower() not in DAYS:
            raise ValueError(f"{day!r} is no day; the days are {', '.join(DAYS)}")
        for span in spans if isinstance(spans, (list, tuple)) else [spans]:
            week |= _bits(span) << DAYS.index(str(day).lower()) * _HOURS
    return week


def _bits(span: t.Any) -> int:
    match = _SPAN.match(str(span))
    begin, end = (int(match[1]), int(match[2])) if match else (0, 0)
    if not begin < end <= _HOURS:
        raise ValueError(f"{span!r} is no span of whole hours such as 8-18, at most 0-24")
    return (1 << end) - (1 << begin)


def _spans(day: int) -> list[str]:
    found: list[list[int]] = []
    for hour in range(_HOURS):
        if day >> hour & 1:
            if found and found[-1][1] == hour:
                found[-1][1] = hour + 1
            else:
                found.append([hour, hour + 1])
    return [f"{begin}-{end}" for begin, end in found]


def _key(value: t.Any) -> t.Hashable:
    return ALWAYS if value == ALWAYS else _written(value)


CODEC = values.Codec(load, _key, dump)
