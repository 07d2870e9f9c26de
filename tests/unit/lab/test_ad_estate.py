# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The domain controller as part of a running lab: how it is announced, and what is recorded of it."""

from __future__ import annotations

import json
import pathlib
import ssl

import ldap3
import yaml

from hybridlab import estate
from hybridlab.wire.recorder import beside
from tests.unit.lab.ad_client import BASE, quoted


def test_who_reads_the_inventory_can_log_on_and_operations_are_recorded_apart(tmp_path: pathlib.Path) -> None:
    record = tmp_path / "calls.jsonl"
    with estate.running(tmp_path / "lab", mailboxes=1, tenants=1, record=record) as lab:
        found = yaml.safe_load((lab.directory / "inventory.yml").read_text(encoding="utf-8"))["all"]["children"]["directory"]["hosts"]["dc01"]
        assert found["ansible_connection"] == "m365.hybrid.ldap"
        tls = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=found["m365_ca_cert"])
        server = ldap3.Server(found["ansible_host"], port=found["m365_ldap_port"], use_ssl=True, tls=tls, get_info=ldap3.NONE)
        client = ldap3.Connection(server, user=found["ansible_user"], password=found["ansible_password"], receive_timeout=10)
        assert client.bind()
        assert client.modify(f"CN=User 0,CN=Users,{BASE}", {"unicodePwd": [(ldap3.MODIFY_REPLACE, [quoted("N3w!Passw0rd")])]})
        client.search(f"CN=Configuration,{BASE}", "(keywords=azureADName:contoso.onmicrosoft.com)", attributes=["keywords"])
        assert len(client.response) == 1
        assert lab.control.status()["directory"]["ldaps_port"] == found["m365_ldap_port"]
    lines = [json.loads(line) for line in beside(record).read_text(encoding="utf-8").splitlines()]
    assert [(one["target"], one["operation"]) for one in lines] == [("ad", "bind"), ("ad", "modify"), ("ad", "search")]
    assert "N3w!" not in beside(record).read_text(encoding="utf-8")
    assert record.read_text(encoding="utf-8") == ""
