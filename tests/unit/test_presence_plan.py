# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which client Outlook asks for presence, in each profile of a host, and what is refused."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.m365.hybrid.plugins.filter.presence_plan import FilterModule

PLAN = FilterModule().filters()["presence_plan"]
ADA, BOB = "S-1-5-21-1-2-3-1104", "S-1-12-1-4-5-6-7"
PROVIDERS, IM, POLICY = r"Software\IM Providers", r"Software\Microsoft\Office\16.0\Outlook\IM", r"Software\Policies\Microsoft\Office\16.0\Outlook\IM"
LOADED = rf"HKLM:\ANSIBLE\{PROVIDERS}"
FILE = r"C:\Users\Default\NTUSER.DAT"
PACKAGES = {"client": "MsTeams", "hive": "_Classes", "path": "Packages", "prefix": "MSTeams_"}
EVIDENCE = [PACKAGES, {"client": "Lync", "path": r"HKLM:\SOFTWARE\IM Providers\Lync"}, {"client": "Teams", "hive": "", "path": r"Software\Teams"}]
WISHES = {"evidence": EVIDENCE, "versions": ["16.0"], "option": "Enabled"}
USERS = {"exists": True, "properties": {}, "sub_keys": [".DEFAULT", "S-1-5-18", ADA, f"{ADA}_Classes", BOB]}
Row = dict[str, t.Any]


def key(name: str = "", value: str | int | None = None) -> Row:
    kind = "REG_DWORD" if isinstance(value, int) else "REG_SZ"
    return {"exists": value is not None, "sub_keys": [], "properties": {} if value is None else {name: {"type": kind, "value": value, "raw_value": value}}}


def evidence(client: str, sid: str | None = None, *sub_keys: str, prefix: str = "", there: bool = True) -> Row:
    return {"item": {"client": client, "path": "HKLM:\\any", "prefix": prefix, "sid": sid}, "exists": there, "properties": {}, "sub_keys": list(sub_keys)}


def stats(sid: str, named: str | None = None, option: int | None = None, policy: int | None = None) -> list[Row]:
    found = {PROVIDERS: key("DefaultIMApp", named), IM: key("Enabled", option), POLICY: key("Enabled", policy)}
    return [{"item": {"sid": sid, "below": path}, **stat} for path, stat in found.items()]


def new_users(named: str | None = None) -> Row:
    before = {LOADED: {"DefaultIMApp": {"type": "String", "value": named}}} if named else {}
    return {"file": FILE, "result": {"changed": True, "diff": {"before": before, "after": {}}}}


def reading(**changes: t.Any) -> Row:
    return {"users": USERS, "machine": [evidence("Lync")], "own": [], "values": stats(ADA) + stats(BOB), "new_users": new_users(), **changes}


def plan(client: str = "", **changes: t.Any) -> Row:
    return t.cast(Row, PLAN(reading(**changes), {**WISHES, "client": client}))


def test_users_are_those_of_people_whose_hives_are_loaded() -> None:
    found = PLAN({"users": USERS}, WISHES)
    assert found["profiles"] == [ADA, BOB]
    assert [one["path"] for one in found["values"]] == [rf"HKU:\{sid}\{path}" for sid in (ADA, BOB) for path in (PROVIDERS, IM, POLICY)]
    assert found["machine"] == [{"client": "Lync", "path": r"HKLM:\SOFTWARE\IM Providers\Lync", "prefix": ""}]
    assert [one["path"] for one in found["own"][:2]] == [rf"HKU:\{ADA}_Classes\Packages", rf"HKU:\{ADA}\Software\Teams"]


def test_every_profile_names_the_only_client_that_is_installed() -> None:
    found = plan()
    assert found["problems"] == [] and found["installed"] == ["Lync"]
    assert [(one["path"], one["data"], one.get("hive")) for one in found["changes"]] == [
        (rf"HKU:\{ADA}\{PROVIDERS}", "Lync", None),
        (rf"HKU:\{BOB}\{PROVIDERS}", "Lync", None),
        (LOADED, "Lync", FILE),
    ]
    assert [one["state"] for one in found["saved"]] == ["absent"] * 3 and found["saved"][-1]["hive"] == FILE


