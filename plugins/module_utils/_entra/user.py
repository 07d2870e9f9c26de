# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a user of Entra ID has beyond its properties: a password, a manager, and an on-premises directory that may own it."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import NotFound, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import RestSession
from ansible_collections.m365.hybrid.plugins.module_utils._entra import paths, references
from ansible_collections.m365.hybrid.plugins.module_utils._entra.resource import V1, Ask, GraphResource, Options, is_id

FIELDS = (
    Field("user_principal_name", codec="name"),
    Field("state_or_province", write="state"),
    Field("usage_location", codec=values.Codec(lambda value: values.text(value).upper(), dump=lambda value: value or None)),
    Field("user_type", codec=values.choice(("member", "guest"))),  # case counts here
    Field("mail_nickname", codec="name"),
    Field("business_phones", codec=values.members(values.TEXT)),
    Field("other_mails", codec="addresses"),
    Field("password_policies", codec=values.flags(("disable_password_expiration", "disable_strong_password"))),
    Field("password", secret=True),
    Field("force_change_password_next_sign_in", read=""),
    Field("manager", codec=references.CODEC),
)
MASTERED_IN_THE_CLOUD = ("usage_location", "password_policies", "other_mails", "show_in_address_list", "manager")
"""Options that are written here also for a user that an on-premises directory owns; its manager is not among them when it synchronises, and
Graph says so."""


_DELETED = f"{V1}/directory/deletedItems/microsoft.graph.user"


class User(GraphResource):
    """A user, named by principal name or id.  A renamed user is found by its new name, too, so that renaming twice changes nothing."""

    facts = ("id", "onPremisesSyncEnabled", "mail", "createdDateTime")
    needed = ("display_name", "mail_nickname", "user_principal_name", "password")
    listable = True
    named_by = "userPrincipalName"

    def __init__(self, *arguments: t.Any) -> None:
        super().__init__(*arguments)
        self._directory = references.Directory()
        self._deleted: dict[str, list[dict[str, t.Any]]] = {}

    def fetch(self, session: RestSession, options: Options) -> dict[str, t.Any] | None:
        found = super().fetch(session, options)
        renamed = options.get("user_principal_name")
        if found is None and renamed and options["state"] == "present" and not is_id(options["identity"]):
            found = super().fetch(session, {**options, "identity": renamed})
        if found is not None and options.get("manager") is not None:
            found = {**found, "manager": self._superior(session, found["id"])}
        return found

    def complete(self, session: RestSession, found: dict[str, t.Any], full: bool) -> dict[str, t.Any]:
        """The manager of each user takes a request of its own."""
        return {**found, "manager": self._superior(session, found["id"])} if full else found

    @staticmethod
    def _superior(session: RestSession, identifier: str) -> t.Any:
        try:
            return session.request("GET", paths.path("/v1.0/users/{}/manager", identifier, select=references.SHOWN)).output[0]
        except NotFound:
            return None

    def properties(self) -> list[str]:
        return [name for name in super().properties() or () if name != "manager"]

    def wanted(self, session: RestSession, options: Options, current: plan.State | None) -> plan.State:
        wanted = super().wanted(session, options, current)
        if current is None and "user_principal_name" not in wanted and "@" in str(options["identity"]):
            wanted["user_principal_name"] = options["identity"]
        if current is None:
            wanted.setdefault("account_enabled", True)
        if current is None and options["deleted_user"] != "ignore" and options["identity"] not in self._made:
            name = str(options["identity"])
            self._deleted[name] = self._deleted_one(session, name) if is_id(name) else self._holders(session, str(wanted.get("user_principal_name", "")))
        if "manager" in wanted:
            wanted["manager"] = self._directory.wanted(session, "manager", wanted["manager"])
        return wanted

    @staticmethod
    def _deleted_one(session: RestSession, identifier: str) -> list[dict[str, t.Any]]:
        try:
            return session.request("GET", paths.path(f"{V1}/directory/deletedItems/{{}}", identifier, select=("id",))).output
        except NotFound:
            return []

    @staticmethod
    def _holders(session: RestSession, name: str) -> list[dict[str, t.Any]]:
        """Deleted users who had this principal name: it stands behind the digits of their id as long as they can be restored."""
        if not name:
            return []
        asked = paths.path(_DELETED, filter=f"endsWith(userPrincipalName,{paths.literal(name)})", select=("id", "userPrincipalName"), count="true")
        found = session.request("GET", asked, eventual=True).output
        return [one for one in found if one["userPrincipalName"][: -len(name)].replace("-", "").casefold() in ("", one["id"].replace("-", ""))]

    def create(self, todo: plan.Plan, options: Options) -> list[engine.Call]:
        """A new user, or the deleted one who had the name."""
        holders = self._deleted.get(options["identity"], [])
        if not holders:
            return super().create(todo, options)
        named = ", ".join(one["id"] for one in holders)
        if options["deleted_user"] == "refuse" or len(holders) > 1:
            raise UsageError(
                f"{self.label(options)} does not exist, but was deleted and can be restored: {named}",
                advice="Restore it with deleted_user: restore and get its mailbox and licences back, or make another user with deleted_user: ignore"
                if len(holders) == 1
                else "Restore the right one of them: name it by its id, with deleted_user: restore",
            )
        return [Ask("POST", {}, paths.path("/v1.0/directory/deletedItems/{}/restore", holders[0]["id"]))]

    def calls(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        self._refuse_foreign(todo, found.state or {}, options)
        return super().calls(todo, options, found) + self._manages(todo, found.state)

    def _refuse_foreign(self, todo: plan.Plan, state: plan.State, options: Options) -> None:
        """What the on-premises directory owns is changed there: written here it would be refused, or undone by the next synchronisation."""
        foreign = ["the user"] if todo.action == "delete" else [name for name in todo.changes if name not in MASTERED_IN_THE_CLOUD]
        if todo.action in ("update", "delete") and state.get("on_premises_sync_enabled") and foreign:
            raise UsageError(
                f"{self.label(options)} is synchronised from an on-premises directory, which owns {', '.join(foreign)}",
                advice="Change it in Active Directory and let it synchronise",
            )

    def _manages(self, todo: plan.Plan, state: plan.State | None) -> list[engine.Call]:
        change = todo.changes.get("manager")
        if change is None or state is None:
            return []  # a new user's manager is set when the user is there
        if not change.after:
            return [self.ask("DELETE", "/manager/$ref", state)]
        return [Ask("PUT", paths.reference(change.after.id), paths.path("/v1.0/users/{}/manager/$ref", str(state["id"])))]

    def body(self, changes: t.Mapping[str, plan.Change], found: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        body = super().body(
            {name: change for name, change in changes.items() if name not in ("password", "force_change_password_next_sign_in", "manager")}, found
        )
        if "password" in changes:
            force = changes.get("force_change_password_next_sign_in")
            body["passwordProfile"] = {"password": changes["password"].after, "forceChangePasswordNextSignIn": force.after if force else True}
        return body
