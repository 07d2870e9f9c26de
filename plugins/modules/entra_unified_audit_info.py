#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: entra_unified_audit_info
short_description: List who did what in Microsoft 365, from the unified audit log through Microsoft Graph
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - >-
    Has Microsoft Graph search the unified audit log of a tenant - Exchange Online, SharePoint, Entra ID, Teams and others -, waits for the end of the
    search and returns its entries, the newest first. It needs no role of Exchange Online, but the permission C(AuditLogsQuery.Read.All); with the
    permission of one workload only, for example C(AuditLogsQuery-Exchange.Read.All), the service shows that workload's entries and does not say that there
    are others.
  - >-
    The list is complete, or the module fails - when the search fails, is cancelled, or does not end in time, and when it found more than the service
    delivers.
  - >-
    A search runs in the background, for minutes or for hours. It is a saved search of the tenant, which nobody needs to remove, and changes nothing else;
    so it is made in check mode as well.
  - >-
    Microsoft Graph does not say whether the tenant records anything. When nothing is found the module warns; M(m365.hybrid.exchange_unified_audit_info) can
    tell.
  - Only the global cloud has this part of Microsoft Graph.
options:
  start_date:
    description: Only entries of this time and later, for example V(2026-03-01T10:00:00Z). A time without zone is taken as UTC. Needed without O(query).
    type: str
  end_date:
    description: Only entries before this time. Without it, up to now.
    type: str
  record_types:
    description: Only entries of these record types, as Microsoft names them, for example V(ExchangeAdmin) or V(AzureActiveDirectory).
    type: list
    elements: str
  operations:
    description: Only entries of these operations, for example V(New-InboxRule) or V(FileDownloaded).
    type: list
    elements: str
  user_ids:
    description: Only what was done by these users, given by principal name.
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
  services:
    description: Only entries of these services, for example V(Exchange) or V(SharePoint).
    type: list
    elements: str
  keyword:
    description: Only entries that hold this text in what is not a property of its own.
    type: str
  query:
    description: Do not search, but take the search with this ID, which an earlier task began.
    type: str
  wait_timeout:
    description: How many seconds to wait for the end of the search. After them the module fails and names the search, which goes on.
    type: int
    default: 1800
  max_results:
    description: The largest number of entries. More of them are an error, so that no list is shorter than it looks.
    type: int
extends_documentation_fragment:
  - m365.hybrid.graph
  - m365.hybrid.audit_entries
  - m365.hybrid.reads
seealso:
  - module: m365.hybrid.exchange_unified_audit_info
  - module: m365.hybrid.entra_directory_audit_info
"""

EXAMPLES = r"""
- name: Which rules were made that week, and who had mail forwarded?
  m365.hybrid.entra_unified_audit_info:
    start_date: 2026-03-01T00:00:00Z
    end_date: 2026-03-08T00:00:00Z
    record_types: [ExchangeAdmin]
    operations: [New-InboxRule, Set-InboxRule, Set-Mailbox]
  register: rules

- name: What did Ada do?
  m365.hybrid.entra_unified_audit_info:
    start_date: 2026-03-01
    user_ids: [ada@contoso.com]
    wait_timeout: 3600
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
      description: Record type, as Microsoft names it.
      type: str
    service:
      description: The service in which it was done.
      type: str
    operation:
      description: What was done.
      type: str
    user_id:
      description: Who did it, by principal name where the entry has one.
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
      service: Exchange
      operation: New-InboxRule
      user_id: user0@contoso.com
      object_id: user0\Invoices
      ip_address: 198.51.100.23
query:
  description: ID of the search, as O(query) takes it.
  returned: success
  type: str
log:
  description: What is known of the log.
  returned: success
  type: dict
  contains:
    enabled:
      description: Whether anything is recorded, which entries prove; none where nothing was found.
      type: bool
warnings:
  description: That nothing was found, and what the service warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each request was made.
  returned: with -v
  type: dict
  sample: {"POST /v1.0/security/auditLog/queries": 1}
error:
  description: What the service said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: "POST /v1.0/security/auditLog/queries", target: Microsoft Graph for contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._entra.unified_audit import QUERIES, UnifiedAuditInfo

MODULE = UnifiedAuditInfo(
    DOCUMENTATION, collection=QUERIES, constraints={"required_one_of": [("start_date", "query")], "mutually_exclusive": [("start_date", "query")]}
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