def test_what_names_it_already_is_left_alone() -> None:
    found = plan(values=stats(ADA, "Lync", option=2) + stats(BOB, "Lync", option=1), new_users=new_users("Lync"))
    assert found["changes"] == [] and [one["status"] for one in found["report"]] == ["ok"] * 3


def test_a_name_in_a_value_of_another_type_is_written_anew() -> None:
    values = stats(ADA, "Lync") + stats(BOB, "Lync")
    values[0]["properties"]["DefaultIMApp"]["type"] = "REG_EXPAND_SZ"
    found = plan(values=values, new_users=None)
    assert [(one["path"], one["type"]) for one in found["changes"]] == [(rf"HKU:\{ADA}\{PROVIDERS}", "string")]
    assert found["saved"][0]["type"] == "expandstring"


def test_the_option_is_switched_on_only_where_it_is_off() -> None:
    found = plan(values=stats(ADA, "Lync", option=0) + stats(BOB, "Lync"), new_users=None)
    assert found["changes"] == [{"path": rf"HKU:\{ADA}\{IM}", "name": "Enabled", "type": "dword", "data": 1, "state": "present"}]
    assert found["saved"] == [{"path": rf"HKU:\{ADA}\{IM}", "name": "Enabled", "type": "dword", "data": 0, "state": "present"}]


def test_a_policy_that_switches_it_off_is_reported_and_left_to_those_who_own_it() -> None:
    found = plan(values=stats(ADA, "Lync", option=0, policy=0) + stats(BOB, "Lync"), new_users=None)
    assert found["changes"] == []
    assert (found["report"][0]["status"], found["report"][0]["policy"]) == ("policy", rf"{POLICY}\Enabled is 0")


def test_a_client_of_one_user_is_nobody_elses() -> None:
    found = plan(
        machine=[],
        own=[evidence("MsTeams", ADA, "MSTeams_24.1_x64__8wekyb3d8bbwe", prefix="MSTeams_"), evidence("MsTeams", BOB, "Calc", prefix="MSTeams_")],
    )
    assert [(one["profile"], one["status"]) for one in found["report"]] == [
        (ADA, "differs"),
        (BOB, "client_not_installed"),
        ("default", "client_not_installed"),
    ]
    assert [one["data"] for one in found["changes"]] == ["MsTeams"]


def test_what_was_named_before_leads_back() -> None:
    found = plan(values=stats(ADA, "Communicator") + stats(BOB, "Lync"), new_users=new_users("Teams"))
    assert [(one["data"], one.get("hive")) for one in found["saved"]] == [("Communicator", None), ("Teams", FILE)]


# Refusals


def test_a_host_without_any_client_is_refused() -> None:
    found = plan(machine=[evidence("Lync", there=False)])
    assert found["problems"][0].startswith("none of MsTeams, Lync, Teams is installed for anybody") and found["changes"] == []


def test_a_client_that_is_not_installed_is_refused() -> None:
    found = plan("MsTeams")
    assert found["problems"] == ["MsTeams is not installed for anybody on this host; there is Lync"] and found["changes"] == []


def test_several_clients_need_a_choice() -> None:
    both = [evidence("Lync"), evidence("Teams")]
    assert "several clients are installed (Lync, Teams)" in plan(machine=both)["problems"][0]
    chosen = plan("Teams", machine=both)
    assert chosen["problems"] == [] and {one["data"] for one in chosen["changes"]} == {"Teams"}


def test_a_read_that_failed_is_an_error() -> None:
    with pytest.raises(AnsibleFilterError, match="exists"):
        plan(machine=[{"item": {"client": "Lync"}, "failed": True}])
    with pytest.raises(AnsibleFilterError, match="IM Providers"):
        plan(values=stats(ADA))
