# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Set-Mailbox: first everything is worked out and checked, then written at once, so that a refusal changes nothing."""

from __future__ import annotations

import datetime
import itertools
import re
import typing as t

from hybridlab.exchange import addresses, failures, policy_addresses
from hybridlab.exchange.call import Call, commit, valid_name
from hybridlab.exchange.directory import Entry
from hybridlab.exchange.mailbox_read import chosen
from hybridlab.exchange.mailbox_table import PROPERTIES, Property
from hybridlab.exchange.mailbox_view import exists, read
from hybridlab.exchange.settings import GROUP_KINDS, database, merge, named, recipient, stored, unique
from hybridlab.exchange.values import quota_bytes
from hybridlab.records import Record, Warned

TRAITS: dict[str, dict[str, t.Any]] = {
    "UserMailbox": {"IsShared": False, "IsResource": False, "ResourceType": None},
    "SharedMailbox": {"IsShared": True, "IsResource": False, "ResourceType": None},
    "RoomMailbox": {"IsShared": False, "IsResource": True, "ResourceType": "Room"},
    "EquipmentMailbox": {"IsShared": False, "IsResource": True, "ResourceType": "Equipment"},
    "PublicFolderMailbox": {"IsShared": False, "IsResource": False, "ResourceType": None},
}
_CONVERSIONS = {"Regular": "UserMailbox", "Shared": "SharedMailbox", "Room": "RoomMailbox", "Equipment": "EquipmentMailbox"}
_RESOURCES = ("RoomMailbox", "EquipmentMailbox")
# Each must not exceed the next, within its row.
_QUOTAS = (
    ("IssueWarningQuota", "ProhibitSendQuota", "ProhibitSendReceiveQuota"),
    ("RecoverableItemsWarningQuota", "RecoverableItemsQuota"),
    ("ArchiveWarningQuota", "ArchiveQuota"),
)
_ALIAS = re.compile(r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\u00a1-\u00ff]+(\.[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\u00a1-\u00ff]+)*")
HOLD_WARNING = "The hold setting may take up to 60 minutes to take effect."


class Change:
    """What Set-Mailbox is about to do to one mailbox."""

    # What is written: the table, the functions for what breaks its rule, the cmdlets' noun; another kind of recipient has its own.
    rows: t.ClassVar[dict[str, Property]] = PROPERTIES
    noun: t.ClassVar[str] = "Mailbox"

    @property
    def special(self) -> dict[str, t.Callable[[t.Any, t.Any], None]]:
        return SPECIAL

    def __init__(self, call: Call, entry: Entry) -> None:
        self.call = call
        # Addresses outside the organisation that the recipient has by its nature.
        self.outside: set[str] = set()
        self.entry = entry
        self.values: dict[str, t.Any] = {}
        self.name: str | None = None
        self.kind: str | None = None
        self.warnings: list[str] = []
        # A password or a picture leaves nothing to read back, but is a change.
        self.unreadable = False

    def now(self, name: str) -> t.Any:
        """The value as it will be."""
        return self.values.get(name, read(self.entry, name))

    def set(self, name: str, value: t.Any) -> None:
        if value != read(self.entry, name) or name in self.values:
            self.values[name] = value


def set_mailbox(call: Call) -> t.Iterable[Record]:
    entry = chosen(call)
    change = Change(call, entry)
    # The switch that turns the address policy off comes before the addresses, whatever the caller's order.
    for name in sorted(call.settings, key=lambda parameter: _ORDER.get(parameter, len(_ORDER))):
        apply(change, name, call.settings[name])
    follow_policy_again(change)
    check(change)
    yield from (Warned(text) for text in change.warnings)
    if change.unreadable and not change.values and change.name is None:
        return
    yield from commit(call, call.server.recipients, entry, change.values, change.name, change.kind)


_ORDER = {name: at for at, name in enumerate(("EmailAddressPolicyEnabled", "Type", "Alias", "EmailAddresses", "WindowsEmailAddress", "PrimarySmtpAddress"))}


def apply(change: Change, name: str, value: t.Any) -> None:
    """One parameter.  Raises `failures.Refused`."""
    special = change.special.get(name)
    if special:
        special(change, value)
        return
    row = change.rows.get(name)
    if row is None or not row.settable or not exists(change.call.contract, f"Set-{change.noun}", name):
        raise failures.not_emulated(change.call.cmdlet, f"-{name}")
    change.set(name, stored(row, value, change.now(name), change.call.server))


