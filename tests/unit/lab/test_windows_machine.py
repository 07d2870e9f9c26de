# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stand-ins do on a Windows host of the lab: as the module and Windows would."""

from __future__ import annotations

import typing as t

import pytest

from hybridlab.windows import changes
from tests.unit.lab.windows import Host

KEY = "HKLM:\\SOFTWARE\\Lab"
MSI, DLL = "C:\\Install\\tool.msi", "C:\\Program Files\\Tool\\tool.dll"


@pytest.mark.parametrize(
    ("kind", "data", "stored", "shown"),
    [
        ("dword", "0x10", 16, 16),
        ("dword", 4294967295, 0xFFFFFFFF, 0xFFFFFFFF),
        ("qword", 5, 5, 5),
        ("binary", "hex:be,ef", b"\xbe\xef", [0xBE, 0xEF]),
        ("multistring", ["a", "b"], ["a", "b"], ["a", "b"]),
        ("expandstring", "%SystemRoot%\\x", "%SystemRoot%\\x", "C:\\Windows\\x"),
        ("string", "text", "text", "text"),
    ],
)
def test_a_value_of_the_registry_is_kept_as_windows_keeps_it(kind: str, data: t.Any, stored: t.Any, shown: t.Any) -> None:
    host = Host()
    assert host.settled("win_regedit", path=KEY, name="Value", data=data, type=kind)["changed"]
    key = host.machine.registry.find("hklm:\\software\\LAB")
    value = key.value("vALUE") if key else None
    assert value is not None and value.data == stored
    assert host.run("win_reg_stat", path=KEY, name="value")["value"] == shown


def test_a_value_that_is_removed_is_gone_and_a_key_with_it_on_demand() -> None:
    host = Host()
    host.run("win_regedit", path=f"{KEY}\\Below", name="Value", data="1")
    assert host.settled("win_regedit", path=f"{KEY}\\Below", name="Value", state="absent")["diff"]["before"]
    assert host.run("win_reg_stat", path=f"{KEY}\\Below")["exists"]
    assert host.settled("win_regedit", path=KEY, state="absent")["changed"]
    assert not host.run("win_reg_stat", path=f"{KEY}\\Below")["exists"]


def test_what_windows_refuses_in_its_registry_is_refused() -> None:
    host = Host()
    assert "is not a valid powershell path" in host.failed("win_regedit", path="HKXX:\\Software", name="a", data="b")
    assert "cannot be larger than 0xffffffff" in host.failed("win_regedit", path=KEY, name="a", data=0x100000000, type="dword")
    assert "The parameter is incorrect" in host.failed("win_regedit", path="HKU:\\S-1-5-21-1-2-3-4\\Software", name="a", data="b")
    assert "value of type must be one of" in host.failed("win_regedit", path=KEY, name="a", data="b", type="word")
    assert host.failed("win_regedit", name="a") == "missing required arguments: path"


def test_a_hive_in_a_file_is_loaded_for_the_run() -> None:
    host = Host(files={"C:\\Users\\Default\\NTUSER.DAT": {}})
    wish = {"path": "HKLM:\\ANSIBLE\\Software\\A", "name": "b", "data": "c", "hive": "C:\\Users\\Default\\NTUSER.dat"}
    assert host.settled("win_regedit", **wish)["changed"]
    assert not host.run("win_reg_stat", path="HKLM:\\ANSIBLE\\Software\\A")["exists"]
    assert "is not valid or accessible" in host.failed("win_regedit", **{**wish, "hive": "C:\\nowhere.dat"})


def test_a_service_is_configured_started_and_stopped() -> None:
    host = Host()
    done = host.settled("win_service", name="spooler", start_mode="manual", state="stopped")
    assert (done["state"], done["start_mode"], done["username"]) == ("stopped", "manual", "LocalSystem")
    assert host.settled("win_service", name="Print Spooler", state="started")["state"] == "running"
    assert host.run("win_service", name="Spooler", state="restarted")["changed"]
    (told,) = host.run("win_service_info", name="spool*")["services"]
    assert (told["state"], told["start_mode"], told["dependencies"]) == ("started", "manual", ["RPCSS"])


