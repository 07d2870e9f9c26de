# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stand-ins for what installs PowerShell and its modules, and for what waits for ports."""

from __future__ import annotations

import pytest

from tests.unit.lab.windows import Host, Result

GALLERY = {"PSGallery": {"Az": ["1.0.0", "2.10.0", "2.9.0"]}, "Mirror": {"Az": ["1.0.0"]}}
UPDATE = r"C:\Install\kb.msu"


def test_a_module_is_installed_by_its_version_beside_others_and_uninstalled() -> None:
    host = Host(psmodules={"Az": ["1.0.0"]}, repositories=GALLERY)
    assert host.settled("community.windows.win_psmodule", name="Az", required_version="2.9.0")["output"] == "Module Az installed"
    shown = host.run("community.windows.win_psmodule_info", name="a*")["modules"]
    assert [(one["name"], one["version"], one["repository"]) for one in shown] == [("Az", "2.9.0", "PSGallery"), ("Az", "1.0.0", None)]
    host.settled("community.windows.win_psmodule", name="az", required_version="2.9.0", state="absent")
    assert host.run("community.windows.win_psmodule", name="Az")["output"] == "Module Az already present"
    assert host.settled("community.windows.win_psmodule", name="Az", state="latest")["changed"]
    assert host.run("community.windows.win_psmodule_info", name="Az")["modules"][0]["version"] == "2.10.0"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "Az", "required_version": "9.0"}, "No match was found for the specified search criteria"),
        ({"name": "Az", "required_version": "1.0.0", "minimum_version": "1.0"}, "mutually exclusive"),
        ({"name": "Az", "state": "latest", "required_version": "1.0.0"}, "you can't use any of required_version"),
        ({"name": "Az", "repository": "Nowhere"}, "The repository Nowhere doesn't exist."),
    ],
)
def test_a_module_that_cannot_be_had_is_refused(options: Result, message: str) -> None:
    assert message in Host(repositories=GALLERY).failed("community.windows.win_psmodule", **options)


def test_an_old_powershell_installs_no_modules() -> None:
    assert "have to be installed before using" in Host("admin_2012").failed("community.windows.win_psmodule", name="Az")


def test_an_update_of_windows_works_after_the_restart() -> None:
    engine = {r"HKLM:\SOFTWARE\Microsoft\PowerShell\3\PowerShellEngine": {"PowerShellVersion": "5.1"}}
    host = Host(hotfixes={UPDATE: {"kb": "KB1", "registry": engine}})
    result = host.settled("win_hotfix", source=UPDATE, hotfix_kb="KB1")
    assert result["reboot_required"] and result["kb"] == "KB1" and host.machine.restart_needed == ["KB1"]
    stat: Result = {"path": next(iter(engine)), "name": "PowerShellVersion"}
    assert not host.run("win_reg_stat", **stat)["exists"]
    host.machine.restart()
    assert host.run("win_reg_stat", **stat)["value"] == "5.1"
    assert host.settled("win_hotfix", hotfix_kb="KB1", state="absent")["changed"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"source": UPDATE, "hotfix_kb": "KB2"}, "the hotfix KB KB2 does not match with the source msu KB KB1"),
        ({"source": r"C:\nothing.msu"}, "does not exist or is not a file"),
        ({}, "source must be set"),
        ({"state": "absent"}, "either hotfix_identifier or hotfix_kb"),
    ],
)
def test_an_update_that_is_another_one_is_refused(options: Result, message: str) -> None:
    assert message in Host(hotfixes={UPDATE: {"kb": "KB1"}}).failed("win_hotfix", **options)


def test_a_port_listens_while_its_service_runs() -> None:
    host = Host("exchange")
    assert host.run("win_wait_for", port=2525)["wait_attempts"] == 1
    host.run("win_service", name="MSExchangeTransport", state="stopped")
    assert host.failed("win_wait_for", port=2525) == "timeout while waiting for 127.0.0.1:2525 to start listening"
    assert not host.run("win_wait_for", port=2525, state="stopped").get("failed")
    assert host.failed("win_wait_for", port=25, state="stopped").endswith("to stop listening")


def test_a_file_is_waited_for() -> None:
    host = Host()
    assert not host.run("win_wait_for", path=r"C:\Windows\explorer.exe").get("failed")
    assert host.failed("win_wait_for", path=r"C:\nothing.txt").endswith("to be present")
    assert host.failed("win_wait_for", path=r"C:\nothing.txt", port=25).startswith("port and path")
