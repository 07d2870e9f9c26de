# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a cycle may begin, and when it has ended."""

from __future__ import annotations

import time
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import CmdletError
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from ansible_collections.m365.hybrid.plugins.module_utils._sync import cloud, history
from ansible_collections.m365.hybrid.plugins.module_utils._sync.waiting import Quiet
from hybridlab.sync.session import Session
from tests.fake_session import FakeSession
from tests.unit.test_directory_sync import Estate, task


def test_a_moment_between_two_runs_is_not_the_end_of_a_cycle() -> None:
    now = [0.0]
    quiet = Quiet(5.0, lambda: now[0])
    looks = [(0.0, True), (0.1, True), (4.9, True), (5.0, False), (6.0, True), (10.9, True), (11.0, True)]
    found = []
    for now[0], nothing in looks:
        found.append(quiet.lasts(nothing))
    assert found == [False] * 6 + [True]
    assert [Quiet(0.0).lasts(True), Quiet(0.0).lasts(False)] == [False, False], "one look is not enough"


def test_a_server_that_does_not_tell_its_staging_mode_gets_no_cycle() -> None:
    lab = Estate()
    session = FakeSession(Session(lab.machine))
    invoke = session.invoke

    def silent(cmdlet: str, *args: t.Any, **more: t.Any) -> t.Any:
        answer = invoke(cmdlet, *args, **more)
        return Answer([{**one, "StagingModeEnabled": None} for one in answer.output]) if cmdlet == "Get-ADSyncScheduler" else answer

    session.invoke = silent  # type: ignore[method-assign]
    result = task(session, "directory_sync_run", False, {})
    assert result["failed"] and "does not tell whether the server is in staging mode" in result["msg"] and lab.begun() == []


def job(began: str | None, name: str = "", code: str = "Active") -> cloud.Job:
    last = {"activityIdentifier": name, "timeBegan": began, "state": "Succeeded"} if began else None
    return cloud.Job("contoso.com", "principal", {"id": "job", "status": {"code": code, "lastExecution": last}})


@pytest.mark.parametrize(
    ("seen", "over"),
    [
        ([job("2026-03-01T09:58:00Z", "known")], [False]),
        ([job("2026-03-01T10:00:01Z", "ours")], [True]),
        ([job("2026-03-01T10:00:00.5Z", "ours")], [True]),
        ([job("2026-03-01T09:59:59Z", "running already"), job("2026-03-01T10:02:00Z", "ours")], [False, True]),
        ([job("2026-03-01T08:59:59Z", "slow clock"), job("2026-03-01T09:02:00Z", "next by that clock")], [False, True]),
        ([job("2026-03-01T09:58:00Z", "known", "Quarantine")], [True]),
        ([job(None)], [False]),
    ],
)
def test_an_execution_of_cloud_sync_that_began_before_the_start_is_not_waited_for(seen: list[cloud.Job], over: list[bool]) -> None:
    earlier: dict[str, str] = {}
    before = job("2026-03-01T09:58:00Z", "known")
    assert [cloud._over(before, one, "2026-03-01T10:00:00", earlier) for one in seen] == over


def test_a_cycle_that_is_refused_is_not_waited_for() -> None:
    lab = Estate()
    session = FakeSession(Session(lab.machine))
    invoke = session.invoke

    def refusing(cmdlet: str, *args: t.Any, **more: t.Any) -> t.Any:
        if cmdlet == "Start-ADSyncSyncCycle":
            raise CmdletError("Access is denied.")
        return invoke(cmdlet, *args, **more)

    session.invoke = refusing  # type: ignore[method-assign]
    result = task(session, "directory_sync_run", False, {"busy_timeout": 0.1})
    assert result["failed"] and "Access is denied" in result["msg"] and "busy" not in result["msg"]


def test_a_run_that_is_not_complete_is_in_progress_whatever_its_result_says() -> None:
    known = {"RunHistoryId": "1", "Result": "success"}
    assert [history._run({**known, "IsRunComplete": one})["result"] for one in (False, True, None)] == [history.RUNNING, "success", "success"]


def test_a_generation_that_does_not_tell_the_end_of_a_cycle_is_watched_for_a_whole_interval() -> None:
    """Before it begins, and after its last run."""
    lab = Estate("aadsync")
    began = time.monotonic()
    assert lab.on_server(interval=0.3)["result"] == "success" and time.monotonic() - began >= 0.85
