# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role entra_mfa plans, refuses and reports."""

from __future__ import annotations

import base64
import json
import typing as t
import uuid

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.m365.hybrid.plugins.filter.mfa_plan import FilterModule

PLAN = FilterModule().filters()["mfa_plan"]
Row = dict[str, t.Any]
EMERGENCY = {"break_glass": ["sos@contoso.com", "sos2@contoso.com"]}
POLICY = {"policy_state": "report_only", "policy_name": "MFA", "trusted_location": "Offices", **EMERGENCY}


def user(name: str, mobile: str | None = None, enabled: bool = True) -> Row:
    return {"id": f"id-{name}", "user_principal_name": f"{name}@contoso.com", "account_enabled": enabled, "mobile_phone": mobile}


def member(name: str, kind: str = "user") -> Row:
    return {"@odata.type": f"#microsoft.graph.{kind}", "id": f"id-{name}"}


USERS = [user("ada", "+49 170 1111111"), user("grace"), user("hedy", "0170 2222222"), user("sos"), user("sos2"), user("gone", enabled=False)]
METHODS = [{"id": "MicrosoftAuthenticator", "state": "enabled"}, {"id": "Sms", "state": "disabled"}, {"id": "Email", "state": "enabled"}]


def group(name: str, *members: Row) -> Row:
    """A group with its members, as two loops read them."""
    found = {"id": f"id-{name}", "displayName": name}
    return {"groups": {"item": name, "output": [found]}, "members": {"item": found, "output": list(members)}}


def reading(*groups: Row, **changes: t.Any) -> Row:
    whole: Row = {"users": USERS, "locations": [], "policies": [], "security_defaults": False}
    whole |= {part: [one[part] for one in groups] for part in ("groups", "members")}
    return whole | {"methods_policy": {"authenticationMethodConfigurations": METHODS}} | changes


def plan(wishes: Row, *groups: Row, **changes: t.Any) -> Row:
    return t.cast(Row, PLAN(reading(*groups, **changes), wishes))


def area(found: Row, name: str, part: str = "areas") -> list[Row]:
    return next((one["objects"] for one in found[part] if one["name"] == name), [])


def problem(wishes: Row, *groups: Row, **changes: t.Any) -> str:
    return " | ".join(plan(wishes, *groups, **changes)["problems"])


def test_without_wishes_nothing_is_done() -> None:
    found = plan({})
    assert (found["areas"], found["problems"], found["changes"], found["saved"]) == ([], [], [], {})


# Users


def test_members_of_a_group_and_declared_users_are_taken_once_each() -> None:
    found = plan({"users": [{"identity": "ID-Ada", "per_user_mfa_state": "enforced"}], "groups": ["Staff"], "user_state": "enabled"},
                 group("Staff", member("ada"), member("grace"), member("printer", "device")))  # fmt: skip
    states = [{"identity": "ada@contoso.com", "per_user_mfa_state": "enforced"}, {"identity": "grace@contoso.com", "per_user_mfa_state": "enabled"}]
    assert area(found, "states") == states and found["problems"] == []


def test_a_group_in_a_group_is_named_and_not_followed() -> None:
    nested = group("Staff", member("ada"), member("Temps", "group"))
    assert "id-Temps" in plan({"groups": ["Staff"]}, nested)["report"]["notes"][0]
    assert plan({"groups": ["Staff", "Temps"]}, nested, group("Temps"))["report"]["notes"] == []


def test_accounts_that_are_left_out_get_nothing_as_members_of_a_group() -> None:
    wishes = {"groups": ["Staff"], "user_state": "enforced", "exclude_users": ["grace@contoso.com"], "exclude_groups": ["Rooms"], **EMERGENCY}
    found = plan(wishes, group("Staff", member("ada"), member("grace"), member("hedy"), member("sos")), group("Rooms", member("hedy")))
    assert [one["identity"] for one in area(found, "states")] == ["ada@contoso.com"]
    assert found["report"]["excluded"] == ["grace@contoso.com", "hedy@contoso.com", "sos2@contoso.com", "sos@contoso.com"]


