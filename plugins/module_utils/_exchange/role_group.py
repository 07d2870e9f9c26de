# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Role groups: their members, and the role assignments that give them their roles, which cmdlets of other nouns read and write."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, lists, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import Ambiguous, HybridError, NotFound, Truncated, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Credential, Secret, Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource, Options, common

CUSTOM, UNIT, CONFIG = "custom_recipient_write_scope", "recipient_organizational_unit_scope", "custom_config_write_scope"
SCOPES = (CUSTOM, UNIT, CONFIG)
BUILT_IN = (
    "Compliance Management",
    "Delegated Setup",
    "Discovery Management",
    "Help Desk",
    "Hygiene Management",
    "Organization Management",
    "Public Folder Management",
    "Recipient Management",
    "Records Management",
    "Server Management",
    "UM Management",
    "View-Only Organization Management",
)
"""The groups that Setup makes (the vendor's page on built-in role groups); no property tells them from others."""
_FOUND_BY = {"roles": "Get-ManagementRole", CUSTOM: "Get-ManagementScope", UNIT: "Get-OrganizationalUnit", CONFIG: "Get-ManagementScope"}


def _foreign_group(value: t.Any) -> str:
    """A group of another forest is named with or without its domain."""
    return values.text(value).rpartition("\\")[2].casefold()


FIELDS = (
    Field("managed_by", codec="principals"),
    Field("members", codec="principals"),
    Field("roles", read="RegularRoles"),  # not Roles: that holds those which the group may only give to others, too
    *(Field(name, codec="name") for name in SCOPES),
    Field("sam_account_name", codec="name", immutable=True),
    Field("linked_foreign_group", read="LinkedGroup", codec=values.Codec(values.text, _foreign_group), immutable=True),
    Field("linked_domain_controller", read=""),
    Field("linked_user", read="", write="LinkedCredential"),
    Field("linked_password", write="LinkedCredential", secret=True),
)


@dataclasses.dataclass(frozen=True)
class Assignment:
    """One role of a group.

    ``scopes`` are the options of `SCOPES`, empty where the role's own scope applies; ``special`` says that the recipients are limited by
    something for which there is no option, for example an exclusive scope.
    """

    name: str
    role: str
    scopes: t.Mapping[str, str]
    special: bool


