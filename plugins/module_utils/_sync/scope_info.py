# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of what would be synchronised: thousands of objects of Active Directory, or objects that the task brings."""

from __future__ import annotations

import collections
import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import Truncated, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Module, Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._directory import identity, names, references
from ansible_collections.m365.hybrid.plugins.module_utils._sync import _scope_data as data
from ansible_collections.m365.hybrid.plugins.module_utils._sync import scope

FILTER = "(|(objectClass=user)(objectClass=contact)(objectClass=group))"
"""Everything that a rule could let through; computers are users to LDAP."""
BY = (*references.BY, "mail")
"""What a plain name may be the value of."""
SHOWN = {"synchronized": True, "excluded": False, "unknown": None}
NOT_PUBLISHED = "which objects Cloud Sync leaves out by default is not published, so whether this one comes along is not known"
_NAMES = ("sAMAccountName", "userPrincipalName", "mail", "mailNickname", "proxyAddresses")
_ALWAYS = ("objectClass", "groupType", "objectGUID", "objectSid", *_NAMES, scope.CONSISTENCY)

Row = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Nowhere:
    """The session of a task that brings the objects itself: there is nothing to ask."""

    target: str = "the given objects"
    wire: str = "ldap"
    endpoint: str = "ldap"


@dataclasses.dataclass(frozen=True)
class ScopeInfo(Module):
    """Objects with the rules that keep them out."""

    def run(self, open_session: t.Callable[[], Session], task: Task) -> Result:
        given = task.options.get("objects") is not None
        return super().run((lambda: t.cast(Session, Nowhere())) if given else open_session, task)

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        for option in ("identity", "organizational_units", "excluded_organizational_units"):
            if any(not str(one).strip() for one in options.get(option) or ()):
                raise UsageError(f"{option} has an empty member; each must name one object")
        for option in ("organizational_units", "excluded_organizational_units"):
            wrong = next((one for one in options.get(option) or () if not names.is_name(one)), None)
            if wrong is not None:
                raise UsageError(f"{option}: '{wrong}' is not a distinguished name such as OU=Staff,DC=contoso,DC=com")
        classless = next((one for one in options.get("objects") or () if not scope.Seen(one).all("objectClass")), None)
        if classless is not None:
            raise UsageError(f"objects: {scope.Seen(classless).dn or classless} has no objectClass, so which rules hold for it is not known")

    def execute(self, session: engine.Tally, task: Task) -> Result:
        options = task.options
        found, missing = (options["objects"], []) if options.get("objects") is not None else self._read(session, options)
        chosen = scope.Chosen(tuple(options.get("organizational_units") or ()), tuple(options.get("excluded_organizational_units") or ()))
        judge = Judge(options, chosen)
        rows = [judge.row(scope.Seen(one)) for one in found]
        shown = [row for row in rows if options["show"] == "all" or row["synchronized"] is SHOWN[options["show"]]]
        return {"objects": shown, "missing": missing, "summary": summary(rows), "attributes": judge.attributes(rows)}

    @staticmethod
    def _read(session: engine.Tally, options: t.Mapping[str, t.Any]) -> tuple[list[identity.Entry], list[str]]:
        """The objects with what the rules look at, and the names that are proven absent."""
        wanted = ["*"] if options["show_attributes"] else list(dict.fromkeys((*_ALWAYS, *scope.needed(options["generation"]))))
        if options.get("identity") is not None:
            return named(session, options["identity"], wanted)
        answer = session.search(options.get("search_base"), options.get("filter") or FILTER, attributes=wanted)
        if answer.truncated:
            raise Truncated(f"the directory returned {len(answer.output)} objects and has more", target=session.target)
        return answer.output, []


def named(session: engine.Tally, identities: t.Iterable[str], wanted: list[str]) -> tuple[list[identity.Entry], list[str]]:
    """The named objects, many in one question."""
    held = identity.many(session, identities, wanted if "*" in wanted else [*wanted, *identity.KEYS], BY, _clause)
    unique = {entry["dn"]: entry for entries in held.values() for entry in entries}
    return list(unique.values()), [name for name, entries in held.items() if not entries]


