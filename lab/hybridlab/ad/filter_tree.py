# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a search filter says, as a tree (RFC 4511, section 4.5.1.7)."""

from __future__ import annotations

import dataclasses
import typing as t

from hybridlab.ad import ber

_AND, _OR, _NOT, _EQUAL, _SUBSTRING, _AT_LEAST, _AT_MOST, _PRESENT, _APPROXIMATE, _EXTENSIBLE = 0xA0, 0xA1, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0x87, 0xA8, 0xA9


@dataclasses.dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Filter, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Filter, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Not:
    part: Filter


@dataclasses.dataclass(frozen=True, slots=True)
class Compare:
    """``sign`` is ``=``, ``>=``, ``<=`` or ``~=``."""

    sign: str
    name: str
    value: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class Substring:
    """``initial`` and ``final`` are empty where the filter has none."""

    name: str
    initial: bytes
    middle: tuple[bytes, ...]
    final: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class Present:
    name: str


@dataclasses.dataclass(frozen=True, slots=True)
class Extensible:
    """A matching rule by its OID; empty texts stand for parts that the filter leaves out."""

    rule: str
    name: str
    value: bytes


Filter: t.TypeAlias = And | Or | Not | Compare | Substring | Present | Extensible
_SIGNS = {_EQUAL: "=", _AT_LEAST: ">=", _AT_MOST: "<=", _APPROXIMATE: "~="}


def decode(tag: int, content: bytes) -> Filter:
    """A filter from its element.  Raises `ber.Malformed`."""
    if tag in (_AND, _OR):
        parts = tuple(decode(*one) for one in ber.elements(content))
        return And(parts) if tag == _AND else Or(parts)
    if tag == _NOT:
        return Not(decode(*ber.sequence(content, 1)[0]))
    if tag in _SIGNS:
        name, value = ber.sequence(content, 2)[:2]
        return Compare(_SIGNS[tag], name[1].decode(), value[1])
    if tag == _SUBSTRING:
        return _substring(content)
    if tag == _PRESENT:
        return Present(content.decode())
    if tag == _EXTENSIBLE:
        parts_by_tag = dict(ber.elements(content))
        return Extensible(parts_by_tag.get(0x81, b"").decode(), parts_by_tag.get(0x82, b"").decode(), parts_by_tag.get(0x83, b""))
    raise ber.Malformed(f"a filter of kind {tag:#x}")


def _substring(content: bytes) -> Substring:
    name, pieces = ber.sequence(content, 2)[:2]
    initial, middle, final = b"", [], b""
    for tag, value in ber.elements(pieces[1]):
        if tag == 0x80:
            initial = value
        elif tag == 0x81:
            middle.append(value)
        else:
            final = value
    return Substring(name[1].decode(), initial, tuple(middle), final)
