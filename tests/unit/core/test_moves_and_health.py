# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What requesters hold, what a probe's result means, and how move requests are read: the edges that no scenario reaches."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import AccessDenied, HybridError, SessionLost
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Surroundings, Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import component_state, health, move_request, move_requests
from hybridlab.exchange import Exchange
from tests import scenarios
from tests.fake_session import FakeSession


def test_what_a_requester_wants_is_read_or_an_error() -> None:
    shown = {"LocalStates": [{"Requester": "HealthAPI", "State": "Inactive"}], "RemoteStates": None}
    assert component_state.requesters(shown, "local") == {"health_api": "inactive"}
    assert component_state.requesters(shown, "remote") == {}
    for odd in ("Maintenance", {"Requester": "Maintenance"}, {"State": "Inactive"}):
        with pytest.raises(HybridError, match="cannot be understood"):
            component_state.requesters({"LocalStates": [odd]}, "local")


@pytest.mark.parametrize(
    ("name", "error", "kind", "verdict"),
    [
        ("HealthManagerHeartbeatProbe", "Failed by design", "Failed", "benign"),
        ("HealthManagerHeartbeatProbe", " Failed by design. ", None, "benign"),
        ("HealthManagerHeartbeatProbe", "It failed by design of somebody", "Failed", "failed"),
        ("HealthManagerHeartbeatProbe", "", "Succeeded", "passed"),
        ("MyHealthManagerHeartbeatProbe", "Failed by design", "Failed", "failed"),
        ("OwaSelfTestProbe", "Failed by design", "Failed", "failed"),
        ("OwaSelfTestProbe", None, None, "passed"),
        ("OwaSelfTestProbe", "", "Failed", "failed"),
        ("OwaSelfTestProbe", "odd", "Succeeded", "failed"),
        ("OwaSelfTestProbe", "", "Abandoned", "no_data"),
    ],
)
def test_a_failure_is_benign_by_name_and_error_together(name: str, error: str | None, kind: str | None, verdict: str) -> None:
    assert health.verdict(name, error, kind) == verdict


@pytest.mark.parametrize(
    ("alert", "state", "stale", "status"),
    [
        ("Healthy", "Online", False, "healthy"),
        ("Healthy", "NotApplicable", None, "healthy"),
        ("Healthy", "Unknown", False, "no_data"),
        ("Healthy", "Online", True, "no_data"),
        ("Unhealthy", "Online", True, "no_data"),
        ("Unknown", "Online", False, "no_data"),
        ("Uninitialized", None, False, "no_data"),
        (None, None, False, "no_data"),
        ("SomethingNew", None, False, "no_data"),
        ("Degraded", "Online", False, "unhealthy"),
        ("Repairing", "Online", False, "unhealthy"),
        ("Disabled", "Online", False, "disabled"),
    ],
)
def test_what_nobody_knows_is_not_healthy(alert: str | None, state: str | None, stale: bool | None, status: str) -> None:
    assert health.status(alert, state, stale) == status


@pytest.mark.parametrize(
    ("state", "status", "detail", "standing"),
    [
        ("completed", "completed_with_warning", None, "completed"),
        ("suspended", "suspended", "stalled_due_to_ha", "suspended"),
        ("failed", "failed", None, "failed"),
        ("suspended", "auto_suspended", None, "ready"),
        ("started", "synced", None, "ready"),
        ("started", "in_progress", "stalled_due_to_target_mdb_replication", "stalled"),
        ("started", "in_progress", "transient_failure_target", "stalled"),
        ("started", "queued", "queued", "moving"),
    ],
)
def test_requests_are_told_apart_by_who_has_to_do_something(state: str, status: str, detail: str | None, standing: str) -> None:
    assert move_requests.standing({"status": status, "status_detail": detail}) == standing
    assert move_request._word({"status": status}) == state


@pytest.mark.parametrize(
    ("wanted", "status", "move"),
    [
        ("present", "failed", None),
        ("started", "failed", "started"),
        ("started", "suspended", "started"),
        ("started", "auto_suspended", None),
        ("completed", "auto_suspended", "started"),
        ("completed", "synced", None),
        ("suspended", "in_progress", "suspended"),
        ("suspended", "failed", None),
        ("suspended", "auto_suspended", None),
    ],
)
def test_a_request_is_brought_into_another_state_only_where_it_must(wanted: str, status: str, move: str | None) -> None:
    assert move_request.transition(wanted, {"status": status, "activity": move_request._word({"status": status})}) == move


