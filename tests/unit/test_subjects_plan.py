# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which names of servers leave the registry of managed availability: only those that Active Directory surely does not have."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.m365.hybrid.plugins.filter.subjects_plan import FilterModule

PLAN = FilterModule().filters()["subjects_plan"]
PATH = r"HKLM:\SOFTWARE\Microsoft\ExchangeServer\v15\ActiveMonitoring\Subjects"
LIVE = [{"name": "EX01", "fqdn": "ex01.contoso.com"}, {"name": "EX02", "fqdn": "ex02.contoso.com"}]
Row = dict[str, t.Any]


def key(*sub_keys: str, **values: str) -> Row:
    return {
        "exists": True,
        "sub_keys": list(sub_keys),
        "properties": {name: {"type": "REG_SZ", "value": one, "raw_value": one} for name, one in values.items()},
    }


SUBJECTS = key("EX01", "EX02", "OLD1", "old2.contoso.com", OLD3="watched")
TREES = {rf"{PATH}\OLD1": key("Deep", State="2"), rf"{PATH}\OLD1\Deep": key(A="b"), rf"{PATH}\old2.contoso.com": key()}


def plan(stale: t.Sequence[str] = (), all_stale: bool = False, **changes: t.Any) -> Row:
    whole = {"path": PATH, "server": "EX01", "key": SUBJECTS, "servers": LIVE, "trees": TREES, **changes}
    return t.cast(Row, PLAN(whole, {"stale": list(stale), "all_stale": all_stale}))


def test_without_a_wish_names_are_reported_and_stay() -> None:
    found = plan()
    assert (found["problems"], found["removals"], found["saved"]) == ([], [], [])
    assert found["left"] == ["OLD1", "old2.contoso.com", "OLD3"]
    assert [one["name"] for one in found["subjects"] if one["live"]] == ["EX01", "EX02"]


@pytest.mark.parametrize("name", ["old1", "OLD1.contoso.com"])
def test_a_named_server_goes_with_all_below_it_and_can_be_brought_back(name: str) -> None:
    found = plan([name])
    assert found["removals"] == [{"path": rf"{PATH}\OLD1", "name": None, "state": "absent"}]
    assert found["saved"] == [
        {"path": rf"{PATH}\OLD1", "name": None, "state": "present"},
        {"path": rf"{PATH}\OLD1", "name": "State", "type": "string", "data": "2", "state": "present"},
        {"path": rf"{PATH}\OLD1\Deep", "name": None, "state": "present"},
        {"path": rf"{PATH}\OLD1\Deep", "name": "A", "type": "string", "data": "b", "state": "present"},
    ]
    assert found["left"] == ["old2.contoso.com", "OLD3"]


def test_all_that_are_stale_go_keys_and_values() -> None:
    found = plan(all_stale=True)
    assert [(one["path"], one["name"]) for one in found["removals"]] == [(rf"{PATH}\OLD1", None), (rf"{PATH}\old2.contoso.com", None), (PATH, "OLD3")]
    assert found["saved"][-1] == {"path": PATH, "name": "OLD3", "type": "string", "data": "watched", "state": "present"}


def test_a_name_that_is_gone_already_is_no_mistake() -> None:
    assert plan(["OLD7"])["problems"] == plan(["OLD7"])["removals"] == []


@pytest.mark.parametrize("name", ["EX02", "ex02.contoso.com", "ex02.fabrikam.com"])
def test_a_live_server_named_as_stale_is_refused(name: str) -> None:
    found = plan([name])
    assert found["problems"] == [f"managed_availability_stale_servers: {name} is a server of the organization, so its name stays"]
    assert found["removals"] == []


def test_a_list_of_servers_that_cannot_be_complete_proves_nothing() -> None:
    assert "shows no Exchange server at all" in plan(["OLD1"], servers=[])["problems"][0]
    assert "lacks EX01 itself" in plan(["OLD1"], servers=LIVE[1:])["problems"][0]


def test_a_key_that_is_not_there_is_refused_and_one_that_was_not_read_is_an_error() -> None:
    assert "managed_availability_subjects_path" in plan(["OLD1"], key={"exists": False})["problems"][0]
    with pytest.raises(AnsibleFilterError, match="exists"):
        plan(["OLD1"], key={"failed": True})


def test_nothing_is_removed_that_was_not_exported() -> None:
    for trees, waiting in (({}, rf"{PATH}\OLD1"), ({rf"{PATH}\OLD1": TREES[rf"{PATH}\OLD1"]}, rf"{PATH}\OLD1\Deep")):
        found = plan(["OLD1"], trees=trees)
        assert (found["waiting"], found["removals"], found["saved"]) == ([waiting], [], [])
    with pytest.raises(AnsibleFilterError, match="exists"):
        plan(["OLD1"], trees={rf"{PATH}\OLD1": {"failed": True}})


def test_servers_may_come_from_active_directory_itself() -> None:
    servers = [
        {"name": "EX01", "networkAddress": ["netbios:EX01", "ncacn_ip_tcp:ex01.contoso.com"]},
        {"name": "EX7", "networkAddress": ["ncacn_ip_tcp:old1.contoso.com"]},
    ]
    found = plan(all_stale=True, servers=servers)
    assert [one["name"] for one in found["subjects"] if one["live"]] == ["EX01"]
    assert "is a server of the organization" in plan(["old1.contoso.com"], servers=servers)["problems"][0]
