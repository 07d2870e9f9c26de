# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One read of all objects of a collection, from which the reads of single objects are answered."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer, RestSession, Session

Found = dict[str, t.Any]


class Catalogue:
    """The listed objects and an index over their names; ``key`` is the option that names one, ``names`` the properties by which it is found.

    Threads only read it.
    """

    def __init__(self, collection: str, objects: list[Found], names: t.Collection[str], key: str) -> None:
        self.collection, self.objects, self.key = collection, objects, key
        self._index: dict[str, list[Found]] = {}
        for one in objects:
            for name in {str(one[name]).casefold() for name in names if one.get(name)}:
                self._index.setdefault(name, []).append(one)

    def __len__(self) -> int:
        return len(self.objects)

    def find(self, name: t.Any) -> Found | None:
        """The one object of this name; None when there is none or more than one, which only the service can tell apart."""
        found = self._index.get(str(name).casefold(), ())
        return found[0] if len(found) == 1 else None

    def handle(self, options: t.Mapping[str, t.Any]) -> str | None:
        found = self.find(options[self.key])
        return None if found is None else str(found["id"]).casefold()

    def some(self, session: Session, named: t.Sequence[t.Mapping[str, t.Any]]) -> Catalogue | None:
        """Graph selects 15 objects by name at the most, so a list is read again as a whole, or objects one by one."""
        return None

    def over(self, session: Session) -> Session:
        return t.cast(Session, Shelf(t.cast(RestSession, session), self))


class Shelf:
    """A session that knows the listed objects; everything else goes to the service.

    An object that is not listed is asked for: a list may lag behind, so only the service's own answer proves that it is absent.
    """

    def __init__(self, session: RestSession, catalogue: Catalogue) -> None:
        self._session, self._catalogue = session, catalogue
        self.target, self.wire, self.endpoint = session.target, session.wire, session.endpoint

    def held(self, collection: str, name: str) -> Found | None:
        """A listed object of this collection."""
        return self._catalogue.find(name) if collection == self._catalogue.collection else None

    def request(self, method: str, path: str, body: t.Any = None, *, eventual: bool = False) -> Answer:
        return self._session.request(method, path, body, eventual=eventual)
