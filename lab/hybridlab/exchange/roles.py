# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Management roles, the scopes that limit them, and their assignments to role groups."""

from __future__ import annotations

import dataclasses
import typing as t
import uuid

from hybridlab.clixml import Obj
from hybridlab.exchange import failures
from hybridlab.exchange.call import Call, Handler, commit, found, listed
from hybridlab.exchange.directory import CONFIGURATION_DN, EPOCH, Entry, Store, configuration_keys, derived_guid
from hybridlab.exchange.shapes import CONFIGURATION_TYPES, configuration_identification
from hybridlab.records import Output, Record

_RBAC = f"CN=RBAC,{CONFIGURATION_DN}"
_SYSTEM = "Microsoft.Exchange.Data.Directory.SystemConfiguration"
ADMINISTRATION = (
    "Address Lists", "Audit Logs", "Databases", "Distribution Groups", "E-Mail Address Policies", "Exchange Servers", "Journaling", "Legal Hold",
    "Mail Enabled Public Folders", "Mail Recipient Creation", "Mail Recipients", "Mailbox Import Export", "Mailbox Search", "Message Tracking", "Migration",
    "Monitoring", "Move Mailboxes", "Organization Client Access", "Organization Configuration", "Public Folders", "Receive Connectors", "Recipient Policies",
    "Remote and Accepted Domains", "Reset Password", "Retention Management", "Role Management", "Send Connectors", "Transport Agents", "Transport Hygiene",
    "Transport Queues", "Transport Rules", "User Options", "View-Only Configuration", "View-Only Recipients",
)  # fmt: skip
ONLY_ON_SERVERS = ("Databases", "Exchange Servers", "Monitoring", "Receive Connectors", "Send Connectors", "Transport Agents", "Transport Queues")
"""Roles over what nobody administers in Exchange Online."""
FOR_USERS = ("MyBaseOptions", "MyContactInformation", "MyDistributionGroups", "MyProfileInformation")
"""Roles of assignment policies; no administrator has them."""
SCOPES = {"Branch Recipients": "RecipientScope", "Executives": "RecipientScope", "Branch Servers": "ServerScope"}
LIMITS = ("CustomRecipientWriteScope", "RecipientOrganizationalUnitScope", "CustomConfigWriteScope")


@dataclasses.dataclass
class Authorization:
    """Who may do what: roles, scopes, and the assignments, whose ``Assignee`` is a group's entry.  ``online`` leaves out what only servers have."""

    online: bool = False
    roles: Store = dataclasses.field(default_factory=lambda: Store(configuration_keys))
    scopes: Store = dataclasses.field(default_factory=lambda: Store(configuration_keys))
    assignments: Store = dataclasses.field(default_factory=lambda: Store(configuration_keys))

    def __post_init__(self) -> None:
        for name in (*self.administration, *FOR_USERS):
            self.roles.add(_entry(name, "Roles", "role", RoleType=name.replace(" ", "").replace("-", ""), IsEndUserRole=name in FOR_USERS))
        for name, kind in SCOPES.items():
            if self.online and kind == "ServerScope":
                continue
            self.scopes.add(_entry(name, "Scopes", "scope", ScopeRestrictionType=kind))

    @property
    def administration(self) -> list[str]:
        return [name for name in ADMINISTRATION if not (self.online and name in ONLY_ON_SERVERS)]

    def of(self, group: Entry) -> list[Entry]:
        return [one for one in self.assignments if one.values["Assignee"] is group]

    def assign(
        self, role: str, group: Entry, limits: t.Mapping[str, t.Any], delegating: bool = False, name: str | None = None, guid: uuid.UUID | None = None
    ) -> Entry:
        """A new assignment under a free name; ``limits`` has each of `LIMITS`, None for no such scope."""
        wanted = (name or f"{role}-{group.name}{'-Delegating' if delegating else ''}")[:64]
        free, number = wanted, 0
        while name is None and self.assignments.known(free):
            number += 1
            free = f"{wanted[:61]}-{number}"
        made = _entry(free, "Role Assignments", "assignment", guid, Role=role, Assignee=group, Delegating=delegating, Enabled=True, **limits)
        self.assignments.add(made)
        return made


