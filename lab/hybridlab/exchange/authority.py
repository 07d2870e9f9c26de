# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whose word counts in the cloud: what directory synchronisation brings from on-premises is changed there, not here.

The properties are those of which Microsoft's documentation and many reports say that Exchange Online refuses them for a synchronised
object.  A mailbox whose Exchange attributes are managed in the cloud takes them.
"""

from __future__ import annotations

from hybridlab.exchange import failures
from hybridlab.exchange.call import Call
from hybridlab.exchange.directory import EPOCH, Entry, Store, derived_guid
from hybridlab.exchange.seed import CONTAINERS, mailbox_entry

MASTERED = frozenset(
    (
        "Alias DisplayName Name EmailAddresses PrimarySmtpAddress WindowsEmailAddress HiddenFromAddressListsEnabled ExternalEmailAddress "
        "MicrosoftOnlineServicesID "
        "AcceptMessagesOnlyFrom AcceptMessagesOnlyFromDLMembers AcceptMessagesOnlyFromSendersOrMembers RejectMessagesFrom RejectMessagesFromDLMembers "
        "RejectMessagesFromSendersOrMembers RequireSenderAuthenticationEnabled ModerationEnabled ModeratedBy BypassModerationFromSendersOrMembers "
        "ForwardingAddress ManagedBy ReportToManagerEnabled ReportToOriginatorEnabled SendOofMessageToOriginatorEnabled "
    ).split()
) | frozenset((*(f"CustomAttribute{number}" for number in range(1, 16)), *(f"ExtensionCustomAttribute{number}" for number in range(1, 6))))
_WHOLE = ("Remove-Mailbox", "Remove-MailUser", "Remove-MailContact", "Remove-DistributionGroup")
_MEMBERS = ("Add-DistributionGroupMember", "Remove-DistributionGroupMember", "Update-DistributionGroupMember")


def check(call: Call) -> None:
    """Raises `failures.Refused` for a change that belongs on-premises."""
    whole = call.cmdlet in (*_WHOLE, *_MEMBERS)
    named = sorted(MASTERED & call.parameters.keys()) if call.cmdlet.startswith("Set-") else []
    if call.identity is None or not (whole or named):
        return
    for entry in call.server.recipients.match(str(call.identity)):
        if entry.values.get("IsDirSynced") and not entry.values.get("IsExchangeCloudManaged"):
            raise failures.refused(
                f"The operation on mailbox \"{entry.name}\" failed because it's out of the current user's write scope. The action '{call.cmdlet}', "
                f"'{','.join(named)}', can't be performed on the object '{entry.name}' because the object is being synchronized from your on-premises "
                "organization. This action should be performed on the object in your on-premises organization.",
                "InvalidOperationInDehydratedContextException",
            )


def seed(recipients: Store) -> None:
    """What synchronisation brought: a mailbox, a room and a group, and a mailbox whose Exchange attributes the cloud manages."""
    recipients.add(mailbox_entry("synced", "Synced", "UserMailbox", "Users", IsDirSynced=True))
    recipients.add(mailbox_entry("synced-room", "Synced Room", "RoomMailbox", "Resources", IsDirSynced=True))
    recipients.add(mailbox_entry("released", "Released", "UserMailbox", "Users", IsDirSynced=True, IsExchangeCloudManaged=True))
    address = "synced-team@contoso.com"
    values = {
        "Alias": "synced-team",
        "DisplayName": "Synced Team",
        "PrimarySmtpAddress": address,
        "WindowsEmailAddress": address,
        "EmailAddresses": [f"SMTP:{address}"],
        "ObjectClass": ["top", "group"],
        "IsDirSynced": True,
    }
    guid = derived_guid("group", "synced-team")
    recipients.add(Entry("Synced Team", "contoso.com/Users", CONTAINERS["Users"], "MailUniversalDistributionGroup", guid, values, EPOCH, EPOCH))
