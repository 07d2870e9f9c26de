# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role blackberry_exchange finds to be done, refused and warned of."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.m365.hybrid.plugins.filter.blackberry_plan import FilterModule
from tests.unit.lab.windows import Host

PLAN = FilterModule().filters()["blackberry_plan"]
Row = dict[str, t.Any]
DLL = r"C:\Program Files (x86)\ExchangeMapi\CDO.dll"
ABSENT = {"failed": True, "msg": f"Specified path {DLL} does not exist or is not a file.", "win_file_version": {}}


def file(version: str) -> Row:
    names = ("file_major_part", "file_minor_part", "file_build_part", "file_private_part")
    return {"win_file_version": dict(zip(names, version.split("."), strict=True))}


def service(name: str, state: str, start_mode: str = "auto") -> Row:
    return {"name": name, "state": state, "start_mode": start_mode}


def plan(
    server: Row | str = "5.0.4.38",
    mapi: Row | str = "6.5.8353.0",
    value: str | None = "*",
    kind: str = "REG_SZ",
    more: t.Sequence[Row] = (),
    **wishes: t.Any,
) -> Row:
    reading = {
        "server": file(server) if isinstance(server, str) else server,
        "mapi": file(mapi) if isinstance(mapi, str) else mapi,
        "value": {"exists": value is not None, "value": value, "type": kind},
        "services": {"services": [service("BlackBerry Controller", "started"), service("BlackBerry Policy Service", "stopped", "manual"), *more]},
    }
    known = {"product": "server", "minimum": "5.0.4", "maintenance_release": 2, "special_update": False, "registry_data": "*"}
    mapi_wishes = {"mapi_minimum": "6.5.8353.0", "mapi_installer": r"C:\ExchangeMapiCdo.msi", "mapi_file": DLL}
    return t.cast(Row, PLAN(reading, known | mapi_wishes | wishes))


def test_a_server_that_has_everything_needs_nothing() -> None:
    found = plan()
    assert (found["problems"], found["warnings"], found["mapi"], found["registry"], found["saved"]) == ([], [], False, False, {})
    assert found["running"] == ["BlackBerry Controller"]


def test_numbers_may_be_texts_as_ansible_core_before_2_19_hands_them_over() -> None:
    assert plan(maintenance_release="2")["problems"] == []
    assert len(plan(maintenance_release="1")["problems"]) == 1
    with pytest.raises(AnsibleFilterError, match="'two' is not a whole number"):
        plan(maintenance_release="two")


def test_a_service_that_should_run_and_does_not_is_warned_of() -> None:
    (warning,) = plan(more=[service("BlackBerry Dispatcher", "stopped"), service("BlackBerry Router", "started")])["warnings"]
    assert warning.startswith("BlackBerry Dispatcher starts with the host and is stopped")


@pytest.mark.parametrize(("mapi", "old"), [("6.5.8309.0", True), ("6.5.8353.0", False), ("6.5.10000.0", False), (ABSENT, True)])
def test_the_version_of_the_file_decides(mapi: t.Any, old: bool) -> None:
    assert plan(mapi=mapi)["mapi"] is old


def test_what_is_about_to_change_is_kept() -> None:
    assert plan(mapi="6.5.8309.0", value=None)["saved"] == {"mapi": "6.5.8309.0", "registry": None}
    assert plan(value="x")["saved"] == {"mapi": "6.5.8353.0", "registry": "x"}


@pytest.mark.parametrize(
    ("value", "data", "warned"),
    [("*=https://proxy", "ex01=https://proxy", True), ("*=https://proxy", "*=https://other", False), ("ex01=a", "ex02=b", False), (None, "ex01=a", False)],
)
def test_a_change_away_from_a_wildcard_warns_with_the_error_that_followed(value: str | None, data: str, warned: bool) -> None:
    found = plan(value=value, registry_data=data)
    assert found["problems"] == [] and found["registry"]
    assert any("OpenMsgStore with 0x8004011d" in one for one in found["warnings"]) is warned


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"server": "5.0.3.1"}, "BlackBerry Enterprise Server 5.0.3.1 does not work with Exchange Server 2013"),
        ({"server": ABSENT}, "there is no BlackBerry Enterprise Server at"),
        ({"maintenance_release": 1}, "needs 5.0 SP4 MR2"),
        ({"product": "express"}, "special update for SP4"),
        ({"mapi": "6.5.8309.0", "mapi_installer": ""}, f"{DLL} has version 6.5.8309.0, and 6.5.8353.0 is needed"),
        ({"mapi": ABSENT, "mapi_installer": ""}, "has no version, because it is not there"),
        ({"kind": "REG_DWORD"}, "is REG_DWORD, not REG_SZ"),
    ],
)
def test_what_does_not_work_is_refused(options: Row, message: str) -> None:
    assert message in " ".join(plan(**options)["problems"])


def test_express_is_taken_at_its_owners_word() -> None:
    assert plan(product="express", special_update=True, maintenance_release=0)["problems"] == []


def test_a_version_that_was_not_read_is_no_answer() -> None:
    with pytest.raises(AnsibleFilterError, match="no version was read: access denied"):
        plan(mapi={"failed": True, "msg": "access denied"})


def test_the_labs_service_keeps_the_file_in_use_until_it_is_stopped() -> None:
    host = Host("blackberry")
    installer: Row = {"path": r"C:\Install\ExchangeMapiCdo.msi"}

    def version() -> str:
        return str(host.run("community.windows.win_file_version", path=DLL)["win_file_version"]["file_version"])

    assert host.run("win_package", **installer)["rc"] == 0 and version() == "6.5.8309.0"
    host.run("win_service", name="BlackBerry Dispatcher", state="stopped")
    host.run("win_package", **installer, state="absent")
    assert host.run("win_package", **installer)["changed"] and version() == "6.5.8353.0"
