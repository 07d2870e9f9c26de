#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: entra_conditional_access_policy
short_description: Manage conditional access policies of Entra ID
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Makes, changes and deletes conditional access policies - who signs in, to what, from where and how, and what is asked of them.
  - What a task does not name stays as it is, also within a condition or a control.
  - >-
    Enabling a policy while the security defaults of the tenant are on is refused before anything is written, and so is a policy that includes nobody, is
    about nothing or asks for nothing.
  - Every list is written as a list (exactly these), or as a dictionary with V(add), V(remove) or V(set).
  - Conditions of workload identities and filters of applications are not options; a policy that has them keeps them.
options:
  identity:
    description: Display name or ID of the policy. A name that several policies have is refused; one that no policy has makes a policy of that name.
    type: str
    required: true
  display_name:
    description: Name of the policy, to rename one. That of O(identity) when a policy is made.
    type: str
  description:
    description: What the policy is for.
    type: str
  policy_state:
    description:
      - Whether the policy is in force. V(report_only) writes into the sign-in logs what it would have done.
      - Needed to create a policy.
    type: str
    choices: [enabled, disabled, report_only]
  include_users:
    description: Users to whom the policy applies, by principal name or ID, or V(all), V(none), V(guests_or_external_users).
    type: raw
  exclude_users:
    description: Users to whom it does not, written as O(include_users). Accounts for emergencies belong here or into O(exclude_groups).
    type: raw
  include_groups:
    description: Groups to whose members the policy applies, by display name or ID.
    type: raw
  exclude_groups:
    description: Groups to whose members it does not apply, by display name or ID.
    type: raw
  include_roles:
    description: Roles to whose holders the policy applies, by name such as V(Global Administrator). Roles that are not known here are named by template ID.
    type: raw
  exclude_roles:
    description: Roles to whose holders it does not apply, written as O(include_roles).
    type: raw
  include_guests:
    description: >-
      Kinds of guests and external users to whom the policy applies - V(internal_guest), V(b2b_collaboration_guest), V(b2b_collaboration_member),
      V(b2b_direct_connect_user), V(other_external_user), V(service_provider); of all other tenants where the policy does not name some already.
    type: raw
  exclude_guests:
    description: Kinds of guests and external users to whom it does not apply, written as O(include_guests).
    type: raw
  include_applications:
    description: >-
      Applications to which the policy applies, by display name or application ID, or V(all), V(none), V(office365), V(microsoft_admin_portals).
    type: raw
  exclude_applications:
    description: Applications to which it does not apply, written as O(include_applications).
    type: raw
  include_user_actions:
    description: Actions to which the policy applies in place of applications, V(register_security_information) or V(register_device).
    type: raw
  include_authentication_contexts:
    description: Authentication contexts to which the policy applies, for example V(c1).
    type: raw
  include_locations:
    description: Named locations from where the policy applies, by name or ID, or V(all), V(all_trusted), V(mfa_trusted_ips).
    type: raw
  exclude_locations:
    description: Named locations from where it does not apply, written as O(include_locations).
    type: raw
  include_platforms:
    description: Platforms on which the policy applies - V(android), V(ios), V(windows), V(windows_phone), V(macos), V(linux), V(all).
    type: raw
  exclude_platforms:
    description: Platforms on which it does not apply, written as O(include_platforms).
    type: raw
  client_app_types:
    description: >-
      Kinds of client to which the policy applies - V(all), V(browser), V(mobile_apps_and_desktop_clients), V(exchange_active_sync), V(other).
      The last two are those without modern authentication. A new policy applies to all.
    type: raw
  sign_in_risk_levels:
    description: Risk of the sign-in at which the policy applies - V(low), V(medium), V(high), V(none). Needs Entra ID P2.
    type: raw
  user_risk_levels:
    description: Risk of the user at which the policy applies, written as O(sign_in_risk_levels). Needs Entra ID P2.
    type: raw
  insider_risk_levels:
    description: Insider risk at which the policy applies - V(minor), V(moderate), V(elevated).
    type: raw
  device_filter:
    description: Rule that says to which devices the policy applies, for example C(device.trustType -eq "ServerAD"). An empty text ends the filter.
    type: str
  device_filter_mode:
    description: Whether the devices of O(device_filter) are those to which the policy applies, or those to which it does not.
    type: str
    choices: [include, exclude]
  authentication_flows:
    description: Flows to which the policy applies - V(device_code_flow), V(authentication_transfer).
    type: raw
  grant_operator:
    description: Whether all grant controls are needed or one of them. One is enough for a new policy.
    type: str
    choices: [and, or]
  grant_controls:
    description: >-
      What a sign-in needs - V(mfa), V(compliant_device), V(domain_joined_device), V(approved_application), V(compliant_application), V(password_change),
      V(risk_remediation); or V(block).
    type: raw
  authentication_strength:
    description: Name or ID of the authentication strength that a sign-in needs, for example V(Phishing-resistant MFA). An empty text ends it.
    type: str
  terms_of_use:
    description: IDs of the terms of use that a user has to accept.
    type: raw
  custom_authentication_factors:
    description: Names of custom controls that a sign-in needs.
    type: raw
  sign_in_frequency:
    description: After which time users sign in again, for example V(4 hours), V(30 days) or V(every_time). An empty text ends the control.
    type: str
  sign_in_frequency_authentication:
    description: What users repeat then.
    type: str
    choices: [primary_and_secondary_authentication, secondary_authentication]
  persistent_browser:
    description: Whether a browser stays signed in when it is closed, V(always) or V(never). An empty text ends the control.
    type: str
    choices: [always, never, ""]
  cloud_app_security:
    description: What Defender for Cloud Apps does with the session. An empty text ends the control.
    type: str
    choices: [mcas_configured, monitor_only, block_downloads, ""]
  application_enforced_restrictions:
    description: Whether applications such as SharePoint restrict what can be done in the session.
    type: bool
  secure_sign_in_session:
    description: Whether tokens are bound to the device (token protection).
    type: bool
  disable_resilience_defaults:
    description: Whether sessions end rather than go on while Entra ID has an outage.
    type: bool