def check(change: Change) -> None:
    """Rules between properties.  Raises `failures.Refused`."""
    for chain in _QUOTAS:
        for low, high in itertools.combinations(chain, 2):
            if low in change.values or high in change.values:
                _check_order(low, change.now(low), high, change.now(high))
    owner = change.entry if change.entry.guid in change.call.server.recipients.entries else None
    current = set(read(change.entry, "EmailAddresses")) if owner else set()
    fresh = [address for address in change.values.get("EmailAddresses", []) if address not in current]
    accepted = change.call.server.accepted_domains
    addresses.check(fresh, owner, change.call.server.recipients, accepted, change.outside, online=not change.call.policies)


def _check_order(low: str, low_value: str, high: str, high_value: str) -> None:
    if low_value != "Unlimited" and quota_bytes(low_value) > quota_bytes(high_value):
        rule = f"The value of property '{low}' must be less than or equal to that of property '{high}'."
        raise failures.invalid(f"{rule} {low}: '{low_value}', {high}: '{high_value}'.")


def _name(change: Change, value: str) -> None:
    name = valid_name(value)
    dn = f"CN={name},{change.entry.parent_dn}"
    if any(other is not change.entry for other in change.call.server.recipients.known(dn)):
        raise failures.already_exists(dn)
    change.name = name


def _alias(change: Change, value: str) -> None:
    alias = valid_alias(value)
    if any(other is not change.entry and other.values.get("Alias", "").lower() == alias.lower() for other in change.call.server.recipients.known(alias)):
        raise failures.not_unique("Alias", alias)
    change.set("Alias", alias)
    if change.now("EmailAddressPolicyEnabled"):
        follow_policy(change)


def valid_alias(alias: str) -> str:
    """Raises `failures.Refused` with the product's text."""
    if not _ALIAS.fullmatch(alias or "") or len(alias) > 64:
        raise failures.invalid(
            f'Property expression "{alias}" isn\'t valid. Valid values are: Strings formed with characters from A to Z (uppercase or lowercase), digits '
            "from 0 to 9, !, #, $, %, &, ', *, +, -, /, =, ?, ^, _, `, {, |, } or ~. One or more periods may be embedded in an alias, but each period should "
            "be preceded and followed by at least one of the other characters. Unicode characters from U+00A1 to U+00FF are also valid in an alias, but they "
            "will be mapped to a best-fit US-ASCII string in the e-mail address, which is generated from such an alias."
        )
    return alias


def follow_policy(change: Change) -> None:
    """The recipient gets the addresses of the email address policy that fits it, and keeps those that it has."""
    for address in policy_addresses.given(change.call.server, change):
        if address.startswith("SMTP:"):
            make_primary(change, addresses.bare(address))
        elif addresses.bare(address).lower() not in {addresses.bare(one).lower() for one in change.now("EmailAddresses")}:
            change.set("EmailAddresses", [*change.now("EmailAddresses"), address])


def follow_policy_again(change: Change) -> None:
    """A recipient that follows policies does so whenever it is changed."""
    if (change.values or change.name) and change.now("EmailAddressPolicyEnabled"):
        follow_policy(change)


def make_primary(change: Change, address: str) -> None:
    change.set("EmailAddresses", addresses.with_primary(change.now("EmailAddresses"), address))
    change.set("PrimarySmtpAddress", address)
    change.set("WindowsEmailAddress", address)


def _primary_address(change: Change, value: str | None) -> None:
    if not value:
        raise failures.invalid("A mail-enabled recipient needs a primary SMTP address.")
    if value.lower() == change.now("PrimarySmtpAddress").lower():
        return
    if change.now("EmailAddressPolicyEnabled"):
        change.warnings.append(addresses.POLICY_WARNING)
        return
    make_primary(change, value)


def _email_addresses(change: Change, value: t.Any) -> None:
    wanted = addresses.merged(change.now("EmailAddresses"), value)
    primary = addresses.primary_of(wanted)
    if change.now("EmailAddressPolicyEnabled") and primary.lower() != change.now("PrimarySmtpAddress").lower():
        change.warnings.append(addresses.POLICY_WARNING)
        return
    if set(wanted) == set(change.now("EmailAddresses")):
        return
    change.set("EmailAddresses", wanted)
    change.set("PrimarySmtpAddress", primary)
    change.set("WindowsEmailAddress", primary)


