# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rights on mailboxes, directory objects and folders as the emulated cmdlets keep them."""

from __future__ import annotations

import typing as t

import pytest

from hybridlab.exchange import Exchange
from tests.unit.lab.exchange_calls import call, done


@pytest.fixture
def server() -> Exchange:
    return Exchange()


def rights(server: Exchange, user: str, identity: str = "user0", cmdlet: str = "Get-MailboxPermission") -> list[tuple[t.Any, ...]]:
    found = done(server, cmdlet, Identity=identity, User=user).objects
    return [(one["AccessRights"], one["Deny"], one["InheritanceType"]) for one in found if not one["IsInherited"]]


def test_a_mailbox_shows_its_owner_and_what_it_inherits(server: Exchange) -> None:
    found = done(server, "Get-MailboxPermission", Identity="user0").objects
    assert (found[0]["User"], found[0]["AccessRights"], found[0]["IsInherited"]) == ("NT AUTHORITY\\SELF", ["FullAccess", "ReadPermission"], False)
    assert all(one["IsInherited"] for one in found[1:]) and {one["Deny"] for one in found[1:]} == {True, False}


def test_rights_of_one_kind_are_merged_and_those_of_another_are_not(server: Exchange) -> None:
    for given in ({"AccessRights": ["FullAccess"]}, {"AccessRights": ["DeleteItem"]}, {"AccessRights": ["DeleteItem"], "Deny": True}):
        done(server, "Add-MailboxPermission", Identity="user0", User="user1", **given)
    done(server, "Add-MailboxPermission", Identity="user0", User="user1", AccessRights=["FullAccess"], InheritanceType="Children")
    expected = [(["FullAccess", "DeleteItem"], False, "All"), (["DeleteItem"], True, "All"), (["FullAccess"], False, "Children")]
    assert rights(server, "user1") == expected


def test_a_right_given_twice_or_taken_in_vain_is_a_warning(server: Exchange) -> None:
    given: dict[str, t.Any] = {"Identity": "user0", "User": "user1", "AccessRights": ["FullAccess"]}
    assert "isn't present" in done(server, "Remove-MailboxPermission", **given, Confirm=False).warnings[0]
    assert done(server, "Add-MailboxPermission", **given).object["User"] == "CONTOSO\\user1"
    assert "already present" in done(server, "Add-MailboxPermission", **given).warnings[0]
    other = done(server, "Remove-MailboxPermission", **given, InheritanceType="None", Confirm=False)
    assert "isn't present" in other.warnings[0] and rights(server, "user1")


@pytest.mark.parametrize(
    ("noun", "identity", "right"), [("MailboxPermission", "user0", {"AccessRights": ["FullAccess"]}), ("ADPermission", "DB01", {"ExtendedRights": ["Send-As"]})]
)
def test_an_inherited_entry_is_ignored_with_a_warning(server: Exchange, noun: str, identity: str, right: dict[str, t.Any]) -> None:
    gone = done(server, f"Remove-{noun}", Identity=identity, User="Exchange Servers", Confirm=False, **right)
    assert "inherited access control entry" in gone.warnings[0]
    assert done(server, f"Get-{noun}", Identity=identity, User="Exchange Servers").objects


@pytest.mark.parametrize(
    ("noun", "identity", "right"),
    [
        ("MailboxPermission", "user0", {"AccessRights": ["FullAccess"]}),
        ("ADPermission", "User 0", {"ExtendedRights": ["Send-As"]}),
        ("MailboxFolderPermission", "user0:\\Inbox", {"AccessRights": ["Editor"]}),
    ],
)
def test_what_if_writes_nothing(server: Exchange, noun: str, identity: str, right: dict[str, t.Any]) -> None:
    before = done(server, f"Get-{noun}", Identity=identity).objects
    done(server, f"Add-{noun}", Identity=identity, User="user1", WhatIf=True, **right)
    assert done(server, f"Get-{noun}", Identity=identity).objects == before


def test_the_entry_of_a_removed_account_shows_its_sid(server: Exchange) -> None:
    done(server, "Add-MailboxPermission", Identity="user0", User="user1", AccessRights=["FullAccess"])
    done(server, "Add-MailboxFolderPermission", Identity="user0:\\Inbox", User="user1", AccessRights=["Editor"])
    done(server, "Remove-Mailbox", Identity="user1", Confirm=False)
    (sid,) = [one["User"] for one in done(server, "Get-MailboxPermission", Identity="user0").objects if one["User"].startswith("S-1-5-21-")]
    assert rights(server, sid) == [(["FullAccess"], False, "All")]
    assert f"NT User:{sid}" in [one["User"] for one in done(server, "Get-MailboxFolderPermission", Identity="user0:\\Inbox").objects]


