# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of connectors, policies and servers that are written otherwise than they are shown; credentials and keys that are never shown."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import opath
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.bindings import Listener, binding, bounds, conflict
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.connector import certificate
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.containers import canonical
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.receive_connector import capabilities
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.send_connector import UNNAMED, address_space, smart_host, user_of
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.server import product_key
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.sharing_policy import line
from hybridlab.exchange import Exchange
from hybridlab.faults import Faults
from tests import scenarios
from tests.fake_session import FakeSession

PASSWORD = "Pa55-of-the-provider"
KEY = "STAND-00000-00000-00000-00000"


def run(name: str, product: Exchange, options: dict[str, t.Any]) -> Result:
    module = scenarios.module(name)
    return module.run(lambda: FakeSession(product), Task(module.validate(options), diff=True, verbosity=3))


@pytest.mark.parametrize(
    ("written", "shown"),
    [("0.0.0.0:25", "0.0.0.0:25"), ("[2001:DB8:0::1]:0587", "[2001:db8::1]:587"), (" [::]:25 ", "[::]:25"), ("::1:25", "[::1]:25")],
)
def test_bindings_have_one_form(written: str, shown: str) -> None:
    assert binding(written) == shown == binding(shown)


@pytest.mark.parametrize("wrong", ["0.0.0.0", "0.0.0.0:0", "0.0.0.0:70000", "host:25", "", "0.0.0.0:²"])
def test_what_is_no_binding_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="is not an address with a port"):
        binding(wrong)


def test_spellings_of_a_range_are_equal() -> None:
    assert bounds("10.0.0.0/8") == bounds("10.0.0.0-10.255.255.255") == bounds("10.0.0.0(255.0.0.0)")
    assert bounds("::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff") == bounds("::/0") != bounds("0.0.0.0/0")


@pytest.mark.parametrize("wrong", ["0.0.0.1-::5", "10.0.0.9-10.0.0.1", "10.0.0.0/33", "host", "", "10.0.0.0(255.0.255.0)"])
def test_what_is_no_range_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="is not an address, a network"):
        bounds(wrong)


def test_an_address_space_has_type_and_cost() -> None:
    assert [address_space(one) for one in ("contoso.com", "*;5", "x400:c=us;1")] == ["SMTP:contoso.com;1", "SMTP:*;5", "X400:c=us;1"]
    assert [smart_host(one) for one in ("192.0.2.1", "[192.0.2.1]", "mail.example")] == ["[192.0.2.1]", "[192.0.2.1]", "mail.example"]


def test_the_user_of_a_credential() -> None:
    assert (user_of(None), user_of("relay"), user_of({"UserName": "relay", "Password": None})) == ("", "relay", "relay")
    assert user_of("System.Management.Automation.PSCredential") == user_of({"Password": None}) == UNNAMED


def test_a_filter_is_the_same_in_any_spelling() -> None:
    assert opath.key("((Department -eq 'Sales') -and (Title -ne $null))") == opath.key('Department -EQ "sales"  -and Title -ne $Null')
    assert opath.key("A -eq '1' -and (B -eq '2' -and C -eq '3')") == opath.key("A -eq '1' -and B -eq '2' -and C -eq '3'")
    assert opath.key("A -eq '1' -or B -eq '2' -and C -eq '3'") != opath.key("(A -eq '1' -or B -eq '2') -and C -eq '3'")
    assert opath.key("-not (A -eq 'O''Brien')") == opath.key('-not A -eq "O\'Brien"')


@pytest.mark.parametrize("text", ["", "(", "A -eq", "'", "A -eq 'x') -and", "A -eq 'x' B"])
def test_a_filter_that_is_none_is_its_own_text(text: str) -> None:
    assert opath.key(text) == opath.key(f" {text.upper()} ") == text.casefold()


def test_what_is_shared_has_one_order() -> None:
    assert line("adatum.com: ContactsSharing,calendarsharingfreebusysimple") == "adatum.com:CalendarSharingFreeBusySimple, ContactsSharing"
    assert line("Anonymous") == "Anonymous"


def test_a_product_key_has_a_form() -> None:
    assert product_key(KEY.lower()) == KEY
    with pytest.raises(ValueError, match="not of the form") as error:
        product_key("STAND-secret")
    assert "secret" not in str(error.value)


def test_a_password_is_in_no_result() -> None:
    product = Exchange()
    options = {"name": "Relay", "address_spaces": ["*"], "authentication_user": "relay", "authentication_password": PASSWORD}
    for more in ({}, {"update_password": "always"}):
        result = run("exchange_send_connector", product, options | more)
        assert result["changed"] and PASSWORD not in json.dumps(result)
    assert PASSWORD not in json.dumps(product.calls)


