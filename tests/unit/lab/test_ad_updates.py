# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changing the lab's Active Directory over the wire, and how it refuses."""

from __future__ import annotations

import typing as t

import ldap3
import pytest

from tests.unit.lab import ad_client
from tests.unit.lab.ad_client import BASE, PASSWORD, UNIT, Domain, outcome, quoted, read, user

ADD, DELETE, REPLACE = ldap3.MODIFY_ADD, ldap3.MODIFY_DELETE, ldap3.MODIFY_REPLACE
PERMISSIVE = [("1.2.840.113556.1.4.1413", True, None)]
SHOW_DELETED = [("1.2.840.113556.1.4.417", True, None)]
TREE = [("1.2.840.113556.1.4.805", True, None)]


@pytest.fixture(scope="module")
def domain(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Domain]:
    with ad_client.domain(tmp_path_factory.mktemp("ad")) as found:
        yield found


@pytest.fixture
def admin(domain: Domain) -> t.Iterator[ldap3.Connection]:
    client = domain.client()
    assert client.bind(), client.result
    yield client
    client.delete(UNIT, controls=TREE)
    domain.forest.path(UNIT)
    client.unbind()


def test_a_new_user_gets_what_an_account_has(admin: ldap3.Connection) -> None:
    dn = f"CN=Plain,{UNIT}"
    assert admin.add(dn, "user", {"sAMAccountName": "plain"})
    found = read(admin, dn)
    assert found["userAccountControl"] == [b"546"]
    assert found["objectClass"] == [b"top", b"person", b"organizationalPerson", b"user"]
    assert found["sAMAccountType"] == [b"805306368"]
    assert found["primaryGroupID"] == [b"513"]
    assert found["pwdLastSet"] == [b"0"]
    assert found["accountExpires"] == [b"9223372036854775807"]
    assert len(found["objectSid"][0]) == 28
    assert found["cn"] == found["name"] == [b"Plain"]


def test_the_password_of_a_new_user_logs_on(domain: Domain, admin: ldap3.Connection) -> None:
    user(admin, "fresh")
    assert domain.client("fresh@contoso.com", PASSWORD).bind()
    assert not read(admin, f"CN=fresh,{UNIT}", "*", "unicodePwd").get("unicodePwd")


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"sAMAccountName": "TAKEN"}, (68, "00000524")),
        ({"sAMAccountName": "Domain Users"}, (68, "00000526")),
        ({"sAMAccountName": "other", "userPrincipalName": "Taken@contoso.com"}, (19, "000021C8")),
        ({"sAMAccountName": "other", "noSuchAttribute": "x"}, (16, "00000057")),
        ({"sAMAccountName": "other", "groupType": 2}, (65, "0000207D")),
        ({"sAMAccountName": "other", "msExchRecipientDisplayType": "abc"}, (21, "00000057")),
        ({"sAMAccountName": "other", "deliverAndRedirect": "yes"}, (21, "00000057")),
        ({"sAMAccountName": "other", "displayName": ["a", "b"]}, (19, "00002081")),
        ({"sAMAccountName": "other", "mailNickname": "x" * 65}, (19, "00002082")),
        ({"sAMAccountName": "a name that is longer than twenty"}, (80, "00000523")),
        ({"sAMAccountName": "a/b"}, (80, "00000523")),
        ({"sAMAccountName": "other", "objectSid": b"\x01"}, (53, "0000209A")),
        ({"sAMAccountName": "other", "memberOf": f"CN=Domain Users,CN=Users,{BASE}"}, (19, "000020B1")),
        ({"sAMAccountName": "other", "manager": f"CN=Nobody,{UNIT}"}, (32, "0000208D")),
        ({"sAMAccountName": "other", "userAccountControl": 512}, (53, "0000052D")),
        ({"sAMAccountName": "other", "userAccountControl": 514, "unicodePwd": quoted("short")}, (19, "0000052D")),
        ({"sAMAccountName": "other", "userAccountControl": 514, "unicodePwd": quoted("Other-123456")}, (19, "0000052D")),
        ({"sAMAccountName": "other", "userAccountControl": 514, "unicodePwd": quoted("onlylowercase-")}, (19, "0000052D")),
        ({"sAMAccountName": "other", "pwdLastSet": 132000000000000000}, (53, "00000057")),
        ({"sAMAccountName": "other", "unicodePwd": b"Us3r!Passw0rd"}, (53, "0000001F")),
    ],
)
def test_a_user_that_breaks_a_rule_is_refused_and_leaves_nothing(admin: ldap3.Connection, attributes: dict[str, t.Any], expected: tuple[int, str]) -> None:
    user(admin, "taken")
    dn = f"CN=Refused,{UNIT}"
    assert not admin.add(dn, "user", attributes)
    assert outcome(admin) == expected
    assert read(admin, dn) == {}
    assert admin.add(dn, "user", {"sAMAccountName": "other"}), admin.result


