# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which servers of an estate a directory knows, read from the lab's; and what is an error, not an empty answer."""

from __future__ import annotations

import struct
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core import errors
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer, DirectorySession
from ansible_collections.m365.hybrid.plugins.module_utils._directory import names
from ansible_collections.m365.hybrid.plugins.plugin_utils import estate_facts
from hybridlab.ad import exchange_configuration
from hybridlab.ad.directory import DirectoryObject
from hybridlab.ad.forest import Forest
from tests.fake_directory import PASSWORD, USER, fake_directory

TENANT = "f0850fe7-0000-0000-0000-000000000000"


def forest(exchange: bool = True) -> Forest:
    found = Forest({USER: PASSWORD})
    if exchange:
        exchange_configuration.install(found, "2019", "Version 15.2 (Build 1748.10)")
    return found


def facts(found: Forest, **computers: str) -> estate_facts.Facts:
    return estate_facts.read(t.cast(DirectorySession, fake_directory(found)), computers)


class Blind:
    """A session whose account does not see some objects, by class or relative name: they are missing from every answer."""

    def __init__(self, found: Forest, unseen: str) -> None:
        self._session, self._unseen = fake_directory(found), unseen
        self.target = "ldap on blind"

    def search(self, *args: t.Any, **options: t.Any) -> Answer:
        answer = self._session.search(*args, **options)
        return Answer([one for one in answer.output if self._unseen not in (*one.get("objectClass", ()), names.parts(one["dn"] or "CN=")[0])])


def test_exchange_servers_come_with_roles_version_group_and_site() -> None:
    found = facts(forest())
    assert found["organization"] == "Contoso"
    rows = {one["name"]: one for one in found["exchange"]}
    assert list(rows) == ["EDGE01", "EX01", "EX02", "EX16"]
    assert rows["EX01"] == {
        "name": "EX01",
        "fqdn": "ex01.contoso.com",
        "version": "Version 15.2 (Build 31748.10)",
        "role_bits": 16439,
        "site": "Default-First-Site-Name",
        "dag": "DAG01",
    }
    assert rows["EDGE01"]["role_bits"] == 64
    assert (rows["EX16"]["site"], rows["EX16"]["dag"], rows["EX16"]["version"]) == ("Branch", None, "Version 15.1 (Build 32375.7)")


def test_without_a_serial_number_the_packed_version_counts() -> None:
    found = forest()
    one = _server(found, "EX16")
    found.directory.put(one, "serialNumber", None)
    assert {row["name"]: row["version"] for row in facts(found)["exchange"]}["EX16"] == str(
        exchange_configuration.version_number("Version 15.1 (Build 2375.7)")
    )


def _server(found: Forest, name: str) -> t.Any:
    one = found.configuration
    group = exchange_configuration.ADMINISTRATIVE_GROUP
    for step in ("Services", "Microsoft Exchange", "Contoso", "Administrative Groups", group, "Servers", name):
        one = one.children[f"cn={step.casefold()}"]
    return one


def test_a_forest_without_exchange_has_no_organization() -> None:
    found = facts(forest(exchange=False))
    assert found["organization"] is None and found["exchange"] == []


def test_domain_controllers_are_those_with_settings() -> None:
    found = forest()
    site = found.configuration.children["cn=sites"].children["cn=branch"]
    servers = found.make(site, "Servers", "serversContainer")
    found.make(servers, "DC09", "server", {"dNSHostName": "dc09.contoso.com"})  # what remains of one that was removed
    (row,) = facts(found)["domain_controllers"]
    assert row == {
        "name": "DC01",
        "fqdn": "dc01.contoso.com",
        "site": "Default-First-Site-Name",
        "domain": "contoso.com",
        "global_catalog": True,
        "read_only": False,
    }


def test_a_server_of_entra_connect_is_named_by_its_account() -> None:
    found = forest()
    exchange_configuration.synchronize(found, "contoso.onmicrosoft.com", TENANT)
    (row,) = facts(found)["directory_sync"]
    assert (row["computer"], row["fqdn"], row["tenant"]) == ("SYNC01", "sync01.contoso.com", "contoso.onmicrosoft.com")
    assert row["account"].startswith("MSOL_")
    assert facts(found)["tenant"] == {"name": "contoso.onmicrosoft.com", "id": TENANT}


DESCRIPTION = "Account created by {} with installation identifier {} running on computer {} configured to synchronize to tenant {}{}"


@pytest.mark.parametrize(
    "description",
    [
        DESCRIPTION.format(
            "the Windows Azure Active Directory Sync tool", "'b2bb'", "'OLD01'", "'contoso.onmicrosoft.com'", ". This account must have rights."
        ),
        DESCRIPTION.format("Microsoft Azure Active Directory Connect", "b2bb", "OLD01", "contoso.onmicrosoft.com", "."),
        DESCRIPTION.format("Microsoft Azure Active Directory Connect", "b2bb", "OLD01", "contoso.onmicrosoft.com", ""),
    ],
)
def test_descriptions_of_all_generations_are_understood(description: str) -> None:
    found = forest()
    found.make(found.users, "MSOL_b2bb", "user", {"sAMAccountName": "MSOL_b2bb", "userAccountControl": 0x10200, "description": description})
    assert facts(found)["directory_sync"] == [{"account": "MSOL_b2bb", "computer": "OLD01", "tenant": "contoso.onmicrosoft.com", "fqdn": None}]


