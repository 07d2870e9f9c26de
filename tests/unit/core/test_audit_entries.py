# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Entries of the audit logs in a file: all of them or no file, and no memory for them."""

from __future__ import annotations

import datetime
import errno
import json
import os
import pathlib
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core import censor, entries
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import AccessDenied, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from ansible_collections.m365.hybrid.plugins.plugin_utils import surroundings
from hybridlab.exchange import Exchange, admin_audit, audit_log
from hybridlab.graph import Graph, seed
from tests import graph_task, scenarios
from tests.fake_graph import FakeGraph
from tests.fake_session import FakeSession

TIME = datetime.datetime(2026, 3, 2, 8, 0, tzinfo=datetime.UTC)
MARCH = {"start_date": "2026-03-01", "end_date": "2026-04-01"}
AROUND = surroundings.Worker(censor.Censor(("s3cret",)), lambda text: None)
ADMIN, UNIFIED, DIRECTORY = "exchange_admin_audit_log_info", "exchange_unified_audit_info", "entra_directory_audit_info"


def admin(count: int) -> FakeSession:
    product = Exchange()
    event = admin_audit.Event
    product.admin_audit.events = [event(TIME + datetime.timedelta(seconds=one), "Set-Mailbox", f"user{one}", {"Note": "s3cret"}) for one in range(count)]
    return FakeSession(product)