@pytest.mark.parametrize(
    ("dn", "cls", "expected"),
    [
        (f"CN=taken,{UNIT}", "user", (68, "00002071")),
        (f"CN=x,OU=Nowhere,{BASE}", "user", (32, "0000208D")),
        (f"OU=x,CN=Users,{BASE}", "organizationalUnit", (64, "00002099")),
        (f"OU=x,{UNIT}", "user", (64, "00002099")),
        ("nonsense", "user", (34, "0000208F")),
        (f"CN=x,{UNIT}", "noSuchClass", (16, "00000057")),
    ],
)
def test_a_place_that_is_none_is_refused(admin: ldap3.Connection, dn: str, cls: str, expected: tuple[int, str]) -> None:
    user(admin, "taken")
    admin.check_names = False
    assert not admin.add(dn, cls, {})
    assert outcome(admin) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"otherTelephone": [(ADD, ["1"])]}, (20, "00002083")),
        ({"otherTelephone": [(DELETE, ["99"])]}, (16, "00002085")),
        ({"pager": [(DELETE, [])]}, (16, "00002084")),
        ({"displayName": [(REPLACE, ["a", "b"])]}, (19, "00002081")),
        ({"cn": [(REPLACE, ["other"])]}, (67, "00002016")),
        ({"sAMAccountName": [(REPLACE, [])]}, (65, "0000207C")),
        ({"mail": [(REPLACE, [""])]}, (21, "00000057")),
        ({"whenCreated": [(REPLACE, ["20200101000000.0Z"])]}, (19, "000020B1")),
        ({"pager": [(REPLACE, ["5"])], "otherTelephone": [(DELETE, ["99"])]}, (16, "00002085")),
    ],
)
def test_a_change_that_breaks_a_rule_is_refused_as_a_whole(admin: ldap3.Connection, changes: dict[str, t.Any], expected: tuple[int, str]) -> None:
    dn = user(admin, "changed", otherTelephone=["1"])
    before = read(admin, dn)
    assert not admin.modify(dn, changes)
    assert outcome(admin) == expected
    assert read(admin, dn) == before


def test_the_permissive_control_overlooks_what_is_so_already(admin: ldap3.Connection) -> None:
    dn = user(admin, "changed", otherTelephone=["1"])
    assert admin.modify(dn, {"otherTelephone": [(ADD, ["1", "2"])], "pager": [(DELETE, [])]}, controls=PERMISSIVE)
    assert read(admin, dn, "otherTelephone") == {"otherTelephone": [b"1", b"2"]}


def test_addresses_may_be_somebody_elses_too(admin: ldap3.Connection) -> None:
    user(admin, "first", proxyAddresses=["SMTP:same@contoso.com"])
    user(admin, "second", proxyAddresses=["SMTP:same@contoso.com"])


