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
from tests.integration.wire_session import connected

GET, SET, ADD = "Get-IPBlockListProvidersConfig", "Set-IPBlockListProvidersConfig", "Add-PSSnapin"
CHECKER = pathlib.Path(__file__).resolve().parents[3] / "shared" / "contract" / "check_calls.py"


@pytest.fixture
def lab(tmp_path: pathlib.Path) -> t.Iterator[estate.Estate]:
    with estate.running(tmp_path / "lab", record=tmp_path / "record.jsonl") as found:
        yield found


def run(session: Session, **options: t.Any) -> Result:
    module = scenarios.module("exchange_ip_block_list_providers_config")
    return module.run(lambda: session, Task(module.validate(options), diff=True))


def sent(lab: estate.Estate) -> list[str]:
    return [cmdlet for cmdlet, _parameters in lab.edges[0].product.calls]


def test_a_session_loads_the_snap_in_once_and_serves_every_call(lab: estate.Estate) -> None:
    with connected(lab, "edge") as session:
        assert run(session, bypassed_recipients=["a@contoso.com"])["changed"]
        assert not run(session, bypassed_recipients=["a@contoso.com"])["changed"]
        assert lab.live() == {"EDGE01\\administrator": 1}
    assert sent(lab)[0] == ADD and sent(lab).count(ADD) == 1
    assert lab.counters["opened"] == 1


def test_servers_keep_their_settings_apart(lab: estate.Estate) -> None:
    with connected(lab, "edge") as session:
        run(session, bypassed_recipients=["a@contoso.com"])
    assert lab.edges[0].product.settings.values["BypassedRecipients"] == ["a@contoso.com"]
    assert lab.edges[1].product.settings.values["BypassedRecipients"] == []


def test_a_server_with_the_older_name_only_is_served(lab: estate.Estate) -> None:
    lab.change({"server": "EDGE01", "snapins": [SNAPINS[0]]})
    with connected(lab, "edge") as session:
        assert not run(session, enabled=True)["changed"]
    names = [given["Name"] for cmdlet, given in lab.edges[0].product.calls if cmdlet == ADD]
    assert names == [SNAPINS[1], SNAPINS[0]]


def test_a_server_without_exchange_is_named_as_that(lab: estate.Estate) -> None:
    lab.change({"server": "EDGE01", "snapins": []})
    with pytest.raises(CommandMissing) as caught, connected(lab, "edge"):
        pass
    assert "No snap-ins have been registered for Windows PowerShell version 5" in str(caught.value)
    assert "Endpoint edge is for Exchange servers with the Edge Transport role" in str(caught.value)
    assert sent(lab) == [ADD, ADD]


def test_the_cmdlets_are_unknown_without_the_snap_in(lab: estate.Estate) -> None:
    edge = lab.edges[0]
    way = {"windows_host": "localhost", "windows_port": edge.https_port, "windows_scheme": "https", "user": edge.user, "password": edge.password}
    with connected(lab, "windows", **way) as session, pytest.raises(CommandMissing):
        session.invoke(GET)


def test_http_carries_encrypted_messages(lab: estate.Estate) -> None:
    with connected(lab, "edge", edge_scheme="http", edge_port=lab.edges[0].http_port) as session:
        assert session.invoke(GET).output[0]["Enabled"] is True


@pytest.mark.parametrize("role", ["Mailbox", "None"])
def test_another_role_is_refused_before_anything_is_read(lab: estate.Estate, role: str) -> None:
    lab.change({"server": "EDGE01", "role": role})
    with connected(lab, "edge") as session:
        result = run(session, enabled=False)
    assert f"EDGE01 has the role {role}, not Edge" in result["msg"]
    assert "Edge Transport servers only" in result["msg"]
    assert GET not in sent(lab) and SET not in sent(lab)


def test_an_account_that_is_no_local_administrator_is_told_so(lab: estate.Estate) -> None:
    password = lab.edges[0].accounts.passwords["helpdesk"]
    with pytest.raises(LoginRefused, match="local group Administrators"), connected(lab, "edge", user="EDGE01\\helpdesk", password=password):
        pass


def test_an_account_of_the_domain_is_none_there(lab: estate.Estate) -> None:
    with pytest.raises(LoginRefused), connected(lab, "edge", user=lab.user, password=lab.password):
        pass


def test_what_is_recorded_is_what_the_reference_knows(lab: estate.Estate) -> None:
    with connected(lab, "edge") as session:
        run(session, bypassed_recipients=["a@contoso.com"], enabled=False)
    record = lab.settings.record
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
