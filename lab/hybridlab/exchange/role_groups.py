# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Role groups: security groups of the directory whose members have roles."""

from __future__ import annotations

import datetime
import typing as t
import uuid

from hybridlab.clixml import Obj
from hybridlab.contract.check import ONLINE
from hybridlab.exchange import failures, roles
from hybridlab.exchange.call import Call, Handler, commit, listed, valid_name
from hybridlab.exchange.directory import DOMAIN, DOMAIN_DN, NETBIOS, Entry, Store, derived_guid, seen
from hybridlab.exchange.mailbox_view import identification, rendered
from hybridlab.exchange.recipient_write import CREATOR, check_owner
from hybridlab.exchange.roles import Authorization
from hybridlab.exchange.settings import merge, unique
from hybridlab.records import Output, Record

KIND = "RoleGroup"
_UNIT = "Microsoft Exchange Security Groups"
_CONTAINER, _DN = f"{DOMAIN}/{_UNIT}", f"OU={_UNIT},{DOMAIN_DN}"
_TYPES = ("Microsoft.Exchange.Data.Directory.Management.RoleGroup", "Microsoft.Exchange.Data.Directory.Management.ADPresentationObject", "System.Object")
_NO_MEMBERS = ("MailContact", "MailUniversalDistributionGroup", "DynamicDistributionGroup", "RoomList", "Contact", "UniversalDistributionGroup")
FOREIGN = {"fabrikam.example": ("FABRIKAM", ("Exchange Admins", "Recipient Admins"))}
"""Domain controllers of another forest answer to its name: its domain and universal security groups."""
SEEDED = {
    "Organization Management": roles.ADMINISTRATION,
    "Recipient Management": (
        "Distribution Groups",
        "Mail Enabled Public Folders",
        "Mail Recipient Creation",
        "Mail Recipients",
        "Message Tracking",
        "Migration",
    ),
    "View-Only Organization Management": ("Monitoring", "View-Only Configuration", "View-Only Recipients"),
    "Help Desk": ("User Options", "View-Only Recipients"),
    "Discovery Management": ("Legal Hold", "Mailbox Search"),
    "Records Management": ("Audit Logs", "Journaling", "Message Tracking", "Retention Management", "Transport Rules"),
    "Public Folder Management": ("Mail Enabled Public Folders", "Public Folders"),
    "Server Management": ("Databases", "Exchange Servers", "Monitoring", "Receive Connectors", "Transport Queues"),
    "Hygiene Management": ("Receive Connectors", "Transport Agents", "Transport Hygiene", "View-Only Configuration", "View-Only Recipients"),
    "UM Management": (),
    "Delegated Setup": ("View-Only Configuration",),
    "Compliance Management": ("Audit Logs", "Journaling", "Retention Management", "Transport Rules", "View-Only Configuration", "View-Only Recipients"),
}
"""The built-in groups with the roles that the lab knows."""
_NOT_IN = {"2010": ("Compliance Management",), ONLINE: ("Public Folder Management", "Server Management", "UM Management", "Delegated Setup")}
_ONLY_DELEGATED = ("Mailbox Import Export", "Mailbox Search")


def seeded(recipients: Store, version: str) -> Authorization:
    """Put the built-in groups into the directory and give them their roles."""
    authorization = Authorization(online=version == ONLINE)
    owners: list[Entry] = []
    no_limits = dict.fromkeys(roles.LIMITS)
    for name, assigned in SEEDED.items():
        if name in _NOT_IN.get(version, ()):
            continue
        group = _entry(name, derived_guid("role group", name), SamAccountName=name, DisplayName=name, BuiltIn=True)
        owners = owners or [group]
        group.values.update(ManagedBy=[*owners, CREATOR], Members=[CREATOR] if group is owners[0] else [])
        recipients.add(group)
        for role in [one for one in assigned if one in authorization.administration]:
            if group is owners[0]:
                authorization.assign(role, group, no_limits, delegating=True)
            if group is not owners[0] or role not in _ONLY_DELEGATED:
                authorization.assign(role, group, no_limits)
    return authorization


def _entry(name: str, guid: uuid.UUID, **values: t.Any) -> Entry:
    now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    return Entry(name, _CONTAINER, _DN, KIND, guid, {"ObjectClass": ["top", "group"], "GroupType": "Universal, SecurityEnabled", **values}, now, now)


