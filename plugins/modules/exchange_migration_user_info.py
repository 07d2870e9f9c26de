#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_migration_user_info
short_description: Users of migration batches, how far they are, and why they failed
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Returns the users of migration batches, and counts them by how far they are.
  - >-
    A user fails for itself - a mailbox that is being moved already, too many damaged items, a target that is full - and its batch goes on with the others. The
    reason is here, user by user, and not in M(m365.hybrid.exchange_migration_batch_info).
options:
  identity:
    description:
      - The users, each named by its address. All users when neither it nor O(batch) is given.
      - Excludes O(batch).
    type: list
    elements: str
  batch:
    description: Only users of this batch.
    type: str
  standing:
    description: Only users that are this far.
    type: str
    choices: [active, synced, completed, stopped, failed]
  statistics:
    description: Ask for the statistics of each user, too, which takes a call for each. They have the progress, and the error at full length.
    type: bool
    default: false
  include_report:
    description: Return the report of each user, too, which is long. Needs O(statistics).
    type: bool
    default: false
  wait:
    description:
      - >-
        For how many seconds to wait until no user is on its way any more. Then the users are returned as they are; those that failed or were stopped are not
        waited for. In check mode there is no waiting.
      - The progress is shown every time the module looks.
    type: int
    default: 0
  wait_for:
    description: How far users come by themselves - V(synced) where the batch waits for somebody to complete it, else V(completed).
    type: str
    choices: [synced, completed]
    default: completed
  poll:
    description: How many seconds to let pass between two looks.
    type: int
    default: 30
extends_documentation_fragment:
  - m365.hybrid.exchange_anywhere
  - m365.hybrid.reads
seealso:
  - module: m365.hybrid.exchange_migration_batch
  - module: m365.hybrid.exchange_move_request_info
"""

EXAMPLES = r"""
- name: Who failed, and why?
  m365.hybrid.exchange_migration_user_info:
    standing: failed
    statistics: true
  register: failed

- name: Whom does a batch have?
  m365.hybrid.exchange_migration_user_info:
    batch: Wave 2
  register: whom

- name: Wait until two of them are copied, two hours at most
  m365.hybrid.exchange_migration_user_info:
    identity: [user1@contoso.com, user2@contoso.com]
    wait: 7200
    wait_for: synced
  register: wave
"""

RETURN = r"""
users:
  description: The users.
  returned: success
  type: list
  elements: dict
  contains:
    identity:
      description: The address.
      type: str
    batch:
      description: The batch.
      type: str
    standing:
      description: V(active), V(synced) (copied, and waits to be completed), V(completed), V(stopped) or V(failed).
      type: str
    status:
      description: The status, for example V(syncing) or V(completed_with_warnings).
      type: str
    error:
      description: Why it failed; empty for one that did not.
      type: str
    percent_complete:
      description: How much is done.
      returned: when O(statistics) is true
      type: int
    report:
      description: The report.
      returned: when O(include_report) is true
      type: str
  sample:
    - identity: user4@contoso.com
      batch: Wave 4
      standing: failed
      status: failed
      error: "TooManyBadItemsPermanentException: This mailbox exceeded the maximum number of corrupted items."
      synced_item_count: 81
      skipped_item_count: 60
counts:
  description: How many users are how far.
  returned: success
  type: dict
  sample: {active: 1, synced: 0, completed: 3, stopped: 0, failed: 1}
timed_out:
  description: Whether somebody was still on the way when O(wait) was over.
  returned: success
  type: bool
  sample: false
missing:
  description: The users that the server proved to be in no batch.
  returned: success
  type: list
  elements: str
  sample: [user9@contoso.com]
warnings:
  description: What the server warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each cmdlet was called.
  returned: with -v
  type: dict
  sample: {Get-MigrationUser: 1, Get-MigrationUserStatistics: 4}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Get-MigrationUser, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange.migration_users import MigrationUsersModule

MODULE = MigrationUsersModule(
    DOCUMENTATION,
    constraints={"mutually_exclusive": [("identity", "batch")]},
    noun="MigrationUser",
    returns="users",
    selectors={"batch": "BatchId"},
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
