#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: adfs_certificate
short_description: Manage the certificates in the configuration of an AD FS farm
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - >-
    Sets the certificate for service communications, and renews or sets those that sign and decrypt tokens. It runs on the primary; a secondary is refused.
  - >-
    AD FS renews the certificates for tokens itself unless that was turned off. A new one that is C(secondary) changes nothing for anybody yet - it is
    published in the metadata, so that relying parties learn of it, and AD FS promotes it after some days.
  - What clients are shown over TLS is another setting - M(m365.hybrid.adfs_ssl_certificate).
options:
  use:
    description: What the certificate is for.
    type: str
    required: true
    choices: [service_communications, token_signing, token_decrypting]
  thumbprint:
    description: >-
      SHA-1 thumbprint of the certificate to set. It must be in the machine's store with its private key. For tokens this needs a farm that does not renew
      its certificates itself; one that the configuration does not have yet is added.
    type: str
  primary:
    description: >-
      Whether the certificate that O(thumbprint) names becomes the one that is used. The certificate for service communications always does.
    type: bool
    default: false
  rollover:
    description:
      - Renews the certificate for tokens.
      - V(secondary) makes a new one beside the present one, unless there is one already.
      - V(urgent) puts a new one in place of the present one at once, which changes every time. Nobody signs in to a relying party that does not know it.
    type: str
    choices: [secondary, urgent]
  within_days:
    description: Renews only a certificate that ends within this many days.
    type: int
  accept_signin_outage:
    description: Acknowledges what O(rollover=urgent) does to those who sign in.
    type: bool
    default: false
extends_documentation_fragment:
  - m365.hybrid.adfs
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.adfs_ssl_certificate
  - module: m365.hybrid.adfs_properties
  - module: m365.hybrid.adfs_certificate_info
  - module: m365.hybrid.entra_domain_federation
"""

EXAMPLES = r"""
- name: The service uses the new certificate
  m365.hybrid.adfs_certificate:
    use: service_communications
    thumbprint: 44897AF9EEE6CEC801DEE8FE2A6A2CA508F164E8

- name: Entra ID and others can learn the next certificate that signs
  m365.hybrid.adfs_certificate:
    use: token_signing
    rollover: secondary

- name: Tokens are signed with a new certificate at once, because the key got lost
  m365.hybrid.adfs_certificate:
    use: token_signing
    rollover: urgent
    accept_signin_outage: true
"""

RETURN = r"""
resource:
  description: The certificates of this use after the task; in check mode those of now.
  returned: success
  type: dict
  contains:
    use:
      description: As the option.
      type: str
    certificates:
      description: >-
        The primary one first, each with C(thumbprint), C(is_primary), C(subject), C(names), C(not_before), C(not_after) and C(days_left). All but the first
        two are none where the server does not show the certificate itself.
      type: list
      elements: dict
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
  sample: {Get-AdfsCertificate: 2, Set-AdfsCertificate: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: CmdletError, cmdlet: Set-AdfsCertificate, target: windows on adfs01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._adfs.certificate import FarmCertificate

MODULE = FarmCertificate(
    DOCUMENTATION,
    constraints={"required_one_of": [("thumbprint", "rollover")], "mutually_exclusive": [("thumbprint", "rollover")]},
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
