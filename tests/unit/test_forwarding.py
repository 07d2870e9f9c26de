# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where forwarded mail goes, why it does not arrive, what makes it arrive, and what is refused."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.m365.hybrid.plugins.filter.forwarding_plan import FilterModule
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import forwarding

PLAN = FilterModule().filters()["forwarding_plan"]
DEFAULT = {"Name": "Default", "DomainName": "*", "AutoForwardEnabled": False}
DEFAULT_SETTINGS = {
    "name": "Default",
    "domain_name": "*",
    "auto_forward_enabled": False,
    "allowed_oof_type": "external",
    "delivery_report_enabled": False,
    "required_charset_coverage": None,
    "tnef_enabled": "unset",
    "target_delivery_domain": False,
    "guid": "g",
    "distinguished_name": "CN=Default",
}
ACCEPTED = [
    {"Name": "contoso.com", "DomainName": "contoso.com", "DomainType": "Authoritative", "MatchSubDomains": False},
    {"Name": "shared", "DomainName": "shared.example", "DomainType": "InternalRelay", "MatchSubDomains": True},
    {"Name": "stars", "DomainName": "*.star.example", "DomainType": "InternalRelay"},
]
BLOCKING = {"Name": "No forwarding", "State": "Enabled", "Mode": "Enforce", "MessageTypeMatches": "AutoForward", "RejectMessageReasonText": "no"}
EXTERNAL = {"accept_external": True}


def mailbox(name: str, recipient: str = "", address: str = "", copy: bool = False) -> dict[str, t.Any]:
    return {
        "identity": f"contoso.com/Users/{name}",
        "primary_smtp_address": f"{name}@contoso.com",
        "forwarding_address": recipient and f"contoso.com/Users/{recipient}",
        "forwarding_smtp_address": address,
        "deliver_to_mailbox_and_forward": copy,
    }


def recipient(name: str, external: str = "") -> dict[str, t.Any]:
    own = external or f"{name}@contoso.com"
    shown = {"Identity": f"contoso.com/Users/{name}", "Name": name, "Alias": name, "PrimarySmtpAddress": own, "EmailAddresses": [f"SMTP:{own}", "X500:/o=c"]}
    return shown | {"ExternalEmailAddress": f"SMTP:{external}" if external else None}


class Organization:
    """What a reading holds, and the plan for wishes."""

    def __init__(
        self,
        *mailboxes: dict[str, t.Any],
        contacts: t.Sequence[dict[str, t.Any]] = (),
        remote: t.Sequence[dict[str, t.Any]] = (),
        rules: t.Sequence[dict[str, t.Any]] = (),
        settings: t.Mapping[str, t.Any] | None = None,
    ) -> None:
        self.mailboxes = {one["primary_smtp_address"].partition("@")[0]: one for one in mailboxes}
        self.settings = {"Default": DEFAULT_SETTINGS} | dict(settings or {})
        everybody = [*(recipient(name) for name in self.mailboxes), *contacts]
        remotes = [*([] if any(one["DomainName"] == "*" for one in remote) else [DEFAULT]), *remote]
        output = {"Get-Recipient": everybody, "Get-RemoteDomain": remotes, "Get-AcceptedDomain": ACCEPTED, "Get-TransportRule": list(rules)}
        self.cmdlets = [{"item": {"cmdlet": name}, "output": objects} for name, objects in output.items()]

    def plan(self, *declared: dict[str, t.Any], **wishes: t.Any) -> dict[str, t.Any]:
        forwarding = [one for one in self.mailboxes.values() if one["forwarding_address"] or one["forwarding_smtp_address"]]
        found = [{"item": item, "mailboxes": [self.mailboxes[item["identity"]]] if item["identity"] in self.mailboxes else []} for item in declared]
        reading = {"forwarding": forwarding, "declared": found, "cmdlets": self.cmdlets}
        return t.cast(dict[str, t.Any], PLAN(reading, {"mailboxes": list(declared), **wishes}, self.settings))

    def reasons(self) -> dict[str, list[str]]:
        """Mailbox → codes, for all that is ineffective as it is."""
        return {one["mailbox"].partition("@")[0]: [reason["reason"] for reason in one["reasons"]] for one in self.plan()["report"]}