def chosen(call: Call) -> Entry:
    """The one role group that the identity means.  Raises `failures.Refused`."""
    entries = [entry for entry in call.server.recipients.find(call.identity) if entry.kind == KIND]
    if not entries:
        raise failures.not_found(call.identity)
    return entries[0]


def view(call: Call) -> t.Callable[[Entry], Obj]:
    def shown(entry: Entry) -> Obj:
        values, held = entry.values, call.server.authorization.of(entry)
        properties = {
            "ManagedBy": rendered("refs", values.get("ManagedBy", [])),
            "RoleAssignments": rendered("texts", [one.name for one in held]),
            "Roles": rendered("texts", unique(one.values["Role"] for one in held)),
            "DisplayName": values.get("DisplayName", ""),
            "ExternalDirectoryObjectId": "",
            "Members": rendered("refs", values.get("Members", [])),
            "SamAccountName": values["SamAccountName"],
            "Description": values.get("Description", ""),
            "RoleGroupType": "Linked" if values.get("LinkedGroup") else "Standard",
            "LinkedGroup": values.get("LinkedGroup", ""),
            "Capabilities": rendered("texts", []),
        }
        return Obj(_TYPES, properties | identification(entry), string=entry.canonical)

    return shown


def get_role_group(call: Call) -> t.Iterable[Record]:
    for name in call.parameters:
        if name not in ("Identity", "ResultSize", "DomainController", "ReadFromDomainController"):
            raise failures.not_emulated(call.cmdlet, f"-{name}")
    store = call.server.recipients
    candidates = [entry for entry in store if entry.kind == KIND and seen(entry)] if call.identity is None else store.match(str(call.identity))
    entries = [entry for entry in candidates if entry.kind == KIND]
    if call.identity is not None and not entries and "*" not in str(call.identity):
        raise failures.not_found(call.identity)
    return listed(call, entries, view(call))


def new_role_group(call: Call) -> t.Iterable[Record]:
    given, server = call.parameters, call.server
    name = valid_name(given["Name"])
    group = _entry(name, uuid.uuid4(), DisplayName=given.get("DisplayName") or "", Description=given.get("Description") or "")
    if server.recipients.known(group.dn) or any(one.kind == KIND for one in server.recipients.known(name)):
        raise failures.already_exists(group.dn)
    sam = given.get("SamAccountName") or name
    if server.recipients.known(f"{NETBIOS}\\{sam}"):
        raise failures.not_unique("SamAccountName", sam)
    group.values["SamAccountName"] = sam
    assigned = unique([roles.role(call, one).name for one in given.get("Roles") or ()])
    scopes = roles.limits(call)
    group.values["ManagedBy"] = unique([_principal(call, one) for one in given.get("ManagedBy") or ()]) or [CREATOR]
    group.values["Members"] = unique([member(call, group, one) for one in given.get("Members") or ()])
    if given.get("LinkedForeignGroup"):
        group.values["LinkedGroup"] = _foreign(given["LinkedDomainController"], given["LinkedForeignGroup"], bool(given.get("Members")))
    if call.what_if:
        return []
    server.recipients.add(group)
    for one in assigned:
        server.authorization.assign(one, group, scopes, guid=uuid.uuid4())
    records = [Output(view(call)(group))]
    call.fresh(group)
    return records


def _foreign(controller: str, group: str, members: bool) -> str:
    """The other forest's name of a group.  Raises `failures.Refused`."""
    domain, groups = FOREIGN.get(str(controller).lower().partition(".")[2], ("", ()))
    if not domain:
        raise failures.refused(f"The domain controller '{controller}' couldn't be contacted.", "ADTransientException", "ResourceUnavailable")
    known = [one for one in groups if one.lower() == str(group).rpartition("\\")[2].lower()]
    if not known:
        raise failures.reference_not_found("universal security group", group)
    if members:
        raise failures.refused("You can't add members to a linked role group. Add them to the group of the other forest.")
    return f"{domain}\\{known[0]}"


def set_role_group(call: Call) -> t.Iterable[Record]:
    group, given, name = chosen(call), call.settings, None
    check_owner(call, group)
    changes: dict[str, t.Any] = {key: given[key] or "" for key in ("DisplayName", "Description") if key in given}
    if "ManagedBy" in given:
        changes["ManagedBy"] = merge(group.values["ManagedBy"], given["ManagedBy"], lambda one: _principal(call, one))
    if "Name" in given:
        name = valid_name(given["Name"])
    unknown = sorted(given.keys() - {"DisplayName", "Description", "ManagedBy", "Name", "BypassSecurityGroupManagerCheck", "Confirm"})
    if unknown:
        raise failures.not_emulated(call.cmdlet, f"-{unknown[0]}")
    return commit(call, call.server.recipients, group, changes, name)


