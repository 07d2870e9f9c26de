#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_organization_config
short_description: Manage the settings of an Exchange organization
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Declares settings that hold for the whole organization - public folders, MailTips, Exchange Web Services, sign-in of clients and others.
options:
  activity_based_authentication_timeout_enabled:
    description: Whether Outlook on the web signs users out after a time without activity.
    type: bool
  activity_based_authentication_timeout_interval:
    description: The time without activity, for example V(06:00:00).
    type: str
  activity_based_authentication_timeout_with_single_sign_on_enabled:
    description: Whether the time-out applies to single sign-on too.
    type: bool
  adfs_audience_uris:
    description: The audience URIs of AD FS claims authentication; a list, or a dictionary with V(add), V(remove) or V(set). Exchange Server 2013 and later.
    type: raw
  adfs_issuer:
    description: The AD FS issuer URI. Exchange Server 2013 and later.
    type: str
  adfs_sign_certificate_thumbprints:
    description: Thumbprints of the AD FS token-signing certificates; a list, or a dictionary with V(add), V(remove) or V(set). Exchange Server 2013 and later.
    type: raw
  adfs_encrypt_certificate_thumbprint:
    description: Thumbprint of the certificate that encrypts AD FS tokens. Exchange Server 2013 and later.
    type: str
  apps_for_office_enabled:
    description: Whether add-ins may be used. Exchange Server 2013 and later.
    type: bool
  async_send_enabled:
    description: Whether Outlook on the web sends in the background. Exchange Server 2016 and later.
    type: bool
  connectors_actionable_messages_enabled:
    description: Whether actionable messages of connectors are shown. Exchange Server 2016 and later.
    type: bool
  connectors_enabled:
    description: Whether connected apps may be used. Exchange Server 2016 and later.
    type: bool
  customer_feedback_enabled:
    description: Whether the organization takes part in the customer experience program.
    type: bool
  default_authentication_policy:
    description: Name of the authentication policy of users that have none of their own; empty for none. Exchange Server 2019 and later.
    type: str
  default_public_folder_age_limit:
    description: How long items are kept in public folders, for example V(365.00:00:00). Exchange Server 2013 and later.
    type: str
  default_public_folder_deleted_item_retention:
    description: How long deleted items of public folders are kept. Exchange Server 2013 and later.
    type: str
  default_public_folder_issue_warning_quota:
    description: The size at which owners of a public folder are warned, for example V(1.5GB) or V(unlimited). Exchange Server 2013 and later.
    type: str
  default_public_folder_max_item_size:
    description: The largest item of a public folder. Exchange Server 2013 and later.
    type: str
  default_public_folder_moved_item_retention:
    description: How long items of moved public folders are kept. Exchange Server 2013 and later.
    type: str
  default_public_folder_prohibit_post_quota:
    description: The size at which nothing can be posted to a public folder. Exchange Server 2013 and later.
    type: str
  distribution_group_default_ou:
    description: The organizational unit of distribution groups that users create, by its canonical or distinguished name; empty for Exchange's own.
    type: str
  distribution_group_name_blocked_words_list:
    description: Words that names of such groups must not contain; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  distribution_group_naming_policy:
    description: The pattern of names of such groups.
    type: str
  enable_download_domains:
    description: Whether attachments are downloaded from a domain of their own. Exchange Server 2016 and later.
    type: bool
  ews_allow_entourage:
    description: Whether Entourage may use Exchange Web Services.
    type: bool
  ews_allow_list:
    description: Applications that may use Exchange Web Services; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  ews_allow_mac_outlook:
    description: Whether Outlook for Mac may use Exchange Web Services.
    type: bool
  ews_allow_outlook:
    description: Whether Outlook may use Exchange Web Services.
    type: bool
  ews_application_access_policy:
    description: Which of the two lists decides.
    type: str
    choices: [enforce_allow_list, enforce_block_list]
  ews_block_list:
    description: Applications that must not use Exchange Web Services; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  ews_enabled:
    description: Whether Exchange Web Services may be used; V(unset) leaves it to the mailboxes.
    type: str
    choices: ["true", "false", unset]
  hierarchical_address_book_root:
    description: The group at the top of the hierarchical address book, named by address, alias, GUID or DN; empty for no such address book.
    type: str
  is_agenda_mail_enabled:
    description: Whether agenda mail is sent. Exchange Server 2016 and later.
    type: bool
  is_excluded_from_offboard_migration:
    description: Whether mailboxes cannot be moved out of the organization. Exchange Server 2013 and later.
    type: bool
  is_excluded_from_onboard_migration:
    description: Whether mailboxes cannot be moved into the organization. Exchange Server 2013 and later.
    type: bool
  lean_popout_enabled:
    description: Whether Outlook on the web opens messages in lean windows. Exchange Server 2016 and later.
    type: bool
  link_preview_enabled:
    description: Whether links are previewed in Outlook on the web. Exchange Server 2016 and later.
    type: bool
  mail_tips_all_tips_enabled:
    description: Whether MailTips are shown.
    type: bool
  mail_tips_external_recipients_tips_enabled:
    description: Whether MailTips for external recipients are shown.
    type: bool
  mail_tips_group_metrics_enabled:
    description: Whether MailTips that need group metrics are shown.
    type: bool
  mail_tips_large_audience_threshold:
    description: From how many recipients on an audience is large.
    type: int
  mail_tips_mailbox_sourced_tips_enabled:
    description: Whether MailTips that need mailbox data are shown.
    type: bool
  mapi_http_enabled:
    description: Whether MAPI over HTTP is offered. Exchange Server 2013 and later.
    type: bool
  max_concurrent_migrations:
    description: How many migrations may run at once, or V(unlimited). Exchange Server 2013 and later.
    type: str
  microsoft_exchange_recipient_email_address_policy_enabled:
    description: Whether address policies keep the addresses of the recipient that non-delivery reports and system messages come from.
    type: bool
  microsoft_exchange_recipient_email_addresses:
    description: >-
      The addresses of that recipient; a list, or a dictionary with V(add), V(remove) or V(set).
      Needs O(microsoft_exchange_recipient_email_address_policy_enabled=false).
    type: raw
  microsoft_exchange_recipient_primary_smtp_address:
    description: Its primary address. Needs O(microsoft_exchange_recipient_email_address_policy_enabled=false).
    type: str
  microsoft_exchange_recipient_reply_recipient:
    description: Who gets answers to system messages, named by address, alias, GUID or DN; empty for nobody.
    type: str
  mitigations_enabled:
    description: Whether the Emergency Mitigation service may apply mitigations. Exchange Server 2016 and later.
    type: bool
  oauth2_client_profile_enabled:
    description: Whether modern authentication is offered to clients. Exchange Server 2013 and later.
    type: bool
  public_computers_detection_enabled:
    description: Whether Outlook on the web tells public from private computers. Exchange Server 2013 and later.
    type: bool
  public_folder_mailboxes_locked_for_new_connections:
    description: Whether new connections to public folder mailboxes are refused, as the last step of a migration asks. Exchange Server 2013 and later.
    type: bool
  public_folder_mailboxes_migration_complete:
    description: Whether messages to public folders go to the destination of a migration. Exchange Server 2013 and later.
    type: bool
  public_folder_migration_complete:
    description: Whether the migration of legacy public folders is complete.
    type: bool
  public_folder_show_client_control:
    description: Whether users choose if public folders are shown. Exchange Server 2016 and later.
    type: bool
  public_folders_enabled:
    description: Where users find public folders. V(local) before a migration is complete cuts everybody off from them. Exchange Server 2013 and later.
    type: str
    choices: [local, remote, none]
  public_folders_locked_for_migration:
    description: Whether legacy public folders are locked for the last step of a migration.
    type: bool
  read_tracking_enabled:
    description: Whether delivery reports show if a message was read.
    type: bool
  refresh_session_enabled:
    description: Whether Outlook on the web may refresh sessions. Exchange Server 2016 and later.
    type: bool
  remote_public_folder_mailboxes:
    description: >-
      Mailboxes through which users reach public folders elsewhere, named by address, alias, GUID or DN; a list, or a dictionary with V(add),
      V(remove) or V(set). Exchange Server 2013 and later.
    type: raw
  scl_junk_threshold:
    description: The spam confidence level above which messages go to the Junk Email folder (0 to 9).
    type: int
  site_mailbox_creation_url:
    description: The page on which site mailboxes are created. Exchange Server 2013 and later.
    type: str
  smtp_actionable_messages_enabled:
    description: Whether actionable messages by mail are shown. Exchange Server 2016 and later.
    type: bool
  unblock_unsafe_sender_prompt_enabled:
    description: Whether users are asked to unblock unsafe senders. Exchange Server 2016 and later.
    type: bool
  wac_discovery_endpoint:
    description: Discovery address of the Office Online Server that shows attachments. Exchange Server 2013 and later.
    type: str
