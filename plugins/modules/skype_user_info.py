#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: skype_user_info
short_description: List users of Skype for Business Server
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - >-
    Returns the accounts that are enabled as users, with the properties asked for, among them the pool where each is at home. Meeting rooms are listed by
    M(m365.hybrid.skype_meeting_room_info).
options:
  identity:
    description: >-
      The users, each named by user principal name, SIP address, C(DOMAIN\name), distinguished name or display name. All users when it is not
      given.
    type: list
    elements: str
  filter:
    description: Only users that this filter fits, in PowerShell's form, for example C(RegistrarPool -eq 'sfbpool01.contoso.com').
    type: str
  organizational_unit:
    description: Only users in this organizational unit, as a distinguished name.
    type: str
  properties:
    description: The properties to return, in snake_case.
    type: list
    elements: str
    default:
      - identity
      - display_name
      - user_principal_name
      - sip_address
      - registrar_pool
      - enabled
      - line_uri
      - enterprise_voice_enabled
extends_documentation_fragment:
  - m365.hybrid.skype
  - m365.hybrid.reads
seealso:
  - module: m365.hybrid.skype_meeting_room
  - module: m365.hybrid.skype_meeting_room_info
"""

EXAMPLES = r"""
- name: On which pools are users at home?
  m365.hybrid.skype_user_info:
    properties: [registrar_pool]
  register: skype

- name: Is the user enabled?
  m365.hybrid.skype_user_info:
    identity: [user0@contoso.com]
    properties: [sip_address, enabled, registrar_pool]
"""

RETURN = r"""
users:
  description: The users, each with the properties asked for. O(ignore:identity) is a distinguished name.
  returned: success
  type: list
  elements: dict
  sample:
    - identity: CN=User 0,CN=Users,DC=contoso,DC=com
      sip_address: sip:user0@contoso.com
      registrar_pool: sfbpool01.contoso.com
      enabled: true
missing:
  description: The identities that the server proved to be no users.
  returned: success
  type: list
  elements: str
  sample: [nobody@contoso.com]
warnings:
  description: What the server warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each cmdlet was called.
  returned: with -v
  type: dict
  sample: {Get-CsUser: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Get-CsUser, target: skype on sfbpool01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange.info import InfoModule
from ansible_collections.m365.hybrid.plugins.module_utils._skype.meeting_room import SHOWN, WIRES

MODULE = InfoModule(
    DOCUMENTATION,
    wires=WIRES,
    noun="CsUser",
    returns="users",
    selectors={"filter": "", "organizational_unit": "OU"},
    fields=SHOWN,
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
