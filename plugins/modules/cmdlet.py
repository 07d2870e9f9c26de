#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cmdlet
short_description: Run one cmdlet with typed parameters
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Runs any cmdlet that the session offers, for what no module of this collection does yet.
  - Parameters are sent as typed values. Script text is never built, so no value has to be quoted and none can do more than be a value.
  - A cmdlet with a reading verb (Get, Test, Search, Find, Compare, Resolve, Select) reports no change, any other one and C(Search-Mailbox) a change;
    use C(changed_when) where you know better.
options:
  cmdlet:
    description: Name of the cmdlet, for example V(Get-MailboxDatabase).
    type: str
    required: true
  parameters:
    description:
      - The cmdlet's parameters. A switch is V(true), V($null) is V(null), a hashtable is a dictionary.
      - >-
        Write C({"$secret": text}) where the cmdlet takes a SecureString, and C({"$credential": {"user": name, "password": text}}) where it
        takes a PSCredential; the text is never shown.
    type: dict
    default: {}
  properties:
    description: The properties of the returned objects that are wanted; all of them when it is not given.
    type: list
    elements: str
extends_documentation_fragment:
  - m365.hybrid.free
seealso:
  - module: m365.hybrid.exchange_mailbox
"""

EXAMPLES = r"""
- name: Which databases are mounted?
  m365.hybrid.cmdlet:
    cmdlet: Get-MailboxDatabase
    parameters:
      Status: true
    properties: [Name, Mounted]
  register: databases

- name: Add a word to the name of a contact
  m365.hybrid.cmdlet:
    cmdlet: New-MailContact
    parameters:
      Name: Partner's "night" desk
      ExternalEmailAddress: night@partner.example
"""

RETURN = r"""
output:
  description: What the cmdlet returned, one element per object; times are ISO 8601 UTC.
  returned: success
  type: list
  elements: raw
  sample: [{Name: DB01, Mounted: true}]
endpoint:
  description: What the cmdlet ran on, for example V(exchange), V(exchange_online) or V(windows).
  returned: success
  type: str
  sample: exchange
truncated:
  description: Whether the server said that there are more results.
  returned: success
  type: bool
warnings:
  description: What the server warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each cmdlet was called.
  returned: with -v
  type: dict
  sample: {Get-MailboxDatabase: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: NotFound, cmdlet: Get-MailboxDatabase, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._core.endpoints import ENDPOINTS
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.free import FreeCmdlet

MODULE = FreeCmdlet(DOCUMENTATION, wires=(*(("powershell", name) for name in ENDPOINTS), ("exchange_online", "exchange_online")))


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
