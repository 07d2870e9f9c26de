# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages in HTML: which ones are equal, and what a reader is shown."""

from __future__ import annotations

import hypothesis
import pytest
from hypothesis import strategies as st

from ansible_collections.m365.hybrid.plugins.module_utils._exchange import html_text
from hybridlab.exchange import auto_reply
from tests.unit.core.examples import steady


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("away", "<html>\r\n<body>\r\naway\r\n</body>\r\n</html>\r\n"),
        ("away", "<!DOCTYPE html><HTML lang=en><head><meta charset=utf-8><style>p {}</style></head><body dir=ltr>away</body></html>"),
        ("a & b < c", "a &amp; b &lt; c"),
        ("a&nbsp;b", "a\u00a0b"),
        ("<P CLASS='x' id=y>one<BR/>two", '<p id="y" class="x">one<br>two</p>'),
        ("<p>a</p>\n<p>b</p>", "<p>a<p>b"),
        ("one\ntwo   three", "one two three"),
        ("one<!-- unseen --> two", "one two"),
        ("<div>\r\n<b>a</b> b\r\n</div>", "<div><b>a</b> b</div>"),
        ("", "<html>\r\n<body>\r\n</body>\r\n</html>"),
    ],
)
def test_messages_that_look_the_same_are_equal(one: str, other: str) -> None:
    assert html_text.key(html_text.load(one)) == html_text.key(html_text.load(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a b", "a<br>b"),
        ("<p>one</p>two", "<p>onetwo"),
        ("a <b>b</b>", "a<b>b</b>"),
        ("a", "<b>a</b>"),
        ("a", "A"),
        ('<a href="x">a</a>', '<a href="y">a</a>'),
        ("", "a"),
    ],
)
def test_messages_that_look_different_are_not_equal(one: str, other: str) -> None:
    assert html_text.key(html_text.load(one)) != html_text.key(html_text.load(other))


def test_a_message_is_shown_without_the_document_around_it() -> None:
    assert html_text.load("<html>\r\n<body>\r\none<br>\r\ntwo\r\n</body>\r\n</html>\r\n") == "one<br>\ntwo"
    assert html_text.load(None) == ""


@steady
@hypothesis.given(st.lists(st.sampled_from(["word", " ", "\n", "<b>", "</b>", "<BR/>", "&amp;", "&", "<a href='x'>", "</a>", "'", '"', "🙂"]), max_size=8))
def test_what_the_server_makes_of_a_message_is_the_message(parts: list[str]) -> None:
    message = "".join(parts)
    assert html_text.key(html_text.load(auto_reply.cleaned(message))) == html_text.key(html_text.load(message))
