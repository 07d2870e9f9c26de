# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users, groups and licences of a tenant where things are not as a scenario can arrange them."""

from __future__ import annotations

import dataclasses
import json
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core import bulk_task
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import SessionLost
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from ansible_collections.m365.hybrid.plugins.module_utils._entra import licence
from ansible_collections.m365.hybrid.plugins.plugin_utils import surroundings
from hybridlab.graph import Graph, seed
from tests import graph_task, scenarios
from tests.fake_graph import FakeGraph

PASSWORD = "Wort-und-Zahl-7"
SKU = "6fd2c87f-b296-42f0-b197-1e91e994b900"
EMMY: dict[str, t.Any] = {"identity": "emmy@contoso.com", "display_name": "Emmy", "mail_nickname": "emmy", "password": PASSWORD}


@pytest.fixture
def product() -> Graph:
    return Graph(seed.tenant())


def inherited(product: Graph, direct: bool = False) -> None:
    """Give Ada a licence through a group, and perhaps directly, too."""
    group = product.tenant.all("group")[0].id
    ada = product.tenant.get("user", "ada@contoso.com")
    state = {"skuId": SKU, "disabledPlans": [], "state": "Active", "error": "None"}
    ada.values["assignedLicenses"] = [{"skuId": SKU, "disabledPlans": []}]
    ada.values["licenseAssignmentStates"] = [state | {"assignedByGroup": group}] + ([state | {"assignedByGroup": None}] if direct else [])


@pytest.mark.parametrize(("pauses", "failed"), [((0.0,), 1), (None, 0)])
def test_many_changes_are_waited_for_as_long_as_the_wire_takes(product: Graph, pauses: tuple[float, ...] | None, failed: int) -> None:
    options = {"module": "entra_group", "objects": [{"identity": "Break Glass", "members": {"add": ["ada@contoso.com"]}}]}
    product.faults.arm("replica-lag", reads=1)
    bulk = dataclasses.replace(t.cast(bulk_task.BulkModule, scenarios.module("bulk")), pauses=pauses)
    bound = bulk.bound(options, surroundings.named)
    result = bound.run(lambda: t.cast(t.Any, FakeGraph(product)), Task(bound.validate(options)))
    assert result["counts"]["failed"] == failed, result


class Cut(FakeGraph):
    """Loses the connection under the first creation, which the service has carried out; its lists show the new object after some more of them."""

    lost = False

    def request(self, method: str, path: str, body: t.Any = None, *, eventual: bool = False) -> Answer:
        answer = super().request(method, path, body, eventual=eventual)
        for one in self.product.tenant.all("group"):
            one.unseen -= one.unseen > 0 and method == "GET"
        if method == "POST" and not self.lost:
            self.lost = True
            raise SessionLost("the connection broke")
        return answer


@pytest.mark.parametrize(("lag", "word"), [(0, "created"), (2, "created"), (50, "failed")])
def test_a_group_whose_creation_was_lost_is_not_made_again_however_late_it_shows(product: Graph, lag: int, word: str) -> None:
    options = {"module": "entra_group", "objects": [{"identity": "Pilots", "mail_nickname": "pilots"}]}
    product.faults.arm("replica-lag", reads=lag)
    bulk = dataclasses.replace(t.cast(bulk_task.BulkModule, scenarios.module("bulk")), pauses=(0.0, 0.0, 0.0))
    bound = bulk.bound(options, surroundings.named)
    result = bound.run(lambda: t.cast(t.Any, Cut(product)), Task(bound.validate(options)))
    assert [one["outcome"] for one in result["outcomes"]] == [word] and result["changed"], result
    assert sum(one.values["displayName"] == "Pilots" for one in product.tenant.all("group")) == 1
    assert word == "created" or result["error"]["class"] == "SessionLost"


def test_a_licence_from_a_group_counts_as_assigned(product: Graph) -> None:
    inherited(product)
    result = graph_task.run(product, "entra_license", identity="ada@contoso.com", sku="ENTERPRISEPACK")
    assert not result.get("failed") and not result["changed"]
    assert result["resource"]["assigned_by_groups"] == [product.tenant.all("group")[0].id]


@pytest.mark.parametrize("direct", [False, True])
@pytest.mark.parametrize("options", [{"state": "absent"}, {"disabled_plans": ["TEAMS1"]}])
def test_a_licence_from_a_group_is_neither_taken_away_nor_changed(product: Graph, direct: bool, options: dict[str, t.Any]) -> None:
    inherited(product, direct)
    for check_mode in (True, False):
        result = graph_task.run(product, "entra_license", check_mode=check_mode, identity="ada@contoso.com", sku="ENTERPRISEPACK", **options)
        assert "comes from the group" in result["msg"]
    assert not product.writes


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize("name", ["emmy@contoso.com", "emmy@nowhere.example"])
def test_a_password_is_in_no_result(product: Graph, check_mode: bool, name: str) -> None:
    result = graph_task.run(product, "entra_user", check_mode=check_mode, **EMMY | {"identity": name})
    assert PASSWORD not in json.dumps(result)
    assert bool(product.writes) != check_mode


