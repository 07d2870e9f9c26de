# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One read of all objects of a noun, from which the reads of single objects are answered."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import BadParameter, Truncated
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer, Session

NAMES = (
    "name",
    "identity",
    "guid",
    "distinguishedname",
    "alias",
    "displayname",
    "userprincipalname",
    "samaccountname",
    "legacyexchangedn",
    "exchangeguid",
    "primarysmtpaddress",
    "emailaddresses",
)
"""The properties by whose values a cmdlet finds an object, folded."""

_OWN = ("guid", "distinguishedname", "identity", "name")
"""What tells objects apart, the surest first."""


FILTERED = frozenset(f"Get-{noun}" for noun in ("CASMailbox", "DistributionGroup", "Mailbox", "MailContact", "MailUser", "RemoteMailbox"))
"""Cmdlets that take an OPATH filter over properties of recipients (published: filterable properties)."""

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_AT_ONCE = 100
"""So many objects one filter names: it becomes a filter of LDAP, whose length domain controllers limit."""


class Catalogue:
    """The listed objects and an index over their names; ``key`` is the option that names one.  Threads only read it."""

    def __init__(self, cmdlet: str, parameters: t.Mapping[str, t.Any], objects: list[dict[str, t.Any]], key: str, properties: t.Collection[str] = ()) -> None:
        self.cmdlet, self.parameters, self.objects, self.key, self.properties = cmdlet, dict(parameters), objects, key, properties
        self._index: dict[str, list[dict[str, t.Any]]] = {}
        spelling: tuple[str, ...] = ()
        naming: list[str] = []
        for one in objects:
            if spelling != tuple(one):
                spelling = tuple(one)
                naming = [name for name in one if values.fold(name) in NAMES]
            for name in {name for shown in naming if (value := one[shown]) for name in _names(value)}:
                self._index.setdefault(name, []).append(one)

    def __len__(self) -> int:
        return len(self.objects)

    def find(self, identity: t.Any) -> dict[str, t.Any] | None:
        """The one object that answers to a name; None when there is none or more than one, which only the server can tell apart."""
        found = self._index.get(_key(identity), ())
        return found[0] if len(found) == 1 else None

    def own(self, found: t.Mapping[str, t.Any]) -> str | None:
        """The surest name of a listed object."""
        shown = folded(found)
        return next((str(shown[name]).casefold() for name in _OWN if shown.get(name)), None)

    def handle(self, options: t.Mapping[str, t.Any]) -> str | None:
        found = self.find(options[self.key])
        return None if found is None else self.own(found)

    def some(self, session: Session, named: t.Sequence[t.Mapping[str, t.Any]]) -> Catalogue | None:
        guids = [str(options[self.key]) for options in named]
        if self.cmdlet not in FILTERED or not all(map(_GUID.fullmatch, guids)):
            return None
        found: list[dict[str, t.Any]] = []
        for start in range(0, len(guids), _AT_ONCE):
            chosen = " -or ".join(f"Guid -eq '{guid}'" for guid in guids[start : start + _AT_ONCE])
            part = read(session, self.cmdlet, {**self.parameters, "Filter": chosen}, self.properties, self.key)
            found += part.objects if part else []
        return Catalogue(self.cmdlet, self.parameters, found, self.key, self.properties)

    def over(self, session: Session) -> Session:
        return Shelf(session, self)


class Shelf:
    """A session that answers the read of a listed object from the list; all else goes to the server.

    An object that is not listed is asked for: only the server's own not-found error proves that it is absent.
    """

    def __init__(self, session: Session, catalogue: Catalogue) -> None:
        self._session, self._catalogue = session, catalogue
        self.target, self.wire, self.endpoint = session.target, session.wire, session.endpoint

    def invoke(self, cmdlet: str, parameters: t.Mapping[str, t.Any] | None = None, *, properties: t.Collection[str] | None = None) -> Answer:
        given = dict(parameters or {})
        if cmdlet == self._catalogue.cmdlet and "Identity" in given and properties is not None:
            identity = given.pop("Identity")
            found = self._catalogue.find(identity) if given == self._catalogue.parameters and "*" not in str(identity) else None
            if found is not None:
                return Answer([found])
        return self._session.invoke(cmdlet, parameters, properties=properties)


def read(session: Session, cmdlet: str, parameters: t.Mapping[str, t.Any], properties: t.Iterable[str], key: str) -> Catalogue | None:
    """All objects; None where the cmdlet needs the name of one.  Raises Truncated."""
    try:
        return selected(session, cmdlet, parameters, properties, key)
    except BadParameter:
        return None


def selected(session: Session, cmdlet: str, parameters: t.Mapping[str, t.Any], properties: t.Iterable[str], key: str) -> Catalogue:
    """The objects that the parameters select.  Raises BadParameter, and Truncated: a part of a list is no basis for anything."""
    wanted = {*properties, *NAMES}
    answer = _listed(session, cmdlet, parameters, wanted)
    if answer.truncated:
        raise Truncated(f"the server returned {len(answer.output)} objects and has more", cmdlet=cmdlet, target=session.target)
    return Catalogue(cmdlet, parameters, [one for one in answer.output if isinstance(one, dict)], key, wanted)


def _listed(session: Session, cmdlet: str, parameters: t.Mapping[str, t.Any], properties: t.Collection[str]) -> Answer:
    try:
        return session.invoke(cmdlet, {**parameters, "ResultSize": "Unlimited"}, properties=properties)
    except BadParameter as error:
        if "resultsize" not in error.text.casefold():
            raise
    return session.invoke(cmdlet, parameters, properties=properties)  # cmdlets of short lists return all there is


def folded(found: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """A listed object's properties by their folded names."""
    return {values.fold(name): value for name, value in found.items()}


def _names(value: t.Any) -> t.Iterable[str]:
    if isinstance(value, str) and ":" not in value:
        return (_key(value),)
    return [name for one in (value if isinstance(value, list) else [value]) if one for name in _with_and_without_type(_key(one))]


def _with_and_without_type(name: str) -> tuple[str, ...]:
    """An address also answers to what stands after its type: ``smtp:``, ``x500:``."""
    kind, colon, rest = name.partition(":")
    return (name, rest) if colon and kind.isalnum() else (name,)


def _key(identity: t.Any) -> str:
    return str(identity).strip("{}").casefold()
