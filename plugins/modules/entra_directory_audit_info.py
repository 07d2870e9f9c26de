#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: entra_directory_audit_info
short_description: List who changed what in Entra ID
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Reads the audit log of a tenant's directory through Microsoft Graph, the newest entry first, with old and new values as far as the log has them.
  - The log is kept for thirty days, or for seven without a licence of Entra ID P1. An entry appears minutes after the change.
  - The service allows few requests for the log. O(since) makes the answer short; O(target) by name and O(result) do not, because they are compared here.
options:
  since:
    description: Only entries of this time and later, for example V(2026-03-01T10:00:00Z). A time without zone is taken as UTC.
    type: str
  until:
    description: Only entries of this time and earlier.
    type: str
  activity:
    description: Only entries of this activity, for example V(Update user).
    type: str
  category:
    description: Only entries of this category, for example V(UserManagement), V(GroupManagement) or V(Policy).
    type: str
  service:
    description: Only entries of this service, for example V(Core Directory).
    type: str
  actor:
    description: Only what was done by this user or application, given by principal name, by the application's display name, or by ID.
    type: str
  target:
    description: Only what was done to this object, given by principal name, display name or ID. An ID is asked for, the others are compared here.
    type: str
  result:
    description: Only entries with this result.
    type: str
    choices: [success, failure, timeout]
  correlation_id:
    description: Only entries that belong together by this ID.
    type: str
  result_size:
    description: The largest number of entries. More of them are an error, so that no list is shorter than it looks.
    type: int
extends_documentation_fragment:
  - m365.hybrid.graph
  - m365.hybrid.audit_entries
  - m365.hybrid.reads
"""

EXAMPLES = r"""
- name: What was done to Ada since March?
  m365.hybrid.entra_directory_audit_info:
    target: ada@contoso.com
    since: 2026-03-01T00:00:00Z
  register: changes

- name: What did not work?
  m365.hybrid.entra_directory_audit_info:
    result: failure
    category: UserManagement
"""

RETURN = r"""
count:
  description: How many entries there are.
  returned: success
  type: int
  sample: 1
path:
  description: The file that has them.
  returned: with O(path)
  type: str
entries:
  description: The entries of the log, the newest first.
  returned: success, without O(path)
  type: list
  elements: dict
  contains:
    time:
      description: When it was done.
      type: str
    activity:
      description: What was done.
      type: str
    category:
      description: What it belongs to.
      type: str
    service:
      description: The service that wrote the entry.
      type: str
    operation:
      description: Kind of the operation.
      type: str
    result:
      description: What came of it.
      type: str
    result_reason:
      description: Why it failed.
      type: str
    actor:
      description: Who did it, with O(ignore:kind), O(ignore:name), O(ignore:id) and O(ignore:ip_address). The kind is V(unknown) where the log does not say.
      type: dict
    targets:
      description: >-
        What it was done to, with O(ignore:kind), O(ignore:name), O(ignore:display_name), O(ignore:id) and O(ignore:changes), each of which has
        O(ignore:property), O(ignore:old) and O(ignore:new). A value is none where the log has none.
      type: list
      elements: dict
    details:
      description: Whatever else the log says.
      type: dict
    correlation_id:
      description: What entries of one operation have in common.
      type: str
    id:
      description: ID of the entry.
      type: str
  sample:
    - time: "2026-03-01T10:00:00Z"
      activity: Update user
      actor: {kind: user, name: grace@contoso.com}
      targets: [{kind: User, name: ada@contoso.com, changes: [{property: Department, old: [Engineering], new: [Research]}]}]
warnings:
  description: What the service warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each request was made.
  returned: with -v
  type: dict
  sample: {"GET /v1.0/auditLogs/directoryAudits": 1}
error:
  description: What the service said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: "GET /v1.0/auditLogs/directoryAudits", target: Microsoft Graph for contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._entra.directory_audit_info import AuditInfo

MODULE = AuditInfo(DOCUMENTATION, collection="/v1.0/auditLogs/directoryAudits")


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
