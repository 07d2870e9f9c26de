#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ad_group
short_description: Manage groups of Active Directory
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Makes, changes, renames, moves and removes groups, with their members.
  - Members are read once, however many they are, and changed by the differences, a thousand in one operation.
  - A member that does not exist, and one that would make groups hold each other, are refused before anything is written.
  - Mail-enabled groups are Exchange's; see M(m365.hybrid.exchange_distribution_group).
options:
  identity:
    description: Distinguished name, GUID, SID or sAMAccountName of the group. A group that was renamed or moved is found by the new names, too.
    type: str
    required: true
  sam_account_name:
    description: Name before Windows 2000. If omitted, a new group gets that of O(identity), or its O(name).
    type: str
  scope:
    description: Where the group can be used, and what can be its member. A new one is V(global) if omitted.
    type: str
    choices: [global, domain_local, universal]
  category:
    description: Whether rights can be given to the group. A new one is V(security) if omitted.
    type: str
    choices: [security, distribution]
  managed_by:
    description: Who is responsible, named by DN, GUID, SID, sAMAccountName or UPN.
    type: str
  mail:
    description: Mail address that is shown. Where there is Exchange, it sets this.
    type: str
  proxy_addresses:
    description: >-
      All mail addresses; a list, or a dictionary with V(add), V(remove) or V(set). V(SMTP:) in capitals marks the primary one. An address that
      another object of the domain has is refused. Where there is Exchange, its modules set this.
    type: raw
  notes:
    description: Notes.
    type: str
  members:
    description: >-
      Members, named by DN, GUID, SID, sAMAccountName or UPN, those of another domain of the forest by DN; a list, or a dictionary with V(add), V(remove) or
      V(set). Those whose primary group this is are members without being listed.
    type: raw
extends_documentation_fragment:
  - m365.hybrid.directory
  - m365.hybrid.directory_object
  - m365.hybrid.directory_properties
  - m365.hybrid.resource
  - m365.hybrid.writes
"""

EXAMPLES = r"""
- name: Who may open the laboratory
  m365.hybrid.ad_group:
    identity: Laboratory
    scope: universal
    description: People with a key
    members: [Administrator]

- name: Administrators have one, whoever else has one
  m365.hybrid.ad_group:
    identity: Laboratory
    members:
      add: [Domain Admins]
"""

RETURN = r"""
resource:
  description: The group as it is after the task, by option names, with V(distinguished_name) and V(object_guid). Empty when it does not exist.
  returned: success
  type: dict
  sample: {identity: Laboratory, scope: universal, category: security}
diff:
  description: What changed, or would change in check mode, in V(before) and V(after), by option names.
  returned: with --diff
  type: dict
  sample: {before: {}, after: {}}
warnings:
  description: What the directory warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each operation was made.
  returned: with -v
  type: dict
  sample: {search: 2, modify: 1}
error:
  description: What the directory said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, id: "insufficientAccessRights,00002098", cmdlet: "modify CN=Keys,DC=contoso,DC=com", target: ldap on dc01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._directory.group import FIELDS, Group
from ansible_collections.m365.hybrid.plugins.module_utils._directory.module import DirectoryModule

MODULE = DirectoryModule(DOCUMENTATION, kind="group", fields=FIELDS, resource_type=Group)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
