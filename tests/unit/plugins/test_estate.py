# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory of an estate: what a directory says and what a file adds, as hosts, groups and variables."""

from __future__ import annotations

import datetime
import re
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.inventory.estate import _inert
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.plugin_utils.estate_hosts import CONNECTIONS, Estate, Wishes
from tests import templating

DAY = datetime.date(2026, 6, 1)
SE, E2016, E2007 = "Version 15.2 (Build 32562.17)", "Version 15.1 (Build 32375.7)", "Version 8.3 (Build 30083.6)"
ALL_ROLES, EDGE = 16439, 64


def server(name: str, version: str = SE, bits: int = ALL_ROLES, **more: t.Any) -> dict[str, t.Any]:
    found = {"name": name, "fqdn": f"{name.lower()}.contoso.com", "version": version, "role_bits": bits, "site": "Vienna", "dag": None}
    return found | more


def controller(name: str) -> dict[str, t.Any]:
    return {"name": name, "fqdn": f"{name.lower()}.contoso.com", "site": "Vienna", "domain": "contoso.com", "global_catalog": True, "read_only": False}


def synchronizing(computer: str, fqdn: str | None) -> dict[str, t.Any]:
    return {"account": "MSOL_1", "computer": computer, "tenant": "contoso.onmicrosoft.com", "fqdn": fqdn}


def estate(wishes: Wishes | None = None, **facts: t.Any) -> Estate:
    found = {
        "domain": "contoso.com",
        "domain_controllers": [controller("DC01")],
        "organization": "Contoso",
        "exchange": [],
        "directory_sync": [],
        "adfs": {"installed": False, "services": []},
        "tenant": {},
        "computers": {},
    }
    return Estate(found | facts, wishes or Wishes(), DAY)


def members(found: Estate, group: str) -> list[str]:
    return [name for name, host in found.hosts.items() if group in host.groups]


def test_an_exchange_server_has_its_groups_and_variables() -> None:
    found = estate(exchange=[server("EX01", dag="DAG One")])
    host = found.hosts["ex01.contoso.com"]
    assert host.groups == ["exchange", "exchange_mailbox", "exchange_dag_dag one"]
    assert host.variables["exchange_build"] == "15.2.2562.17"
    assert host.variables["exchange_support"]["status"] == "supported"
    assert host.variables["exchange_server"] == {
        "name": "EX01",
        "fqdn": "ex01.contoso.com",
        "version": SE,
        "site": "Vienna",
        "dag": "DAG One",
        "roles": ["client_access", "mailbox", "unified_messaging", "hub_transport", "frontend_transport"],
        "organization": "Contoso",
    }
    assert ("exchange", "exchange_dag_dag one") in found.above
    assert found.groups["exchange"] == {"ansible_connection": "m365.hybrid.powershell", "m365_endpoint": "exchange"}
    assert not found.warnings and not found.unsupported


def test_a_server_without_the_mailbox_role_is_no_mailbox_server() -> None:
    found = estate(exchange=[server("CAS01", bits=16385)])
    assert members(found, "exchange") == ["cas01.contoso.com"] and not members(found, "exchange_mailbox")


def test_an_edge_server_is_reached_in_its_own_way() -> None:
    found = estate(exchange=[server("EX01"), server("EDGE01", bits=EDGE)])
    assert members(found, "edge") == ["edge01.contoso.com"] and members(found, "exchange") == ["ex01.contoso.com"]
    assert found.groups["edge"]["m365_endpoint"] == "edge"


def test_a_build_that_is_not_supported_is_told_and_grouped() -> None:
    found = estate(exchange=[server("EX01"), server("EX16", E2016), server("EX09", "")])
    assert members(found, "exchange_unsupported") == ["ex16.contoso.com"]
    (told,) = found.unsupported
    assert told.startswith("2 of 3 Exchange servers are not known to be supported: EX16, 15.1.2375.7: support of Exchange Server 2016 ended on 2025-10-14")
    assert "EX09, version: there is no version to look up" in told
    assert found.hosts["ex09.contoso.com"].variables["exchange_support"]["status"] == "unknown"


