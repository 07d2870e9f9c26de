#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_migration_batch
short_description: Manage migration batches
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Declares a migration batch - who is migrated through which endpoint, with which limits - and how far it shall be.
  - >-
    Batches go on by themselves, often for hours - from V(starting) over V(syncing) to V(synced), and from V(completing) to V(completed). A batch that is on its
    way to O(state) is right; the task does not wait for it unless O(wait) says so.
  - M(m365.hybrid.exchange_migration_batch_info) shows how far batches are.
options:
  name:
    description: Name of the batch.
    type: str
    required: true
  state:
    description:
      - V(created) - there is such a batch, in any status.
      - V(started) - it is being synchronised, or already further. One that was stopped or has failed is started again.
      - V(stopped) - it is not going on. One that was never started is right, one that is completed is an error.
      - >-
        V(completed) - its mailboxes are where they shall be. One that is synchronised is completed; one that is not yet is told to complete as soon as it is;
        with O(complete_after) the time decides.
      - V(absent) - there is no such batch. One that is going on must be stopped first.
    type: str
    choices: [created, started, stopped, completed, absent]
    default: created
  users:
    description: >-
      Addresses of the users to migrate, of which the file of the batch (C(CSVData)) is made. Used at creation only; one of O(users) and O(csv) is needed then.
    type: list
    elements: str
  csv:
    description: >-
      The text of the file itself, with a header, where more columns than C(EmailAddress) are needed, for example C(TargetDatabase) or C(BadItemLimit). Used at
      creation only.
    type: str
  allow_unknown_columns_in_csv:
    description: Whether columns that Exchange does not know are left out instead of refused. Used at creation only.
    type: bool
  source_endpoint:
    description: The endpoint that mailboxes come from. Set at creation only.
    type: str
  target_endpoint:
    description: The endpoint that mailboxes go to. Set at creation only.
    type: str
  local:
    description: Whether mailboxes are moved within the organization. Used at creation only. Exchange Server only.
    type: bool
  target_delivery_domain:
    description: >-
      The domain of the addresses that lead to moved mailboxes, for example V(contoso.mail.onmicrosoft.com). Set at creation only.
    type: str
  target_databases:
    description: The databases that mailboxes are moved to, by name; Exchange chooses among them. Set at creation only. Exchange Server only.
    type: raw
  target_archive_databases:
    description: The databases that archives are moved to, by name. Set at creation only. Exchange Server only.
    type: raw
  primary_only:
    description: Whether archives stay where they are. Used at creation only.
    type: bool
  archive_only:
    description: Whether only archives are moved. Used at creation only.
    type: bool
  disallow_existing_users:
    description: Whether users of other batches are refused. Used at creation only. Exchange Server only.
    type: bool
  start_after:
    description: >-
      The batch waits for this time, for example V(2026-03-01T20:00:00Z); a time without zone is taken as UTC.
    type: str
  complete_after:
    description: >-
      The batch completes by itself when it is synchronised and this time has come. With O(state=completed) it is not completed before.
    type: str
  time_zone:
    description: The time zone of the person who reads the reports, as Windows names it. Used at creation only.
    type: str
  bad_item_limit:
    description: How many damaged items of a mailbox may be left behind; a number or V(unlimited). Exchange Server only; Exchange Online scores the result.
    type: str
  large_item_limit:
    description: How many items that are too large may be left behind; a number or V(unlimited). Exchange Server only.
    type: str
  notification_emails:
    description: Who gets the reports of the batch; a list of addresses, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  move_options:
    description: Options of moves, as Exchange names them; a list, or a dictionary with V(add), V(remove) or V(set). Exchange Server 2016 and later.
    type: raw
  skip_moving:
    description: What is not moved, as Exchange names it; a list, or a dictionary with V(add), V(remove) or V(set). Exchange Server 2016 and later.
    type: raw
  skip_merging:
    description: What is not merged, as Exchange names it; a list, or a dictionary with V(add), V(remove) or V(set). Exchange Server 2016 and later.
    type: raw
  approve_skipped_items:
    description: >-
      Whether all items that could not be migrated are given up when a batch that is V(synced_with_errors) is completed. Exchange Online only.
    type: bool
    default: false
  retry_failed:
    description:
      - >-
        With V(started) - whether users that failed are tried again in a batch that is V(synced_with_errors), and in Exchange Online also in one that is
        V(completed_with_errors). Servers try none of the latter again; remove such a batch, and make a new one of the users that are left.
      - A task that says so tries again every time that it runs and finds failed users.
    type: bool
    default: false
  force:
    description: Whether a batch is removed although it is damaged or going on. Exchange Server only.
    type: bool
    default: false
  wait:
    description: >-
      Whether the task ends only when the batch does not go on by itself - with V(started) when it is synchronised, with V(completed) when it is completed, with
      V(stopped) when it has stopped. A batch that fails makes the task fail. Not in check mode.
    type: bool
    default: false
  wait_timeout:
    description: After how many seconds O(wait) gives up, which is an error; the batch goes on.
    type: int
    default: 3600
extends_documentation_fragment:
  - m365.hybrid.exchange_anywhere
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.exchange_migration_batch_info
  - module: m365.hybrid.exchange_migration_user_info
  - module: m365.hybrid.exchange_migration_endpoint
"""

EXAMPLES = r"""
- name: The fourth wave is copied over night
  m365.hybrid.exchange_migration_batch:
    name: Wave 4
    users: [user0@contoso.com, user1@contoso.com]
    target_endpoint: Hybrid Endpoint
    target_delivery_domain: contoso.mail.onmicrosoft.com
    notification_emails: [admin@contoso.com]
    state: started

- name: The second wave is switched over
  m365.hybrid.exchange_migration_batch:
    name: Wave 2
    state: completed

- name: What is done with goes
  m365.hybrid.exchange_migration_batch:
    name: Wave 1
    state: absent
"""

RETURN = r"""
resource:
  description:
    - >-
      The batch as it is after the task, by option names, with O(ignore:status), O(ignore:batch_guid) and how many users are how far -
      O(ignore:total_count), O(ignore:synced_count), O(ignore:finalized_count), O(ignore:failed_count).
    - Empty when it does not exist.
  returned: success
  type: dict
  sample:
    name: Wave 4
    status: syncing
    target_endpoint: Hybrid Endpoint
    total_count: 2
    synced_count: 0
diff:
  description: What changed, or would change in check mode, in V(before) and V(after), by option names and O(ignore:status).
  returned: with --diff
  type: dict
  sample: {before: {status: synced}, after: {status: completing}}
warnings:
  description: What the server warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each cmdlet was called.
  returned: with -v
  type: dict
  sample: {Get-MigrationBatch: 2, Complete-MigrationBatch: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: New-MigrationBatch, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange.migration_batch import (
    CREATE_WITH,
    FIELDS,
    INSTRUCTIONS,
    MigrationBatch,
    MigrationBatchModule,
)

MODULE = MigrationBatchModule(
    DOCUMENTATION,
    constraints={"mutually_exclusive": [("users", "csv"), ("source_endpoint", "target_endpoint", "local"), ("primary_only", "archive_only")]},
    noun="MigrationBatch",
    fields=FIELDS,
    create_with=CREATE_WITH,
    instructions=INSTRUCTIONS,
    resource_type=MigrationBatch,
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
