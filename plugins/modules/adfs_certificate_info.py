#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: adfs_certificate_info
short_description: Read the certificates of an AD FS farm, and how long they last
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Reads what a federation server or a proxy presents over TLS with how long it lasts; on the primary also the certificates of the configuration.
  - Given what Entra ID knows, it says whether that is what the farm signs with.
options:
  days:
    description: Certificates that end within this many days are in RV(ending).
    type: int
    default: 30
  entra:
    description: What RV(m365.hybrid.entra_domain_federation_info#module:domains) returned. On the primary only.
    type: list
    elements: dict
extends_documentation_fragment:
  - m365.hybrid.adfs
  - m365.hybrid.reads
seealso:
  - module: m365.hybrid.adfs_certificate
  - module: m365.hybrid.adfs_ssl_certificate
  - module: m365.hybrid.entra_domain_federation_info
"""

EXAMPLES = r"""
- name: Which certificates end within two months?
  m365.hybrid.adfs_certificate_info:
    days: 60
  register: certificates
"""

RETURN = r"""
host:
  description: V(primary), V(secondary) or V(proxy).
  returned: success
  type: str
bindings:
  description: >-
    What the host presents, each with C(host_name), C(port), C(thumbprint), C(in_store), and of a certificate that is in the machine's store C(subject),
    C(names), C(not_before), C(not_after) and C(days_left).
  returned: success
  type: list
  elements: dict
certificates:
  description: >-
    The certificates of the configuration, each with C(use), C(is_primary), C(thumbprint) and the same facts. None on secondaries and proxies, which do not know
    them.
  returned: success
  type: list
  elements: dict
ending:
  description: Thumbprints of those that end within O(days), or have ended.
  returned: success
  type: list
  elements: str
unknown:
  description: Thumbprints that are presented, and are not in the machine's store.
  returned: success
  type: list
  elements: str
entra:
  description: One entry for each domain in O(entra).
  returned: success
  type: list
  elements: dict
  contains:
    domain:
      description: Name of the domain.
      type: str
    federated:
      description: Whether it is federated.
      type: bool
    known:
      description: Thumbprints that Entra ID takes.
      type: list
      elements: str
    knows_primary:
      description: Whether it takes what the farm signs with now. None for a managed domain.
      type: bool
    knows_secondary:
      description: Whether it takes what the farm will sign with next. None where there is none.
      type: bool
    foreign:
      description: Thumbprints that Entra ID takes, and the farm does not have.
      type: list
      elements: str
warnings:
  description: What the server warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each cmdlet was called.
  returned: with -v
  type: dict
  sample: {Get-ChildItem: 1, Get-AdfsSslCertificate: 1, Get-AdfsCertificate: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: CmdletError, cmdlet: Get-AdfsCertificate, target: windows on adfs01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._adfs.info import CertificateInfo

MODULE = CertificateInfo(DOCUMENTATION)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
