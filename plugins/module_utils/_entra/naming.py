# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What policies name by identifiers and people by names: users, groups, roles, applications, locations.  In both directions."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import lists, plan
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import AccessDenied, Ambiguous, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import RestSession
from ansible_collections.m365.hybrid.plugins.module_utils._entra import paths, permissions, roles
from ansible_collections.m365.hybrid.plugins.module_utils._entra.references import Reference
from ansible_collections.m365.hybrid.plugins.module_utils._entra.resource import V1, is_id

_AT_ONCE = 15
"""So many identifiers one filter takes."""


@dataclasses.dataclass(frozen=True)
class Kind:
    """A kind of object that policies name.

    ``what`` is how messages call it, ``collection`` where its objects are, ``name`` and ``key`` the properties with the name that people
    use and the identifier that policies hold.  ``words`` stand for objects (option's word → Graph's), ``known`` are names with their
    identifiers that need no question.  ``whole`` says that there are few of them, so that all are read at once, ``unique`` that no two
    have one name.
    """

    what: str
    collection: str = ""
    name: str = "displayName"
    key: str = "id"
    words: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    known: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    whole: bool = False
    unique: bool = False


USER = Kind(
    "user",
    f"{V1}/users",
    "userPrincipalName",
    words={"all": "All", "none": "None", "guests_or_external_users": "GuestsOrExternalUsers"},
    unique=True,
)
GROUP = Kind("group", f"{V1}/groups")
ROLE = Kind("role", known=roles.ROLES)
APPLICATION = Kind(
    "application",
    f"{V1}/servicePrincipals",
    key="appId",
    words={"all": "All", "none": "None", "office365": "Office365", "microsoft_admin_portals": "MicrosoftAdminPortals"},
)
LOCATION = Kind(
    "named location",
    f"{V1}/identity/conditionalAccess/namedLocations",
    words={"all": "All", "all_trusted": "AllTrusted", "mfa_trusted_ips": "00000000-0000-0000-0000-000000000000"},
    whole=True,
)
STRENGTH = Kind("authentication strength", f"{V1}/identity/conditionalAccess/authenticationStrength/policies", whole=True)


