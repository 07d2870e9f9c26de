# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from hybridlab.contract import check
from hybridlab.exchange import Exchange
from hybridlab.exchange.server import HANDLERS
from hybridlab.records import SecureString
from tests.unit.lab.exchange_calls import call, done

PASSWORD = SecureString("Passw0rd!")
ROUTING = "dave@contoso.mail.onmicrosoft.com"


@pytest.fixture
def server() -> Exchange:
    return Exchange("2019")


def group(server: Exchange, identity: str) -> dict[str, t.Any]:
    return call(server, "Get-DistributionGroup", Identity=identity).object


def members(server: Exchange, identity: str) -> list[str]:
    return call(server, "Get-DistributionGroupMember", Identity=identity).names


def test_every_cmdlet_of_the_contract_has_a_handler_and_the_other_way_round() -> None:
    assert set(check._document()) == set(HANDLERS)


def test_a_contact_is_known_inside_by_its_outside_address(server: Exchange) -> None:
    contact = done(server, "New-MailContact", Name="Vic", ExternalEmailAddress="vic@adatum.com").object
    assert (contact["PrimarySmtpAddress"], contact["EmailAddresses"], contact["ExternalEmailAddress"]) == (
        "vic@adatum.com",
        ["SMTP:vic@adatum.com"],
        "SMTP:vic@adatum.com",
    )
    done(server, "Set-MailContact", Identity="vic@adatum.com", ExternalEmailAddress="vic@northwind.example")
    assert call(server, "Get-MailContact", Identity="Vic").object["PrimarySmtpAddress"] == "vic@northwind.example"


def test_a_mail_user_has_an_address_here_and_one_outside(server: Exchange) -> None:
    made = {"Name": "Vic", "ExternalEmailAddress": "vic@adatum.com", "Password": PASSWORD, "UserPrincipalName": "vic@contoso.com"}
    user = done(server, "New-MailUser", **made).object
    assert user["EmailAddresses"] == ["SMTP:vic@contoso.com", "smtp:vic@adatum.com"]
    assert call(server, "Get-User", Identity="vic").object["AccountDisabled"] is False
    assert call(server, "Get-Recipient", Identity="vic").object["RecipientTypeDetails"] == "MailUser"


@pytest.mark.parametrize(("noun", "plain"), [("MailContact", "Contact"), ("MailUser", "User"), ("RemoteMailbox", "User"), ("DistributionGroup", "Group")])
def test_what_is_disabled_is_no_recipient_but_still_there(server: Exchange, noun: str, plain: str) -> None:
    target: dict[str, t.Any] = {"RemoteMailbox": {"RemoteRoutingAddress": ROUTING}, "DistributionGroup": {}}.get(noun, {"ExternalEmailAddress": "v@adatum.com"})
    known = {"Password": PASSWORD, "UserPrincipalName": "vic@contoso.com"} if plain == "User" else {}
    done(server, f"New-{noun}", Name="Vic", **target, **known)
    done(server, f"Disable-{noun}", Identity="Vic", Confirm=False)
    assert call(server, "Get-Recipient", Identity="Vic").failure == "ManagementObjectNotFoundException"
    assert call(server, f"Get-{plain}", Identity="Vic").object["Name"] == "Vic"
    done(server, f"Enable-{noun}", Identity="Vic", **target)
    done(server, f"Remove-{noun}", Identity="Vic", Confirm=False)
    assert call(server, f"Get-{plain}", Identity="Vic").failure == "ManagementObjectNotFoundException"


def test_an_archive_in_the_cloud_is_asked_for_and_given_up(server: Exchange) -> None:
    done(server, "Enable-RemoteMailbox", Identity="dave", RemoteRoutingAddress=ROUTING)
    done(server, "Enable-RemoteMailbox", Identity="dave", Archive=True)
    assert call(server, "Enable-RemoteMailbox", Identity="dave", Archive=True).failure == "RecipientTaskException"
    assert call(server, "Get-RemoteMailbox", Identity="dave").object["ArchiveState"] == "HostedPending"
    done(server, "Disable-RemoteMailbox", Identity="dave", Archive=True, Confirm=False)
    assert call(server, "Disable-RemoteMailbox", Identity="dave", Archive=True, Confirm=False).failure == "RecipientTaskException"


