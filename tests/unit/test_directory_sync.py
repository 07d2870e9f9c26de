# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Directory synchronisation: every generation is found and run, its results are told, and users are followed into the tenant."""

from __future__ import annotations

import time
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._sync import history, lifecycle
from ansible_collections.m365.hybrid.plugins.module_utils._sync.waiting import Patience
from hybridlab.ad import syntaxes
from hybridlab.sync import cloud
from hybridlab.sync.machine import Machine
from hybridlab.sync.session import Session
from tests import scenarios
from tests.fake_graph import FakeGraph
from tests.fake_session import FakeSession
from tests.unit.lab.hybrid import Hybrid


class Estate(Hybrid):
    """A hybrid organisation with its machine, and tasks on both sides."""

    def __init__(self, generation: str = "connect") -> None:
        super().__init__(generation)
        if generation == "cloud":
            self.engine = cloud.install(self.forest, self.graph, self.faults)
        else:
            self.machine = Machine(self.engine, self.faults, pace=0.01)

    def on_server(self, name: str = "directory_sync_run", check_mode: bool = False, **options: t.Any) -> Result:
        return task(FakeSession(Session(self.machine)), name, check_mode, options)

    def on_tenant(self, name: str = "directory_sync_run", check_mode: bool = False, **options: t.Any) -> Result:
        return task(FakeGraph(self.graph), name, check_mode, options)

    def arrived(self, *names: str, **anchors: str) -> list[dict[str, t.Any]]:
        wanted = [{"identity": f"{name}@contoso.com"} for name in names] + [
            {"identity": f"{name}@contoso.com", "immutable_id": one} for name, one in anchors.items()
        ]
        return t.cast(list[dict[str, t.Any]], self.on_tenant("directory_sync_info", objects=wanted)["tenant"]["objects"])

    def begun(self) -> list[str]:
        return [cmdlet for cmdlet, _parameters in self.machine.calls if cmdlet.startswith(("Start-", "Import-", "Add-"))]


def task(session: t.Any, name: str, check_mode: bool, options: dict[str, t.Any]) -> Result:
    module = scenarios.module(name)
    quick = {"interval": 0.05} if name.endswith("_run") else {}
    return module.run(lambda: session, Task(module.validate(quick | options), check_mode, verbosity=1))


# --- generations ---


@pytest.mark.parametrize(
    ("generation", "snapin", "found", "begun"),
    [
        ("connect", False, "entra_connect", ["Start-ADSyncSyncCycle"]),
        ("aadsync", False, "aad_sync", ["Start-Process"]),
        ("dirsync", False, "dirsync", ["Import-Module", "Start-OnlineCoexistenceSync"]),
        ("dirsync", True, "dirsync", ["Add-PSSnapin", "Start-OnlineCoexistenceSync"]),
    ],
)
def test_every_generation_is_found_run_and_reported(generation: str, snapin: bool, found: str, begun: list[str]) -> None:
    lab = Estate(generation)
    lab.machine.snapin = snapin
    lab.account("joan")
    result = lab.on_server()
    assert not result.get("failed"), result["msg"]
    assert (result["generation"], result["result"], result["changed"]) == (found, "success", True)
    assert [run["profile"] for run in result["runs"]][-2:] == ["Export", "Export"] and lab.begun() == begun
    assert bool(result["runs"][0]["steps"]) == (generation == "connect")
    assert any("no longer synchronises" in one for one in result.get("warnings", ())) == (generation != "connect")
    assert lab.user("joan@contoso.com").values["onPremisesSyncEnabled"]


@pytest.mark.parametrize("generation", ["connect", "aadsync", "dirsync"])
def test_check_mode_begins_nothing(generation: str) -> None:
    lab = Estate(generation)
    result = lab.on_server(check_mode=True)
    assert result["changed"] and result["runs"] == [] and lab.begun() == [] and lab.engine.history == []