def test_members_are_links_in_both_directions(admin: ldap3.Connection) -> None:
    member, group = user(admin, "linked"), f"CN=Group,{UNIT}"
    assert admin.add(group, "group", {"sAMAccountName": "group"})
    assert admin.modify(group, {"member": [(ADD, [member])]})
    assert read(admin, member, "memberOf") == {"memberOf": [group.encode()]}
    assert not admin.modify(group, {"member": [(ADD, [member])]})
    assert outcome(admin) == (68, "00000562")
    assert admin.modify_dn(member, "CN=renamed")
    assert read(admin, group, "member") == {"member": [f"CN=renamed,{UNIT}".encode()]}
    assert admin.delete(f"CN=renamed,{UNIT}")
    assert read(admin, group, "member") == {"member": []} or read(admin, group, "member") == {}
    assert not admin.modify(group, {"member": [(DELETE, [f"CN=Administrator,CN=Users,{BASE}"])]})
    assert outcome(admin) == (53, "00000561")
    assert not admin.modify(group, {"member": [(ADD, [f"CN=Nobody,{UNIT}"])]})
    assert outcome(admin) == (32, "0000208D")


def test_a_global_group_takes_no_universal_one(admin: ldap3.Connection) -> None:
    narrow, wide = f"CN=Narrow,{UNIT}", f"CN=Wide,{UNIT}"
    admin.add(wide, "group", {"sAMAccountName": "wide", "groupType": 8})
    assert not admin.add(narrow, "group", {"sAMAccountName": "narrow", "groupType": 2, "member": wide})
    assert outcome(admin) == (53, "00002145")
    assert read(admin, wide, "sAMAccountType") == {"sAMAccountType": [b"268435457"]}


def test_a_group_changes_its_scope_by_the_way_and_the_members_that_allow_it(admin: ldap3.Connection) -> None:
    wide, narrow = f"CN=wide,{UNIT}", f"CN=narrow,{UNIT}"

    def changed(dn: str, kind: int) -> tuple[int, str]:
        admin.modify(dn, {"groupType": [(REPLACE, [kind])]})
        return outcome(admin)

    admin.add(wide, "group", {"sAMAccountName": "wide", "groupType": 8})
    admin.add(narrow, "group", {"sAMAccountName": "narrow", "groupType": 2})
    assert changed(narrow, 4) == (53, "00002141") and changed(narrow, 6) == (53, "00002141")
    assert changed(narrow, 8)[0] == 0 and changed(narrow, 4)[0] == 0 and changed(narrow, 2) == (53, "00002141")
    assert changed(narrow, 8)[0] == 0 and admin.modify(wide, {"member": [(ADD, [narrow])]})
    assert changed(wide, 2) == (53, "00002145") and changed(narrow, 4) == (53, "00002146")
    assert read(admin, narrow)["groupType"] == [b"8"]


def test_nobody_is_added_to_the_primary_group_once_more(admin: ldap3.Connection) -> None:
    user(admin, "fresh")
    assert not admin.modify("CN=Domain Users,CN=Users,DC=contoso,DC=com", {"member": [(ADD, [f"CN=fresh,{UNIT}"])]})
    assert outcome(admin) == (68, "00000562")


def test_a_search_of_the_domain_does_not_enter_another_partition(admin: ldap3.Connection) -> None:
    for base, found in ((BASE, 0), (f"CN=Configuration,{BASE}", 1)):
        admin.search(base, "(cn=Services)", attributes=["cn"])
        assert len(admin.entries) == found
    admin.search(BASE, "(objectClass=*)", ldap3.LEVEL, attributes=["cn"])
    assert "CN=Configuration" not in str(admin.entries)


def test_a_password_is_changed_by_its_owner_and_kept_in_mind(domain: Domain, admin: ldap3.Connection) -> None:
    dn = user(admin, "owner")
    own = domain.client("owner@contoso.com", PASSWORD)
    own.bind()
    change = own.extend.microsoft.modify_password
    assert not change(dn, "N3w!Passw0rd", "nonsense")
    assert outcome(own) == (19, "00000056")
    assert change(dn, "N3w!Passw0rd", PASSWORD)
    assert not change(dn, PASSWORD, "N3w!Passw0rd")
    assert outcome(own) == (19, "0000052D")
    assert not own.modify(dn, {"description": [(REPLACE, ["mine"])]})
    assert outcome(own) == (50, "00002098")
    assert domain.client("owner@contoso.com", "N3w!Passw0rd").bind()


