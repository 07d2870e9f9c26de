# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run function: it returns a result, whatever happens."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, errors
from ansible_collections.m365.hybrid.plugins.module_utils._core.censor import MASK
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Module, Result, Task, failure
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from tests import scenarios
from tests.unit.core.fake import FakeSession

TEXT = """
module: thing
options:
  name: {type: str, required: true}
  size: {type: int, default: 1}
  password: {type: str}
  either: {type: str}
  other: {type: str}
"""


@dataclasses.dataclass(frozen=True)
class Thing(Module):
    """Calls the cmdlets it was told to call."""

    cmdlets: tuple[str, ...] = ("Get-Thing", "Get-Thing", "Set-Thing")

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        if not options["name"]:
            raise errors.UsageError("name is empty")

    def execute(self, session: engine.Tally, task: Task) -> Result:
        for cmdlet in self.cmdlets:
            session.invoke(cmdlet)
        return {"changed": True, "diff": {"before": {}, "after": {}}, "warnings": ["its own"]}


THING = Thing(TEXT, secrets=("password",), constraints={"mutually_exclusive": [("either", "other")]})


def run(answers: dict[str, t.Any], module: Module = THING, **how: t.Any) -> Result:
    return module.run(lambda: FakeSession({"Get-Thing": None, "Set-Thing": None} | answers), Task({"name": "x", "password": "geheim"}, **how))


def test_calls_are_told_only_to_those_who_want_to_know() -> None:
    assert "calls" not in run({})
    assert run({}, verbosity=1)["calls"] == {"Get-Thing": 2, "Set-Thing": 1}
    assert run({"Set-Thing": errors.AccessDenied("no")}, verbosity=1)["calls"] == {"Get-Thing": 2, "Set-Thing": 1}


def test_a_diff_is_returned_only_in_diff_mode() -> None:
    assert "diff" not in run({})
    assert run({}, diff=True)["diff"] == {"before": {}, "after": {}}


def test_the_invocation_is_masked_also_of_a_failure() -> None:
    assert run({})["invocation"] == {"module_args": {"name": "x", "password": MASK}}
    assert run({"Get-Thing": errors.AccessDenied("no")})["invocation"] == {"module_args": {"name": "x", "password": MASK}}


def test_warnings_of_server_and_module_are_told_once() -> None:
    assert run({"Get-Thing": Answer([], ["mind the gap"])})["warnings"] == ["its own", "mind the gap"]


@pytest.mark.parametrize("error", [errors.Unreachable("no"), errors.LoginRefused("no"), errors.Untrusted("no")])
def test_a_host_that_cannot_be_reached_is_reported_as_such(error: errors.HybridError) -> None:
    def refuse() -> FakeSession:
        raise error

    result = THING.run(refuse, Task({"name": "x"}, verbosity=1))
    assert result["unreachable"] is True and not result["failed"] and not result["changed"]
    assert "calls" not in result and result["error"]["class"] == type(error).__name__


@pytest.mark.parametrize("error", [errors.MissingLibrary("pypsrp"), errors.SessionLimit("18"), errors.UsageError("no")])
def test_other_failures_to_open_a_session_fail_the_task(error: errors.HybridError) -> None:
    assert failure(error)["failed"] is True and "unreachable" not in failure(error)


def test_what_can_be_refused_is_refused_before_a_session_is_opened() -> None:
    def never() -> FakeSession:
        raise AssertionError("a session was opened")

    result = THING.run(never, Task({"name": ""}))
    assert (result["failed"], result["changed"], result["msg"]) == (True, False, "name is empty.")


@pytest.mark.parametrize(
    ("answers", "changed"),
    [
        ({"Get-Thing": errors.AccessDenied("no")}, False),
        ({"Set-Thing": errors.AccessDenied("no")}, False),
        ({"Set-Thing": errors.SessionLost("where?")}, True),
        ({"Get-Thing": [None, None, errors.SessionLost("where?")]}, True),
    ],
)
def test_a_failure_tells_whether_something_was_changed(answers: dict[str, t.Any], changed: bool) -> None:
    module = dataclasses.replace(THING, cmdlets=("Get-Thing", "Get-Thing", "Set-Thing", "Get-Thing"))
    result = run(answers, module)
    assert (result["failed"], result["changed"]) == (True, changed)


def test_a_write_in_check_mode_fails_the_task() -> None:
    result = run({}, check_mode=True)
    assert (result["failed"], result["changed"], result["error"]["class"]) == (True, False, "WriteInCheckMode")


def test_arguments_are_converted_and_get_their_defaults() -> None:
    assert THING.validate({"name": 5}) == {"name": "5", "size": 1, "password": None, "either": None, "other": None}
    assert THING.validate({"name": "x", "size": "7"})["size"] == 7


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "missing required arguments: name"),
        ({"name": "x", "nmae": 1}, "Unsupported parameters for thing: nmae"),
        ({"name": "x", "size": "big"}, "size"),
        ({"name": "x", "either": "1", "other": "2"}, "mutually exclusive: either|other"),
    ],
)
def test_wrong_arguments_are_refused_in_the_words_of_ansible_core(arguments: dict[str, t.Any], message: str) -> None:
    with pytest.raises(errors.UsageError) as caught:
        THING.validate(arguments)
    assert message in str(caught.value)


def test_a_module_that_does_nothing_says_so() -> None:
    result = Module(TEXT).run(lambda: FakeSession({}), Task({"name": "x"}))
    assert result["msg"] == "thing does nothing."


_TEXT = st.one_of(st.text(max_size=5), st.sampled_from(["present", "absent", "user", "room", "true", "5", ""]))
_VALUES = st.one_of(_TEXT, st.booleans(), st.integers(-5, 5), st.none(), st.lists(_TEXT, max_size=2), st.dictionaries(_TEXT, _TEXT, max_size=2))


@given(st.dictionaries(st.sampled_from(["identity", "state", "type", "alias", "custom_attribute1", "audit_enabled", "languages", "unknown"]), _VALUES))
def test_what_needs_no_conversion_is_validated_as_ansible_core_would(arguments: dict[str, t.Any]) -> None:
    module = scenarios.module("exchange_mailbox")
    checked = ModuleArgumentSpecValidator(module.argument_spec(), **module.constraints).validate(arguments)
    if checked.error_messages:
        with pytest.raises(errors.UsageError):
            module.validate(arguments)
    else:
        assert module.validate(arguments) == dict.fromkeys(module.argument_spec()) | checked.validated_parameters


def test_a_long_lists_entries_are_taken_as_they_are() -> None:
    module = scenarios.module("exchange_mailbox")
    entry = {"identity": "user0", "custom_attribute1": "x", "audit_enabled": True}
    assert module._as_they_are(entry) == dict.fromkeys(module.argument_spec()) | {"state": "present"} | entry
    for otherwise in ({"audit_enabled": "yes"}, {"state": "gone"}, {"custom_attribute1": 5}, {"custom_attribute1": None}, {"languages": ["de-DE"]}):
        assert module._as_they_are(entry | otherwise) is None
    assert module._as_they_are({"custom_attribute1": "x"}) is None
