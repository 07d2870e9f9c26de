# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Migration batches: from which status what brings them to a state, and the time until they do not go on by themselves."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Surroundings, Task
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import migration_batch
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.migration_batch import Move, move
from hybridlab.exchange import Exchange
from tests import scenarios
from tests.fake_session import FakeSession

MODULE = dataclasses.replace(t.cast(migration_batch.MigrationBatchModule, scenarios.module("exchange_migration_batch")), pause=0.0)
PAST, FUTURE = "2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"
EVERY = (*migration_batch.IDLE, *migration_batch.RUNNING, *migration_batch.READY, *migration_batch.ENDED, "completing", "stopping", "removing", "corrupted")


class Watching(Surroundings):
    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)


def run(session: FakeSession, around: Surroundings | None = None, **options: t.Any) -> Result:
    return MODULE.run(lambda: session, Task(MODULE.validate(options), surroundings=around or Surroundings()))


@pytest.fixture
def session() -> FakeSession:
    return FakeSession(Exchange())


WAVE: dict[str, t.Any] = {"name": "New wave", "users": ["user0@contoso.com"], "target_endpoint": "Hybrid Endpoint", "target_delivery_domain": "contoso.com"}


class TestMoves:
    @pytest.mark.parametrize("status", EVERY)
    def test_to_exist_any_status_will_do(self, status: str) -> None:
        assert move("created", status, None, False) is None

    @pytest.mark.parametrize("status", migration_batch.IDLE)
    def test_what_does_not_run_is_started(self, status: str) -> None:
        assert move("started", status, None, False) == Move("starting", ("Start",))

    @pytest.mark.parametrize("status", (*migration_batch.RUNNING, *migration_batch.READY, "completing", *migration_batch.ENDED))
    def test_what_runs_or_is_further_is_left_alone(self, status: str) -> None:
        assert move("started", status, None, False) is None

    @pytest.mark.parametrize("status", (*migration_batch.RUNNING, *migration_batch.READY, "completing"))
    def test_what_runs_is_stopped(self, status: str) -> None:
        assert move("stopped", status, None, False) == Move("stopping", ("Stop",))

    @pytest.mark.parametrize("status", (*migration_batch.IDLE, "stopping"))
    def test_what_stands_is_left_alone(self, status: str) -> None:
        assert move("stopped", status, None, False) is None

    @pytest.mark.parametrize("status", migration_batch.READY)
    def test_what_is_synchronised_is_completed_unless_a_time_is_set(self, status: str) -> None:
        assert move("completed", status, None, False) == move("completed", status, FUTURE, False) == Move("completing", ("Complete",))
        assert move("completed", status, FUTURE, True) is None

    @pytest.mark.parametrize("status", migration_batch.RUNNING)
    def test_what_is_not_yet_completes_as_soon_as_it_can(self, status: str) -> None:
        assert move("completed", status, FUTURE, False) == move("completed", status, None, False) == Move("completing", (), now=True)
        assert move("completed", status, PAST, False) is None, "it is told already"

    @pytest.mark.parametrize("status", migration_batch.IDLE)
    def test_what_stands_is_started_to_be_completed(self, status: str) -> None:
        assert move("completed", status, None, False) == Move("completing", ("Start",), now=True)
        assert move("completed", status, PAST, False) == move("completed", status, FUTURE, True) == Move("completing", ("Start",))

    @pytest.mark.parametrize(
        ("goal", "status", "words"),
        [
            ("stopped", "completed", "is completed, and cannot be stopped"),
            ("started", "stopping", "Run the task again"),
            ("completed", "stopping", "Run the task again"),
            ("started", "removing", "is removing"),
            ("started", "corrupted", "Remove it and make it anew"),
        ],
    )
    def test_where_there_is_no_way_it_is_said(self, goal: str, status: str, words: str) -> None:
        with pytest.raises(UsageError) as caught:
            move(goal, status, None, False)
        assert words in str(caught.value)


def test_the_file_has_a_header_and_an_address_in_each_line() -> None:
    assert migration_batch.users_file(["a@contoso.com", 'b"x,y@contoso.com']) == 'EmailAddress\r\na@contoso.com\r\n"b""x,y@contoso.com"\r\n'


class TestWaiting:
    def test_until_it_is_synchronised(self, session: FakeSession) -> None:
        around = Watching()
        found = run(session, around, **WAVE, state="started", wait=True)
        assert found["resource"]["status"] == "synced" and found["resource"]["synced_count"] == 1
        assert any("syncing, of 1 users 0 are synchronised" in one for one in around.said)

    def test_until_it_is_completed(self, session: FakeSession) -> None:
        assert run(session, **WAVE, state="completed", wait=True)["resource"]["status"] == "completed"
        assert not run(session, **WAVE, state="completed", wait=True)["changed"]

    def test_without_it_the_task_ends_at_once(self, session: FakeSession) -> None:
        assert run(session, **WAVE, state="completed")["resource"]["status"] in ("starting", "syncing")

    def test_it_gives_up_in_time(self, session: FakeSession) -> None:
        found = run(session, **WAVE, state="completed", wait=True, wait_timeout=0)
        assert found["failed"] and found["changed"] and "after 0 seconds" in found["msg"] and "raise wait_timeout" in found["msg"]

    def test_a_batch_that_failed_is_an_error(self, session: FakeSession) -> None:
        onboarding = {"source_endpoint" if name == "target_endpoint" else name: value for name, value in WAVE.items()}  # of somebody who is here already
        found = run(session, **onboarding, state="started", wait=True)
        assert found["failed"] and "is failed" in found["msg"] and "Get-MigrationUser" in found["msg"]


def test_a_batch_that_is_being_removed_is_gone(session: FakeSession) -> None:
    product = t.cast(Exchange, session.product)
    (entry,) = product.migrations.find("Wave 1")
    product.migrations.change(entry, {"Status": "Removing"})
    assert not run(session, name="Wave 1", state="absent")["changed"]
    assert "is removing" in run(session, name="Wave 1", state="started")["msg"]


def test_items_that_were_left_behind_are_given_up_where_that_is_asked_for() -> None:
    session = FakeSession(Exchange("online"))
    assert run(session, name="Wave 3", state="completed", approve_skipped_items=True)["changed"]
    product = t.cast(Exchange, session.product)
    sent = [(cmdlet, given.get("ApproveSkippedItems")) for cmdlet, given in product.calls if not cmdlet.startswith("Get-")]
    assert sent == [("Set-MigrationBatch", True), ("Complete-MigrationBatch", None)]


def test_nothing_is_given_up_of_a_batch_without_such_items() -> None:
    session = FakeSession(Exchange("online"))
    product = t.cast(Exchange, session.product)
    (entry,) = product.migrations.find("Wave 3")
    product.migrations.change(entry, {"Status": "Synced"})
    assert run(session, name="Wave 3", state="completed", approve_skipped_items=True)["changed"]
    assert [cmdlet for cmdlet, _given in product.calls if not cmdlet.startswith("Get-")] == ["Complete-MigrationBatch"]
