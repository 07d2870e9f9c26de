#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: entra_license_info
short_description: List the subscriptions of a tenant
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Lists the subscriptions of a tenant with their seats and service plans, through Microsoft Graph.
options: {}
extends_documentation_fragment:
  - m365.hybrid.graph
  - m365.hybrid.reads
seealso:
  - module: m365.hybrid.entra_license
"""

EXAMPLES = r"""
- name: How many seats are left
  m365.hybrid.entra_license_info:
  register: subscriptions
"""

RETURN = r"""
subscriptions:
  description: One entry for each subscription.
  returned: success
  type: list
  elements: dict
  contains:
    sku:
      description: Part number, as O(m365.hybrid.entra_license#module:sku) takes it.
      type: str
    sku_id:
      description: SKU ID.
      type: str
    status:
      description: Whether it can be used.
      type: str
      sample: enabled
    seats:
      description: Seats that were bought.
      type: int
    seats_in_use:
      description: Seats that users have.
      type: int
    free_seats:
      description: Seats that can be assigned, those in their grace period included.
      type: int
    service_plans:
      description: Names of the service plans, as O(m365.hybrid.entra_license#module:disabled_plans) takes them.
      type: list
      elements: str
warnings:
  description: What the service warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each request was made.
  returned: with -v
  type: dict
  sample: {"GET /v1.0/subscribedSkus": 1}
error:
  description: What the service said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: GET /v1.0/subscribedSkus, target: Microsoft Graph for contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._entra.info import GraphInfoModule
from ansible_collections.m365.hybrid.plugins.module_utils._entra.license_info import row

MODULE = GraphInfoModule(DOCUMENTATION, collection="/v1.0/subscribedSkus", returns="subscriptions", row=row)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
