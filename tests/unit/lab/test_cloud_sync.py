# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Microsoft Graph knows of directory synchronisation: the tenant's settings, and the jobs of Cloud Sync."""

from __future__ import annotations

import typing as t

import pytest

from hybridlab.graph.tenant import SYNCHRONIZATION
from hybridlab.sync import cloud
from tests.unit.lab.graph_client import Client
from tests.unit.lab.hybrid import Hybrid

SETTINGS = "/directory/onPremisesSynchronization"


class Both(Client, Hybrid):
    """A hybrid organisation with Cloud Sync, asked through Graph."""

    def __init__(self) -> None:
        Client.__init__(self)
        Hybrid.__init__(self)
        self.engine = cloud.install(self.forest, self.graph, self.faults)
        self.principal = self.list("/servicePrincipals", filter="displayName eq 'contoso.com'")[0]["id"]
        self.jobs = f"/servicePrincipals/{self.principal}/synchronization/jobs"
        self.job = f"{self.jobs}/{self.list(self.jobs)[0]['id']}"

    def order(self, verb: str) -> None:
        self.good("POST", f"{self.job}/{verb}", {"criteria": {"resetScope": "Full"}} if verb == "restart" else None)

    def status(self) -> dict[str, t.Any]:
        found: dict[str, t.Any] = self.good("GET", self.job)["status"]
        return found


@pytest.fixture
def lab() -> Both:
    return Both()


def test_the_settings_of_the_tenant_are_read_and_changed_each_by_itself(lab: Both) -> None:
    (found,) = lab.list(SETTINGS)
    assert found["features"]["blockSoftMatchEnabled"] is False
    assert found["configuration"]["accidentalDeletionPrevention"] == {"synchronizationPreventionType": "enabledForCount", "alertThreshold": 500}
    prevention = {"accidentalDeletionPrevention": {"alertThreshold": 3}}
    lab.good(
        "PATCH",
        f"{SETTINGS}/{found['id']}",
        {"features": {"@odata.type": "#microsoft.graph.onPremisesDirectorySynchronizationFeature", "blockSoftMatchEnabled": True}, "configuration": prevention},
    )
    changed = lab.good("GET", f"{SETTINGS}/{found['id']}")
    assert (
        changed["features"].keys() == SYNCHRONIZATION["features"].keys()
        and changed["features"]["blockSoftMatchEnabled"] is True
        and changed["features"]["passwordSyncEnabled"] is True
    )
    assert changed["configuration"]["accidentalDeletionPrevention"] == {"synchronizationPreventionType": "enabledForCount", "alertThreshold": 3}
    assert lab.engine.threshold == 3
    lab.refused(404, "does not exist", "GET", f"{SETTINGS}/elsewhere")
    wrong = {"configuration": {"accidentalDeletionPrevention": {"alertThreshold": -1}}}
    lab.refused(400, "accidentalDeletionPrevention", "PATCH", f"{SETTINGS}/{found['id']}", wrong)


def test_settings_need_their_own_permission() -> None:
    Client(("Directory.ReadWrite.All",)).refused(403, "Insufficient privileges", "GET", SETTINGS)
    Client(("Application.Read.All",)).refused(403, "Insufficient privileges", "GET", "/servicePrincipals/x/synchronization/jobs")


def test_the_organization_says_when_it_was_synchronised(lab: Both) -> None:
    assert lab.list("/organization")[0]["onPremisesLastSyncDateTime"] is None
    lab.order("start")
    assert lab.list("/organization")[0]["onPremisesLastSyncDateTime"] >= "2026"


def test_a_job_brings_people_and_says_so(lab: Both) -> None:
    one = lab.account("joan")
    before = lab.status()
    assert (before["code"], before["lastExecution"]) == ("NotRun", None)
    lab.order("start")
    found = lab.status()
    assert (found["code"], found["lastExecution"]["state"]) == ("Active", "Succeeded") and found["lastExecution"]["countExported"] >= 1
    assert lab.user("joan@contoso.com").synchronized and one.raw("mS-DS-ConsistencyGuid") is None
    lab.order("pause")
    assert lab.status()["code"] == "Paused" and lab.good("GET", lab.job)["schedule"]["state"] == "Disabled"
    lab.faults.arm("export-error", object="jane")
    lab.account("jane")
    lab.order("restart")
    found = lab.status()
    assert found["lastExecution"]["state"] == "EntryLevelErrors" and found["lastSuccessfulExecution"]["state"] == "Succeeded"


def test_jobs_are_those_of_a_known_principal(lab: Both) -> None:
    lab.refused(404, "does not exist", "GET", "/servicePrincipals/00000000-0000-0000-0000-000000000001/synchronization/jobs")
    lab.refused(404, "not found", "POST", f"{lab.jobs}/other/start")
    other = next(one["id"] for one in lab.list("/servicePrincipals") if one["id"] != lab.principal)
    assert lab.list(f"/servicePrincipals/{other}/synchronization/jobs") == []
