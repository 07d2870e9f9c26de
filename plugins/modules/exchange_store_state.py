#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_store_state
short_description: Make disconnected mailboxes show up
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Runs C(Update-StoreMailboxState) for the mailboxes that a selection finds, and reports each of them before and after.
  - >-
    A database notices only after hours that Active Directory has no mailbox for one of its own. Until then a mailbox that has just been disabled or removed
    has no disconnect reason, is not listed as disconnected and cannot be connected to another account. C(Clean-MailboxDatabase), which cured that on
    Exchange Server 2010, is gone; since 2013 each mailbox is updated by itself.
  - This is an action. It reports a change whenever it updated a mailbox, also when the mailbox turned out to be marked already.
  - A mailbox that cannot be updated, or a database that cannot be read, does not stop the others. The task fails in the end and still returns the whole report.
options:
  database:
    description: Only mailboxes of these databases. All databases but recovery databases when it is not given.
    type: list
    elements: str
  selection:
    description:
      - Which mailboxes are updated.
      - V(unmatched) are those for which Active Directory has no mailbox, marked as disconnected or not.
      - V(disconnected) are those that are marked as disconnected, for example because one of them has been connected again.
      - V(all) are all mailboxes, which takes a call for each.
    type: str
    choices: [unmatched, disconnected, all]
    default: unmatched
  identity:
    description:
      - Only these mailboxes, each named by mailbox GUID, display name or legacy DN as the database knows it.
      - Names of Active Directory do not find a mailbox that it has forgotten.
    type: list
    elements: str
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: none
    details: RV(mailboxes) holds the state of every mailbox before and after.
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: none
    details: An action. A mailbox without one in Active Directory is selected until the database drops it.
extends_documentation_fragment:
  - m365.hybrid.exchange
seealso:
  - module: m365.hybrid.exchange_mailbox_statistics_info
"""

EXAMPLES = r"""
- name: Show what was disabled or removed a minute ago
  m365.hybrid.exchange_store_state:
    selection: unmatched

- name: Refresh what a database takes for disconnected
  m365.hybrid.exchange_store_state:
    database: [DB01]
    selection: disconnected

- name: Update one mailbox
  m365.hybrid.exchange_store_state:
    identity: [Gone Colleague]
  register: one
"""

RETURN = r"""
mailboxes:
  description: Every mailbox that was selected.
  returned: success, and failure of some
  type: list
  elements: dict
  contains:
    mailbox_guid:
      description: GUID of the mailbox in the database.
      type: str
    display_name:
      description: Its name in the database.
      type: str
    database:
      description: The database.
      type: str
    is_archive:
      description: Whether it is an archive.
      type: bool
    before:
      description: Its C(disconnect_reason) (V(disabled), V(soft_deleted) or null) and C(disconnect_date).
      type: dict
    after:
      description: The same after the update; null when it was not updated, and in check mode.
      type: dict
    status:
      description: >-
        V(updated); V(would_update) in check mode; V(failed), and C(error) says why; V(unknown) when the session ended during the call; V(not_done) after that.
      type: str
    error:
      description: What the server said of this mailbox.
      type: str
  sample:
    - mailbox_guid: 4a830e3f-fd07-4629-baa1-8bce16b86d88
      display_name: Gone Colleague
      database: DB01
      is_archive: false
      before: {disconnect_reason: null, disconnect_date: null}
      after: {disconnect_reason: disabled, disconnect_date: "2026-03-02T10:00:00Z"}
      status: updated
      error: null
counts:
  description: How many mailboxes were selected, how many have which status, and how many are marked as disconnected now and were not before.
  returned: success, and failure of some
  type: dict
  sample: {selected: 2, would_update: 0, updated: 2, failed: 0, unknown: 0, not_done: 0, newly_marked: 1}
failures:
  description: Databases that could not be read and identities that fit no mailbox or several.
  returned: failure of some
  type: list
  elements: str
warnings:
  description: What the server warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each cmdlet was called.
  returned: with -v
  type: dict
  sample: {Get-MailboxStatistics: 2, Update-StoreMailboxState: 1}
error:
  description: What the server said, in parts; the first error where there were several.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Update-StoreMailboxState, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange.store_state import StoreStateModule

MODULE = StoreStateModule(DOCUMENTATION, constraints={"mutually_exclusive": [("identity", "selection")]})


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
