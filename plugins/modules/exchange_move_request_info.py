#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_move_request_info
short_description: Move requests, how far they are, and what they wait for
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Returns move requests with their statistics, and counts them by what they are about.
  - >-
    A request that is V(stalled) goes on by itself, as soon as what it waits for is there - a copy that has caught up, a database that failed over, a server
    that is less busy. One that is V(failed) does not, before somebody resumes it.
options:
  identity:
    description: The mailboxes whose requests are returned, each named by alias, user principal name, SMTP address, GUID or DN. All requests without it.
    type: list
    elements: str
  batch_name:
    description: Only requests with this batch name.
    type: str
  source_database:
    description: Only requests from this database. Exchange Server only.
    type: str
  target_database:
    description: Only requests to this database. Exchange Server only.
    type: str
  remote_host_name:
    description: Only requests from or to another organization that this host leads to.
    type: str
  status:
    description: Only requests with one of these statuses.
    type: list
    elements: str
    choices: [queued, in_progress, auto_suspended, completion_in_progress, synced, completed, completed_with_warning, suspended, failed]
  statistics:
    description: Ask for the statistics of each request, which takes a call for each. Without them nothing is known of what a request waits for.
    type: bool
    default: true
  wait:
    description:
      - For how many seconds to wait until no request is V(moving) or V(stalled) any more. Then the requests are returned as they are. In check mode there is no
        waiting.
      - The progress is shown every time the module looks. What a request was seen to wait for is returned in RV(held_up), also when it went on.
    type: int
    default: 0
  poll:
    description: How many seconds to let pass between two looks. Each asks for the statistics of every request.
    type: int
    default: 30
  include_report:
    description: Return the report of each request, too, which is long.
    type: bool
    default: false
extends_documentation_fragment:
  - m365.hybrid.exchange_anywhere
  - m365.hybrid.reads
seealso:
  - module: m365.hybrid.exchange_move_request
  - module: m365.hybrid.exchange_migration_batch_info
"""

EXAMPLES = r"""
- name: Wait for a batch, two hours at most
  m365.hybrid.exchange_move_request_info:
    batch_name: Floor 2
    wait: 7200
  register: moved

- name: How far is a batch?
  m365.hybrid.exchange_move_request_info:
    batch_name: Floor 3
  register: moves

- name: What failed, and why?
  m365.hybrid.exchange_move_request_info:
    status: [failed]
    include_report: true
  register: failed
"""

RETURN = r"""
requests:
  description: The requests.
  returned: success
  type: list
  elements: dict
  contains:
    identity:
      description: The mailbox.
      type: str
    standing:
      description: V(completed), V(moving), V(stalled), V(ready) (it was told to wait before it completes), V(suspended) or V(failed).
      type: str
    status:
      description: The status, for example V(in_progress).
      type: str
    status_detail:
      description: What it does or waits for, for example V(copying_messages) or V(stalled_due_to_target_mdb_replication).
      type: str
    percent_complete:
      description: How much is done.
      type: int
    failure_type:
      description: The kind of error that stopped it.
      type: str
    message:
      description: What Exchange says about that.
      type: str
    report:
      description: The report.
      returned: when O(include_report) is true
      type: str
  sample:
    - identity: contoso.com/Users/User 1
      display_name: User 1
      batch_name: Floor 3
      source_database: DB01
      target_database: DB02
      standing: stalled
      status: in_progress
      status_detail: stalled_due_to_target_mdb_replication
      percent_complete: 95
counts:
  description: How many requests have which standing.
  returned: success
  type: dict
  sample: {completed: 3, moving: 1, stalled: 0, ready: 0, suspended: 0, failed: 0}
held_up:
  description: The requests that were seen to be stalled or to have met a transient failure, each with C(identity), and what held it up in C(by).
  returned: success
  type: list
  elements: dict
  sample: [{identity: contoso.com/Users/User 1, by: [stalled_due_to_target_mdb_availability]}]
timed_out:
  description: Whether something was still moving when O(wait) was over.
  returned: success
  type: bool
  sample: false
missing:
  description: The mailboxes for which the server proved that there is no request.
  returned: success
  type: list
  elements: str
  sample: [user4@contoso.com]
warnings:
  description: What the server warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each cmdlet was called.
  returned: with -v
  type: dict
  sample: {Get-MoveRequest: 1, Get-MoveRequestStatistics: 4}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Get-MoveRequest, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange.move_requests import MoveRequestsModule

MODULE = MoveRequestsModule(
    DOCUMENTATION,
    constraints={
        "mutually_exclusive": [("identity", one) for one in ("batch_name", "source_database", "target_database", "remote_host_name")],
    },
    noun="MoveRequest",
    returns="requests",
    selectors={"batch_name": "", "source_database": "", "target_database": "", "remote_host_name": ""},
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
