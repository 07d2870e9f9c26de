#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: exchange_health_info
short_description: What managed availability says of Exchange servers, without false alarms
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - Returns the health sets of servers (C(Get-HealthReport)), with the monitors that make one unhealthy (C(Get-ServerHealth)).
  - >-
    What nobody knows is neither healthy nor unhealthy. A health set whose alert value or state is V(unknown), as in a report whose data may be stale, is
    returned in RV(no_data).
  - >-
    It can also run probes (C(Invoke-MonitoringProbe)), and classify results of probes that were read elsewhere, for example from the event log
    C(Microsoft-Exchange-ActiveMonitoring/ProbeResult).
  - >-
    A failure of C(HealthManagerHeartbeatProbe) whose error is C(Failed by design) is benign. It tests that the framework notices failures. It is counted, and
    is never in RV(alerts). It is told by name and error together, never by the number of a result, which is that of one event.
options:
  server:
    description: The servers, each named by name, full name, GUID or DN.
    type: list
    elements: str
  health_set:
    description: Only these health sets, for example V(HubTransport).
    type: list
    elements: str
  ha_impacting_only:
    description: Only health sets with monitors that make databases fail over, and only those monitors.
    type: bool
  monitors:
    description: Return all monitors in RV(monitors). Otherwise only those of unhealthy health sets are asked for.
    type: bool
    default: false
  probes:
    description: >-
      Probes to run on each server, each named by health set, name and, where there are several, target, for example C(ECP\EacSelfTestProbe). In check mode none
      is run.
    type: list
    elements: str
  timeout:
    description: For how many seconds to wait for each probe.
    type: int
  probe_results:
    description: >-
      Results that were read elsewhere, to be classified by the same rule. Each has C(result_name), and C(error) and C(result_type) where there are any, named
      like that or as Exchange names them. Everything else in them is returned as it is.
    type: list
    elements: dict
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
    details: Probes are not run. They do what a client does, such as signing in with an account of Exchange's own. Their verdict is then V(no_data).
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: N/A
    details: The module changes nothing.
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: full
  platform:
    description: What the module manages.
    support: full
    platforms: Exchange Server 2013, 2016, 2019 and Subscription Edition
    details: Over endpoint C(exchange) of connection P(m365.hybrid.powershell#connection).
  action_group:
    description: Use C(group/m365.hybrid.exchange) in C(module_defaults) to set options of all modules of the group.
    support: full
    membership: [m365.hybrid.exchange, m365.hybrid.all]
seealso:
  - module: m365.hybrid.exchange_server_component_state
  - module: m365.hybrid.exchange_database_copy_info
"""

EXAMPLES = r"""
- name: Is anything wrong with two servers?
  m365.hybrid.exchange_health_info:
    server: [EX01, EX02]
  register: health

- name: Everything that makes databases fail over
  m365.hybrid.exchange_health_info:
    server: [EX01]
    ha_impacting_only: true
    monitors: true

- name: Run two probes, of which one fails by design
  m365.hybrid.exchange_health_info:
    server: [EX01]
    health_set: [ECP]
    probes:
      - Monitoring\HealthManagerHeartbeatProbe
      - ECP\EacSelfTestProbe

- name: Which failures of the event log are a reason to do something?
  m365.hybrid.exchange_health_info:
    probe_results:
      - {result_name: HealthManagerHeartbeatProbe, error: Failed by design, result_id: 12345}
      - {result_name: OwaSelfTestProbe, error: The remote server returned an error, result_id: 12346}
  register: judged
"""

RETURN = r"""
health_sets:
  description: Every health set of every server.
  returned: success
  type: list
  elements: dict
  contains:
    server:
      description: The server.
      type: str
    health_set:
      description: Name of the health set.
      type: str
    health_group:
      description: V(customer_touch_points), V(service_components), V(server_resources) or V(key_dependencies).
      type: str
    state:
      description: State of the component, for example V(online); V(not_applicable) where the health set has none.
      type: str
    alert_value:
      description: What Exchange says, for example V(healthy), V(unhealthy), V(degraded), V(repairing), V(disabled) or V(unknown).
      type: str
    status:
      description: V(healthy), V(unhealthy), V(disabled) or V(no_data).
      type: str
    last_transition_time:
      description: Since when; null for never.
      type: str
    monitor_count:
      description: How many monitors it has.
      type: int
    ha_impacting_monitor_count:
      description: How many of them make databases fail over.
      type: int
unhealthy:
  description: The unhealthy ones among them, each with its unhealthy C(monitors).
  returned: success
  type: list
  elements: dict
  sample:
    - server: EX02
      health_set: ECP
      alert_value: unhealthy
      monitors: [{name: EacSelfTestMonitor, first_alert_observed_time: "2026-03-01T09:00:00Z"}]
no_data:
  description: Health sets of which nothing is known, each with C(server) and C(health_set).
  returned: success
  type: list
  elements: dict
  sample: []
monitors:
  description: The monitors that were asked for, each with C(status) as health sets have it.
  returned: success
  type: list
  elements: dict
  sample: [{server: EX02, name: EacSelfTestMonitor, health_set: ECP, status: unhealthy, ha_impacting: false, error: ""}]
probes:
  description: Results of probes, each with C(verdict), which is V(passed), V(benign), V(failed) or V(no_data).
  returned: success
  type: list
  elements: dict
  sample: [{server: EX01, result_name: HealthManagerHeartbeatProbe, error: Failed by design., verdict: benign}]
alerts:
  description: The results of probes that failed and are not benign.
  returned: success
  type: list
  elements: dict
  sample: []
counts:
  description: How many health sets are V(healthy), V(unhealthy), V(disabled) and V(no_data), and in C(probes) how many results have which verdict.
  returned: success
  type: dict
  sample: {healthy: 12, unhealthy: 1, disabled: 0, no_data: 0, probes: {passed: 1, benign: 1, failed: 0, no_data: 0}}
missing:
  description: The servers that were proven absent.
  returned: success
  type: list
  elements: str
  sample: [EX09]
unreachable:
  description: Servers whose health could not be read, each with C(server) and C(error). The others are reported all the same, and the task fails in the end.
  returned: success
  type: list
  elements: dict
  sample: []
warnings:
  description: What the server warned of.
  returned: when there are any
  type: list
  elements: str
calls:
  description: How often each cmdlet was called.
  returned: with -v
  type: dict
  sample: {Get-HealthReport: 2, Get-ServerHealth: 1}
error:
  description: What the server said, in parts.
  returned: failure
  type: dict
  sample: {class: AccessDenied, cmdlet: Get-HealthReport, target: exchange on ex01.contoso.com}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._exchange.health import HealthModule

MODULE = HealthModule(
    DOCUMENTATION,
    constraints={
        "required_one_of": [("server", "probe_results")],
        "required_by": {"probes": ("server",), "health_set": ("server",), "ha_impacting_only": ("server",)},
    },
)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
