# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One read of all objects of a kind, from which the reads of single objects are answered."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer, DirectorySession, Modification, Session, Values
from ansible_collections.m365.hybrid.plugins.module_utils._directory import identity, names
from ansible_collections.m365.hybrid.plugins.module_utils._directory.identity import Entry


class Catalogue:
    """The listed objects and an index over their names; ``key`` is the option that names one, ``again`` reads those with certain names.

    Threads only read it.
    """

    def __init__(self, objects: list[Entry], by: t.Collection[str], key: str, again: t.Callable[[Session, t.Sequence[str]], list[Entry]]) -> None:
        self.objects, self._by, self._key, self._again = objects, by, key, again
        self._index: dict[str, list[Entry]] = {}
        for one in objects:
            for name in {self._folded(found) for found in _called(one, by)}:
                self._index.setdefault(name, []).append(one)

    def __len__(self) -> int:
        return len(self.objects)

    def find(self, name: t.Any) -> Entry | None:
        """The one object of this name; None when there is none or more than one, which only the directory can tell apart."""
        found = self._index.get(self._folded(name), ())
        return found[0] if len(found) == 1 else None

    def _folded(self, name: t.Any) -> str:
        called = identity.parse(name, "sAMAccountName" in self._by)
        return names.key(called.text) if called.form == "dn" else called.text.casefold()

    def handle(self, options: t.Mapping[str, t.Any]) -> str | None:
        found = self.find(options[self._key])
        return None if found is None else str(found["objectGUID"][0]).lower()

    def some(self, session: Session, named: t.Sequence[t.Mapping[str, t.Any]]) -> Catalogue | None:
        return Catalogue(self._again(session, [str(one[self._key]) for one in named]), self._by, self._key, self._again)

    def over(self, session: Session) -> Session:
        return t.cast(Session, Shelf(t.cast(DirectorySession, session), self))


def _called(found: Entry, by: t.Collection[str]) -> t.Iterator[str]:
    yield found["dn"]
    for attribute in ("objectGUID", "objectSid", *by):
        yield from map(str, found.get(attribute) or ())


class Shelf:
    """A session that knows the listed objects; everything else goes to the directory, whose own answer alone proves that one is absent."""

    def __init__(self, session: DirectorySession, catalogue: Catalogue) -> None:
        self._session, self._catalogue = session, catalogue
        self.target, self.wire, self.endpoint = session.target, session.wire, session.endpoint

    def held(self, name: str) -> Entry | None:
        """A listed object."""
        return self._catalogue.find(name)

    def search(self, base: str | None, text: str = "(objectClass=*)", **more: t.Any) -> Answer:
        return self._session.search(base, text, **more)

    def add(self, name: str, attributes: t.Mapping[str, Values]) -> Answer:
        return self._session.add(name, attributes)

    def modify(self, name: str, changes: t.Sequence[Modification]) -> Answer:
        return self._session.modify(name, changes)

    def delete(self, name: str, *, tree: bool = False) -> Answer:
        return self._session.delete(name, tree=tree)

    def rename(self, name: str, rdn: str, parent: str | None = None) -> Answer:
        return self._session.rename(name, rdn, parent)
