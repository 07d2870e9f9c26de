# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Managed availability: what a server's health sets and monitors say, and probes that are run by hand.

The properties are those that administrators publish of Get-ServerHealth and Invoke-MonitoringProbe, among them the heartbeat probe of the
health manager itself: it answers "Failed by design." on a healthy server, because it tests that failures are noticed.
"""

from __future__ import annotations

import dataclasses
import datetime
import typing as t
import uuid

from hybridlab.clixml import Enum, Obj
from hybridlab.exchange import failures, values
from hybridlab.exchange.call import Call, Handler
from hybridlab.exchange.directory import EPOCH
from hybridlab.records import Output, Record, Warned

if t.TYPE_CHECKING:
    from hybridlab.exchange.server import Exchange

ALERTS = ("Unknown", "Healthy", "Degraded", "Unhealthy", "Repairing", "Disabled", "Uninitialized")
"""Numbers of MonitorAlertState."""
_WORST = ("Unhealthy", "Degraded", "Repairing", "Uninitialized", "Unknown", "Healthy", "Disabled")
NEVER = datetime.datetime(1, 1, 1, tzinfo=datetime.UTC)
_MONITORING = "Microsoft.Exchange.Monitoring"
_BASE = ("Microsoft.Exchange.Data.ConfigurableObject", "System.Object")
_ENUMERATED = ("System.Enum", "System.ValueType", "System.Object")
HEARTBEAT = "HealthManagerHeartbeatProbe"


@dataclasses.dataclass(frozen=True)
class Monitor:
    name: str
    health_set: str
    group: str
    component: str = "None"
    ha_impacting: bool = False
    target: str = ""


MONITORS = (
    Monitor("ActiveDirectoryConnectivityMonitor", "AD", "KeyDependencies"),
    Monitor("HealthManagerHeartbeatMonitor", "Monitoring", "ServiceComponents"),
    Monitor("HealthManagerWorkItemQuarantineMonitor", "Monitoring", "ServiceComponents"),
    Monitor("EacSelfTestMonitor", "ECP", "ServiceComponents"),
    Monitor("EacDeepTestMonitor", "ECP", "ServiceComponents"),
    Monitor("OwaProxyTestMonitor", "OWA.Proxy", "ServiceComponents", "OwaProxy", target="MSExchangeOWAAppPool"),
    Monitor("ServiceHealthMSExchangeReplEndpointMonitor", "DataProtection", "ServiceComponents", "HighAvailability", True),
    Monitor("DatabaseHealthDbAvailabilityMonitor", "DataProtection", "ServiceComponents", "HighAvailability", True, "DB01"),
    Monitor("HubAvailabilityMonitor", "HubTransport", "ServiceComponents", "HubTransport"),
    Monitor("StorageLogicalDriveSpaceMonitor", "MailboxSpace", "ServerResources", target="DB01"),
)
# What probes answer when they are run by hand; empty: they succeed.
PROBES = {
    f"Monitoring\\{HEARTBEAT}": "Failed by design.",
    "ECP\\EacSelfTestProbe": "",
    "OWA.Protocol\\OwaSelfTestProbe": "",
    "HubTransport\\HubAvailabilityProbe": "",
}


class Health:
    """What the monitors of each server say beyond being healthy, which probes fail, and which servers no longer tell."""

    def __init__(self) -> None:
        self.alerts: dict[tuple[str, str], str] = {("EX02", "EacSelfTestMonitor"): "Unhealthy", ("EX02", "StorageLogicalDriveSpaceMonitor"): "Disabled"}
        self.answers: dict[tuple[str, str], str] = {}
        self.stale: set[str] = set()

    def alert(self, server: str, monitor: Monitor) -> str:
        return self.alerts.get((server, monitor.name), "Healthy")

    def change(self, exchange: Exchange, order: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        """``health_of`` a server: a ``monitor`` and its ``alert``, a ``probe`` and the ``error`` it answers, or ``stale``.  Raises ValueError."""
        server = exchange.servers.one(order["health_of"]).name
        if "monitor" in order:
            if order["monitor"] not in [one.name for one in MONITORS] or order.get("alert") not in ALERTS:
                raise ValueError(f"there is no monitor {order['monitor']}, or no alert {order.get('alert')}")
            self.alerts[server, order["monitor"]] = order["alert"]
        if "probe" in order:
            self.answers[server, str(order["probe"]).lower()] = str(order.get("error", ""))
        if "stale" in order:
            self.stale = self.stale | {server} if order["stale"] else self.stale - {server}
        return {"health_of": server}


def _asked(call: Call) -> tuple[str, list[Monitor]]:
    for name in ("RollupGroup", "GroupSize", "MinimumOnlinePercent"):
        if call.parameters.get(name):
            raise failures.not_emulated(call.cmdlet, f"-{name}")
    server = call.server.servers.one(call.identity).name
    wanted = call.parameters.get("HealthSet")
    found = [one for one in MONITORS if wanted is None or one.health_set.lower() == str(wanted).lower()]
    return server, [one for one in found if one.ha_impacting or not call.parameters.get("HaImpactingOnly")]


def _enum(kind: str, name: str, number: int) -> Enum:
    return Enum((f"{_MONITORING}.{kind}", *_ENUMERATED), number, name)


def _alert(name: str) -> Enum:
    return _enum("MonitorAlertState", name, ALERTS.index(name))


def get_health_report(call: Call) -> t.Iterable[Record]:
    server, monitors = _asked(call)
    if server in call.server.health.stale:
        return [Output(_set(server, "Unknown", "Unknown", "Unknown", "Unknown", [], NEVER)), Warned(_stale(server))]
    rows = []
    for name in sorted({one.health_set for one in monitors}):
        own = [one for one in monitors if one.health_set == name]
        alerts = [call.server.health.alert(server, one) for one in own]
        state = "NotApplicable" if own[0].component == "None" else "Online"
        rows.append(Output(_set(server, state, name, own[0].group, min(alerts, key=_WORST.index), own, EPOCH)))
    return rows


def _stale(server: str) -> str:
    return f"Note: Data may be stale. To get current data, run: Get-HealthReport -Identity '{server}'"


def _set(server: str, state: str, name: str, group: str, alert: str, monitors: list[Monitor], when: datetime.datetime) -> Obj:
    return Obj(
        (f"{_MONITORING}.ConsolidatedHealth", *_BASE),
        {
            "Server": server,
            "State": state,
            "HealthSet": name,
            "HealthGroup": group,
            "AlertValue": _alert(alert),
            "LastTransitionTime": when,
            "MonitorCount": max(1, len(monitors)),
            "HaImpactingMonitorCount": sum(one.ha_impacting for one in monitors),
            "Identity": name,
            "IsValid": True,
            "ObjectState": "New",
        },
        string=name,
    )


def get_server_health(call: Call) -> t.Iterable[Record]:
    server, monitors = _asked(call)
    stale = server in call.server.health.stale
    return [Output(_monitor(server, one, "Unknown" if stale else call.server.health.alert(server, one), stale)) for one in monitors]


def _monitor(server: str, monitor: Monitor, alert: str, stale: bool) -> Obj:
    identity = f"{monitor.health_set}\\{monitor.name}\\{monitor.target}"
    return Obj(
        (f"{_MONITORING}.MonitorHealthEntry", *_BASE),
        {
            "Server": server,
            "CurrentHealthSetState": "NotApplicable" if monitor.component == "None" else "Online",
            "Name": monitor.name,
            "TargetResource": monitor.target,
            "HealthSetName": monitor.health_set,
            "HealthGroupName": monitor.group,
            "AlertValue": _alert(alert),
            "FirstAlertObservedTime": values.local(EPOCH) if alert == "Unhealthy" else NEVER,
            "Description": "",
            "IsHaImpacting": monitor.ha_impacting,
            "RecurranceInterval": 0,
            "DefinitionCreatedTime": values.local(EPOCH),
            "HealthSetDescription": "",
            "ServerComponentName": monitor.component,
            "LastTransitionTime": values.local(EPOCH),
            "LastExecutionTime": values.local(EPOCH),
            "LastExecutionResult": "Succeeded",
            "ResultId": 5013189,
            "WorkItemId": 1628252781,
            "IsStale": stale,
            "Error": "",
            "Exception": "",
            "IsNotified": False,
            "LastFailedProbeId": -1,
            "LastFailedProbeResultId": -1,
            "ServicePriority": 0,
            "Identity": identity,
            "IsValid": True,
            "ObjectState": "New",
        },
        string=identity,
    )


def invoke_monitoring_probe(call: Call) -> t.Iterable[Record]:
    """A probe is run on the server and answers at once; it changes nothing."""
    for given in call.parameters:
        if given not in ("Identity", "Server", "TimeOutSeconds"):
            raise failures.not_emulated(call.cmdlet, f"-{given}")
    server = call.server.servers.one(call.parameters["Server"]).name
    known = {name.lower(): name for name in PROBES}
    name = known.get(str(call.identity).lower())
    if name is None:
        raise failures.refused(f"Could not find monitoring probe '{call.identity}' on server '{server}'.", "MonitoringItemNotFoundException")
    error = call.server.health.answers.get((server, name.lower()), PROBES[name])
    exception = f"System.Exception: {error}\n   at Microsoft.Office.Datacenter.ActiveMonitoring.TestActiveMonitoringProbe.DoWork()" if error else ""
    properties = {
        "Server": server,
        "MonitorIdentity": str(call.identity),
        "RequestId": uuid.uuid4(),
        "ExecutionStartTime": values.local(EPOCH),
        "ExecutionEndTime": values.local(EPOCH),
        "Error": error,
        "Exception": exception,
        "PoisonedCount": 0,
        "ExecutionId": 1,
        "SampleValue": 0.0,
        "ExecutionContext": "",
        "FailureContext": "",
        "ResultType": _enum("ResultType", "Failed" if error else "Succeeded", 4 if error else 3),
        "RetryCount": 0,
        "IsValid": True,
        "ObjectState": "New",
    }
    return [Output(Obj((f"{_MONITORING}.MonitoringProbeResult", *_BASE), properties, string=str(call.identity)))]


HANDLERS: dict[str, Handler] = {
    "Get-HealthReport": get_health_report,
    "Get-ServerHealth": get_server_health,
    "Invoke-MonitoringProbe": invoke_monitoring_probe,
}
