#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_mail_user
short_description: Manage mail users of an Exchange organization
version_added: 1.0.0
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
  organizational_unit:
    description: >-
      Where the account is, for example V(contoso.com/Users), by canonical name, DN, name or GUID. It is created there; one that exists is not moved,
      and a place that differs is an error. A GUID is used at creation only.
    type: str
  password:
    description: Password of a new account; used at creation only, because it cannot be read. An account that is created
      without one is disabled; one that is created with it needs O(user_principal_name), too.
    type: str
  exchange_guid:
    description: The C(ExchangeGuid) of the mailbox elsewhere that shall be moved here; all zeros, or an empty text, mean none.
    type: str
  archive_guid:
    description: The C(ArchiveGuid) of its archive; all zeros, or an empty text, mean none.
    type: str
  recipient_limits:
    description: How many recipients one message may have, or V(unlimited).
    type: str
  grant_send_on_behalf_to:
    description: >-
      Who may send on behalf of the mail user, named by DN, GUID, SMTP address or alias; a list, or a dictionary with V(add), V(remove) or
      V(set).
    type: raw
  simple_display_name:
    description: A name in plain ASCII for systems that cannot show the other.
    type: str
extends_documentation_fragment:
  - m365.hybrid.recipient_properties
  - m365.hybrid.account_properties
  - m365.hybrid.outside_properties
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

from ansible_collections.m365.hybrid.plugins.module_utils._exchange import defaults, mail_user
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule

MODULE = CmdletModule(
    DOCUMENTATION,
    noun="MailUser",
    defaults=defaults.MAIL_USER,
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
