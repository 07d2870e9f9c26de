#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_calendar_processing
short_description: Manage how a mailbox answers meeting requests
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Declares how the calendar of a room, of equipment or of another mailbox that exists treats meeting requests.
  - Options that are not given stay as they are.
  - For a mailbox that is no resource O(automate_processing), O(add_new_requests_tentatively), O(process_external_meeting_messages) and
    O(resource_delegates) cannot be changed, and all others do nothing.
  - People are compared by whom they name, however a task or the server spells them. The server takes their lists whole only, so that a change
    which another administrator makes at the same moment may be lost.
options:
  identity:
    description: The mailbox, named by alias, user principal name, SMTP address, GUID or DN.
    type: str
    required: true
  automate_processing:
    description: >-
      What happens to meeting requests: V(none) - nothing; V(auto_update) - they are put into the calendar as tentative; V(auto_accept) - a
      resource answers by itself.
    type: str
    choices: [none, auto_update, auto_accept]
  all_book_in_policy:
    description: Whether requests of everybody that keep the policy are accepted.
    type: bool
  book_in_policy:
    description: Recipients whose requests are accepted when they keep the policy; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  all_request_in_policy:
    description: Whether everybody may ask the delegates with a request that keeps the policy.
    type: bool
  request_in_policy:
    description: Recipients who may ask the delegates with a request that keeps the policy; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  all_request_out_of_policy:
    description: Whether everybody may ask the delegates with a request that breaks the policy.
    type: bool
  request_out_of_policy:
    description: >-
      Recipients who may ask the delegates with a request that breaks the policy, and whose others are accepted;
      a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  resource_delegates:
    description: >-
      Recipients who decide on requests; a list, or a dictionary with V(add), V(remove) or V(set). They
      are those who may send on behalf of the mailbox, too (C(grant_send_on_behalf_to) of M(m365.hybrid.exchange_mailbox)).
    type: raw
  forward_requests_to_delegates:
    description: Whether requests are forwarded to the delegates.
    type: bool
  tentative_pending_approval:
    description: Whether a request that waits for a delegate is tentative in the calendar.
    type: bool
  add_new_requests_tentatively:
    description: Whether the Calendar Attendant puts new requests into the calendar as tentative.
    type: bool
  process_external_meeting_messages:
    description: Whether requests from outside the organization are processed.
    type: bool
  booking_window_in_days:
    description: How many days ahead the resource can be booked (0 to 1080).
    type: int
  enforce_scheduling_horizon:
    description: Whether a recurring meeting that goes beyond the booking window is declined instead of shortened.
    type: bool
  maximum_duration_in_minutes:
    description: The longest meeting in minutes; 0 for no limit (0 to 2147483647).
    type: int
  allow_recurring_meetings:
    description: Whether recurring meetings are accepted.
    type: bool
  schedule_only_during_work_hours:
    description: Whether meetings outside the mailbox's working hours are declined.
    type: bool
  allow_conflicts:
    description: Whether meetings may overlap.
    type: bool
  conflict_percentage_allowed:
    description: What percentage of a recurring meeting's dates may conflict before it is declined (0 to 100).
    type: int
  maximum_conflict_instances:
    description: How many of a recurring meeting's dates may conflict before it is declined.
    type: int
  delete_attachments:
    description: Whether attachments are removed from accepted meetings.
    type: bool
  delete_comments:
    description: Whether the text is removed from accepted meetings.
    type: bool
  delete_subject:
    description: Whether the subject is removed from accepted meetings.
    type: bool
  delete_non_calendar_items:
    description: Whether messages that are no meeting requests are removed.
    type: bool
  remove_private_property:
    description: Whether the private flag is removed from accepted meetings.
    type: bool
  remove_old_meeting_messages:
    description: Whether outdated and redundant requests and updates are removed.
    type: bool
  remove_forwarded_meeting_notifications:
    description: Whether notices of forwarded meetings are removed after they were processed.
    type: bool
  add_organizer_to_subject:
    description: Whether the subject of an accepted meeting is, or begins with, its organizer's name.
    type: bool
  organizer_info:
    description: Whether the organizer is told who has the resource when a request is declined for a conflict.
    type: bool
  enable_response_details:
    description: Whether a response gives the reasons.
    type: bool
  add_additional_response:
    description: Whether O(additional_response) is added to responses.
    type: bool
  additional_response:
    description: A text for responses. It is HTML, so a line break is C(<br>). Empty for none.
    type: str
extends_documentation_fragment:
  - m365.hybrid.exchange_anywhere
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.exchange_mailbox
"""

EXAMPLES = r"""
- name: A room that answers by itself and keeps the subject
  m365.hybrid.exchange_calendar_processing:
    identity: room1
    automate_processing: auto_accept
    delete_subject: false
    add_organizer_to_subject: false
    booking_window_in_days: 365
    maximum_duration_in_minutes: 480
    add_additional_response: true
    additional_response: "Please leave the room as you found it."

- name: Equipment that a delegate gives out
  m365.hybrid.exchange_calendar_processing:
    identity: beamer
    all_book_in_policy: false
    all_request_in_policy: true
    book_in_policy: [sales-team]
    resource_delegates: [user0@contoso.com]

- name: One more delegate
  m365.hybrid.exchange_calendar_processing:
    identity: beamer
    resource_delegates:
      add: [user1]
"""

RETURN = r"""
resource:
  description: >-
    The settings as they are after the task, by option names. People whom the task is about are named by their canonical names, others
    as the server shows them.
  returned: success
  type: dict
  sample:
    identity: room1
    automate_processing: auto_accept
    booking_window_in_days: 365
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
  sample: {Get-CalendarProcessing: 2, Get-Recipient: 1, Set-CalendarProcessing: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: NotFound, cmdlet: Get-CalendarProcessing, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange import calendar_processing, defaults
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule

MODULE = CmdletModule(
    DOCUMENTATION,
    noun="CalendarProcessing",
    defaults=defaults.CALENDAR_PROCESSING,
    key="identity",
    settings_of="mailbox",
    fields=calendar_processing.FIELDS,
    resource_type=calendar_processing.CalendarProcessing,
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
