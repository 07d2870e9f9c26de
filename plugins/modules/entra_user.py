#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: entra_user
short_description: Manage users of Entra ID
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Makes, changes and deletes users of a tenant through Microsoft Graph.
  - A user that is synchronised from an on-premises directory is changed there. Options that the directory owns are refused before anything is
    written; those that the cloud owns, such as O(usage_location), are not.
  - Licences are assigned with a module of their own.
options:
  identity:
    description:
      - User principal name or object ID of the user.
      - To rename a user, name it by its object ID, or by its old principal name together with the new one in O(user_principal_name).
    type: str
    required: true
  user_principal_name:
    description: The name to sign in with. Its domain must be verified. That of O(identity) when a user is made.
    type: str
  display_name:
    description: Name in the address book. Needed to create a user.
    type: str
  mail_nickname:
    description: Mail alias. Needed to create a user.
    type: str
  password:
    description:
      - Initial password. Needed to create a user.
      - The password of an existing user is not changed.
    type: str
  force_change_password_next_sign_in:
    description: Whether a new user has to change the password at the first sign-in. They have to unless this is V(false). Without meaning for an existing user.
    type: bool
  account_enabled:
    description: Whether the user may sign in. A new user may unless this is V(false).
    type: bool
  given_name:
    description: First name.
    type: str
  surname:
    description: Last name.
    type: str
  job_title:
    description: Job title.
    type: str
  department:
    description: Department.
    type: str
  company_name:
    description: Company.
    type: str
  employee_id:
    description: Number or other identifier of the employee.
    type: str
  employee_type:
    description: Kind of employment, for example V(Contractor).
    type: str
  manager:
    description: Principal name or object ID of the user's manager. An empty text takes the manager away.
    type: str
  office_location:
    description: Office.
    type: str
  street_address:
    description: Street and number.
    type: str
  postal_code:
    description: Postal code.
    type: str
  city:
    description: City.
    type: str
  state_or_province:
    description: State or province.
    type: str
  country:
    description: Country or region.
    type: str
  usage_location:
    description: Country in which the user uses the services, as two letters (ISO 3166), for example V(DE). Without it no licence can be assigned.
    type: str
  preferred_language:
    description: Preferred language, for example V(de-DE).
    type: str
  mobile_phone:
    description: Mobile phone number, as the address book shows it. It is not what the user authenticates with.
    type: str
  business_phones:
    description: Business phone numbers; the service keeps one. A list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  fax_number:
    description: Fax number.
    type: str
  other_mails:
    description: Further mail addresses, for example to recover the account. A list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  user_type:
    description: Whether the user belongs to the organization.
    type: str
    choices: [member, guest]
  password_policies:
    description: >-
      Exceptions from the tenant's password policy. A list, or a dictionary with V(add), V(remove) or V(set), of V(disable_password_expiration) and
      V(disable_strong_password).
    type: raw
  preferred_data_location:
    description: Where the user's data is kept, for example V(EUR), in a tenant with several locations.
    type: str
  show_in_address_list:
    description: Whether the address book shows the user.
    type: bool
  on_premises_immutable_id:
    description: The identifier that joins the user with an account of the on-premises directory. Needed to create a user of a federated domain.
    type: str
  deleted_user:
    description:
      - What is done where a user does not exist, but was deleted less than thirty days ago and can be restored.
      - V(refuse) makes no user and says so. V(ignore) makes another user; the deleted one cannot come back under this name.
      - V(restore) brings the deleted one back, with its ID, mailbox and licences, and sets what the task wants except O(password). Where several users
        of one name were deleted, name the right one by its ID.
    type: str
    choices: [refuse, restore, ignore]
    default: refuse
extends_documentation_fragment:
  - m365.hybrid.graph
  - m365.hybrid.resource
  - m365.hybrid.writes
"""

EXAMPLES = r"""
- name: An engineer, ready for a licence
  m365.hybrid.entra_user:
    identity: emmy@contoso.com
    display_name: Emmy Noether
    mail_nickname: emmy
    given_name: Emmy
    surname: Noether
    department: Engineering
    manager: ada@contoso.com
    usage_location: DE
    password: "{{ vault_initial_password_2026 }}"

- name: A service account whose password does not expire
  m365.hybrid.entra_user:
    identity: grace@contoso.com
    password_policies:
      add: [disable_password_expiration]

- name: Somebody who has left cannot sign in
  m365.hybrid.entra_user:
    identity: konrad@contoso.com
    account_enabled: false
"""

RETURN = r"""
resource:
  description:
    - The user as it is after the task, by option names, with O(ignore:id), O(ignore:mail), O(ignore:on_premises_sync_enabled) and O(ignore:created_date_time).
    - Empty when it does not exist. The manager is shown when O(manager) is given.
  returned: success
  type: dict
  sample:
    identity: emmy@contoso.com
    id: 1f0e2a55-50a4-5d7e-9a51-6a3a9c1d7b20
    user_principal_name: emmy@contoso.com
    display_name: Emmy Noether
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
  sample: {"GET /v1.0/users/{}": 2, "PATCH /v1.0/users/{}": 1}
error:
  description: What the service said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: "PATCH /v1.0/users/{}", target: Microsoft Graph for contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._entra.module import GraphModule
from ansible_collections.m365.hybrid.plugins.module_utils._entra.user import FIELDS, User

MODULE = GraphModule(DOCUMENTATION, kind="user", collection="/v1.0/users", fields=FIELDS, manner=("deleted_user",), resource_type=User)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
