#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_unified_audit_info
short_description: List who did what in Microsoft 365, from the unified audit log
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Searches the unified audit log of a tenant - Exchange Online, SharePoint, Entra ID, Teams and others - and returns the entries, the newest first.
  - >-
    The list is complete, or the module fails - when the service delivers fewer entries than it announces, when a search gives up inside the service, when
    there are as many entries as a search can have (50000), and when nothing is found because the tenant records nothing.
  - >-
    Entries appear half an hour to a day after the event, and are kept for 180 days, or longer with some licences. The caller needs the role C(View-Only Audit
    Logs) or C(Audit Logs) of Exchange Online.
options:
  start_date:
    description: Only entries of this time and later, for example V(2026-03-01T10:00:00Z). A time without zone is taken as UTC.
    type: str
    required: true
  end_date:
    description: Only entries before this time. Without it, up to now.
    type: str
  record_type:
    description: Only entries of this record type, as Microsoft names it, for example V(ExchangeAdmin) or V(SharePointFileOperation).
    type: str
  operations:
    description: Only entries of these operations, for example V(New-InboxRule) or V(FileDownloaded).
    type: list
    elements: str
  user_ids:
    description: Only what was done by these users, given by principal name, or by what else the log has as user.
    type: list
    elements: str
  object_ids:
    description: Only what was done to these objects, given in full as the log has them, for example the URL of a file.
    type: list
    elements: str
  ip_addresses:
    description: Only what was done from these addresses.
    type: list
    elements: str
  site_ids:
    description: Only what was done on these sites of SharePoint, given by their IDs.
    type: list
    elements: str
  free_text:
    description: Only entries that hold this text.
    type: str
  high_completeness:
    description: >-
      Whether the service is asked to search thoroughly, which takes longer. Without it, the service may leave entries out and not say so.
    type: bool
    default: true
  max_results:
    description: The largest number of entries. More of them are an error, so that no list is shorter than it looks.
    type: int
extends_documentation_fragment:
  - m365.hybrid.exchange_online
  - m365.hybrid.audit_entries
  - m365.hybrid.reads
seealso:
  - module: m365.hybrid.entra_directory_audit_info
  - module: m365.hybrid.entra_unified_audit_info
"""

EXAMPLES = r"""
- name: Which rules were made that week, and who had mail forwarded?
  m365.hybrid.exchange_unified_audit_info:
    start_date: 2026-03-01T00:00:00Z
    end_date: 2026-03-08T00:00:00Z
    record_type: ExchangeAdmin
    operations: [New-InboxRule, Set-InboxRule, Set-Mailbox]
  register: rules

- name: What was done from this address?
  m365.hybrid.exchange_unified_audit_info:
    start_date: 2026-03-01
    end_date: 2026-03-08
    ip_addresses: [198.51.100.23]
    max_results: 1000
  register: intruder
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
    record_type:
      description: Record type, as the service names it.
      type: str
    operation:
      description: What was done.
      type: str
    user_id:
      description: Who did it.
      type: str
    object_id:
      description: What it was done to, where the entry says so.
      type: str
    ip_address:
      description: From where, where the entry says so.
      type: str
    result_status:
      description: What came of it, where the entry says so.
      type: str
    id:
      description: ID of the entry.
      type: str
    audit_data:
      description: Everything the entry says, as Microsoft's schema of the record type describes it.
      type: dict
  sample:
    - time: "2026-03-02T08:05:00Z"
      record_type: ExchangeAdmin
      operation: New-InboxRule
      user_id: user0@contoso.com
      object_id: user0\Invoices
      ip_address: 198.51.100.23
log:
  description: The log's settings.
  returned: success
  type: dict
  contains:
    enabled:
      description: Whether anything is recorded; none where nobody says so, for example where the caller may not read the settings.
      type: bool
  sample: {enabled: true}
warnings:
  description: That the log is, or may be, turned off, and what the service warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each cmdlet was called.
  returned: with -v
  type: dict
  sample: {Search-UnifiedAuditLog: 2}
error:
  description: What the service said, in parts.
  returned: failure
  type: dict
  sample: {class: Truncated, cmdlet: Search-UnifiedAuditLog, target: Exchange Online of contoso.onmicrosoft.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange.unified_audit import UnifiedAuditInfo

MODULE = UnifiedAuditInfo(DOCUMENTATION)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
