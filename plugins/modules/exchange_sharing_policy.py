#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_sharing_policy
short_description: Manage sharing policies of an Exchange organization
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Declares with whom users may share their calendars and contacts, and how much of them.
  - A policy holds for the mailboxes that were given it; see O(m365.hybrid.exchange_mailbox#module:sharing_policy).
options:
  name:
    description: Name of the policy.
    type: str
    required: true
  domains:
    description: >-
      With whom what may be shared - a domain, V(*) for every domain or V(Anonymous) for everybody on the internet, a colon, then one of
      V(CalendarSharingFreeBusySimple), V(CalendarSharingFreeBusyDetail) and V(CalendarSharingFreeBusyReviewer), or V(ContactsSharing), or both; a
      list, or a dictionary with V(add), V(remove) or V(set). A domain that is added replaces what was said of it; to remove one its name is enough.
      Needs quotes in YAML. Needed to create a policy.
    type: raw
  enabled:
    description: Whether the policy is in use.
    type: bool
  default:
    description: >-
      Whether the policy holds for every mailbox that was given none. There always is one such policy, so only another one can take its place.
    type: bool
extends_documentation_fragment:
  - m365.hybrid.exchange_anywhere
  - m365.hybrid.resource
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.exchange_mailbox
  - module: m365.hybrid.exchange_organization_relationship
"""

EXAMPLES = r"""
- name: Partners see details, and contacts are shared with one of them
  m365.hybrid.exchange_sharing_policy:
    name: Close partners
    domains:
      - "partner.example: CalendarSharingFreeBusyDetail, ContactsSharing"
      - "adatum.com: CalendarSharingFreeBusyDetail"

- name: Nobody publishes a calendar on the internet
  m365.hybrid.exchange_sharing_policy:
    name: Default Sharing Policy
    domains:
      remove: [Anonymous]
"""

RETURN = r"""
resource:
  description:
    - The policy as it is after the task, by option names, with O(ignore:guid) and O(ignore:distinguished_name).
    - Empty when it does not exist.
  returned: success
  type: dict
  sample:
    name: Close partners
    domains: ["adatum.com:CalendarSharingFreeBusyDetail"]
    default: false
diff:
  description: What changed, or would change in check mode, in V(before) and V(after), by option names.
  returned: with --diff
  type: dict
  sample: {before: {}, after: {}}
warnings:
  description: What the server warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each cmdlet was called.
  returned: with -v
  type: dict
  sample: {Get-SharingPolicy: 2, Set-SharingPolicy: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Set-SharingPolicy, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.sharing_policy import FIELDS, SharingPolicy

MODULE = CmdletModule(
    DOCUMENTATION,
    noun="SharingPolicy",
    fields=FIELDS,
    create_with=("domains", "enabled", "default"),
    defaults={"enabled": True, "default": False},
    resource_type=SharingPolicy,
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
