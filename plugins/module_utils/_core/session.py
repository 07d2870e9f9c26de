# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The seam between what the collection wants and how it gets there: one session to one target."""

from __future__ import annotations

import dataclasses
import typing as t


class Secret(str):
    """Text that a cmdlet takes as a SecureString and that no output may show."""

    def __repr__(self) -> str:
        return "Secret()"


@dataclasses.dataclass(frozen=True)
class Credential:
    """What a cmdlet takes as a PSCredential."""

    user: str
    password: Secret = dataclasses.field(repr=False)


@dataclasses.dataclass(frozen=True)
class Answer:
    """What one call returned.

    ``output`` holds plain values: dict (an object's properties), list, str, int, float, bool, None; dates are ISO 8601 UTC.
    ``truncated`` is true when the server said that there are more results than it returned.
    """

    output: list[t.Any]
    warnings: list[str] = dataclasses.field(default_factory=list)
    truncated: bool = False
    more: str | None = None
    """Where only one page was asked for: the path of the next one, if there is one."""


class Session(t.Protocol):
    """An open session.  ``target`` is how messages name it, ``wire`` and ``endpoint`` are what it speaks and to what."""

    target: str
    wire: str
    endpoint: str

    def invoke(self, cmdlet: str, parameters: t.Mapping[str, t.Any] | None = None, *, properties: t.Collection[str] | None = None) -> Answer:
        """Run one cmdlet with typed parameters.

        A parameter value is None, bool, int, float, str, bytes, `Secret`, `Credential`, or a list or dict of such.  ``properties``
        limits the returned objects to the named properties (case does not matter); None returns all of them.
        Raises a `HybridError` for every failure, also where the server reported a non-terminating error.
        """


class RestSession(t.Protocol):
    """An open way to a REST service, for example Microsoft Graph."""

    target: str
    wire: str
    endpoint: str

    def request(self, method: str, path: str, body: t.Any = None, *, eventual: bool = False) -> Answer:
        """Make one request.

        ``path`` begins with the version of the service and holds the query, what comes from a user percent-encoded.  ``body`` is what
        JSON can hold; None is no body.  ``eventual`` asks for what a directory answers only from copies that may lag behind (Graph's
        advanced queries).  The answer's ``output`` holds the members of a list, all pages of it, or the one object, or nothing.
        Raises a `HybridError` for every failure.
        """


@t.runtime_checkable
class Paged(t.Protocol):
    """A way to a REST service that reads a list page by page, so that a long one is never held as a whole."""

    def page(self, path: str, *, eventual: bool = False) -> Answer:
        """One page of a list, which is the first one of ``path`` or what ``more`` of the page before says.  Raises a `HybridError`."""


Values = t.Sequence[t.Any]
"""An attribute's values: str, bytes, bool, int, or `Secret` for a password."""


@dataclasses.dataclass(frozen=True)
class Modification:
    """One step of a change of a directory's object: ``how`` is add, delete or replace; without values, delete and replace clear the attribute."""

    how: str
    attribute: str
    values: Values = ()


class DirectorySession(t.Protocol):
    """An open way to an LDAP directory.  Names are distinguished names, or ``<GUID=...>`` and ``<SID=S-1-...>``.

    Every operation raises a `HybridError` for every failure.  `NotFound` says that the named object itself is not there.
    """

    target: str
    wire: str
    endpoint: str

    def search(
        self,
        base: str | None,
        text: str = "(objectClass=*)",
        *,
        scope: str = "subtree",
        attributes: t.Collection[str] = ("*",),
        deleted: bool = False,
        limit: int | None = None,
    ) -> Answer:
        """All objects that fit, each a dictionary of ``dn`` and the lists of values of the attributes that it has.

        ``base`` None is the domain, ``""`` the directory's own description (rootDSE, with ``scope`` base), and ``configuration`` and
        ``schema`` are those partitions.  ``scope`` is base, onelevel or subtree; ``text`` a filter of RFC 4515, what comes from a user
        escaped.  ``deleted`` shows removed objects too.  ``limit`` is how many are wanted; the answer is ``truncated`` when there are more.
        Values are typed by the schema: see `_directory.codec`.
        """

    def add(self, name: str, attributes: t.Mapping[str, Values]) -> Answer:
        """Make an object; ``objectClass`` is one of its attributes."""

    def modify(self, name: str, changes: t.Sequence[Modification]) -> Answer:
        """Change an object: all steps in order, or none."""

    def delete(self, name: str, *, tree: bool = False) -> Answer:
        """Remove an object, with ``tree`` all that is below it as well."""

    def rename(self, name: str, rdn: str, parent: str | None = None) -> Answer:
        """Give an object a new relative name, and with ``parent`` another place."""


@t.runtime_checkable
class Divisible(Session, t.Protocol):
    """A session that allows several calls at a time: each of its parts makes one.  ``width`` is how many the session budget allows."""

    width: int

    def another(self) -> Divisible:
        """Another way to the same target under the same identity.  Raises a `HybridError`."""

    def close(self) -> None:
        """Leave the target; its sessions stay for the next task."""
