# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Forwarding in Exchange Online: whom outbound spam policies let forward, what opens the way for a sender, and what is refused."""

from __future__ import annotations

import re
import typing as t

import pytest
from ansible.errors import AnsibleFilterError

from tests.unit import test_forwarding as on_premises
from tests.unit.test_forwarding import ACCEPTED, PLAN, recipient, to

Row = dict[str, t.Any]
OPEN_DOMAIN = {"Name": "Default", "DomainName": "*", "AutoForwardEnabled": True}
OURS = "Forwarding allowed"
EXTERNAL = {"accept_external": True}


def mailbox(name: str, synced: bool = False, **more: t.Any) -> Row:
    return {**on_premises.mailbox(name, **more), "identity": name, "is_dir_synced": synced, "is_exchange_cloud_managed": False}


def policy(name: str, mode: str = "automatic", **more: t.Any) -> Row:
    limits = {"recipient_limit_per_day": 500, "bcc_suspicious_outbound_additional_recipients": ["security@contoso.com"], "admin_display_name": "A policy"}
    known = {"name": name, "auto_forwarding_mode": mode, "is_default": name == "Default", "guid": "g", "distinguished_name": f"CN={name}", **limits}
    return {"resource": known | more}


def rule(name: str, **options: t.Any) -> Row:
    lists: Row = {f"{prefix}{name}": [] for prefix in ("", "except_if_") for name in ("from", "from_member_of", "sender_domain_is")}
    known = {"name": name, "hosted_outbound_spam_filter_policy": name, "enabled": True, "priority": 0, "comments": "", "guid": "g"}
    return {"resource": known | lists | options}


class Tenant:
    """What a reading holds, and the plan for wishes."""

    def __init__(
        self, *mailboxes: Row, policies: t.Sequence[Row] = (), rules: t.Sequence[Row] = (), groups: t.Mapping[str, t.Sequence[str]] | None = None
    ) -> None:
        self.mailboxes = {one["primary_smtp_address"].partition("@")[0]: one for one in mailboxes}
        self.policies, self.rules = [policy("Default"), *policies], list(rules)
        self.groups = {f"{name}@contoso.com": members for name, members in (groups or {}).items()}
        kinds = [recipient(name.partition("@")[0]) | {"RecipientTypeDetails": "MailUniversalSecurityGroup"} for name in self.groups]
        everybody = [*(recipient(name) | {"RecipientTypeDetails": "UserMailbox"} for name in self.mailboxes), recipient("team"), *kinds]
        everybody.append(recipient("contact", "someone@partner.example") | {"RecipientTypeDetails": "MailContact"})
        named = [one | {"Identity": one["Name"]} for one in everybody]
        output = {"Get-Recipient": named, "Get-RemoteDomain": [OPEN_DOMAIN], "Get-AcceptedDomain": ACCEPTED, "Get-TransportRule": []}
        self.cmdlets = [{"item": {"cmdlet": name}, "endpoint": "exchange_online", "output": objects} for name, objects in output.items()]

    def plan(self, *declared: Row, read: bool = True, **wishes: t.Any) -> Row:
        forwarding = [one for one in self.mailboxes.values() if one["forwarding_address"] or one["forwarding_smtp_address"]]
        found = [{"item": item, "mailboxes": [self.mailboxes[item["identity"]]]} for item in declared]
        members = [{"item": name, "output": [{"PrimarySmtpAddress": f"{one}@contoso.com"} for one in had]} for name, had in self.groups.items()]
        reading = {"forwarding": forwarding, "declared": found, "cmdlets": self.cmdlets, "policies": self.policies, "rules": self.rules}
        return t.cast(Row, PLAN(reading | {"members": members if read else []}, {"mailboxes": list(declared), **EXTERNAL, **wishes}))

    def reasons(self, name: str = "a") -> list[str]:
        return [reason["reason"] for one in self.plan()["report"] if one["mailbox"] == f"{name}@contoso.com" for reason in one["reasons"]]