def _entry(name: str, parent: str, kind: str, guid: uuid.UUID | None = None, **values: t.Any) -> Entry:
    return Entry(name, "", f"CN={parent},{_RBAC}", kind, guid or derived_guid(kind, name), values, EPOCH, EPOCH)


def limits(call: Call, entry: Entry | None = None) -> dict[str, t.Any]:
    """The scopes that the parameters name, checked; a recipient scope of one kind ends the other.  Raises `failures.Refused`."""
    given = {name: call.parameters[name] for name in LIMITS if name in call.parameters}
    made: dict[str, t.Any] = {} if entry else dict.fromkeys(LIMITS)
    for name, value in given.items():
        if name == "RecipientOrganizationalUnitScope":
            made[name] = call.server.container(value)[0] if value else None
        else:
            made[name] = _scope(call, name, value).name if value else None
    if made.get("CustomRecipientWriteScope") and made.get("RecipientOrganizationalUnitScope"):
        raise failures.invalid("You can specify only one of CustomRecipientWriteScope and RecipientOrganizationalUnitScope.")
    for one, other in (LIMITS[:2], LIMITS[1::-1]):
        if made.get(one):
            made[other] = None
    return made


def _scope(call: Call, parameter: str, value: str) -> Entry:
    scope = call.server.authorization.scopes.one(value)
    if (scope.values["ScopeRestrictionType"] == "RecipientScope") != (parameter == "CustomRecipientWriteScope"):
        raise failures.invalid(f"The management scope '{scope.name}' can't be used for the parameter '{parameter}' because of its restriction type.")
    return scope


def role(call: Call, identity: t.Any) -> Entry:
    """A role that an administrator can have.  Raises `failures.Refused`."""
    known = call.server.authorization.roles.one(identity)
    if known.values["IsEndUserRole"]:
        raise failures.refused(f"The role '{known.name}' is an end-user role and can be assigned to role assignment policies only.")
    return known


def get_management_role(call: Call) -> t.Iterable[Record]:
    _only(call, ("Identity", "DomainController"))
    return listed(call, found(call, call.server.authorization.roles), lambda entry: _view("ExchangeRole", entry, entry.values))


def get_management_scope(call: Call) -> t.Iterable[Record]:
    _only(call, ("Identity", "DomainController"))
    return listed(call, found(call, call.server.authorization.scopes), lambda entry: _view("ManagementScope", entry, entry.values))


def get_organizational_unit(call: Call) -> t.Iterable[Record]:
    _only(call, ("Identity", "DomainController"))
    if call.identity is None:
        raise failures.not_emulated(call.cmdlet, "a list")
    name, dn = call.server.container(call.identity)
    return [Output(Obj((f"{_SYSTEM}.ExtendedOrganizationalUnit", *CONFIGURATION_TYPES), {"Identity": name, "CanonicalName": name, "DistinguishedName": dn}))]


def get_management_role_assignment(call: Call) -> t.Iterable[Record]:
    """Only assignments of the assignee itself: a member's share in them is not emulated."""
    _only(call, ("Identity", "RoleAssignee", "Role", "AssignmentMethod", "Delegating", "DomainController"))
    given, server = call.parameters, call.server
    entries = found(call, server.authorization.assignments)
    if given.get("RoleAssignee"):
        if [str(one).lower() for one in given.get("AssignmentMethod") or ()] != ["direct"]:
            raise failures.not_emulated(call.cmdlet, "an assignee without -AssignmentMethod Direct")
        assignee = server.recipients.one(given["RoleAssignee"])
        entries = [one for one in entries if one.values["Assignee"] is assignee]
    if given.get("Role"):
        name = server.authorization.roles.one(given["Role"]).name
        entries = [one for one in entries if one.values["Role"] == name]
    if given.get("Delegating") is not None:
        entries = [one for one in entries if one.values["Delegating"] == given["Delegating"]]
    return listed(call, entries, assignment)


