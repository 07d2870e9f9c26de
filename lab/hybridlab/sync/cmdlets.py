# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cmdlets of the module ADSync, with the parameters of the published reference.

Shapes of run results, steps and objects of a connector space are those of captures that others published.  Not from a capture: the names of
.NET types, and the words in which an object of a connector space is not found.
"""

from __future__ import annotations

import typing as t

from hybridlab.contract import refusals
from hybridlab.contract.arguments import Argument, convert
from hybridlab.records import ErrorRecord, Output, Record, Terminating
from hybridlab.sync import runs, shapes
from hybridlab.sync.engine import Staged
from hybridlab.sync.machine import Busy, Machine

_POLICY = "SynchronizationPolicyType"
_POLICIES = ("Unspecified", "Delta", "Initial")
_AGREE = {"WhatIf": "SwitchParameter", "Confirm": "SwitchParameter"}
_COMMON = ("erroraction", "warningaction", "verbose", "debug", "outvariable", "informationaction")
PARAMETERS: dict[str, dict[str, str]] = {
    "Disable-ADSyncExportDeletionThreshold": {"AADUserName": "String", **_AGREE},
    "Enable-ADSyncExportDeletionThreshold": {"DeletionThreshold": "UInt32", "AADUserName": "String", **_AGREE},
    "Get-ADSyncAutoUpgrade": {"Detail": "SwitchParameter"},
    "Get-ADSyncConnector": {"Name": "String", "Identifier": "Guid"},
    "Get-ADSyncConnectorRunStatus": {},
    "Get-ADSyncCSObject": {
        "Identifier": "Guid",
        "ConnectorIdentifier": "Guid",
        "DistinguishedName": "String",
        "SkipDNValidation": "SwitchParameter",
        "Transient": "SwitchParameter",
        "StartIndex": "Int32",
        "MaxResultCount": "Int32",
        "ConnectorName": "String",
    },
    "Get-ADSyncExportDeletionThreshold": {"AADUserName": "String", **_AGREE},
    "Get-ADSyncRunProfileResult": {
        "RunHistoryId": "Guid",
        "ConnectorId": "Guid",
        "RunProfileId": "Guid",
        "RunNumber": "Int32",
        "NumberRequested": "Int32",
        "RunStepDetails": "SwitchParameter",
        "StepNumber": "Int32",
        **_AGREE,
    },
    "Get-ADSyncRunStepResult": {"RunHistoryId": "Guid", "StepHistoryId": "Guid", "First": "SwitchParameter", "StepNumber": "Int32", **_AGREE},
    "Get-ADSyncScheduler": {},
    "Set-ADSyncAutoUpgrade": {"AutoUpgradeState": "AutoUpgradeConfigurationState", "SuspensionReason": "String"},
    "Set-ADSyncScheduler": {
        "CustomizedSyncCycleInterval": "TimeSpan",
        "SyncCycleEnabled": "Boolean",
        "NextSyncCyclePolicyType": _POLICY,
        "PurgeRunHistoryInterval": "TimeSpan",
        "MaintenanceEnabled": "Boolean",
        "SchedulerSuspended": "Boolean",
        "Force": "SwitchParameter",
    },
    "Start-ADSyncSyncCycle": {"PolicyType": _POLICY, "InteractiveMode": "Boolean"},
    "Stop-ADSyncSyncCycle": {},
}
_MANDATORY = {
    "Disable-ADSyncExportDeletionThreshold": ("AADUserName",),
    "Enable-ADSyncExportDeletionThreshold": ("DeletionThreshold", "AADUserName"),
    "Get-ADSyncExportDeletionThreshold": ("AADUserName",),
    "Set-ADSyncAutoUpgrade": ("AutoUpgradeState",),
}
_ENUMERATIONS = {_POLICY: _POLICIES, "AutoUpgradeConfigurationState": ("Suspended", "Enabled", "Disabled")}
UNDOCUMENTED = ("get-adsyncconnector",)
"""Cmdlets that the published reference leaves out."""
OTHERS = (
    "Add-ADSyncAADServiceAccount Add-ADSyncADDSConnectorAccount Get-ADSyncCSObjectLog Get-ADSyncDatabaseConfiguration Get-ADSyncMVObject "
    "Get-ADSyncSchedulerConnectorOverride Invoke-ADSyncCSObjectPasswordHashSync Invoke-ADSyncRunProfile Remove-ADSyncAADServiceAccount "
    "Set-ADSyncSchedulerConnectorOverride Start-ADSyncPurgeRunHistory Stop-ADSyncRunProfile Sync-ADSyncCSObject Test-AdSyncAzureServiceConnectivity "
    "Test-AdSyncUserHasPermissions"
).split()
"""Cmdlets that the module has and the lab does not."""
Given = dict[str, t.Any]
Handler = t.Callable[[Machine, Given], t.Iterable[Record]]


def bound(cmdlet: str, parameters: Given) -> Given:
    """The parameters under their own names and in their types.  Raises `Terminating`."""
    known = {name.lower(): name for name in PARAMETERS[cmdlet]}
    given: Given = {}
    for written, value in parameters.items():
        if written.lower() in _COMMON:
            continue
        name = known.get(written.lower()) or next((known[one] for one in known if written == "Identity" and one in ("identifier", "name")), None)
        if name is None:
            raise refusals.parameter_not_found(cmdlet, written)
        row = {"type": PARAMETERS[cmdlet][name], "accepted_values": _ENUMERATIONS.get(PARAMETERS[cmdlet][name])}
        given[name] = convert(Argument(cmdlet, name, row), value)
    missing = [name for name in _MANDATORY.get(cmdlet, ()) if name not in given]
    if missing:
        raise refusals.mandatory_missing(cmdlet, missing)
    return given


def refused(cmdlet: str, text: str) -> ErrorRecord:
    """The words of the engine, as the cmdlet passes them on: with the .NET type in front."""
    words = f"System.InvalidOperationException: {text}"
    verb, noun = cmdlet.split("-")
    error_id = f"{words},Microsoft.IdentityManagement.PowerShell.Cmdlet.{verb}{noun}Cmdlet"
    return ErrorRecord(words, "System.InvalidOperationException", error_id, "WriteError", activity=cmdlet)


def not_emulated(cmdlet: str) -> Terminating:
    text = f"The lab does not emulate {cmdlet}."
    return Terminating(ErrorRecord(text, "System.NotSupportedException", f"LabDoesNotEmulate,{cmdlet}", "NotImplemented", activity=cmdlet))


# --- the scheduler ---


def get_scheduler(machine: Machine, given: Given) -> t.Iterator[Record]:
    yield Output(shapes.scheduler(machine))


def set_scheduler(machine: Machine, given: Given) -> t.Iterable[Record]:
    machine.scheduler |= {name: value for name, value in given.items() if name != "Force"}
    return []


def start_cycle(machine: Machine, given: Given) -> t.Iterator[Record]:
    policy = given.get("PolicyType") or "Unspecified"
    try:
        machine.start(machine.scheduler["NextSyncCyclePolicyType"] if policy == "Unspecified" else policy)
    except Busy as busy:
        yield refused("Start-ADSyncSyncCycle", str(busy))
        return
    machine.scheduler["NextSyncCyclePolicyType"] = "Delta"
    yield Output(shapes.of("SyncCycleResult", {"Result": "Success"}))


def stop_cycle(machine: Machine, given: Given) -> t.Iterable[Record]:
    machine.stop()
    return []


def get_run_status(machine: Machine, given: Given) -> t.Iterator[Record]:
    current = machine.current
    if current is not None:
        yield Output(shapes.of("ConnectorRunStatus", {"RunState": "Busy", "ConnectorName": current.connector.name}))


# --- history ---


def get_run_results(machine: Machine, given: Given) -> t.Iterator[Record]:
    tests: list[t.Callable[[runs.Run], bool]] = []
    for name, of in (
        ("RunHistoryId", lambda run: run.id),
        ("ConnectorId", lambda run: run.connector.id),
        ("RunProfileId", lambda run: run.connector.profile(run.profile)),
        ("RunNumber", lambda run: run.number),
    ):
        if name in given:
            tests.append(lambda run, of=of, wanted=given[name]: of(run) == wanted)  # type: ignore[misc]
    found = [run for run in machine.engine.history if all(test(run) for test in tests)]
    for run in found[: given.get("NumberRequested") or None]:
        yield Output(shapes.run(run, bool(given.get("RunStepDetails"))))


def get_step_results(machine: Machine, given: Given) -> t.Iterator[Record]:
    found = [
        run
        for run in machine.engine.history
        if given.get("RunHistoryId", run.id) == run.id and given.get("StepHistoryId", run.step_id) == run.step_id and given.get("StepNumber", 1) == 1
    ]
    for run in found[:1] if given.get("First") else found:
        yield Output(shapes.step(run))


# --- connectors and their spaces ---


def get_connectors(machine: Machine, given: Given) -> t.Iterator[Record]:
    for one in machine.engine.connectors:
        if str(given.get("Name", one.name)).casefold() == one.name.casefold() and given.get("Identifier", one.id) == one.id:
            yield Output(shapes.connector(one))


def get_cs_object(machine: Machine, given: Given) -> t.Iterator[Record]:
    cmdlet = "Get-ADSyncCSObject"
    connectors = machine.engine.connectors
    if "Identifier" in given:
        everything = [(one, connector) for connector in connectors for one in _space(machine, connector)]
        found = [(one, connector) for one, connector in everything if shapes.space_id(one, connector) == given["Identifier"]]
        yield from _shown(cmdlet, found, str(given["Identifier"]))
        return
    if not {"ConnectorIdentifier", "ConnectorName"} & given.keys():
        raise refusals.no_parameter_set(cmdlet)
    name, identifier = str(given.get("ConnectorName")).casefold(), given.get("ConnectorIdentifier")
    chosen = next((one for one in connectors if one.id == identifier or one.name.casefold() == name), None)
    if chosen is None:
        yield refused(cmdlet, f"Connector '{given.get('ConnectorName') or identifier}' was not found.")
    elif "DistinguishedName" in given:
        wanted = str(given["DistinguishedName"])
        found = [(one, chosen) for one in _space(machine, chosen) if shapes.name(one, chosen).casefold() == wanted.casefold()]
        yield from _shown(cmdlet, found, wanted)
    else:
        start, most = int(given.get("StartIndex") or 0), given.get("MaxResultCount")
        page = _space(machine, chosen)[start : None if most is None else start + int(most)]
        yield from (Output(shapes.space_object(one, chosen)) for one in page)


def _space(machine: Machine, connector: runs.Connector) -> list[Staged]:
    """What a connector has in its space; the tenant's has nothing of what a rule keeps out."""
    present = [one for one in list(machine.engine.space.values()) if not one.gone]
    return present if connector.kind == "AD" else [one for one in present if one.excluded is None]


