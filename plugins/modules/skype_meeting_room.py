#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: skype_meeting_room
short_description: Manage meeting rooms of Skype for Business Server
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Enables an account of Active Directory as a meeting room, on a pool and with a SIP address, and sets its telephony.
  - >-
    The account must be there; make it with the room's mailbox, for example with M(m365.hybrid.exchange_mailbox) or
    M(m365.hybrid.exchange_remote_mailbox). A meeting room is no user - M(m365.hybrid.skype_user_info) does not show it, and an account that is enabled as
    a user is refused.
  - Not for Microsoft Teams Rooms, which need a licence and no cmdlet of Skype for Business.
options:
  identity:
    description: >-
      The room's account, by user principal name, SIP address, C(DOMAIN\name), distinguished name or display name. Its logon name alone is not enough.
    type: str
    required: true
  registrar_pool:
    description: The full name of the pool where the room is at home. A room on another pool is moved. Needed to enable a room.
    type: str
  force:
    description: >-
      Whether a room is moved even if its present pool does not answer. Conferences and other data that are there are lost.
    type: bool
    default: false
  sip_address:
    description: >-
      The room's SIP address, for example V(sip:room1@contoso.com); C(sip:) may be left out. To enable a room, either this or O(sip_address_type) is needed.
    type: str
  sip_address_type:
    description: >-
      Of what the SIP address of a new room is made - its e-mail address, its user principal name, or, with O(sip_domain), its logon name or its first and
      last name. Used at creation only.
    type: str
    choices: [email_address, user_principal_name, sam_account_name, first_last_name]
  sip_domain:
    description: The domain of a SIP address that is made of a name. Used at creation only.
    type: str
  enabled:
    description: Whether the room may log on. V(false) keeps all of its settings, which O(state=absent) does not.
    type: bool
  line_uri:
    description: >-
      The room's telephone number in E.164 form, for example V(tel:+14255551297) or V(tel:+14255551297;ext=51297); C(tel:) may be left out; empty for none.
    type: str
  private_line:
    description: A second number, which is published nowhere; empty for none.
    type: str
  line_server_uri:
    description: The gateway for remote call control, for example V(sip:rccgateway@contoso.com); empty for none.
    type: str
  enterprise_voice_enabled:
    description: Whether the room makes calls over the network (Enterprise Voice).
    type: bool
  remote_call_control_telephony_enabled:
    description: Whether the room's desk phone is controlled. Needs O(line_uri) and O(line_server_uri).
    type: bool
  audio_video_disabled:
    description: Whether the room has neither sound nor picture. Not with O(enterprise_voice_enabled) or O(remote_call_control_telephony_enabled).
    type: bool
  hosted_voice_mail:
    description: Whether voice mail goes to Exchange Online.
    type: bool
  exchange_archiving_policy:
    description: Where conferences and messages are archived; V(uninitialized) as the archiving policy of the deployment says.
    type: str
    choices: [uninitialized, use_lync_archiving_policy, no_archiving, archiving_to_exchange]
  voice_policy:
    description: The voice policy of the room alone, which says what it may call; empty for none, so that the one of its site or of the deployment holds.
    type: str
  voice_routing_policy:
    description: The voice routing policy of the room alone; empty for none, so that the one of its site or of the deployment holds.
    type: str
  dial_plan:
    description: The dial plan of the room alone, by which its numbers are read; empty for none, so that the one of its site or of the deployment holds.
    type: str
  conferencing_policy:
    description: The conferencing policy of the room alone; empty for none, so that the one of its site or of the deployment holds.
    type: str
  external_access_policy:
    description: >-
      The external access policy of the room alone, which says whether it meets with other organizations and from outside; empty for none, so that the one of
      its site or of the deployment holds.
    type: str
  client_policy:
    description: The client policy of the room alone; empty for none, so that the one of its site or of the deployment holds.
    type: str
  location_policy:
    description: The location policy of the room alone, for emergency calls; empty for none, so that the one of its site or of the deployment holds.
    type: str
  archiving_policy:
    description: The archiving policy of the room alone; empty for none, so that the one of its site or of the deployment holds.
    type: str
  hosted_voicemail_policy:
    description: The hosted voice mail policy of the room alone; empty for none, so that the one of its site or of the deployment holds.
    type: str
extends_documentation_fragment:
  - m365.hybrid.skype
  - m365.hybrid.resource
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.skype_meeting_room_info
  - module: m365.hybrid.skype_user_info
  - module: m365.hybrid.exchange_calendar_processing
"""

EXAMPLES = r"""
- name: The room is at home on the pool
  m365.hybrid.skype_meeting_room:
    identity: room1@contoso.com
    registrar_pool: sfbpool01.contoso.com
    sip_address_type: email_address

- name: The room can be called
  m365.hybrid.skype_meeting_room:
    identity: room1@contoso.com
    enterprise_voice_enabled: true
    line_uri: tel:+14255551297;ext=51297
    voice_policy: Rooms
    dial_plan: Redmond

- name: The room moves to the other pool
  m365.hybrid.skype_meeting_room:
    identity: room1@contoso.com
    registrar_pool: sfbpool02.contoso.com

- name: The account is no meeting room any more
  m365.hybrid.skype_meeting_room:
    identity: room1@contoso.com
    state: absent
"""

RETURN = r"""
resource:
  description:
    - The room as it is after the task, by option names, with O(ignore:display_name), O(ignore:user_principal_name) and O(ignore:distinguished_name).
    - Empty when the account is no meeting room.
  returned: success
  type: dict
  sample:
    identity: room1@contoso.com
    registrar_pool: sfbpool01.contoso.com
    sip_address: sip:room1@contoso.com
    enabled: true
diff:
  description: What changed, or would change in check mode, in V(before) and V(after), by option names.
  returned: with --diff
  type: dict
  sample: {before: {}, after: {}}
warnings:
  description: What the server warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each cmdlet was called.
  returned: with -v
  type: dict
  sample: {Get-CsMeetingRoom: 2, Get-CsAdUser: 1, Enable-CsMeetingRoom: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Enable-CsMeetingRoom, target: skype on sfbpool01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule
from ansible_collections.m365.hybrid.plugins.module_utils._skype.meeting_room import CREATE_WITH, DEFAULTS, FIELDS, WIRES, MeetingRoom

MODULE = CmdletModule(
    DOCUMENTATION,
    wires=WIRES,
    constraints={"mutually_exclusive": [("sip_address", "sip_address_type")], "required_by": {"sip_domain": ["sip_address_type"]}},
    noun="CsMeetingRoom",
    key="identity",
    fields=FIELDS,
    create_with=CREATE_WITH,
    instructions=("force",),
    defaults=DEFAULTS,
    resource_type=MeetingRoom,
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
