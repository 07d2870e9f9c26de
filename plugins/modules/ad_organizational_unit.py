#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ad_organizational_unit
short_description: Manage organizational units of Active Directory
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Makes, changes, renames, moves and removes organizational units.
  - A new unit is protected from accidental deletion, unless O(protected_from_deletion=false) says otherwise; a protected one is not removed.
options:
  identity:
    description: >-
      Distinguished name or GUID of the unit, or its name where only one unit of the domain has it. A new one is best named by the distinguished
      name that it shall have; a plain name makes it right below the domain, or in O(path).
    type: str
    required: true
  managed_by:
    description: Who is responsible, named by DN, GUID, SID, sAMAccountName or UPN.
    type: str
  street_address:
    description: Street and number.
    type: str
  city:
    description: City.
    type: str
  state_or_province:
    description: State or province.
    type: str
  postal_code:
    description: Postal code.
    type: str
  country:
    description: Country, as the two letters of ISO 3166.
    type: str
extends_documentation_fragment:
  - m365.hybrid.directory
  - m365.hybrid.directory_object
  - m365.hybrid.directory_properties
  - m365.hybrid.resource
  - m365.hybrid.writes
"""

EXAMPLES = r"""
- name: A place for meeting rooms
  m365.hybrid.ad_organizational_unit:
    identity: OU=Rooms,DC=contoso,DC=com
    description: Accounts of meeting rooms

- name: It goes, with all that is in it
  m365.hybrid.ad_organizational_unit:
    identity: OU=Rooms,DC=contoso,DC=com
    protected_from_deletion: false

- name: Now nothing is in the way
  m365.hybrid.ad_organizational_unit:
    identity: OU=Rooms,DC=contoso,DC=com
    recursive: true
    state: absent
"""

RETURN = r"""
resource:
  description: The unit as it is after the task, by option names, with V(distinguished_name) and V(object_guid). Empty when it does not exist.
  returned: success
  type: dict
  sample: {identity: "OU=Rooms,DC=contoso,DC=com", name: Rooms, protected_from_deletion: true}
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
  sample: {search: 2, add: 1}
error:
  description: What the directory said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, id: "insufficientAccessRights,00002098", cmdlet: "add OU=Rooms,DC=contoso,DC=com", target: ldap on dc01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._directory.module import DirectoryModule
from ansible_collections.m365.hybrid.plugins.module_utils._directory.unit import FIELDS, Unit

MODULE = DirectoryModule(DOCUMENTATION, kind="organizational unit", fields=FIELDS, resource_type=Unit)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
