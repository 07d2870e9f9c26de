# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read, plan, apply, read back: nothing is written in check mode, nothing doubtful is acted on, nothing done is denied."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, errors
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource
from tests.unit.core import examples
from tests.unit.core.examples import Server
from tests.unit.core.fake import FakeSession

GONE = errors.NotFound("there is no such thing")
AT_ONCE = (0.0, 0.0)
OPTIONS = {"name": "x", "a_text": "new", "a_int": 2}


def shown(**properties: t.Any) -> dict[str, t.Any]:
    return Server().show() | {"AText": "old", "AInt": 1} | properties


def converge(session: FakeSession, options: t.Mapping[str, t.Any] = OPTIONS, **how: t.Any) -> engine.Outcome:
    tally = engine.Tally(session, how.get("check_mode", False))
    return engine.converge(examples.resource(), tally, options, pauses=AT_ONCE, **how)


def test_what_differs_is_set_and_read_back() -> None:
    session = FakeSession({"Get-Thing": [shown(), shown(AText="new", AInt=2, Guid="g")], "Set-Thing": None})
    outcome = converge(session)
    assert session.calls[1] == ("Set-Thing", {"Identity": "x", "AText": "new", "AInt": 2, "Confirm": False})
    assert outcome.plan.action == "update" and outcome.state is not None and outcome.state["guid"] == "g"


def test_what_is_as_wanted_is_read_once_and_left_alone() -> None:
    session = FakeSession({"Get-Thing": shown(AText="new", AInt=2)})
    assert converge(session).plan.action == "nothing"
    assert session.sent() == ["Get-Thing"]


def test_a_new_object_is_made_with_what_new_takes_and_set_with_the_rest() -> None:
    session = FakeSession({"Get-Thing": [GONE, shown(AText="new", AInt=1), shown(AText="new", AInt=2)], "New-Thing": None, "Set-Thing": None})
    converge(session)
    assert session.sent() == ["Get-Thing", "New-Thing", "Get-Thing", "Set-Thing", "Get-Thing"]
    assert session.calls[1] == ("New-Thing", {"Name": "x", "AText": "new", "Confirm": False})
    assert session.calls[3] == ("Set-Thing", {"Identity": "x", "AInt": 2, "Confirm": False})


def test_what_a_new_object_has_anyway_is_not_set() -> None:
    session = FakeSession({"Get-Thing": [GONE, shown(AText="new", AInt=2)], "New-Thing": None})
    converge(session)
    assert session.sent() == ["Get-Thing", "New-Thing", "Get-Thing"]


def test_the_rest_of_a_creation_is_set_once() -> None:
    session = FakeSession({"Get-Thing": [GONE, shown(AText="new", AInt=1)], "New-Thing": None, "Set-Thing": None})
    with pytest.raises(errors.NotApplied, match="a_int still reads 1"):
        converge(session)
    assert session.sent().count("Set-Thing") == 1


def test_an_object_whose_name_changes_is_found_again() -> None:
    session = FakeSession({"Get-Thing": [shown(Guid="1-2", AInt=1), shown(Guid="1-2", AText="new", AInt=2)], "Set-Thing": None})
    converge(session)
    assert [parameters["Identity"] for cmdlet, parameters in session.calls if cmdlet == "Get-Thing"] == ["x", "1-2"]


def test_a_new_object_that_is_not_seen_everywhere_yet_is_waited_for() -> None:
    session = FakeSession({"Get-Thing": [GONE, GONE, shown(AText="new", AInt=2)], "New-Thing": None})
    converge(session)
    assert session.sent() == ["Get-Thing", "New-Thing", "Get-Thing", "Get-Thing"]


def test_an_existing_object_that_is_gone_when_it_is_set_is_an_error() -> None:
    session = FakeSession({"Get-Thing": shown(), "Set-Thing": GONE})
    with pytest.raises(errors.NotFound):
        converge(session)
    assert session.sent() == ["Get-Thing", "Set-Thing"]


def test_an_object_is_removed_until_it_is_not_there() -> None:
    session = FakeSession({"Get-Thing": [shown(), shown(), GONE], "Remove-Thing": None})
    outcome = converge(session, present=False)
    assert outcome.state is None and session.sent() == ["Get-Thing", "Remove-Thing", "Get-Thing", "Get-Thing"]


@pytest.mark.parametrize(("found", "present"), [(shown(), True), (GONE, True), (shown(), False)])
def test_check_mode_only_reads(found: t.Any, present: bool) -> None:
    session = FakeSession({"Get-Thing": found})
    assert converge(session, present=present, check_mode=True).plan.action != "nothing"
    assert session.sent() == ["Get-Thing"]


def test_check_mode_refuses_what_cannot_be_carried_out() -> None:
    class Refusing(CmdletResource):
        def calls(self, *_: t.Any) -> list[engine.Call]:
            raise errors.UsageError("it cannot be done")

    thing = examples.resource()
    refusing = Refusing(thing.noun, thing.attributes, thing.key, ())
    with pytest.raises(errors.UsageError, match="it cannot be done"):
        engine.converge(refusing, engine.Tally(FakeSession({"Get-Thing": GONE}), True), OPTIONS, check_mode=True)


@pytest.mark.parametrize("cmdlet", ["Set-Thing", "new-thing", "Remove-Thing", "Enable-Thing", "Search-Mailbox", "search-mailbox", "Getaway", "Thing", ""])
def test_the_last_guard_of_check_mode_lets_no_write_pass(cmdlet: str) -> None:
    session = FakeSession({cmdlet: None})
    with pytest.raises(errors.WriteInCheckMode):
        engine.Tally(session, check_mode=True).invoke(cmdlet)
    assert session.calls == []


