#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_ip_block_list_providers_config
short_description: Manage how an Edge Transport server uses IP block list providers
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Declares for one Edge Transport server whether IP block list providers are asked, for which connections, and for which recipients they are not.
  - The settings are those of all providers together. An Edge Transport server has them as long as it exists, each server its own; they are never made nor
    removed, and EdgeSync does not carry them to another one.
  - Any other server is refused. Mailbox servers have had no connection filtering since Exchange Server 2013.
  - The settings count while the Connection Filtering agent is enabled; role P(m365.hybrid.connection_filtering#role) looks at that, too.
options:
  enabled:
    description: Whether the providers are used at all. A new server has V(true).
    type: bool
  bypassed_recipients:
    description:
      - >-
        SMTP addresses of internal recipients whose messages the providers do not filter; a list, which is exact, or a dictionary with V(add), V(remove)
        or V(set).
      - Addresses are compared without case.
    type: raw
  external_mail_enabled:
    description: Whether messages of connections from outside the organization are filtered. A new server has V(true).
    type: bool
  internal_mail_enabled:
    description: Whether messages of connections from inside the organization are filtered. A new server has V(false).
    type: bool
extends_documentation_fragment:
  - m365.hybrid.edge
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.cmdlet
"""

EXAMPLES = r"""
- name: Two mailboxes get every message, whatever the providers say
  m365.hybrid.exchange_ip_block_list_providers_config:
    bypassed_recipients:
      add: [postmaster@contoso.com, abuse@contoso.com]
      remove: [former.colleague@contoso.com]

- name: Exactly one, and the providers are used for connections from outside only
  m365.hybrid.exchange_ip_block_list_providers_config:
    enabled: true
    external_mail_enabled: true
    internal_mail_enabled: false
    bypassed_recipients: [postmaster@contoso.com]
"""

RETURN = r"""
resource:
  description: The settings as they are after the task, by option names, with RV(ignore:server), the name of the Edge Transport server that has them.
  returned: success
  type: dict
  sample:
    server: EDGE01
    enabled: true
    bypassed_recipients: [postmaster@contoso.com]
    external_mail_enabled: true
    internal_mail_enabled: false
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
  sample: {Get-ExchangeServer: 1, Get-IPBlockListProvidersConfig: 2, Get-Item: 1, Set-IPBlockListProvidersConfig: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Set-IPBlockListProvidersConfig, target: edge on edge01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange import edge
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule

MODULE = CmdletModule(
    DOCUMENTATION,
    wires=edge.EDGE,
    because=edge.BECAUSE,
    noun="IPBlockListProvidersConfig",
    key=None,
    fields=edge.FIELDS,
    resource_type=edge.EdgeSettings,
    defaults={"enabled": True, "external_mail_enabled": True, "internal_mail_enabled": False},
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
