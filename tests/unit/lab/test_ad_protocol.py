# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Binding to the lab's Active Directory, and reading it, over the wire."""

from __future__ import annotations

import ssl
import typing as t
import uuid

import ldap3
import pytest
from ldap3.core.exceptions import LDAPCommunicationError, LDAPSocketOpenError

from hybridlab.ad import ber, filter_tree, messages
from tests.unit.lab import ad_client
from tests.unit.lab.ad_client import BASE, PASSWORD, UNIT, Domain, outcome, read


@pytest.fixture(scope="module")
def domain(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Domain]:
    with ad_client.domain(tmp_path_factory.mktemp("ad")) as found:
        yield found


@pytest.fixture
def admin(domain: Domain) -> t.Iterator[ldap3.Connection]:
    client = domain.client()
    assert client.bind(), client.result
    yield client
    client.unbind()


@pytest.mark.parametrize("name", ["administrator@contoso.com", "CONTOSO\\administrator", f"CN=Administrator,CN=Users,{BASE}", "contoso.com\\Administrator"])
def test_a_simple_bind_takes_every_form_of_a_name(domain: Domain, name: str) -> None:
    client = domain.client(name, domain.passwords["administrator"])
    assert client.bind()
    assert client.extend.standard.who_am_i() == "u:CONTOSO\\administrator"


def test_a_bind_in_clear_text_is_refused_and_after_start_tls_taken(domain: Domain) -> None:
    client = domain.client(server=domain.server(clear=True))
    assert not client.bind()
    assert outcome(client) == (8, "00002028")
    assert client.start_tls() and client.bind()
    assert client.extend.standard.paged_search is not None


def test_an_authority_that_is_not_known_ends_the_connection(domain: Domain) -> None:
    server = ldap3.Server("localhost", port=domain.controller.ldaps_port, use_ssl=True, tls=ldap3.Tls(validate=ssl.CERT_REQUIRED))
    with pytest.raises(LDAPSocketOpenError, match="CERTIFICATE_VERIFY_FAILED"):
        domain.client(server=server).bind()


def test_a_wrong_password_a_disabled_and_an_expired_account_are_told_apart(domain: Domain, admin: ldap3.Connection) -> None:
    dn = ad_client.user(admin, "bound")

    def reason(password: str = PASSWORD) -> str:
        client = domain.client("bound@contoso.com", password)
        return "in" if client.bind() else client.result["message"].partition("data ")[2].partition(",")[0]

    assert (reason(), reason("nonsense")) == ("in", "52e")
    admin.modify(dn, {"userAccountControl": [(ldap3.MODIFY_REPLACE, [514])]})
    assert reason() == "533"
    admin.modify(dn, {"userAccountControl": [(ldap3.MODIFY_REPLACE, [512])], "accountExpires": [(ldap3.MODIFY_REPLACE, [1])]})
    assert reason() == "701"
    admin.modify(dn, {"accountExpires": [(ldap3.MODIFY_REPLACE, [0])], "pwdLastSet": [(ldap3.MODIFY_REPLACE, [0])]})
    assert reason() == "773"


def test_nothing_is_read_without_a_login_but_the_root_entry(domain: Domain) -> None:
    client = ldap3.Connection(domain.server(get_info=ldap3.ALL))
    client.bind()
    assert client.server.info.other["defaultNamingContext"] == [BASE]
    assert not client.search(BASE, "(objectClass=*)")
    assert outcome(client) == (1, "000004DC")


def test_the_schema_is_published(domain: Domain) -> None:
    client = domain.client(server=domain.server(get_info=ldap3.SCHEMA))
    client.bind()
    types = client.server.schema.attribute_types
    assert types["mailNickname"].single_value and not types["proxyAddresses"].single_value
    assert "msExchExchangeServer" in client.server.schema.object_classes


