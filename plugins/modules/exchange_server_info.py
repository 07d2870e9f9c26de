#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_server_info
short_description: List servers of an Exchange organization
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Returns servers with the properties asked for, among them version, edition and roles.
options:
  identity:
    description: The servers, each named by name, full name, GUID or DN. All servers when it is not given.
    type: list
    elements: str
  domain:
    description: Only servers of this domain.
    type: str
  status:
    description: >-
      Whether the servers themselves are asked. Only then the properties that begin with C(static_) and C(current_), and C(error_reporting_enabled),
      have values.
    type: bool
  properties:
    description: The properties to return, in snake_case.
    type: list
    elements: str
    default: [name, fqdn, admin_display_version, edition, is_exchange_trial_edition, remaining_trial_period, product_id, server_role, site, guid]
extends_documentation_fragment:
  - m365.hybrid.exchange
  - m365.hybrid.reads
seealso:
  - module: m365.hybrid.exchange_server
"""

EXAMPLES = r"""
- name: Versions and editions of all servers
  m365.hybrid.exchange_server_info:
    properties: [name, admin_display_version, edition, is_exchange_trial_edition]
  register: servers

- name: Which domain controllers does the server use?
  m365.hybrid.exchange_server_info:
    identity: [EX01]
    status: true
    properties: [name, current_domain_controllers, static_domain_controllers]
"""

RETURN = r"""
servers:
  description: The servers, each with the properties asked for.
  returned: success
  type: list
  elements: dict
  sample:
    - name: EX01
      edition: Enterprise
      admin_display_version: Version 15.2 (Build 1748.10)
missing:
  description: The identities that the server proved absent.
  returned: success
  type: list
  elements: str
  sample: [EX09]
warnings:
  description: What the server warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each cmdlet was called.
  returned: with -v
  type: dict
  sample: {Get-ExchangeServer: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Get-ExchangeServer, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange.info import InfoModule
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.server import FIELDS

MODULE = InfoModule(
    DOCUMENTATION,
    constraints={"mutually_exclusive": [("identity", "domain")]},
    noun="ExchangeServer",
    returns="servers",
    selectors={"domain": "", "status": ""},
    fields=tuple(field for field in FIELDS if not field.secret),
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
