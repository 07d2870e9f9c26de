# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which session a task uses: one for each server and identity in a run, and who may change that."""

from __future__ import annotations

import pathlib
import re
import textwrap

from ansible.constants import DEFAULT_VAULT_ID_MATCH
from ansible.parsing.vault import VaultLib, VaultSecret

from hybridlab.estate import OTHER_USER
from tests.integration.play import Hosts, Lab, Variables, get, play, play_of, task

LOCAL: Variables = {"ansible_connection": "local"}


def opened(lab: Lab, hosts: Hosts, *plays: Variables, arguments: tuple[str, ...] = (), **more: str) -> int:
    """How many sessions a run that goes well opens."""
    before = lab.opened
    play(hosts, *plays, arguments=arguments, **more).good()
    return lab.opened - before


def other(lab: Lab) -> Variables:
    user = f"{OTHER_USER}@{lab.credentials['user'].partition('@')[2]}"
    return lab.host(ansible_user=user, ansible_password=lab.credentials["accounts"][OTHER_USER])


def test_three_plays_share_one_session(lab: Lab) -> None:
    assert opened(lab, {"ex01": lab.host()}, *(play_of(get("a"), get("b")) for _ in range(3))) == 1


def test_twenty_hosts_that_delegate_to_one_server_with_ten_forks_share_one_session(lab: Lab) -> None:
    hosts = {"ex01": lab.host()} | {f"here{number}": LOCAL for number in range(20)}
    assert opened(lab, hosts, play_of(get("look", delegate_to="ex01"), hosts="all:!ex01"), arguments=("--forks", "10")) == 1


def test_two_users_have_two_sessions_on_one_server(lab: Lab) -> None:
    assert opened(lab, {"as_admin": lab.host(), "as_operator": other(lab)}, get("a"), get("b")) == 2


def test_credentials_that_change_in_the_middle_open_a_new_session(lab: Lab) -> None:
    changed = {name: value for name, value in other(lab).items() if name in ("ansible_user", "ansible_password")}
    assert opened(lab, {"ex01": lab.host()}, get("before"), task("change", "ansible.builtin.set_fact", changed), get("after"), get("again")) == 2


def test_a_wrong_password_does_not_get_into_an_open_session(lab: Lab) -> None:
    run = play({"right": lab.host(), "wrong": lab.host(ansible_password="wrong")}, get("look"))
    assert {one.host: one.status for one in run.all("look")} == {"right": "ok", "wrong": "unreachable"}


def test_every_way_to_log_in(lab: Lab) -> None:
    web, clear = lab.credentials["https_port"], lab.credentials["http_port"]
    tls: Variables = {"m365_exchange_port": web, "m365_exchange_scheme": "https"}
    plain: Variables = {"m365_exchange_port": clear, "m365_exchange_scheme": "http"}
    certificate: Variables = {"m365_client_cert": lab.credentials["client_certificate"], "m365_client_key": lab.credentials["client_key"]}
    hosts = {
        "basic_over_tls": lab.host(**tls, m365_exchange_auth="basic"),
        "ntlm_over_tls": lab.host(**tls, m365_exchange_auth="ntlm"),
        "certificate": lab.host(**tls, m365_exchange_auth="certificate", **certificate, ansible_user=None, ansible_password=None),
        "ntlm_with_encrypted_messages": lab.host(**plain, m365_exchange_auth="ntlm"),
        "negotiate_with_encrypted_messages": lab.host(**plain, m365_exchange_auth="negotiate"),
        "basic_in_clear": lab.host(**plain, m365_exchange_auth="basic"),
    }
    run = play(hosts, get("look"))
    found = {one.host: one for one in run.all("look")}
    refused = found.pop("basic_in_clear")
    assert {host: one.status for host, one in found.items()} == dict.fromkeys(found, "ok"), run.output
    assert refused.status == "failed" and "m365_scheme: https" in refused.message


def test_reset_connection_ends_the_session(lab: Lab) -> None:
    reset = {"name": "reset", "ansible.builtin.meta": "reset_connection"}
    assert opened(lab, {"ex01": lab.host()}, get("before"), reset, get("after"), get("again")) == 2


def test_reset_connection_finds_the_session_behind_templated_variables(lab: Lab) -> None:
    host = lab.host()
    templated = host | {
        "ansible_password": "{{ vaulted }}",
        "vaulted": host["ansible_password"],
        "m365_exchange_port": "{{ web }}",
        "web": host["m365_exchange_port"],
    }
    reset = {"name": "reset", "ansible.builtin.meta": "reset_connection"}
    assert opened(lab, {"ex01": templated}, get("before"), reset, get("after")) == 2


def test_wait_for_connection_succeeds_when_the_server_answers(lab: Lab) -> None:
    run = play({"ex01": lab.host()}, task("wait", "ansible.builtin.wait_for_connection", {"timeout": 10}), get("look")).good()
    assert run.one("wait").status == "ok"


def test_wait_for_connection_waits_until_the_server_answers(lab: Lab) -> None:
    lab.fault("redirect", count=3)
    run = play({"ex01": lab.host()}, task("wait", "ansible.builtin.wait_for_connection", {"timeout": 30, "sleep": 1}), get("look")).good()
    assert run.one("look", "ok") and run.one("wait").result["elapsed"] >= 1


def test_wait_for_connection_fails_when_nothing_listens(lab: Lab) -> None:
    wait = task("wait", "ansible.builtin.wait_for_connection", {"timeout": 2, "sleep": 1, "connect_timeout": 1})
    run = play({"ex01": lab.host(m365_exchange_port=1)}, wait)
    assert "timed out waiting for" in run.one("wait", "failed").message


def test_a_vaulted_password_is_decrypted(lab: Lab, tmp_path: pathlib.Path) -> None:
    secret = VaultSecret(b"sesame")
    text = VaultLib([(DEFAULT_VAULT_ID_MATCH, secret)]).encrypt(lab.credentials["password"].encode(), secret).decode()
    (tmp_path / "key").write_text("sesame")
    (tmp_path / "vaulted.yml").write_text("ansible_password: !vault |\n" + textwrap.indent(text, "  "))
    book = play_of(get("look"), vars_files=[str(tmp_path / "vaulted.yml")])
    run = play({"ex01": lab.host(ansible_password=None)}, book, arguments=["--vault-password-file", str(tmp_path / "key")])
    assert run.one("look").status == "ok", run.output


def test_the_password_of_the_command_line_is_used(lab: Lab, tmp_path: pathlib.Path) -> None:
    (tmp_path / "password").write_text(lab.credentials["password"])
    run = play({"ex01": lab.host(ansible_password=None)}, get("look"), arguments=["--connection-password-file", str(tmp_path / "password")])
    assert run.one("look").status == "ok", run.output


def test_variables_from_the_environment_are_used(lab: Lab) -> None:
    run = play({"ex01": lab.host(ansible_password=None)}, get("look"), M365_PASSWORD=lab.credentials["password"])
    assert run.one("look").status == "ok", run.output


def test_a_cancelled_task_ends_its_call_on_the_server_and_the_next_works_at_once(lab: Lab) -> None:
    lab.fault("slow-answer", seconds=60, cmdlet="Get-MailboxDatabase")
    run = play({"ex01": lab.host()}, get("slow", "Get-MailboxDatabase", timeout=2, ignore_errors=True), get("next")).good()
    assert re.search(r"Timed out after 2 second|expected time frame \(2\)", run.one("slow", "failed").message), "of 2.19 and later, and before"
    assert run.one("next").status == "ok"
    assert run.seconds < 45, "the next task waited behind the old call"
