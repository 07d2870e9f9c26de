# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When loose truncation is turned on: what is refused, what changes on a member, what is reported."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.m365.hybrid.plugins.filter.truncation_plan import FilterModule

PLAN = FilterModule().filters()["truncation_plan"]
KEY = r"HKLM:\SOFTWARE\Microsoft\ExchangeServer\v15\BackupInformation"
COPIES, SPACE, LOGS = (f"LooseTruncation_{name}" for name in ("MinCopiesToProtect", "MinDiskFreeSpaceThresholdInMB", "MinLogsToProtect"))
SP1, CU3 = "Version 15.0 (Build 847.32)", "Version 15.0 (Build 775.38)"
ON = {"min_copies_to_protect": 1, "accept_reseed": True}
Row = dict[str, t.Any]


def key(**values: int) -> Row:
    """What win_reg_stat returns; without values the key is not there, as on a new server."""
    if not values:
        return {"exists": False, "changed": False}
    return {"exists": True, "sub_keys": [], "properties": {name: {"type": "REG_DWORD", "value": value, "raw_value": value} for name, value in values.items()}}


def copy(database: str, server: str, free_gb: int | None = 500, **more: t.Any) -> Row:
    facts = {"status": "healthy", "active": server == "EX01", "lowest_log_present": 101, "last_log_generated": 400, "last_log_inspected": 0}
    return {"database": database, "server": server, "disk_free_space_bytes": free_gb and free_gb << 30, **facts, **more}


def reading(keys: Row | None = None, autoreseed: bool = False, **more: t.Any) -> Row:
    """A group of three servers; DB01 has three copies, DB02 two."""
    held = {"DB01": ("EX01", "EX02", "EX03"), "DB02": ("EX01", "EX02")}
    group: Row = {
        "Name": "DAG1",
        "Servers": ["EX01", "EX02", "EX03"],
        "AutoDagAutoReseedEnabled": autoreseed,
        "AutoDagDatabasesRootFolderPath": "C:\\ExchangeDatabases",
    }
    return {
        "server": "EX01",
        "keys": keys or {name: key() for name in group["Servers"]},
        "groups": [group],
        "servers": [{"name": name, "admin_display_version": SP1} for name in ("EX01", "EX02", "EX03")],
        "databases": [{"name": name, "availability_group": "DAG1", "copies": [{"server": one} for one in servers]} for name, servers in held.items()],
        "copies": [copy(name, server) for name, servers in held.items() for server in servers],
        "paths": [{"Name": name, "EdbFilePath": rf"c:\exchangedatabases\{name}\{name}.db\{name}.edb"} for name in held],
        **more,
    }


def plan(wishes: Row = ON, **changes: t.Any) -> Row:
    return t.cast(Row, PLAN(reading(**changes), wishes))


def problem(wishes: Row = ON, **changes: t.Any) -> str:
    found = plan(wishes, **changes)
    assert len(found["problems"]) == 1, found["problems"]
    return str(found["problems"][0])


def test_a_new_group_gets_what_was_asked_for_and_nothing_else() -> None:
    found = plan({**ON, "min_disk_free_space_threshold_mb": "102400"})
    assert found["problems"] == []
    assert found["changes"] == [
        {"path": KEY, "name": COPIES, "type": "dword", "data": 1, "state": "present"},
        {"path": KEY, "name": SPACE, "type": "dword", "data": 102400, "state": "present"},
    ]
    assert found["saved"] == [{"path": KEY, "name": COPIES, "state": "absent"}, {"path": KEY, "name": SPACE, "state": "absent"}]


def test_what_is_so_already_is_left_alone_whatever_the_disks_are_like() -> None:
    keys = {name: key(**{COPIES: 1}) for name in ("EX01", "EX02", "EX03")}
    found = plan({"min_copies_to_protect": 1}, keys=keys, copies=[copy("DB01", "EX01", 1)])
    assert (found["problems"], found["changes"], found["saved"]) == ([], [], [])


def test_the_value_before_leads_back() -> None:
    keys = {name: key(**{COPIES: 1, LOGS: 500}) for name in ("EX01", "EX02", "EX03")}
    found = plan({"min_copies_to_protect": 0}, keys=keys)
    assert found["saved"] == [{"path": KEY, "name": COPIES, "type": "dword", "data": 1, "state": "present"}]
    assert found["problems"] == []  # to turn it off needs nothing


def test_a_value_that_is_no_dword_counts_as_none_and_is_written_anew() -> None:
    text = {"exists": True, "sub_keys": [], "properties": {COPIES: {"type": "REG_SZ", "value": "1", "raw_value": "1"}}}
    found = plan(keys={"EX01": text, "EX02": key(), "EX03": key()})
    assert found["report"]["members"]["EX01"]["enabled"] is False
    assert [one["data"] for one in found["changes"]] == [1] and found["saved"][0]["type"] == "string"


def test_a_read_that_failed_is_not_a_key_that_is_absent() -> None:
    with pytest.raises(AnsibleFilterError, match="exists"):
        plan(keys={"EX01": {"failed": True, "msg": "access denied"}, "EX02": key(), "EX03": key()})


