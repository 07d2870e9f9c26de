#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: entra_mfa_registration_info
short_description: List who registered which authentication methods
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Reads the tenant's report of registered authentication methods through Microsoft Graph. The tenant needs a licence of Entra ID P1 for it.
  - The report is hours old and has no users who may not sign in. What it does not say is V(unknown), which is neither yes nor no, and never zero.
  - The service allows few requests for reports; a large tenant takes its time.
options:
  identity:
    description:
      - Principal names or object IDs of users. All users of the report when it is not given.
      - Users whom the report does not have are named in RV(unknown).
    type: list
    elements: str
  is_mfa_registered:
    description: Only users who did or did not register a strong method.
    type: bool
  is_mfa_capable:
    description: Only users who did or did not register a strong method that the tenant's policy allows.
    type: bool
  is_passwordless_capable:
    description: Only users who can or cannot sign in without a password.
    type: bool
  is_admin:
    description: Only users who do or do not have an administrative role.
    type: bool
  user_type:
    description: Only users of this type.
    type: str
    choices: [member, guest]
  methods_registered:
    description: Only users who registered at least one of these methods.
    type: list
    elements: str
    choices:
      - alternate_mobile_phone
      - email
      - external_auth_method
      - fido2
      - hardware_one_time_passcode
      - mac_os_secure_enclave_key
      - microsoft_authenticator_passwordless
      - microsoft_authenticator_push
      - mobile_phone
      - office_phone
      - pass_key_device_bound
      - pass_key_device_bound_authenticator
      - pass_key_device_bound_windows_hello
      - security_question
      - software_one_time_passcode
      - temporary_access_pass
      - windows_hello_for_business
extends_documentation_fragment:
  - m365.hybrid.graph
  - m365.hybrid.reads
seealso:
  - module: m365.hybrid.entra_phone_method
  - module: m365.hybrid.entra_user_mfa
"""

EXAMPLES = r"""
- name: Who has not registered a second factor?
  m365.hybrid.entra_mfa_registration_info:
    is_mfa_registered: false
    user_type: member
  register: unregistered

- name: Two users, of whom one may not be in the report
  m365.hybrid.entra_mfa_registration_info:
    identity: [hedy@contoso.com, somebody.new@contoso.com]
  register: two
"""

RETURN = r"""
users:
  description: One entry for each user of the report that was asked for.
  returned: success
  type: list
  elements: dict
  contains:
    user_principal_name:
      description: Principal name.
      type: str
    id:
      description: Object ID.
      type: str
    methods_registered:
      description: The registered methods.
      type: list
      elements: str
    is_mfa_registered:
      description: Whether a strong method is registered.
      type: bool
    is_mfa_capable:
      description: Whether a strong method is registered that the tenant's policy allows.
      type: bool
    is_admin:
      description: Whether the user has an administrative role, or V(unknown).
      type: raw
    last_updated_date_time:
      description: When the report last looked at the user.
      type: str
    app_passwords:
      description: Always V(unknown).
      type: str
    trusted_devices:
      description: Always V(unknown).
      type: str
  sample:
    - user_principal_name: hedy@contoso.com
      methods_registered: [mobile_phone]
      is_mfa_registered: true
      app_passwords: unknown
unknown:
  description: Users of O(identity) of whom the report says nothing. They may not exist, may not be allowed to sign in, or may be newer than the report.
  returned: success
  type: list
  elements: str
  sample: [somebody.new@contoso.com]
summary:
  description: How many of RV(users) there are of each kind. Users of whom something is not known are counted as V(unknown).
  returned: success
  type: dict
  sample: {users: 1, is_mfa_registered: {"yes": 1, "no": 0, unknown: 0}, methods: {mobile_phone: 1}, app_passwords: unknown}
warnings:
  description: What the service warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each request was made.
  returned: with -v
  type: dict
  sample: {"GET /v1.0/reports/authenticationMethods/userRegistrationDetails": 1}
error:
  description: What the service said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: "GET /v1.0/reports/authenticationMethods/userRegistrationDetails", target: Microsoft Graph for contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._entra.mfa_registration_info import RegistrationInfo

MODULE = RegistrationInfo(DOCUMENTATION, collection="/v1.0/reports/authenticationMethods/userRegistrationDetails")


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