def to(identity: str, address: str, **more: t.Any) -> dict[str, t.Any]:
    return {"identity": identity, "forwarding_smtp_address": address, **more}


@pytest.mark.parametrize(
    ("pattern", "domain", "covers"),
    [
        ("contoso.com", "CONTOSO.com", True),
        ("contoso.com", "eu.contoso.com", False),
        ("*.contoso.com", "eu.contoso.com", True),
        ("*.contoso.com", "a.b.contoso.com", True),
        ("*.contoso.com", "contoso.com", True),
        ("*.contoso.com", "notcontoso.com", False),
        ("*", "contoso.com", True),
    ],
)
def test_what_an_address_space_covers(pattern: str, domain: str, covers: bool) -> None:
    assert (forwarding.specificity(pattern, domain) >= 0) is covers


def test_the_most_specific_remote_domain_counts() -> None:
    patterns = ["*", "*.partner.example", "*.eu.partner.example", "eu.partner.example"]
    assert max(patterns, key=lambda one: forwarding.specificity(one, "eu.partner.example")) == "eu.partner.example"
    assert max(patterns, key=lambda one: forwarding.specificity(one, "x.eu.partner.example")) == "*.eu.partner.example"
    assert max(patterns, key=lambda one: forwarding.specificity(one, "partner.example")) == "*.partner.example"


# The report


def test_an_outside_address_behind_a_closed_remote_domain_is_ineffective() -> None:
    closed = Organization(mailbox("a", address="x@partner.example"))
    assert closed.reasons() == {"a": ["remote_domain"]}
    assert "remote domain 'Default' (*)" in closed.plan()["report"][0]["reasons"][0]["text"]


@pytest.mark.parametrize(("pattern", "effective"), [("partner.example", False), ("*.partner.example", True), ("eu.partner.example", True)])
def test_a_named_remote_domain_opens_what_it_covers(pattern: str, effective: bool) -> None:
    named = {"Name": "Partner", "DomainName": pattern, "AutoForwardEnabled": True}
    assert (Organization(mailbox("a", address="x@eu.partner.example"), remote=[named]).reasons() == {}) is effective


@pytest.mark.parametrize("address", ["b@contoso.com", "x@shared.example", "x@sub.shared.example", "x@a.star.example"])
def test_addresses_of_accepted_domains_need_no_remote_domain(address: str) -> None:
    assert Organization(mailbox("a", address=address), mailbox("b")).reasons() == {}


@pytest.mark.parametrize(("address", "reason"), [("nobody@contoso.com", "unknown_recipient"), ("not an address", "invalid_address")])
def test_addresses_that_lead_nowhere(address: str, reason: str) -> None:
    assert Organization(mailbox("a", address=address)).reasons() == {"a": [reason]}


def test_the_recipient_wins_over_the_address_and_bypasses_remote_domains() -> None:
    both = Organization(mailbox("a", "partner", "x@other.example"), contacts=[recipient("partner", "p@partner.example")])
    assert both.reasons() == {"a": ["overridden"]}


def test_a_recipient_that_is_gone() -> None:
    assert Organization(mailbox("a", "gone")).reasons() == {"a": ["unknown_recipient"]}


def test_loops_are_found_through_contacts_and_from_outside_the_circle() -> None:
    contact = recipient("way", "c@contoso.com")
    circle = Organization(mailbox("a", "b"), mailbox("b", "way"), mailbox("c", address="b@contoso.com"), mailbox("d", "d"), contacts=[contact])
    assert circle.reasons() == {"a": ["loop"], "b": ["loop"], "c": ["loop"], "d": ["loop"]}
    assert circle.plan()["report"][0]["reasons"][0]["text"].endswith("b@contoso.com -> c@contoso.com -> b@contoso.com")


