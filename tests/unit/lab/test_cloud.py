# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab's tenants as any HTTPS client meets them: tokens, the ladder of permissions, requests, batches."""

from __future__ import annotations

import pathlib
import time
import typing as t

import jwt
import pytest
import requests

from hybridlab import estate
from hybridlab.cloud import tenants
from hybridlab.cloud.site import Site
from hybridlab.cloud.tenants import AUDIENCE, EXCHANGE, GRAPH, ISSUER, SUBJECT, Application, Certificate, Tenant
from hybridlab.cloud.tokens import ASSERTION
from hybridlab.exchange import Exchange

Answer = requests.Response


class Client:
    """Talks to a lab's first tenant as one of its applications."""

    def __init__(self, lab: estate.Estate) -> None:
        assert lab.site is not None
        self.site: Site = lab.site
        self.tenant: Tenant = self.site.tenants[0]
        self._web = requests.Session()
        self._web.trust_env, self._web.verify = False, str(lab.ca_path)  # a bundle in the environment would count more

    def application(self, kind: str = "automation") -> Application:
        return self.tenant.applications[kind]

    def url(self, path: str) -> str:
        return f"https://{self.site.host}/{path}"

    def token(self, tenant: str | None = None, **form: str) -> Answer:
        given = {"grant_type": "client_credentials", "scope": f"{EXCHANGE}/.default", "client_id": self.application().client_id}
        return self._web.post(self.url(f"{tenant or self.tenant.id}/oauth2/v2.0/token"), given | form)

    def get(self, path: str) -> Answer:
        return self._web.get(self.url(path))

    def bearer(self, kind: str = "automation") -> str:
        application = self.application(kind)
        return str(self.token(client_id=application.client_id, client_secret=application.secret).json()["access_token"])

    def post(self, body: t.Any, token: str, operation: str = "InvokeCommand", tenant: str | None = None, **headers: str) -> Answer:
        url = self.url(f"adminapi/beta/{tenant or self.tenant.id}/{operation}")
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._web.post(url, json=body, headers={"Authorization": f"Bearer {token}"} | named)

    def invoke(self, cmdlet: str, kind: str = "automation", /, **parameters: t.Any) -> Answer:
        return self.post(call(cmdlet, parameters), self.bearer(kind))


def call(cmdlet: str, parameters: t.Any) -> dict[str, t.Any]:
    return {"CmdletInput": {"CmdletName": cmdlet, "Parameters": parameters}}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Client]:
    place: pathlib.Path = tmp_path_factory.mktemp("lab") / "lab"
    with estate.running(place, product=Exchange(mailboxes=0), tenants=2, mailboxes=3) as lab:
        yield Client(lab)


def code(answer: Answer) -> int:
    assert answer.status_code in (400, 401), answer.text
    found = answer.json()
    assert found["error_description"].startswith(f"AADSTS{found['error_codes'][0]}: ")
    return int(found["error_codes"][0])


# --- tokens ---


def test_discovery_leads_to_keys_that_verify_a_token(client: Client) -> None:
    found = client.get(f"{client.tenant.domain}/v2.0/.well-known/openid-configuration").json()
    keys = jwt.PyJWKSet.from_dict(client._web.get(found["jwks_uri"]).json())
    claims = jwt.decode(client.bearer(), keys.keys[0].key, ["RS256"], audience=EXCHANGE)
    assert claims["tid"] == client.tenant.id and claims["roles"] == [tenants.MANAGE] and claims["iss"] == found["issuer"]


def test_a_tenant_that_is_not_there(client: Client) -> None:
    assert code(client.get("nowhere.example/v2.0/.well-known/openid-configuration")) == 90002
    assert code(client.token("nowhere.example")) == 90002


def secret(client: Client, kind: str) -> dict[str, str]:
    application = client.application(kind)
    return {"client_id": application.client_id, "client_secret": (*application.expired_secrets, application.secret)[0]}


def test_secrets_are_compared(client: Client) -> None:
    assert code(client.token()) == 7000218
    assert code(client.token(client_secret="wrong")) == 7000215
    assert code(client.token(**secret(client, "outdated"))) == 7000222
    assert code(client.token(**secret(client, "disabled"))) == 7000112
    assert code(client.token(client_id="nobody", client_secret="x")) == 700016
    assert code(client.token("fabrikam.onmicrosoft.com", **secret(client, "automation"))) == 700016


def test_a_scope_names_one_known_service(client: Client) -> None:
    assert code(client.token(**secret(client, "automation"), scope="https://elsewhere.example/.default")) == 500011
    assert code(client.token(**secret(client, "automation"), scope="Mail.Read")) == 70011


