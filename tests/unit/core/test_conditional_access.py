# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Conditional access: what the scenarios cannot see, such as the order of requests and what a body holds."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from hybridlab.graph import Graph, permissions, seed
from tests import scenarios
from tests.fake_graph import FakeGraph

LOCATIONS = "/v1.0/identity/conditionalAccess/namedLocations"
POLICIES = "/v1.0/identity/conditionalAccess/policies"
POLICY = {"identity": "MFA", "policy_state": "report_only", "include_users": ["all"], "include_applications": ["all"], "grant_controls": ["mfa"]}


class Place:
    """A tenant of its own and a way to it."""

    def __init__(self, roles: t.Iterable[str] = permissions.ALL) -> None:
        self.graph = Graph(seed.tenant())
        self.session = FakeGraph(self.graph, roles)

    def run(self, name: str, check_mode: bool = False, **options: t.Any) -> Result:
        module = scenarios.module(name)
        return module.run(lambda: t.cast(t.Any, self.session), Task(module.validate(options), check_mode, diff=True, verbosity=1))

    def location(self, **options: t.Any) -> Result:
        return self.run("entra_named_location", **options)

    def policy(self, **options: t.Any) -> Result:
        return self.run("entra_conditional_access_policy", **options)

    def written(self) -> list[tuple[str, str, t.Any]]:
        found = list(self.graph.writes)
        self.graph.calls.clear()
        return found

    def asked(self) -> list[str]:
        found = [path.partition("?")[0] for method, path, _body in self.graph.calls if method == "GET"]
        self.graph.calls.clear()
        return found


@pytest.fixture
def place() -> Place:
    return Place()


def test_a_trusted_location_is_untrusted_before_it_is_deleted(place: Place) -> None:
    identifier = place.location(identity="Offices", ip_ranges=["203.0.113.0/24"], is_trusted=True)["resource"]["id"]
    place.written()
    place.location(identity="Offices", state="absent")
    body = {"@odata.type": "#microsoft.graph.ipNamedLocation", "isTrusted": False}
    assert place.written() == [("PATCH", f"{LOCATIONS}/{identifier}", body), ("DELETE", f"{LOCATIONS}/{identifier}", None)]


def test_check_mode_predicts_that_a_used_location_stays(place: Place) -> None:
    place.location(identity="Offices", ip_ranges=["203.0.113.0/24"], is_trusted=True)
    place.policy(**POLICY, exclude_locations=["Offices"], include_locations=["all"])
    place.written()
    for check_mode in (True, False):
        result = place.run("entra_named_location", check_mode, identity="Offices", state="absent")
        assert "is used by MFA" in result["msg"]
        assert not result["changed"]
    assert place.written() == []


@pytest.mark.parametrize(
    "text", ["10.0.0.0/24", "172.31.255.0/24", "192.168.0.1", "127.0.0.1", "169.254.1.0/24", "100.100.0.0/16", "224.0.0.5", "fe80::/64", "fd00::1", "::1"]
)
def test_what_is_not_public_is_not_trusted(place: Place, text: str) -> None:
    assert "is not public" in place.location(identity="Offices", ip_ranges=[text], is_trusted=True)["msg"]
    assert not place.location(identity="Offices", ip_ranges=[text], is_trusted=False).get("failed")


@pytest.mark.parametrize(("text", "refused"), [("12.0.0.0/8", True), ("12.0.0.0/9", False), ("2600::/8", True), ("2600::/9", False), ("0.0.0.0/0", True)])
def test_a_range_is_not_as_wide_as_a_slash_8(place: Place, text: str, refused: bool) -> None:
    for trusted in (True, False):
        assert bool(place.location(identity=f"Offices {trusted}", ip_ranges=[text], is_trusted=trusted).get("failed")) == refused


def test_a_private_range_that_was_trusted_long_ago_does_not_stop_other_changes(place: Place) -> None:
    place.location(identity="Offices", ip_ranges=["10.0.0.0/24", "203.0.113.0/24"])
    next(iter(place.graph.tenant.locations.values()))["isTrusted"] = True
    assert place.location(identity="Offices", ip_ranges={"add": ["198.51.100.0/24"]})["changed"]
    assert place.location(identity="Offices", ip_ranges={"remove": ["10.0.0.0/24"]})["changed"]