def _clause(one: identity.Identity) -> str:
    """The filter that finds an object; what looks like a sign-in name may be an address, too."""
    return f"(|{one.clause(('userPrincipalName',))}{one.clause(('mail',))})" if one.form == "upn" else one.clause(BY)


@dataclasses.dataclass(frozen=True)
class Judge:
    """Makes rows of objects, as a task's options want them."""

    options: t.Mapping[str, t.Any]
    chosen: scope.Chosen

    def row(self, one: scope.Seen) -> Row:
        rules = scope.excluding(one, self.options["generation"], self.chosen)
        known = bool(rules) or self.options["generation"] not in scope.UNPUBLISHED
        found: Row = {
            "dn": one.dn,
            "kind": one.kind,
            "user_principal_name": one.text("userPrincipalName") or None,
            "mail": one.text("mail") or None,
            "immutable_id": scope.anchor(one, self.options["generation"]),
            "security_identifier": one.text("objectSid") or None,
            "synchronized": not rules if known else None,
            "excluded_by": rules,
            "exchange_attributes": not rules and bool(one.all(data.EXCHANGE_NEEDS)) if known else None,
            "notes": [] if rules else self._notes(one, known),
        }
        return found | (self._attributes_of(one, found) if self.options["show_attributes"] else {})

    def _notes(self, one: scope.Seen, known: bool) -> list[str]:
        """What becomes of a synchronised object other than an administrator may expect."""
        notes = [] if known else [NOT_PUBLISHED]
        verified = self.options.get("verified_domains")
        suffix = one.text("userPrincipalName").rpartition("@")[2]
        if one.kind == "user" and verified is not None and suffix.casefold() not in map(str.casefold, verified):
            said = f"the suffix {suffix} of its user principal name is not verified in the tenant" if suffix else "it has no user principal name"
            notes.append(f"{said}, so it gets a name in the onmicrosoft.com domain")
        if known and one.kind != "device" and not one.all(data.EXCHANGE_NEEDS) and one.all("proxyAddresses"):
            notes.append(f"{data.EXCHANGE_NEEDS} is absent, so its Exchange attributes stay in Active Directory")
        return notes

    def _attributes_of(self, one: scope.Seen, row: Row) -> Row:
        back = scope.written_back(one.kind, self.options["generation"]) if row["exchange_attributes"] is not False else []
        if row["synchronized"] is None:
            return {"flowing": None, "written_back": back}
        flow = scope.flowing(one.kind, self.options.get("services") or (), row["exchange_attributes"]) if row["synchronized"] else []
        return {"flowing": scope.set_of(one, flow), "written_back": back}

    def attributes(self, rows: t.Iterable[Row]) -> dict[str, Row]:
        """What flows, for each kind of object that was found; None where it is not published."""
        kinds, generation = dict.fromkeys(row["kind"] for row in rows if row["kind"]), self.options["generation"]
        services = self.options.get("services") or ()
        return {
            kind: {
                "flowing": None if generation in scope.UNPUBLISHED else scope.flowing(kind, services),
                "written_back": scope.written_back(kind, generation),
            }
            for kind in kinds
        }


def summary(rows: t.Sequence[Row]) -> Row:
    """Counts; an object that several rules keep out counts for each of them."""
    rules = collections.Counter(rule for row in rows for rule in row["excluded_by"])
    kinds = collections.Counter(row["kind"] or "other" for row in rows if row["synchronized"])
    verdicts = collections.Counter(row["synchronized"] for row in rows)
    return {
        "objects": len(rows),
        **{name: verdicts[verdict] for name, verdict in SHOWN.items()},
        "by_kind": dict(sorted(kinds.items())),
        "by_rule": dict(rules.most_common()),
    }
