# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is exported from Microsoft Graph changes nothing when it is given to bulk: every resource module, on the tenant that its scenario leaves."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._entra.module import GraphModule
from ansible_collections.m365.hybrid.plugins.plugin_utils.surroundings import named
from hybridlab.graph import Graph, seed
from tests import scenarios
from tests.fake_graph import FakeGraph
from tests.fake_lab import lab

NAMES = sorted(path.stem for path in scenarios.MODULES.glob("*.py") if isinstance(scenarios.module(path.stem), GraphModule))
NOT_LISTED = ("entra_domain_federation", "entra_license", "entra_phone_method", "entra_user_mfa")
"""Resource modules whose objects the service does not list without the name of one."""


def run(session: t.Any, name: str, **options: t.Any) -> Result:
    module = scenarios.module(name).bound(options, named)
    return module.run(lambda: session, Task(module.validate(options), diff=True, verbosity=1))


def tenant_of(name: str) -> FakeGraph:
    """As the module's scenario leaves it: with objects of every kind that it makes."""
    found = lab(name)
    scenarios.run(scenarios.load(scenarios.FOLDER / f"{name}.yml"), found)
    return t.cast(FakeGraph, found.session)


@pytest.mark.parametrize("full", [False, True], ids=["lean", "full"])
@pytest.mark.parametrize("name", [name for name in NAMES if name not in NOT_LISTED])
def test_what_is_exported_changes_nothing(name: str, full: bool) -> None:
    session = tenant_of(name)
    found = run(session, "export", module=name, full=full)
    assert not found.get("failed"), found["msg"]
    assert found["objects"], "the scenario leaves nothing to export"
    assert not list(scenarios.foreign(found["objects"]))
    given = json.loads(json.dumps(found["objects"]))
    done = run(session, "bulk", module=name, objects=given, read="list")
    assert not done.get("failed") and not done["changed"], (done["msg"], done.get("diff"))
    assert done["counts"]["unchanged"] == len(given)


@pytest.mark.parametrize("name", NOT_LISTED)
def test_what_cannot_be_listed_is_refused(name: str) -> None:
    assert run(tenant_of(name), "export", module=name)["error"]["class"] == "UsageError"


def graph() -> tuple[Graph, FakeGraph]:
    tenant = Graph(seed.tenant(users=5))
    return tenant, FakeGraph(tenant)


def requests(tenant: Graph) -> list[str]:
    """What was asked since the last time, without query and the names of objects."""
    found = [f"{method} {path.partition('?')[0].removeprefix('/v1.0')}" for method, path, _body in tenant.calls]
    tenant.calls.clear()
    return found


def test_a_password_is_no_part_of_an_exported_user() -> None:
    found = run(graph()[1], "export", module="entra_user", full=True)["objects"]
    assert {"identity": "hedy@contoso.com", "display_name": "Hedy Lamarr"}.items() <= next(one for one in found if "hedy" in one["identity"]).items()
    assert not [one for one in found if "password" in one]


def test_users_are_listed_with_one_request_for_the_properties_that_matter() -> None:
    tenant, session = graph()
    wanted = [{"identity": f"user{number}@contoso.com", "department": "Staff"} for number in range(5)]
    assert not run(session, "bulk", module="entra_user", objects=wanted, read="list")["changed"]
    assert [path.partition("?")[2] for _method, path, _body in tenant.calls] == [
        "$select=createdDateTime,department,id,mail,onPremisesSyncEnabled,userPrincipalName&$top=999"
    ]


def test_users_are_found_by_name_and_id_and_only_what_differs_is_written() -> None:
    tenant, session = graph()
    ada, grace = (tenant.tenant.get("user", f"{name}@contoso.com").id for name in ("ada", "grace"))
    tenant.calls.clear()
    objects = [{"identity": ada.upper(), "city": "London"}, {"identity": "GRACE@contoso.com", "city": "Arlington"}, {"identity": "alan@contoso.com"}]
    done = run(session, "bulk", module="entra_user", objects=objects, read="list")
    assert done["counts"]["updated"] == 2
    assert requests(tenant) == ["GET /users", f"PATCH /users/{ada}", f"PATCH /users/{grace}", f"GET /users/{ada}", f"GET /users/{grace}"]


def test_one_user_under_two_names_is_refused() -> None:
    tenant, session = graph()
    ada = tenant.tenant.get("user", "ada@contoso.com").id
    done = run(session, "bulk", module="entra_user", objects=[{"identity": ada, "city": "Paris"}, {"identity": "ada@contoso.com", "city": "Rome"}], read="list")
    assert "are the same object" in done["msg"]
    assert tenant.writes == []


def test_a_user_who_is_not_listed_is_asked_for_before_one_is_made() -> None:
    tenant, session = graph()
    new = {"identity": "emmy@contoso.com", "display_name": "Emmy", "mail_nickname": "emmy", "password": "Wort-und-Zahl-7"}
    done = run(session, "bulk", module="entra_user", objects=[new], read="list")
    assert done["counts"]["created"] == 1
    assert requests(tenant)[:3] == ["GET /users", "GET /users/emmy%40contoso.com", "GET /directory/deletedItems/microsoft.graph.user"]


def test_groups_of_one_name_are_exported_by_their_ids() -> None:
    tenant, session = graph()
    twins = [tenant.tenant.add("group", {"displayName": "Twins", "mailNickname": alias, "securityEnabled": True}).id for alias in ("a", "b")]
    found = run(session, "export", module="entra_group")["objects"]
    assert [one["identity"] for one in found if one["identity"] in twins] == twins
    assert next(one for one in found if one["identity"] == "Engineering")["members"] == ["ada@contoso.com", "grace@contoso.com"]
    assert not run(session, "bulk", module="entra_group", objects=found, read="list")["changed"]


def test_a_list_that_is_cut_short_is_no_list() -> None:
    tenant, session = graph()
    tenant.faults.arm("service-unavailable", retry_after=900)
    assert run(session, "export", module="entra_user")["error"]["class"] == "Throttled"


def test_those_that_are_named_are_exported_and_one_who_is_not_there_fails_the_export() -> None:
    found = run(graph()[1], "export", module="entra_user", identity=["ada@contoso.com", "nobody@contoso.com"])
    assert found["failed"] and found["error"]["class"] == "NotFound" and "nobody@contoso.com" in found["msg"]
    assert [one["identity"] for one in found["objects"]] == ["ada@contoso.com"]


def test_what_selects_in_exchange_is_refused() -> None:
    assert "database selects nothing" in run(graph()[1], "export", module="entra_user", database="DB01")["msg"]
