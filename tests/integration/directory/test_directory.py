# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The same cases on the lab's directory in memory and on a real Samba domain controller: what passes on both is no invention of ours."""

from __future__ import annotations

import pathlib
import time
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import (
    BadParameter,
    Elsewhere,
    LoginRefused,
    NotFound,
    PasswordRefused,
    Unreachable,
    Untrusted,
    UsageError,
    WriteInCheckMode,
)
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Modification, Secret
from ansible_collections.m365.hybrid.plugins.plugin_utils.surroundings import named
from hybridlab.faults import Faults
from tests import scenarios
from tests.fake_directory import DirectoryOnWire
from tests.integration.directory.conftest import Place

BASE = "DC=contoso,DC=com"
USERS = f"CN=Users,{BASE}"
PASSWORD = "Analytical-Engine-1843"


def user(session: DirectoryOnWire, name: str, **more: t.Any) -> str:
    """Make an enabled user; the distinguished name."""
    given: dict[str, t.Any] = {
        "objectClass": ["user"],
        "sAMAccountName": [name],
        "userPrincipalName": [f"{name}@contoso.com"],
        "unicodePwd": [Secret(PASSWORD)],
    }
    session.add(f"CN={name},{USERS}", given | {"userAccountControl": [512]} | more)
    return f"CN={name},{USERS}"


def task(session: DirectoryOnWire, module: str, /, **options: t.Any) -> dict[str, t.Any]:
    bound = scenarios.module(module).bound(options, named)
    return bound.run(lambda: t.cast(t.Any, session), Task(bound.validate(options), verbosity=1))


@pytest.mark.parametrize("path", scenarios.directory(), ids=lambda path: path.stem)
def test_scenario(path: pathlib.Path, place: Place) -> None:
    scenario = scenarios.load(path)
    if place.name == "samba":
        scenario["steps"] = [step for step in scenario["steps"] if step.get("samba", True)]
    with place.session() as session:
        scenarios.run(scenario, scenarios.Lab(session, Faults(), session))


def test_values_are_typed_by_the_schema(place: Place) -> None:
    with place.session() as session:
        name = user(session, "ada", displayName=["Ada ❤ (Countess) \\ \u202e"], otherTelephone=["2", "1"], logonHours=[b"\xff" * 21])
        (found,) = session.search(name, scope="base", attributes=("*", "canonicalName")).output
        assert (found["displayName"], sorted(found["otherTelephone"])) == (["Ada ❤ (Countess) \\ \u202e"], ["1", "2"])
        assert found["userAccountControl"] == [512] and found["accountExpires"] == ["never"]
        assert found["logonHours"] == ["/" * 28] and found["canonicalName"] == ["contoso.com/Users/ada"]
        assert found["whenCreated"][0].endswith("Z") and found["pwdLastSet"][0][:2] == "20"
        assert len(found["objectGUID"][0]) == 36 and found["objectSid"][0].startswith("S-1-5-21-")
        assert not {"unicodePwd", "ntPwdHistory", "supplementalCredentials"} & set(found)
        assert session.search(f"<GUID={found['objectGUID'][0]}>", scope="base").output[0]["dn"] == name
        assert session.search(f"<SID={found['objectSid'][0]}>", scope="base").output[0]["dn"] == name


def test_an_attribute_that_the_table_does_not_know_is_looked_up(place: Place) -> None:
    with place.session() as session:
        root = session.search("", scope="base", attributes=("domainFunctionality", "highestCommittedUSN")).output[0]
        assert isinstance(root["highestCommittedUSN"][0], int)
        found = session.search(None, "(objectClass=domainDNS)", scope="base", attributes=("lockoutThreshold", "systemFlags", "modifiedCount")).output[0]
        assert isinstance(found["lockoutThreshold"][0], int)


def test_a_list_comes_page_by_page(place: Place) -> None:
    with place.session(page_size=7) as session:
        for number in range(20):
            session.add(f"CN=c{number:02},{USERS}", {"objectClass": ["contact"]})
        found = session.search(USERS, "(objectClass=contact)", attributes=("cn",))
        assert sorted(one["cn"][0] for one in found.output) == [f"c{number:02}" for number in range(20)] and not found.truncated
        some = session.search(USERS, "(objectClass=contact)", attributes=("cn",), limit=5)
        assert len(some.output) == 5 and some.truncated
        exact = session.search(USERS, "(objectClass=contact)", attributes=("cn",), limit=20)
        assert len(exact.output) == 20 and not exact.truncated


