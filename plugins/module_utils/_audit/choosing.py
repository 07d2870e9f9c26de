# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which rows are wanted: by person, object, kind of thing, operation and time."""

from __future__ import annotations

import dataclasses
import fnmatch
import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._audit.rows import NAMES, PEOPLE, SPELLED, Row
from ansible_collections.m365.hybrid.plugins.module_utils._core import values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError

OPERATIONS = ("create", "change", "remove", "other")


@dataclasses.dataclass(frozen=True)
class Choice:
    """Patterns with ``*`` and ``?``, without regard to case; an empty tuple takes everything.  ``since`` is part of the time, ``until`` is not."""

    people: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None

    @classmethod
    def of(cls, options: t.Mapping[str, t.Any]) -> Choice:
        """Raises UsageError."""
        lists = {}
        for name in ("people", "objects", "kinds", "operations"):
            given = [values.text(one).strip() for one in options.get(name) or ()]
            if not all(given):
                raise UsageError(f"{name} has an empty member; leave it out to take everything")
            lists[name] = tuple(given)
        since, until = (_time(name, options.get(name)) for name in ("since", "until"))
        if since and until and since >= until:
            raise UsageError(f"since is {since}, which is not before until, {until}")
        return cls(**lists, since=since, until=until)

    def takes(self, row: Row) -> bool:
        if (self.since and row["time"] < self.since) or (self.until and row["time"] >= self.until):
            return False
        if self.operations and row["operation"] not in self.operations:
            return False
        return _fits(row[PEOPLE], self.people) and _fits(row[NAMES], self.objects) and _fits(row[SPELLED], self.kinds)

    def shown(self) -> dict[str, t.Any]:
        return dataclasses.asdict(self)


def _time(name: str, given: t.Any) -> str | None:
    try:
        return values.timestamp(given)
    except ValueError as error:
        raise UsageError(f"{name}: {error}") from None


def _fits(names: t.Iterable[str], patterns: tuple[str, ...]) -> bool:
    return not patterns or any(_pattern(one).match(name) for one in patterns for name in names)


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(fnmatch.translate(text.casefold().replace("[", "[[]")))
