#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_admin_audit_log_info
short_description: List who changed what in an Exchange organization, from the administrator audit log
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - >-
    Searches the administrator audit log of an organization on-premises and returns who ran which cmdlet with which parameters on what, the newest first.
    What only reads is not in the log.
  - >-
    The list is complete, or the module fails - when there are more entries than O(max_results), and when nothing is found while the log is turned off.
    RV(log) holds the log's settings; the module warns where they leave something out of the list.
  - >-
    Old values are in RV(entries[].modified) only where the log level is V(verbose) (C(Set-AdminAuditLogConfig -LogLevel Verbose)); new parameters are always
    there.
  - Entries appear up to half an hour after the change. In Exchange Online the unified audit log has these entries.
options:
  start_date:
    description: Only entries of this time and later, for example V(2026-03-01T10:00:00Z). A time without zone is taken as UTC.
    type: str
    required: true
  end_date:
    description: Only entries before this time. Without it, up to now.
    type: str
  cmdlets:
    description: Only entries of these cmdlets, for example V(Set-Mailbox).
    type: list
    elements: str
  parameters:
    description: Only entries in which one of these parameters was given. Needs O(cmdlets).
    type: list
    elements: str
  object_ids:
    description: >-
      Only what was done to these objects, given as the log has them; recipients are canonical names there, for example
      V(contoso.com/Users/User 0).
    type: list
    elements: str
  user_ids:
    description: >-
      Only what these callers did, given as the log has them, for example V(contoso.com/Users/Administrator) or
      C(NT AUTHORITY\SYSTEM (MSExchangeHMHost)).
    type: list
    elements: str
  is_success:
    description: Only what succeeded, or only what failed.
    type: bool
  external_access:
    description: Only what was done by somebody outside of the organization, or only by somebody inside.
    type: bool
  max_results:
    description: The largest number of entries, up to 249999. More of them are an error, so that no list is shorter than it looks.
    type: int
    default: 10000
extends_documentation_fragment:
  - m365.hybrid.exchange
  - m365.hybrid.audit_entries
  - m365.hybrid.reads
seealso:
  - module: m365.hybrid.exchange_unified_audit_info
"""

EXAMPLES = r"""
- name: Who changed mailboxes that week?
  m365.hybrid.exchange_admin_audit_log_info:
    start_date: 2026-03-01T00:00:00Z
    end_date: 2026-03-08T00:00:00Z
    cmdlets: [Set-Mailbox, Remove-Mailbox]
  register: changes

- name: What failed?
  m365.hybrid.exchange_admin_audit_log_info:
    start_date: 2026-03-01
    is_success: false
    max_results: 1000
  register: failures
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
  description: The entries, the newest first.
  returned: success, without O(path)
  type: list
  elements: dict
  contains:
    time:
      description: When it was done, in UTC.
      type: str
    cmdlet:
      description: The cmdlet.
      type: str
    parameters:
      description: Its parameters with their values as text, null where the log does not tell one; secrets are masked by Exchange.
      type: dict
    object:
      description: What it was done to, as the log has it.
      type: str
    object_name:
      description: The same in readable form, where the log has it.
      type: str
    modified:
      description: The properties that were changed, each with C(before) and C(after). Empty unless the log level is V(verbose).
      type: dict
    caller:
      description: Who did it.
      type: str
    external_access:
      description: Whether that was somebody outside of the organization.
      type: bool
    succeeded:
      description: Whether it succeeded.
      type: bool
    error:
      description: The error; null where there was none.
      type: str
    originating_server:
      description: The server on which it ran.
      type: str
    id:
      description: ID of the entry.
      type: str
  sample:
    - time: "2026-03-02T08:05:00Z"
      cmdlet: Set-RemoteDomain
      parameters: {Identity: Default, AutoForwardEnabled: "False"}
      object: Default
      modified: {AutoForwardEnabled: {before: "True", after: "False"}}
      caller: contoso.com/Users/Administrator
      succeeded: true
      error: null
log:
  description: The log's settings.
  returned: success
  type: dict
  contains:
    enabled:
      description: Whether anything is recorded.
      type: bool
    level:
      description: V(none), or V(verbose) with old values.
      type: str
    cmdlets:
      description: The cmdlets that are recorded; C(*) stands for any characters.
      type: list
      elements: str
    parameters:
      description: The parameters whose use is recorded.
      type: list
      elements: str
    excluded_cmdlets:
      description: The cmdlets that are not recorded.
      type: list
      elements: str
    age_limit:
      description: How long entries are kept.
      type: str
    test_cmdlets:
      description: Whether cmdlets that only test are recorded, too.
      type: bool
  sample: {enabled: true, level: none, cmdlets: ["*"], parameters: ["*"], excluded_cmdlets: [], age_limit: "90.00:00:00", test_cmdlets: false}
warnings:
  description: What the settings of the log leave out of the list, and what the server warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each cmdlet was called.
  returned: with -v
  type: dict
  sample: {Get-AdminAuditLogConfig: 1, Search-AdminAuditLog: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: Truncated, cmdlet: Search-AdminAuditLog, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange.admin_audit import AdminAuditLogInfo

MODULE = AdminAuditLogInfo(DOCUMENTATION)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
