#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_logon_statistics_info
short_description: Who is logged on to mailboxes of Exchange Server 2010, and who was last on later versions
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Returns the sessions that C(Get-LogonStatistics) shows for mailboxes, databases or servers of Exchange Server 2010.
  - >-
    Later versions still have the cmdlet, but it has not worked since Exchange Server 2013: it fails with an error that the object could not be found, also
    for objects that exist. The module therefore looks up the version of the server in question first. On a later version it calls nothing and fails with
    the reason and the alternatives, or, with O(fallback), returns the last logon from the statistics of the mailboxes.
options:
  identity:
    description: Mailboxes, each named by alias, user principal name, SMTP address, GUID or DN.
    type: list
    elements: str
  database:
    description: All mailboxes of this database.
    type: str
  server:
    description: All mailboxes of the databases on this server.
    type: str
  fallback:
    description:
      - Return the last logon in RV(last_logons) where the server does not tell who is logged on.
      - It is the last logon of anybody or anything, also of assistants of Exchange itself, and says nothing of who is logged on now.
    type: bool
    default: false
  properties:
    description:
      - The properties to return of each session of Exchange Server 2010. RV(last_logons) always have the same properties.
      - V(account) is C(Windows2000Account), V(mailbox_legacy_dn) is C(FullMailboxDirectoryName).
      - Any other property can be named as Exchange names it, and comes as the server shows it.
    type: list
    elements: str
    default:
      - user_name
      - account
      - database
      - server_name
      - logon_time
      - last_access_time
      - application_id
      - client_name
      - client_version
      - client_ip_address
      - client_mode
      - mailbox_legacy_dn
attributes:
  platform:
    description: What the module manages.
    support: full
    platforms: Exchange Server 2010, 2013, 2016, 2019 and Subscription Edition
    details: Over endpoint C(exchange) of connection P(m365.hybrid.powershell#connection). All but 2010 with O(fallback) only.
extends_documentation_fragment:
  - m365.hybrid.exchange
  - m365.hybrid.reads
seealso:
  - module: m365.hybrid.exchange_mailbox_statistics_info
"""

EXAMPLES = r"""
- name: Who is logged on, or was last, to two mailboxes?
  m365.hybrid.exchange_logon_statistics_info:
    identity: [user0@contoso.com, user1@contoso.com]
    fallback: true
  register: logons

- name: When was each mailbox of a database last opened?
  m365.hybrid.exchange_logon_statistics_info:
    database: DB01
    fallback: true
  register: opened
"""

RETURN = r"""
logons:
  description: The sessions, each with the properties asked for. Exchange Server 2010 only.
  returned: success
  type: list
  elements: dict
  sample:
    - user_name: User 0
      account: CONTOSO\user0
      database: DB01
      logon_time: "2026-03-01T09:00:00Z"
      last_access_time: "2026-03-01T09:20:00Z"
      client_name: PC1
      client_ip_address: 10.0.0.17
last_logons:
  description: What the mailbox statistics say of the last logon to each connected mailbox. Later versions, with O(fallback).
  returned: success
  type: list
  elements: dict
  sample:
    - display_name: User 0
      mailbox_guid: e0c2f765-35af-5db5-bc58-fedfe3e447bd
      database: DB01
      server_name: EX01
      last_logon_time: "2026-03-01T09:00:00Z"
      last_logoff_time: "2026-03-01T09:20:00Z"
      last_logged_on_user_account: CONTOSO\user0
never_opened:
  description: The identities of mailboxes that nobody has opened yet. Later versions, with O(fallback).
  returned: success
  type: list
  elements: str
  sample: [beamer@contoso.com]
missing:
  description: The identities that the server proved absent.
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
  sample: {Get-ExchangeServer: 1, Get-Mailbox: 1, Get-MailboxStatistics: 1}
error:
  description: What the server said, in parts. CommandMissing when the server's version does not tell and O(fallback) is not set.
  returned: failure
  type: dict
  sample: {class: CommandMissing, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange import logons

ONE_OF_THEM = ("identity", "database", "server")

MODULE = logons.LogonModule(
    DOCUMENTATION,
    constraints={"required_one_of": [ONE_OF_THEM], "mutually_exclusive": [ONE_OF_THEM]},
    noun="LogonStatistics",
    returns="logons",
    selectors={"database": "", "server": ""},
    fields=logons.FIELDS,
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
