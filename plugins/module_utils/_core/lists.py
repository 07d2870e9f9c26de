# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One idiom for every list: ``[a, b]`` is exact; ``{add: [a], remove: [b]}`` changes; ``{set: [a, b]}`` is exact too."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError

_KEYS = ("add", "remove", "set")


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What a user asked of a list: ``exact`` members, or members to add and to remove."""

    exact: list[t.Any] | None = None
    add: tuple[t.Any, ...] = ()
    remove: tuple[t.Any, ...] = ()

    def members(self) -> list[t.Any]:
        """Every member the user named."""
        return [*(self.exact or ()), *self.add, *self.remove]

    def map(self, change: t.Callable[[t.Any], t.Any]) -> Wanted:
        """The same request with each member changed."""
        exact = None if self.exact is None else [change(one) for one in self.exact]
        return Wanted(exact, tuple(change(one) for one in self.add), tuple(change(one) for one in self.remove))


def parse(option: str, value: t.Any, structured: bool = False) -> Wanted:
    """Validate what a user wrote for a list option (ansible-core checks nothing inside ``type: raw``); ``structured`` members may be dictionaries."""
    if isinstance(value, Wanted):
        return value
    if isinstance(value, (list, tuple)):
        return Wanted(exact=_members(option, value, structured))
    if not isinstance(value, t.Mapping):
        raise UsageError(f"{option} takes a list, or a dictionary with add, remove or set; {type(value).__name__} was given")
    unknown = sorted(str(key) for key in value if key not in _KEYS)
    if unknown:
        raise UsageError(f"{option} takes the keys add, remove and set; {', '.join(unknown)} is not one of them")
    parts = {key: _members(f"{option}.{key}", value[key], structured) for key in _KEYS if value.get(key) is not None}
    if "set" in parts:
        if len(parts) > 1:
            raise UsageError(f"{option}: set names all members, so it cannot stand beside add or remove")
        return Wanted(exact=parts["set"])
    if not parts:
        raise UsageError(f"{option} is a dictionary without add, remove or set; write [] for an empty list")
    return Wanted(add=tuple(parts.get("add", ())), remove=tuple(parts.get("remove", ())))


def _members(option: str, value: t.Any, structured: bool) -> list[t.Any]:
    if not isinstance(value, (list, tuple)):
        raise UsageError(f"{option} takes a list; {type(value).__name__} was given")
    if any(one is None or not str(one).strip() or isinstance(one, (list, tuple) if structured else (list, tuple, dict)) for one in value):
        raise UsageError(f"{option} has a member that is empty or not a single value")
    return list(value)


def apply(option: str, wanted: Wanted, current: t.Sequence[t.Any], item: t.Callable[[t.Any], t.Hashable]) -> list[t.Any]:
    """The list after the request: exact members in the user's order, otherwise the present ones in theirs.

    ``item`` gives a member's equality key.  A member both added and removed is refused.
    """
    both = {item(one) for one in wanted.add} & {item(one) for one in wanted.remove}
    if both:
        raise UsageError(f"{option}: {', '.join(sorted(map(str, both)))} is both added and removed")
    if wanted.exact is not None:
        return _unique(wanted.exact, item)
    gone = {item(one) for one in wanted.remove}
    return _unique([one for one in current if item(one) not in gone] + list(wanted.add), item)


def one_each(option: str, wanted: Wanted, current: t.Sequence[t.Any], subject: t.Callable[[t.Any], str], item: t.Callable[[t.Any], t.Hashable]) -> Wanted:
    """The request for a list that has one member for each subject: one that is added takes its subject's place, one is removed whatever else it says.

    ``subject`` gives what a member is about, ``item`` its equality key.  A subject that is named twice is refused.
    """
    asked = [subject(one) for one in (*(wanted.exact or ()), *wanted.add)]
    twice = sorted({one for one in asked if asked.count(one) > 1})
    if twice:
        raise UsageError(f"{option} has {twice[0]} more than once")
    both = {subject(one) for one in wanted.remove} & set(asked)
    if both:
        raise UsageError(f"{option}: {', '.join(sorted(both))} is both added and removed")
    gone = {subject(one) for one in (*wanted.remove, *wanted.add)}
    kept = {item(one) for one in wanted.add}
    return Wanted(wanted.exact, wanted.add, tuple(one for one in current if subject(one) in gone and item(one) not in kept))


def _unique(values: t.Sequence[t.Any], item: t.Callable[[t.Any], t.Hashable]) -> list[t.Any]:
    seen: dict[t.Hashable, t.Any] = {}
    for one in values:
        seen.setdefault(item(one), one)
    return list(seen.values())


def difference(before: t.Sequence[t.Any], after: t.Sequence[t.Any], item: t.Callable[[t.Any], t.Hashable]) -> tuple[list[t.Any], list[t.Any]]:
    """(added, removed) between two lists."""
    old, new = {item(one) for one in before}, {item(one) for one in after}
    return [one for one in after if item(one) not in old], [one for one in before if item(one) not in new]
