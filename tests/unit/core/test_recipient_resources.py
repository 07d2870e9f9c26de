# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What scenarios cannot show of contacts, mail users, remote mailboxes and groups."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, errors, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Task
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import distribution_group, remote_mailbox, units
from hybridlab.exchange import Exchange
from tests import scenarios
from tests.fake_session import FakeSession
from tests.unit.core import fake

NAMES = ("exchange_mail_contact", "exchange_mail_user", "exchange_remote_mailbox", "exchange_distribution_group")


def run(product: Exchange, name: str, check_mode: bool = False, **options: t.Any) -> dict[str, t.Any]:
    module = scenarios.module(name)
    return module.run(lambda: FakeSession(product), Task(module.validate(options), check_mode, verbosity=1))


def changed(product: Exchange, name: str, **options: t.Any) -> dict[str, t.Any]:
    result = run(product, name, **options)
    assert not result.get("failed") and result["changed"], result.get("msg")
    return result


def test_an_older_circle_of_groups_does_not_hang_the_search_for_one() -> None:
    product = Exchange()
    for name, member in (("a", "everyone"), ("b", "a")):
        changed(product, "exchange_distribution_group", identity=name, members=[member])
    list(product.invoke("Add-DistributionGroupMember", {"Identity": "a", "Member": "b"}))
    result = changed(product, "exchange_distribution_group", identity="everyone", members={"add": ["user0"]})
    assert result["calls"]["Get-DistributionGroup"] == 6  # two reads, the group itself, the groups of everyone, a and b


def test_groups_are_not_searched_where_nobody_is_added() -> None:
    product = Exchange()
    changed(product, "exchange_distribution_group", identity="sales-team", members=["user0", "user1"])
    result = changed(product, "exchange_distribution_group", identity="sales-team", members={"remove": ["user1"]})
    assert result["calls"]["Get-DistributionGroup"] == 2


def test_members_are_read_only_where_they_are_declared() -> None:
    result = changed(Exchange(), "exchange_distribution_group", identity="sales-team", custom_attribute1="x")
    assert "Get-DistributionGroupMember" not in result["calls"] and "members" not in result["resource"]


def test_a_cut_list_of_members_is_no_list_of_members() -> None:
    product = Exchange()
    changed(product, "exchange_distribution_group", identity="sales-team", members=["user0", "user1"])
    session = FakeSession(product)
    whole = session.invoke

    class Cut(FakeSession):
        def invoke(self, cmdlet: str, parameters: t.Any = None, **more: t.Any) -> t.Any:
            answer = whole(cmdlet, parameters, **more)
            return type(answer)(answer.output[:1], answer.warnings, True) if cmdlet == "Get-DistributionGroupMember" else answer

    module = scenarios.module("exchange_distribution_group")
    result = module.run(lambda: Cut(product), Task(module.validate({"identity": "sales-team", "members": ["user0"]})))
    assert result["failed"] and result["error"]["class"] == "Truncated"


def test_a_member_named_twice_is_added_once() -> None:
    result = changed(
        Exchange(), "exchange_distribution_group", identity="sales-team", members={"add": ["user0", "user0@contoso.com", "contoso.com/Users/User 0"]}
    )
    assert result["calls"]["Add-DistributionGroupMember"] == 1


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_made_of_another_recipient_of_that_name(name: str) -> None:
    product = Exchange()
    target = {"exchange_remote_mailbox": {"remote_routing_address": "x@contoso.mail.onmicrosoft.com"}, "exchange_distribution_group": {}}
    more: dict[str, t.Any] = target.get(name, {"external_email_address": "x@adatum.com"})
    other = "user0" if name == "exchange_distribution_group" else "everyone"
    for check_mode in (True, False):
        result = run(product, name, check_mode, identity=other, **more)
        assert result["failed"] and f"'{other}' is a recipient of type" in result["msg"]
    assert not product.writes


@pytest.mark.parametrize(
    ("shown", "readable"),
    [
        ("RemoteUserMailbox", "user"),
        ("RemoteRoomMailbox", "room"),
        ("RemoteEquipmentMailbox", "equipment"),
        ("RemoteSharedMailbox", "shared"),
        ("user", "user"),
    ],
)
def test_kinds_of_remote_mailboxes(shown: str, readable: str) -> None:
    assert remote_mailbox.TYPE.load(shown) == readable
    assert remote_mailbox.TYPE.dump("user") == "Regular"


@pytest.mark.parametrize(("state", "present"), [("None", False), (None, False), ("HostedPending", True), ("HostedProvisioned", True), (True, True)])
def test_the_state_of_an_archive_says_whether_there_is_one(state: t.Any, present: bool) -> None:
    assert remote_mailbox.ARCHIVE.load(state) is present


def test_kinds_of_groups() -> None:
    codec = {field.option: field.codec for field in distribution_group.FIELDS}
    kind, rooms = t.cast(t.Any, codec["type"]), t.cast(t.Any, codec["room_list"])
    shown = ("MailUniversalDistributionGroup", "MailUniversalSecurityGroup", "RoomList", "MailNonUniversalGroup")
    flags = ("Universal", "Universal, SecurityEnabled", "Global, SecurityEnabled", "distribution", "security")
    assert [kind.load(one) for one in flags] == ["distribution", "security", "security", "distribution", "security"]
    assert [rooms.load(one) for one in shown] == [False, False, True, False]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("text", ['O\'Neil "B"', "$(Get-Date) `n", "]]> <b>&amp;", "emoji 🙂", "שלום \u202eabc", "_x0041_", "a\r\nb"])
