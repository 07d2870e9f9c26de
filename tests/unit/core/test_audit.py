# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The directory's log: who, what, to whom, before and after."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._entra import directory_audit_info
from hybridlab.graph import Graph, seed
from hybridlab.graph.tenant import derived
from tests import graph_task

RAW = {"id": "x", "activityDateTime": "2026-03-01T10:00:00Z", "activityDisplayName": "a", "category": "b"}


@pytest.fixture
def product() -> Graph:
    """A tenant in which two people were moved to another department, one of them twice."""
    found = Graph(seed.tenant())
    for name, department in (("ada", "Research"), ("grace", "Research"), ("ada", "Poetry")):
        assert graph_task.run(found, "entra_user", identity=f"{name}@contoso.com", department=department)["changed"]
    return found


def entries(product: Graph, **options: t.Any) -> list[dict[str, t.Any]]:
    result = graph_task.run(product, "entra_directory_audit_info", **options)
    assert not result.get("failed"), result["msg"]
    return t.cast(list[dict[str, t.Any]], result["entries"])


def test_an_entry_says_who_did_what_to_whom_and_what_it_was_before(product: Graph) -> None:
    (newest, oldest) = entries(product, target="ada@contoso.com")
    assert (newest["activity"], newest["category"], newest["result"]) == ("Update user", "UserManagement", "success")
    assert newest["actor"] == {"kind": "application", "name": "tests", "id": None, "ip_address": None}
    (target,) = newest["targets"]
    assert (target["kind"], target["name"], target["display_name"]) == ("User", "ada@contoso.com", "Ada Lovelace")
    assert target["changes"] == [{"property": "Department", "old": ["Research"], "new": ["Poetry"]}]
    assert oldest["targets"][0]["changes"][0]["old"] == ["Engineering"]


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ({"target": "Ada Lovelace"}, 2),
        ({"target": derived("grace@contoso.com")}, 1),
        ({"target": derived("grace@contoso.com").upper()}, 1),
        ({"actor": "tests"}, 3),
        ({"actor": "ada@contoso.com"}, 0),
        ({"actor": "TESTS", "target": "grace@contoso.com"}, 1),
        ({"activity": "Update user"}, 3),
        ({"activity": "Update"}, 0),
        ({"category": "GroupManagement"}, 0),
        ({"service": "Core Directory", "result": "success"}, 3),
        ({"since": "2020-01-01"}, 3),
        ({"since": "2100-01-01"}, 0),
        ({"correlation_id": "11111111-1111-1111-1111-111111111111"}, 0),
    ],
)
def test_what_is_asked_for_is_shown(product: Graph, options: dict[str, str], count: int) -> None:
    assert len(entries(product, **options)) == count


def test_a_user_who_did_something_is_named() -> None:
    initiated = {"user": {"userPrincipalName": "ada@contoso.com", "id": "1", "ipAddress": "198.51.100.7"}, "app": None}
    row = directory_audit_info.row({**RAW, "initiatedBy": initiated})
    assert row["actor"] == {"kind": "user", "name": "ada@contoso.com", "id": "1", "ip_address": "198.51.100.7"}
    assert directory_audit_info.row({**RAW, "initiatedBy": None})["actor"]["kind"] == "unknown"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('["Engineering"]', ["Engineering"]),
        ('"enabled"', "enabled"),
        ("true", True),
        ("0049", "0049"),
        ("7", "7"),
        ("plain", "plain"),
        (None, None),
        ("[]", []),
    ],
)
def test_values_are_decoded_where_the_log_wrote_json(text: str | None, value: object) -> None:
    assert directory_audit_info.decoded(text) == value