@pytest.mark.parametrize("state", ["enabled", "enforced"])
def test_a_break_glass_account_that_is_declared_is_refused(state: str) -> None:
    declared = [{"identity": "sos@contoso.com", "per_user_mfa_state": state}]
    assert f"sos@contoso.com is to be {state}, and is a break-glass account" in problem({"users": declared, **EMERGENCY})


def test_a_break_glass_account_may_be_declared_disabled() -> None:
    assert problem({"users": [{"identity": "sos@contoso.com", "per_user_mfa_state": "disabled"}], **EMERGENCY}) == ""


def test_a_group_that_is_not_there_or_not_the_only_one_is_refused() -> None:
    twins = {"item": "Twins", "output": [{"id": "1", "displayName": "Twins"}, {"id": "2", "displayName": "Twins"}]}
    found = PLAN(reading() | {"groups": [twins, {"item": "None", "output": []}]}, {"groups": ["Twins", "None"]})
    assert "2 groups are called Twins" in found["problems"][0] and "there is no group None" in found["problems"][1]


def test_groups_that_were_not_read_are_an_error() -> None:
    with pytest.raises(AnsibleFilterError, match="Staff"):
        plan({"groups": ["Staff"]})


def test_what_no_variable_is_called_is_an_error() -> None:
    with pytest.raises(AnsibleFilterError, match="phone_sources cannot be wished"):
        plan({"phone_sources": "entra"})


# Phones


def phones(source: str, *given: Row, who: str = "ada", **wishes: t.Any) -> Row:
    return plan({"users": [{"identity": f"{who}@contoso.com", "phones": list(given)}], "phone_source": source, **wishes})


def phone(number: str, kind: str = "mobile") -> Row:
    return {"type": kind, "number": number}


def test_a_given_number_wins_over_the_directory() -> None:
    assert area(phones("entra", phone("0049 (0)30/123456-7")), "phones")[0]["phone_number"] == "+49 301234567"
    assert area(phones("entra"), "phones")[0]["phone_number"] == "+49 1701111111"


def test_the_directory_is_not_asked_unless_it_is_the_source() -> None:
    assert area(phones("given"), "phones") == [] and phones("given")["report"]["without_number"] == ["ada@contoso.com"]
    assert phones("none")["report"]["without_number"] == []


@pytest.mark.parametrize("source", ["AD", "Entra", ""])
def test_another_source_is_refused(source: str) -> None:
    assert "is one of none, given, entra, ad" in phones(source)["problems"][0]


GUID = uuid.UUID("2f72f5ee-f545-4a42-a053-da0bd1fddbd4")
IMMUTABLE = base64.b64encode(GUID.bytes_le).decode()


def account(name: str, mobile: str, guid: t.Any = "", **more: str) -> Row:
    """A user of Active Directory with a mobile number."""
    return {"dn": f"CN={name}", "userPrincipalName": f"{name}@contoso.com", "mobile": mobile, "objectGUID": str(guid or uuid.uuid5(GUID, name)), **more}


def from_ad(*accounts: Row, immutable: str | None = None, given: t.Sequence[Row] = ()) -> Row:
    """The plan for ada, whose number in Entra ID is another."""
    ada = user("ada", "+49 170 1111111") | {"on_premises_immutable_id": immutable}
    wishes = {"users": [{"identity": "ada@contoso.com", "phones": list(given)}], "phone_source": "ad", "directory_host": "dc01"}
    return plan(wishes, users=[ada], numbers=list(accounts))


def number(found: Row) -> str | None:
    phones = area(found, "phones")
    return str(phones[0]["phone_number"]) if phones else None