FILTERS = {
    "(&(objectCategory=person)(objectClass=user)(sAMAccountName=filter-A))": {"filter-a"},
    "(|(sAMAccountName=filter-a)(mail=B@contoso.com))": {"filter-a", "filter-b"},
    "(&(sAMAccountName=filter-*)(!(mail=b@contoso.com)))": {"filter-a", "filter-c"},
    "(&(sAMAccountName=filter-*)(mail=*))": {"filter-b"},
    "(displayName=*two * m*)": {"filter-b"},
    "(&(sAMAccountName=filter-*)(msExchRecipientTypeDetails>=100))": {"filter-b", "filter-c"},
    "(&(sAMAccountName=filter-*)(msExchRecipientTypeDetails<=100))": {"filter-a"},
    "(&(sAMAccountName=filter-*)(userAccountControl:1.2.840.113556.1.4.803:=2))": {"filter-c"},
    "(&(sAMAccountName=filter-*)(userAccountControl:1.2.840.113556.1.4.803:=514))": {"filter-c"},
    "(&(sAMAccountName=filter-*)(!(userAccountControl:1.2.840.113556.1.4.803:=2)))": {"filter-a", "filter-b"},
    "(&(sAMAccountName=filter-*)(userAccountControl:1.2.840.113556.1.4.804:=514))": {"filter-a", "filter-b", "filter-c"},
    "(&(sAMAccountName=filter-*)(noSuchAttribute=x))": set(),
    "(&(sAMAccountName=filter-*)(!(noSuchAttribute=x)))": set(),
    "(anr=filter tw)": {"filter-b"},
    "(&(objectCategory=group)(sAMAccountName=filter-*))": set(),
    "(proxyAddresses=smtp:B@contoso.com)": {"filter-b"},
}


@pytest.fixture(scope="module")
def filtered(domain: Domain) -> ldap3.Connection:
    client = domain.client()
    client.bind()
    ad_client.user(client, "filter-a", displayName="Filter One", msExchRecipientTypeDetails=1)
    more = {"mail": "b@contoso.com", "proxyAddresses": ["SMTP:b@contoso.com"], "msExchRecipientTypeDetails": 2147483648}
    ad_client.user(client, "filter-b", displayName="Filter Two of Many", **more)
    ad_client.user(client, "filter-c", userAccountControl=514, msExchRecipientTypeDetails=128)
    return client


@pytest.mark.parametrize("text", FILTERS)
def test_a_filter_finds_what_it_says(filtered: ldap3.Connection, text: str) -> None:
    filtered.search(UNIT, text, attributes=["sAMAccountName"])
    assert {one["raw_attributes"]["sAMAccountName"][0].decode() for one in filtered.response} == FILTERS[text]


def test_links_are_followed_in_a_chain(domain: Domain, admin: ldap3.Connection) -> None:
    member = ad_client.user(admin, "chained")
    inner, outer = f"CN=Inner,{UNIT}", f"CN=Outer,{UNIT}"
    assert admin.add(inner, "group", {"sAMAccountName": "inner", "member": member})
    assert admin.add(outer, "group", {"sAMAccountName": "outer", "member": inner, "groupType": -2147483640}) or admin.result
    admin.search(BASE, f"(memberOf:1.2.840.113556.1.4.1941:={outer})", attributes=["cn"])
    assert {one["dn"] for one in admin.response} == {member, inner}
    assert len(read(admin, member, "tokenGroups")["tokenGroups"]) == 3


def test_an_object_is_found_by_guid_and_by_sid(admin: ldap3.Connection) -> None:
    dn = ad_client.user(admin, "identified")
    raw = read(admin, dn, "objectGUID", "objectSid")
    guid = uuid.UUID(bytes_le=raw["objectGUID"][0])
    for base in (f"<GUID={guid}>", f"<GUID={raw['objectGUID'][0].hex()}>", f"<SID={raw['objectSid'][0].hex()}>"):
        assert read(admin, base, "sAMAccountName") == {"sAMAccountName": [b"identified"]}
    admin.search(BASE, "(objectGUID=" + "".join(f"\\{byte:02x}" for byte in guid.bytes_le) + ")")
    assert [one["dn"] for one in admin.response] == [dn]


