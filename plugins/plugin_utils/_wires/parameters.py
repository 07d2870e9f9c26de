# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cmdlet parameters: Ansible's values → what pypsrp serializes as the type that the server's binder expects.

pypsrp chooses the wire type by the exact Python type: a subclass fails or is sent as something else, an int beyond 32 bits as a
broken Int32, a float as single precision.  So every value becomes a plain typed one here first.
"""

from __future__ import annotations

import collections.abc
import datetime
import re
import typing as t
import uuid
import xml.etree.ElementTree as ET

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Credential, Secret

try:
    from pypsrp.complex_objects import PSCredential
    from pypsrp.serializer import TaggedValue
except ImportError:  # `libraries` names what is missing before anything here is used
    PSCredential = TaggedValue = None  # type: ignore[assignment,misc]

# Characters that XML 1.0 cannot carry and that pypsrp leaves as they are; [MS-PSRP] 2.2.5.3.2 escapes any UTF-16 code unit.
_UNSENDABLE = re.compile("[\ud800-\udfff\ufffe\uffff]")
_ESCAPE = re.compile("_(?=[xX])|[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def has_secret(value: t.Any) -> bool:
    """Whether sending the value needs the session's key exchange."""
    if isinstance(value, (Secret, Credential)):
        return True
    if isinstance(value, collections.abc.Mapping):
        return any(has_secret(item) for item in value.values())
    return isinstance(value, (list, tuple, set, frozenset)) and any(has_secret(item) for item in value)


def serializable(value: t.Any) -> t.Any:
    """The value in the form that pypsrp sends with the right type.  Raises `UsageError` for a type that has none.

    None clears a value; a switch is a bool.  Dates and timespans become text, because Exchange parses its own date types from it.
    """
    if value is None or isinstance(value, bool):
        return value
    for kind, form in _FORMS:
        if isinstance(value, kind):
            return form(value)
    raise UsageError(f"A value of type {type(value).__name__} cannot be a cmdlet parameter")


def _string(value: str) -> t.Any:
    plain = str.__str__(value)
    if _UNSENDABLE.search(plain) is None:
        return plain
    element = ET.Element("S")
    element.text = _ESCAPE.sub(lambda match: f"_x{ord(match.group(0)):04X}_", plain)
    return element


def _integer(value: int) -> t.Any:
    number = int(value)
    if -(1 << 31) <= number < 1 << 31:
        return number
    if -(1 << 63) <= number < 1 << 63:
        return TaggedValue("I64", number)
    return TaggedValue("U64", number) if 0 < number < 1 << 64 else str(number)


def _secret(value: Secret) -> TaggedValue:
    return TaggedValue("SS", str.__str__(value))


def _credential(value: Credential) -> t.Any:
    form: t.Callable[..., t.Any] = PSCredential
    return form(username=str(value.user), password=str.__str__(value.password))


def timespan(value: datetime.timedelta) -> str:
    """``[-]d.hh:mm:ss[.ffffff]``, the form that TimeSpan.Parse and EnhancedTimeSpan.Parse take."""
    sign, size = ("-", -value) if value < datetime.timedelta() else ("", value)
    hours, rest = divmod(size.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{sign}{size.days}.{hours:02d}:{minutes:02d}:{seconds:02d}" + (f".{size.microseconds:06d}" if size.microseconds else "")


def _list(value: t.Iterable[t.Any]) -> list[t.Any]:
    return [serializable(item) for item in value]


def _mapping(value: t.Mapping[t.Any, t.Any]) -> dict[t.Any, t.Any]:
    return {_string(str(key)): serializable(item) for key, item in value.items()}


# The order matters: Secret is a str, datetime is a date.
_FORMS: tuple[tuple[type, t.Callable[[t.Any], t.Any]], ...] = (
    (Secret, _secret),
    (str, _string),
    (int, _integer),
    (float, lambda value: TaggedValue("Db", repr(float(value)))),
    (Credential, _credential),
    (bytes, bytes),
    (bytearray, bytes),
    (datetime.datetime, lambda value: value.isoformat()),
    (datetime.date, lambda value: value.isoformat()),
    (datetime.timedelta, timespan),
    (uuid.UUID, lambda value: uuid.UUID(int=value.int)),
    (collections.abc.Mapping, _mapping),
    (collections.abc.Set, _list),
    (list, _list),
    (tuple, _list),
)
