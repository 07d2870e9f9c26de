# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from hybridlab.exchange import Exchange
from hybridlab.faults import Faults
from hybridlab.records import SecureString
from tests.unit.lab.exchange_calls import call, done, mailbox

PASSWORD = SecureString("Passw0rd!")
STRANGE = ['O\'Neil "Bob"', "$(Get-Date) `n ${x}", "]]> <b>&amp;", "emoji \U0001f600", "\u05e9\u05dc\u05d5\u05dd \u202eabc", "_x0041_"]


@pytest.fixture
def server() -> Exchange:
    return Exchange("2019")


def test_a_mailbox_has_the_shape_of_a_real_one(server: Exchange) -> None:
    found = mailbox(server, "user0")
    assert len(found) > 200
    assert found["Identity"] == found["Id"] == "contoso.com/Users/User 0"
    assert found["DistinguishedName"] == "CN=User 0,CN=Users,DC=contoso,DC=com"
    assert found["ProhibitSendQuota"] == "Unlimited"
    assert found["RecoverableItemsQuota"] == "30 GB (32,212,254,720 bytes)"
    assert found["RetainDeletedItemsFor"] == "14.00:00:00"
    assert found["EmailAddresses"] == ["SMTP:user0@contoso.com"]
    assert found["GrantSendOnBehalfTo"] == [] and found["ForwardingAddress"] is None and found["CustomAttribute1"] == ""
    assert found["WhenCreated"] == found["WhenCreatedUTC"] and found["WhenCreated"].utcoffset() != found["WhenCreatedUTC"].utcoffset()
    assert found["EffectivePublicFolderMailbox"] == "contoso.com/Users/PF01"
    assert mailbox(Exchange("2019"), "user0")["Guid"] == found["Guid"]


def test_a_version_lacks_what_came_later() -> None:
    assert "DefaultPublicFolderMailbox" not in mailbox(Exchange("2010"), "user0")
    assert "DefaultPublicFolderMailbox" in mailbox(Exchange("2013"), "user0")
    assert Exchange("se").name == "exchange-se"


@pytest.mark.parametrize(
    "identity",
    ["user0", "USER0", "User 0", "user0@contoso.com", "CONTOSO\\user0", "contoso.com/Users/User 0", "CN=User 0,CN=Users,DC=contoso,DC=com", "{guid}"],
)
def test_a_mailbox_is_found_by_any_of_its_names(server: Exchange, identity: str) -> None:
    assert mailbox(server, identity.format(guid=mailbox(server, "user0")["Guid"]))["Alias"] == "user0"


def test_what_is_not_there_is_not_found(server: Exchange) -> None:
    for cmdlet in ("Get-Mailbox", "Set-Mailbox"):
        error = call(server, cmdlet, Identity="nobody").error
        assert error.message == "The operation couldn't be performed because object 'nobody' couldn't be found on 'dc01.contoso.com'."
        assert "[FailureCategory=Cmdlet-ManagementObjectNotFoundException]" in error.error_id
    assert call(server, "Get-Mailbox", Identity="dave").failure == "ManagementObjectNotFoundException"


def test_a_name_of_two_mailboxes_reads_both_and_changes_none(server: Exchange) -> None:
    assert call(server, "Get-Mailbox", Identity="Twin").names == ["Twin A", "Twin B"]
    assert call(server, "Set-Mailbox", Identity="Twin", Office="x").failure == "ManagementObjectAmbiguousException"


def test_public_folder_mailboxes_show_only_when_asked_for(server: Exchange) -> None:
    assert call(server, "Get-Mailbox", PublicFolder=True).names == ["PF01", "PF02"]
    assert call(server, "Get-Mailbox", Identity="pf01").failure == "ManagementObjectNotFoundException"
    assert call(server, "Set-Mailbox", Identity="pf01", IsExcludedFromServingHierarchy=True).failure == "ManagementObjectNotFoundException"
    done(server, "Set-Mailbox", Identity="pf01", PublicFolder=True, IsExcludedFromServingHierarchy=True)
    assert mailbox(server, "pf01", PublicFolder=True)["IsExcludedFromServingHierarchy"] is True
    assert call(server, "Remove-Mailbox", Identity="pf01", PublicFolder=True, Confirm=False).failure == "RecipientTaskException"


