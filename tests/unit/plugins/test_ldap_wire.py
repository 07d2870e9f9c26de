# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The wire to Active Directory: what is repeated and what never is, lists and long attributes, and what does not leave it."""

from __future__ import annotations

import contextlib
import pathlib
import socket
import threading
import time
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core import errors
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Modification, Secret
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import Call, ldap
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires.ldap_link import Link
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires.pool import Unsent
from hybridlab.ad.controller import DomainController
from hybridlab.ad.forest import Forest
from hybridlab.wire import tls
from tests.fake_directory import PASSWORD, USER, DirectoryOnWire, MemoryLink, fake_directory, options
from tests.unit.plugins.valve import Valve

USERS = "CN=Users,DC=contoso,DC=com"
LOST = errors.SessionLost("the connection broke")
Result = tuple[dict[str, t.Any], list[dict[str, t.Any]]]


class Faulty(MemoryLink):
    """A connection that fails as often as the list has failures: before the server got the call, after it did it, or with an answer."""

    def __init__(self, forest: Forest, failures: list[tuple[str, t.Any]]) -> None:
        super().__init__(forest)
        self._failures = failures

    def perform(self, call: Call, work: t.Callable[[t.Any], t.Any]) -> Result:
        failure: t.Any
        when, failure = self._failures.pop(0) if self._failures else ("", None)
        if when == "before":
            self.broken = True
            raise Unsent(failure)
        if when == "answer":
            return failure, []
        found = super().perform(call, work)
        if when == "after":
            self.broken = True
            raise failure
        return found


def wired(*failures: tuple[str, t.Any], **given: t.Any) -> tuple[DirectoryOnWire, Forest, list[str]]:
    """A session with these failures, the forest behind it, and a mark for every connection that was made."""
    forest, made, left = Forest({USER: PASSWORD}), list[str](), list(failures)
    resolved = options(**{"host": ["memory"], "user": USER, "password": PASSWORD} | given)

    def new(order: t.Callable[[], list[str]], prefer: t.Callable[[str], None]) -> Faulty:
        made.append("link")
        return Faulty(forest, left)

    return DirectoryOnWire(ldap.Directory(resolved, new)), forest, made


def contact(session: DirectoryOnWire, name: str = "x") -> None:
    session.add(f"CN={name},{USERS}", {"objectClass": ["contact"]})


def test_a_read_whose_connection_is_lost_is_asked_again_over_another() -> None:
    session, _forest, made = wired(("after", LOST))
    assert session.search(USERS, scope="base").output and len(made) == 2


def test_a_read_that_is_lost_twice_is_reported() -> None:
    session, _forest, _made = wired(("after", LOST), ("after", LOST))
    with pytest.raises(errors.SessionLost):
        session.search(USERS, scope="base")


def test_a_change_whose_fate_is_not_known_is_reported_and_not_sent_again() -> None:
    session, forest, made = wired(("after", LOST))
    with pytest.raises(errors.SessionLost, match="run the task again"):
        contact(session)
    assert forest.directory.find(f"CN=x,{USERS}") is not None and made == ["link"]


def test_a_change_that_never_left_is_sent_over_another_connection() -> None:
    session, forest, made = wired(("before", LOST))
    contact(session)
    assert forest.directory.find(f"CN=x,{USERS}") is not None and len(made) == 2


def test_all_connections_go_to_the_domain_controller_that_serves_the_run() -> None:
    """Another one may not have yet what was written at this one."""
    hosts = ["dc01", "dc02"]
    down: list[str] = []
    made: list[MemoryLink] = []
    forest = Forest({USER: PASSWORD})

    class Placed(MemoryLink):
        def __init__(self, order: t.Callable[[], list[str]], prefer: t.Callable[[str], None]) -> None:
            super().__init__(forest)
            self.host = next(one for one in order() if one not in down)
            prefer(self.host)
            made.append(self)

    wire = ldap.Directory(options(host=hosts, user=USER, password=PASSWORD), Placed)
    session = DirectoryOnWire(wire)
    first = wire._take(Call(), time.monotonic() + 5)
    down.append("dc01")
    contact(session)  # a second connection, as the first is busy; dc01 accepts none
    wire._give_back(first)
    contact(session, "y")
    assert [one.host for one in made] == ["dc01", "dc02"] and first.broken
    assert session.search(f"CN=y,{USERS}", scope="base").output and session.target == "ldap on dc02"


