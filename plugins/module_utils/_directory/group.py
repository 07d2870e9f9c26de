# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a group has beyond its attributes: a scope and a category in one number, and members by the thousand."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, lists, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import DirectorySession, Modification
from ansible_collections.m365.hybrid.plugins.module_utils._directory import identity, names, places, primary, references, unit
from ansible_collections.m365.hybrid.plugins.module_utils._directory.identity import Entry
from ansible_collections.m365.hybrid.plugins.module_utils._directory.references import Dn
from ansible_collections.m365.hybrid.plugins.module_utils._directory.resource import Change, DirectoryResource, Options

_TYPE = "groupType"
SCOPES = {"global": 0x2, "domain_local": 0x4, "universal": 0x8}
_SECURITY = 0x80000000
_IN_CHAIN = "1.2.840.113556.1.4.1941"
_FOREIGN = "cn=foreignsecurityprincipals"
_READ_TOGETHER = 100
"""From so many members on that are named otherwise than by DN, the group's members are read with their names, rather than looked up."""


def _scope(value: t.Any) -> t.Any:
    """The number's scope in words, or what a user wrote."""
    return next((word for word, bit in SCOPES.items() if value & bit), None) if isinstance(value, int) else value


def _category(value: t.Any) -> t.Any:
    return ("security" if value & _SECURITY else "distribution") if isinstance(value, int) else value


FIELDS = (
    *unit.COMMON,
    Field("sam_account_name", write="sAMAccountName", codec="name"),
    Field("scope", write=_TYPE, codec=values.Codec(_scope)),
    Field("category", write=_TYPE, codec=values.Codec(_category)),
    Field("notes", write="info"),
    Field("managed_by", codec=references.CODEC),
    Field("proxy_addresses", codec="proxy_addresses"),
    Field("members", write="member", codec=references.CODEC_OF_MANY),
)


