# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Set-MailContact, Set-MailUser, Set-RemoteMailbox and Set-DistributionGroup: worked out and checked first, then written at once."""

from __future__ import annotations

import re
import typing as t

from hybridlab.exchange import addresses, failures
from hybridlab.exchange.call import Call, Handler, commit
from hybridlab.exchange.directory import Entry
from hybridlab.exchange.mailbox_write import SPECIAL, Change, apply, check, follow_policy_again
from hybridlab.exchange.recipient_table import ALL, KINDS
from hybridlab.exchange.settings import merge
from hybridlab.records import Record, Warned

OUTSIDE = {"MailContact": "ExternalEmailAddress", "MailUser": "ExternalEmailAddress", "RemoteMailbox": "RemoteRoutingAddress"}
"""The property that says where a recipient's messages go."""
CREATOR = "contoso.com/Users/Administrator"
"""Who signs in to the lab; owner of the groups that are made without another one."""
_FIRST = ("EmailAddressPolicyEnabled", "Type", "Alias", "ExternalEmailAddress", "RemoteRoutingAddress", "EmailAddresses", "WindowsEmailAddress")
_ORDER = {name: at for at, name in enumerate((*_FIRST, "PrimarySmtpAddress"))}
_TYPES = {"Regular": "RemoteUserMailbox", "Shared": "RemoteSharedMailbox", "Room": "RemoteRoomMailbox", "Equipment": "RemoteEquipmentMailbox"}
_WORKING = ("BypassSecurityGroupManagerCheck", "ForceUpgrade", "IgnoreNamingPolicy", "IgnoreLegalHold")


class RecipientChange(Change):
    """What is about to be done to a recipient that is no mailbox."""

    rows = ALL

    def __init__(self, call: Call, entry: Entry) -> None:
        super().__init__(call, entry)
        self.noun = call.cmdlet.partition("-")[2]  # type: ignore[misc]  # one class for all nouns
        target = OUTSIDE.get(self.noun)
        if target and self.now(target):
            self.outside.add(addresses.bare(self.now(target)).lower())

    @property
    def special(self) -> dict[str, t.Callable[[t.Any, t.Any], None]]:
        return _SPECIAL


def chosen(call: Call) -> Entry:
    """The one recipient of the cmdlet's kind that its identity means.  Raises `failures.Refused`."""
    kinds = KINDS[call.cmdlet.partition("-")[2].removesuffix("Member")]
    entries = [entry for entry in call.server.recipients.find(call.identity) if entry.kind in kinds]
    if not entries:
        raise failures.not_found(call.identity)
    if len(entries) > 1:
        raise failures.ambiguous(call.identity)
    return entries[0]


def set_recipient(call: Call) -> t.Iterable[Record]:
    entry = chosen(call)
    check_owner(call, entry)
    change = RecipientChange(call, entry)
    for name in sorted(call.settings, key=lambda parameter: _ORDER.get(parameter, len(_ORDER))):
        if name not in _WORKING:
            apply(change, name, call.settings[name])
    follow_policy_again(change)
    if (
        change.now("ReportToManagerEnabled")
        and change.now("ReportToOriginatorEnabled")
        and {"ReportToManagerEnabled", "ReportToOriginatorEnabled"} & set(change.values)
    ):
        raise failures.invalid("The parameters ReportToManagerEnabled and ReportToOriginatorEnabled can't both be $true.")
    check(change)
    yield from (Warned(text) for text in change.warnings)
    if change.unreadable and not change.values and change.name is None:
        return
    yield from commit(call, call.server.recipients, entry, change.values, change.name, change.kind)


def check_owner(call: Call, entry: Entry) -> None:
    """Who is no owner of a group changes it only with the switch for that."""
    owners = entry.values.get("ManagedBy")
    if owners and CREATOR not in owners and not call.parameters.get("BypassSecurityGroupManagerCheck"):
        raise failures.refused(
            "You don't have sufficient permissions. This operation can only be performed by a manager of the group.", "OperationRequiresGroupManagerException"
        )


def outside_address(value: t.Any) -> str:
    """Raises `failures.Refused` for what is no SMTP address."""
    address = addresses.bare(str(value or ""))
    if not addresses.is_smtp(addresses.prefixed(str(value or ""))) or not re.fullmatch(r"[^@\s]+@[^@\s]+", address):
        raise failures.invalid(f"The address '{value}' is invalid: it isn't a valid SMTP address.")
    return address


