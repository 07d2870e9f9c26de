# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a record of a change says about its task: see `_core.record`."""

from __future__ import annotations

import dataclasses
import os
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import record

OURS = "m365.hybrid."
_NO_CHANGE = ("async_status", "set_fact", "add_host", "group_by", "debug", "include_vars")
"""Actions that report a change and change nothing, or tell of one that its own process has recorded."""
_NAMED_BY = ("path", "dest", "name", "key", "thumbprint", "host", "product_id")
"""Options by which modules of other collections name what they change."""
_LAUNCHED = {"job_id": "job_id", "job_template": "job_template_name", "launched_by": "user_name"}
"""What AWX and its forerunner tell of a job, in extra variables that begin with awx_ or tower_."""


def launched(variables: t.Mapping[str, t.Any]) -> dict[str, t.Any] | None:
    """The job of AWX or the automation controller that runs the play; None where there is none."""
    found = {key: next((variables[one] for before in ("awx_", "tower_") if (one := before + name) in variables), None) for key, name in _LAUNCHED.items()}
    return found if any(value is not None for value in found.values()) else None


def written_name(task: t.Any) -> str:
    """The task's name as its author wrote it: a template in it may have become a secret."""
    source = task.get_ds()
    name = source.get("name") if isinstance(source, dict) else None
    return str(name) if name else str(task.action)


def role(task: t.Any) -> str | None:
    """The role that the task belongs to, with its collection."""
    found = getattr(task, "_role", None)
    return str(found.get_name(include_role_fqcn=True)) if found else None


def of_result(result: t.Any) -> record.Row | None:
    """What a result says about a change by a module of another collection in a role of this one; None where it is about something else.

    ``result`` is what a callback gets.  A loop is taken item by item, its own result says nothing more.
    """
    task, found = (_part(result, name) for name in ("task", "result"))
    fields = result._task_fields  # every release has it by this name; 2.21 warns of the public one
    action = str(getattr(task, "resolved_action", None) or task.action)
    of_ours = str(role(task)).startswith(OURS)
    if not found.get("changed") or "results" in found or action.startswith(OURS) or not of_ours or action.rpartition(".")[2] in _NO_CHANGE:
        return None
    about = {
        "host": _part(result, "host").get_name(),
        "delegated_to": fields.get("delegate_to") or None,
        "task": written_name(task),
        "role": role(task),
        "module": action,
        "target": None,
        "check_mode": bool(fields.get("check_mode")),
        "failed": bool(result.is_failed()),
    }
    if task.no_log is True or fields.get("no_log") is True or "censored" in found or found.get("_ansible_no_log"):
        return record.without_values(about)
    diff = found.get("diff")
    diffs = diff if isinstance(diff, list) else [diff]
    given = (found.get("invocation") or {}).get("module_args") or {}
    named = next((str(given[name]) for name in _NAMED_BY if given.get(name)), None)
    return about | (record.change(diffs[0], named) if len(diffs) == 1 else _several(diffs, named))


def _several(diffs: list[t.Any], named: str | None) -> record.Row:
    """One change that its module tells in parts."""
    parts = [record.change(one, named) for one in diffs]
    known = bool(parts) and all(one["before_known"] for one in parts)
    before, after = ({str(one["object"] or number): one[name] for number, one in enumerate(parts)} if known else None for name in ("before", "after"))
    changes = [one for part in parts for one in part["changes"]]
    return {"object": named, "before_known": known, "after_known": known, "changes": changes, "before": before, "after": after}


def _part(result: t.Any, name: str) -> t.Any:
    """A part of a result under its public name, which ansible-core has from 2.19 on, or under the one before."""
    return getattr(result, name) if hasattr(type(result), name) else getattr(result, f"_{name}")


def place(task: t.Any, task_vars: t.Mapping[str, t.Any]) -> record.Place | None:
    """Where the changes of a worker's task are recorded, with what is known of it; None where nobody asked for that."""
    found = record.place(os.environ, os.getppid())
    if found is None:
        return None
    about = {
        "host": task_vars.get("inventory_hostname"),
        "delegated_to": task.delegate_to or None,
        "play": found.known.get("play"),
        "task": written_name(task),
        "role": role(task),
    }
    return dataclasses.replace(found, hidden=bool(task.no_log), known=found.known | about)
