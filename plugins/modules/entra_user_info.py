#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: entra_user_info
short_description: List users of Entra ID
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Lists users of a tenant with the properties asked for, through Microsoft Graph. Deleted users are not among them.
  - Several options that select users must all fit.
  - Some of them are answered from copies of the directory that may be a little behind. O(licensed), O(filter), an empty text and
    O(on_premises_sync_enabled=false) are always such.
options:
  identity:
    description:
      - Principal names or object IDs of the users. All users when it is not given.
      - Excludes the options that select users by something else.
    type: list
    elements: str
  department:
    description: Only users of this department. An empty text selects users without one; the same holds for the other texts.
    type: str
  company_name:
    description: Only users of this company.
    type: str
  job_title:
    description: Only users with this job title.
    type: str
  office_location:
    description: Only users of this office.
    type: str
  city:
    description: Only users of this city.
    type: str
  country:
    description: Only users of this country or region.
    type: str
  usage_location:
    description: Only users who use the services in this country, as two letters. Those without one cannot be given licences.
    type: str
  employee_type:
    description: Only users with this kind of employment.
    type: str
  account_enabled:
    description: Only users who may or may not sign in.
    type: bool
  user_type:
    description: Only users of this type.
    type: str
    choices: [member, guest]
  on_premises_sync_enabled:
    description: Only users who are or are not synchronised from an on-premises directory.
    type: bool
  licensed:
    description: Only users who have or do not have any licence.
    type: bool
  sku:
    description: Only users who have a licence of this subscription, by part number or SKU ID.
    type: str
  filter:
    description: A filter of Microsoft Graph, for example V(jobTitle eq 'Professor'). The service says which properties it compares how.
    type: str
  properties:
    description:
      - The properties to return, as options of M(m365.hybrid.entra_user) or as Microsoft Graph names them, for example V(signInActivity).
      - Those that are options there have the same form; any other comes as Microsoft Graph shows it.
    type: list
    elements: str
    default:
      - id
      - user_principal_name
      - display_name
      - given_name
      - surname
      - mail
      - account_enabled
      - user_type
      - department
      - job_title
      - mobile_phone
      - usage_location
      - on_premises_sync_enabled
      - created_date_time
extends_documentation_fragment:
  - m365.hybrid.graph
  - m365.hybrid.reads
seealso:
  - module: m365.hybrid.entra_user
"""

EXAMPLES = r"""
- name: Who has a licence and may not sign in?
  m365.hybrid.entra_user_info:
    licensed: true
    account_enabled: false
    properties: [user_principal_name, assigned_licenses]
  register: wasted

- name: Two users, one of whom may not exist
  m365.hybrid.entra_user_info:
    identity: [ada@contoso.com, perhaps@contoso.com]
  register: two

- name: Everybody of the cloud whose name begins with A
  m365.hybrid.entra_user_info:
    on_premises_sync_enabled: false
    filter: startsWith(displayName,'A')
"""

RETURN = r"""
users:
  description: The users, each with the properties asked for.
  returned: success
  type: list
  elements: dict
  sample:
    - user_principal_name: ada@contoso.com
      display_name: Ada Lovelace
missing:
  description: The identities that the service proved absent.
  returned: success
  type: list
  elements: str
  sample: [perhaps@contoso.com]
warnings:
  description: What the service warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each request was made.
  returned: with -v
  type: dict
  sample: {"GET /v1.0/users": 1}
error:
  description: What the service said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: "GET /v1.0/users", target: Microsoft Graph for contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._entra.user_info import UserInfo

MODULE = UserInfo(DOCUMENTATION, collection="/v1.0/users")


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