def test_a_disabled_account_and_a_disabled_computer_are_no_trace() -> None:
    found = forest()
    exchange_configuration.synchronize(found, "contoso.onmicrosoft.com")
    (computer,) = found.directory.by_value("sAMAccountName", "SYNC01$")
    found.directory.put(computer, "userAccountControl", 0x1002)
    assert facts(found)["directory_sync"][0]["fqdn"] is None
    account = next(one for one in found.users.children.values() if one.name.startswith("MSOL_"))
    found.directory.put(account, "userAccountControl", 0x10202)
    assert facts(found)["directory_sync"] == []


def test_ad_fs_is_there_with_its_service_and_no_server() -> None:
    found = forest()
    assert facts(found)["adfs"] == {"installed": False, "services": [], "readers": []}
    exchange_configuration.federate(found)
    assert facts(found)["adfs"] == {"installed": True, "services": ["fs.contoso.com"], "readers": []}


def managed(found: Forest, name: str, service: str, *readers: DirectoryObject, denied: DirectoryObject | None = None) -> None:
    """A group managed service account whose password these may read."""
    entries = [(0, one) for one in readers] + ([(1, denied)] if denied else [])
    rights = b"".join(struct.pack("<BBHI", kind, 0, 8 + len(sid := one.values["objectSid"][0]), 0xF01FF) + sid for kind, one in entries)
    listed = struct.pack("<BBHHH", 4, 0, 8 + len(rights), len(entries), 0) + rights
    descriptor = struct.pack("<BBHIIII", 1, 0, 0x8004, 0, 0, 0, 20) + listed
    place = found.domain.children["cn=managed service accounts"]
    values = {"sAMAccountName": f"{name}$", "servicePrincipalName": [f"host/{service}"], "msDS-GroupMSAMembership": descriptor}
    found.make(place, name, "msDS-GroupManagedServiceAccount", values)


def test_computers_that_may_read_the_password_of_the_service_are_told_through_groups_too() -> None:
    found = forest()
    exchange_configuration.federate(found)
    found.directory.put(found.users.children["cn=svc-adfs"], "servicePrincipalName", None)
    computers = found.domain.children["cn=computers"].children
    fs02, fs03, gone, other = (
        found.make(
            found.domain.children["cn=computers"],
            name,
            "computer",
            {"sAMAccountName": f"{name}$", "dNSHostName": f"{name}.contoso.com", "userAccountControl": 0x1002 if name == "GONE" else 0x1000},
        )
        for name in ("FS02", "FS03", "GONE", "OTHER")
    )
    inner = found.make(found.users, "Inner", "group", {"sAMAccountName": "Inner", "groupType": -0x7FFFFFFE, "member": [fs03, gone]})
    outer = found.make(found.users, "Outer", "group", {"sAMAccountName": "Outer", "groupType": -0x7FFFFFFE, "member": [inner]})
    managed(found, "svc-fs", "fs.contoso.com", computers["cn=fs01"], fs02, outer, denied=other)
    assert facts(found)["adfs"] == {
        "installed": True,
        "services": ["fs.contoso.com"],
        "readers": ["fs01.contoso.com", "fs02.contoso.com", "fs03.contoso.com"],
    }


def test_of_two_services_nobody_knows_which_is_ad_fs() -> None:
    found = forest()
    exchange_configuration.federate(found)
    managed(found, "svc-web", "web.contoso.com", found.domain.children["cn=computers"].children["cn=fs01"])
    assert facts(found)["adfs"] == {"installed": True, "services": ["fs.contoso.com", "web.contoso.com"], "readers": []}


def test_computers_are_found_with_a_filter_with_and_without_brackets() -> None:
    found = forest()
    exchange_configuration.federate(found)
    assert facts(found, adfs="cn=FS*", all="(cn=*)")["computers"] == {
        "adfs": ["fs01.contoso.com"],
        "all": ["dc01.contoso.com", "ex01.contoso.com", "ex02.contoso.com", "fs01.contoso.com"],
    }


def test_a_filter_that_is_none_is_named() -> None:
    with pytest.raises(errors.BadParameter, match=r"computers\.adfs"):
        facts(forest(), adfs="(cn=FS*")


@pytest.mark.parametrize(
    ("unseen", "says"),
    [
        ("nTDSDSA", "sees no domain controller"),
        ("msExchOrganizationContainer", "but no organization in it"),
    ],
)
def test_what_an_account_does_not_see_is_an_error_and_no_empty_answer(unseen: str, says: str) -> None:
    with pytest.raises(errors.AccessDenied, match=says):
        estate_facts.read(t.cast(DirectorySession, Blind(forest(), unseen)), {})


@pytest.mark.parametrize("unseen", ["CN=Microsoft Exchange", "CN=ADFS", "CN=62a0ff2e-97b9-4513-943f-0d221bd30080"])
def test_what_is_there_without_being_shown_is_not_taken_for_absent(unseen: str) -> None:
    """A search of an object of which the account may read nothing succeeds and returns nothing; for one that is not there, it fails."""
    found = forest()
    found.make(found.path(f"CN=Microsoft,CN=Program Data,{found.domain_dn}"), "ADFS", "container")
    facts = estate_facts.read(t.cast(DirectorySession, Blind(found, unseen)), {})
    assert facts["organization"] == "Contoso" and facts["exchange"] and facts["adfs"]["installed"] and facts["tenant"] == {}
