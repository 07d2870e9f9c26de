#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: directory_sync_scope_info
short_description: Tell which objects of Active Directory are synchronised, and which rule keeps an object out
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Applies the published rules of directory synchronisation to objects of Active Directory, and says for each one whether it would be synchronised, all rules
    that keep it out, and what becomes of it other than one may expect.
  - Says which attributes flow to which service, and which the tenant writes back in an Exchange hybrid.
  - Reads Active Directory, or takes objects that the task gives; then nothing is asked, and thousands of them take seconds.
  - The rules are the default ones. Rules that an administrator wrote, filtering by group, and attributes that were deselected are not known here. What the
    wizard was told about organizational units is given with O(organizational_units) and O(excluded_organizational_units).
options:
  objects:
    description:
      - Objects as dictionaries of their attributes, for example those of M(m365.hybrid.ad_object_info). C(dn) and C(objectClass) are needed; an attribute that
        a dictionary does not have counts as absent.
      - Active Directory is not asked then.
    type: list
    elements: dict
  identity:
    description: Names of objects - DN, GUID, SID, sAMAccountName, UPN or address. Those that are not there are returned in RV(missing).
    type: list
    elements: str
  filter:
    description: Filter of RFC 4515 for the objects to look at. All users, contacts, groups and computers if omitted.
    type: str
  search_base:
    description: Distinguished name below which to look. The domain if omitted.
    type: str
  generation:
    description:
      - Whose rules are applied. The one for AAD Sync is that of Entra Connect, which followed it with the same engine.
      - Of Cloud Sync little is published. With V(cloud_sync), what neither O(organizational_units) nor a published limit keeps out is returned as not known.
    type: str
    choices: [entra_connect, aad_sync, dirsync, cloud_sync]
    default: entra_connect
  organizational_units:
    description: Distinguished names of the organizational units and containers that the wizard was told to synchronise, with all that is below them.
    type: list
    elements: str
  excluded_organizational_units:
    description:
      - Distinguished names of those that it was told not to synchronise. The nearest place that is named decides.
    type: list
    elements: str
  verified_domains:
    description:
      - The domains that the tenant has verified. With them, a user whose sign-in name has another suffix gets a note in RV(objects[].notes), because such a
        user gets a name in the onmicrosoft.com domain.
    type: list
    elements: str
  services:
    description: The services whose attributes are meant. All if omitted.
    type: list
    elements: str
    choices:
      - microsoft_365_apps
      - exchange_online
      - sharepoint_online
      - teams_and_skype_for_business_online
      - azure_rms
      - intune
      - dynamics_crm
      - 3rd_party_applications
      - windows_10_device
      - exchange_mail_public_folder
  show:
    description: Which objects are returned. RV(summary) counts all of them.
    type: str
    choices: [all, synchronized, excluded, unknown]
    default: all
  show_attributes:
    description: Whether every object comes with the attributes that it has and that flow, and those that are written back. All its attributes are read then.
    type: bool
    default: false
attributes:
  platform:
    description: What the module manages.
    support: full
    platforms: domains of Active Directory
    details: Over connection P(m365.hybrid.ldap#connection).
extends_documentation_fragment:
  - m365.hybrid.directory_sync
  - m365.hybrid.reads
seealso:
  - module: m365.hybrid.directory_sync_info
  - module: m365.hybrid.ad_object_info
"""

EXAMPLES = r"""
- name: Whom does synchronisation leave out, and why?
  m365.hybrid.directory_sync_scope_info:
    show: excluded
  register: scope

- name: Two accounts, with what the wizard was told
  m365.hybrid.directory_sync_scope_info:
    identity: [Administrator, Guest]
    organizational_units: ["OU=Staff,DC=contoso,DC=com"]
    excluded_organizational_units: ["OU=Leavers,OU=Staff,DC=contoso,DC=com"]
    verified_domains: [contoso.com]

- name: An account that is only planned, without asking Active Directory
  m365.hybrid.directory_sync_scope_info:
    objects:
      - dn: CN=Room 1,OU=Rooms,DC=contoso,DC=com
        objectClass: [top, person, organizationalPerson, user]
        sAMAccountName: room1
        userPrincipalName: room1@contoso.com
        mailNickname: room1
    services: [exchange_online]
    show_attributes: true
"""

RETURN = r"""
objects:
  description: One entry for each object that was asked for and fits O(show).
  returned: success
  type: list
  elements: dict
  contains:
    dn:
      description: Distinguished name.
      type: str
    kind:
      description: V(user), V(contact), V(group), V(device), or empty for a class that is never synchronised.
      type: str
    user_principal_name:
      description: Sign-in name, or null.
      type: str
    mail:
      description: Address, or null.
      type: str
    immutable_id:
      description: Its anchor as C(onPremisesImmutableId) of the tenant has it, or null where the object shows no GUID.
      type: str
    security_identifier:
      description: Its security identifier; null for a contact.
      type: str
    synchronized:
      description: Whether the object is synchronised; null where the rules of O(generation) are not published and none that is keeps it out.
      type: bool
    excluded_by:
      description: All rules that keep it out, in words.
      type: list
      elements: str
    exchange_attributes:
      description: Whether its Exchange attributes flow, too, for which it needs C(mailNickname); null where RV(objects[].synchronized) is.
      type: bool
    notes:
      description: What becomes of it other than one may expect.
      type: list
      elements: str
    flowing:
      description: The attributes that it has and that flow, by the names of the published list; null for Cloud Sync, of which there is none.
      returned: with O(show_attributes)
      type: list
      elements: str
    written_back:
      description: The attributes that the tenant may change in Active Directory in an Exchange hybrid.
      returned: with O(show_attributes)
      type: list
      elements: str
  sample:
    - dn: CN=Guest,CN=Users,DC=contoso,DC=com
      kind: user
      user_principal_name: null
      mail: null
      synchronized: false
      excluded_by: [isCriticalSystemObject is present]
      exchange_attributes: false
      notes: []
missing:
  description: The identities that the directory proved absent.
  returned: success
  type: list
  elements: str
  sample: []
summary:
  description: Counts of all objects, and of those that each rule keeps out; an object that several rules keep out counts for each of them.
  returned: success
  type: dict
  sample: {objects: 2, synchronized: 1, excluded: 1, unknown: 0, by_kind: {user: 1}, by_rule: {isCriticalSystemObject is present: 1}}
attributes:
  description: >-
    For each kind of object that was found, the attributes that flow to O(services) (null for Cloud Sync, of which no list is published), and those that are
    written back.
  returned: success
  type: dict
  sample: {contact: {flowing: [displayName, mail], written_back: [proxyAddresses]}}
warnings:
  description: What the directory warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each operation was made.
  returned: with -v
  type: dict
  sample: {search: 1}
error:
  description: What the directory said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, id: "insufficientAccessRights,00002098", cmdlet: "search the domain", target: ldap on dc01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._directory.module import LDAP
from ansible_collections.m365.hybrid.plugins.module_utils._sync.scope_info import ScopeInfo

MODULE = ScopeInfo(
    DOCUMENTATION,
    wires=LDAP,
    constraints={"mutually_exclusive": [("objects", "identity"), *((one, two) for one in ("objects", "identity") for two in ("filter", "search_base"))]},
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
