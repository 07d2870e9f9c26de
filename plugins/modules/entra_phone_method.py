#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: entra_phone_method
short_description: Manage the phones with which users of Entra ID authenticate
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Registers, changes and removes a phone as an authentication method of a user. It has nothing to do with the numbers that the address book shows.
  - A user has at most one phone of each type, and an alternate mobile phone only beside a mobile phone.
  - The last method with which a user can pass multi-factor authentication is not removed unless O(remove_only_method) says so. A password, a mail
    address and a temporary access pass do not count as such.
options:
  identity:
    description: User principal name or object ID of the user.
    type: str
    required: true
  phone_type:
    description: Which of the user's phones. An V(office) phone can be called, but receives no messages.
    type: str
    choices: [mobile, alternate_mobile, office]
    required: true
  phone_number:
    description:
      - The number with its country code, for example V(+49 170 1234567), with an extension V(+49 30 1234567x12). Needed to register a phone.
      - Spaces, dashes, dots, slashes and brackets do not matter, nor does a zero in brackets. V(00) stands for the plus sign.
    type: str
  default_country_code:
    description:
      - Country code of a number that has none, for example V(+49). The zero before such a number is left out, where it does not belong to the number.
      - Without this option a number without country code is refused.
    type: str
  remove_only_method:
    description: Whether a phone is removed although the user cannot pass multi-factor authentication without it.
    type: bool
    default: false
extends_documentation_fragment:
  - m365.hybrid.graph
  - m365.hybrid.resource
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.entra_user_mfa
"""

EXAMPLES = r"""
- name: A mobile phone
  m365.hybrid.entra_phone_method:
    identity: ada@contoso.com
    phone_type: mobile
    phone_number: +49 170 1234567

- name: An office phone, as it stands in a list of German numbers
  m365.hybrid.entra_phone_method:
    identity: ada@contoso.com
    phone_type: office
    phone_number: (030) 1234567-12
    default_country_code: "+49"

- name: The mobile phone is gone
  m365.hybrid.entra_phone_method:
    identity: ada@contoso.com
    phone_type: mobile
    state: absent
"""

RETURN = r"""
resource:
  description:
    - The phone as it is after the task, by option names, with O(ignore:id) and O(ignore:sms_sign_in_state).
    - Empty when the user does not have it.
  returned: success
  type: dict
  sample: {identity: ada@contoso.com, phone_number: +49 1701234567, id: 3179e48a-750b-4051-897c-87b9720928f7, sms_sign_in_state: notAllowedByPolicy}
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
  sample: {"GET /v1.0/users/{}/authentication/methods": 2, "POST /v1.0/users/{}/authentication/phoneMethods": 1}
error:
  description: What the service said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: "POST /v1.0/users/{}/authentication/phoneMethods", target: Microsoft Graph for contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._entra.module import GraphModule
from ansible_collections.m365.hybrid.plugins.module_utils._entra.phone_method import FIELDS, PhoneMethod

MODULE = GraphModule(
    DOCUMENTATION,
    kind="phone",
    collection="/v1.0/users",
    fields=FIELDS,
    instructions=("phone_type",),
    manner=("default_country_code", "remove_only_method"),
    resource_type=PhoneMethod,
    owner="identity",
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
