# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""BER as LDAP uses it: definite lengths, single-byte tags (RFC 4511, section 5.1)."""

from __future__ import annotations

import typing as t

BOOLEAN, INTEGER, OCTETS, ENUMERATED, SEQUENCE, SET = 0x01, 0x02, 0x04, 0x0A, 0x30, 0x31
_LONG = 0x80


class Malformed(ValueError):
    """These bytes are no BER, or not what was expected."""


def tlv(tag: int, content: bytes) -> bytes:
    """One element."""
    size = len(content)
    if size < _LONG:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, _LONG | len(length))) + length + content


def integer(value: int, tag: int = INTEGER) -> bytes:
    return tlv(tag, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def text(value: str, tag: int = OCTETS) -> bytes:
    return tlv(tag, value.encode())


def number(content: bytes) -> int:
    """The value of an INTEGER or ENUMERATED."""
    return int.from_bytes(content, "big", signed=True)


def extent(data: bytes | bytearray, start: int = 0) -> tuple[int, int] | None:
    """Where the content of the element at ``start`` begins and ends; None as long as its header is incomplete."""
    if len(data) < start + 2:
        return None
    first = data[start + 1]
    begin = start + 2
    if first < _LONG:
        return begin, begin + first
    count = first & ~_LONG
    if not 1 <= count <= 4:
        raise Malformed(f"a length of {count} bytes")
    if len(data) < begin + count:
        return None
    size = int.from_bytes(data[begin : begin + count], "big")
    return begin + count, begin + count + size


def elements(data: bytes) -> t.Iterator[tuple[int, bytes]]:
    """The elements that stand one after another in ``data``: tag and content.  Raises `Malformed`."""
    position = 0
    while position < len(data):
        found = extent(data, position)
        if found is None or found[1] > len(data):
            raise Malformed("an element ends too early")
        yield data[position], data[found[0] : found[1]]
        position = found[1]


def sequence(data: bytes, least: int) -> list[tuple[int, bytes]]:
    """The elements of a sequence that has at least so many.  Raises `Malformed`."""
    found = list(elements(data))
    if len(found) < least:
        raise Malformed(f"a sequence of {len(found)} elements where {least} are needed")
    return found
