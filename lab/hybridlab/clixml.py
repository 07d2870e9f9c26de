# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CLIXML of emulated .NET objects, as MS-PSRP section 2.2.5 describes it.

An emulated list has 10,000 objects of 200 properties, so the writer is one pass over plain values that appends to a list;
a general serialiser needs fifteen times as long.
"""

from __future__ import annotations

import base64
import datetime
import math
import re
import typing as t
import uuid

OBJECT_ARRAY = ("System.Object[]", "System.Array", "System.Object")
HASHTABLE = ("System.Collections.Hashtable", "System.Object")
STRING_ELEMENT = "System.String, mscorlib, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089"

# Characters that XML cannot hold, halves of a surrogate pair, and the underscore that would start an escape itself.
_CODED = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\U00010000-\U0010ffff]|_(?=[xX])")
_SPECIAL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\U00010000-\U0010ffff<>&]|_[xX]")


class Obj:
    """A complex object.

    ``types`` are its type names from the most derived to System.Object, ``props`` its .NET properties, ``notes`` the properties
    that PowerShell added, ``string`` its ToString.
    """

    __slots__ = ("notes", "props", "string", "types")

    def __init__(self, types: t.Sequence[str], props: t.Mapping[str, t.Any], notes: t.Mapping[str, t.Any] | None = None, string: str | None = None) -> None:
        self.types = tuple(types)
        self.props = props
        self.notes = notes
        self.string = string


class Rebuilt(Obj):
    """An object that a client rebuilds from what it was serialized as, if it has the object's own type; to all others only ``props`` arrive.

    ``live`` are the properties of the object where it is, for a Select-Object there.
    """

    __slots__ = ("live",)

    def __init__(self, types: t.Sequence[str], props: t.Mapping[str, t.Any], live: t.Mapping[str, t.Any], string: str | None = None) -> None:
        super().__init__(types, props, string=string)
        self.live = live


class ValueObj:
    """An object without properties that is its ToString, as quotas and identities arrive."""

    __slots__ = ("string", "types")

    def __init__(self, types: t.Sequence[str], string: str) -> None:
        self.types = tuple(types)
        self.string = string


class Enum:
    """A value of a .NET enumeration: its number and its name."""

    __slots__ = ("name", "types", "value")

    def __init__(self, type_names: t.Sequence[str], value: int, name: str) -> None:
        self.types = tuple(type_names)
        self.value = value
        self.name = name


class MultiValued:
    """Exchange's list.  ``element_type`` is an assembly-qualified type name, or a complete tuple of the list's own type names."""

    __slots__ = ("items", "types")

    def __init__(self, items: t.Iterable[t.Any], element_type: str | tuple[str, ...] = STRING_ELEMENT) -> None:
        self.items = items if isinstance(items, list) else list(items)
        self.types = multivalued_types(element_type) if isinstance(element_type, str) else element_type


class Tag:
    """A primitive whose element name the caller chooses: ``Tag("Version", "15.1.2507.6")``."""

    __slots__ = ("tag", "text")

    def __init__(self, tag: str, text: str) -> None:
        self.tag = tag
        self.text = text


def multivalued_types(element_type: str) -> tuple[str, ...]:
    """The type names of a MultiValuedProperty of that element type."""
    return (f"Microsoft.Exchange.Data.MultiValuedProperty`1[[{element_type}]]", "Microsoft.Exchange.Data.MultiValuedPropertyBase", "System.Object")


# Strings known to need no escape: the same defaults come with every object of a list.
_plain: set[str] = {""}


def _code(match: re.Match[str]) -> str:
    units = match.group().encode("utf-16-be", "surrogatepass")
    return "".join(f"_x{units[at]:02X}{units[at + 1]:02X}_" for at in range(0, len(units), 2))


def text(value: str) -> str:
    """A string as element content."""
    if value in _plain:
        return value
    # Three times as fast as the expression below, which in turn is right for everything.
    simple = value.isascii() and value.isprintable() and not ("<" in value or ">" in value or "&" in value or "_x" in value or "_X" in value)
    if simple or not _SPECIAL.search(value):
        if len(value) < 100 and len(_plain) < 5_000:
            _plain.add(value)
        return value
    return _CODED.sub(_code, value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _double(value: float) -> str:
    """As XmlConvert writes it: NaN, INF, -INF, otherwise the shortest digits that read back unchanged."""
    return repr(value) if math.isfinite(value) else str(value).upper().replace("NAN", "NaN")


def _duration(value: datetime.timedelta, attribute: str) -> str:
    fraction = f".{value.microseconds:06d}" if value.microseconds else ""
    return f"<TS{attribute}>P{value.days}DT{value.seconds}{fraction}S</TS>"


def _integer(value: int, attribute: str) -> str:
    if -(2**31) <= value < 2**31:
        return f"<I32{attribute}>{value}</I32>"
    if -(2**63) <= value < 2**63:
        return f"<I64{attribute}>{value}</I64>"
    return f"<D{attribute}>{value}</D>"


_SCALARS: dict[type, t.Callable[[t.Any, str], str]] = {
    type(None): lambda value, attribute: f"<Nil{attribute}/>",
    bool: lambda value, attribute: f"<B{attribute}>true</B>" if value else f"<B{attribute}>false</B>",
    str: lambda value, attribute: f"<S{attribute}>{text(value)}</S>",
    int: _integer,
    float: lambda value, attribute: f"<Db{attribute}>{_double(value)}</Db>",
    uuid.UUID: lambda value, attribute: f"<G{attribute}>{value}</G>",
    bytes: lambda value, attribute: f"<BA{attribute}>{base64.b64encode(value).decode('ascii')}</BA>",
    datetime.datetime: lambda value, attribute: f"<DT{attribute}>{value.isoformat().replace('+00:00', 'Z')}</DT>",
    datetime.timedelta: _duration,
    Tag: lambda value, attribute: f"<{value.tag}{attribute}>{text(value.text)}</{value.tag}>",
}

_attributes: dict[str, str] = {}


def _attribute(name: str) -> str:
    """`` N="name"``; kept, because property names repeat for every object."""
    known = _attributes.get(name)
    if known is None:
        known = f' N="{text(name).replace(chr(34), "&quot;")}"'
        if len(_attributes) < 10_000:
            _attributes[name] = known
    return known


class _Writer:
    """One element under construction: its pieces, the type name lists seen so far and the next object number."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.known_types: dict[tuple[str, ...], str] = {}
        self.count = 0

    def value(self, value: t.Any, attribute: str) -> None:
        scalar = _SCALARS.get(type(value))
        if scalar:
            self.out.append(scalar(value, attribute))
        else:
            self.complex(value, attribute)

    def complex(self, value: t.Any, attribute: str) -> None:
        kind = type(value)
        if kind is MultiValued:
            self.start(attribute, value.types)
            self.items(value.items)
        elif kind is ValueObj:
            self.start(attribute, value.types)
            self.out.append(f"<ToString>{text(value.string)}</ToString>")
        elif kind is Enum:
            self.start(attribute, value.types)
            self.out.append(f"<ToString>{text(value.name)}</ToString><I32>{value.value}</I32>")
        elif kind is Obj or kind is Rebuilt:
            self.start(attribute, value.types)
            self.members(value)
        elif isinstance(value, dict):
            self.start(attribute, HASHTABLE)
            self.entries(value)
        elif isinstance(value, (list, tuple)):
            self.start(attribute, OBJECT_ARRAY)
            self.items(value)
        else:
            raise TypeError(f"{kind.__name__} has no CLIXML form")
        self.out.append("</Obj>")

    def start(self, attribute: str, types: tuple[str, ...]) -> None:
        reference = self.known_types.get(types)
        if reference is None:
            number = len(self.known_types)
            self.known_types[types] = f'<TNRef RefId="{number}"/>' if types else ""
            reference = f'<TN RefId="{number}">{"".join(f"<T>{text(name)}</T>" for name in types)}</TN>' if types else ""
        self.out.append(f'<Obj{attribute} RefId="{self.count}">{reference}')
        self.count += 1

    def items(self, items: t.Sequence[t.Any]) -> None:
        if not items:
            self.out.append("<LST/>")
            return
        self.out.append("<LST>")
        for item in items:
            self.value(item, "")
        self.out.append("</LST>")

    def entries(self, entries: t.Mapping[t.Any, t.Any]) -> None:
        self.out.append("<DCT>")
        for key, value in entries.items():
            self.out.append("<En>")
            self.value(key, ' N="Key"')
            self.value(value, ' N="Value"')
            self.out.append("</En>")
        self.out.append("</DCT>")

    def members(self, value: Obj) -> None:
        if value.string is not None:
            self.out.append(f"<ToString>{text(value.string)}</ToString>")
        for section, properties in (("Props", value.props), ("MS", value.notes)):
            if properties:
                self.out.append(f"<{section}>")
                self.properties(properties)
                self.out.append(f"</{section}>")

    def properties(self, properties: t.Mapping[str, t.Any]) -> None:
        """The inner loop of every list: the kinds that make up most of a real object are written in place, without a call each."""
        append = self.out.append
        attributes, plain, known_types = _attributes, _plain, self.known_types
        for name, item in properties.items():
            attribute = attributes.get(name) or _attribute(name)
            kind = type(item)
            if kind is str:
                append(f"<S{attribute}>{item if item in plain else text(item)}</S>")
            elif item is None:
                append(f"<Nil{attribute}/>")
            elif item is False:
                append(f"<B{attribute}>false</B>")
            elif kind is MultiValued and not item.items and item.types in known_types:
                append(f'<Obj{attribute} RefId="{self.count}">{known_types[item.types]}<LST/></Obj>')
                self.count += 1
            else:
                self.value(item, attribute)


def dumps(value: t.Any) -> bytes:
    """One CLIXML element, without the Objs envelope, in UTF-8."""
    writer = _Writer()
    writer.value(value, "")
    return "".join(writer.out).encode()
