# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from hybridlab.graph import schema, seed
from hybridlab.graph.service import ROUTES
from tests.unit.lab.graph_client import Client


@pytest.fixture
def client() -> Client:
    return Client()


def step(number: int, method: str, url: str, body: t.Any = None, **more: t.Any) -> dict[str, t.Any]:
    content = {"headers": {"Content-Type": "application/json"}, "body": body} if body is not None else {}
    return {"id": str(number), "method": method, "url": url, **content, **more}


def batch(client: Client, *steps: dict[str, t.Any]) -> dict[str, dict[str, t.Any]]:
    return {one["id"]: one for one in client.good("POST", "/$batch", {"requests": list(steps)})["responses"]}


def test_every_handler_belongs_to_an_operation_of_the_contract() -> None:
    found = {version: schema.Schema(version).paths for version in ("v1.0", "beta")}
    missing = [
        (template, method)
        for template, methods in ROUTES.items()
        for method in methods
        if not any(method.lower() in paths.get(template, {}) for paths in found.values())
    ]
    assert missing == []


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/users", "user"),
        ("/groups", "group"),
        ("/domains", "domain"),
        ("/subscribedSkus", "subscribedSku"),
        ("/organization", "organization"),
        ("/auditLogs/directoryAudits", "directoryAudit"),
        ("/reports/authenticationMethods/userRegistrationDetails", "userRegistrationDetails"),
        ("/users/hedy@contoso.com/authentication/phoneMethods", "phoneAuthenticationMethod"),
    ],
)
def test_what_is_shown_is_of_the_type_of_the_contract(client: Client, path: str, kind: str) -> None:
    client.good("PATCH", "/users/ada@contoso.com", {"department": "Poetry"})
    contract = schema.Schema("v1.0")
    for item in client.list(path):
        contract.check_body({"body": kind}, item)


def test_the_configurations_of_the_methods_are_of_their_types() -> None:
    stable, beta = schema.Schema("v1.0"), schema.Schema("beta")
    for found in seed.tenant().methods_policy["authenticationMethodConfigurations"]:
        contract = beta if found["id"] == "HardwareOath" else stable
        contract.check_body({"body": "authenticationMethodConfiguration"}, found)


def test_what_only_the_beta_version_has_is_not_in_the_stable_one(client: Client) -> None:
    policy = "/policies/authenticationMethodsPolicy"
    assert client.good("GET", f"/beta{policy}/authenticationMethodConfigurations/HardwareOath")["state"] == "disabled"
    client.refused(404, "HardwareOath", "GET", f"{policy}/authenticationMethodConfigurations/HardwareOath")
    assert "HardwareOath" not in [one["id"] for one in client.good("GET", policy)["authenticationMethodConfigurations"]]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1.0/elephants", 400, "BadRequest"),
        ("GET", "/v2.0/users", 400, "BadRequest"),
        ("PUT", "/users", 405, "Request_BadRequest"),
        ("GET", "/users/nobody@contoso.com", 404, "Request_ResourceNotFound"),
        ("POST", "/subscribedSkus", 400, "BadRequest"),
        ("DELETE", "/policies/authenticationMethodsPolicy", 501, "LabDoesNotEmulate"),
    ],
)
def test_a_request_outside_the_contract_is_refused(client: Client, method: str, path: str, status: int, code: str) -> None:
    client.refused(status, code, method, path)


def test_what_the_lab_does_not_emulate_is_logged(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    client.refused(501, "does not emulate", "DELETE", "/policies/authenticationMethodsPolicy")
    assert "DELETE /v1.0/policies/authenticationMethodsPolicy" in caplog.text


@pytest.mark.parametrize(
    ("role", "method", "path", "status", "code"),
    [
        ("User.Read.All", "GET", "/users", 200, ""),
        ("User.Read.All", "PATCH", "/users/ada@contoso.com", 403, "Authorization_RequestDenied"),
        ("User.ReadWrite.All", "PATCH", "/users/ada@contoso.com", 204, ""),
        ("User.ReadWrite.All", "GET", "/users/ada@contoso.com/authentication/phoneMethods", 403, "AccessDenied"),
        ("Policy.Read.All", "GET", "/identity/conditionalAccess/policies", 200, ""),
        ("Policy.Read.All", "GET", "/users", 403, "Authorization_RequestDenied"),
    ],
)
def test_an_application_may_what_its_permissions_say(role: str, method: str, path: str, status: int, code: str) -> None:
    response = Client(roles=[role]).ask(method, path, {"department": "x"} if method == "PATCH" else None)
    assert response.status == status
    assert status < 400 or response.body["error"]["code"] == code


def test_a_batch_answers_each_step_by_itself(client: Client) -> None:
    done = batch(
        client,
        step(1, "GET", "/users/ada@contoso.com"),
        step(2, "GET", "/users/nobody@contoso.com"),
        step(3, "PATCH", "/users/grace@contoso.com", {"jobTitle": "Admiral"}),
    )
    assert {number: one["status"] for number, one in done.items()} == {"1": 200, "2": 404, "3": 204}
    assert "body" not in done["3"]
    assert client.good("GET", "/users/grace@contoso.com")["jobTitle"] == "Admiral"


def test_a_step_that_depends_on_a_failed_one_is_not_done(client: Client) -> None:
    done = batch(
        client,
        step(1, "PATCH", "/users/nobody@contoso.com", {"jobTitle": "x"}),
        step(2, "PATCH", "/users/ada@contoso.com", {"jobTitle": "x"}, dependsOn=["1"]),
        step(3, "GET", "/users/ada@contoso.com", dependsOn=["2"]),
    )
    assert [one["status"] for one in done.values()] == [404, 424, 424]
    assert client.good("GET", "/users/ada@contoso.com")["jobTitle"] is None


@pytest.mark.parametrize(
    "steps",
    [
        [step(number, "GET", "/users") for number in range(21)],
        [step(1, "GET", "/users"), step(1, "GET", "/groups")],
        [],
    ],
    ids=["too many", "one id twice", "none"],
)
def test_a_wrong_batch_is_refused_as_a_whole(client: Client, steps: list[dict[str, t.Any]]) -> None:
    client.refused(400, "BadRequest", "POST", "/$batch", {"requests": steps})


def test_a_step_with_a_body_and_no_content_type_is_refused(client: Client) -> None:
    done = batch(client, {"id": "1", "method": "PATCH", "url": "/users/ada@contoso.com", "body": {"jobTitle": "x"}})
    assert done["1"]["status"] == 400


@pytest.mark.parametrize(("wait", "header"), [(7, "7"), (-1, None)])
def test_a_throttled_request_names_the_wait_or_does_not(client: Client, wait: int, header: str | None) -> None:
    client.graph.faults.arm("too-many-requests", retry_after=wait)
    response = client.ask("PATCH", "/users/ada@contoso.com", {"jobTitle": "x"})
    assert (response.status, response.headers.get("Retry-After")) == (429, header)
    assert client.good("GET", "/users/ada@contoso.com")["jobTitle"] is None


def test_one_step_of_a_batch_may_be_throttled(client: Client) -> None:
    client.graph.faults.arm("too-many-requests", after=2, retry_after=1)
    done = batch(client, step(1, "GET", "/users"), step(2, "GET", "/users"), step(3, "GET", "/users"))
    assert [one["status"] for one in done.values()] == [200, 429, 200]
    assert done["2"]["headers"]["Retry-After"] == "1"


def test_every_answer_names_the_request(client: Client) -> None:
    assert client.ask("GET", "/users").headers["request-id"] != client.ask("GET", "/users").headers["request-id"]
