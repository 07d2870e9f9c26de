# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab's directory synchronisation: who comes along, who is who, what is refused, and what the runs say about it."""

from __future__ import annotations

import base64
import typing as t

import pytest

from hybridlab.sync import scope
from hybridlab.sync.runs import Run
from tests.unit.lab.exchange_calls import call
from tests.unit.lab.hybrid import Hybrid

CLOUD, LOCAL = "Extensible2", "AD"


def failures(run: Run) -> list[tuple[str, str]]:
    return [(one.source, one.kind) for one in run.errors]


@pytest.fixture
def lab() -> Hybrid:
    return Hybrid()


def test_an_account_becomes_a_synchronised_user(lab: Hybrid) -> None:
    one = lab.account("joan", givenName="Joan", sn="Clarke", title="Analyst", department="Research", l="London", c="GB", telephoneNumber="+44 1")
    runs = lab.sync()
    found = lab.user("joan@contoso.com").values
    assert (found["givenName"], found["surname"], found["jobTitle"], found["city"], found["usageLocation"]) == ("Joan", "Clarke", "Analyst", "London", "GB")
    assert found["onPremisesImmutableId"] == base64.b64encode(one.guid.bytes_le).decode()
    assert (found["onPremisesSyncEnabled"], found["onPremisesSamAccountName"], found["onPremisesDistinguishedName"]) == (True, "joan", one.dn)
    assert found["onPremisesLastSyncDateTime"] and found["onPremisesDomainName"] == "contoso.com" and found["accountEnabled"] is True
    assert found["proxyAddresses"] == ["SMTP:joan@contoso.com", "smtp:joan@contoso.onmicrosoft.com"]
    assert [run.result for run in runs.values()] == ["success"] * 6
    assert runs[CLOUD, "Export"].counters.ExportAdd >= 1
    assert call(lab.exchange, "Get-MailUser", Identity="joan").object["ExternalDirectoryObjectId"] == lab.user("joan@contoso.com").id


def test_a_second_cycle_brings_only_what_changed(lab: Hybrid) -> None:
    one = lab.account("joan")
    lab.sync()
    lab.sync()  # sees what the first one wrote back
    before = lab.user("joan@contoso.com").values["onPremisesLastSyncDateTime"], len(lab.graph.tenant.audits)
    idle = lab.sync()
    assert idle[LOCAL, "Import"].counters.StageUpdate == 0 == idle[CLOUD, "Export"].counters.ExportUpdate
    assert before == (lab.user("joan@contoso.com").values["onPremisesLastSyncDateTime"], len(lab.graph.tenant.audits))
    lab.directory.put(one, "displayName", "Joan E. Clarke")
    lab.directory.put(one, "userAccountControl", 0x202)
    busy = lab.sync()
    found = lab.user("joan@contoso.com").values
    assert (found["displayName"], found["accountEnabled"]) == ("Joan E. Clarke", False)
    assert busy[LOCAL, "Import"].counters.StageUpdate == 1 == busy[CLOUD, "Export"].counters.ExportUpdate


def test_entra_connect_writes_back_who_is_who(lab: Hybrid) -> None:
    one = lab.account("joan")
    lab.sync()
    assert one.text("msDS-ExternalDirectoryObjectId") == f"User_{lab.user('joan@contoso.com').id}"
    assert one.raw("mS-DS-ConsistencyGuid") == one.guid.bytes_le
    older = Hybrid("aadsync")
    other = older.account("joan")
    older.sync()
    assert other.raw("mS-DS-ConsistencyGuid") is None and other.text("msDS-ExternalDirectoryObjectId") == ""


def test_an_anchor_that_was_written_down_counts_more_than_the_guid(lab: Hybrid) -> None:
    lab.account("joan", **{"mS-DS-ConsistencyGuid": bytes(range(16))})
    lab.sync()
    assert lab.user("joan@contoso.com").values["onPremisesImmutableId"] == base64.b64encode(bytes(range(16))).decode()


