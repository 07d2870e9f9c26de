#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_mailbox_statistics_info
short_description: Item counts, sizes, last logon and connection of mailboxes
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Returns what the mailbox databases say about mailboxes, including those that Active Directory no longer knows.
  - Items that a user sees are counted apart from hidden ones, and sizes come as numbers of bytes.
  - >-
    Hidden (associated) items are messages that Outlook and Exchange keep in folders without showing them: rules, views, auto-complete lists, the status
    of a migration. A mailbox can look empty and hold many of them.
  - A mailbox that nobody has opened yet has no statistics. It is named in RV(never_opened) and is no error.
options:
  identity:
    description:
      - Mailboxes, each named by alias, user principal name, SMTP address, GUID or DN.
      - A disconnected mailbox has no such name any more; use O(database) with O(store_mailbox_identity).
    type: list
    elements: str
  database:
    description: All mailboxes of this database, connected and disconnected ones.
    type: str
  server:
    description: All mailboxes of the databases that are active on this server.
    type: str
  archive:
    description: The archives of the mailboxes in O(identity) instead of the mailboxes themselves.
    type: bool
  store_mailbox_identity:
    description: The one mailbox of O(database) with this mailbox GUID, display name or legacy DN. Exchange Server 2013 and later.
    type: str
  filter:
    description:
      - An OPATH filter for O(database) or O(server), for example V(DisconnectDate -ne $null). Exchange Server 2013 and later.
      - It names properties as Exchange does.
    type: str
  copy_on_server:
    description: The server whose copy of the database is read, for O(identity) and O(database); the active copy by default. Exchange Server 2013 and later.
    type: str
  include_passive:
    description: Read passive copies on O(server), too. Exchange Server 2013 and later.
    type: bool
  include_move_history:
    description: Ask for the moves of each mailbox, too; name V(move_history) in O(properties).
    type: bool
  include_move_report:
    description: The same with the report of each move, which is long.
    type: bool
  include_quarantine_details:
    description: >-
      Ask why a mailbox is quarantined, and until when; name V(quarantine_description), V(quarantine_last_crash) and V(quarantine_end) in O(properties).
      V(is_quarantined) needs no asking. Exchange Server 2013 and later.
    type: bool
  no_ad_lookup:
    description: Take everything from the database and nothing from Active Directory, which is faster. Exchange Server 2013 and later.
    type: bool
  properties:
    description:
      - The properties to return.
      - V(visible_item_count) is what a user sees (C(ItemCount)), V(hidden_item_count) what is kept out of sight (C(AssociatedItemCount)).
      - >-
        A size with C(_bytes) behind its name is a number: V(total_item_size_bytes), V(total_deleted_item_size_bytes), V(message_table_total_size_bytes),
        V(message_table_available_size_bytes), V(attachment_table_total_size_bytes), V(attachment_table_available_size_bytes),
        V(other_tables_total_size_bytes), V(other_tables_available_size_bytes), V(system_message_size_bytes), V(database_issue_warning_quota_bytes),
        V(database_prohibit_send_quota_bytes), V(database_prohibit_send_receive_quota_bytes). The last three can be V(unlimited).
      - Times are ISO 8601 in UTC. V(disconnect_reason) is V(disabled), V(soft_deleted) or null.
      - Any other property can be named as Exchange names it, and comes as the server shows it.
    type: list
    elements: str
    default:
      - display_name
      - mailbox_guid
      - database
      - server_name
      - is_archive
      - visible_item_count
      - hidden_item_count
      - deleted_item_count
      - total_item_size_bytes
      - total_deleted_item_size_bytes
      - last_logon_time
      - last_logoff_time
      - last_logged_on_user_account
      - disconnect_reason
      - disconnect_date
extends_documentation_fragment:
  - m365.hybrid.exchange_anywhere
  - m365.hybrid.reads
seealso:
  - module: m365.hybrid.exchange_mailbox_info
"""

EXAMPLES = r"""
- name: How much do two mailboxes hold?
  m365.hybrid.exchange_mailbox_statistics_info:
    identity: [user0@contoso.com, info@contoso.com]
  register: held

- name: Which mailboxes of a database are disconnected, and since when?
  m365.hybrid.exchange_mailbox_statistics_info:
    database: DB01
    filter: DisconnectDate -ne $null
    properties: [display_name, mailbox_guid, disconnect_reason, disconnect_date]
  register: disconnected

- name: Where is the space in the mailboxes of a server?
  m365.hybrid.exchange_mailbox_statistics_info:
    server: EX01
    properties: [display_name, total_item_size_bytes, attachment_table_total_size_bytes]
  register: space
"""

RETURN = r"""
mailboxes:
  description: The statistics, each with the properties asked for.
  returned: success
  type: list
  elements: dict
  sample:
    - display_name: User 0
      mailbox_guid: e0c2f765-35af-5db5-bc58-fedfe3e447bd
      database: DB01
      visible_item_count: 120
      hidden_item_count: 15
      deleted_item_count: 4
      total_item_size_bytes: 1288490188
      last_logon_time: "2026-03-01T09:00:00Z"
      disconnect_reason: null
never_opened:
  description: The identities of mailboxes that exist and have no statistics, because nobody has opened them yet.
  returned: success
  type: list
  elements: str
  sample: [beamer@contoso.com]
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
  sample: {Get-MailboxStatistics: 2}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: NotFound, cmdlet: Get-MailboxStatistics, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange import statistics

SELECTORS = ("database", "server", "archive", "store_mailbox_identity", "filter", "copy_on_server", "include_passive", "no_ad_lookup")
SWITCHES = ("include_move_history", "include_move_report", "include_quarantine_details")

APART = [
    ("identity", "database", "server"),
    ("identity", "store_mailbox_identity"),
    ("identity", "filter"),
    ("identity", "include_passive"),
    ("archive", "database", "server"),
    ("server", "store_mailbox_identity"),
    ("server", "copy_on_server"),
    ("database", "include_passive"),
]
"""Parameters of different sets of Get-MailboxStatistics."""

MODULE = statistics.StatisticsModule(
    DOCUMENTATION,
    constraints={"required_one_of": [("identity", "database", "server")], "mutually_exclusive": APART},
    noun="MailboxStatistics",
    returns="mailboxes",
    selectors=dict.fromkeys((*SELECTORS, *SWITCHES), ""),
    fields=statistics.FIELDS,
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
