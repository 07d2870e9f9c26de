#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: entra_security_defaults
short_description: Turn the security defaults of Entra ID on or off
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Turns the security defaults of a tenant on or off through Microsoft Graph.
  - >-
    Security defaults and enabled conditional access policies exclude each other. Turning them on while policies are enabled is refused before anything is
    written, with the names of these policies.
options:
  is_enabled:
    description: Whether the security defaults are on.
    type: bool
extends_documentation_fragment:
  - m365.hybrid.graph
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.entra_conditional_access_policy
"""

EXAMPLES = r"""
- name: Conditional access takes over from the security defaults
  m365.hybrid.entra_security_defaults:
    is_enabled: false
"""

RETURN = r"""
resource:
  description:
    - The security defaults as they are after the task, by option names.
  returned: success
  type: dict
  sample: {is_enabled: false}
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
  sample: {"GET /v1.0/policies/identitySecurityDefaultsEnforcementPolicy": 1}
error:
  description: What the service said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: "PATCH /v1.0/policies/identitySecurityDefaultsEnforcementPolicy", target: Microsoft Graph for contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._entra.module import GraphModule
from ansible_collections.m365.hybrid.plugins.module_utils._entra.security_defaults import PATH, SecurityDefaults

MODULE = GraphModule(DOCUMENTATION, kind="security defaults", collection=PATH, key=None, resource_type=SecurityDefaults)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