def test_a_server_from_before_powershell_is_known_and_not_reached() -> None:
    found = estate(exchange=[server("EX07", E2007)])
    assert members(found, "exchange_legacy") == ["ex07.contoso.com"] and not members(found, "exchange")
    assert found.groups["exchange_legacy"] == {}


@pytest.mark.parametrize(("change", "lacks"), [({"bits": 0}, "role"), ({"bits": 4096}, "role"), ({"fqdn": None}, "address")])
def test_a_server_that_was_never_installed_is_left_out_and_told(change: dict[str, t.Any], lacks: str) -> None:
    found = estate(exchange=[server("EX03", **change)])
    assert not members(found, "exchange")
    assert found.warnings == [f"EX03 is left out: the directory has no {lacks} for this Exchange server"]


def test_a_forest_without_exchange_says_so() -> None:
    found = estate(organization=None)
    assert found.warnings == ["the forest of contoso.com has no Exchange organization"]
    assert members(found, "directory") == ["dc01.contoso.com"]


def test_the_groups_are_there_without_hosts() -> None:
    assert set(CONNECTIONS) | {"exchange_mailbox"} <= set(estate().groups)


def test_a_machine_that_is_reached_in_two_ways_is_two_hosts() -> None:
    found = estate(exchange=[server("DC01")], directory_sync=[synchronizing("DC01", "dc01.contoso.com")])
    assert found.hosts["dc01.contoso.com"].groups == ["directory"]
    assert found.hosts["dc01.contoso.com_exchange"].variables["ansible_host"] == "dc01.contoso.com"
    assert found.hosts["dc01.contoso.com_directory_sync"].groups == ["directory_sync"]


def test_a_machine_of_two_groups_that_is_reached_in_one_way_is_one_host() -> None:
    found = estate(Wishes(hosts={"adfs": ["sync01"]}), directory_sync=[synchronizing("SYNC01", "sync01.contoso.com")])
    assert found.hosts["sync01.contoso.com"].groups == ["directory_sync", "adfs"]


def test_a_server_of_entra_connect_is_found_by_its_account() -> None:
    found = estate(directory_sync=[synchronizing("SYNC01", "sync01.contoso.com")])
    assert found.hosts["sync01.contoso.com"].variables == {"directory_sync_server": {"tenant": "contoso.onmicrosoft.com", "account": "MSOL_1"}}


def test_an_account_whose_server_is_gone_is_told_unless_the_file_knows_better() -> None:
    gone = [synchronizing("OLD01", None)]
    found = estate(directory_sync=gone)
    assert not members(found, "directory_sync") and "MSOL_1 synchronizes from OLD01, which is no computer of contoso.com" in found.warnings[0]
    assert not estate(Wishes(hosts={"directory_sync": []}), directory_sync=gone).warnings


def test_hosts_of_the_file_take_the_place_of_traces() -> None:
    found = estate(Wishes(hosts={"directory_sync": ["sync02"]}), directory_sync=[synchronizing("SYNC01", "sync01.contoso.com")])
    assert members(found, "directory_sync") == ["sync02.contoso.com"]


def test_ad_fs_without_servers_is_told_and_its_service_known() -> None:
    installed = {"installed": True, "services": ["fs.contoso.com"]}
    found = estate(adfs=installed)
    assert found.groups["adfs"]["ad_fs_service_name"] == "fs.contoso.com"
    assert "leaves no trace of its servers" in found.warnings[0]
    assert not estate(Wishes(hosts={"adfs": []}), adfs=installed).warnings
    assert not estate(adfs=installed, computers={"adfs": []}).warnings


def test_those_who_may_read_the_password_of_ad_fs_are_its_servers_where_that_is_wished() -> None:
    installed = {"installed": True, "services": ["fs.contoso.com"], "readers": ["fs01.contoso.com", "fs02.contoso.com"]}
    found = estate(adfs=installed)
    assert not members(found, "adfs") and "or set ad_fs_by_service_account" in found.warnings[0]
    wished = estate(Wishes(readers=True), adfs=installed)
    assert members(wished, "adfs") == ["fs01.contoso.com", "fs02.contoso.com"] and not wished.warnings
    assert members(estate(Wishes(hosts={"adfs": ["fs09"]}, readers=True), adfs=installed), "adfs") == ["fs09.contoso.com"]
    nobody = estate(Wishes(readers=True), adfs=installed | {"readers": []})
    assert not members(nobody, "adfs") and "its account is no managed one" in nobody.warnings[0]


