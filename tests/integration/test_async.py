# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asynchronous tasks run our modules in ordinary module processes, over the run's session."""

from __future__ import annotations

import pytest

from tests.integration.play import Lab, Run, Variables, get, play, task

REMOTE: Variables = {"name": "Async", "domain_name": "async.example"}
CHECKED: Variables = {**REMOTE, "auto_reply_enabled": False}
WRONG: Variables = {"name": "Async", "no_such_option": 1}
STATUS: Variables = {"jid": "{{ job.ansible_job_id }}"}


@pytest.fixture(scope="module")
def run(module_lab: Lab) -> Run:
    before = module_lab.opened
    run = play(
        {"ex01": module_lab.host()},
        task("polled", "exchange_remote_domain", REMOTE, **{"async": 30, "poll": 1}, diff=True),
        task("polled again", "exchange_remote_domain", REMOTE, **{"async": 30, "poll": 1}),
        task("fails", "exchange_remote_domain", WRONG, **{"async": 30, "poll": 1}, ignore_errors=True),
        task("started", "exchange_remote_domain", {**REMOTE, "auto_reply_enabled": True}, **{"async": 30, "poll": 0}, register="job"),
        task("ended", "ansible.builtin.async_status", STATUS, register="state", until="state.finished", retries=20, delay=1),
        task(
            "in check mode", "exchange_remote_domain", {**REMOTE, "auto_reply_enabled": False}, **{"async": 30, "poll": 1}, check_mode=True, ignore_errors=True
        ),
        get("ordinary"),
    ).good()
    assert module_lab.opened == before + 1
    return run


def test_a_polled_task_has_the_module_s_result(run: Run) -> None:
    assert run.one("polled", "ok").result["changed"]
    assert run.one("polled").result["diff"]["after"] == {"domain_name": "async.example"}
    assert run.one("polled again", "ok").result["changed"] is False


def test_a_wrong_option_fails_with_a_sentence(run: Run) -> None:
    assert "no_such_option" in run.one("fails", "failed").message


def test_a_task_that_was_started_is_asked_for_later(run: Run) -> None:
    assert run.one("started").result["ansible_job_id"]
    assert run.one("ended", "ok").result["resource"]["auto_reply_enabled"] is True


def test_check_mode_predicts(run: Run) -> None:
    if "check mode and async cannot be used on same task" in run.one("in check mode").message:
        pytest.skip("this ansible-core refuses it")
    assert run.one("in check mode").result["changed"]


def test_the_session_stays_for_other_tasks(run: Run) -> None:
    assert run.one("ordinary").status == "ok"
