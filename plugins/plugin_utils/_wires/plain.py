# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CLIXML of the output stream → plain values.

Sources: [MS-PSRP] 2.2.5 (serialization), and captures of Exchange 2016 and 2019.  What becomes of what:
enumerations → their name; objects without properties → their string; MultiValuedProperty and every other list → list;
dictionaries → dict with text keys; dates → ISO 8601 UTC; timespans → ``[d.]hh:mm:ss[.fffffff]`` as Exchange prints its own;
bytes → base64 text; a reference to an enclosing object → that object's string.  Type names and SerializationData are dropped.
"""

from __future__ import annotations

import datetime
import functools
import math
import re
import typing as t
import xml.etree.ElementTree as ET

_ESCAPED = re.compile(r"((?:_x[0-9A-Fa-f]{4}_)+)")
_DATE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?\Z")
_SPAN = re.compile(r"(-)?P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d+))?S)?)?\Z")
_LISTS = frozenset(("LST", "IE", "STK", "QUE"))
_PROPERTIES = frozenset(("Props", "MS"))
# Added by the server for the .NET deserializer: a binary that must never be deserialized, and is of no use here.
_DROPPED = frozenset(("serializationdata",))

SELECTED = frozenset(("get-exchangecertificate", "import-exchangecertificate", "new-exchangecertificate"))
"""Cmdlets whose objects a client without Exchange's own types gets empty but for RawData (captures of CSS-Exchange; office-docs-powershell issues 3493
and 4651): the properties that are wanted of them are taken by Select-Object where the cmdlet runs, which a no-language session allows (pypsrp issue 103)."""


def text(raw: str | None) -> str:
    """The text behind ``_xHHHH_`` escapes (UTF-16 code units; [MS-PSRP] 2.2.5.3.2)."""
    if not raw:
        return ""
    return raw if "_x" not in raw else _ESCAPED.sub(_unescape, raw)


def _unescape(match: re.Match[str]) -> str:
    run = match.group(0)
    units = bytes.fromhex("".join(run[start + 2 : start + 6] for start in range(0, len(run), 7)))
    return units.decode("utf-16-be", "surrogatepass")


@functools.lru_cache(maxsize=4096)
def date(raw: str) -> str:
    """ISO 8601 in UTC; without an offset on the wire it cannot be moved, and none is invented.

    >>> date("2026-03-01T11:00:00.5000000+01:00")
    '2026-03-01T10:00:00.5Z'
    """
    match = _DATE.match(raw)
    if match is None:
        return raw
    moment, fraction, zone = match.groups()
    if zone not in (None, "Z"):
        try:
            moment = datetime.datetime.fromisoformat(moment + zone).astimezone(datetime.UTC).replace(tzinfo=None).isoformat()
        except (OverflowError, ValueError):
            return raw  # DateTime.MinValue with an offset has no UTC form
    fraction = (fraction or "").rstrip("0")
    return moment + (f".{fraction}" if fraction else "") + ("Z" if zone else "")


def span(raw: str) -> str:
    """A timespan in .NET's constant form.

    >>> span("P14DT1H2M3.5S")
    '14.01:02:03.5000000'
    """
    match = _SPAN.match(raw)
    if match is None:
        return raw
    sign, days, hours, minutes, seconds, fraction = match.groups()
    total = ((int(days or 0) * 24 + int(hours or 0)) * 60 + int(minutes or 0)) * 60 + int(seconds or 0)
    whole, rest = divmod(total, 86400)
    clock = f"{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}"
    ticks = (fraction or "").ljust(7, "0")[:7]
    return f"{sign or ''}{f'{whole}.' if whole else ''}{clock}{f'.{ticks}' if ticks.strip('0') else ''}"


def _number(raw: str) -> float | str:
    value = float(raw.replace("INF", "inf"))
    return value if math.isfinite(value) else raw  # JSON has neither NaN nor infinity


def _decimal(raw: str) -> int | float:
    return float(raw) if "." in raw else int(raw)


def _integer(element: ET.Element) -> int:
    return int(element.text or 0)


_PRIMITIVES: dict[str, t.Callable[[ET.Element], t.Any]] = {
    **dict.fromkeys(("S", "URI", "XD", "SBK", "ToString"), lambda e: text(e.text)),
    **dict.fromkeys(("I32", "I64", "I16", "U16", "U32", "U64", "By", "SB"), _integer),
    **dict.fromkeys(("G", "BA", "Version"), lambda e: e.text or ""),
    **dict.fromkeys(("Sg", "Db"), lambda e: _number(e.text or "0")),
    **dict.fromkeys(("Nil", "SS"), lambda e: None),  # a secure string of the server's is nobody's business
    "B": lambda e: (e.text or "").lower() == "true",
    "DT": lambda e: date(e.text or ""),
    "TS": lambda e: span(e.text or ""),
    "D": lambda e: _decimal(e.text or "0"),
    "C": lambda e: chr(int(e.text or 0)),
}


class Converter:
    """Converts one cmdlet's output, object by object.

    ``properties`` are the properties wanted of each top-level object (case does not matter); the others are not converted.
    Property names are shared between all objects, which is a third of the memory of a long list.
    """

    def __init__(self, properties: t.Collection[str] | None = None) -> None:
        self._wanted = None if properties is None else frozenset(name.lower() for name in properties)
        self._names: dict[str, str | None] = {}
        self._top_names: dict[str, str | None] = {}

    def convert(self, data: bytes | str) -> t.Any:
        """The plain value of one serialized object.  Raises ValueError for what is not CLIXML."""
        if not data:
            return None
        try:
            root = ET.fromstring(data)
            return _Document(self, root).value(root, top=True)
        except (ET.ParseError, KeyError, RecursionError) as error:
            raise ValueError(f"the server's answer is not valid CLIXML: {type(error).__name__}: {error}") from error

    def name(self, raw: str, top: bool) -> str | None:
        """A property's name, or None for a property to leave out."""
        names = self._top_names if top else self._names
        if raw in names:
            return names[raw]
        decoded: str | None = text(raw)
        folded = t.cast(str, decoded).lower()
        if folded in _DROPPED or (top and self._wanted is not None and folded not in self._wanted):
            decoded = None
        names[raw] = decoded
        return decoded


