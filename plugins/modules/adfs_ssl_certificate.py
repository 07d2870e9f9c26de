#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: adfs_ssl_certificate
short_description: Bind the TLS certificate of an AD FS farm
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - >-
    Binds a certificate to the names of the federation service. On a farm of Windows Server 2016 or later the task runs once, on the primary, which binds
    the certificate on all servers; on Windows Server 2012 R2 it runs on each server. The behaviour level of the farm decides, and it is found out.
  - >-
    The certificate must be in the machine's store on every server, with its private key. AD FS lets its own service read the key; grant nothing to the
    service account for it.
  - A certificate that has ended, has not begun, or is not for the names of the service is refused before anything is written, in check mode as well.
  - The certificate for service communications is another setting - M(m365.hybrid.adfs_certificate).
options:
  thumbprint:
    description: SHA-1 thumbprint of the certificate. Blanks and colons do not matter.
    type: str
    required: true
  alternate_binding:
    description: >-
      Whether certificate authentication is on port 443 of C(certauth.) in front of the service's name, so that port 49443 is not needed. The certificate must
      be for that name. Not given, it stays as it is. There is no way back with a cmdlet.
    type: bool
  everywhere:
    description: >-
      Whether the primary writes to all servers although it has the certificate itself, because others were left out before. Such a task always changes.
    type: bool
    default: false
  members:
    description: Full names of the servers to write to, on a farm with the binding of C(certauth.) only. Such a task always changes.
    type: list
    elements: str
extends_documentation_fragment:
  - m365.hybrid.adfs
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.adfs_farm_info
  - module: m365.hybrid.adfs_certificate
  - module: m365.hybrid.wap_ssl_certificate
"""

EXAMPLES = r"""
- name: The farm presents the new certificate
  m365.hybrid.adfs_ssl_certificate:
    thumbprint: 44897AF9EEE6CEC801DEE8FE2A6A2CA508F164E8

- name: Servers that could not be reached get it, too
  m365.hybrid.adfs_ssl_certificate:
    thumbprint: 44897AF9EEE6CEC801DEE8FE2A6A2CA508F164E8
    everywhere: true

- name: Certificate authentication needs no port of its own
  m365.hybrid.adfs_ssl_certificate:
    thumbprint: 44897AF9EEE6CEC801DEE8FE2A6A2CA508F164E8
    alternate_binding: true
"""

RETURN = r"""
resource:
  description: What the server that was asked presents after the task; in check mode what it presents now, with the wanted thumbprint.
  returned: success
  type: dict
  contains:
    thumbprint:
      description: The one certificate of all bindings; none where they differ.
      type: str
    alternate_binding:
      description: Whether certificate authentication is on port 443.
      type: bool
    bindings:
      description: The bindings, with C(host_name), C(port) and C(thumbprint).
      type: list
      elements: dict
    fallback:
      description: >-
        Bindings of 0.0.0.0, which answer clients that name no server. They were made with netsh, and no cmdlet of AD FS changes them.
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
  sample: {Get-AdfsSslCertificate: 2, Set-AdfsSslCertificate: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: CmdletError, cmdlet: Set-AdfsSslCertificate, target: windows on adfs01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._adfs.ssl_certificate import SslCertificate

MODULE = SslCertificate(DOCUMENTATION)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
