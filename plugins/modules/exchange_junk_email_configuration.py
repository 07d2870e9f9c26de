#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_junk_email_configuration
short_description: Manage the safe and blocked senders of a mailbox
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Declares whom a mailbox that exists trusts and whom it blocks, and whether its junk e-mail rule is at work.
  - Options that are not given stay as they are.
  - >-
    A mailbox that nobody has opened yet has no such settings; writing them fails with the error class C(NeverOpened). What the server
    shows does not tell, so check mode cannot either.
  - A list that would be longer than the mailbox allows (C(MaxSafeSenders), C(MaxBlockedSenders)) is refused before anything is written.
options:
  identity:
    description: The mailbox, named by alias, user principal name, SMTP address, GUID or DN.
    type: str
    required: true
  enabled:
    description: Whether the junk e-mail rule moves messages to the Junk Email folder.
    type: bool
  trusted_lists_only:
    description: Whether messages go to the Junk Email folder unless their senders are trusted.
    type: bool
  contacts_trusted:
    description: Whether the user's contacts are trusted senders. They are so beside O(trusted_senders_and_domains), which does not show them.
    type: bool
  trusted_senders_and_domains:
    description:
      - Addresses and domains whose messages are not treated as junk; a list, or a dictionary with V(add), V(remove) or V(set).
      - Exchange copies them to the safe recipients, which cannot be changed by themselves.
      - Addresses of the mailbox's own domains are refused. Everybody in the address list is trusted without being listed.
    type: raw
  blocked_senders_and_domains:
    description: >-
      Addresses and domains whose messages are treated as junk; a list, or a dictionary with V(add), V(remove) or V(set). The mailbox's own
      addresses and their domains are refused.
    type: raw
extends_documentation_fragment:
  - m365.hybrid.exchange_anywhere
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.exchange_mailbox
"""

EXAMPLES = r"""
- name: The partner's messages are not junk, whatever else the user trusts
  m365.hybrid.exchange_junk_email_configuration:
    identity: user0
    enabled: true
    contacts_trusted: true
    trusted_senders_and_domains:
      add: [partner.example, invoices@northwind.example]

- name: Somebody is blocked, and somebody is not any more
  m365.hybrid.exchange_junk_email_configuration:
    identity: user0@contoso.com
    blocked_senders_and_domains:
      add: [spam.example]
      remove: [fabrikam.example]
"""

RETURN = r"""
resource:
  description: The settings as they are after the task, by option names.
  returned: success
  type: dict
  sample:
    identity: user0
    enabled: true
    trusted_senders_and_domains: [partner.example]
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
  sample: {Get-Mailbox: 1, Get-MailboxJunkEmailConfiguration: 2, Set-MailboxJunkEmailConfiguration: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: NeverOpened, cmdlet: Set-MailboxJunkEmailConfiguration, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange import defaults, junk_email
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule

MODULE = CmdletModule(
    DOCUMENTATION,
    noun="MailboxJunkEmailConfiguration",
    defaults=defaults.JUNK_EMAIL,
    key="identity",
    settings_of="mailbox",
    fields=junk_email.FIELDS,
    resource_type=junk_email.JunkEmail,
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