def test_a_routing_address_comes_from_the_target_delivery_domain(server: Exchange) -> None:
    assert call(server, "Enable-RemoteMailbox", Identity="dave").failure == "RecipientTaskException"
    done(server, "New-RemoteDomain", Name="Hybrid", DomainName="contoso.mail.onmicrosoft.com")
    done(server, "Set-RemoteDomain", Identity="Hybrid", TargetDeliveryDomain=True)
    assert done(server, "Enable-RemoteMailbox", Identity="dave").object["RemoteRoutingAddress"] == f"SMTP:{ROUTING}"


@pytest.mark.parametrize(("switch", "kind"), [("Shared", "RemoteSharedMailbox"), ("Room", "RemoteRoomMailbox"), ("Equipment", "RemoteEquipmentMailbox")])
def test_a_switch_makes_a_remote_mailbox_of_another_kind(server: Exchange, switch: str, kind: str) -> None:
    made = done(server, "New-RemoteMailbox", Name="Vic", RemoteRoutingAddress="vic@contoso.mail.onmicrosoft.com", **{switch: True}).object
    assert made["RecipientTypeDetails"] == kind
    done(server, "Set-RemoteMailbox", Identity="Vic", Type="Regular")
    assert call(server, "Get-RemoteMailbox", Identity="Vic").object["RecipientTypeDetails"] == "RemoteUserMailbox"


def test_members_come_and_go(server: Exchange) -> None:
    done(server, "Update-DistributionGroupMember", Identity="sales-team", Members=["user0", "partner@adatum.com"])
    done(server, "Add-DistributionGroupMember", Identity="sales-team", Member="user1")
    done(server, "Remove-DistributionGroupMember", Identity="sales-team", Member="user0", Confirm=False)
    assert members(server, "sales-team") == ["Partner", "User 1"]
    assert call(server, "Add-DistributionGroupMember", Identity="sales-team", Member="user1").failure == "MemberAlreadyExistsException"
    assert call(server, "Remove-DistributionGroupMember", Identity="sales-team", Member="user0", Confirm=False).failure == "MemberNotFoundException"


def test_a_removed_recipient_is_no_member_any_more(server: Exchange) -> None:
    done(server, "Update-DistributionGroupMember", Identity="sales-team", Members=["user0", "user1"])
    done(server, "Remove-Mailbox", Identity="user0", Confirm=False)
    assert members(server, "sales-team") == ["User 1"]


def test_the_groups_of_a_member_are_found_by_a_filter(server: Exchange) -> None:
    done(server, "Update-DistributionGroupMember", Identity="everyone", Members=["sales-team"])
    dn = group(server, "sales-team")["DistinguishedName"]
    assert call(server, "Get-DistributionGroup", Filter=f"Members -eq '{dn}'").names == ["Everyone"]


def test_a_group_of_others_is_changed_with_the_switch_for_that(server: Exchange) -> None:
    done(server, "New-DistributionGroup", Name="Owned", ManagedBy=["user0"])
    assert call(server, "Set-DistributionGroup", Identity="Owned", DisplayName="Mine").failure == "OperationRequiresGroupManagerException"
    done(server, "Set-DistributionGroup", Identity="Owned", DisplayName="Mine", BypassSecurityGroupManagerCheck=True)
    assert group(server, "Owned")["DisplayName"] == "Mine"


def test_a_refused_group_is_not_made(server: Exchange) -> None:
    assert call(server, "New-DistributionGroup", Name="Rooms", RoomList=True, Members=["user0"]).failure == "RecipientTaskException"
    assert call(server, "Get-Group", Identity="Rooms").failure == "ManagementObjectNotFoundException"


@pytest.mark.parametrize("noun", ["MailContact", "MailUser", "RemoteMailbox", "DistributionGroup"])
def test_what_if_changes_nothing(server: Exchange, noun: str) -> None:
    target: dict[str, t.Any] = {"RemoteMailbox": {"RemoteRoutingAddress": ROUTING}, "DistributionGroup": {}}.get(noun, {"ExternalEmailAddress": "v@adatum.com"})
    done(server, f"New-{noun}", Name="Vic", WhatIf=True, **target)
    done(server, f"New-{noun}", Name="Vic", **target)
    for cmdlet in (f"Remove-{noun}", f"Disable-{noun}"):
        done(server, cmdlet, Identity="Vic", WhatIf=True)
    done(server, f"Set-{noun}", Identity="Vic", DisplayName="Other", WhatIf=True)
    assert call(server, f"Get-{noun}", Identity="Vic").object["DisplayName"] == "Vic"
