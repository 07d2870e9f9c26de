# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The organisation."""

from __future__ import annotations

import datetime
import typing as t

from hybridlab.contract import refusals
from hybridlab.exchange import addresses, failures, values
from hybridlab.exchange.call import Call, commit
from hybridlab.exchange.directory import CONFIGURATION_DN, Entry, derived_guid
from hybridlab.exchange.mailbox_view import exists
from hybridlab.exchange.organization_relationships import printed_uri
from hybridlab.exchange.public_folders import moving
from hybridlab.exchange.settings import merge, recipient
from hybridlab.exchange.shapes import ENUMERATIONS, ORGANIZATION, defaults, shape, shaped
from hybridlab.records import Output, Record

# What a new organisation has where it is not empty.
ORGANIZATION_VALUES: dict[str, t.Any] = {
    "ActivityBasedAuthenticationTimeoutEnabled": True,
    "ActivityBasedAuthenticationTimeoutInterval": "06:00:00",
    "ActivityBasedAuthenticationTimeoutWithSingleSignOnEnabled": True,
    "AppsForOfficeEnabled": True,
    "AsyncSendEnabled": True,
    "ConnectorsActionableMessagesEnabled": True,
    "ConnectorsEnabled": True,
    "DefaultPublicFolderDeletedItemRetention": "30.00:00:00",
    "DefaultPublicFolderIssueWarningQuota": "1.7 GB (1,825,361,100 bytes)",
    "DefaultPublicFolderMaxItemSize": "Unlimited",
    "DefaultPublicFolderMovedItemRetention": "7.00:00:00",
    "DefaultPublicFolderProhibitPostQuota": "2 GB (2,147,483,648 bytes)",
    "DisplayName": "Contoso",
    "LegacyExchangeDN": "/o=Contoso",
    "LinkPreviewEnabled": True,
    "LeanPopoutEnabled": False,
    "MailTipsAllTipsEnabled": True,
    "MailTipsGroupMetricsEnabled": True,
    "MailTipsLargeAudienceThreshold": 25,
    "MailTipsMailboxSourcedTipsEnabled": True,
    "MapiHttpEnabled": True,
    "MaxConcurrentMigrations": "Unlimited",
    "MicrosoftExchangeRecipientEmailAddressPolicyEnabled": True,
    "MicrosoftExchangeRecipientEmailAddresses": ["SMTP:MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@contoso.com"],
    "MicrosoftExchangeRecipientPrimarySmtpAddress": "MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@contoso.com",
    "MitigationsEnabled": True,
    "OAuth2ClientProfileEnabled": False,
    "ObjectVersion": 16763,
    "PublicFoldersEnabled": "Local",
    "RefreshSessionEnabled": True,
    "UnblockUnsafeSenderPromptEnabled": True,
    "AdminDisplayVersion": "0.20 (15.0.0.0)",
    "ObjectClass": ["top", "container", "msExchOrganizationContainer"],
}
_SIZES = ("DefaultPublicFolderIssueWarningQuota", "DefaultPublicFolderMaxItemSize", "DefaultPublicFolderProhibitPostQuota")
_TIED = tuple(f"MicrosoftExchangeRecipient{part}" for part in ("PrimarySmtpAddress", "EmailAddressPolicyEnabled", "EmailAddresses"))


def organization_entry() -> Entry:
    parent = CONFIGURATION_DN.partition(",")[2]
    return Entry("Contoso", "", parent, "OrganizationConfig", derived_guid("organization"), {**defaults(ORGANIZATION), **ORGANIZATION_VALUES})


def get_organization_config(call: Call) -> t.Iterable[Record]:
    entry = call.server.organization
    hidden = [name for name in shape(ORGANIZATION)["properties"] if not exists(call.contract, "Set-OrganizationConfig", name)]
    return [Output(shaped(ORGANIZATION, entry, hidden))]


def set_organization_config(call: Call) -> t.Iterable[Record]:
    entry = call.server.organization
    rows = shape(ORGANIZATION)["properties"]
    changes: dict[str, t.Any] = {}
    for name, value in call.settings.items():
        if name not in rows:
            raise failures.not_emulated(call.cmdlet, f"-{name}")
        changes[name] = _organization_value(call, name, value, entry.values.get(name))
    _tie_system_address(entry, changes)
    low, high = (changes.get(name, entry.values[name]) for name in (_SIZES[0], _SIZES[2]))
    if set(changes) & set(_SIZES) and low != "Unlimited" and values.quota_bytes(low) > values.quota_bytes(high):
        raise failures.invalid(f"The value of property '{_SIZES[0]}' must be less than or equal to that of property '{_SIZES[2]}'.")
    if not call.what_if and changes.get("PublicFoldersEnabled", entry.values["PublicFoldersEnabled"]) != entry.values["PublicFoldersEnabled"]:
        moving(call)
    return commit(call, call.server.configuration, entry, changes)


def _tie_system_address(entry: Entry, changes: dict[str, t.Any]) -> None:
    address, policy, every = _TIED
    if address in changes:
        if not changes[address]:
            raise failures.invalid("The Microsoft Exchange recipient needs a primary SMTP address.")
        if changes.get(policy, entry.values[policy]):
            raise failures.refused("The primary address of the Microsoft Exchange recipient is kept by its email address policy; turn the policy off first.")
        changes[every] = addresses.with_primary(entry.values[every], changes[address])


def _organization_value(call: Call, name: str, value: t.Any, current: t.Any) -> t.Any:
    row = shape(ORGANIZATION)["properties"][name]
    kind = row.get("type", "")
    if name == "RemotePublicFolderMailboxes":
        return merge(current, value, lambda identity: recipient(call.server.recipients, identity))
    if name == "DistributionGroupDefaultOU":
        return None if value in (None, "") else call.server.container(value)[0]
    if name in ("HierarchicalAddressBookRoot", "MicrosoftExchangeRecipientReplyRecipient"):
        return None if value in (None, "") else recipient(call.server.recipients, value).canonical
    if name == "MicrosoftExchangeRecipientEmailAddresses":
        return addresses.merged(current, value)
    if name in ("AdfsAudienceUris", "AdfsIssuer", "SiteMailboxCreationURL"):
        return merge(current or [], value, printed_uri) if row.get("container") else printed_uri(value)
    if row.get("container") or isinstance(current, list) or isinstance(value, (list, dict)):
        return merge(current or [], value, str)
    if row.get("enum"):
        known = {item.lower(): item for item in ENUMERATIONS[kind.split(".")[-1]]}
        if str(value).lower() not in known:
            raise refusals.not_an_enumerator(call.cmdlet, name, value, kind, known.values())
        return known[str(value).lower()]
    if "ByteQuantifiedSize" in kind:
        return values.quota(value)
    if isinstance(value, datetime.timedelta):
        return values.print_span(value)
    if "Unlimited`1" in kind:
        return values.count(value)
    return "" if value is None and row["wire"] == "S" else value


def set_ad_server_settings(call: Call) -> t.Iterable[Record]:
    """The scope of a session.  The lab has one domain, so nothing changes by it."""
    return []
