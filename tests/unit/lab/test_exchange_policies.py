# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What recipients take from the organisation: addresses from policies, databases and sharing policies that were made a moment ago."""

from __future__ import annotations

import typing as t

import pytest

from hybridlab.exchange import Exchange
from tests.unit.lab.exchange_calls import call, done


@pytest.fixture
def server() -> Exchange:
    return Exchange("2019")


def addresses(server: Exchange, identity: str) -> list[str]:
    return t.cast(list[str], call(server, "Get-Recipient", Identity=identity).object["EmailAddresses"])


def policy(server: Exchange, *templates: str, **more: t.Any) -> None:
    more = more or {"IncludedRecipients": "MailboxUsers"}
    done(server, "New-EmailAddressPolicy", Name="Partners", EnabledEmailAddressTemplates=list(templates), **more)


def test_a_new_mailbox_gets_the_addresses_of_the_first_policy_that_fits(server: Exchange) -> None:
    policy(server, "SMTP:%1g.%s@fabrikam.com", "smtp:%m@contoso.com")
    done(server, "New-Mailbox", Name="Vic", Shared=True, FirstName="Victor", LastName="Vendor")
    done(server, "New-DistributionGroup", Name="Vendors")
    assert addresses(server, "Vic") == ["SMTP:V.Vendor@fabrikam.com", "smtp:Vic@contoso.com"]
    assert addresses(server, "Vendors") == ["SMTP:Vendors@contoso.com"]  # no user's mailbox, so the default policy holds


@pytest.mark.parametrize(
    ("template", "made"),
    [
        ("SMTP:@contoso.com", "vv"),
        ("SMTP:%g.%s@contoso.com", "Victor.Vendor"),
        ("SMTP:%2g%1s@contoso.com", "ViV"),
        ("SMTP:%rVW%g@contoso.com", "Wictor"),
        ("SMTP:%d@contoso.com", "VicVendor"),
        ("SMTP:%i@contoso.com", "vv"),
    ],
)
def test_a_template_makes_the_local_part(server: Exchange, template: str, made: str) -> None:
    policy(server, template)
    done(server, "New-Mailbox", Name="Vic Vendor", Alias="vv", Shared=True, FirstName="Victor", LastName="Vendor")
    assert addresses(server, "vv") == [f"SMTP:{made}@contoso.com"]


def test_an_address_that_somebody_has_gets_a_number(server: Exchange) -> None:
    done(server, "Set-Mailbox", Identity="user1", EmailAddresses={"Add": ["vic@contoso.com"]})
    done(server, "New-Mailbox", Name="Vic", Shared=True)
    assert addresses(server, "Vic") == ["SMTP:Vic2@contoso.com"]


def test_a_policy_that_is_applied_rewrites_the_addresses_of_those_who_follow_policies(server: Exchange) -> None:
    done(server, "Set-Mailbox", Identity="user1", EmailAddressPolicyEnabled=False)
    done(server, "Set-Mailbox", Identity="user2", CustomAttribute1="partner")
    policy(server, "SMTP:%m@fabrikam.com", IncludedRecipients="MailboxUsers", ConditionalCustomAttribute1=["partner"])
    done(server, "Set-Mailbox", Identity="user1", CustomAttribute1="partner")
    assert addresses(server, "user2") == ["SMTP:user2@contoso.com"]  # nothing happens before it is applied
    done(server, "Update-EmailAddressPolicy", Identity="Partners")
    assert addresses(server, "user2") == ["SMTP:user2@fabrikam.com", "smtp:user2@contoso.com"]
    assert addresses(server, "user1") == ["SMTP:user1@contoso.com"]  # follows no policy
    assert addresses(server, "user0") == ["SMTP:user0@contoso.com"]  # does not fit
    assert call(server, "Get-Mailbox", Identity="user2").object["PrimarySmtpAddress"] == "user2@fabrikam.com"


def test_who_follows_policies_again_gets_their_addresses_at_once(server: Exchange) -> None:
    done(server, "Set-Mailbox", Identity="user1", EmailAddressPolicyEnabled=False, PrimarySmtpAddress="first@contoso.com")
    policy(server, "SMTP:%m@fabrikam.com")
    done(server, "Set-Mailbox", Identity="user1", EmailAddressPolicyEnabled=True)
    assert addresses(server, "user1") == ["SMTP:user1@fabrikam.com", "smtp:first@contoso.com", "smtp:user1@contoso.com"]


