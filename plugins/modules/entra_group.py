#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: entra_group
short_description: Manage groups of Entra ID
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Makes, changes and deletes security groups and Microsoft 365 groups of a tenant through Microsoft Graph, with their members and owners.
  - Distribution groups and mail-enabled security groups are Exchange's; see M(m365.hybrid.exchange_distribution_group).
  - A group that is synchronised from an on-premises directory is changed there, so changes of it are refused before anything is written.
options:
  identity:
    description: Display name or object ID of the group. A name that several groups have is refused; one that no group has makes a group of that name.
    type: str
    required: true
  display_name:
    description: >-
      Name of the group, to rename one that is named by its object ID or its old name. That of O(identity) when a group is made. A renamed group is found
      by this name, too.
    type: str
  mail_nickname:
    description: Mail alias. Needed to create a group.
    type: str
  description:
    description: What the group is for.
    type: str
  microsoft_365:
    description: Whether it is a Microsoft 365 group rather than a security group. Cannot be changed afterwards.
    type: bool
  security_enabled:
    description: Whether permissions can be given to the group. A new security group always can.
    type: bool
  mail_enabled:
    description: Whether the group gets mail. A new Microsoft 365 group always does.
    type: bool
  visibility:
    description: Who can see the content and members of a Microsoft 365 group.
    type: str
    choices: [public, private, hidden_membership]
  is_assignable_to_role:
    description: Whether roles of Entra ID can be given to the group. Cannot be changed afterwards.
    type: bool
  members:
    description: >-
      Members - users by principal name, groups by display name, or any object by its ID; a list, or a dictionary with V(add), V(remove) or V(set).
      They are compared by ID.
    type: raw
  owners:
    description: Owners, written as O(members). A Microsoft 365 group keeps at least one.
    type: raw
extends_documentation_fragment:
  - m365.hybrid.graph
  - m365.hybrid.resource
  - m365.hybrid.writes
"""

EXAMPLES = r"""
- name: Exactly these users pilot the new sign-in
  m365.hybrid.entra_group:
    identity: MFA pilots
    mail_nickname: mfapilots
    description: Users of the authenticator app
    members: [ada@contoso.com, grace@contoso.com]
    owners: [alan@contoso.com]

- name: One more joins, whoever else is there
  m365.hybrid.entra_group:
    identity: MFA pilots
    members:
      add: [konrad@contoso.com]
"""

RETURN = r"""
resource:
  description:
    - >-
      The group as it is after the task, by option names, with O(ignore:id), O(ignore:mail), O(ignore:group_types) and O(ignore:on_premises_sync_enabled).
    - Empty when it does not exist. Members and owners are shown when their options are given.
  returned: success
  type: dict
  sample:
    identity: MFA pilots
    id: 9d5a2a55-50a4-5d7e-9a51-6a3a9c1d7b20
    members: [ada@contoso.com, grace@contoso.com]
diff:
  description: What changed, or would change in check mode, in V(before) and V(after), by option names.
  returned: with --diff
  type: dict
  sample: {before: {}, after: {}}
warnings:
  description: What the service warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each request was made.
  returned: with -v
  type: dict
  sample: {"GET /v1.0/groups": 2, "PATCH /v1.0/groups/{}": 1}
error:
  description: What the service said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: "PATCH /v1.0/groups/{}", target: Microsoft Graph for contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._entra.group import FIELDS, Group
from ansible_collections.m365.hybrid.plugins.module_utils._entra.module import GraphModule

MODULE = GraphModule(DOCUMENTATION, kind="group", collection="/v1.0/groups", fields=FIELDS, resource_type=Group)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