class Group(DirectoryResource):
    """A group, named by DN, GUID, SID or sAMAccountName."""

    classes = ("top", "group")
    within = "(objectClass=group)"
    by = ("sAMAccountName",)
    linked = ("managed_by",)
    well_known = places.USERS
    companions = (_TYPE,)

    def properties(self, options: Options) -> list[str]:
        """Members are read only where they are managed, as there may be very many."""
        asked = super().properties(options)
        return asked if options.get("members") is not None else [name for name in asked if name != "member"]

    def wanted(self, session: DirectorySession, options: Options, current: plan.State | None) -> plan.State:
        wanted = super().wanted(session, options, current)
        if "members" in wanted:
            wanted["members"] = self._members(session, wanted["members"], current)
        return wanted

    def _members(self, session: DirectorySession, request: lists.Wanted, current: plan.State | None) -> lists.Wanted:
        """The request with distinguished names.  Members that are there already need no question; one that is removed need not exist."""
        present = {one.key: one for one in (current or {}).get("members") or ()}
        named = [one for one in map(str, request.members()) if not names.is_name(one)]
        if current is not None and len(named) >= _READ_TOGETHER:
            clause = f"(memberOf={names.literal(current['distinguished_name'])})"
            self.references.learn(session.search(None, clause, attributes=identity.KEYS).output, named)
        known = {Dn(one).key: Dn(one) for one in map(str, request.members()) if names.is_name(one)}
        asked = [one for one in map(str, request.members()) if not names.is_name(one) or known[Dn(one).key].key not in present]
        gone = [str(one) for one in request.remove if names.is_name(str(one)) and Dn(str(one)).key not in present]
        gone += self._absent(session, request, current, present)
        request = dataclasses.replace(request, remove=tuple(one for one in request.remove if str(one) not in gone))
        asked = [one for one in asked if one not in gone]
        found = dict(zip(asked, self.references.find(session, "members", asked), strict=True))
        resolved = request.map(lambda one: Dn(found[str(one)]["dn"]) if str(one) in found else Dn(str(one)))
        own = (current or {}).get("object_sid")
        held = {Dn(one["dn"]) for one in found.values() if primary.is_in(own, primary.first(one, "objectSid"), primary.first(one, primary.ATTRIBUTE))}
        resolved = primary.without("members", resolved, held.__contains__)
        self._refuse_circles(session, [one for one in found.values() if Dn(one["dn"]).key not in present], resolved, current)
        return resolved

    def _absent(self, session: DirectorySession, request: lists.Wanted, current: plan.State | None, present: t.Collection[str]) -> list[str]:
        """Names to remove that nobody has.  Where a member is of another domain, it may have the name, and nothing is proven."""
        plain = [str(one) for one in request.remove if not names.is_name(str(one))]
        if not plain or (current and any(_is_foreign(one, names.key(names.place(current["distinguished_name"]))) for one in present)):
            return []
        there = self.references.there(session, "members", plain)
        return [one for one in plain if one not in there]

    def _refuse_circles(self, session: DirectorySession, new: list[Entry], request: lists.Wanted, current: plan.State | None) -> None:
        """A group that would be its own member, directly or through others: the directory takes it, and whoever reads it goes round and round."""
        if current is None:
            return
        own = Dn(current["distinguished_name"])
        gone = {one.key for one in request.remove}
        groups = [one for one in new if "group" in one.get("objectClass", ()) and Dn(one["dn"]).key not in gone]
        for group in groups:
            if Dn(group["dn"]).key == own.key:
                raise UsageError(f"members: {own} cannot be a member of itself", target=session.target)
            chain = f"(memberOf:{_IN_CHAIN}:={names.literal(group['dn'])})"
            if session.search(str(own), chain, scope="base", attributes=("objectClass",)).output:
                raise UsageError(f"members: {group['dn']} has {own} as a member itself, so that the groups would hold each other", target=session.target)

    def fresh(self, session: DirectorySession, options: Options, wanted: plan.State) -> plan.State:
        wanted = super().fresh(session, options, wanted)
        called = self.called(options[self.key])
        return {"sam_account_name": called.text if called.form == "name" else str(wanted["name"]), "scope": "global", "category": "security"} | wanted

    def update(self, todo: plan.Plan, name: str, found: Entry) -> list[engine.Call]:
        """A global group becomes domain-local, and the other way round, only by way of universal."""
        calls = super().update(todo, name, found)
        scope = todo.changes.get("scope")
        if scope and {scope.before, scope.after} == {"global", "domain_local"}:
            number = _number({"scope": plan.Change(None, "universal")}, found)
            calls.insert(0, Change("modify", {"name": name, "changes": [Modification("replace", _TYPE, (number,))]}))
        return calls

    def steps(self, changes: t.Mapping[str, plan.Change], found: Entry) -> list[Modification]:
        rest = {name: change for name, change in changes.items() if name not in ("scope", "category")}
        steps = super().steps(rest, found)
        return [Modification("replace", _TYPE, (_number(changes, found),)), *steps] if len(rest) < len(changes) else steps


def _is_foreign(key: str, domain: str) -> bool:
    """Whether a member, by its name in the form of `names.key`, is of another domain than this one."""
    above = key.removesuffix(f",{domain}").rpartition(",")[2]
    return not key.endswith(f",{domain}") or above.startswith("dc=") or above == _FOREIGN


def _number(changes: t.Mapping[str, plan.Change], found: Entry) -> int:
    """The group's type with the changes in it; the directory reads it as a signed number."""
    number = int((found.get(_TYPE) or [0])[0]) & 0xFFFFFFFF
    if "scope" in changes:
        number = number & ~sum(SCOPES.values()) | SCOPES[changes["scope"].after]
    if "category" in changes:
        number = number | _SECURITY if changes["category"].after == "security" else number & ~_SECURITY
    return number - (1 << 32) if number & _SECURITY else number