def test_active_directory_has_the_number_and_entra_is_not_asked() -> None:
    assert number(from_ad(account("grace", "+49 1703333333"), account("ADA", " +49 (0)170 / 4444444 "))) == "+49 1704444444"
    assert number(from_ad()) is None and from_ad()["report"]["without_number"] == ["ada@contoso.com"]
    assert number(from_ad(account("ada", "+49 1704444444"), given=[phone("+49 1705555555")])) == "+49 1705555555"


def test_a_synchronized_user_is_found_by_the_id_and_not_by_the_name_of_another() -> None:
    moved = account("lovelace", "+49 1704444444", GUID)
    assert number(from_ad(moved, account("ada", "+49 1706666666"), immutable=IMMUTABLE)) == "+49 1704444444"
    assert number(from_ad(account("ada", "+49 1706666666"), immutable=IMMUTABLE)) is None


def test_the_id_that_an_administrator_wrote_goes_before_the_accounts_own() -> None:
    kept = account("lovelace", "+49 1704444444", **{"mS-DS-ConsistencyGuid": str(GUID)})
    other = account("other", "+49 1706666666", GUID, **{"mS-DS-ConsistencyGuid": str(uuid.uuid5(GUID, "x"))})
    assert number(from_ad(kept, other, immutable=IMMUTABLE)) == "+49 1704444444"


@pytest.mark.parametrize("immutable", ["RTEyMzQ1", "not base64", ""])
def test_an_immutable_id_of_another_kind_leaves_the_name(immutable: str) -> None:
    assert number(from_ad(account("ada", "+49 1704444444"), immutable=immutable)) == "+49 1704444444"


def test_two_accounts_of_one_user_fail_that_user_alone() -> None:
    found = from_ad(account("ada", "+49 1704444444"), account("Ada", "+49 1706666666", uuid.uuid4()))
    assert number(found) is None and "2 accounts of Active Directory" in str(found["report"]["problems"])


def test_active_directory_needs_a_host() -> None:
    assert "which needs entra_mfa_directory_host" in problem({"users": TWO["users"], "phone_source": "ad"})


def test_phones_without_a_source_are_refused() -> None:
    assert "entra_mfa_phone_source is none" in phones("none", phone("+49 1701111111"))["problems"][0]


def test_a_number_without_a_country_code_fails_its_user_alone() -> None:
    found = phones("entra", who="hedy", user_state="enabled")
    assert found["problems"] == [] and found["report"]["failed"] == ["hedy@contoso.com"]
    assert "'0170 2222222' has no country code" in found["report"]["problems"][0] and "entra_mfa_default_country_code" in found["report"]["problems"][0]
    assert area(phones("entra", who="hedy", default_country_code="49"), "phones")[0]["phone_number"] == "+49 1702222222"


def test_two_phones_of_one_type_fail_their_user_alone() -> None:
    found = phones("given", phone("+49 1701111111"), phone("+49 1702222222"))
    assert area(found, "phones") == [] and "2 phones of the type mobile are given" in found["report"]["problems"][0]


def test_a_country_code_that_is_none_is_refused() -> None:
    assert "entra_mfa_default_country_code: 'Germany' is not a country code" in problem({"default_country_code": "Germany"})


def test_phones_of_one_user_are_written_one_type_after_the_other() -> None:
    found = phones("given", phone("+49 1701111111"), phone("+49 1702222222", "alternate_mobile"), phone("+49 3033333", "office"))
    assert [one["name"] for one in found["areas"]] == ["phones", "office_phones", "alternate_phones"]


# The tenant


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("10.0.0.0/16", "10.0.0.0/16 is not public"),
        ("192.168.7.9", "192.168.7.9/32 is not public"),
        ("172.16.0.0/12", "172.16.0.0/12 is not public"),
        ("fd00::/16", "fd00::/16 is not public"),
        ("8.0.0.0/8", "8.0.0.0/8 is too wide"),
        ("2000::/3", "2000::/3 is too wide"),
        ("offices", "'offices' is not a range"),
    ],
)
def test_what_must_not_be_trusted_is_refused_with_every_other_range(text: str, says: str) -> None:
    found = problem({"trusted_location": "Offices", "trusted_ranges": [text, "0.0.0.0/0"]})
    assert says in found and "0.0.0.0/0 is too wide" in found


