# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which attribute of Active Directory holds which property of a recipient, and what makes an object a recipient of some kind.

The values of msExchRecipientTypeDetails, msExchRecipientDisplayType and msExchRemoteRecipientType are the published ones.
"""

from __future__ import annotations

import typing as t

ROWS = """
Alias                               mailNickname                    text
DisplayName                         displayName                     text
SamAccountName                      sAMAccountName                  text
UserPrincipalName                   userPrincipalName               text
FirstName                           givenName                       text
LastName                            sn                              text
Initials                            initials                        text
Office                              physicalDeliveryOfficeName      text
Phone                               telephoneNumber                 text
MobilePhone                         mobile                          text
Department                          department                      text
Title                               title                           text
Company                             company                         text
City                                l                               text
StateOrProvince                     st                              text
CountryOrRegion                     co                              text
Description                         description                     text
EmailAddresses                      proxyAddresses                  texts
WindowsEmailAddress                 mail                            text
ExternalEmailAddress                targetAddress                   text
RemoteRoutingAddress                targetAddress                   text
LegacyExchangeDN                    legacyExchangeDN                text
HiddenFromAddressListsEnabled       msExchHideFromAddressLists      truth
ExchangeGuid                        msExchMailboxGuid               guid
ArchiveGuid                         msExchArchiveGUID               guid
ArchiveName                         msExchArchiveName               texts
ForwardingAddress                   altRecipient                    object
ForwardingSmtpAddress               msExchGenericForwardingAddress  text
DeliverToMailboxAndForward          deliverAndRedirect              truth
GrantSendOnBehalfTo                 publicDelegates                 objects
AcceptMessagesOnlyFrom              authOrig                        objects
AcceptMessagesOnlyFromDLMembers     dLMemSubmitPerms                objects
RejectMessagesFrom                  unauthOrig                      objects
RejectMessagesFromDLMembers         dLMemRejectPerms                objects
RequireSenderAuthenticationEnabled  msExchRequireAuthToSendTo       truth
ModerationEnabled                   msExchEnableModeration          truth
ModeratedBy                         msExchModeratedByLink           objects
Members                             member                          objects
ResourceCapacity                    msExchResourceCapacity          number
UsageLocation                       msExchUsageLocation             text
ImmutableId                         msExchImmutableId               text
WhenMailboxCreated                  msExchWhenMailboxCreated        time
"""
CUSTOM = {f"CustomAttribute{place}": f"extensionAttribute{place}" for place in range(1, 16)}
LISTS = {f"ExtensionCustomAttribute{place}": f"msExchExtensionCustomAttribute{place}" for place in range(1, 6)}
UNIONS = {
    "AcceptMessagesOnlyFromSendersOrMembers": ("AcceptMessagesOnlyFrom", "AcceptMessagesOnlyFromDLMembers"),
    "RejectMessagesFromSendersOrMembers": ("RejectMessagesFrom", "RejectMessagesFromDLMembers"),
}
"""Properties that the directory does not hold, because they are the sum of two others."""
POLICY = "{26491cfc-9e50-4857-861b-0cb8df22b5d7}"
"""The email address policy in msExchPoliciesIncluded and, where a recipient follows none, in msExchPoliciesExcluded."""
REMOTE_TYPES = (
    ("ProvisionMailbox", 1),
    ("ProvisionArchive", 2),
    ("Migrated", 4),
    ("DeprovisionMailbox", 8),
    ("DeprovisionArchive", 16),
    ("RoomMailbox", 32),
    ("EquipmentMailbox", 64),
)
"""The bits of msExchRemoteRecipientType; 32 and 64 together are a shared mailbox."""
SHARED = 96
GROUP_TYPES = {
    "Universal": 0x8,
    "Universal, SecurityEnabled": 0x8 - 0x80000000,
    "Global": 0x2,
    "Global, SecurityEnabled": 0x2 - 0x80000000,
    "DomainLocal": 0x4,
    "DomainLocal, SecurityEnabled": 0x4 - 0x80000000,
}


class Kind(t.NamedTuple):
    """What an object of some kind is in the directory: class, type details and display type (None where it has none), kind of resource."""

    object_class: str
    details: int | None = None
    display: int | None = None
    resource: str = ""


KINDS = {
    "UserMailbox": Kind("user", 1, 1073741824),
    "SharedMailbox": Kind("user", 4, 0),
    "RoomMailbox": Kind("user", 16, 7, "Room"),
    "EquipmentMailbox": Kind("user", 32, 8, "Equipment"),
    "MailContact": Kind("contact", 64, 6),
    "MailUser": Kind("user", 128, 6),
    "MailUniversalDistributionGroup": Kind("group", 256, 1),
    "MailUniversalSecurityGroup": Kind("group", 1024, 1073741833),
    "RoomList": Kind("group", 268435456, 15),
    "RoleGroup": Kind("group", 1073741824),
    "RemoteUserMailbox": Kind("user", 2147483648, -2147483642),
    "RemoteRoomMailbox": Kind("user", 8589934592, -2147481850, "Room"),
    "RemoteEquipmentMailbox": Kind("user", 17179869184, -2147481594, "Equipment"),
    "RemoteSharedMailbox": Kind("user", 34359738368, -2147483642),
    "PublicFolderMailbox": Kind("user", 68719476736),
    "User": Kind("user"),
    "Contact": Kind("contact"),
    "UniversalDistributionGroup": Kind("group"),
    "UniversalSecurityGroup": Kind("group"),
}
BY_DETAILS = {kind.details: name for name, kind in KINDS.items() if kind.details is not None}
SECURITY_KINDS = ("MailUniversalSecurityGroup", "UniversalSecurityGroup", "RoleGroup")
MAILBOXES = ("UserMailbox", "SharedMailbox", "RoomMailbox", "EquipmentMailbox", "PublicFolderMailbox")
MANAGED = ("msExchRecipientTypeDetails", "msExchRecipientDisplayType", "msExchResourceMetaData", "msExchResourceSearchProperties", "msExchResourceDisplay")
"""The attributes that follow from the kind."""


class Row(t.NamedTuple):
    """One property: its attribute and how its values are written."""

    attribute: str
    codec: str


TABLE: dict[str, Row] = {
    **{name: Row(attribute, codec) for name, attribute, codec in (line.split() for line in ROWS.strip().splitlines())},
    **{name: Row(attribute, "text") for name, attribute in CUSTOM.items()},
    **{name: Row(attribute, "texts") for name, attribute in LISTS.items()},
}