def test_a_suffix_that_is_not_verified_gives_a_name_in_the_initial_domain(lab: Hybrid) -> None:
    lab.account("joan", userPrincipalName="joan@contoso.local")
    lab.sync()
    found = lab.user("joan@contoso.onmicrosoft.com").values
    assert found["onPremisesUserPrincipalName"] == "joan@contoso.local"


# --- scope ---


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"isCriticalSystemObject": True}, "isCriticalSystemObject"),
        ({"sAMAccountName": "MSOL_1234"}, "AAD_ or MSOL_"),
        ({"sAMAccountName": "SUPPORT_388945a0"}, "SUPPORT_388945a0"),
        ({"sAMAccountName": "CAS_{1}"}, "sAMAccountName begins with CAS_"),
        ({"mailNickname": "SystemMailbox{1}"}, "SystemMailbox"),
        ({"mailNickname": "cas_x}"}, "mailNickname begins with CAS_"),
        ({"msExchRecipientTypeDetails": 0x20000000}, "system object"),
        ({"msExchRecipientTypeDetails": 2}, "linked mailbox"),
    ],
)
def test_what_a_rule_excludes_does_not_arrive(lab: Hybrid, values: dict[str, t.Any], words: str) -> None:
    one = lab.account("odd", **values)
    before = lab.users()
    lab.sync()
    assert words in str(lab.staged(one).excluded) and lab.users() == before


def test_dirsync_excludes_what_it_excluded(lab: Hybrid) -> None:
    aad, braces = lab.account("AAD_1"), lab.account("odd", mailNickname="odd{1}")
    linked = lab.account("linked", msExchRecipientTypeDetails=2)
    assert [scope.excluded(one, "dirsync") is None for one in (aad, braces, linked)] == [True, False, True]
    assert [scope.excluded(one) is None for one in (aad, braces, linked)] == [False, True, False]


def test_groups_and_contacts_have_rules_of_their_own(lab: Hybrid) -> None:
    silent = lab.group("Silent", security=False)
    roles = lab.group("Roles", msExchRecipientTypeDetails=0x40000000)
    nobody = lab.forest.make(lab.place, "Nobody", "contact", {"displayName": "Nobody"})
    partner = lab.forest.make(lab.place, "Partner", "contact", {"mail": "p@adatum.com", "proxyAddresses": ["SMTP:p@adatum.com"]})
    assert "neither" in str(scope.excluded(silent)) and "role group" in str(scope.excluded(roles)) and "mail is absent" in str(scope.excluded(nobody))
    assert scope.excluded(partner) is None and scope.kind(lab.directory.find("CN=DC01,OU=Domain Controllers,DC=contoso,DC=com") or partner) is None


def test_what_leaves_the_scope_leaves_the_tenant(lab: Hybrid) -> None:
    one = lab.account("joan")
    lab.sync()
    lab.directory.put(one, "isCriticalSystemObject", True)
    assert lab.sync()[CLOUD, "Export"].counters.ExportDelete == 1
    assert "joan@contoso.com" not in lab.users()
    lab.directory.put(one, "isCriticalSystemObject", None)
    lab.sync()
    assert lab.user("joan@contoso.com").values["onPremisesSyncEnabled"] is True
    assert lab.graph.tenant.audits[0]["activityDisplayName"] == "Restore user" and call(lab.exchange, "Get-MailUser", Identity="joan").objects


# --- who is who ---


def test_a_cloud_user_of_the_same_name_is_taken_over(lab: Hybrid) -> None:
    ada = lab.user("ada@contoso.com").id
    lab.account("ada", displayName="Ada King")
    lab.sync()
    found = lab.user("ada@contoso.com")
    assert found.id == ada and found.values["displayName"] == "Ada King" and found.synchronized


