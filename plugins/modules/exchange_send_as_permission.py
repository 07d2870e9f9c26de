#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_send_as_permission
short_description: Manage who may send as a recipient
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Declares whether one user or security group may send messages as a mailbox, a group or another recipient of the organization.
  - On-premises that is the extended right Send As on the recipient's object in Active Directory, in Exchange Online a permission of the recipient
    (C(Add-RecipientPermission)). Inherited entries are neither shown nor removed.
  - An account with all rights on the object, or all extended rights, may send as the recipient too; such entries are not this module's affair,
    see M(m365.hybrid.exchange_ad_permission).
  - Exchange caches rights, so it can take up to two hours until a change has an effect.
options:
  identity:
    description: The recipient, named by alias, user principal name, SMTP address, GUID, DN or canonical name.
    type: str
    required: true
  user:
    description: >-
      Who has the right - a user or a security group, named by C(DOMAIN\name), user principal name, SMTP address, alias, GUID, DN or SID.
      The server resolves the name, so it does not matter which one is given. An account that was deleted is named by its SID.
    type: str
    required: true
  state:
    description:
      - V(present) - there is such an entry.
      - V(absent) - there is none. A recipient or a user that does not exist is no error then.
    type: str
    choices: [present, absent]
    default: present
  deny:
    description: >-
      Whether an entry is meant that denies the right, instead of one that allows it. Exchange Online makes no such entries; there they can be removed only.
    type: bool
    default: false
  inheritance_type:
    description: >-
      To what the entry applies. When it is not given, it is left as it is, and Exchange chooses for a new one. It makes no difference for a mailbox.
      Exchange Online has no such setting.
    type: str
    choices: [none, all, descendents, self_and_children, children]
extends_documentation_fragment:
  - m365.hybrid.exchange_anywhere
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.exchange_mailbox_permission
"""

EXAMPLES = r"""
- name: The team sends as the shared mailbox
  m365.hybrid.exchange_send_as_permission:
    identity: info@contoso.com
    user: CONTOSO\user1

- name: The assistant has left
  m365.hybrid.exchange_send_as_permission:
    identity: info@contoso.com
    user: user1@contoso.com
    state: absent
"""

RETURN = r"""
resource:
  description: The entry as it is after the task, with the user as Exchange shows it and the right in C(extended_rights); empty when there is none.
  returned: success
  type: dict
  sample:
    identity: info@contoso.com
    user: CONTOSO\user1
    extended_rights: [Send-As]
    inheritance_type: all
diff:
  description: What changed, or would change in check mode, in V(before) and V(after).
  returned: with --diff
  type: dict
  sample: {before: {extended_rights: []}, after: {extended_rights: [Send-As]}}
warnings:
  description: What the server warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each cmdlet was called.
  returned: with -v
  type: dict
  sample: {Get-Recipient: 1, Get-ADPermission: 2, Add-ADPermission: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Add-ADPermission, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange import permission, send_as

MODULE = permission.PermissionModule(
    DOCUMENTATION,
    noun="ADPermission",
    key="identity",
    instructions=("state", "user", "deny"),
    resource_type=send_as.SendAsPermission,
    owner="identity",
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