def test_a_product_key_is_in_no_result() -> None:
    product = Exchange()
    result = run("exchange_server", product, {"name": "EX02", "product_key": KEY})
    assert result["changed"] and result["warnings"] and KEY not in json.dumps(result) + json.dumps(product.calls)


def test_a_user_that_the_server_does_not_name_is_not_written_again() -> None:
    product = Exchange()
    options = {"name": "Relay", "address_spaces": ["*"], "authentication_user": "relay", "authentication_password": PASSWORD}
    run("exchange_send_connector", product, options)
    connector = next(iter(product.objects["SendConnector"]))
    connector.values["AuthenticationCredential"] = UNNAMED
    assert not run("exchange_send_connector", product, options)["changed"]


def test_a_new_receive_connector_says_what_it_is_used_for() -> None:
    product = Exchange()
    run("exchange_receive_connector", product, {"name": "Relay", "bindings": ["10.0.0.5:26"], "remote_ip_ranges": ["10.0.0.0/8"]})
    (made,) = [parameters for cmdlet, parameters in product.calls if cmdlet == "New-ReceiveConnector"]
    assert made["Usage"] == "Custom" and "TransportRole" not in made


@pytest.mark.parametrize(("option", "value"), [("auth_tarpit_interval", "00:00:05"), ("reject_single_label_recipient_domains", True)])
def test_what_a_version_lacks_is_refused_before_there_is_a_connector(option: str, value: t.Any) -> None:
    product = Exchange("2013")
    result = run("exchange_receive_connector", product, {"name": "Relay", "bindings": ["10.0.0.5:26"], "remote_ip_ranges": ["10.0.0.0/8"], option: value})
    assert result["failed"] and "exists on Exchange 2016 2019 SE only" in result["msg"].replace(",", "")
    assert not [one for one in product.objects["ReceiveConnector"] if one.name == "Relay"]


def test_a_certificate_is_named_by_issuer_and_subject() -> None:
    assert certificate(" <I>CN=CA, O=x<S>CN=mail.example ") == "<I>CN=CA, O=x<S>CN=mail.example" == certificate("<I>CN=CA, O=x<S>CN=mail.example")
    assert certificate(None) == certificate("") == ""
    for wrong in ("CN=mail.example", "<I><S>", "<S>CN=a<I>CN=b"):
        with pytest.raises(ValueError, match="is not the name of a certificate"):
            certificate(wrong)


def test_what_is_granted_has_one_form() -> None:
    assert capabilities("contoso.com: B, a") == capabilities("contoso.com:a,B") == "contoso.com:a,B"
    for wrong in ("contoso.com", ":a", "contoso.com:", ""):
        with pytest.raises(ValueError, match="is not a domain with what is granted"):
            capabilities(wrong)


def test_every_server_with_a_copy_is_a_databases_server() -> None:
    product = Exchange()
    product.databases.one("DB01").values["Servers"] = ["EX01", "EX02"]
    for server in ("EX02", "ex02.contoso.com", "EX01"):
        result = run("exchange_mailbox_database", product, {"name": "DB01", "server": server})
        assert not result.get("failed") and not result["changed"] and result["resource"]["server"] == "EX01"
    assert run("exchange_mailbox_database", product, {"name": "DB02", "server": "EX02"})["failed"]


@pytest.mark.parametrize(("options", "asked"), [({}, None), ({"mount_at_startup": True}, None), ({"mounted": True}, True), ({"mounted": False}, True)])
def test_a_databases_status_is_asked_for_only_where_it_matters(options: dict[str, t.Any], asked: bool | None) -> None:
    product = Exchange()
    module = scenarios.module("exchange_mailbox_database")
    module.run(lambda: FakeSession(product), Task(module.validate({"name": "DB01", **options}), check_mode=True))
    assert [parameters.get("Status") for _cmdlet, parameters in product.calls] == [asked]


def test_an_organizational_unit_has_one_form() -> None:
    assert canonical("OU=North\\, Old,ou=Sales, dc=contoso,DC=com") == "contoso.com/Sales/North, Old" == canonical("contoso.com/Sales/North, Old/")
    assert canonical("OU=a/b,DC=contoso,DC=com") == "contoso.com/a\\/b"
    assert canonical("DC=contoso,DC=com") == canonical("contoso.com/") == "contoso.com"
    assert canonical(None) == canonical("") == ""
    with pytest.raises(ValueError, match="is not an organizational unit"):
        canonical("Sales")


