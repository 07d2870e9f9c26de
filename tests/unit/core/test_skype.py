# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Meeting rooms of Skype for Business Server: what is asked, of which domain controller, and how a room is known by many names."""

from __future__ import annotations

import doctest
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from ansible_collections.m365.hybrid.plugins.module_utils._skype import meeting_room
from ansible_collections.m365.hybrid.plugins.plugin_utils.surroundings import named
from hybridlab.skype import Skype
from tests import fake_session, scenarios
from tests.fake_session import FakeSession

ROOM = "room1@contoso.com"
NEW: dict[str, t.Any] = {"identity": ROOM, "registrar_pool": "sfbpool01.contoso.com", "sip_address_type": "email_address"}


class WithPoolObjects(FakeSession):
    """A server whose pools arrive as objects with properties instead of as texts."""

    def invoke(self, cmdlet: str, parameters: t.Mapping[str, t.Any] | None = None, *, properties: t.Collection[str] | None = None) -> Answer:
        answer = super().invoke(cmdlet, parameters, properties=properties)
        for one in answer.output:
            if "RegistrarPool" in one:
                one["RegistrarPool"] = {"FriendlyName": one["RegistrarPool"], "PoolId": "1:1"}
        return answer


@pytest.fixture
def skype() -> Skype:
    return fake_session.skype(2)


def run(session: FakeSession, which: str = "skype_meeting_room", check_mode: bool = False, **options: t.Any) -> Result:
    module = scenarios.module(which).bound(options, named)
    result = module.run(lambda: session, Task(module.validate(options), check_mode, diff=True, verbosity=1))
    assert not result.get("failed"), result.get("msg")
    return result


def test_every_call_names_the_domain_controller(skype: Skype) -> None:
    run(FakeSession(skype), **NEW, domain_controller="dc01.contoso.com", line_uri="tel:+1425", enabled=False, dial_plan="Rooms")
    run(FakeSession(skype), identity=ROOM, registrar_pool="sfbpool02.contoso.com", domain_controller="dc01.contoso.com")
    run(FakeSession(skype), identity=ROOM, state="absent", domain_controller="dc01.contoso.com")
    run(FakeSession(skype), "skype_user_info", domain_controller="dc01.contoso.com")
    sent = {"Get-CsAdUser", "Set-CsMeetingRoom", "Grant-CsDialPlan", "Move-CsMeetingRoom", "Disable-CsMeetingRoom", "Get-CsUser"}
    assert {cmdlet for cmdlet, _ in skype.calls} >= sent
    assert all(given["DomainController"] == "dc01.contoso.com" for _, given in skype.calls)


def test_a_room_that_moves_with_force_says_so(skype: Skype) -> None:
    run(FakeSession(skype), **NEW)
    run(FakeSession(skype), identity=ROOM, registrar_pool="sfbpool02.contoso.com")
    run(FakeSession(skype), identity=ROOM, registrar_pool="sfbpool01.contoso.com", force=True)
    assert [given.get("Force") for cmdlet, given in skype.calls if cmdlet == "Move-CsMeetingRoom"] == [None, True]


def test_a_room_that_is_there_costs_one_read(skype: Skype) -> None:
    run(FakeSession(skype), **NEW)
    assert run(FakeSession(skype), **NEW)["calls"] == {"Get-CsMeetingRoom": 1}


def test_a_pool_may_arrive_as_an_object(skype: Skype) -> None:
    session = WithPoolObjects(skype)
    assert run(session, **NEW)["resource"]["registrar_pool"] == "sfbpool01.contoso.com"
    assert not run(session, **NEW)["changed"]
    assert {one["registrar_pool"] for one in run(session, "skype_user_info")["users"]} == {"sfbpool01.contoso.com"}


def test_a_list_of_rooms_is_worked_on_at_once_and_exported(skype: Skype) -> None:
    rooms = [{**NEW, "identity": name} for name in (ROOM, "beamer@contoso.com")]
    session = FakeSession(skype)
    assert run(session, "bulk", module="skype_meeting_room", objects=rooms)["changed"]
    found = run(session, "export", module="skype_meeting_room")["objects"]
    assert [(one["identity"], one["sip_address"]) for one in found] == [(ROOM, "sip:room1@contoso.com"), ("beamer@contoso.com", "sip:beamer@contoso.com")]
    assert not run(session, "bulk", module="skype_meeting_room", objects=found)["changed"]


def test_check_mode_asks_whether_there_is_such_an_account(skype: Skype) -> None:
    predicted = run(FakeSession(skype), check_mode=True, **NEW)
    assert predicted["changed"] and {one.account.user_principal_name for one in skype.enabled.values()}.isdisjoint([ROOM])
    with pytest.raises(AssertionError, match="there is no account"):
        run(FakeSession(skype), check_mode=True, **{**NEW, "identity": "nobody@contoso.com"})


def test_the_examples_in_the_code_hold() -> None:
    assert doctest.testmod(meeting_room).failed == 0
