# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Graph wire against the lab's Graph, with the network between them replaced by a call."""

from __future__ import annotations

import base64
import time
import typing as t
import urllib.parse

import pytest
import requests

from ansible_collections.m365.hybrid.plugins.module_utils._core import errors
from ansible_collections.m365.hybrid.plugins.module_utils._core.clouds import CLOUDS
from ansible_collections.m365.hybrid.plugins.module_utils._entra import paths
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import Call, exchange_online, graph, graph_budgets, graph_job, http, reply, tokens
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


def test_one_object_a_list_of_several_pages_and_nothing(wire: graph.Graph, network: Network) -> None:
    assert ask(wire, "GET", f"{ME}?$select=department")[0]["department"] == "Engineering"
    assert len(ask(wire, "GET", "/v1.0/users?$select=id&$top=100")) == 255
    assert ask(wire, "PATCH", ME, {"department": "Poetry"}) == []
    assert len(network.sent) == 5


def test_a_list_is_read_page_by_page_by_who_asks_for_that(wire: graph.Graph, network: Network) -> None:
    more: str | None = "/v1.0/users?$select=id&$top=100"
    sizes = []
    while more is not None:
        page = wire.page(Call(60), more, False)
        sizes.append(len(page.output))
        more = page.more
        assert more is None or more.startswith("/v1.0/users?")
    assert sizes == [100, 100, 55] and len(network.sent) == 3
    assert ask(wire, "GET", ME) and wire.request(Call(60), "GET", "/v1.0/users?$select=id&$top=100", None, False).more is None
    with pytest.raises(errors.CmdletError, match="cannot be understood"):
        wire.page(Call(60), ME, False)


def test_an_advanced_query_says_so(wire: graph.Graph) -> None:
    path = paths.path("/v1.0/users", filter="department ne 'Staff'", count="true")
    assert len(ask(wire, "GET", path, eventual=True)) == 5
    with pytest.raises(errors.BadParameter, match="Unsupported Query"):
        ask(wire, "GET", path)


@pytest.mark.parametrize(
    "path", ["/users", "https://elsewhere/v1.0/users", "/v1.0/users/a b", "/v1.0/users/\n", "/v1.0/../beta/users", "/v2.0/users", "/v1.0/ü"]
)
def test_what_is_no_path_is_not_sent(wire: graph.Graph, network: Network, path: str) -> None:
    with pytest.raises(errors.UsageError):
        ask(wire, "GET", path)
    assert network.sent == []


def test_what_is_no_method_is_not_sent(wire: graph.Graph, network: Network) -> None:
    with pytest.raises(errors.UsageError, match="TRACE"):
        ask(wire, "TRACE", ME)
    assert network.sent == []


def test_cmdlets_are_refused(wire: graph.Graph) -> None:
    with pytest.raises(errors.UsageError, match="not cmdlets"):
        wire.invoke(Call(1), "Get-Mailbox", {}, None)


@pytest.mark.parametrize(
    ("method", "path", "body", "kind"),
    [
        ("GET", "/v1.0/users/nobody@contoso.com", None, errors.NotFound),
        ("GET", "/v1.0/elephants", None, errors.BadParameter),
        ("POST", "/v1.0/users", {"userPrincipalName": "x@contoso.com"}, errors.BadParameter),
        ("PATCH", ME, {"userPrincipalName": "grace@contoso.com"}, errors.AlreadyExists),
    ],
)
def test_a_refusal_has_its_class_its_words_and_its_place(wire: graph.Graph, method: str, path: str, body: t.Any, kind: type[errors.HybridError]) -> None:
    with pytest.raises(errors.HybridError) as refused:
        ask(wire, method, path, body)
    assert type(refused.value) is kind
    assert refused.value.cmdlet == f"{method} {path}"
    assert refused.value.target == "Microsoft Graph for contoso.com"


def test_only_the_words_for_an_absent_object_prove_one_absent(wire: graph.Graph, network: Network) -> None:
    network.before = lambda number: error_of(404, "UnknownError")
    with pytest.raises(errors.CmdletError) as refused:
        ask(wire, "GET", ME)
    assert not isinstance(refused.value, errors.NotFound)


