# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rows of a module's table: how its options meet the properties and parameters of the thing they describe."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import docs, values


@dataclasses.dataclass(frozen=True)
class Field:
    """Says how an option differs from the rule; an option that keeps the rule needs none.

    The rule: option ``auto_forward_enabled`` is read from the property and written to the parameter of the same name, compared
    without underscores and case, by the codec of its documented type.  ``read`` and ``write`` name another property or
    parameter; an empty ``read`` means that it cannot be read, so that it is used at creation only.  ``immutable`` options are
    compared but never changed; ``instead`` says what an administrator does to have another value.  ``codec`` names a row of
    `values.CODECS` or is one.
    """

    option: str
    read: str | None = None
    write: str | None = None
    codec: str | values.Codec | None = None
    immutable: bool = False
    secret: bool = False
    instead: str = ""


@dataclasses.dataclass(frozen=True)
class Attribute:
    """A field with every rule applied.  ``kind`` is the codec's name; ``read`` is a folded name, ``write`` as it is sent."""

    option: str
    read: str
    write: str
    kind: str
    codec: values.Codec
    immutable: bool
    secret: bool
    instead: str = ""

    @property
    def readable(self) -> bool:
        return self.read != ""


_KIND_OF_TYPE = {"str": "text", "bool": "bool", "int": "int", "raw": "texts", "list": "texts"}


def bind(documentation: docs.Documentation, fields: t.Iterable[Field], keys: t.Collection[str] = ()) -> dict[str, Attribute]:
    """The attributes of all options in the module's own text except those that only identify the object (``keys``).

    Raises ValueError for a field of an option that is not documented: a table and its documentation cannot drift apart.
    """
    special = {field.option: field for field in fields}
    unknown = sorted(set(special) - documentation.own) if documentation.own else []
    if unknown:
        raise ValueError(f"{documentation.module}: fields of undocumented options: {', '.join(unknown)}")
    names = [name for name in documentation.options if name in documentation.own and name not in keys]
    return {name: _attribute(special.get(name, Field(name)), documentation.options[name]) for name in names}


def _attribute(field: Field, option: docs.Option) -> Attribute:
    kind = field.codec if isinstance(field.codec, str) else "own" if field.codec else _kind(field, option)
    codec = field.codec if isinstance(field.codec, values.Codec) else values.choice(option["choices"]) if kind == "choice" else values.CODECS[kind]
    rule = values.fold(field.option)
    read = rule if field.read is None and not field.secret else values.fold(field.read or "")
    write = values.pascal(field.option) if field.write is None else field.write
    return Attribute(field.option, read, write, kind, codec, field.immutable, field.secret, field.instead)


def _kind(field: Field, option: docs.Option) -> str:
    if field.secret:
        return "secret"
    if "choices" in option and option.get("type", "str") == "str":
        return "choice"
    return _KIND_OF_TYPE[option.get("type", "str")]