def test_who_follows_policies_does_so_at_every_change(server: Exchange) -> None:
    policy(server, "SMTP:%m@fabrikam.com", "smtp:%m.post@fabrikam.com")
    done(server, "Set-Mailbox", Identity="user1", Office="1")
    assert addresses(server, "user1") == ["SMTP:user1@fabrikam.com", "smtp:user1@contoso.com", "smtp:user1.post@fabrikam.com"]
    done(server, "Set-Mailbox", Identity="user1", EmailAddresses=["SMTP:user1@fabrikam.com"])
    assert addresses(server, "user1") == ["SMTP:user1@fabrikam.com", "smtp:user1.post@fabrikam.com"]


@pytest.mark.parametrize(
    ("included", "changed"),
    [
        ("Resources", ["room1", "beamer"]),
        ("MailContacts", ["partner"]),
        ("MailGroups", ["everyone"]),
        ("MailboxUsers", ["room1", "beamer", "info"]),
        ("MailUsers", []),
        ("AllRecipients", ["room1", "beamer", "partner", "everyone", "info"]),
    ],
)
def test_a_policy_is_for_the_kinds_of_recipients_that_it_includes(server: Exchange, included: str, changed: list[str]) -> None:
    done(server, "Set-MailContact", Identity="partner", EmailAddressPolicyEnabled=True)
    policy(server, "SMTP:%m@fabrikam.com", IncludedRecipients=included)
    done(server, "Update-EmailAddressPolicy", Identity="Partners")
    looked_at = ("room1", "beamer", "partner", "everyone", "info")
    assert [name for name in looked_at if f"SMTP:{name}@fabrikam.com" in addresses(server, name)] == changed


def test_a_policy_may_be_for_a_container(server: Exchange) -> None:
    policy(server, "SMTP:%m@fabrikam.com", IncludedRecipients="AllRecipients", RecipientContainer="contoso.com/Resources")
    done(server, "Update-EmailAddressPolicy", Identity="Partners")
    assert addresses(server, "room1")[0] == "SMTP:room1@fabrikam.com"
    assert addresses(server, "user0") == ["SMTP:user0@contoso.com"]


def test_applying_a_policy_with_what_if_changes_nothing(server: Exchange) -> None:
    policy(server, "SMTP:%m@fabrikam.com")
    done(server, "Update-EmailAddressPolicy", Identity="Partners", WhatIf=True)
    assert addresses(server, "user0") == ["SMTP:user0@contoso.com"]


def test_a_mailbox_can_be_made_in_a_database_that_was_just_made(server: Exchange) -> None:
    done(server, "New-MailboxDatabase", Name="DB07", Server="EX01")
    assert done(server, "New-Mailbox", Name="Vic", Shared=True, Database="DB07").object["Database"] == "DB07"
    done(server, "Enable-Mailbox", Identity="user1", Archive=True, ArchiveDatabase="DB07")
    assert [found["Name"] for found in call(server, "Get-Mailbox", Database="DB07").objects] == ["Vic"]
    done(server, "Remove-Mailbox", Identity="Vic", Confirm=False)
    gone = call(server, "Remove-MailboxDatabase", Identity="DB07", Confirm=False)
    assert gone.failure == "AssociatedUserMailboxExistException"  # the archive is still in it
    assert call(server, "New-Mailbox", Name="Wes", Shared=True, Database="DB08").error is not None


def test_a_database_that_is_excluded_gets_no_mailbox_by_itself(server: Exchange) -> None:
    done(server, "Set-MailboxDatabase", Identity="DB01", IsExcludedFromProvisioning=True)
    assert done(server, "New-Mailbox", Name="Vic", Shared=True).object["Database"] == "DB02"
    done(server, "Set-MailboxDatabase", Identity="DB02", IsExcludedFromProvisioning=True)
    assert call(server, "New-Mailbox", Name="Wes", Shared=True).error is not None
    assert done(server, "New-Mailbox", Name="Wes", Shared=True, Database="DB01").object["Database"] == "DB01"


def test_a_mailbox_takes_a_sharing_policy_that_was_just_made(server: Exchange) -> None:
    done(server, "New-SharingPolicy", Name="Adatum", Domains=["adatum.com:ContactsSharing"])
    done(server, "Set-Mailbox", Identity="user0", SharingPolicy="adatum")
    assert call(server, "Get-Mailbox", Identity="user0").object["SharingPolicy"] == "Adatum"
    assert call(server, "Set-Mailbox", Identity="user0", SharingPolicy="Nobody").error is not None
    assert call(server, "Remove-SharingPolicy", Identity="Adatum", Confirm=False).failure == "CannotRemoveSharingPolicyInUseException"
