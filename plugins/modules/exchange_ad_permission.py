#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_ad_permission
short_description: Manage rights on objects of Active Directory with Exchange
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Declares the rights that one user or security group has on one object of Active Directory that Exchange knows - a connector, a database, a server,
    a recipient.
  - What is managed are the object's own entries for the user. Inherited entries are neither shown nor removed.
  - Entries that allow and entries that deny are managed apart, and so are entries that are limited to a property, to a kind of children or to a kind
    of objects below; see O(deny), O(property), O(child_object_type) and O(inherited_object_type).
options:
  identity:
    description: >-
      The object, named by name, DN, canonical name or GUID; a recipient also by its SMTP address. Where several objects have one name, name the DN.
    type: str
    required: true
  user:
    description: >-
      Who has the rights - a user or a security group, named by C(DOMAIN\name), user principal name, SMTP address, alias, GUID, DN or SID, or a well-known
      one such as C(NT AUTHORITY\ANONYMOUS LOGON). The server resolves the name. An account that was deleted is named by its SID.
    type: str
    required: true
  state:
    description:
      - V(present) - the rights are as O(access_rights) and O(extended_rights) say; one that is not given stays as it is.
      - V(absent) - the user does not have the rights in O(access_rights) and O(extended_rights), or no right at all when neither is given. An object or
        a user that does not exist is no error then.
    type: str
    choices: [present, absent]
    default: present
  access_rights:
    description:
      - The rights; a list, or a dictionary with V(add), V(remove) or V(set).
      - Single rights are V(create_child), V(delete_child), V(list_children), V(self), V(read_property), V(write_property), V(delete_tree),
        V(list_object), V(extended_right), V(delete), V(read_control), V(write_dacl), V(write_owner), V(synchronize) and V(access_system_security).
      - V(generic_all), V(generic_read), V(generic_write) and V(generic_execute) stand for several of them; they are compared as what they stand for.
      - V(extended_right) stands for all extended rights; O(extended_rights) names single ones and needs nothing here.
    type: raw
  extended_rights:
    description: >-
      The extended rights, for example V(Send-As) or V(ms-Exch-SMTP-Accept-Any-Recipient); a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  deny:
    description: Whether the entries that deny rights are meant, instead of those that allow them.
    type: bool
    default: false
  property:
    description: >-
      The property, or the set of properties, to which the rights are limited, by the name that Exchange shows, for example V(Personal-Information). When
      it is not given, entries that are limited to a property are not meant.
    type: str
  child_object_type:
    description: >-
      The kind of children that may be created or deleted, by the name that Exchange shows. When it is not given, entries that are limited so are not meant.
    type: str
  inherited_object_type:
    description: >-
      The kind of objects below that get the rights, by the name that Exchange shows. When it is not given, entries that are limited so are not meant.
    type: str
  inheritance_type:
    description: >-
      To what the rights apply - the object alone (V(none)), with everything below (V(all)), or parts of that. When it is not given, new rights apply like
      the user's others, or as Exchange chooses.
    type: str
    choices: [none, all, descendents, self_and_children, children]
extends_documentation_fragment:
  - m365.hybrid.exchange
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.exchange_send_as_permission
  - module: m365.hybrid.exchange_mailbox_permission
"""

EXAMPLES = r"""
- name: The backup account receives as everybody in a database
  m365.hybrid.exchange_ad_permission:
    identity: DB01
    user: CONTOSO\user1
    extended_rights: {add: [Receive-As]}

- name: The help desk maintains addresses and telephone numbers of an account
  m365.hybrid.exchange_ad_permission:
    identity: user0@contoso.com
    user: user2@contoso.com
    access_rights: [read_property, write_property]
    property: Personal-Information

- name: The backup account no longer reads the database's mailboxes
  m365.hybrid.exchange_ad_permission:
    identity: DB01
    user: CONTOSO\user1
    extended_rights: [Receive-As]
    state: absent
"""

RETURN = r"""
resource:
  description: The rights as they are after the task, by option names, with the user as Exchange shows it; empty when the user has none and none was wanted.
  returned: success
  type: dict
  sample:
    identity: DB01
    user: CONTOSO\user1
    access_rights: []
    extended_rights: [Receive-As]
    inheritance_type: all
diff:
  description: What changed, or would change in check mode, in V(before) and V(after), by option names.
  returned: with --diff
  type: dict
  sample: {before: {extended_rights: []}, after: {extended_rights: [Receive-As]}}
warnings:
  description: What the server warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each cmdlet was called.
  returned: with -v
  type: dict
  sample: {Get-ADPermission: 2, Add-ADPermission: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Add-ADPermission, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange import ad_permission

MODULE = ad_permission.AdPermissionModule(
    DOCUMENTATION,
    noun="ADPermission",
    key="identity",
    instructions=("state", "user", "deny", "property", "child_object_type", "inherited_object_type"),
    constraints={
        "required_if": [("state", "present", ("access_rights", "extended_rights"), True)],
        "mutually_exclusive": [("property", "child_object_type", "extended_rights")],
    },
    fields=ad_permission.FIELDS,
    resource_type=ad_permission.AdPermission,
    owner="identity",
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
