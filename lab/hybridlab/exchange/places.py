# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Get- and Set-Place: what Exchange Online keeps about rooms besides their mailboxes.

Sources: Microsoft's reference of both cmdlets.  The lab has rooms only; it knows no workspaces, desks, floors and buildings.
"""

from __future__ import annotations

import typing as t

from hybridlab.clixml import Obj
from hybridlab.exchange import failures
from hybridlab.exchange.call import Call, listed
from hybridlab.exchange.directory import Entry
from hybridlab.exchange.mailbox_settings import Sheet, owner, owners
from hybridlab.exchange.mailbox_table import table
from hybridlab.records import Record

ROWS = """
AudioDeviceName                         text?       -
Building                                text?       -
Capacity                                int?        -
City                                    text?       -
CountryOrRegion                         text?       -
DisplayDeviceName                       text?       -
Floor                                   int?        -
FloorLabel                              text?       -
GeoCoordinates                          text?       -
IsWheelChairAccessible                  bool        false
Label                                   text?       -
MTREnabled                              bool        false
ParentId                                text?       -
Phone                                   text?       -
PostalCode                              text?       -
State                                   text?       -
Street                                  text?       -
Tags                                    =texts
VideoDeviceName                         text?       -
"""
ROOMS = ("RoomMailbox",)
OF_THE_ACCOUNT = ("City", "CountryOrRegion", "GeoCoordinates", "Phone", "PostalCode", "State", "Street")
SHEET = Sheet(
    "Place",
    table(ROWS),
    ("Microsoft.Exchange.Management.RecipientTasks.Place", "System.Object"),
    lambda entry: {"Identity": entry.name, "DisplayName": entry.values["DisplayName"], "Type": "Room", "IsValid": True, "ObjectState": "Unchanged"},
)


def _late(call: Call) -> None:
    """Another part of the service has the places; it hears of a new room later."""
    if call.identity is not None and call.server.faults.take("late-place", call.cmdlet):
        raise failures.not_found(call.identity)


def get_place(call: Call) -> t.Iterable[Record]:
    _late(call)
    rooms = [entry for entry in owners(call) if entry.kind in ROOMS] if call.parameters.get("Type", "Room") == "Room" else []
    if call.identity is not None and not rooms:
        raise failures.not_found(call.identity)
    return listed(call, rooms, lambda entry: _view(call, entry))


def _view(call: Call, entry: Entry) -> Obj:
    return SHEET.view(call, entry)


def set_place(call: Call) -> t.Iterable[Record]:
    _late(call)
    entry = owner(call, ROOMS)
    refused = [name for name in OF_THE_ACCOUNT if name in call.settings]
    if refused and entry.values.get("IsDirSynced"):
        raise failures.refused(
            f"The operation on mailbox \"{entry.name}\" failed because it's out of the current user's write scope. The action '{call.cmdlet}', "
            f"'{','.join(refused)}', can't be performed on the object '{entry.name}' because the object is being synchronized from your on-premises "
            "organization. This action should be performed on the object in your on-premises organization.",
            "InvalidOperationInDehydratedContextException",
        )
    if (call.settings.get("Capacity") or 0) < 0:
        raise failures.invalid("The value of property 'Capacity' must not be negative.")
    return SHEET.write(call, entry, SHEET.changes(call, entry, {"Tags": lambda value: [] if value is None else list(value)}))


HANDLERS = {"Get-Place": get_place, "Set-Place": set_place}
