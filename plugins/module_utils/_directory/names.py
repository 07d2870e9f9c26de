# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Distinguished names and filters: written, taken apart and compared.  Sources: RFC 4514 (names), RFC 4515 (filters)."""

from __future__ import annotations

import re
import typing as t

_ESCAPED = re.compile(r"\\([0-9A-Fa-f]{2})|\\(.)", re.DOTALL)
_SPECIAL = frozenset('\\,+"<>;=')


def literal(value: str | bytes) -> str:
    """A value inside a filter."""
    if isinstance(value, bytes):
        return "".join(f"\\{byte:02x}" for byte in value)
    found = "".join(f"\\{ord(one):02x}" if one in "\\*()\0" else one for one in value)
    inner = found.strip()  # spaces at the ends would not arrive
    begin = len(found) - len(found.lstrip())
    return found if inner == found else _spelled(found[:begin]) + inner + _spelled(found[begin + len(inner) :])


def _spelled(text: str) -> str:
    return "".join(f"\\{byte:02x}" for byte in text.encode())


def escaped(value: str) -> str:
    """A value inside a distinguished name."""
    found = "".join(f"\\{one}" if one in _SPECIAL else f"\\{ord(one):02X}" if ord(one) < 32 else one for one in value)
    if found[:1] in (" ", "#"):
        found = "\\" + found
    return found[:-1] + "\\ " if len(value) > 1 and value.endswith(" ") else found


def unescaped(value: str) -> str:
    """The value that `escaped` wrote; bytes in hexadecimal are UTF-8."""
    raw = bytearray()
    position = 0
    for match in _ESCAPED.finditer(value):
        raw += value[position : match.start()].encode()
        raw += bytes.fromhex(match.group(1)) if match.group(1) else match.group(2).encode()
        position = match.end()
    return (raw + value[position:].encode()).decode("utf-8", "replace")


def parts(name: str) -> list[str]:
    """The relative names of a distinguished name, as they stand there."""
    found, begin, skip = [], 0, False
    for position, one in enumerate(name):
        if skip:
            skip = False
        elif one == "\\":
            skip = True
        elif one == ",":
            found.append(_trimmed(name[begin:position]))
            begin = position + 1
    return [*found, _trimmed(name[begin:])] if name.strip() else []


def _trimmed(text: str) -> str:
    """Without the spaces around it; a space that is escaped belongs to the value."""
    found = text.strip(" ")
    escapes = len(found) - len(found.rstrip("\\"))
    return found + text.lstrip(" ")[len(found)] if escapes % 2 and len(text.lstrip(" ")) > len(found) else found


def is_name(text: str) -> bool:
    """Whether a text is a distinguished name of more than one part."""
    found = parts(text)
    return len(found) > 1 and all(re.match(r"[A-Za-z][A-Za-z0-9-]*\s*=\s*\S", one) for one in found)


def value(rdn: str) -> str:
    """The value of a relative name: ``CN=Lovelace\\, Ada`` is ``Lovelace, Ada``."""
    return unescaped(_trimmed(rdn.partition("=")[2]))


def parent(name: str) -> str:
    return ",".join(parts(name)[1:])


def key(name: t.Any) -> str:
    """Equal for names of the same object: case, spaces at commas and the way of escaping do not count."""
    return ",".join(f"{one.partition('=')[0].strip().casefold()}={escaped(value(one)).casefold()}" for one in parts(str(name)))


def place(name: str) -> str:
    """The distinguished name of the domain that a distinguished name is in."""
    return ",".join(one for one in parts(name) if one.upper().startswith("DC="))


def domain(name: str) -> str:
    """The DNS name of that domain."""
    return ".".join(value(one) for one in parts(place(name)))
