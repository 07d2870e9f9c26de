# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many objects at once with real Ansible: sessions, lost sessions, what leaves the task."""

from __future__ import annotations

import json
import pathlib
import typing as t

import pytest

from tests.integration import play as playing
from tests.integration.play import Lab, Variables, play, task

MAILBOXES = 40


@pytest.fixture(scope="module")
def module_lab() -> t.Iterator[Lab]:
    with playing.lab("--mailboxes", str(MAILBOXES)) as lab:
        yield lab
        playing.until(lambda: lab.live <= lab.abandoned, 10, "every session of the file's tests has ended")
    playing.clear()


def bulk(name: str, objects: list[Variables], **options: t.Any) -> Variables:
    keywords = {key: options.pop(key) for key in ("async", "poll", "delegate_to") if key in options}
    return task(name, "bulk", {"module": "exchange_mailbox", "objects": objects, **options}, **keywords)


def users(text: str, number: int = MAILBOXES) -> list[Variables]:
    return [{"identity": f"user{one}", "custom_attribute1": text} for one in range(number)]


def test_the_second_run_finds_nothing_to_do(lab: Lab) -> None:
    run = play({"ex01": lab.host(m365_max_sessions=3)}, bulk("first", users("a")), bulk("again", users("a"))).good()
    assert run.one("first").result["counts"]["updated"] == MAILBOXES
    assert run.one("again").result["counts"]["unchanged"] == MAILBOXES and not run.one("again").result["changed"]


def test_the_session_budget_is_the_limit_and_is_used(lab: Lab) -> None:
    before = lab.opened
    lab.fault("slow-answer", seconds=0.05)
    play({"ex01": lab.host(m365_max_sessions=3)}, bulk("change", users("b"), parallel=9)).good()
    assert lab.opened - before == 3


def test_check_mode_and_diff(lab: Lab) -> None:
    run = play({"ex01": lab.host()}, bulk("look", users("c", 2)), arguments=("--check", "--diff")).good()
    assert run.one("look").result["counts"]["updated"] == 2
    assert run.output.count('+    "custom_attribute1": "c"') == 2


def test_a_session_lost_in_the_middle_loses_nothing(lab: Lab) -> None:
    before = lab.opened
    lab.fault("lost-shell", at="receive", cmdlet="Set-Mailbox", after=10)
    run = play({"ex01": lab.host(m365_max_sessions=2)}, bulk("change", users("d")), bulk("again", users("d"))).good()
    assert run.one("change").result["counts"]["updated"] == MAILBOXES
    assert run.one("again").result["counts"]["unchanged"] == MAILBOXES
    assert lab.opened - before == 3  # one took the place of the one that was lost


def test_a_host_with_another_connection_and_a_delegated_task(lab: Lab) -> None:
    hosts = {"ex01": lab.host(), "here": {"ansible_connection": "local"}}
    run = play(hosts, playing.play_of(bulk("change", users("e", 2), delegate_to="ex01"), hosts="here")).good()
    assert run.one("change").result["counts"]["updated"] == 2


def test_async_is_refused_before_anything_is_sent(lab: Lab) -> None:
    before = lab.calls
    run = play({"ex01": lab.host()}, bulk("change", users("f", 2), **{"async": 60}))
    assert "bulk cannot run with async" in run.one("change", "failed").message
    assert lab.calls == before


def test_passwords_of_the_entries_are_shown_nowhere(lab: Lab, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "results"
    entries = [{"identity": f"new{one}@contoso.com", "user_principal_name": f"new{one}@contoso.com", "password": f"Sesame,0pen{one}!"} for one in range(2)]
    entries.append({"identity": "wrong@contoso.com", "password": "Sesame,0pen9!", "colour": "Sesame,0pen9!"})
    run = play({"ex01": lab.host()}, bulk("create", entries, result_file=str(path)), arguments=("-vv", "--diff"))
    result = run.one("create", "failed").result
    assert result["counts"]["created"] == 2 and result["counts"]["failed"] == 1
    assert "Sesame" not in run.output + path.read_text(encoding="utf-8") + json.dumps(result)


def test_what_is_exported_changes_nothing(lab: Lab) -> None:
    back = task("back", "bulk", {"module": "exchange_mailbox", "objects": "{{ found.objects }}"})
    run = play({"ex01": lab.host()}, task("export", "export", {"module": "exchange_mailbox"}, register="found"), back).good()
    assert len(run.one("export").result["objects"]) > MAILBOXES
    assert not run.one("back").result["changed"]


def test_how_far_a_long_run_is_stands_on_the_terminal(lab: Lab) -> None:
    lab.fault("slow-answer", seconds=0.4)
    run = play({"ex01": lab.host()}, bulk("change", users("g", 20), read="list")).good()
    assert "bulk exchange_mailbox: " in run.output and "20 done" in run.output