def _policy_enabled(change: Change, value: bool) -> None:
    if value == change.now("EmailAddressPolicyEnabled"):
        return
    change.set("EmailAddressPolicyEnabled", value)
    change.set("PoliciesExcluded", [] if value else ["{26491cfc-9e50-4857-861b-0cb8df22b5d7}"])
    change.set("PoliciesIncluded", ["{26491cfc-9e50-4857-861b-0cb8df22b5d7}"] if value else [])
    if value:
        follow_policy(change)


def _unique_text(name: str) -> t.Callable[[Change, str], None]:
    def assign(change: Change, value: str | None) -> None:
        if not value:
            raise failures.invalid(f"The property '{name}' can't be empty.")
        if name == "UserPrincipalName" and not re.fullmatch(r"[^@\s]+@[^@\s]+", value):
            raise failures.invalid(f"The value '{value}' isn't a valid user principal name. Use the form user@domain.")
        others = [other for other in change.call.server.recipients.known(value) if other is not change.entry]
        if any(other.values.get(name, "").lower() == value.lower() for other in others):
            raise failures.not_unique(name, value)
        change.set(name, value)

    return assign


def online_name(change: Change, value: str | None) -> None:
    """The name that somebody signs in to the tenant with: in a domain of it, and nobody else's address.  Raises `failures.Refused`."""
    _unique_text("UserPrincipalName")(change, value or "")
    name = str(value)
    if name.lower() != str(read(change.entry, "UserPrincipalName")).lower():
        recipients, accepted = change.call.server.recipients, change.call.server.accepted_domains
        addresses.check([f"smtp:{name}"], change.entry, recipients, accepted)
    change.set("MicrosoftOnlineServicesID", name)
    change.set("WindowsLiveID", name)


def _type(change: Change, value: str) -> None:
    kind = _CONVERSIONS.get(value)
    if kind is None:
        raise failures.not_emulated(change.call.cmdlet, f"-Type {value}")
    if kind == change.entry.kind:
        return
    change.kind = kind
    for name, trait in {**TRAITS[kind], "RecipientTypeDetails": kind}.items():
        change.set(name, trait)
    if kind not in _RESOURCES:
        change.set("ResourceCapacity", None)
        change.set("ResourceCustom", [])


def _kind(change: Change) -> str:
    return change.kind or change.entry.kind


def _resource(name: str) -> t.Callable[[Change, t.Any], None]:
    def assign(change: Change, value: t.Any) -> None:
        if _kind(change) not in _RESOURCES:
            raise failures.refused(f"The parameter '{name}' can only be set on a resource mailbox; '{change.entry.canonical}' isn't one.")
        change.set(name, merge(change.now(name), value, str) if name == "ResourceCustom" else value)

    return assign


def _room_account(change: Change, value: bool) -> None:
    if _kind(change) != "RoomMailbox":
        raise failures.refused(f"The parameter 'EnableRoomMailboxAccount' can only be used on a room mailbox; '{change.entry.canonical}' isn't one.")
    if value and not change.call.parameters.get("RoomMailboxPassword"):
        raise failures.refused("The parameter 'RoomMailboxPassword' is needed when 'EnableRoomMailboxAccount' is $true.")
    change.set("RoomMailboxAccountEnabled", value)
    change.set("AccountDisabled", not value)


def _hold(change: Change, value: bool) -> None:
    if value == change.now("LitigationHoldEnabled"):
        return
    change.set("LitigationHoldEnabled", value)
    if "LitigationHoldDate" not in change.call.parameters:
        change.set("LitigationHoldDate", datetime.datetime.now(datetime.UTC).replace(microsecond=0) if value else None)
    if "LitigationHoldOwner" not in change.call.parameters:
        change.set("LitigationHoldOwner", "administrator@contoso.com" if value else "")
    change.warnings.append(HOLD_WARNING)


def _hierarchy(change: Change, value: bool) -> None:
    if change.entry.kind != "PublicFolderMailbox":
        raise failures.refused("The parameter 'IsExcludedFromServingHierarchy' can only be used on a public folder mailbox.")
    change.set("IsExcludedFromServingHierarchy", value)


def _public_folders(change: Change, value: t.Any) -> None:
    if value in (None, ""):
        change.set("DefaultPublicFolderMailbox", None)
        return
    entries = [entry for entry in change.call.server.recipients.find(value) if entry.kind == "PublicFolderMailbox"]
    if len(entries) != 1:
        raise failures.ambiguous(value) if entries else failures.reference_not_found("public folder mailbox", value)
    change.set("DefaultPublicFolderMailbox", entries[0])