class _Document:
    """The references of one serialized object."""

    def __init__(self, converter: Converter, root: ET.Element) -> None:
        self._name = converter.name
        self._root = root
        self._done: dict[str, t.Any] = {}
        self._open: dict[str, str | None] = {}
        self._elements: dict[str, ET.Element] | None = None

    def value(self, element: ET.Element, top: bool = False) -> t.Any:
        primitive = _PRIMITIVES.get(element.tag)
        if primitive is not None:
            return primitive(element)
        if element.tag == "Obj":
            return self._object(element, top)
        if element.tag == "Ref":
            return self._reference(element.attrib["RefId"])
        return element.text or ""

    def _reference(self, identifier: str) -> t.Any:
        if identifier in self._open:
            return self._open[identifier]  # a circle: plain data can only name the object
        if identifier not in self._done:
            # The object stands in a property that was left out.
            if self._elements is None:
                self._elements = {e.attrib["RefId"]: e for e in self._root.iter("Obj") if "RefId" in e.attrib}
            return self._object(self._elements[identifier], False)
        return self._done[identifier]

    def _object(self, element: ET.Element, top: bool) -> t.Any:
        identifier = element.attrib.get("RefId", "")
        string: str | None = None
        properties: dict[str, t.Any] | None = None
        content: t.Any = _NOTHING
        self._open[identifier] = None
        for child in element:
            tag = child.tag
            if tag == "ToString":
                string = self._open[identifier] = text(child.text)
            elif tag in _PROPERTIES:
                properties = self._properties(child, properties, top)
            elif tag in _LISTS:
                content = [self.value(item) for item in child]
            elif tag == "DCT":
                content = self._dictionary(child)
            elif tag not in ("TN", "TNRef"):
                content = self.value(child)
                # A number whose string is another text is a member of an enumeration.
                if string and isinstance(content, int) and not isinstance(content, bool) and string != child.text:
                    content = string
        result = content if content is not _NOTHING else properties if properties is not None else string if string is not None else {}
        self._open.pop(identifier, None)
        self._done[identifier] = result
        return result

    def _properties(self, container: ET.Element, into: dict[str, t.Any] | None, top: bool) -> dict[str, t.Any] | None:
        primitives, name_of = _PRIMITIVES, self._name
        values: dict[str, t.Any] = {} if into is None else into
        dropped_only = True
        for child in container:
            name = name_of(child.attrib["N"], top)
            if name is None:
                dropped_only = dropped_only and child.attrib["N"].lower() in _DROPPED
                continue
            dropped_only = False
            primitive = primitives.get(child.tag)
            values[name] = primitive(child) if primitive is not None else self.value(child)
        return None if dropped_only and not values else values

    def _dictionary(self, container: ET.Element) -> dict[str, t.Any]:
        result: dict[str, t.Any] = {}
        for entry in container:
            pair = {child.attrib.get("N", ""): child for child in entry}
            result[str(self.value(pair["Key"]))] = self.value(pair["Value"])
        return result


_NOTHING = object()