def test_a_password_may_have_to_be_changed_at_the_next_logon(domain: Domain, admin: ldap3.Connection) -> None:
    dn = user(admin, "fresh", pwdLastSet=0)
    client = domain.client("fresh@contoso.com", PASSWORD)
    assert not client.bind()
    assert "data 773" in client.result["message"]
    assert admin.modify(dn, {"pwdLastSet": [(REPLACE, [-1])]})
    assert client.bind()
    assert admin.modify(dn, {"unicodePwd": [(REPLACE, [quoted("N3w!Passw0rd")])], "pwdLastSet": [(REPLACE, [0])]})
    assert read(admin, dn, "pwdLastSet") == {"pwdLastSet": [b"0"]}


def test_only_the_administrators_make_and_remove_objects(domain: Domain, admin: ldap3.Connection) -> None:
    dn = user(admin, "kept")
    other = domain.client("operator@contoso.com")
    other.bind()
    assert not other.add(f"CN=new,{UNIT}", "user", {"sAMAccountName": "new"})
    assert outcome(other) == (50, "00000005")
    assert not other.delete(dn)
    assert not other.modify_dn(dn, "CN=x")


def test_a_unit_with_objects_goes_only_as_a_tree(admin: ldap3.Connection) -> None:
    user(admin, "inside")
    assert not admin.delete(UNIT)
    assert outcome(admin) == (66, "00002015")
    assert admin.delete(UNIT, controls=TREE)
    assert read(admin, UNIT) == {}


def test_a_removed_object_is_a_tombstone_for_who_asks(admin: ldap3.Connection) -> None:
    dn = user(admin, "buried")
    guid = read(admin, dn, "objectGUID")["objectGUID"]
    assert admin.delete(dn)
    admin.search(BASE, "(&(isDeleted=TRUE)(sAMAccountName=buried))", attributes=["objectGUID", "lastKnownParent"])
    assert admin.response == []
    admin.search(BASE, "(&(isDeleted=TRUE)(sAMAccountName=buried))", attributes=["objectGUID", "lastKnownParent"], controls=SHOW_DELETED)
    assert dict(admin.response[0]["raw_attributes"]) == {"objectGUID": guid, "lastKnownParent": [UNIT.encode()]}
    user(admin, "buried")


def test_an_object_is_renamed_and_moved(domain: Domain, admin: ldap3.Connection) -> None:
    dn = user(admin, "moved")
    user(admin, "in-the-way")
    guid = read(admin, dn, "objectGUID")
    assert not admin.modify_dn(dn, "CN=in-the-way")
    assert outcome(admin) == (68, "00002071")
    assert admin.modify_dn(dn, "CN=Moved\\, Away", new_superior=f"CN=Users,{BASE}")
    assert read(admin, f"CN=Moved\\, Away,CN=Users,{BASE}", "objectGUID") == guid
    assert admin.delete(f"CN=Moved\\, Away,CN=Users,{BASE}")
    assert not admin.modify_dn(f"CN=Administrator,CN=Users,{BASE}", "CN=Root")
    assert outcome(admin) == (53, "0000055B")


def test_the_feed_tells_what_changed_and_what_went(domain: Domain, admin: ldap3.Connection) -> None:
    directory = domain.forest.directory
    since = directory.usn
    first, second = user(admin, "one"), user(admin, "two")
    admin.modify(first, {"mail": [(REPLACE, ["one@contoso.com"])]})
    admin.delete(second)
    assert [(one.text("sAMAccountName"), one.deleted) for one in directory.changes(since)] == [("one", False), ("two", True)]
    assert directory.changes(directory.usn) == []


def test_a_record_holds_no_password(domain: Domain, admin: ldap3.Connection) -> None:
    dn = user(admin, "recorded")
    admin.modify(dn, {"unicodePwd": [(REPLACE, [quoted("N3w!Passw0rd")])]})
    assert PASSWORD not in str(domain.recorded)
    assert "N3w!" not in str(domain.recorded)
    assert {"operation": "modify", "dn": dn, "changes": [{"replace": "unicodePwd", "values": {"$any": True}}]} in domain.recorded
