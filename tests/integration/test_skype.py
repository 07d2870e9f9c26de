# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A pool of Skype for Business Server over the real wire: HTTPS at /OcsPowershell, accounts of the domain, a role or no session."""

from __future__ import annotations

import importlib.util
import json
import pathlib
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, LoginRefused
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Task
from hybridlab import estate
from tests import scenarios
from tests.integration import play
from tests.integration.wire_session import connected

CHECKER = pathlib.Path(__file__).resolve().parents[3] / "shared" / "contract" / "check_calls.py"
ROOM: dict[str, t.Any] = {"identity": "room1@contoso.com", "registrar_pool": "sfbpool01.contoso.com", "sip_address_type": "email_address"}


@pytest.fixture(name="skype_lab")
def estate_with_skype(tmp_path: pathlib.Path) -> t.Iterator[estate.Estate]:
    with estate.running(tmp_path / "lab", record=tmp_path / "record.jsonl") as found:
        yield found


def test_only_who_has_a_role_gets_a_session(skype_lab: estate.Estate) -> None:
    operator = {"user": estate.OTHER_USER, "password": skype_lab.accounts.passwords[estate.OTHER_USER]}
    with pytest.raises(LoginRefused), connected(skype_lab, "skype", **operator):
        pass


def test_a_mailbox_of_exchange_is_an_account_of_skype_at_once(skype_lab: estate.Estate) -> None:
    with connected(skype_lab) as session:
        session.invoke("New-Mailbox", {"Name": "Hall", "Alias": "hall", "Room": True})
    with connected(skype_lab, "skype") as session:
        module = scenarios.module("skype_meeting_room")
        result = module.run(lambda: session, Task(module.validate({**ROOM, "identity": "hall@contoso.com"})))
        assert result["resource"]["sip_address"] == "sip:hall@contoso.com"
        with pytest.raises(HybridError, match="is not recognized"):
            session.invoke("Get-Mailbox", {})
    (account,) = skype_lab.dc.forest.directory.by_value("userPrincipalName", "hall@contoso.com")
    assert account.text("msRTCSIP-OwnerUrn") == "urn:device:roomsystem"


@pytest.mark.skipif(not CHECKER.is_file(), reason="../shared is not beside this checkout")
def test_what_is_recorded_passes_the_checker(skype_lab: estate.Estate, tmp_path: pathlib.Path) -> None:
    with connected(skype_lab, "skype") as session:
        module = scenarios.module("skype_meeting_room")
        for more in ({"line_uri": "tel:+14255551297"}, {"registrar_pool": "sfbpool02.contoso.com"}, {"state": "absent"}):
            assert not module.run(lambda: session, Task(module.validate({**ROOM, **more}))).get("failed")
    spec = importlib.util.spec_from_file_location("check_calls", CHECKER)
    assert spec and spec.loader
    checker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(checker)
    documented, found = checker.Cmdlets(str(CHECKER.parent)), checker.V()
    lines = [json.loads(line) for line in (tmp_path / "record.jsonl").read_text(encoding="utf-8").splitlines()]
    for line in lines:
        documented.check(line, found)
    assert {line["target"] for line in lines} == {"skype-2019"}
    assert [item for item in found.items if item[0] == "error"] == []


USERS = {**play.task("users", "skype_user_info", {"properties": ["registrar_pool"]}), "register": "skype"}
POOL = "{{ skype.users | map(attribute='registrar_pool') | unique | first }}"
ENABLE = play.task("room", "skype_meeting_room", {**ROOM, "registrar_pool": POOL})


def test_a_play_takes_the_pool_from_a_user_and_holds_one_session(lab: play.Lab) -> None:
    before = lab.opened
    run = play.play({"sfb01": lab.host("sfb01")}, play.play_of(USERS, ENABLE), play.play_of(USERS, {**ENABLE, "name": "again"})).good()
    assert run.one("room").result["resource"]["registrar_pool"] == "sfbpool01.contoso.com"
    assert [run.one(task).result["changed"] for task in ("room", "again")] == [True, False]
    assert lab.opened == before + 1


def test_a_windows_host_with_winrm_is_served_beside_it(lab: play.Lab) -> None:
    other = {"ansible_port": 1, "ansible_winrm_transport": "basic", "ansible_winrm_scheme": "http", "ansible_shell_type": "powershell"}
    host = lab.host("sfb01", ansible_connection="winrm", m365_endpoint=None, **other)
    assert play.play({"sfb01": host}, USERS).good().one("users", "ok").result["users"]


def test_the_endpoint_of_exchange_is_refused(lab: play.Lab) -> None:
    before = lab.calls
    message = play.play({"ex01": lab.host()}, USERS).one("users", "failed").message
    assert "m365_endpoint: skype" in message
    assert lab.calls == before