def assertion(client: Client, certificate: Certificate | None = None, header: str = "x5t#S256", **changes: t.Any) -> dict[str, str]:
    own = client.application().certificates[0]
    used = certificate or own
    now, client_id = int(time.time()), client.application().client_id
    audience = client.url(f"{client.tenant.id}/oauth2/v2.0/token")
    claims = {"iss": client_id, "sub": client_id, "aud": audience, "nbf": now - 60, "exp": now + 60, "jti": "1", **changes}
    thumbprint = next(one for one in own.thumbprints if len(one) > 30)  # SHA-256; the certificate that it names is the registered one
    return {"client_assertion_type": ASSERTION, "client_assertion": jwt.encode(claims, used.key, "PS256", {header: thumbprint})}


def test_an_assertion_of_the_certificate_is_verified(client: Client) -> None:
    assert client.token(**assertion(client)).status_code == 200


@pytest.mark.parametrize(
    ("changes", "number"),
    [({"aud": "https://elsewhere.example"}, 700023), ({"exp": 1}, 700024), ({"sub": "another"}, 700021), ({"iss": "https://x.example"}, 700211)],
    ids=str,
)
def test_an_assertion_that_says_something_else_is_refused(client: Client, changes: dict[str, t.Any], number: int) -> None:
    assert code(client.token(**assertion(client, **changes))) == number


def test_an_assertion_signed_by_another_key_is_refused(client: Client) -> None:
    answer = client.token(**assertion(client, Certificate.make("impostor")))
    assert code(answer) == 700027 and "invalid signature" in answer.json()["error_description"]


def test_a_certificate_that_is_unknown_or_expired_is_refused(client: Client) -> None:
    answer = client.token(**assertion(client, header="kid"))
    assert code(answer) == 700027 and "not registered" in answer.json()["error_description"]
    old = Certificate.make("old", days=-1)
    client.application().certificates.insert(0, old)
    try:
        answer = client.token(**assertion(client, old))
    finally:
        client.application().certificates.remove(old)
    assert code(answer) == 700027 and "The key used is expired" in answer.json()["error_description"]


def federated(client: Client, key: t.Any = None, **changes: t.Any) -> dict[str, str]:
    now = int(time.time())
    claims = {"iss": ISSUER, "sub": SUBJECT, "aud": AUDIENCE, "exp": now + 60, **changes}
    return {"client_assertion_type": ASSERTION, "client_assertion": jwt.encode(claims, key or client.site.tokens.issuer_key, "RS256")}


def test_a_federated_token_must_be_the_one_that_is_trusted(client: Client) -> None:
    assert client.token(**federated(client)).status_code == 200
    assert code(client.token(**federated(client, sub="another"))) == 700213
    assert code(client.token(**federated(client, aud="another"))) == 700212
    assert code(client.token(**federated(client, exp=1))) == 700024
    assert code(client.token(**federated(client, key=Certificate.make("impostor").key))) == 50013


def test_a_device_code_is_good_once(client: Client) -> None:
    given = {"client_id": client.application().client_id, "scope": f"{EXCHANGE}/.default openid"}
    flow = client._web.post(client.url(f"{client.tenant.id}/oauth2/v2.0/devicecode"), given).json()
    assert flow["user_code"] in flow["message"]
    grant = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": flow["device_code"]}
    assert client.token(**grant).json()["id_token"]
    assert code(client.token(**grant)) == 70020


# --- who may ---


def test_the_ladder_of_permissions(client: Client) -> None:
    assert client.post(call("Get-AcceptedDomain", {}), "").status_code == 401
    assert client.invoke("Get-AcceptedDomain", "unpermitted").status_code == 401
    refused = client.invoke("Get-AcceptedDomain", "roleless")
    assert (refused.status_code, set(refused.content), refused.headers["X-ExceptionType"]) == (403, {0}, "CmdletAccessDeniedException")
    assert client.invoke("Get-AcceptedDomain", "reader").status_code == 200
    assert client.invoke("Set-RemoteDomain", "reader", Identity="Default").status_code == 403
    assert client.invoke("Set-RemoteDomain", Identity="Default", CharacterSet="utf-8").status_code == 200


def test_a_token_is_for_one_tenant_and_one_service(client: Client) -> None:
    body = call("Get-AcceptedDomain", {})
    assert client.post(body, client.bearer(), tenant=client.site.tenants[1].id).status_code == 401
    automation = secret(client, "automation")
    graph = client.token(**automation, scope=f"{GRAPH}/.default").json()["access_token"]
    roles = [set(jwt.decode(token, options={"verify_signature": False})["roles"]) for token in (client.bearer(), graph)]
    assert roles == [{tenants.MANAGE}, client.application("automation").permissions[GRAPH]]  # permissions are those of one service
    assert client.post(body, graph).status_code == 401
    assert "error_description" in client.post(body, graph).headers["WWW-Authenticate"]


