# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan is a pure function, and carrying it out leaves nothing to do."""

from __future__ import annotations

import copy
import typing as t

import hypothesis
import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core import fields, lists, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from tests.unit.core import examples
from tests.unit.core.examples import Server, steady

THING = examples.resource()
ATTRIBUTES = THING.attributes


def planned(server: Server, options: dict[str, t.Any], present: bool = True) -> plan.Plan:
    """The plan, or no example where a request contradicts itself."""
    try:
        return plan.make(ATTRIBUTES, present, plan.load(ATTRIBUTES, options), THING.state(server.show()))
    except UsageError as error:
        hypothesis.assume("both added and removed" not in str(error))
        raise


@steady
@hypothesis.given(examples.options, examples.options)
def test_after_a_plan_was_carried_out_nothing_is_left_to_do(before: dict[str, t.Any], options: dict[str, t.Any]) -> None:
    server = Server()
    server.write(THING.dump(planned(server, before).changes))
    todo = planned(server, options)
    server.write(THING.dump(todo.changes))
    left = planned(server, options)
    assert left.action == "nothing", left.changes
    assert todo.after is not None and left.before is not None
    for name, attribute in ATTRIBUTES.items():
        if attribute.readable:
            assert attribute.codec.key(todo.after[name]) == attribute.codec.key(left.before[name]), "the plan predicts what the server shows"


@steady
@hypothesis.given(examples.options, examples.options)
def test_planning_changes_nothing_it_was_given(before: dict[str, t.Any], options: dict[str, t.Any]) -> None:
    server = Server()
    server.write(THING.dump(planned(server, before).changes))
    current = THING.state(server.show())
    wanted = plan.load(ATTRIBUTES, options)
    copies = copy.deepcopy((current, wanted, options))
    try:
        first = plan.make(ATTRIBUTES, True, wanted, current)
    except UsageError:
        return
    assert (current, wanted, options) == copies
    assert plan.make(ATTRIBUTES, True, wanted, current) == first


@steady
@hypothesis.given(examples.options)
def test_a_new_object_has_what_was_asked_for(options: dict[str, t.Any]) -> None:
    server = Server()
    try:
        todo = plan.make(ATTRIBUTES, True, plan.load(ATTRIBUTES, options), None)
    except UsageError:
        return
    server.write(THING.dump(todo.changes))
    assert todo.action == "create"
    assert planned(server, options).action == "nothing"


def attribute(name: str, **rules: t.Any) -> dict[str, fields.Attribute]:
    return {name: fields.Attribute(name, values.fold(name), values.pascal(name), "text", values.TEXT, **({"immutable": False, "secret": False} | rules))}


def test_an_object_that_is_there_and_shall_not_be_is_deleted() -> None:
    assert plan.make(ATTRIBUTES, False, {}, {"a_text": "x"}) == plan.Plan("delete", {"a_text": "x"}, None)


def test_an_object_that_is_not_there_and_shall_not_be_needs_nothing() -> None:
    assert plan.make(ATTRIBUTES, False, {}, None).action == "nothing"


def test_an_object_that_is_not_there_is_created_even_without_options() -> None:
    assert plan.make(ATTRIBUTES, True, {}, None) == plan.Plan("create", None, {})


def test_what_is_not_asked_for_is_left_alone() -> None:
    assert plan.load(ATTRIBUTES, {"a_text": None, "a_texts": None, "state": "present"}) == {}


def test_an_immutable_option_may_be_named_but_not_changed() -> None:
    frozen = attribute("domain_name", immutable=True)
    assert plan.make(frozen, True, {"domain_name": "a"}, {"domain_name": "a"}).action == "nothing"
    assert plan.make(frozen, True, {"domain_name": "a"}, None).action == "create"
    with pytest.raises(UsageError, match="domain_name is 'a' and cannot be changed to 'b'"):
        plan.make(frozen, True, {"domain_name": "b"}, {"domain_name": "a"})