def test_a_cloud_mailbox_of_the_same_primary_address_is_taken_over_and_keeps_what_only_the_cloud_knows(lab: Hybrid) -> None:
    room = lab.user("room1@contoso.com").id
    lab.account(
        "raum1", userPrincipalName="raum1@contoso.com", mail=None, mailNickname=None, proxyAddresses=["SMTP:room1@contoso.com"], userAccountControl=0x202
    )
    lab.account("info", proxyAddresses=None, mail=None, mailNickname=None)
    lab.sync()
    assert lab.user("raum1@contoso.com").id == room
    assert call(lab.exchange, "Get-Mailbox", Identity="info").object["EmailAddresses"] == ["SMTP:info@contoso.com"]
    info = [one for one in lab.graph.tenant.audits if one["targetResources"][0]["userPrincipalName"] == "info@contoso.com"]
    assert info and not any(name["displayName"] == "ProxyAddresses" for one in info for name in one["targetResources"][0]["modifiedProperties"])
    assert call(lab.exchange, "Get-Mailbox", Identity="room1").object["IsDirSynced"] is True


def test_an_immutable_id_that_was_set_by_hand_matches_before_any_name(lab: Hybrid) -> None:
    one = lab.account("joan")
    grace = lab.user("grace@contoso.com")
    grace.values["onPremisesImmutableId"] = base64.b64encode(one.guid.bytes_le).decode()
    lab.sync()
    assert lab.user("joan@contoso.com").id == grace.id


@pytest.mark.parametrize(
    ("feature", "kind"), [("blockSoftMatchEnabled", "InvalidSoftMatch"), ("blockCloudObjectTakeoverThroughHardMatchEnabled", "InvalidHardMatch")]
)
def test_matches_can_be_blocked(lab: Hybrid, feature: str, kind: str) -> None:
    lab.graph.tenant.synchronization["features"][feature] = True
    one = lab.account("ada")
    if kind == "InvalidHardMatch":
        lab.user("ada@contoso.com").values["onPremisesImmutableId"] = base64.b64encode(one.guid.bytes_le).decode()
    export = lab.sync()[CLOUD, "Export"]
    assert (export.result, failures(export)) == ("completed-export-errors", [(one.dn, kind)])
    assert not lab.user("ada@contoso.com").synchronized and lab.staged(one).pending


def test_an_address_of_a_group_stops_a_user(lab: Hybrid) -> None:
    one = lab.account("team", proxyAddresses=["SMTP:everyone@contoso.com"])
    assert failures(lab.sync()[CLOUD, "Export"]) == [(one.dn, "ObjectTypeMismatch")]


def test_duplicates_are_quarantined_and_come_when_they_are_free(lab: Hybrid) -> None:
    first = lab.account("joan")
    lab.sync()
    lab.account("jane", userPrincipalName="joan@contoso.com", proxyAddresses=["SMTP:jane@contoso.com", "smtp:joan@contoso.com"])
    runs = lab.sync()
    found = next(one for one in lab.graph.tenant.all("user") if one.values.get("onPremisesSamAccountName") == "jane")
    assert runs[CLOUD, "Export"].result == "success" and found.name.startswith("joan") and found.name.endswith("@contoso.onmicrosoft.com")
    errors = found.values["onPremisesProvisioningErrors"]
    assert [(one["propertyCausingError"], one["value"]) for one in errors] == [
        ("UserPrincipalName", "joan@contoso.com"),
        ("ProxyAddress", "smtp:joan@contoso.com"),
    ]
    lab.directory.put(first, "userPrincipalName", "first@contoso.com")
    lab.directory.put(first, "proxyAddresses", ["SMTP:first@contoso.com"])
    lab.sync()
    lab.sync()
    assert found.name == "joan@contoso.com" and found.values["onPremisesProvisioningErrors"] == []


def test_what_one_object_gives_up_another_gets_in_the_same_cycle(lab: Hybrid) -> None:
    first, leaver = lab.account("first", proxyAddresses=["SMTP:first@contoso.com", "smtp:desk@contoso.com"]), lab.account("leaver")
    lab.sync()
    lab.directory.put(first, "proxyAddresses", ["SMTP:first@contoso.com"])
    lab.directory.remove(leaver, lab.forest.graveyard)
    lab.account("heir", userPrincipalName="leaver@contoso.com", proxyAddresses=["SMTP:heir@contoso.com", "smtp:desk@contoso.com"])
    lab.sync()
    found = lab.user("leaver@contoso.com").values
    assert (found["onPremisesSamAccountName"], found["onPremisesProvisioningErrors"]) == ("heir", []) and "smtp:desk@contoso.com" in found["proxyAddresses"]


