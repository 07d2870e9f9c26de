# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The escape hatch: what leaves for Microsoft Graph, and what does not."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core import censor
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._entra import free
from hybridlab.graph import Graph, seed
from tests import scenarios
from tests.fake_graph import FakeGraph

MODULE = scenarios.module("graph_request")
SECRET = "Sesame, 0pen!"


def options(**given: t.Any) -> dict[str, t.Any]:
    return MODULE.validate({"path": "/v1.0/users"} | given)


def run(graph: Graph, check_mode: bool = False, **given: t.Any) -> Result:
    arguments = {"path": "/v1.0/users"} | given
    result = MODULE.run(lambda: t.cast(t.Any, FakeGraph(graph)), Task(MODULE.validate(arguments), check_mode, verbosity=1))
    return t.cast(Result, censor.Censor(MODULE.hidden(arguments))(result))


@pytest.mark.parametrize(
    "path",
    [
        "v1.0/users", "/v2.0/users", "/v1.0/", "/v1.0", "//host/v1.0/users", "https://graph.microsoft.com/v1.0/users", "/v1.0/users/..", "/v1.0/./users",
        "/v1.0/users#x", "/v1.0/users\n", "/v1.0/users /x", "/v1.0/us\u00e9rs", "/v1.0/users\\x", "/v1.0/%2e%2e/users",
        "/v1.0/users?x=1", "/v1.0/{user}", "/v1.0/}{",
        "/v1.0/users/{}", "/v1.0//users", "",
    ],
)  # fmt: skip
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(UsageError):
        free.address(options(path=path))


@pytest.mark.parametrize("name", ["", " ", ".", ".."])
def test_a_name_is_a_name(name: str) -> None:
    with pytest.raises(UsageError, match="names holds one"):
        free.address(options(path="/v1.0/users/{}", names=[name]))


def test_names_and_query_are_encoded_and_counted_without() -> None:
    path = free.address(options(path="/v1.0/users/{}/x", names=["a?c&d@e"], query={"filter": "x eq 'y&z'", "$select": ["id", "mail"], "top": 5, "count": True}))
    assert path == "/v1.0/users/a%3Fc%26d%40e/x?$filter=x%20eq%20%27y%26z%27&$select=id,mail&$top=5&$count=true"
    assert path.template == "/v1.0/users/{}/x"


def test_a_function_of_the_service_is_a_path() -> None:
    assert free.address(options(path="/v1.0/reports/getEmailActivityCounts(period='D7')"))


def test_bodies_are_put_together() -> None:
    found = free.body(options(method="PATCH", body={"a": {"b": 1}, "c": None}, secret_body={"a": {"d": SECRET}, "e": [SECRET]}))
    assert found == {"a": {"b": 1, "d": SECRET}, "c": None, "e": [SECRET]}
    assert free.body(options(method="POST")) is None
    assert free.body(options(method="POST", body=[1])) == [1]


@pytest.mark.parametrize("given", [{"body": "text"}, {"body": [1], "secret_body": {"a": "b"}}, {"body": {"a": 1}, "secret_body": {"a": "b"}}])
def test_bodies_that_do_not_fit_are_refused(given: dict[str, t.Any]) -> None:
    with pytest.raises(UsageError):
        free.body(options(method="POST", **given))


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
def test_check_mode_sends_nothing_but_reads(method: str) -> None:
    graph = Graph(seed.tenant())
    result = run(graph, True, method=method, path="/v1.0/users/{}", names=["ada@contoso.com"])
    assert (result["changed"], result["msg"], graph.calls) == (True, f"{method} /v1.0/users/{{}} was not sent in check mode.", [])
    assert run(graph, True)["output"]


def test_a_secret_is_sent_and_shown_nowhere() -> None:
    graph = Graph(seed.tenant())
    given: dict[str, t.Any] = {
        "method": "PATCH",
        "path": "/v1.0/users/{}",
        "names": ["ada@contoso.com"],
        "secret_body": {"passwordProfile": {"password": SECRET}},
    }
    result = run(graph, **given)
    assert graph.writes[0][2] == given["secret_body"]
    assert result["changed"]
    assert SECRET not in str(result)
    assert SECRET not in str(run(graph, **given | {"body": {"jobTitle": SECRET, "shoeSize": 42}}))
