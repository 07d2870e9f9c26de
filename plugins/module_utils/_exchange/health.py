# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What managed availability says of servers, and which of it is a reason to do something.

Three kinds of answers are kept apart: what is unhealthy, what is healthy, and what nobody knows.  A report whose data may be stale shows the state Unknown,
which is no data, not health.
"""

from __future__ import annotations

import collections
import dataclasses
import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import CmdletError, HybridError, NotFound, SessionError, Truncated, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Module, Result, Task, Wire
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import migration
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import ON_PREMISES

HEARTBEAT = "healthmanagerheartbeatprobe"
BY_DESIGN = "failed by design"
UNHEALTHY = ("unhealthy", "degraded", "repairing")
STATUSES = ("healthy", "unhealthy", "disabled", "no_data")
VERDICTS = ("passed", "benign", "failed", "no_data")
_STALE = re.compile(r"data may be stale", re.I)
_NEVER = "0001-01-01"
"""The beginning of .NET's first moment, which stands for never."""

Row = dict[str, t.Any]


def status(alert: t.Any, state: t.Any = None, stale: t.Any = False) -> str:
    """One of `STATUSES` for an alert value; what is unknown, not initialised or stale is no data."""
    word = migration.word(alert)
    if stale is True or word in (None, "unknown", "uninitialized") or migration.word(state) == "unknown":
        return "no_data"
    return "unhealthy" if word in UNHEALTHY else word if word in ("healthy", "disabled") else "no_data"


def benign(name: t.Any, error: t.Any) -> bool:
    """Whether a failure is the health manager's own heartbeat, which fails by design so that the framework sees that failures are noticed.

    Both the probe and the error count; the number of a result is that of one event and says nothing.
    """
    return str(name).strip().casefold() == HEARTBEAT and str(error or "").strip().rstrip(".").casefold() == BY_DESIGN


def verdict(name: t.Any, error: t.Any, result_type: t.Any = None) -> str:
    """One of `VERDICTS` for the result of a probe.  ``result_type`` is as Exchange names it, where it is shown."""
    if benign(name, error):
        return "benign"
    word = migration.word(result_type)
    if word in ("succeeded", None) and not str(error or "").strip():
        return "passed"
    return "no_data" if word == "abandoned" else "failed"


def _folded(row: t.Mapping[str, t.Any]) -> Row:
    return {values.fold(name): value for name, value in row.items()}


def _time(value: t.Any) -> str | None:
    found = values.timestamp(value)
    return None if found is None or found.startswith(_NEVER) else found


def health_set(row: Row, stale: bool) -> Row:
    return {
        "server": row.get("server"),
        "health_set": row["healthset"],
        "health_group": migration.word(row.get("healthgroup")),
        "state": migration.word(row.get("state")),
        "alert_value": migration.word(row["alertvalue"]),
        "status": status(row["alertvalue"], row.get("state"), stale),
        "last_transition_time": _time(row.get("lasttransitiontime")),
        "monitor_count": row.get("monitorcount"),
        "ha_impacting_monitor_count": row.get("haimpactingmonitorcount"),
    }


def monitor(row: Row) -> Row:
    return {
        "server": row.get("server"),
        "name": row["name"],
        "target_resource": values.text(row.get("targetresource")),
        "health_set": row["healthsetname"],
        "component": row.get("servercomponentname"),
        "alert_value": migration.word(row["alertvalue"]),
        "status": status(row["alertvalue"], None, row.get("isstale")),
        "ha_impacting": row.get("ishaimpacting"),
        "first_alert_observed_time": _time(row.get("firstalertobservedtime")),
        "last_transition_time": _time(row.get("lasttransitiontime")),
        "last_execution_time": _time(row.get("lastexecutiontime")),
        "error": values.text(row.get("error")),
    }


@dataclasses.dataclass
class Findings:
    """What was learnt of all servers."""

    health_sets: list[Row] = dataclasses.field(default_factory=list)
    monitors: list[Row] = dataclasses.field(default_factory=list)
    probes: list[Row] = dataclasses.field(default_factory=list)
    missing: list[str] = dataclasses.field(default_factory=list)
    unreachable: list[Row] = dataclasses.field(default_factory=list)
    error: CmdletError | None = None

    def result(self) -> Result:
        kinds = {kind: [one for one in self.health_sets if one["status"] == kind] for kind in STATUSES}
        probes = collections.Counter(one["verdict"] for one in self.probes)
        bad = [one for one in self.monitors if one["status"] == "unhealthy"]
        unhealthy = [
            {**one, "monitors": [m for m in bad if (m["server"], m["health_set"]) == (one["server"], one["health_set"])]} for one in kinds["unhealthy"]
        ]
        return {
            "health_sets": self.health_sets,
            "unhealthy": unhealthy,
            "no_data": [{"server": one["server"], "health_set": one["health_set"]} for one in kinds["no_data"]],
            "monitors": self.monitors,
            "probes": self.probes,
            "alerts": [one for one in self.probes if one["verdict"] == "failed"],
            "counts": {**{kind: len(found) for kind, found in kinds.items()}, "probes": {one: probes[one] for one in VERDICTS}},
            "missing": self.missing,
            "unreachable": self.unreachable,
        }


