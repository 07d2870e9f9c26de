# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory plugin `estate` as ansible-inventory and ansible-playbook use it, against the lab's domain controller."""

from __future__ import annotations

import json
import pathlib
import shlex
import subprocess
import tempfile
import typing as t

import pytest
import yaml

from tests.integration import play as playing
from tests.integration.play import TRACEBACK, Lab, Variables

FATAL = {"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true"}


class Place:
    """A folder with an inventory file for a lab."""

    def __init__(self, lab: Lab) -> None:
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="m365-run-"))
        playing.FOLDERS.append(self.path)
        self._lab = lab
        self.way = lab.credentials["dc01"]

    def write(self, name: str = "lab.estate.yml", **changes: t.Any) -> None:
        """The file; a change to None leaves an option out."""
        given = {
            "plugin": "m365.hybrid.estate",
            "host": ["localhost"],
            "tcp_port": self.way["ldaps_port"],
            "user": self.way["user"],
            "password": self.way["password"],
            "ca_cert": self._lab.credentials["ca_cert"],
            **changes,
        }
        self.put(name, {key: value for key, value in given.items() if value is not None})

    def put(self, name: str, content: t.Any) -> None:
        path = self.path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content if isinstance(content, str) else yaml.safe_dump(content), encoding="utf-8")

    def run(self, command: str, **more: str) -> tuple[int, str, str]:
        environment = playing.environment_for(self.path) | more
        words = shlex.split(command)
        done = subprocess.run(words, cwd=self.path, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=90, check=False)
        assert TRACEBACK not in done.stdout + done.stderr, done.stderr
        return done.returncode, done.stdout, " ".join(done.stderr.split())

    def listed(self, *arguments: str, **more: str) -> Variables:
        code, output, said = self.run(" ".join(("ansible-inventory -i lab.estate.yml --list", *arguments)), **FATAL, **more)
        assert code == 0, said
        return t.cast(Variables, json.loads(output))

    def refused(self, **more: str) -> str:
        """What is said when the inventory cannot be read; there must be no host then, whether or not that ends the run."""
        code, output, said = self.run("ansible-inventory -i lab.estate.yml --list", **more)
        assert code == 0 and not json.loads(output)["_meta"]["hostvars"]
        assert self.run("ansible-inventory -i lab.estate.yml --list", **FATAL, **more)[0] != 0
        return said


@pytest.fixture
def place(lab: Lab) -> Place:
    return Place(lab)


def test_the_estate_is_listed_and_no_secret_with_it(lab: Lab, place: Place) -> None:
    place.write(tenants={"contoso": {"id": "contoso.onmicrosoft.com", "client_id": "app"}}, more_hosts={"adfs": ["fs01"]})
    found = place.listed()
    hosts = found["_meta"]["hostvars"]
    assert sorted(found["exchange"]["hosts"]) == ["ex01.contoso.com", "ex02.contoso.com", "ex16.contoso.com"]
    assert found["exchange_dag_dag01"]["hosts"] == ["ex01.contoso.com", "ex02.contoso.com"]
    assert found["edge"]["hosts"] == ["edge01.contoso.com"] and found["adfs"]["hosts"] == ["fs01.contoso.com"]
    assert found["directory_sync"]["hosts"] == ["sync01.contoso.com"] and found["directory"]["hosts"] == ["dc01.contoso.com"]
    assert found["exchange_online"]["hosts"] == ["contoso_exchange_online"] and found["entra"]["hosts"] == ["contoso_entra"]
    assert hosts["ex01.contoso.com"]["exchange_build"] == "15.2.1748.10" and hosts["ex01.contoso.com"]["m365_endpoint"] == "exchange"
    assert hosts["dc01.contoso.com"]["m365_ldap_port"] == place.way["ldaps_port"]
    assert place.way["password"] not in json.dumps(found) and "ansible_password" not in json.dumps(found)


def test_a_build_without_support_is_told_before_anything_runs(place: Place) -> None:
    place.write()
    told = "EX16, 15.1.2375.7: support of Exchange Server 2016 ended on 2025-10-14"
    assert told in place.run("ansible-inventory -i lab.estate.yml --graph")[2]
    place.write(warn_unsupported=False)
    assert told not in place.run("ansible-inventory -i lab.estate.yml --graph")[2]


def test_the_password_may_be_vaulted_templated_or_in_the_environment(place: Place) -> None:
    place.put("vault", "open sesame")
    code, vaulted, said = place.run(f"ansible-vault encrypt_string --vault-password-file vault --name password {place.way['password']}")
    assert code == 0, said
    place.write(password=None)
    plain = (place.path / "lab.estate.yml").read_text(encoding="utf-8")
    place.put("lab.estate.yml", plain + vaulted)
    assert "ex01.contoso.com" in place.listed("--vault-password-file vault")["_meta"]["hostvars"]
    place.put("lab.estate.yml", plain + "password: \"{{ lookup('ansible.builtin.env', 'SECRET') }}\"\n")
    assert "ex01.contoso.com" in place.listed(SECRET=place.way["password"])["_meta"]["hostvars"]
    place.put("lab.estate.yml", plain + 'password: "{{ directory_password }}"\n')
    assert "ex01.contoso.com" in place.listed("-e directory_password=" + place.way["password"])["_meta"]["hostvars"]
    assert "password cannot be templated" in place.refused()
    place.put("lab.estate.yml", plain)
    assert "ex01.contoso.com" in place.listed(M365_LDAP_PASSWORD=place.way["password"])["_meta"]["hostvars"]


