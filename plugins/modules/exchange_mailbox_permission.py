#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_mailbox_permission
short_description: Manage who may open a mailbox
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Declares the rights that one user or security group has on one mailbox as a whole.
  - What is managed are the mailbox's own entries for the user. Rights that come from the database or the organization are neither shown nor removed.
  - Entries that allow and entries that deny are managed apart; see O(deny).
options:
  mailbox:
    description: The mailbox, named by alias, user principal name, SMTP address, GUID or DN.
    type: str
    required: true
  user:
    description: >-
      Who has the rights - a user or a security group, named by C(DOMAIN\name), user principal name, SMTP address, alias, GUID, DN or SID.
      The server resolves the name, so it does not matter which one is given. An account that was deleted is named by its SID.
    type: str
    required: true
  state:
    description:
      - V(present) - the rights are as O(access_rights) says.
      - V(absent) - the user does not have the rights in O(access_rights), or no right at all when it is not given. A mailbox or a user that does
        not exist is no error then.
    type: str
    choices: [present, absent]
    default: present
  access_rights:
    description:
      - The rights; a list, or a dictionary with V(add), V(remove) or V(set). Needed with O(state=present).
      - V(full_access) opens the mailbox and everything in it, V(read_permission) and V(change_permission) read and change the list of rights,
        V(change_owner) takes ownership, V(delete_item) deletes the mailbox, V(external_account) marks the account of another forest.
      - An empty list takes every right away. Full access does not include the right to send as the mailbox.
    type: raw
  deny:
    description: Whether the entries that deny rights are meant, instead of those that allow them.
    type: bool
    default: false
  inheritance_type:
    description: >-
      How the rights are passed on to what is in the mailbox. When it is not given, new rights are passed on like the user's others, or to V(all).
      V(none) for V(full_access) does not open the folders.
    type: str
    choices: [none, all, descendents, self_and_children, children]
  auto_mapping:
    description: >-
      Whether Outlook opens the mailbox by itself for a user who gets V(full_access); Exchange does it when this is not said. It cannot be read, so it is
      used when rights are given and not changed afterwards. Take the right away and give it again to change it. A group's members get no mapping.
    type: bool
extends_documentation_fragment:
  - m365.hybrid.exchange_anywhere
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.exchange_mailbox
"""

EXAMPLES = r"""
- name: The assistant opens the mailbox, and Outlook does not show it by itself
  m365.hybrid.exchange_mailbox_permission:
    mailbox: user0@contoso.com
    user: CONTOSO\user1
    access_rights: [full_access]
    auto_mapping: false

- name: Full access besides whatever else the user may do
  m365.hybrid.exchange_mailbox_permission:
    mailbox: info
    user: user2@contoso.com
    access_rights: {add: [full_access]}

- name: The assistant has left
  m365.hybrid.exchange_mailbox_permission:
    mailbox: user0@contoso.com
    user: user1
    state: absent
"""

RETURN = r"""
resource:
  description: >-
    The rights as they are after the task, by option names, with the user as Exchange shows it. Empty when the user has no right and none was wanted.
  returned: success
  type: dict
  sample:
    mailbox: user0@contoso.com
    user: CONTOSO\user1
    access_rights: [full_access]
    inheritance_type: all
diff:
  description: What changed, or would change in check mode, in V(before) and V(after), by option names.
  returned: with --diff
  type: dict
  sample: {before: {access_rights: []}, after: {access_rights: [full_access]}}
warnings:
  description: What the server warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each cmdlet was called.
  returned: with -v
  type: dict
  sample: {Get-MailboxPermission: 2, Add-MailboxPermission: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Add-MailboxPermission, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange import mailbox_permission, permission

MODULE = permission.PermissionModule(
    DOCUMENTATION,
    noun="MailboxPermission",
    key="mailbox",
    instructions=("state", "user", "deny", "auto_mapping"),
    constraints={"required_if": [("state", "present", ("access_rights",))]},
    fields=mailbox_permission.FIELDS,
    resource_type=mailbox_permission.MailboxPermission,
    owner="mailbox",
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
