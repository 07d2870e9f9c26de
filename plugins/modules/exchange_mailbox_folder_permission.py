#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_mailbox_folder_permission
short_description: Manage who may use a folder of a mailbox
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Declares the rights that one user or security group has on one folder of a mailbox, for example on a calendar.
  - Rights on a folder do not extend to the folders in it.
  - Who sees private items and gets meeting requests as a delegate is not said by rights; on-premises the cmdlets have no parameter for it.
options:
  mailbox:
    description: The mailbox, named by alias, user principal name, SMTP address, GUID or DN.
    type: str
    required: true
  folder:
    description: >-
      The folder's path, as it is named in this mailbox, with backslashes between folders, for example V(Calendar) or V(\\Inbox\\Orders). A single
      backslash is the topmost folder.
    type: str
  folder_type:
    description: >-
      Which of the folders that every mailbox has is meant. Use it instead of O(folder), because its name depends on the language in which the mailbox was
      first opened. It costs one more call, C(Get-MailboxFolderStatistics).
    type: str
    choices: [calendar, contacts, deleted_items, drafts, inbox, journal, junk_email, notes, outbox, sent_items, tasks]
  user:
    description:
      - Who has the rights - a user or a mail-enabled security group, named by user principal name, SMTP address, alias, GUID or DN. The server resolves
        the name.
      - The entry of an account that was deleted is named as Exchange shows it, for example C(NT User:S-1-5-21-1004336348-1177238915-682003330-1234).
      - V(Default) stands for everybody in the organization who has no entry, V(Anonymous) for everybody else.
    type: str
    required: true
  state:
    description:
      - V(present) - the rights are as O(access_rights) says.
      - V(absent) - the user does not have the rights in O(access_rights), or has no entry when it is not given, so that the rights of V(Default) hold. A
        mailbox, a folder or a user that does not exist is no error then.
    type: str
    choices: [present, absent]
    default: present
  access_rights:
    description:
      - The rights; a list, or a dictionary with V(add), V(remove) or V(set). Needed with O(state=present).
      - Roles are V(owner), V(publishing_editor), V(editor), V(publishing_author), V(author), V(non_editing_author), V(reviewer) and V(contributor).
      - Single rights are V(create_items), V(create_subfolders), V(delete_all_items), V(delete_owned_items), V(edit_all_items), V(edit_owned_items),
        V(folder_contact), V(folder_owner), V(folder_visible) and V(read_items). A role is compared as the rights that it stands for.
      - On a calendar also V(availability_only) and V(limited_details), which show when the owner is busy, and with what.
      - V(none) is an entry without rights. An empty list removes the entry, except that V(Default) and V(Anonymous) then have V(none).
    type: raw
extends_documentation_fragment:
  - m365.hybrid.exchange_anywhere
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.exchange_mailbox_permission
"""

EXAMPLES = r"""
- name: Everybody sees what the appointments in the room are about, whatever language its calendar speaks
  m365.hybrid.exchange_mailbox_folder_permission:
    mailbox: room1@contoso.com
    folder_type: calendar
    user: Default
    access_rights: [limited_details]

- name: The assistant keeps the calendar
  m365.hybrid.exchange_mailbox_folder_permission:
    mailbox: user0
    folder: Calendar
    user: user1@contoso.com
    access_rights: [editor]

- name: The assistant may make folders in it as well
  m365.hybrid.exchange_mailbox_folder_permission:
    mailbox: user0
    folder_type: calendar
    user: user1@contoso.com
    access_rights: {add: [create_subfolders]}

- name: The assistant has left
  m365.hybrid.exchange_mailbox_folder_permission:
    mailbox: user0
    folder_type: calendar
    user: user1@contoso.com
    state: absent
"""

RETURN = r"""
resource:
  description: The rights as they are after the task, by option names, with the user as Exchange shows it; empty when there is no entry and none was wanted.
  returned: success
  type: dict
  sample:
    mailbox: user0
    user: User 1
    access_rights: [editor]
diff:
  description: What changed, or would change in check mode, in V(before) and V(after), by option names.
  returned: with --diff
  type: dict
  sample: {before: {access_rights: [reviewer]}, after: {access_rights: [editor]}}
warnings:
  description: What the server warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each cmdlet was called.
  returned: with -v
  type: dict
  sample: {Get-MailboxFolderStatistics: 1, Get-MailboxFolderPermission: 2, Set-MailboxFolderPermission: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Set-MailboxFolderPermission, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange import folder_permission

MODULE = folder_permission.FolderPermissionModule(
    DOCUMENTATION,
    noun="MailboxFolderPermission",
    key="mailbox",
    instructions=("state", "user", "folder", "folder_type"),
    constraints={
        "required_if": [("state", "present", ("access_rights",))],
        "required_one_of": [("folder", "folder_type")],
        "mutually_exclusive": [("folder", "folder_type")],
    },
    fields=folder_permission.FIELDS,
    resource_type=folder_permission.FolderPermission,
    owner="mailbox",
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
