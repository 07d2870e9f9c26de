#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: export
short_description: Write down the objects that exist as options of their module
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Lists the objects of a resource module of this collection, in exactly the form that M(m365.hybrid.bulk) takes.
  - What was just exported changes nothing when it is given to M(m365.hybrid.bulk).
  - >-
    What the service lists is read with one call. Permissions, settings of mailboxes and members of groups are read from each object that has them, over
    several sessions at a time.
  - Permissions that are inherited, and those that an object has for itself (C(NT AUTHORITY\SELF)), are left out.
  - Of options that exclude each other, the first that is set is exported.
  - Secrets cannot be read and are never exported. A list that the server cut short is an error, never a shorter export.
  - >-
    An object that cannot be read does not stop the others, but fails the task in the end. What has nothing to export is named in RV(left_out) without
    failing it - a mailbox that nobody has opened yet, a permission of an account that does not exist any more, an object that was just removed.
options:
  module:
    description: The resource module, for example V(exchange_remote_domain).
    type: str
    required: true
  full:
    description:
      - Whether every option is exported, with what it is set to.
      - Otherwise options that are not set, or set to what the service gives a new object, are left out, and so is what takes a request for each of
        very many objects, the managers of users of Entra ID.
    type: bool
    default: false
  identity:
    description:
      - Only these objects, named as their module names them; for permissions and settings the mailboxes or recipients that have them.
      - One that does not exist fails the task.
    type: list
    elements: str
  filter:
    description:
      - Only objects that fit this OPATH filter, for example V(CustomAttribute1 -eq 'Berlin').
      - >-
        This and the selections below narrow down the list that is read. Where objects are read one by one, that is the list of mailboxes or recipients that
        have them. A cmdlet that does not know a selection refuses it.
    type: str
  organizational_unit:
    description: Only objects in this organizational unit and below it.
    type: str
  database:
    description: Only mailboxes of this database.
    type: str
  server:
    description: Only mailboxes on this server, or what the service keeps for each server, such as receive connectors.
    type: str
  folder_type:
    description:
      - Only permissions on the folder of this type, for example V(calendar); the entries name it so, whatever its name is.
      - Without it, the permissions on all folders that users see are read, with one call for each folder.
      - For M(m365.hybrid.exchange_mailbox_folder_permission) only.
    type: str
    choices: [calendar, contacts, deleted_items, drafts, inbox, journal, junk_email, notes, outbox, sent_items, tasks]
  parallel:
    description:
      - How many calls run at a time where objects are read one by one. As many as the connection's session budget C(m365_max_sessions) allows when it is
        not given, and never more.
    type: int
  domain_controller:
    description: Fully qualified name of the domain controller to read from.
    type: str
extends_documentation_fragment:
  - m365.hybrid.many
  - m365.hybrid.reads
seealso:
  - module: m365.hybrid.bulk
"""

EXAMPLES = r"""
- name: What is there?
  m365.hybrid.export:
    module: exchange_remote_domain
  register: domains

- name: Every setting of every mailbox
  m365.hybrid.export:
    module: exchange_mailbox
    full: true
  register: mailboxes

- name: Who may open the shared mailboxes?
  m365.hybrid.export:
    module: exchange_mailbox_permission
    filter: RecipientTypeDetails -eq 'SharedMailbox'
  register: permissions

- name: Who may use the calendars of two rooms?
  m365.hybrid.export:
    module: exchange_mailbox_folder_permission
    identity: [room1@contoso.com, beamer@contoso.com]
    folder_type: calendar
  register: calendars
"""

RETURN = r"""
objects:
  description: The objects, each as options of the module.
  returned: success
  type: list
  elements: dict
  sample:
    - {name: Default, domain_name: "*"}
    - {name: Partner, domain_name: partner.example, auto_forward_enabled: true}
left_out:
  description: Objects that are not part of the export, or not wholly, each with the reason.
  returned: success
  type: list
  elements: dict
  sample:
    - {object: twin.b@contoso.com, msg: the mailbox 'twin.b@contoso.com' has no calendar yet}
warnings:
  description: What the server warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each cmdlet was called.
  returned: with -v
  type: dict
  sample: {Get-RemoteDomain: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: Truncated, cmdlet: Get-Mailbox, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._core.export_task import ExportModule
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import ANYWHERE

MODULE = ExportModule(
    DOCUMENTATION,
    wires=ANYWHERE,
    constraints={"mutually_exclusive": [("identity", name) for name in ("filter", "organizational_unit")] + [("identity", "database", "server")]},
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
