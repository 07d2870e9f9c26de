# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which receive connectors the role receive_connectors finds in conflict, which it moves, and what it keeps of them."""

from __future__ import annotations

import typing as t

import pytest
import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.m365.hybrid.plugins.filter.receive_connector_plan import FilterModule
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import connector_copies
from hybridlab.exchange import receive_connectors
from tools import project

PLAN = FilterModule().filters()["receive_connector_plan"]
Row = dict[str, t.Any]
EVERYWHERE = ["::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "0.0.0.0-255.255.255.255"]
DEFAULTS = ["Default", "Client Proxy", "Default Frontend", "Outbound Proxy Frontend", "Client Frontend"]
BOTH = [{"name": name, "is_hub_transport_server": True, "is_frontend_transport_server": True} for name in ("EX01", "EX02")]


def connector(name: str, role: str = "HubTransport", *bindings: str, ranges: t.Sequence[str] = ("10.1.2.0/24",), server: str = "EX01", **more: t.Any) -> Row:
    return {"Name": name, "Server": server, "TransportRole": role, "Bindings": list(bindings), "RemoteIPRanges": list(ranges), "Enabled": True, **more}


FRONT = connector("Default Frontend EX01", "FrontendTransport", "0.0.0.0:25", "[::]:25", ranges=EVERYWHERE)
BACK = connector("Default EX01", "HubTransport", "0.0.0.0:2525", "[::]:2525", ranges=EVERYWHERE)


def plan(*connectors: Row, known: t.Any = BOTH, details: t.Any = (), permissions: t.Any = (), **wishes: t.Any) -> Row:
    reading = {"servers": known, "connectors": {"output": [FRONT, BACK, *connectors]}, "details": details, "permissions": permissions}
    return t.cast(Row, PLAN(reading, {"defaults": DEFAULTS, **wishes}))


def moved(found: Row) -> list[str]:
    return [one["connector"] for one in found["changes"]]


def test_connectors_as_setup_makes_them_are_in_no_conflict() -> None:
    found = plan()
    assert (found["servers"], found["conflicts"], found["changes"], found["left"]) == (["EX01", "EX02"], [], [], [])
    assert [one["default"] for one in found["state"]] == [True, True]


@pytest.mark.parametrize(
    ("binding", "ranges", "shared"),
    [
        ("0.0.0.0:25", ["10.1.2.0/24"], [["10.1.2.0/24", EVERYWHERE[1]]]),
        ("192.168.7.1:25", ["10.1.2.3"], [["10.1.2.3", EVERYWHERE[1]]]),
        ("[::]:25", ["2001:db8::/32", "10.0.0.1-10.0.0.9"], [["2001:db8::/32", EVERYWHERE[0]], ["10.0.0.1-10.0.0.9", EVERYWHERE[1]]]),
        ("[fe80::1]:25", ["10.0.0.0(255.0.0.0)"], [["10.0.0.0(255.0.0.0)", EVERYWHERE[1]]]),
    ],
)
def test_a_port_that_both_services_want_is_a_conflict_and_the_connector_of_hub_transport_moves(binding: str, ranges: list[str], shared: Row) -> None:
    found = plan(connector("Relay", "HubTransport", binding, ranges=ranges))
    (one,) = found["conflicts"]
    assert (one["kind"], one["server"], one["connectors"]) == ("port", "EX01", [r"EX01\Relay", r"EX01\Default Frontend EX01"])
    assert (one["bindings"], one["remote_ip_ranges"], one["why_not"]) == ([binding], shared, "")
    assert "10048" in one["text"]
    assert moved(found) == [r"EX01\Relay"] and found["problems"] == found["left"] == []


def test_ranges_that_no_sender_is_in_both_of_do_not_save_the_port() -> None:
    front = connector("Partners", "FrontendTransport", "192.168.7.1:2600", ranges=["10.0.0.0/8"])
    (one,) = plan(front, connector("Relay", "HubTransport", "0.0.0.0:2600", ranges=["192.168.0.0/16"]))["conflicts"]
    assert one["remote_ip_ranges"] == [] and one["bindings"] == ["0.0.0.0:2600"] and one["change"] == r"EX01\Relay"


def test_a_connector_that_an_interrupted_run_left_waiting_is_no_success() -> None:
    found = plan(connector("Relay", "FrontendTransport", "127.0.0.1:52526"), connector("Scanners", "FrontendTransport", "127.0.0.1:52526", "10.0.0.1:25"))
    assert found["changes"] == [] and len(found["problems"]) == 1
    assert found["problems"][0].startswith(r"EX01\Relay listens on 127.0.0.1:52526, where an interrupted run") and "tasks_from: restore" in found["problems"][0]
    assert not plan(connector("Relay", "FrontendTransport", "127.0.0.1:52526"), keep=["relay"])["problems"]
    assert not plan(connector("Relay", "FrontendTransport", "127.0.0.1:2526"))["problems"]


@pytest.mark.parametrize(
    "other",
    [
        connector("Relay", "HubTransport", "0.0.0.0:26"),  # another port
        connector("Relay", "HubTransport", "0.0.0.0:25", server="EX02"),  # another server
        connector("Relay", "HubTransport", "0.0.0.0:25", Enabled=False),
        connector("Relay", "FrontendTransport", "0.0.0.0:25"),  # within the default's range
    ],
)
def test_what_goes_together_is_no_conflict(other: Row) -> None:
    assert plan(other)["conflicts"] == []


def test_another_address_of_the_server_is_its_own_and_so_is_the_other_kind_of_addresses() -> None:
    assert plan(connector("A", "FrontendTransport", "192.168.7.1:26"), connector("B", "HubTransport", "192.168.7.2:26", "[::]:26"))["conflicts"] == []


def test_a_server_with_one_of_the_services_has_no_conflict_of_services() -> None:
    hub = [{"name": "EX01", "is_hub_transport_server": True, "is_frontend_transport_server": False}]
    reading = {"servers": hub, "connectors": {"output": [connector("Relay", "HubTransport", "0.0.0.0:25")]}}
    found = PLAN(reading, {})
    assert (found["servers"], found["conflicts"]) == ([], [])


def test_a_server_that_does_not_say_what_it_is_is_known_by_its_connectors() -> None:
    assert moved(plan(connector("Relay", "HubTransport", "0.0.0.0:25"), known=[{"name": "ex01"}])) == [r"EX01\Relay"]


def test_a_default_connector_in_conflict_is_reported_and_stays() -> None:
    spoilt = {**BACK, "Bindings": ["0.0.0.0:25"]}
    found = PLAN({"servers": BOTH, "connectors": {"output": [FRONT, spoilt]}}, {"defaults": DEFAULTS})
    assert found["changes"] == found["problems"] == []
    (left,) = found["left"]
    assert left["kind"] == "port" and r"EX01\Default EX01 stays: it is a connector that setup made" in left["text"]


def test_a_connector_that_is_to_be_kept_is_reported_and_stays() -> None:
    relay = connector("Relay", "HubTransport", "0.0.0.0:25")
    for name in ("relay", r"ex01\Relay"):
        found = plan(relay, keep=[name])
        assert found["changes"] == [] and "receive_connectors_keep names it" in found["left"][0]["text"]


@pytest.mark.parametrize(
    ("wishes", "message"),
    [({"keep": ["Relais"]}, "receive_connectors_keep: there is no receive connector relais"), ({"servers": ["EX09"]}, "there is no server ex09")],
)
def test_a_name_that_nothing_answers_to_is_refused(wishes: Row, message: str) -> None:
    found = plan(connector("Relay", "HubTransport", "0.0.0.0:25"), **wishes)
    assert message in " ".join(found["problems"])


def test_only_the_servers_that_are_asked_for_are_looked_at() -> None:
    elsewhere = connector("Default Frontend EX02", "FrontendTransport", "0.0.0.0:25", ranges=EVERYWHERE, server="EX02")
    rows = [elsewhere, *(connector("Relay", "HubTransport", "0.0.0.0:25", server=name) for name in ("EX01", "EX02"))]
    assert moved(plan(*rows)) == [r"EX01\Relay", r"EX02\Relay"]
    assert moved(plan(*rows, servers=["ex02.contoso.com"])) == [r"EX02\Relay"]


def test_ranges_of_one_service_that_cross_are_reported_and_stay() -> None:
    rows = [connector(name, "FrontendTransport", "0.0.0.0:25", ranges=[ranges]) for name, ranges in (("A", "10.0.0.1-10.0.0.9"), ("B", "10.0.0.8/29"))]
    found = plan(*rows)
    (one,) = found["conflicts"]
    assert (one["kind"], one["remote_ip_ranges"], one["change"]) == ("ranges", [["10.0.0.1-10.0.0.9", "10.0.0.8/29"]], "")
    assert found["changes"] == [] and len(found["left"]) == 1


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (connector("Relay", "HubTransport", "0.0.0.0:25", ranges=EVERYWHERE), "both listen on 0.0.0.0:25, and a sender in"),
        (connector("Relay", "HubTransport", "0.0.0.0:25", "0.0.0.0:2525"), r"EX01\Default EX01 of hub transport and EX01\Relay of frontend transport"),
    ],
)
def test_a_move_into_the_next_conflict_is_not_made_and_the_reason_is_given(row: Row, message: str) -> None:
    found = plan(row, connector("Relay", "HubTransport", "192.168.7.1:25", server="EX02"), {**FRONT, "Server": "EX02"})
    assert moved(found) == [r"EX02\Relay"]
    (left,) = found["left"]
    assert r"EX01\Relay stays: as one of frontend transport, " in left["text"] and message in left["text"]


