# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The properties of recipients that are no mailboxes, beside those they share with mailboxes (`mailbox_table`).

Rows have the form of that table.  What a Get- cmdlet shows is what its Set- cmdlet takes in the version at hand, and a few more.
"""

from __future__ import annotations

from hybridlab.exchange.mailbox_table import PROPERTIES, Property, parse

_ROWS = """
ExternalEmailAddress                =text?      -
MessageFormat                       enum        Mime:Text,Mime
MessageBodyFormat                   enum        TextAndHtml:Text,Html,TextAndHtml
MacAttachmentFormat                 enum        BinHex:BinHex,UuEncode,AppleSingle,AppleDouble
UseMapiRichTextFormat               enum        UseDefaultSettings:Never,Always,UseDefaultSettings
UsePreferMessageFormat              bool        false
MaxRecipientPerMessage              count       Unlimited
RemoteRoutingAddress                =text?      -
OnPremisesOrganizationalUnit        =text       ""
ACLableSyncedObjectEnabled          bool        false
ExpansionServer                     text        ""
GroupType                           =text       Universal
ManagedBy                           refs
MemberJoinRestriction               enum        Closed:Closed,Open,ApprovalRequired
MemberDepartRestriction             enum        Open:Closed,Open,ApprovalRequired
ReportToManagerEnabled              bool        false
ReportToOriginatorEnabled           bool        true
SendOofMessageToOriginatorEnabled   bool        false
BypassNestedModerationEnabled       bool        false
"""
OWN: dict[str, Property] = {row.name: row for row in map(parse, _ROWS.strip().splitlines())}
ALL: dict[str, Property] = {**PROPERTIES, **OWN}
_SHOWN = (
    "Alias DisplayName PrimarySmtpAddress EmailAddresses RecipientType RecipientTypeDetails LegacyExchangeDN IsDirSynced ObjectClass "
    "PoliciesIncluded PoliciesExcluded ExternalDirectoryObjectId"
)
SHOWN: dict[str, tuple[str, ...]] = {
    "MailContact": tuple(f"{_SHOWN} ExternalEmailAddress".split()),
    "MailUser": tuple(f"{_SHOWN} ExternalEmailAddress UserPrincipalName SamAccountName ArchiveState AccountDisabled".split()),
    "RemoteMailbox": tuple(
        f"{_SHOWN} RemoteRoutingAddress RemoteRecipientType OnPremisesOrganizationalUnit UserPrincipalName SamAccountName ArchiveState".split()
    ),
    "DistributionGroup": tuple(f"{_SHOWN} GroupType SamAccountName".split()),
}
"""What each Get- cmdlet shows although no parameter of the Set- cmdlet writes it, or one of another name does."""

CONTACTS = ("MailContact",)
USERS = ("MailUser",)
REMOTE = ("RemoteUserMailbox", "RemoteSharedMailbox", "RemoteRoomMailbox", "RemoteEquipmentMailbox")
GROUPS = ("MailUniversalDistributionGroup", "MailUniversalSecurityGroup", "RoomList")
DYNAMIC = ("DynamicDistributionGroup",)
PLAIN = ("User", "Contact", "UniversalDistributionGroup", "UniversalSecurityGroup", "NonUniversalGroup", "RoleGroup")
"""Objects of the directory that are no recipients."""

KINDS: dict[str, tuple[str, ...]] = {"MailContact": CONTACTS, "MailUser": USERS, "RemoteMailbox": REMOTE, "DistributionGroup": GROUPS}
