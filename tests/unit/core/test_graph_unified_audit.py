# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The unified audit log through Microsoft Graph: a search that did not end well is no list."""

from __future__ import annotations

import pathlib
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core import censor
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._entra import unified_audit
from ansible_collections.m365.hybrid.plugins.plugin_utils import surroundings
from hybridlab.graph import Graph, searches, seed
from tests import graph_task, scenarios
from tests.fake_graph import FakeGraph

SINCE = {"start_date": "2026-01-01"}


@pytest.fixture
def product() -> Graph:
    found = Graph(seed.tenant())
    found.tenant.unified = lambda: [
        searches.record(f"id{one}", f"2026-03-02T08:{one % 60:02}:00Z", "ExchangeAdmin", "Exchange", "u", {"Operation": f"Set {one}"}) for one in range(1_500)
    ]
    return found


def run(product: Graph, roles: t.Any = None, check_mode: bool = False, **options: t.Any) -> Result:
    module, session = scenarios.module("entra_unified_audit_info"), FakeGraph(product, *(() if roles is None else (roles,)))
    around = surroundings.Worker(censor.Censor(()), lambda text: None)
    chosen = options if "query" in options else {**SINCE, **options}
    return module.run(lambda: t.cast(t.Any, session), Task(module.validate(chosen), check_mode, verbosity=1, surroundings=around))


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_search_is_ordered_waited_for_and_read_page_by_page(product: Graph, check_mode: bool, tmp_path: pathlib.Path) -> None:
    found = run(product, check_mode=check_mode)
    assert found["count"] == len(found["entries"]) == 1_500 and found["changed"] is False
    assert [one["time"] for one in found["entries"]] == sorted((one["time"] for one in found["entries"]), reverse=True)
    assert found["calls"] == {f"POST {unified_audit.QUERIES}": 1, f"GET {unified_audit.QUERY}": 2, f"GET {unified_audit.RECORDS}": 2}
    again = run(product, check_mode=check_mode, query=found["query"], path=str(tmp_path / "entries"))
    assert again["count"] == 1_500 == len((tmp_path / "entries").read_text(encoding="utf-8").splitlines())
    assert not any(one.startswith("POST") for one in again["calls"])


@pytest.mark.parametrize("ends", ["failed", "cancelled", "unknownFutureValue"])
def test_a_search_that_ends_otherwise_is_no_list(product: Graph, ends: str) -> None:
    searches.of(product.tenant).ends = ends
    found = run(product)
    assert found["failed"] and "not known" in found["msg"] and ends in found["msg"] and "entries" not in found


def test_a_search_that_does_not_end_in_time_is_named(product: Graph) -> None:
    searches.of(product.tenant).looks = 10_000
    found = run(product, wait_timeout=1)
    (query,) = searches.of(product.tenant).known
    assert found["error"]["class"] == "TimedOut" and f"query: {query}" in found["msg"] and "'running' after 1 seconds" in found["msg"]
    searches.of(product.tenant).known[query]["left"] = 0
    assert run(product, query=query)["count"] == 1_500


def test_more_than_the_service_delivers_is_no_list(product: Graph) -> None:
    searches.of(product.tenant).limit = 1_000
    found = run(product)
    assert found["error"]["class"] == "Truncated" and "which is 1000" in found["msg"]


def test_more_than_is_welcome_is_no_list(product: Graph) -> None:
    assert run(product, max_results=1_499)["error"]["class"] == "Truncated"
    assert run(product, max_results=1_500)["count"] == 1_500


def test_a_missing_permission_is_named(product: Graph) -> None:
    found = run(product, roles=("AuditLog.Read.All",))
    assert found["error"]["class"] == "AccessDenied" and "AuditLogsQuery.Read.All" in found["msg"]
    assert run(product, roles=("AuditLogsQuery.Read.All",))["count"] == 1_500


def test_nothing_found_is_a_doubt(product: Graph) -> None:
    product.tenant.unified = list
    found = run(product)
    assert found["entries"] == [] and found["log"] == {"enabled": None} and "does not say whether the tenant records" in found["warnings"][0]


def test_what_changed_in_the_directory_is_in_it_with_old_values(product: Graph) -> None:
    graph_task.run(product, "entra_user", identity="ada@contoso.com", department="Research")
    (entry,) = run(product, record_types=["AzureActiveDirectory"], end_date="2099-01-01")["entries"]
    assert (entry["operation"], entry["object_id"], entry["record_type"]) == ("Update user.", "ada@contoso.com", "AzureActiveDirectory")
    assert entry["audit_data"]["ModifiedProperties"][0]["Name"] == "Department" and "@odata.type" not in entry["audit_data"]


@pytest.mark.parametrize("broken", [{"createdDateTime": None}, {"createdDateTime": "soon"}, {"auditData": []}])
def test_a_record_that_makes_no_sense_is_an_error(product: Graph, broken: dict[str, t.Any]) -> None:
    raw = searches.record("x", "2026-03-02T08:00:00Z", "ExchangeAdmin", "Exchange", "u", {"Operation": "Set"})
    if broken.get("auditData") == []:
        assert unified_audit.row({**raw, "auditData": None})["audit_data"] == {}
        return
    with pytest.raises(ValueError, match="time"):
        unified_audit.row({**raw, **broken})
