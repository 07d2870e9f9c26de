#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: bulk
short_description: Bring many objects of one kind to their wanted state
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - >-
    Takes any resource module of this collection and a list of its options. The objects are read with one call where the service
    allows, each is compared with its entry, and only what differs is written, over several sessions at a time.
  - >-
    One entry that is wrong or fails does not stop the others. The task fails in the end, and says what became of each entry.
  - >-
    A run that was ended is taken up again by running the task again: objects that are as they should be are left alone. When a
    session is lost in the middle of a change, the object is looked at again, and only what is still missing is sent.
options:
  module:
    description: The resource module, for example V(exchange_mailbox).
    type: str
    required: true
  objects:
    description:
      - The objects, each a dictionary of that module's options.
      - An entry that the module refuses fails alone.
      - Two entries that are the same object, also by two names that the list of objects shows, are refused before anything is changed. Where only the work
        itself shows that they are, the second one fails.
    type: list
    elements: raw
    required: true
  defaults:
    description: Options of every entry that does not have them itself, for example V(state) or V(domain_controller).
    type: dict
  read:
    description:
      - V(list) reads all objects of the kind with one call. A list that the server cut short is an error.
      - V(each) reads every object by itself, which is quicker where the entries are a small part of what exists.
      - V(auto) is V(list) from 20 entries on.
      - Objects that the list does not show under the name in their entry are asked for singly, so that only the server's own word proves that one is absent.
    type: str
    choices: [auto, list, each]
    default: auto
  parallel:
    description:
      - How many calls run at a time. As many as the connection's session budget C(m365_max_sessions) allows when it is not given, and never more.
      - With Exchange Online, calls that wait go ten in one request; C(m365_tenant_max_requests) allows ten times its number of calls.
      - Entries about one owner, as the phones of a user or the rights on a mailbox, are worked on one after the other in the order of the list.
    type: int
  max_failures:
    description:
      - How many entries may fail before no further one is begun. There is no limit when it is not given.
      - The run ends early in any case when no session can be had any more.
    type: int
  result_file:
    description:
      - A file on the control node that gets one line of JSON for each entry as soon as it is done - number, object, outcome, diff, and error.
      - It is replaced if it exists, and readable for its owner only. It is written in check mode as well, with what would be done.
      - Each host needs a file of its own. While one task writes to it, another one is refused.
    type: path
extends_documentation_fragment:
  - m365.hybrid.many
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.export
  - module: m365.hybrid.exchange_mailbox
"""

EXAMPLES = r"""
- name: Three mailboxes get their attributes, two of which were misspelt last time
  m365.hybrid.bulk:
    module: exchange_mailbox
    objects:
      - identity: user0@contoso.com
        custom_attribute1: Berlin
      - identity: user1@contoso.com
        custom_attribute1: Paris
      - identity: user2
        custom_attribute1: Rome
    max_failures: 10

- name: Automatic forwarding to these partners, and to nobody else
  m365.hybrid.bulk:
    module: exchange_remote_domain
    objects:
      - {name: Fabrikam, domain_name: fabrikam.example}
      - {name: Tailspin, domain_name: tailspin.example}
      - {name: Default, auto_forward_enabled: false}
    defaults:
      auto_forward_enabled: true
"""

RETURN = r"""
counts:
  description: >-
    How many entries had each outcome - V(created), V(updated), V(deleted), V(unchanged), V(failed), and V(skipped) for what was not begun.
  returned: when the list could be worked on
  type: dict
  sample: {created: 2, updated: 1, deleted: 0, unchanged: 0, failed: 0, skipped: 0}
outcomes:
  description: Every entry's place in the list from 1, the object as the entry names it, its outcome, and what went wrong with its class.
  returned: when the list could be worked on
  type: list
  elements: dict
  sample:
    - {number: 1, object: user0@contoso.com, outcome: updated}
    - {number: 2, object: nobody, outcome: failed, msg: "no mailbox and no account answers to 'nobody'", class: UsageError}
diff:
  description: What changed in the first 100 objects, or would change in check mode, each with V(before) and V(after). The result file has all.
  returned: with --diff
  type: list
  elements: dict
  sample: [{before: {custom_attribute1: ""}, after: {custom_attribute1: Berlin}}]
warnings:
  description: What the server warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each cmdlet was called.
  returned: with -v
  type: dict
  sample: {Get-Mailbox: 2, Set-Mailbox: 1000}
error:
  description: What the server said of the first entry that failed, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Set-Mailbox, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._core.bulk_task import BulkModule
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import ANYWHERE

MODULE = BulkModule(DOCUMENTATION, wires=ANYWHERE)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