extends_documentation_fragment:
  - m365.hybrid.exchange_anywhere
  - m365.hybrid.writes
"""

EXAMPLES = r"""
- name: Public folders are at home after their migration
  m365.hybrid.exchange_organization_config:
    public_folders_enabled: local

- name: Modern authentication, and MailTips for outsiders
  m365.hybrid.exchange_organization_config:
    oauth2_client_profile_enabled: true
    mail_tips_external_recipients_tips_enabled: true
    mail_tips_large_audience_threshold: 50

- name: One more application may use Exchange Web Services
  m365.hybrid.exchange_organization_config:
    ews_application_access_policy: enforce_allow_list
    ews_allow_list:
      add: [OurCrm/*]
"""

RETURN = r"""
resource:
  description: The settings as they are after the task, by option names.
  returned: success
  type: dict
  sample:
    public_folders_enabled: local
diff:
  description: What changed, or would change in check mode, in V(before) and V(after), by option names.
  returned: with --diff
  type: dict
  sample: {before: {}, after: {}}
warnings:
  description: What the server warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each cmdlet was called.
  returned: with -v
  type: dict
  sample: {Get-OrganizationConfig: 2, Set-OrganizationConfig: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Set-OrganizationConfig, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.containers import CONTAINER
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule

MODULE = CmdletModule(
    DOCUMENTATION,
    noun="OrganizationConfig",
    key=None,
    fields=(
        Field("activity_based_authentication_timeout_interval", codec="timespan"),
        Field("default_authentication_policy", codec="name"),
        Field("default_public_folder_age_limit", codec="timespan"),
        Field("default_public_folder_deleted_item_retention", codec="timespan"),
        Field("default_public_folder_issue_warning_quota", codec="size"),
        Field("default_public_folder_max_item_size", codec="size"),
        Field("default_public_folder_moved_item_retention", codec="timespan"),
        Field("default_public_folder_prohibit_post_quota", codec="size"),
        Field("adfs_audience_uris", codec="uris"),
        *(Field(name, codec="uri") for name in ("adfs_issuer", "site_mailbox_creation_url", "wac_discovery_endpoint")),
        Field("distribution_group_default_ou", codec=CONTAINER),
        Field("microsoft_exchange_recipient_email_addresses", codec="proxy_addresses"),
        Field("microsoft_exchange_recipient_primary_smtp_address", codec="address"),
        *(Field(name, codec="recipient") for name in ("hierarchical_address_book_root", "microsoft_exchange_recipient_reply_recipient")),
        Field("ews_enabled", codec="tristate"),
        Field("max_concurrent_migrations", codec="count"),
        Field("remote_public_folder_mailboxes", codec="recipients"),
    ),
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
