# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Distinguished names: taken apart, compared and put together (RFC 4514)."""

from __future__ import annotations

import functools
import re

_SPECIAL = re.compile(r'[,+"\\<>;=]|^[# ]| $')
_ESCAPE = re.compile(r"\\([0-9A-Fa-f]{2}|.)", re.DOTALL)
_PART = re.compile(r"\s*([A-Za-z][A-Za-z0-9-]*|[0-9.]+)\s*=\s*((?:\\.|[^\\,;])*)(?:[,;]|$)", re.DOTALL)
_OIDS = {"2.5.4.3": "cn", "2.5.4.11": "ou", "0.9.2342.19200300.100.1.25": "dc"}


class BadName(ValueError):
    """This is no distinguished name."""


Rdn = tuple[str, str]
"""Naming attribute in lower case, value without escapes."""


def split(dn: str) -> list[Rdn]:
    """The parts of a name, the object's own first; none for the root.  Raises `BadName`."""
    return list(_split(dn))


@functools.lru_cache(maxsize=4096)
def _split(dn: str) -> list[Rdn]:
    parts, position = [], 0
    while position < len(dn):
        match = _PART.match(dn, position)
        if match is None:
            raise BadName(dn)
        attribute = match.group(1).lower()
        parts.append((_OIDS.get(attribute, attribute), _unescape(match.group(2))))
        position = match.end()
    return parts


def _unescape(text: str) -> str:
    """The value that an escaped text stands for; spaces around it do not count unless they are escaped."""
    if text.startswith('"') and text.rstrip().endswith('"') and len(text.strip()) > 1:
        text = text.strip()[1:-1]
    stripped = text.lstrip(" ")
    while stripped.endswith(" ") and not stripped.endswith("\\ "):
        stripped = stripped[:-1]
    if "\\" not in stripped:
        return stripped
    found = bytearray()
    position = 0
    for match in _ESCAPE.finditer(stripped):
        found += stripped[position : match.start()].encode()
        code = match.group(1)
        found += bytes.fromhex(code) if len(code) == 2 else code.encode()
        position = match.end()
    found += stripped[position:].encode()
    try:
        return found.decode()
    except UnicodeDecodeError as error:
        raise BadName(text) from error


def escape(value: str) -> str:
    """A value as it stands in a name."""
    return _SPECIAL.sub(lambda match: "\\" + match.group(), value).replace("\n", "\\0A").replace("\r", "\\0D")


def fold(rdn: Rdn) -> str:
    """The form in which two relative names are compared: case and runs of spaces do not count."""
    return f"{rdn[0]}={' '.join(rdn[1].split()).casefold()}"


def folded(dn: str) -> str:
    """The form in which two names are compared.  Raises `BadName`."""
    return ",".join(fold(part) for part in split(dn))
