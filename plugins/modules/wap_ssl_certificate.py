#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: wap_ssl_certificate
short_description: Bind the TLS certificate of a Web Application Proxy
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Binds a certificate to the names under which a proxy stands for the federation service. It runs on each proxy.
  - >-
    The certificate must be in the machine's store of the proxy, with its private key. A proxy that the farm does not trust any more is refused before
    anything is written.
  - Published applications have certificates of their own - M(m365.hybrid.wap_application).
options:
  thumbprint:
    description: SHA-1 thumbprint of the certificate. Blanks and colons do not matter.
    type: str
    required: true
extends_documentation_fragment:
  - m365.hybrid.adfs
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.adfs_ssl_certificate
  - module: m365.hybrid.wap_application
"""

EXAMPLES = r"""
- name: The proxy presents the new certificate
  m365.hybrid.wap_ssl_certificate:
    thumbprint: 44897AF9EEE6CEC801DEE8FE2A6A2CA508F164E8
"""

RETURN = r"""
resource:
  description: What the proxy presents after the task; in check mode what it presents now, with the wanted thumbprint.
  returned: success
  type: dict
  contains:
    thumbprint:
      description: The one certificate of all bindings; none where they differ.
      type: str
    bindings:
      description: The bindings, with C(host_name), C(port) and C(thumbprint).
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
  sample: {Get-WebApplicationProxySslCertificate: 2, Set-WebApplicationProxySslCertificate: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: CmdletError, cmdlet: Set-WebApplicationProxySslCertificate, target: windows on adfs01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._adfs.ssl_certificate import ProxySslCertificate

MODULE = ProxySslCertificate(DOCUMENTATION)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