@pytest.mark.parametrize("generation", ["aadsync", "dirsync"])
def test_older_generations_are_awaited_while_they_are_busy(generation: str) -> None:
    lab = Estate(generation)
    lab.faults.arm("sync-busy", seconds=0.6)
    lab.machine.look()
    while not lab.engine.history:
        time.sleep(0.01)
    result = lab.on_server(policy="initial", accept_initial=True)
    assert result["result"] == "success" and str(result["waited_for"]).startswith("connector ")
    assert result["runs"][0]["profile"] == "Full Import", "the cycle that ran before is none of ours"


def test_a_server_of_aad_sync_in_staging_mode_is_told_by_what_it_does_not_do() -> None:
    lab = Estate("aadsync")
    lab.engine.staging = True
    result = lab.on_server()
    assert result["failed"] and "exported nothing, as a server in staging mode does" in result["msg"]


def test_a_host_without_any_of_them_is_refused() -> None:
    class Nothing:
        target, wire, endpoint = "windows on srv01", "powershell", "windows"

        def invoke(self, cmdlet: str, parameters: t.Any = None, *, properties: t.Any = None) -> t.Any:
            from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer

            return Answer([])

    result = task(Nothing(), "directory_sync_run", False, {})
    assert result["failed"] and "neither the module ADSync nor the module DirSync nor the snap-in Coexistence-Configuration" in result["msg"]


# --- results ---


def test_errors_of_an_object_are_told_with_its_anchor_and_fail_only_on_request() -> None:
    lab = Estate()
    joan = lab.account("joan")
    lab.faults.arm("export-error", object="joan")
    result = lab.on_server()
    (error,) = result["errors"]
    assert not result.get("failed") and result["result"] == "errors" and error["type"] == "IdentityDataValidationFailed"
    assert error["immutable_id"] == lab.staged(joan).anchor and error["profile"] == "Export"
    strict = lab.on_server(fail_on="errors")
    assert strict["failed"] and "IdentityDataValidationFailed" in strict["msg"] and strict["changed"]


def test_the_deletion_threshold_fails_the_task_and_is_shown_by_the_tenant() -> None:
    lab = Estate()
    accounts = [lab.account(name) for name in ("joan", "ruth", "emmy")]
    assert lab.on_server()["result"] == "success"
    lab.engine.threshold = 2
    for one in accounts:
        lab.directory.remove(one)
    result = lab.on_server()
    assert result["failed"] and result["deletion_threshold_reached"] and "nothing was exported" in result["msg"]
    assert lab.on_tenant("directory_sync_info")["tenant"]["deletion_threshold"] == {"prevention": "enabled_for_count", "threshold": 2}
    assert lab.on_server("directory_sync_info")["server"]["deletion_threshold_reached"] is True


def test_a_step_whose_errors_are_no_xml_is_told_as_it_is() -> None:
    assert history.errors("<broken") == [{"type": "", "message": "<broken", "dn": None, "immutable_id": None}]
    assert history.errors("") == [] and history.immutable_id("CN={zz}") is None


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        (["success", "completed-no-objects"], "success"),
        (["success", "completed-export-errors"], "errors"),
        (["completed-warnings", "stopped-connectivity"], "stopped"),
        (["no-start-connection"], "stopped"),
    ],
)
def test_a_cycle_is_as_good_as_its_worst_run(said: list[str], verdict: str) -> None:
    assert history.verdict([{"result": one, "steps": []} for one in said]) == verdict


def test_versions_are_compared_by_number() -> None:
    assert lifecycle.ended("entra_connect", "2.5.9.0") and not lifecycle.ended("entra_connect", "2.5.79.0") and not lifecycle.ended("cloud_sync", None)
    assert lifecycle.report("entra_connect", None)["works"] is None and lifecycle.report("dirsync", None)["works"] is False


def test_waiting_ends_when_its_time_is_over() -> None:
    now, slept = [0.0], []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    patience = Patience(3.0, 1.0, sleep, lambda: now[0])
    while patience.look_again():
        pass
    assert sum(slept) == pytest.approx(3.0) and max(slept) == 1.0 and slept[:3] == [0.1, 0.2, 0.4]