# --- requests ---


def test_an_answer_has_side_cars_and_warnings(client: Client) -> None:
    found = client.invoke("Get-Mailbox", Identity="user0").json()
    assert found["@adminapi.warnings"] == [] and found["@odata.context"].endswith("#Collection(Exchange.GenericHashTable)")
    one = found["value"][0]
    assert (one["Guid@data.type"], one["EmailAddresses@odata.type"], one["Identity"]) == ("System.Guid", "#Collection(String)", "User 0")
    assert one["WhenCreatedUTC"] == "2026-03-01T09:00:00.0000000Z" and one["IssueWarningQuota"] == "Unlimited"


def test_what_is_no_call_is_a_bad_request(client: Client) -> None:
    for body in ({}, call("Get-Mailbox", None), call("Set-Mailbox", {"Identity": "user0", "EmailAddresses": {"Add": ["a@contoso.com"]}})):
        assert client.post(body, client.bearer()).status_code == 400


def test_errors_stand_where_the_service_puts_them(client: Client) -> None:
    missing = client.invoke("Get-Mailbox", Identity="gone")
    assert missing.status_code == 404 and "ManagementObjectNotFoundException|" in missing.json()["error"]["details"][0]["message"]
    wrong = client.invoke("Set-RemoteDomain", Identity="Default", ContentType="Paper").json()["error"]
    assert "details" not in wrong and "MimeHtmlText" in wrong["innererror"]["internalexception"]["message"]
    unknown = client.invoke("Set-RemoteDomain", Identity="Default", DomainController="dc01")
    assert unknown.json()["error"]["details"][0]["message"].endswith("Invalid cmdlet parameters specified. DomainController")
    assert client.invoke("Get-ExchangeServer").headers["X-ExceptionType"] == "CommandNotFoundException"


def test_only_the_beta_version_runs_cmdlets(client: Client) -> None:
    answer = client._web.post(client.url(f"adminapi/v1.0/{client.tenant.id}/InvokeCommand"), json={}, headers={"Authorization": f"Bearer {client.bearer()}"})
    assert answer.status_code == 405


def test_what_is_not_emulated_is_said(client: Client) -> None:
    assert client.get("EWS/Exchange.asmx").status_code == 501
    token = client.bearer()
    assert client.post(call("Get-AcceptedDomain", {}), token, operation="InvokeCommand?$select=Name").status_code == 501


def test_pages_belong_to_the_request_that_began_them(client: Client) -> None:
    token, body = client.bearer(), call("Get-Mailbox", {"ResultSize": "Unlimited"})
    first = client.post(body, token, Prefer="odata.maxpagesize=2", X_AnchorMailbox="APP:one").json()
    link = first["@odata.nextLink"]
    headers = {"Authorization": f"Bearer {token}", "X-AnchorMailbox": "APP:one", "Prefer": "odata.maxpagesize=2"}
    assert len(client._web.post(link, json=body, headers=headers).json()["value"]) == 2
    other = client._web.post(link, json=body, headers=headers | {"X-AnchorMailbox": "APP:two"})
    assert other.status_code == 400 and "pagination" in other.text


def part(client: Client, number: int, cmdlet: str, **parameters: t.Any) -> dict[str, t.Any]:
    url = client.url(f"adminapi/beta/{client.tenant.id}/InvokeCommand")
    return {"id": str(number), "method": "POST", "url": url, "headers": {}, "body": call(cmdlet, parameters)}


def test_a_batch_answers_each_call(client: Client) -> None:
    parts = [part(client, 1, "Get-Mailbox", Identity="user0"), part(client, 2, "Get-Mailbox", Identity="gone"), part(client, 3, "Get-AcceptedDomain")]
    found = client.post({"requests": parts}, client.bearer(), operation="$batch").json()["responses"]
    assert [(one["id"], one["status"]) for one in found] == [("1", 200), ("2", 404), ("3", 200)]
    assert found[0]["body"]["value"][0]["Name"] == "User 0"


def test_a_batch_has_its_limits(client: Client) -> None:
    parts = [part(client, number, "Get-AcceptedDomain") for number in range(11)]
    assert client.post({"requests": parts}, client.bearer(), operation="$batch").status_code == 400
    assert client.post({"requests": [parts[0], parts[0]]}, client.bearer(), operation="$batch").status_code == 400
