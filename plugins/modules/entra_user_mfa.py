#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: entra_user_mfa
short_description: Manage the per-user multi-factor authentication of users of Entra ID
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Sets whether a user has to use a second factor, whatever the policies of the tenant say. This is the old way; conditional access is the new one.
  - Microsoft Graph has this in its beta version only, which the vendor may change at any time.
  - To set the state of many users, give this module to M(m365.hybrid.bulk).
options:
  identity:
    description: User principal name or object ID of the user.
    type: str
    required: true
  per_user_mfa_state:
    description:
      - V(disabled) asks for no second factor. V(enabled) has the user register one at the next sign-in. V(enforced) asks for it always.
      - The service makes V(enforced) of V(enabled) by itself when the user has registered a method, or at once where there already is one. So a user who is
        V(enforced) is left alone when V(enabled) is asked for; only V(disabled) leads back.
    type: str
    choices: [disabled, enabled, enforced]
extends_documentation_fragment:
  - m365.hybrid.graph
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.bulk
"""

EXAMPLES = r"""
- name: Ada has to register a second factor
  m365.hybrid.entra_user_mfa:
    identity: ada@contoso.com
    per_user_mfa_state: enabled

- name: All of a list, and who fails does not stop the others
  m365.hybrid.bulk:
    module: entra_user_mfa
    objects:
      - identity: grace@contoso.com
      - identity: alan@contoso.com
    defaults:
      per_user_mfa_state: enabled

- name: A service account cannot use one
  m365.hybrid.entra_user_mfa:
    identity: konrad@contoso.com
    per_user_mfa_state: disabled
"""

RETURN = r"""
resource:
  description: The state as it is after the task, by option names. It may be V(enforced) where V(enabled) was asked for.
  returned: success
  type: dict
  sample: {identity: ada@contoso.com, per_user_mfa_state: enforced}
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
  sample: {"GET /beta/users/{}/authentication/requirements": 2, "PATCH /beta/users/{}/authentication/requirements": 1}
error:
  description: What the service said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: "PATCH /beta/users/{}/authentication/requirements", target: Microsoft Graph for contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._entra.module import GraphModule
from ansible_collections.m365.hybrid.plugins.module_utils._entra.user_mfa import UserMfa

MODULE = GraphModule(DOCUMENTATION, kind="per-user MFA of user", collection="/beta/users", resource_type=UserMfa)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