# --- Cloud Sync ---


def test_a_job_of_cloud_sync_is_started_awaited_and_told() -> None:
    lab = Estate("cloud")
    lab.account("joan")
    result = lab.on_tenant(accept_disabled_scheduler=True)
    assert not result.get("failed"), result["msg"]
    (run,) = result["runs"]
    assert (result["generation"], result["result"], run["connector"]) == ("cloud_sync", "success", "contoso.com") and run["steps"][0]["counters"][
        "count_exported"
    ]
    assert lab.user("joan@contoso.com").values["onPremisesSyncEnabled"]
    assert lab.on_tenant(configuration=["CONTOSO.com"], policy="initial", accept_initial=True)["result"] == "success"


def test_errors_of_a_job_and_names_that_are_none() -> None:
    lab = Estate("cloud")
    lab.account("joan")
    lab.faults.arm("export-error", object="joan")
    result = lab.on_tenant(fail_on="errors")
    assert result["failed"] and result["result"] == "errors" and "contoso.com: completed-export-errors" in result["msg"]
    missing = lab.on_tenant(configuration=["fabrikam.com"])
    assert missing["failed"] and "no configuration of Cloud Sync named fabrikam.com" in missing["msg"] and "contoso.com" in missing["msg"]
    assert lab.on_tenant(check_mode=True)["changed"]


def test_a_paused_job_is_gated() -> None:
    lab = Estate("cloud")
    (job,) = next(iter(lab.graph.tenant.jobs.values())).values()
    job.code = "Paused"
    refused = lab.on_tenant()
    assert refused["failed"] and "contoso.com is paused" in refused["msg"] and job.last is None
    assert lab.on_tenant(accept_disabled_scheduler=True)["result"] == "success" and job.code == "Active"


def test_a_job_that_would_delete_too_much_is_in_quarantine() -> None:
    lab = Estate("cloud")
    accounts = [lab.account(name) for name in ("joan", "ruth", "emmy")]
    lab.on_tenant()
    lab.engine.threshold = 2
    for one in accounts:
        lab.directory.remove(one)
    result = lab.on_tenant()
    assert result["failed"] and result["deletion_threshold_reached"] and "contoso.com: quarantine" in result["msg"]
    (job,) = lab.on_tenant("directory_sync_info")["tenant"]["jobs"]
    assert (job["state"], job["quarantine"]["reason"]) == ("Quarantine", "TooManyDeletes")
    assert lab.user("joan@contoso.com").synchronized


def test_a_tenant_without_jobs_names_the_other_way() -> None:
    result = Estate().on_tenant()
    assert result["failed"] and "no job of Cloud Sync" in result["msg"] and "m365_endpoint: windows" in result["msg"]


# --- arrival ---


def test_a_user_is_followed_into_the_tenant() -> None:
    lab = Estate()
    joan = lab.account("joan")
    assert [one["status"] for one in lab.arrived("joan")] == ["missing"]
    lab.on_server()
    anchor = lab.staged(joan).anchor
    (by_name, by_anchor) = lab.arrived("joan", joan=anchor)
    assert by_name["status"] == by_anchor["status"] == "synchronized" and by_anchor["final"]
    (other,) = lab.arrived(joan="b3RoZXI=")
    assert other["status"] == "other_anchor" and anchor in other["message"]


def test_a_user_of_the_cloud_is_not_one_that_arrived() -> None:
    lab = Estate()
    (ada,) = lab.arrived("ada")
    assert (ada["status"], ada["final"]) == ("cloud_only", False)
    lab.graph.tenant.synchronization["features"]["blockSoftMatchEnabled"] = True
    (ada,) = lab.arrived("ada")
    assert (ada["status"], ada["final"]) == ("soft_match_blocked", True) and "blockSoftMatchEnabled" in ada["message"]


