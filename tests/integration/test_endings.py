# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""However ansible-playbook or a broker ends, nothing is left, and the next task works."""

from __future__ import annotations

import os
import signal
import time

import pytest

from tests.integration.play import SOON, Lab, Playing, get, play, processes, sockets, start, task, until


def gone(lab: Lab, playing: Playing) -> None:
    """Assert that neither a process nor a socket nor a session is left soon."""
    until(lambda: not processes(playing.folder), SOON, f"the run's processes end: {processes(playing.folder)}")
    assert not sockets(playing.folder)
    lab.rest()


def in_mid_call(lab: Lab) -> Playing:
    """A run whose session is open and whose second call takes long."""
    lab.fault("slow-answer", seconds=60, cmdlet="Get-MailboxDatabase")
    playing = start({"ex01": lab.host()}, get("quick"), get("slow", "Get-MailboxDatabase"), get("after"))
    until(lambda: playing.brokers() and any(one.task == "quick" for one in playing.results), 20, "the first task")
    time.sleep(0.5)
    return playing


def test_a_broker_ends_with_the_run(lab: Lab) -> None:
    playing = start({"ex01": lab.host()}, get("look"))
    playing.finish().good()
    gone(lab, playing)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL], ids=lambda number: number.name)
def test_nothing_is_left_after_a_signal(lab: Lab, number: signal.Signals) -> None:
    playing = in_mid_call(lab)
    if number is signal.SIGINT:
        os.killpg(playing.process.pid, number)  # as Ctrl-C does: to all of the terminal's processes
    else:
        playing.process.send_signal(number)
    playing.process.wait(20)
    gone(lab, playing)


def test_a_broker_ends_though_the_session_is_still_being_opened(lab: Lab) -> None:
    lab.fault("throttle", at="runspace", wait=50, count=5)
    playing = start({"ex01": lab.host()}, get("look"))
    until(lambda: playing.brokers(), 20, "a broker")
    time.sleep(0.5)
    playing.process.kill()
    playing.process.wait()
    gone(lab, playing)


def test_a_task_that_nobody_waits_for_ends_with_the_run(lab: Lab) -> None:
    lab.fault("slow-answer", seconds=60, cmdlet="Get-MailboxDatabase")
    playing = start({"ex01": lab.host()}, get("forgotten", "Get-MailboxDatabase", **{"async": 100, "poll": 0}), get("last"))
    playing.finish().good()
    gone(lab, playing)


def test_after_a_killed_broker_the_next_task_works(lab: Lab) -> None:
    lab.fault("slow-answer", seconds=3, cmdlet="Get-MailboxDatabase")
    playing = start({"ex01": lab.host()}, get("first"), get("pause", "Get-MailboxDatabase", ignore_errors=True), get("next"))
    until(lambda: any(one.task == "first" for one in playing.results), 20, "the first task")
    until(lambda: lab.client.status()["sessions"]["live"], 5, "a session")
    time.sleep(0.5)
    (broker,) = playing.brokers()
    os.kill(broker, signal.SIGKILL)
    lab.abandoned += 1
    run = playing.finish().good()
    assert run.one("pause", "failed").result["error"]["class"] == "SessionLost"
    assert run.one("next").status == "ok"


def test_a_broker_killed_between_two_tasks_is_not_noticed(lab: Lab) -> None:
    pause = task("pause", "ansible.builtin.pause", {"seconds": 2})
    playing = start({"ex01": lab.host()}, get("first"), pause, get("next"))
    until(lambda: any(one.task == "first" for one in playing.results), 20, "the first task")
    (broker,) = playing.brokers()
    os.kill(broker, signal.SIGKILL)
    lab.abandoned += 1
    assert playing.finish().good().one("next").status == "ok"


def test_a_task_after_the_server_closed_the_idle_session_works(lab: Lab) -> None:
    lab.fault("lost-shell", at="command", after=2)
    assert play({"ex01": lab.host()}, get("first"), get("second"), get("third")).good().one("third").status == "ok"


def test_a_server_that_dies_in_the_middle_of_a_task_fails_it_with_a_sentence() -> None:
    with_lab = Lab()
    try:
        playing = in_mid_call(with_lab)
        with_lab.kill()
        run = playing.finish()
    finally:
        with_lab.down()
    failed = run.one("slow")
    assert failed.result["error"]["class"] in ("SessionLost", "Unreachable"), failed
    assert run.seconds < 60