@pytest.mark.parametrize("cmdlet", ["Get-Thing", "get-thing", "TEST-Thing", "Search-AdminAuditLog"])
def test_the_last_guard_lets_reads_pass(cmdlet: str) -> None:
    tally = engine.Tally(FakeSession({cmdlet: None}), check_mode=True)
    tally.invoke(cmdlet)
    assert not tally.wrote and tally.calls == {cmdlet: 1}


@pytest.mark.parametrize("present", [True, False])
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (errors.AccessDenied("no"), errors.AccessDenied),
        (errors.SessionLost("gone"), errors.SessionLost),
        (errors.CommandMissing("what?"), errors.CommandMissing),
        (Answer([]), errors.HybridError),
        (Answer(["a text"]), errors.HybridError),
        (Answer([shown(), shown()]), errors.Ambiguous),
        (Answer([shown()], truncated=True), errors.Truncated),
        (Answer([], truncated=True), errors.Truncated),
        (Answer([shown(AInt="many")]), errors.HybridError),
    ],
)
def test_a_read_that_fails_or_is_in_doubt_never_counts_as_absent(answer: t.Any, error: type[Exception], present: bool) -> None:
    session = FakeSession({"Get-Thing": answer})
    with pytest.raises(error):
        converge(session, present=present)
    assert session.sent() == ["Get-Thing"]


def test_an_organization_cannot_be_absent() -> None:
    thing = examples.resource()
    with pytest.raises(errors.NotFound):
        CmdletResource("Thing", thing.attributes, None, ()).read(FakeSession({"Get-Thing": GONE}), {})


def test_a_property_that_the_server_does_not_have_is_named() -> None:
    session = FakeSession({"Get-Thing": {"AText": "old"}})
    with pytest.raises(errors.UsageError, match="the connected server has no a_int for Thing"):
        converge(session)


def test_what_cannot_be_seen_after_it_was_written_is_not_reported_as_done() -> None:
    session = FakeSession({"Get-Thing": shown(), "Set-Thing": None})
    with pytest.raises(errors.NotApplied, match="a_text still reads 'old' and a_int still reads 1"):
        converge(session)
    assert session.sent() == ["Get-Thing", "Set-Thing", "Get-Thing", "Get-Thing"]


@pytest.mark.parametrize(
    ("answers", "present", "message"),
    [
        ({"Get-Thing": GONE, "New-Thing": None, "Set-Thing": None}, True, "it cannot be found"),
        ({"Get-Thing": shown(), "Remove-Thing": None}, False, "it is still there"),
    ],
)
def test_a_creation_or_deletion_that_does_not_show(answers: dict[str, t.Any], present: bool, message: str) -> None:
    with pytest.raises(errors.NotApplied, match=message):
        converge(FakeSession(answers), present=present)


@pytest.mark.parametrize(
    ("error", "wrote"),
    [(errors.SessionLost("?"), True), (errors.TimedOut("?"), True), (errors.AccessDenied("no"), False), (errors.Throttled("later"), False)],
)
def test_a_write_of_which_nothing_is_known_counts_as_a_change(error: errors.HybridError, wrote: bool) -> None:
    tally = engine.Tally(FakeSession({"Set-Thing": error}))
    with pytest.raises(errors.HybridError):
        tally.invoke("Set-Thing")
    assert tally.wrote is wrote


def test_a_lost_read_changed_nothing() -> None:
    tally = engine.Tally(FakeSession({"Get-Thing": errors.SessionLost("?")}))
    with pytest.raises(errors.SessionLost):
        tally.invoke("Get-Thing")
    assert not tally.wrote


def test_half_a_creation_is_a_change() -> None:
    tally = engine.Tally(FakeSession({"Get-Thing": [GONE, shown(AText="new")], "New-Thing": None, "Set-Thing": errors.BadParameter("no")}))
    with pytest.raises(errors.BadParameter):
        engine.converge(examples.resource(), tally, OPTIONS, pauses=AT_ONCE)
    assert tally.wrote


def test_warnings_are_kept() -> None:
    tally = engine.Tally(FakeSession({"Get-Thing": Answer([], ["mind the gap"])}))
    tally.invoke("Get-Thing")
    assert tally.warnings == ["mind the gap"]


def test_every_call_goes_to_the_named_domain_controller() -> None:
    session = FakeSession({"Get-Thing": [GONE, shown(AText="new", AInt=2)], "New-Thing": None, "Set-Thing": None})
    converge(session, {**OPTIONS, "domain_controller": "dc1"})
    assert all(parameters["DomainController"] == "dc1" for _, parameters in session.calls)


def test_ten_thousand_objects_take_no_process_each() -> None:
    number = 10_000
    kept: dict[str, dict[str, t.Any]] = {}

    def read(parameters: dict[str, t.Any]) -> t.Any:
        return kept.get(parameters["Identity"], GONE)

    def write(parameters: dict[str, t.Any]) -> None:
        name = parameters.get("Identity") or parameters["Name"]
        kept[name] = kept.get(name, {"AText": None, "ASize": None}) | {key: value for key, value in parameters.items() if key.startswith("A")}

    thing, tally = examples.resource(), engine.Tally(FakeSession({"Get-Thing": read, "New-Thing": write, "Set-Thing": write}))
    for index in range(number):
        engine.converge(thing, tally, {"name": f"object {index}", "a_text": "new", "a_size": "50 GB"}, pauses=AT_ONCE)
    assert tally.calls == {"Get-Thing": 3 * number, "New-Thing": number, "Set-Thing": number}
