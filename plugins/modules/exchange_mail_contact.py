#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_mail_contact
short_description: Manage mail contacts of an Exchange organization
version_added: 0.1.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Declares a mail contact - somebody outside the organization whom its address lists show.
  - When there is no mail contact but a contact of Active Directory that answers to O(identity), that contact becomes one; when there is
    neither, it is created.
  - Options that are not given stay as they are.
options:
  identity:
    description:
      - The contact, named by alias, SMTP address, name, GUID or DN.
      - A new contact must answer to it too, so it is the new name, alias, primary or external address.
    type: str
    required: true
  state:
    description:
      - V(present) - there is such a mail contact.
      - V(disabled) - there is none. The contact of Active Directory stays, without its addresses.
      - V(absent) - there is none. B(The contact is deleted from Active Directory).
    type: str
    choices: [present, disabled, absent]
    default: present
  name:
    description: Name of the contact in Active Directory.
    type: str
  external_email_address:
    description: The address outside the organization where messages go. A new contact needs one.
    type: str
  alias:
    description: The contact's alias, unique in the organization.
    type: str
  display_name:
    description: The name that address lists show.
    type: str
  first_name:
    description: Given name of a new contact; used at creation only.
    type: str
  last_name:
    description: Surname of a new contact; used at creation only.
    type: str
  initials:
    description: Initials of a new contact; used at creation only.
    type: str
  organizational_unit:
    description: Where a new contact is created, for example V(contoso.com/Contacts); used at creation only.
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
    description: Whether address lists leave the contact out.
    type: bool
  message_format:
    description: How messages to the contact are encoded.
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
    description: The largest message that the contact can send to the organization, for example V(25MB) or V(unlimited).
    type: str
  max_receive_size:
    description: The largest message that can be sent to the contact, for example V(25MB) or V(unlimited).
    type: str
  max_recipient_per_message:
    description: How many recipients one message of the contact may have, or V(unlimited).
    type: str
  grant_send_on_behalf_to:
    description: >-
      Who may send on behalf of the contact, named by DN, GUID, SMTP address or alias; a list, or a dictionary with V(add), V(remove) or
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
    description: Whether messages to the contact need approval.
    type: bool
  send_moderation_notifications:
    description: Who learns that a message was not approved.
    type: str
    choices: [always, internal, never]
  require_sender_authentication_enabled:
    description: Whether only senders who signed in can write to the contact.
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
  - module: m365.hybrid.exchange_mail_user
"""

EXAMPLES = r"""
- name: A partner whom address lists show
  m365.hybrid.exchange_mail_contact:
    identity: auditor
    name: Adatum Auditor
    alias: auditor
    external_email_address: auditor@adatum.com
    organizational_unit: contoso.com/Contacts
    first_name: Ada
    last_name: Auditor
    mail_tip: This person works for another company.

- name: The partner's messages go to another address, and only two people may write
  m365.hybrid.exchange_mail_contact:
    identity: auditor
    external_email_address: auditor@northwind.example
    max_receive_size: 10MB
    accept_messages_only_from_senders_or_members: [user0@contoso.com, user1]

- name: The consultant is hidden from address lists
  m365.hybrid.exchange_mail_contact:
    identity: consultant@northwind.example
    hidden_from_address_lists_enabled: true

- name: The work is done
  m365.hybrid.exchange_mail_contact:
    identity: auditor
    state: absent
"""

RETURN = r"""
resource:
  description: >-
    The contact as it is after the task, by option names, with O(ignore:guid), O(ignore:distinguished_name) and
    O(ignore:recipient_type_details); empty when it does not exist.
  returned: success
  type: dict
  sample:
    identity: auditor
    external_email_address: auditor@adatum.com
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
  sample: {Get-MailContact: 2, Set-MailContact: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Set-MailContact, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange import mail_contact
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule

MODULE = CmdletModule(
    DOCUMENTATION,
    noun="MailContact",
    key="identity",
    instructions=("state",),
    create_with=(
        "alias",
        "display_name",
        "external_email_address",
        "first_name",
        "initials",
        "last_name",
        "organizational_unit",
        "primary_smtp_address",
    ),
    fields=mail_contact.FIELDS,
    resource_type=mail_contact.MailContact,
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
