# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kerberos with a real Active Directory: to the directory itself, and to the lab's Exchange server in the same domain."""

from __future__ import annotations

import pathlib
import subprocess
import typing as t

from hybridlab import estate
from hybridlab.wire import kdc
from tests.integration.directory import samba
from tests.integration.directory.conftest import Realm
from tests.integration.play import Variables, get, play, task

USER = f"Administrator@{samba.REALM}"


def directory(realm: Realm, **changes: t.Any) -> Variables:
    """The variables of a host that is the domain controller, reached with Kerberos; a change to None removes one."""
    found = {
        "ansible_connection": "m365.hybrid.ldap",
        "m365_ldap_host": realm.controller.address,
        "m365_ldap_kerberos_host": samba.NAME,
        "m365_ldap_ca_cert": str(realm.controller.ca),
        "m365_ldap_auth": "kerberos",
        "ansible_user": USER,
        "ansible_password": samba.PASSWORD,
        **changes,
    }
    return {name: value for name, value in found.items() if value is not None}


def environment(realm: Realm, folder: pathlib.Path) -> dict[str, str]:
    return {"KRB5_CONFIG": str(realm.controller.kerberos), "KRB5CCNAME": f"FILE:{folder / 'tickets'}"}


def ticket(realm: Realm, folder: pathlib.Path, cache: str) -> None:
    """Get a ticket as an administrator does."""
    command = [kdc.program("kinit"), "-c", f"FILE:{folder / cache}", USER]
    subprocess.run(command, env=environment(realm, folder), input=samba.PASSWORD, text=True, check=True, capture_output=True)


def written(name: str) -> Variables:
    return task("write", "ad_user", {"identity": name, "password": "Analytical-Engine-1843"})


def test_a_password_is_enough_for_the_directory(realm: Realm, tmp_path: pathlib.Path) -> None:
    run = play({"dc01": directory(realm)}, written("with_password"), **environment(realm, tmp_path)).good()
    assert run.one("write").result["changed"] and not (tmp_path / "tickets").exists()
    assert samba.PASSWORD not in run.output and "Analytical-Engine-1843" not in run.output


def test_a_ticket_of_kinit_and_one_from_another_cache_are_used(realm: Realm, tmp_path: pathlib.Path) -> None:
    ticket(realm, tmp_path, "tickets")
    ticket(realm, tmp_path, "others")
    own = directory(realm, ansible_password=None, ansible_user=None)
    hosts = {"kinit": own, "cache": {**own, "m365_ldap_ccache": f"FILE:{tmp_path / 'others'}"}}
    run = play(hosts, task("write", "ad_contact", {"identity": "Contact of {{ inventory_hostname }}"}), **environment(realm, tmp_path)).good()
    assert {one.host: one.result["changed"] for one in run.all("write")} == {"kinit": True, "cache": True}


def test_start_tls_and_kerberos_go_together_and_no_protection_at_all_is_refused(realm: Realm, tmp_path: pathlib.Path) -> None:
    hosts = {"starttls": directory(realm, m365_ldap_encryption="starttls"), "none": directory(realm, m365_ldap_encryption="none")}
    run = play(hosts, task("look", "ad_object_info", {"identity": ["Administrator"]}), **environment(realm, tmp_path))
    found = {one.host: one for one in run.all("look")}
    assert found["starttls"].status == "ok" and len(found["starttls"].result["objects"]) == 1
    assert found["none"].result["error"]["class"] == "ProtectionNeeded" and "m365_ldap_encryption" in found["none"].message


def test_without_a_ticket_the_directory_is_unreachable_and_says_what_to_do(realm: Realm, tmp_path: pathlib.Path) -> None:
    hosts = {
        "no_ticket": directory(realm, ansible_password=None),
        "wrong_password": directory(realm, ansible_password="wrong"),
        "wrong_service": directory(realm, m365_ldap_kerberos_host="other.contoso.com"),
    }
    run = play(hosts, task("look", "ad_object_info", {"identity": ["Administrator"]}), **environment(realm, tmp_path))
    found = {one.host: one for one in run.all("look")}
    assert {host: (one.status, one.result["error"]["class"]) for host, one in found.items()} == dict.fromkeys(hosts, ("unreachable", "LoginRefused"))
    assert "kinit" in found["no_ticket"].message
    assert "password" in found["wrong_password"].message
    assert "m365_ldap_kerberos_host" in found["wrong_service"].message


def test_exchange_in_the_domain_takes_its_kerberos_tickets(realm: Realm, tmp_path: pathlib.Path) -> None:
    with estate.running(tmp_path / "lab", mailboxes=0, keytab=realm.keytab) as lab:
        host = {
            "ansible_connection": "m365.hybrid.powershell",
            "m365_exchange_host": "localhost",
            "m365_exchange_port": lab.http_port,
            "m365_exchange_scheme": "http",
            "m365_exchange_auth": "kerberos",
            "ansible_user": USER,
            "ansible_password": samba.PASSWORD,
        }
        run = play(
            {"ex01": host},
            get("look"),
            task("write", "exchange_remote_domain", {"name": "Kerberos", "domain_name": "kerberos.example"}),
            **environment(realm, tmp_path),
        ).good()
        assert run.one("look", "ok") and run.one("write").result["changed"]
        ticket(realm, tmp_path, "tickets")
        del host["ansible_password"]
        assert play({"ex01": host}, get("look"), **environment(realm, tmp_path)).one("look", "ok")
