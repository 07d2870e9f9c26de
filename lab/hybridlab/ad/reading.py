# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a read of an attribute gives: stored values, links in both directions, and what is computed when somebody asks."""

from __future__ import annotations

import typing as t

from hybridlab.ad import names, syntaxes
from hybridlab.ad.directory import Directory, DirectoryObject
from hybridlab.ad.schema import Attribute

Reader = t.Callable[[DirectoryObject], t.Sequence[bytes]]
UF_DISABLED, UF_NEVER_EXPIRES, UF_NO_PASSWORD, UF_PASSWORD_EXPIRED = 0x2, 0x10000, 0x20, 0x800000
_SYSTEM: dict[str, Reader] = {
    "objectGUID": lambda one: [one.guid.bytes_le],
    "distinguishedName": lambda one: [one.dn_bytes],
    "name": lambda one: [one.name.encode()],
    "whenCreated": lambda one: [syntaxes.generalized_time(one.created)],
    "whenChanged": lambda one: [syntaxes.generalized_time(one.changed)],
    "uSNCreated": lambda one: [b"%d" % one.usn_created],
    "uSNChanged": lambda one: [b"%d" % one.usn],
    "objectClass": lambda one: [name.encode() for name in one.cls.chain],
    "isDeleted": lambda one: [b"TRUE"] if one.deleted else [],
    "instanceType": lambda _: [b"4"],
}
_IN_LIST = ("objectClass", "distinguishedName", "instanceType", "whenCreated", "whenChanged", "uSNCreated", "uSNChanged", "name", "objectGUID", "isDeleted")
"""What of these ``*`` brings, too."""


class Readers:
    """How to read each attribute of a directory's objects."""

    def __init__(self, directory: Directory, schema_dn: str) -> None:
        self._directory = directory
        self._schema_dn = schema_dn
        self._known: dict[str, Reader] = {}
        self._computed: dict[str, Reader] = {
            "tokenGroups": self._token_groups,
            "tokenGroupsGlobalAndUniversal": self._token_groups,
            "canonicalName": lambda one: [canonical(one).encode()],
            "primaryGroupToken": lambda one: [b"%d" % rid(one)] if one.is_a("group") else [],
            "createTimeStamp": _SYSTEM["whenCreated"],
            "modifyTimeStamp": _SYSTEM["whenChanged"],
            "structuralObjectClass": _SYSTEM["objectClass"],
            "subSchemaSubEntry": lambda _: [f"CN=Aggregate,{schema_dn}".encode()],
            "msDS-User-Account-Control-Computed": _computed_control,
            "allowedAttributes": lambda one: [name.encode() for name in sorted(one.cls.must | one.cls.may)],
            "allowedAttributesEffective": lambda one: [name.encode() for name in sorted(one.cls.must | one.cls.may)],
            "msDS-PrincipalName": lambda one: [one.values["sAMAccountName"][0]] if "sAMAccountName" in one.values else [],
        }

    def of(self, attribute: Attribute) -> Reader:
        known = self._known.get(attribute.name)
        if known is None:
            known = self._known[attribute.name] = self._make(attribute)
        return known

    def all_names(self, one: DirectoryObject) -> t.Iterator[str]:
        """The attributes that ``*`` stands for."""
        yield from (name for name in _IN_LIST if name != "isDeleted" or one.deleted)
        yield "objectCategory"
        yield one.rdn
        yield from (name for name in one.values if name != one.rdn)
        yield from one.links
        for name in one.backs:
            back = self._directory.schema.attributes[name].link
            if back:
                yield back

    def _make(self, attribute: Attribute) -> Reader:
        name = attribute.name
        if name in _SYSTEM:
            return _SYSTEM[name]
        if name == "objectCategory":
            return lambda one: [f"CN={one.cls.category},{self._schema_dn}".encode()]
        if attribute.kind == "constructed":
            return self._computed.get(name, lambda _: ())
        if attribute.kind == "backlink":
            forward = attribute.forward
            return lambda one: [source.dn_bytes for source in one.backs.get(forward, ())]
        if name in ("cn", "ou", "dc"):
            return lambda one: [one.name.encode()] if one.rdn == name else one.values.get(name, ())
        if attribute.is_reference:
            return lambda one: [target.dn_bytes for target in one.links.get(name, ())]
        return lambda one: one.values.get(name, ())

    def _token_groups(self, one: DirectoryObject) -> list[bytes]:
        found: dict[DirectoryObject, None] = {}
        waiting = [*one.backs.get("member", ()), *self.primary_group(one)]
        while waiting:
            group = waiting.pop()
            if group not in found:
                found[group] = None
                waiting += group.backs.get("member", ())
        return [group.values["objectSid"][0] for group in found if "objectSid" in group.values and group.number("groupType") < 0]

    def primary_group(self, one: DirectoryObject) -> list[DirectoryObject]:
        sid, token = one.raw("objectSid"), one.number("primaryGroupID")
        return self._directory.by_value("objectSid", sid[:-4] + token.to_bytes(4, "little")) if sid and token else []


def rid(one: DirectoryObject) -> int:
    """The last part of an object's SID."""
    return int.from_bytes((one.raw("objectSid") or b"\0\0\0\0")[-4:], "little")


def canonical(one: DirectoryObject) -> str:
    """``contoso.com/Users/Dave``."""
    parts = names.split(one.dn)
    domain = ".".join(value for attribute, value in parts if attribute == "dc")
    return "/".join([domain, *(value.replace("/", "\\/") for attribute, value in reversed(parts) if attribute != "dc")]) + ("/" if parts[0][0] == "dc" else "")


def _computed_control(one: DirectoryObject) -> list[bytes]:
    if "userAccountControl" not in one.values:
        return []
    control = one.number("userAccountControl")
    expired = one.number("pwdLastSet") == 0 and not control & (UF_NEVER_EXPIRES | UF_NO_PASSWORD)
    return [b"%d" % (UF_PASSWORD_EXPIRED if expired else 0)]