def test_a_finished_migration_needs_a_second_factor() -> None:
    off = [{"method": "microsoft_authenticator", "method_state": "disabled"}]
    assert "enables no second factor" in problem({"migration_state": "migration_complete", "methods": off})
    assert problem({"migration_state": "migration_complete"}) == ""
    assert problem({"migration_state": "migration_in_progress", "methods": off}) == ""
    assert problem({"migration_state": "migration_complete", "methods": [*off, {"method": "fido2", "method_state": "enabled"}]}) == ""


# The policy


def test_the_policy_excludes_break_glass_accounts_by_id() -> None:
    found = plan({**POLICY, "exclude_users": ["grace@contoso.com"], "exclude_groups": ["Rooms"]}, group("Rooms"))
    (policy,) = area(found, "policy")
    assert policy["exclude_users"] == ["id-sos", "id-sos2", "id-grace"] and policy["exclude_groups"] == ["id-Rooms"]
    assert (policy["policy_state"], policy["include_users"], policy["exclude_locations"]) == ("report_only", ["all"], ["all_trusted"])


def test_a_policy_for_groups_excludes_break_glass_accounts_by_id_as_well() -> None:
    (policy,) = area(plan({**POLICY, "policy_groups": ["Staff"]}, group("Staff", member("ada"))), "policy")
    assert policy["include_groups"] == ["id-Staff"] and policy["include_users"] == [] and policy["exclude_users"] == ["id-sos", "id-sos2"]


def test_the_policy_is_refused_without_a_break_glass_account_that_works() -> None:
    assert "entra_mfa_break_glass is empty" in problem({**POLICY, "break_glass": []})
    assert "there is no user nobody@contoso.com" in problem({**POLICY, "break_glass": ["nobody@contoso.com"]})
    assert "gone@contoso.com may not sign in" in problem({**POLICY, "break_glass": ["gone@contoso.com"]})
    assert problem({**POLICY, "policy_state": "absent", "break_glass": []}) == ""


def test_one_break_glass_account_is_worth_a_word() -> None:
    assert "name a second one" in plan({**POLICY, "break_glass": ["sos@contoso.com"]})["report"]["notes"][0]


def test_enforcement_is_acknowledged() -> None:
    assert "entra_mfa_policy_accept_enforcement: true" in problem({**POLICY, "policy_state": "enabled"})
    assert problem({**POLICY, "policy_state": "enabled", "policy_accept_enforcement": "yes"}) == ""


@pytest.mark.parametrize("state", ["report_only", "enabled"])
def test_beside_the_security_defaults_the_policy_is_refused(state: str) -> None:
    found = problem({**POLICY, "policy_state": state, "policy_accept_enforcement": True}, security_defaults=True)
    assert "Turn them off with m365.hybrid.entra_security_defaults" in found
    assert problem({**POLICY, "policy_state": "disabled"}, security_defaults=True) == ""


def test_a_location_that_is_still_to_be_made_is_named_only_when_it_is_there() -> None:
    wishes = {**POLICY, "trusted_ranges": ["203.0.113.0/24"]}
    before = next(one for one in plan(wishes)["areas"] if one["name"] == "policy")
    assert before["objects"][0]["exclude_locations"] == ["Offices"] and "exclude_locations" not in before["now"][0]
    after = next(one for one in plan(wishes, locations=[{"displayName": "OFFICES"}])["areas"] if one["name"] == "policy")
    assert after["now"] == after["objects"]