def test_a_missing_permission_is_no_absence(wire: graph.Graph, network: Network) -> None:
    network.roles = frozenset({"Policy.Read.All"})
    with pytest.raises(errors.AccessDenied):
        ask(wire, "GET", ME)


@pytest.mark.parametrize("status", [429, 503])
def test_what_was_refused_for_load_is_sent_again(wire: graph.Graph, network: Network, product: Graph, status: int) -> None:
    refusal = error_of(status)
    refusal.headers["Retry-After"] = "0"
    network.before = lambda number: refusal if number < 3 else None
    ask(wire, "PATCH", ME, {"department": "Poetry"})
    assert (len(network.sent), len(product.writes)) == (3, 1)


def test_a_pause_that_ends_too_late_is_not_made(wire: graph.Graph, network: Network) -> None:
    refusal = error_of(429)
    refusal.headers["Retry-After"] = "900"
    network.before = lambda number: refusal
    with pytest.raises(errors.Throttled) as refused:
        ask(wire, "PATCH", ME, {"department": "Poetry"})
    assert (refused.value.wait, len(network.sent)) == (900, 1)


@pytest.mark.parametrize(("method", "sent"), [("GET", 2), ("PATCH", 1)])
def test_a_broken_connection_is_repeated_for_reads_only(wire: graph.Graph, network: Network, product: Graph, method: str, sent: int) -> None:
    def broken(number: int) -> None:
        if number == 1:
            raise requests.ConnectionError("reset by peer")

    network.after = broken
    if method == "GET":
        assert ask(wire, "GET", f"{ME}?$select=id")
    else:
        with pytest.raises(errors.SessionLost, match="reset by peer"):
            ask(wire, "PATCH", ME, {"department": "Poetry"})
    assert len(network.sent) == sent
    assert len(product.writes) == (method == "PATCH")


@pytest.mark.parametrize(("method", "sent"), [("GET", 2), ("PATCH", 1)])
def test_a_gateway_that_gave_up_is_asked_again_for_reads_only(wire: graph.Graph, network: Network, product: Graph, method: str, sent: int) -> None:
    product.faults.arm("gateway-timeout")
    if method == "GET":
        assert ask(wire, "GET", f"{ME}?$select=id")
    else:
        with pytest.raises(errors.SessionLost, match=r"gave up.*not known") as lost:
            ask(wire, "PATCH", ME, {"department": "Poetry"})
        assert lost.value.request_id
    assert len(network.sent) == sent
    assert len(product.writes) == (method == "PATCH")


def test_every_refusal_has_the_request_id_for_the_vendors_support(wire: graph.Graph) -> None:
    with pytest.raises(errors.NotFound) as refused:
        ask(wire, "GET", "/v1.0/users/nobody@contoso.com")
    assert refused.value.as_result()["request_id"] and refused.value.error_id == "Request_ResourceNotFound"


def test_each_page_has_the_time_and_the_token_of_a_call(wire: graph.Graph, network: Network) -> None:
    """A list of many pages outlives the time for repeating one call, and more than one token."""
    page = {"value": [{"id": 1}], "@odata.nextLink": "https://graph.test/v1.0/users?$skiptoken=x"}
    ended: t.Any = Answered(200, {}, dumps({"value": [{"id": 2}]}))
    answers = [error_of(401), Answered(200, {}, dumps(page)), error_of(401), ended]
    network.before = lambda number: answers[number - 1]
    assert [one["id"] for one in ask(wire, "GET", "/v1.0/users")] == [1, 2]
    assert [headers["Authorization"][-1] for _method, _url, headers in network.sent] == ["1", "2", "2", "3"]
    job = graph_job.Job(Call(10), "GET", "https://graph.test/v1.0/users", None, False, until=0.0)
    wire._settle(job, reply.Reply(200, {}, dumps(page)), 0)
    assert job.until > 0.0


def test_a_connection_that_breaks_in_mid_page_loses_no_page(wire: graph.Graph, network: Network) -> None:
    def broken(number: int) -> None:
        if number in (2, 4):
            raise requests.ConnectionError("reset by peer")

    network.after = broken
    found = [one["id"] for one in ask(wire, "GET", "/v1.0/users?$select=id&$top=100")]
    assert len(found) == len(set(found)) == 255