OUTSIDE: Row = {"address": "x@partner.example"}
THROUGH_CONTACT: Row = {"recipient": "contact"}


def sender(name: str = "a", **more: t.Any) -> Row:
    found = mailbox(name, **(more or OUTSIDE))
    return found | {"forwarding_address": found["forwarding_address"].removeprefix("contoso.com/Users/")}


@pytest.mark.parametrize("target", [OUTSIDE, THROUGH_CONTACT])
@pytest.mark.parametrize(("mode", "effective"), [("automatic", False), ("off", False), ("on", True)])
def test_the_default_policy_holds_both_kinds_of_forwarding_back_unless_it_is_on(target: Row, mode: str, effective: bool) -> None:
    tenant = Tenant(sender(**target))
    tenant.policies = [policy("Default", mode)]
    assert tenant.reasons() == ([] if effective else ["outbound_spam_policy"])


def test_what_stays_in_the_organization_needs_no_policy() -> None:
    assert Tenant(sender(address="b@contoso.com"), sender("b", address="x@shared.example"), sender("c", recipient="team")).plan()["report"] == []


@pytest.mark.parametrize(
    ("domains", "holds"), [(["contoso.com"], True), (["sales.contoso.com"], True), (["ales.contoso.com"], False), (["com.example"], False)]
)
def test_a_domain_of_a_rule_stands_for_its_subdomains(domains: list[str], holds: bool) -> None:
    tenant = Tenant(sender() | {"primary_smtp_address": "a@sales.contoso.com"}, policies=[policy(OURS, "on")], rules=[rule(OURS, sender_domain_is=domains)])
    assert [one["mailbox"] for one in tenant.plan()["report"]] == ([] if holds else ["a@sales.contoso.com"])


def test_automatic_is_said_to_mean_off() -> None:
    (reason,) = Tenant(sender()).plan()["report"][0]["reasons"]
    assert "'Default' (auto_forwarding_mode automatic, which means off)" in reason["text"] and "the default policy would let everybody" in reason["advice"]


@pytest.mark.parametrize(
    ("options", "effective"),
    [
        ({"from": ["A@contoso.com"]}, True),
        ({"from": ["b@contoso.com"]}, False),
        ({"sender_domain_is": ["Contoso.com"]}, True),
        ({"from": ["a@contoso.com"], "sender_domain_is": ["other.example"]}, False),
        ({"from": ["a@contoso.com"], "enabled": False}, False),
        ({"sender_domain_is": ["contoso.com"], "except_if_from": ["a@contoso.com"]}, False),
        ({"from_member_of": ["inner@contoso.com"]}, True),
        ({"from_member_of": ["outer@contoso.com"]}, True),
        ({"from_member_of": ["empty@contoso.com"]}, False),
        ({"sender_domain_is": ["contoso.com"], "except_if_from_member_of": ["outer@contoso.com"]}, False),
    ],
)
def test_for_whom_a_rule_holds(options: Row, effective: bool) -> None:
    groups = {"outer": ["inner", "b"], "inner": ["a", "outer"], "empty": []}
    tenant = Tenant(sender(), policies=[policy(OURS, "on")], rules=[rule(OURS, **options)], groups=groups)
    assert tenant.reasons() == ([] if effective else ["outbound_spam_policy"])


def test_the_first_rule_decides() -> None:
    rules = [rule(OURS, sender_domain_is=["contoso.com"], priority=1), rule("Strict", **{"from": ["a@contoso.com"]}, priority=0)]
    assert Tenant(sender(), policies=[policy(OURS, "on"), policy("Strict", "off")], rules=rules).reasons() == ["outbound_spam_policy"]


def test_the_tenth_rule_comes_after_the_second() -> None:
    rules = [rule(OURS, **{"from": ["a@contoso.com"]}, priority=10), rule("Strict", **{"from": ["a@contoso.com"]}, priority=2)]
    assert Tenant(sender(), policies=[policy(OURS, "on"), policy("Strict", "off")], rules=rules).reasons() == ["outbound_spam_policy"]


