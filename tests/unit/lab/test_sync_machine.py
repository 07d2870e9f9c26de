# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab's machine that synchronises: its cmdlets, its states, its three generations."""

from __future__ import annotations

import datetime
import json
import pathlib
import typing as t
import uuid
from xml.etree import ElementTree

import pytest

from hybridlab.records import ErrorRecord, Output, Terminating
from hybridlab.sync import cmdlets
from hybridlab.sync.machine import Machine
from hybridlab.sync.session import PROGRAM, TRIGGER, Session
from tests.unit.lab.exchange_calls import plain
from tests.unit.lab.hybrid import Hybrid

CONTRACT = pathlib.Path(__file__).parents[3].parent / "shared" / "contract" / "contract_docs.json"
NAMESPACE = "root\\MicrosoftIdentityIntegrationServer"


class Console(Hybrid):
    """A hybrid organisation with a PowerShell session on its machine."""

    def __init__(self, generation: str = "connect") -> None:
        super().__init__(generation)
        self.machine = Machine(self.engine, self.faults, pace=0.01)
        self.session = Session(self.machine)

    def call(self, cmdlet: str, /, **parameters: t.Any) -> list[t.Any]:
        return list(self.session.invoke(cmdlet, parameters))

    def shown(self, cmdlet: str, /, **parameters: t.Any) -> list[t.Any]:
        records = self.call(cmdlet, **parameters)
        assert all(isinstance(record, Output) for record in records), records
        return [plain(record.value) for record in records]

    def refused(self, cmdlet: str, /, **parameters: t.Any) -> ErrorRecord:
        (record,) = self.call(cmdlet, **parameters)
        assert isinstance(record, ErrorRecord)
        return record

    def unknown(self, cmdlet: str, /, **parameters: t.Any) -> bool:
        with pytest.raises(Terminating, match="is not recognized"):
            self.call(cmdlet, **parameters)
        return True

    def cycle(self, policy: str = "Delta") -> None:
        assert self.shown("Start-ADSyncSyncCycle", PolicyType=policy) == [{"Result": "Success"}]
        assert self.machine.wait()


@pytest.fixture
def lab() -> Console:
    return Console()


def test_a_cycle_is_started_awaited_and_its_runs_are_read(lab: Console) -> None:
    lab.account("joan")
    assert lab.shown("Start-ADSyncSyncCycle", PolicyType="delta") == [{"Result": "Success"}]
    assert lab.shown("Get-ADSyncScheduler")[0]["SyncCycleInProgress"] is True
    assert lab.machine.wait()
    assert lab.shown("Get-ADSyncScheduler")[0]["SyncCycleInProgress"] is False and lab.shown("Get-ADSyncConnectorRunStatus") == []
    runs = lab.shown("Get-ADSyncRunProfileResult", NumberRequested=6)
    assert [(run["ConnectorName"], run["RunProfileName"], run["Result"]) for run in reversed(runs)] == [
        ("contoso.com", "Delta Import", "success"),
        ("contoso.onmicrosoft.com - AAD", "Delta Import", "success"),
        ("contoso.com", "Delta Synchronization", "success"),
        ("contoso.onmicrosoft.com - AAD", "Delta Synchronization", "success"),
        ("contoso.onmicrosoft.com - AAD", "Export", "success"),
        ("contoso.com", "Export", "success"),
    ]
    assert all(run["IsRunComplete"] and run["EndDate"] for run in runs) and "joan@contoso.com" in lab.users()


def test_the_scheduler_says_what_it_is_set_to(lab: Console) -> None:
    half, hour = datetime.timedelta(minutes=30), datetime.timedelta(hours=1)
    found = lab.shown("Get-ADSyncScheduler")[0]
    assert (found["AllowedSyncCycleInterval"], found["CurrentlyEffectiveSyncCycleInterval"], found["CustomizedSyncCycleInterval"]) == (half, half, None)
    assert (found["SyncCycleEnabled"], found["StagingModeEnabled"], found["SchedulerSuspended"]) == (True, False, False)
    lab.call("Set-ADSyncScheduler", CustomizedSyncCycleInterval="00:10:00", SyncCycleEnabled=False, NextSyncCyclePolicyType="initial")
    found = lab.shown("Get-ADSyncScheduler")[0]
    assert (found["CurrentlyEffectiveSyncCycleInterval"], found["SyncCycleEnabled"], found["NextSyncCyclePolicyType"]) == (half, False, "Initial")
    lab.call("Set-ADSyncScheduler", CustomizedSyncCycleInterval=hour)
    assert lab.shown("Get-ADSyncScheduler")[0]["CurrentlyEffectiveSyncCycleInterval"] == hour
    lab.shown("Start-ADSyncSyncCycle")
    assert lab.machine.wait() and lab.engine.history[-1].profile == "Full Import"


