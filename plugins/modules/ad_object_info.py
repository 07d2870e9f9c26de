#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ad_object_info
short_description: Read objects of Active Directory
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Returns objects of any class, by name or by a filter, with the attributes asked for.
  - Lists of any length come complete, as do attributes with thousands of values.
  - Values are typed by the schema - numbers, true and false, GUIDs and SIDs in their usual spelling, times as ISO 8601 in UTC, octets in base64. A time that
    is not set or has no end is V(never).
  - Passwords and their like are never returned.
options:
  identity:
    description: Names of objects - DN, GUID, SID, sAMAccountName or UPN. Those that are not there are returned in RV(ignore:missing).
    type: list
    elements: str
  filter:
    description: Filter of RFC 4515, for example V((&(objectClass=user\)(department=Sales\)\)). All objects if neither this nor O(identity) is given.
    type: str
  search_base:
    description: >-
      Distinguished name below which to look, V(configuration) or V(schema) for these partitions, or an empty text for the server's own description with
      O(scope=base). The domain if omitted.
    type: str
  scope:
    description: Whether to look at O(search_base) itself, right below it, or at all that is below it.
    type: str
    choices: [base, onelevel, subtree]
    default: subtree
  attributes:
    description: Attributes to return. V(*) is all that are set, but for those that the server computes only when they are named.
    type: list
    elements: str
    default: [objectClass, objectGUID, name]
  include_deleted:
    description: Whether to look among removed objects, too.
    type: bool
    default: false
  limit:
    description: How many objects to return at the most. A warning says when there are more.
    type: int
extends_documentation_fragment:
  - m365.hybrid.directory
  - m365.hybrid.reads
"""

EXAMPLES = r"""
- name: Who works in sales
  m365.hybrid.ad_object_info:
    filter: (&(objectCategory=person)(objectClass=user)(department=Sales))
    attributes: [displayName, mail, manager]

- name: Two accounts with all that is known of them
  m365.hybrid.ad_object_info:
    identity: [Administrator, Guest]
    attributes: ["*"]
"""

RETURN = r"""
objects:
  description: Objects, each with V(dn) and the attributes asked for that it has. An attribute that the schema gives one value is that value, any other a list.
  returned: success
  type: list
  elements: dict
  sample: [{dn: "CN=Ada,CN=Users,DC=contoso,DC=com", displayName: Ada Lovelace, objectGUID: 4b1e1a2c-55e0-4f3a-9a26-0d0f5d7c1f10}]
missing:
  description: The identities that the directory proved absent.
  returned: success
  type: list
  elements: str
  sample: [perhaps]
warnings:
  description: What the directory warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each operation was made.
  returned: with -v
  type: dict
  sample: {search: 2}
error:
  description: What the directory said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, id: "insufficientAccessRights,00002098", cmdlet: "search the domain", target: ldap on dc01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._directory.object_info import ObjectInfo

MODULE = ObjectInfo(DOCUMENTATION)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
