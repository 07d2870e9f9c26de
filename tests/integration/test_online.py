# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Playbooks against tenants of the lab: every way to log in, every refusal, and two tenants that must not meet."""

from __future__ import annotations

import json
import pathlib
import re
import typing as t

import pytest

from hybridlab.cloud.tenants import Certificate
from tests.integration import play
from tests.integration.play import Variables
from tests.integration.test_secrets import Seen, look


@pytest.fixture(scope="module")
def module_record(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return tmp_path_factory.mktemp("record") / "calls.jsonl"


@pytest.fixture(scope="module")
def module_lab(module_record: pathlib.Path) -> t.Iterator[play.Lab]:
    with play.lab("--tenants", "2", "--mailboxes", "60", "--record", str(module_record)) as lab:
        yield lab
    play.clear()


def tenant(lab: play.Lab, domain: str = "contoso.onmicrosoft.com") -> Variables:
    found: Variables = lab.credentials["tenants"][domain]
    return found


def host(lab: play.Lab, application: str = "automation", **changes: t.Any) -> Variables:
    known = tenant(lab)["applications"][application]
    variables = {"m365_tenant_client_id": known["client_id"], "m365_tenant_client_secret": known["client_secret"], **changes}
    return lab.host("exo01", **variables)


READ = play.get("read", "Get-AcceptedDomain")
SECRET = "not-the-secret-of-this-application"
REMOTE = {"name": "Partner", "domain_name": "partner.example", "auto_forward_enabled": True, "auto_reply_enabled": True}


def test_the_same_task_on_both_sides_of_a_hybrid_estate(lab: play.Lab, module_record: pathlib.Path) -> None:
    hosts = {"ex01": lab.host(), "exo01": host(lab)}
    run = play.play(hosts, play.task("domain", "exchange_remote_domain", REMOTE), play.task("again", "exchange_remote_domain", REMOTE)).good()
    shown = [{key: value for key, value in one.result["resource"].items() if key != "guid"} for one in run.all("domain")]
    assert [one.result["changed"] for one in run.all("domain")] == [True, True]
    assert [one.result["changed"] for one in run.all("again")] == [False, False]
    assert shown[0] == shown[1]
    made = [line["target"] for line in map(json.loads, module_record.read_text().splitlines()) if line["cmdlet"] == "New-RemoteDomain"]
    assert sorted(made) == ["exchange-2019", "exchange-online"]


def test_two_tenants_behind_one_address_never_meet(lab: play.Lab) -> None:
    """Both hosts have one host and port, one application name and one lab; only the tenant differs."""
    only = play.task("domain", "exchange_remote_domain", REMOTE | {"name": "Only here", "domain_name": "only.example"}, when="inventory_hostname == 'two'")
    look = play.get("look", "Get-RemoteDomain")
    run = play.play({"one": lab.host("exo01"), "two": lab.host("exo02")}, only, look).good()
    seen = {one.host: {row["Name"] for row in one.result["output"]} for one in run.all("look")}
    assert "Only here" in seen["two"] and "Only here" not in seen["one"]


def test_two_tenants_of_graph_behind_one_address_never_meet(lab: play.Lab) -> None:
    """The same for Microsoft Graph, whose paths do not even name the tenant; and both wires of one tenant beside each other."""
    location = {"identity": "Only here", "ip_ranges": ["203.0.113.0/24"]}
    only = play.task("location", "entra_named_location", location, when="inventory_hostname == 'two'")
    look = play.task("look", "graph_request", {"path": "/v1.0/identity/conditionalAccess/namedLocations"})
    mine = play.task("mine", "graph_request", {"path": "/v1.0/organization"})
    hosts = {"one": lab.host("entra01"), "two": lab.host("entra02"), "exo": lab.host("exo02", m365_wire="graph", ansible_connection="local")}
    run = play.play(hosts, only, look, mine).good()
    seen = {one.host: {row["displayName"] for row in one.result["output"]} for one in run.all("look")}
    assert "Only here" in seen["two"] and "Only here" in seen["exo"] and "Only here" not in seen["one"]
    tenants = {one.host: one.result["output"][0]["id"] for one in run.all("mine")}
    assert tenants["two"] == tenants["exo"] == hosts["two"]["m365_tenant_id"] and tenants["one"] == hosts["one"]["m365_tenant_id"] != tenants["two"]


def test_a_token_of_one_tenant_opens_no_other(lab: play.Lab) -> None:
    """An application of one tenant with the other's name: the token service refuses it, and nothing is sent anywhere."""
    other = tenant(lab, "fabrikam.onmicrosoft.com")
    run = play.play({"wrong": host(lab, m365_tenant_id=other["id"])}, READ)
    assert "AADSTS700016" in run.one("read", "unreachable").message


def logins(lab: play.Lab, folder: pathlib.Path) -> dict[str, Variables]:
    known = tenant(lab)
    pem, token = folder / "app.pem", folder / "token"
    pem.write_text(known["certificate"])
    token.write_text(known["federated_token"])
    bare = host(lab, m365_tenant_client_secret=None)
    return {
        "certificate-path": bare | {"m365_tenant_certificate": str(pem)},
        "certificate-text": bare | {"m365_tenant_certificate": known["certificate"]},
        "federated-token": bare | {"m365_tenant_federated_token_file": str(token)},
        "device-code": bare | {"m365_tenant_auth": "device_code"},
        "by-domain": host(lab, m365_tenant_id=known["domain"]),
        "authority-text": host(lab, m365_tenant_ca_cert=(lab.directory / "ca.pem").read_text()),
    }


def test_every_way_to_log_in(lab: play.Lab, tmp_path: pathlib.Path) -> None:
    hosts = logins(lab, tmp_path)
    run = play.play(hosts, READ, arguments=["-v"]).good()
    assert {one.host for one in run.all("read") if one.status == "ok"} == set(hosts)
    assert "enter the code" in run.output  # the person at the terminal is told what to do
    key = "".join(tenant(lab)["certificate"].splitlines()[-10:-1])
    assert key[:60] not in run.output.replace("\\n", "")


def test_a_managed_identity_logs_in(lab: play.Lab) -> None:
    identity = tenant(lab)["managed_identity"]
    managed = host(lab, m365_tenant_client_secret=None, m365_tenant_client_id=None, m365_tenant_auth="managed_identity")
    environment = {"IDENTITY_ENDPOINT": identity["endpoint"], "IDENTITY_HEADER": identity["header"]}
    play.play({"exo01": managed}, READ, **environment).good()


def test_options_come_from_the_environment_too(lab: play.Lab) -> None:
    """As a credential type of AWX injects them."""
    variables = host(lab)
    given = {name.upper(): str(variables.pop(name)) for name in list(variables) if name.startswith("m365_tenant_")}
    run = play.play({"exo01": variables}, READ, **given).good()
    assert given["M365_TENANT_CLIENT_SECRET"] not in run.output


def certificate(key: bool = True, days: float = 30.0) -> Variables:
    """Variables that log in with a new certificate, which no application knows."""
    pem = Certificate.make("automation", days).pem()
    return {"m365_tenant_client_secret": None, "m365_tenant_certificate": pem if key else pem.partition("-----BEGIN PRIVATE")[0]}


# What is wrong with a host: its application, its variables, and what its task says.
REFUSED: dict[str, tuple[str, Variables, str]] = {
    "wrong-tenant": ("automation", {"m365_tenant_id": "nowhere.onmicrosoft.com"}, "AADSTS90002.*Check m365_tenant_id"),
    "wrong-application": ("automation", {"m365_tenant_client_id": "00000000-0000-0000-0000-000000000001"}, "AADSTS700016"),
    "wrong-secret": ("automation", {"m365_tenant_client_secret": SECRET}, "the client secret is wrong.*AADSTS7000215.*value \\(not its ID\\)"),
    "no-way-to-log-in": ("automation", {"m365_tenant_client_secret": None}, "Nothing says how to log in"),
    "two-ways-to-log-in": ("automation", {"m365_tenant_certificate": "/nowhere.pem"}, "several ways to log in.*client_secret, certificate"),
    "no-tenant": ("automation", {"m365_tenant_id": None}, "m365_tenant_id is not set"),
    "no-such-file": ("automation", {"m365_tenant_client_secret": None, "m365_tenant_certificate": "/nowhere.pem"}, "/nowhere.pem cannot be read"),
    "certificate-without-key": ("automation", certificate(key=False), "has no private key"),
    "expired-certificate": ("automation", certificate(days=-1), "The certificate CN=automation expired on"),
    "unregistered-certificate": ("automation", certificate(), "AADSTS700027.*Upload the public part"),
    "unknown-authority": ("automation", {"m365_tenant_ca_cert": None}, "certificate of .* does not verify.*m365_tenant_ca_cert"),
    "a-host-with-its-scheme": ("automation", {"m365_tenant_exchange_host": "https://outlook.office365.com"}, "not the name of a host"),
    "another-service": ("automation", {"m365_tenant_exchange_host": "localhost:1"}, "localhost:1 cannot be reached"),
    "no-permission": ("unpermitted", {}, "has no permission Exchange.ManageAsApp.*admin consent"),
    "no-role": ("roleless", {}, "no role of the application contains it.*Exchange Administrator"),
    "expired-secret": ("outdated", {}, "the client secret has expired"),
    "disabled": ("disabled", {}, "AADSTS7000112.*disabled"),
}


@pytest.fixture(scope="module")
def refusals(module_lab: play.Lab) -> dict[str, play.Result]:
    """One run with a host for each mistake."""
    hosts = {name: host(module_lab, application, **changes) for name, (application, changes, _message) in REFUSED.items()}
    return {one.host: one for one in play.play(hosts, READ, arguments=["-f", "3"]).all("read")}


@pytest.mark.parametrize("wrong", REFUSED)
def test_who_cannot_log_in_is_told_what_to_do(refusals: dict[str, play.Result], wrong: str) -> None:
    found = refusals[wrong]
    assert found.status in ("failed", "unreachable")
    assert re.search(REFUSED[wrong][2], found.message), found.message
    assert SECRET not in json.dumps(found.result)


def test_a_reader_reads_and_does_not_write(lab: play.Lab) -> None:
    run = play.play({"exo01": host(lab, "reader")}, READ, play.task("write", "exchange_remote_domain", {"name": "Default", "display_sender_name": False}))
    assert run.one("read", "ok")
    found = run.one("write", "failed")
    assert found.result["error"]["class"] == "AccessDenied" and "Set-RemoteDomain" in found.message


def test_ping_proves_that_the_service_answers(lab: play.Lab) -> None:
    ping = play.task("ping", "ansible.builtin.ping", {})
    play.play({"exo01": host(lab)}, ping).good()


def test_reset_gets_a_new_token_and_async_runs(lab: play.Lab) -> None:
    before = lab.client.status()["cloud"]["tokens_issued"]
    asynchronous = play.task("later", "exchange_remote_domain", REMOTE | {"name": "Later", "domain_name": "later.example"}, **{"async": 30, "poll": 1})
    reset = {"name": "reset", "ansible.builtin.meta": "reset_connection"}
    run = play.play({"exo01": host(lab)}, READ, reset, asynchronous, play.get("after", "Get-AcceptedDomain")).good()
    assert run.one("later", "ok").result["changed"]
    assert lab.client.status()["cloud"]["tokens_issued"] == before + 2


def test_an_ordinary_host_reaches_its_tenant_by_variables(lab: play.Lab) -> None:
    """A host of another connection: the module opens its own wire beside it."""
    variables = host(lab, ansible_connection="local", m365_wire="exchange_online")
    play.play({"anything": variables}, play.task("read", "exchange_mailbox_info", {"identity": ["user0"]})).good()


def test_a_module_of_the_server_is_refused_with_the_right_connection(lab: play.Lab) -> None:
    found = play.play({"exo01": host(lab)}, play.task("read", "exchange_server_info", {})).one("read", "failed")
    assert "m365.hybrid.powershell with m365_endpoint: exchange" in found.message


def load(lab: play.Lab) -> Variables:
    found: Variables = lab.client.status()["cloud"]["load"]["contoso.onmicrosoft.com"]
    return found


def test_bulk_goes_in_batches_through_throttling_and_an_expiring_token(lab: play.Lab) -> None:
    """Nothing is lost, nothing is sent twice, and the tenant sees few requests."""
    objects = [{"identity": f"user{number}", "custom_attribute1": f"bulk {number}"} for number in range(60)]
    before = load(lab)
    lab.client.fault("slow-answer", seconds=0.02, cmdlet="Set-Mailbox")
    lab.client.fault("too-many-requests", retry_after=0, count=8, after=5, cmdlet="Set-Mailbox")
    lab.client.fault("expired-token", after=3)
    options = {"module": "exchange_mailbox", "objects": objects, "read": "list"}
    run = play.play({"exo01": host(lab)}, play.task("bulk", "bulk", options)).good()
    result = run.one("bulk").result
    assert result["counts"]["updated"] == 60 and not result["counts"]["failed"], result["counts"]
    after = load(lab)
    assert after["batches"] > before["batches"] and after["requests"] - before["requests"] < 40 and after["most"] <= 3
    lab.client.clear()
    again = play.play({"exo01": host(lab)}, play.task("bulk", "bulk", options)).good().one("bulk").result
    assert again["counts"]["unchanged"] == 60


def test_a_bad_entry_is_named_and_stops_no_other(lab: play.Lab) -> None:
    objects: list[Variables] = [{"identity": f"user{number}", "custom_attribute2": "good"} for number in range(30)]
    objects[11] = {"identity": "user11", "email_addresses": {"add": ["user12@contoso.com"]}}
    result = play.play({"exo01": host(lab)}, play.task("bulk", "bulk", {"module": "exchange_mailbox", "objects": objects})).one("bulk", "failed").result
    assert (result["counts"]["updated"], result["counts"]["failed"]) == (29, 1)
    assert "entry 12, 'user11'" in result["msg"] and "user12@contoso.com" in result["msg"]


def test_what_somebody_logs_in_with_stays_in_memory(lab: play.Lab, tmp_path: pathlib.Path) -> None:
    """Secrets, a certificate given as text, and the tokens got for them: not in output, results, files, arguments or environments."""
    known = tenant(lab)
    hosts = {
        "secret": host(lab, m365_tenant_client_secret="{{ secret }}"),
        "wrong": host(lab, m365_tenant_client_secret="{{ wrong }}"),
        "certificate": host(lab, m365_tenant_client_secret=None, m365_tenant_certificate="{{ certificate }}"),
        "broken": host(lab, m365_tenant_client_secret=None, m365_tenant_certificate="{{ certificate[-300:] }}"),
    }
    key = known["certificate"].splitlines()[-5]
    secret = known["applications"]["automation"]["client_secret"]
    outside = tmp_path / "secrets.json"
    outside.write_text(json.dumps({"secret": secret, "wrong": SECRET, "certificate": known["certificate"]}))
    going = play.start(hosts, READ, arguments=["-vvvv", "-e", f"@{outside}"], ANSIBLE_LOG_PATH="ansible.log")
    hidden, seen = [secret, SECRET, key, "eyJhbGciOi"], Seen()
    while going.process.poll() is None:
        look(going.folder, [one.encode() for one in hidden], seen)
    run = going.finish()
    look(going.folder, [one.encode() for one in hidden], seen)
    assert {one.host: one.status for one in run.all("read")} == {"secret": "ok", "certificate": "ok", "wrong": "unreachable", "broken": "failed"}
    assert not seen.places and not [one for one in hidden if one in run.output or one in json.dumps([found.result for found in run.results])]
    assert any("brokerd.py" in command for command in seen.commands) and seen.files