def test_more_than_a_thousand_objects_come_in_pages_only(domain: Domain, admin: ldap3.Connection) -> None:
    many = f"OU=Many,{BASE}"
    parent = domain.forest.path(many)
    for number in range(1201):
        domain.forest.make(parent, f"many{number}", "contact", {"mail": f"many{number}@contoso.com"})
    admin.search(many, "(objectClass=contact)", attributes=["mail"])
    assert (admin.result["description"], len(admin.response)) == ("sizeLimitExceeded", 1000)
    paged = admin.extend.standard.paged_search(many, "(objectClass=contact)", attributes=["mail"], paged_size=5000, generator=True)
    assert len({one["dn"] for one in paged}) == 1201


def test_a_long_list_of_values_comes_in_ranges(domain: Domain) -> None:
    client = domain.client(auto_range=False)
    client.bind()
    parent = domain.forest.path(f"OU=Members,{BASE}")
    group = f"CN=Long,{UNIT}"
    client.add(group, "group", {"sAMAccountName": "long"})
    members = [domain.forest.make(parent, f"member{number}", "contact") for number in range(1600)]
    found = domain.forest.directory.find(group)
    assert found is not None
    domain.forest.directory.put(found, "member", members)
    assert {name: len(values) for name, values in read(client, group, "member").items()} == {"member;range=0-1499": 1500}
    request = messages.Search(group, 0, 0, False, filter_tree.Present("objectClass"), ("member",))
    assert ber.text("member") + ber.tlv(ber.SET, b"") in domain.forest.searcher.search(request, {}, {}).entries[0]
    whole = domain.client(auto_range=True)
    whole.bind()
    assert len(set(read(whole, group, "member")["member"])) == 1600


def test_the_servers_of_exchange_are_found_in_the_configuration(admin: ldap3.Connection) -> None:
    base = f"CN=Microsoft Exchange,CN=Services,CN=Configuration,{BASE}"
    condition = "(&(objectCategory=msExchExchangeServer)(msExchCurrentServerRoles:1.2.840.113556.1.4.803:=2))"
    admin.search(base, condition, attributes=["networkAddress", "serialNumber", "msExchMDBAvailabilityGroupLink"])
    first = admin.response[0]["raw_attributes"]
    assert first["serialNumber"] == [b"Version 15.2 (Build 31748.10)"]
    assert b"ncacn_ip_tcp:ex01.contoso.com" in first["networkAddress"]
    assert first["msExchMDBAvailabilityGroupLink"][0].startswith(b"CN=DAG01,")


def test_a_critical_control_that_is_not_known_is_refused(admin: ldap3.Connection) -> None:
    admin.search(BASE, "(objectClass=*)", ldap3.BASE, controls=[("1.2.3.4", True, None)])
    assert outcome(admin) == (12, "00000057")


def test_a_busy_controller_refuses_once(domain: Domain, admin: ldap3.Connection) -> None:
    domain.controller.faults.arm("directory-busy", cmdlet="search")
    assert read(admin, BASE) == {}
    assert outcome(admin) == (51, "0000200E")
    assert read(admin, BASE, "dc")


@pytest.mark.parametrize(("moment", "done"), [("request", False), ("answer", True)])
def test_a_dropped_connection_leaves_open_whether_the_change_was_made(domain: Domain, admin: ldap3.Connection, moment: str, done: bool) -> None:
    dn = f"CN=dropped-{moment},{UNIT}"
    domain.controller.faults.arm("directory-drop", at=moment, cmdlet="add")
    with pytest.raises(LDAPCommunicationError):
        admin.add(dn, "contact")
    assert (domain.forest.directory.find(dn) is not None) is done
