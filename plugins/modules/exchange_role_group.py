#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_role_group
short_description: Manage role groups of an Exchange organization
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Declares who administers Exchange - a role group, its members, its roles, and how far they reach.
  - Roles are regular management role assignments of the group itself. Delegating assignments, and those that come from other groups, stay as they are.
  - Options that are not given stay as they are.
options:
  name:
    description: Name of the role group.
    type: str
    required: true
  state:
    description:
      - V(present) - there is such a role group.
      - V(absent) - there is none, whoever is in it. Its role assignments go with it. Exchange's built-in role groups cannot be removed.
    type: str
    choices: [present, absent]
    default: present
  bypass_security_group_manager_check:
    description: >-
      Whether a group is changed although it is managed by others. Say V(false) where the account that Ansible uses has no right to
      that; then it must be one of O(managed_by).
    type: bool
    default: true
  display_name:
    description: The name that the directory shows.
    type: str
  description:
    description: What the group is for.
    type: str
  sam_account_name:
    description: The group's name for systems before Windows 2000. Set at creation only; a name that differs is an error.
    type: str
  managed_by:
    description: >-
      Who may change the group and its members - users and security groups, named by DN, GUID, SMTP address or alias; a list, or a dictionary
      with V(add), V(remove) or V(set).
    type: raw
  members:
    description: >-
      The members - users, universal security groups and other role groups, with a mailbox or without, named by DN, GUID, SMTP address or alias;
      a list, or a dictionary with V(add), V(remove) or V(set). A list and V(set) replace all members.
    type: raw
  roles:
    description: >-
      The management roles that the members have, for example V(Mail Recipients); a list, or a dictionary with V(add), V(remove) or V(set).
      A role that is added reaches as far as the options below say; when they say nothing, as far as the group's other roles.
    type: raw
  custom_recipient_write_scope:
    description: >-
      The management scope whose recipients the members may change, for all roles of the group; V("") where the scope of each role itself shall
      decide.
    type: str
  recipient_organizational_unit_scope:
    description: >-
      The organizational unit whose recipients the members may change, for all roles of the group, for example V(contoso.com/Sales); V("") where the
      scope of each role itself shall decide.
    type: str
  custom_config_write_scope:
    description: >-
      The management scope of servers or databases that the members may change, for all roles of the group; V("") where the scope of each role
      itself shall decide.
    type: str
  linked_foreign_group:
    description: >-
      The universal security group of another forest whose members are the group's members. Set at creation only; another group is an error.
    type: str
  linked_domain_controller:
    description: A domain controller of the other forest. Needed to create a linked group, and used at creation only.
    type: str
  linked_user:
    description: The account with which the other forest is asked, where the forests do not trust each other. Used at creation only.
    type: str
  linked_password:
    description: The password of O(linked_user). Used at creation only.
    type: str
notes:
  - An export leaves out the roles of a group whose assignments reach differently far, because no option says that.
extends_documentation_fragment:
  - m365.hybrid.exchange_anywhere
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.exchange_distribution_group
  - module: m365.hybrid.exchange_mailbox
"""

EXAMPLES = r"""
- name: The help desk of one branch, limited to its organizational unit
  m365.hybrid.exchange_role_group:
    name: Help Desk Sales
    description: First line of the branch
    roles: [Mail Recipients, Reset Password]
    recipient_organizational_unit_scope: contoso.com/Sales
    members: [user1, dave]
    managed_by: [user0@contoso.com]

- name: Somebody comes and somebody goes; the other members stay
  m365.hybrid.exchange_role_group:
    name: Help Desk Sales
    members:
      add: [user2@contoso.com]
      remove: [dave]

- name: One more role, which reaches as far as the others
  m365.hybrid.exchange_role_group:
    name: Help Desk Sales
    roles:
      add: [Message Tracking]

- name: Nobody else administers recipients
  m365.hybrid.exchange_role_group:
    name: Recipient Management
    members: [Help Desk Sales]

- name: The branch is closed
  m365.hybrid.exchange_role_group:
    name: Help Desk Sales
    state: absent
"""

RETURN = r"""
resource:
  description: >-
    The role group as it is after the task, by option names, with O(ignore:guid) and O(ignore:distinguished_name), and the roles with their scope where
    O(roles) or a scope is given; empty when it does not exist.
  returned: success
  type: dict
  sample:
    name: Help Desk Sales
    members: [contoso.com/Users/User 1]
    roles: [Mail Recipients, Reset Password]
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
  sample: {Get-RoleGroup: 2, Add-RoleGroupMember: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Set-RoleGroup, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange import role_group
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule

MODULE = CmdletModule(
    DOCUMENTATION,
    noun="RoleGroup",
    instructions=("state", "bypass_security_group_manager_check"),
    fields=role_group.FIELDS,
    create_with=(
        "display_name",
        "description",
        "sam_account_name",
        "managed_by",
        "linked_foreign_group",
        "linked_domain_controller",
        "linked_user",
        "linked_password",
    ),
    resource_type=role_group.RoleGroup,
    constraints={
        "mutually_exclusive": [("custom_recipient_write_scope", "recipient_organizational_unit_scope"), ("linked_foreign_group", "members")],
        "required_together": [("linked_user", "linked_password")],
    },
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
