#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: directory_sync_run
short_description: Synchronise the directory now
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - >-
    Runs one cycle of directory synchronisation and returns what every step of it did. What is installed is found out: DirSync, before and after its commands
    became a module, AAD Sync, Entra Connect, or the jobs of Cloud Sync on a host with connection P(m365.hybrid.graph#connection).
  - While something else runs, it waits. A server in staging mode is refused, because it exports nothing.
  - It is an action. Every run begins a cycle, and reports it as a change.
  - A cycle of minutes runs well with C(async) on a host whose C(ansible_connection) is one of this collection.
options:
  policy:
    description:
      - V(delta) synchronises what has changed.
      - V(initial) reads and writes everything anew, which is needed after a change of rules or scope, and needs O(accept_initial=true). For Cloud Sync it
        restarts the jobs from their beginning.
    type: str
    choices: [delta, initial]
    default: delta
  accept_initial:
    description: Acknowledge that O(policy=initial) may take hours, in which nothing else is synchronised.
    type: bool
    default: false
  accept_disabled_scheduler:
    description:
      - Run a cycle although the scheduler of Entra Connect is disabled, or start a job of Cloud Sync that is paused.
      - The scheduler stays disabled; a job that was paused is active from then on.
    type: bool
    default: false
  configuration:
    description:
      - Names or object IDs of the service principals whose jobs of Cloud Sync are run, usually the names of domains. All jobs if omitted.
      - Cloud Sync only.
    type: list
    elements: str
  busy_timeout:
    description: How many seconds to wait for what runs already. V(0) fails at once.
    type: float
    default: 1800
  wait:
    description: Whether to wait until the cycle has ended. Otherwise nothing is said about its result.
    type: bool
    default: true
  timeout:
    description: How many seconds the cycle may take.
    type: float
    default: 3600
  interval:
    description: Seconds between two looks.
    type: float
    default: 5
  fail_on:
    description:
      - What fails the task. V(stopped) is a step that did not come to its end, for example because of the deletion threshold. V(errors) is that, or a step with
        errors of single objects, which a directory often has for weeks.
      - All errors are returned in any case.
    type: str
    choices: [stopped, errors]
    default: stopped
attributes:
  platform:
    description: What the module manages.
    support: full
    platforms: Windows hosts with Entra Connect, AAD Sync or DirSync, Cloud Sync
    details: Over endpoint C(windows) of connection P(m365.hybrid.powershell#connection); Cloud Sync over connection P(m365.hybrid.graph#connection).
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
    details: Says whether a cycle would be refused, and what it would wait for; nothing is begun.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: none
    details: What a cycle brings to the tenant is not known before; RV(runs) counts it afterwards.
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: none
    details: An action. Every run begins a cycle.
extends_documentation_fragment:
  - m365.hybrid.directory_sync
seealso:
  - module: m365.hybrid.directory_sync_info
  - module: m365.hybrid.directory_sync_scope_info
"""

EXAMPLES = r"""
- name: Synchronise what has changed
  m365.hybrid.directory_sync_run:
  register: cycle

- name: Synchronise everything, after a change of scope
  m365.hybrid.directory_sync_run:
    policy: initial
    accept_initial: true
    timeout: 14400

- name: Fail when an object could not be exported
  m365.hybrid.directory_sync_run:
    fail_on: errors
"""

RETURN = r"""
generation:
  description: What was found, V(dirsync), V(aad_sync), V(entra_connect) or V(cloud_sync).
  returned: success, and failure of a cycle
  type: str
  sample: entra_connect
version:
  description: Its version; null where it is not known.
  returned: success, and failure of a cycle
  type: str
  sample: 2.5.190.0
policy:
  description: What was run.
  returned: success, and failure of a cycle
  type: str
  sample: delta
staging:
  description: Whether the server is in staging mode; null where no interface tells.
  returned: success, and failure of a cycle
  type: bool
  sample: false
waited_for:
  description: What ran when the task looked first, so that it waited; null if nothing did.
  returned: success, and failure of a cycle
  type: str
  sample: a cycle is in progress
result:
  description: >-
    V(success), V(errors) when all steps came to their end and some had errors or warnings, V(stopped), or V(running) when O(timeout) was over. Null without
    O(wait), and in check mode.
  returned: success, and failure of a cycle
  type: str
  sample: success
runs:
  description: The runs of the cycle, in order.
  returned: success, and failure of a cycle
  type: list
  elements: dict
  contains:
      id:
        description: Identifier of the run.
        type: str
      connector:
        description: Name of the connector, or of the configuration of Cloud Sync.
        type: str
      profile:
        description: Run profile, for example V(Delta Import) or V(Export).
        type: str
      number:
        description: Number of the run.
        type: int
      result:
        description: What it came to, in the engine's words, for example V(success), V(completed-export-errors) or V(stopped-deletion-threshold-exceeded).
        type: str
      started:
        description: When it began, ISO 8601 in UTC.
        type: str
      ended:
        description: When it ended.
        type: str
      steps:
        description: >-
          Its steps, each with C(number), C(result), C(started), C(ended), C(counters) (those that are not 0) and C(errors). Empty for AAD Sync and DirSync,
          which tell a run's result only.
        type: list
        elements: dict
  sample:
    - connector: contoso.onmicrosoft.com - AAD
      profile: Export
      number: 6
      result: success
      steps: [{number: 1, result: success, counters: {export_add: 1}, errors: []}]
errors:
  description: >-
    Objects that could not be synchronised, with C(type), C(message), C(dn) (in the connector space), C(immutable_id) where the DN tells it, C(connector) and
    C(profile).
  returned: success, and failure of a cycle
  type: list
  elements: dict
  sample: []
deletion_threshold_reached:
  description: Whether the export was stopped because of the deletion threshold; null if nothing was awaited.
  returned: success, and failure of a cycle
  type: bool
  sample: false
warnings:
  description: What the server warned of, and that what is installed no longer synchronises.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each cmdlet was called or each request was made.
  returned: with -v
  type: dict
  sample: {Get-ADSyncScheduler: 4, Get-ADSyncConnectorRunStatus: 4, Start-ADSyncSyncCycle: 1, Get-ADSyncRunStepResult: 6}
error:
  description: What the server said, in parts.
  returned: failure of a call
  type: dict
  sample: {class: UsageError, cmdlet: null, target: windows on sync01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._sync.action import SyncRun

MODULE = SyncRun(DOCUMENTATION)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
