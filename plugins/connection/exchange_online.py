# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connection plugin exchange_online: Exchange Online's cmdlets over HTTPS."""

from __future__ import annotations

DOCUMENTATION = r"""
name: exchange_online
short_description: Exchange Online, without PowerShell
description:
  - Runs the Exchange modules of this collection against Exchange Online, from Linux, over HTTPS. The modules are the same as for Exchange Server;
    each says in its attributes whether it works here.
  - One token is held for each tenant and identity in a playbook run. It lives in the memory of a helper process, is renewed before its time is up,
    and is gone when ansible-playbook ends. Two tenants never share a token or a session, whatever their hosts are called.
  - Calls that wait at the same time go together, ten in one request, at most O(max_requests) requests at a time. A call that Exchange Online refuses
    for its load is repeated as the service asks; what may have been executed is not.
  - Runs only modules of this collection, C(ansible.builtin.ping) (which then proves that the service answers) and what core needs for
    C(async). Every other module would run on the control node and is refused.
  - Privilege escalation, C(environment) and C(ansible_python_interpreter) have no meaning here and are ignored.
author: The m365.hybrid authors (@m365-hybrid)
version_added: 1.0.0
requirements:
  - msal >= 1.35 and requests >= 2.31 on the control node
notes:
  - An application needs the application permission C(Exchange.ManageAsApp) of Office 365 Exchange Online with admin consent, and an Entra role or a
    role group of Exchange Online for its service principal.
  - The certificate of every host is verified; there is no option to leave that out.
  - The helper process needs Linux on the control node; it ends within seconds after ansible-playbook, however that ends.
  - A login that was refused is not tried again in the same playbook run. Corrected options are another login;
    C(reset_connection) of C(ansible.builtin.meta) has the same one tried again.
  - Passwords of accounts are not sent to Exchange Online; they are set with Microsoft Graph.
  - C(gather_facts) must be V(false) for plays on such hosts.
extends_documentation_fragment:
  - m365.hybrid.tenant
"""

from ansible_collections.m365.hybrid.plugins.plugin_utils import tenant_options
from ansible_collections.m365.hybrid.plugins.plugin_utils.connection import SessionConnection


class Connection(SessionConnection):
    transport = "m365.hybrid.exchange_online"
    wire = "exchange_online"
    option_set = tenant_options.option_set("exchange_online")