def _shown(cmdlet: str, found: list[tuple[Staged, runs.Connector]], wanted: str) -> t.Iterator[Record]:
    if not found:
        yield refused(cmdlet, f"The connector space object '{wanted}' was not found.")
    yield from (Output(shapes.space_object(*pair)) for pair in found)


# --- settings ---


def get_auto_upgrade(machine: Machine, given: Given) -> t.Iterator[Record]:
    state, reason = machine.auto_upgrade
    if given.get("Detail"):
        yield Output(shapes.of("AutoUpgradeDetail", {"AutoUpgradeState": state, "SuspensionReason": reason}))
    else:
        yield Output(state)


def set_auto_upgrade(machine: Machine, given: Given) -> t.Iterable[Record]:
    if given["AutoUpgradeState"] == "Suspended":
        return [refused("Set-ADSyncAutoUpgrade", "Only the system can suspend automatic upgrade.")]
    machine.auto_upgrade = given["AutoUpgradeState"], str(given.get("SuspensionReason") or "")
    return []


def get_threshold(machine: Machine, given: Given) -> t.Iterator[Record]:
    count = machine.engine.threshold
    kind = "EnabledForCount" if count else "Disabled"
    yield Output(shapes.of("ExportDeletionThreshold", {"DeletionPrevention": kind, "ThresholdCount": count, "ThresholdPercentage": 0}))


