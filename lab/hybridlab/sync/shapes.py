# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the cmdlets of ADSync, and WMI on older machines, give out."""

from __future__ import annotations

import dataclasses
import datetime
import typing as t
import uuid
from xml.sax import saxutils

from hybridlab.clixml import Obj
from hybridlab.sync import runs
from hybridlab.sync.engine import Staged
from hybridlab.sync.machine import INTERVAL, Machine

_MODEL = "Microsoft.IdentityManagement.PowerShell.ObjectModel"
NOTHING = uuid.UUID(int=0)
_ALWAYS_ZERO = (
    "StageRename StageDeleteAdd StageFailure DisconnectorJoinedNoFlow DisconnectorJoinedFlow DisconnectorJoinedRemoveMv DisconnectorProjectedNoFlow "
    "DisconnectorProjectedFlow DisconnectorProjectedRemoveMv DisconnectorRemains ConnectorFilteredRemoveMv ConnectorFilteredLeaveMv "
    "ConnectorFlowRemoveMv ConnectorNoFlow ConnectorDeleteRemoveMv ConnectorDeleteLeaveMv ConnectorDeleteAddProcessed FlowFailure ExportRename "
    "ExportDeleteAdd CurrentExportBatchNumber LastSuccessfulExportBatchNumber"
).split()
_ALWAYS_EMPTY = ("StepFileName", "ConnectorConnectionInformationXml", "ConnectorDiscoveryErrors", "ConnectorCountersXml", "MvRetryErrors", "FlowCountersXml")
_STEP_TYPES = {
    "Full Import": "full-import",
    "Delta Import": "delta-import",
    "Full Synchronization": "apply-rules",
    "Delta Synchronization": "apply-rules",
    "Export": "export",
}


def of(kind: str, properties: t.Mapping[str, t.Any]) -> Obj:
    return Obj((f"{_MODEL}.{kind}", "System.Object"), properties, string=f"{_MODEL}.{kind}")


def scheduler(machine: Machine) -> Obj:
    start = machine.last_start
    following = (start or runs.moment()) + machine.interval
    return of(
        "SchedulerSettings",
        {
            "AllowedSyncCycleInterval": INTERVAL[machine.generation],
            "CurrentlyEffectiveSyncCycleInterval": machine.interval,
            "CustomizedSyncCycleInterval": machine.scheduler["CustomizedSyncCycleInterval"],
            "NextSyncCyclePolicyType": machine.scheduler["NextSyncCyclePolicyType"],
            "NextSyncCycleStartTimeInUTC": following.replace(microsecond=0),
            "PurgeRunHistoryInterval": machine.scheduler["PurgeRunHistoryInterval"],
            "SyncCycleEnabled": machine.scheduler["SyncCycleEnabled"],
            "MaintenanceEnabled": machine.scheduler["MaintenanceEnabled"],
            "StagingModeEnabled": machine.engine.staging,
            "SchedulerSuspended": machine.scheduler["SchedulerSuspended"],
            "SyncCycleInProgress": machine.busy and not machine.by_hand,
        },
    )


def run(one: runs.Run, details: bool) -> Obj:
    properties = {
        "RunHistoryId": one.id,
        "ConnectorId": one.connector.id,
        "ConnectorName": one.connector.name,
        "RunProfileId": one.connector.profile(one.profile),
        "RunProfileName": one.profile,
        "RunNumber": one.number,
        "Username": "NT SERVICE\\ADSync",
        "IsRunComplete": one.ended is not None,
        "Result": one.result,
        "CurrentStepNumber": 1,
        "TotalSteps": 1,
        "StartDate": one.started,
        "EndDate": one.ended,
        "RunStepResults": [step(one)] if details else [],
    }
    return of("RunProfileResult", properties)


def step(one: runs.Run) -> Obj:
    properties = {
        "RunHistoryId": one.id,
        "StepHistoryId": one.step_id,
        "StepNumber": 1,
        "StepResult": one.result,
        "StartDate": one.started,
        "EndDate": one.ended,
        **dataclasses.asdict(one.counters),
        **dict.fromkeys(_ALWAYS_ZERO, 0),
        **dict.fromkeys(_ALWAYS_EMPTY, ""),
        "SyncErrors": errors(one),
        "StepXml": f'<step-type type="{_STEP_TYPES[one.profile]}">\n</step-type>\n<partition>default</partition>',
    }
    return of("RunStepResult", properties)


def errors(one: runs.Run) -> str:
    """Objects that were not exported, in the form of the run history of the engine's ancestors; empty where there are none."""
    when = f"{one.ended or one.started:%Y-%m-%d %H:%M:%S}.000"
    items = [
        f"<export-error cs-guid={saxutils.quoteattr(f'{{{str(failure.guid).upper()}}}')} dn={saxutils.quoteattr(failure.dn)}>"
        f"<date-occurred>{when}</date-occurred><first-occurred>{when}</first-occurred><retry-count>0</retry-count>"
        f"<error-type>{failure.kind}</error-type><cd-error><error-literal>{saxutils.escape(failure.message)}</error-literal></cd-error></export-error>"
        for failure in one.errors
    ]
    return f"<synchronization-errors>{''.join(items)}</synchronization-errors>" if items else ""


def connector(one: runs.Connector) -> Obj:
    properties = {
        "Name": one.name,
        "Identifier": one.id,
        "Type": one.kind,
        "ConnectorTypeName": one.kind,
        "Version": 1,
        "CreationTime": datetime.datetime(2026, 3, 1, 9, tzinfo=datetime.UTC),
        "LastModificationTime": datetime.datetime(2026, 3, 1, 9, tzinfo=datetime.UTC),
    }
    return Obj((f"{_MODEL}.Connector", "System.Object"), properties, string=one.name)


def name(one: Staged, of_connector: runs.Connector) -> str:
    """The distinguished name of an object in a connector's space."""
    return one.dn if of_connector.kind == "AD" else one.cloud_dn


def space_id(one: Staged, of_connector: runs.Connector) -> uuid.UUID:
    return uuid.uuid5(runs.SPACE, f"{of_connector.id} {one.guid}")


def space_object(one: Staged, of_connector: runs.Connector) -> Obj:
    cloud = of_connector.kind != "AD"
    joined = one.excluded is None
    failed = one.error if cloud else None
    properties = {
        "ObjectId": space_id(one, of_connector),
        "ConnectorId": of_connector.id,
        "ConnectorName": of_connector.name,
        "ConnectorType": of_connector.kind,
        "PartitionId": of_connector.partition,
        "DistinguishedName": name(one, of_connector),
        "AnchorValue": f"{one.kind.title()}_{one.cloud_id}" if cloud else one.anchor,
        "ObjectType": one.kind,
        "IsTransient": False,
        "IsPlaceHolder": False,
        "IsConnector": joined,
        "HasSyncError": False,
        "HasExportError": failed is not None,
        "ExportError": failed.kind if failed else None,
        "SynchronizationError": None,
        "ConnectedMVObjectId": uuid.uuid5(runs.SPACE, f"metaverse {one.guid}") if joined else NOTHING,
        "Lineage": [],
        "Attributes": [_attribute(key, value) for key, value in one.values.items() if value not in (None, [], {}) and not isinstance(value, dict)],
    }
    return of("CsObject", properties)


def _attribute(key: str, value: t.Any) -> Obj:
    several = isinstance(value, list)
    return of("Attribute", {"Name": key, "IsMultiValued": several, "Values": [str(item) for item in (value if several else [value])]})
