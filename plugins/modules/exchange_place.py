#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_place
short_description: Manage where rooms and workspaces of Exchange Online are, and what is in them
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - >-
    Declares what Outlook's room finder and Microsoft Places show of a room or workspace - building, floor, capacity, devices, address. It is kept beside the
    mailbox, and comes and goes with it. The module changes it, and neither makes nor removes anything; make the room with
    M(m365.hybrid.exchange_mailbox).
  - The place of a new room appears some time after its mailbox; O(wait) says how long the module looks for it.
  - >-
    Of an account that directory synchronisation brings, O(street), O(city), O(state_or_province), O(postal_code), O(country_or_region) and O(phone) are changed
    on-premises, and O(geo_coordinates) not at all. Asked for another value, the module fails before anything is written.
  - What was changed is seen here within a minute; the room finder and Microsoft Graph may take a day.
options:
  identity:
    description: The room or workspace, named by SMTP address, alias, name, GUID or DN. Names need not be unique; an address is.
    type: str
    required: true
  wait:
    description: For how many seconds to look for the place of a mailbox that is there already. With V(0) it has to be there at once.
    type: int
    default: 60
  building:
    description: Name or number of the building.
    type: str
  floor:
    description: Number of the floor.
    type: int
  floor_label:
    description: What the floor is called, where that is not its number.
    type: str
  label:
    description: What the room is called, for example its number.
    type: str
  capacity:
    description: >-
      How many people the room holds. This is what the room finder shows; the capacity of the mailbox is an option of M(m365.hybrid.exchange_mailbox).
    type: int
  audio_device_name:
    description: The audio device in the room. Empty for none.
    type: str
  video_device_name:
    description: The video device in the room. Empty for none.
    type: str
  display_device_name:
    description: The display in the room. Empty for none.
    type: str
  mtr_enabled:
    description: Whether the room has a Microsoft Teams Rooms system.
    type: bool
  is_wheel_chair_accessible:
    description: Whether the room can be reached and used with a wheelchair.
    type: bool
  tags:
    description:
      - What else is in the room, or can be seen from it; a list, or a dictionary with V(add), V(remove) or V(set).
      - The service takes the list as a whole, so a tag that somebody else adds at the same moment may be lost.
    type: raw
  street:
    description: Street and number.
    type: str
  city:
    description: The city.
    type: str
  state_or_province:
    description: State or province. The parameter of the cmdlet is C(State).
    type: str
  postal_code:
    description: The postal code.
    type: str
  country_or_region:
    description:
      - >-
        The country, by its two-letter code of ISO 3166-1, for example V(AT), or by a usual English name. Codes that YAML takes for truth values need
        quotes, as V("NO") does.
      - >-
        The service shows names, some of them its own. Where the module knows the name it returns the code, otherwise the name as the service shows it; a
        name that the module does not know is passed on and compared as it is.
    type: str
  phone:
    description: The telephone number of the room.
    type: str
  geo_coordinates:
    description: Latitude and longitude in degrees, and the altitude in metres if you like, for example V(47.644125;-122.122411;161.4). Empty for none.
    type: str
  parent_id:
    description: What the room belongs to in Microsoft Places, by the place ID of the floor or section. Its address is then that of the building.
    type: str
extends_documentation_fragment:
  - m365.hybrid.exchange_online
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.exchange_mailbox
  - module: m365.hybrid.exchange_calendar_processing
  - module: m365.hybrid.exchange_distribution_group
"""

EXAMPLES = r"""
- name: A room, as the room finder shows it
  m365.hybrid.exchange_place:
    identity: room1@contoso.com
    building: Headquarters
    floor: 2
    floor_label: Mezzanine
    capacity: 12
    video_device_name: Surface Hub
    mtr_enabled: true
    is_wheel_chair_accessible: true
    tags: [Whiteboard, Garden view]
    street: Ringstrasse 1
    city: Vienna
    postal_code: "1010"
    country_or_region: AT
    geo_coordinates: 48.208174;16.373819

- name: There is a new piano, and no video device any more
  m365.hybrid.exchange_place:
    identity: room1@contoso.com
    video_device_name: ""
    tags:
      add: [Piano]

- name: Many rooms at once
  m365.hybrid.bulk:
    module: exchange_place
    objects:
      - {identity: room1@contoso.com, building: Annex}
"""

RETURN = r"""
resource:
  description: The place as it is after the task, by option names, with O(ignore:type) and O(ignore:display_name) as far as the service shows them.
  returned: success
  type: dict
  sample:
    identity: room1@contoso.com
    building: Headquarters
    floor: 2
    capacity: 12
    country_or_region: AT
    tags: [Whiteboard, Garden view]
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
  sample: {Get-Place: 2, Set-Place: 1}
error:
  description: What the server said, in parts. NotFound when there is no such room, or its place is not there yet.
  returned: failure
  type: dict
  sample: {class: NotFound, cmdlet: Get-Place, target: Exchange Online of contoso.onmicrosoft.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange import place
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule

MODULE = CmdletModule(
    DOCUMENTATION,
    noun="Place",
    key="identity",
    settings_of="room mailbox",
    instructions=("wait",),
    fields=place.FIELDS,
    defaults=place.DEFAULTS,
    resource_type=place.Place,
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
