# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The directory's log: who changed what, and what it was before.

What the service surely filters by is asked of it (published with directoryAudit); the rest is compared here, so that no entry is lost to
a filter that a service understands otherwise.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, entries, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, Truncated, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._entra import info, paths
from ansible_collections.m365.hybrid.plugins.module_utils._entra.resource import is_id

KEPT = 30
"""Days; Microsoft's page on the retention of reports."""
_TIMES = {"since": "ge", "until": "le"}
_EQUAL = {"activity": "activityDisplayName", "category": "category", "service": "loggedByService", "correlation_id": "correlationId"}


@dataclasses.dataclass(frozen=True)
class AuditInfo(info.GraphInfoModule):
    """Entries of the log, the newest first."""

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        since, until = (_moment(name, options) for name in _TIMES)
        if since and until and since > until:
            raise UsageError(f"since is {since}, which is later than until, {until}")
        for name in ("activity", "category", "service", "correlation_id", "actor", "target"):
            if options.get(name) is not None and not str(options[name]).strip():
                raise UsageError(f"{name} is empty; leave it out to take all entries")
        if options["result_size"] is not None and options["result_size"] < 1:
            raise UsageError(f"result_size is {options['result_size']}; it must be 1 or more")

    def execute(self, session: engine.Tally, task: Task) -> Result:
        asked = paths.path(self.collection, filter=_filter(task.options), orderby="activityDateTime desc", top=999)
        limit = task.options["result_size"]
        with entries.collected(task) as collected:
            for found in session.pages(asked):
                for one in _rows(found, session.target):
                    if not _fits(one, task.options):
                        continue
                    if collected.count == limit:
                        raise Truncated(f"more entries fit than result_size, which is {limit}", target=session.target)
                    collected.put(one)
        return collected.result() | {"warnings": list(_doubts(task.options))}


def _rows(found: t.Iterable[t.Mapping[str, t.Any]], target: str) -> t.Iterator[info.Row]:
    try:
        yield from map(row, found)
    except (KeyError, TypeError, AttributeError) as error:
        raise HybridError(f"an entry of the log cannot be understood: {error!r}", target=target) from None


def _doubts(options: t.Mapping[str, t.Any]) -> t.Iterator[str]:
    """What the service says nothing about: entries that were in the log once."""
    since = _moment("since", options)
    oldest = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=KEPT)
    if since and since < oldest.strftime("%Y-%m-%dT%H:%M:%SZ"):
        yield f"Entries are kept for {KEPT} days, or for 7 without a licence of Entra ID P1; those before {oldest:%Y-%m-%d} are gone."


def row(found: t.Mapping[str, t.Any]) -> info.Row:
    return {
        "id": found["id"],
        "time": found["activityDateTime"],
        "activity": found["activityDisplayName"],
        "category": found["category"],
        "service": found.get("loggedByService"),
        "operation": found.get("operationType"),
        "result": found.get("result"),
        "result_reason": found.get("resultReason"),
        "correlation_id": found.get("correlationId"),
        "actor": _actor(found.get("initiatedBy") or {}),
        "targets": [_target(one) for one in found.get("targetResources") or ()],
        "details": {one["key"]: one.get("value") for one in found.get("additionalDetails") or ()},
    }


def _actor(found: t.Mapping[str, t.Any]) -> info.Row:
    """A user or an application; of some entries the service names neither."""
    if user := found.get("user"):
        name = user.get("userPrincipalName") or user.get("displayName")
        return {"kind": "user", "name": name, "id": user.get("id"), "ip_address": user.get("ipAddress")}
    if app := found.get("app"):
        name = app.get("displayName") or app.get("servicePrincipalName")
        return {"kind": "application", "name": name, "id": app.get("appId") or app.get("servicePrincipalId"), "ip_address": None}
    return {"kind": "unknown", "name": None, "id": None, "ip_address": None}


def _target(found: t.Mapping[str, t.Any]) -> info.Row:
    changes = [
        {"property": one.get("displayName"), "old": decoded(one.get("oldValue")), "new": decoded(one.get("newValue"))}
        for one in found.get("modifiedProperties") or ()
    ]
    name = found.get("userPrincipalName") or found.get("displayName")
    return {"kind": found.get("type"), "name": name, "display_name": found.get("displayName"), "id": found.get("id"), "changes": changes}


def decoded(value: str | None) -> t.Any:
    """A value of the log, which writes most of them as JSON in a text; one that is none stays as it is."""
    if value is None:
        return None
    try:
        found = json.loads(value)
    except ValueError:
        return value
    return value if isinstance(found, float | int) and not isinstance(found, bool) else found  # digits of a text keep their zeros


def _moment(name: str, options: t.Mapping[str, t.Any]) -> str | None:
    try:
        return values.timestamp(options.get(name))
    except ValueError as error:
        raise UsageError(f"{name}: {error}") from None


def _filter(options: t.Mapping[str, t.Any]) -> str | None:
    terms = [f"activityDateTime {operator} {moment}" for name, operator in _TIMES.items() if (moment := _moment(name, options))]
    terms += [f"{path} eq {paths.literal(options[name])}" for name, path in _EQUAL.items() if options.get(name) is not None]
    actor, target = options.get("actor"), options.get("target")
    if actor is not None and not is_id(actor):
        terms.append(f"initiatedBy/{'user/userPrincipalName' if '@' in actor else 'app/displayName'} eq {paths.literal(actor)}")
    if target is not None and is_id(target):
        terms.append(f"targetResources/any(one:one/id eq {paths.literal(target.lower())})")
    return " and ".join(terms) or None


def _fits(one: info.Row, options: t.Mapping[str, t.Any]) -> bool:
    result, actor, target = options.get("result"), options.get("actor"), options.get("target")
    if result is not None and one["result"] != result:
        return False
    if actor is not None and actor.casefold() not in _names(one["actor"]):
        return False
    return target is None or any(target.casefold() in _names(found) for found in one["targets"])


def _names(found: t.Mapping[str, t.Any]) -> set[str]:
    return {str(found[name]).casefold() for name in ("name", "display_name", "id") if found.get(name)}
