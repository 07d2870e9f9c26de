#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_calendar_folder
short_description: Manage how a calendar is published
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Declares whether, how far and in how much detail a calendar of a mailbox can be seen by people outside the organization who have its address.
  - Options that are not given stay as they are.
  - Without O(folder) it is the mailbox's own calendar, whatever its name is in the user's language.
  - A calendar is not published beyond what the mailbox's sharing policy permits for C(Anonymous), and not where no virtual directory of
    Outlook on the web has an external URL with anonymous features enabled.
  - What is published and how can be changed only for a calendar that is published, or with O(publish_enabled=true).
options:
  identity:
    description: The mailbox, named by alias, user principal name, SMTP address, GUID or DN.
    type: str
    required: true
  folder:
    description: Another calendar of the mailbox, as a path below its top, for example V(Calendar\\Team) or V(Calendar/Team).
    type: str
  publish_enabled:
    description: Whether the calendar is published.
    type: bool
  searchable_url_enabled:
    description: >-
      Whether the calendar's address can be found and guessed; otherwise only those who were told it know it. With V(full_details) it
      needs O(accept_full_details), too.
    type: bool
  detail_level:
    description: >-
      What can be seen - V(availability_only), with subject and place (V(limited_details)), or everything (V(full_details)), which
      O(accept_full_details) must acknowledge.
    type: str
    choices: [availability_only, limited_details, full_details]
  accept_full_details:
    description: Acknowledges that whoever has the address sees everything in the calendar. Needed for a task that publishes with V(full_details).
    type: bool
  publish_date_range_from:
    description: How far the published past goes back.
    type: str
    choices: [one_day, three_days, one_week, one_month, three_months, six_months, one_year]
  publish_date_range_to:
    description: How far the published future goes.
    type: str
    choices: [one_day, three_days, one_week, one_month, three_months, six_months, one_year]
  reset_url:
    description: >-
      Gives the published calendar a new address, so that the old one leads nowhere. B(Every run of the task makes another one.) Only for a
      calendar that is published already and not searchable.
    type: bool
  use_https:
    description: >-
      Whether the calendar's address begins with C(https). Exchange makes C(http) addresses unless it is told otherwise, and changes none that there
      is: for a calendar that is published already it needs O(reset_url=true). Exchange Server 2016 and later.
    type: bool
extends_documentation_fragment:
  - m365.hybrid.exchange_anywhere
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.exchange_calendar_folder_info
  - module: m365.hybrid.exchange_mailbox
"""

EXAMPLES = r"""
- name: Partners may see when the team is free
  m365.hybrid.exchange_calendar_folder:
    identity: info
    publish_enabled: true
    detail_level: availability_only
    publish_date_range_from: one_month
    publish_date_range_to: six_months
    use_https: true
  register: calendar

- name: The address has come to the wrong people
  m365.hybrid.exchange_calendar_folder:
    identity: info
    reset_url: true

- name: Another calendar of the same mailbox is not published
  m365.hybrid.exchange_calendar_folder:
    identity: info
    folder: Calendar/Team
    publish_enabled: false
"""

RETURN = r"""
resource:
  description: >-
    The settings as they are after the task, by option names, with C(published_calendar_url) and C(published_ical_url), which are
    null where the calendar is not published.
  returned: success
  type: dict
  sample:
    identity: info
    publish_enabled: true
    detail_level: availability_only
    published_calendar_url: https://mail.contoso.com/owa/calendar/6f1a2f0e@contoso.com/1b2c3d4e/calendar.html
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
  sample: {Get-Mailbox: 1, Get-MailboxCalendarFolder: 2, Get-MailboxFolderStatistics: 1, Get-OwaVirtualDirectory: 1, Set-MailboxCalendarFolder: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: NotFound, cmdlet: Get-MailboxCalendarFolder, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange import calendar_folder, defaults
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule

MODULE = CmdletModule(
    DOCUMENTATION,
    noun="MailboxCalendarFolder",
    defaults=defaults.CALENDAR_FOLDER,
    key="identity",
    settings_of="calendar",
    instructions=("folder", "accept_full_details"),
    fields=calendar_folder.FIELDS,
    resource_type=calendar_folder.CalendarFolder,
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
