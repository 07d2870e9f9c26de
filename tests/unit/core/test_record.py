# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records of changes: what is known, what is not, and what must not be."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import resource
import threading
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core import bulk, bulk_task, censor, engine, record
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import AccessDenied, HybridError, SessionLost, TimedOut
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Surroundings, Task
from ansible_collections.m365.hybrid.plugins.plugin_utils import surroundings
from hybridlab.exchange import Exchange
from tests import scenarios
from tests.fake_session import FakeSession
from tests.unit.core.bulk_runs import Sessions, nothing

SECRET = "Zx9!plugh-and-xyzzy"


class Noting(Surroundings):
    def __init__(self) -> None:
        self.rows: list[dict[str, t.Any]] = []

    def record(self, change: t.Mapping[str, t.Any]) -> None:
        self.rows.append(dict(change))


def run(name: str, options: dict[str, t.Any], session: FakeSession | None = None, **more: t.Any) -> tuple[Result, list[dict[str, t.Any]]]:
    module, around = scenarios.module(name).bound(options, surroundings.named), Noting()
    return module.run(lambda: session or FakeSession(Exchange()), Task(module.validate(options), surroundings=around, **more)), around.rows


def box(number: int, **more: t.Any) -> dict[str, t.Any]:
    return {"identity": f"user{number}", "custom_attribute1": "new", **more}


def test_an_update_has_both_values_of_what_it_changed_and_no_diff_is_shown() -> None:
    result, (row,) = run("exchange_mailbox", box(1))
    assert "diff" not in result and row["object"] == "user1" and row["module"] == "m365.hybrid.exchange_mailbox"
    assert row["changes"] == [{"property": "custom_attribute1", "before": "", "after": "new"}]
    assert (row["before"], row["after"], row["before_known"]) == ({"custom_attribute1": ""}, {"custom_attribute1": "new"}, True)
    assert row["check_mode"] is False and row["target"] == "exchange on exchange-2019"


def test_what_was_made_was_not_there_and_its_password_is_no_value() -> None:
    given = {"identity": "new@contoso.com", "user_principal_name": "new@contoso.com", "password": SECRET}
    _result, (row,) = run("exchange_mailbox", given)
    assert row["before"] is None and row["before_known"] and row["after"]["user_principal_name"] == "new@contoso.com"
    assert SECRET not in json.dumps(row)


def test_what_was_removed_is_not_there() -> None:
    session = FakeSession(Exchange())
    run("exchange_remote_domain", {"name": "Far", "domain_name": "far.example"}, session)
    _result, (row,) = run("exchange_remote_domain", {"name": "Far", "state": "absent"}, session)
    assert row["after"] is None and row["after_known"] and row["before"]["domain_name"] == "far.example"
    assert {"property": "domain_name", "before": "far.example", "after": None} in row["changes"]


def test_what_is_as_it_should_be_or_fails_before_a_change_has_no_record() -> None:
    product = Exchange()
    assert run("exchange_mailbox", box(1), FakeSession(product))[1]
    assert run("exchange_mailbox", box(1), FakeSession(product))[1] == []
    refusing = Sessions(Exchange(), before=lambda cmdlet, _given: AccessDenied("no") if cmdlet.startswith("Set-") else None)
    result, rows = run("exchange_mailbox", box(1), refusing)
    assert result["failed"] and rows == []


def lost(cmdlet: str, _given: dict[str, t.Any]) -> HybridError | None:
    return SessionLost("gone") if cmdlet.startswith("Set-") else None


def test_a_change_of_unknown_fate_says_so() -> None:
    result, (row,) = run("exchange_mailbox", box(1), Sessions(Exchange(), after=lost), diff=True)
    assert result["failed"] and result["changed"] and "diff" not in result
    assert row["failed"] and row["before"] == {"custom_attribute1": ""} and row["after"] is None and row["after_known"] is False
    assert row["changes"] == [{"property": "custom_attribute1", "before": "", "after": None}]


def test_a_call_without_a_diff_has_no_values() -> None:
    given = {"cmdlet": "Set-Mailbox", "parameters": {"Identity": "user1", "CustomAttribute1": "x"}}
    _result, (row,) = run("cmdlet", given)
    assert (row["object"], row["call"]) == ("user1", "Set-Mailbox") and (row["before_known"], row["after_known"], row["changes"]) == (False, False, [])


