#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ad_user
short_description: Manage users of Active Directory
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Makes, changes, renames, moves, enables, disables, unlocks and removes users.
  - Names that another object has already are refused before anything is written, and the other object is named.
  - When the domain refuses a password, its rules are read, so that the broken one can be named.
  - Mailboxes are Exchange's; see M(m365.hybrid.exchange_mailbox) and M(m365.hybrid.exchange_remote_mailbox).
options:
  identity:
    description: Distinguished name, GUID, SID, sAMAccountName or UPN of the user. A user who was renamed or moved is found by the new names, too.
    type: str
    required: true
  sam_account_name:
    description: >-
      Name before Windows 2000, at most 20 characters. If omitted, a new user gets that of O(identity), unless that is a UPN.
    type: str
  user_principal_name:
    description: Name to sign in with, as V(user@domain). If omitted, a new user gets that of O(identity) if it is one.
    type: str
  enabled:
    description: Whether the account can be used. If omitted, a new one with a password can.
    type: bool
  password:
    description: The password. It is set over an encrypted connection only.
    type: str
  update_password:
    description: >-
      V(on_create) sets O(password) for a new user only. V(always) sets it each time, and reports a change each time, as nobody can
      compare it.
    type: str
    choices: [on_create, always]
    default: on_create
  must_change_password:
    description: Whether the user has to change the password at the next sign-in.
    type: bool
  cannot_change_password:
    description: Whether the user is denied to change the password.
    type: bool
  password_never_expires:
    description: Whether the password has no end.
    type: bool
  password_not_required:
    description: Whether the account may have no password.
    type: bool
  reversible_encryption:
    description: Whether the password is kept so that it can be read again.
    type: bool
  smartcard_required:
    description: Whether signing in needs a smart card. Switching it on gives the account a random password.
    type: bool
  not_delegated:
    description: Whether services may not act as the user (the account is sensitive and cannot be delegated).
    type: bool
  trusted_for_delegation:
    description: Whether services that run as the user may act as their clients (unconstrained delegation).
    type: bool
  trusted_to_authenticate_for_delegation:
    description: >-
      Whether services that run as the user may act as clients that signed in otherwise than with Kerberos (protocol transition), towards the services in
      its attribute C(msDS-AllowedToDelegateTo).
    type: bool
  des_only:
    description: Whether Kerberos uses DES alone for the account. Domain controllers since Windows Server 2008 R2 give no such tickets unless they are told to.
    type: bool
  kerberos_preauthentication_required:
    description: Whether Kerberos wants a proof before it gives a ticket. An account without it can be attacked from outside.
    type: bool
  kerberos_encryption_types:
    description: The kinds of encryption that tickets for the account may have.
    type: list
    elements: str
    choices: [des_cbc_crc, des_cbc_md5, rc4, aes128, aes256, aes256_sk]
  account_expires:
    description: Time from which on the account can no longer be used, for example V(2027-01-01T00:00:00Z), or V(never). A time without a zone is UTC.
    type: str
  logon_hours:
    description: >-
      When the account can be used, in whole hours of UTC - a dictionary of days, each with its spans, for example C({monday: [7-12, 13-18], friday: [7-13]}),
      or V(always). Days without a span, and all of them in an empty dictionary, are closed.
    type: raw
  workstations:
    description: Names of the computers where the account can be used; an empty list for all of them.
    type: list
    elements: str
  locked:
    description: V(false) unlocks an account that was locked after too many wrong passwords. Nobody can lock one.
    type: bool
  member_of:
    description: >-
      Groups that the user is a direct member of, but for the primary group, named by DN, GUID, SID or sAMAccountName; a list, or a dictionary with
      V(add), V(remove) or V(set). Either this or O(m365.hybrid.ad_group#module:members) should say who belongs to a group.
    type: raw
  service_principal_names:
    description: Names of services that run as the user; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  home_directory:
    description: Path of the home folder.
    type: str
  home_drive:
    description: Drive letter of the home folder, with its colon.
    type: str
  profile_path:
    description: Path of the roaming profile.
    type: str
  script_path:
    description: Logon script.
    type: str
  division:
    description: Division.
    type: str
  employee_number:
    description: Number by which the company knows the person.
    type: str
  employee_type:
    description: Kind of employment.
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
- name: A user who chooses a password at the first sign-in
  m365.hybrid.ad_user:
    identity: grace
    user_principal_name: grace@contoso.com
    name: Grace Hopper
    given_name: Grace
    surname: Hopper
    display_name: Grace Hopper
    password: Chang3.me.S00n
    must_change_password: true

- name: A number that has no option of its own
  m365.hybrid.ad_user:
    identity: grace@contoso.com
    attributes:
      otherMobile: ["+49 30 1906"]

- name: The account is closed
  m365.hybrid.ad_user:
    identity: grace
    enabled: false
    description: Left the company
"""

RETURN = r"""
resource:
  description: The user as it is after the task, by option names, with V(distinguished_name) and V(object_guid). Empty when it does not exist.
  returned: success
  type: dict
  sample: {identity: grace, enabled: true, user_principal_name: grace@contoso.com}
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
  sample: {class: AccessDenied, id: "insufficientAccessRights,00002098", cmdlet: "add CN=Grace,CN=Users,DC=contoso,DC=com", target: ldap on dc01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._directory.module import DirectoryModule
from ansible_collections.m365.hybrid.plugins.module_utils._directory.user import FIELDS, User

MODULE = DirectoryModule(DOCUMENTATION, kind="user", fields=FIELDS, resource_type=User)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
