# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything that may stop a task."""

from __future__ import annotations

import json
import re
import typing as t

import hypothesis
import pytest
from hypothesis import strategies as st

from ansible_collections.m365.hybrid.plugins.module_utils._core import errors
from tests.unit.core.examples import steady


def tree(cls: type[errors.HybridError], depth: int = 0) -> t.Iterator[tuple[int, str]]:
    yield depth, cls.__name__
    for child in cls.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from tree(child, depth + 1)


CLASSES = [getattr(errors, name) for _, name in tree(errors.HybridError)]
every_class = pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
texts = st.none() | st.text()


def test_the_tree_in_the_docstring_is_the_tree_of_classes() -> None:
    drawn = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"^((?:│   |    )*)(├── |└── )?([A-Z]\w+)(?:  |$)", line)
        if match:
            drawn.append((len(match.group(1)) // 4 + bool(match.group(2)), match.group(3)))
    assert drawn == list(tree(errors.HybridError))


@every_class
@steady
@hypothesis.given(
    text=st.text(),
    attributes=st.fixed_dictionaries({}, optional=dict.fromkeys(("cmdlet", "target", "error_id", "category", "error_type", "advice"), texts)),
    wait=st.none() | st.floats(0, 600),
)
def test_an_error_crosses_a_process_boundary(cls: type[errors.HybridError], text: str, attributes: dict[str, t.Any], wait: float | None) -> None:
    error = cls(text, **attributes, wait=wait)
    again = errors.from_dict(json.loads(json.dumps(error.as_dict())))
    assert type(again) is cls
    assert (again.as_dict(), str(again), again.as_result()) == (error.as_dict(), str(error), error.as_result())


def test_an_error_of_a_newer_kind_is_still_an_error() -> None:
    error = errors.from_dict({"kind": "Invented", "text": "oh", "later": 1})
    assert type(error) is errors.HybridError and str(error) == "oh."
    assert str(errors.from_dict({})) == ""


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (errors.HybridError("it failed"), "it failed."),
        (errors.HybridError(" it failed! "), "it failed!"),
        (errors.HybridError("it failed", cmdlet="Get-X"), "Get-X: it failed."),
        (errors.HybridError("it failed", target="ex01"), "ex01: it failed."),
        (errors.HybridError("it failed", cmdlet="Get-X", target="ex01"), "Get-X failed on ex01: it failed."),
        (errors.HybridError("it failed", advice="Do this"), "it failed. Do this."),
        (errors.Throttled("slow down", cmdlet="Get-X"), "Get-X: slow down. Nothing was executed; try again later."),
        (errors.Throttled("slow down", advice=""), "slow down."),
    ],
)
def test_an_error_says_where_what_and_what_to_do_in_sentences(error: errors.HybridError, text: str) -> None:
    assert str(error) == text


@every_class
def test_advice_is_a_sentence_without_its_stop(cls: type[errors.HybridError]) -> None:
    assert not cls.advice_by_default.endswith((".", " ")) and cls.advice_by_default[:1] == cls.advice_by_default[:1].upper()


def test_an_error_is_reported_in_parts() -> None:
    error = errors.NotFound(
        "none", cmdlet="Get-X", target="ex01", error_id="[Server=EX01],X", category="InvalidData", error_type="ManagementObjectNotFoundException"
    )
    assert error.as_result() == {
        "class": "NotFound",
        "id": "[Server=EX01],X",
        "category": "InvalidData",
        "type": "ManagementObjectNotFoundException",
        "cmdlet": "Get-X",
        "target": "ex01",
    }