def test_starttls_serves_as_well(place: Place) -> None:
    place.write(encryption="starttls", tcp_port=place.way["ldap_port"])
    assert place.listed()["_meta"]["hostvars"]["dc01.contoso.com"]["m365_ldap_encryption"] == "starttls"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"ca_cert": None}, "the server's certificate does not verify"),
        ({"password": "wrong-Passw0rd"}, "the login was refused: the user name or the password is wrong"),
        ({"tcp_port": 9}, "no connection"),
        ({"password": None}, "Kerberos"),
        ({"host": None}, "no domain controller is given. Set host in the file, or M365_LDAP_HOST"),
        ({"encryption": "none"}, "the password would be sent in clear text"),
        ({"computers": {"adfs": "(cn=FS"}}, "computers.adfs"),
        ({"tenants": {"contoso": {"id": "x", "client_secret": "s3cret-Value"}}}, "tenants.contoso.client_secret is a secret"),
        ({"more_hosts": {"adfs": 7}}, "more_hosts.adfs must be a list of names"),
        ({"pasword": "typo-Passw0rd"}, "has no option pasword; perhaps password"),
        ({"strict": True, "compose": {"site": "exchange_server.nothing"}}, "Could not set site for host"),
    ],
)
def test_what_cannot_be_read_is_an_error_with_a_reason_and_no_empty_inventory(place: Place, change: Variables, says: str) -> None:
    place.write(**change)
    if "strict" in change:  # ansible-core takes back no host that was added before
        code, _output, said = place.run("ansible-inventory -i lab.estate.yml --list", **FATAL)
        assert code != 0
    else:
        said = place.refused()
    assert says in said
    assert place.way["password"] not in said and "Passw0rd" not in said and "s3cret" not in said


def test_an_account_that_sees_nothing_is_no_empty_estate(lab: Lab, place: Place) -> None:
    place.write()
    lab.fault("directory-drop", cmdlet="search", count="always")
    assert "the connection broke" in place.refused() or "closed the connection" in place.refused()


def test_a_file_of_another_name_is_not_taken(place: Place) -> None:
    place.write("lab.yml")
    _code, output, _said = place.run("ansible-inventory -i lab.yml --list", ANSIBLE_INVENTORY_ENABLED="m365.hybrid.estate,yaml")
    assert "ex01.contoso.com" not in output


def test_groups_and_variables_are_constructed(place: Place) -> None:
    place.write(
        keyed_groups=[{"key": "exchange_server.site", "prefix": "site"}, {"key": "exchange_server.roles", "prefix": "", "separator": ""}],
        groups={"old": "exchange_support.product == 'Exchange Server 2016'"},
        compose={"cu": "exchange_support.cumulative_update"},
        leading_separator=False,
    )
    found = place.listed()
    assert found["site_Branch"]["hosts"] == ["ex16.contoso.com"] and found["old"]["hosts"] == ["ex16.contoso.com"]
    assert "edge01.contoso.com" not in found["hub_transport"]["hosts"]
    hosts = found["_meta"]["hostvars"]
    assert hosts["ex01.contoso.com"]["cu"] == "CU15" and "cu" not in hosts["dc01.contoso.com"]


def test_a_cached_estate_needs_no_server() -> None:
    with playing.lab() as lab:
        place = Place(lab)
        place.write(cache=True, cache_plugin="ansible.builtin.jsonfile", cache_connection=str(place.path / "cache"), keyed_groups=[{"key": "exchange_build"}])
        first = place.listed()
    second = place.listed()
    assert second == first and second["_15_2_1748_10"]["hosts"]
    assert all(place.way["password"] not in path.read_text(encoding="utf-8") for path in (place.path / "cache").iterdir())
    code, _output, said = place.run("ansible-inventory -i lab.estate.yml --list --flush-cache", **FATAL)
    if "unrecognized arguments: --flush-cache" in said:  # ansible-core 2.16
        place.put("empty.yml", "- hosts: all\n  gather_facts: false\n")
        code, _output, said = place.run("ansible-playbook -i lab.estate.yml --flush-cache --list-hosts empty.yml", **FATAL)
    assert code != 0 and "m365.hybrid.estate" in said


def test_a_play_runs_on_what_was_found_without_further_inventory(lab: Lab, place: Place) -> None:
    """Only what belongs to the lab is added: its address, its ports and, in group_vars, who logs in."""
    place.write(compose={"ansible_host": "'localhost'"}, more_hosts={"adfs": []})
    ex01, dc01 = lab.host(), lab.host("dc01")
    place.put("group_vars/exchange.yml", {name: value for name, value in ex01.items() if name not in ("ansible_connection", "ansible_host", "m365_endpoint")})
    place.put("group_vars/directory.yml", {name: dc01[name] for name in ("ansible_user", "ansible_password")})
    tasks = [
        {"m365.hybrid.exchange_server_info": {"properties": ["name"]}, "register": "found", "failed_when": "found.servers | length == 0"},
        {"m365.hybrid.ad_object_info": {"filter": "(sAMAccountName=administrator)"}, "register": "who", "delegate_to": "{{ groups.directory[0] }}"},
        {"ansible.builtin.assert": {"that": "who.objects | length == 1"}},
        {
            "ansible.builtin.include_role": {"name": "m365.hybrid.exchange_lifecycle"},
            "vars": {
                "exchange_lifecycle_servers": "{{ groups.exchange | map('extract', hostvars, 'exchange_server') | list }}",
                "exchange_lifecycle_today": "2025-06-01",
            },
        },
        {"ansible.builtin.assert": {"that": ["exchange_lifecycle_report.counts.supported == 2", "exchange_lifecycle_report.counts.unsupported == 1"]}},
    ]
    place.put("book.yml", [{"hosts": "exchange_dag_dag01[0]", "gather_facts": False, "tasks": tasks}])
    code, output, said = place.run("ansible-playbook -i lab.estate.yml book.yml", **FATAL)
    assert code == 0, output + said
