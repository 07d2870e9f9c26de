# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One censor for everything that leaves a task."""

from __future__ import annotations

import json
import typing as t

import hypothesis
import pytest
from hypothesis import strategies as st

from ansible_collections.m365.hybrid.plugins.module_utils._core import censor
from ansible_collections.m365.hybrid.plugins.module_utils._core.censor import MASK, Censor
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Secret
from tests.unit.core.examples import steady

SECRET = "p\"ä'ss\\w\n🙂rd"
leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
results = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3), max_leaves=8)


@steady
@hypothesis.given(st.text(min_size=3, max_size=8), st.text(max_size=5), st.text(max_size=5), results)
def test_a_secret_is_masked_wherever_it_stands(secret: str, before: str, after: str, rest: t.Any) -> None:
    text = before + secret + after
    hypothesis.assume(secret not in "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER" and "*" not in secret)
    censored = Censor([secret])({"n": [text, {"d": (text, {text})}], "r": {text: rest}, "s": [repr(secret)[1:-1], json.dumps(secret)]})
    assert not [one for one in _texts(censored) if secret in one]


def _texts(value: t.Any) -> t.Iterator[str]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield key
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize("secret", ["fail", "failed", "changed", "msg"])
def test_a_secret_never_hides_how_a_task_ended(secret: str) -> None:
    censored = Censor([secret])({"failed": True, "changed": True, "msg": f"{secret} is wrong"})
    assert censored["failed"] is censored["changed"] is True and secret not in censored["msg"]


@steady
@hypothesis.given(results)
def test_nothing_else_is_changed(result: t.Any) -> None:
    assert Censor(["nobody would ever write this"])(result) == result
    assert Censor([])(result) is result


@pytest.mark.parametrize("spelled", [SECRET, repr(SECRET), json.dumps(SECRET), json.dumps(SECRET, ensure_ascii=False), f"{{'password': {SECRET!r}}}"])
def test_a_secret_is_masked_as_python_and_json_spell_it(spelled: str) -> None:
    censored = Censor([SECRET])({"msg": f"the server said {spelled}, twice {spelled}"})
    assert "'ss" not in censored["msg"].replace("\\", "") and "rd" not in censored["msg"].replace("password", "")


def test_a_secret_alone_is_masked_as_ansible_masks_it() -> None:
    assert Censor(["geheim"])({"a": "geheim", "b": {"geheim": 1}}) == {"a": MASK, "b": {MASK: 1}}
    assert Censor(["geheim"])("es ist geheim.") == "es ist ********."


def test_a_short_secret_is_masked_where_it_stands_alone() -> None:
    assert Censor(["ab"])(["ab", "abc", "about"]) == [MASK, "abc", "about"]


def test_a_secret_number_is_masked_and_truth_values_are_none() -> None:
    assert Censor(["1", "True", "4711"])({"pin": 4711, "changed": True, "one": 1, "other": 47112}) == {
        "pin": MASK,
        "changed": True,
        "one": MASK,
        "other": 47112,
    }


def test_the_longer_of_two_secrets_is_masked_first() -> None:
    assert Censor(["geheim", "geheimer"])("geheimer!") == "********!"


def test_a_secret_that_hides_its_own_repr_is_known_by_its_text() -> None:
    assert Censor([Secret("a'b\"c\n")])("ecret( " + repr("a'b\"c\n")) == "ecret( '********'"


def test_empty_secrets_mask_nothing() -> None:
    assert Censor([""])({"a": ""}) == {"a": ""}


SPEC: dict[str, dict[str, t.Any]] = {
    "password": {"type": "str", "no_log": True, "aliases": ["pw"]},
    "keys": {"type": "dict", "no_log": True},
    "bypass": {"type": "bool", "no_log": False},
    "parameters": {"type": "dict"},
    "name": {"type": "str"},
}


def test_secrets_are_found_in_arguments_that_were_not_validated_yet() -> None:
    given = {"pw": "one", "keys": {"a": ["two", 3, True, None]}, "name": "open", "bypass": True, "unknown": 1}
    assert censor.of_options(SPEC, given) == {"one", "two", "3"}


def test_tagged_secrets_of_free_parameters_are_found_at_any_depth() -> None:
    credential = {"$credential": {"user": "joe", "password": "two"}}
    given = {"parameters": {"Password": {"$secret": "one"}, "List": [{"Credential": credential}], "Open": "open"}}
    assert censor.of_options(SPEC, given) == {"one", "two"}


@pytest.mark.parametrize("text", ['{"Password": {"$secret": "one"}}', "{'Password': {'$secret': 'one'}}"])
def test_a_dictionary_written_as_text_hides_no_secret(text: str) -> None:
    assert censor.of_options(SPEC, {"parameters": text}) == {"one"}


@pytest.mark.parametrize("text", ["nonsense", "", "{", 5, None, ["a"]])
def test_what_is_no_dictionary_is_left_to_validation(text: t.Any) -> None:
    assert censor.of_options(SPEC, {"parameters": text}) == set()


def test_a_credential_that_is_wrongly_written_is_a_secret_as_a_whole() -> None:
    assert censor.of_options(SPEC, {"parameters": {"$credential": "joe:pw"}}) == {"joe:pw"}


def test_the_invocation_shows_that_a_secret_was_given() -> None:
    assert censor.masked(SPEC, {"password": "x", "keys": None, "name": "n"}) == {"password": MASK, "keys": None, "name": "n"}
