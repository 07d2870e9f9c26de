#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_email_address_policy
short_description: Manage email address policies of an Exchange organization
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Declares which addresses new and changed recipients get, and for which recipients.
  - The default policy has no place, and its recipients cannot be changed.
  - Exchange Online has such policies for Microsoft 365 groups only; see O(include_unified_group_recipients).
options:
  name:
    description: Name of the policy.
    type: str
    required: true
  enabled_email_address_templates:
    description: >-
      The addresses that recipients get, for example V(SMTP:%g.%s@contoso.com) for the primary one and V(smtp:%m@contoso.com) for another; a list, or
      a dictionary with V(add), V(remove) or V(set).
    type: raw
  enabled_primary_smtp_address_template:
    description: The primary address alone, for example V(%g.%s@contoso.com) or V(@contoso.com). Other templates stay.
    type: str
  disabled_email_address_templates:
    description: Templates that are kept but give no addresses; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  included_recipients:
    description: >-
      The kinds of recipients that the policy is for, out of V(all_recipients), V(mailbox_users), V(mail_contacts), V(mail_groups), V(mail_users) and
      V(resources); a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  recipient_filter:
    description: >-
      An OPATH filter of your own, instead of O(included_recipients) and the conditions, for example V(Department -eq 'Sales'). Empty in results where
      Exchange made it of these.
    type: str
  recipient_container:
    description: >-
      The organizational unit whose recipients the policy is for, by its canonical or distinguished name, for example V(contoso.com/Sales); empty for all.
    type: str
  conditional_company:
    description: Only recipients with one of these values as their company; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  conditional_department:
    description: Only recipients with one of these values as their department; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  conditional_state_or_province:
    description: Only recipients with one of these values as their state or province; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  conditional_custom_attribute_1:
    description: Only recipients with one of these values as custom attribute 1; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  conditional_custom_attribute_2:
    description: Only recipients with one of these values as custom attribute 2; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  conditional_custom_attribute_3:
    description: Only recipients with one of these values as custom attribute 3; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  conditional_custom_attribute_4:
    description: Only recipients with one of these values as custom attribute 4; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  conditional_custom_attribute_5:
    description: Only recipients with one of these values as custom attribute 5; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  conditional_custom_attribute_6:
    description: Only recipients with one of these values as custom attribute 6; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  conditional_custom_attribute_7:
    description: Only recipients with one of these values as custom attribute 7; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  conditional_custom_attribute_8:
    description: Only recipients with one of these values as custom attribute 8; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  conditional_custom_attribute_9:
    description: Only recipients with one of these values as custom attribute 9; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  conditional_custom_attribute_10:
    description: Only recipients with one of these values as custom attribute 10; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  conditional_custom_attribute_11:
    description: Only recipients with one of these values as custom attribute 11; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  conditional_custom_attribute_12:
    description: Only recipients with one of these values as custom attribute 12; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  conditional_custom_attribute_13:
    description: Only recipients with one of these values as custom attribute 13; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  conditional_custom_attribute_14:
    description: Only recipients with one of these values as custom attribute 14; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  conditional_custom_attribute_15:
    description: Only recipients with one of these values as custom attribute 15; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  include_unified_group_recipients:
    description: >-
      Exchange Online - the policy is for Microsoft 365 groups. Needed to make one there. It cannot be read, so it is used when the policy is made and
      not compared afterwards.
    type: bool
  managed_by_filter:
    description: >-
      Exchange Online - an OPATH filter for the users who make groups, for example V(Department -eq 'Students'); the policy is for the groups that
      they make. It cannot be changed.
    type: str
  priority:
    description: >-
      The policy's place; a recipient gets its addresses from the first one that is for it. The others make room. A new policy is the last one before
      the default policy.
    type: int
  applied:
    description: >-
      With V(true), a policy that was changed, or not applied yet, is applied to its recipients. That takes its time in a large organization; V(false)
      does nothing.
    type: bool
extends_documentation_fragment:
  - m365.hybrid.exchange_anywhere
  - m365.hybrid.resource
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.exchange_accepted_domain
"""

EXAMPLES = r"""
- name: Sales has addresses of its own
  m365.hybrid.exchange_email_address_policy:
    name: Sales
    enabled_email_address_templates: ["SMTP:%g.%s@fabrikam.com", "smtp:%m@contoso.com"]
    included_recipients: [mailbox_users]
    conditional_department: [Sales]
    priority: 1
    applied: true

- name: A policy with a filter of its own
  m365.hybrid.exchange_email_address_policy:
    name: Rooms
    enabled_primary_smtp_address_template: "%m@contoso.com"
    recipient_filter: RecipientTypeDetails -eq 'RoomMailbox'
"""

RETURN = r"""
resource:
  description:
    - The policy as it is after the task, by option names, with V(recipient_filter_type), O(ignore:guid) and O(ignore:distinguished_name).
    - Empty when it does not exist.
  returned: success
  type: dict
  sample:
    name: Sales
    priority: 1
    applied: true
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
  sample: {Get-EmailAddressPolicy: 2, Set-EmailAddressPolicy: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Set-EmailAddressPolicy, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange.email_address_policy import CONDITIONS, CREATE_WITH, FIELDS, EmailAddressPolicy
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule

MODULE = CmdletModule(
    DOCUMENTATION,
    constraints={
        "mutually_exclusive": [
            ("enabled_email_address_templates", "enabled_primary_smtp_address_template"),
            *(("recipient_filter", name) for name in ("included_recipients", *CONDITIONS)),
            ("include_unified_group_recipients", "included_recipients"),
            ("include_unified_group_recipients", "recipient_filter"),
        ]
    },
    noun="EmailAddressPolicy",
    fields=FIELDS,
    create_with=CREATE_WITH,
    resource_type=EmailAddressPolicy,
    in_order=True,
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