def test_a_policy_that_is_there_names_the_new_location_and_its_old_ones_are_saved() -> None:
    old = {"displayName": "mfa", "conditions": {"locations": {"excludeLocations": ["AllTrusted"]}}}
    found = plan({**POLICY, "trusted_ranges": ["203.0.113.0/24"]}, policies=[old], outcomes={"policy": lines({"outcome": "unchanged"})})
    assert area(found, "policy", "changes")[0]["exclude_locations"] == ["Offices"]
    assert found["saved"]["policy"] == [{"identity": "MFA", "exclude_locations": ["AllTrusted"]}]


@pytest.mark.parametrize(("excluded", "missing"), [(["id-sos", "id-sos2"], 0), (["id-sos"], 1), ([], 2)])
def test_the_policy_is_read_anew_for_its_break_glass_accounts(excluded: list[str], missing: int) -> None:
    shown = {"displayName": "MFA", "conditions": {"users": {"excludeUsers": excluded}}}
    found = plan(POLICY, policies_after=[shown])["guard"]
    assert len(found) == missing and all("does not exclude the break-glass account" in one for one in found)
    assert "0 conditional access policies are called MFA" in plan(POLICY, policies_after=[])["guard"][0]


# Outcomes


def lines(*outcomes: Row) -> str:
    """The text of a result file."""
    return "\n".join(json.dumps({"number": number, "object": "MFA", **one}) for number, one in enumerate(outcomes, 1))


TWO = {"users": [{"identity": "ada@contoso.com"}, {"identity": "grace@contoso.com"}], "user_state": "enabled"}


def test_what_changes_is_saved_as_it_was_and_what_does_not_is_left_alone() -> None:
    diff = {"before": {"per_user_mfa_state": "disabled"}, "after": {"per_user_mfa_state": "enabled"}}
    found = plan(TWO, outcomes={"states": lines({"outcome": "unchanged"}, {"outcome": "updated", "diff": diff})})
    assert area(found, "states", "changes") == [{"identity": "grace@contoso.com", "per_user_mfa_state": "enabled"}]
    assert found["saved"] == {"states": [{"identity": "grace@contoso.com", "per_user_mfa_state": "disabled"}]}


def test_what_is_made_is_saved_as_absent() -> None:
    found = plan({"users": TWO["users"], "phone_source": "entra"}, outcomes={"phones": lines({"outcome": "created"})})
    assert found["saved"] == {"phones": [{"identity": "ada@contoso.com", "phone_type": "mobile", "state": "absent"}]}


def test_an_alternate_phone_waits_for_the_mobile_phone_of_the_same_run() -> None:
    wishes = {"users": [{"identity": "ada@contoso.com", "phones": [phone("+49 1701111111"), phone("+49 1702222222", "alternate_mobile")]}]}
    refused = lines({"outcome": "failed", "object": "ada@contoso.com / alternate_mobile", "msg": "the user has no mobile phone"})
    found = plan({**wishes, "phone_source": "given"}, outcomes={"phones": lines({"outcome": "created"}), "alternate_phones": refused})
    waiting = next(one for one in found["changes"] if one["name"] == "alternate_phones")
    assert len(waiting["objects"]) == 1 and waiting["now"] == [] and found["report"]["failed"] == []
    alone = plan({**wishes, "phone_source": "given"}, outcomes={"phones": lines({"outcome": "unchanged"}), "alternate_phones": refused})
    assert alone["changes"] == [] and alone["report"]["failed"] == ["ada@contoso.com"]


@pytest.mark.parametrize(("given", "replace", "kept"), [(False, False, True), (False, True, False), (True, False, False)])
def test_a_number_that_a_user_registered_gives_way_to_a_given_one_only(given: bool, replace: bool, kept: bool) -> None:
    declared = {"identity": "ada@contoso.com", "phones": [phone("+49 1703333333")] if given else []}
    line = {"outcome": "updated", "diff": {"before": {"phone_number": "+49 1709999999"}}}
    found = plan({"users": [declared], "phone_source": "entra", "phone_replace": replace}, outcomes={"phones": lines(line)})
    assert found["report"]["kept_number"] == (["ada@contoso.com"] if kept else []) and bool(found["changes"]) is not kept


