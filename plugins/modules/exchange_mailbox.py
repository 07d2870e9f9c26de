#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_mailbox
short_description: Manage mailboxes of an Exchange organization
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Declares a mailbox - of a user, shared, of a room or equipment, or for public folders.
  - When there is no mailbox but an account that answers to O(identity), the account gets one; when there is neither, both are created.
  - Options that are not given stay as they are.
options:
  identity:
    description:
      - The mailbox or account, named by alias, user principal name, SMTP address, GUID or DN.
      - A new mailbox must answer to it too, so it is the new name, alias, user principal name or primary address.
    type: str
    required: true
  state:
    description:
      - V(present) - there is such a mailbox.
      - V(disabled) - there is none. The account stays; the mailbox is disconnected and kept for the database's retention time.
      - V(absent) - there is none. B(The account in Active Directory is deleted with its mailbox), which is disconnected and kept for the database's retention
        time; what else belonged to the account is gone. An account without a mailbox is left alone.
      - A mailbox on litigation hold is neither disabled nor removed; that is an error.
    type: str
    choices: [present, disabled, absent]
    default: present
  type:
    description: >-
      What kind of mailbox it is. A mailbox is converted from one type to another, except from or to V(public_folder). A new mailbox is
      a user's unless this says otherwise. The account of a shared mailbox, a room or equipment is disabled, and stays so when the mailbox becomes a user's.
    type: str
    choices: [user, shared, room, equipment, public_folder]
  organizational_unit:
    description: >-
      Where the account is, for example V(contoso.com/Users), by canonical name, DN, name or GUID. It is created there; one that exists is not moved,
      and a place that differs is an error. A GUID is used at creation only.
    type: str
  password:
    description: Password of a new account; used at creation only, because it cannot be read. Needed for a new user's mailbox.
    type: str
  database:
    description: The mailbox database. A mailbox that exists is not moved; a database that differs is an error.
    type: str
  account_disabled:
    description: Whether the account may not sign in. Exchange Server 2016 and later.
    type: bool
  forwarding_address:
    description: >-
      The recipient of the organization to which messages are forwarded, named by DN, GUID, SMTP address or alias; empty for none. It
      wins over O(forwarding_smtp_address).
    type: str
  forwarding_smtp_address:
    description: >-
      The SMTP address to which messages are forwarded; empty for none. Messages leave the organization only where its remote domain has
      C(auto_forward_enabled).
    type: str
  deliver_to_mailbox_and_forward:
    description: Whether forwarded messages are delivered to the mailbox too.
    type: bool
  use_database_quota_defaults:
    description: Whether the database's quotas hold instead of the mailbox's own - for warning, sending, receiving, recoverable items and the calendar log.
    type: bool
  issue_warning_quota:
    description: >-
      The size at which the user is warned, for example V(50GB) or V(unlimited). It has no effect with
      O(use_database_quota_defaults=true).
    type: str
  prohibit_send_quota:
    description: >-
      The size at which the user cannot send any more, for example V(50GB) or V(unlimited). It has no effect with
      O(use_database_quota_defaults=true).
    type: str
  prohibit_send_receive_quota:
    description: >-
      The size at which the mailbox neither sends nor receives, for example V(50GB) or V(unlimited). It has no effect with
      O(use_database_quota_defaults=true).
    type: str
  calendar_logging_quota:
    description: The largest size of the calendar log. Exchange Server 2013 and later, for example V(50GB) or V(unlimited).
    type: str
  rules_quota:
    description: The largest size of the inbox rules, 32 KB to 256 KB.
    type: str
  max_send_size:
    description: The largest message that the user can send, for example V(50GB) or V(unlimited).
    type: str
  max_receive_size:
    description: The largest message that the user can receive, for example V(50GB) or V(unlimited).
    type: str
  recipient_limits:
    description: How many recipients one message may have, or V(unlimited).
    type: str
  archive:
    description: >-
      Whether the mailbox has an archive. Taking the archive away disconnects it; its database keeps it for the retention time of
      deleted mailboxes.
    type: bool
  archive_database:
    description: >-
      The database in which O(archive=true) makes the archive; Exchange takes that of the mailbox when it is not given. An archive that exists is not
      moved; a database that differs is an error.
    type: str
  archive_domain:
    description: >-
      The domain of the tenant, for example V(contoso.mail.onmicrosoft.com). With it O(archive=true) asks for an archive in Exchange Online, which comes into
      being with the next synchronization. An archive that exists is not moved; a domain that differs is an error.
    type: str
  archive_quota:
    description: The largest size of the archive, for example V(50GB) or V(unlimited).
    type: str
  archive_warning_quota:
    description: The size of the archive at which the user is warned, for example V(50GB) or V(unlimited).
    type: str
  litigation_hold_enabled:
    description: Whether nothing in the mailbox is ever removed for good.
    type: bool
  litigation_hold_duration:
    description: How long an item is held, for example V(2555.00:00:00), a number of days, or V(unlimited). Exchange Server 2013 and later.
    type: str
  litigation_hold_owner:
    description: Who put the mailbox on hold; Exchange enters it when it is not given.
    type: str
  retention_hold_enabled:
    description: Whether retention policies pause for the mailbox.
    type: bool
  start_date_for_retention_hold:
    description: When that pause begins; empty for at once, for example V(2026-12-24T00:00:00Z).
    type: str
  end_date_for_retention_hold:
    description: When that pause ends; empty for never, for example V(2026-12-24T00:00:00Z).
    type: str
  retention_comment:
    description: A comment about the hold that Outlook shows.
    type: str
  retention_url:
    description: A page about the hold that Outlook shows.
    type: str
  retention_policy:
    description: Name of the retention policy; empty for none.
    type: str
  single_item_recovery_enabled:
    description: Whether purged items can be recovered during the retention time.
    type: bool
  retain_deleted_items_for:
    description: How long deleted items are kept, for example V(14.00:00:00) or a number of days.
    type: str
  retain_deleted_items_until_backup:
    description: Whether deleted items are kept until a backup was made.
    type: bool
  use_database_retention_defaults:
    description: Whether the database's retention times hold.
    type: bool
  default_public_folder_mailbox:
    description: >-
      The public folder mailbox that shows this user the hierarchy, named by DN, GUID, SMTP address or alias; empty for automatic.
      Exchange Server 2013 and later.
    type: str
  is_excluded_from_serving_hierarchy:
    description: Whether a public folder mailbox shows no user the hierarchy. Exchange Server 2013 and later.
    type: bool
  grant_send_on_behalf_to:
    description: >-
      Who may send on behalf of the mailbox, named by DN, GUID, SMTP address or alias; a list, or a dictionary with V(add), V(remove) or
      V(set).
    type: raw
  message_copy_for_sent_as_enabled:
    description: Whether messages sent as a shared mailbox are kept in it too. Exchange Server 2013 and later.
    type: bool
  message_copy_for_send_on_behalf_enabled:
    description: Whether messages sent on behalf of a shared mailbox are kept in it too. Exchange Server 2013 and later.
    type: bool
  message_tracking_read_status_enabled:
    description: Whether delivery reports show if the user read a message.
    type: bool
  downgrade_high_priority_messages_enabled:
    description: Whether X.400 priority is lowered.
    type: bool
  external_oof_options:
    description: To whom automatic replies may go.
    type: str
    choices: [external, internal_only]
  max_safe_senders:
    description: How many safe senders the user may list.
    type: int
  max_blocked_senders:
    description: How many blocked senders the user may list.
    type: int
  antispam_bypass_enabled:
    description: Whether spam filtering is skipped.
    type: bool
  scl_delete_enabled:
    description: Whether messages at the delete threshold are deleted.
    type: str
    choices: ["true", "false", unset]
  scl_delete_threshold:
    description: Spam confidence level for deletion, 0 to 9.
    type: int
  scl_reject_enabled:
    description: Whether messages at the reject threshold are rejected.
    type: str
    choices: ["true", "false", unset]
  scl_reject_threshold:
    description: Spam confidence level for rejection, 0 to 9.
    type: int
  scl_quarantine_enabled:
    description: Whether messages at the quarantine threshold are quarantined.
    type: str
    choices: ["true", "false", unset]
  scl_quarantine_threshold:
    description: Spam confidence level for quarantine, 0 to 9.
    type: int
  scl_junk_enabled:
    description: Whether messages above the junk threshold go to Junk Email.
    type: str
    choices: ["true", "false", unset]
  scl_junk_threshold:
    description: Spam confidence level for Junk Email, 0 to 9.
    type: int
  audit_enabled:
    description: Whether access to the mailbox is logged.
    type: bool
  audit_log_age_limit:
    description: How long that log is kept, for example V(90.00:00:00) or a number of days.
    type: str
  audit_admin:
    description: Actions of administrators that are logged; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  audit_delegate:
    description: Actions of delegates that are logged; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  audit_owner:
    description: Actions of the owner that are logged; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  calendar_repair_disabled:
    description: Whether the calendar repair assistant leaves the mailbox out.
    type: bool
  calendar_version_store_disabled:
    description: Whether changes to calendar items are not logged.
    type: bool
  resource_capacity:
    description: How many people a room takes. For rooms and equipment only.
    type: int
  resource_custom:
    description: >-
      Further properties of a room or equipment, as the resource schema knows them; a list, or a dictionary with V(add), V(remove) or
      V(set).
    type: raw
  enable_room_mailbox_account:
    description: >-
      Whether the account of a room may sign in. Exchange Server 2013 and later. To switch it on takes O(room_mailbox_password); a new room of Exchange Online
      takes O(microsoft_online_services_id) instead, and Microsoft Graph sets its password.
    type: bool
  room_mailbox_password:
    description: Password of a room's account; used when O(enable_room_mailbox_account) is switched on only, because it cannot be read.
    type: str
  microsoft_online_services_id:
    description: The name to sign in with of the mailbox's account in Exchange Online, for example V(room1@contoso.com). Only there.
    type: str
  office:
    description: The office of the user, or where a room is.
    type: str
  simple_display_name:
    description: The name shown where only a limited set of characters can be.
    type: str
  languages:
    description: The user's languages, the preferred one first, for example V(en-US); a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  role_assignment_policy:
    description: Name of the role assignment policy.
    type: str
  sharing_policy:
    description: Name of the sharing policy.
    type: str
  address_book_policy:
    description: Name of the address book policy; empty for none.
    type: str
  offline_address_book:
    description: Name of the offline address book; empty for the database's.
    type: str
  throttling_policy:
    description: Name of the throttling policy; empty for the default one.
    type: str