def test_only_a_time_to_come_is_a_brake() -> None:
    held = {"queued_timestamp": "2026-03-01T09:00:00Z", "complete_after": "2099-01-01T00:00:00Z", "prevent_completion": True}
    assert move_request.released(held) == {"prevent_completion": False, "complete_after": "2026-03-01T09:00:00Z"}
    assert move_request.released({**held, "complete_after": "2026-03-01T09:00:00Z", "prevent_completion": False}) == {}
    assert move_request.released({"suspend_when_ready_to_complete": True}) == {"suspend_when_ready_to_complete": False}


class Heard(Surroundings):
    """Somebody who watches."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, text: str) -> None:
        self.lines.append(text)


def waiting(session: FakeSession, heard: Surroundings, **options: t.Any) -> dict[str, t.Any]:
    module = scenarios.module("exchange_move_request_info")
    return module.run(lambda: session, Task(module.validate({"poll": 0, **options}), surroundings=heard))


def test_waiting_shows_the_progress_and_ends_with_its_time() -> None:
    exchange, heard = Exchange(), Heard()
    session = FakeSession(exchange)
    session.invoke("New-MoveRequest", {"Identity": "user1", "TargetDatabase": "DB02"})
    found = waiting(session, heard, wait=60)
    assert found["counts"]["completed"] == 1 and not found["timed_out"]
    assert heard.lines[0] == "moves: 1 moving, 10% in all" and heard.lines[-1] == "moves: 1 moving, 97% in all"
    exchange.moves.pace = 0
    session.invoke("New-MoveRequest", {"Identity": "user2", "TargetDatabase": "DB02"})
    late = waiting(session, heard, wait=1, poll=1)
    assert late["timed_out"] and late["counts"]["moving"] == 1


class Failing(FakeSession):
    """A session that fails in its second look and so many after it."""

    def __init__(self, product: Exchange, error: HybridError, times: int) -> None:
        super().__init__(product)
        self.error, self.left, self.looks = error, times, 0

    def invoke(self, cmdlet: str, parameters: t.Mapping[str, t.Any] | None = None, *, properties: t.Collection[str] | None = None) -> Answer:
        if cmdlet == "Get-MoveRequest":
            self.looks += 1
            if self.looks > 1 and self.left:
                self.left -= 1
                raise self.error
        return super().invoke(cmdlet, parameters, properties=properties)


@pytest.mark.parametrize(
    ("error", "times", "ends"),
    [
        (SessionLost("the server went down"), 3, None),
        (SessionLost("the server went down"), move_requests.TRIES, "SessionLost"),
        (AccessDenied("Insufficient access rights"), 1, "AccessDenied"),
    ],
)
def test_a_server_that_does_not_answer_for_a_moment_is_waited_for(error: HybridError, times: int, ends: str | None) -> None:
    session = Failing(Exchange(), error, times)
    FakeSession(session.product).invoke("New-MoveRequest", {"Identity": "user1", "TargetDatabase": "DB02"})
    found = waiting(session, Heard(), wait=60)
    assert (found.get("error") or {}).get("class") == ends
    if ends is None:
        assert found["counts"]["completed"] == 1
        assert any(text.startswith("while waiting: ") for text in found["warnings"])


def component(session: FakeSession, check_mode: bool = False, **options: t.Any) -> Result:
    module = scenarios.module("exchange_server_component_state")
    return module.run(lambda: session, Task(module.validate({"server": "EX01", "component": "HubTransport", **options}), check_mode))


class Slow(FakeSession):
    """A server that has not followed yet."""

    def invoke(self, cmdlet: str, parameters: t.Mapping[str, t.Any] | None = None, *, properties: t.Collection[str] | None = None) -> Answer:
        answer = super().invoke(cmdlet, parameters, properties=properties)
        held = [{**one, "State": "Inactive"} for one in answer.output] if cmdlet == "Get-ServerComponentState" else answer.output
        return dataclasses.replace(answer, output=held)


def test_what_another_requester_holds_is_warned_of_after_the_change_as_well() -> None:
    session = FakeSession(Exchange())
    for requester in ("functional", "maintenance"):
        component(session, requester=requester, state="inactive")
    assert "warnings" not in component(session, check_mode=True, state="active")
    found = component(session, state="active")
    assert found["changed"] and "held by functional" in found["warnings"][0]


def test_a_server_that_has_not_followed_yet_is_warned_of_in_the_next_run_only() -> None:
    session = Slow(Exchange())
    component(session, state="draining")
    assert "warnings" not in component(session, state="active")
    assert "has not followed yet" in component(session, state="active")["warnings"][0]
