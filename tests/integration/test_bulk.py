# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many objects at once with real Ansible: sessions, lost sessions, what leaves the task."""

from __future__ import annotations

import collections
import json
import os
import pathlib
import signal
import typing as t

import pytest

from tests.integration import play as playing
from tests.integration.play import Lab, Variables, play, task

MAILBOXES = 40


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The file in which the lab writes down the calls that reached Exchange."""
    return tmp_path_factory.mktemp("lab") / "calls.jsonl"


@pytest.fixture(scope="module")
def module_lab(record: pathlib.Path) -> t.Iterator[Lab]:
    with playing.lab("--mailboxes", str(MAILBOXES), "--record", str(record)) as lab:
        yield lab
        lab.rest()
    playing.clear()


def written(record: pathlib.Path, text: str) -> collections.Counter[str]:
    """How often each mailbox was set to a text."""
    calls = [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()]
    texts = [(one["parameters"].get("Identity"), one["parameters"].get("CustomAttribute1")) for one in calls if one["cmdlet"] == "Set-Mailbox"]
    return collections.Counter(str(identity) for identity, said in texts if said == text)


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


@pytest.mark.parametrize(
    ("fault", "options"),
    [("lost-shell", {"at": "command"}), ("lost-shell", {"at": "receive"}), ("drop-in-receive", {})],
    ids=["before the call", "after the call", "in mid-answer"],
)
@pytest.mark.parametrize("sessions", [1, 3])
def test_a_session_lost_in_the_middle_loses_nothing_and_does_nothing_twice(
    lab: Lab, record: pathlib.Path, fault: str, options: Variables, sessions: int
) -> None:
    text, before = f"{fault} {options} {sessions}", lab.opened
    lab.fault(fault, cmdlet="Set-Mailbox", after=10, count=2, **options)
    run = play({"ex01": lab.host(m365_max_sessions=sessions)}, bulk("change", users(text)), bulk("again", users(text))).good()
    assert not lab.client.status()["faults"], "the fault happened"
    assert run.one("change").result["counts"]["updated"] == MAILBOXES
    assert run.one("again").result["counts"]["unchanged"] == MAILBOXES
    assert written(record, text) == collections.Counter(f"user{one}" for one in range(MAILBOXES))
    assert lab.opened - before <= sessions + 2  # one took the place of each that was lost


def test_a_run_that_was_interrupted_is_taken_up_by_the_next(lab: Lab, record: pathlib.Path, tmp_path: pathlib.Path) -> None:
    lab.fault("slow-answer", seconds=0.2, cmdlet="Set-Mailbox")
    path = tmp_path / "results"
    going = playing.start({"ex01": lab.host(m365_max_sessions=2)}, bulk("change", users("resumed"), result_file=str(path), read="each"))
    playing.until(lambda: len(written(record, "resumed")) > MAILBOXES // 4, 60, "a part is written")
    os.killpg(going.process.pid, signal.SIGINT)  # as Ctrl-C does
    going.process.wait(20)
    lab.client.clear()
    lab.rest()
    done = written(record, "resumed")
    assert len(done) < MAILBOXES
    assert all(json.loads(line)["outcome"] == "updated" for line in path.read_text(encoding="utf-8").splitlines())
    run = play({"ex01": lab.host(m365_max_sessions=2)}, bulk("change", users("resumed"))).good()
    counts = run.one("change").result["counts"]
    assert (counts["unchanged"], counts["updated"]) == (len(done), MAILBOXES - len(done))
    assert set(written(record, "resumed").values()) == {1} and len(written(record, "resumed")) == MAILBOXES


def test_two_hosts_at_once_share_the_budget_and_not_the_result_file(lab: Lab, tmp_path: pathlib.Path) -> None:
    before = lab.opened
    hosts = {name: lab.host(m365_max_sessions=2) for name in ("one", "two")}
    halves = f"{{{{ {json.dumps(users('shared'))}[:{MAILBOXES // 2}] if inventory_hostname == 'one' else {json.dumps(users('shared'))}[{MAILBOXES // 2}:] }}}}"
    path = str(tmp_path / "{{ inventory_hostname }}.jsonl")
    run = play(hosts, task("change", "bulk", {"module": "exchange_mailbox", "objects": halves, "result_file": path})).good()
    assert [one.result["counts"]["updated"] for one in run.all("change")] == [MAILBOXES // 2] * 2
    assert [len((tmp_path / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()) for name in hosts] == [MAILBOXES // 2] * 2
    assert lab.opened - before <= 2


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
    assert "bulk exchange_mailbox: 0 of 20 done, " in run.output and " written and to be looked at" in run.output


def test_one_bad_object_in_ten_thousand(tmp_path: pathlib.Path) -> None:
    many, record, listed = 10_000, tmp_path / "calls.jsonl", tmp_path / "objects.json"
    objects: list[Variables] = [{"identity": f"user{one}", "custom_attribute1": "" if one % 100 else "x"} for one in range(many)]
    objects[5_000] |= {"email_addresses": {"add": ["user1@contoso.com"]}}  # it is another one's, so the server refuses it
    listed.write_text(json.dumps(objects), encoding="utf-8")
    given = {"module": "exchange_mailbox", "objects": f"{{{{ lookup('file', '{listed}') | from_json }}}}"}
    tasks = [task(name, "bulk", given, ignore_errors=True) for name in ("first", "again")]
    with playing.lab("--mailboxes", str(many), "--record", str(record)) as lab:
        run = play({"ex01": lab.host(m365_max_sessions=4)}, *tasks)
        playing.until(lambda: not lab.live, 30, "its sessions have ended")
    first, again = (run.one(name).result for name in ("first", "again"))
    assert (first["counts"]["updated"], first["counts"]["unchanged"], first["counts"]["failed"]) == (99, many - 100, 1)
    assert (again["counts"]["updated"], again["counts"]["unchanged"], again["counts"]["failed"]) == (0, many - 1, 1)
    assert all("entry 5001, 'user5000'" in one["msg"] and "user1@contoso.com" in one["msg"] for one in (first, again))
    changed = written(record, "x")
    assert changed.pop("user5000") == 2 and changed == collections.Counter(f"user{one}" for one in range(0, many, 100) if one != 5_000)
