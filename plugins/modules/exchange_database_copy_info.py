#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_database_copy_info
short_description: State of the copies of mailbox databases, and what moves may wait for
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - >-
    Returns the copies of mailbox databases with their state - queues, content index, replay lag, activation, logs and free space - and names those that are
    not healthy.
  - >-
    With O(topology) it also returns who has which copy in which site of Active Directory, and which values of C(DataMoveReplicationConstraint) the copies can
    satisfy. A constraint that they cannot satisfy stalls every move into the database.
  - A database outside an availability group has one copy, the active one.
options:
  database:
    description: >-
      Only copies of these databases, each named by name or GUID, or one copy as C(DB01\EX02). All databases when neither this nor O(server) is given.
    type: list
    elements: str
  server:
    description: Only copies on this server, active and passive ones.
    type: str
  active:
    description: Only active copies.
    type: bool
  topology:
    description: Return RV(databases), too. That takes a list of servers, groups and databases.
    type: bool
    default: false
  properties:
    description:
      - >-
        The properties to return. Queue lengths count logs, V(disk_free_space_bytes) and V(disk_total_space_bytes) are numbers of bytes, times are
        ISO 8601 in UTC.
      - >-
        V(last_log_generated), V(last_log_copied), V(last_log_inspected), V(last_log_replayed) and V(lowest_log_present) are numbers of logs; from the lowest
        one present to the last one is what truncation has left on the disk.
      - V(lagged) says whether the replay lags behind on purpose. V(content_index_state) is V(not_applicable) since Exchange Server 2019.
      - Any other property can be named as Exchange names it, and comes as the server shows it.
    type: list
    elements: str
    default:
      - name
      - database
      - server
      - status
      - active
      - activation_preference
      - activation_suspended
      - copy_queue_length
      - replay_queue_length
      - lagged
      - content_index_state
      - last_log_generated
      - lowest_log_present
      - disk_free_space_percent
      - disk_free_space_bytes
      - error_message
extends_documentation_fragment:
  - m365.hybrid.exchange
  - m365.hybrid.reads
seealso:
  - module: m365.hybrid.exchange_mailbox_database
  - module: m365.hybrid.exchange_move_request
"""

EXAMPLES = r"""
- name: How are the copies of a database?
  m365.hybrid.exchange_database_copy_info:
    database: [DB01]
  register: copies

- name: What is on a server, and is there enough space?
  m365.hybrid.exchange_database_copy_info:
    server: EX01
    properties: [name, status, copy_queue_length, replay_queue_length, disk_free_space_percent]

- name: What may moves into all databases wait for?
  m365.hybrid.exchange_database_copy_info:
    topology: true
  register: found
"""

RETURN = r"""
copies:
  description: The copies, each with the properties asked for.
  returned: success
  type: list
  elements: dict
  sample:
    - name: DB01\EX02
      database: DB01
      server: EX02
      status: healthy
      active: false
      copy_queue_length: 0
      replay_queue_length: 3
      lagged: false
unhealthy:
  description: Names of the copies whose status is neither V(mounted), V(healthy) nor V(seeding_source).
  returned: success
  type: list
  elements: str
  sample: [DB02\EX02]
missing:
  description: Members of O(database) that the server proved absent.
  returned: success
  type: list
  elements: str
  sample: [DB09]
databases:
  description: The databases of the copies.
  returned: when O(topology) is true
  type: list
  elements: dict
  contains:
    name:
      description: Name of the database.
      type: str
    availability_group:
      description: The database availability group; null outside one.
      type: str
    members:
      description: The group's servers, or the one server, each with C(name) and C(site).
      type: list
      elements: dict
    copies:
      description: The copies, each with C(server), C(site), C(replay_lag), C(truncation_lag), C(activation_preference) and C(active).
      type: list
      elements: dict
    data_move_replication_constraint:
      description: What moves into the database wait for now.
      type: str
    constraint_is_sound:
      description: Whether the copies can satisfy it.
      type: bool
    constraints:
      description: Every constraint with what keeps the copies from satisfying it; empty text for one that they satisfy.
      type: dict
    recommended_constraint:
      description: V(second_copy) where there is a passive copy, else V(none).
      type: str
  sample:
    - name: DB01
      availability_group: DAG01
      data_move_replication_constraint: second_datacenter
      constraint_is_sound: false
      constraints: {none: "", second_datacenter: "DB01 has only lagged copies outside site Vienna: EX03"}
      recommended_constraint: second_copy
warnings:
  description: What the server warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each cmdlet was called.
  returned: with -v
  type: dict
  sample: {Get-MailboxDatabaseCopyStatus: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Get-MailboxDatabaseCopyStatus, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange.database_copy import FIELDS, DatabaseCopyModule

MODULE = DatabaseCopyModule(
    DOCUMENTATION,
    constraints={"mutually_exclusive": [("database", "server")]},
    noun="MailboxDatabaseCopyStatus",
    returns="copies",
    selectors={"server": "", "active": ""},
    fields=FIELDS,
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
