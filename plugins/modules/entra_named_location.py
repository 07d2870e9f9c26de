#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: entra_named_location
short_description: Manage named locations of conditional access
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Makes, changes and deletes named locations of Entra ID - ranges of IP addresses, which may be trusted, or countries.
  - >-
    Sign-ins are seen from the internet, so ranges of a trusted location are the public addresses from which a network reaches it. Private and reserved ranges
    are refused in a trusted location, prefixes of /8 or wider in any, before anything is written.
  - >-
    A location that is used by a policy is not deleted. The service does not delete a trusted location either; O(state=absent) makes it an untrusted one first.
options:
  identity:
    description: Display name or ID of the location. A name that no location has makes one of that name.
    type: str
    required: true
  display_name:
    description: Name of the location, to rename one. That of O(identity) when a location is made.
    type: str
  ip_ranges:
    description: >-
      Ranges of addresses, IPv4 or IPv6, for example V(203.0.113.0/24) or V(2001:db8::/48); an address alone is a range of one.
      A list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  is_trusted:
    description: Whether the ranges are trusted. Sign-ins from there count as less of a risk, and policies can exclude all trusted locations at once.
    type: bool
  countries_and_regions:
    description: >-
      Countries as two letters (ISO 3166), for example V(DE). A list, or a dictionary with V(add), V(remove) or V(set).
      A location has countries or ranges of addresses, not both.
    type: raw
  include_unknown_countries_and_regions:
    description: Whether addresses of which the country is not known belong to the location.
    type: bool
  country_lookup_method:
    description: How a country is found out, by the address or by the position that the authenticator app tells.
    type: str
    choices: [client_ip_address, authenticator_app_gps]
extends_documentation_fragment:
  - m365.hybrid.graph
  - m365.hybrid.resource
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.entra_conditional_access_policy
"""

EXAMPLES = r"""
- name: The addresses from which the offices reach the internet are trusted
  m365.hybrid.entra_named_location:
    identity: Offices
    ip_ranges: [203.0.113.0/24, "2001:db8:10::/48"]
    is_trusted: true

- name: One more office
  m365.hybrid.entra_named_location:
    identity: Offices
    ip_ranges:
      add: [198.51.100.16/28]

- name: Where the company works
  m365.hybrid.entra_named_location:
    identity: Countries with staff
    countries_and_regions: [DE, AT, CH, "NO"]
    include_unknown_countries_and_regions: false

- name: The offices are given up
  m365.hybrid.entra_named_location:
    identity: Offices
    state: absent
"""

RETURN = r"""
resource:
  description:
    - The location as it is after the task, by option names, with O(ignore:id) and O(ignore:created_date_time). It has the options of its kind.
    - Empty when it does not exist.
  returned: success
  type: dict
  sample: {identity: Offices, display_name: Offices, ip_ranges: [203.0.113.0/24], is_trusted: true}
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
  sample: {"GET /v1.0/identity/conditionalAccess/namedLocations": 2, "POST /v1.0/identity/conditionalAccess/namedLocations": 1}
error:
  description: What the service said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: "POST /v1.0/identity/conditionalAccess/namedLocations", target: Microsoft Graph for contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._entra.module import GraphModule
from ansible_collections.m365.hybrid.plugins.module_utils._entra.named_location import FIELDS, NamedLocation

MODULE = GraphModule(
    DOCUMENTATION,
    kind="named location",
    collection="/v1.0/identity/conditionalAccess/namedLocations",
    fields=FIELDS,
    resource_type=NamedLocation,
    constraints={
        "mutually_exclusive": [
            (mine, other)
            for mine in ("ip_ranges", "is_trusted")
            for other in ("countries_and_regions", "include_unknown_countries_and_regions", "country_lookup_method")
        ]
    },
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
