# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kerberos from a KDC to an encrypted session over plain http, as against a real Exchange server."""

from __future__ import annotations

import pathlib
import subprocess
import typing as t

import pytest

from hybridlab.wire import kdc
from tests.integration import play as playing
from tests.integration.play import Lab, get, play, task


@pytest.fixture(scope="module")
def realm() -> t.Iterator[Lab]:
    try:
        kdc.program("krb5kdc")
    except kdc.Unavailable as missing:
        pytest.skip(str(missing))
    with playing.lab("--kerberos", "--windows", "APP01") as lab:
        yield lab


def test_a_password_is_enough(realm: Lab, tmp_path: pathlib.Path) -> None:
    environment = {"KRB5_CONFIG": realm.credentials["krb5_config"], "KRB5CCNAME": f"FILE:{tmp_path / 'unused'}"}
    run = play(
        {"ex01": realm.host("ex01_kerberos")},
        get("look"),
        task("write", "exchange_remote_domain", {"name": "Kerberos", "domain_name": "kerberos.example"}),
        **environment,
    ).good()
    assert run.one("look", "ok") and run.one("write").result["changed"]
    assert not (tmp_path / "unused").exists(), "the user's tickets are not touched"


def test_a_ticket_of_kinit_is_used(realm: Lab, tmp_path: pathlib.Path) -> None:
    environment = {"KRB5_CONFIG": realm.credentials["krb5_config"], "KRB5CCNAME": f"FILE:{tmp_path / 'tickets'}"}
    kinit = [kdc.program("kinit"), realm.credentials["user"]]
    subprocess.run(kinit, env=environment, input=realm.credentials["password"], text=True, check=True, capture_output=True)
    assert play({"ex01": realm.host("ex01_kerberos", ansible_password=None)}, get("look"), **environment).one("look", "ok")


def test_without_a_ticket_the_host_is_unreachable_and_says_what_to_do(realm: Lab, tmp_path: pathlib.Path) -> None:
    environment = {"KRB5_CONFIG": realm.credentials["krb5_config"], "KRB5CCNAME": f"FILE:{tmp_path / 'none'}"}
    hosts = {
        "no_ticket": realm.host("ex01_kerberos", ansible_password=None),
        "wrong_password": realm.host("ex01_kerberos", ansible_password="wrong"),
        "wrong_service": realm.host("ex01_kerberos", m365_negotiate_service="nothing"),
    }
    run = play(hosts, get("look"), **environment)
    found = {one.host: one for one in run.all("look")}
    assert {host: (one.status, one.result["error"]["class"]) for host, one in found.items()} == dict.fromkeys(hosts, ("unreachable", "LoginRefused"))
    assert "kinit" in found["no_ticket"].message
    assert "password" in found["wrong_password"].message
    assert "m365_negotiate_service" in found["wrong_service"].message


def test_one_entry_with_kerberos_serves_both_kinds_of_modules(realm: Lab, tmp_path: pathlib.Path) -> None:
    environment = {"KRB5_CONFIG": realm.credentials["krb5_config"], "KRB5CCNAME": f"FILE:{tmp_path / 'unused'}"}
    host = realm.host("app01", ansible_psrp_auth="kerberos", ansible_winrm_transport=None)
    ping = task("ping", "ansible.windows.win_ping", {})
    ours = task("ours", "cmdlet", {"cmdlet": "Get-Nothing"}, ignore_errors=True)
    run = play({"app01": host}, ping, ours, **environment)
    assert run.one("ping", "ok") and run.one("ours").result["error"]["class"] == "CommandMissing"
