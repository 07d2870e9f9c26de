#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: entra_license
short_description: Assign licences to users of Entra ID
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Assigns one subscription to one user, with the service plans that shall be off, or takes it away.
  - Other licences of the user stay as they are. A licence that a user has from a group counts as assigned, and is neither changed nor taken away here.
  - Without a free seat or without a usage location the task fails before anything is written and says what is missing.
options:
  identity:
    description: User principal name or object ID of the user.
    type: str
    required: true
  sku:
    description: Part number of the subscription, for example V(ENTERPRISEPACK), or its SKU ID. M(m365.hybrid.entra_license_info) lists them.
    type: str
    required: true
  disabled_plans:
    description: >-
      Service plans of the subscription that are off for this user, by name, for example V(MCOSTANDARD); a list, or a dictionary with V(add),
      V(remove) or V(set). A new licence has all its plans on unless this says otherwise.
    type: raw
extends_documentation_fragment:
  - m365.hybrid.graph
  - m365.hybrid.resource
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.entra_user
  - module: m365.hybrid.entra_license_info
"""

EXAMPLES = r"""
- name: Office without Skype
  m365.hybrid.entra_license:
    identity: ada@contoso.com
    sku: ENTERPRISEPACK
    disabled_plans: [MCOSTANDARD]

- name: Somebody who has left needs no licence
  m365.hybrid.entra_license:
    identity: konrad@contoso.com
    sku: ENTERPRISEPACK
    state: absent
"""

RETURN = r"""
resource:
  description:
    - The licence as it is after the task, by option names, with O(ignore:sku_id) and O(ignore:assigned_by_groups), the IDs of groups.
    - Empty when the user does not have it.
  returned: success
  type: dict
  sample: {identity: ada@contoso.com, sku_id: 6fd2c87f-b296-42f0-b197-1e91e994b900, disabled_plans: [MCOSTANDARD]}
diff:
  description: What changed, or would change in check mode, in V(before) and V(after), by option names.
  returned: with --diff
  type: dict
  sample: {before: {}, after: {}}
warnings:
  description: What the service warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each request was made.
  returned: with -v
  type: dict
  sample: {"GET /v1.0/users/{}": 2, "POST /v1.0/users/{}/assignLicense": 1}
error:
  description: What the service said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: "POST /v1.0/users/{}/assignLicense", target: Microsoft Graph for contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._entra.licence import FIELDS, Licence
from ansible_collections.m365.hybrid.plugins.module_utils._entra.module import GraphModule

MODULE = GraphModule(DOCUMENTATION, kind="licence", collection="/v1.0/users", fields=FIELDS, instructions=("sku",), resource_type=Licence, owner="identity")


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
