#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: adfs_properties
short_description: Manage the settings of an AD FS farm
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Declares settings that hold for the whole farm. It runs on the primary; a secondary is refused.
options:
  display_name:
    description: Name of the organization on the page to sign in.
    type: str
  auto_certificate_rollover:
    description: Whether AD FS renews the certificates that sign and decrypt tokens by itself.
    type: bool
  certificate_duration:
    description: How many days a certificate lasts that AD FS makes.
    type: int
  certificate_generation_threshold:
    description: How many days before the end of a certificate AD FS makes the next one.
    type: int
  certificate_promotion_threshold:
    description: How many days after it was made a certificate becomes the primary one.
    type: int
  certificate_critical_threshold:
    description: How many days before the end of a certificate that has no successor AD FS makes one and uses it at once.
    type: int
  certificate_rollover_interval:
    description: How many minutes lie between two looks at the certificates.
    type: int
  certificate_threshold_multiplier:
    description: How many minutes the thresholds count as one. 1440 are a day.
    type: int
  enable_idp_initiated_signon_page:
    description: Whether there is a page to sign in at C(/adfs/ls/idpinitiatedsignon). Windows Server 2016 and later begin without.
    type: bool
  enable_kmsi:
    description: Whether users may stay signed in.
    type: bool
  kmsi_lifetime_mins:
    description: How long they then stay signed in, in minutes.
    type: int
  enable_persistent_sso:
    description: Whether registered devices stay signed in.
    type: bool
  persistent_sso_lifetime_mins:
    description: How long they then stay signed in, in minutes.
    type: int
  sso_lifetime:
    description: How many minutes a sign-in lasts.
    type: int
  enable_extranet_lockout:
    description: Whether proxies stop taking passwords of an account before Active Directory locks it.
    type: bool
  extranet_lockout_threshold:
    description: After how many wrong passwords.
    type: int
  extranet_observation_window:
    description: For how long, for example V(00:30:00).
    type: str
  extranet_lockout_require_pdc:
    description: Whether the primary domain controller must be reachable for that.
    type: bool
  extended_protection_token_check:
    description: Whether clients must bind what they sign in with to the TLS connection. A load balancer that ends TLS needs V(none).
    type: str
    choices: [none, allow, require]
  proxy_trust_token_lifetime:
    description: How many minutes the certificate lasts that a proxy signs in to the farm with.
    type: int
  audit_level:
    description: What is audited, out of V(Basic) and V(Verbose); the whole list, empty for nothing.
    type: raw
  log_level:
    description: >-
      What is logged, out of V(Errors), V(Warnings), V(Information), V(Verbose), V(SuccessAudits) and V(FailureAudits); the whole list, empty for nothing.
    type: raw
  wia_supported_user_agents:
    description: Beginnings of the names of browsers that sign in with the Windows account; the whole list.
    type: raw
extends_documentation_fragment:
  - m365.hybrid.adfs
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.adfs_certificate
  - module: m365.hybrid.adfs_farm_info
"""

EXAMPLES = r"""
- name: There is a page to test the sign-in with
  m365.hybrid.adfs_properties:
    enable_idp_initiated_signon_page: true

- name: Accounts are not locked from outside
  m365.hybrid.adfs_properties:
    enable_extranet_lockout: true
    extranet_lockout_threshold: 10
    extranet_observation_window: "00:30:00"
"""

RETURN = r"""
resource:
  description: The settings as they are after the task, by option names, with O(ignore:host_name) and O(ignore:identifier) of the service.
  returned: success
  type: dict
  sample:
    auto_certificate_rollover: true
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
  sample: {Get-AdfsProperties: 2, Set-AdfsProperties: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: CmdletError, cmdlet: Set-AdfsProperties, target: windows on adfs01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._adfs.farm import WIRES
from ansible_collections.m365.hybrid.plugins.module_utils._adfs.properties import FIELDS, FarmProperties
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule

MODULE = CmdletModule(DOCUMENTATION, wires=WIRES, noun="AdfsProperties", key=None, fields=FIELDS, resource_type=FarmProperties)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
