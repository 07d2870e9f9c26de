# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan of the role mailbox_move, and its verdict."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.m365.hybrid.plugins.filter.mailbox_move_plan import FilterModule

PLAN = FilterModule().filters()["mailbox_move_plan"]
TO_DB02: dict[str, t.Any] = {"mailboxes": [{"identity": "user1"}], "target_database": "DB02"}


def plan(reading: dict[str, t.Any] | None = None, **wishes: t.Any) -> dict[str, t.Any]:
    return t.cast(dict[str, t.Any], PLAN(reading or {}, {**TO_DB02, **wishes}))


def database(name: str = "DB02", constraint: str = "second_copy", **wrong: str) -> dict[str, t.Any]:
    return {
        "name": name,
        "data_move_replication_constraint": constraint,
        "recommended_constraint": "second_copy",
        "constraints": {"none": "", "second_copy": "", "second_datacenter": "", **wrong},
    }


def request(standing: str, **more: t.Any) -> dict[str, t.Any]:
    known = {"identity": "contoso.com/Users/User 1", "display_name": "User 1", "status": "in_progress", "status_detail": "copying_messages"}
    return {**known, "percent_complete": 60, "standing": standing, "failure_type": None, "message": "", **more}


def test_an_entry_wins_over_what_holds_for_all() -> None:
    found = plan(mailboxes=[{"identity": "user1"}, {"identity": "user2", "target_database": "DB03"}], archive_target_database="db03", batch_name="Floor 3")
    assert found["defaults"] == {"target_database": "DB02", "archive_target_database": "db03", "batch_name": "Floor 3"}
    assert sorted(map(str.lower, found["targets"])) == ["db02", "db03"]
    assert found["problems"] == []


def test_consent_is_given_by_its_own_variable_only() -> None:
    assert plan(accept_large_data_loss=True)["defaults"]["accept_large_data_loss"] is True
    assert "accept_large_data_loss" not in plan()["defaults"]
    (problem,) = plan(mailboxes=[{"identity": "user1", "accept_large_data_loss": True}])["problems"]
    assert "user1 says accept_large_data_loss" in problem
    (problem,) = plan(options={"accept_large_data_loss": True})["problems"]
    assert "mailbox_move_options says accept_large_data_loss" in problem


@pytest.mark.parametrize(
    ("wishes", "says"),
    [
        ({"mailboxes": []}, "names no mailbox"),
        ({"mailboxes": [{"target_database": "DB02"}]}, "entry 1 of mailbox_move_mailboxes has no identity"),
        ({"target_database": ""}, "user1 has no target"),
        ({"options": {"complete_after": "2099-01-01"}}, "does not wait for that"),
        ({"options": {"state": "absent"}}, "mailbox_move_options says state"),
        ({"mailboxes": [{"identity": "user1", "cancel": True}]}, "user1 says cancel"),
    ],
)
def test_what_the_variables_leave_open_is_refused(wishes: dict[str, t.Any], says: str) -> None:
    assert any(says in problem for problem in plan(**wishes)["problems"])


def test_a_stage_or_a_wish_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(AnsibleFilterError, match="there is no stage done"):
        plan(stage="done")
    with pytest.raises(AnsibleFilterError, match="speed cannot be wished"):
        plan(speed=9)


def test_a_move_that_shall_be_ready_suspends_itself_unless_it_has_a_time() -> None:
    assert plan(stage="ready")["defaults"]["suspend_when_ready_to_complete"] is True
    assert "suspend_when_ready_to_complete" not in plan(stage="ready", options={"complete_after": "2099-01-01"})["defaults"]


def test_a_constraint_that_the_copies_cannot_satisfy_is_refused_with_one_that_they_can() -> None:
    late = database(constraint="second_datacenter", second_datacenter="only lagged copies outside site Vienna: EX03")
    (problem,) = plan({"databases": [late]})["problems"]
    assert "moves into DB02 would wait without end for second_datacenter" in problem
    assert "EX03" in problem and "second_copy can be satisfied" in problem
    found = plan({"databases": [late]}, constraint="recommended")
    assert found["problems"] == [] and found["constraints"] == {"DB02": "second_copy"} and found["ahead"]
    assert found["saved"]["constraints"] == {"DB02": "second_datacenter"}