# Refusals


def test_a_server_outside_a_group_is_refused() -> None:
    assert problem(server="EX09", keys={"EX09": key()}).startswith("EX09 is not a member of a database availability group")


def test_a_member_before_service_pack_1_is_refused() -> None:
    servers = [{"name": "EX01", "admin_display_version": SP1}, {"name": "EX02", "admin_display_version": CU3}, {"name": "EX03", "admin_display_version": SP1}]
    assert problem(servers=servers) == f"EX02 runs {CU3}; loose truncation exists since Exchange Server 2013 SP1 (15.0.847.32)"
    assert "EX03 is a member of DAG1, and the list of servers does not have it" in plan(servers=servers[:2])["problems"]


def test_a_member_that_was_not_read_is_refused_unless_it_is_said_to_be_down() -> None:
    keys = {"ex01": key(), "EX02": key()}
    assert problem(keys=keys).startswith("EX03 of DAG1 was not read")
    found = plan({**ON, "unreachable": ["ex03"]}, keys=keys)
    assert found["problems"] == [] and "ex03 was not changed" in found["hints"][0] and found["report"]["unread"] == ["EX03"]
    assert "EX07 is no member of DAG1" in problem({**ON, "unreachable": ["EX07"]})


def test_members_that_disagree_about_what_was_not_asked_for_are_refused() -> None:
    keys = {"EX01": key(**{LOGS: 500}), "EX02": key(), "EX03": key(**{LOGS: 500})}
    assert "disagree about LooseTruncation_MinLogsToProtect (EX01 500, EX02 has none, EX03 500)" in problem(keys=keys)
    assert plan({**ON, "min_logs_to_protect": 500}, keys=keys)["problems"] == []
    assert plan({}, keys=keys)["problems"] == []  # who only asks is told, not refused


def test_more_copies_to_protect_than_there_are_is_refused() -> None:
    assert problem({**ON, "min_copies_to_protect": 2}) == "loose_truncation_min_copies_to_protect is 2, and DB02 has 1 passive copy to protect"
    assert len(plan({**ON, "min_copies_to_protect": 3})["problems"]) == 2
    assert [one.partition(":")[0] for one in plan()["hints"]] == ["DB02"]


def test_databases_without_a_second_copy_give_nothing_to_do() -> None:
    assert "no database of DAG1 has a second copy" in problem(databases=[{"name": "DB01", "availability_group": "DAG1", "copies": [{"server": "EX01"}]}])


def test_a_disk_below_the_threshold_is_refused() -> None:
    copies = [copy("DB01", "EX01"), copy("DB01", "EX02", 100), copy("DB01", "EX03", None, status="service_down")]
    assert problem(copies=copies).startswith("DB01 on EX02 has 102400 MB free, less than the threshold of 204800 MB")
    assert plan({**ON, "min_disk_free_space_threshold_mb": 102400}, copies=copies)["problems"] == []
    assert "less than the threshold of 102401 MB" in problem({**ON, "min_disk_free_space_threshold_mb": 102401}, copies=copies)


def test_a_copy_that_would_have_to_be_seeded_by_hand_is_refused_unless_accepted() -> None:
    wish = {"min_copies_to_protect": 1}
    assert problem(wish).startswith("Autoreseed is not configured on DAG1")
    assert plan(wish, autoreseed=True)["problems"] == []
    elsewhere = [{"Name": "DB01", "EdbFilePath": r"D:\DB01\DB01.edb"}, {"Name": "DB02", "EdbFilePath": r"C:\ExchangeDatabases\DB02\DB02.edb"}]
    assert problem(wish, autoreseed=True, paths=elsewhere).startswith("Autoreseed does not look after DB01, because")
    beside = [{"Name": "DB01", "EdbFilePath": r"C:\ExchangeDatabases2\DB01.edb"}]
    assert problem(wish, autoreseed=True, paths=beside).startswith("Autoreseed does not look after DB01, because")
    nowhere = [{**reading(autoreseed=True)["groups"][0], "AutoDagDatabasesRootFolderPath": None}]
    assert problem(wish, groups=nowhere).startswith("Autoreseed is not configured on DAG1")


@pytest.mark.parametrize("wish", [{"min_copies_to_protect": -1}, {"min_disk_free_space_threshold_mb": 0}, {"min_logs_to_protect": "many"}])
def test_a_number_that_is_none_is_refused(wish: Row) -> None:
    with pytest.raises(AnsibleFilterError):
        plan(wish)


# What is reported


def test_the_report_counts_logs_and_free_space() -> None:
    copies = [copy("DB01", "EX01", 100), copy("DB01", "EX02", last_log_inspected=390), copy("DB01", "EX03", None, lowest_log_present=None)]
    report = plan({}, copies=copies)["report"]
    assert [(one["logs"], one["free_mb"], one["below_threshold"]) for one in report["copies"]] == [
        (300, 102400, True),
        (290, 512000, False),
        (None, None, None),
    ]
    assert report["members"]["EX02"] == {
        "min_copies_to_protect": None,
        "min_disk_free_space_threshold_mb": None,
        "min_logs_to_protect": None,
        "enabled": False,
    }