def test_a_busy_machine_refuses_a_second_cycle(lab: Console) -> None:
    lab.faults.arm("sync-busy", seconds=0.3)
    refused = lab.refused("Start-ADSyncSyncCycle", PolicyType="Delta")
    assert refused.message == "System.InvalidOperationException: Sync is already running. Cannot start a new run till this one completes."
    assert refused.category == "WriteError" and lab.shown("Get-ADSyncScheduler")[0]["SyncCycleInProgress"] is True
    assert lab.machine.wait()
    lab.cycle()


def test_a_run_by_hand_is_no_cycle_and_still_in_the_way(lab: Console) -> None:
    lab.faults.arm("sync-busy", seconds=0.3, by="connector")
    assert lab.shown("Get-ADSyncScheduler")[0]["SyncCycleInProgress"] is False
    assert lab.refused("Start-ADSyncSyncCycle").message.endswith("Connector: contoso.onmicrosoft.com - AAD is busy.")
    assert lab.machine.busy and lab.machine.wait()
    lab.cycle()


def test_the_connector_at_work_is_shown(lab: Console) -> None:
    lab.faults.arm("sync-busy", seconds=1)
    lab.shown("Get-ADSyncScheduler")
    while not (found := lab.shown("Get-ADSyncConnectorRunStatus")):
        assert lab.machine.busy
    assert found[0] == {"RunState": "Busy", "ConnectorName": "contoso.com"}
    lab.call("Stop-ADSyncSyncCycle")
    assert lab.machine.wait() and len(lab.engine.history) < 6 and lab.engine.history[0].result.startswith("stopped-")


def test_a_suspended_scheduler_begins_nothing(lab: Console) -> None:
    lab.call("Set-ADSyncScheduler", SchedulerSuspended=True)
    assert "already suspended via global parameters" in lab.refused("Start-ADSyncSyncCycle").message


def test_staging_shows_and_nothing_is_exported(lab: Console) -> None:
    lab.account("joan")
    assert lab.machine.change({"server": "SYNC01", "staging": True})["staging"] is True
    assert lab.shown("Get-ADSyncScheduler")[0]["StagingModeEnabled"] is True
    lab.cycle()
    assert not any(run["RunProfileName"] == "Export" for run in lab.shown("Get-ADSyncRunProfileResult")) and "joan@contoso.com" not in lab.users()
    with pytest.raises(ValueError, match="colour"):
        lab.machine.change({"colour": "red"})


def test_an_object_that_was_refused_is_named_in_the_step_and_in_its_space(lab: Console) -> None:
    lab.graph.tenant.synchronization["features"]["quarantineUponProxyAddressesConflictEnabled"] = False
    lab.account("joan")
    lab.cycle()
    one = lab.account("jane", proxyAddresses=["SMTP:jane@contoso.com", "smtp:joan@contoso.com"])
    lab.cycle()
    run = next(run for run in lab.shown("Get-ADSyncRunProfileResult", NumberRequested=6) if run["Result"] != "success")
    assert run["Result"] == "completed-export-errors"
    (step,) = lab.shown("Get-ADSyncRunStepResult", RunHistoryId=str(run["RunHistoryId"]))
    (error,) = ElementTree.fromstring(step["SyncErrors"])
    assert step["ExportFailure"] == 1 and error.findtext("error-type") == "InvalidSoftMatch"
    assert "smtp:joan@contoso.com" in str(error.findtext("cd-error/error-literal"))
    found = lab.shown("Get-ADSyncCSObject", ConnectorName="contoso.onmicrosoft.com - AAD", DistinguishedName=error.attrib["dn"])[0]
    assert (found["HasExportError"], found["ExportError"]) == (True, "InvalidSoftMatch")
    local = lab.shown("Get-ADSyncCSObject", ConnectorName="contoso.com", DistinguishedName=one.dn.upper())[0]
    assert local["ConnectedMVObjectId"] == found["ConnectedMVObjectId"] and local["IsConnector"] is True