def test_a_free_call_names_its_object_and_never_a_secret() -> None:
    cmdlet, request = scenarios.module("cmdlet"), scenarios.module("graph_request")
    for given, name in (({"name": "Far"}, "Far"), ({"Identity": {"$secret": SECRET}}, "Set-Mailbox"), (None, "Set-Mailbox")):
        assert cmdlet.about({"cmdlet": "Set-Mailbox", "parameters": given}) == name
    asked = {"method": "PATCH", "path": "/v1.0/users/{}/manager", "names": ["ada@contoso.com"]}
    assert (request.about(asked), request.call(asked)) == ("PATCH /v1.0/users/ada@contoso.com/manager", "PATCH /v1.0/users/{}/manager")


def test_each_object_of_a_bulk_run_has_a_record_whatever_became_of_the_others() -> None:
    def refused(cmdlet: str, given: dict[str, t.Any]) -> HybridError | None:
        return AccessDenied("no") if cmdlet == "Set-Mailbox" and given["Identity"] == "user2" else None

    product = Exchange()
    given = {"module": "exchange_mailbox", "objects": [box(1), box(2), box(3), {"identity": "nobody", "custom_attribute1": "new"}]}
    result, rows = run("bulk", given, Sessions(product, before=refused))
    assert result["failed"] and {one["object"] for one in rows} == {"user1", "user3"}
    assert all(one["module"] == "m365.hybrid.exchange_mailbox" and one["before"] == {"custom_attribute1": ""} for one in rows)
    _result, rows = run("bulk", given, Sessions(product, before=nothing), check_mode=True)
    assert [(one["object"], one["check_mode"]) for one in rows] == [("user2", True)]


def late(cmdlet: str, _given: dict[str, t.Any]) -> HybridError | None:
    return TimedOut("no end") if cmdlet.startswith("Set-") else None


def test_an_object_of_a_bulk_run_that_was_perhaps_changed_is_recorded() -> None:
    given = {"module": "exchange_mailbox", "objects": [box(1)]}
    result, (row,) = run("bulk", given, Sessions(Exchange(), after=late))
    assert result["failed"] and row["failed"] and row["object"] == "user1" and row["after_known"] is False


class TimeIsUp(BaseException):
    """As ansible-core ends a task, wherever it is."""


@pytest.mark.parametrize("ended", [TimeIsUp, KeyboardInterrupt, ZeroDivisionError])
def test_a_change_is_recorded_also_where_its_task_ends_before_it_was_looked_at(monkeypatch: pytest.MonkeyPatch, ended: type[BaseException]) -> None:
    def settle(*_given: t.Any) -> t.NoReturn:
        raise ended

    monkeypatch.setattr(engine, "settle", settle)
    module, around = scenarios.module("exchange_mailbox"), Noting()
    with pytest.raises(ended) as caught:
        module.run(lambda: FakeSession(Exchange()), Task(module.validate(box(1)), surroundings=around))
    (row,) = around.rows
    assert caught.value.wrote and row["failed"] and row["before"] == {"custom_attribute1": ""} and row["after_known"] is False  # type: ignore[attr-defined]


@pytest.mark.parametrize("read", ["each", "list"])
@pytest.mark.parametrize("ended", [TimeIsUp, ZeroDivisionError])
def test_the_changes_of_a_bulk_run_that_is_ended_are_recorded(monkeypatch: pytest.MonkeyPatch, ended: type[BaseException], read: str) -> None:
    def settle(*_given: t.Any) -> t.NoReturn:
        raise ended

    monkeypatch.setattr(engine, "settle", settle)
    monkeypatch.setattr(bulk.Run, "_settled", settle)
    given = {"module": "exchange_mailbox", "objects": [box(1), box(2)], "read": read, "parallel": 1}
    module, around = scenarios.module("bulk").bound(given, surroundings.named), Noting()
    with contextlib.suppress(ended):
        module.run(lambda: Sessions(Exchange(), before=nothing), Task(module.validate(given), surroundings=around))
    rows = {row["object"]: row for row in around.rows}
    assert rows.keys() == ({"user1"} if read == "each" and ended is TimeIsUp else {"user1", "user2"}) and len(rows) == len(around.rows)
    assert all(row["failed"] and row["before"] == {"custom_attribute1": ""} for row in rows.values())


def test_nothing_is_kept_of_the_records_of_a_bulk_run() -> None:
    class Counting(Surroundings):
        count = 0

        def record(self, change: t.Mapping[str, t.Any]) -> None:
            self.count += 1

    around, long = Counting(), "x" * 20_000
    report = bulk_task.Report(Task({"module": "exchange_mailbox", "objects": []}, surroundings=around), None, "bulk")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(10_000):
        diff = {"before": {"note": ""}, "after": {"note": f"{number}{long}"}}
        report.tell(bulk.Outcome(number, f"user{number}", "updated" if number % 2 else "failed", diff if number % 2 else None, None, diff))
    assert around.count == 10_000 and resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # 200 MB went through


# what a diff says


