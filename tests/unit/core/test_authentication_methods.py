# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Targets of authentication methods: what is there beside the group goes along."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._entra import authentication_methods, targets
from hybridlab.graph import Graph, seed
from tests import scenarios
from tests.fake_graph import FakeGraph

MODULE = scenarios.module("entra_authentication_method_policy")


@pytest.fixture
def graph() -> Graph:
    return Graph(seed.tenant())


def run(graph: Graph, **options: t.Any) -> Result:
    return MODULE.run(lambda: t.cast(t.Any, FakeGraph(graph)), Task(MODULE.validate(options), diff=True))


def aimed(graph: Graph, name: str, *there: dict[str, t.Any]) -> list[dict[str, t.Any]]:
    """The targets of a method, after putting these there."""
    found = next(one for one in graph.tenant.methods_policy["authenticationMethodConfigurations"] if one["id"] == name)
    if there:
        found["includeTargets"] = list(there)
    return t.cast("list[dict[str, t.Any]]", found["includeTargets"])


def group(graph: Graph, name: str, **own: t.Any) -> dict[str, t.Any]:
    identifier = next(one.id for one in graph.tenant.all("group") if one.name == name)
    return {"targetType": "group", "id": identifier, "isRegistrationRequired": False, **own}


def test_a_target_keeps_what_options_do_not_know(graph: Graph) -> None:
    engineering = group(graph, "Engineering", authenticationMode="push", somethingNew=7)
    aimed(graph, "MicrosoftAuthenticator", engineering)
    run(graph, method="microsoft_authenticator", include_targets={"add": ["Break Glass"]})
    assert aimed(graph, "MicrosoftAuthenticator") == [engineering, group(graph, "Break Glass", authenticationMode="push")]


def test_targets_that_differ_are_made_alike_when_a_task_says_so(graph: Graph) -> None:
    aimed(graph, "Sms", group(graph, "Engineering", isUsableForSignIn=True), group(graph, "Break Glass", isUsableForSignIn=False))
    assert "is_usable_for_sign_in" not in run(graph, method="sms")["resource"]
    assert run(graph, method="sms", is_usable_for_sign_in=False)["changed"]
    assert [one["isUsableForSignIn"] for one in aimed(graph, "Sms")] == [False, False]
    assert not run(graph, method="sms", is_usable_for_sign_in=False)["changed"]


def test_a_group_that_is_gone_keeps_its_identifier_for_a_name(graph: Graph) -> None:
    gone = "11111111-2222-4333-8444-555555555555"
    aimed(graph, "Sms", {"targetType": "group", "id": gone}, group(graph, "Engineering"))
    assert run(graph, method="sms")["resource"]["include_targets"] == [gone, "Engineering"]
    assert run(graph, method="sms", include_targets={"remove": [gone]})["resource"]["include_targets"] == ["Engineering"]


def test_what_no_target_has_in_common_is_none() -> None:
    assert targets.common([{"a": 1}, {"a": 1}], "a") == 1
    assert targets.common([{"a": 1}, {"a": 2}], "a") is None
    assert targets.common([], "a") is None


def test_every_setting_of_one_method_is_an_option_and_its_method_exists() -> None:
    assert set(authentication_methods.OF_METHOD) <= set(MODULE.docs.properties)
    assert set(authentication_methods.OF_METHOD.values()) <= set(authentication_methods.METHODS)
    assert sorted(authentication_methods.METHODS) == MODULE.docs.options["method"]["choices"]
