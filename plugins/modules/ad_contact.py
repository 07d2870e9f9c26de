#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ad_contact
short_description: Manage contacts of Active Directory
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Makes, changes, renames, moves and removes contacts.
  - Mail contacts are Exchange's; see M(m365.hybrid.exchange_mail_contact).
options:
  identity:
    description: >-
      Distinguished name or GUID of the contact, or its name or mail address where only one contact of the domain has it. A new contact that is named by a
      mail address gets that one if O(mail) is omitted.
    type: str
    required: true
  target_address:
    description: Address outside where messages to the contact go, for example V(SMTP:ada@fabrikam.com). Where there is Exchange, its modules set this.
    type: str
extends_documentation_fragment:
  - m365.hybrid.directory
  - m365.hybrid.directory_object
  - m365.hybrid.directory_properties
  - m365.hybrid.person_properties
  - m365.hybrid.resource
  - m365.hybrid.writes
"""

EXAMPLES = r"""
- name: Somebody at a supplier
  m365.hybrid.ad_contact:
    identity: Edsger Dijkstra
    display_name: Edsger Dijkstra
    mail: edsger@fabrikam.com
    telephone_number: +31 40 2470000
"""

RETURN = r"""
resource:
  description: The contact as it is after the task, by option names, with V(distinguished_name) and V(object_guid). Empty when it does not exist.
  returned: success
  type: dict
  sample: {identity: Edsger Dijkstra, mail: edsger@fabrikam.com}
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
  sample: {class: AccessDenied, id: "insufficientAccessRights,00002098", cmdlet: "add CN=Edsger,CN=Users,DC=contoso,DC=com", target: ldap on dc01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._directory.contact import FIELDS, Contact
from ansible_collections.m365.hybrid.plugins.module_utils._directory.module import DirectoryModule

MODULE = DirectoryModule(DOCUMENTATION, kind="contact", fields=FIELDS, resource_type=Contact)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