def test_a_connector_cannot_move_where_another_one_stays_on_the_port() -> None:
    rows = [connector("Relay", "HubTransport", "0.0.0.0:25"), connector("Scanners", "HubTransport", "0.0.0.0:25", ranges=["10.1.3.1"])]
    found = plan(*rows, keep=["Scanners"])
    assert (moved(found), found["problems"]) == ([], [])
    assert r"EX01\Relay stays: as one of frontend transport, EX01\Scanners of hub transport" in found["left"][0]["text"]
    assert "receive_connectors_keep names it" in found["left"][1]["text"]


def test_several_connectors_of_a_server_wait_on_ports_of_their_own_until_all_are_moved() -> None:
    rows = [connector(name, "HubTransport", "0.0.0.0:25", ranges=[f"10.1.{place}.0/24"]) for place, name in enumerate(("A", "B"))]
    other = [connector("C", "HubTransport", "0.0.0.0:25", server="EX02"), {**FRONT, "Server": "EX02"}, connector("D", "HubTransport", "0.0.0.0:52525")]
    found = plan(*rows, *other)
    assert [(one["connector"], one["parked"]) for one in found["changes"]] == [
        (r"EX01\A", ["127.0.0.1:52526"]),
        (r"EX01\B", ["127.0.0.1:52527"]),
        (r"EX02\C", []),
    ]