def test_a_duplicate_is_told_with_the_name_that_it_got() -> None:
    lab = Estate()
    one = lab.account("joan", userPrincipalName="joan@nowhere.example")
    lab.on_server()
    (found,) = lab.arrived(joan=lab.staged(one).anchor)
    assert found["status"] == "duplicate" and found["user_principal_name"].endswith(".onmicrosoft.com") and found["final"]


def seen(lab: Estate, **wanted: str) -> tuple[str, str]:
    (found,) = lab.on_tenant("directory_sync_info", objects=[wanted])["tenant"]["objects"]
    return found["status"], found["message"]


def test_a_group_is_known_by_its_security_identifier_whatever_its_name() -> None:
    lab = Estate()
    group = lab.group("Team", lab.account("joan"))
    sid = syntaxes.sid_text(group.values["objectSid"][0])
    assert seen(lab, identity="CN=Team", kind="group", security_identifier=sid) == ("missing", "the tenant has no group CN=Team")
    lab.on_server()
    assert seen(lab, identity="CN=Team", kind="group", security_identifier=sid) == ("synchronized", "CN=Team is synchronised")
    for name, value in (("mail", "team@contoso.com"), ("proxyAddresses", ["SMTP:team@contoso.com"])):
        lab.directory.put(group, name, value)
    lab.on_server()
    assert seen(lab, identity="crew@contoso.com", kind="group", security_identifier=sid) == ("synchronized", "team@contoso.com is synchronised")


def test_a_group_of_the_cloud_and_one_of_another_forest_are_told_apart_by_address() -> None:
    lab = Estate()
    lab.group("List", security=False, mail="list@contoso.com", proxyAddresses=["SMTP:list@contoso.com"])
    lab.on_server()
    wanted = {"identity": "list@contoso.com", "kind": "group"}
    assert seen(lab, **wanted)[0] == "synchronized"
    status, message = seen(lab, **wanted, security_identifier="S-1-5-21-9")
    assert status == "other_anchor" and "another group, whose anchor is S-1-5-21-1004336348" in message
    (found,) = [one for one in lab.graph.tenant.all("group") if one.values.get("mail") == "list@contoso.com"]
    found.values["onPremisesSyncEnabled"] = None
    assert seen(lab, **wanted) == ("cloud_only", "list@contoso.com is a group of the cloud, not matched with the group")
    lab.graph.tenant.synchronization["features"]["blockSoftMatchEnabled"] = True
    status, message = seen(lab, **wanted)
    assert status == "soft_match_blocked" and "allow soft match for this cycle" in message and "onPremisesImmutableId" not in message


def test_a_contact_is_followed_by_its_address() -> None:
    lab = Estate()
    wanted = {"identity": "ann@fabrikam.com", "kind": "contact"}
    assert seen(lab, **wanted)[0] == "missing"
    addresses = {"mail": "ann@fabrikam.com", "proxyAddresses": ["SMTP:ann@fabrikam.com"]}
    lab.forest.make(lab.place, "Ann", "contact", addresses)
    lab.on_server()
    assert seen(lab, **wanted, immutable_id="b3RoZXI=") == ("synchronized", "ann@fabrikam.com is synchronised")


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ({"identity": "Team", "kind": "group"}, "Team is no address, and a group is looked for by its address, or by its security_identifier"),
        ({"identity": "Ann", "kind": "contact"}, "Ann is no address, and a contact is looked for by its address"),
        ({"identity": " "}, "empty identity"),
    ],
)
def test_what_nobody_could_look_for_is_refused(wanted: dict[str, str], says: str) -> None:
    result = Estate().on_tenant("directory_sync_info", objects=[wanted])
    assert result["failed"] and says in result["msg"]


def test_provisioning_errors_name_what_is_duplicate() -> None:
    lab = Estate()
    lab.account("joan")
    lab.on_server()
    two = lab.account("ruth", proxyAddresses=["SMTP:ruth@contoso.com", "smtp:joan@contoso.com"])
    lab.on_server()
    (found,) = lab.arrived(ruth=lab.staged(two).anchor)
    assert found["status"] == "provisioning_errors" and "joan@contoso.com" in found["message"]
