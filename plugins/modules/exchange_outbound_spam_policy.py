#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_outbound_spam_policy
short_description: Manage outbound spam filter policies of Exchange Online
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Declares how much a sender may send, what becomes of one who sends too much, and whether messages are forwarded automatically to other organizations.
  - >-
    A policy holds for the senders that its rule names, see M(m365.hybrid.exchange_outbound_spam_rule). A policy without a rule holds for nobody and is not
    shown in the admin center.
  - >-
    The policy V(Default) holds for everybody else. It cannot be removed. To let somebody forward to other organizations, leave it closed, and make a policy
    with O(auto_forwarding_mode=on) and a rule for these senders.
options:
  name:
    description: Name of the policy.
    type: str
    required: true
  auto_forwarding_mode:
    description:
      - Whether messages are forwarded automatically to other organizations - by a forwarding address of a mailbox, by inbox rules, or otherwise. Forwarding
        within the organization is not affected.
      - >-
        V(automatic) leaves it to the service, which once took it for V(on) and takes it for V(off) in all organizations since. With V(off) the sender of a
        message that would be forwarded gets a report that it was not delivered.
    type: str
    choices: ["automatic", "on", "off"]
  recipient_limit_external_per_hour:
    description: How many recipients outside the organization a sender may have within an hour, up to V(10000); V(0) is the limit of the service.
    type: int
  recipient_limit_internal_per_hour:
    description: How many recipients in the organization a sender may have within an hour, up to V(10000); V(0) is the limit of the service.
    type: int
  recipient_limit_per_day:
    description: How many recipients a sender may have within a day, up to V(10000); V(0) is the limit of the service.
    type: int
  action_when_threshold_reached:
    description: >-
      What becomes of a sender who reaches a limit. V(alert) only raises an alert, V(block_user_for_today) blocks until the next day, V(block_user) until
      an administrator releases the sender.
    type: str
    choices: [alert, block_user_for_today, block_user]
  bcc_suspicious_outbound_mail:
    description: Whether suspicious messages are also sent, as a blind copy, to O(bcc_suspicious_outbound_additional_recipients).
    type: bool
  bcc_suspicious_outbound_additional_recipients:
    description: Addresses that get copies of suspicious messages; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  notify_outbound_spam:
    description: >-
      Whether O(notify_outbound_spam_recipients) are told of senders who were blocked. Microsoft recommends the alert policy C(User restricted from sending
      email) instead.
    type: bool
  notify_outbound_spam_recipients:
    description: Addresses of those who are told; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  admin_display_name:
    description: A description of the policy.
    type: str
extends_documentation_fragment:
  - m365.hybrid.exchange_online
  - m365.hybrid.resource
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.exchange_outbound_spam_rule
  - module: m365.hybrid.exchange_remote_domain
  - module: m365.hybrid.exchange_mailbox
"""

EXAMPLES = r"""
- name: Nobody forwards to other organizations, unless another policy says so
  m365.hybrid.exchange_outbound_spam_policy:
    name: Default
    auto_forwarding_mode: "off"

- name: Some may, and are blocked when they send too much
  m365.hybrid.exchange_outbound_spam_policy:
    name: Forwarding allowed
    auto_forwarding_mode: "on"
    recipient_limit_external_per_hour: 200
    recipient_limit_per_day: 500
    action_when_threshold_reached: block_user
    notify_outbound_spam: true
    notify_outbound_spam_recipients: [security@contoso.com]

- name: One more is told
  m365.hybrid.exchange_outbound_spam_policy:
    name: Forwarding allowed
    notify_outbound_spam_recipients:
      add: [postmaster@contoso.com]

- name: The policy is not needed any more
  m365.hybrid.exchange_outbound_spam_policy:
    name: Forwarding allowed
    state: absent
"""

RETURN = r"""
resource:
  description:
    - The policy as it is after the task, by option names, with O(ignore:guid), O(ignore:distinguished_name) and O(ignore:is_default).
    - Empty when it does not exist.
  returned: success
  type: dict
  sample:
    name: Forwarding allowed
    auto_forwarding_mode: "on"
    recipient_limit_per_day: 500
    is_default: false
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
  sample: {Get-HostedOutboundSpamFilterPolicy: 2, Set-HostedOutboundSpamFilterPolicy: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Set-HostedOutboundSpamFilterPolicy, target: exchange_online of contoso.onmicrosoft.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.outbound_spam_policy import DEFAULTS, FIELDS, OutboundSpamPolicy

MODULE = CmdletModule(
    DOCUMENTATION,
    noun="HostedOutboundSpamFilterPolicy",
    fields=FIELDS,
    create_with=(
        *("auto_forwarding_mode", "recipient_limit_external_per_hour", "recipient_limit_internal_per_hour", "recipient_limit_per_day"),
        *("action_when_threshold_reached", "bcc_suspicious_outbound_mail", "bcc_suspicious_outbound_additional_recipients"),
        *("notify_outbound_spam", "notify_outbound_spam_recipients", "admin_display_name"),
    ),
    defaults=DEFAULTS,
    resource_type=OutboundSpamPolicy,
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