def test_members_beyond_what_a_server_gives_at_once_are_all_read(place: Place) -> None:
    count = 1600 if place.name == "memory" else 40  # Samba gives any number at once, and is slow in making so many
    with place.session() as session:
        members = [f"CN=m{number},OU=Many,{BASE}" for number in range(count)]
        session.add(f"OU=Many,{BASE}", {"objectClass": ["organizationalUnit"]})
        for name in members:
            session.add(name, {"objectClass": ["contact"]})
        session.add(f"CN=Many,{USERS}", {"objectClass": ["group"], "sAMAccountName": ["Many"], "member": members[: count // 2]})
        session.modify(f"CN=Many,{USERS}", [Modification("add", "member", members[count // 2 :])])
        (found,) = session.search(f"CN=Many,{USERS}", scope="base", attributes=("member", "cn")).output
        assert sorted(found["member"]) == sorted(members) and found["cn"] == ["Many"]
        before = len(session.calls)
        result = task(session, "ad_group", identity="Many", members={"remove": members[:10], "add": ["Administrator"]})
        assert result["changed"], result
        assert result["calls"]["modify"] == 1 and len(session.calls) - before == sum(result["calls"].values())
        assert not task(session, "ad_group", identity="Many", members={"remove": members[:10], "add": ["Administrator"]})["changed"]


def test_what_is_absent_and_what_is_not_known(place: Place) -> None:
    with place.session() as session:
        for absent in (f"CN=nobody,{USERS}", f"CN=nobody,OU=Nowhere,{BASE}", "<GUID=4b1e1a2c-55e0-4f3a-9a26-0d0f5d7c1f10>", "<SID=S-1-5-21-1-2-3-4>"):
            with pytest.raises(NotFound):
                session.search(absent, scope="base")
        with pytest.raises(Elsewhere):
            session.search("CN=nobody,DC=elsewhere,DC=test", scope="base")
        with pytest.raises(BadParameter):
            session.search(f"OU=Nowhere,{BASE}", "(objectClass=user)")
        with pytest.raises(BadParameter):
            session.search(None, "(objectClass=user")


def test_a_password_is_never_sent_without_protection(place: Place) -> None:
    with pytest.raises(UsageError, match="clear text"), place.session(encryption="none"):
        pass


def test_start_tls_protects_as_well(place: Place) -> None:
    with place.session(encryption="starttls", tcp_port=place.clear_port) as session:
        name = user(session, "ada")
        session.modify(name, [Modification("replace", "unicodePwd", [Secret("Difference-Engine-1822")])])
        with place.session(user="ada@contoso.com", password="Difference-Engine-1822") as own:
            assert own.search(name, scope="base", attributes=("cn",)).output


def test_a_server_that_nobody_vouches_for_is_refused(place: Place, tmp_path: pathlib.Path) -> None:
    from hybridlab.wire import tls

    tls.Authority().pair.write(tmp_path / "other.pem")
    for encryption, port in (("ldaps", place.options.get("tcp_port")), ("starttls", place.clear_port)):
        with pytest.raises(Untrusted, match="m365_ldap_ca_cert"), place.session(ca_cert=str(tmp_path / "other.pem"), encryption=encryption, tcp_port=port):
            pass


def test_a_certificate_of_another_name_is_refused_and_the_right_name_takes_the_hosts_place(place: Place) -> None:
    with pytest.raises(Untrusted, match=r"other\.contoso\.com"), place.session(certificate_name="other.contoso.com"):
        pass
    with place.session(certificate_name="dc01.contoso.com") as session:
        assert session.search("", scope="base").output
    pem = pathlib.Path(place.options["ca_cert"]).read_text(encoding="utf-8")
    with place.session(ca_cert=pem) as session:
        assert session.search("", scope="base").output


def test_a_refused_login_says_why_and_is_not_tried_again(place: Place) -> None:
    with place.session() as session:
        name = user(session, "ada")
        session.modify(name, [Modification("replace", "userAccountControl", [514])])
    with pytest.raises(LoginRefused, match="the user name or the password is wrong") as caught, place.session(password="wrong"):
        pass
    assert "not tried again" in caught.value.advice and "wrong" not in str(caught.value).replace("password is wrong", "")
    with pytest.raises(LoginRefused, match="the account is disabled"), place.session(user="ada@contoso.com", password=PASSWORD):
        pass


def test_a_password_that_breaks_a_rule_is_told_apart(place: Place) -> None:
    with place.session() as session:
        name = user(session, "ada")
        with pytest.raises(PasswordRefused):
            session.modify(name, [Modification("replace", "unicodePwd", [Secret("a")])])


def test_the_next_server_of_the_list_serves_when_the_first_is_not_there(place: Place) -> None:
    there = place.options["host"][0]
    with place.session(host=["127.0.0.99" if there == "127.0.0.1" else "127.0.0.98", there]) as session:
        assert session.target == f"ldap on {there}"
    began = time.monotonic()
    with pytest.raises(Unreachable, match=r"127\.0\.0\.98.*127\.0\.0\.99"), place.session(host=["127.0.0.98", "127.0.0.99"]):
        pass
    assert time.monotonic() - began < 30


def test_deleted_objects_are_seen_when_asked_for(place: Place) -> None:
    with place.session() as session:
        name = user(session, "ada")
        (found,) = session.search(name, scope="base", attributes=("objectGUID",)).output
        session.delete(name)
        text = "(&(isDeleted=TRUE)(sAMAccountName=ada))"
        assert not session.search(None, text).output
        (gone,) = session.search(None, text, attributes=("objectGUID", "isDeleted"), deleted=True).output
        assert gone["objectGUID"] == found["objectGUID"] and gone["isDeleted"] == [True]


def test_many_users_at_once(place: Place) -> None:
    """What `bulk` does: one list, every user planned over it, one outcome for each."""
    objects = [{"identity": f"user{number}", "user_principal_name": f"user{number}@contoso.com", "department": "New"} for number in range(30)]
    with place.session() as session:
        first = task(session, "bulk", module="ad_user", objects=objects)
        assert first["counts"]["created"] == 30, first["msg"]
        changed = [{**one, "department": "Newer"} for one in objects[:29]] + [{"identity": "user29", "manager": "nobody"}]
        second = task(session, "bulk", module="ad_user", objects=changed, read="list")
        assert (second["counts"]["updated"], second["counts"]["failed"]) == (29, 1) and "there is no nobody" in second["msg"]
        third = task(session, "bulk", module="ad_user", objects=changed[:29], read="list")
        assert third["counts"]["unchanged"] == 29 and set(third["calls"]) == {"search"} and third["calls"]["search"] <= 2


def test_what_is_exported_changes_nothing_where_it_came_from(place: Place) -> None:
    with place.session() as session:
        manager = user(session, "ada", department=["Mathematics"], proxyAddresses=["SMTP:ada@contoso.com"])
        user(session, "charles", manager=[manager])
        session.add(f"CN=Pilots,{USERS}", {"objectClass": ["group"], "sAMAccountName": ["Pilots"], "member": [manager]})
        session.add(f"OU=Rooms,{BASE}", {"objectClass": ["organizationalUnit"], "description": ["Rooms"]})
        session.add(f"CN=Edsger,OU=Rooms,{BASE}", {"objectClass": ["contact"], "mail": ["edsger@fabrikam.com"]})
        for module, names in {
            "ad_user": {"ada", "charles"},
            "ad_group": {"Pilots"},
            "ad_organizational_unit": {f"OU=Rooms,{BASE}"},
            "ad_contact": {f"CN=Edsger,OU=Rooms,{BASE}"},
        }.items():
            found = task(session, "export", module=module)
            assert names <= {one["identity"] for one in found["objects"]}, found
            again = task(session, "bulk", module=module, objects=found["objects"])
            assert again["counts"]["unchanged"] == len(found["objects"]), again["msg"]


def test_every_operation_is_counted_and_check_mode_writes_nothing(place: Place) -> None:
    with place.session() as session:
        tally = engine.Tally(t.cast(t.Any, session), check_mode=True)
        writes: list[t.Callable[[], t.Any]] = [
            lambda: tally.add(f"CN=x,{USERS}", {"objectClass": ["contact"]}),
            lambda: tally.modify(USERS, []),
            lambda: tally.delete(f"CN=x,{USERS}"),
            lambda: tally.rename(f"CN=x,{USERS}", "CN=y"),
        ]
        for write in writes:
            with pytest.raises(WriteInCheckMode):
                write()
        assert {operation for operation, _about in session.calls} <= {"search"}
