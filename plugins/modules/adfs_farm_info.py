#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: adfs_farm_info
short_description: Read an AD FS farm
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Reads what a federation server is in its farm, what it presents over TLS, and whether its primary gets to the other servers.
options:
  second_hop:
    description: >-
      Whether the primary tries to sign in to the other servers with the account of this session. Binding a certificate on all of them takes that. It changes
      nothing.
    type: bool
    default: false
extends_documentation_fragment:
  - m365.hybrid.adfs
  - m365.hybrid.reads
seealso:
  - module: m365.hybrid.adfs_ssl_certificate
  - module: m365.hybrid.adfs_certificate_info
"""

EXAMPLES = r"""
- name: Which server is the primary, and does it get to the others?
  m365.hybrid.adfs_farm_info:
    second_hop: true
  register: farm
"""

RETURN = r"""
computer:
  description: Name of the server.
  returned: success
  type: str
role:
  description: V(primary) or V(secondary).
  returned: success
  type: str
primary_computer:
  description: On a secondary, the full name of the primary.
  returned: success
  type: str
behavior_level:
  description: >-
    Behaviour level of the farm, 1 for Windows Server 2012 R2, 3 for 2016, 4 for 2019 and later. None on secondaries, and where the servers are too old to tell.
  returned: success
  type: int
binds:
  description: Whether a certificate for TLS is bound for the V(farm) at once, or on each V(server).
  returned: success
  type: str
nodes:
  description: Full names of the servers. None where RV(behavior_level) is.
  returned: success
  type: list
  elements: str
service_name:
  description: Name of the federation service. Like the following three, none on a secondary.
  returned: success
  type: str
identifier:
  description: Identifier of the service in its tokens.
  returned: success
  type: str
auto_certificate_rollover:
  description: Whether AD FS renews its certificates for tokens by itself.
  returned: success
  type: bool
sign_in_page:
  description: Whether there is a page at C(/adfs/ls/idpinitiatedsignon).
  returned: success
  type: bool
bindings:
  description: What this server presents.
  returned: success
  type: list
  elements: dict
  contains:
    host_name:
      description: The name that a client asks for.
      type: str
    port:
      description: The port.
      type: int
    thumbprint:
      description: SHA-1 thumbprint of the certificate that it is shown.
      type: str
fallback:
  description: The same for clients that name no server.
  returned: success
  type: list
  elements: dict
alternate_binding:
  description: Whether certificate authentication is on port 443.
  returned: success
  type: bool
second_hop:
  description: For each other server C(node), C(reached) and C(error), as O(second_hop) asks.
  returned: success
  type: list
  elements: dict
warnings:
  description: What the server warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each cmdlet was called.
  returned: with -v
  type: dict
  sample: {Get-AdfsSyncProperties: 1, Get-AdfsSslCertificate: 1, Get-AdfsFarmInformation: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: CmdletError, cmdlet: Get-AdfsSyncProperties, target: windows on adfs01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._adfs.info import FarmInfo

MODULE = FarmInfo(DOCUMENTATION)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