def test_a_group_that_is_too_small_for_the_wanted_constraint_is_refused() -> None:
    small = database(constraint="none", second_copy="availability group DAG01 has 1 member, and copies need two")
    (problem,) = plan({"databases": [small]}, constraint="second_copy")["problems"]
    assert "has 1 member" in problem


def test_a_constraint_that_is_sound_stays_and_nothing_is_ahead() -> None:
    found = plan({"databases": [database()], "predicted": {"counts": {"created": 0, "updated": 0}, "outcomes": []}})
    assert (found["problems"], found["constraints"], found["ahead"]) == ([], {}, False)


def test_what_the_module_would_refuse_is_refused_before_anything_is_changed() -> None:
    outcomes = [{"object": "user1", "outcome": "failed", "msg": "the mailbox is already being moved to DB03"}, {"object": "user2", "outcome": "created"}]
    assert plan({"predicted": {"counts": {"created": 1}, "outcomes": outcomes}})["problems"] == ["user1: the mailbox is already being moved to DB03"]
    assert plan({"predicted": {"msg": "bulk refuses"}})["problems"] == ["bulk refuses"]
    assert plan({"missing": ["database DB09"]})["problems"] == ["the organization has no database DB09"]


def test_what_was_held_goes_on_and_what_failed_only_where_that_is_asked_for() -> None:
    there = [request(one, identity=one) for one in ("completed", "moving", "stalled", "ready", "suspended", "failed")]

    def let_go(**wishes: t.Any) -> list[str]:
        return [one["identity"] for one in plan({"requests": there}, **wishes)["released"]]

    assert let_go() == ["moving", "stalled", "ready"]
    assert let_go(resume=True) == ["moving", "stalled", "ready", "suspended", "failed"]
    assert let_go(stage="ready") == []
    assert let_go(stage="ready", resume=True) == ["suspended", "failed"]


def test_failures_are_told_with_their_reason_and_a_stall_is_none() -> None:
    failed = request("failed", failure_type="TooManyBadItemsPermanentException", message="Too many.")
    found = plan({"requests": [failed, request("suspended"), request("stalled", status_detail="stalled_due_to_target_mdb_replication")]})
    assert found["failures"] == ["User 1 failed at 60%: TooManyBadItemsPermanentException - Too many.", "User 1 suspended at 60%: no reason is given"]
    assert found["unfinished"] == ["User 1 is stalled (stalled_due_to_target_mdb_replication, 60%)"]
    assert plan({"requests": [request("ready")]}, stage="ready")["unfinished"] == []
    assert plan({"requests": [request("ready")]})["unfinished"]
    assert plan({"requests": [request("moving")]}, stage="requested")["unfinished"] == []


def test_only_what_is_completed_is_cleared() -> None:
    there = [request("completed", identity=one, status=one) for one in ("completed", "completed_with_warning")]
    assert plan({"requests": there})["clearable"] == [{"identity": "completed"}]


def test_mailboxes_and_archives_that_are_elsewhere_are_told() -> None:
    def wrong(database: str, archive: str | None, **entry: t.Any) -> list[str]:
        there = [{"identity": "contoso.com/Users/User 1", "database": database, "archive_database": archive}]
        return t.cast(list[str], plan({"mailboxes": there}, mailboxes=[{"identity": "user1", **entry}])["misplaced"])

    assert wrong("db02", None) == []
    assert wrong("DB01", None) == ["user1: the mailbox is in DB01, not in DB02"]
    assert wrong("DB02", "DB01") == ["user1: the archive is in DB01, not in DB02"]
    assert wrong("DB02", "DB01", primary_only=True) == []
    assert wrong("DB01", "DB02", archive_only=True) == []
    assert wrong("DB02", "DB02", archive_target_database="DB03") == ["user1: the archive is in DB02, not in DB03"]