@pytest.mark.parametrize(
    ("reading", "message"),
    [
        ({"output": [connector("Relay", "HubTransport", "25")]}, r"EX01\\Relay: '25' is not an address with a port"),
        ({"output": [connector("Relay", "HubTransport", "0.0.0.0:25", ranges=["everybody"])]}, r"EX01\\Relay: 'everybody' is not an address"),
        ({"output": [connector("Relay", "Edge", "0.0.0.0:25")]}, "'Edge' is no transport role"),
        ({"output": [], "truncated": True}, "only a part of the receive connectors"),
    ],
)
def test_what_cannot_be_read_is_no_answer(reading: Row, message: str) -> None:
    with pytest.raises(AnsibleFilterError, match=message):
        PLAN({"servers": BOTH, "connectors": reading}, {})


def entry(user: str, rights: t.Sequence[str], inherited: bool = False, deny: bool = False, **more: t.Any) -> Row:
    nothing = {"ExtendedRights": None, "Properties": None, "ChildObjectTypes": None, "InheritedObjectType": None, "InheritanceType": "All"}
    return nothing | {"User": user, "AccessRights": list(rights), "IsInherited": inherited, "Deny": deny} | more


ANONYMOUS = r"NT AUTHORITY\ANONYMOUS LOGON"


def test_permissions_become_options_and_inherited_ones_are_left_to_the_parent() -> None:
    found = connector_copies.entry_options(
        [
            entry(ANONYMOUS, ["ExtendedRight"], ExtendedRights=["ms-Exch-SMTP-Accept-Any-Recipient"]),
            entry(ANONYMOUS, ["ExtendedRight"], ExtendedRights=["ms-Exch-Bypass-Anti-Spam"]),
            entry(r"CONTOSO\admins", ["GenericAll"], inherited=True),
            entry(r"CONTOSO\scanner", ["ReadProperty", "WriteProperty"], Properties=["Description", "Member"], InheritanceType="SelfAndChildren"),
            entry(r"CONTOSO\scanner", ["ExtendedRight"], deny=True, ExtendedRights=["Send-As"], InheritedObjectType="user"),
        ]
    )
    scanner: Row = {"user": r"CONTOSO\scanner", "deny": False, "inheritance_type": "self_and_children"}
    assert found == [
        {
            "user": ANONYMOUS,
            "deny": False,
            "inheritance_type": "all",
            "extended_rights": {"add": ["ms-Exch-SMTP-Accept-Any-Recipient", "ms-Exch-Bypass-Anti-Spam"]},
        },
        {**scanner, "property": "Description", "access_rights": {"add": ["read_property", "write_property"]}},
        {**scanner, "property": "Member", "access_rights": {"add": ["read_property", "write_property"]}},
        {
            "user": r"CONTOSO\scanner",
            "deny": True,
            "inheritance_type": "all",
            "inherited_object_type": "user",
            "extended_rights": {"add": ["Send-As"]},
        },
    ]