def test_a_busy_server_is_asked_again_until_the_time_is_up() -> None:
    busy = ("answer", {"result": 51, "description": "busy", "message": ""})
    session, forest, _made = wired(busy)
    contact(session)
    assert forest.directory.find(f"CN=x,{USERS}") is not None
    session, forest, _made = wired(busy, busy, retry_timeout=0)
    with pytest.raises(errors.Throttled, match="busy"):
        contact(session)


def test_an_error_names_operation_object_and_server() -> None:
    with pytest.raises(errors.NotFound, match=rf"search CN=nobody,{USERS} failed on ldap on memory: there is no such object"):
        fake_directory().search(f"CN=nobody,{USERS}", scope="base")


def test_all_values_of_a_long_attribute_are_read() -> None:
    session, forest, _made = wired()
    names = [f"m{number}" for number in range(3100)]
    group = forest.make(forest.users, "Many", "group", {"sAMAccountName": "Many"})
    for name in names:
        forest.directory.link(group, "member", forest.make(forest.users, name, "contact"))
    (found,) = session.search(f"CN=Many,{USERS}", scope="base", attributes=("member", "cn")).output
    assert set(found) == {"dn", "member", "cn"} and sorted(found["member"]) == sorted(f"CN={name},{USERS}" for name in names)


def test_a_long_attribute_that_ends_in_the_middle_is_no_list() -> None:
    entry = {"type": "searchResEntry", "dn": "CN=x", "raw_attributes": {"member;range=0-1499": [b"CN=m"]}}
    session, _forest, _made = wired()
    link = t.cast(t.Any, Nothing())
    with pytest.raises(errors.Truncated, match="ended in the middle"):
        session.wired._lengthen(Call(), link, entry, [])


def test_an_object_that_goes_while_it_is_read_is_not_taken_for_one_that_never_was() -> None:
    gone = ("answer", {"result": 32, "description": "noSuchObject", "message": ""})
    session, forest, _made = wired(("", None), gone)
    group = forest.make(forest.users, "Many", "group", {"sAMAccountName": "Many"})
    for number in range(1600):
        forest.directory.link(group, "member", forest.make(forest.users, f"m{number}", "contact"))
    with pytest.raises(errors.Truncated, match="renamed or removed while its member was read"):
        session.search(f"CN=Many,{USERS}", scope="base", attributes=("member",))


class Nothing:
    """A connection whose answers have no entries."""

    def perform(self, call: Call, work: t.Callable[[t.Any], t.Any]) -> Result:
        return {"result": 0, "description": "success"}, []


@pytest.mark.parametrize("limit", [None, 4, 5, 6, 12, 13])
def test_a_list_is_whole_or_said_not_to_be(limit: int | None) -> None:
    session, _forest, _made = wired(page_size=5)
    for number in range(12):
        contact(session, f"c{number}")
    found = session.search(USERS, "(objectClass=contact)", limit=limit)
    assert len(found.output) == min(limit or 12, 12) and found.truncated is (limit is not None and limit < 12)


@pytest.mark.parametrize(
    ("given", "base"),
    [({}, "DC=contoso,DC=com"), ({"tcp_port": 3269}, ""), ({"tcp_port": 3268, "encryption": "starttls"}, ""), ({"tcp_port": 3269, "base": "DC=x"}, "DC=x")],
)
def test_the_global_catalogue_is_asked_about_the_whole_forest(given: dict[str, t.Any], base: str) -> None:
    session, forest, _made = wired(**given)
    link = MemoryLink(forest)
    link.open(Call())
    assert session.wired._place(Call(), link, None) == base and session.wired._place(Call(), link, "configuration") == f"CN=Configuration,{forest.domain_dn}"


