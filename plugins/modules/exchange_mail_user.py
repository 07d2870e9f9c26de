#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_mail_user
short_description: Manage mail users of an Exchange organization
version_added: 0.1.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Declares a mail user - an account of Active Directory whose messages go to an address outside the organization.
  - When there is no mail user but an account that answers to O(identity), the account becomes one; when there is neither, both are
    created.
  - For an account whose mailbox is in Exchange Online use M(m365.hybrid.exchange_remote_mailbox).
  - Options that are not given stay as they are.
options:
  identity:
    description:
      - The mail user or account, named by alias, user principal name, SMTP address, GUID or DN.
      - A new mail user must answer to it too, so it is the new name, alias, user principal name, primary or external address.
    type: str
    required: true
  state:
    description:
      - V(present) - there is such a mail user.
      - V(disabled) - there is none. The account stays, without its addresses.
      - V(absent) - there is none. B(The account in Active Directory is deleted).
    type: str
    choices: [present, disabled, absent]
    default: present
  name:
    description: Name of the account in Active Directory.
    type: str
  external_email_address:
    description: The address outside the organization where messages go. A new mail user needs one.
    type: str
  user_principal_name:
    description: The name with which the user signs in. An account that is created with O(password) needs one.
    type: str
  sam_account_name:
    description: The sign-in name of domains before Windows 2000.
    type: str
  alias:
    description: The mail user's alias, unique in the organization.
    type: str
  display_name:
    description: The name that address lists show.
    type: str
  first_name:
    description: Given name of a new account; used at creation only.
    type: str
  last_name:
    description: Surname of a new account; used at creation only.
    type: str
  initials:
    description: Initials of a new account; used at creation only.
    type: str
  organizational_unit:
    description: Where a new account is created, for example V(contoso.com/Users); used at creation only.
    type: str
  password:
    description: Password of a new account; used at creation only, because it cannot be read. An account that is created without one is disabled.
    type: str
  reset_password_on_next_logon:
    description: Whether the user of a new account must change the password at first sign-in; used at creation only.
    type: bool
  exchange_guid:
    description: The C(ExchangeGuid) of the mailbox elsewhere that shall be moved here; all zeros, or an empty text, mean none.
    type: str
  archive_guid:
    description: The C(ArchiveGuid) of its archive; all zeros, or an empty text, mean none.
    type: str
  archive_name:
    description: Names of the archive; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  immutable_id:
    description: The identifier by which the account is matched with its copy in the cloud, where it is not the one that synchronization takes.
    type: str
  primary_smtp_address:
    description: The primary SMTP address. Needs O(email_address_policy_enabled=false) where an email address policy sets it.
    type: str
  email_addresses:
    description: >-
      All addresses; a list, or a dictionary with V(add), V(remove) or V(set). An address without a type is an SMTP address; V(SMTP:) in
      capitals marks the primary one, which otherwise stays as it is.
    type: raw
  email_address_policy_enabled:
    description: Whether email address policies set the addresses.
    type: bool
  hidden_from_address_lists_enabled:
    description: Whether address lists leave the mail user out.
    type: bool
  message_format:
    description: How messages to the mail user are encoded.
    type: str
    choices: [text, mime]
  message_body_format:
    description: The format of their bodies; V(text_and_html) and V(html) need O(message_format=mime).
    type: str
    choices: [text, html, text_and_html]
  mac_attachment_format:
    description: >-
      The format of attachments for Apple computers. With O(message_format=text) only V(bin_hex) and V(uu_encode), with
      O(message_format=mime) only V(bin_hex), V(apple_single) and V(apple_double) fit.
    type: str
    choices: [bin_hex, uu_encode, apple_single, apple_double]
  use_mapi_rich_text_format:
    description: Whether messages are sent in Outlook's rich text format.
    type: str
    choices: [always, never, use_default_settings]
  use_prefer_message_format:
    description: Whether O(message_format) and its companions win over what the remote domain says.
    type: bool
  max_send_size:
    description: The largest message that the mail user can send to the organization, for example V(25MB) or V(unlimited).
    type: str
  max_receive_size:
    description: The largest message that can be sent to the mail user, for example V(25MB) or V(unlimited).
    type: str
  recipient_limits:
    description: How many recipients one message may have, or V(unlimited).
    type: str
  recoverable_items_quota:
    description: The largest size of the Recoverable Items folder, for example V(50GB) or V(unlimited).
    type: str
  recoverable_items_warning_quota:
    description: The size of the Recoverable Items folder at which an event is logged, for example V(50GB) or V(unlimited).
    type: str
  grant_send_on_behalf_to:
    description: >-
      Who may send on behalf of the mail user, named by DN, GUID, SMTP address or alias; a list, or a dictionary with V(add), V(remove) or
      V(set).
    type: raw
  accept_messages_only_from_senders_or_members:
    description: >-
      Senders and groups from which alone messages are accepted, named by DN, GUID, SMTP address or alias; a list, or a dictionary with
      V(add), V(remove) or V(set).
    type: raw
  reject_messages_from_senders_or_members:
    description: >-
      Senders and groups from which no messages are accepted, named by DN, GUID, SMTP address or alias; a list, or a dictionary with
      V(add), V(remove) or V(set).
    type: raw
  bypass_moderation_from_senders_or_members:
    description: >-
      Senders and groups whose messages need no approval, named by DN, GUID, SMTP address or alias; a list, or a dictionary with V(add),
      V(remove) or V(set).
    type: raw
  moderated_by:
    description: Who approves messages, named by DN, GUID, SMTP address or alias; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  moderation_enabled:
    description: Whether messages to the mail user need approval.
    type: bool
  send_moderation_notifications:
    description: Who learns that a message was not approved.
    type: str
    choices: [always, internal, never]
  require_sender_authentication_enabled:
    description: Whether only senders who signed in can write to the mail user.
    type: bool
  mail_tip:
    description: The text that senders see before they send, 175 characters at the most.
    type: str
  simple_display_name:
    description: A name in plain ASCII for systems that cannot show the other.
    type: str
  custom_attribute1:
    description: Text of your own.
    type: str
  custom_attribute2:
    description: Text of your own.
    type: str
  custom_attribute3:
    description: Text of your own.
    type: str
  custom_attribute4:
    description: Text of your own.
    type: str
  custom_attribute5:
    description: Text of your own.
    type: str
  custom_attribute6:
    description: Text of your own.
    type: str
  custom_attribute7:
    description: Text of your own.
    type: str
  custom_attribute8:
    description: Text of your own.
    type: str
  custom_attribute9:
    description: Text of your own.
    type: str
  custom_attribute10:
    description: Text of your own.
    type: str
  custom_attribute11:
    description: Text of your own.
    type: str
  custom_attribute12:
    description: Text of your own.
    type: str
  custom_attribute13:
    description: Text of your own.
    type: str
  custom_attribute14:
    description: Text of your own.
    type: str
  custom_attribute15:
    description: Text of your own.
    type: str
  extension_custom_attribute1:
    description: Texts of your own; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  extension_custom_attribute2:
    description: Texts of your own; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  extension_custom_attribute3:
    description: Texts of your own; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  extension_custom_attribute4:
    description: Texts of your own; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  extension_custom_attribute5:
    description: Texts of your own; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