RELAY = connector("Relay", "HubTransport", "0.0.0.0:25")
RESOURCE = {"name": "Relay", "server": "EX01", "guid": "1", "distinguished_name": "CN=Relay", "permission_groups": ["anonymous_users", "custom"], "fqdn": ""}


def test_what_is_kept_of_a_connector_makes_it_again() -> None:
    item = {"connector": r"EX01\Relay"}
    rights = [entry(ANONYMOUS, ["ExtendedRight"], ExtendedRights=["Send-As"])]
    found = plan(
        RELAY,
        details=[{"item": item, "resource": RESOURCE | {"smtp_utf8_enabled": None}}],
        permissions=[{"item": item, "output": rights}],
    )
    (one,) = found["saved"]
    assert one["options"] == {"name": "Relay", "server": "EX01", "permission_groups": ["anonymous_users"], "fqdn": ""}
    assert [right["identity"] for right in one["permissions"]] == ["CN=Relay"]


@pytest.mark.parametrize(
    ("detail", "permission", "message"),
    [({"resource": {}}, {"output": []}, "not there any more"), ({"resource": RESOURCE}, {"output": [], "truncated": True}, "only a part of the permissions")],
)
def test_a_connector_that_was_read_in_part_is_not_made_again(detail: Row, permission: Row, message: str) -> None:
    item = {"item": {"connector": r"EX01\Relay"}}
    with pytest.raises(AnsibleFilterError, match=message):
        plan(RELAY, details=[item | detail], permissions=[item | permission])


def test_the_role_knows_the_connectors_that_setup_makes() -> None:
    known = yaml.safe_load((project.ROOT / "roles" / "receive_connectors" / "defaults" / "main.yml").read_text(encoding="utf-8"))
    assert known["receive_connectors_default_names"] == [row[0] for row in receive_connectors.DEFAULTS]