def test_an_immutable_option_says_what_to_do_instead() -> None:
    frozen = attribute("path", immutable=True, instead="Move-DatabasePath moves the file")
    with pytest.raises(UsageError, match="cannot be changed") as error:
        plan.make(frozen, True, {"path": "b"}, {"path": "a"})
    assert error.value.advice == "Move-DatabasePath moves the file"


def test_a_secret_is_set_at_creation_and_shown_nowhere() -> None:
    todo = plan.make(ATTRIBUTES, True, plan.load(ATTRIBUTES, {"a_secret": "geheim"}), None)
    assert todo.changes["a_secret"].after == "geheim"
    assert "geheim" not in str(todo.diff("thing")) and todo.after == {}
    assert "geheim" not in repr(THING.dump(todo.changes))
    assert plan.make(ATTRIBUTES, True, {"a_secret": "geheim"}, {"a_text": ""}).action == "nothing"


def test_a_value_that_cannot_be_understood_names_its_option() -> None:
    with pytest.raises(UsageError, match="a_size: 'much' is not a size"):
        plan.load(ATTRIBUTES, {"a_size": "much"})


def test_a_secret_that_cannot_be_understood_is_not_quoted() -> None:
    secret = {"pin": fields.Attribute("pin", "", "Pin", "int", values.CODECS["int"], False, True)}
    with pytest.raises(UsageError) as caught:
        plan.load(secret, {"pin": "geheim"})
    assert "geheim" not in str(caught.value)


def test_null_and_the_empty_text_are_one() -> None:
    current = THING.state({"AText": None, "ATimespan": None, "ATexts": None})
    assert plan.make(ATTRIBUTES, True, plan.load(ATTRIBUTES, {"a_text": "", "a_timespan": "", "a_texts": []}), current).action == "nothing"


def test_clearing_sends_null() -> None:
    current = THING.state({"AText": "x", "AName": "n", "AAddress": "smtp:a@b", "ATimespan": "P1D"})
    cleared = dict.fromkeys(("a_text", "a_name", "a_address", "a_timespan"), "")
    todo = plan.make(ATTRIBUTES, True, plan.load(ATTRIBUTES, cleared), current)
    assert THING.dump(todo.changes) == {"AText": None, "AName": None, "AAddress": None, "ATimespan": None}


@pytest.mark.parametrize("option", ["a_size", "a_count"])
def test_an_empty_text_lifts_no_limit(option: str) -> None:
    with pytest.raises(UsageError, match=f"{option} is empty"):
        plan.load(ATTRIBUTES, {option: ""})


def test_members_are_added_and_removed_as_such_so_that_those_of_others_stay() -> None:
    current = THING.state({"ATexts": ["Old", "kept"]})
    todo = plan.make(ATTRIBUTES, True, plan.load(ATTRIBUTES, {"a_texts": {"add": ["new", "KEPT"], "remove": ["old", "gone"]}}), current)
    assert THING.dump(todo.changes) == {"ATexts": {"Add": ["new"], "Remove": ["Old"]}}
    assert todo.diff("x")["after"] == {"a_texts": ["kept", "new"]}


def test_an_empty_list_is_written_to_a_new_object_which_the_server_may_fill() -> None:
    todo = plan.make(ATTRIBUTES, True, plan.load(ATTRIBUTES, {"a_texts": [], "a_addresses": {"remove": ["x"]}}), None)
    assert THING.dump(todo.changes) == {"ATexts": []}


def test_the_diff_of_a_deletion_shows_what_is_lost() -> None:
    todo = plan.make(ATTRIBUTES, False, {}, {"a_text": "x", "a_name": "", "a_texts": [], "a_bool": False, "a_tristate": "unset"})
    assert todo.diff("thing 'x'") == {"before": {"a_text": "x", "a_bool": False}, "after": {}, "before_header": "thing 'x'", "after_header": "thing 'x'"}


def test_a_request_is_understood_once() -> None:
    wanted = plan.load(ATTRIBUTES, {"a_addresses": {"add": ["SMTP:a@b"]}})
    assert wanted == {"a_addresses": lists.Wanted(add=("a@b",))}