def test_a_list_is_cut_at_1000_with_a_warning_unless_asked_otherwise() -> None:
    server = Exchange(mailboxes=1200)
    short = call(server, "Get-Mailbox")
    assert len(short.objects) == 1000 and short.warnings[0].startswith("By default, only the first 1000 items are returned.")
    two = call(server, "Get-Mailbox", ResultSize=2)
    assert len(two.objects) == 2 and two.warnings[0].startswith("There are more results available than are currently displayed.")
    whole = call(server, "Get-Mailbox", ResultSize="Unlimited")
    assert len(whole.objects) == 1205 and not whole.warnings


def test_a_filter_is_obeyed_or_refused(server: Exchange) -> None:
    done(server, "Set-Mailbox", Identity="user1", CustomAttribute1="it's", HiddenFromAddressListsEnabled=True)
    assert call(server, "Get-Mailbox", Filter="CustomAttribute1 -eq 'it''s'").names == ["User 1"]
    assert call(server, "Get-Mailbox", Filter="{HiddenFromAddressListsEnabled -eq $true}").names == ["User 1"]
    assert call(server, "Get-Mailbox", Filter="Alias -like 'user*' -and -not (Alias -eq 'user0' -or CustomAttribute1 -ne $null)").names == [
        "User 2",
        "User 3",
        "User 4",
    ]
    guids = [done(server, "Get-Mailbox", Identity=f"user{number}").object["Guid"] for number in (3, 1)]
    named = " -or ".join(f"Guid -eq '{guid}'" for guid in [*guids, "0b0b0b0b-0000-0000-0000-000000000000"])
    assert sorted(call(server, "Get-Mailbox", Filter=named).names) == ["User 1", "User 3"]
    assert call(server, "Get-Mailbox", Filter=f"({named}) -and Alias -eq 'user3'").names == ["User 3"]
    for wrong in ("Alias -gt 'a'", "Nonsense -eq 'a'", "Alias", "Alias -eq 'a' junk", "Alias -eq {x}"):
        assert call(server, "Get-Mailbox", Filter=wrong).failure == "ParsingException"


def test_a_new_user_mailbox_has_an_account_and_an_address(server: Exchange) -> None:
    made = done(server, "New-Mailbox", Name="Bob", UserPrincipalName="bob@contoso.com", Password=PASSWORD, Archive=True, FirstName="Bob").object
    assert made["PrimarySmtpAddress"] == "bob@contoso.com" and made["Alias"] == made["SamAccountName"] == "bob"
    assert made["ArchiveName"] == ["In-Place Archive - Bob"] and made["ArchiveState"] == "Local"
    assert call(server, "Get-User", Identity="bob").object["FirstName"] == "Bob"
    assert server.calls[0][1]["Password"] == {"$any": True}
    assert "Passw0rd" not in repr(server.calls)


@pytest.mark.parametrize(("switch", "kind"), [("Shared", "SharedMailbox"), ("Room", "RoomMailbox"), ("Equipment", "EquipmentMailbox")])
def test_other_kinds_need_no_password(server: Exchange, switch: str, kind: str) -> None:
    made = done(server, "New-Mailbox", Name="Thing one", **{switch: True}).object
    assert made["RecipientTypeDetails"] == kind and made["Alias"] == "Thingone" and made["AccountDisabled"] is True


@pytest.mark.parametrize(
    ("more", "failure"),
    [
        ({"Name": "User 0"}, "ADObjectAlreadyExistsException"),
        ({"Alias": "user0"}, "RecipientTaskException"),
        ({"Alias": "with space"}, "DataValidationException"),
        ({"Name": "line\nbreak"}, "DataValidationException"),
        ({"UserPrincipalName": "user0@contoso.com"}, "RecipientTaskException"),
        ({"PrimarySmtpAddress": "user0@contoso.com"}, "ProxyAddressExistsException"),
        ({"PrimarySmtpAddress": "new@elsewhere.example"}, "NotAcceptedDomainException"),
        ({"Password": SecureString("short")}, "RecipientTaskException"),
        ({"Database": "DB09"}, "ManagementObjectNotFoundException"),
        ({"OrganizationalUnit": "Nowhere"}, "ManagementObjectNotFoundException"),
        ({"RetentionPolicy": "None such"}, "ManagementObjectNotFoundException"),
    ],
)
def test_a_mailbox_that_cannot_be_is_refused_and_not_made(server: Exchange, more: dict[str, t.Any], failure: str) -> None:
    given = {"Name": "New", "UserPrincipalName": "new@contoso.com", "Password": PASSWORD, **more}
    before = len(server.recipients)
    assert call(server, "New-Mailbox", **given).failure == failure
    assert len(server.recipients) == before