class TestBatches:
    """`mailbox_move_as: batch`."""

    HERE: t.ClassVar[dict[str, t.Any]] = {"database": "DB01", "archive_database": None, "primary_smtp_address": "user1@contoso.com"}

    def batch(self, reading: dict[str, t.Any] | None = None, **wishes: t.Any) -> dict[str, t.Any]:
        return plan({"mailboxes": [self.HERE], **(reading or {})}, way="batch", batch_name="Wave", **wishes)

    def test_the_file_has_what_somebody_says_and_not_who_is_in_place(self) -> None:
        found = self.batch(
            {"mailboxes": [self.HERE, {**self.HERE, "database": "db02"}, {**self.HERE, "primary_smtp_address": "three@contoso.com"}]},
            mailboxes=[{"identity": "user1"}, {"identity": "user2"}, {"identity": "user3", "target_database": "DB03", "bad_item_limit": 5}],
        )
        assert found["batch"]["csv"].splitlines() == ["EmailAddress,TargetDatabase,BadItemLimit", "user1@contoso.com,DB02,", "three@contoso.com,DB03,5"]
        assert (found["batch"]["local"], found["batch"]["state"], found["problems"]) == (True, "completed", [])

    def test_nobody_to_move_makes_no_batch(self) -> None:
        assert self.batch({"mailboxes": [{**self.HERE, "database": "DB02"}]})["batch"] == {}

    def test_whom_a_batch_brings_has_no_mailbox_yet(self) -> None:
        one = [{"identity": "user1@contoso.com"}]
        way: dict[str, t.Any] = {"mailboxes": one, "target_database": "", "source_endpoint": "Hybrid", "target_delivery_domain": "c.mail.onmicrosoft.com"}
        found = self.batch({"mailboxes": [], "absent": ["user1@contoso.com"], "missing": ["mailbox user1@contoso.com"]}, **way, stage="ready")
        assert (found["problems"], found["batch"]["source_endpoint"], found["batch"]["state"]) == ([], "Hybrid", "started")
        assert self.batch(**way)["batch"] == {}, "it has arrived"

    @pytest.mark.parametrize(
        ("reading", "wishes", "says"),
        [
            ({}, {"batch_name": ""}, "needs a name"),
            ({}, {"source_endpoint": "A", "target_endpoint": "B", "target_delivery_domain": "c"}, "not both"),
            ({}, {"target_endpoint": "A"}, "target_delivery_domain"),
            ({}, {"source_endpoint": "A", "target_delivery_domain": "c"}, "user1 is no address"),
            ({}, {"options": {"bad_item_limit": 51}}, "many items may be lost"),
            ({}, {"options": {"users": ["a"]}}, "mailbox_move_options says users"),
            ({}, {"mailboxes": [{"identity": "user1", "priority": "high"}]}, "of a whole batch"),
            ({}, {"options": {"complete_after": "2099-01-01"}}, "does not wait for that"),
            ({"missing": ["mailbox user1"]}, {}, "has no mailbox user1"),
            ({"batches": [{"status": "synced"}]}, {}, "without user1@contoso.com"),
            (
                {"requests": [{"standing": "moving", "display_name": "U", "batch_name": "x", "status": "in_progress", "identity": "u"}]},
                {},
                "being moved already",
            ),
            ({"requests": [request("completed", batch_name="")]}, {}, "clear it"),
            ({"databases": [database(second_copy="it has no passive copy")]}, {}, "would wait without end"),
        ],
    )
    def test_it_is_refused(self, reading: dict[str, t.Any], wishes: dict[str, t.Any], says: str) -> None:
        found = plan({"mailboxes": [self.HERE], **reading}, **{"way": "batch", "batch_name": "Wave", **wishes})
        assert any(says in problem for problem in found["problems"]), found["problems"]

    def test_its_own_requests_and_users_are_no_problem(self) -> None:
        own = request("moving", batch_name="MigrationService:wave")
        users = [{"identity": "user1@contoso.com", "standing": "active", "status": "syncing"}]
        found = self.batch({"requests": [own], "batches": [{"status": "syncing"}], "users": users})
        assert (found["problems"], found["unfinished"]) == ([], ["user1@contoso.com is syncing"])

    def test_what_ended_with_errors_is_left_until_somebody_says_resume(self) -> None:
        users = [{"identity": "user1@contoso.com", "standing": "failed", "status": "failed", "error": "E: full"}]
        for status, kind in (("completed_with_errors", "renew"), ("synced_with_errors", "retry"), ("failed", "retry"), ("stopped", "retry")):
            reading = {"batches": [{"status": status}], "users": users}
            left, resumed = self.batch(reading), self.batch(reading, resume=True)
            assert (left["renew"], left["retry"], left["failures"]) == (False, False, ["user1@contoso.com failed: E: full"])
            assert resumed[kind] is True and resumed["batch"] and resumed["problems"] == []
        assert self.batch({"batches": [{"status": "failed"}], "users": users})["batch"] == {}
