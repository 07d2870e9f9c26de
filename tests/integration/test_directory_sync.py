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
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from hybridlab import cli, estate
from hybridlab.ad import syntaxes
from hybridlab.control import Client
from hybridlab.exchange import Exchange
from hybridlab.sync.session import PROGRAM
from tests import scenarios
from tests.integration import play
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


# --- Cloud Sync ---


def task(session: t.Any, module: str, check_mode: bool = False, **options: t.Any) -> Result:
    found = scenarios.module(module)
    quick = {"interval": 0.05} if module == "directory_sync_run" else {}
    return found.run(lambda: session, Task(found.validate(quick | options), check_mode, verbosity=1))


def test_cloud_sync_is_run_and_followed_over_graph(tmp_path: pathlib.Path) -> None:
    """A user, a group and a contact arrive; a job is refused, acknowledged, has errors, and goes into quarantine."""
    record = tmp_path / "record.jsonl"
    with estate.running(tmp_path / "lab", tenants=1, mailboxes=1, sync="cloud", record=record) as lab, connected_graph(lab) as graph:
        assert lab.site
        joan(lab)
        forest, tenant = lab.dc.forest, lab.site.tenants[0].directory.tenant
        team = forest.make(forest.users, "Team", "group", {"sAMAccountName": "team", "groupType": -0x7FFFFFF8})
        forest.make(forest.users, "Ann", "contact", {"mail": "ann@fabrikam.com", "proxyAddresses": ["SMTP:ann@fabrikam.com"]})
        objects = [
            {"identity": "joan@contoso.com"},
            {"identity": "Team", "kind": "group", "security_identifier": syntaxes.sid_text(team.values["objectSid"][0])},
            {"identity": "ann@fabrikam.com", "kind": "contact"},
        ]
        before = task(graph, "directory_sync_info", objects=objects)["tenant"]
        assert [one["state"] for one in before["jobs"]] == ["NotRun"] and {one["status"] for one in before["objects"]} == {"missing"}

        assert task(graph, "directory_sync_run", check_mode=True)["changed"]
        assert task(graph, "directory_sync_info")["tenant"]["jobs"] == before["jobs"]
        done = task(graph, "directory_sync_run", configuration=["contoso.COM"])
        assert (done["generation"], done["result"], done["runs"][0]["connector"]) == ("cloud_sync", "success", "contoso.com")
        after = task(graph, "directory_sync_info", objects=objects)["tenant"]
        assert [one["status"] for one in after["objects"]] == ["synchronized"] * 3, after["objects"]
        assert after["jobs"][0]["last_execution"]["state"] == "Succeeded" and after["last_sync"]

        refused_and_with_errors(lab, graph, after["jobs"][0])

        tenant.synchronization["configuration"]["accidentalDeletionPrevention"]["alertThreshold"] = 1
        forest.directory.remove(team)
        stopped = task(graph, "directory_sync_run", policy="initial", accept_initial=True)
        assert stopped["failed"] and stopped["deletion_threshold_reached"] and "contoso.com: quarantine" in stopped["msg"]
    ordered = [one["path"].rpartition("/")[2] for one in map(json.loads, record.read_text(encoding="utf-8").splitlines()) if one.get("method") == "POST"]
    assert [one for one in ordered if one in ("start", "restart", "pause")] == ["start", "pause", "start", "restart"]


def refused_and_with_errors(lab: estate.Estate, graph: t.Any, job: dict[str, t.Any]) -> None:
    """Somebody pauses the job; acknowledged, it runs, with an error of an object that has changed."""
    graph.request("POST", f"/v1.0/servicePrincipals/{job['service_principal']}/synchronization/jobs/{job['id']}/pause")
    refused = task(graph, "directory_sync_run")
    assert refused["failed"] and "accept_disabled_scheduler" in refused["msg"]
    lab.faults.arm("export-error", object="joan")
    lab.dc.forest.directory.put(lab.dc.forest.directory.by_value("sAMAccountName", "joan")[0], "title", "Computer")
    failed = task(graph, "directory_sync_run", accept_disabled_scheduler=True, fail_on="errors")
    assert failed["failed"] and failed["result"] == "errors" and "provisioning logs" in failed["msg"]
    lab.faults.clear(None)


ROOMS = {
    "meeting_room_exchange_online_host": "exo01",
    "meeting_room_graph_host": "entra01",
    "meeting_room_exchange_host": "ex01",
    "meeting_room_directory_host": "dc01",
    "meeting_room_sync_host": "entra01",
    "meeting_room_usage_location": "DE",
    "meeting_room_remote_routing_domain": "contoso.mail.onmicrosoft.com",
    "meeting_room_arrival_delay": 1,
    "meeting_room_arrival_timeout": 3,
    "meeting_room_cycle_interval": 0.2,
    "meeting_room_rooms": [{"address": "everest@contoso.com", "password": "Th1n.Air-8849"}],
}


def test_the_roles_work_on_cloud_sync() -> None:
    """What synchronises is found out, and no rules are claimed to be known; a user and a group are awaited, a room of Teams comes, one never arrives."""
    with play.lab("--sync", "cloud", "--mailboxes", "1", "--fault", "import-lag:object=late") as lab:
        hosts = {name: lab.host(name) for name in ("entra01", "dc01", "ex01", "exo01")}
        make = [play.task(f"make {name}", "ad_user", {"identity": name, "user_principal_name": f"{name}@contoso.com"}) for name in ("joan", "late")]
        make.append(play.task("make team", "ad_group", {"identity": "team", "scope": "universal", "members": ["joan"]}))
        common = {"directory_sync_interval": 0.2, "directory_sync_delay": 1, "directory_sync_timeout": 1}

        def role(*objects: str, **more: str) -> dict[str, t.Any]:
            variables = common | {"directory_sync_objects": list(objects), **more}
            return {"hosts": "entra01", "gather_facts": False, "roles": [{"role": "m365.hybrid.directory_sync", "vars": variables}]}

        rooms = {"hosts": "entra01", "gather_facts": False, "roles": [{"role": "m365.hybrid.meeting_room", "vars": ROOMS}]}
        run = play.play(hosts, {**play.play_of(*make), "hosts": "dc01"}, role("joan", "team", directory_sync_directory="dc01"), rooms, role("late@contoso.com"))
    shown = [one.result["msg"] for one in run.all("m365.hybrid.directory_sync : Show the result")]
    assert [(one["generation"].strip(), one["result"]) for one in shown] == [("cloud_sync", "success")]
    assert len(shown[0]["objects"]) == 2 and all(one.endswith("is synchronised") for one in shown[0]["objects"])
    (room,) = run.one("m365.hybrid.meeting_room : Show the report").result["msg"]
    assert (room["outcome"], room["arrival"], room["skype"]) == ("changed", "everest@contoso.com is synchronised", None)
    failed = run.one("m365.hybrid.directory_sync : Say what was seen last", "failed")
    assert "Seen last: the tenant has no user late@contoso.com" in failed.message


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