extends_documentation_fragment:
  - m365.hybrid.exchange_anywhere
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.exchange_mail_contact
  - module: m365.hybrid.exchange_remote_mailbox
"""

EXAMPLES = r"""
- name: Somebody of another company who signs in here
  m365.hybrid.exchange_mail_user:
    identity: vendor
    name: Vic Vendor
    alias: vendor
    user_principal_name: vendor@contoso.com
    password: "{{ vault_vendor_password }}"
    external_email_address: vic@adatum.com
    first_name: Vic
    last_name: Vendor

- name: An account that exists gets an address outside, and a mailbox GUID so that its mailbox can be moved here
  m365.hybrid.exchange_mail_user:
    identity: frank
    external_email_address: frank@northwind.example
    exchange_guid: 7d0e1b56-3d3a-4b8c-9f0e-6f6a4b0c2d11

- name: Only two people may write, 10 MB at the most
  m365.hybrid.exchange_mail_user:
    identity: vendor
    accept_messages_only_from_senders_or_members: [user0@contoso.com, user1]
    max_receive_size: 10MB

- name: The account stays, without its addresses
  m365.hybrid.exchange_mail_user:
    identity: frank
    state: disabled
"""

RETURN = r"""
resource:
  description: >-
    The mail user as it is after the task, by option names, with O(ignore:guid), O(ignore:distinguished_name) and
    O(ignore:recipient_type_details); empty when it does not exist.
  returned: success
  type: dict
  sample:
    identity: vendor
    external_email_address: vic@adatum.com
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
  sample: {Get-MailUser: 2, Set-MailUser: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Set-MailUser, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange import mail_user
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule

MODULE = CmdletModule(
    DOCUMENTATION,
    noun="MailUser",
    key="identity",
    instructions=("state",),
    create_with=(
        "alias",
        "display_name",
        "external_email_address",
        "first_name",
        "immutable_id",
        "initials",
        "last_name",
        "organizational_unit",
        "password",
        "primary_smtp_address",
        "reset_password_on_next_logon",
        "sam_account_name",
    ),
    fields=mail_user.FIELDS,
    resource_type=mail_user.MailUser,
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
