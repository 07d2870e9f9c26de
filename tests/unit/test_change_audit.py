# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One timeline of audit logs: what a row says of an entry, what is chosen, in which order, and how whole its sources are."""

from __future__ import annotations

import csv
import datetime
import json
import os
import pathlib
import subprocess
import sys
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._audit import choosing, merging, rows, states, writing
from ansible_collections.m365.hybrid.plugins.module_utils._core import record
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from tests import audit_entries, scenarios
from tools import project


def made(folder: pathlib.Path, entries: dict[str, t.Iterable[dict[str, t.Any]]], check_mode: bool = False, **options: t.Any) -> Result:
    """The timeline of entries by the kind of their source."""
    sources = audit_entries.written(folder, entries)
    module = scenarios.module("audit_timeline")
    files = {f"{kind}_file": str(folder / f"timeline.{kind}") for kind in ("json", "csv", "html")}
    result = module.run(audit_entries.nobody, Task(module.validate({"sources": sources, **files, **options}), check_mode))
    assert not result.get("failed"), result["msg"]
    return result


def timeline(folder: pathlib.Path) -> dict[str, t.Any]:
    return t.cast(dict[str, t.Any], json.loads((folder / "timeline.json").read_text(encoding="utf-8")))


def table(folder: pathlib.Path) -> list[dict[str, str]]:
    with open(folder / "timeline.csv", encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_an_entry_of_the_administrator_audit_log_has_old_values_only_where_the_log_has() -> None:
    dark = rows.admin_audit_log(audit_entries.admin(parameters={"Identity": "Default", "AutoForwardEnabled": "True"}))
    assert dark["changes"] == [{"property": "AutoForwardEnabled", "old": "unknown", "new": "True", "old_known": False, "new_known": True}]
    verbose = rows.admin_audit_log(audit_entries.admin(modified={"AutoForwardEnabled": {"before": "False", "after": "True"}}))
    assert verbose["changes"] == [{"property": "AutoForwardEnabled", "old": "False", "new": "True", "old_known": True, "new_known": True}]
    assert (verbose["operation"], verbose["kind"], verbose["object"], verbose["outcome"]) == ("change", "remote_domain", "Default", "success")


def test_an_entry_of_the_unified_audit_log_has_parameters_or_what_was_modified() -> None:
    given = rows.unified_audit_log(audit_entries.unified(Parameters=[{"Name": "Identity", "Value": "user0"}, {"Name": "Alias", "Value": "u"}]))
    assert given["changes"] == [{"property": "Alias", "old": "unknown", "new": "u", "old_known": False, "new_known": True}]
    assert (given["who"], given["address"], given["where"], given["kind"]) == ("admin@contoso.com", "203.0.113.7", "Exchange", "mailbox")
    modified = rows.unified_audit_log(audit_entries.unified(ModifiedProperties=[{"Name": "Alias", "OldValue": "", "NewValue": "u"}]))
    assert modified["changes"] == [{"property": "Alias", "old": "", "new": "u", "old_known": True, "new_known": True}]


def test_an_entry_of_the_directory_names_the_other_objects_at_their_changes() -> None:
    row = rows.directory_audits(audit_entries.directory())
    assert [one["property"] for one in row["changes"]] == ["Department", "Members (staff)"]
    assert row["time"] == "2026-03-02T08:00:00Z" and row["who"] == "grace@contoso.com" and row["object"] == "ada@contoso.com"


def test_what_check_mode_predicted_is_no_change() -> None:
    assert rows.records(audit_entries.record(check_mode=True)) is None
    row = rows.records(audit_entries.record())
    assert row is not None and row["run"] == "run 1" and row["kind"] == "remote_domain" and row["changes"][0]["old"] is False


@pytest.mark.parametrize(
    ("changes", "operation"),
    [
        ({"before": None}, "create"),
        ({"after": None}, "remove"),
        ({}, "change"),
        ({"before": None, "before_known": False}, "change"),
        ({"before": None, "after": None, "no_log": True, "before_known": False, "after_known": False, "changes": []}, "change"),
    ],
)
def test_the_operation_of_a_record_follows_from_its_sides(changes: dict[str, t.Any], operation: str) -> None:
    row = rows.records(audit_entries.record(**changes))
    assert row is not None and row["operation"] == operation


def test_a_record_of_a_change_that_ended_in_the_middle_has_no_new_value_and_one_of_awx_its_person() -> None:
    awx = {"job_id": 42, "job_template": "Mailboxes", "launched_by": "ada"}
    row = rows.records(audit_entries.record(failed=True, after=None, after_known=False, awx=awx))
    assert row is not None and (row["who"], row["run"], row["outcome"]) == ("ada", "run 1, job 42 of AWX", "failure")
    assert row["changes"] == [{"property": "auto_forward_enabled", "old": False, "new": "unknown", "old_known": True, "new_known": False}]
    assert row[rows.PEOPLE] == ["ada", "grace"]


def test_entries_are_in_the_order_of_their_moments_whatever_the_order_of_their_files(tmp_path: pathlib.Path) -> None:
    times = ["2026-03-02T08:00:00Z", "2026-03-02T10:00:00+01:00", "2026-03-02T08:00:00.5Z", "2026-03-02T07:59:59.9Z"]
    made(tmp_path, {"directory_audits": [audit_entries.directory(id=str(number), time=time) for number, time in enumerate(times)]})
    found = timeline(tmp_path)["entries"]
    assert [one["id"] for one in found] == ["1", "2", "0", "3"]
    assert [one["time"][11:19] for one in found] == ["09:00:00", "08:00:00", "08:00:00", "07:59:59"]


def test_an_entry_read_twice_is_one_and_a_change_of_two_logs_is_two_that_know_of_each_other(tmp_path: pathlib.Path) -> None:
    twice = [audit_entries.admin(id="a"), audit_entries.admin(id="a"), audit_entries.admin(id="b", object="Other", object_name="Other", parameters={})]
    late = audit_entries.record(time="2026-03-02T08:00:59Z")
    assert made(tmp_path, {"admin_audit_log": twice, "records": [late]})["count"] == 3
    same = {one["id"]: one["same_as"] for one in timeline(tmp_path)["entries"] if one["source_kind"] == "admin_audit_log"}
    assert same["b"] is None and same["a"]["source"] == "records"
    made(tmp_path, {"admin_audit_log": twice, "records": [late | {"time": "2026-03-02T08:01:01Z"}]})
    assert not [one for one in timeline(tmp_path)["entries"] if one["same_as"]]


@pytest.mark.parametrize(
    ("call", "named", "chosen"),
    [
        ("Remove-Mailbox", "user0", {"kinds": ["mailbox"], "objects": ["user0"], "operations": ["remove"]}),
        ("Set-HostedOutboundSpamFilterPolicy", "Default", {"kinds": ["outbound_spam_*"], "operations": ["change"]}),
        ("PATCH /v1.0/users/{}", "PATCH /v1.0/users/ada", {"kinds": ["user"], "objects": ["ada"], "operations": ["change"]}),
        ("POST /v1.0/users/{}/assignLicense", "POST /v1.0/users/ada/assignLicense", {"kinds": ["user"], "objects": ["ada"], "operations": ["create"]}),
        ("DELETE /v1.0/identity/conditionalAccess/policies/{}", "DELETE /v1.0/identity/conditionalAccess/policies/1", {"kinds": ["conditional_access_policy"]}),
        ("POST /v1.0/groups", "POST /v1.0/groups", {"kinds": ["group"], "operations": ["create"]}),
    ],
)
def test_a_record_of_a_free_call_is_found_by_what_the_call_is_about(call: str, named: str, chosen: dict[str, t.Any]) -> None:
    found = audit_entries.record(call=call, object=named, before=None, after=None, before_known=False, after_known=False, changes=[])
    row = rows.records(found)
    assert row is not None and row["action"] == call and choosing.Choice.of(chosen).takes(row)


@pytest.mark.parametrize(
    ("cmdlet", "module"),
    [
        ("Set-HostedOutboundSpamFilterPolicy", "exchange_outbound_spam_policy"),
        ("Set-MailboxAutoReplyConfiguration", "exchange_auto_reply"),
        ("Set-OwaVirtualDirectory", "exchange_virtual_directory"),
        ("Add-RecipientPermission", "exchange_send_as_permission"),
        ("Add-ADPermission", "exchange_send_as_permission"),
    ],
)
def test_a_kind_is_found_by_the_noun_of_its_cmdlet_and_by_the_name_of_its_module(cmdlet: str, module: str) -> None:
    logged, recorded = rows.admin_audit_log(audit_entries.admin(cmdlet=cmdlet)), rows.records(audit_entries.record(module=f"m365.hybrid.{module}"))
    assert recorded is not None
    for word in {logged["kind"], recorded["kind"]}:
        assert choosing.Choice(kinds=(word,)).takes(logged) and choosing.Choice(kinds=(word,)).takes(recorded)
    assert choosing.Choice(kinds=(module.partition("_")[2],)).takes(logged)


def test_a_policy_of_the_directory_is_of_the_kind_its_activity_names() -> None:
    target = {"kind": "Policy", "name": None, "display_name": "Block", "id": "1"}
    row = rows.directory_audits(audit_entries.directory(activity="Update conditional access policy", targets=[target]))
    assert row["kind"] == "conditional_access_policy" and choosing.Choice(kinds=("policy",)).takes(row)


@pytest.mark.parametrize("named", [True, False])
def test_changes_of_one_moment_of_which_nothing_is_known_stay_as_many_as_they_are(tmp_path: pathlib.Path, named: bool) -> None:
    hidden = record.without_values(record.change(None))
    entries = [record.line({"run": "1"}, hidden, datetime.datetime.fromisoformat(audit_entries.TIME)) for _number in range(50)]
    entries = entries if named else [{name: value for name, value in one.items() if name != "id"} for one in entries]
    assert made(tmp_path, {"records": entries})["count"] == 50
    path, module = str(tmp_path / "again"), scenarios.module("audit_timeline")
    pathlib.Path(path).write_text("".join(f"{json.dumps(one)}\n" for one in entries), encoding="utf-8")
    sources = [{"name": name, "kind": "records", "path": path} for name in ("first", "second")]
    result = module.run(audit_entries.nobody, Task(module.validate({"sources": sources, "json_file": str(tmp_path / "timeline.json")})))
    assert result["count"] == 50  # the same file twice


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        ({"people": ["administrator"]}, {"admin"}),
        ({"people": ["*@CONTOSO.com"]}, {"unified", "directory"}),
        ({"people": ["[a]*"]}, set()),
        ({"objects": ["default"]}, {"admin", "records"}),
        ({"kinds": ["remote_*", "user"]}, {"admin", "records", "directory"}),
        ({"operations": ["change"], "people": ["grace*"]}, {"directory", "records"}),
        ({"since": "2026-03-02T08:00:01Z"}, set()),
        ({"since": "2026-03-02T10:00:00+02:00"}, {"admin", "records", "directory", "unified"}),
        ({"until": "2026-03-02T08:00:00Z"}, set()),
    ],
)
def test_a_choice(tmp_path: pathlib.Path, options: dict[str, t.Any], ids: set[str]) -> None:
    made(tmp_path, audit_entries.one_of_each(), **options)
    assert {one["source_kind"].partition("_")[0] for one in timeline(tmp_path)["entries"]} == ids


