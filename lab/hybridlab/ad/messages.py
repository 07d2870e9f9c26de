# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""LDAP messages: requests from bytes, responses to bytes (RFC 4511, section 4)."""

from __future__ import annotations

import dataclasses
import typing as t

from hybridlab.ad import ber, filter_tree

BIND, UNBIND, SEARCH, MODIFY, ADD, DELETE, RENAME, COMPARE, ABANDON, EXTENDED = 0x60, 0x42, 0x63, 0x66, 0x68, 0x4A, 0x6C, 0x6E, 0x50, 0x77
ANSWERS = {BIND: 0x61, SEARCH: 0x65, MODIFY: 0x67, ADD: 0x69, DELETE: 0x6B, RENAME: 0x6D, COMPARE: 0x6F, EXTENDED: 0x78}
ENTRY = 0x64
_CONTROLS = 0xA0
CHANGES = ("add", "delete", "replace", "increment")

Attributes = list[tuple[str, list[bytes]]]


@dataclasses.dataclass(frozen=True, slots=True)
class Control:
    oid: str
    critical: bool
    value: bytes = b""


@dataclasses.dataclass(frozen=True, slots=True)
class Bind:
    """``mechanism`` is empty for a simple bind; ``credentials`` is the password then."""

    version: int
    name: str
    mechanism: str
    credentials: bytes = dataclasses.field(repr=False)


@dataclasses.dataclass(frozen=True, slots=True)
class Search:
    """``scope``: 0 the base alone, 1 its children, 2 everything below and the base."""

    base: str
    scope: int
    size_limit: int
    types_only: bool
    filter: filter_tree.Filter
    attributes: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """``kind`` is one of `CHANGES`."""

    kind: str
    name: str
    values: list[bytes] = dataclasses.field(repr=False)


@dataclasses.dataclass(frozen=True, slots=True)
class Modify:
    dn: str
    changes: list[Change]


@dataclasses.dataclass(frozen=True, slots=True)
class Add:
    dn: str
    attributes: Attributes = dataclasses.field(repr=False)


@dataclasses.dataclass(frozen=True, slots=True)
class Delete:
    dn: str


@dataclasses.dataclass(frozen=True, slots=True)
class Rename:
    """``superior`` is None where the object stays below its parent."""

    dn: str
    rdn: str
    delete_old: bool
    superior: str | None


@dataclasses.dataclass(frozen=True, slots=True)
class Compare:
    dn: str
    name: str
    value: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class Extended:
    oid: str
    value: bytes


Operation: t.TypeAlias = Bind | Search | Modify | Add | Delete | Rename | Compare | Extended | None


@dataclasses.dataclass(frozen=True, slots=True)
class Message:
    """``operation`` is None for what needs no answer: unbind and abandon."""

    number: int
    tag: int
    operation: Operation
    controls: tuple[Control, ...] = ()


def decode(data: bytes) -> Message:
    """A request, from its bytes.  Raises `ber.Malformed`."""
    try:
        (_, content), *_rest = ber.elements(data)
        parts = ber.sequence(content, 2)
        tag, body = parts[1]
        controls = [control for kind, value in parts[2:] if kind == _CONTROLS for control in _controls(value)]
        reader = _READERS.get(tag)
        return Message(ber.number(parts[0][1]), tag, reader(body) if reader else None, tuple(controls))
    except (UnicodeDecodeError, IndexError) as error:
        raise ber.Malformed(str(error)) from error


def _controls(content: bytes) -> t.Iterator[Control]:
    for _, one in ber.elements(content):
        oid, critical, value = "", False, b""
        for tag, part in ber.elements(one):
            if tag == ber.BOOLEAN:
                critical = part != b"\0"
            elif not oid:
                oid = part.decode()
            else:
                value = part
        yield Control(oid, critical, value)


def _bind(body: bytes) -> Bind:
    version, name, credentials = ber.sequence(body, 3)[:3]
    if credentials[0] == 0x80:
        return Bind(ber.number(version[1]), name[1].decode(), "", credentials[1])
    mechanism, *token = ber.sequence(credentials[1], 1)
    return Bind(ber.number(version[1]), name[1].decode(), mechanism[1].decode(), token[0][1] if token else b"")


def _search(body: bytes) -> Search:
    base, scope, _, size, _, types_only, condition, attributes = [*ber.sequence(body, 8)][:8]
    return Search(
        base[1].decode(),
        ber.number(scope[1]),
        ber.number(size[1]),
        types_only[1] != b"\0",
        filter_tree.decode(*condition),
        tuple(name.decode() for _, name in ber.elements(attributes[1])),
    )


def _attribute(content: bytes) -> tuple[str, list[bytes]]:
    name, values = ber.sequence(content, 2)[:2]
    return name[1].decode(), [value for _, value in ber.elements(values[1])]


def _modify(body: bytes) -> Modify:
    dn, changes = ber.sequence(body, 2)[:2]
    found = []
    for _, change in ber.elements(changes[1]):
        kind, attribute = ber.sequence(change, 2)[:2]
        found.append(Change(CHANGES[ber.number(kind[1])], *_attribute(attribute[1])))
    return Modify(dn[1].decode(), found)


def _add(body: bytes) -> Add:
    dn, attributes = ber.sequence(body, 2)[:2]
    return Add(dn[1].decode(), [_attribute(one) for _, one in ber.elements(attributes[1])])


def _rename(body: bytes) -> Rename:
    dn, rdn, delete_old, *superior = ber.sequence(body, 3)
    return Rename(dn[1].decode(), rdn[1].decode(), delete_old[1] != b"\0", superior[0][1].decode() if superior else None)


def _compare(body: bytes) -> Compare:
    dn, assertion = ber.sequence(body, 2)[:2]
    name, value = ber.sequence(assertion[1], 2)[:2]
    return Compare(dn[1].decode(), name[1].decode(), value[1])


def _extended(body: bytes) -> Extended:
    parts = dict(ber.elements(body))
    return Extended(parts.get(0x80, b"").decode(), parts.get(0x81, b""))


_READERS: dict[int, t.Callable[[bytes], Operation]] = {
    BIND: _bind,
    SEARCH: _search,
    MODIFY: _modify,
    ADD: _add,
    DELETE: lambda body: Delete(body.decode()),
    RENAME: _rename,
    COMPARE: _compare,
    EXTENDED: _extended,
}


def encode(number: int, tag: int, body: bytes, controls: t.Sequence[Control] = ()) -> bytes:
    """A response as it goes over the wire."""
    content = ber.integer(number) + ber.tlv(tag, body)
    if controls:
        content += ber.tlv(_CONTROLS, b"".join(ber.tlv(ber.SEQUENCE, ber.text(one.oid) + ber.tlv(ber.OCTETS, one.value)) for one in controls))
    return ber.tlv(ber.SEQUENCE, content)


def result(code: int, matched: str = "", diagnostic: str = "", extra: bytes = b"") -> bytes:
    """The body that ends an operation; ``extra`` is what follows its three common parts."""
    return ber.integer(code, ber.ENUMERATED) + ber.text(matched) + ber.text(diagnostic) + extra


def entry(dn: bytes, attributes: t.Iterable[tuple[bytes, t.Iterable[bytes]]]) -> bytes:
    """The body of one search result."""
    tlv = ber.tlv
    parts = [tlv(0x30, name + tlv(0x31, b"".join([tlv(0x04, value) for value in values]))) for name, values in attributes]
    return tlv(0x04, dn) + tlv(0x30, b"".join(parts))