def test_what_options_do_not_know_goes_along_and_annotations_do_not(place: Place) -> None:
    place.policy(**POLICY, authentication_strength="Passwordless MFA")
    held = next(iter(place.graph.tenant.policies.values()))
    held["conditions"]["clientApplications"] = {"includeServicePrincipals": ["None"], "excludeServicePrincipals": [], "servicePrincipalFilter": None}
    held["sessionControls"] = {"persistentBrowser": {"isEnabled": True, "mode": "never"}, "signInFrequency": None}
    place.written()
    place.policy(identity="MFA", exclude_groups=["Break Glass"], grant_operator="and", sign_in_frequency="30 days")
    ((method, _path, body),) = place.written()
    assert (method, sorted(body)) == ("PATCH", ["conditions", "grantControls", "sessionControls"])
    assert body["conditions"]["clientApplications"] == held["conditions"]["clientApplications"]
    assert body["sessionControls"]["persistentBrowser"] == {"isEnabled": True, "mode": "never"}
    assert body["grantControls"] == {
        "operator": "AND",
        "builtInControls": ["mfa"],
        "authenticationStrength": {"id": "00000000-0000-0000-0000-000000000003"},
    }
    assert "odata" not in json.dumps(body)


def test_only_what_changes_is_sent(place: Place) -> None:
    place.policy(**POLICY)
    place.written()
    place.policy(identity="MFA", description="For everybody")
    assert [body for _method, _path, body in place.written()] == [{"description": "For everybody"}]


def test_names_are_asked_for_once_for_each_kind(place: Place) -> None:
    everybody = ["ada@contoso.com", "grace@contoso.com", "alan@contoso.com"]
    place.policy(**POLICY, exclude_users=everybody, exclude_groups=["Break Glass", "Engineering"])
    place.asked()
    shown = place.policy(identity="MFA")["resource"]
    assert (shown["exclude_users"], shown["exclude_groups"]) == (everybody, ["Break Glass", "Engineering"])
    assert sorted(place.asked()) == ["/v1.0/groups", POLICIES, "/v1.0/users"]


def test_names_that_are_known_are_not_asked_for_again(place: Place) -> None:
    place.policy(**POLICY, exclude_users=["ada@contoso.com"], exclude_locations=[])
    place.asked()
    place.policy(identity="MFA", exclude_users={"add": ["grace@contoso.com"]})  # looks before and after: one user shown, one wanted
    assert place.asked().count("/v1.0/users") == 2


def test_a_policy_without_names_asks_for_none(place: Place) -> None:
    place.policy(**POLICY)
    place.asked()
    place.policy(identity="MFA")
    assert place.asked() == [POLICIES]


def test_security_defaults_are_asked_only_when_a_policy_is_about_to_be_enabled(place: Place) -> None:
    place.policy(**POLICY)
    place.asked()
    place.policy(identity="MFA", policy_state="enabled")
    assert "/v1.0/policies/identitySecurityDefaultsEnforcementPolicy" in place.asked()
    place.policy(identity="MFA", policy_state="enabled", description="Still")
    assert "/v1.0/policies/identitySecurityDefaultsEnforcementPolicy" not in place.asked()


def test_a_name_that_two_groups_have_is_refused(place: Place) -> None:
    twins = [place.graph.tenant.add("group", {"displayName": "Twins", "mailNickname": alias}).id for alias in ("a", "b")]
    assert "exclude_groups: several objects are called group Twins" in place.policy(**POLICY, exclude_groups=["Twins"])["msg"]
    assert place.policy(**POLICY, exclude_groups=twins[:1])["resource"]["exclude_groups"] == ["Twins"]
    assert "several objects are called" in place.policy(identity="MFA", exclude_groups=["Twins"])["msg"]  # also when one of them is there already


def test_a_name_that_two_locations_have_is_refused(place: Place) -> None:
    identifiers = [place.location(identity=name, ip_ranges=["203.0.113.0/24"])["resource"]["id"] for name in ("Offices", "Branches")]
    place.graph.tenant.locations[identifiers[1]]["displayName"] = "offices"
    assert "several objects are called named location Offices" in place.policy(**POLICY, exclude_locations=["Offices"])["msg"]
    assert place.policy(**POLICY, exclude_locations=identifiers)["resource"]["exclude_locations"] == ["Offices", "offices"]


def test_a_location_that_is_called_like_a_word_is_named_by_its_id(place: Place) -> None:
    identifier = place.location(identity="All", ip_ranges=["203.0.113.0/24"])["resource"]["id"]
    assert place.policy(**POLICY, include_locations=["all"], exclude_locations=[identifier])["resource"]["exclude_locations"] == [identifier]
    assert next(iter(place.graph.tenant.policies.values()))["conditions"]["locations"] == {"includeLocations": ["All"], "excludeLocations": [identifier]}


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ("Policy.ReadWrite.ConditionalAccess", "and Policy.ReadWrite.ConditionalAccess"),
        ("Application.Read.All", "Give the application the permission Application.Read.All"),
    ],
)
def test_a_missing_permission_is_named(missing: str, words: str) -> None:
    roles = {"Policy.Read.All", "Policy.ReadWrite.ConditionalAccess", "User.Read.All", "Application.Read.All"} - {missing}
    result = Place(roles).policy(**POLICY | {"include_applications": ["Payroll"]})
    assert result["error"]["class"] == "AccessDenied"
    assert words in result["msg"]
    assert not result["changed"]
