# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from hybridlab.exchange import Exchange
from hybridlab.records import Terminating
from tests.unit.lab.exchange_calls import call, done


@pytest.fixture
def server() -> Exchange:
    return Exchange("2019")


def test_a_new_organisation_does_not_forward(server: Exchange) -> None:
    found = done(server, "Get-RemoteDomain").object
    assert (found["Name"], found["DomainName"], found["AutoForwardEnabled"], found["AllowedOOFType"]) == ("Default", "*", False, "External")


def test_a_remote_domain_lives_and_dies(server: Exchange) -> None:
    made = done(server, "New-RemoteDomain", Name="Adatum", DomainName="*.adatum.com").object
    assert made["AutoForwardEnabled"] is False and made["DeliveryReportEnabled"] is True
    assert done(server, "Set-RemoteDomain", Identity="adatum", AutoForwardEnabled=True, TNEFEnabled=False, LineWrapSize=77).warnings == []
    found = done(server, "Get-RemoteDomain", Identity=str(made["Guid"])).object
    assert (found["AutoForwardEnabled"], found["TNEFEnabled"], found["LineWrapSize"]) == (True, False, "77")
    again = done(server, "Set-RemoteDomain", Identity="Adatum", AutoForwardEnabled=True)
    assert again.warnings == ["The command completed successfully but no settings of 'Adatum' have been modified."]
    done(server, "Set-RemoteDomain", Identity="Adatum", Name="Partner", TNEFEnabled=None)
    done(server, "Remove-RemoteDomain", Identity="Partner", Confirm=False)
    assert call(server, "Get-RemoteDomain", Identity="Partner").failure == "ManagementObjectNotFoundException"
    assert call(server, "Remove-RemoteDomain", Identity="Partner", Confirm=False).failure == "ManagementObjectNotFoundException"


@pytest.mark.parametrize(
    ("name", "domain", "failure"),
    [
        ("Default", "a.example", "ADObjectAlreadyExistsException"),
        ("Other", "*", "DuplicateRemoteDomainException"),
        ("x\ny", "a.example", "DataValidationException"),
    ],
)
def test_a_second_remote_domain_of_the_same_is_refused(server: Exchange, name: str, domain: str, failure: str) -> None:
    assert call(server, "New-RemoteDomain", Name=name, DomainName=domain).failure == failure


def test_the_default_remote_domain_stays(server: Exchange) -> None:
    assert call(server, "Remove-RemoteDomain", Identity="Default", Confirm=False).failure == "CannotRemoveDefaultRemoteDomainException"


def test_accepted_domains_have_one_default(server: Exchange) -> None:
    done(server, "New-AcceptedDomain", Name="Tail", DomainName="tail.example", DomainType="internalrelay")
    assert call(server, "Remove-AcceptedDomain", Identity="contoso.com", Confirm=False).failure == "CannotRemoveDefaultAcceptedDomainException"
    done(server, "Set-AcceptedDomain", Identity="Tail", MakeDefault=True)
    assert {found["Name"]: found["Default"] for found in done(server, "Get-AcceptedDomain").objects} == {
        "contoso.com": False,
        "fabrikam.com": False,
        "Tail": True,
    }
    assert done(server, "Set-AcceptedDomain", Identity="Tail", MakeDefault=True).warnings
    made = done(server, "New-Mailbox", Name="New", Shared=True).object
    assert (made["UserPrincipalName"], made["PrimarySmtpAddress"]) == ("New@tail.example", "New@contoso.com")  # addresses are the policy's affair
    done(server, "Remove-AcceptedDomain", Identity="fabrikam.com", Confirm=False)


@pytest.mark.parametrize(
    ("given", "failure"),
    [
        ({"Name": "contoso.com", "DomainName": "a.example"}, "ADObjectAlreadyExistsException"),
        ({"Name": "a", "DomainName": "CONTOSO.com"}, "DuplicateAcceptedDomainException"),
        ({"Name": "a", "DomainName": "*"}, "DataValidationException"),
    ],
)
def test_an_accepted_domain_that_cannot_be_is_refused(server: Exchange, given: dict[str, t.Any], failure: str) -> None:
    assert call(server, "New-AcceptedDomain", **given).failure == failure


def test_subdomains_came_with_2016() -> None:
    assert "MatchSubDomains" in done(Exchange("2016"), "Get-AcceptedDomain", Identity="contoso.com").object
    assert "MatchSubDomains" not in done(Exchange("2013"), "Get-AcceptedDomain", Identity="contoso.com").object


