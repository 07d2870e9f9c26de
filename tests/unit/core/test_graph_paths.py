# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No text of a user can leave its place in a path, a query or a filter, whatever the HTTP client makes of it."""

from __future__ import annotations

import contextlib
import typing as t
import urllib.parse

import pytest
import requests
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._entra import paths
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import graph
from hybridlab.graph import filters

SPECIAL = st.text("./\\%?#&$'\"(){}[]@:;,=+ \t\r\nabAB0é\u2028\U0001f600\x00", max_size=12)
TEXTS = SPECIAL | st.text(max_size=20)
HOST = "https://graph.microsoft.com"
ITEMS = ({"displayName": "Ada", "department": "x"}, {"displayName": "Grace"}, {"displayName": ""})


def sent(path: str) -> urllib.parse.SplitResult:
    """The address that the HTTP client really asks for."""
    url = requests.Request("GET", HOST + path).prepare().url
    return urllib.parse.urlsplit(str(url))


@given(TEXTS, TEXTS)
@example("..", "x")
@example("x", ".")
@example("", "x")
@example("%2e%2e", "%2F")
@example("a/../b", "x")
@example("{}", "{0}")
@example("x?$select=passwordProfile", "#")
@example("\ud800", "x")
def test_a_name_stays_one_step_of_its_path(one: str, other: str) -> None:
    with contextlib.suppress(UsageError):
        path = paths.path("/v1.0/users/{}/members/{}/$ref", one, other)
        found = sent(path)
        assert [urllib.parse.unquote(step) for step in found.path.split("/")] == ["", "v1.0", "users", one, "members", other, "$ref"]
        assert (found.netloc, found.query, found.fragment) == ("graph.microsoft.com", "", "")
        assert path.template == "/v1.0/users/{}/members/{}/$ref"
        assert graph._PATH.fullmatch(path), "the wire takes printable paths only"


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../groups", "a\\b", "a\nb", "a\x00", "\ud800"])
def test_what_may_be_taken_for_a_step_is_refused(name: str) -> None:
    with pytest.raises(UsageError):
        paths.path("/v1.0/users/{}", name)
    with pytest.raises(UsageError):
        paths.reference(name)


@pytest.mark.parametrize(
    "name", ["ada@contoso.com", "o'hara@contoso.com", "ada_x.com#EXT#@contoso.onmicrosoft.com", "...", "5cb16c46-dbf9-5dd5-91b7-4e1fd3ae5a32"]
)
def test_names_that_there_are_pass(name: str) -> None:
    assert urllib.parse.unquote(sent(paths.path("/v1.0/users/{}", name)).path) == f"/v1.0/users/{name}"


@given(TEXTS)
@example("x' or displayName ne 'y")
@example("'")
@example("a&$top=1")
@example("a+b")
def test_a_value_stays_one_value_of_its_filter(text: str) -> None:
    with contextlib.suppress(UsageError):
        path = paths.path("/v1.0/users", filter=f"displayName eq {paths.literal(text)}", select=["id", "mail"])
        query = dict(urllib.parse.parse_qsl(sent(path).query, keep_blank_values=True, strict_parsing=True))
        assert query == {"$filter": f"displayName eq {paths.literal(text)}", "$select": "id,mail"}
        fits = filters.parse(query["$filter"]).fits
        assert [fits(item) for item in ITEMS] == [item["displayName"].casefold() == text.casefold() for item in ITEMS]
        own: dict[str, t.Any] = {"displayName": text}
        assert fits(own)
