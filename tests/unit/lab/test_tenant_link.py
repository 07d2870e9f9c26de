# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab's directory and its Exchange Online are one tenant: what is done to one shows in the other."""

from __future__ import annotations

import typing as t

import pytest

from hybridlab.cloud.join import join
from hybridlab.exchange import Exchange
from hybridlab.faults import Faults
from hybridlab.graph import Graph, seed
from hybridlab.records import SecureString
from tests.unit.lab.exchange_calls import call, done
from tests.unit.lab.graph_client import LICENSED, Client

ONLINE_ONLY = "078d2b04-f1bd-4111-bbd4-b4b1b354cef4"
"""A subscription without an Exchange plan."""
EXCHANGE_PLAN = "efb87545-963c-4e0d-99df-69c6916d9eb0"


class Both(Client):
    """A tenant seen from both sides."""

    def __init__(self, name: str = "contoso") -> None:
        super().__init__()
        faults = Faults()
        self.graph, self.exchange = Graph(seed.tenant(name, users=3), faults), Exchange("online", mailboxes=3, faults=faults)
        self.link = join(self.graph, self.exchange)

    def user(self, name: str) -> dict[str, t.Any]:
        wanted = "id,userPrincipalName,displayName,mail,mailNickname,proxyAddresses,accountEnabled,onPremisesSyncEnabled,surname,assignedLicenses"
        found: dict[str, t.Any] = self.good("GET", f"/users/{name}", select=wanted)
        return found

    def mailbox(self, name: str) -> dict[str, t.Any]:
        return call(self.exchange, "Get-Mailbox", Identity=name).object

    def no_mailbox(self, name: str) -> bool:
        outcome = call(self.exchange, "Get-Mailbox", Identity=name)
        return bool(outcome.errors) and "couldn't be found" in outcome.error.message

    def licence(self, name: str, *add: str, remove: t.Sequence[str] = (), disabled: t.Sequence[str] = ()) -> None:
        added = [{"skuId": one, "disabledPlans": list(disabled)} for one in add]
        self.good("POST", f"/users/{name}/assignLicense", {"addLicenses": added, "removeLicenses": list(remove)})


@pytest.fixture
def both() -> Both:
    return Both()


# --- the same from the start ---


def test_everybody_is_one_object_on_both_sides(both: Both) -> None:
    shown = {one["UserPrincipalName"]: one["ExternalDirectoryObjectId"] for one in call(both.exchange, "Get-User", ResultSize="Unlimited").objects}
    users = {one["userPrincipalName"]: one["id"] for one in both.list("/users", top="999")}
    folders = {"pf01@contoso.com", "pf02@contoso.com"}  # mailboxes of public folders have no user
    assert {name: shown[name] for name in shown if name not in folders} == users
    assert {"ada@contoso.com", "user0@contoso.com", "room1@contoso.com", "dave@contoso.com", "synced@contoso.com", "hedy@contoso.com"} <= users.keys()


def test_a_seeded_mailbox_has_the_same_addresses_on_both_sides(both: Both) -> None:
    user, mailbox = both.user("user0@contoso.com"), both.mailbox("user0")
    assert mailbox["ExternalDirectoryObjectId"] == user["id"] and mailbox["MicrosoftOnlineServicesID"] == user["userPrincipalName"]
    assert (user["mail"], user["proxyAddresses"]) == (mailbox["PrimarySmtpAddress"], mailbox["EmailAddresses"])
    assert both.mailbox(user["id"])["Alias"] == "user0"
    assert not both.user("room1@contoso.com")["accountEnabled"] and both.user("synced@contoso.com")["onPremisesSyncEnabled"] is True
    assert call(both.exchange, "Get-User", Identity="hedy@contoso.com").object["IsDirSynced"] is True


def test_joining_leaves_no_trace_in_the_log(both: Both) -> None:
    assert both.graph.tenant.audits == [] and both.exchange.calls == [] and both.graph.calls == []


@pytest.mark.parametrize("name", ["contoso", "fabrikam"])
def test_verified_domains_are_accepted_domains(name: str) -> None:
    both = Both(name)
    accepted = call(both.exchange, "Get-AcceptedDomain").objects
    assert {one["DomainName"] for one in accepted} == {one["id"] for one in both.list("/domains") if one["isVerified"]}
    assert [one["DomainName"] for one in accepted if one["InitialDomain"]] == [f"{name}.onmicrosoft.com"]
    assert [one["DomainName"] for one in accepted if one["Default"]] == [f"{name}.com"]
    assert both.mailbox("user0")["PrimarySmtpAddress"] == both.user(f"user0@{name}.com")["mail"] == f"user0@{name}.com"


# --- licences ---


