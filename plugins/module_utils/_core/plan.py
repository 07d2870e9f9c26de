# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What must change: a pure function from what is wanted and what is."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import lists, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Attribute

State = dict[str, t.Any]
Action = t.Literal["create", "update", "delete", "nothing"]


@dataclasses.dataclass(frozen=True)
class Change:
    """One option's value before and after, in readable form.

    ``wanted`` is the request where the option is a list; ``secret`` keeps the values out of diffs.
    """

    before: t.Any
    after: t.Any
    wanted: lists.Wanted | None = None
    secret: bool = False


@dataclasses.dataclass(frozen=True)
class Plan:
    """What becomes of one object.  ``before`` and ``after`` hold its known state, None where it does not exist."""

    action: Action
    before: State | None
    after: State | None
    changes: dict[str, Change] = dataclasses.field(default_factory=dict)

    def diff(self, header: str) -> dict[str, t.Any]:
        """Ansible's diff: what changes on an update, everything that is known on a creation or deletion."""
        shown = {name: change for name, change in self.changes.items() if not change.secret}
        before = {name: change.before for name, change in shown.items()} if self.action == "update" else {}
        after = {name: change.after for name, change in shown.items()}
        if self.action == "delete":
            before = {name: value for name, value in (self.before or {}).items() if value not in (None, "", [], values.UNSET)}
        return {"before": values.plain(before), "after": values.plain(after), "before_header": header, "after_header": header}


def load(attributes: t.Mapping[str, Attribute], options: t.Mapping[str, t.Any]) -> State:
    """The options a user set, in readable form: scalars by their codec, lists as `lists.Wanted`.  None means unmanaged.

    Raises UsageError that names the option; a secret's value is never part of it.
    """
    wanted: State = {}
    given = [(name, value) for name, value in options.items() if value is not None and name in attributes]
    for name, value in given:
        attribute = attributes[name]
        if value == "" and not attribute.codec.clearable:
            raise UsageError(f"{name} is empty; leave it out, or write unlimited where there shall be no limit")
        try:
            item = attribute.codec.item
            wanted[name] = attribute.codec.load(value) if item is None else _members(attribute, lists.parse(name, value, item.structured).map(item.load))
        except ValueError as error:
            raise UsageError(f"{name}: {'the value cannot be used' if attribute.secret else error}") from None
    return wanted


def _members(attribute: Attribute, wanted: lists.Wanted) -> lists.Wanted:
    names = attribute.codec.names
    unknown = [str(one) for one in wanted.members() if names and one not in names]
    if unknown:
        raise ValueError(f"{', '.join(unknown)} is not one of {', '.join(names)}; for none of them write []")
    return wanted


def make(attributes: t.Mapping[str, Attribute], present: bool, wanted: State, current: State | None) -> Plan:
    """The plan for one object; ``wanted`` as `load` returns it, ``current`` None when the object is proven absent."""
    if not present:
        return Plan("nothing", None, None) if current is None else Plan("delete", current, None)
    changes = {}
    for name, value in wanted.items():
        change = _change(attributes[name], value, current)
        if change:
            changes[name] = change
    after = {name: change.after for name, change in changes.items() if not attributes[name].secret}
    if current is None:
        return Plan("create", None, after, changes)
    return Plan("update" if changes else "nothing", current, current | after, changes)


def _change(attribute: Attribute, value: t.Any, current: State | None) -> Change | None:
    name, codec = attribute.option, attribute.codec
    request = value if isinstance(value, lists.Wanted) else None
    if current is None:
        after = lists.apply(name, request, [], codec.item.key) if request and codec.item else value
        # an empty list is written too: the server may put something into a new object's
        return None if request and request.exact is None and not after else Change(None, after, request, attribute.secret)
    if not attribute.readable:
        return None
    before = current.get(name)
    after = lists.apply(name, request, before or [], codec.item.key) if request and codec.item else value
    if codec.key(after) == codec.key(before if before is not None or request is None else []):
        return None
    if attribute.immutable:
        # Removing an object to make it anew may cost what is in it, so that is never the advice.
        advice = attribute.instead or "It is set at creation only; leave the option as it is"
        raise UsageError(f"{name} is {before!r} and cannot be changed to {after!r}", advice=advice)
    return Change(before, after, request, attribute.secret)