def test_addresses_in_domains_of_others_stay_on_premises(lab: Hybrid) -> None:
    lab.account("joan", proxyAddresses=["SMTP:joan@contoso.com", "smtp:joan@contoso.local", "X500:/o=Old"])
    lab.sync()
    assert lab.user("joan@contoso.com").values["proxyAddresses"] == ["SMTP:joan@contoso.com", "X500:/o=Old", "smtp:joan@contoso.onmicrosoft.com"]


def test_duplicates_are_refused_where_they_are_not_quarantined(lab: Hybrid) -> None:
    lab.graph.tenant.synchronization["features"]["quarantineUponProxyAddressesConflictEnabled"] = False
    lab.account("joan")
    lab.sync()
    one = lab.account("jane", proxyAddresses=["SMTP:jane@contoso.com", "smtp:joan@contoso.com"])
    export = lab.sync()[CLOUD, "Export"]
    error = lab.staged(one).error
    assert failures(export) == [(one.dn, "InvalidSoftMatch")] and error is not None
    assert "smtp:joan@contoso.com" in error.message and error.other == lab.user("joan@contoso.com").id


def test_a_name_that_nobody_can_sign_in_with_is_refused(lab: Hybrid) -> None:
    one = lab.account("joan", userPrincipalName="joan clarke@contoso.com")
    assert failures(lab.sync()[CLOUD, "Export"]) == [(one.dn, "IdentityDataValidationFailed")]


@pytest.mark.parametrize(("allowed", "name"), [(True, "clarke@contoso.com"), (False, "joan@contoso.com")])
def test_the_name_of_a_licensed_user_changes_where_the_tenant_allows_it(lab: Hybrid, allowed: bool, name: str) -> None:
    one = lab.account("joan")
    lab.sync()
    lab.user("joan@contoso.com").values["assignedLicenses"] = [{"skuId": "x", "disabledPlans": []}]
    lab.graph.tenant.synchronization["features"]["synchronizeUpnForManagedUsersEnabled"] = allowed
    lab.directory.put(one, "userPrincipalName", "clarke@contoso.com")
    lab.sync()
    assert lab.user(name).values["onPremisesSamAccountName"] == "joan"


def test_of_a_password_is_known_when_it_was_changed(lab: Hybrid) -> None:
    lab.account("joan", pwdLastSet=133_500_000_000_000_000)
    lab.sync()
    found = lab.user("joan@contoso.com").values
    assert (found["lastPasswordChangeDateTime"], found["passwordPolicies"]) == ("2024-01-17T21:20:00Z", "DisablePasswordExpiration")


# --- groups ---


def test_groups_bring_their_members_also_those_who_come_later(lab: Hybrid) -> None:
    joan = lab.account("joan")
    inner = lab.group("Inner", joan)
    group = lab.group("Team", joan, inner, security=False, mail="team@contoso.com", mailNickname="team", proxyAddresses=["SMTP:team@contoso.com"])
    lab.sync()
    found = next(one for one in lab.graph.tenant.all("group") if one.name == "Team")
    assert {lab.graph.tenant.objects[one].name for one in found.members} == {"joan@contoso.com", "Inner"}
    assert (found.values["mailEnabled"], found.values["securityEnabled"], found.synchronized) == (True, False, True)
    members = call(lab.exchange, "Get-DistributionGroupMember", Identity="team").objects
    assert [one["DisplayName"] for one in members] == ["Joan"]
    lab.directory.link(group, "member", lab.account("jane"))
    lab.directory.touch(group)
    lab.sync()
    assert len(found.members) == 3
    lab.directory.remove(group, lab.forest.graveyard)
    lab.sync()
    assert found.id not in lab.graph.tenant.objects and call(lab.exchange, "Get-DistributionGroup", Identity="team").errors


