#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_mail_contact
short_description: Manage mail contacts of an Exchange organization
version_added: 1.0.0
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
    description: >-
      Where the contact is, for example V(contoso.com/Contacts), by canonical name, DN, name or GUID. It is created there; one that exists is not moved,
      and a place that differs is an error. A GUID is used at creation only.
    type: str
  max_recipient_per_message:
    description: How many recipients one message of the contact may have, or V(unlimited).
    type: str
  grant_send_on_behalf_to:
    description: >-
      Who may send on behalf of the contact, named by DN, GUID, SMTP address or alias; a list, or a dictionary with V(add), V(remove) or
      V(set).
    type: raw
  simple_display_name:
    description: A name in plain ASCII for systems that cannot show the other.
    type: str
extends_documentation_fragment:
  - m365.hybrid.recipient_properties
  - m365.hybrid.outside_properties
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

from ansible_collections.m365.hybrid.plugins.module_utils._exchange import defaults, mail_contact
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule

MODULE = CmdletModule(
    DOCUMENTATION,
    noun="MailContact",
    defaults=defaults.MAIL_CONTACT,
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
