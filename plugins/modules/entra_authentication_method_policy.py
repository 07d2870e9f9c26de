#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: entra_authentication_method_policy
short_description: Manage what a tenant allows of an authentication method
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Declares for one authentication method of Entra ID whether users may register and use it, which groups, and what is particular to it.
  - Methods are neither made nor removed; a method that is off is disabled.
  - >-
    Number matching in the authenticator is no setting any more; the service asks everybody for it.
  - What holds for all methods together is in M(m365.hybrid.entra_authentication_method_settings).
options:
  method:
    description: The method. Microsoft Graph has V(hardware_oath) in its beta version only, which the vendor may change at any time.
    type: str
    required: true
    choices: [email, fido2, hardware_oath, microsoft_authenticator, qr_code_pin, sms, software_oath, temporary_access_pass, voice, x509_certificate]
  method_state:
    description: Whether the method may be used.
    type: str
    choices: [enabled, disabled]
  include_targets:
    description: >-
      Groups that may use the method, by display name or ID, or V(all_users). A list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  exclude_targets:
    description: Groups that may not, written as O(include_targets). They win over those who may.
    type: raw
  is_registration_required:
    description: Whether users are asked to register the method. Holds for all O(include_targets).
    type: bool
  authentication_mode:
    description: What of the app is used with O(method=microsoft_authenticator) - push notifications, sign-in without password, or any of them.
    type: str
    choices: [any, push, device_based_push]
  is_software_oath_enabled:
    description: Whether the codes that the app shows are accepted, with O(method=microsoft_authenticator).
    type: bool
  display_app_information:
    description: Whether the notification of the app names the application, with O(method=microsoft_authenticator). V(default) leaves that to the service.
    type: str
    choices: [default, enabled, disabled]
  display_location_information:
    description: Whether the notification of the app shows where the sign-in comes from, with O(method=microsoft_authenticator).
    type: str
    choices: [default, enabled, disabled]
  is_usable_for_sign_in:
    description: Whether a phone number takes the place of the user name, with O(method=sms). Holds for all O(include_targets).
    type: bool
  is_office_phone_allowed:
    description: Whether office phones are called, with O(method=voice).
    type: bool
  is_attestation_enforced:
    description: Whether only keys that prove their make are registered, with O(method=fido2).
    type: bool
  is_self_service_registration_allowed:
    description: Whether users register keys themselves, with O(method=fido2).
    type: bool
  are_key_restrictions_enforced:
    description: Whether O(aa_guids) restrict which keys are registered, with O(method=fido2).
    type: bool
  key_restriction:
    description: Whether the makes of O(aa_guids) are those that are allowed, or those that are not, with O(method=fido2).
    type: str
    choices: [allow, block]
  aa_guids:
    description: Makes of keys, by their AAGUID, with O(method=fido2). A list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  default_length:
    description: Characters of a pass, from 8 to 48, with O(method=temporary_access_pass).
    type: int
  default_lifetime_in_minutes:
    description: How long a pass is good if whoever makes it does not say, with O(method=temporary_access_pass).
    type: int
  minimum_lifetime_in_minutes:
    description: The shortest time that a pass is good, with O(method=temporary_access_pass).
    type: int
  maximum_lifetime_in_minutes:
    description: The longest time that a pass is good, with O(method=temporary_access_pass).
    type: int
  is_usable_once:
    description: Whether all passes are good for one sign-in only, with O(method=temporary_access_pass).
    type: bool
  allow_external_id_to_use_email_otp:
    description: Whether guests sign in with codes by mail, with O(method=email).
    type: str
    choices: [default, enabled, disabled]
  pin_length:
    description: Digits of the PIN, with O(method=qr_code_pin).
    type: int
  standard_qr_code_lifetime_in_days:
    description: How long a standard QR code is good, with O(method=qr_code_pin).
    type: int
  certificate_authentication_mode:
    description: Whether a certificate counts as one factor or as several where no rule says otherwise, with O(method=x509_certificate).
    type: str
    choices: [single_factor, multi_factor]
  required_affinity_level:
    description: How surely a certificate has to belong to its user where no rule says otherwise, with O(method=x509_certificate).
    type: str
    choices: [low, high]
  issuer_hints:
    description: Whether users are offered only certificates of trusted issuers, with O(method=x509_certificate).
    type: str
    choices: [enabled, disabled]
  crl_validation:
    description: Whether an issuer without a revocation list is refused, with O(method=x509_certificate).
    type: str
    choices: [enabled, disabled]
extends_documentation_fragment:
  - m365.hybrid.graph
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.entra_authentication_method_settings
"""

EXAMPLES = r"""
- name: The authenticator for Engineering, and it says what a sign-in is for
  m365.hybrid.entra_authentication_method_policy:
    method: microsoft_authenticator
    method_state: enabled
    include_targets: [Engineering]
    authentication_mode: any
    is_software_oath_enabled: true
    display_app_information: enabled
    display_location_information: enabled

- name: Text messages for everybody but the accounts for emergencies
  m365.hybrid.entra_authentication_method_policy:
    method: sms
    method_state: enabled
    include_targets: [all_users]
    exclude_targets:
      add: [Break Glass]
    is_usable_for_sign_in: false

- name: Passes for newcomers are good for one sign-in within a day
  m365.hybrid.entra_authentication_method_policy:
    method: temporary_access_pass
    method_state: enabled
    default_lifetime_in_minutes: 480
    maximum_lifetime_in_minutes: 1440
    is_usable_once: true
"""

RETURN = r"""
resource:
  description:
    - The configuration of the method as it is after the task, by option names.
    - What targets have of their own is shown when all of them have the same.
  returned: success
  type: dict
  sample: {method: sms, method_state: enabled, include_targets: [all_users]}
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
  sample: {"GET /v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/{}": 1}
error:
  description: What the service said, in parts.
  returned: failure
  type: dict
  sample:
    class: AccessDenied
    cmdlet: "PATCH /v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/{}"
    target: Microsoft Graph for contoso.com
"""

from ansible_collections.m365.hybrid.plugins.module_utils._entra.authentication_methods import FIELDS, MethodPolicy
from ansible_collections.m365.hybrid.plugins.module_utils._entra.module import GraphModule

MODULE = GraphModule(
    DOCUMENTATION,
    kind="authentication method",
    collection="/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations",
    key="method",
    fields=FIELDS,
    resource_type=MethodPolicy,
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