def unified(count: int) -> FakeSession:
    product = Exchange("online", mailboxes=0)
    product.audit_log.events = [audit_log.event(one // 10, "ExchangeItem", 2, f"Send {one}", "u", "", "", {"Note": "s3cret"}) for one in range(count)]
    return FakeSession(product)


def directory(count: int) -> FakeGraph:
    product = Graph(seed.tenant())
    for number in range(count):
        assert graph_task.run(product, "entra_user", identity="ada@contoso.com", department=f"D{number} s3cret")["changed"]
    return FakeGraph(product)


def run(name: str, session: t.Any, check_mode: bool = False, **options: t.Any) -> Result:
    module = scenarios.module(name)
    asked = options if name == DIRECTORY else {**MARCH, **options}
    return module.run(lambda: session, Task(module.validate(asked), check_mode, verbosity=1, surroundings=AROUND))


def lines(path: pathlib.Path) -> list[dict[str, t.Any]]:
    return [json.loads(one) for one in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(("name", "session"), [(ADMIN, admin(7)), (UNIFIED, unified(7)), (DIRECTORY, directory(3))])
def test_the_file_has_what_the_result_would_have(name: str, session: t.Any, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "entries"
    shown = run(name, session)
    assert shown["count"] == len(shown["entries"]) > 2 and "path" not in shown
    for check_mode in (True, False):
        path.unlink(missing_ok=True)
        found = run(name, session, check_mode, path=str(path))
        assert found["count"] == shown["count"] and "entries" not in found and found["path"] == str(path) and found["changed"] is False
        censored = censor.Censor(("s3cret",))(shown["entries"])
        assert sorted(lines(path), key=lambda one: one["id"]) == sorted(censored, key=lambda one: one["id"])
    assert "s3cret" not in path.read_text(encoding="utf-8") and path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["entries"]


class Ending(FakeSession):
    """A server that stops after its first page."""

    def __init__(self, product: t.Any) -> None:
        super().__init__(product)
        self.pages = 0

    def invoke(self, cmdlet: str, parameters: t.Mapping[str, t.Any] | None = None, *, properties: t.Collection[str] | None = None) -> Answer:
        self.pages += cmdlet.startswith("Search-")
        if self.pages > 1:
            raise AccessDenied("no more")
        return super().invoke(cmdlet, parameters, properties=properties)


@pytest.mark.parametrize(("name", "session"), [(ADMIN, admin(5_001)), (UNIFIED, unified(5_001))])
def test_half_of_the_entries_replace_no_file(name: str, session: FakeSession, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "entries"
    path.write_text("older", encoding="utf-8")
    found = run(name, Ending(session.product), path=str(path), max_results=20_000)
    assert found["failed"] and "no more" in found["msg"]
    assert path.read_text(encoding="utf-8") == "older" and os.listdir(tmp_path) == ["entries"]
    assert run(name, session, path=str(path), max_results=5_000)["error"]["class"] == "Truncated"
    assert path.read_text(encoding="utf-8") == "older"


def test_the_administrators_log_is_read_in_pages() -> None:
    session = admin(5_300)
    found = run(ADMIN, session, max_results=5_300)
    assert found["count"] == 5_300 and len({one["id"] for one in found["entries"]}) == 5_300
    asked = [(given.get("StartIndex"), given["ResultSize"]) for cmdlet, given in session.product.calls if cmdlet == "Search-AdminAuditLog"]
    assert asked == [(None, 5000), (5000, 301)]


def test_an_entry_that_gets_late_into_the_log_makes_none_of_the_others_double() -> None:
    class Growing(FakeSession):
        def invoke(self, cmdlet: str, parameters: t.Mapping[str, t.Any] | None = None, *, properties: t.Collection[str] | None = None) -> Answer:
            answer = super().invoke(cmdlet, parameters, properties=properties)
            late = admin_audit.Event(TIME + datetime.timedelta(days=1), "Set-Mailbox", "late", {}, number=len(self.product.calls))
            self.product.admin_audit.events.append(late)  # type: ignore[union-attr]
            return answer

    found = run(ADMIN, Growing(admin(5_100).product), max_results=6_000)
    old = [one["id"] for one in found["entries"] if one["object"] != "late"]
    assert len(old) == len(set(old)) == 5_100


def test_a_server_that_knows_no_pages_is_no_endless_list() -> None:
    class Deaf(FakeSession):
        def invoke(self, cmdlet: str, parameters: t.Mapping[str, t.Any] | None = None, *, properties: t.Collection[str] | None = None) -> Answer:
            return super().invoke(cmdlet, {name: one for name, one in (parameters or {}).items() if name != "StartIndex"}, properties=properties)

    found = run(ADMIN, Deaf(admin(5_001).product))
    assert found["failed"] and "a second time" in found["msg"]


def test_the_log_of_the_directory_is_read_in_pages(tmp_path: pathlib.Path) -> None:
    session = directory(1)
    session.product.tenant.audits[:] = [{**session.product.tenant.audits[0], "id": str(one)} for one in range(2_500)]
    asked = session.page
    largest: list[int] = []

    def page(path: str, *, eventual: bool = False) -> Answer:
        answer = asked(path, eventual=eventual)
        largest.append(len(answer.output))
        return answer

    session.page = page  # type: ignore[method-assign]
    found = run(DIRECTORY, session, path=str(tmp_path / "entries"))
    assert found["count"] == 2_500 == sum(largest) and len(largest) >= 3 and found["calls"] == {"GET /v1.0/auditLogs/directoryAudits": len(largest)}


def test_pages_that_go_round_in_circles_are_no_list() -> None:
    session = directory(1)
    page = Answer(session.page("/v1.0/auditLogs/directoryAudits").output, more="/v1.0/auditLogs/directoryAudits?$skiptoken=1")
    session.page = lambda path, *, eventual=False: page  # type: ignore[method-assign]
    found = run(DIRECTORY, session)
    assert found["error"]["class"] == "Truncated" and "circles" in found["msg"]


def test_entries_that_are_gone_are_said() -> None:
    assert any("30 days" in one for one in run(DIRECTORY, directory(1), since="2020-01-01")["warnings"])
    assert not run(DIRECTORY, directory(1), since=datetime.datetime.now(datetime.UTC).isoformat())["warnings"]


@pytest.mark.parametrize("kind", ["folder", "link", "nowhere", "full"])
def test_a_file_that_cannot_be_written_is_said_before_anything_is_sent(kind: str, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "entries"
    if kind == "folder":
        path.mkdir()
    elif kind == "link":
        path.symlink_to(tmp_path / "elsewhere")
    session = admin(1)
    given = "/dev/full" if kind == "full" else str(path / "x" if kind == "nowhere" else path)
    found = run(ADMIN, session, path=given)
    assert found["failed"] and given in found["msg"] and not session.product.calls and found["error"]["class"] == "UsageError"
    assert not (tmp_path / "elsewhere").exists()


def test_a_full_disk_is_said_and_leaves_what_was_there(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "entries"
    path.write_text("older", encoding="utf-8")
    with pytest.raises(UsageError, match="No space left"), AROUND.keep(str(path), whole=True) as put:
        put({"number": 1})
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert path.read_text(encoding="utf-8") == "older" and os.listdir(tmp_path) == ["entries"]


def test_two_tasks_do_not_write_to_one_file(tmp_path: pathlib.Path) -> None:
    path = str(tmp_path / "entries")
    with AROUND.keep(path, whole=True) as put:
        put({"number": 1})
        assert "another task writes to" in run(ADMIN, admin(1), path=path)["msg"]
    assert lines(tmp_path / "entries") == [{"number": 1}]
    assert run(ADMIN, admin(2), path=path)["count"] == 2


def test_where_no_file_can_be_written_nothing_is_read() -> None:
    session = admin(1)
    module = scenarios.module(ADMIN)
    found = module.run(lambda: session, Task(module.validate({**MARCH, "path": "/tmp/x"})))
    assert found["failed"] and "no file can be written here" in found["msg"] and not session.product.calls


def test_what_goes_into_a_file_is_not_kept() -> None:
    taken: list[t.Any] = []
    collected = entries.Entries(taken.append, "file")
    for number in range(10):
        collected.put({"number": number})
    assert collected.result() == {"count": 10, "path": "file"} and collected._kept == [] and len(taken) == 10