def test_a_group_gets_a_member_that_comes_into_scope(lab: Hybrid) -> None:
    joan = lab.account("joan", isCriticalSystemObject=True)
    lab.group("Team", joan)
    lab.sync()
    lab.sync()
    found = next(one for one in lab.graph.tenant.all("group") if one.name == "Team")
    assert found.members == []
    lab.directory.put(joan, "isCriticalSystemObject", None)
    lab.sync()
    assert found.members == [lab.user("joan@contoso.com").id]


def test_a_contact_is_a_mail_contact_and_a_member(lab: Hybrid) -> None:
    values = {"mail": "p@adatum.com", "mailNickname": "partner9", "proxyAddresses": ["SMTP:p@adatum.com"], "displayName": "Partner 9"}
    partner = lab.forest.make(lab.place, "Partner 9", "contact", values)
    mail = {"mail": "team@contoso.com", "mailNickname": "team", "proxyAddresses": ["SMTP:team@contoso.com"]}
    lab.group("Team", partner, security=False, **mail)
    lab.sync()
    found = call(lab.exchange, "Get-MailContact", Identity="partner9").object
    assert (found["ExternalEmailAddress"], found["DisplayName"], found["IsDirSynced"]) == ("SMTP:p@adatum.com", "Partner 9", True)
    assert found["PrimarySmtpAddress"] == "p@adatum.com"
    assert [one["DisplayName"] for one in call(lab.exchange, "Get-DistributionGroupMember", Identity="team").objects] == ["Partner 9"]
    lab.directory.put(partner, "displayName", "Partner X")
    lab.sync()
    assert call(lab.exchange, "Get-MailContact", Identity="partner9").object["DisplayName"] == "Partner X"
    lab.directory.remove(partner, lab.forest.graveyard)
    lab.sync()
    assert call(lab.exchange, "Get-MailContact", Identity="partner9").errors
    assert call(lab.exchange, "Get-DistributionGroupMember", Identity="team").objects == []


def test_a_manager_comes_along(lab: Hybrid) -> None:
    lab.account("joan", manager=lab.account("boss"))
    lab.sync()
    assert lab.user("joan@contoso.com").manager == lab.user("boss@contoso.com").id


# --- what stops a cycle, or an object ---


def test_a_staging_machine_exports_nothing(lab: Hybrid) -> None:
    lab.engine.staging = True
    one = lab.account("joan")
    runs = lab.sync()
    assert (CLOUD, "Export") not in runs and "joan@contoso.com" not in lab.users() and lab.staged(one).pending
    lab.engine.staging = False
    lab.sync()
    assert "joan@contoso.com" in lab.users()


def test_too_many_deletions_stop_the_export(lab: Hybrid) -> None:
    people = [lab.account(f"leaver{number}") for number in range(3)]
    lab.sync()
    lab.engine.threshold = 3
    for one in people:
        lab.directory.remove(one, lab.forest.graveyard)
    lab.account("joan")
    export = lab.sync()[CLOUD, "Export"]
    assert export.result == "stopped-deletion-threshold-exceeded" and "leaver0@contoso.com" in lab.users() and "joan@contoso.com" not in lab.users()
    lab.engine.threshold = 0
    assert lab.sync()[CLOUD, "Export"].counters.ExportDelete == 3
    assert "leaver0@contoso.com" not in lab.users()


def test_faults_name_an_object(lab: Hybrid) -> None:
    lab.faults.arm("import-lag", object="late@contoso.com")
    lab.faults.arm("export-error", object="bad")
    late, bad = lab.account("late"), lab.account("bad")
    export = lab.sync()[CLOUD, "Export"]
    assert late.guid not in lab.engine.space and failures(export) == [(bad.dn, "IdentityDataValidationFailed")]
    lab.faults.clear()
    lab.sync()
    assert {"late@contoso.com", "bad@contoso.com"} <= lab.users()


def test_a_full_import_notices_what_is_gone(lab: Hybrid) -> None:
    one = lab.account("joan")
    lab.sync("Initial")
    lab.directory.remove(one)
    runs = lab.sync("Initial")
    assert runs[LOCAL, "Import"].profile == "Full Import" and "joan@contoso.com" not in lab.users()