def test_what_a_rule_keeps_out_is_in_one_space_and_not_joined(lab: Console) -> None:
    one = lab.account("odd", isCriticalSystemObject=True)
    lab.cycle()
    found = lab.shown("Get-ADSyncCSObject", ConnectorName="contoso.com", DistinguishedName=one.dn)[0]
    assert (found["IsConnector"], found["ConnectedMVObjectId"]) == (False, uuid.UUID(int=0))
    cloud = {"ConnectorName": "contoso.onmicrosoft.com - AAD", "DistinguishedName": lab.staged(one).cloud_dn}
    assert "was not found" in lab.refused("Get-ADSyncCSObject", **cloud).message
    assert "was not found" in lab.refused("Get-ADSyncCSObject", ConnectorName="contoso.com", DistinguishedName="CN=Nobody,DC=contoso,DC=com").message
    assert "was not found" in lab.refused("Get-ADSyncCSObject", ConnectorName="elsewhere", DistinguishedName=one.dn).message
    assert lab.shown("Get-ADSyncCSObject", Identifier=found["ObjectId"])[0]["DistinguishedName"] == one.dn


def test_connectors_and_settings(lab: Console) -> None:
    assert [one["ConnectorTypeName"] for one in lab.shown("Get-ADSyncConnector")] == ["AD", "Extensible2"]
    assert lab.shown("Get-ADSyncConnector", Name="CONTOSO.com")[0]["Name"] == "contoso.com"
    assert lab.shown("Get-ADSyncAutoUpgrade") == ["Enabled"]
    lab.call("Set-ADSyncAutoUpgrade", AutoUpgradeState="Disabled")
    assert lab.shown("Get-ADSyncAutoUpgrade", Detail=True)[0]["AutoUpgradeState"] == "Disabled"
    assert lab.shown("Get-ADSyncExportDeletionThreshold", AADUserName="x")[0]["ThresholdCount"] == 500
    lab.call("Enable-ADSyncExportDeletionThreshold", AADUserName="x", DeletionThreshold=7)
    assert lab.graph.tenant.synchronization["configuration"]["accidentalDeletionPrevention"]["alertThreshold"] == 7
    lab.call("Disable-ADSyncExportDeletionThreshold", AADUserName="x")
    assert lab.shown("Get-ADSyncExportDeletionThreshold", AADUserName="x")[0]["DeletionPrevention"] == "Disabled"


def test_parameters_are_those_of_the_reference(lab: Console) -> None:
    for wrong, words in (({"PolicyType": "Full"}, "Unable to match the identifier name Full"), ({"Policy": "Delta"}, "matches parameter name 'Policy'")):
        with pytest.raises(Terminating, match=words):
            lab.call("Start-ADSyncSyncCycle", **wrong)
    with pytest.raises(Terminating, match="missing mandatory parameters: AADUserName"):
        lab.call("Get-ADSyncExportDeletionThreshold")
    with pytest.raises(Terminating, match="does not emulate Invoke-ADSyncRunProfile"):
        lab.call("Invoke-ADSyncRunProfile", RunProfileName="Export")
    assert lab.unknown("Get-Mailbox") and lab.unknown(TRIGGER) and lab.unknown(PROGRAM)


@pytest.mark.skipif(not CONTRACT.is_file(), reason=f"{CONTRACT} is not here")
def test_the_table_of_parameters_is_the_published_one() -> None:
    published = json.loads(CONTRACT.read_text(encoding="utf-8"))
    for cmdlet, parameters in cmdlets.PARAMETERS.items():
        if cmdlet.lower() not in cmdlets.UNDOCUMENTED:
            assert {name: row["type"] for name, row in published[cmdlet]["parameters"].items()} == parameters, cmdlet
    assert {name for name in published if published[name]["module"] == "ADSync"} == {*cmdlets.OTHERS, *cmdlets.PARAMETERS} - {"Get-ADSyncConnector"}


# --- which generation is it? ---


def test_entra_connect_is_known_by_its_cmdlet(lab: Console) -> None:
    assert lab.shown("Get-Command", Name="Start-ADSyncSyncCycle")[0]["ModuleName"] == "ADSync"
    assert {*cmdlets.PARAMETERS} <= {one["Name"] for one in lab.shown("Get-Command", Module="ADSync")}
    assert lab.shown("Import-Module", Name="C:\\Program Files\\Microsoft Azure AD Sync\\Bin\\ADSync\\ADSync.psd1") == []
    assert [one["Name"] for one in lab.shown("Get-Service", Name="ADSync")] == ["ADSync"] and lab.shown("Test-Path", Path=PROGRAM) == [False]
    assert lab.shown("Get-Module", ListAvailable=True, Name="ADSync")[0]["Version"] == "1.0.0.0"