@pytest.mark.parametrize(
    ("change", "blocks"),
    [
        ({}, True),
        ({"State": "Disabled"}, False),
        ({"Mode": "Audit"}, False),
        ({"MessageTypeMatches": "OOF"}, False),
        ({"RejectMessageReasonText": None}, False),
        ({"RejectMessageReasonText": None, "DeleteMessage": True}, True),
        ({"SentToScope": "InOrganization"}, False),
        ({"SentToScope": "NotInOrganization"}, True),
        ({"RecipientDomainIs": ["other.example"]}, False),
        ({"RecipientDomainIs": ["example"]}, True),
        ({"ExceptIfRecipientDomainIs": ["partner.example"]}, False),
    ],
)
def test_which_transport_rules_block(change: dict[str, t.Any], blocks: bool) -> None:
    opened = {"Name": "Partner", "DomainName": "partner.example", "AutoForwardEnabled": True}
    found = Organization(mailbox("a", address="x@partner.example"), remote=[opened], rules=[BLOCKING | change]).reasons()
    assert found == ({"a": ["transport_rule"]} if blocks else {})


# The plan


def test_a_new_remote_domain_begins_with_the_settings_that_held_before() -> None:
    plan = Organization(mailbox("a")).plan(to("a", "x@Partner.example"), **EXTERNAL)
    assert plan["problems"] == []
    assert plan["sources"] == ["Default"]
    assert plan["open"] == [
        {
            "name": "partner.example",
            "domain_name": "partner.example",
            "auto_forward_enabled": True,
            "allowed_oof_type": "external",
            "delivery_report_enabled": False,
        }
    ]
    assert plan["mailboxes"] == [
        {"identity": "a@contoso.com", "forwarding_address": "", "forwarding_smtp_address": "x@Partner.example", "deliver_to_mailbox_and_forward": True}
    ]
    assert plan["saved"] == {
        "mailboxes": [{"identity": "a@contoso.com", "forwarding_smtp_address": "", "deliver_to_mailbox_and_forward": False}],
        "remote_domains": [{"name": "partner.example", "state": "absent"}],
    }
    assert plan["report"] == []


def test_a_named_remote_domain_that_covers_the_target_is_opened_itself() -> None:
    named = {"Name": "Partner", "DomainName": "*.partner.example", "AutoForwardEnabled": False}
    plan = Organization(mailbox("a"), remote=[named]).plan(to("a", "x@eu.partner.example"), **EXTERNAL)
    assert plan["open"] == [{"name": "Partner", "auto_forward_enabled": True}]
    assert plan["saved"]["remote_domains"] == [{"name": "Partner", "auto_forward_enabled": False}]


def test_the_default_remote_domain_is_opened_only_when_allowed() -> None:
    organization = Organization(mailbox("a"))
    assert organization.plan(to("a", "x@partner.example"), **EXTERNAL, open_default=True)["open"] == [{"name": "Default", "auto_forward_enabled": True}]
    refused = organization.plan(remote_domains=[{"name": "Default", "auto_forward_enabled": True}])
    assert "mail_forwarding_open_default" in refused["problems"][0]