def test_who_failed_or_was_not_begun_is_never_reported_as_done() -> None:
    failed = {"number": 1, "object": "ada@contoso.com", "outcome": "failed", "msg": "not licensed"}
    skipped = {"number": 2, "object": "grace@contoso.com", "outcome": "skipped"}
    report = plan(TWO, done={"states": [failed, skipped]})["report"]
    assert report["failed"] == ["ada@contoso.com", "grace@contoso.com"] and report["counts"]["changed"] == 0
    assert report["problems"] == ["ada@contoso.com: not licensed", "grace@contoso.com: not begun"]


def test_who_does_not_show_the_change_is_not_done() -> None:
    done = [{"number": number, "object": name, "outcome": "updated"} for number, name in ((1, "ada@contoso.com"), (2, "grace@contoso.com"))]
    verified = [done[0] | {"outcome": "unchanged"}, done[1]]
    report = plan(TWO, done={"states": done}, verified={"states": verified})["report"]
    assert report["failed"] == ["grace@contoso.com"]
    assert [one["outcome"] for one in report["users"]] == ["changed", "failed"]


def test_what_the_tenant_would_refuse_is_a_problem_of_all() -> None:
    refused = lines({"outcome": "failed", "msg": "there is no group Nowhere"})
    found = plan({"methods": [{"method": "sms", "include_targets": ["Nowhere"]}]}, outcomes={"methods": refused})
    assert found["problems"] == ["methods, MFA: there is no group Nowhere"] and found["report"]["failed"] == []


# The report


def test_the_report_says_who_is_registered_who_is_not_and_of_whom_that_is_not_known() -> None:
    rows = [
        {"user_principal_name": "ada@contoso.com", "id": "id-ada", "is_mfa_registered": True, "is_mfa_capable": True, "methods_registered": ["mobile_phone"]},
        {"user_principal_name": "hedy@contoso.com", "id": "id-hedy", "is_mfa_registered": False, "is_mfa_capable": False, "methods_registered": []},
    ]
    report = plan(TWO, registrations={"users": rows, "unknown": []})["report"]
    assert (report["not_registered"], report["unknown"], report["registrations"]) == (["hedy@contoso.com"], ["grace@contoso.com"], "")
    shown = {one["user"]: one for one in report["users"]}
    assert shown["ada@contoso.com"]["methods_registered"] == ["mobile_phone"] and shown["hedy@contoso.com"]["outcome"] == "not_declared"
    assert {shown["grace@contoso.com"][name] for name in ("is_mfa_registered", "methods_registered", "app_passwords", "trusted_devices")} == {"unknown"}
    assert report["app_passwords"] == "unknown" and report["counts"]["unknown"] == 1
    declared = plan({**TWO, "report_scope": "declared"}, registrations={"users": rows, "unknown": []})["report"]
    assert [one["user"] for one in declared["users"]] == ["ada@contoso.com", "grace@contoso.com"]


def test_a_report_that_could_not_be_read_makes_nobody_unregistered() -> None:
    report = plan(TWO, registrations={"failed": False, "msg": "the tenant has no premium licence"})["report"]
    assert report["not_registered"] == [] and report["unknown"] == ["ada@contoso.com", "grace@contoso.com"]
    assert report["registrations"] == "the tenant has no premium licence"


def test_forty_thousand_users_are_one_list_for_each_kind_of_object() -> None:
    many = [user(f"user{number}", f"+49 170 {number:07}") for number in range(40_000)]
    staff = group("Staff", *(member(f"user{number}") for number in range(40_000)))
    found = plan({"groups": ["Staff"], "user_state": "enabled", "phone_source": "entra"}, staff, users=many)
    assert len(area(found, "states")) == len(area(found, "phones")) == 40_000