def test_what_the_service_control_manager_refuses_is_refused() -> None:
    host = Host()
    assert "is not installed, need to set 'path'" in host.failed("win_service", name="Nothing", state="started")
    assert "dependent services" in host.failed("win_service", name="RpcSs", state="stopped")
    assert host.run("win_service", name="RpcSs", state="stopped", force_dependent_services=True)["changed"]
    host.run("win_service", name="Spooler", start_mode="disabled")
    assert "Cannot start service Spooler" in host.failed("win_service", name="Spooler", state="started")
    assert "does not support pausing" in host.failed("win_service", name="WinRM", state="paused")
    host.faults.arm("service-does-not-start", service="w32time", host="app01")
    host.run("win_service", name="W32Time", state="stopped")
    assert "Cannot start service W32Time" in host.failed("win_service", name="W32Time", state="started")


def test_a_file_in_use_can_be_read_and_not_be_replaced_or_removed() -> None:
    host = Host(files={DLL: {"version": "1.0.0.0"}})
    changes.change(host.machine, {"locked": [DLL]})
    assert host.run("win_stat", path=DLL)["stat"]["exists"]
    assert "being used by another process" in host.failed("win_file", path=DLL, state="absent")
    assert host.run("win_file", path=DLL, state="absent", check=True)["changed"]
    host.machine.restart()
    assert host.settled("win_file", path=DLL, state="absent")["changed"]


def test_a_restart_is_asked_for_and_done() -> None:
    host = Host()
    host.faults.arm("restart-needed", host="APP01")
    assert host.run("win_feature", name="Telnet-Client")["reboot_required"]
    assert host.run("setup")["ansible_facts"]["ansible_reboot_pending"]
    host.machine.restart()
    assert not host.run("setup")["ansible_facts"]["ansible_reboot_pending"]
    assert host.machine.services.find("spooler").state == "started"  # type: ignore[union-attr]


def test_files_are_found_by_pattern_age_and_size() -> None:
    host = Host(files={"C:\\Logs\\a.log": {"content": "x" * 2000}, "C:\\Logs\\sub\\b.LOG": {}, "C:\\Logs\\c.txt": {}})
    assert [one["filename"] for one in host.run("win_find", paths=["C:\\Logs"], patterns=["*.log"], recurse=True)["files"]] == ["a.log", "b.LOG"]
    assert [one["filename"] for one in host.run("win_find", paths="C:\\logs", size="1k")["files"]] == ["a.log"]
    assert host.run("win_find", paths=["C:\\Logs"], age="1d")["matched"] == 0
    assert "does not exist or is not accessible" in host.run("win_find", paths=["C:\\Nothing"])["warnings"][0]


