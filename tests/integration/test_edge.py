# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Edge Transport servers over the real wire: WinRM's endpoint, local accounts, the snap-in that every session loads first."""

from __future__ import annotations

import importlib.util
import json
import pathlib
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import CommandMissing, LoginRefused
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from hybridlab import estate
from hybridlab.exchange.edge import SNAPINS
from tests import scenarios
from tests.integration import play
from tests.integration.wire_session import connected

GET, SET, ADD = "Get-IPBlockListProvidersConfig", "Set-IPBlockListProvidersConfig", "Add-PSSnapin"
CHECKER = pathlib.Path(__file__).resolve().parents[3] / "shared" / "contract" / "check_calls.py"


@pytest.fixture(name="edge_lab")
def estate_with_edge(tmp_path: pathlib.Path) -> t.Iterator[estate.Estate]:
    with estate.running(tmp_path / "lab", record=tmp_path / "record.jsonl") as found:
        yield found


def run(session: Session, **options: t.Any) -> Result:
    module = scenarios.module("exchange_ip_block_list_providers_config")
    return module.run(lambda: session, Task(module.validate(options), diff=True))


def sent(edge_lab: estate.Estate) -> list[str]:
    return [cmdlet for cmdlet, _parameters in edge_lab.edges[0].product.calls]


def test_a_session_loads_the_snap_in_once_and_serves_every_call(edge_lab: estate.Estate) -> None:
    with connected(edge_lab, "edge") as session:
        assert run(session, bypassed_recipients=["a@contoso.com"])["changed"]
        assert not run(session, bypassed_recipients=["a@contoso.com"])["changed"]
        assert edge_lab.live() == {"EDGE01\\administrator": 1}
    assert sent(edge_lab)[0] == ADD and sent(edge_lab).count(ADD) == 1
    assert edge_lab.counters["opened"] == 1


def test_servers_keep_their_settings_apart(edge_lab: estate.Estate) -> None:
    with connected(edge_lab, "edge") as session:
        run(session, bypassed_recipients=["a@contoso.com"])
    assert edge_lab.edges[0].product.settings.values["BypassedRecipients"] == ["a@contoso.com"]
    assert edge_lab.edges[1].product.settings.values["BypassedRecipients"] == []


def test_a_server_with_the_older_name_only_is_served(edge_lab: estate.Estate) -> None:
    edge_lab.change({"server": "EDGE01", "snapins": [SNAPINS[0]]})
    with connected(edge_lab, "edge") as session:
        assert not run(session, enabled=True)["changed"]
    names = [given["Name"] for cmdlet, given in edge_lab.edges[0].product.calls if cmdlet == ADD]
    assert names == [SNAPINS[1], SNAPINS[0]]


def test_a_server_without_exchange_is_named_as_that(edge_lab: estate.Estate) -> None:
    edge_lab.change({"server": "EDGE01", "snapins": []})
    with pytest.raises(CommandMissing) as caught, connected(edge_lab, "edge"):
        pass
    assert "No snap-ins have been registered for Windows PowerShell version 5" in str(caught.value)
    assert "Endpoint edge is for Exchange servers with the Edge Transport role" in str(caught.value)
    assert sent(edge_lab) == [ADD, ADD]


def test_the_cmdlets_are_unknown_without_the_snap_in(edge_lab: estate.Estate) -> None:
    edge = edge_lab.edges[0]
    way = {"windows_host": "localhost", "windows_port": edge.https_port, "windows_scheme": "https", "user": edge.user, "password": edge.password}
    with connected(edge_lab, "windows", **way) as session, pytest.raises(CommandMissing):
        session.invoke(GET)


def test_http_carries_encrypted_messages(edge_lab: estate.Estate) -> None:
    with connected(edge_lab, "edge", edge_scheme="http", edge_port=edge_lab.edges[0].http_port) as session:
        assert session.invoke(GET).output[0]["Enabled"] is True


def test_a_session_beyond_the_quota_is_tried_again(edge_lab: estate.Estate) -> None:
    edge_lab.faults.arm("session-limit", count=1)
    with connected(edge_lab, "edge") as session:
        assert session.invoke(GET).output
    assert edge_lab.counters["refused"] == 1


