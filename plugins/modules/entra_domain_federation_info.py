#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: entra_domain_federation_info
short_description: List the domains of a tenant with their federation
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Lists the domains of a tenant with the settings of those that are federated, and how long their signing certificates last.
options:
  domain:
    description: The domains. All domains of the tenant when it is not given.
    type: list
    elements: str
extends_documentation_fragment:
  - m365.hybrid.graph
  - m365.hybrid.reads
seealso:
  - module: m365.hybrid.entra_domain_federation
"""

EXAMPLES = r"""
- name: How long do the signing certificates last?
  m365.hybrid.entra_domain_federation_info:
  register: domains
"""

RETURN = r"""
domains:
  description: One entry for each domain.
  returned: success
  type: list
  elements: dict
  contains:
    domain:
      description: Name of the domain.
      type: str
    authentication_type:
      description: V(managed) or V(federated).
      type: str
    is_default:
      description: Whether it is the tenant's default domain.
      type: bool
    is_verified:
      description: Whether it is verified.
      type: bool
    federation:
      description: >-
        The settings, by the names of M(m365.hybrid.entra_domain_federation), with values as Microsoft Graph shows them; empty for a managed
        domain.
      type: dict
    certificates:
      description: The signing certificates.
      type: list
      elements: dict
      contains:
        use:
          description: V(signing_certificate) or V(next_signing_certificate).
          type: str
        thumbprint:
          description: SHA-1 thumbprint. Like the times, none for a certificate that cannot be read.
          type: str
        not_before:
          description: When it begins.
          type: str
        not_after:
          description: When it ends.
          type: str
        days_left:
          description: Whole days until it ends; negative afterwards.
          type: int
missing:
  description: Names in O(domain) that the tenant does not have.
  returned: success
  type: list
  elements: str
warnings:
  description: What the service warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each request was made.
  returned: with -v
  type: dict
  sample: {"GET /v1.0/domains": 1, "GET /v1.0/domains/{}/federationConfiguration": 1}
error:
  description: What the service said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: "GET /v1.0/domains/{}/federationConfiguration", target: Microsoft Graph for contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._entra.domain_federation import FederationInfo

MODULE = FederationInfo(DOCUMENTATION, collection="/v1.0/domains")


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
