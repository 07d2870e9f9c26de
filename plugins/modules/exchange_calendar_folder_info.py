#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_calendar_folder_info
short_description: List how calendars are published
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Returns of one calendar of each mailbox whether and how it is published, and its address.
  - Without O(folder) it is the mailbox's own calendar, whatever its name is in the user's language.
options:
  identity:
    description: The mailboxes, each named by alias, user principal name, SMTP address, GUID or DN.
    type: list
    elements: str
    required: true
  folder:
    description: Another calendar, as a path below the top of each mailbox, for example V(Calendar\\Team) or V(Calendar/Team).
    type: str
  properties:
    description:
      - The properties to return, as options of M(m365.hybrid.exchange_calendar_folder) or as Exchange names them.
    type: list
    elements: str
    default:
      - identity
      - publish_enabled
      - searchable_url_enabled
      - detail_level
      - publish_date_range_from
      - publish_date_range_to
      - published_calendar_url
      - published_ical_url
extends_documentation_fragment:
  - m365.hybrid.exchange_anywhere
  - m365.hybrid.reads
seealso:
  - module: m365.hybrid.exchange_calendar_folder
  - module: m365.hybrid.exchange_mailbox_info
"""

EXAMPLES = r"""
- name: All mailboxes of users
  m365.hybrid.exchange_mailbox_info:
    recipient_type_details: [user_mailbox]
    properties: [primary_smtp_address]
  register: users

- name: Which calendars can be seen from outside?
  m365.hybrid.exchange_calendar_folder_info:
    identity: [user0@contoso.com, user1@contoso.com, beamer]
  register: calendars
"""

RETURN = r"""
calendars:
  description: The calendars, each with the properties asked for and with C(mailbox), which is the mailbox as the task names it.
  returned: success
  type: list
  elements: dict
  sample:
    - mailbox: user0@contoso.com
      identity: contoso.com/Users/User 0:\\Calendar
      publish_enabled: false
      detail_level: availability_only
missing:
  description: The mailboxes that the server proved absent, and those that have no such calendar yet.
  returned: success
  type: list
  elements: str
  sample: [perhaps@contoso.com]
warnings:
  description: What the server warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each cmdlet was called.
  returned: with -v
  type: dict
  sample: {Get-MailboxCalendarFolder: 3, Get-MailboxFolderStatistics: 3}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Get-MailboxCalendarFolder, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange import calendar_folder

MODULE = calendar_folder.CalendarFolderInfo(
    DOCUMENTATION,
    noun="MailboxCalendarFolder",
    returns="calendars",
    fields=calendar_folder.SHOWN,
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