def enable_threshold(machine: Machine, given: Given) -> t.Iterable[Record]:
    if not given.get("WhatIf"):
        machine.engine.threshold = given["DeletionThreshold"]
    return get_threshold(machine, given)


def disable_threshold(machine: Machine, given: Given) -> t.Iterable[Record]:
    if not given.get("WhatIf"):
        machine.engine.threshold = 0
    return get_threshold(machine, given)


HANDLERS: dict[str, Handler] = {
    "Disable-ADSyncExportDeletionThreshold": disable_threshold,
    "Enable-ADSyncExportDeletionThreshold": enable_threshold,
    "Get-ADSyncAutoUpgrade": get_auto_upgrade,
    "Get-ADSyncConnector": get_connectors,
    "Get-ADSyncConnectorRunStatus": get_run_status,
    "Get-ADSyncCSObject": get_cs_object,
    "Get-ADSyncExportDeletionThreshold": get_threshold,
    "Get-ADSyncRunProfileResult": get_run_results,
    "Get-ADSyncRunStepResult": get_step_results,
    "Get-ADSyncScheduler": get_scheduler,
    "Set-ADSyncAutoUpgrade": set_auto_upgrade,
    "Set-ADSyncScheduler": set_scheduler,
    "Start-ADSyncSyncCycle": start_cycle,
    "Stop-ADSyncSyncCycle": stop_cycle,
}