def test_a_second_run_writes_nothing_and_check_mode_never(tmp_path: pathlib.Path) -> None:
    assert made(tmp_path, audit_entries.one_of_each(), check_mode=True)["changed"] and not list(tmp_path.glob("timeline*"))
    assert made(tmp_path, audit_entries.one_of_each())["changed"]
    there = {path: path.stat().st_mtime_ns for path in tmp_path.glob("timeline*")}
    assert len(there) == 3 and all(path.stat().st_mode & 0o777 == 0o600 for path in there)
    assert not made(tmp_path, audit_entries.one_of_each())["changed"]
    assert {path: path.stat().st_mtime_ns for path in there} == there
    (tmp_path / "timeline.csv").write_text("cut")
    assert made(tmp_path, audit_entries.one_of_each(), check_mode=True)["changed"] and (tmp_path / "timeline.csv").read_text() == "cut"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "＝"])
def test_no_cell_of_the_table_is_a_formula(tmp_path: pathlib.Path, start: str) -> None:
    text = f'{start}HYPERLINK("http://x", 1),\n"two"'
    made(tmp_path, {"records": [audit_entries.record(object=text, user=text, changes=[{"property": text, "before": text, "after": [text]}])]})
    (row,) = table(tmp_path)
    assert [row[name] for name in ("who", "object", "property", "old", "new")] == [f"'{text}"] * 5
    assert timeline(tmp_path)["entries"][0]["object"] == text