def test_other_groups_are_windows_hosts_and_skype_is_skype() -> None:
    found = estate(Wishes(hosts={"web": ["WEB01"], "skype": ["pool01.corp.example"]}), computers={"files": ["fs09.contoso.com"]})
    assert members(found, "web") == ["web01.contoso.com"] and members(found, "files") == ["fs09.contoso.com"]
    assert found.groups["web"]["m365_endpoint"] == found.groups["files"]["m365_endpoint"] == "windows"
    assert members(found, "skype") == ["pool01.corp.example"] and found.groups["skype"]["m365_endpoint"] == "skype"


def test_short_names_are_reached_by_the_full_one() -> None:
    found = estate(Wishes(short_names=True), exchange=[server("EX01")])
    assert found.hosts["ex01"].variables["ansible_host"] == "ex01.contoso.com"
    with pytest.raises(UsageError, match=r"ex01\.contoso\.com and ex01\.corp\.example have the same short name"):
        estate(Wishes(short_names=True, hosts={"exchange": ["ex01.corp.example"]}), exchange=[server("EX01")])


def test_a_tenant_is_two_hosts_and_a_group_with_its_variables() -> None:
    found = estate(Wishes(tenants={"Contoso": {"id": "contoso.onmicrosoft.com", "client_id": "app", "certificate": "/etc/app.pem", "cloud": None}}))
    assert found.hosts["Contoso_exchange_online"].groups == ["exchange_online", "tenant_contoso"]
    assert found.hosts["Contoso_entra"].groups == ["entra", "tenant_contoso"]
    wanted = {"m365_tenant_id": "contoso.onmicrosoft.com", "m365_tenant_client_id": "app", "m365_tenant_certificate": "/etc/app.pem"}
    assert found.groups["tenant_contoso"] == wanted
    assert "ansible_host" not in found.hosts["Contoso_entra"].variables


def test_the_directory_names_the_only_tenant() -> None:
    known = {"name": "contoso.onmicrosoft.com", "id": "guid"}
    assert estate(Wishes(tenants={"contoso": None}), tenant=known).groups["tenant_contoso"] == {"m365_tenant_id": "guid"}
    with pytest.raises(UsageError, match=r"tenants\.a needs an id"):
        estate(Wishes(tenants={"a": {}, "b": {"id": "b"}}), tenant=known)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"client_secret": "s3cret"}, r"tenants\.contoso\.client_secret is a secret.*group_vars/tenant_contoso"),
        ({"certificate": "-----BEGIN CERTIFICATE-----"}, "certificate is a secret"),
        ({"certificate_password": "/looks/like/a/path"}, "certificate_password is a secret"),
        ({"proxy": "http://user:pass@proxy:8080"}, "proxy is a secret"),
        ({"clientid": "x"}, "has no option clientid.*client_id"),
        ("contoso", "must be a dictionary"),
    ],
)
def test_what_a_tenant_may_not_have_is_refused(options: t.Any, says: str) -> None:
    with pytest.raises(UsageError) as refused:
        estate(Wishes(tenants={"contoso": options}))
    assert re.search(says, str(refused.value))
    assert "s3cret" not in str(refused.value) and "pass@" not in str(refused.value)


def test_how_the_directory_was_reached_counts_for_every_controller() -> None:
    assert estate(Wishes(directory={"m365_ldap_encryption": "starttls"})).groups["directory"] == {
        "ansible_connection": "m365.hybrid.ldap",
        "m365_ldap_encryption": "starttls",
    }


@pytest.mark.parametrize("text", ["{{ 1 + 1 }}", "{% raw %}", "#jinja2: variable_start_string:'['\n[ 1 + 1 ]"])
def test_text_of_the_directory_is_never_a_template(text: str) -> None:
    known = _inert({"exchange_server": {"roles": [text], "site": "Vienna"}})
    templar = templating.templar(**known)
    assert templar.template(templating.trusted("{{ exchange_server.roles[0] }}")) == text
    assert templar.template(templating.trusted("{{ exchange_server.site }}")) == "Vienna"