def test_a_password_leaves_only_where_encryption_protects_it() -> None:
    session, forest, _made = wired(auth="kerberos", encryption="none")
    with pytest.raises(errors.ProtectionNeeded, match="nothing was sent"):
        session.modify(f"CN=Administrator,{USERS}", [Modification("replace", "unicodePwd", [Secret("N3w.Passw0rd")])])
    session, forest, _made = wired()
    session.modify(f"CN=Administrator,{USERS}", [Modification("replace", "unicodePwd", [Secret("N3w.Passw0rd")])])
    assert forest.accounts.authenticate(f"{USER}@contoso.com", "N3w.Passw0rd")


def test_passwords_that_a_directory_shows_are_not_passed_on() -> None:
    session, _forest, _made = wired()
    raw = {"cn": [b"PC1"], "ms-Mcs-AdmPwd": [b"local"], "msLAPS-Password": [b"{}"], "msFVE-RecoveryPassword": [b"1"], "USERPASSWORD": [b"x"]}
    shown = session.wired._entries(Call(), t.cast(t.Any, Nothing()), [{"dn": "CN=PC1", "raw_attributes": raw}], ["*"])
    assert shown == [{"dn": "CN=PC1", "cn": ["PC1"]}]


def test_a_value_that_is_not_what_the_schema_says_is_shown_as_it_is() -> None:
    session, _forest, _made = wired()
    raw = {"userAccountControl": [b"many"], "objectGUID": [b"short"], "description": [b"\xff\xfe"], "accountExpires": [b"9223372036854775806"]}
    (shown,) = session.wired._entries(Call(), t.cast(t.Any, Nothing()), [{"dn": "CN=x", "raw_attributes": raw}], ["USERACCOUNTCONTROL"])
    assert shown == {
        "dn": "CN=x",
        "USERACCOUNTCONTROL": ["bWFueQ=="],
        "objectGUID": ["c2hvcnQ="],
        "description": ["//4="],
        "accountExpires": [9223372036854775806],
    }


def test_the_broker_gets_no_other_operation_through() -> None:
    session, _forest, _made = wired()
    with pytest.raises(errors.UsageError, match="no operation of a directory"):
        session.wired.operate(Call(), "close", {})
    with pytest.raises(errors.UsageError, match="knows no cmdlets"):
        session.wired.invoke(Call(), "Get-Mailbox", {}, None)


@contextlib.contextmanager
def controller(folder: pathlib.Path, password: str = PASSWORD) -> t.Iterator[DomainController]:
    found = DomainController(Forest({USER: password}), lambda operation, details: None)
    authority = tls.Authority()
    authority.pair.write(folder / "ca.pem")
    authority.server().write(folder / "server.pem", folder / "server.key")
    found.start(tls.server_context(folder / "server.pem", folder / "server.key", folder / "ca.pem"))
    try:
        yield found
    finally:
        found.stop()


@contextlib.contextmanager
def connected(folder: pathlib.Path, port: int, **given: t.Any) -> t.Iterator[DirectoryOnWire]:
    known = {"host": ["localhost"], "tcp_port": port, "user": f"{USER}@contoso.com", "password": PASSWORD, "ca_cert": str(folder / "ca.pem")}
    wire = t.cast(ldap.Directory, ldap.open_wire(options(**known | given)))
    try:
        wire.open()
        yield DirectoryOnWire(wire)
    finally:
        wire.close()


def test_a_connection_that_the_server_closed_is_noticed_before_a_change_is_sent(tmp_path: pathlib.Path) -> None:
    with controller(tmp_path) as server, connected(tmp_path, server.ldaps_port) as session:
        for one in list(server._servers[0].open):
            one.shutdown(socket.SHUT_RDWR)
        time.sleep(0.05)
        contact(session)
        assert server.forest.directory.find(f"CN=x,{USERS}") is not None and session.wired.opened == 2