def test_secrets_do_not_come_back_in_a_result() -> None:
    result = Host().run("win_service", name="Own", path="C:\\own.exe", username="LAB\\svc", password="Hush!", state="stopped")
    assert "Hush!" not in str(result) and result["invocation"]["module_args"]["password"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


def test_a_right_is_given_and_taken_and_a_policy_takes_it_back() -> None:
    host = Host(governed_rights={"SeServiceLogonRight": ["NT SERVICE\\ALL SERVICES"]})
    done = host.settled("win_user_right", name="SeServiceLogonRight", users=["CONTOSO\\svc-lab"], action="add")
    assert done["added"] == ["CONTOSO\\svc-lab"]
    assert host.run("win_user_right", name="SeServiceLogonRight", users=["svc-lab@contoso.com"], action="remove", check=True)["removed"]
    host.machine.restart()
    assert host.run("win_user_right", name="SeServiceLogonRight", users=["CONTOSO\\svc-lab"], action="add", check=True)["changed"]
    assert "is not a valid right" in host.failed("win_user_right", name="SeNothing", users=[])
    assert "Failed to translate the account 'nobody' to a SID" in host.failed("win_user_right", name="SeBatchLogonRight", users=["nobody"])


def test_members_of_local_groups() -> None:
    host = Host()
    done = host.settled("win_group_membership", name="Administrators", members=["CONTOSO\\Domain Admins", ".\\Administrator"], state="pure")
    assert done["members"] == ["APP01\\Administrator", "CONTOSO\\Domain Admins"]
    assert host.settled("win_group_membership", name="administrators", members=["Domain Admins"], state="absent")["removed"] == ["CONTOSO\\Domain Admins"]
    assert "Could not find local group Nothing" in host.failed("win_group_membership", name="Nothing", members=[])
    assert host.settled("win_group", name="Lab", description="d", members={"add": ["svc-lab"]})["sid"].startswith("S-1-5-21-")
    assert host.failed("win_group", name="Lab", members={"set": [], "add": []}).startswith("parameters are mutually exclusive: set, add")


def test_a_profile_has_the_hive_of_the_default_profile() -> None:
    host = Host(files={"C:\\Users\\Default\\NTUSER.DAT": {}})
    host.run("win_regedit", path="HKLM:\\ANSIBLE\\Software\\A", name="b", data="c", hive="C:\\Users\\Default\\NTUSER.DAT")
    assert host.settled("win_user_profile", username="CONTOSO\\svc-lab", state="present")["path"] == "C:\\Users\\svc-lab"
    wish: dict[str, t.Any] = {"path": "HKLM:\\ANSIBLE\\Software\\A", "name": "b", "data": "c", "hive": "C:\\Users\\svc-lab\\NTUSER.DAT"}
    assert not host.run("win_regedit", **wish)["changed"]
    assert host.settled("win_user_profile", name="svc-lab", state="absent")["changed"]


def test_win_uri_reads_what_the_machine_can_reach_and_fails_as_the_module_does() -> None:
    host = Host(web={"rms.contoso.com": {"pages": {"/a": 401}}, "self.contoso.com": {"trusted": False, "pages": {"/": 200}}})
    assert host.run("win_uri", url="https://RMS.contoso.com/a", status_code=[200, 401])["status_code"] == 401
    assert "'401' is not in list of valid status codes 200" in host.failed("win_uri", url="https://rms.contoso.com/a")
    assert "Could not establish trust relationship" in host.failed("win_uri", url="https://self.contoso.com")
    assert host.run("win_uri", url="https://self.contoso.com", validate_certs=False)["status_code"] == 200
    assert "The remote name could not be resolved: 'none.contoso.com'" in host.failed("win_uri", url="https://none.contoso.com/")
    assert "only reads" in host.failed("win_uri", url="https://rms.contoso.com/a", method="POST")


def test_users_and_the_profile_of_new_ones_have_hives() -> None:
    host = Host("client")
    assert {".DEFAULT", "S-1-5-18"} < set(host.run("win_reg_stat", path="HKU:\\")["sub_keys"])
    folder = host.run("win_reg_stat", path="HKLM:\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList", name="Default")["value"]
    wish: dict[str, t.Any] = {"path": "HKLM:\\ANSIBLE\\Software\\IM Providers", "name": "DefaultIMApp", "hive": f"{folder}\\NTUSER.DAT"}
    assert host.settled("win_regedit", data="Lync", **wish)["changed"]
    assert host.run("win_regedit", check=True, data="", **wish)["diff"]["before"][wish["path"]]["DefaultIMApp"] == {"type": "String", "value": "Lync"}
    assert not host.run("win_reg_stat", path="HKLM:\\ANSIBLE")["exists"]


CONFIG = "C:\\inetpub\\web.config"
SETTINGS = '<configuration><appSettings><add key="A" value="1" /></appSettings><!-- kept --></configuration>'


def test_an_element_of_a_configuration_file_is_added_once() -> None:
    host = Host(files={CONFIG: {"content": SETTINGS}})
    wish = {"path": CONFIG, "xpath": "/configuration/appSettings", "fragment": '<add key="B" value="2"/>'}
    assert host.settled("community.windows.win_xml", **wish)["msg"] == "element changed"
    value = {"path": CONFIG, "xpath": "/configuration/appSettings/add[@key='B']", "type": "attribute", "attribute": "value", "fragment": "3"}
    assert host.settled("community.windows.win_xml", **value)["changed"]
    file = host.machine.files.file(CONFIG)
    assert file and b'<add key="B" value="3" />' in file.content and b"<!-- kept -->" in file.content
    count = host.run("community.windows.win_xml", path=CONFIG, xpath="/configuration/appSettings/add", count=True)
    assert count["count"] == 2
    gone: dict[str, t.Any] = {"path": CONFIG, "xpath": "//add[@key='A']", "state": "absent"}
    assert not host.run("community.windows.win_xml", check=True, **gone)["changed"]  # as the module
    assert host.run("community.windows.win_xml", **gone)["changed"]
    assert "did not match any nodes" in host.run("community.windows.win_xml", **gone)["msg"]


def test_what_is_no_xml_is_refused() -> None:
    host = Host(files={CONFIG: {"content": "<a>"}})
    assert "Failed to parse file" in host.failed("community.windows.win_xml", path=CONFIG, xpath="/a", fragment="<b/>")
    assert "does not exist or is not a file" in host.failed("community.windows.win_xml", path="C:\\no", xpath="/a", fragment="<b/>")
    host = Host(files={CONFIG: {"content": SETTINGS}})
    assert "Failed to parse fragment" in host.failed("community.windows.win_xml", path=CONFIG, xpath="/configuration", fragment="<b")


def test_the_space_on_a_disk_is_told_and_can_change() -> None:
    host = Host(disks={"C": {"size": 100, "free": 50}, "D": {"size": 500}})
    changes.change(host.machine, {"disks": {"D": {"free": 2}}})
    disks = host.run("community.windows.win_disk_facts")["ansible_facts"]["ansible_disks"]
    volumes = {one["partitions"][0]["drive_letter"]: one["partitions"][0]["volumes"][0]["size_remaining"] // 1024**3 for one in disks}
    assert volumes == {"C": 50, "D": 2}


@pytest.mark.parametrize("module", ["win_powershell", "win_shell"])
def test_no_text_is_run_as_a_script(module: str) -> None:
    assert "the lab never runs script text" in Host().failed(module, script="Get-Date")


def test_a_module_without_a_stand_in_says_where_to_write_one() -> None:
    assert "has no stand-in for ansible.windows.win_hosts; write one in" in Host().failed("win_hosts", state="absent")


def test_a_module_without_check_mode_is_skipped() -> None:
    result = Host().run("win_command", argv=["C:\\x.exe"], check=True)
    assert result["skipped"] and "does not support check mode" in result["msg"]


def test_a_group_that_is_there_is_changed_and_removed() -> None:
    host = Host(groups={"Lab": ["svc-lab"]})
    assert host.settled("win_group", name="Lab", members={"set": [".\\Administrator"]})["diff"]["after"]["members"] == ["APP01\\Administrator"]
    assert host.settled("win_group", name="Lab", state="absent")["changed"]
    assert host.run("win_group", name="New", check=True)["sid"] == "S-1-5-0000"


def test_what_cannot_be_done_to_a_profile() -> None:
    host = Host()
    assert "to a valid user" in host.failed("win_user_profile", username="S-1-5-21-9-9-9-9", state="present")
    host.run("win_user_profile", username="svc-lab", state="present")
    image = {"ProfileImagePath": "C:\\Users\\svc-lab"}
    host.machine.registry.load({f"HKLM:\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList\\{sid}": image for sid in ("S-1-5-21-1", "S-1-5-21-2")})
    assert "Found multiple profiles" in host.failed("win_user_profile", name="svc-lab", state="absent")
    host.machine.registry.make("HKU:\\S-1-5-21-1-2-3-1105\\Software")
    assert "The process cannot access the file" in host.failed("win_user_profile", username="svc-lab", state="absent")


def test_ping_answers_or_crashes_as_it_is_told() -> None:
    assert Host().run("win_ping", data="x")["ping"] == "x"
    assert "boom" in Host().failed("win_ping", data="crash")


def test_a_size_or_age_that_is_none_is_refused() -> None:
    host = Host(directories=["C:\\Logs"], files={"C:\\Logs\\a": {}})
    assert host.failed("win_find", paths=["C:\\Logs"], size="big") == "failed to process size: big"


def test_check_mode_leaves_registry_and_services_alone() -> None:
    host = Host(files={"C:\\Users\\Default\\NTUSER.DAT": {}})
    assert host.run("win_regedit", path=f"{KEY}\\New", check=True)["changed"]
    host.run("win_regedit", path=KEY, name="a", data="1")
    for wish in ({"data": "2"}, {"data": 2, "type": "dword"}, {"state": "absent"}):
        assert host.run("win_regedit", path=KEY, name="a", check=True, **wish)["changed"]
    assert host.run("win_service", name="New", path="C:\\new.exe", check=True)["changed"]
    assert host.run("win_service", name="Spooler", state="restarted", start_mode="disabled", check=True)["changed"]
    assert host.run("win_service", name="Spooler", state="absent", check=True)["changed"]
    assert host.settled("win_service", name="Spooler", state="absent")["exists"] is False
    assert host.settled("win_service", name="New", path="C:\\new.exe", state="started")["changed"]
    assert "Can only set 'desktop_interact'" in host.failed("win_service", name="New", username="LAB\\x", desktop_interact=True)
    assert host.settled("win_service", name="New", dependencies=["RpcSs"], dependency_action="add")["dependencies"] == ["RpcSs"]
    assert host.settled("win_service", name="New", dependencies=["rpcss"], dependency_action="remove")["dependencies"] == []


def test_data_that_no_value_can_have_is_refused() -> None:
    host = Host(files={"C:\\Users\\Default\\NTUSER.DAT": {}})
    assert "cannot be a decimal" in host.failed("win_regedit", path=KEY, name="a", data=1.5, type="dword")
    assert "cannot convert binary data '300'" in host.failed("win_regedit", path=KEY, name="a", data=300, type="binary")
    assert "is not a valid registry path" in host.failed("win_reg_stat", path="HKLM\\Software")
    changes.change(host.machine, {"locked": ["C:\\Users\\Default\\NTUSER.DAT"]})
    hive = {"path": "HKLM:\\ANSIBLE\\a", "name": "b", "data": "c", "hive": "C:\\Users\\Default\\NTUSER.DAT"}
    assert "failed to load registry hive" in host.failed("win_regedit", **hive)


def test_what_iis_refuses_and_removes() -> None:
    host = Host()
    host.run("win_feature", name=["Web-Server", "Web-Scripting-Tools"])
    site, application = "microsoft.iis.website", "microsoft.iis.web_application"
    assert host.failed(site, name="New") == "missing required arguments: physical_path"
    for wish, words in (
        ({"port": 80, "use_sni": True, "hostname": "a"}, "use_sni can only be set for https protocol"),
        ({"port": 443, "protocol": "https", "use_ccs": True}, "must specify hostname value when use_ccs is set."),
        ({"port": 80, "certificate_hash": "AB"}, "You can only provide a certificate thumbprint when protocol is set to https"),
    ):
        assert host.failed(site, name="Default Web Site", bindings={"set": [wish]}) == words
    folder = "C:\\inetpub\\wwwroot"
    assert host.failed(application, name="App", site="Default Web Site") == "missing required arguments: physical_path"
    assert "Cannot find path 'IIS:\\Sites\\Nowhere'" in host.failed(application, name="App", site="Nowhere", physical_path=folder)
    words = host.failed(application, name="App", site="Default Web Site", physical_path=folder, connect_as="specific_user", username="u")
    assert words == "missing required arguments: password"
    host.settled(application, name="App", site="Default Web Site", physical_path=folder)
    assert host.settled(application, name="App", site="Default Web Site", state="absent")["changed"]
    assert host.settled("microsoft.iis.web_app_pool", name="DefaultAppPool", state="stopped")["changed"]
    assert host.settled("microsoft.iis.web_app_pool", name="DefaultAppPool", state="absent")["changed"]
    assert host.run(site, name="Default Web Site", state="restarted")["changed"]