def test_an_exception_that_cannot_be_told_proves_nothing() -> None:
    closed = rule("Strict", sender_domain_is=["contoso.com"], except_if_from_member_of=["office@contoso.com"])
    tenant = Tenant(sender(), policies=[policy("Strict", "on")], rules=[closed])
    assert tenant.reasons() == ["outbound_spam_unknown"]


def test_a_rule_without_conditions_is_for_nobody() -> None:
    assert Tenant(sender(), policies=[policy(OURS, "on")], rules=[rule(OURS)]).reasons() == ["outbound_spam_policy"]


def test_groups_of_a_disabled_rule_need_no_reading() -> None:
    tenant = Tenant(sender(), rules=[rule(OURS, from_member_of=["outer@contoso.com"], enabled=False)], groups={"outer": ["a"]})
    assert tenant.plan(read=False)["groups"] == []


def test_a_part_of_the_members_is_an_error() -> None:
    tenant = Tenant(sender(), policies=[policy(OURS, "on")], rules=[rule(OURS, from_member_of=["outer@contoso.com"])], groups={"outer": []})
    reading = {"forwarding": [], "declared": [], "cmdlets": tenant.cmdlets, "policies": tenant.policies, "rules": tenant.rules}
    with pytest.raises(AnsibleFilterError, match=r"only a part of the members of outer@contoso\.com"):
        PLAN(reading | {"members": [{"item": "outer@contoso.com", "truncated": True, "output": []}]}, {})


def test_what_the_default_policy_does_not_say_is_not_said_of_a_new_one() -> None:
    tenant = Tenant(mailbox("a"))
    tenant.policies = [policy("Default", bcc_suspicious_outbound_additional_recipients=[], notify_outbound_spam=None)]
    assert set(tenant.plan(to("a", "x@partner.example"))["open_senders"]["policies"][0]) == {"name", "auto_forwarding_mode", "recipient_limit_per_day"}


def test_members_are_asked_for_group_by_group_and_unknown_ones_prove_nothing() -> None:
    groups = {"outer": ["inner"], "inner": ["a"]}
    tenant = Tenant(sender(), policies=[policy(OURS, "on")], rules=[rule(OURS, from_member_of=["outer@contoso.com"])], groups=groups)
    assert tenant.plan(read=False)["groups"] == ["outer@contoso.com"]
    tenant.groups.pop("inner@contoso.com")
    assert tenant.plan()["groups"] == ["inner@contoso.com"] and tenant.reasons() == ["outbound_spam_unknown"]


def test_a_group_whose_members_no_cmdlet_of_ours_lists_is_unknown() -> None:
    tenant = Tenant(sender(), policies=[policy(OURS, "on")], rules=[rule(OURS, from_member_of=["office@contoso.com"])])
    assert tenant.plan()["groups"] == [] and tenant.reasons() == ["outbound_spam_unknown"]
    found = tenant.plan(to("a", "x@partner.example"))
    assert "members of one of its groups cannot be read. Name the senders" in found["problems"][0]


def test_a_sender_gets_a_policy_with_the_limits_of_the_default_one_and_a_rule() -> None:
    found = Tenant(mailbox("a")).plan(to("a", "x@partner.example"))
    assert found["problems"] == [] and found["open"] == [] and found["report"] == []
    limits = {"recipient_limit_per_day": 500, "bcc_suspicious_outbound_additional_recipients": ["security@contoso.com"]}
    assert found["open_senders"]["policies"] == [{**limits, "name": OURS, "auto_forwarding_mode": "on"}]
    assert found["open_senders"]["rules"] == [{"name": OURS, "hosted_outbound_spam_filter_policy": OURS, "from": ["a@contoso.com"]}]
    gone = [{"name": OURS, "state": "absent"}]
    assert (found["saved"]["outbound_spam_policies"], found["saved"]["outbound_spam_rules"]) == (gone, gone)
    assert any("with the settings of outbound spam policy 'Default'" in one for one in found["differences"])


