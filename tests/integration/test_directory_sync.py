# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The machine that synchronises over the real wire: from Active Directory to Microsoft Graph and Exchange Online."""

from __future__ import annotations

import importlib.util
import json
import pathlib
import typing as t

import pytest
import yaml
from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import WSMan

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError
from hybridlab import cli, estate
from hybridlab.control import Client
from hybridlab.exchange import Exchange
from hybridlab.sync.session import PROGRAM
from tests.integration.wire_session import connected, connected_graph, connected_online

CHECKER = pathlib.Path(__file__).resolve().parents[3] / "shared" / "contract" / "check_calls.py"


def joan(lab: estate.Estate) -> None:
    values = {
        "sAMAccountName": "joan",
        "userPrincipalName": "joan@contoso.com",
        "mail": "joan@contoso.com",
        "mailNickname": "joan",
        "userAccountControl": 0x200,
    }
    lab.dc.forest.make(lab.dc.forest.users, "Joan", "user", values | {"proxyAddresses": ["SMTP:joan@contoso.com"]})


def test_an_account_arrives_in_graph_and_in_exchange_online(tmp_path: pathlib.Path) -> None:
    record = tmp_path / "record.jsonl"
    with estate.running(tmp_path / "lab", tenants=1, mailboxes=2, sync="connect", record=record) as lab, connected(lab, "windows") as session:
        assert lab.sync is not None
        joan(lab)
        assert session.invoke("Get-ADSyncScheduler").output[0]["SyncCycleInProgress"] is False
        assert session.invoke("Start-ADSyncSyncCycle", {"PolicyType": "Delta"}).output[0]["Result"] == "Success"
        assert lab.sync.product.wait()
        runs = session.invoke("Get-ADSyncRunProfileResult", {"NumberRequested": 6, "RunStepDetails": True}).output
        assert {run["Result"] for run in runs} == {"success"} and runs[1]["RunStepResults"][0]["ExportAdd"] >= 1
        assert session.invoke("Get-ADSyncConnector").output[0]["Identifier"]
        with connected_graph(lab) as graph:
            assert graph.request("GET", "/v1.0/users/joan@contoso.com?$select=onPremisesSyncEnabled").output[0]["onPremisesSyncEnabled"] is True
        with connected_online(lab) as online:
            assert online.invoke("Get-MailUser", {"Identity": "joan"}).output[0]["IsDirSynced"] is True
        assert lab.control.change({"server": "SYNC01", "staging": True})["staging"] is True
        assert session.invoke("Get-ADSyncScheduler").output[0]["StagingModeEnabled"] is True
    calls = [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()]
    assert {one["target"] for one in calls if "cmdlet" in one} == {"adsync", "exchange-online"}
    if CHECKER.is_file():
        assert wrong([one for one in calls if one.get("target") == "adsync"]) == []


def wrong(calls: list[dict[str, t.Any]]) -> list[t.Any]:
    """What the published contract finds wrong with cmdlet calls."""
    spec = importlib.util.spec_from_file_location("check_calls", CHECKER)
    assert spec and spec.loader
    checker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(checker)
    found = checker.V()
    cmdlets = checker.Cmdlets(str(CHECKER.parent))
    for one in calls:
        cmdlets.check(one, found)
    return [item for item in found.items if item[0] == "error"]


def test_a_busy_machine_says_so_over_the_wire(tmp_path: pathlib.Path) -> None:
    with estate.running(tmp_path / "lab", product=Exchange(mailboxes=0), tenants=1, sync="connect", faults=("sync-busy:seconds=1",)) as lab:
        with connected(lab, "windows") as session, pytest.raises(HybridError, match="Sync is already running"):
            session.invoke("Start-ADSyncSyncCycle", {"PolicyType": "Delta"})


def test_the_program_of_aad_sync_runs_without_a_script(tmp_path: pathlib.Path) -> None:
    with estate.running(tmp_path / "lab", product=Exchange(mailboxes=0), tenants=1, sync="aadsync") as lab:
        assert lab.sync is not None
        joan(lab)
        host = lab.sync
        way: dict[str, t.Any] = {"port": host.https_port, "ssl": True, "path": "wsman", "auth": "ntlm", "cert_validation": str(lab.ca_path)}
        wsman = WSMan("localhost", username=host.user, password=host.password, **way)
        with wsman, RunspacePool(wsman) as pool:
            for arguments in ([], ["delta"]):
                shell = PowerShell(pool).add_cmdlet(PROGRAM)
                for argument in arguments:
                    shell.add_argument(argument)
                assert shell.invoke() == [] and not shell.had_errors
        assert [run.profile for run in host.product.engine.history[:6]].count("Export") == 2


@pytest.mark.parametrize(
    ("asked", "there"),
    [([], "connect"), (["--sync", "dirsync"], "dirsync"), (["--sync", "none"], None), (["--sync", "cloud"], None), (["--tenants", "0"], None)],
)
def test_the_command_line_chooses_the_generation(tmp_path: pathlib.Path, asked: list[str], there: str | None) -> None:
    place = ["--dir", str(tmp_path / "lab")]
    assert cli.main(["up", "--detach", "--mailboxes", "0", *asked, *place]) == 0
    try:
        hosts: dict[str, t.Any] = yaml.safe_load((tmp_path / "lab" / "inventory.yml").read_text())["all"]["children"]
        assert ("directory_sync" in hosts) == (there is not None)
        if there:
            assert hosts["directory_sync"]["hosts"]["sync01"]["m365_endpoint"] == "windows"
            known = Client.of(tmp_path / "lab").change({"server": "SYNC01"})
            assert known["generation"] == there
    finally:
        assert cli.main(["down", *place]) == 0