class Names:
    """Finds objects of a kind by name or identifier, each once."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._known = {word.casefold(): Reference(word, identifier) for word, identifier in {**kind.words, **kind.known}.items()}
        self._by_id = {found.id.casefold(): found for found in self._known.values()}
        self._twins: set[str] = set()
        self._all_read = False

    def wanted(self, session: RestSession, option: str, request: t.Any) -> t.Any:
        """A request with each name resolved.  Raises `UsageError` that names the option for one that is not there or fits several."""
        if isinstance(request, lists.Wanted):
            return request.map(lambda name: self._find(session, option, name))
        return self._find(session, option, request) if request else request

    def shown(self, session: RestSession, identifiers: t.Iterable[str]) -> None:
        """Learn the names of these objects.  What is no longer there keeps its identifier for a name."""
        missing = sorted({one for one in identifiers if one.casefold() not in self._by_id and is_id(one)})
        if missing and self._kind.whole:
            self._read_all(session)
        elif missing and self._kind.collection:
            for start in range(0, len(missing), _AT_ONCE):
                wanted = ",".join(paths.literal(one) for one in missing[start : start + _AT_ONCE])
                self._learn(self._asked(session, f"{self._kind.key} in ({wanted})"))
        for one in missing:
            self._by_id.setdefault(one.casefold(), Reference(one, one))

    def reference(self, identifier: str) -> Reference:
        """The object of this identifier, with its name if that was learnt."""
        return self._by_id.get(identifier.casefold()) or Reference(identifier, identifier)

    def _find(self, session: RestSession, option: str, name: str) -> Reference:
        found = self._known.get(name.casefold())
        if found is None and is_id(name):
            return self.reference(name.lower())
        if found is None and self._kind.whole:
            self._read_all(session)
            found = self._known.get(name.casefold())
        elif found is None and self._kind.collection:
            found = self._by_name(session, option, name)
        if name.casefold() in self._twins:
            raise self._ambiguous(session, option, name)
        if found is None:
            raise UsageError(f"{option}: there is no {self._kind.what} {name}", target=session.target, advice=self._advice())
        return found

    def _by_name(self, session: RestSession, option: str, name: str) -> Reference | None:
        found = self._asked(session, f"{self._kind.name} eq {paths.literal(name)}")
        if len(found) > 1:
            raise self._ambiguous(session, option, name)
        self._learn(found)
        return self._known.setdefault(name.casefold(), self._by_id[str(found[0][self._kind.key]).casefold()]) if found else None

    def _ambiguous(self, session: RestSession, option: str, name: str) -> Ambiguous:
        return Ambiguous(f"{option}: several objects are called {self._kind.what} {name}", target=session.target, advice="Name it by its id")

    def _asked(self, session: RestSession, text: str) -> list[dict[str, t.Any]]:
        selected = tuple(dict.fromkeys(("id", self._kind.key, self._kind.name)))
        return self._listed(session, filter=text, select=selected)

    def _listed(self, session: RestSession, **query: t.Any) -> list[dict[str, t.Any]]:
        try:
            return session.request("GET", paths.path(self._kind.collection, **query)).output
        except AccessDenied as error:
            error.advice = permissions.to_look_up(self._kind.what)
            raise

    def _read_all(self, session: RestSession) -> None:
        if not self._all_read:
            self._learn(self._listed(session))
            self._all_read = True

    def _learn(self, found: t.Iterable[t.Mapping[str, t.Any]]) -> None:
        """Keep the names of objects.  That a name means one of them is known only where names are unique, or all objects were read."""
        for one in found:
            reference = Reference(str(one[self._kind.name]), str(one[self._kind.key]).lower())
            if reference.casefold() in self._kind.words:
                reference = Reference(reference.id, reference.id)  # an object may be called like a word, and the word stands for something else
            self._by_id[reference.id] = reference
            other = self._known.get(reference.casefold())
            if self._kind.whole and other is not None and other.id != reference.id:
                self._twins.add(reference.casefold())
            elif self._kind.whole or self._kind.unique:
                self._known[reference.casefold()] = reference

    def _advice(self) -> str:
        stands = f", or write {', '.join(self._kind.words)}" if self._kind.words else ""
        known = "; a role that is new or your own has a template id" if self._kind.known else ""
        by = "its principal name" if self._kind.name == "userPrincipalName" else "its name"
        return f"Name it by {by} or id{stands}{known}"


class Resolver:
    """The names of all kinds that the options of a resource hold."""

    def __init__(self, kinds: t.Mapping[str, Kind]) -> None:
        self._kinds = kinds
        self._names = {kind.what: Names(kind) for kind in kinds.values()}

    def of(self, option: str) -> Names:
        return self._names[self._kinds[option].what]

    def named(self, session: RestSession, state: plan.State) -> plan.State:
        """A state with names in place of identifiers, one question for each kind."""
        for what, names in self._names.items():
            held = [one for option, kind in self._kinds.items() if kind.what == what for one in _each(state.get(option)) if not _resolved(one)]
            names.shown(session, [str(one) for one in held])
        return {name: self._translated(name, value) if name in self._kinds else value for name, value in state.items()}

    def wanted(self, session: RestSession, wanted: plan.State) -> plan.State:
        return {name: self.of(name).wanted(session, name, value) if name in self._kinds else value for name, value in wanted.items()}

    def _translated(self, option: str, value: t.Any) -> t.Any:
        if isinstance(value, list):
            return [one if _resolved(one) else self.of(option).reference(str(one)) for one in value]
        return value if not value or _resolved(value) else self.of(option).reference(str(value))


def _each(value: t.Any) -> list[t.Any]:
    return value if isinstance(value, list) else [value] if value else []


def _resolved(value: t.Any) -> bool:
    return bool(getattr(value, "id", ""))