def assignment(entry: Entry) -> Obj:
    """One assignment; a unit and a scope are shown by the same property."""
    values, group = entry.values, entry.values["Assignee"]
    unit, scope = values["RecipientOrganizationalUnitScope"], values["CustomRecipientWriteScope"]
    shown = {
        "User": group.canonical,
        "RoleAssignee": group.canonical,
        "RoleAssigneeName": group.name,
        "RoleAssigneeType": "RoleGroup",
        "EffectiveUserName": "All Group Members",
        "AssignmentMethod": "Direct",
        "Role": values["Role"],
        "RoleAssignmentDelegationType": "DelegatingOrgWide" if values["Delegating"] else "Regular",
        "RecipientReadScope": "Organization",
        "ConfigReadScope": "OrganizationConfig",
        "RecipientWriteScope": "OU" if unit else "CustomRecipientScope" if scope else "Organization",
        "ConfigWriteScope": "CustomConfigScope" if values["CustomConfigWriteScope"] else "OrganizationConfig",
        "CustomRecipientWriteScope": unit or scope,
        "CustomConfigWriteScope": values["CustomConfigWriteScope"],
        "Enabled": values["Enabled"],
    }
    return _view("ExchangeRoleAssignmentPresentation", entry, shown)


def new_management_role_assignment(call: Call) -> t.Iterable[Record]:
    _only(call, ("Name", "Role", "SecurityGroup", "Delegating", *LIMITS, "DomainController", "Confirm"))
    server, given = call.server, call.parameters
    if "SecurityGroup" not in given:
        raise failures.not_emulated(call.cmdlet, "an assignee that is no group")
    group, known = server.recipients.one(given["SecurityGroup"]), role(call, given["Role"])
    delegating, scopes = bool(given.get("Delegating")), limits(call)
    if given.get("Name") and server.authorization.assignments.known(given["Name"]):
        raise failures.already_exists(f"CN={given['Name']},CN=Role Assignments,{_RBAC}")
    asked = {"Role": known.name, "Delegating": delegating, **scopes}
    if any(asked.items() <= one.values.items() for one in server.authorization.of(group)):
        text = f"The role '{known.name}' is already assigned to '{group.canonical}' with the same scopes."
        raise failures.Refused(text, "ManagementObjectAlreadyExistsException")
    if call.what_if:
        return []
    return [Output(assignment(server.authorization.assign(known.name, group, scopes, delegating, given.get("Name"), uuid.uuid4())))]


def set_management_role_assignment(call: Call) -> t.Iterable[Record]:
    _only(call, ("Identity", "Enabled", *LIMITS, "DomainController", "Confirm"))
    entry = call.server.authorization.assignments.one(call.identity)
    changes = limits(call, entry) | ({"Enabled": call.parameters["Enabled"]} if call.parameters.get("Enabled") is not None else {})
    return commit(call, call.server.authorization.assignments, entry, changes)


def remove_management_role_assignment(call: Call) -> t.Iterable[Record]:
    entry = call.server.authorization.assignments.one(call.identity)
    keep_delegates(call, [entry])
    if not call.what_if:
        call.server.authorization.assignments.remove(entry)
    return []


def keep_delegates(call: Call, going: t.Collection[Entry]) -> None:
    """Every role keeps somebody who can assign it."""
    for one in going:
        name = one.values["Role"]
        left = [other for other in call.server.authorization.assignments if other.values["Role"] == name and other.values["Delegating"] and other not in going]
        if one.values["Delegating"] and not left:
            text = f"The role assignment '{one.name}' can't be removed because it is the last delegating assignment of the role '{name}'."
            raise failures.refused(text, "InvalidOperationException")


def _only(call: Call, emulated: t.Collection[str]) -> None:
    for name in call.parameters:
        if name not in emulated:
            raise failures.not_emulated(call.cmdlet, f"-{name}")


def _view(kind: str, entry: Entry, shown: t.Mapping[str, t.Any]) -> Obj:
    return Obj((f"{_SYSTEM}.{kind}", *CONFIGURATION_TYPES), {**shown, **configuration_identification(entry)}, string=entry.name)


HANDLERS: dict[str, Handler] = {
    "Get-ManagementRole": get_management_role,
    "Get-ManagementScope": get_management_scope,
    "Get-OrganizationalUnit": get_organizational_unit,
    "Get-ManagementRoleAssignment": get_management_role_assignment,
    "New-ManagementRoleAssignment": new_management_role_assignment,
    "Set-ManagementRoleAssignment": set_management_role_assignment,
    "Remove-ManagementRoleAssignment": remove_management_role_assignment,
}
