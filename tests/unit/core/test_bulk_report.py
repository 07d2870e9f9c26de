# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the result of a bulk run and its file say, and to whom."""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import stat
import threading
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core import bulk, bulk_task, censor
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from ansible_collections.m365.hybrid.plugins.plugin_utils import surroundings
from hybridlab.exchange import Exchange
from tests import scenarios
from tests.fake_session import FakeSession
from tests.unit.core.bulk_runs import Kept, run, users


def test_the_diff_shows_a_hundred_objects_and_the_file_has_all() -> None:
    around = Kept()
    result = run(FakeSession(Exchange(mailboxes=120)), users(120), around, check_mode=True, result_file="x")
    assert len(result["diff"]) == 101 and result["diff"][-1] == {"prepared": "... and 20 more objects that change\n"}
    assert sum("diff" in line for line in around.lines) == 120


def test_the_result_file_is_the_owners_and_hides_secrets(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "results.jsonl"
    path.write_text("old")
    path.chmod(0o644)
    around = surroundings.Worker(censor.Censor(["Sesame"]), print)
    objects = [{"identity": "user0", "custom_attribute1": "Sesame"}, {"identity": "nobody@contoso.com"}]
    run(FakeSession(Exchange()), objects, around, result_file=str(path))
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [(line["number"], line["outcome"]) for line in lines] == [(1, "updated"), (2, "failed")]
    assert lines[0]["diff"]["after"] == {"custom_attribute1": censor.MASK} and lines[1]["error"]["class"] == "UsageError"


@pytest.mark.parametrize("kind", ["device", "pipe", "link", "folder"])
def test_a_result_file_is_a_file_and_nothing_else_is_touched(kind: str, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "results"
    if kind == "pipe":
        os.mkfifo(path, 0o644)
    elif kind == "link":
        path.symlink_to(tmp_path / "elsewhere")
    elif kind == "folder":
        path.mkdir(0o755)
    else:
        _master, terminal = os.openpty()
        path = pathlib.Path(os.ttyname(terminal))
    before = path.lstat().st_mode
    product = Exchange()
    result = run(FakeSession(product), users(1), surroundings.Worker(censor.Censor([]), print), result_file=str(path))
    assert result["failed"] and str(path) in result["msg"] and not product.calls
    assert path.lstat().st_mode == before and not (tmp_path / "elsewhere").exists()


def test_two_hosts_do_not_write_to_one_result_file(tmp_path: pathlib.Path) -> None:
    path = str(tmp_path / "results")
    worker = surroundings.Worker(censor.Censor([]), print)
    with worker.keep(path) as put:
        put({"number": 1})
        result = run(FakeSession(Exchange()), users(1), worker, result_file=path)
    assert "another task writes to" in result["msg"] and "inventory_hostname" in result["msg"]
    assert json.loads(pathlib.Path(path).read_text(encoding="utf-8")) == {"number": 1}


def test_a_result_file_that_cannot_be_written_is_said_before_anything_is_sent() -> None:
    product = Exchange()
    result = run(FakeSession(product), users(1), surroundings.Worker(censor.Censor([]), print), result_file="/nowhere/file")
    assert result["failed"] and "cannot be written" in result["msg"] and not product.calls


def test_secrets_of_the_entries_are_known_and_no_entry_is_shown() -> None:
    objects = [{"identity": "new@contoso.com", "user_principal_name": "new@contoso.com", "password": "Sesame, 0pen!"}]
    module = scenarios.module("bulk").bound({"module": "exchange_mailbox"}, surroundings.named)
    given = {"module": "exchange_mailbox", "objects": objects, "defaults": {"password": "an0ther"}}
    assert module.hidden(given) == {"Sesame, 0pen!", "an0ther"}
    assert module.hidden({**given, "defaults": "password=th1rd state=present"}) == {"Sesame, 0pen!", "th1rd"}
    result = run(FakeSession(Exchange()), objects)
    assert not result.get("failed") and "Sesame" not in json.dumps(result)


def test_progress_is_said_every_few_seconds() -> None:
    around = Kept()
    given = {"module": "exchange_mailbox", "objects": users(4)}
    report = bulk_task.Report(Task(given, surroundings=around), None, "bulk", seconds=0.0)
    report.watch(0)
    report.watch(2)
    report.tell(bulk.Outcome(1, "user0", "unchanged"))
    report.watch(1)
    said = [text.removeprefix("bulk exchange_mailbox: ") for text in around.said]
    assert said[:2] == ["reading what there is of 4 objects", "0 of 4 done, 2 written and to be looked at"]
    assert said[2].startswith("1 of 4 done, 1 unchanged, 1 written and to be looked at, about 0 s left")


def test_progress_is_said_while_the_list_is_read() -> None:
    reading = threading.Event()

    class Watched(Kept):
        def say(self, text: str) -> None:
            super().say(text)
            reading.set()

    class Slow(FakeSession):
        def invoke(self, cmdlet: str, parameters: t.Mapping[str, t.Any] | None = None, *, properties: t.Collection[str] | None = None) -> Answer:
            if "Identity" not in (parameters or {}):
                assert reading.wait(10)
            return super().invoke(cmdlet, parameters, properties=properties)

    around = Watched()
    module = dataclasses.replace(t.cast(bulk_task.BulkModule, scenarios.module("bulk")), seconds=0.0)
    given = {"module": "exchange_mailbox", "objects": users(3), "read": "list"}
    bound = module.bound(given, surroundings.named)
    result = bound.run(lambda: Slow(Exchange()), Task(bound.validate(given), surroundings=around))
    assert around.said[0] == "bulk exchange_mailbox: reading what there is of 3 objects"
    assert result["counts"]["updated"] == 3


def test_without_its_surroundings_the_module_says_so() -> None:
    module = scenarios.module("bulk")
    with pytest.raises(UsageError, match="without its surroundings"):
        module.check({"module": "exchange_mailbox", "objects": []})