def test_aad_sync_has_a_program_that_waits_for_its_cycle() -> None:
    lab = Console("aadsync")
    lab.account("joan")
    assert lab.shown("Test-Path", Path=PROGRAM) == [True] and lab.unknown("Start-ADSyncSyncCycle")
    assert lab.refused("Get-Command", Name="Start-ADSyncSyncCycle").category == "ObjectNotFound"
    assert lab.shown(PROGRAM, Identity="initial") == [] and "joan@contoso.com" in lab.users()
    newest = lab.shown("Get-WmiObject", Class="MIIS_RunHistory", Namespace=NAMESPACE, Filter="RunProfile = 'Export' and MaName='contoso.com'")
    assert [(one["RunStatus"], one["RunNumber"]) for one in newest] == [("success", "6")]
    lab.account("jane")
    lab.call(PROGRAM, Identity="staging")
    assert "jane@contoso.com" not in lab.users() and not lab.engine.staging
    lab.faults.arm("sync-busy", seconds=0.3)
    assert lab.refused(PROGRAM).error_id == "NativeCommandError" and lab.machine.wait()


@pytest.mark.parametrize("snapin", [True, False])
def test_dirsync_needs_its_snap_in_or_its_module(snapin: bool) -> None:
    lab = Console("dirsync")
    lab.machine.change({"snapin": snapin})
    lab.account("joan")
    assert lab.unknown(TRIGGER) and lab.unknown("Start-ADSyncSyncCycle")
    right, wrong = ("Add-PSSnapin", "Import-Module") if snapin else ("Import-Module", "Add-PSSnapin")
    name = {"Add-PSSnapin": "Coexistence-Configuration", "Import-Module": "DirSync"}
    assert lab.refused(wrong, Name=name[wrong]) and lab.unknown(TRIGGER)
    assert bool(lab.shown("Get-PSSnapin", Registered=True)) == snapin and bool(lab.shown("Get-Module", ListAvailable=True)) != snapin
    assert lab.shown(right, Name=name[right]) == [] and lab.shown(TRIGGER, FullSync=True) == []
    assert lab.shown("Get-Command", Module="DirSync") == [] and lab.shown("Get-Command", Name=TRIGGER)[0]["ModuleName"].endswith("PS.Config")
    assert lab.machine.wait() and "joan@contoso.com" in lab.users()
    runs = lab.shown("Get-CimInstance", ClassName="MIIS_RunHistory", Namespace=NAMESPACE)
    assert runs[-1]["RunProfile"] == "Full Import" and runs[0]["MaName"] == "Active Directory Connector"
    agents = lab.shown("Get-WmiObject", Class="MIIS_ManagementAgent", Namespace=NAMESPACE)
    assert [one["Name"] for one in agents] == ["Active Directory Connector", "Windows Azure Active Directory Connector"]
    assert lab.call("Get-Service", Name="MSOnlineSyncScheduler") and isinstance(lab.call("Get-Service", Name="ADSync")[0], ErrorRecord)


def test_wmi_knows_two_classes_and_simple_filters(lab: Console) -> None:
    with pytest.raises(Terminating, match="Invalid class"):
        lab.call("Get-CimInstance", ClassName="Win32_OperatingSystem", Namespace=NAMESPACE)
    with pytest.raises(Terminating, match="does not emulate"):
        lab.call("Get-CimInstance", ClassName="MIIS_RunHistory", Namespace=NAMESPACE, Filter="RunNumber > 3")


def test_the_version_is_that_of_the_engine_and_can_be_another(lab: Console) -> None:
    path = "C:\\Program Files\\Microsoft Azure AD Sync\\Bin\\miiserver.exe"
    assert lab.shown("Get-Command", Name=path)[0]["Version"] == "2.5.190.0"
    assert lab.machine.change({"version": "2.4.131.0"})["version"] == "2.4.131.0"
    assert lab.shown("Get-Command", Name=path)[0]["Version"] == "2.4.131.0"
    assert lab.shown("Get-Module", Name="ADSync", ListAvailable=True)[0]["Version"] == "1.0.0.0"


def test_the_program_of_aad_sync_is_started_as_a_process_too() -> None:
    lab = Console("aadsync")
    assert lab.call("Start-Process", FilePath=PROGRAM, ArgumentList=["initial"]) == [] and lab.machine.wait()
    assert lab.engine.history[-1].profile == "Full Import"
    assert "cannot find the file" in lab.refused("Start-Process", FilePath="C:\\other.exe").message
    assert "cannot find the file" in Console("connect").refused("Start-Process", FilePath=PROGRAM).message
