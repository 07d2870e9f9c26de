# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The export of an estate: what is read through which hosts, what is derived from answers, and how the file says it."""

from __future__ import annotations

import json
import typing as t

import hypothesis
import pytest
import yaml
from hypothesis import strategies

from ansible_collections.m365.hybrid.plugins.filter.estate_export import FilterModule
from ansible_collections.m365.hybrid.plugins.plugin_utils import estate_derived, estate_yaml
from tools import project

FILTERS = FilterModule().filters()
TABLE = yaml.safe_load((project.ROOT / "roles" / "hybrid_estate" / "vars" / "main.yml").read_text(encoding="utf-8"))["__hybrid_estate_areas"]
SPECS = yaml.safe_load((project.ROOT / "roles" / "estate_export" / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
GROUPS = {name: [f"{name}01", f"{name}02"] for name in ("exchange", "exchange_online", "entra", "directory", "directory_sync", "skype", "adfs", "wap")}
HOSTS = [host for hosts in GROUPS.values() for host in hosts]
Values = dict[str, t.Any]


def plan(*areas: str, hosts: t.Mapping[str, str] = {}, groups: t.Mapping[str, t.Sequence[str]] = GROUPS) -> Values:
    return t.cast(Values, FILTERS["estate_export_plan"](TABLE, areas or tuple(TABLE), hosts, groups, HOSTS))


def file(planned: Values, answers: t.Mapping[str, Values], hosts: t.Mapping[str, str] = {}) -> Values:
    """``answers`` by place; a list of objects is answered with none where it is not there."""
    nothing: Values = {"objects": {"objects": [], "left_out": []}}
    read = [one | {"answers": answers.get(one["place"], nothing)} for one in (*planned["objects"], *planned["roles"])]
    return t.cast(Values, FILTERS["estate_export_file"](read, planned, hosts))


class _Loader(yaml.SafeLoader):
    """Takes ``!unsafe`` as ansible-core does."""


_Loader.add_constructor("!unsafe", lambda loader, node: f"unsafe: {loader.construct_scalar(t.cast(yaml.ScalarNode, node))}")


def read_back(text: str) -> t.Any:
    return yaml.load(text, _Loader)


def test_every_place_of_the_file_is_read_or_said_to_be_read_by_nobody() -> None:
    found = plan()
    places = [one["place"] for kind in ("objects", "roles", "fixed") for one in found[kind]]
    assert sorted(places) == sorted(found["order"]) == sorted(".".join((area, *part["at"])) for area, parts in TABLE.items() for part in parts)
    assert {one["role"] for one in found["roles"]} == set(estate_derived.ROLES)
    assert SPECS["argument_specs"]["main"]["options"]["estate_export_areas"]["choices"] == list(TABLE)


def test_the_plan_takes_the_first_host_of_a_group_or_the_one_that_is_named_and_says_which_group_is_missing() -> None:
    (send, *_) = plan("connectors")["objects"]
    assert (send["host"], send["module"], send["lacks"]) == ("exchange01", "exchange_send_connector", "")
    (send, *_) = plan("connectors", hosts={"exchange": "exchange02"})["objects"]
    assert send["host"] == "exchange02"
    (rooms,) = plan("rooms", groups={name: members for name, members in GROUPS.items() if name not in ("skype", "directory", "exchange_online")})["roles"]
    assert rooms["lacks"] == "the inventory has no host for directory, exchange_online", "Skype for Business Server is no must"


@pytest.mark.parametrize(
    ("module", "given", "kept", "gone"),
    [
        ("exchange_receive_connector", [{"name": "EX01\\Default Frontend EX01", "bindings": ["0.0.0.0:25"]}, {"name": "EX01\\B"}], ["EX01\\B"], True),
        ("exchange_remote_domain", [{"name": "Default", "domain_name": "*"}, {"name": "a"}], ["a"], True),
        ("exchange_remote_domain", [{"name": "Default", "domain_name": "*", "auto_forward_enabled": True}], ["Default"], False),
        ("exchange_send_connector", [{"name": "b"}, {"name": "A"}, {"name": "c"}], ["A", "b", "c"], False),
        ("exchange_transport_rule", [{"name": "b"}, {"name": "A"}], ["b", "A"], False),
        ("exchange_email_address_policy", [{"name": "b", "priority": 1}, {"name": "a", "priority": 2}], ["b", "a"], False),
    ],
)
def test_lists_are_in_a_stable_order_without_what_setup_made(module: str, given: list[Values], kept: list[str], gone: bool) -> None:
    found, notes = estate_derived.objects(module, {"objects": given, "left_out": []}, single=False)
    assert [one["name"] for one in found] == kept
    assert bool(notes) == gone and all("built in, and not written down: " in one for one in notes)


def test_forwarding_that_is_ineffective_is_left_out_and_what_forwards_outside_counts_as_accepted() -> None:
    answers = {
        "mailboxes": {
            "objects": [
                {"identity": "B@contoso.com", "forwarding_smtp_address": "x@partner.example", "deliver_to_mailbox_and_forward": True},
                {"identity": "a@contoso.com", "forwarding_address": "c@contoso.com"},
                {"identity": "bad@contoso.com", "alias": "Bad", "forwarding_smtp_address": "x@closed.example"},
            ]
        },
        "ineffective": [{"mailbox": "bad", "reasons": [{"text": "the remote domain is closed"}]}],
    }
    value, notes = estate_derived.ROLES["mail_forwarding"](answers)
    assert value == {
        "accept_no_copy": True,
        "accept_external": True,
        "mailboxes": [
            {"identity": "a@contoso.com", "forwarding_address": "c@contoso.com", "deliver_to_mailbox_and_forward": False},
            {"identity": "B@contoso.com", "forwarding_smtp_address": "x@partner.example", "deliver_to_mailbox_and_forward": True},
        ],
    }
    assert "left out: bad@contoso.com, whose forwarding is ineffective: the remote domain is closed" in notes


def test_users_are_enforced_where_asking_for_that_would_change_nothing() -> None:
    answers = {
        "settings": {"objects": [{"migration_state": "migration_complete"}]},
        "methods": {"objects": [{"method": "sms"}, {"method": "fido2"}]},
        "states": {"outcomes": [{"object": "b@c.d", "outcome": "unchanged"}, {"object": "A@c.d", "outcome": "updated"}]},
        "locations": {"objects": [{"identity": "1", "display_name": "Office"}]},
    }
    value, notes = estate_derived.ROLES["entra_mfa"](answers)
    assert value["users"] == [{"identity": "A@c.d", "per_user_mfa_state": "enabled"}, {"identity": "b@c.d", "per_user_mfa_state": "enforced"}]
    assert [one["method"] for one in value["methods"]] == ["fido2", "sms"] and notes[-1].endswith("there are Office")


ROOM: Values = {
    "mailboxes": {
        "mailboxes": [
            {"name": "K2", "primary_smtp_address": "k2@c.d", "user_principal_name": "k2@c.d", "exchange_guid": "A1", "resource_capacity": 4},
        ]
    },
    "remotes": {"objects": [{"user_principal_name": "k2@c.d", "exchange_guid": "a1", "remote_routing_address": "k2@c.mail.onmicrosoft.com"}]},
    "calendars": {"objects": [{"identity": "k2@c.d", "booking_window_in_days": 30, "resource_delegates": []}]},
    "users": {
        "users": [
            {
                "user_principal_name": "K2@c.d",
                "usage_location": "DE",
                "password_policies": ["disable_password_expiration"],
                "on_premises_sync_enabled": True,
                "assigned_licenses": [{"sku_id": "S1"}],
            }
        ]
    },
    "accounts": {"objects": [{"userPrincipalName": "k2@c.d", "userAccountControl": "66048"}]},
    "subscriptions": {"subscriptions": [{"sku_id": "s1", "sku": "Microsoft_Teams_Rooms_Pro"}]},
    "skype": {"skipped": True},
}


def changed(part: str, name: str, **values: t.Any) -> Values:
    """The answers with other values in one of them."""
    answers = t.cast(Values, json.loads(json.dumps(ROOM)))
    answers[part][name] = [one | values for one in answers[part][name]]
    return answers


def test_a_room_is_derived_with_what_the_role_would_leave_as_it_is() -> None:
    value, notes = estate_derived.ROLES["meeting_room"](ROOM)
    assert not notes
    assert value["rooms"] == [
        {
            "address": "k2@c.d",
            "name": "K2",
            "platform": "teams",
            "licenses": ["Microsoft_Teams_Rooms_Pro"],
            "usage_location": "DE",
            "resource_capacity": 4,
            "remote_routing_address": "k2@c.mail.onmicrosoft.com",
            "calendar": {"booking_window_in_days": 30},
        }
    ]


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        (ROOM | {"remotes": {"objects": []}}, "which has no remote mailbox on-premises"),
        (changed("users", "users", on_premises_sync_enabled=None), "whose account is not synchronised"),
        (changed("subscriptions", "subscriptions", sku="ENTERPRISEPACK"), "which is no room system, neither of Skype for Business Server nor of Teams"),
        (changed("accounts", "objects", userAccountControl="512"), "has a password that expires"),
        (changed("accounts", "objects", userAccountControl="66050"), "whose account in Active Directory is disabled"),
        (changed("users", "users", password_policies=[]), "whose password in the tenant expires"),
        (changed("remotes", "objects", email_address_policy_enabled=True), "whose addresses a policy of Exchange Server sets"),
        (changed("remotes", "objects", exchange_guid="b2"), "whose remote mailbox has another ExchangeGuid"),
    ],
)
def test_a_room_that_the_role_would_change_is_left_out_and_the_file_says_why(answers: Values, why: str) -> None:
    value, notes = estate_derived.ROLES["meeting_room"](answers)
    assert value == {"rooms": []} and len(notes) == 1 and notes[0].startswith("left out: k2@c.d, ") and why in notes[0]