def test_an_expired_page_begins_the_list_anew_once(wire: graph.Graph, product: Graph) -> None:
    product.faults.arm("expired-page", after=1)
    found = [one["id"] for one in ask(wire, "GET", "/v1.0/users?$select=id&$top=100")]
    assert len(found) == len(set(found)) == 255
    product.faults.arm("expired-page", count=2)
    with pytest.raises(errors.BadParameter, match="expired"):
        ask(wire, "GET", "/v1.0/users?$select=id&$top=100")


def test_pages_that_go_round_in_circles_are_no_list(wire: graph.Graph, network: Network) -> None:
    link = "https://graph.test/v1.0/users?$skiptoken=x"
    network.before = lambda number: Answered(200, {}, dumps({"value": [{"id": number}], "@odata.nextLink": link}))
    with pytest.raises(errors.Truncated):
        ask(wire, "GET", "/v1.0/users")


@pytest.mark.parametrize("content", [b"", b" ", b"{}", b'{"error": null}'])
def test_a_page_without_its_objects_is_no_end_of_a_list(wire: graph.Graph, network: Network, content: bytes) -> None:
    link = "https://graph.test/v1.0/users?$skiptoken=x"
    network.before = lambda number: Answered(200, {}, dumps({"value": [{"id": 1}], "@odata.nextLink": link}) if number == 1 else content)
    with pytest.raises(errors.CmdletError, match="cannot be understood"):
        ask(wire, "GET", "/v1.0/users")


@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_a_read_that_is_answered_with_nothing_finds_nothing_out(wire: graph.Graph, network: Network, method: str) -> None:
    network.before = lambda number: Answered(200, {}, b"")
    if method == "PATCH":
        assert ask(wire, method, ME, {"department": "Poetry"}) == []
        return
    with pytest.raises(errors.CmdletError, match="cannot be understood: HTTP 200, no text"):
        ask(wire, method, "/v1.0/groups?$filter=displayName%20eq%20'x'")


def test_a_link_to_another_host_is_followed_on_ours(wire: graph.Graph, network: Network) -> None:
    """A token goes to no other host, whatever a link says."""
    network.before = lambda number: (
        Answered(200, {}, dumps({"value": [], "@odata.nextLink": "https://evil.test/v1.0/users?$skiptoken=YXQ9MA"})) if number == 1 else None
    )
    ask(wire, "GET", "/v1.0/users")
    assert {urllib.parse.urlsplit(url).netloc for _method, url, _headers in network.sent} == {"graph.test"}


def test_a_token_that_is_refused_is_renewed_once(wire: graph.Graph, network: Network) -> None:
    network.before = lambda number: error_of(401, "InvalidAuthenticationToken") if number == 1 else None
    assert ask(wire, "GET", f"{ME}?$select=id")
    assert [headers["Authorization"] for _method, _url, headers in network.sent] == ["Bearer 1", "Bearer 2"]
    network.before = lambda number: error_of(401, "InvalidAuthenticationToken")
    with pytest.raises(errors.AccessDenied, match="no permission of Microsoft Graph"):
        ask(wire, "GET", ME)
    assert len(network.sent) == 4


def test_a_token_with_permissions_that_is_refused_twice_is_no_matter_of_powershell(network: Network) -> None:
    claims = base64.urlsafe_b64encode(dumps({"roles": ["User.Read.All"]})).decode()
    identity = t.cast(t.Any, Identity())
    identity.token = lambda *_asked: tokens.Token(f"x.{claims}.x")
    network.before = lambda number: error_of(401, "InvalidAuthenticationToken")
    found = graph.Graph(OPTIONS, t.cast(http.Http, network), identity)
    with pytest.raises(errors.LoginRefused, match="status 401") as refused:
        ask(found, "GET", ME)
    found.close()
    assert "m365_tenant_cloud" in refused.value.advice and len(network.sent) == 2


@pytest.mark.parametrize(("headers", "waits"), [({}, [3.0, 6.0, 9.0]), ({"retry-after": "2"}, [2.0, 2.0, 2.0]), ({"retry-after": "soon"}, [3.0, 6.0, 9.0])])
def test_a_refusal_for_load_with_and_without_the_time_to_wait(wire: graph.Graph, headers: dict[str, str], waits: list[float]) -> None:
    job = graph_job.Job(Call(100), "GET", "https://graph.test/v1.0/users", None, False, until=time.monotonic() + 50)
    busy = reply.Reply(429, headers, dumps({"error": {"code": "TooManyRequests", "message": "Too many requests."}}))
    assert [wire._settle(job, busy, attempt) for attempt in range(3)] == waits
    job.until = time.monotonic() + 1
    assert wire._settle(job, busy, 0) is None
    with pytest.raises(errors.Throttled, match="Nothing was executed"):
        job.result()