def test_the_table_has_a_line_for_each_property(tmp_path: pathlib.Path) -> None:
    changes = [{"property": name, "before": None, "after": [1, "a", True]} for name in ("one", "two")]
    made(tmp_path, {"records": [audit_entries.record(changes=changes)], "admin_audit_log": [audit_entries.admin(parameters={})]})
    assert [(one["property"], one["old"], one["new"]) for one in table(tmp_path) if one["source"] == "records"] == [
        ("one", "", "1; a; true"),
        ("two", "", "1; a; true"),
    ]
    assert len(table(tmp_path)) == 3 and tuple(table(tmp_path)[0]) == writing.COLUMNS


@pytest.mark.parametrize(
    ("result", "state"),
    [
        ({"count": 3}, "complete"),
        ({"failed": True, "msg": "more", "error": {"class": "Truncated"}}, "truncated"),
        ({"msg": "off", "error": {"class": "NotRecorded"}, "failed_when_result": False}, "disabled"),
        ({"count": 3, "log": {"enabled": False}}, "disabled"),
        ({"msg": "no", "error": {"class": "AccessDenied"}}, "refused"),
        ({"unreachable": True, "msg": "no", "error": {"class": "LoginRefused"}}, "refused"),
        ({"unreachable": True, "msg": "no"}, "unreachable"),
        ({"failed": False, "failed_when_result": False, "msg": "a template that fails"}, "failed"),
        ({"msg": "strange", "error": {"class": "HybridError"}}, "failed"),
        ({"skipped": True}, "not_asked"),
    ],
)
def test_the_state_of_a_source(result: dict[str, t.Any], state: str) -> None:
    found = states.of_result(result)
    assert found.state == state and (found.reason is None) == (state == "complete")


