# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The attributes of the schema as objects of its partition, where clients look up what kind of values an attribute takes."""

from __future__ import annotations

import typing as t

from hybridlab.ad.schema import Schema

_SYNTAXES = {
    "dn": ("2.5.5.1", 127),
    "oid": ("2.5.5.2", 6),
    "exact": ("2.5.5.3", 27),
    "teletex": ("2.5.5.4", 20),
    "ia5": ("2.5.5.5", 22),
    "printable": ("2.5.5.5", 19),
    "numeric": ("2.5.5.6", 18),
    "dnbinary": ("2.5.5.7", 127),
    "orname": ("2.5.5.7", 127),
    "boolean": ("2.5.5.8", 1),
    "integer": ("2.5.5.9", 2),
    "octets": ("2.5.5.10", 4),
    "utctime": ("2.5.5.11", 23),
    "time": ("2.5.5.11", 24),
    "unicode": ("2.5.5.12", 64),
    "presentation": ("2.5.5.13", 127),
    "dnstring": ("2.5.5.14", 127),
    "descriptor": ("2.5.5.15", 66),
    "int64": ("2.5.5.16", 65),
    "sid": ("2.5.5.17", 4),
}
"""Syntax → attributeSyntax and oMSyntax ([MS-ADTS] 3.1.1.2.2.2)."""


def rows(schema: Schema) -> t.Iterator[tuple[str, dict[str, t.Any]]]:
    """Name and values of each attribute's object."""
    for one in schema.attributes.values():
        syntax, om = _SYNTAXES[one.syntax]
        values = {"lDAPDisplayName": one.name, "attributeSyntax": syntax, "oMSyntax": om, "isSingleValued": one.single}
        yield one.name, values | ({"attributeID": one.oid} if one.oid != "-" else {}) | ({"rangeUpper": one.upper} if one.upper is not None else {})
