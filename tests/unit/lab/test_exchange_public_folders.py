# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who shows public folders to whom, and migration requests."""

from __future__ import annotations

import pytest

from hybridlab.exchange import Exchange
from hybridlab.faults import Faults
from hybridlab.records import Terminating
from tests.unit.lab.exchange_calls import call, done, mailbox

PF01, PF02 = "contoso.com/Users/PF01", "contoso.com/Users/PF02"
KINDS = ("PublicFolderMigration", "PublicFolderMailboxMigration")


@pytest.fixture
def server() -> Exchange:
    return Exchange("2019", mailboxes=20)


def effective(server: Exchange) -> set[str | None]:
    """Who shows the hierarchy to anybody."""
    return {found["EffectivePublicFolderMailbox"] for found in done(server, "Get-Mailbox").objects}


def test_users_are_spread_over_the_mailboxes_that_serve(server: Exchange) -> None:
    assert effective(server) == {PF01, PF02}
    done(server, "Set-Mailbox", Identity="pf01", PublicFolder=True, IsExcludedFromServingHierarchy=True)
    assert effective(server) == {PF02}
    done(server, "Set-Mailbox", Identity="pf02", PublicFolder=True, IsHierarchyReady=False)
    assert effective(server) == {None}


def test_a_default_counts_even_when_that_mailbox_is_excluded(server: Exchange) -> None:
    done(server, "Set-Mailbox", Identity="pf02", PublicFolder=True, IsExcludedFromServingHierarchy=True)
    done(server, "Set-Mailbox", Identity="user0", DefaultPublicFolderMailbox="pf02")
    assert mailbox(server, "user0")["EffectivePublicFolderMailbox"] == PF02
    assert mailbox(server, "user1")["EffectivePublicFolderMailbox"] == PF01


def test_remote_public_folders_are_reached_through_the_named_mailboxes(server: Exchange) -> None:
    done(server, "Set-OrganizationConfig", PublicFoldersEnabled="Remote")
    assert effective(server) == {None}
    done(server, "Set-OrganizationConfig", RemotePublicFolderMailboxes=["info"])
    assert effective(server) == {"contoso.com/Users/Info"}
    done(server, "Set-OrganizationConfig", PublicFoldersEnabled="None")
    assert effective(server) == {None}


def test_a_cache_shows_for_a_while_who_served_before() -> None:
    faults = Faults()
    server = Exchange("2016", faults=faults)
    done(server, "Set-OrganizationConfig", PublicFoldersEnabled="Remote", RemotePublicFolderMailboxes=["info"])
    faults.arm("public-folder-cache", reads=2)
    done(server, "Set-OrganizationConfig", PublicFoldersEnabled="Local", WhatIf=True)
    assert effective(server) == {"contoso.com/Users/Info"}
    done(server, "Set-OrganizationConfig", PublicFoldersEnabled="Local")
    assert [effective(server) for _ in range(3)] == [{"contoso.com/Users/Info"}, {"contoso.com/Users/Info"}, {PF01, PF02}]


def test_a_serial_migration_is_requested_seen_and_removed(server: Exchange) -> None:
    assert done(server, "New-PublicFolderMigrationRequest", SourceDatabase="DB01", WhatIf=True).objects == []
    assert done(server, "New-PublicFolderMigrationRequest", SourceDatabase="DB01").object["Status"] == "Queued"
    (found,) = done(server, "Get-PublicFolderMigrationRequest").objects
    assert (found["Name"], found["Identity"], found["SourceDatabase"]) == ("PublicFolderMigration", "\\PublicFolderMigration", "DB01")
    assert call(server, "New-PublicFolderMigrationRequest", SourceDatabase="DB01", Name="second").failure == "RecipientTaskException"
    done(server, "Remove-PublicFolderMigrationRequest", Identity="\\PublicFolderMigration", Confirm=False)
    assert done(server, "Get-PublicFolderMigrationRequest").objects == []
    assert done(server, "New-PublicFolderMigrationRequest", SourceDatabase="DB01", Suspend=True).object["Status"] == "Suspended"


@pytest.mark.parametrize("kind", KINDS)
def test_requests_are_chosen_by_identity_status_and_batch(kind: str, server: Exchange) -> None:
    server.public_folders.add(kind, "one", "Completed", BatchName="PFs")
    server.public_folders.add(kind, "two", "InProgress")
    get = f"Get-{kind}Request"
    assert done(server, get).names == ["one", "two"]
    assert done(server, get, Status="inprogress").names == ["two"]
    assert done(server, get, BatchName="PFs").names == ["one"]
    assert done(server, get, Identity="\\two").names == ["two"]
    assert call(server, get, Identity="three").failure == "ManagementObjectNotFoundException"
    done(server, f"Remove-{kind}Request", Identity="one", Confirm=False)
    assert done(server, get).names == ["two"]


def test_what_is_not_kept_is_refused(server: Exchange) -> None:
    assert call(server, "New-PublicFolderMigrationRequest", SourceDatabase="nowhere").failure == "ManagementObjectNotFoundException"
    assert call(server, "New-PublicFolderMigrationRequest", SourceDatabase="DB01", WorkloadType="Local").failure == "LabDoesNotEmulateException"
    assert call(server, "Get-PublicFolderMailboxMigrationRequest", RequestQueue="DB01").failure == "LabDoesNotEmulateException"


def test_exchange_2010_has_no_such_requests() -> None:
    with pytest.raises(Terminating):
        call(Exchange("2010"), "Get-PublicFolderMailboxMigrationRequest")
