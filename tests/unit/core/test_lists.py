# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One idiom for every list."""

from __future__ import annotations

import typing as t

import hypothesis
import pytest
from hypothesis import strategies as st

from ansible_collections.m365.hybrid.plugins.module_utils._core import lists
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from tests.unit.core.examples import steady

names = st.lists(st.text("abAB", min_size=1, max_size=2), max_size=5)
requests = st.one_of(
    names.map(lambda exact: lists.Wanted(exact=exact)),
    st.builds(lambda add, remove: lists.Wanted(add=tuple(add), remove=tuple(remove)), names, names),
)


def apply(wanted: lists.Wanted, current: list[str]) -> list[str]:
    try:
        return lists.apply("members", wanted, current, str.casefold)
    except UsageError:
        hypothesis.reject()


def folded(members: t.Iterable[str]) -> set[str]:
    return {one.casefold() for one in members}


@steady
@hypothesis.given(requests, names)
def test_asking_twice_is_asking_once(wanted: lists.Wanted, current: list[str]) -> None:
    once = apply(wanted, current)
    assert apply(wanted, once) == once


@steady
@hypothesis.given(requests, names)
def test_what_was_asked_for_holds_and_nobody_is_twice(wanted: lists.Wanted, current: list[str]) -> None:
    after = apply(wanted, current)
    assert len(after) == len(folded(after))
    if wanted.exact is not None:
        assert folded(after) == folded(wanted.exact)
    else:
        assert folded(after) == (folded(current) | folded(wanted.add)) - folded(wanted.remove)


@steady
@hypothesis.given(names, names)
def test_a_difference_leads_from_one_list_to_the_other(before: list[str], after: list[str]) -> None:
    added, removed = lists.difference(before, after, str.casefold)
    assert folded(before) - folded(removed) | folded(added) == folded(after)
    assert lists.difference(after, after, str.casefold) == ([], [])


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        (["a"], lists.Wanted(exact=["a"])),
        (("a",), lists.Wanted(exact=["a"])),
        ([], lists.Wanted(exact=[])),
        ({"set": []}, lists.Wanted(exact=[])),
        ({"set": ["a", 1]}, lists.Wanted(exact=["a", 1])),
        ({"add": ["a"]}, lists.Wanted(add=("a",))),
        ({"add": ["a"], "remove": ["b"]}, lists.Wanted(add=("a",), remove=("b",))),
        ({"add": None, "remove": ["b"], "set": None}, lists.Wanted(remove=("b",))),
        ({"add": []}, lists.Wanted()),
        (lists.Wanted(add=("a",)), lists.Wanted(add=("a",))),
    ],
)
def test_a_request_in_every_form(written: t.Any, wanted: lists.Wanted) -> None:
    assert lists.parse("members", written) == wanted


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("a", "members takes a list, or a dictionary with add, remove or set; str was given"),
        (5, "int was given"),
        (True, "bool was given"),
        ({}, "write \\[\\] for an empty list"),
        ({"set": None}, "write \\[\\] for an empty list"),
        ({"append": ["a"]}, "append is not one of them"),
        ({"add": ["a"], 1: ["b"]}, "1 is not one of them"),
        ({"set": ["a"], "add": ["b"]}, "set names all members, so it cannot stand beside add or remove"),
        ({"add": "a"}, "members.add takes a list; str was given"),
        ({"remove": {"a": 1}}, "members.remove takes a list; dict was given"),
        ([""], "a member that is empty or not a single value"),
        (["  "], "a member that is empty"),
        ([None], "a member that is empty"),
        ([["a"]], "not a single value"),
        ({"add": [{"a": 1}]}, "members.add has a member"),
    ],
)
def test_a_request_that_cannot_be_meant_is_refused(written: t.Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        lists.parse("members", written)


def test_only_structured_members_are_dictionaries() -> None:
    assert lists.parse("types", {"add": [{"name": "a"}]}, structured=True) == lists.Wanted(add=({"name": "a"},))
    for written in ([{"name": "a"}], {"add": [{"name": "a"}]}):
        with pytest.raises(UsageError, match="not a single value"):
            lists.parse("types", written)
    with pytest.raises(UsageError, match="not a single value"):
        lists.parse("types", [["a"]], structured=True)


def test_a_member_cannot_be_added_and_removed() -> None:
    with pytest.raises(UsageError, match="members: a is both added and removed"):
        lists.apply("members", lists.Wanted(add=("A",), remove=("a", "b")), [], str.casefold)


def test_present_members_keep_their_order_and_exact_ones_the_users() -> None:
    assert lists.apply("members", lists.Wanted(add=("c", "A"), remove=("b",)), ["b", "a", "d"], str.casefold) == ["a", "d", "c"]
    assert lists.apply("members", lists.Wanted(exact=["c", "a", "C"]), ["a"], str.casefold) == ["c", "a"]


def test_a_request_names_all_its_members() -> None:
    wanted = lists.Wanted(add=("a",), remove=("b",))
    assert wanted.members() == ["a", "b"]
    assert wanted.map(str.upper) == lists.Wanted(add=("A",), remove=("B",))
    assert lists.Wanted(exact=["a"]).map(str.upper).exact == ["A"]


def _about(text: str) -> str:
    return text.partition("=")[0].casefold()


def test_a_list_with_one_member_for_each_subject() -> None:
    def asked(**request: list[str]) -> lists.Wanted:
        return lists.one_each("colours", lists.parse("colours", request), ["Sky=blue", "Grass=green"], _about, str.casefold)

    assert asked(add=["sky=grey"]) == lists.Wanted(add=("sky=grey",), remove=("Sky=blue",))
    assert asked(add=["SKY=blue"]) == lists.Wanted(add=("SKY=blue",))
    assert asked(remove=["grass", "sea"]) == lists.Wanted(remove=("Grass=green",))
    assert asked(set=["sky=grey"]) == lists.Wanted(exact=["sky=grey"])
    with pytest.raises(UsageError, match="colours has sky more than once"):
        asked(set=["sky=grey", "Sky=red"])
    with pytest.raises(UsageError, match="colours: sky is both added and removed"):
        asked(add=["sky=grey"], remove=["SKY"])
