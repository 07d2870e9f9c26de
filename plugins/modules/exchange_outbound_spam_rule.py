#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_outbound_spam_rule
short_description: Manage outbound spam filter rules of Exchange Online
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Declares for which senders an outbound spam filter policy holds, see M(m365.hybrid.exchange_outbound_spam_policy).
  - A sender must meet all conditions of a rule, and one value of each, and none of its exceptions. The first rule that fits decides; where none does, the
    default policy holds.
  - An option that is not given is left as it is; an empty list takes a condition or an exception away. A rule keeps at least one condition.
    Every list can be written as a list, or as a dictionary with V(add), V(remove) or V(set); the service gets it as a whole.
  - Recipients can be named by address, alias, name, DN or GUID, and are shown by their primary address.
options:
  name:
    description: Name of the rule.
    type: str
    required: true
  hosted_outbound_spam_filter_policy:
    description: >-
      Name of the policy that holds for the senders. It cannot be the default policy, nor one that another rule has. Needed to create a rule.
    type: str
  enabled:
    description: Whether the rule is in force. A new one is, unless the option says otherwise.
    type: bool
  priority:
    description: The rule's place, counted from V(0), which is the first one. The others make room. A new rule is the last one when the option is not given.
    type: int
  comments:
    description: A comment of up to 1024 characters.
    type: str
  from:
    description: Senders.
    type: raw
  from_member_of:
    description: Groups whose members are senders.
    type: raw
  sender_domain_is:
    description: Domains of senders' addresses.
    type: raw
  except_if_from:
    description: Senders for whom the policy does not hold.
    type: raw
  except_if_from_member_of:
    description: Groups for whose members the policy does not hold.
    type: raw
  except_if_sender_domain_is:
    description: Domains of senders' addresses for which the policy does not hold.
    type: raw
extends_documentation_fragment:
  - m365.hybrid.exchange_online
  - m365.hybrid.resource
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.exchange_outbound_spam_policy
"""

EXAMPLES = r"""
- name: A policy for those who may forward to other organizations
  m365.hybrid.exchange_outbound_spam_policy:
    name: Forwarding allowed
    auto_forwarding_mode: "on"

- name: It holds for a mailbox and for the members of a group, but not for their head
  m365.hybrid.exchange_outbound_spam_rule:
    name: Forwarding allowed
    hosted_outbound_spam_filter_policy: Forwarding allowed
    from: [info@contoso.com]
    from_member_of: [sales-team@contoso.com]
    except_if_from: [user1@contoso.com]
    priority: 0

- name: One more may forward
  m365.hybrid.exchange_outbound_spam_rule:
    name: Forwarding allowed
    from:
      add: [user0@contoso.com]

- name: Nobody may for the time being
  m365.hybrid.exchange_outbound_spam_rule:
    name: Forwarding allowed
    enabled: false

- name: The rule ends before its policy
  m365.hybrid.exchange_outbound_spam_rule:
    name: Forwarding allowed
    state: absent
"""

RETURN = r"""
resource:
  description:
    - The rule as it is after the task, by option names, with O(ignore:guid) and O(ignore:distinguished_name).
    - Empty when it does not exist.
  returned: success
  type: dict
  sample:
    name: Forwarding allowed
    hosted_outbound_spam_filter_policy: Forwarding allowed
    from: [info@contoso.com]
    enabled: true
    priority: 0
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
  sample: {Get-HostedOutboundSpamFilterRule: 2, Set-HostedOutboundSpamFilterRule: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Set-HostedOutboundSpamFilterRule, target: exchange_online of contoso.onmicrosoft.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.outbound_spam_rule import FIELDS, OutboundSpamRule

MODULE = CmdletModule(
    DOCUMENTATION,
    noun="HostedOutboundSpamFilterRule",
    fields=FIELDS,
    defaults={"enabled": True},
    resource_type=OutboundSpamRule,
    in_order=True,
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
