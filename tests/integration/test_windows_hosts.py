# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One inventory entry for Ansible's own modules and for this collection's, over Ansible's own connections, which know nothing of a lab."""

from __future__ import annotations

import base64
import typing as t

import pytest

from tests.integration import play

KEY = "HKLM:\\SOFTWARE\\Lab"
SETUP = play.task("facts", "ansible.windows.setup", {})
SET = play.task("set", "ansible.windows.win_regedit", {"path": KEY, "name": "Level", "data": 3, "type": "dword"})
STAT = play.task("stat", "ansible.windows.win_reg_stat", {"path": KEY, "name": "Level"})
CONTENT = "Umlaute: \u00e4\u00f6\u00fc\n" * 20000
COPY = play.task("copy", "ansible.windows.win_copy", {"content": CONTENT, "dest": "C:\\Windows\\Temp\\one.txt"})
SLURP = play.task("slurp", "ansible.windows.slurp", {"src": "C:\\Windows\\Temp\\one.txt"})
FETCH = play.task("fetch", "ansible.builtin.fetch", {"src": "C:\\Windows\\Temp\\one.txt", "dest": "fetched", "flat": True})
OURS = play.task("ours", "cmdlet", {"cmdlet": "Get-OrganizationConfig", "properties": ["Name"]}, vars={"m365_endpoint": "exchange"})


@pytest.fixture(name="module_lab", scope="module")
def windows_lab() -> t.Iterator[play.Lab]:
    with play.lab("--windows", "APP01", "--windows", "EX01:exchange", "--tenants", "0", "--sync", "none") as lab:
        yield lab
        play.until(lambda: lab.live == 0, 30, "every session has ended")
    play.clear()


@pytest.mark.parametrize("connection", ["psrp", "winrm"])
def test_one_entry_serves_both_kinds_of_modules(lab: play.Lab, connection: str) -> None:
    host = lab.host("ex01_windows", ansible_connection=f"ansible.builtin.{connection}")
    again = [{**one, "name": f"{one['name']} again"} for one in (SET, COPY)]
    run = play.play({"ex01": host}, SETUP, SET, STAT, COPY, SLURP, FETCH, OURS, *again).good()
    assert run.one("facts").result["ansible_facts"]["ansible_fqdn"] == "ex01.contoso.com"
    assert run.one("set").result["changed"] is (connection == "psrp")
    assert run.one("stat").result["value"] == 3
    assert base64.b64decode(run.one("slurp").result["content"]).decode() == CONTENT
    assert (run.folder / "fetched").read_text(encoding="utf-8") == CONTENT
    assert run.one("ours", "ok").result["output"][0]["Name"]
    assert not run.one("set again").result["changed"] and not run.one("copy again").result["changed"]


@pytest.mark.parametrize("connection", ["psrp", "winrm"])
def test_what_the_lab_does_not_do_fails_loudly(lab: play.Lab, connection: str) -> None:
    host = lab.host("app01", ansible_connection=f"ansible.builtin.{connection}")
    script = play.task("script", "ansible.windows.win_powershell", {"script": "Get-Date"}, ignore_errors=True)
    missing = play.task("missing", "ansible.windows.win_hosts", {"state": "absent", "ip_address": "10.1.1.1"}, ignore_errors=True)
    raw = play.task("raw", "ansible.builtin.raw", "Get-Date", ignore_errors=True)
    option = play.task("option", "ansible.windows.win_ping", {"dta": "x"}, ignore_errors=True)
    run = play.play({"app01": host}, script, missing, raw, option)
    assert "the lab never runs script text, so it has no stand-in for ansible.windows.win_powershell" in run.one("script").message
    assert "the lab has no stand-in for ansible.windows.win_hosts" in run.one("missing").message
    assert run.one("raw").result["rc"] != 0 and "the lab runs no scripts" in run.one("raw").result["stderr"]
    assert "Unsupported parameters for (ansible.windows.win_ping) module: dta" in run.one("option").message


def test_check_mode_writes_nothing(lab: play.Lab) -> None:
    key = "HKLM:\\SOFTWARE\\Checked"
    wish = play.task("wish", "ansible.windows.win_regedit", {"path": key, "name": "A", "data": "b"})
    run = play.play({"app01": lab.host("app01")}, wish, arguments=["--check", "--diff"]).good()
    assert run.one("wish").result["changed"]
    look = play.play({"app01": lab.host("app01")}, play.task("look", "ansible.windows.win_reg_stat", {"path": key})).good()
    assert not look.one("look").result["exists"]


def test_a_host_that_cannot_be_reached_is_unreachable(lab: play.Lab) -> None:
    lab.fault("host-unreachable", host="APP01")
    run = play.play({"app01": lab.host("app01"), "ex01": lab.host("ex01_windows")}, play.task("ping", "ansible.windows.win_ping", {}))
    assert {one.host: one.status for one in run.all("ping")} == {"app01": "unreachable", "ex01": "ok"}


def test_a_restart_finishes_what_waited_for_it(lab: play.Lab) -> None:
    library, msi = "C:\\Tool\\tool.dll", "C:\\Install\\tool.msi"
    lab.client.change({"windows": "APP01", "files": {library: {"version": "1.0.0.0"}}, "locked": [library]})
    lab.client.change({"windows": "APP01", "installers": {msi: {"product_id": "{1}", "name": "Tool", "files": {library: "2.0.0.0"}, "says_so": False}}})
    version = "community.windows.win_file_version"
    book = [
        play.task("install", "ansible.windows.win_package", {"path": msi}),
        play.task("before", version, {"path": library}),
        play.task("restart", "ansible.windows.win_reboot", {"reboot_timeout": 30}),
        play.task("after", version, {"path": library}),
    ]
    run = play.play({"app01": lab.host("app01")}, *book).good()
    assert run.one("install").result["rc"] == 0 and not run.one("install").result["reboot_required"]
    assert run.one("before").result["win_file_version"]["file_version"] == "1.0.0.0"
    assert run.one("restart").result["rebooted"]
    assert run.one("after").result["win_file_version"]["file_version"] == "2.0.0.0"
    assert lab.client.status()["windows"]["APP01"]["restarts"] == 1