def test_an_account_gets_a_mailbox_once_and_loses_it(server: Exchange) -> None:
    assert done(server, "Enable-Mailbox", Identity="dave").object["PrimarySmtpAddress"] == "dave@contoso.com"
    assert "is of type UserMailbox" in call(server, "Enable-Mailbox", Identity="dave").error.message
    done(server, "Set-Mailbox", Identity="user0", GrantSendOnBehalfTo=["dave"])
    done(server, "Disable-Mailbox", Identity="dave", Confirm=False)
    assert call(server, "Get-Mailbox", Identity="dave").failure == "ManagementObjectNotFoundException"
    assert call(server, "Get-User", Identity="dave").object["RecipientTypeDetails"] == "User"
    assert mailbox(server, "user0")["GrantSendOnBehalfTo"] == []


def test_an_archive_comes_and_goes(server: Exchange) -> None:
    done(server, "Enable-Mailbox", Identity="user0", Archive=True)
    assert call(server, "Enable-Mailbox", Identity="user0", Archive=True).failure == "RecipientTaskException"
    archive = mailbox(server, "user0")["ArchiveGuid"]
    done(server, "Disable-Mailbox", Identity="user0", Archive=True, Confirm=False)
    after = mailbox(server, "user0")
    assert after["ArchiveGuid"].int == 0 and after["DisabledArchiveGuid"] == archive
    assert call(server, "Disable-Mailbox", Identity="user0", Archive=True, Confirm=False).failure == "RecipientTaskException"


def test_a_removed_mailbox_takes_its_account_with_it(server: Exchange) -> None:
    done(server, "Remove-Mailbox", Identity="user0", Confirm=False)
    assert call(server, "Get-User", Identity="user0").failure == "ManagementObjectNotFoundException"


def test_what_if_writes_nothing(server: Exchange) -> None:
    before = call(server, "Get-Mailbox").objects
    done(server, "Set-Mailbox", Identity="user0", Office="x", WhatIf=True)
    done(server, "New-Mailbox", Name="Bob", Shared=True, WhatIf=True)
    done(server, "Enable-Mailbox", Identity="dave", WhatIf=True)
    done(server, "Disable-Mailbox", Identity="user0", WhatIf=True)
    done(server, "Remove-Mailbox", Identity="user0", WhatIf=True)
    assert call(server, "Get-Mailbox").objects == before
    assert server.writes == []


@pytest.mark.parametrize("name", STRANGE)
def test_strange_names_survive(server: Exchange, name: str) -> None:
    made = done(server, "New-Mailbox", Name=name, Alias="strange", Shared=True).object
    done(server, "Set-Mailbox", Identity=str(made["Guid"]), CustomAttribute2=f"{name}\r\n{name}")
    found = mailbox(server, name)
    assert found["Name"] == name and found["CustomAttribute2"] == f"{name}\r\n{name}"


def test_a_new_object_is_late_in_a_directory_that_replicates() -> None:
    faults = Faults()
    faults.arm("replica-lag", reads=2, count=1)
    server = Exchange(faults=faults)
    done(server, "New-Mailbox", Name="Bob", Shared=True)
    assert call(server, "Get-Mailbox", Identity="Bob").failure == "ManagementObjectNotFoundException"
    assert "Bob" not in call(server, "Get-Mailbox").names
    assert mailbox(server, "Bob")["Name"] == "Bob"


def test_a_list_can_be_made_to_end_early() -> None:
    faults = Faults()
    faults.arm("truncated-list", keep=2, count=1)
    server = Exchange(faults=faults)
    cut = call(server, "Get-Mailbox")
    assert len(cut.objects) == 2 and len(cut.warnings) == 1
    assert len(call(server, "Get-Mailbox").objects) == 10