def test_declared_options_of_a_remote_domain_win_over_copied_ones() -> None:
    wanted = [{"name": "Partner", "domain_name": "*.partner.example", "allowed_oof_type": "none"}]
    plan = Organization(mailbox("a")).plan(to("a", "x@eu.partner.example"), **EXTERNAL, remote_domains=wanted)
    assert [(one["name"], one["allowed_oof_type"], one["auto_forward_enabled"]) for one in plan["open"]] == [("Partner", "none", True)]


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ({"name": "Partner", "domain_name": "other.example"}, "cannot be changed"),
        ({"name": "Other", "domain_name": "partner.example"}, "Use that name"),
        ({"name": "Other"}, "domain_name"),
        ({"domain_name": "other.example"}, "without a name"),
        ({"name": "Default", "state": "absent"}, "cannot be removed"),
        ({"name": "Partner", "auto_forward_enabled": False}, "End that forwarding first"),
        ({"name": "Partner", "state": "absent"}, "End that forwarding first"),
    ],
)
def test_remote_domains_that_are_refused(wanted: dict[str, t.Any], says: str) -> None:
    present = {"Name": "Partner", "DomainName": "partner.example", "AutoForwardEnabled": True}
    plan = Organization(mailbox("a", address="x@partner.example"), remote=[present]).plan(remote_domains=[wanted])
    assert says in plan["problems"][0]


def test_a_target_behind_a_remote_domain_declared_closed_is_a_contradiction() -> None:
    wanted = [{"name": "Partner", "domain_name": "partner.example", "auto_forward_enabled": False}]
    plan = Organization(mailbox("a")).plan(to("a", "x@partner.example"), **EXTERNAL, remote_domains=wanted)
    assert any("Decide on one" in problem for problem in plan["problems"])


def test_removal_ends_forwarding_before_it_closes_the_way() -> None:
    present = {"Name": "Partner", "DomainName": "partner.example", "AutoForwardEnabled": True}
    settings = {"Partner": DEFAULT_SETTINGS | {"name": "Partner", "domain_name": "partner.example", "auto_forward_enabled": True}}
    organization = Organization(mailbox("a", address="x@partner.example", copy=True), remote=[present], settings=settings)
    plan = organization.plan({"identity": "a", "state": "absent"}, remote_domains=[{"name": "Partner", "state": "absent"}])
    assert (plan["problems"], plan["open"], plan["close"]) == ([], [], [{"name": "Partner", "state": "absent"}])
    assert plan["mailboxes"][0]["forwarding_smtp_address"] == "" and plan["mailboxes"][0]["deliver_to_mailbox_and_forward"] is False
    (restored,) = plan["saved"]["remote_domains"]
    assert (restored["domain_name"], restored["auto_forward_enabled"], restored["allowed_oof_type"]) == ("partner.example", True, "external")


def test_what_is_as_declared_is_left_alone() -> None:
    present = {"Name": "Partner", "DomainName": "partner.example", "AutoForwardEnabled": True}
    organization = Organization(mailbox("a", address="X@partner.example", copy=True), mailbox("b"), remote=[present])
    plan = organization.plan(to("a", "x@partner.example"), {"identity": "b", "state": "absent"}, {"identity": "nobody", "state": "absent"}, **EXTERNAL)
    assert [plan[part] for part in ("problems", "open", "mailboxes", "close", "differences")] == [[], [], [], [], []]
    assert plan["saved"] == {"mailboxes": [], "remote_domains": []}
    assert "mailbox b@contoso.com does not forward" in plan["facts"]


def test_a_recipient_is_named_in_any_way_and_needs_no_remote_domain() -> None:
    organization = Organization(mailbox("a"), contacts=[recipient("partner", "p@partner.example")])
    for name in ("partner", "P@partner.example", "contoso.com/Users/partner"):
        plan = organization.plan({"identity": "a", "forwarding_address": name}, **EXTERNAL)
        assert plan["mailboxes"][0]["forwarding_address"] == "contoso.com/Users/partner"
        assert (plan["problems"], plan["open"]) == ([], [])


# Refusals