def _forwarding_smtp(change: Change, value: str | None) -> None:
    """Any SMTP address, inside or outside the organisation; not checked against anything."""
    if not value:
        change.set("ForwardingSmtpAddress", None)
        return
    address = addresses.bare(value)
    if not addresses.is_smtp(addresses.prefixed(value)) or not re.fullmatch(r"[^@\s]+@[^@\s]+", address):
        raise failures.invalid(f"The address '{value}' is invalid: it isn't a valid SMTP address.")
    change.set("ForwardingSmtpAddress", f"smtp:{address}")


def _archive(name: str) -> t.Callable[[Change, t.Any], None]:
    def assign(change: Change, value: t.Any) -> None:
        if change.now("ArchiveState") == "None":
            raise failures.refused(f"The mailbox '{change.entry.canonical}' doesn't have an archive, so '{name}' can't be set.")
        change.set(name, merge(change.now(name), value, str) if name == "ArchiveName" else database(change.call.server, value))

    return assign


def _permissions(prefix: str, part: str) -> t.Callable[[Change, t.Any], None]:
    """AcceptMessagesOnlyFrom, …DLMembers and their union …SendersOrMembers are views of the same senders."""

    def assign(change: Change, value: t.Any) -> None:
        kind = {"": "senders", "DLMembers": "groups"}.get(part, "refs")
        members = merge(change.now(prefix + part), value, lambda identity: recipient(change.call.server.recipients, identity, kind))
        change.set(prefix + part, members)
        if part == "SendersOrMembers":
            change.set(f"{prefix}DLMembers", [entry for entry in members if entry.kind in GROUP_KINDS])
            change.set(prefix, [entry for entry in members if entry.kind not in GROUP_KINDS])
        else:
            change.set(f"{prefix}SendersOrMembers", unique([*change.now(prefix), *change.now(f"{prefix}DLMembers")]))

    return assign


def _sharing_policy(change: Change, value: t.Any) -> None:
    change.set("SharingPolicy", named("SharingPolicy", value, [one.name for one in change.call.server.objects["SharingPolicy"]]))


def _mail_tip(change: Change, value: str | None) -> None:
    """Exchange wraps the text in HTML and keeps it as the default translation."""
    if not value:
        html = None
    else:
        html = value if "<html>" in value.lower() else f"<html>\r\n<body>\r\n{value}\r\n</body>\r\n</html>\r\n"
    others = [item for item in change.now("MailTipTranslations") if not item.lower().startswith("default:")]
    change.set("MailTip", html)
    change.set("MailTipTranslations", [*([f"default:{html}"] if html else []), *others])


def _database(change: Change, value: t.Any) -> None:
    change.set("Database", database(change.call.server, value))


def _unreadable(change: Change, value: t.Any) -> None:
    change.unreadable = True


def _mailbox_plumbing(change: Change, value: t.Any) -> None:
    """Accepted without effect on anything that can be read."""


_PERMISSIONS = ("AcceptMessagesOnlyFrom", "RejectMessagesFrom")
_WRITE_ONLY = ("Password", "NewPassword", "OldPassword", "RoomMailboxPassword", "RemovePicture", "RemoveSpokenName", "CreateDTMFMap")
SPECIAL: dict[str, t.Callable[[Change, t.Any], None]] = {
    "Name": _name,
    "Alias": _alias,
    "PrimarySmtpAddress": _primary_address,
    "WindowsEmailAddress": _primary_address,
    "EmailAddresses": _email_addresses,
    "EmailAddressPolicyEnabled": _policy_enabled,
    "UserPrincipalName": _unique_text("UserPrincipalName"),
    "MicrosoftOnlineServicesID": online_name,
    "SamAccountName": _unique_text("SamAccountName"),
    "Type": _type,
    "ResourceCapacity": _resource("ResourceCapacity"),
    "ResourceCustom": _resource("ResourceCustom"),
    "EnableRoomMailboxAccount": _room_account,
    "LitigationHoldEnabled": _hold,
    "IsExcludedFromServingHierarchy": _hierarchy,
    "DefaultPublicFolderMailbox": _public_folders,
    "ForwardingSmtpAddress": _forwarding_smtp,
    "ArchiveName": _archive("ArchiveName"),
    "ArchiveDatabase": _archive("ArchiveDatabase"),
    "MailTip": _mail_tip,
    "SharingPolicy": _sharing_policy,
    "Database": _database,
    **{prefix + part: _permissions(prefix, part) for prefix in _PERMISSIONS for part in ("", "DLMembers", "SendersOrMembers")},
    **dict.fromkeys(_WRITE_ONLY, _unreadable),
    "ApplyMandatoryProperties": _mailbox_plumbing,
}
