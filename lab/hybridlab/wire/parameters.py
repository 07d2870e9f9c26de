# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parameters as they arrive on the PSRP wire, made plain for a product; and plain ones made fit for a call record."""

from __future__ import annotations

import datetime
import decimal
import typing as t
import uuid

from psrpcore.types import PSCredential, PSSecureString

from hybridlab.records import Credential, SecureString

SECRET = {"$any": True}


def plain(value: t.Any) -> t.Any:
    """The value as None, bool, int, float, str, bytes, uuid.UUID, SecureString, Credential, list or dict.

    Dates and durations become text, an object with properties a dict of them.
    """
    if value is None or type(value) in (bool, int, float, str, bytes, uuid.UUID):
        return value
    if isinstance(value, PSSecureString):
        return SecureString(value.decrypt())
    if isinstance(value, PSCredential):
        return Credential(str(value.UserName), SecureString(value.Password.decrypt()))
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, bytes):
        return bytes(value)
    for kind in (int, float, str):
        if isinstance(value, kind):
            return kind(value)
    if isinstance(value, uuid.UUID):
        return uuid.UUID(int=value.int)
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, (datetime.timedelta, decimal.Decimal)):
        return str(value)
    return _properties(value)


def _properties(value: t.Any) -> t.Any:
    """The properties of a custom object, or its text when it has none."""
    described = getattr(value, "PSObject", None)
    names = [] if described is None else [item.name for item in (*described.adapted_properties, *described.extended_properties)]
    return {name: plain(getattr(value, name, None)) for name in names} or str(value)


def recordable(value: t.Any) -> t.Any:
    """A plain value as JSON; secrets as ``{"$any": true}``, bytes as numbers, which is what ``Byte[]`` is."""
    if isinstance(value, (SecureString, Credential)):
        return SECRET
    if isinstance(value, dict):
        return {key: recordable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [recordable(item) for item in value]
    if isinstance(value, bytes):
        return list(value)
    if isinstance(value, uuid.UUID):
        return str(value)
    return value
