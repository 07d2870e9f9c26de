#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: export
short_description: Write down the objects that exist as options of their module
version_added: 0.1.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Lists all objects of a resource module of this collection, in exactly the form that M(m365.hybrid.bulk) takes.
  - What was just exported changes nothing when it is given to M(m365.hybrid.bulk).
  - Of options that exclude each other, the first that is set is exported. What a list does not show of an object is left out.
  - Secrets cannot be read and are never exported. A list that the server cut short is an error, never a shorter export.
options:
  module:
    description: The resource module, for example V(exchange_remote_domain).
    type: str
    required: true
  full:
    description:
      - Whether every option is exported, with what it is set to.
      - Otherwise options that are not set, or set to what the service gives a new object, are left out.
    type: bool
    default: false
  domain_controller:
    description: Fully qualified name of the domain controller to read from.
    type: str
extends_documentation_fragment:
  - m365.hybrid.many
  - m365.hybrid.reads
seealso:
  - module: m365.hybrid.bulk
"""

EXAMPLES = r"""
- name: What is there?
  m365.hybrid.export:
    module: exchange_remote_domain
  register: domains

- name: Every setting of every mailbox
  m365.hybrid.export:
    module: exchange_mailbox
    full: true
  register: mailboxes
"""

RETURN = r"""
objects:
  description: The objects, each as options of the module.
  returned: success
  type: list
  elements: dict
  sample:
    - {name: Default, domain_name: "*"}
    - {name: Partner, domain_name: partner.example, auto_forward_enabled: true}
warnings:
  description: What the server warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each cmdlet was called.
  returned: with -v
  type: dict
  sample: {Get-RemoteDomain: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: Truncated, cmdlet: Get-Mailbox, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._core.export_task import ExportModule
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import ANYWHERE

MODULE = ExportModule(DOCUMENTATION, wires=ANYWHERE)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