def test_a_licence_makes_a_mailbox(both: Both) -> None:
    assert both.no_mailbox("ada@contoso.com")
    both.licence("ada@contoso.com", LICENSED)
    found, user = both.mailbox("ada@contoso.com"), both.user("ada@contoso.com")
    assert (found["RecipientTypeDetails"], found["DisplayName"], found["Alias"]) == ("UserMailbox", "Ada Lovelace", "ada")
    assert found["EmailAddresses"] == ["SMTP:ada@contoso.com", "smtp:ada@contoso.onmicrosoft.com"] == user["proxyAddresses"]
    assert found["ExternalDirectoryObjectId"] == user["id"]


def test_a_licence_without_exchange_makes_none(both: Both) -> None:
    both.licence("ada@contoso.com", ONLINE_ONLY)
    both.licence("grace@contoso.com", LICENSED, disabled=[EXCHANGE_PLAN])
    assert both.no_mailbox("ada@contoso.com") and both.no_mailbox("grace@contoso.com")


def test_the_mailbox_comes_late_when_told_to(both: Both) -> None:
    both.graph.faults.arm("mailbox-lag", reads=2)
    both.licence("ada@contoso.com", LICENSED)
    assert [both.no_mailbox("ada@contoso.com") for _read in range(3)] == [True, True, False]


def test_without_its_licence_a_mailbox_is_disconnected_and_it_comes_back_as_it_was(both: Both) -> None:
    both.licence("ada@contoso.com", LICENSED)
    done(both.exchange, "Set-Mailbox", Identity="ada@contoso.com", CustomAttribute1="kept")
    before = both.mailbox("ada@contoso.com")
    both.licence("ada@contoso.com", remove=[LICENSED])
    assert both.no_mailbox("ada@contoso.com")
    taken = call(both.exchange, "New-Mailbox", Name="Other", Shared=True, PrimarySmtpAddress="ada@contoso.onmicrosoft.com").error
    assert "already being used" in taken.message and both.user("ada@contoso.com")["id"] in taken.message
    both.licence("ada@contoso.com", LICENSED)
    after = both.mailbox("ada@contoso.com")
    assert (after["ExchangeGuid"], after["CustomAttribute1"], after["EmailAddresses"]) == (before["ExchangeGuid"], "kept", before["EmailAddresses"])


def test_rooms_and_seeded_mailboxes_need_no_licence(both: Both) -> None:
    for name in ("room1@contoso.com", "user0@contoso.com"):
        both.good("PATCH", f"/users/{name}", {"usageLocation": "DE"})
        both.licence(name, LICENSED)
    both.licence("room1@contoso.com", remove=[LICENSED])
    assert both.mailbox("room1")["RecipientTypeDetails"] == "RoomMailbox" and both.mailbox("user1")
    both.licence("user0@contoso.com", remove=[LICENSED])
    assert both.no_mailbox("user0")


# --- what Exchange does ---


def test_a_new_room_is_a_disabled_user_until_the_directory_enables_it(both: Both) -> None:
    made = call(both.exchange, "New-Mailbox", Name="Big Room", Alias="big.room", Room=True).object
    user = both.user("big.room@contoso.com")
    assert (user["id"], user["accountEnabled"], user["displayName"]) == (made["ExternalDirectoryObjectId"], False, "Big Room")
    assert user["mail"] == made["PrimarySmtpAddress"]
    both.good("PATCH", f"/users/{user['id']}", {"accountEnabled": True, "passwordProfile": {"password": "Wort-und-Zahl-7"}})
    assert both.mailbox("Big Room")["AccountDisabled"] is False and both.mailbox("Big Room")["RoomMailboxAccountEnabled"] is True


@pytest.mark.parametrize("password", [{}, {"RoomMailboxPassword": SecureString("Wort-und-Zahl-7")}], ids=["later", "now"])
def test_a_room_with_an_account_is_a_user_that_can_sign_in_and_may_have_its_password_later(both: Both, password: dict[str, t.Any]) -> None:
    room = {"Name": "Huddle", "Room": True, "EnableRoomMailboxAccount": True, "MicrosoftOnlineServicesID": "huddle@sales.contoso.com"}
    weak = call(both.exchange, "New-Mailbox", **room, RoomMailboxPassword=SecureString("short"))
    assert "password" in weak.error.message.lower()
    done(both.exchange, "New-Mailbox", **room, **password)
    assert both.user("huddle@sales.contoso.com")["accountEnabled"] is True
    assert both.mailbox("Huddle")["PrimarySmtpAddress"] == "huddle@sales.contoso.com"