def test_requests_and_pages_of_a_small_service_wait_for_its_budget(network: Network) -> None:
    wire = graph.Graph(OPTIONS | {"pace": True}, t.cast(http.Http, network), t.cast(tokens.Tokens, Identity()))
    page = {"value": [{"id": 1}]}
    network.before = lambda number: Answered(
        200, {}, dumps(page | ({"@odata.nextLink": f"https://x/v1.0/auditLogs/x?$skiptoken={number}"} if number < 6 else {}))
    )
    waited: list[float] = []

    class Patient(Call):
        def sleep(self, seconds: float) -> None:
            waited.append(seconds)

    call = Patient(10)
    assert len(wire.request(call, "GET", "/v1.0/auditLogs/x", None, False).output) == 6
    assert len(waited) == 1 and 9 < waited[0] <= 10  # five are at once, the sixth page is not
    wire.close()


@pytest.mark.parametrize("cloud", CLOUDS.values(), ids=lambda cloud: cloud.name)
def test_a_token_is_for_the_clouds_own_service_whatever_the_host(network: Network, cloud: t.Any) -> None:
    identity = Identity()
    wire = graph.Graph(OPTIONS | {"cloud": cloud.name}, t.cast(http.Http, network), t.cast(tokens.Tokens, identity))
    assert ask(wire, "GET", f"{ME}?$select=id")
    assert identity.resource == f"https://{cloud.graph}" and network.sent[0][1].startswith("https://graph.test/")
    wire.close()
    other = exchange_online.ExchangeOnline(
        {**OPTIONS, "exchange_host": "exchange.test", "cloud": cloud.name}, t.cast(http.Http, network), t.cast(tokens.Tokens, identity)
    )
    other.open(Call(1))
    assert identity.resource == f"https://{cloud.exchange}"
    other.close()


def test_a_budget_is_kept_without_being_refused() -> None:
    now = [0.0]
    ledger = graph_budgets.Ledger(clock=lambda: now[0])
    path = "/v1.0/identity/conditionalAccess/policies"
    assert [ledger.reserve(path) for _ in range(3)] == [0.0, 1.0, 2.0]
    now[0] = 10.0
    assert [ledger.reserve(path) for _ in range(2)] == [0.0, 1.0]
    assert [ledger.reserve("/beta/reports/x") for _ in range(6)] == [0.0] * 5 + [10.0]
    assert ledger.reserve("/v1.0/users") == 0.0


@pytest.mark.parametrize(("method", "sent"), [("GET", 2), ("PATCH", 1)])
def test_an_error_that_is_no_answer_of_graph_leaves_a_doubt(wire: graph.Graph, network: Network, method: str, sent: int) -> None:
    network.before = lambda number: Answered(500, {}, b"<html>Internal error")
    with pytest.raises(errors.SessionLost, match="gave up"):
        ask(wire, method, ME, {"department": "Poetry"} if method == "PATCH" else None)
    assert len(network.sent) == sent


def test_a_redirect_is_not_followed_and_names_where_it_leads(wire: graph.Graph, network: Network) -> None:
    network.before = lambda number: Answered(302, {"Location": "https://graph.other.test/v1.0/users?secret=1"}, b"")
    with pytest.raises(errors.Unreachable, match=r"refers to https://graph\.other\.test/v1\.0/users\b") as refused:
        ask(wire, "GET", ME)
    assert "m365_tenant_cloud" in refused.value.advice and "secret" not in str(refused.value) and len(network.sent) == 1


def test_a_pause_beyond_the_calls_own_time_is_not_made(wire: graph.Graph, network: Network) -> None:
    network.before = lambda number: Answered(429, {"Retry-After": "3"}, dumps({"error": {"code": "TooManyRequests", "message": "busy"}}))
    with pytest.raises(errors.Throttled, match="busy"):
        wire.request(Call(1), "GET", ME, None, False)