def test_a_refused_password_is_not_in_the_error(product: Graph) -> None:
    result = graph_task.run(product, "entra_user", **EMMY | {"password": "shortone"})
    assert result["failed"] and "shortone" not in json.dumps(result)


def test_a_name_that_several_groups_have_is_refused_and_an_id_is_not(product: Graph) -> None:
    for _number in range(2):
        product.tenant.add("group", dict(product.tenant.all("group")[0].values) | {"displayName": "Twins"})
    identifier = product.tenant.all("group")[-1].id
    result = graph_task.run(product, "entra_group", identity="Twins", description="x")
    assert result["error"]["class"] == "Ambiguous" and not product.writes
    assert graph_task.run(product, "entra_group", identity=identifier, description="x")["changed"]


def test_a_member_whose_name_several_groups_have_is_refused_before_anything_is_written(product: Graph) -> None:
    for _number in range(2):
        product.tenant.add("group", dict(product.tenant.all("group")[0].values) | {"displayName": "Twins"})
    result = graph_task.run(product, "entra_group", identity="Engineering", description="x", members={"add": ["Twins"]})
    assert result["error"]["class"] == "Ambiguous" and "members: 2 groups are called Twins" in result["msg"]
    assert not product.writes


def test_a_removal_means_nobody_but_the_one_it_names(product: Graph) -> None:
    result = graph_task.run(product, "entra_user", identity="nobody@contoso.com", user_principal_name="ada@contoso.com", state="absent")
    assert not result["changed"] and not product.writes


def test_an_id_never_means_somebody_else_by_name(product: Graph) -> None:
    identifier = "11111111-2222-3333-4444-555555555555"
    result = graph_task.run(product, "entra_user", identity=identifier, user_principal_name="ada@contoso.com", department="Poetry")
    assert result["failed"] and not product.writes


def test_several_deleted_users_of_a_name_are_named_and_none_is_chosen(product: Graph) -> None:
    for _number in range(2):
        assert graph_task.run(product, "entra_user", **EMMY, deleted_user="ignore")["changed"]
        assert graph_task.run(product, "entra_user", identity=EMMY["identity"], state="absent")["changed"]
    deleted = product.tenant.all("user", deleted=True)
    result = graph_task.run(product, "entra_user", **EMMY, deleted_user="restore")
    assert all(one.id in result["msg"] for one in deleted) and len(deleted) == 2
    assert "can be restored" in graph_task.run(product, "entra_user", identity=deleted[0].id)["msg"]
    restored = graph_task.run(product, "entra_user", identity=deleted[0].id, department="Algebra", deleted_user="restore")
    assert (restored["resource"]["user_principal_name"], restored["resource"]["department"]) == ("emmy@contoso.com", "Algebra")
    assert not deleted[0].deleted and deleted[1].deleted


def test_a_deleted_user_whose_name_only_ends_alike_holds_nothing(product: Graph) -> None:
    graph_task.run(product, "entra_user", **EMMY | {"identity": "x.emmy@contoso.com", "mail_nickname": "xemmy"})
    graph_task.run(product, "entra_user", identity="x.emmy@contoso.com", state="absent")
    assert graph_task.run(product, "entra_user", **EMMY)["changed"]


@pytest.mark.parametrize(("units", "free"), [({"enabled": 1, "warning": 1, "suspended": 5}, True), ({"enabled": 1, "warning": 0, "suspended": 5}, False)])
def test_seats_in_their_grace_period_are_free_and_suspended_ones_are_not(units: dict[str, int], free: bool) -> None:
    sku = {"prepaidUnits": units, "consumedUnits": 1}
    assert (licence.free_seats(sku) > 0) == free


@pytest.mark.parametrize(("count", "requests"), [(20, 1), (21, 2)])
def test_one_request_adds_twenty_members_and_no_more(count: int, requests: int) -> None:
    product = Graph(seed.tenant(users=30))
    members = [f"user{number}@contoso.com" for number in range(count)]
    result = graph_task.run(product, "entra_group", identity="Break Glass", members={"add": members})
    assert result["calls"]["PATCH /v1.0/groups/{}"] == requests
    assert set(members) <= set(result["resource"]["members"])


@pytest.mark.parametrize(("given", "forced"), [({}, True), ({"force_change_password_next_sign_in": False}, False)])
def test_a_password_is_changed_at_the_next_sign_in_unless_the_task_says_otherwise(product: Graph, given: dict[str, bool], forced: bool) -> None:
    sent: list[t.Any] = []

    class Told(FakeGraph):
        def request(self, method: str, path: str, body: t.Any = None, *, eventual: bool = False) -> Answer:
            sent.extend([body["passwordProfile"]] if method == "POST" else [])
            return super().request(method, path, body, eventual=eventual)

    module = scenarios.module("entra_user")
    assert not module.run(lambda: t.cast(t.Any, Told(product)), Task(module.validate(EMMY | given))).get("failed")
    assert sent == [{"password": PASSWORD, "forceChangePasswordNextSignIn": forced}]
