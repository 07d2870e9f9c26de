# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Batches of the Graph wire: what goes together, what is sent again and what is not."""

from __future__ import annotations

import concurrent.futures
import threading
import time
import typing as t
import urllib.parse

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core import errors
from ansible_collections.m365.hybrid.plugins.module_utils._entra import paths
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import Call, graph, graph_job, http, tokens
from hybridlab.graph import Graph, seed
from tests.unit.plugins.network import ME, OPTIONS, Answered, Identity, Network, ask, dumps, error_of


@pytest.fixture
def product() -> Graph:
    return Graph(seed.tenant(users=250))


@pytest.fixture
def network(product: Graph) -> Network:
    return Network(product)


@pytest.fixture
def wire(network: Network) -> t.Iterator[graph.Graph]:
    found = graph.Graph(OPTIONS, t.cast(http.Http, network), t.cast(tokens.Tokens, Identity()))
    yield found
    found.close()


def together(wire: graph.Graph, network: Network, *asked: tuple[t.Any, ...]) -> list[t.Any]:
    """Make requests at the same time; each one's output or error."""
    network.gate.clear()
    with concurrent.futures.ThreadPoolExecutor(len(asked)) as pool:
        running = [pool.submit(ask, wire, *one) for one in asked]
        threading.Timer(0.3, network.gate.set).start()
        return [one.exception() or one.result() for one in running]


def test_what_waits_goes_in_one_request_and_one_failure_stays_alone(wire: graph.Graph, network: Network, product: Graph) -> None:
    asked = [("PATCH", f"/v1.0/users/user{number}@contoso.com", {"department": "Pilots"}) for number in range(30)]
    asked[17] = ("PATCH", "/v1.0/users/nobody@contoso.com", {"department": "Pilots"})
    found = together(wire, network, *asked)
    assert [number for number, one in enumerate(found) if isinstance(one, Exception)] == [17]
    assert isinstance(found[17], errors.NotFound)
    assert len(network.sent) < 10
    assert sum(one.values.get("department") == "Pilots" for one in product.tenant.all("user")) == 29


@pytest.mark.parametrize("status", [400, 413])
def test_a_batch_that_is_refused_as_a_whole_goes_one_by_one_and_one_is_to_blame(wire: graph.Graph, network: Network, product: Graph, status: int) -> None:
    asked = [("PATCH", f"/v1.0/users/user{number}@contoso.com", {"department": "Pilots"}) for number in range(30)]
    asked[17] = ("PATCH", asked[17][1], {"noSuchProperty": "x"})
    network.before = lambda number: error_of(status, "BadRequest") if network.sent[number - 1][1].endswith("/$batch") else None
    found = together(wire, network, *asked)
    assert [number for number, one in enumerate(found) if isinstance(one, Exception)] == [17]
    assert any(url.endswith("/$batch") for _method, url, _headers in network.sent)


def test_a_call_whose_time_is_up_is_not_sent_once_more(wire: graph.Graph, network: Network) -> None:
    job = graph_job.Job(Call(0.05), "PATCH", f"https://graph.test{ME}", {"department": "Poetry"}, False, time.monotonic() + 5)
    other = graph_job.Job(Call(5), "PATCH", "https://graph.test/v1.0/users/grace@contoso.com", {"department": "Poetry"}, False, time.monotonic() + 5)
    steps = [
        {"id": "0", "status": 429, "headers": {"Retry-After": "0.01"}, "body": {}},
        {"id": "1", "status": 429, "headers": {"Retry-After": "0.2"}, "body": {}},
    ]
    network.before = lambda number: Answered(200, {}, dumps({"responses": steps})) if number == 1 else None
    wire._carry_out([job, other])
    assert [urllib.parse.urlsplit(url).path for _method, url, _headers in network.sent] == ["/v1.0/$batch", "/v1.0/users/grace@contoso.com"]


def test_a_throttled_part_of_a_batch_is_sent_again_and_no_other(wire: graph.Graph, network: Network, product: Graph) -> None:
    product.faults.arm("too-many-requests", after=10, count=3, retry_after=0)
    found = together(wire, network, *[("PATCH", f"/v1.0/users/user{number}@contoso.com", {"department": "Pilots"}) for number in range(30)])
    assert found == [[]] * 30
    assert sum(entry["activityDisplayName"] == "Update user" for entry in product.tenant.audits) == 30


