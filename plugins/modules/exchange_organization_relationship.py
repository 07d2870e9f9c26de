#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_organization_relationship
short_description: Manage what another Exchange organization may see
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Declares the relationship with another organization - free and busy times, MailTips, message tracking, mailbox moves, archives.
  - One side of a relationship only. The other organization needs its own.
options:
  name:
    description: Name of the relationship.
    type: str
    required: true
  domain_names:
    description: >-
      The mail domains of the other organization; a list, or a dictionary with V(add), V(remove) or V(set). Needed to create a relationship. A domain
      belongs to one relationship only.
    type: raw
  enabled:
    description: Whether the relationship is in use.
    type: bool
  free_busy_access_enabled:
    description: Whether the other organization sees when users are free.
    type: bool
  free_busy_access_level:
    description: How much it sees.
    type: str
    choices: [none, availability_only, limited_details]
  free_busy_access_scope:
    description: The group whose members it sees, named by DN, GUID, SMTP address or alias; empty for everybody. Needs O(free_busy_access_enabled=true).
    type: str
  mail_tips_access_enabled:
    description: Whether the other organization gets MailTips.
    type: bool
  mail_tips_access_level:
    description: Which MailTips it gets.
    type: str
    choices: [none, all, limited]
  mail_tips_access_scope:
    description: >-
      The group for whose members it gets MailTips, named by DN, GUID, SMTP address or alias; empty for everybody. Needs
      O(mail_tips_access_enabled=true).
    type: str
  mailbox_move_enabled:
    description: Whether mailboxes may be moved to or from the other organization.
    type: bool
  delivery_report_enabled:
    description: Whether messages can be tracked in both organizations.
    type: bool
  archive_access_enabled:
    description: Whether users reach archives that the other organization keeps.
    type: bool
  photos_enabled:
    description: Whether the other organization gets users' photos. Exchange Server 2013 and later.
    type: bool
  organization_contact:
    description: The address of a person to turn to in the other organization; empty for none.
    type: str
  target_application_uri:
    description: The name under which the other organization is known to the federation, for example V(outlook.com); empty for none.
    type: str
  target_autodiscover_epr:
    description: The address of its Autodiscover service; empty for none.
    type: str
  target_owa_url:
    description: The address of its Outlook on the web, to which users are sent; empty for none.
    type: str
  target_sharing_epr:
    description: The address of its Exchange Web Services, where Autodiscover is not to be asked; empty for none.
    type: str
extends_documentation_fragment:
  - m365.hybrid.exchange_anywhere
  - m365.hybrid.resource
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.exchange_sharing_policy
"""

EXAMPLES = r"""
- name: The other half of the hybrid organization
  m365.hybrid.exchange_organization_relationship:
    name: On-premises to Office 365
    domain_names: [contoso.mail.onmicrosoft.com]
    free_busy_access_enabled: true
    free_busy_access_level: limited_details
    mail_tips_access_enabled: true
    mail_tips_access_level: all
    delivery_report_enabled: true
    archive_access_enabled: true
    mailbox_move_enabled: true
    target_application_uri: outlook.com
    target_owa_url: https://outlook.office.com/mail
    target_autodiscover_epr: https://autodiscover-s.outlook.com/autodiscover/autodiscover.svc/WSSecurity

- name: The partner has one more domain
  m365.hybrid.exchange_organization_relationship:
    name: On-premises to Office 365
    domain_names:
      add: [adatum.com]
"""

RETURN = r"""
resource:
  description:
    - The relationship as it is after the task, by option names, with O(ignore:guid) and O(ignore:distinguished_name).
    - Empty when it does not exist.
  returned: success
  type: dict
  sample:
    name: On-premises to Office 365
    domain_names: [contoso.mail.onmicrosoft.com]
    free_busy_access_enabled: true
diff:
  description: What changed, or would change in check mode, in V(before) and V(after), by option names.
  returned: with --diff
  type: dict
  sample: {before: {}, after: {}}
warnings:
  description: What the server warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each cmdlet was called.
  returned: with -v
  type: dict
  sample: {Get-OrganizationRelationship: 2, Set-OrganizationRelationship: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Set-OrganizationRelationship, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.organization_relationship import CREATE_WITH, DEFAULTS, FIELDS, OrganizationRelationship

MODULE = CmdletModule(
    DOCUMENTATION,
    noun="OrganizationRelationship",
    fields=FIELDS,
    create_with=CREATE_WITH,
    defaults=DEFAULTS,
    resource_type=OrganizationRelationship,
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