def test_a_removed_mailbox_takes_its_user_along_and_both_come_back(both: Both) -> None:
    user = both.user("user1@contoso.com")
    before = both.mailbox("user1")
    done(both.exchange, "Remove-Mailbox", Identity="user1", Confirm=False)
    both.refused(404, "does not exist", "GET", f"/users/{user['id']}")
    assert [one["id"] for one in both.list("/directory/deletedItems/graph.user")] == [user["id"]]
    (gone,) = call(both.exchange, "Get-Mailbox", SoftDeletedMailbox=True).objects
    assert (gone["ExchangeGuid"], gone["IsSoftDeletedByRemove"]) == (before["ExchangeGuid"], True) and gone["WhenSoftDeleted"]
    assert call(both.exchange, "Get-Mailbox", SoftDeletedMailbox=True, Identity="user1").objects == [gone]
    assert call(both.exchange, "Get-Mailbox", SoftDeletedMailbox=True, Identity="user0").errors
    both.good("POST", f"/directory/deletedItems/{user['id']}/restore")
    assert call(both.exchange, "Get-Mailbox", SoftDeletedMailbox=True).objects == []
    after = both.mailbox("user1@contoso.com")
    assert (after["ExchangeGuid"], after["EmailAddresses"]) == (before["ExchangeGuid"], before["EmailAddresses"])


def test_who_comes_back_leaves_addresses_that_others_have_taken_since(both: Both) -> None:
    user = both.user("user1@contoso.com")
    done(both.exchange, "Set-Mailbox", Identity="user1", EmailAddresses={"Add": ["second@contoso.com", "third@contoso.com"]})
    done(both.exchange, "Remove-Mailbox", Identity="user1", Confirm=False)
    done(both.exchange, "Set-Mailbox", Identity="user0", EmailAddresses={"Add": ["second@contoso.com"]})
    both.good("POST", f"/directory/deletedItems/{user['id']}/restore")
    kept = [one.lower() for one in both.mailbox("user1@contoso.com")["EmailAddresses"]]
    assert "smtp:third@contoso.com" in kept and "smtp:second@contoso.com" not in kept


def test_changes_in_exchange_show_in_the_directory(both: Both) -> None:
    done(both.exchange, "Set-Mailbox", Identity="user0", DisplayName="Boss", EmailAddresses=["SMTP:boss@contoso.com", "smtp:user0@contoso.com"], Alias="boss")
    done(both.exchange, "Set-Mailbox", Identity="user1", MicrosoftOnlineServicesID="second@sales.contoso.com")
    first, second = both.user("user0@contoso.com"), both.user("second@sales.contoso.com")
    assert (first["displayName"], first["mailNickname"], first["mail"]) == ("Boss", "boss", "boss@contoso.com")
    assert first["proxyAddresses"] == ["SMTP:boss@contoso.com", "smtp:user0@contoso.com"]
    assert second["mail"] == "user1@contoso.com"
    assert both.graph.tenant.audits[0]["initiatedBy"]["app"]["displayName"] == "Office 365 Exchange Online"


def test_a_shared_mailbox_and_a_mail_user_have_users(both: Both) -> None:
    done(both.exchange, "New-Mailbox", Name="Sales", Shared=True)
    done(both.exchange, "New-MailUser", Name="Vendor", ExternalEmailAddress="vendor@adatum.com")
    assert both.user("Sales@contoso.com")["mail"] == "Sales@contoso.com"
    assert both.user("Vendor@contoso.com")["accountEnabled"] is False


def test_check_mode_of_exchange_changes_nobody(both: Both) -> None:
    done(both.exchange, "Set-Mailbox", Identity="user0", DisplayName="Boss", WhatIf=True)
    done(both.exchange, "New-Mailbox", Name="Ghost", Room=True, WhatIf=True)
    assert both.graph.tenant.audits == [] and both.user("user0@contoso.com")["displayName"] == "User 0"


# --- what the directory does ---


def test_a_new_user_is_known_to_exchange_and_a_deleted_one_is_not(both: Both) -> None:
    made = both.good("POST", "/users", both.person())
    found = call(both.exchange, "Get-User", Identity="emmy@contoso.com").object
    assert (found["ExternalDirectoryObjectId"], found["RecipientTypeDetails"], found["Name"]) == (made["id"], "User", made["id"])
    both.licence("emmy@contoso.com", LICENSED)
    done(both.exchange, "Add-DistributionGroupMember", Identity="everyone", Member="emmy@contoso.com")
    both.good("DELETE", f"/users/{made['id']}")
    assert both.no_mailbox("emmy@contoso.com") and call(both.exchange, "Get-DistributionGroupMember", Identity="everyone").objects == []
    both.good("POST", f"/directory/deletedItems/{made['id']}/restore")
    assert both.mailbox("emmy@contoso.com")["ExternalDirectoryObjectId"] == made["id"]


