# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values cross the wire and come back as they were."""

from __future__ import annotations

import pathlib
import typing as t

import hypothesis
import pytest
from hypothesis import strategies as st

from hybridlab import estate
from hybridlab.records import Output, Record
from tests.integration.wire_session import WireSession, connected, connected_online

# What XML 1.0, CLIXML's escapes or PowerShell could change, and any other character but half a surrogate pair.
PIECES = ["'", '"', "$(Get-Date)", "`n", "]]>", "<a>&amp;", "_x0041_", "_X", "\r\n", "\t", "\x00", "\x7f", "\x85", "\ufffe", "\U0001f600", "\u202eשלום"]
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(st.characters(exclude_categories=["Cs"])), max_size=8).map("".join)
VALUES = st.recursive(
    TEXTS | st.booleans() | st.integers(-(2**63), 2**63 - 1),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS.filter(bool), inner, max_size=4),
    max_leaves=8,
)


class Echo:
    """A product whose one cmdlet returns its parameter."""

    name = "exchange-2019"

    def invoke(self, cmdlet: str, parameters: dict[str, t.Any]) -> t.Iterator[Record]:
        if cmdlet == "Get-Echo":
            yield Output(parameters["Value"])


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[WireSession]:
    place: pathlib.Path = tmp_path_factory.mktemp("echo") / "lab"
    with estate.running(place, product=Echo()) as lab, connected(lab) as opened:
        yield opened


@hypothesis.settings(max_examples=60, deadline=None, derandomize=True, phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate])
@hypothesis.given(value=VALUES)
@hypothesis.example(value={"\ufffe_x0041_": ["\ufffe"]})
@hypothesis.example(value="".join(PIECES))
def test_a_value_comes_back_as_it_was(session: WireSession, value: t.Any) -> None:
    assert session.invoke("Get-Echo", {"Value": value}).output == [value]


@pytest.mark.parametrize("text", ["x" * 2**20, "\U0001f600'$()]]>\n" * 2**16])
def test_a_megabyte_comes_back_as_it_was(session: WireSession, text: str) -> None:
    assert session.invoke("Get-Echo", {"Value": text}).output == [text]


# Keys with an at sign describe other keys on this wire, and an empty hashtable is its empty list.
NAMES = TEXTS.filter(lambda text: bool(text) and "@" not in text)
ONLINE = st.recursive(
    TEXTS | st.booleans() | st.integers(-(2**63), 2**63 - 1),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, min_size=1, max_size=4),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def online(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[WireSession]:
    place: pathlib.Path = tmp_path_factory.mktemp("echo") / "lab"
    with estate.running(place, product=Echo(), tenants=1, mailboxes=0) as lab:
        assert lab.site is not None
        lab.site.tenants[0].exchange = Echo()
        with connected_online(lab) as opened:
            yield opened


@hypothesis.settings(max_examples=60, deadline=None, derandomize=True, phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate])
@hypothesis.given(value=ONLINE)
@hypothesis.example(value="".join(PIECES))
def test_a_value_comes_back_from_the_tenant_as_it_was(online: WireSession, value: t.Any) -> None:
    assert online.invoke("Get-Echo", {"Value": value}).output == [value]


@pytest.mark.parametrize("text", ["x" * 2**20, "\U0001f600'$()]]>\n" * 2**16])
def test_a_megabyte_comes_back_from_the_tenant_as_it_was(online: WireSession, text: str) -> None:
    assert online.invoke("Get-Echo", {"Value": text}).output == [text]
