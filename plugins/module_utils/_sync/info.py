# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What synchronises, how it is set, and what its last runs came to: on a Windows host, or as the tenant sees it."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Module, Result, Task, Wire
from ansible_collections.m365.hybrid.plugins.module_utils._entra import paths
from ansible_collections.m365.hybrid.plugins.module_utils._entra.info import properties
from ansible_collections.m365.hybrid.plugins.module_utils._entra.module import advised
from ansible_collections.m365.hybrid.plugins.module_utils._sync import arrival, cloud, history, installation, lifecycle
from ansible_collections.m365.hybrid.plugins.module_utils._sync.action import WIRES
from ansible_collections.m365.hybrid.plugins.module_utils._sync.cycle import Cycle

SCHEDULER = (
    "AllowedSyncCycleInterval",
    "CurrentlyEffectiveSyncCycleInterval",
    "CustomizedSyncCycleInterval",
    "NextSyncCyclePolicyType",
    "NextSyncCycleStartTimeInUTC",
    "PurgeRunHistoryInterval",
    "SyncCycleEnabled",
    "MaintenanceEnabled",
    "StagingModeEnabled",
    "SchedulerSuspended",
    "SyncCycleInProgress",
)
_ANCHORS = {"user": "immutable_id", "group": "security_identifier"}
_CONNECTOR = ("Name", "Identifier", "Type", "ConnectorTypeName")

Row = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class SyncInfo(Module):
    """Reads; the two wires see two sides of the same thing, so every key of the result says which side it is."""

    wires: tuple[Wire, ...] = WIRES

    def explained(self, error: HybridError) -> HybridError:
        return advised(self.docs.module, error) if str(error.cmdlet or "").startswith("GET ") else error

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        if options["runs"] < 0:
            raise UsageError(f"runs is {options['runs']}; it must be 0 or more")
        for one in options.get("objects") or ():
            _findable(one)

    def execute(self, session: engine.Tally, task: Task) -> Result:
        if session.wire == "graph":
            return {"server": None, "tenant": tenant(session, task)}
        if task.options.get("objects") is not None:
            advice = "Delegate the task to a host with connection m365.hybrid.graph"
            raise UsageError("objects are looked for in the tenant", target=session.target, advice=advice)
        return {"server": server(session, task), "tenant": None}


def server(session: engine.Tally, task: Task) -> Row:
    """A Windows host."""
    installed = installation.detect(session)
    connect = installed.generation == "entra_connect"
    newest = history.runs(session, installed, task.options["runs"]) if task.options["runs"] else []
    scheduler = session.invoke("Get-ADSyncScheduler", properties=SCHEDULER).output if connect else []
    connectors = session.invoke("Get-ADSyncConnector", properties=_CONNECTOR).output if connect else []
    shown = {values.snake(name): value for name, value in scheduler[0].items()} if scheduler else None
    runs = history.with_steps(session, installed, newest)
    return {
        "generation": installed.generation,
        "version": installed.version,
        "lifecycle": lifecycle.report(installed.generation, installed.version),
        "staging": shown.get("staging_mode_enabled") if shown else None,
        "busy": Cycle(session, task, installed).busy(),
        "scheduler": shown,
        "connectors": [{"name": one.get("Name"), "id": one.get("Identifier"), "type": one.get("ConnectorTypeName") or one.get("Type")} for one in connectors],
        "runs": runs,
        "errors": history.failures(runs),
        "deletion_threshold_reached": any(history.THRESHOLD in str(run["result"]) for run in runs),
    }


def tenant(session: engine.Tally, task: Task) -> Row:
    """What the tenant says about its synchronisation; the deletion threshold is kept there."""
    organization = session.request("GET", paths.path("/v1.0/organization", select=["id", "onPremisesSyncEnabled", "onPremisesLastSyncDateTime"])).output
    settings = session.request("GET", paths.path("/v1.0/directory/onPremisesSynchronization")).output
    kept = settings[0] if settings else {}
    prevention = (kept.get("configuration") or {}).get("accidentalDeletionPrevention") or {}
    about = organization[0] if organization else {}
    wanted = [arrival.Wanted(str(one["identity"]), _anchor(one), one["kind"]) for one in task.options.get("objects") or ()]
    return {
        "synchronized": bool(about.get("onPremisesSyncEnabled")),
        "last_sync": about.get("onPremisesLastSyncDateTime"),
        "deletion_threshold": {
            "prevention": values.snake(str(prevention.get("synchronizationPreventionType") or "")) or None,
            "threshold": prevention.get("alertThreshold"),
        },
        "features": properties(kept.get("features") or {}),
        "jobs": [job.report() for job in cloud.jobs(session, None)],
        "objects": arrival.states(session, wanted, kept.get("features") or {}),
    }


def _anchor(one: t.Mapping[str, t.Any]) -> str | None:
    """What tells it for sure in the tenant, where there is such a thing for its kind."""
    return one.get(_ANCHORS.get(one["kind"], "")) or None


def _findable(one: t.Mapping[str, t.Any]) -> None:
    """Raises UsageError for an entry of ``objects`` that nobody could look for."""
    name, kind = str(one["identity"]).strip(), one["kind"]
    if not name:
        raise UsageError("objects has an entry with an empty identity; each must name one object")
    if kind != "user" and "@" not in name and not (kind == "group" and _anchor(one)):
        more = ", or by its security_identifier" if kind == "group" else ""
        raise UsageError(f"objects: {name} is no address, and a {kind} is looked for by its address{more}")
