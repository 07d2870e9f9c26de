#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_migration_batch_info
short_description: List migration batches and how far they are
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Returns migration batches with their status, the numbers of their users in each state, and their times.
  - Batches of moves within the organization, of moves to and from Exchange Online, of public folders and of other migrations are told by V(type).
  - >-
    A batch that is synchronised keeps synchronising until it is completed; V(synced_count) equal to V(total_count) says that it is ready to be.
    V(complete_after) is when that is to happen by itself.
options:
  identity:
    description:
      - The batches, each named by its name or GUID. All batches when it is not given.
      - Excludes O(endpoint).
    type: list
    elements: str
  status:
    description:
      - Only batches in this status, as Exchange names it.
      - >-
        V(Created), V(Starting), V(Syncing), V(Synced), V(SyncedWithErrors), V(IncrementalSyncing), V(Completing), V(Completed), V(CompletedWithErrors),
        V(Stopping), V(Stopped), V(Removing), V(Failed), V(Corrupted), V(Waiting).
    type: str
  endpoint:
    description: Only batches that use this migration endpoint.
    type: str
  include_report:
    description: >-
      Ask for the report of each batch, too; name V(report) in O(properties). It is slow. V(reports), where the reports that a batch has sent are
      kept, needs no asking.
    type: bool
  properties:
    description:
      - The properties to return.
      - V(name) is the batch's identity, V(type) its C(MigrationType), V(direction) its C(BatchDirection).
      - Times are ISO 8601 in UTC; a time that has not come yet is null. V(status), V(type) and V(direction) are in lower snake_case.
      - Any other property can be named as Exchange names it, and comes as the server shows it.
    type: list
    elements: str
    default:
      - name
      - status
      - type
      - direction
      - source_endpoint
      - target_delivery_domain
      - target_databases
      - total_count
      - active_count
      - pending_count
      - synced_count
      - finalized_count
      - failed_count
      - stopped_count
      - creation_date_time
      - start_date_time
      - initial_sync_date_time
      - last_synced_date_time
      - complete_after
      - finalized_date_time
      - bad_item_limit
      - notification_emails
      - submitted_by_user
extends_documentation_fragment:
  - m365.hybrid.exchange_anywhere
  - m365.hybrid.reads
seealso:
  - module: m365.hybrid.exchange_mailbox_statistics_info
"""

EXAMPLES = r"""
- name: Which batches have failed users?
  m365.hybrid.exchange_migration_batch_info:
    properties: [name, status, total_count, synced_count, failed_count]
  register: batches

- name: Is this batch ready to be completed?
  m365.hybrid.exchange_migration_batch_info:
    identity: [Wave 2]
  register: wave

- name: What went over the hybrid endpoint?
  m365.hybrid.exchange_migration_batch_info:
    endpoint: Hybrid Endpoint
    status: Synced
  register: remote
"""

RETURN = r"""
batches:
  description: The batches, each with the properties asked for.
  returned: success
  type: list
  elements: dict
  sample:
    - name: Wave 2
      status: synced
      type: exchange_remote_move
      direction: onboarding
      total_count: 4
      synced_count: 4
      failed_count: 0
      start_date_time: "2026-03-02T09:05:00Z"
      finalized_date_time: null
missing:
  description: The identities that the server proved absent.
  returned: success
  type: list
  elements: str
  sample: [Wave 9]
warnings:
  description: What the server warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each cmdlet was called.
  returned: with -v
  type: dict
  sample: {Get-MigrationBatch: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: NotFound, cmdlet: Get-MigrationBatch, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange import migration
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.info import InfoModule

MODULE = InfoModule(
    DOCUMENTATION,
    constraints={"mutually_exclusive": [("identity", "endpoint")]},
    noun="MigrationBatch",
    returns="batches",
    selectors=dict.fromkeys(("status", "endpoint", "include_report"), ""),
    fields=migration.FIELDS,
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
