#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_server_component_state
short_description: Manage what a requester wants of a component of an Exchange server
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - >-
    Declares whether a component of a server, for example C(HubTransport) or C(ServerWideOffline), shall be active, drained or inactive in the eyes of one
    requester.
  - >-
    A component is active only if no requester holds it otherwise. So what is compared and changed is the word of O(requester) alone; what other requesters
    want stays as it is, is returned in RV(resource), and is warned of when it keeps a component inactive that this task wants active.
  - A requester that has said nothing about a component holds nothing, which is the same as O(state=active).
  - >-
    What a requester wants is kept in the server's registry and in Active Directory, and the newer one counts. Both are compared and written unless
    O(local_only) or O(remote_only) says otherwise. Where they differ, the task brings them together.
options:
  server:
    description: The server, named by name, full name, GUID or DN.
    type: str
    required: true
  component:
    description: The component as C(Get-ServerComponentState) names it, for example V(ServerWideOffline), V(HubTransport) or V(OwaProxy).
    type: str
    required: true
  requester:
    description:
      - In whose name the component is held. V(maintenance) is for people; the others are used by Exchange itself, its setup and its monitoring.
      - To free a component that another requester holds, name that requester.
    type: str
    choices: [maintenance, functional, health_api, sidelined, deployment]
    default: maintenance
  state:
    description: What the requester wants. V(draining) is for transport, which then finishes what it has and takes nothing new.
    type: str
    choices: [active, inactive, draining]
    required: true
  local_only:
    description: Compare and write in the server's registry only, for example while Active Directory is not reached.
    type: bool
  remote_only:
    description: Compare and write in Active Directory only, for example while the server is down. The server follows when it is back.
    type: bool
extends_documentation_fragment:
  - m365.hybrid.exchange
  - m365.hybrid.writes
seealso:
  - module: m365.hybrid.exchange_health_info
  - module: m365.hybrid.exchange_database_copy_info
"""

EXAMPLES = r"""
- name: The server takes no new messages and finishes those it has
  m365.hybrid.exchange_server_component_state:
    server: EX01
    component: HubTransport
    state: draining

- name: It is out of service
  m365.hybrid.exchange_server_component_state:
    server: EX01
    component: ServerWideOffline
    state: inactive
    requester: maintenance

- name: It is back
  m365.hybrid.exchange_server_component_state:
    server: EX01
    component: ServerWideOffline
    state: active
"""

RETURN = r"""
resource:
  description: The requester's word, and what became of the component.
  returned: success
  type: dict
  contains:
    state:
      description: What the requester wants; where registry and Active Directory differ, what each of them has.
      type: str
    effective_state:
      description: The state in which the component is, for which every requester counts. In check mode that of before the task.
      type: str
    held_by:
      description: Every requester that wants the component in another state than active, with its C(state) and C(where) it is kept (V(local) or V(remote)).
      type: list
      elements: dict
    server_wide_offline:
      description: Whether the whole server is offline, which keeps nearly every component inactive.
      type: bool
  sample:
    server: EX01
    component: HubTransport
    requester: maintenance
    state: active
    effective_state: inactive
    held_by: [{requester: functional, state: inactive, where: local}]
    server_wide_offline: false
diff:
  description: What changed, or would change in check mode, in V(before) and V(after), by option names.
  returned: with --diff
  type: dict
  sample: {before: {state: active}, after: {state: draining}}
warnings:
  description: What the server warned of, and what keeps a component from being active although this requester wants it so.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each cmdlet was called.
  returned: with -v
  type: dict
  sample: {Get-ServerComponentState: 2, Set-ServerComponentState: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: NotFound, cmdlet: Get-ServerComponentState, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange.component_state import FIELDS, ComponentState, ComponentStateModule

MODULE = ComponentStateModule(
    DOCUMENTATION,
    constraints={"mutually_exclusive": [("local_only", "remote_only")]},
    noun="ServerComponentState",
    key="server",
    instructions=("component", "requester", "local_only", "remote_only"),
    settings_of="server",
    fields=FIELDS,
    resource_type=ComponentState,
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
