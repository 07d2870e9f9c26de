#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_auto_reply
short_description: Manage the automatic replies of a mailbox
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Declares whether a mailbox that exists replies by itself, to whom, when and what.
  - Options that are not given stay as they are.
  - What happens to meetings meanwhile (C(CreateOOFEvent), C(AutoDeclineFutureRequestsWhenOOF) and the like) can be set in Exchange Online
    only; servers take it and do nothing.
  - Messages are HTML, and are compared by what a reader sees - Exchange puts a document around a text and writes tags its own way.
options:
  identity:
    description: The mailbox, named by alias, user principal name, SMTP address, GUID or DN.
    type: str
    required: true
  auto_reply_state:
    description:
      - Whether automatic replies are sent; V(scheduled) - from O(start_time) to O(end_time) only.
      - A mailbox that has no schedule yet needs both with V(scheduled), because every mailbox shows times that nobody has set.
    type: str
    choices: [enabled, disabled, scheduled]
  start_time:
    description: When scheduled replies begin, for example V(2026-12-24T12:00:00+01:00). A time without zone is UTC.
    type: str
  end_time:
    description: When scheduled replies end. An end that has passed is refused, unless the mailbox has it already.
    type: str
  internal_message:
    description: The reply to senders inside the organization. It is HTML, so a line break is C(<br>). Empty for none.
    type: str
  external_message:
    description: The reply to senders outside the organization. It is HTML, so a line break is C(<br>). Empty for none.
    type: str
  external_audience:
    description: >-
      Which senders outside the organization get a reply; V(known) - those in the user's contacts. No reply leaves the organization where
      the mailbox has C(external_oof_options=internal_only) or the sender's remote domain forbids it.
    type: str
    choices: [none, known, all]
extends_documentation_fragment:
  - m365.hybrid.exchange_anywhere
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.exchange_mailbox
  - module: m365.hybrid.exchange_remote_domain
"""

EXAMPLES = r"""
- name: Closed over the holidays
  m365.hybrid.exchange_auto_reply:
    identity: info
    auto_reply_state: scheduled
    start_time: "2098-12-24T12:00:00+01:00"
    end_time: "2099-01-02T08:00:00+01:00"
    internal_message: We are back on 2 January.
    external_message: "Dear customer,<br>we are back on 2 January."
    external_audience: all

- name: A colleague has left
  m365.hybrid.exchange_auto_reply:
    identity: user0@contoso.com
    auto_reply_state: enabled
    internal_message: "Please write to <a href=\"mailto:info@contoso.com\">info</a>."
    external_audience: none

- name: No replies any more
  m365.hybrid.exchange_auto_reply:
    identity: user0@contoso.com
    auto_reply_state: disabled
"""

RETURN = r"""
resource:
  description: The settings as they are after the task, by option names; messages without the HTML document around them, times in UTC.
  returned: success
  type: dict
  sample:
    identity: info
    auto_reply_state: scheduled
    start_time: "2098-12-24T11:00:00Z"
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
  sample: {Get-MailboxAutoReplyConfiguration: 2, Set-MailboxAutoReplyConfiguration: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: NotFound, cmdlet: Get-MailboxAutoReplyConfiguration, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange import auto_reply, defaults
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule

MODULE = CmdletModule(
    DOCUMENTATION,
    noun="MailboxAutoReplyConfiguration",
    defaults=defaults.AUTO_REPLY,
    key="identity",
    settings_of="mailbox",
    fields=auto_reply.FIELDS,
    resource_type=auto_reply.AutoReply,
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