extends_documentation_fragment:
  - m365.hybrid.graph
  - m365.hybrid.resource
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.entra_named_location
  - module: m365.hybrid.entra_security_defaults
"""

EXAMPLES = r"""
- name: The offices
  m365.hybrid.entra_named_location:
    identity: Offices
    ip_ranges: [203.0.113.0/24]
    is_trusted: true

- name: A second factor outside the offices, at first only in the logs
  m365.hybrid.entra_conditional_access_policy:
    identity: MFA outside the offices
    policy_state: report_only
    include_users: [all]
    exclude_groups: [Break Glass]
    include_applications: [all]
    include_locations: [all]
    exclude_locations: [Offices]
    grant_controls: [mfa]

- name: Administrators sign in with a passkey every four hours
  m365.hybrid.entra_conditional_access_policy:
    identity: Strong administrators
    policy_state: enabled
    include_roles: [Global Administrator, Exchange Administrator]
    exclude_groups: [Break Glass]
    include_applications: [all]
    authentication_strength: Phishing-resistant MFA
    sign_in_frequency: 4 hours
    persistent_browser: never

- name: One more account is left out, whoever else is
  m365.hybrid.entra_conditional_access_policy:
    identity: MFA outside the offices
    exclude_users:
      add: [konrad@contoso.com]

- name: Protocols without modern authentication end
  m365.hybrid.entra_conditional_access_policy:
    identity: No legacy authentication
    policy_state: enabled
    include_users: [all]
    exclude_groups: [Break Glass]
    include_applications: [all]
    client_app_types: [exchange_active_sync, other]
    grant_controls: [block]
"""

RETURN = r"""
resource:
  description:
    - >-
      The policy as it is after the task, by option names, with O(ignore:id), O(ignore:created_date_time) and O(ignore:modified_date_time).
      Users, groups, roles, applications and locations are shown by name; what is no longer there keeps its ID.
    - Empty when it does not exist.
  returned: success
  type: dict
  sample: {identity: MFA outside the offices, policy_state: report_only, include_users: [all], exclude_groups: [Break Glass]}
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
  sample: {"GET /v1.0/identity/conditionalAccess/policies": 2, "POST /v1.0/identity/conditionalAccess/policies": 1}
error:
  description: What the service said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: "POST /v1.0/identity/conditionalAccess/policies", target: Microsoft Graph for contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._entra.conditional_access import FIELDS, ConditionalAccessPolicy
from ansible_collections.m365.hybrid.plugins.module_utils._entra.module import GraphModule

MODULE = GraphModule(
    DOCUMENTATION,
    kind="conditional access policy",
    collection="/v1.0/identity/conditionalAccess/policies",
    fields=FIELDS,
    resource_type=ConditionalAccessPolicy,
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