def test_a_user_deleted_for_good_leaves_nothing_to_restore(both: Both) -> None:
    user = both.user("user1@contoso.com")
    both.good("DELETE", f"/users/{user['id']}")
    both.good("DELETE", f"/directory/deletedItems/{user['id']}")
    made = both.good("POST", "/users", both.person(userPrincipalName="user1@contoso.com", mailNickname="user1"))
    assert both.no_mailbox("user1@contoso.com") and made["id"] != user["id"]


def test_changes_in_the_directory_show_in_exchange(both: Both) -> None:
    user = both.user("user0@contoso.com")
    both.good("PATCH", f"/users/{user['id']}", {"displayName": "Boss", "userPrincipalName": "boss@sales.contoso.com", "accountEnabled": False})
    both.good("PATCH", f"/users/{user['id']}", {"mail": "chief@contoso.com", "mailNickname": "chief"})
    found = both.mailbox("user0@contoso.com")
    assert (found["DisplayName"], found["UserPrincipalName"], found["WindowsLiveID"]) == ("Boss", "boss@sales.contoso.com", "boss@sales.contoso.com")
    assert (found["AccountDisabled"], found["Alias"]) == (True, "chief")
    assert found["EmailAddresses"] == ["SMTP:chief@contoso.com", "smtp:user0@contoso.com"] == both.user(user["id"])["proxyAddresses"]


# --- refusals ---


def test_a_domain_that_is_not_verified_is_refused_on_both_sides(both: Both) -> None:
    name = "user0@new.contoso.com"
    both.refused(400, "must use one of the verified domain names", "PATCH", "/users/user0@contoso.com", {"userPrincipalName": name})
    refused = call(both.exchange, "Set-Mailbox", Identity="user0", MicrosoftOnlineServicesID=name).error
    assert "not an accepted domain for your organization. Domain: new.contoso.com" in refused.message
    assert both.user("user0@contoso.com")["userPrincipalName"] == both.mailbox("user0")["UserPrincipalName"] == "user0@contoso.com"


def test_an_address_that_somebody_has_is_refused_on_both_sides(both: Both) -> None:
    done(both.exchange, "Set-Mailbox", Identity="user0", EmailAddresses={"Add": ["second@contoso.com"]})
    both.refused(400, "same value for property proxyAddresses", "POST", "/users", both.person(userPrincipalName="second@contoso.com"))
    both.refused(400, "same value for property proxyAddresses", "PATCH", "/users/ada@contoso.com", {"mail": "Second@contoso.com"})
    for address, owner in (("second@contoso.com", "User 0"), ("ada@contoso.com", both.user("ada@contoso.com")["id"])):
        refused = call(both.exchange, "Set-Mailbox", Identity="user1", EmailAddresses={"Add": [address]}).error
        assert "already being used by" in refused.message and owner in refused.message


def test_a_name_that_another_user_has_is_refused_by_exchange(both: Both) -> None:
    assert "UserPrincipalName" in call(both.exchange, "Set-Mailbox", Identity="user0", MicrosoftOnlineServicesID="ada@contoso.com").error.message


def test_an_address_of_a_contact_is_taken(both: Both) -> None:
    done(both.exchange, "New-MailContact", Name="Agent", ExternalEmailAddress="agent@contoso.com")
    both.refused(400, "same value for property proxyAddresses", "POST", "/users", both.person(userPrincipalName="agent@contoso.com"))
    done(both.exchange, "Remove-MailContact", Identity="Agent", Confirm=False)
    both.good("POST", "/users", both.person(userPrincipalName="agent@contoso.com"))


# --- groups ---


def test_a_distribution_group_is_a_mail_enabled_group_that_the_directory_only_shows(both: Both) -> None:
    done(both.exchange, "New-DistributionGroup", Name="Board", Members=["user0", "info"])
    group = next(one for one in both.list("/groups") if one["displayName"] == "Board")
    assert (group["mail"], group["mailEnabled"], group["securityEnabled"]) == ("Board@contoso.com", True, False)
    members = both.list(f"/groups/{group['id']}/members")
    assert {one["userPrincipalName"] for one in members} == {"user0@contoso.com", "info@contoso.com"}
    both.refused(400, "mail-enabled security groups and or distribution list", "PATCH", f"/groups/{group['id']}", {"description": "x"})
    done(both.exchange, "Remove-DistributionGroupMember", Identity="Board", Member="info", Confirm=False)
    assert len(both.list(f"/groups/{group['id']}/members")) == 1
    done(both.exchange, "Remove-DistributionGroup", Identity="Board", Confirm=False)
    both.refused(404, "does not exist", "GET", f"/groups/{group['id']}")