def test_what_could_not_be_read_is_no_list_in_the_file_but_a_comment_and_unknown() -> None:
    planned = plan("connectors")
    failed = {"objects": {"failed": True, "msg": "The login was refused\norganization: {}"}}
    found = file(planned, {"connectors.on_premises.send_connectors": failed, "connectors.online.inbound_connectors": failed})
    assert read_back(found["content"]) == {"connectors": {"on_premises": {"receive_connectors": []}, "online": {"outbound_connectors": []}}}
    assert "# connectors.on_premises.send_connectors is not here, because it could not be read: The login was refused" in found["content"]
    assert [one["state"] for one in found["report"]] == ["unknown", "exported", "unknown", "exported"]
    assert found["content"].startswith(planned["banner"])


def test_an_area_of_which_nothing_could_be_read_is_not_in_the_file() -> None:
    planned = plan("sync", "connectors", groups={})
    found = file(planned, {})
    assert read_back(found["content"]) is None and {one["state"] for one in found["report"]} == {"no_host"}


def test_hosts_that_were_named_are_part_of_the_file() -> None:
    assert read_back(file(plan("sync", hosts={"entra": "entra02"}, groups={}), {}, {"entra": "entra02"})["content"]) == {"hosts": {"entra": "entra02"}}


STRANGE = ("a\nb", "a\nb\n", " a\nb ", "a\x85b", "tab\there\n", "ü" * 400, "l " * 200, "'\"", "%", "\n", "\n\n", "a\n\n", "a\n\nb\n\n\n", "\na")
TELLING = ("", "yes", "null", "012", "a: b", "# a", "- a", "!unsafe a", "*a", "2026-01-01")


