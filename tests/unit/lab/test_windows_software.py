# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Software on a Windows host of the lab: features, packages, programs and IIS."""

from __future__ import annotations

import typing as t

import pytest

from hybridlab import estate
from hybridlab.windows import changes, profiles
from tests.unit.lab.windows import Host

MSI, DLL = "C:\\Install\\tool.msi", "C:\\Program Files\\Tool\\tool.dll"
PRODUCT = "{11111111-2222-3333-4444-555555555555}"


def installers(**facts: t.Any) -> dict[str, t.Any]:
    return {MSI: {"product_id": PRODUCT, "name": "Tool", "version": "2.0", "files": {DLL: "2.0.0.0"}, **facts}}


def test_an_msi_is_installed_once_and_removed() -> None:
    host = Host(installers=installers())
    assert host.settled("win_package", path=MSI, state="present")["rc"] == 0
    version = host.run("community.windows.win_file_version", path=DLL)["win_file_version"]
    assert (version["file_version"], version["file_major_part"]) == ("2.0.0.0", "2")
    assert host.settled("win_package", product_id=PRODUCT, state="absent")["changed"]
    assert not host.run("win_stat", path=DLL)["stat"]["exists"]


@pytest.mark.parametrize(("honest", "code"), [(True, 3010), (False, 0)])
def test_an_installer_leaves_a_library_in_use_as_it_was(honest: bool, code: int) -> None:
    host = Host(files={DLL: {"version": "1.0.0.0"}}, installers=installers(says_so=honest))
    host.faults.arm("file-in-use", path=DLL)
    done = host.run("win_package", path=MSI, state="present")
    assert (done["rc"], done["reboot_required"]) == (code, honest)
    assert host.run("community.windows.win_file_version", path=DLL)["win_file_version"]["file_version"] == "1.0.0.0"
    host.machine.restart()
    assert host.run("community.windows.win_file_version", path=DLL)["win_file_version"]["file_version"] == "2.0.0.0"


def test_an_installer_that_fails_tells_its_code() -> None:
    host = Host(installers=installers(exit_code=1603))
    result = host.run("win_package", path=MSI, state="present")
    assert result["failed"] and result["rc"] == 1603 and "see rc, stdout, and stderr" in result["msg"]
    assert "cannot be reached" in host.failed("win_package", path="C:\\nothing.msi", state="present")
    assert host.failed("win_package", state="present") == "state is present but all of the following are missing: path"


def test_a_feature_brings_what_it_needs_and_its_tools() -> None:
    host = Host()
    done = host.settled("win_feature", name=["Web-Server", "Web-Asp-Net45"], state="present", include_management_tools=True)
    assert done["exitcode"] == "Success" and not done["reboot_required"]
    found = {one["name"] for one in host.run("win_feature_info", name="*")["features"] if one["installed"]}
    assert {"Web-ISAPI-Ext", "Web-Net-Ext45", "NET-Framework-45-Core", "Web-Mgmt-Console", "Web-Static-Content"} <= found
    assert host.machine.services.find("W3SVC")
    host.settled("win_feature", name="Web-ISAPI-Ext", state="absent")
    assert not host.run("win_feature_info", name="Web-Asp-Net45")["features"][0]["installed"]


def test_server_manager_refuses_what_it_does_not_know_and_what_has_no_source() -> None:
    host = Host()
    assert "The name was not found" in host.failed("win_feature", name="Web-Sever")
    assert "The source files could not be found" in host.failed("win_feature", name="NET-Framework-Core")
    assert "Failed to find source path" in host.failed("win_feature", name="NET-Framework-Core", source="D:\\sources\\sxs")
    host.machine.files.make_directory("D:\\sources\\sxs")
    assert host.settled("win_feature", name="NET-Framework-Core", source="D:\\sources\\sxs")["changed"]


def test_a_program_is_run_only_if_it_is_an_installer_that_the_lab_knows() -> None:
    setup = "C:\\Install\\setup.exe"
    facts = {"product_id": "Tool", "name": "Tool", "arguments": "/quiet", "files": {DLL: "1.0"}, "uninstall": '"C:\\Install\\setup.exe" /x /quiet'}
    host = Host(installers={setup: facts}, files={"C:\\Windows\\System32\\ipconfig.exe": {}})
    assert "asks questions" in host.failed("win_command", argv=[setup])
    assert host.run("win_command", argv=[setup, "/quiet"], check=True)["skipped"]
    assert host.run("win_command", argv=[setup, "/quiet"])["rc"] == 0
    assert host.run("win_command", argv=[setup, "/quiet"], creates=DLL)["skipped"]
    assert host.run("win_command", cmd=f'"{setup}" /x /quiet')["changed"] and not host.run("win_stat", path=DLL)["stat"]["exists"]
    assert "the lab runs no programs" in host.failed("win_command", argv=["C:\\Windows\\System32\\ipconfig.exe"])
    assert "cannot find the file" in host.failed("win_command", argv=["C:\\nothing.exe"])
    assert "mutually exclusive" in host.failed("win_command", argv=["a"], cmd="b")