@pytest.mark.parametrize("role", ["Mailbox", "None"])
def test_another_role_is_refused_before_anything_is_read(edge_lab: estate.Estate, role: str) -> None:
    edge_lab.change({"server": "EDGE01", "role": role})
    with connected(edge_lab, "edge") as session:
        result = run(session, enabled=False)
    assert f"EDGE01 has the role {role}, not Edge" in result["msg"]
    assert "Edge Transport servers only" in result["msg"]
    assert GET not in sent(edge_lab) and SET not in sent(edge_lab)


def test_an_account_that_is_no_local_administrator_is_told_so(edge_lab: estate.Estate) -> None:
    password = edge_lab.edges[0].accounts.passwords["helpdesk"]
    with pytest.raises(LoginRefused, match="local group Administrators"), connected(edge_lab, "edge", user="EDGE01\\helpdesk", password=password):
        pass


def test_an_account_of_the_domain_is_none_there(edge_lab: estate.Estate) -> None:
    with pytest.raises(LoginRefused), connected(edge_lab, "edge", user=edge_lab.user, password=edge_lab.password):
        pass


def test_what_is_recorded_is_what_the_reference_knows(edge_lab: estate.Estate) -> None:
    with connected(edge_lab, "edge") as session:
        run(session, bypassed_recipients=["a@contoso.com"], enabled=False)
    record = edge_lab.settings.record
    assert record is not None
    recorded = [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()]
    assert [call["cmdlet"] for call in recorded] == ["Get-ExchangeServer", GET, SET, GET]
    assert {call["target"] for call in recorded} == {"exchange-2019"}
    if CHECKER.is_file():
        _check(recorded)


def _check(recorded: list[dict[str, t.Any]]) -> None:
    spec = importlib.util.spec_from_file_location("check_calls", CHECKER)
    assert spec and spec.loader
    checker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(checker)
    found = checker.V()
    cmdlets = checker.Cmdlets(str(CHECKER.parent))
    for call in recorded:
        cmdlets.check(call, found)
    assert not [item for item in found.items if item[0] == "error"]


LOOK = play.task("look", "cmdlet", {"cmdlet": "Get-TransportAgent"})
WISH_OPTIONS = {"bypassed_recipients": {"add": ["postmaster@contoso.com"]}}
WISH = play.task("set", "exchange_ip_block_list_providers_config", WISH_OPTIONS)


def test_a_playbook_run_holds_one_session_for_each_server(lab: play.Lab) -> None:
    before = lab.opened
    hosts = {name: lab.host(name) for name in ("edge01", "edge02")}
    run = play.play(hosts, play.play_of(LOOK, WISH), play.play_of(play.task("again", "exchange_ip_block_list_providers_config", WISH_OPTIONS))).good()
    assert {(one.host, one.result["resource"]["server"]) for one in run.all("set")} == {("edge01", "EDGE01"), ("edge02", "EDGE02")}
    assert [one.result["changed"] for one in run.all("again")] == [False, False]
    assert lab.opened == before + 2


def test_a_windows_host_with_winrm_is_served_beside_it(lab: play.Lab) -> None:
    other = {"ansible_port": 1, "ansible_winrm_transport": "basic", "ansible_winrm_scheme": "http", "ansible_shell_type": "powershell"}
    host = lab.host("edge01", ansible_connection="winrm", m365_endpoint=None, **other)
    assert play.play({"edge01": host}, WISH).good().one("set", "ok").result["resource"]["server"] == "EDGE01"


def test_async_runs_on_an_edge_transport_server(lab: play.Lab) -> None:
    run = play.play({"edge01": lab.host("edge01")}, {**WISH, "async": 60, "poll": 1}).good()
    assert run.one("set", "ok").result["resource"]["server"] == "EDGE01"


def test_a_server_without_exchange_fails_the_task_and_not_the_run(lab: play.Lab) -> None:
    lab.client.change({"server": "EDGE02", "snapins": []})
    run = play.play({name: lab.host(name) for name in ("edge01", "edge02")}, WISH)
    found = {one.host: one for one in run.all("set")}
    assert found["edge01"].status == "ok"
    assert found["edge02"].status == "failed" and found["edge02"].result["error"]["class"] == "CommandMissing"
    assert "Endpoint edge is for Exchange servers with the Edge Transport role" in found["edge02"].message


def test_the_endpoint_of_exchange_is_refused(lab: play.Lab) -> None:
    before = lab.calls
    message = play.play({"ex01": lab.host()}, WISH).one("set", "failed").message
    assert "connection filtering exists on Edge Transport servers only" in message and "m365_endpoint: edge" in message
    assert lab.calls == before