@hypothesis.example("a\n \n")
@hypothesis.given(value=strategies.text("a \n\t'\"{#-", max_size=9))
def test_any_text_comes_back_as_it_was(value: str) -> None:
    text = estate_yaml.entry("key", [{"a": value, "b": [value]}], (), 4)
    assert read_back(text) == {"key": [{"a": value, "b": [value]}]} or "!unsafe" in text


@pytest.mark.parametrize("value", STRANGE + TELLING)
def test_a_text_comes_back_as_it_was(value: str) -> None:
    assert read_back(estate_yaml.entry("key", [{"a": value, "b": [value]}], ["a note"], 4)) == {"key": [{"a": value, "b": [value]}]}


@pytest.mark.parametrize("value", ["{{ lookup('pipe', 'id') }}", "{% if a %}", "{# a #}", "a\n{{ b }}\nc", "#jinja2: variable_start_string:'[['\n[[ 7 ]]"])
def test_a_text_that_looks_like_a_template_is_marked(value: str) -> None:
    assert read_back(estate_yaml.entry("key", {"a": value}, (), 0)) == {"key": {"a": f"unsafe: {value}"}}


def test_values_keep_their_kind_and_equal_lists_are_written_out() -> None:
    both = ["a"]
    value: Values = {"a": True, "b": None, "c": 7, "d": both, "e": both, "f": {}, "g": []}
    text = estate_yaml.entry("key", value, (), 2)
    assert read_back(text) == {"key": value} and "&" not in text and list(read_back(text)["key"]) == list(value)


@pytest.mark.parametrize("words", ["a\nhosts: {exchange: evil}", "a\r\nb: c", "a\u2028b: c", "a\x85b: c", "x" * 400])
def test_no_text_of_a_server_ends_a_comment(words: str) -> None:
    assert read_back(estate_yaml.entry("key", [], [words], 2)) == {"key": []}
