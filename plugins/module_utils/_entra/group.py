# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a group of Entra ID has beyond its properties: members and owners, written one by one or twenty at a time."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, lists, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import BadParameter, HybridError, NotFound, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import RestSession
from ansible_collections.m365.hybrid.plugins.module_utils._entra import paths, references
from ansible_collections.m365.hybrid.plugins.module_utils._entra.resource import GraphResource, Options

FIELDS = (
    Field("mail_nickname", codec="name"),
    Field("visibility", codec=values.choice(("public", "private", "hidden_membership"), spelling=values.pascal)),
    Field("microsoft_365", write="groupTypes", codec=values.Codec(lambda value: _is(value, "Unified")), immutable=True),
    Field("is_assignable_to_role", immutable=True, codec=values.Codec(lambda value: bool(values.boolean(value)))),
    Field("members", codec=references.CODEC_OF_MANY),
    Field("owners", codec=references.CODEC_OF_MANY),
)
RELATED = ("members", "owners")
_AT_ONCE = 20
"""So many members one request takes (published with the group's update)."""


def _is(value: t.Any, kind: str) -> bool:
    """Whether a list of kinds of group has this one; a user writes true or false."""
    return kind in value if isinstance(value, list) else bool(values.boolean(value))


class Group(GraphResource):
    """A group, named by its display name or id."""

    by = "displayName"
    facts = ("id", "onPremisesSyncEnabled", "mail", "groupTypes")
    needed = ("mail_nickname",)
    listable = True

    def __init__(self, *arguments: t.Any) -> None:
        super().__init__(*arguments)
        self._directory = references.Directory()

    def fetch(self, session: RestSession, options: Options) -> dict[str, t.Any] | None:
        found = super().fetch(session, options)
        if found is None:
            return None
        return self._with(session, found, [role for role in RELATED if options.get(role) is not None])

    def _with(self, session: RestSession, found: dict[str, t.Any], roles: t.Iterable[str]) -> dict[str, t.Any]:
        """A group with those who have these roles in it."""
        for role in roles:
            listed = session.request("GET", paths.path(f"{self.collection}/{{}}/{role}", found["id"], select=references.SHOWN, top=999))
            found = {**found, role: listed.output}
        return found

    def complete(self, session: RestSession, found: dict[str, t.Any], full: bool) -> dict[str, t.Any]:
        return self._with(session, found, RELATED)

    def properties(self) -> list[str]:
        return [name for name in super().properties() or () if name not in RELATED]

    def wanted(self, session: RestSession, options: Options, current: plan.State | None) -> plan.State:
        wanted = super().wanted(session, options, current)
        if current is None:
            wanted = {
                "display_name": options["identity"],
                "security_enabled": not wanted.get("microsoft_365"),
                "mail_enabled": bool(wanted.get("microsoft_365")),
            } | wanted
        for role in RELATED:
            if role in wanted:
                wanted[role] = self._directory.wanted(session, role, wanted[role])
        return wanted

    def calls(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        state = found.state or {}
        if todo.action != "create" and state.get("on_premises_sync_enabled"):
            raise UsageError(
                f"{self.label(options)} is synchronised from an on-premises directory", advice="Change it in Active Directory and let it synchronise"
            )
        if set(RELATED) & set(todo.changes) and "DynamicMembership" in (state.get("group_types") or ()):
            raise UsageError(f"{self.label(options)} has a dynamic membership: its rule says who belongs to it", advice="Leave members out")
        calls = super().calls(todo, options, found)
        return calls if todo.action != "update" else [*calls, *(call for role in RELATED for call in self._related(role, todo, state))]

    def _related(self, role: str, todo: plan.Plan, state: plan.State) -> t.Iterator[engine.Call]:
        """Additions before removals: a group must not be without an owner in between."""
        change = todo.changes.get(role)
        if change is None:
            return
        added, removed = lists.difference(change.before or [], change.after, references.CODEC.key)
        for start in range(0, len(added), _AT_ONCE):
            links = [paths.reference(one.id)["@odata.id"] for one in added[start : start + _AT_ONCE]]
            yield self.ask("PATCH", "", state, body={f"{role}@odata.bind": links})
        for one in removed:
            yield self.ask("DELETE", f"/{role}/{{}}/$ref", state, one.id)

    def explain(self, error: HybridError, call: engine.Call) -> HybridError:
        if isinstance(error, (BadParameter, NotFound)) and ("references already exist" in error.text or call.cmdlet == "DELETE"):
            error.advice = "The copies of the directory may not agree yet; run the task again in a minute"
        return super().explain(error, call)

    def body(self, changes: t.Mapping[str, plan.Change], found: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        plain = super().body({name: change for name, change in changes.items() if name not in (*RELATED, "microsoft_365")}, found)
        return plain | ({"groupTypes": ["Unified"]} if "microsoft_365" in changes and changes["microsoft_365"].after else {})
