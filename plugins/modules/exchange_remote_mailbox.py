#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_remote_mailbox
short_description: Manage the on-premises side of mailboxes in Exchange Online
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Declares a remote mailbox - an account of Active Directory whose mailbox is in Exchange Online.
  - When there is no remote mailbox but an account that answers to O(identity), the account becomes one; when there is neither, both are
    created. The mailbox itself comes into being when the account was synchronized and has a licence.
  - Options that are not given stay as they are.
options:
  identity:
    description:
      - The remote mailbox or account, named by alias, user principal name, SMTP address, GUID or DN.
      - A new remote mailbox must answer to it too, so it is the new name, alias, user principal name or primary address.
    type: str
    required: true
  state:
    description:
      - V(present) - there is such a remote mailbox.
      - V(disabled) - there is none. The account stays; the mailbox in Exchange Online goes with the next synchronization.
      - V(absent) - there is none. B(The account in Active Directory is deleted), and with the next synchronization the mailbox.
    type: str
    choices: [present, disabled, absent]
    default: present
  type:
    description: >-
      What kind of mailbox it is. A remote mailbox is converted from one type to another; convert the mailbox in Exchange Online, too.
      A new one is a user's unless this says otherwise. V(shared) needs Exchange Server 2013 or later.
    type: str
    choices: [user, shared, room, equipment]
  remote_routing_address:
    description: >-
      The address in the tenant's routing domain, for example V(erin@contoso.mail.onmicrosoft.com). When it is not given, Exchange makes
      one from the alias and the target delivery domain of the hybrid configuration.
    type: str
  exchange_guid:
    description: >-
      The C(ExchangeGuid) of the mailbox in Exchange Online. Without it the mailbox cannot be moved back; all zeros, or an empty text,
      mean none.
    type: str
  archive_guid:
    description: The C(ArchiveGuid) of the archive in Exchange Online, where there is one; all zeros, or an empty text, mean none.
    type: str
  archive:
    description: >-
      Whether Exchange Online shall give the mailbox an archive. Leave it out, and say O(archive_guid), where the archive is there already.
    type: bool
  on_premises_organizational_unit:
    description: >-
      Where the account is, for example V(contoso.com/Users), by canonical name, DN, name or GUID. It is created there; one that exists is not moved,
      and a place that differs is an error. A GUID is used at creation only.
    type: str
  password:
    description: Password of a new account; used at creation only, because it cannot be read. Needed for a new user's mailbox that is not O(account_disabled).
    type: str
  account_disabled:
    description: Whether a new user's account may not sign in, so that it needs no password; used at creation only. Those of other types may not in any case.
    type: bool
  grant_send_on_behalf_to:
    description: >-
      Who may send on behalf of the mailbox, named by DN, GUID, SMTP address or alias; a list, or a dictionary with V(add), V(remove) or
      V(set). Exchange Server 2010 and 2013.
    type: raw
extends_documentation_fragment:
  - m365.hybrid.recipient_properties
  - m365.hybrid.account_properties
  - m365.hybrid.exchange
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.exchange_mailbox
"""

EXAMPLES = r"""
- name: The account of somebody whose mailbox is in Exchange Online already
  m365.hybrid.exchange_remote_mailbox:
    identity: erin
    remote_routing_address: erin@contoso.mail.onmicrosoft.com
    email_address_policy_enabled: false
    primary_smtp_address: erin@contoso.com
    exchange_guid: 4b1e1a2c-55e0-4f3a-9a26-0d0f5d7c1f10

- name: A room with its account
  m365.hybrid.exchange_remote_mailbox:
    identity: room7
    name: Room 7
    type: room
    alias: room7
    user_principal_name: room7@contoso.com
    on_premises_organizational_unit: contoso.com/Resources
    remote_routing_address: room7@contoso.mail.onmicrosoft.com

- name: The mailbox in Exchange Online got an archive
  m365.hybrid.exchange_remote_mailbox:
    identity: erin
    archive_guid: 0d3a6a9b-7c1e-4a27-8a51-2b9f3c1d5e60

- name: The mailbox is given up, the account stays
  m365.hybrid.exchange_remote_mailbox:
    identity: erin
    state: disabled
"""

RETURN = r"""
resource:
  description: >-
    The remote mailbox as it is after the task, by option names, with O(ignore:guid), O(ignore:distinguished_name) and
    O(ignore:recipient_type_details); empty when it does not exist.
  returned: success
  type: dict
  sample:
    identity: erin
    type: user
    remote_routing_address: erin@contoso.mail.onmicrosoft.com
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
  sample: {Get-RemoteMailbox: 2, Set-RemoteMailbox: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Set-RemoteMailbox, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange import defaults, remote_mailbox
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule

MODULE = CmdletModule(
    DOCUMENTATION,
    noun="RemoteMailbox",
    defaults=defaults.REMOTE_MAILBOX,
    key="identity",
    instructions=("state",),
    create_with=(
        "account_disabled",
        "alias",
        "display_name",
        "first_name",
        "immutable_id",
        "initials",
        "last_name",
        "on_premises_organizational_unit",
        "password",
        "primary_smtp_address",
        "remote_routing_address",
        "reset_password_on_next_logon",
        "sam_account_name",
    ),
    fields=remote_mailbox.FIELDS,
    resource_type=remote_mailbox.RemoteMailbox,
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
