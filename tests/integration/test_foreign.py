# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Our modules on hosts whose connection is another's: they open their own wire beside it."""

from __future__ import annotations

import pathlib
import typing as t

from tests.integration.play import Lab, Variables, get, play, play_of, task

SET = task("set", "exchange_remote_domain", {"name": "Default", "auto_reply_enabled": True})


def foreign(lab: Lab, connection: str, **changes: t.Any) -> Variables:
    return lab.host(ansible_connection=connection, **changes)


def test_a_host_with_a_local_connection_is_served(lab: Lab) -> None:
    run = play({"ex01": foreign(lab, "local")}, get("look"), SET).good()
    assert run.one("look", "ok").result["output"]


def test_a_windows_host_is_served_and_its_winrm_variables_are_not_exchange_s(lab: Lab) -> None:
    windows = {"ansible_port": 5986, "ansible_winrm_transport": "ntlm", "ansible_winrm_scheme": "https", "ansible_shell_type": "powershell"}
    before = lab.opened
    run = play({"ex01": foreign(lab, "winrm", **windows)}, play_of(get("first")), play_of(get("second"), SET)).good()
    assert run.one("first", "ok") and run.one("second", "ok")
    assert lab.opened == before + 1


def test_foreign_and_own_connection_share_a_session(lab: Lab) -> None:
    before = lab.opened
    play({"own": lab.host(), "foreign": foreign(lab, "local")}, get("look"), arguments=["--forks", "1"]).good()
    assert lab.opened == before + 1


def test_the_password_of_the_command_line_and_templates_reach_a_foreign_host_s_wire(lab: Lab, tmp_path: pathlib.Path) -> None:
    (tmp_path / "password").write_text(lab.credentials["password"])
    host = foreign(lab, "local", ansible_password=None, m365_exchange_port="{{ web }}", web=lab.credentials["https_port"])
    assert play({"ex01": host}, get("look"), arguments=["--connection-password-file", str(tmp_path / "password")]).one("look", "ok")


def test_a_task_may_be_delegated_to_a_foreign_host(lab: Lab) -> None:
    hosts: dict[str, Variables] = {"here": {"ansible_connection": "local"}, "ex01": foreign(lab, "local")}
    assert play(hosts, play_of(get("look", delegate_to="ex01"), hosts="here")).one("look", "ok")


def test_async_is_refused_and_names_the_two_variables(lab: Lab) -> None:
    before = lab.calls
    message = play({"ex01": foreign(lab, "local")}, {**SET, "async": 30, "poll": 1}).one("set", "failed").message
    assert "ansible_connection: m365.hybrid.powershell" in message and "ansible_shell_type: sh" in message
    assert lab.calls == before, "something ran"


def test_wire_and_endpoint_are_chosen_by_variables(lab: Lab) -> None:
    hosts = {
        "fitting": foreign(lab, "local", m365_wire="powershell", m365_endpoint="exchange"),
        "wire": foreign(lab, "local", m365_wire="graph"),
        "windows": foreign(lab, "winrm", m365_endpoint="windows"),
        "free": foreign(lab, "local", m365_wire="powershell", m365_endpoint="windows", m365_windows_port=1, m365_windows_auth="negotiate"),
    }
    books = [play_of(SET, hosts="fitting,wire,windows"), play_of(get("look"), hosts="free", ignore_unreachable=True)]
    run = play(hosts, *books)
    found = {one.host: one for one in run.all("set")}
    assert found["fitting"].status == "ok"
    assert found["wire"].status == "failed" and "m365_wire to powershell" in found["wire"].message
    assert found["windows"].status == "ok", "an endpoint that is meant for other modules does no harm"
    assert "https://localhost:1/wsman" in run.one("look", "unreachable").message, "cmdlet fits every endpoint, so the variable decides"
