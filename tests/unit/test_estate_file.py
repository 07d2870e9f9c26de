# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file of an estate: what is refused and how it is named, what it asks for, and what the summary says of it."""

from __future__ import annotations

import typing as t

import pytest
import yaml

from ansible_collections.m365.hybrid.plugins.filter.estate import FilterModule
from ansible_collections.m365.hybrid.plugins.plugin_utils import estate_file, surroundings
from tools import project

FILTERS = FilterModule().filters()
ROLE = project.ROOT / "roles" / "hybrid_estate"
TABLE = yaml.safe_load((ROLE / "vars" / "main.yml").read_text(encoding="utf-8"))["__hybrid_estate_areas"]
EXAMPLE = project.ROOT / "playbooks" / "files" / "hybrid_estate.example.yml"
GROUPS = {name: [f"{name}01", f"{name}02"] for name in ("exchange", "exchange_online", "entra", "directory", "directory_sync", "skype", "adfs", "wap")}
HOSTS = [host for hosts in GROUPS.values() for host in hosts]


def specs() -> dict[str, t.Any]:
    roles = {part["role"] for parts in TABLE.values() for part in parts if "role" in part}
    read = {role: yaml.safe_load((project.ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8")) for role in roles}
    return {role: one["argument_specs"]["main"]["options"] for role, one in read.items()}


SPECS = specs()


def plan(declared: t.Any, groups: t.Mapping[str, t.Any] = GROUPS) -> dict[str, t.Any]:
    return t.cast(dict[str, t.Any], FILTERS["estate_plan"](declared, TABLE, SPECS, groups, HOSTS))


def areas(declared: t.Any, groups: t.Mapping[str, t.Any] = GROUPS) -> dict[str, t.Any]:
    found = plan(declared, groups)
    assert not found["problems"]
    return t.cast(dict[str, t.Any], found["areas"])


def test_the_example_is_a_file_without_a_mistake_and_has_every_area() -> None:
    assert list(areas(yaml.safe_load(EXAMPLE.read_text(encoding="utf-8")))) == list(TABLE)


@pytest.mark.parametrize(
    ("declared", "problem"),
    [
        ({"organisation": {}}, "there is no key 'organisation'; the nearest one is 'organization'"),
        ({"organization": {"on_premise": {}}}, "organization: there is no key 'on_premise'; the nearest one is 'on_premises'"),
        ({"connectors": {"online": {"send_connectors": []}}}, "connectors.online: there is no key 'send_connectors'; the nearest one is"),
        (
            {"organization": {"online": {"remote_domains": [{"name": "a"}, {"name": "b", "domain_nam": "c"}]}}},
            "organization.online.remote_domains, entry 2: there is no key 'domain_nam'; the nearest one is 'domain_name'",
        ),
        ({"rooms": {"rooms": [], "usage_locaton": "DE"}}, "rooms: there is no key 'usage_locaton'; the nearest one is 'usage_location'"),
        ({"rooms": {"rooms": [{"adress": "a@b.c"}]}}, "rooms.rooms, entry 1: there is no key 'adress'; the nearest one is 'address'"),
        (
            {"rooms": {"rooms": [{"address": "a@b.c", "calendar": {"booking_window_in_day": 1}}]}},
            "rooms.rooms, entry 1.calendar: there is no key 'booking_window_in_day'; the nearest one is 'booking_window_in_days'",
        ),
        ({"ad_fs": {"properties": {"auto_rollover": True}}}, "ad_fs.properties: there is no key 'auto_rollover'; the nearest one is"),
        ({"hosts": {"exchnge": "a"}}, "hosts: there is no key 'exchnge'; the nearest one is 'exchange'"),
        ({"hosts": {"exchange": "exchange03"}}, "hosts.exchange: the inventory has neither group nor host 'exchange03'; the nearest one is 'exchange0"),
        ({"rooms": {}}, "rooms: missing required arguments: rooms"),
        ({"rooms": []}, "rooms must be a mapping; it is a list"),
        ({"organization": "all"}, "organization must be a mapping; it is a text"),
        ({"connectors": {"online": {"inbound_connectors": {"name": "a"}}}}, "connectors.online.inbound_connectors must be a list of objects; it is a mapping"),
        ({"organization": {"online": {"accepted_domains": ["a"]}}}, "organization.online.accepted_domains, entry 1 must be a mapping; it is a text"),
        ({"organization": {"online": {"accepted_domains": [{"name": "a", "domain_type": "own"}]}}}, "accepted_domains, entry 1: value of domain_type must be"),
        ({"rooms": {"rooms": [], "arrival_timeout": "soon"}}, "rooms: 'arrival_timeout' must be a number; it is a text"),
        ({"rooms": {"rooms": {"address": "a@b.c"}}}, "rooms: 'rooms' must be a list; it is a mapping"),
        ({"rooms": {"rooms": ["a@b.c"]}}, "rooms: each entry of 'rooms' must be a mapping; it is a text"),
        ({"qqq": {}}, "there is no key 'qqq'; there are hosts, organization, "),
        (
            {"forwarding": {"online": {"save_path": "/a"}, "on_premises": {}}},
            "forwarding.on_premises needs save_path of its own, because forwarding.online has it",
        ),
        (["rooms"], "The file must hold a mapping of areas; it holds a list"),
    ],
)
def test_what_is_wrong_is_named_with_its_place_and_the_nearest_right_key(declared: t.Any, problem: str) -> None:
    found = plan(declared)
    assert problem in " | ".join(found["problems"]), found["problems"]
    assert found["areas"] == {}


def test_a_problem_never_shows_a_secret() -> None:
    wrong = {"rooms": {"rooms": [{"address": "a@b.c", "password": {"Th1n.Air": 1}, "resource_capacity": "x"}]}}
    assert "Th1n.Air" not in str(plan(wrong)["problems"])


def test_all_mistakes_are_named_at_once() -> None:
    assert len(plan({"room": {}, "mfa": {"user": []}, "hosts": {"wap": "nowhere"}})["problems"]) == 3


def test_an_area_that_is_absent_or_empty_is_not_managed() -> None:
    assert areas({"organization": {"online": {}}, "rooms": None, "connectors": {}}) == {}


def test_a_role_gets_the_hosts_of_the_inventory_and_what_the_file_says_over_them() -> None:
    (part,) = areas({"rooms": {"rooms": [], "graph_host": "entra02", "usage_location": None}, "hosts": {"exchange": "exchange02"}})["rooms"]
    assert part["variables"] == {
        "meeting_room_exchange_online_host": "exchange_online01",
        "meeting_room_graph_host": "entra02",
        "meeting_room_exchange_host": "exchange02",
        "meeting_room_directory_host": "directory01",
        "meeting_room_sync_host": "directory_sync01",
        "meeting_room_skype_host": "skype01",
        "meeting_room_rooms": [],
        "meeting_room_report": None,
    }
    assert part["lacks"] == ""
    (farm,) = areas({"ad_fs": {"certificate": {}}})["ad_fs"]
    assert farm["variables"]["adfs_certificate_nodes"] == GROUPS["adfs"]


def test_a_part_whose_host_is_not_in_the_inventory_says_which_one() -> None:
    groups = {name: hosts for name, hosts in GROUPS.items() if name not in ("exchange", "skype")}
    found = areas({"rooms": {"rooms": []}, "servers": {"databases": []}}, groups)
    assert found["rooms"][0]["lacks"].startswith("The inventory has no host for exchange: "), "Skype for Business Server is not needed by every room"
    assert "no host for exchange" in found["servers"][0]["lacks"]


def test_a_role_that_runs_twice_forgets_what_the_first_run_acknowledged() -> None:
    first, second = areas({"forwarding": {"online": {"accept_external": True}, "on_premises": {}}})["forwarding"]
    assert first["variables"]["mail_forwarding_accept_external"] is True
    assert second["variables"]["mail_forwarding_accept_external"] is False


def test_norway_is_no_truth_value() -> None:
    """`set_fact` of ansible-core before 2.19 makes one of it."""
    declared, inventory = {"rooms": {"rooms": [], "usage_location": "NO"}}, estate_file.Inventory(GROUPS, HOSTS)
    (said,) = estate_file.Estate(declared, estate_file.parts(TABLE), SPECS, inventory, surroundings.named, turns_words=True).check()
    assert said.startswith("rooms.usage_location is 'NO': ansible-core before 2.19")
    assert not estate_file.Estate(declared, estate_file.parts(TABLE), SPECS, inventory, surroundings.named).check()


PART = {"place": "organization.online.remote_domains", "host": "exo", "module": "exchange_remote_domain"}
BULK = {"outcomes": [{"number": 1, "object": "a", "outcome": "unchanged"}, {"number": 2, "object": "b", "outcome": "updated"}]}
REFUSED: dict[str, t.Any] = {"msg": "1 failed", "outcomes": [{"number": 1, "object": "a", "outcome": "failed", "msg": "No", "class": "CmdletError"}]}
STOPPED = {"msg": "1 failed", "outcomes": [*REFUSED["outcomes"], {"number": 2, "object": "b", "outcome": "skipped"}]}
LOGIN = {"msg": "The login was refused", "error": {"class": "LoginRefused"}}


@pytest.mark.parametrize(
    ("result", "changed", "failed", "check_mode", "state"),
    [
        ({}, False, False, False, "compliant"),
        ({}, True, False, False, "changed"),
        ({}, True, False, True, "would_change"),
        (BULK, False, False, True, "would_change"),
        (REFUSED, False, True, False, "failed"),
        (REFUSED, False, True, True, "unknown"),
        (STOPPED, False, True, False, "failed"),
        ({"msg": "x"}, True, True, False, "failed"),
        (LOGIN, False, True, False, "unknown"),
    ],
)
def test_the_state_of_a_part(result: t.Any, changed: bool, failed: bool, check_mode: bool, state: str) -> None:
    found = FILTERS["estate_outcome"](PART, result, changed, failed, check_mode)
    assert found["state"] == state
    assert bool(found["why"]) is failed
    assert found["lost"] is (result is LOGIN)
    assert found["changed"] is (changed or result is BULK)
    assert [one["object"] for one in found["objects"]] == {id(BULK): ["b"], id(REFUSED): ["a"], id(STOPPED): ["a", "b"]}.get(id(result), [])


def test_the_summary_is_of_the_worst_part_and_tells_skipped_from_not_managed() -> None:
    records = [FILTERS["estate_outcome"](PART, BULK, True, False, True), FILTERS["estate_outcome"](PART, LOGIN, False, True, True)]
    found = FILTERS["estate_summary"](records, ["organization", "rooms", "mfa"], {"organization": [], "rooms": []})
    assert {area: row["state"] for area, row in found["areas"].items()} == {"organization": "unknown", "rooms": "skipped", "mfa": "not_managed"}
    assert found["table"] == [
        "organization  unknown       online.remote_domains on exo: b (updated)",
        "                            online.remote_domains on exo: The login was refused",
        "rooms         skipped",
        "mfa           not managed",
    ]


def test_a_part_that_failed_after_a_change_says_so() -> None:
    loop = {"msg": "One or more items failed", "results": [{"changed": True}, {"failed": True, "msg": "No"}]}
    found = FILTERS["estate_outcome"](PART, loop, False, True, False)
    assert (found["state"], found["changed"], found["why"]) == ("failed", True, "No")


@pytest.mark.parametrize(
    ("host", "result", "lost"),
    [
        ("exo", LOGIN, True),
        ("", LOGIN, False),
        ("exo", {"msg": "x", "results": [{"failed": True, **LOGIN}]}, True),
        ("exo", {"msg": "x", "unreachable": True}, True),
        ("exo", {"msg": "x", "error": ["of another collection"]}, False),
        ("exo", {"msg": "x", "error": "Unreachable"}, False),
    ],
)
def test_only_a_host_of_its_own_is_lost_to_a_part(host: str, result: t.Any, lost: bool) -> None:
    assert FILTERS["estate_outcome"](PART | {"host": host}, result, False, True, False)["lost"] is lost
