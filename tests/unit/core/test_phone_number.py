# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Phone numbers: every spelling of one is one, and none is guessed."""

from __future__ import annotations

import re
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.m365.hybrid.plugins.module_utils._entra import phone_number
from hybridlab.graph import Graph, authentication, seed
from tests import graph_task

CODES = st.sampled_from(["1", "7", "20", "36", "39", "44", "49", "353", "420", "886"])
NUMBERS = st.from_regex(r"[2-7][0-9]{5,9}", fullmatch=True)
MARKS = st.sampled_from(["", " ", "-", ".", "/", "(", ")", "\u00a0", "\u2013", "  "])


@pytest.mark.parametrize(
    ("text", "default", "found"),
    [
        ("+49 170 1234567", "", "+49 1701234567"),
        ("+491701234567", "", "+49 1701234567"),
        ("0049 (0)170/123 45 67", "", "+49 1701234567"),
        ("+49 0170 1234567", "", "+49 1701234567"),
        ("0170-1234567", "+49", "+49 1701234567"),
        ("+1 (555) 555-1234 x123", "", "+1 5555551234x123"),
        ("555.555.1234 ext. 9", "1", "+1 5555551234x9"),
        ("1-555-555-1234", "1", "+1 5555551234"),
        ("06 12345678", "0039", "+39 0612345678"),
        ("8 495 1234567", "7", "+7 4951234567"),
        ("+7 812 123-45-67", "", "+7 8121234567"),
        ("8 (812) 123-45-67", "7", "+7 8121234567"),
        ("812 123-45-67", "7", "+7 8121234567"),
        ("8 612 34567", "370", "+370 61234567"),
        ("8 029 123-45-67", "375", "+375 291234567"),
        ("06 30 1234567", "36", "+36 301234567"),
        ("06 1 2345678", "36", "+36 12345678"),
        ("+353 1 234 5678", "", "+353 12345678"),
        ("+39 06 1234 5678", "49", "+39 0612345678"),
    ],
)
def test_a_number_is_brought_into_the_form_that_graph_takes(text: str, default: str, found: str) -> None:
    assert phone_number.normal(text, default) == found


@pytest.mark.parametrize(
    ("text", "default", "words"),
    [
        ("0170 1234567", "", "has no country code"),
        ("1701234567", "", "has no country code"),
        ("+0170 1234567", "", "no country code after the plus sign"),
        ("+49", "", "digits"),
        ("+49 170 12345678901234", "", "at most 15"),
        ("+49 call", "", "is not a phone number"),
        ("", "", "is not a phone number"),
        ("+", "", "is not a phone number"),
        ("+49 170 \u0663\u0664\u0665\u0666\u0667", "", "is not a phone number"),
        ("0170 1234567", "4", "is not a country code"),
        ("0170 1234567", "499", "is not a country code"),
        ("0170 1234567", "DE", "is not a country code"),
    ],
)
def test_what_is_no_number_is_refused(text: str, default: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        phone_number.normal(text, default)


@given(CODES, NUMBERS, st.lists(MARKS, min_size=14, max_size=14), st.sampled_from(["+", "00"]))
def test_every_spelling_of_a_number_is_one(code: str, number: str, marks: list[str], plus: str) -> None:
    spelt = f"{plus}{code}" + "".join(f"{mark}{digit}" for mark, digit in zip(marks, number, strict=False))
    assert phone_number.normal(spelt) == f"+{code} {number}"
    assert phone_number.key(spelt) == phone_number.key(f"+{code} {number}")


@given(st.text("0123456789+x #()-/ .", max_size=24))
def test_what_is_made_is_taken_and_stays_as_it_is(text: str) -> None:
    try:
        found = phone_number.normal(text, "49")
    except ValueError:
        return
    authentication._check_number(found)
    assert phone_number.normal(found) == found
    assert re.fullmatch(r"\+[0-9]+ [0-9]+(x[0-9]+)?", found)


def test_a_wrong_number_is_refused_before_anything_is_asked() -> None:
    product = Graph(seed.tenant())
    assert graph_task.run(product, "entra_phone_method", identity="ada@contoso.com", phone_type="mobile", phone_number="0170 1234567")["failed"]
    assert not product.calls


def test_the_users_default_method_stays_and_the_error_says_who_can_change_that() -> None:
    product = Graph(seed.tenant())
    product.tenant.get("user", "hedy@contoso.com").preferred = authentication.PHONES["mobile"]
    options: dict[str, t.Any] = {"identity": "hedy@contoso.com", "phone_type": "mobile", "state": "absent", "remove_only_method": True}
    result = graph_task.run(product, "entra_phone_method", **options)
    assert "cannot be deleted" in result["msg"] and "choose another default" in result["msg"]


@pytest.mark.parametrize(("kind", "kept"), [("email", True), ("temporaryAccessPass", True), ("fido2", False)])
def test_only_another_second_factor_makes_a_phone_dispensable(kind: str, kept: bool) -> None:
    product = Graph(seed.tenant())
    product.tenant.get("user", "hedy@contoso.com").methods.append({"@odata.type": f"#microsoft.graph.{kind}AuthenticationMethod", "id": "other"})
    result = graph_task.run(product, "entra_phone_method", identity="hedy@contoso.com", phone_type="mobile", state="absent")
    assert bool(result.get("failed")) == kept, result
    assert bool(product.writes) != kept