@pytest.mark.parametrize(
    ("diff", "before", "after", "known"),
    [
        (None, None, None, False),
        ({"prepared": "- a"}, None, None, False),
        ({"before": {}, "after": {}}, None, None, False),
        ({"before": "", "after": "b\n"}, None, {"content": "b\n"}, True),
        ({"before": {"a": 1}, "after": {"a": 2}}, {"a": 1}, {"a": 2}, True),
    ],
)
def test_a_diff_says_what_it_says(diff: t.Any, before: t.Any, after: t.Any, known: bool) -> None:
    found = record.change(diff)
    assert (found["before"], found["after"], found["before_known"]) == (before, after, known)


# the file


def recorder(path: pathlib.Path, warned: list[str], **more: t.Any) -> record.Recorder:
    return record.Recorder(record.Place(str(path), known={"run": "r"}, **more), censor.Censor([SECRET]), warned.append)


def rows(path: pathlib.Path) -> list[dict[str, t.Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_record_is_a_line_without_secrets_also_in_what_is_nested(tmp_path: pathlib.Path) -> None:
    path, warned = tmp_path / "changes", list[str]()
    diff = {"before": {"nested": [{"deep": f"a {SECRET}"}]}, "after": {"nested": [{"deep": [SECRET]}], SECRET: 1}}
    recorder(path, warned)(record.change(diff, f"user {SECRET}") | {"check_mode": False})
    (row,) = rows(path)
    assert SECRET not in path.read_text(encoding="utf-8") and row["before"] == {"nested": [{"deep": "a ********"}]}
    assert row["run"] == "r" and row["time"].endswith("Z") and path.stat().st_mode & 0o777 == 0o600 and not warned


def test_no_log_leaves_no_more_than_that_something_changed(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "changes"
    recorder(path, [], hidden=True)(record.change({"before": {"a": "hush"}, "after": {"a": "hushed"}, "before_header": "hushing"}, "hush") | {"module": "m"})
    (row,) = rows(path)
    assert "hush" not in path.read_text(encoding="utf-8") and row["no_log"] is True and row["module"] == "m" and row["before_known"] is False


def test_check_mode_is_recorded_where_that_is_asked_for(tmp_path: pathlib.Path) -> None:
    for asked in (False, True):
        path = tmp_path / str(asked)
        recorder(path, [], check_mode=asked)(record.change(None) | {"check_mode": True})
        assert path.exists() is asked


@pytest.mark.parametrize("kind", ["missing folder", "folder", "link", "pipe", "full"])
def test_what_cannot_be_written_is_a_warning(kind: str, tmp_path: pathlib.Path) -> None:
    path, warned = tmp_path / "changes", list[str]()
    if kind == "folder":
        path.mkdir()
    elif kind == "link":
        path.symlink_to(tmp_path / "elsewhere")
    elif kind == "pipe":
        os.mkfifo(path)
    where = {"missing folder": path / "x", "full": pathlib.Path("/dev/full")}.get(kind, path)
    recorder(where, warned)(record.change(None))
    assert len(warned) == 1 and str(where) in warned[0] and not (tmp_path / "elsewhere").exists()


def test_a_line_that_fits_in_part_is_taken_back(tmp_path: pathlib.Path) -> None:
    """As on a disk that becomes full: here a limit of the process ends the write in its middle."""
    path = tmp_path / "changes"
    record.append(str(path), "whole")
    pid = os.fork()
    if not pid:
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))
        try:
            record.append(str(path), "x" * 100)
        except OSError:
            os._exit(7)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
    assert path.read_text(encoding="utf-8") == "whole\n"


def test_lines_of_many_writers_do_not_mix(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "changes"

    def write(one: int) -> None:
        for _number in range(20):
            record.append(str(path), json.dumps({"who": one, "text": str(one) * 20_000}))

    threads = [threading.Thread(target=write, args=(one,)) for one in range(5)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(rows(path)) == 100 and all(set(one["text"]) == {str(one["who"])} for one in rows(path))


# who records


def test_only_children_of_the_run_record() -> None:
    """A play may start another ansible-playbook, which finds the variable in its environment."""
    environment = {record.VARIABLE: record.Place("x", owner=17).as_text()}
    assert record.place(environment, 17) == record.Place("x", owner=17)
    assert record.place(environment, 18) is None and record.place({}, 17) is None and record.place({record.VARIABLE: "{}"}, 17) is None


def test_a_module_process_is_handed_the_place_and_nobody_after_it() -> None:
    os.environ.pop(record.VARIABLE, None)
    with record.handed_over(record.Place("x", owner=17, known={"task": "t"})):
        assert record.place(os.environ, 99) == record.Place("x", known={"task": "t"})
    assert record.VARIABLE not in os.environ
