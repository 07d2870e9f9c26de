# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Objects that another object names: members, managers.  Named in any way, compared by distinguished name."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import lists, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import Ambiguous, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import DirectorySession
from ansible_collections.m365.hybrid.plugins.module_utils._directory import identity, names, places
from ansible_collections.m365.hybrid.plugins.module_utils._directory.identity import Entry, Identity

BY = ("sAMAccountName", "userPrincipalName")


class Dn(str):
    """A distinguished name, compared as the directory compares it; ``key`` is made once, as groups have thousands."""

    key: str

    def __new__(cls, name: t.Any) -> Dn:
        if isinstance(name, cls):
            return name
        found = super().__new__(cls, str(name))
        found.key = names.key(found)
        return found


def _load(value: t.Any) -> t.Any:
    return Dn(value) if value else ""


def _key(value: t.Any) -> t.Hashable:
    return value.key if isinstance(value, Dn) else names.key(value)


CODEC = values.Codec(_load, _key, dump=lambda value: str(value) if value else None)
CODEC_OF_MANY = values.members(values.Codec(Dn, _key, dump=str))


class References:
    """Finds objects by what users call them, each once for all objects of a task."""

    def __init__(self, by: t.Collection[str] = BY) -> None:
        self._by = by
        self._known: dict[Identity, Entry] = {}

    def learn(self, entries: t.Iterable[Entry], wanted: t.Iterable[t.Any]) -> None:
        """Take what has been read for another purpose as the answer for those of the wanted names that it has."""
        index: dict[tuple[str, str], Entry] = {}
        for entry in entries:
            for form, found in _names(entry, self._by):
                index.setdefault((form, found), entry)
        for name in map(identity.parse, wanted):
            known = index.get((name.form, names.key(name.text) if name.form == "dn" else name.text.casefold()))
            if known is not None:
                self._known.setdefault(name, known)

    def find(self, session: DirectorySession, option: str, wanted: t.Iterable[t.Any]) -> list[Entry]:
        """The objects, in order.  Raises `UsageError` that names the option and whatever is not there, `Ambiguous` for what fits several."""
        asked = [identity.parse(name) for name in wanted]
        self._look(session, option, asked)
        missing = [name.text for name in dict.fromkeys(asked) if name not in self._known]
        if missing:
            more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
            raise UsageError(
                f"{option}: there is no {', '.join(missing[:3])}{more}", target=session.target, advice="Name it by DN, GUID, SID, sAMAccountName or UPN"
            )
        return [self._known[name] for name in asked]

    def there(self, session: DirectorySession, option: str, wanted: t.Iterable[t.Any]) -> list[t.Any]:
        """Those of the names that there are.  Raises `Ambiguous`."""
        asked = {name: identity.parse(name) for name in wanted}
        self._look(session, option, asked.values())
        return [name for name, called in asked.items() if called in self._known]

    def _look(self, session: DirectorySession, option: str, asked: t.Iterable[Identity]) -> None:
        new = [name for name in dict.fromkeys(asked) if name not in self._known]
        for start in range(0, len(new), identity.AT_ONCE):
            self._ask(session, option, new[start : start + identity.AT_ONCE])

    def _ask(self, session: DirectorySession, option: str, new: list[Identity]) -> None:
        clauses = "".join(name.clause(self._by) for name in new)
        found = session.search(None, f"(|{clauses})", attributes=identity.KEYS).output
        for name in new:
            fitting = [entry for entry in found if name.fits(entry, self._by)]
            if len(fitting) > 1:
                raise Ambiguous(f"{option}: '{name.text}' fits {' and '.join(str(entry['dn']) for entry in fitting[:2])}", target=session.target)
            if fitting:
                self._known[name] = self._known[Identity("dn", str(fitting[0]["dn"]))] = fitting[0]
        self._trust(session, [name for name in new if name.form == "dn" and name not in self._known])

    def _trust(self, session: DirectorySession, named: list[Identity]) -> None:
        """Distinguished names of other domains are taken as they stand: the server that writes them asks the global catalogue whether they are there."""
        if named:
            domain = names.key(places.domain(session))
            self._known |= {name: {"dn": name.text} for name in named if names.key(names.place(name.text)) != domain}

    def wanted(self, session: DirectorySession, option: str, request: t.Any) -> t.Any:
        """A request, one name or a list, with distinguished names in place of all other names."""
        if isinstance(request, lists.Wanted):
            given = request.members()
            found = dict(zip(map(str, given), self.find(session, option, given), strict=True))
            return request.map(lambda name: Dn(found[str(name)]["dn"]))
        return Dn(self.find(session, option, [request])[0]["dn"]) if request else request


def _names(entry: Entry, by: t.Collection[str]) -> t.Iterator[tuple[str, str]]:
    """What an entry is called, as (form, text) of identities."""
    yield "dn", names.key(entry["dn"])
    for form, attribute in (("guid", "objectGUID"), ("sid", "objectSid")):
        for one in entry.get(attribute, ()):
            yield form, str(one).casefold()
    for attribute in by:
        for one in entry.get(attribute, ()):
            yield ("upn" if "@" in str(one) else "name"), str(one).casefold()
