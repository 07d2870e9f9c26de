# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real playbooks on the lab's domain controller: one session for a run, secrets that stay inside, and modules beside another connection."""

from __future__ import annotations

import typing as t

import pytest

from tests.integration import play as playing
from tests.integration.play import Lab, play, task

PASSWORD = "Analytical-Engine-1843"


@pytest.fixture(scope="module")
def domain() -> t.Iterator[Lab]:
    with playing.lab() as lab:
        yield lab
    playing.clear()


def objects(lab: Lab) -> int:
    return int(lab.client.status()["directory"]["objects"])


def test_a_playbook_converges_and_shows_no_password(domain: Lab) -> None:
    tasks = (
        task("place", "ad_organizational_unit", {"identity": "OU=Rooms,DC=contoso,DC=com", "protected_from_deletion": False}),
        task(
            "room",
            "ad_user",
            {"identity": "room77", "path": "OU=Rooms,DC=contoso,DC=com", "password": PASSWORD, "attributes": {"extensionAttribute1": "Teams"}},
        ),
        task("keepers", "ad_group", {"identity": "Room keepers", "members": {"add": ["room77"]}}),
        task("many", "bulk", {"module": "ad_contact", "objects": [{"identity": f"Guest {number}"} for number in range(3)]}),
        task("list", "export", {"module": "ad_group", "identity": ["Room keepers"]}),
        task("look", "ad_object_info", {"filter": "(sAMAccountName=room77)", "attributes": ["*"]}),
        task("ping", "ansible.builtin.ping"),
    )
    host = {"dc01": domain.host("dc01")}
    first = play(host, *tasks, arguments=("-vvv", "--diff")).good()
    changed = {name: first.one(name).result["changed"] for name in ("place", "room", "keepers", "many", "list", "look")}
    assert changed == {"place": True, "room": True, "keepers": True, "many": True, "list": False, "look": False}
    assert first.one("list").result["objects"][0]["members"] == ["CN=room77,OU=Rooms,DC=contoso,DC=com"]
    assert first.one("look").result["objects"][0]["extensionAttribute1"] == "Teams"
    assert PASSWORD not in first.output and domain.credentials["dc01"]["password"] not in first.output
    second = play(host, *tasks).good()
    assert not any(second.one(name).result["changed"] for name in changed)


def test_check_mode_predicts_and_writes_nothing(domain: Lab) -> None:
    before = objects(domain)
    tasks = (
        task("write", "ad_user", {"identity": "nobody", "password": PASSWORD}),
        task("group", "ad_group", {"identity": "Nobodies", "members": ["Administrator"]}),
    )
    run = play({"dc01": domain.host("dc01")}, *tasks, arguments=("--check", "--diff")).good()
    assert run.one("write").result["changed"] and run.one("group").result["diff"]["after"]["members"] and objects(domain) == before


def test_a_refused_login_is_unreachable_and_asked_for_once(domain: Lab) -> None:
    tasks = [task(f"look{number}", "ad_object_info", {"identity": ["Administrator"]}, ignore_unreachable=True) for number in (1, 2)]
    run = play({"dc01": domain.host("dc01", ansible_password="wr0ng.Passw0rd")}, *tasks)
    for number in (1, 2):
        found = run.one(f"look{number}", "unreachable")
        assert found.result["error"]["class"] == "LoginRefused" and "the user name or the password is wrong" in found.message
    assert "wr0ng.Passw0rd" not in run.output


def test_a_host_with_another_connection_opens_this_one_beside_it(domain: Lab) -> None:
    known = domain.host("dc01")
    beside = {
        "ansible_connection": "local",
        "m365_ldap_host": "localhost",
        "m365_ldap_port": known["m365_ldap_port"],
        "m365_ldap_user": known["ansible_user"],
        "m365_ldap_password": "{{ kept }}",
        "m365_ca_cert": known["m365_ca_cert"],
        "kept": known["ansible_password"],
    }
    run = play({"member01": beside}, task("account", "ad_user", {"identity": "beside"})).good()
    assert run.one("account").result["changed"]


def test_an_exchange_module_on_a_directory_host_says_what_to_set(domain: Lab) -> None:
    run = play({"dc01": domain.host("dc01")}, task("write", "exchange_remote_domain", {"name": "x"}), task("raw", "ansible.builtin.command", {"cmd": "id"}))
    assert "ansible_connection: m365.hybrid.powershell" in run.one("write", "failed").message


def test_a_module_runs_with_async(domain: Lab) -> None:
    keywords: dict[str, t.Any] = {"async": 30, "poll": 1}
    run = play({"dc01": domain.host("dc01")}, task("write", "ad_contact", {"identity": "Later"}, **keywords)).good()
    assert run.one("write").result["changed"]