def test_the_recipient_needs_the_policy_as_well() -> None:
    found = Tenant(mailbox("a")).plan({"identity": "a", "forwarding_address": "contact"})
    assert found["problems"] == [] and found["open_senders"]["rules"][0]["from"] == ["a@contoso.com"]


def test_one_more_sender_is_added_to_the_rule() -> None:
    present: Row = {"policies": [policy(OURS, "on")], "rules": [rule("Ours", hosted_outbound_spam_filter_policy=OURS, **{"from": ["b@contoso.com"]})]}
    found = Tenant(mailbox("a"), **present).plan(to("a", "x@partner.example"))
    assert found["open_senders"] == {"policies": [], "rules": [{"name": "Ours", "from": {"add": ["a@contoso.com"]}}]}
    assert found["saved"]["outbound_spam_rules"] == [{"name": "Ours", "from": ["b@contoso.com"]}] and found["saved"]["outbound_spam_policies"] == []


def test_a_policy_that_nobody_has_is_opened() -> None:
    found = Tenant(mailbox("a"), policies=[policy(OURS, "off")]).plan(to("a", "x@partner.example"))
    assert found["open_senders"]["policies"] == [{"name": OURS, "auto_forwarding_mode": "on"}]
    assert found["saved"]["outbound_spam_policies"] == [{"name": OURS, "auto_forwarding_mode": "off"}]


def test_what_is_as_declared_is_left_alone() -> None:
    present: Row = {"policies": [policy(OURS, "on")], "rules": [rule(OURS, **{"from": ["a@contoso.com"]})]}
    found = Tenant(mailbox("a", **OUTSIDE, copy=True), **present).plan(to("a", "x@partner.example"))
    assert found["differences"] == [] and found["mailboxes"] == [] and found["open_senders"] == found["close_senders"] == {"policies": [], "rules": []}
    assert f"outbound spam policy '{OURS}' (auto_forwarding_mode on) lets a@contoso.com forward to other organizations" in found["facts"]


def test_an_organization_whose_default_policy_is_open_needs_nothing() -> None:
    tenant = Tenant(mailbox("a"))
    tenant.policies = [policy("Default", "on")]
    found = tenant.plan(to("a", "x@partner.example"))
    assert found["problems"] == [] and found["open_senders"] == {"policies": [], "rules": []}


def test_who_does_not_forward_any_more_leaves_the_rule_and_the_last_one_ends_it() -> None:
    away = {"identity": "a", "state": "absent"}
    present: Row = {"policies": [policy(OURS, "on")], "rules": [rule(OURS, **{"from": ["a@contoso.com", "b@contoso.com"]})]}
    found = Tenant(sender(), **present).plan(away)
    assert found["close_senders"] == {"rules": [{"name": OURS, "from": {"remove": ["a@contoso.com"]}}], "policies": []}
    present["rules"] = [rule(OURS, **{"from": ["a@contoso.com"]}, comments="Ours")]
    found = Tenant(sender(), **present).plan(away)
    gone = {"name": OURS, "state": "absent"}
    assert found["close_senders"] == {"rules": [gone], "policies": [gone]} and found["open_senders"] == {"policies": [], "rules": []}
    assert found["saved"]["outbound_spam_policies"][0]["auto_forwarding_mode"] == "on"
    kept = found["saved"]["outbound_spam_rules"][0]
    assert kept["from"] == ["a@contoso.com"] and kept["comments"] == "Ours" and "guid" not in kept


