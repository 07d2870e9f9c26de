# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Recipients that are no mailboxes, and mailboxes seen as recipients, users, contacts or groups."""

from __future__ import annotations

import functools
import typing as t

from hybridlab.clixml import MultiValued, Obj
from hybridlab.contract.check import Contract
from hybridlab.exchange.call import Call
from hybridlab.exchange.directory import Entry
from hybridlab.exchange.mailbox_view import MAILBOX_KINDS, PROXY_LIST, RECIPIENT_BASE, identification, read, rendered
from hybridlab.exchange.recipient_table import ALL, DYNAMIC, GROUPS, KINDS, REMOTE, SHOWN

_MANAGEMENT = "Microsoft.Exchange.Data.Directory.Management"
MAIL_ENABLED = (*MAILBOX_KINDS, "MailContact", "MailUser", *REMOTE, *GROUPS, *DYNAMIC)
_ATTRIBUTES = tuple(f"CustomAttribute{number}" for number in range(1, 16))
_NAMES: dict[str, tuple[str, ...]] = {
    "ReducedRecipient": (
        *(
            "Alias DisplayName PrimarySmtpAddress EmailAddresses ExternalEmailAddress RecipientType RecipientTypeDetails HiddenFromAddressListsEnabled "
            "Database ServerName ExchangeGuid ArchiveGuid ArchiveState EmailAddressPolicyEnabled SamAccountName FirstName LastName Office Phone "
            "ResourceType LitigationHoldEnabled MailboxMoveStatus ManagedBy Capabilities ObjectClass ExternalDirectoryObjectId"
        ).split(),
        *_ATTRIBUTES,
    ),
    "User": tuple(
        (
            "SamAccountName UserPrincipalName DisplayName FirstName LastName Initials Office Phone AccountDisabled RecipientType RecipientTypeDetails "
            "WindowsEmailAddress ResetPasswordOnNextLogon LinkedMasterAccount Department Title Company City StateOrProvince CountryOrRegion Manager "
            "MobilePhone UserAccountControl ObjectClass ExternalDirectoryObjectId IsDirSynced"
        ).split()
    ),
    "Contact": tuple("DisplayName FirstName LastName Initials RecipientType RecipientTypeDetails WindowsEmailAddress ObjectClass".split()),
    "WindowsGroup": tuple("SamAccountName DisplayName GroupType ManagedBy RecipientType RecipientTypeDetails WindowsEmailAddress ObjectClass".split()),
}
_EXTRA_LISTS = ("Capabilities",)
_SAME_TYPE = ("MailContact", "MailUser", "User", "Contact", *GROUPS, *DYNAMIC)
RECIPIENT_TYPES = {
    **{kind: kind for kind in _SAME_TYPE},
    "RoomList": "MailUniversalDistributionGroup",
    "UniversalDistributionGroup": "Group",
    "UniversalSecurityGroup": "Group",
    "NonUniversalGroup": "Group",
    "RoleGroup": "Group",
    **dict.fromkeys(MAILBOX_KINDS, "UserMailbox"),
    **dict.fromkeys(REMOTE, "MailUser"),
}


@functools.cache
def names(noun: str, version: str) -> tuple[str, ...]:
    """The properties that an object of that class shows in that version, besides what identifies it."""
    if noun in _NAMES:
        return _NAMES[noun]
    contract = Contract(version)
    return tuple(dict.fromkeys((*SHOWN[noun], *(name for name in ALL if name != "Name" and contract.has(f"Set-{noun}", name)))))


def value(entry: Entry, name: str) -> t.Any:
    """One property as it goes out."""
    if name == "RecipientTypeDetails":
        return entry.kind
    if name == "RecipientType":
        return RECIPIENT_TYPES.get(entry.kind, entry.kind)
    if name in _EXTRA_LISTS:
        return MultiValued(entry.values.get(name, []))
    if name == "EmailAddresses":
        return MultiValued(entry.values.get(name, []), PROXY_LIST)
    row = ALL.get(name)
    if row is not None:
        return rendered(row.kind, read(entry, name))
    found = entry.values.get(name)
    return "" if found is None else found


def view(noun: str, version: str) -> t.Callable[[Entry], Obj]:
    types = (f"{_MANAGEMENT}.{noun}", *RECIPIENT_BASE)
    shown_names = names(noun, version)

    def object_of(entry: Entry) -> Obj:
        properties = {name: value(entry, name) for name in shown_names}
        properties.update(identification(entry), OriginatingServer="dc01.contoso.com", IsValid=True, ObjectState="Unchanged", OrganizationId="")
        return Obj(types, properties, string=entry.canonical)

    return object_of


def shown(call: Call, noun: str, entry: Entry) -> Obj:
    """The recipient that a New- or Enable- cmdlet returns."""
    return view(noun if noun in KINDS else "ReducedRecipient", call.contract.version)(entry)
