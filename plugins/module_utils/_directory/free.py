# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Attributes that have no option of their own: each one that a task names under ``attributes`` is managed as the schema describes it."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Attribute
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import DirectorySession
from ansible_collections.m365.hybrid.plugins.module_utils._directory import attributes as schema
from ansible_collections.m365.hybrid.plugins.module_utils._directory import codec, references

PREFIX = "attributes."
_OF_OTHERS = {
    "member": "m365.hybrid.ad_group manages members",
    "memberof": "m365.hybrid.ad_user has the option member_of, m365.hybrid.ad_group manages members",
    "unicodepwd": "ad_user has an option for the password",
    "ntsecuritydescriptor": "Rights are delegated with other tools",
    "objectclass": "The class of an object does not change",
}
_SECRET = {name.lower() for name in schema.SECRET}


def named(given: t.Any) -> dict[str, t.Any]:
    """What a task gives under ``attributes``.  Raises UsageError."""
    if given is None:
        return {}
    if not isinstance(given, t.Mapping):
        raise UsageError(f"attributes takes a dictionary of names and values; {type(given).__name__} was given")
    found = {str(name): value for name, value in given.items()}
    folded = [name.lower() for name in found]
    for name in found:
        if name.lower() in _OF_OTHERS:
            raise UsageError(f"attributes: {name} is not set here", advice=_OF_OTHERS[name.lower()])
        if name.lower() in _SECRET:
            raise UsageError(f"attributes: {name} holds a secret, which would be shown in results and diffs; it is not set here")
        if folded.count(name.lower()) > 1:
            raise UsageError(f"attributes: {name} is named more than once")
    return found


class Free:
    """The attributes of a resource that tasks named; ``own`` are those with options, which are not managed twice."""

    def __init__(self, own: t.Mapping[str, str]) -> None:
        self._own = {attribute.lower(): option for option, attribute in own.items()}
        self._schema: schema.Schema | None = None

    def attributes(self, session: DirectorySession, given: t.Mapping[str, t.Any]) -> dict[str, Attribute]:
        """A row for each, by what diffs call it.  Raises UsageError for one that the directory does not have."""
        for name in given:
            if name.lower() in self._own:
                raise UsageError(f"attributes: {name} has an option of its own, {self._own[name.lower()]}")
        known = self._schema = schema.Schema(lambda text, wanted: session.search("schema", text, attributes=wanted).output, self._schema)
        known.learn(given)
        rows = {}
        for name in given:
            kind = known.kind(name)
            if kind is None:
                raise UsageError(f"attributes: the directory has no attribute {name}", target=session.target)
            rows[PREFIX + kind.name] = _row(kind)
        return rows

    @staticmethod
    def wanted(rows: t.Mapping[str, Attribute], given: t.Mapping[str, t.Any]) -> plan.State:
        """The values that a task gives.  Raises UsageError that names the attribute."""
        folded = {name.lower(): value for name, value in given.items()}
        found = {option: _shaped(row, folded[row.write.lower()]) for option, row in rows.items()}
        return plan.load(rows, found)


def _shaped(row: Attribute, value: t.Any) -> t.Any:
    """No value at all clears an attribute; a list of many takes a single value for a list of one."""
    if row.codec.item is None:
        if isinstance(value, (list, tuple, dict)):
            if len(value):
                raise UsageError(f"{row.option} has one value at the most; a list or dictionary was given")
            return ""
        return "" if value is None else value
    return [] if value in (None, "") else value if isinstance(value, (list, tuple, dict)) else [value]


def _row(kind: schema.Kind) -> Attribute:
    option = PREFIX + kind.name
    if not kind.single:
        return Attribute(option, values.fold(kind.name), kind.name, kind.kind, values.members(_one_of_many(kind)), False, False)
    return Attribute(option, values.fold(kind.name), kind.name, kind.kind, _one(kind), False, False)


def _one_of_many(kind: schema.Kind) -> values.Codec:
    """The same where the directory tells values apart: it takes no second one that differs in case alone."""
    found = _one(kind)
    return values.NAME if found is values.TEXT else found


def _one(kind: schema.Kind) -> values.Codec:
    """How one value of an attribute is read, compared and written."""
    if kind.name.lower() == "proxyaddresses":
        return values.PROXY_ADDRESS
    if kind.kind == "dn":
        return references.CODEC
    if kind.kind == "text":
        return values.TEXT
    dump = codec.DUMP[kind.kind]

    def load(value: t.Any) -> t.Any:
        if value is None or value == "":
            return None
        if kind.kind in ("time", "filetime") and str(value) != codec.NEVER and not isinstance(value, int):
            return values.timestamp(codec.moment(value))
        return _LOAD.get(kind.kind, str)(value)

    return values.Codec(load, _folded if kind.kind in ("guid", "sid") else lambda value: value, lambda value: None if value is None else dump(value))


_LOAD: dict[str, t.Callable[[t.Any], t.Any]] = {
    "bool": values.boolean,
    "int": values.integer,
    "int64": values.integer,
    "guid": values.guid,
    "sid": lambda value: codec.sid(codec.sid_bytes(value)),
    "octets": lambda value: codec.octets(codec.octets_bytes(value)),
}


def _folded(value: t.Any) -> t.Any:
    return value.casefold() if isinstance(value, str) else value