def test_an_action_that_only_the_server_knows_is_shown() -> None:
    assert line("adatum.com:ContactsSharing, TasksSharing") == "adatum.com:ContactsSharing, TasksSharing"


FRONTEND = Listener("Frontend", "frontend_transport", ["[::]:25", "0.0.0.0:25"], ["::/0", "0.0.0.0/0"])


@pytest.mark.parametrize(
    ("role", "binding", "ranges", "why"),
    [
        ("hub_transport", "0.0.0.0:25", ["10.0.0.1"], "two transport services cannot share a port"),
        ("hub_transport", "192.0.2.1:25", ["10.0.0.1"], "two transport services"),
        ("hub_transport", "[2001:db8::1]:25", ["::1"], "two transport services"),
        ("hub_transport", "0.0.0.0:26", ["0.0.0.0/0"], None),
        ("frontend_transport", "0.0.0.0:25", ["10.0.0.0/8"], None),
        ("frontend_transport", "192.0.2.1:25", ["0.0.0.0/0"], None),
        ("frontend_transport", "0.0.0.0:25", ["10.0.0.0/8", "0.0.0.0-255.255.255.255"], "cannot be told from 0.0.0.0/0 of Frontend"),
        ("frontend_transport", "0.0.0.0:2525", ["0.0.0.0/0"], None),
    ],
)
def test_connectors_that_a_server_cannot_have_together(role: str, binding: str, ranges: list[str], why: str | None) -> None:
    found = conflict(Listener("Mine", role, [binding], ranges), [FRONTEND])
    assert found is None if why is None else why in (found or "")


def test_bindings_of_other_kinds_of_addresses_do_not_meet() -> None:
    other = Listener("Other", "hub_transport", ["[::]:25"], ["::/0"])
    assert conflict(Listener("Mine", "frontend_transport", ["0.0.0.0:25"], ["0.0.0.0/0"]), [other]) is None
    assert conflict(Listener("Mine", "frontend_transport", ["192.0.2.1:25"], ["0.0.0.0/0"]), [Listener("O", "hub_transport", ["192.0.2.2:25"], [])]) is None


@pytest.mark.parametrize(
    ("mine", "theirs", "told_apart"),
    [
        ("10.0.0.0-10.0.0.9", "10.0.0.5-10.0.0.15", False),
        ("10.0.0.5-10.0.0.15", "10.0.0.0-10.0.0.9", False),
        ("10.0.0.0-10.0.0.9", "10.0.0.9-10.0.0.15", False),
        ("10.0.0.0-10.0.0.9", "10.0.0.9-10.0.0.9", True),
        ("10.0.0.9", "10.0.0.0-10.0.0.9", True),
        ("10.0.0.0-10.0.0.8", "10.0.0.9-10.0.0.15", True),
        ("10.0.0.0/8", "10.0.0.0-10.255.255.255", False),
        ("::/0", "0.0.0.0/0", True),
    ],
)
def test_ranges_that_tell_connectors_apart(mine: str, theirs: str, told_apart: bool) -> None:
    one, two = (Listener(name, "hub_transport", ["0.0.0.0:25"], [ranges]) for name, ranges in (("Mine", mine), ("Theirs", theirs)))
    assert (conflict(one, [two]) is None) is told_apart


def test_a_conflict_is_seen_in_check_mode_and_disabled_connectors_are_in_nobodys_way() -> None:
    product = Exchange()
    module = scenarios.module("exchange_receive_connector")
    options = {"name": "Relay", "server": "EX01", "bindings": ["0.0.0.0:25"], "remote_ip_ranges": ["10.0.0.1"]}
    for more, failed in (({}, True), ({"transport_role": "frontend_transport"}, False), ({"enabled": False}, False)):
        checked = module.run(lambda: FakeSession(product), Task(module.validate(options | more), check_mode=True))
        assert bool(checked.get("failed")) is failed, checked
    for one in product.objects["ReceiveConnector"]:
        one.values["Enabled"] = False
    assert not module.run(lambda: FakeSession(product), Task(module.validate(options), check_mode=True)).get("failed")


def test_a_list_of_connectors_that_is_cut_short_is_no_basis() -> None:
    faults = Faults()
    product = Exchange(faults=faults)
    faults.arm(name="truncated-list", keep=1)
    options = {"name": "Relay", "server": "EX01", "bindings": ["0.0.0.0:25"], "remote_ip_ranges": ["10.0.0.1"], "transport_role": "frontend_transport"}
    assert run("exchange_receive_connector", product, options)["error"]["class"] == "Truncated"