def remove_role_group(call: Call) -> t.Iterable[Record]:
    """Its assignments go with it."""
    group, authorization = chosen(call), call.server.authorization
    check_owner(call, group)
    if group.values.get("BuiltIn"):
        raise failures.refused(f"The role group '{group.name}' is a built-in role group and can't be removed.", "CannotRemoveBuiltInRoleGroupException")
    held = authorization.of(group)
    roles.keep_delegates(call, held)
    if not call.what_if:
        for one in held:
            authorization.assignments.remove(one)
        for other in call.server.recipients:
            if group in other.values.get("Members", ()):
                call.server.recipients.change(other, {"Members": [one for one in other.values["Members"] if one is not group]})
        call.server.recipients.remove(group)
    return []


def _principal(call: Call, identity: t.Any) -> Entry | str:
    """A user or a security group; who runs the lab is no object of it.  Raises `failures.Refused`."""
    if str(identity).lower() in (CREATOR.lower(), "administrator"):
        return CREATOR
    entries = call.server.recipients.find(identity)
    if not entries:
        raise failures.reference_not_found("security principal", identity)
    if len(entries) > 1:
        raise failures.ambiguous(identity)
    if entries[0].kind in _NO_MEMBERS:
        raise failures.refused(f"'{entries[0].canonical}' isn't a security principal, so it can't be a member or a manager of a role group.")
    return entries[0]


def member(call: Call, group: Entry, identity: t.Any) -> Entry | str:
    """Something that can be in the group.  Raises `failures.Refused`."""
    found = _principal(call, identity)
    if found is group:
        raise failures.refused(f"The group '{group.canonical}' can't be a member of itself.")
    return found


def get_role_group_member(call: Call) -> t.Iterable[Record]:
    members = [one for one in chosen(call).values["Members"] if isinstance(one, Entry)]
    return listed(call, members, lambda entry: Obj(_TYPES[2:], {"RecipientType": entry.kind, **identification(entry)}, string=entry.canonical))


def _changeable(call: Call) -> Entry:
    group = chosen(call)
    check_owner(call, group)
    if group.values.get("LinkedGroup"):
        raise failures.refused(f"The role group '{group.name}' is linked to '{group.values['LinkedGroup']}'. Change the members of that group.")
    return group


def add_role_group_member(call: Call) -> t.Iterable[Record]:
    group = _changeable(call)
    new, present = member(call, group, call.parameters["Member"]), group.values["Members"]
    if new in present:
        text = f'The recipient "{getattr(new, "canonical", new)}" is already a member of the group "{group.canonical}".'
        raise failures.Refused(text, "MemberAlreadyExistsException", "NotSpecified")
    return _write(call, group, [*present, new])


def remove_role_group_member(call: Call) -> t.Iterable[Record]:
    group = _changeable(call)
    gone, present = _principal(call, call.parameters["Member"]), group.values["Members"]
    if gone not in present:
        text = f'The recipient "{getattr(gone, "canonical", gone)}" isn\'t a member of the group "{group.canonical}".'
        raise failures.Refused(text, "MemberNotFoundException", "NotSpecified")
    return _write(call, group, [one for one in present if one != gone])


def update_role_group_member(call: Call) -> t.Iterable[Record]:
    group = _changeable(call)
    return _write(call, group, merge(group.values["Members"], call.parameters.get("Members"), lambda one: member(call, group, one)))


def _write(call: Call, group: Entry, members: list[t.Any]) -> t.Iterable[Record]:
    if not call.what_if:
        call.server.recipients.change(group, {"Members": members})
    return []


HANDLERS: dict[str, Handler] = {
    "Get-RoleGroup": get_role_group,
    "New-RoleGroup": new_role_group,
    "Set-RoleGroup": set_role_group,
    "Remove-RoleGroup": remove_role_group,
    "Get-RoleGroupMember": get_role_group_member,
    "Add-RoleGroupMember": add_role_group_member,
    "Remove-RoleGroupMember": remove_role_group_member,
    "Update-RoleGroupMember": update_role_group_member,
}