def _target(name: str) -> t.Callable[[RecipientChange, t.Any], None]:
    """Where messages go is an address of the recipient, too; a contact whose primary address it was keeps it so."""

    def assign(change: RecipientChange, value: t.Any) -> None:
        new, old = outside_address(value), addresses.bare(change.now(name) or "")
        change.outside.add(new.lower())
        present = change.now("EmailAddresses")
        if old and change.now("PrimarySmtpAddress").lower() == old.lower():
            change.set("EmailAddresses", addresses.with_primary(present, new))
            change.set("PrimarySmtpAddress", new)
            change.set("WindowsEmailAddress", new)
        elif new.lower() not in {addresses.bare(one).lower() for one in present}:
            change.set("EmailAddresses", [*present, f"smtp:{new}"])
        change.set(name, f"SMTP:{new}")

    return assign


def _type(change: RecipientChange, value: str) -> None:
    kind = _TYPES.get(value)
    if kind is None:
        raise failures.not_emulated(change.call.cmdlet, f"-Type {value}")
    change.kind = kind if kind != change.entry.kind else None
    change.set("RemoteRecipientType", remote_type(change.now("RemoteRecipientType"), kind))


def remote_type(present: str, kind: str) -> str:
    """What Exchange Online is to make of a remote mailbox, with the kind of it for all but a user's."""
    kept = [part for part in present.split(", ") if f"Remote{part}" not in _TYPES.values()]
    return ", ".join([*kept, *([] if kind == "RemoteUserMailbox" else [kind.removeprefix("Remote")])])


def _mailbox_guid(name: str) -> t.Callable[[RecipientChange, t.Any], None]:
    def assign(change: RecipientChange, value: t.Any) -> None:
        others = [other for other in change.call.server.recipients.known(str(value)) if other is not change.entry and value and value.int]
        if others:
            raise failures.not_unique(name, str(value))
        change.set(name, value if value and value.int else None)

    return assign


def _archive_name(change: RecipientChange, value: t.Any) -> None:
    change.set("ArchiveName", merge(change.now("ArchiveName"), value, str))


def _room_list(change: RecipientChange, value: bool) -> None:
    if not value:
        raise failures.not_emulated(change.call.cmdlet, "-RoomList:$false")
    if change.entry.kind != "RoomList":
        members = change.now("Members") or []
        if any(member.kind not in ("RoomMailbox", "RemoteRoomMailbox", "RoomList") for member in members):
            raise failures.refused(f"The group '{change.entry.canonical}' can't be a room list because it has members that aren't rooms.")
        change.kind = "RoomList"


def _managed_by(change: RecipientChange, value: t.Any) -> None:
    change.set("ManagedBy", merge(change.now("ManagedBy"), value, lambda identity: owner(change.call, identity)))
    _check_approval(change)


def owner(call: Call, identity: t.Any) -> Entry:
    """Owners are users; groups and contacts cannot be."""
    found = [entry for entry in call.server.recipients.find(identity) if entry.kind.endswith("Mailbox") or entry.kind in ("User", "MailUser")]
    if not found:
        raise failures.reference_not_found("recipient", identity)
    if len(found) > 1:
        raise failures.ambiguous(identity)
    return found[0]


def _restriction(name: str) -> t.Callable[[RecipientChange, str], None]:
    def assign(change: RecipientChange, value: str) -> None:
        known = {one.lower(): one for one in ALL[name].names}
        change.set(name, known[value.lower()])
        _check_approval(change)

    return assign


def _check_approval(change: RecipientChange) -> None:
    later = change.call.parameters.get("ManagedBy")
    if change.now("MemberJoinRestriction") == "ApprovalRequired" and not change.now("ManagedBy") and not later:
        raise failures.refused(f"The group '{change.entry.canonical}' has no owner who could approve requests to join. Specify ManagedBy.")


_SPECIAL: dict[str, t.Callable[[t.Any, t.Any], None]] = {
    **{name: function for name, function in SPECIAL.items() if name not in ("Type", "Database", "DefaultPublicFolderMailbox", "ForwardingSmtpAddress")},
    "ExternalEmailAddress": _target("ExternalEmailAddress"),
    "RemoteRoutingAddress": _target("RemoteRoutingAddress"),
    "Type": _type,
    "ExchangeGuid": _mailbox_guid("ExchangeGuid"),
    "ArchiveGuid": _mailbox_guid("ArchiveGuid"),
    "ArchiveName": _archive_name,
    "RoomList": _room_list,
    "ManagedBy": _managed_by,
    "MemberJoinRestriction": _restriction("MemberJoinRestriction"),
    "MemberDepartRestriction": _restriction("MemberDepartRestriction"),
}
HANDLERS: dict[str, Handler] = {f"Set-{noun}": set_recipient for noun in KINDS}
