# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab's availability groups, move requests and components refuse what the server refuses, and moves wait for what they wait for."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError
from hybridlab.exchange import Exchange
from tests.fake_session import FakeSession

SECOND, FAR = "SecondCopy", "SecondDatacenter"


class Lab:
    """An organization and what is asked of it."""

    def __init__(self, *prepared: tuple[str, dict[str, t.Any]]) -> None:
        self.exchange = Exchange()
        self.session = FakeSession(self.exchange)
        for cmdlet, parameters in prepared:
            self(cmdlet, **parameters)

    def __call__(self, cmdlet: str, **parameters: t.Any) -> list[t.Any]:
        return self.session.invoke(cmdlet, parameters).output

    def refuses(self, says: str, cmdlet: str, **parameters: t.Any) -> None:
        with pytest.raises(HybridError, match=says):
            self(cmdlet, **parameters)

    def advanced(self, steps: int) -> str:
        """What the request of user1 shows after so many steps."""
        self.exchange.change({"moves": {"pace": 0, "advance": steps}})
        return str(self("Get-MoveRequestStatistics", Identity="user1")[0]["StatusDetail"])


GROUP = (
    ("New-DatabaseAvailabilityGroup", {"Name": "DAG01"}),
    ("Add-DatabaseAvailabilityGroupServer", {"Identity": "DAG01", "MailboxServer": "EX01"}),
    ("Add-DatabaseAvailabilityGroupServer", {"Identity": "DAG01", "MailboxServer": "EX02"}),
)
MOVE: tuple[tuple[str, dict[str, t.Any]], ...] = (("New-MoveRequest", {"Identity": "user1", "TargetDatabase": "DB02"}),)


def test_a_server_is_in_one_group_and_leaves_it_without_copies() -> None:
    lab = Lab(*GROUP, ("Add-MailboxDatabaseCopy", {"Identity": "DB01", "MailboxServer": "EX02"}))
    lab.refuses("already a member", "Add-DatabaseAvailabilityGroupServer", Identity="DAG01", MailboxServer="EX01")
    lab.refuses("has copies of replicated databases: DB01", "Remove-DatabaseAvailabilityGroupServer", Identity="DAG01", MailboxServer="EX02", Confirm=False)
    lab("Remove-MailboxDatabaseCopy", Identity="DB01\\EX02", Confirm=False)
    lab("Remove-DatabaseAvailabilityGroupServer", Identity="DAG01", MailboxServer="EX02", Confirm=False)
    lab.refuses("not a member", "Remove-DatabaseAvailabilityGroupServer", Identity="DAG01", MailboxServer="EX02", Confirm=False)