def test_a_password_is_sent_as_it_is(tmp_path: pathlib.Path) -> None:
    password = "Pass\u00bdw\u00aard-\u2168"  # the preparation that other directories ask for would make 1/2, a and IX of it
    with controller(tmp_path, password) as server, connected(tmp_path, server.ldaps_port, password=password) as session:
        assert session.search(USERS, scope="base").output


def test_a_call_ends_in_time_though_the_server_hangs(tmp_path: pathlib.Path) -> None:
    with controller(tmp_path) as server:
        valve = Valve(server.ldaps_port)
        with contextlib.closing(valve), connected(tmp_path, valve.port) as session:
            valve.hang()
            began = time.monotonic()
            with pytest.raises(errors.TimedOut, match=r"no end after 0\.5 seconds"):
                session.wired.operate(Call(0.5), "delete", {"name": f"CN=x,{USERS}", "tree": False})
            assert time.monotonic() - began < 15
            valve.flow()
            assert session.search(USERS, scope="base").output


def test_a_call_ends_when_its_client_goes_away(tmp_path: pathlib.Path) -> None:
    with controller(tmp_path) as server:
        valve = Valve(server.ldaps_port)
        with contextlib.closing(valve), connected(tmp_path, valve.port) as session:
            valve.hang()
            call = Call(60)
            call.cancel()
            with pytest.raises(errors.TimedOut, match="the client went away"):
                session.wired.operate(call, "delete", {"name": f"CN=x,{USERS}", "tree": False})


def test_a_server_that_does_not_answer_the_handshake_is_given_up(tmp_path: pathlib.Path) -> None:
    with controller(tmp_path) as server:
        valve = Valve(server.ldaps_port)
        valve.hang()
        with contextlib.closing(valve), pytest.raises(errors.Unreachable), connected(tmp_path, valve.port, connect_timeout=1):
            pass


def test_a_server_may_take_longer_to_answer_than_to_accept_a_connection(tmp_path: pathlib.Path) -> None:
    with controller(tmp_path) as server:
        valve = Valve(server.ldaps_port)
        with contextlib.closing(valve), connected(tmp_path, valve.port, connect_timeout=1) as session:
            valve.hang()
            threading.Timer(1.2, valve.flow).start()
            assert session.search(USERS, scope="base").output and session.wired.opened == 1


def test_the_certificate_must_carry_the_name_that_was_given_for_it(tmp_path: pathlib.Path) -> None:
    with controller(tmp_path) as server:
        with connected(tmp_path, server.ldaps_port, certificate_name="localhost") as session:
            assert session.search(USERS, scope="base").output
        for encryption, port in (("ldaps", server.ldaps_port), ("starttls", server.ldap_port)):
            with (
                pytest.raises(errors.Untrusted, match="Hostname mismatch"),
                connected(tmp_path, port, certificate_name="dc01.fabrikam.com", encryption=encryption),
            ):
                pass


def test_a_refused_login_is_tried_at_one_server_only() -> None:
    asked = []

    class Refusing:
        def connected(self, host: str) -> t.Any:
            asked.append(host)
            raise errors.Unreachable("down", target=host) if host == "dc01" else errors.LoginRefused("the password is wrong", target=host)

    link = Link(t.cast(t.Any, Refusing()), lambda: ["dc01", "dc02", "dc03"], asked.append)
    with pytest.raises(errors.LoginRefused):
        link.open(Call())
    assert asked == ["dc01", "dc02"]


def test_a_missing_authority_is_a_sentence(tmp_path: pathlib.Path) -> None:
    with pytest.raises(errors.UsageError, match="m365_ldap_ca_cert cannot be used"), connected(tmp_path, 1, ca_cert=str(tmp_path / "none.pem")):
        pass
