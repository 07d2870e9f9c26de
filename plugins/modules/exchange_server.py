#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_server
short_description: Manage settings of an Exchange server
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Declares a server's product key, its domain controllers, its way to the internet and what it reports.
  - Servers are made and removed by Exchange's setup only; a server that there is not is an error.
options:
  name:
    description: Name of the server, for example V(EX01), or its full name.
    type: str
    required: true
  product_key:
    description: >-
      The product key. It is written while the server is a trial edition, or when O(edition) is another one; otherwise it is left alone, since the key
      that a server has cannot be read. It takes effect when the information store is restarted, which the module does not do.
    type: str
  edition:
    description: The edition that the server must have. An edition that differs needs O(product_key), and is an error without.
    type: str
    choices: [standard, enterprise, coexistence]
  static_domain_controllers:
    description: The domain controllers that the server uses, instead of those it finds; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  static_excluded_domain_controllers:
    description: The domain controllers that the server does not use; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  static_global_catalogs:
    description: The global catalog servers that the server uses, instead of those it finds; a list, or a dictionary with V(add), V(remove) or V(set).
    type: raw
  static_config_domain_controller:
    description: The domain controller from which the server reads its configuration; empty for any.
    type: str
  internet_web_proxy:
    description: The proxy through which the server reaches the internet, for example V(http://proxy.contoso.com:8080); empty for none.
    type: str
  internet_web_proxy_bypass_list:
    description: Hosts that are reached without the proxy; a list, or a dictionary with V(add), V(remove) or V(set). Exchange Server 2016 and later.
    type: raw
  mitigations_enabled:
    description: Whether the emergency mitigation service may act on the server. Exchange Server 2016 and later.
    type: bool
  mitigations_blocked:
    description: Mitigations that are not applied to the server; a list, or a dictionary with V(add), V(remove) or V(set). Exchange Server 2016 and later.
    type: raw
  customer_feedback_enabled:
    description: Whether the server takes part in the customer experience program.
    type: bool
  data_collection_enabled:
    description: Whether the server sends diagnostic data. Exchange Server 2016 and later.
    type: bool
  error_reporting_enabled:
    description: Whether errors are reported to the vendor.
    type: bool
  monitoring_group:
    description: The group of servers that watch each other; empty for none. Exchange Server 2013 and later.
    type: str
extends_documentation_fragment:
  - m365.hybrid.exchange
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.exchange_server_info
"""

EXAMPLES = r"""
- name: The server is licensed
  m365.hybrid.exchange_server:
    name: EX02
    product_key: STAND-00000-00000-00000-00000

- name: Mitigations are fetched through the proxy
  m365.hybrid.exchange_server:
    name: EX01
    internet_web_proxy: http://proxy.contoso.com:8080
    mitigations_enabled: true

- name: Not the domain controller that is to be replaced
  m365.hybrid.exchange_server:
    name: EX01
    static_excluded_domain_controllers:
      add: [dc02.contoso.com]
"""

RETURN = r"""
resource:
  description:
    - The server as it is after the task, by option names, with its version, product ID and trial state, O(ignore:guid) and O(ignore:distinguished_name).
    - Empty when it does not exist.
  returned: success
  type: dict
  sample:
    name: EX01
    edition: enterprise
    is_exchange_trial_edition: false
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
  sample: {Get-ExchangeServer: 2, Set-ExchangeServer: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Set-ExchangeServer, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.server import FIELDS, ExchangeServer

MODULE = CmdletModule(DOCUMENTATION, noun="ExchangeServer", fields=FIELDS, resource_type=ExchangeServer)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
