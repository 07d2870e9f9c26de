# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Emulated .NET objects as Exchange Online's administration API shows them in JSON.

The same objects as on the PowerShell wire, with side-car keys for types.  References are names there, not canonical names.
"""

from __future__ import annotations

import base64
import datetime
import re
import typing as t
import uuid

from hybridlab.clixml import Enum, MultiValued, Obj, Tag, ValueObj
from hybridlab.exchange.directory import DOMAIN
from hybridlab.exchange.values import print_span

_BETWEEN = re.compile(r"(?<!\\)/")
# Canonical names of places, which stay as they are.
_NUMBERS = ("I16", "I32", "I64", "U16", "U32", "U64", "By")
_PLACES = ("OrganizationalUnit", "DistributionGroupDefaultOU")


def shown(value: t.Any) -> t.Any:
    """A value of the output stream as JSON."""
    if isinstance(value, Obj):
        found: dict[str, t.Any] = {}
        for name, item in (*value.props.items(), *(value.notes or {}).items()):
            _put(found, name, item)
        return found
    return _plain(value)


def _put(found: dict[str, t.Any], name: str, value: t.Any) -> None:
    for side_car, kind in _side_cars(value):
        found[f"{name}{side_car}"] = kind
    plain = _plain(value)
    found[name] = plain if name in _PLACES else _named(plain)


def _side_cars(value: t.Any) -> t.Iterator[tuple[str, str]]:
    if isinstance(value, uuid.UUID):
        yield "@odata.type", "#Guid"
        yield "@data.type", "System.Guid"
    elif isinstance(value, datetime.datetime):
        yield "@data.type", "System.DateTime"
    elif isinstance(value, (MultiValued, list)):
        yield "@odata.type", "#Collection(String)"
    elif isinstance(value, int) and not isinstance(value, bool):
        yield "@data.type", "System.Int32"


def _named(value: t.Any) -> t.Any:
    if isinstance(value, list):
        return [_named(item) for item in value]
    if not isinstance(value, str) or not value.startswith(f"{DOMAIN}/"):
        return value
    return _BETWEEN.split(value)[-1].replace("\\/", "/")


def _plain(value: t.Any) -> t.Any:
    if isinstance(value, Obj):
        return shown(value)
    if isinstance(value, MultiValued):
        return [_plain(item) for item in value.items]
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    form = _FORMS.get(type(value))
    return form(value) if form else value


def _date(value: datetime.datetime) -> str:
    """Seven digits of a second; UTC as ``Z`` or an offset, as the value has it."""
    text = f"{value:%Y-%m-%dT%H:%M:%S}.{value.microsecond:06d}0"
    offset = value.utcoffset()
    return text + ("" if offset is None else "Z" if not offset else value.isoformat()[-6:])


_FORMS: dict[type, t.Callable[[t.Any], t.Any]] = {
    Enum: lambda value: value.name,
    ValueObj: lambda value: value.string,
    Tag: lambda value: int(value.text) if value.tag in _NUMBERS else value.text,
    uuid.UUID: str,
    bytes: lambda value: base64.b64encode(value).decode(),
    datetime.datetime: _date,
    datetime.timedelta: print_span,
}