def test_a_token_that_ends_in_mid_bulk_is_renewed_and_nothing_is_sent_twice(wire: graph.Graph, network: Network, product: Graph) -> None:
    network.before = lambda number: error_of(401, "InvalidAuthenticationToken") if number == 3 else None
    found = together(wire, network, *[("PATCH", f"/v1.0/users/user{number}@contoso.com", {"department": "Pilots"}) for number in range(70)])
    assert found == [[]] * 70
    assert sum(entry["activityDisplayName"] == "Update user" for entry in product.tenant.audits) == 70
    assert {headers["Authorization"] for _method, _url, headers in network.sent} == {"Bearer 1", "Bearer 2"}


def test_an_advanced_query_says_so_in_a_batch_too(wire: graph.Graph, network: Network) -> None:
    path = paths.path("/v1.0/users", filter="department ne 'Staff'", count="true")
    found = together(wire, network, *[("GET", path, None, True)] * 12)
    assert [len(one) for one in found] == [5] * 12 and any(url.endswith("/$batch") for _method, url, _headers in network.sent)


def test_writes_of_one_object_go_one_after_the_other_and_a_failed_one_stops_no_other(wire: graph.Graph, network: Network, product: Graph) -> None:
    good = [("PATCH", ME, {"department": f"Room {number}"}) for number in range(6)]
    bad = [("PATCH", ME.upper().replace("V1", "v1").replace("USERS", "users"), {"userPrincipalName": "grace@contoso.com"})] * 2
    found = together(wire, network, *good[:4], *bad, *good[4:], ("GET", ME, None))
    assert [type(one) for one in found[4:6]] == [errors.AlreadyExists] * 2 and [one for one in found[:4] + found[6:8] if one] == []
    assert sum(entry["activityDisplayName"] == "Update user" for entry in product.tenant.audits) == 6
    steps = [step for body in network.bodies if body and "requests" in body for step in body["requests"]]
    depending = [step for step in steps if "dependsOn" in step]
    assert depending and all(step["method"] == "PATCH" and step["dependsOn"] < [step["id"]] for step in depending)


def test_both_versions_go_in_batches_of_their_own(wire: graph.Graph, network: Network) -> None:
    asked = [("GET", f"/beta/users/user{number}@contoso.com/authentication/requirements", None) for number in range(8)]
    asked += [("GET", f"/v1.0/users/user{number}@contoso.com", None) for number in range(8)]
    found = together(wire, network, *asked)
    assert [one[0].get("perUserMfaState") for one in found[:8]] == ["disabled"] * 8
    assert [one[0]["displayName"] for one in found[8:]] == [f"User {number}" for number in range(8)]


def test_what_is_large_goes_alone(wire: graph.Graph, network: Network) -> None:
    large = ("PATCH", "/v1.0/users/user9@contoso.com", {"department": "P" * 1_000_000})
    together(wire, network, *[("PATCH", f"/v1.0/users/user{number}@contoso.com", {"department": "Pilots"}) for number in range(8)], large)
    steps = [step for body in network.bodies if "requests" in body for step in body["requests"]]
    assert steps and not any("user9@" in step["url"] for step in steps)


def test_calls_that_wait_when_the_session_is_closed_end_unsent(network: Network) -> None:
    found = graph.Graph(OPTIONS | {"max_requests": 1}, t.cast(http.Http, network), t.cast(tokens.Tokens, Identity()))
    network.gate.clear()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        first = pool.submit(ask, found, "GET", ME)
        while not found._workers or found._waiting:
            time.sleep(0.01)
        second = pool.submit(ask, found, "PATCH", ME, {"department": "Poetry"})
        while not found._waiting:
            time.sleep(0.01)
        found.close()
        with pytest.raises(errors.SessionLost, match=r"being closed.*Nothing was executed"):
            second.result(5)
        network.gate.set()
        assert first.result(5)
    assert [method for method, _url, _headers in network.sent] == ["GET"]
