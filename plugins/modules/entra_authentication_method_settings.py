#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: entra_authentication_method_settings
short_description: Manage what holds for all authentication methods of a tenant
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - >-
    Declares how far a tenant is on its way from the legacy policies of multi-factor authentication and self-service password reset to the policy of
    authentication methods, and whether users are nudged to register the authenticator.
  - One method is managed with M(m365.hybrid.entra_authentication_method_policy).
options:
  migration_state:
    description: >-
      V(pre_migration) respects the legacy policies for password reset and multi-factor authentication, V(migration_in_progress) both them and the new policy,
      V(migration_complete) the new policy only.
    type: str
    choices: [pre_migration, migration_in_progress, migration_complete]
  campaign_state:
    description: Whether users are nudged to register the authenticator at sign-in. V(default) leaves that to the service.
    type: str
    choices: [default, enabled, disabled]
  campaign_snooze_days:
    description: After how many days, 0 to 14, a user who puts it off is nudged again.
    type: int
  campaign_include_targets:
    description: >-
      Groups that are nudged, by display name or ID, or V(all_users). A list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  campaign_exclude_targets:
    description: Groups that are not, written as O(campaign_include_targets).
    type: raw
extends_documentation_fragment:
  - m365.hybrid.graph
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.entra_authentication_method_policy
"""

EXAMPLES = r"""
- name: The legacy policies and the new one hold together for a while
  m365.hybrid.entra_authentication_method_settings:
    migration_state: migration_in_progress

- name: Everybody but the accounts for emergencies is nudged, and again after a week
  m365.hybrid.entra_authentication_method_settings:
    campaign_state: enabled
    campaign_snooze_days: 7
    campaign_include_targets: [all_users]
    campaign_exclude_targets: [Break Glass]
"""

RETURN = r"""
resource:
  description:
    - The settings as they are after the task, by option names.
  returned: success
  type: dict
  sample: {migration_state: migration_in_progress}
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
  sample: {"GET /v1.0/policies/authenticationMethodsPolicy": 1}
error:
  description: What the service said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: "PATCH /v1.0/policies/authenticationMethodsPolicy", target: Microsoft Graph for contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._entra.authentication_methods import SETTINGS, MethodSettings
from ansible_collections.m365.hybrid.plugins.module_utils._entra.module import GraphModule

MODULE = GraphModule(
    DOCUMENTATION,
    kind="settings of authentication methods",
    collection="/v1.0/policies/authenticationMethodsPolicy",
    key=None,
    fields=SETTINGS,
    resource_type=MethodSettings,
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