def test_copies_are_where_they_can_be() -> None:
    lab = Lab(*GROUP)
    lab.refuses("14.00:00:00", "Add-MailboxDatabaseCopy", Identity="DB01", MailboxServer="EX02", ReplayLagTime="15.00:00:00")
    lab.refuses("not between 1 and 2", "Add-MailboxDatabaseCopy", Identity="DB01", MailboxServer="EX02", ActivationPreference=3)
    lab("Add-MailboxDatabaseCopy", Identity="DB01", MailboxServer="EX02")
    lab.refuses("already has a copy", "Add-MailboxDatabaseCopy", Identity="DB01", MailboxServer="EX02")
    lab.refuses("is the active one", "Remove-MailboxDatabaseCopy", Identity="DB01\\EX01", Confirm=False)
    lab.refuses("couldn't be found", "Remove-MailboxDatabaseCopy", Identity="DB01\\EX09", Confirm=False)
    lab.refuses("couldn't be found", "Get-MailboxDatabaseCopyStatus", Identity="DB01\\EX09")
    assert [one["Name"] for one in lab("Get-MailboxDatabaseCopyStatus")] == ["DB01\\EX01", "DB02\\EX01"]  # those of the connected server
    assert lab("Get-MailboxDatabase", Identity="DB01")[0]["DataMoveReplicationConstraint"] == SECOND


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"Identity": "user1", "TargetDatabase": "DB02"}, "already being moved to 'DB02'"),
        ({"Identity": "user2", "TargetDatabase": "DB01"}, "already on database 'DB01'"),
        ({"Identity": "user2", "TargetDatabase": "RDB"}, "is a recovery database"),
        ({"Identity": "user2", "TargetDatabase": "DB03"}, "is dismounted"),
        ({"Identity": "user2", "TargetDatabase": "DB02", "BadItemLimit": 51}, "large data loss can occur"),
        ({"Identity": "user2", "TargetDatabase": "DB02", "LargeItemLimit": "Unlimited"}, "large data loss can occur"),
        ({"Identity": "user2", "TargetDatabase": "DB02", "LargeItemLimit": 5, "AllowLargeItems": True}, "can't be used together"),
        ({"Identity": "user2", "PrimaryOnly": True, "ArchiveOnly": True}, "can't be used together"),
        ({"Identity": "user2", "ArchiveOnly": True}, "doesn't have an archive"),
        ({"Identity": "guest", "TargetDatabase": "DB02"}, "is a mail user"),
        ({"Identity": "user2", "Remote": True, "RemoteHostName": "mail.fabrikam.com"}, "isn't a mail user"),
        ({"Identity": "guest", "Outbound": True, "RemoteHostName": "mail.fabrikam.com", "RemoteTargetDatabase": "DB9"}, "isn't a mailbox"),
        ({"Identity": "user2", "Outbound": True, "RemoteHostName": "mail.fabrikam.com"}, "must specify RemoteTargetDatabase"),
        ({"Identity": "Twin", "TargetDatabase": "DB02"}, "multiple entries"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(parameters: dict[str, t.Any], says: str) -> None:
    recovery = {"Name": "RDB", "Server": "EX01", "Recovery": True, "EdbFilePath": "R:\\RDB.edb", "LogFolderPath": "R:\\"}
    lab = Lab(*MOVE, ("New-MailboxDatabase", recovery), ("New-MailboxDatabase", {"Name": "DB03", "Server": "EX01"}))
    lab("Enable-MailUser", Identity="dave", Alias="guest", ExternalEmailAddress="guest@fabrikam.com")
    lab.refuses(says, "New-MoveRequest", **parameters)


def test_what_is_completed_is_only_removed() -> None:
    lab = Lab(*MOVE)
    assert lab.advanced(5) == "Finalization"
    lab.refuses("it is being completed", "Remove-MoveRequest", Identity="user1", Confirm=False)
    lab.refuses("can't be suspended", "Suspend-MoveRequest", Identity="user1", Confirm=False)
    assert lab.advanced(1) == "Completed"
    for cmdlet, says in (("Set", "can't be modified"), ("Suspend", "can't be suspended"), ("Resume", "can't be resumed")):
        lab.refuses(says, f"{cmdlet}-MoveRequest", Identity="user1", Confirm=False)
    lab.refuses("has a completed move request", "New-MoveRequest", Identity="user1", TargetDatabase="DB01")
    lab("Remove-MoveRequest", Identity="user1", Confirm=False)
    lab.refuses("Couldn't find a move request", "Get-MoveRequest", Identity="user1")


def test_the_target_changes_only_while_the_request_is_queued() -> None:
    lab = Lab(*MOVE, ("New-MailboxDatabase", {"Name": "DB03", "Server": "EX01"}), ("Mount-Database", {"Identity": "DB03"}))
    lab("Set-MoveRequest", Identity="user1", TargetDatabase="DB03")
    lab.advanced(1)
    lab.refuses("only while the request is queued", "Set-MoveRequest", Identity="user1", TargetDatabase="DB02")


def test_requests_are_selected() -> None:
    lab = Lab(*MOVE, ("New-MoveRequest", {"Identity": "user2", "Priority": "High", "Suspend": True, "BatchName": "B"}))

    def names(**selection: t.Any) -> list[str]:
        return [one["Alias"] for one in lab("Get-MoveRequest", **selection)]

    assert names(TargetDatabase="DB02") == ["user1", "user2"]  # without a target Exchange chose one
    assert names(MoveStatus="Suspended") == names(Suspend=True) == names(HighPriority=True) == names(BatchName="b") == ["user2"]
    assert names(SourceDatabase="DB02") == []
    assert names(SuspendWhenReadyToComplete=False) == ["user1", "user2"]
    assert [one["Alias"] for one in lab("Get-MoveRequestStatistics", MoveRequestQueue="DB02")] == ["user1", "user2"]


@pytest.mark.parametrize(
    ("constraint", "site", "lag", "held"),
    [
        (SECOND, "Vienna", None, False),
        (SECOND, "Vienna", "1.00:00:00", False),
        (FAR, "Default-First-Site-Name", None, True),
        (FAR, "Vienna", None, False),
        (FAR, "Vienna", "1.00:00:00", True),
        ("AllDatacenters", "Vienna", "1.00:00:00", True),
        ("AllDatacenters", "Vienna", None, False),
        ("AllCopies", "Vienna", None, False),
        ("CISecondDatacenter", "Vienna", "1.00:00:00", True),
        ("None", "Vienna", "1.00:00:00", False),
    ],
)
def test_a_move_waits_for_copies(constraint: str, site: str, lag: str | None, held: bool) -> None:
    lab = Lab(*GROUP)
    lab.exchange.change({"server": "EX02", "site": site})
    lab("Add-MailboxDatabaseCopy", Identity="DB02", MailboxServer="EX02", **({"ReplayLagTime": lag} if lag else {}))
    lab("Set-MailboxDatabase", Identity="DB02", DataMoveReplicationConstraint=constraint)
    lab("New-MoveRequest", Identity="user1", TargetDatabase="DB02")
    assert (lab.advanced(6) == "StalledDueToTarget_MdbReplication") is held
    lab("Set-MailboxDatabase", Identity="DB02", DataMoveReplicationConstraint="None")
    assert lab.advanced(2) == "Completed"


def test_a_failed_copy_is_no_second_copy() -> None:
    lab = Lab(*GROUP, ("Add-MailboxDatabaseCopy", {"Identity": "DB02", "MailboxServer": "EX02"}), *MOVE)
    lab.exchange.change({"database": "DB02", "copy": "EX02", "status": "Failed"})
    assert lab.advanced(6) == "StalledDueToTarget_MdbReplication"
    lab.exchange.change({"database": "DB02", "copy": "EX02", "status": ""})
    assert lab.advanced(2) == "Completed"


def test_a_failover_holds_a_move_up_for_a_while() -> None:
    lab = Lab(*GROUP, ("Add-MailboxDatabaseCopy", {"Identity": "DB02", "MailboxServer": "EX02"}), *MOVE)
    assert lab.advanced(2) == "CopyingMessages"
    lab.exchange.change({"database": "DB02", "failover": "EX02"})
    assert [lab.advanced(steps) for steps in (0, 1, 1, 1)] == [*["StalledDueToTarget_MdbAvailability"] * 2, "TransientFailureTarget", "CopyingMessages"]
    assert lab("Get-MoveRequestStatistics", Identity="user1")[0]["TargetServer"] == "ex02.contoso.com"


@pytest.mark.parametrize(
    ("order", "says"),
    [
        ({"moves": {"mailbox": "nobody"}}, "0 recipients"),
        ({"database": "DB09", "failover": "EX01"}, "no database DB09"),
        ({"database": "DB01", "failover": "EX02"}, "no copy on ex02"),
        ({"database": "DB01", "copy": "EX01", "colour": "red"}, "colour"),
        ({"database": "DB01", "copy": "EX01", "status": "Odd"}, "no status Odd"),
        ({"health_of": "EX01", "monitor": "Odd", "alert": "Healthy"}, "no monitor Odd"),
        ({"server": "EX01", "colour": "red"}, "colour"),
    ],
)
def test_changes_from_outside_are_checked(order: dict[str, t.Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Lab().exchange.change(order)


def test_a_component_is_held_by_those_who_may() -> None:
    lab = Lab()
    asked = {"Identity": "EX01", "Component": "HubTransport", "State": "Inactive"}
    lab.refuses("requester 'Me'", "Set-ServerComponentState", **asked, Requester="Me")
    lab.refuses("can't be used together", "Set-ServerComponentState", **asked, Requester="Maintenance", LocalOnly=True, RemoteOnly=True)
    assert len(lab("Get-ServerComponentState", Identity="EX01")) > 20
    lab("Set-ServerComponentState", Identity="EX01", Component="ServerWideOffline", State="Inactive", Requester="Maintenance")
    states = {one["Component"]: one["State"] for one in lab("Get-ServerComponentState", Identity="EX01")}
    assert set(states.values()) == {"Inactive"}
    with pytest.raises(HybridError, match="RollupGroup"):
        lab("Get-HealthReport", Identity="EX01", RollupGroup=True)
