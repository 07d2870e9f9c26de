#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: skype_meeting_room_info
short_description: List meeting rooms of Skype for Business Server
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Returns the accounts that are enabled as meeting rooms, with the properties asked for. Users are listed by M(m365.hybrid.skype_user_info).
options:
  identity:
    description: >-
      The meeting rooms, each named by user principal name, SIP address, C(DOMAIN\name), distinguished name or display name. All meeting rooms when it is not
      given.
    type: list
    elements: str
  filter:
    description: Only meeting rooms that this filter fits, in PowerShell's form, for example C(EnterpriseVoiceEnabled -eq $true).
    type: str
  organizational_unit:
    description: Only meeting rooms in this organizational unit, as a distinguished name.
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
  - module: m365.hybrid.skype_user_info
"""

EXAMPLES = r"""
- name: Where are the meeting rooms at home?
  m365.hybrid.skype_meeting_room_info:
    properties: [user_principal_name, sip_address, registrar_pool]
  register: rooms

- name: Rooms with a telephone
  m365.hybrid.skype_meeting_room_info:
    filter: EnterpriseVoiceEnabled -eq $true
    properties: [display_name, line_uri]
"""

RETURN = r"""
meeting_rooms:
  description: The meeting rooms, each with the properties asked for. O(ignore:identity) is a distinguished name.
  returned: success
  type: list
  elements: dict
  sample:
    - identity: CN=Room 1,OU=Resources,DC=contoso,DC=com
      sip_address: sip:room1@contoso.com
      registrar_pool: sfbpool01.contoso.com
      enabled: true
missing:
  description: The identities that the server proved to be no meeting rooms.
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
  sample: {Get-CsMeetingRoom: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Get-CsMeetingRoom, target: skype on sfbpool01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange.info import InfoModule
from ansible_collections.m365.hybrid.plugins.module_utils._skype.meeting_room import SHOWN, WIRES

MODULE = InfoModule(
    DOCUMENTATION,
    wires=WIRES,
    noun="CsMeetingRoom",
    returns="meeting_rooms",
    selectors={"filter": "", "organizational_unit": "OU"},
    fields=SHOWN,
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
