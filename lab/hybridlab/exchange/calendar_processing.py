# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Get- and Set-CalendarProcessing: how a mailbox answers meeting requests."""

from __future__ import annotations

import typing as t

from hybridlab.clixml import MultiValued, Obj
from hybridlab.exchange import failures
from hybridlab.exchange.auto_reply import cleaned
from hybridlab.exchange.call import Call, listed
from hybridlab.exchange.directory import Entry
from hybridlab.exchange.mailbox_settings import STORE_TYPES, Sheet, owned, owner, owners
from hybridlab.exchange.mailbox_table import table
from hybridlab.exchange.mailbox_view import read, rendered
from hybridlab.exchange.settings import stored
from hybridlab.records import Record

ROWS = """
AddAdditionalResponse                   bool        false
AdditionalResponse                      =text?      -
AddNewRequestsTentatively               bool        true
AddOrganizerToSubject                   bool        true
AllBookInPolicy                         bool        true
AllowConflicts                          bool        false
AllowRecurringMeetings                  bool        true
AllRequestInPolicy                      bool        false
AllRequestOutOfPolicy                   bool        false
AutomateProcessing                      enum        AutoUpdate:None,AutoUpdate,AutoAccept
BookingWindowInDays                     =int?       -
BookInPolicy                            refs
ConflictPercentageAllowed               =int?       -
DeleteAttachments                       bool        true
DeleteComments                          bool        true
DeleteNonCalendarItems                  bool        true
DeleteSubject                           bool        true
EnableResponseDetails                   bool        true
EnforceSchedulingHorizon                bool        true
ForwardRequestsToDelegates              bool        true
MaximumConflictInstances                =int?       -
MaximumDurationInMinutes                =int?       -
OrganizerInfo                           bool        true
ProcessExternalMeetingMessages          bool        false
RemoveForwardedMeetingNotifications     bool        false
RemoveOldMeetingMessages                bool        true
RemovePrivateProperty                   bool        true
RequestInPolicy                         refs
RequestOutOfPolicy                      refs
ResourceDelegates                       =refs
ScheduleOnlyDuringWorkHours             bool        false
TentativePendingApproval                bool        true
"""
# Default, smallest and largest value.
NUMBERS = {
    "BookingWindowInDays": (180, 0, 1080),
    "ConflictPercentageAllowed": (0, 0, 100),
    "MaximumConflictInstances": (0, 0, 2**31 - 1),
    "MaximumDurationInMinutes": (1440, 0, 2**31 - 1),
}
RESOURCES = ("RoomMailbox", "EquipmentMailbox")
OF_RESOURCES = ("AutomateProcessing", "AddNewRequestsTentatively", "ProcessExternalMeetingMessages", "ResourceDelegates")
"""What only a resource takes; everything else is taken from any mailbox, and a user's does nothing with it."""
_LEGACY = ("BookInPolicy", "RequestInPolicy", "RequestOutOfPolicy")


def _initial(entry: Entry) -> dict[str, t.Any]:
    accepting = {"AutomateProcessing": "AutoAccept"} if entry.kind in RESOURCES else {}
    return {name: default for name, (default, _, _) in NUMBERS.items()} | accepting


SHEET = Sheet("CalendarProcessing", table(ROWS), ("Microsoft.Exchange.Data.Storage.Management.CalendarConfiguration", *STORE_TYPES), owned, _initial)


def view(call: Call, entry: Entry) -> Obj:
    """The policies name people by their legacy distinguished names; delegates are those who send on behalf of the mailbox."""
    found = SHEET.view(call, entry)
    shown: dict[str, t.Any] = {"ResourceDelegates": rendered("refs", read(entry, "GrantSendOnBehalfTo"))}
    shown |= {name: MultiValued([one.values["LegacyExchangeDN"] for one in SHEET.read(entry, name)]) for name in _LEGACY}
    return Obj(found.types, {**found.props, **shown}, string=found.string)


def get_calendar_processing(call: Call) -> t.Iterable[Record]:
    return listed(call, owners(call), lambda entry: view(call, entry))


def set_calendar_processing(call: Call) -> t.Iterable[Record]:
    entry = owner(call)
    foreign = [name for name in OF_RESOURCES if name in call.settings]
    if foreign and entry.kind not in RESOURCES:
        raise failures.refused(f"'{foreign[0]}' can be used only on resource mailboxes.", "ResourceOnlyException", "InvalidData")
    special: dict[str, t.Callable[[t.Any], t.Any]] = {name: _ranged(name) for name in NUMBERS}
    special["AdditionalResponse"] = cleaned
    besides = {}
    if "ResourceDelegates" in call.settings:
        besides["GrantSendOnBehalfTo"] = stored(SHEET.rows["ResourceDelegates"], call.settings["ResourceDelegates"], [], call.server)
        special["ResourceDelegates"] = lambda value: []
    return SHEET.write(call, entry, SHEET.changes(call, entry, special), besides)


def _ranged(name: str) -> t.Callable[[t.Any], t.Any]:
    _, low, high = NUMBERS[name]

    def checked(value: t.Any) -> t.Any:
        if value is None or not low <= value <= high:
            raise failures.invalid(f"The value of property '{name}' must be between {low} and {high}; it is {value}.")
        return value

    return checked


HANDLERS = {"Get-CalendarProcessing": get_calendar_processing, "Set-CalendarProcessing": set_calendar_processing}
