# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the callback plugin makes of results: changes of other collections' modules in roles of this one, and of nothing else."""

from __future__ import annotations

import importlib
import inspect
import types
import typing as t

import pytest
from ansible.executor import task_result
from ansible.inventory.host import Host
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.task import Task

from ansible_collections.m365.hybrid.plugins.plugin_utils import recording

SERVICE = "ansible.windows.win_service"
SECRET = "Zx9!plugh-and-xyzzy"


class Role:
    def __init__(self, name: str) -> None:
        self.name = name

    def get_name(self, include_role_fqcn: bool = True) -> str:
        return self.name


class Older:
    """A result as ansible-core before 2.19 hands it to callbacks: its parts have private names only."""

    def __init__(self, host: Host, task: Task, found: dict[str, t.Any], fields: dict[str, t.Any]) -> None:
        self._host, self._task, self._result, self._task_fields = host, task, found, fields

    def is_failed(self) -> bool:
        return bool(self._result.get("failed"))


def result(kind: str, found: dict[str, t.Any], action: str = SERVICE, role: str | None = "m365.hybrid.admin_host", **fields: t.Any) -> t.Any:
    task = Task.load({"name": "Set {{ password }}", "action": {"module": "ansible.builtin.ping"}, "no_log": fields.get("no_log", False)}, loader=DataLoader())
    task.action = task._resolved_action = action
    task._role = Role(role) if role else None
    given = {"name": f"Set {SECRET}", "delegate_to": None, "check_mode": False, **fields}
    if kind == "older":
        return Older(Host("ex01"), task, {"changed": True, **found}, given)
    return present(task, {"changed": True, **found}, given)


def present(task: Task, found: dict[str, t.Any], fields: dict[str, t.Any]) -> t.Any:
    """A result as the ansible-core that is installed hands it to callbacks: since 2.21 the task itself has what its fields were."""
    if "utr" not in inspect.signature(task_result.TaskResult).parameters:
        return task_result.TaskResult(Host("ex01"), task, found, fields)
    for name, value in fields.items():
        setattr(task, name, value)
    unified = importlib.import_module("ansible._internal._task").UnifiedTaskResult
    return task_result.TaskResult(Host("ex01"), task, unified.from_action_result_dict(found))


@pytest.fixture(params=["present", "older"])
def kind(request: pytest.FixtureRequest) -> str:
    if request.param == "present" and not hasattr(task_result, "CallbackTaskResult"):
        return "older"
    return str(request.param)


def test_what_another_module_changed_in_a_role_has_no_invented_values(kind: str) -> None:
    found = {"invocation": {"module_args": {"name": "MSExchangeIS", "password": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"}}}
    row = recording.of_result(result(kind, found, delegate_to="dc01"))
    assert row and (row["host"], row["delegated_to"], row["module"], row["role"]) == ("ex01", "dc01", SERVICE, "m365.hybrid.admin_host")
    assert (row["object"], row["before_known"], row["before"], row["changes"]) == ("MSExchangeIS", False, None, [])
    assert row["task"] == "Set {{ password }}" and SECRET not in repr(row)


def test_what_it_says_about_values_is_recorded(kind: str) -> None:
    diff = {"before": {"start_mode": "manual"}, "after": {"start_mode": "auto"}}
    row = recording.of_result(result(kind, {"diff": diff}))
    assert row and row["before_known"] and row["changes"] == [{"property": "start_mode", "before": "manual", "after": "auto"}]
    parts = [{"before": "a", "after": "b", "before_header": "one"}, {"before": "", "after": "c", "before_header": "two"}]
    row = recording.of_result(result(kind, {"diff": parts}))
    assert row and row["before"] == {"one": {"content": "a"}, "two": None} and len(row["changes"]) == 2
    row = recording.of_result(result(kind, {"diff": [*parts, {"prepared": "?"}]}))
    assert row and row["before_known"] is False and row["before"] is None


def test_a_failure_after_a_change_and_check_mode_say_so(kind: str) -> None:
    row = recording.of_result(result(kind, {"failed": True}, check_mode=True))
    assert row and row["failed"] and row["check_mode"]


@pytest.mark.parametrize("hidden", [{"censored": "x"}, {"_ansible_no_log": True}, {}])
def test_no_log_leaves_nothing_of_it(kind: str, hidden: dict[str, t.Any]) -> None:
    found = {"diff": {"before": SECRET, "after": SECRET}, "invocation": {"module_args": {"name": SECRET}}}
    row = recording.of_result(result(kind, {**found, **hidden}, no_log=not hidden))
    assert row and row["no_log"] and row["object"] is None and row["changes"] == [] and SECRET not in repr(row)


@pytest.mark.parametrize(
    ("found", "more"),
    [
        ({"changed": False}, {}),
        ({"results": [{"changed": True}]}, {}),
        ({}, {"role": None}),
        ({}, {"role": "acme.other.role"}),
        ({}, {"action": "m365.hybrid.exchange_mailbox"}),
        ({}, {"action": "m365.hybrid.cmdlet"}),
        ({}, {"action": "ansible.builtin.async_status"}),
    ],
)
def test_nothing_else_is_recorded(kind: str, found: dict[str, t.Any], more: dict[str, t.Any]) -> None:
    """Modules of this collection record what they do themselves; a loop is told item by item."""
    assert recording.of_result(result(kind, found, **more)) is None


@pytest.mark.parametrize("before", ["awx_", "tower_"])
def test_who_launched_the_job_is_known_from_its_variables(before: str) -> None:
    given = {f"{before}job_id": 7, f"{before}user_name": "grace", "other": 1}
    assert recording.launched(given) == {"job_id": 7, "job_template": None, "launched_by": "grace"}
    assert recording.launched({"other": 1}) is None


def test_a_task_without_a_name_is_its_action() -> None:
    task = types.SimpleNamespace(get_ds=lambda: None, action=SERVICE)
    assert recording.written_name(task) == SERVICE
