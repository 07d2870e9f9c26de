# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Objects of the directory that another object names: members, owners, managers.  They are compared by their identifiers."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import lists, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import Ambiguous, NotFound, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import RestSession
from ansible_collections.m365.hybrid.plugins.module_utils._entra import paths
from ansible_collections.m365.hybrid.plugins.module_utils._entra.resource import V1, is_id

SHOWN = ("id", "displayName", "userPrincipalName")


class Reference(str):
    """The name of an object of the directory, compared by ``id`` where that is known."""

    id: str

    def __new__(cls, name: str, identifier: str = "") -> Reference:
        found = super().__new__(cls, name)
        found.id = identifier
        return found


def of(found: t.Mapping[str, t.Any]) -> Reference:
    """An object as Graph shows it: a user by its principal name, anything else by its display name."""
    return Reference(str(found.get("userPrincipalName") or found.get("displayName") or found["id"]), str(found["id"]))


def _key(value: t.Any) -> t.Hashable:
    return getattr(value, "id", "") or str(value).casefold()


def _load(value: t.Any) -> t.Any:
    return of(value) if isinstance(value, dict) else value if isinstance(value, Reference) else Reference(str(value or ""))


CODEC = values.Codec(_load, _key, dump=lambda value: value.id or None)
"""One reference; an empty one is none."""
CODEC_OF_MANY = values.members(CODEC)


class Directory:
    """Finds objects by what users call them, each once for all objects of a task."""

    def __init__(self) -> None:
        self._known: dict[str, Reference] = {}

    def wanted(self, session: RestSession, option: str, request: t.Any) -> t.Any:
        """A request with each name resolved.  Raises `UsageError` that names the option for one that is not there or fits several."""
        if isinstance(request, lists.Wanted):
            return request.map(lambda name: self.find(session, option, name))
        return self.find(session, option, request) if request else request

    def find(self, session: RestSession, option: str, name: str) -> Reference:
        if name.casefold() not in self._known:
            self._known[name.casefold()] = self._asked(session, option, name)
        return self._known[name.casefold()]

    def _asked(self, session: RestSession, option: str, name: str) -> Reference:
        if is_id(name):
            return Reference(name, name.lower())
        if "@" in name:
            try:
                return of(session.request("GET", paths.path(f"{V1}/users/{{}}", name, select=SHOWN)).output[0])
            except NotFound:
                raise UsageError(f"{option}: there is no user {name}", target=session.target) from None
        found = session.request("GET", paths.path(f"{V1}/groups", filter=f"displayName eq {paths.literal(name)}", select=SHOWN[:2])).output
        if not found:
            raise UsageError(
                f"{option}: there is no group {name}", target=session.target, advice="Name a user by its principal name, a group by its display name"
            )
        if len(found) > 1:
            raise Ambiguous(f"{option}: {len(found)} groups are called {name}", target=session.target, advice="Name the group by its id")
        return of(found[0])
