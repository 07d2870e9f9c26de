#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_distribution_group
short_description: Manage distribution groups of an Exchange organization
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Declares a distribution group or a mail-enabled security group, its members and who may write to it.
  - When there is no distribution group but a universal group of Active Directory that answers to O(identity), that group becomes one;
    when there is neither, it is created.
  - Options that are not given stay as they are.
options:
  identity:
    description:
      - The group, named by alias, SMTP address, name, GUID or DN.
      - A new group must answer to it too, so it is the new name, alias or primary address.
    type: str
    required: true
  state:
    description:
      - V(present) - there is such a distribution group.
      - V(disabled) - there is none. The group of Active Directory stays with its members, without its addresses.
      - V(absent) - there is none. B(The group is deleted from Active Directory), with its members and with what a security group was permitted to do.
    type: str
    choices: [present, disabled, absent]
    default: present
  bypass_security_group_manager_check:
    description: >-
      Whether a group is changed although it is managed by others. Say V(false) where the account that Ansible uses has no right to
      that; then it must be one of O(managed_by).
    type: bool
    default: true
  ignore_naming_policy:
    description: >-
      Whether a group is named as this task says although the organization has a naming policy for groups. With such a policy Exchange adds to the name of a
      new group, so that it does not answer to O(identity) unless that is its O(alias).
    type: bool
    default: false
  name:
    description: Name of the group in Active Directory.
    type: str
  type:
    description: >-
      Whether permissions can be given to the group. Exchange sets it at creation only; a type that differs is an error. A new group is a
      distribution group unless this says otherwise.
    type: str
    choices: [distribution, security]
  room_list:
    description: Whether the group is a list of rooms, which has rooms and room lists as members only. It cannot be taken back.
    type: bool
  sam_account_name:
    description: The group's name for systems before Windows 2000.
    type: str
  organizational_unit:
    description: >-
      Where the group is, for example V(contoso.com/Users), by canonical name, DN, name or GUID. It is created there; one that exists is not moved,
      and a place that differs is an error. A GUID is used at creation only.
    type: str
  members:
    description: >-
      The members, named by DN, GUID, SMTP address or alias; a list, or a dictionary with V(add), V(remove) or V(set). A list and V(set)
      replace all members. Accounts and groups of Active Directory that have no addresses can be members, too. A group that contains itself, directly or
      through other groups, is refused.
    type: raw
  managed_by:
    description: >-
      The owners of the group, named by DN, GUID, SMTP address or alias; a list, or a dictionary with V(add), V(remove) or V(set). Who creates
      a group owns it when this says nothing else.
    type: raw
  member_join_restriction:
    description: Whether people may join by themselves, not at all, or when an owner approves; the last needs O(managed_by).
    type: str
    choices: [open, closed, approval_required]
  member_depart_restriction:
    description: Whether members may leave by themselves.
    type: str
    choices: [open, closed]
  grant_send_on_behalf_to:
    description: >-
      Who may send on behalf of the group, named by DN, GUID, SMTP address or alias; a list, or a dictionary with V(add), V(remove) or
      V(set).
    type: raw
  bypass_nested_moderation_enabled:
    description: Whether groups in this group do not moderate again what was approved for this one.
    type: bool
  report_to_manager_enabled:
    description: Whether delivery reports go to the owners. Needs O(report_to_originator_enabled=false), because a new group's go to the sender.
    type: bool
  report_to_originator_enabled:
    description: Whether delivery reports go to the sender.
    type: bool
  send_oof_message_to_originator_enabled:
    description: Whether automatic replies of members go to the sender.
    type: bool
  max_send_size:
    description: The largest message that can be sent on behalf of the group, for example V(25MB) or V(unlimited).
    type: str
  max_receive_size:
    description: The largest message that can be sent to the group, for example V(25MB) or V(unlimited).
    type: str
  simple_display_name:
    description: A name in plain ASCII for systems that cannot show the other.
    type: str
extends_documentation_fragment:
  - m365.hybrid.recipient_properties
  - m365.hybrid.exchange_anywhere
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.exchange_mailbox
"""

EXAMPLES = r"""
- name: A group with owners and exactly these members
  m365.hybrid.exchange_distribution_group:
    identity: projects
    display_name: Projects
    managed_by: [user0@contoso.com]
    members: [user1, user2@contoso.com, partner@adatum.com, sales-team]
    member_join_restriction: approval_required
    require_sender_authentication_enabled: true

- name: Somebody comes and somebody goes; the other members stay
  m365.hybrid.exchange_distribution_group:
    identity: projects
    members:
      add: [user3]
      remove: [user1]

- name: Only the group itself and one more may write, and what a partner writes is moderated
  m365.hybrid.exchange_distribution_group:
    identity: projects@contoso.com
    accept_messages_only_from_senders_or_members: [projects, partner]
    moderation_enabled: true
    moderated_by: [user0]
    bypass_moderation_from_senders_or_members: [projects]

- name: A security group that permissions can be given to
  m365.hybrid.exchange_distribution_group:
    identity: finance-access
    type: security
    hidden_from_address_lists_enabled: true

- name: The project is over
  m365.hybrid.exchange_distribution_group:
    identity: projects
    state: absent
"""

RETURN = r"""
resource:
  description: >-
    The group as it is after the task, by option names, with O(ignore:guid), O(ignore:distinguished_name) and
    O(ignore:recipient_type_details), and the members where O(members) is given; empty when it does not exist.
  returned: success
  type: dict
  sample:
    identity: projects
    type: distribution
    members: [contoso.com/Users/User 1]
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
  sample: {Get-DistributionGroup: 2, Set-DistributionGroup: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Set-DistributionGroup, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange import defaults, distribution_group
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule

MODULE = CmdletModule(
    DOCUMENTATION,
    noun="DistributionGroup",
    defaults=defaults.DISTRIBUTION_GROUP,
    key="identity",
    instructions=("state", "bypass_security_group_manager_check", "ignore_naming_policy"),
    create_with=(
        "alias",
        "display_name",
        "managed_by",
        "member_depart_restriction",
        "member_join_restriction",
        "organizational_unit",
        "primary_smtp_address",
        "room_list",
        "sam_account_name",
        "type",
    ),
    fields=distribution_group.FIELDS,
    resource_type=distribution_group.DistributionGroup,
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