def test_that_a_log_keeps_no_old_values_is_said() -> None:
    assert "LogLevel Verbose" in states.of_result({"count": 1, "log": {"enabled": True, "level": "none"}}).notes[0]


def test_lines_that_cannot_be_understood_are_counted_and_the_others_are_there(tmp_path: pathlib.Path) -> None:
    sources = audit_entries.written(tmp_path, {"records": [audit_entries.record()]})
    with open(sources[0]["path"], "ab") as file:
        file.write(b'{"time": "2026-\n[]\n\n{"time": "never"}\n\xff\n')
    module = scenarios.module("audit_timeline")
    result = module.run(audit_entries.nobody, Task(module.validate({"sources": sources, "json_file": str(tmp_path / "t.json")})))
    (source,) = result["sources"]
    assert source["state"] == "truncated" and source["count"] == 1
    assert "4 of its lines" in source["reason"] and "line 2" in source["reason"]


def test_a_source_that_failed_is_in_every_output_beside_what_others_have(tmp_path: pathlib.Path) -> None:
    refused = {"name": "tenant", "kind": "unified_audit_log", "result": {"msg": "No <role>.", "error": {"class": "AccessDenied"}}}
    sources = [*audit_entries.written(tmp_path, {"records": [audit_entries.record()]}), refused]
    made(tmp_path, {}, sources=sources)
    assert [one["state"] for one in timeline(tmp_path)["sources"]] == ["complete", "refused"]
    page = (tmp_path / "timeline.html").read_text(encoding="utf-8")
    assert "1 of 2 sources is not complete" in page and "No &lt;role&gt;." in page and "permission refused" in page


MEASURED = """
import json, sys
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Task
from tests import audit_entries, scenarios
module = scenarios.module("audit_timeline")
result = module.run(audit_entries.nobody, Task(module.validate(json.load(sys.stdin))))
with open("/proc/self/status") as file:
    print(result["count"], next(line for line in file if line.startswith("VmHWM")).split()[1])
"""


