# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an application may: with the permissions of a module's row its scenario works, without one of them it is refused and the error names it.

Whether a request is allowed is the lab's own table's affair, which was made from the published reference independently.
"""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import AccessDenied
from ansible_collections.m365.hybrid.plugins.module_utils._entra import module as entra
from ansible_collections.m365.hybrid.plugins.module_utils._entra import permissions
from ansible_collections.m365.hybrid.plugins.plugin_utils.surroundings import named
from hybridlab.faults import Faults
from hybridlab.graph import Graph, seed
from hybridlab.graph import permissions as lab
from tests import graph_task, scenarios
from tests.fake_graph import FakeGraph

NEEDS = permissions.BY_MODULE
GENERAL = {"graph_request": "any request, so any permission"}
MODULES = sorted(path.stem for path in scenarios.entra())
every_module = pytest.mark.parametrize("name", [name for name in MODULES if name not in GENERAL])
ONE_BY_ONE = [(name, one) for name in MODULES if name in NEEDS for one in dict.fromkeys((*NEEDS[name].read, *NEEDS[name].write, *NEEDS[name].sometimes))]


def used(step: dict[str, t.Any], scenario: dict[str, t.Any]) -> str:
    """The module whose permissions a step needs."""
    name = str(step.get("module", scenario["module"]))
    return str(step["task"]["module"]) if name == "bulk" else name


def enough(name: str) -> set[str]:
    return {*(NEEDS[name].write or NEEDS[name].read), *NEEDS[name].sometimes}


def steps(name: str) -> t.Iterator[tuple[str, dict[str, t.Any]]]:
    """The steps of a scenario without faults, and without a look at the server that needs permissions of its own."""
    scenario = scenarios.load(scenarios.FOLDER / f"{name}.yml")
    for step in scenario["steps"]:
        if "fault" not in step or step["expect"] != "failed":
            yield used(step, scenario), {key: value for key, value in step.items() if key not in ("server", "fault")}


def test_every_module_has_a_row() -> None:
    assert set(MODULES) - set(GENERAL) <= set(NEEDS)


@every_module
def test_with_these_permissions_the_scenario_works(name: str) -> None:
    faults = Faults()
    product = Graph(seed.tenant(), faults)
    for module, step in steps(name):
        here = scenarios.Lab(product, faults, FakeGraph(product, enough(module)))
        try:
            scenarios.Step(scenarios.module(step.get("module", name)), step, here).run()
        except AssertionError as error:
            raise AssertionError(f"{step['name']}: {error}") from error


@every_module
def test_with_those_to_read_check_mode_works_and_a_change_is_refused(name: str) -> None:
    product = Graph(seed.tenant())
    readable = {*NEEDS[name].read, *NEEDS[name].sometimes}
    refused = []
    for module, step in steps(name):
        own = step.get("module", name)
        if module == name:
            looked = graph_task.run(product, own, readable, True, **step["task"]) if _valid(own, step) else {}
            assert (looked.get("error") or {}).get("class") != "AccessDenied", looked["msg"]
            tried = graph_task.run(product, own, readable, **step["task"]) if _valid(own, step) else {}
            refused += [tried] if (tried.get("error") or {}).get("class") == "AccessDenied" else []
        if _valid(own, step):
            graph_task.run(product, own, enough(module), **step["task"])
    assert bool(refused) == bool(NEEDS[name].write)
    assert all(permission in one["msg"] for one in refused for permission in NEEDS[name].write)


@pytest.mark.parametrize(("name", "missing"), ONE_BY_ONE)
def test_without_a_permission_the_error_names_it(name: str, missing: str) -> None:
    product = Graph(seed.tenant())
    reduced = {*NEEDS[name].read, *NEEDS[name].sometimes, *(() if missing in set(NEEDS[name].read) - set(NEEDS[name].write) else NEEDS[name].write)} - {missing}
    refused = []
    for module, step in steps(name):
        own = step.get("module", name)
        if not _valid(own, step):
            continue
        if module == name:
            for check_mode in (True, False):
                result = graph_task.run(product, own, reduced, check_mode, **step["task"])
                refused += [result["msg"]] if (result.get("error") or {}).get("class") == "AccessDenied" else []
        graph_task.run(product, own, enough(module), **step["task"])
    assert any(missing in one for one in refused), refused or f"{missing} is not needed"


def _valid(name: str, step: dict[str, t.Any]) -> bool:
    """Whether a step's options pass validation; those that do not never ask the service."""
    try:
        scenarios.module(name).bound(step["task"], named).validate(step["task"])
    except Exception:
        return False
    return True


def test_the_table_names_permissions_that_there_are() -> None:
    named = {permission for needs in NEEDS.values() for permission in (*needs.read, *needs.write, *needs.sometimes)}
    assert named <= lab.ALL


def test_a_tenant_without_premium_is_not_told_to_give_permissions() -> None:
    error = AccessDenied(
        "Neither tenant is B2C or tenant doesn't have premium license",
        cmdlet="GET /v1.0/reports/x",
        error_id="Authentication_RequestFromNonPremiumTenantOrB2CTenant",
    )
    assert "Entra ID P1" in entra.advised("entra_mfa_registration_info", error).advice
    assert "AuditLog" not in error.advice


def test_many_objects_are_refused_with_the_same_advice_as_one() -> None:
    objects = [{"identity": "ada@contoso.com", "department": "Poetry"}]
    for roles in ((), ("User.Read.All",)):
        result = graph_task.run(Graph(seed.tenant()), "bulk", roles, module="entra_user", objects=objects)
        assert f"permission {'User.ReadWrite.All' if roles else 'User.Read.All'}" in result["msg"]