def test_rights_go_with_the_mailbox(server: Exchange) -> None:
    done(server, "Add-MailboxPermission", Identity="user0", User="user1", AccessRights=["FullAccess"])
    done(server, "Disable-Mailbox", Identity="user0", Confirm=False)
    done(server, "Enable-Mailbox", Identity="User 0", Database="DB01")
    assert rights(server, "user1") == []


@pytest.mark.parametrize("cmdlet", ["Get-MailboxPermission", "Get-ADPermission"])
@pytest.mark.parametrize(("user", "failure"), [("nobody", "ManagementObjectNotFoundException"), ("Twin", "ManagementObjectAmbiguousException")])
def test_who_is_nobody_or_two(server: Exchange, cmdlet: str, user: str, failure: str) -> None:
    assert call(server, cmdlet, Identity="Info", User=user).failure == failure


def test_directory_rights_are_printed_as_flags(server: Exchange) -> None:
    done(server, "Add-ADPermission", Identity="DB01", User="user1", AccessRights=["GenericRead", "WriteProperty"])
    assert rights(server, "user1", "DB01", "Get-ADPermission") == [(["GenericRead", "WriteProperty"], False, "All")]
    done(server, "Remove-ADPermission", Identity="DB01", User="user1", AccessRights=["ListObject"], Confirm=False)
    assert rights(server, "user1", "DB01", "Get-ADPermission") == [(["GenericExecute", "ReadProperty", "WriteProperty"], False, "All")]


def test_each_extended_right_and_each_property_is_an_entry(server: Exchange) -> None:
    added = done(server, "Add-ADPermission", Identity="User 0", User="user1", AccessRights=["ExtendedRight"], ExtendedRights=["Send As", "Receive-As"])
    assert [one["ExtendedRights"] for one in added.objects] == [["Send-As"], ["Receive-As"]]
    added = done(server, "Add-ADPermission", Identity="User 0", User="user1", AccessRights=["ReadProperty"], Properties=["Member", "Description"])
    assert [one["Properties"] for one in added.objects] == [["Member"], ["Description"]]


@pytest.mark.parametrize("identity", ["sales-team", "sales-team@contoso.com", "room1"])
def test_directory_objects_answer_to_no_alias_and_no_address(server: Exchange, identity: str) -> None:
    assert call(server, "Get-ADPermission", Identity=identity).failure == "ManagementObjectNotFoundException"


@pytest.mark.parametrize(
    ("cmdlet", "given", "failure"),
    [
        ("Get", {"User": "user1"}, "UserNotFoundInPermissionEntryException"),
        ("Set", {"User": "user1", "AccessRights": ["Editor"]}, "UserNotFoundInPermissionEntryException"),
        ("Remove", {"User": "user1", "Confirm": False}, "UserNotFoundInPermissionEntryException"),
        ("Remove", {"User": "Default", "Confirm": False}, "CannotRemoveSpecialUserException"),
        ("Add", {"User": "default", "AccessRights": ["Editor"]}, "UserAlreadyExistInPermissionEntryException"),
        ("Add", {"User": "nobody@adatum.com", "AccessRights": ["Editor"]}, "InvalidExternalUserIdException"),
        ("Add", {"User": "everyone", "AccessRights": ["Editor"]}, "InvalidInternalUserIdException"),
        ("Add", {"User": "user1", "AccessRights": ["AvailabilityOnly"]}, "InvalidOperationException"),
    ],
)
def test_what_folder_permissions_refuse(server: Exchange, cmdlet: str, given: dict[str, t.Any], failure: str) -> None:
    assert call(server, f"{cmdlet}-MailboxFolderPermission", Identity="user0:\\Inbox", **given).failure == failure


def test_rights_that_are_no_role_are_shown_one_by_one(server: Exchange) -> None:
    added = done(server, "Add-MailboxFolderPermission", Identity="user0:\\Inbox", User="user1", AccessRights=["Reviewer", "CreateItems"])
    assert added.object["AccessRights"] == ["ReadItems", "CreateItems", "FolderVisible"]


def test_folders_have_the_names_of_the_language_in_which_they_were_made(server: Exchange) -> None:
    done(server, "Set-Mailbox", Identity="user0", Languages=["de-DE"])
    assert done(server, "Get-MailboxFolderStatistics", Identity="user0", FolderScope="Calendar").object["FolderPath"] == "/Kalender"
    done(server, "Set-Mailbox", Identity="user0", Languages=["en-US"])
    assert done(server, "Get-MailboxFolderStatistics", Identity="user0", FolderScope="Calendar").object["FolderPath"] == "/Kalender"
    everything = done(server, "Get-MailboxFolderStatistics", Identity="user0").objects
    assert {"/Top of Information Store", "/Posteingang", "/Kalender"} <= {one["FolderPath"] for one in everything}