extends_documentation_fragment:
  - m365.hybrid.recipient_properties
  - m365.hybrid.account_properties
  - m365.hybrid.exchange_anywhere
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.exchange_mailbox_info
  - module: m365.hybrid.exchange_remote_domain
"""

EXAMPLES = r"""
- name: A shared mailbox with a second address, hidden from address lists
  m365.hybrid.exchange_mailbox:
    identity: orders
    type: shared
    user_principal_name: orders@contoso.com
    primary_smtp_address: orders@contoso.com
    email_addresses:
      add: [bestellung@contoso.com]
    hidden_from_address_lists_enabled: true

- name: An account that exists gets a mailbox with quotas of its own
  m365.hybrid.exchange_mailbox:
    identity: dave
    database: DB01
    use_database_quota_defaults: false
    issue_warning_quota: 45GB
    prohibit_send_quota: 48GB
    prohibit_send_receive_quota: 50GB

- name: Forward to another mailbox and keep a copy
  m365.hybrid.exchange_mailbox:
    identity: user0
    forwarding_address: user1@contoso.com
    deliver_to_mailbox_and_forward: true

- name: The mailbox stays here, its archive is in Exchange Online
  m365.hybrid.exchange_mailbox:
    identity: user2
    archive: true
    archive_domain: contoso.mail.onmicrosoft.com

