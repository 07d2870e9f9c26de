# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Option docs that modules of Active Directory share."""

from __future__ import annotations


class Directory:
    """How to work with Active Directory."""

    DOCUMENTATION = r"""
options: {}
attributes:
  platform:
    description: What the module manages.
    support: full
    platforms: domains of Active Directory
    details: Over connection P(m365.hybrid.ldap#connection).
  action_group:
    description: Use C(group/m365.hybrid.ad) in C(module_defaults) to set options of all modules of the group.
    support: full
    membership: [m365.hybrid.ad, m365.hybrid.all]
"""


class DirectoryObject:
    """What every task about one object can say."""

    DOCUMENTATION = r"""
options:
  attributes:
    description:
      - >-
        Attributes that have no option of their own, by their names in the schema, for example C({extensionAttribute1: Berlin}).
      - >-
        The schema says what an attribute takes. Times are ISO 8601, GUIDs and SIDs have their usual spelling, octets are base64. An attribute of many
        values takes a list, or a dictionary with V(add), V(remove) or V(set); an empty text or list clears.
    type: dict
  recursive:
    description: Whether O(state=absent) removes what is below the object as well. Without it, an object that is not empty is not removed.
    type: bool
    default: false
"""


class DirectoryProperties:
    """What every object has."""

    DOCUMENTATION = r"""
options:
  name:
    description: >-
      The object's own name, the first part of its distinguished name; another one renames it. If omitted, a new object gets the name that
      O(identity) says.
    type: str
  path:
    description: >-
      Distinguished name of the organizational unit or container that holds the object; another one moves it there. If omitted, a new object
      gets the place that O(identity) says as a distinguished name, or the domain's usual place.
    type: str
  display_name:
    description: The name that lists show.
    type: str
  description:
    description: What the object is for.
    type: str
  protected_from_deletion:
    description: >-
      Whether everyone is denied to delete the object, as the tools of Active Directory protect it from accidental deletion. A protected object
      cannot be moved either.
    type: bool
"""


class PersonProperties:
    """What users and contacts have."""

    DOCUMENTATION = r"""
options:
  given_name:
    description: First name.
    type: str
  initials:
    description: Initials of the names between first and last name.
    type: str
  surname:
    description: Last name.
    type: str
  mail:
    description: Mail address that is shown. Where there is Exchange, it sets this.
    type: str
  proxy_addresses:
    description: >-
      All mail addresses; a list, or a dictionary with V(add), V(remove) or V(set). An address without a type is an SMTP address; V(SMTP:) in capitals
      marks the primary one. An address that another object of the domain has is refused. Where there is Exchange, its modules set this.
    type: raw
  telephone_number:
    description: Telephone number at work.
    type: str
  mobile:
    description: Mobile telephone number.
    type: str
  home_phone:
    description: Telephone number at home.
    type: str
  ip_phone:
    description: Number of the IP telephone.
    type: str
  pager:
    description: Number of the pager.
    type: str
  fax:
    description: Fax number.
    type: str
  web_page:
    description: Address of a web page.
    type: str
  title:
    description: Job title.
    type: str
  department:
    description: Department.
    type: str
  company:
    description: Company.
    type: str
  office:
    description: Office.
    type: str
  employee_id:
    description: Number or name by which the company knows the person.
    type: str
  street_address:
    description: Street and number; lines are kept.
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
  notes:
    description: Notes.
    type: str
  manager:
    description: The manager, named by DN, GUID, SID, sAMAccountName or UPN.
    type: str
"""