def peak(folder: pathlib.Path, count: int) -> int:
    """The most memory, in KB, that a process takes for a timeline of so many entries, as CSV and as a page."""
    entries = (audit_entries.admin(id=str(number), time=audit_entries.at(number)) for number in range(count))
    folder.mkdir()
    sources = audit_entries.written(folder, {"admin_audit_log": entries})
    options = {"sources": sources, "csv_file": str(folder / "timeline.csv"), "html_file": str(folder / "timeline.html")}
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", MEASURED]
    run = subprocess.run(command, input=json.dumps(options), capture_output=True, text=True, check=True, cwd=project.ROOT, env=environment)
    done, peak = map(int, run.stdout.split())
    assert done == count
    return peak


def test_the_memory_of_a_timeline_does_not_grow_with_it(tmp_path: pathlib.Path) -> None:
    small, large = peak(tmp_path / "small", 5_000), peak(tmp_path / "large", 50_000)
    assert large < small + 10_000, f"{small:,} KB for 5,000 entries, {large:,} KB for 50,000"
    page = (tmp_path / "large" / "timeline.html").read_text(encoding="utf-8")
    assert "shows the newest 2,000 of 50,000 entries" in page and "timeline.csv" in page and page.count("<tr data-") == 2_000
    with open(tmp_path / "large" / "timeline.csv", encoding="utf-8-sig", newline="") as file:
        assert sum(1 for _row in csv.DictReader(file)) == 50_000


def test_a_sorter_gives_the_same_however_often_it_is_asked() -> None:
    row = rows.admin_audit_log(audit_entries.admin()) | {"source": "s", "source_kind": "k", "_source": 0}
    with merging.Sorter(at_once=2) as sorter:
        for number in (3, 1, 2, 5, 4):
            sorter.add(row | {"id": str(number)})
        assert [[one["id"] for one in sorter] for _time in range(2)] == [list("54321")] * 2


@pytest.mark.parametrize("text", ["a\n=1+1", "foo;=cmd|'/c calc'!A0", "a; =b", "a,\t+1", 'a;"=1"'])
def test_a_cell_has_no_formula_after_another_mark(text: str) -> None:
    assert "'=" in writing.cell(text) or "'+" in writing.cell(text)
    assert writing.cell("a;b, c\nd") == "a;b, c\nd"


def test_the_first_moment_there_is_stops_nothing_and_zones_do_not_count() -> None:
    found = [
        {rows.EXACT: at, rows.NAMES: ["a"], "kind": "mailbox", "outcome": "success", "source": kind, "source_kind": kind, "id": at}
        for at, kind in (("2026-03-29T03:10:00", "one"), ("2026-03-29T02:10:00", "other"), ("0001-01-01T00:00:00", "one"))
    ]
    assert [one["same_as"] for one in merging.marked(found)] == [None, None, None]


def test_what_a_reader_warns_of_is_not_complete() -> None:
    assert states.of_result({"count": 3, "warnings": ["Entries may be gone."]}) == states.State(states.PARTIAL, "Entries may be gone.")
    assert states.of_result({"count": 3}) == states.State(states.COMPLETE)


def test_a_property_of_which_the_log_tells_the_name_alone_is_unknown_on_both_sides() -> None:
    entry = {
        "time": "2026-03-02T08:00:00Z",
        "cmdlet": "Set-Mailbox",
        "id": "1",
        "succeeded": True,
        "modified": {"ForwardingAddress": {}},
        "parameters": {"Name": None},
    }
    found = rows.admin_audit_log(entry)
    assert found and [(one["old_known"], one["new_known"]) for one in found["changes"]] == [(False, False), (False, False)]


def test_an_output_that_cannot_be_written_leaves_the_others_and_the_result_tells_both(tmp_path: pathlib.Path) -> None:
    sources = audit_entries.written(tmp_path, {})
    module = scenarios.module("audit_timeline")
    files = {"json_file": str(tmp_path / "t.json"), "csv_file": str(tmp_path / "nowhere" / "t.csv"), "html_file": str(tmp_path / "t.html")}
    result = module.run(audit_entries.nobody, Task(module.validate({"sources": sources, **files})))
    assert result["failed"] and "t.csv cannot be written: No such file" in result["msg"]
    assert result["changed"] and set(result["files"]) == {"json_file", "html_file"} and (tmp_path / "t.html").exists()
