# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Entries of audit logs as the modules return them and the collection records them, for tests of the timeline."""

from __future__ import annotations

import datetime
import json
import pathlib
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session

Entry = dict[str, t.Any]
TIME = "2026-03-02T08:00:00Z"
_BEGIN = datetime.datetime(2026, 3, 2, 8, tzinfo=datetime.UTC)


def at(minutes: int) -> str:
    """A time so long before the others."""
    return (_BEGIN - datetime.timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def admin(**changes: t.Any) -> Entry:
    return {
        "time": TIME,
        "cmdlet": "Set-RemoteDomain",
        "parameters": {"Identity": "Default"},
        "object": "Default",
        "object_name": "Default",
        "modified": {},
        "caller": "contoso.com/Users/Administrator",
        "succeeded": True,
        "error": None,
        "originating_server": "EX01 (15.02.1748.010)",
        "id": "admin",
        **changes,
    }


def unified(**data: t.Any) -> Entry:
    named = {"record_type": "ExchangeAdmin", "operation": "Set-Mailbox", "user_id": "admin@contoso.com", "object_id": "user0"}
    return {"time": TIME, **named, "ip_address": "203.0.113.7", "result_status": "True", "id": "unified", "audit_data": {"Workload": "Exchange", **data}}


def directory(**changes: t.Any) -> Entry:
    ada = {"kind": "User", "name": "ada@contoso.com", "display_name": "Ada", "id": "1"}
    staff = {"kind": "Group", "name": "staff", "display_name": "staff", "id": "2"}
    return {
        "time": "2026-03-02T08:00:00.1234567Z",
        "activity": "Update user",
        "category": "UserManagement",
        "service": "Core Directory",
        "operation": "Update",
        "result": "success",
        "result_reason": "",
        "actor": {"kind": "user", "name": "grace@contoso.com", "id": "3", "ip_address": "198.51.100.23"},
        "targets": [
            {**ada, "changes": [{"property": "Department", "old": ["Engineering"], "new": ["Research"]}]},
            {**staff, "changes": [{"property": "Members", "old": None, "new": ["ada"]}]},
        ],
        "id": "directory",
        **changes,
    }


def record(**changes: t.Any) -> Entry:
    return {
        "time": TIME,
        "run": "run 1",
        "user": "grace",
        "host": "ex01",
        "target": "exchange on ex01.contoso.com",
        "play": "Mail",
        "task": "Forward",
        "role": None,
        "module": "m365.hybrid.exchange_remote_domain",
        "object": "Default",
        "awx": None,
        "delegated_to": None,
        "check_mode": False,
        "failed": False,
        "no_log": False,
        "before_known": True,
        "after_known": True,
        "changes": [{"property": "auto_forward_enabled", "before": False, "after": True}],
        "before": {"auto_forward_enabled": False},
        "after": {"auto_forward_enabled": True},
        **changes,
    }


def one_of_each() -> dict[str, t.Iterable[Entry]]:
    return {"admin_audit_log": [admin()], "unified_audit_log": [unified()], "directory_audits": [directory()], "records": [record()]}


def written(folder: pathlib.Path, entries: t.Mapping[str, t.Iterable[Entry]]) -> list[dict[str, t.Any]]:
    """Files of entries by the kind of their source, as ``sources`` of the module; the kind is the source's name, too."""
    sources = []
    for kind, some in entries.items():
        path = folder / f"{kind}.jsonl"
        with path.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(one) + "\n" for one in some)
        sources.append({"name": kind, "kind": kind, "path": str(path)})
    return sources


def nobody() -> Session:
    raise AssertionError("the module opened a session")