@dataclasses.dataclass(frozen=True)
class HealthModule(Module):
    """Reads Get-HealthReport and Get-ServerHealth, runs probes, and classifies."""

    wires: tuple[Wire, ...] = ON_PREMISES

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        for name in ("server", "health_set", "probes"):
            if any(not str(one).strip() or "*" in str(one) for one in options.get(name) or ()):
                raise UsageError(f"{name} has a member that is empty or has an asterisk; each must name one")
        bad = [one for one in options.get("probes") or () if not re.fullmatch(r"[^\\]+\\[^\\]+(\\.*)?", one)]
        if bad:
            raise UsageError(f"{bad[0]!r} does not name a probe as health set and name, as in ECP\\EacSelfTestProbe")
        if any("result_name" not in _snaked(one) for one in options.get("probe_results") or ()):
            raise UsageError("a member of probe_results has no result_name")

    def execute(self, session: engine.Tally, task: Task) -> Result:
        options = task.options
        found = Findings()
        for server in options.get("server") or ():
            try:
                self._server(session, server, task, found)
            except NotFound as error:
                if server.casefold() not in error.text.casefold():
                    raise
                found.missing.append(server)
            except (SessionError, UsageError, Truncated):
                raise
            except CmdletError as error:
                found.unreachable.append({"server": server, "error": str(error)})
                found.error = found.error or error
        found.probes += [judged(one) for one in options.get("probe_results") or ()]
        result = found.result()
        if found.error:
            unread = ", ".join(one["server"] for one in found.unreachable)
            result |= {"failed": True, "msg": f"The health of {unread} could not be read. {found.error}", "error": found.error.as_result()}
        return result

    def _server(self, session: engine.Tally, server: str, task: Task, found: Findings) -> None:
        options = task.options
        impacting = {"HaImpactingOnly": True} if options.get("ha_impacting_only") else {}
        rows: list[Row] = []
        for chosen in options["health_set"] if options.get("health_set") is not None else [None]:
            asked = {"Identity": server} | ({} if chosen is None else {"HealthSet": chosen}) | impacting
            answer = session.invoke("Get-HealthReport", asked)
            stale = any(_STALE.search(text) for text in answer.warnings)
            rows += [health_set(_folded(one), stale) for one in _complete(session, "Get-HealthReport", answer)]
        found.health_sets += rows
        sick = sorted({one["health_set"] for one in rows if one["status"] == "unhealthy"})
        for name in [None] if options["monitors"] and options.get("health_set") is None else options["health_set"] if options["monitors"] else sick:
            asked = {"Identity": server} | ({} if name is None else {"HealthSet": name}) | impacting
            found.monitors += [monitor(_folded(one)) for one in _complete(session, "Get-ServerHealth", session.invoke("Get-ServerHealth", asked))]
        for probe in options.get("probes") or ():
            found.probes.append(run_probe(session, server, probe, options, task.check_mode))


def _complete(session: engine.Tally, cmdlet: str, answer: t.Any) -> list[t.Any]:
    if answer.truncated:
        raise Truncated("the list is incomplete", cmdlet=cmdlet, target=session.target)
    return list(answer.output)


def run_probe(session: engine.Tally, server: str, probe: str, options: t.Mapping[str, t.Any], check_mode: bool) -> Row:
    """What a probe says that is run now.  In check mode it is not run: it signs in, sends and asks as a client does."""
    shown = {"server": server, "probe": probe, "result_name": probe.split("\\")[1]}
    if check_mode:
        return {**shown, "error": "", "exception": "", "execution_end_time": None, "verdict": "no_data"}
    asked = {"Identity": probe, "Server": server} | ({"TimeOutSeconds": str(options["timeout"])} if options.get("timeout") else {})
    answer = session.invoke("Invoke-MonitoringProbe", asked)
    rows = [_folded(one) for one in _complete(session, "Invoke-MonitoringProbe", answer) if isinstance(one, dict)]
    if len(rows) != 1:
        raise HybridError(f"probe {probe} answered {len(rows)} times", cmdlet="Invoke-MonitoringProbe", target=session.target)
    row = rows[0]
    name = str(row.get("resultname") or str(row.get("monitoridentity") or probe).split("\\")[1])
    return {
        **shown,
        "result_name": name,
        "error": values.text(row.get("error")),
        "exception": values.text(row.get("exception")),
        "execution_end_time": _time(row.get("executionendtime")),
        "verdict": verdict(name, row.get("error"), row.get("resulttype")),
    }


def _snaked(row: t.Mapping[str, t.Any]) -> Row:
    return {values.snake(str(name)): value for name, value in row.items()}


def judged(result: t.Mapping[str, t.Any]) -> Row:
    """The result of a probe that somebody else read, for example from the event log, with its verdict."""
    row = _snaked(result)
    return {**row, "verdict": verdict(row["result_name"], row.get("error"), row.get("result_type"))}