class RoleGroup(CmdletResource):
    """A role group.  Its assignments are read only where the task says something of them."""

    context = ("linked_foreign_group",)
    needed = ()

    def __init__(self, *arguments: t.Any) -> None:
        super().__init__(*arguments)
        self._names: dict[tuple[str, str], str] = {}  # roles, scopes and units by what a task calls them

    # reading

    def read(self, session: Session, options: Options) -> engine.Reading:
        found = self.fetch(session, options)
        if found is None or options.get("state") == "absent" or all(options.get(name) is None for name in ("roles", *SCOPES)):
            return engine.Reading(None if found is None else self.state(found))
        held = self._assignments(session, found, options)
        return engine.Reading(self.state(found | {"RegularRoles": _roles(held)} | {name: ", ".join(_distinct(held, name)) for name in SCOPES}), held)

    def complete(self, session: Session, found: dict[str, t.Any], options: Options) -> dict[str, t.Any]:
        """With roles and scope, unless the scopes differ: options that name one would give more than there is."""
        held = self._assignments(session, found, options)
        if any(one.special for one in held) or any(len(_distinct(held, name)) > 1 for name in SCOPES):
            return found
        return found | {"RegularRoles": _roles(held)} | {name: "".join(_distinct(held, name)) for name in SCOPES}

    def _assignments(self, session: Session, found: t.Mapping[str, t.Any], options: Options) -> list[Assignment]:
        """The group's own regular assignments: not the delegating ones, and none that another group passes on."""
        cmdlet = "Get-ManagementRoleAssignment"
        asked = {"RoleAssignee": found["DistinguishedName"], "AssignmentMethod": "Direct", "Delegating": False} | common(options)
        properties = ("Name", "Role", "RecipientWriteScope", "CustomRecipientWriteScope", "CustomConfigWriteScope")
        answer = session.invoke(cmdlet, asked, properties=properties)
        if answer.truncated:
            raise Truncated(f"the list of the roles of {found['DistinguishedName']} is incomplete", cmdlet=cmdlet, target=session.target)
        if any(not isinstance(one, dict) or not one.get("Name") or not one.get("Role") for one in answer.output):
            raise HybridError("an assignment without a name or a role was returned", cmdlet=cmdlet, target=session.target)
        return [_assignment(one) for one in answer.output]

    # planning

    def wanted(self, session: Session, options: Options, current: plan.State | None) -> plan.State:
        wanted = super().wanted(session, options, current)
        if "members" in wanted and current and current.get("linked_foreign_group"):
            foreign = current["linked_foreign_group"]
            raise UsageError(f"{self.label(options)} is linked to '{foreign}' of another forest, whose members it has", advice="Change the members there")
        if "roles" in wanted:
            wanted["roles"] = self._resolved_roles(session, options, wanted["roles"], (current or {}).get("roles") or ())
        for name in SCOPES:
            if wanted.get(name) and wanted[name].casefold() != str((current or {}).get(name)).casefold():
                wanted[name] = self._resolved(session, options, name, wanted[name])
        return wanted

    def _resolved_roles(self, session: Session, options: Options, asked: lists.Wanted, held: t.Sequence[str]) -> lists.Wanted:
        shown = {one.casefold(): one for one in held}

        def resolved(name: str) -> str:
            return shown.get(name.casefold()) or self._resolved(session, options, "roles", name)

        exact = None if asked.exact is None else [resolved(one) for one in asked.exact]
        # a role that is not held need not exist to be removed
        return lists.Wanted(exact, tuple(map(resolved, asked.add)), tuple(shown.get(one.casefold(), one) for one in asked.remove))

    def _resolved(self, session: Session, options: Options, option: str, name: str) -> str:
        """A role, scope or organizational unit as the server spells it.  Raises NotFound, Ambiguous."""
        cmdlet = _FOUND_BY[option]
        if (cmdlet, name.casefold()) not in self._names:
            spelling = "Identity" if option == UNIT else "Name"
            try:
                answer = session.invoke(cmdlet, {"Identity": name} | common(options), properties=(spelling,))
            except NotFound as error:
                raise NotFound(f"{option}: {error.text}", cmdlet=cmdlet, target=error.target, error_id=error.error_id) from None
            if len(answer.output) != 1:
                raise Ambiguous(f"{option}: {len(answer.output)} objects answer to '{name}'", cmdlet=cmdlet, target=session.target)
            self._names[cmdlet, name.casefold()] = str(answer.output[0][spelling])
        return self._names[cmdlet, name.casefold()]

    # applying

    def calls(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        if todo.action == "delete" and str((todo.before or {}).get("name", options["name"])) in BUILT_IN:
            raise UsageError(f"{self.label(options)} is built in, and Exchange removes no such group", advice="Take its members away instead, with members: []")
        if todo.action != "update":
            return super().calls(todo, options, found)
        own = {name: change for name, change in todo.changes.items() if name not in ("members", "roles", *SCOPES)}
        made = [self.call("Set", options, self.identity(options) | self.dump(own))] if own else []
        if "members" in todo.changes:
            made += self._member_calls(todo.changes["members"], options)
        return made + (self._assignment_calls(todo, options, found) if {"roles", *SCOPES} & todo.changes.keys() else [])

    def create(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        """Everything at once: a group without the scope of its roles would have too many rights for a moment."""
        if options.get("linked_foreign_group") and not options.get("linked_domain_controller"):
            raise UsageError(f"{self.label(options)} does not exist, and linked_domain_controller is needed to link it to another forest")
        taken = {name: change for name, change in todo.changes.items() if name not in ("linked_user", "linked_password")}
        parameters = {self.attributes[name].write: self.attributes[name].codec.dump(change.after) for name, change in taken.items() if change.after}
        if options.get("linked_user"):
            parameters["LinkedCredential"] = Credential(options["linked_user"], Secret(options.get("linked_password") or ""))
        return [self.call("New", options, {"Name": options["name"]} | parameters)]

    def call(self, verb: str, options: Options, parameters: dict[str, t.Any]) -> engine.Call:
        made = super().call(verb, options, parameters | (self._bypass(options) if verb in ("Set", "Remove") else {}))
        if verb == "Set":
            made.parameters.pop("DomainController", None)  # the reference has it for linked groups only
        return made

    @staticmethod
    def _bypass(options: Options) -> dict[str, t.Any]:
        return {"BypassSecurityGroupManagerCheck": True} if options.get("bypass_security_group_manager_check") else {}

    def _member_calls(self, change: plan.Change, options: Options) -> list[engine.Call]:
        """All members at once where they are named exactly; otherwise one by one, so that others' changes survive."""
        if change.wanted and change.wanted.exact is not None and change.after:
            return [self._member_call("Update", options, {"Members": change.after})]
        added, removed = lists.difference(change.before or [], change.after, values.NAME.key)
        calls = [self._member_call("Add", options, {"Member": one}) for one in added]
        return calls + [self._member_call("Remove", options, {"Member": one}) for one in removed]

    def _member_call(self, verb: str, options: Options, parameters: dict[str, t.Any]) -> engine.Call:
        return engine.Call(f"{verb}-RoleGroupMember", self.identity(options) | parameters | common(options) | self._bypass(options) | {"Confirm": False})

    def _assignment_calls(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        """New roles before others go, so that who changes his own group keeps what he needs for it."""
        held: list[Assignment] = found.background
        after = t.cast(plan.State, todo.after)
        added, removed = lists.difference(_roles(held), after["roles"], str.casefold)
        named = {name: after[name] for name in SCOPES if options.get(name) is not None}
        made = self._new_assignments(added, self._scope_of_new(held, named, options) if added else {}, after, options)
        for role in _roles(held):
            these = [one for one in held if one.role == role]
            made += self._removals(these, options) if role in removed else self._rescoped(these, named, options)
        return made

    def _new_assignments(self, roles: list[str], scopes: t.Mapping[str, str], group: plan.State, options: Options) -> list[engine.Call]:
        limits = {self.attributes[name].write: value for name, value in scopes.items() if value}
        return [self._assign("New", {"SecurityGroup": group["distinguished_name"], "Role": role} | limits, options) for role in roles]

    def _scope_of_new(self, held: list[Assignment], named: dict[str, str], options: Options) -> dict[str, str]:
        """What the task says, otherwise what limits the group's other roles: a new role must not reach further unasked."""
        found = dict.fromkeys(SCOPES, "")
        for name in SCOPES:
            present = _distinct(held, name)
            if name not in named and not (name in (CUSTOM, UNIT) and any(named.get(one) for one in (CUSTOM, UNIT))):
                if len(present) > 1 or (name == CUSTOM and any(one.special for one in held)):
                    reach = f"{name} of the roles of {self.label(options)} is {', '.join(present)}"
                    raise UsageError(f"{reach}, so how far a new role shall reach is not known", advice=f"Say {name} for all of them")
                found[name] = "".join(present)
        return found | named

    def _rescoped(self, these: list[Assignment], named: dict[str, str], options: Options) -> list[engine.Call]:
        """One assignment of the role with the scopes that the task names; further ones of the same role go."""
        wrong = [{name: value for name, value in named.items() if one.scopes[name].casefold() != value.casefold()} for one in these]
        if not any(wrong):
            return []
        kept = next((at for at, different in enumerate(wrong) if not different), 0)
        limits = {self.attributes[name].write: value or None for name, value in wrong[kept].items()}
        made = [self._assign("Set", {"Identity": these[kept].name} | limits, options)] if limits else []
        return made + self._removals([one for at, one in enumerate(these) if at != kept], options)

    def _removals(self, these: list[Assignment], options: Options) -> list[engine.Call]:
        return [self._assign("Remove", {"Identity": one.name}, options) for one in these]

    @staticmethod
    def _assign(verb: str, parameters: dict[str, t.Any], options: Options) -> engine.Call:
        return engine.Call(f"{verb}-ManagementRoleAssignment", parameters | common(options) | {"Confirm": False})


def _assignment(shown: t.Mapping[str, t.Any]) -> Assignment:
    """The scope's object is in one property, and another says what kind of object it is."""
    kind, scope = values.fold(str(shown.get("RecipientWriteScope"))), values.text(shown.get("CustomRecipientWriteScope"))
    known = {"customrecipientscope": CUSTOM, "ou": UNIT}
    special = bool(scope) and kind not in known
    scopes = dict.fromkeys(SCOPES, "") | {CONFIG: values.text(shown.get("CustomConfigWriteScope"))}
    scopes[known.get(kind, CUSTOM)] = f"{kind}: {scope}" if special else scope
    return Assignment(str(shown["Name"]), str(shown["Role"]), scopes, special)


def _roles(held: t.Sequence[Assignment]) -> list[str]:
    return list(dict.fromkeys(one.role for one in held))


def _distinct(held: t.Sequence[Assignment], scope: str) -> list[str]:
    """The different values of one scope; `organization` stands for none where there are others."""
    found = sorted({one.scopes[scope] for one in held})
    return found if len(found) < 2 else [one or "organization" for one in found]