def test_the_organisation_is_settable(server: Exchange) -> None:
    done(server, "Set-OrganizationConfig", PublicFoldersEnabled="remote", RemotePublicFolderMailboxes=["pf01"], MailTipsLargeAudienceThreshold=50)
    done(server, "Set-OrganizationConfig", RemotePublicFolderMailboxes={"Add": ["pf02"]}, DefaultPublicFolderProhibitPostQuota="5GB", EwsEnabled=None)
    found = done(server, "Get-OrganizationConfig").object
    assert found["PublicFoldersEnabled"] == "Remote" and found["MailTipsLargeAudienceThreshold"] == "50"
    assert found["RemotePublicFolderMailboxes"] == ["contoso.com/Users/PF01", "contoso.com/Users/PF02"]
    assert found["DefaultPublicFolderProhibitPostQuota"] == "5 GB (5,368,709,120 bytes)"
    assert done(server, "Set-OrganizationConfig", PublicFoldersEnabled="Remote").warnings == [
        "The command completed successfully but no settings of 'Contoso' have been modified."
    ]
    assert call(server, "Set-OrganizationConfig", RemotePublicFolderMailboxes=["nobody"]).failure == "ManagementObjectNotFoundException"


def test_recipients_of_every_kind_are_listed(server: Exchange) -> None:
    kinds = {found["RecipientTypeDetails"] for found in done(server, "Get-Recipient").objects}
    assert kinds == {"UserMailbox", "SharedMailbox", "RoomMailbox", "EquipmentMailbox", "PublicFolderMailbox", "MailContact", "MailUniversalDistributionGroup"}
    assert done(server, "Get-Recipient", Identity="partner@adatum.com").object["ExternalEmailAddress"] == "SMTP:partner@adatum.com"
    assert done(server, "Get-Recipient", Filter="RecipientTypeDetails -eq 'MailContact' -and Name -like 'p*'").names == ["Partner"]
    assert done(server, "Get-DistributionGroup").names == ["Everyone", "Sales Team"]
    assert "Dave Miller" in done(server, "Get-User").names


def test_a_contact_can_be_made_and_forwarded_to(server: Exchange) -> None:
    done(server, "New-MailContact", Name="Out", ExternalEmailAddress="out@adatum.com")
    assert call(server, "New-MailContact", Name="Out 2", ExternalEmailAddress="OUT@adatum.com").failure == "ProxyAddressExistsException"
    done(server, "Set-Mailbox", Identity="user0", ForwardingAddress="Out")
    done(server, "Remove-MailContact", Identity="Out", Confirm=False)
    assert done(server, "Get-Mailbox", Identity="user0").object["ForwardingAddress"] is None


def test_the_server_says_its_build() -> None:
    assert done(Exchange("2016"), "Get-ExchangeServer", Identity="EX01").object["AdminDisplayVersion"] == "Version 15.1 (Build 2507.6)"
    assert done(Exchange("SE"), "Get-MailboxDatabase").names == ["DB01", "DB02"]
    assert done(Exchange(), "Set-ADServerSettings", ViewEntireForest=True).objects == []


@pytest.mark.parametrize(
    "cmdlet", ["Set-Mailbox", "Set-RemoteDomain", "Set-AcceptedDomain", "Set-OrganizationConfig", "New-Mailbox", "Enable-Mailbox", "Get-Mailbox"]
)
def test_no_value_of_any_parameter_breaks_the_lab(server: Exchange, cmdlet: str) -> None:
    odd: tuple[t.Any, ...] = (
        True,
        0,
        7,
        -1,
        2**40,
        1.5,
        "",
        "abc",
        "50GB",
        "1.00:00:00",
        "a@contoso.com",
        None,
        [],
        ["user1"],
        {},
        {"Add": ["user2"], "Remove": ["x"]},
    )
    known = {"Set-RemoteDomain": "Default", "Set-AcceptedDomain": "fabrikam.com", "Set-Mailbox": "user1", "Enable-Mailbox": "erin"}
    start = {"Identity": known[cmdlet]} if cmdlet in known else {"Name": "Odd", "Shared": True} if cmdlet == "New-Mailbox" else {}
    for parameter in server.contract.parameters(cmdlet):
        for value in odd:
            try:
                outcome = call(server, cmdlet, **{**start, parameter: value})
            except Terminating as refused:
                assert refused.record.error_id.endswith(f",{cmdlet}")
            else:
                assert len(outcome.errors) <= 1
    for noun in ("Mailbox", "RemoteDomain", "AcceptedDomain", "OrganizationConfig", "Recipient", "User"):
        done(server, f"Get-{noun}")