def test_a_text_survives(name: str, text: str) -> None:
    product = Exchange()
    new: dict[str, t.Any] = {
        "exchange_remote_mailbox": {"type": "shared", "remote_routing_address": "x@contoso.mail.onmicrosoft.com"},
        "exchange_distribution_group": {},
    }.get(name, {"external_email_address": "x@adatum.com"})
    changed(product, name, identity="strange", custom_attribute1=text, **new)
    assert run(product, name, identity="strange", custom_attribute1=text)["changed"] is False


def test_an_address_that_a_policy_gives_back_is_not_reported_as_gone() -> None:
    product = Exchange()
    policy = {"Name": "Two", "IncludedRecipients": "MailboxUsers", "EnabledEmailAddressTemplates": ["SMTP:%m@contoso.com", "smtp:%m@fabrikam.com"]}
    list(product.invoke("New-EmailAddressPolicy", policy))
    changed(product, "exchange_mailbox", identity="user0", office="1")
    module = t.cast(t.Any, scenarios.module("exchange_mailbox"))
    options = module.validate({"identity": "user0", "email_addresses": ["user0@contoso.com"]})
    with pytest.raises(errors.NotApplied, match=r"email_addresses still reads .*user0@fabrikam\.com") as raised:
        engine.converge(module.resource(), engine.Tally(FakeSession(product)), options, pauses=(0.0,))
    assert "a policy" in raised.value.advice


@pytest.mark.parametrize("state", ["present", "disabled", "absent"])
def test_a_remote_mailbox_that_a_server_shows_as_a_mail_user_is_left_alone(state: str) -> None:
    module = scenarios.module("exchange_mail_user")
    session = fake.FakeSession({"Get-MailUser": {"Name": "Erin", "Guid": "1", "RecipientTypeDetails": "RemoteUserMailbox"}})
    result = module.run(lambda: session, Task(module.validate({"identity": "erin", "state": state, "external_email_address": "erin@adatum.com"})))
    assert result["failed"] and "Use exchange_remote_mailbox" in result["msg"]
    assert session.sent() == ["Get-MailUser"]


SIZES = [
    (name, option)
    for name in ("exchange_mailbox", *NAMES)
    for option, attribute in t.cast(t.Any, scenarios.module(name)).attributes.items()
    if attribute.codec is values.CODECS["size"]
]
"""Every option of a recipient that is a quota or another size."""


def test_recipients_have_quotas() -> None:
    assert {name for name, _option in SIZES} == {"exchange_mailbox", *NAMES}


@pytest.mark.parametrize(("name", "option"), SIZES)
def test_quota_strings_in_every_form(name: str, option: str) -> None:
    attribute = t.cast(t.Any, scenarios.module(name)).attributes[option]

    def loaded(written: str) -> t.Any:
        return plan.load({option: attribute}, {option: written})[option]

    same = (
        "1.5GB",
        "1.5 gb",
        "1536MB",
        "1536 M",
        "1572864KB",
        "1610612736",
        "1610612736 bytes",
        "1.5 GB (1,610,612,736 bytes)",
        "1.5 GB (1.610.612.736 bytes)",
    )
    assert {attribute.codec.key(loaded(one)) for one in same} == {1610612736}
    assert {attribute.codec.dump(loaded(one)) for one in same} == {"1610612736"}
    assert {attribute.codec.dump(loaded(one)) for one in ("unlimited", "Unlimited", "UNLIMITED")} == {"Unlimited"}
    for wrong in ("much", "-1GB", "50 apples", "1,5GB", "1.5 GB of 2", ""):
        with pytest.raises(errors.UsageError, match=option):
            loaded(wrong)


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("OU=Sales,DC=contoso,DC=com", "contoso.com/Sales"),
        ("ou=Inner,OU=Sales\\, North,DC=ad,DC=contoso,DC=com", "ad.contoso.com/Sales, North/Inner"),
        ("OU=Caf\\c3,DC=contoso,DC=com", "contoso.com/Caf\xc3"),
        ("OU=A/B,DC=contoso,DC=com", "contoso.com/A\\/B"),
        ("contoso.com/Sales/", "contoso.com/Sales"),
        ("OU=Sales", "/Sales"),
        ("Sales = Nord, OU=x", "Sales = Nord, OU=x"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_unit_is_compared_by_its_canonical_name(written: str | None, canonical: str) -> None:
    assert units.canonical(written) == canonical


def test_a_plain_name_or_guid_is_taken_for_the_unit_that_is_shown() -> None:
    shown = "contoso.com/Sales/A\\/B"
    assert units.seen_as("a\\/b", shown) == shown
    assert units.seen_as("b", shown) == "b" and units.seen_as("Sales", shown) == "Sales"
    assert units.seen_as("0b9a6c36-3d4e-4c53-8d26-1d83a2b8f0aa", shown) == shown