def test_another_sender_takes_the_place_of_the_last_one() -> None:
    present: Row = {"policies": [policy(OURS, "on")], "rules": [rule(OURS, **{"from": ["a@contoso.com"]})]}
    found = Tenant(sender(), mailbox("b"), **present).plan({"identity": "a", "state": "absent"}, to("b", "x@partner.example"))
    assert found["open_senders"]["rules"] == [{"name": OURS, "from": {"add": ["b@contoso.com"]}}]
    assert found["close_senders"] == {"rules": [{"name": OURS, "from": {"remove": ["a@contoso.com"]}}], "policies": []}


STRICT = {"policies": [policy("Strict", "off")], "rules": [rule("Strict", **{"from": ["a@contoso.com"]})]}
NAMED = {"from": ["b@contoso.com"]}


@pytest.mark.parametrize(
    ("present", "wishes", "says"),
    [
        ({}, {"outbound_policy": "default"}, "'default' is the default policy, which holds for everybody and is never opened"),
        (STRICT, {}, "outbound spam rule 'Strict' puts it under outbound spam policy 'Strict' (auto_forwarding_mode off). Make an exception"),
        (STRICT, {"outbound_policy": "Strict"}, "holds for it by rule 'Strict' and does not let it forward"),
        ({"policies": [policy(OURS, "on")], "rules": [rule(OURS, enabled=False, **NAMED)]}, {}, f"rule '{OURS}' is disabled"),
        ({"policies": [policy(OURS, "on")], "rules": [rule(OURS, sender_domain_is=["x.example"])]}, {}, "has sender_domain_is as well"),
        ({"policies": [policy(OURS, "off")], "rules": [rule(OURS, **NAMED)]}, {}, f"policy '{OURS}' of rule '{OURS}' does not let its senders forward"),
        ({"policies": [policy(OURS, "on")], "rules": [rule(OURS, except_if_from=["a@contoso.com"], **NAMED)]}, {}, "makes an exception for it"),
        ({"policies": [policy("B", "on")], "rules": [rule(OURS, hosted_outbound_spam_filter_policy="B", **NAMED)]}, {}, "is there for policy 'B'"),
    ],
)
def test_what_would_open_too_much_or_too_little_is_refused(present: Row, wishes: Row, says: str) -> None:
    found = Tenant(mailbox("a"), **present).plan(to("a", "x@partner.example"), **wishes)
    assert any(one.startswith("mailbox a@contoso.com") and says in one for one in found["problems"]), found["problems"]
    assert found["open_senders"] == {"policies": [], "rules": []}


@pytest.mark.parametrize(
    ("before", "declared", "says"),
    [
        (
            {},
            {"forwarding_address": "team"},
            "altRecipient of its account in on-premises Active Directory.*Make it the DN of 'team' there.*or declare forwarding_smtp",
        ),
        (THROUGH_CONTACT, {"state": "absent"}, "Clear it there, and run directory synchronisation$"),
        (THROUGH_CONTACT, {"forwarding_smtp_address": "team@contoso.com"}, "Clear it there"),
    ],
)
def test_what_synchronisation_brings_is_changed_where_it_comes_from(before: Row, declared: Row, says: str) -> None:
    synced = sender(**before) if before else mailbox("a")
    found = Tenant(synced | {"is_dir_synced": True}).plan({"identity": "a", **declared}, clear_forwarding_address=True)
    assert len(found["problems"]) == 1 and re.search(says, found["problems"][0]), found["problems"]
    released = Tenant(synced | {"is_dir_synced": True, "is_exchange_cloud_managed": True}).plan({"identity": "a", **declared}, clear_forwarding_address=True)
    assert released["problems"] == []


def test_an_address_of_a_synchronised_mailbox_is_kept_in_the_cloud() -> None:
    assert Tenant(mailbox("a", synced=True)).plan(to("a", "x@partner.example"))["problems"] == []


def test_a_reading_without_the_default_policy_is_an_error() -> None:
    tenant = Tenant(sender())
    tenant.policies = []
    with pytest.raises(AnsibleFilterError, match="the default outbound spam policy was not read"):
        tenant.plan()
