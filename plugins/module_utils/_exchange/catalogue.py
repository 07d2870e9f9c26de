# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One read of all objects of a noun, from which the reads of single objects are answered."""

from __future__ import annotations

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


class Catalogue:
    """The listed objects and an index over their names; ``key`` is the option that names one.  Threads only read it."""

    def __init__(self, cmdlet: str, parameters: t.Mapping[str, t.Any], objects: list[dict[str, t.Any]], key: str) -> None:
        self.cmdlet, self.parameters, self.objects, self.key = cmdlet, dict(parameters), objects, key
        self._index: dict[str, list[dict[str, t.Any]]] = {}
        spelling: dict[str, str] = {}
        for one in objects:
            spelling = spelling if spelling.keys() == one.keys() else {name: values.fold(name) for name in one}
            for name in {name for key, value in one.items() if spelling[key] in NAMES for name in _names(value)}:
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
    """All objects; None where the cmdlet needs the name of one.  Raises Truncated: a part of a list is no basis for anything."""
    wanted = {*properties, *NAMES}
    try:
        answer = _listed(session, cmdlet, parameters, wanted)
    except BadParameter:
        return None
    if answer.truncated:
        raise Truncated(f"the server returned {len(answer.output)} objects and has more", cmdlet=cmdlet, target=session.target)
    return Catalogue(cmdlet, parameters, [one for one in answer.output if isinstance(one, dict)], key)


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


def _names(value: t.Any) -> t.Iterator[str]:
    for one in value if isinstance(value, list) else [value]:
        if one:
            yield _key(one)
            kind, colon, rest = str(one).partition(":")
            if colon and kind.isalnum():
                yield _key(rest)


def _key(identity: t.Any) -> str:
    return str(identity).strip("{}").casefold()
