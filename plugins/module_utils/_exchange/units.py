# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Organizational units: users write a canonical name, a DN, a plain name or a GUID; Exchange shows ``contoso.com/Sales``."""

from __future__ import annotations

import re
import typing as t
import uuid

from ansible_collections.m365.hybrid.plugins.module_utils._core import values

_RDN = re.compile(r"(?i)(ou|cn|dc)=((?:\\.|[^,\\])+)(?:,|$)")
_ESCAPED = re.compile(r"\\(?:([0-9a-fA-F]{2})|(.))")


def canonical(value: t.Any) -> str:
    """The canonical name of a DN; any other text as it is."""
    text = values.text(value).strip().rstrip("/")
    parts = [(kind.lower(), _unescaped(name)) for kind, name in _RDN.findall(text)]
    if not parts or not re.fullmatch(r"(?:(?:ou|cn|dc)=(?:\\.|[^,\\])+(?:,|$))+", text, re.IGNORECASE):
        return text
    domain = ".".join(name for kind, name in parts if kind == "dc")
    return "/".join([domain, *(name.replace("/", "\\/") for kind, name in reversed(parts) if kind != "dc")])


def _unescaped(name: str) -> str:
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)) if match[1] else match[2], name)


def seen_as(wanted: str, shown: str) -> str:
    """The wanted unit in the spelling in which the server shows it, where the two cannot be told apart without asking.

    A plain name is that of the unit itself, without what is above it.  A GUID is not shown with an object, so it fits any unit.
    """
    try:
        uuid.UUID(wanted)
    except ValueError:
        plain = re.split(r"(?<!\\)/", shown)[-1]
        return shown if wanted.casefold() == plain.casefold() else wanted
    return shown


UNIT = values.Codec(canonical, lambda value: None if value is None else str(value).casefold())
INSTEAD = "Move the object in Active Directory, for example with Move-ADObject"