- name: The panel in a room signs in to the room's mailbox
  m365.hybrid.exchange_mailbox:
    identity: room1
    enable_room_mailbox_account: true
    room_mailbox_password: "{{ vault_room_password }}"

- name: The project is over, the account stays
  m365.hybrid.exchange_mailbox:
    identity: orders
    state: disabled
"""

RETURN = r"""
resource:
  description: >-
    The mailbox as it is after the task, by option names, with O(ignore:guid), O(ignore:distinguished_name), O(ignore:exchange_guid)
    and O(ignore:recipient_type_details); empty when it does not exist.
  returned: success
  type: dict
  sample:
    identity: orders
    type: shared
    primary_smtp_address: orders@contoso.com
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
  sample: {Get-Mailbox: 2, Set-Mailbox: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Set-Mailbox, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange import mailbox
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule

MODULE = CmdletModule(
    DOCUMENTATION,
    noun="Mailbox",
    key="identity",
    instructions=("state",),
    create_with=(
        "alias",
        "database",
        "display_name",
        "enable_room_mailbox_account",
        "first_name",
        "initials",
        "last_name",
        "microsoft_online_services_id",
        "organizational_unit",
        "password",
        "primary_smtp_address",
        "reset_password_on_next_logon",
        "room_mailbox_password",
        "sam_account_name",
    ),
    fields=mailbox.FIELDS,
    defaults=mailbox.DEFAULTS,
    resource_type=mailbox.Mailbox,
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
