# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Distribution groups and their members."""

from __future__ import annotations

import typing as t

from hybridlab.exchange import failures
from hybridlab.exchange.call import Call, Handler, listed
from hybridlab.exchange.directory import Entry
from hybridlab.exchange.mailbox_create import derived_alias, free_account
from hybridlab.exchange.mailbox_write import SPECIAL
from hybridlab.exchange.recipient_create import bearing, disable, finish, mail_enable, new_entry, remove, settle
from hybridlab.exchange.recipient_table import PLAIN
from hybridlab.exchange.recipient_view import view
from hybridlab.exchange.recipient_write import CREATOR, RecipientChange, check_owner, chosen, owner
from hybridlab.exchange.settings import recipient, unique
from hybridlab.records import Record

_HANDLED = {
    "Name", "Alias", "DisplayName", "PrimarySmtpAddress", "OrganizationalUnit", "SamAccountName", "Type", "Members", "ManagedBy", "Notes", "RoomList",
    "CopyOwnerToMember", "IgnoreNamingPolicy", "RequireSenderAuthenticationEnabled",
}  # fmt: skip
_KEPT = ("DisplayName", "SamAccountName", "ManagedBy", "Members", "GroupType", "ObjectClass", "OrganizationalUnit")
_TYPES = {"Distribution": ("MailUniversalDistributionGroup", "Universal"), "Security": ("MailUniversalSecurityGroup", "Universal, SecurityEnabled")}


def new_distribution_group(call: Call) -> t.Iterable[Record]:
    given = call.parameters
    kind, group_type = _TYPES[given.get("Type") or "Distribution"]
    entry = new_entry(call, "RoomList" if given.get("RoomList") else kind, "group")
    change = RecipientChange(call, entry)
    SPECIAL["SamAccountName"](change, given.get("SamAccountName") or free_account(call, derived_alias(entry.name)[:20]))
    change.values.update(
        GroupType=group_type,
        ManagedBy=[owner(call, one) for one in given["ManagedBy"]] if given.get("ManagedBy") else [CREATOR],
        # Exchange makes groups that only senders who signed in can write to.
        RequireSenderAuthenticationEnabled=given.get("RequireSenderAuthenticationEnabled", True),
        Members=unique([member(call, entry, one) for one in given.get("Members") or ()]),
    )
    if given.get("CopyOwnerToMember"):
        change.values["Members"] = unique([*change.values["Members"], *(one for one in change.values["ManagedBy"] if isinstance(one, Entry))])
    mail_enable(change, None)
    settle(change, _HANDLED)
    return finish(change)


def enable_distribution_group(call: Call) -> t.Iterable[Record]:
    found = call.server.recipients.one(call.identity)
    kinds = {"UniversalDistributionGroup": "MailUniversalDistributionGroup", "UniversalSecurityGroup": "MailUniversalSecurityGroup"}
    entry = bearing(call, found.kind if found.kind in kinds else "UniversalDistributionGroup")
    change = RecipientChange(call, entry)
    change.kind = kinds[entry.kind]
    change.values["RequireSenderAuthenticationEnabled"] = True
    mail_enable(change, None)
    settle(change)
    return finish(change)


def disable_distribution_group(call: Call) -> t.Iterable[Record]:
    security = chosen(call).kind == "MailUniversalSecurityGroup"
    return disable("UniversalSecurityGroup" if security else "UniversalDistributionGroup", _KEPT)(call)


def remove_distribution_group(call: Call) -> t.Iterable[Record]:
    check_owner(call, chosen(call))
    return remove(call)


def member(call: Call, group: Entry, identity: t.Any) -> Entry:
    """Something that can be in the group.  Raises `failures.Refused`."""
    plain = [entry for entry in call.server.recipients.find(identity) if entry.kind in PLAIN and entry.kind != "Contact"]
    found = plain[0] if len(plain) == 1 else recipient(call.server.recipients, identity)
    if found is group:
        raise failures.refused(f"The group '{group.canonical}' can't be a member of itself.")
    if group.kind == "RoomList" and found.kind not in ("RoomMailbox", "RemoteRoomMailbox", "RoomList"):
        raise failures.refused(f"The recipient '{found.canonical}' can't be a member of a room list because it isn't a room.")
    return found


def get_distribution_group_member(call: Call) -> t.Iterable[Record]:
    """Objects that are no recipients can be members, too, and are shown."""
    members = chosen(call).values.get("Members", [])
    return listed(call, members, view("ReducedRecipient", call.contract.version))


def add_distribution_group_member(call: Call) -> t.Iterable[Record]:
    group = chosen(call)
    check_owner(call, group)
    new, present = member(call, group, call.parameters.get("Member")), group.values.get("Members", [])
    if new in present:
        raise failures.Refused(
            f'The recipient "{new.canonical}" is already a member of the group "{group.canonical}".', "MemberAlreadyExistsException", "NotSpecified"
        )
    return _write(call, group, [*present, new])


def remove_distribution_group_member(call: Call) -> t.Iterable[Record]:
    group = chosen(call)
    check_owner(call, group)
    present = group.values.get("Members", [])
    found = [entry for entry in call.server.recipients.find(call.parameters.get("Member")) if entry in present or entry.kind not in PLAIN]
    if not found:
        raise failures.not_found(call.parameters.get("Member"))
    if len(found) > 1:
        raise failures.ambiguous(call.parameters.get("Member"))
    if found[0] not in present:
        raise failures.Refused(
            f'The recipient "{found[0].canonical}" isn\'t a member of the group "{group.canonical}".', "MemberNotFoundException", "NotSpecified"
        )
    return _write(call, group, [one for one in present if one is not found[0]])


def update_distribution_group_member(call: Call) -> t.Iterable[Record]:
    group = chosen(call)
    check_owner(call, group)
    return _write(call, group, unique([member(call, group, one) for one in call.parameters.get("Members") or ()]))


def _write(call: Call, group: Entry, members: list[Entry]) -> t.Iterable[Record]:
    if not call.what_if:
        call.server.recipients.change(group, {"Members": members})
    return []


HANDLERS: dict[str, Handler] = {
    "New-DistributionGroup": new_distribution_group,
    "Enable-DistributionGroup": enable_distribution_group,
    "Disable-DistributionGroup": disable_distribution_group,
    "Remove-DistributionGroup": remove_distribution_group,
    "Get-DistributionGroupMember": get_distribution_group_member,
    "Add-DistributionGroupMember": add_distribution_group_member,
    "Remove-DistributionGroupMember": remove_distribution_group_member,
    "Update-DistributionGroupMember": update_distribution_group_member,
}
