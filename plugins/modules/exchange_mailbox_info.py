#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_mailbox_info
short_description: List mailboxes of an Exchange organization
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Returns mailboxes with the properties asked for.
  - A list that the server cut short is an error, never a shorter list.
options:
  identity:
    description:
      - The mailboxes, each named by alias, user principal name, SMTP address, GUID or DN. All mailboxes when it is not given.
      - Excludes the options that select mailboxes by something else.
    type: list
    elements: str
  filter:
    description: An OPATH filter, for example V(HiddenFromAddressListsEnabled -eq $true).
    type: str
  anr:
    description: A text with which the name, alias, display name or address begins.
    type: str
  organizational_unit:
    description: Only mailboxes below this organizational unit.
    type: str
  database:
    description: Only mailboxes of this database.
    type: str
  server:
    description: Only mailboxes of this server.
    type: str
  recipient_type_details:
    description: Only mailboxes of these types.
    type: list
    elements: str
    choices:
      - discovery_mailbox
      - equipment_mailbox
      - legacy_mailbox
      - linked_mailbox
      - linked_room_mailbox
      - room_mailbox
      - shared_mailbox
      - team_mailbox
      - user_mailbox
  archive:
    description: Only mailboxes that have an archive.
    type: bool
  public_folder:
    description: Public folder mailboxes instead of others. Exchange Server 2013 and later.
    type: bool
  arbitration:
    description: Arbitration mailboxes instead of others - those of approvals, offline address books and other work of Exchange itself.
    type: bool
  audit_log:
    description: Mailboxes of the audit log instead of others. Exchange Server 2016 and later.
    type: bool
  aux_audit_log:
    description: Auxiliary mailboxes of the audit log instead of others. Exchange Server 2016 and later.
    type: bool
  migration:
    description: Mailboxes that migrations keep their data in instead of others. Exchange Server 2016 and later.
    type: bool
  monitoring:
    description: Mailboxes with which Exchange watches itself instead of others. Exchange Server 2013 and later.
    type: bool
  remote_archive:
    description: Only mailboxes whose archive is in Exchange Online.
    type: bool
  result_size:
    description: The largest number of mailboxes. More of them are an error; V(Unlimited) takes what there is.
    type: str
    default: Unlimited
  properties:
    description:
      - The properties to return, as options of M(m365.hybrid.exchange_mailbox) or as Exchange names them.
      - Types, sizes, times, addresses and the like have the same form as there; any other property comes as the server shows it.
    type: list
    elements: str
    default:
      - name
      - alias
      - display_name
      - user_principal_name
      - primary_smtp_address
      - email_addresses
      - type
      - database
      - organizational_unit
      - hidden_from_address_lists_enabled
      - forwarding_address
      - forwarding_smtp_address
      - deliver_to_mailbox_and_forward
      - guid
      - exchange_guid
      - distinguished_name
extends_documentation_fragment:
  - m365.hybrid.exchange_anywhere
  - m365.hybrid.reads
seealso:
  - module: m365.hybrid.exchange_mailbox
"""

EXAMPLES = r"""
- name: Who forwards to somewhere else?
  m365.hybrid.exchange_mailbox_info:
    filter: ForwardingSmtpAddress -ne $null
    properties: [name, primary_smtp_address, forwarding_smtp_address, deliver_to_mailbox_and_forward]
  register: forwarding

- name: Two mailboxes, one of which may not exist
  m365.hybrid.exchange_mailbox_info:
    identity: [user0@contoso.com, perhaps@contoso.com]
  register: two
"""

RETURN = r"""
mailboxes:
  description: The mailboxes, each with the properties asked for.
  returned: success
  type: list
  elements: dict
  sample:
    - name: user0
      type: user
      primary_smtp_address: user0@contoso.com
missing:
  description: The identities that the server proved absent.
  returned: success
  type: list
  elements: str
  sample: [perhaps@contoso.com]
warnings:
  description: What the server warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each cmdlet was called.
  returned: with -v
  type: dict
  sample: {Get-Mailbox: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: Truncated, cmdlet: Get-Mailbox, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange import mailbox
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.info import InfoModule

KINDS = ("public_folder", "arbitration", "audit_log", "aux_audit_log", "migration", "monitoring")
"""Switches that ask for mailboxes which are not listed with others; each is another list."""

SELECTORS = ("filter", "anr", "organizational_unit", "database", "server", "recipient_type_details", "archive", "remote_archive", *KINDS, "result_size")

ONE_OF_THEM = ("identity", "anr", "database", "server")
"""Parameters of different sets of Get-Mailbox."""

MODULE = InfoModule(
    DOCUMENTATION,
    constraints={"mutually_exclusive": [ONE_OF_THEM, ("identity", "filter"), ("identity", "organizational_unit"), KINDS]},
    noun="Mailbox",
    returns="mailboxes",
    selectors=dict.fromkeys(SELECTORS, ""),
    fields=mailbox.FIELDS,
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