def test_a_program_that_fails_tells_its_code() -> None:
    setup = "C:\\Install\\setup.exe"
    host = Host(installers={setup: {"product_id": "Tool", "name": "Tool", "exit_code": 1618}})
    result = host.run("win_command", argv=[setup])
    assert result["failed"] and (result["rc"], result["msg"]) == (1618, "non-zero return code")
    assert host.failed("win_command", cmd=" ") == "no command given"


def test_a_workstation_has_no_server_manager() -> None:
    host = Host("client")
    assert "does not support the cmdlets Install-WindowsFeature" in host.failed("win_feature", name="Telnet-Client")
    assert "Get-WindowsFeature" in host.failed("win_feature_info")
    assert host.run("setup")["ansible_facts"]["ansible_os_product_type"] == "workstation"


@pytest.mark.parametrize(
    ("build", "version", "folder"),
    [("Version 15.2 (Build 1748.10)", "15.02.1748.010", "V15"), ("Version 14.3 (Build 123.4)", "14.03.0123.004", "V14")],
)
def test_an_exchange_server_has_the_programs_of_its_build(build: str, version: str, folder: str) -> None:
    host = Host("exchange", **profiles.with_build(profiles.profile("exchange"), build))
    path = f"C:\\Program Files\\Microsoft\\Exchange Server\\{folder}\\Bin\\ExSetup.exe"
    assert host.run("community.windows.win_file_version", path=path)["win_file_version"]["file_version"] == version
    (transport,) = host.run("win_service_info", name="MSExchangeTransport")["services"]
    assert folder in transport["path"] and transport["state"] == "started"
    assert host.run("win_file", path="%ExchangeInstallPath%Bin", state="directory")["changed"] is False


def test_what_win_package_refuses() -> None:
    exe = "C:\\Install\\setup.exe"
    facts = {"product_id": "Tool", "name": "Tool", "arguments": "/quiet"}
    host = Host(installers={**installers(), exe: facts}, files={"C:\\Install\\odd.msi": {}, "C:\\Install\\odd.exe": {}}, directories=["C:\\Tool"])
    assert "the lab has no download" in host.failed("win_package", path="https://contoso.com/a.msi")
    assert host.run("win_package", path="C:\\later.exe", product_id="Later", check=True)["changed"]
    assert "failed to open MSI" in host.failed("win_package", path="C:\\Install\\odd.msi")
    assert "creates_path must be a file" in host.failed("win_package", path=exe, creates_path="C:\\Tool", creates_version="1.0")
    assert "The checksum for" in host.failed("win_package", path=MSI, checksum="00")
    assert "does not know what C:\\Install\\odd.exe installs" in host.failed("win_package", path="C:\\Install\\odd.exe", product_id="Odd")
    assert "asks questions" in host.failed("win_package", path=exe, product_id="Tool")
    assert host.settled("win_package", path=exe, product_id="Tool", arguments=["/quiet"])["changed"]
    assert not host.run("win_package", path=exe, creates_path=MSI, arguments="/quiet")["changed"]
    assert host.failed("win_package", path=exe, creates_version="1.0") == "missing parameter(s) required by 'creates_version': creates_path"
    host.machine.registry.load({"HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\Foreign": {"DisplayName": "Foreign"}})
    assert "does not know how Foreign is removed" in host.failed("win_package", product_id="Foreign", state="absent")


@pytest.mark.parametrize(
    ("hosts", "words"),
    [
        (["APP01:nothing"], "there is no profile 'nothing' of a Windows host; there are: server, exchange, client"),
        (["APP 01"], "'APP 01' is no name of a Windows host"),
        (["APP01", "app01:exchange"], "there are two Windows hosts APP01"),
        (["edge01"], "there are two Windows hosts EDGE01"),
    ],
)
def test_a_lab_refuses_hosts_that_cannot_be(hosts: list[str], words: str) -> None:
    with pytest.raises(ValueError, match=words), estate.running(windows=hosts):
        pass


def test_what_cannot_be_changed_is_named() -> None:
    host = Host()
    with pytest.raises(ValueError, match="APP01 has no 'colour' to change; there are: files, services, registry"):
        changes.change(host.machine, {"colour": "red"})
    told = changes.change(
        host.machine, {"services": {"Spooler": {"state": "stopped"}, "New": {}, "WinRM": None}, "files": {"C:\\a": "b"}, "restart_needed": ["x"]}
    )
    assert (told["services"]["Spooler"], told["restart_needed"]) == ("stopped", ["x"]) and "New" in told["services"] and "WinRM" not in told["services"]
    assert changes.change(host.machine, {"files": {"C:\\a": None}, "restart": True})["restart_needed"] == []
    assert host.machine.services.find("Spooler").state == "started"  # type: ignore[union-attr]
