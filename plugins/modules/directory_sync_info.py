#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: directory_sync_info
short_description: Read what synchronises the directory, how it is set, and what its last runs did
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - On a Windows host it reads the server - what is installed and whether that still synchronises, the scheduler, staging mode, the connectors, and the last
    runs with their steps and errors.
  - On a host with connection P(m365.hybrid.graph#connection) it reads the tenant - when it was last synchronised, the deletion threshold, the features of
    synchronisation, and the jobs of Cloud Sync. The threshold is kept there; the cmdlet of the server that reads it wants a person to sign in.
options:
  runs:
    description: How many of the last runs to return. A cycle of Entra Connect with one forest has six.
    type: int
    default: 12
  objects:
    description:
      - Users, groups and contacts to look for in the tenant, each with what is there of it in RV(tenant.objects). Only with connection
        P(m365.hybrid.graph#connection).
    type: list
    elements: dict
    suboptions:
      identity:
        description: >-
          The name to sign in with that a user is to have in the tenant; the address of a group or a contact. A group without an address may have any name here
          when O(objects[].security_identifier) is given.
        type: str
        required: true
      kind:
        description: What it is.
        type: str
        choices: [user, group, contact]
        default: user
      immutable_id:
        description: >-
          The anchor of the account, as M(m365.hybrid.directory_sync_scope_info) returns it. With it, a user who came under another name is found, too, and one
          who has the name and belongs to another account is told apart. For users.
        type: str
      security_identifier:
        description: The security identifier of a group, as M(m365.hybrid.directory_sync_scope_info) returns it, by which the tenant knows it under any name.
        type: str
attributes:
  platform:
    description: What the module manages.
    support: full
    platforms: Windows hosts with Entra Connect, AAD Sync or DirSync, Cloud Sync
    details: Over endpoint C(windows) of connection P(m365.hybrid.powershell#connection); Cloud Sync over connection P(m365.hybrid.graph#connection).
extends_documentation_fragment:
  - m365.hybrid.directory_sync
  - m365.hybrid.reads
seealso:
  - module: m365.hybrid.directory_sync_run
"""

EXAMPLES = r"""
- name: Is this server active, and did its last cycle go well?
  m365.hybrid.directory_sync_info:
    runs: 6
  register: sync

- name: Only what is installed
  m365.hybrid.directory_sync_info:
    runs: 0
"""

RETURN = r"""
server:
  description: The server; null where the tenant was read.
  returned: success
  type: dict
  contains:
    generation:
      description: What is installed, V(dirsync), V(aad_sync) or V(entra_connect).
      type: str
    version:
      description: Its version; null where it is not known.
      type: str
    lifecycle:
      description: >-
        Whether the tenant still takes what it brings (C(works); null if the version decides and is not known), else the first version that does (C(below)),
        since when (C(since)), and what to do (C(instead)).
      type: dict
    staging:
      description: Whether it is in staging mode; null where no interface tells.
      type: bool
    busy:
      description: What runs now, or null.
      type: str
    scheduler:
      description: The scheduler's settings by the names of C(Get-ADSyncScheduler) in snake_case; null for AAD Sync and DirSync, which Windows starts.
      type: dict
    connectors:
      description: The connectors with C(name), C(id) and C(type). Empty for AAD Sync and DirSync.
      type: list
      elements: dict
    runs:
      description: The last runs, the newest first.
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
    errors:
      description: >-
        Objects that could not be synchronised, with C(type), C(message), C(dn) (in the connector space), C(immutable_id) where the DN tells it, C(connector)
        and C(profile).
      type: list
      elements: dict
    deletion_threshold_reached:
      description: Whether one of the runs was stopped because of the deletion threshold.
      type: bool
  sample:
    generation: entra_connect
    version: 2.5.190.0
    lifecycle: {works: true, below: null, since: null, instead: null}
    staging: false
    busy: null
tenant:
  description: The tenant; null where a server was read.
  returned: success
  type: dict
  contains:
    synchronized:
      description: Whether the tenant is synchronised with a directory.
      type: bool
    last_sync:
      description: When it was last, ISO 8601.
      type: str
    deletion_threshold:
      description: >-
        How accidental deletions are prevented (C(prevention), V(disabled), V(enabled_for_count) or V(enabled_for_percentage)), and from how many on
        (C(threshold)).
      type: dict
    features:
      description: The features of synchronisation by their names in Microsoft Graph in snake_case, for example C(block_soft_match_enabled).
      type: dict
    jobs:
      description: The jobs of Cloud Sync, with their C(configuration), C(state), C(quarantine) and C(last_execution).
      type: list
      elements: dict
    objects:
      description: >-
        For each of O(objects) its C(status), V(synchronized), V(missing), V(cloud_only) (the name is there, without synchronisation), V(duplicate) (it came
        under another name), V(other_anchor), V(provisioning_errors) or V(soft_match_blocked); C(final), whether waiting changes nothing; C(message) in words;
        C(kind); and C(id), C(user_principal_name), C(account_enabled) and C(last_sync) of what is there.
      type: list
      elements: dict
  sample:
    synchronized: true
    last_sync: "2026-03-02T10:00:00Z"
    deletion_threshold: {prevention: enabled_for_count, threshold: 500}
    jobs: []
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

from ansible_collections.m365.hybrid.plugins.module_utils._sync.info import SyncInfo

MODULE = SyncInfo(DOCUMENTATION)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
