#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_mailbox_database
short_description: Manage mailbox databases of Exchange servers
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Declares a mailbox database - its place, its limits and retention times, whether it is mounted.
  - A database that has mailboxes is not removed. Exchange leaves the files of a removed one on the server.
options:
  name:
    description: Name of the database.
    type: str
    required: true
  server:
    description: >-
      The server of a new database; needed to create one. Any server that has a copy of a database is right for one that exists; another server is an
      error, because copies are not made here.
    type: str
  recovery:
    description: Whether it is a recovery database, into which a backup is restored. Set at creation only. It takes few of the other options.
    type: bool
  edb_file_path:
    description: >-
      The database's file on the server, for example C(D:\DB03\DB03.edb). Set at creation; a file that differs afterwards is an error.
      Move-DatabasePath moves it.
    type: str
  log_folder_path:
    description: The folder of the transaction logs. Set at creation; a folder that differs afterwards is an error.
    type: str
  mounted:
    description: Whether the database is mounted. Dismounting cuts its users off at once.
    type: bool
  mount_at_startup:
    description: Whether the database is mounted when the information store starts.
    type: bool
  data_move_replication_constraint:
    description: >-
      Which copies must have a moved mailbox's data before the move goes on. V(none) is right outside an availability group; constraints that begin
      with V(ci_) also wait for the search index.
    type: str
    choices: [none, second_copy, second_datacenter, all_datacenters, all_copies, ci_no_replication, ci_second_copy, ci_second_datacenter]
  circular_logging_enabled:
    description: >-
      Whether logs are overwritten. Without availability group it takes effect when the database is mounted next, and a restore to a point in time is
      not possible any more.
    type: bool
  issue_warning_quota:
    description: The size at which the user is warned. For example V(50GB) or V(unlimited).
    type: str
  prohibit_send_quota:
    description: The size at which the user cannot send any more. For example V(50GB) or V(unlimited).
    type: str
  prohibit_send_receive_quota:
    description: The size at which a mailbox neither sends nor receives. For example V(50GB) or V(unlimited).
    type: str
  recoverable_items_quota:
    description: The largest size of the Recoverable Items folder. For example V(50GB) or V(unlimited).
    type: str
  recoverable_items_warning_quota:
    description: The size of the Recoverable Items folder at which an event is logged. For example V(50GB) or V(unlimited).
    type: str
  calendar_logging_quota:
    description: The largest size of the calendar log. Exchange Server 2013 and later. For example V(50GB) or V(unlimited).
    type: str
  deleted_item_retention:
    description: How long deleted items are kept, for example V(14.00:00:00) or a number of days.
    type: str
  mailbox_retention:
    description: How long removed mailboxes are kept, for example V(30.00:00:00) or a number of days.
    type: str
  retain_deleted_items_until_backup:
    description: Whether deleted items and mailboxes are kept until a backup was made.
    type: bool
  event_history_retention_period:
    description: How long the event history is kept, for example V(7.00:00:00).
    type: str
  journal_recipient:
    description: >-
      The recipient who gets a journal report of every message to and from the database's mailboxes, named by DN, GUID, SMTP address or alias; empty
      for none.
    type: str
  offline_address_book:
    description: The offline address book of the database's users; empty for the organization's default.
    type: str
  allow_file_restore:
    description: Whether the database's files may be replaced by restored ones.
    type: bool
  background_database_maintenance:
    description: Whether the database is checked while it is in use.
    type: bool
  index_enabled:
    description: Whether the content is indexed for searches.
    type: bool
  is_excluded_from_provisioning:
    description: Whether Exchange never chooses the database for a new mailbox.
    type: bool
  is_suspended_from_provisioning:
    description: Whether Exchange does not choose the database for a new mailbox for now.
    type: bool
  is_excluded_from_initial_provisioning:
    description: Whether Exchange does not choose the database for the time being. Exchange Server 2013 and later.
    type: bool
  is_excluded_from_provisioning_by_operator:
    description: Whether an administrator excluded the database. Exchange Server 2016 and later.
    type: bool
  is_excluded_from_provisioning_due_to_logical_corruption:
    description: Whether the database is excluded because it is damaged. Exchange Server 2016 and later.
    type: bool
  is_excluded_from_provisioning_reason:
    description: Why it is excluded. Exchange Server 2016 and later.
    type: str
  auto_dag_exclude_from_monitoring:
    description: Whether an alert about too few healthy copies is suppressed. Exchange Server 2013 and later.
    type: bool
  database_group:
    description: Free text that groups databases. Exchange Server 2013 and later.
    type: str
  meta_cache_database_max_capacity_in_bytes:
    description: The largest size of the metacache database. Exchange Server 2019 and later.
    type: int
extends_documentation_fragment:
  - m365.hybrid.exchange
  - m365.hybrid.resource
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.exchange_mailbox
"""

EXAMPLES = r"""
- name: A new database with its own limits
  m365.hybrid.exchange_mailbox_database:
    name: DB03
    server: EX01
    edb_file_path: D:\DB03\DB03.edb
    log_folder_path: L:\DB03
    mounted: true
    issue_warning_quota: 45GB
    prohibit_send_quota: 48GB
    prohibit_send_receive_quota: 50GB

- name: A mailbox is moved on when its data is in a second copy
  m365.hybrid.exchange_mailbox_database:
    name: DB01
    data_move_replication_constraint: second_copy
"""

RETURN = r"""
resource:
  description:
    - The database as it is after the task, by option names, with O(ignore:servers) that have a copy, O(ignore:guid) and O(ignore:distinguished_name).
    - Empty when it does not exist.
  returned: success
  type: dict
  sample:
    name: DB03
    server: EX01
    mounted: true
    data_move_replication_constraint: none
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
  sample: {Get-MailboxDatabase: 2, Set-MailboxDatabase: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Set-MailboxDatabase, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange.mailbox_database import CREATE_WITH, DEFAULTS, FIELDS, MailboxDatabase
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule

MODULE = CmdletModule(DOCUMENTATION, noun="MailboxDatabase", fields=FIELDS, create_with=CREATE_WITH, defaults=DEFAULTS, resource_type=MailboxDatabase)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