@pytest.mark.parametrize(
    ("item", "gate", "says"),
    [
        (to("a", "x@partner.example"), {"accept_external": True}, "outside the organization"),
        (to("a", "b@contoso.com", deliver_to_mailbox_and_forward=False), {"accept_no_copy": True}, "no copy"),
        (to("held", "b@contoso.com"), {"clear_forwarding_address": True}, "forwards to the recipient"),
        ({"identity": "held", "state": "absent"}, {"clear_forwarding_address": True}, "forwards to the recipient"),
        ({"identity": "a", "forwarding_address": "partner"}, {"accept_external": True}, "outside the organization"),
    ],
)
def test_gates(item: dict[str, t.Any], gate: dict[str, bool], says: str) -> None:
    organization = Organization(mailbox("a"), mailbox("b"), mailbox("held", "b"), contacts=[recipient("partner", "p@partner.example")])
    (problem,) = organization.plan(item)["problems"]
    assert says in problem and f"mail_forwarding_{next(iter(gate))}" in problem
    assert organization.plan(item, **gate)["problems"] == []


def test_a_blocking_rule_is_refused_until_it_is_named() -> None:
    organization = Organization(mailbox("a"), mailbox("b"), rules=[BLOCKING])
    (problem,) = organization.plan(to("a", "b@contoso.com"))["problems"]
    assert "'No forwarding'" in problem
    accepted = organization.plan(to("a", "b@contoso.com"), accept_rules=["no forwarding"])
    assert accepted["problems"] == [] and accepted["report"][0]["reasons"][0]["reason"] == "transport_rule"


@pytest.mark.parametrize(
    ("item", "says"),
    [
        (to("b", "a@contoso.com"), "b@contoso.com -> a@contoso.com -> b@contoso.com"),
        (to("b", "b@contoso.com"), "circle"),
        (to("b", "nobody@contoso.com"), "nobody has the address"),
        (to("b", "no address"), "not an SMTP address"),
        (to("nobody", "a@contoso.com"), "no such mailbox"),
        ({"identity": "b"}, "either forwarding_address or forwarding_smtp_address"),
        ({"identity": "b", "forwarding_address": "a", "forwarding_smtp_address": "a@contoso.com"}, "either"),
        ({"identity": "b", "forwarding_address": "nobody"}, "no recipient answers"),
        ({"identity": "b", "state": "absent", "forwarding_address": "a"}, "stands beside"),
    ],
)
def test_declarations_that_cannot_be(item: dict[str, t.Any], says: str) -> None:
    (problem,) = Organization(mailbox("a", address="b@contoso.com"), mailbox("b")).plan(item)["problems"]
    assert says in problem and problem.startswith("mailbox ")


def test_a_mailbox_declared_twice_is_refused() -> None:
    assert "declared twice" in Organization(mailbox("a"), mailbox("b")).plan(to("a", "b@contoso.com"), to("a", "b@contoso.com"))["problems"][0]


def test_an_identity_that_fits_several_mailboxes_is_refused() -> None:
    organization = Organization(mailbox("a"), mailbox("b"))
    item = to("Twin", "b@contoso.com")
    reading = {"forwarding": [], "declared": [{"item": item, "mailboxes": list(organization.mailboxes.values())}], "cmdlets": organization.cmdlets}
    assert "2 mailboxes answer" in PLAN(reading, {"mailboxes": [item]})["problems"][0]


@pytest.mark.parametrize("wishes", [{"open_defalt": True}, {"accept_external": "perhaps"}])
def test_wishes_that_do_not_exist_are_errors(wishes: dict[str, t.Any]) -> None:
    with pytest.raises(AnsibleFilterError):
        Organization(mailbox("a")).plan(**wishes)


def test_a_reading_that_lacks_a_part_is_an_error() -> None:
    with pytest.raises(AnsibleFilterError, match="Get-TransportRule"):
        PLAN({"forwarding": [], "declared": [], "cmdlets": Organization().cmdlets[:3]})


def test_a_list_that_the_server_cut_short_is_an_error() -> None:
    cut = [one | {"truncated": True} if number == 0 else one for number, one in enumerate(Organization().cmdlets)]
    with pytest.raises(AnsibleFilterError, match="only a part of what Get-Recipient"):
        PLAN({"forwarding": [], "declared": [], "cmdlets": cut})
