# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Entries of four kinds of logs as rows of one timeline.

A row says who did what, when (UTC), where and to what, and what it was before.  ``changes`` are dictionaries of ``property``, ``old``, ``new``,
``old_known`` and ``new_known``; where a log does not tell a value, it is the word unknown, and the last two say so: nothing looks as if it had been empty.

Sources: the results of exchange_admin_audit_log_info, exchange_unified_audit_info and entra_directory_audit_info, and the lines that the
collection records of its own changes.  In the unified log, entries of Exchange have the parameters of the cmdlet in ``Parameters``, others what was
changed in ``ModifiedProperties`` (Microsoft's schema of the Office 365 Management Activity API).
"""

from __future__ import annotations

import datetime
import hashlib
import json
import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._audit import kinds
from ansible_collections.m365.hybrid.plugins.module_utils._core import values

Row = dict[str, t.Any]
UNKNOWN = "unknown"
NAMES, PEOPLE, EXACT, ALIKE, SPELLED = "_names", "_people", "_exact", "_alike", "_kinds"
"""Keys of a row that no output shows: by which names a filter finds the object and who did it, the moment with its fraction of a second, whether the id
is only made of the content, so that several rows of one source may have it, and by which words a filter finds the kind."""
_OPERATIONS = {
    "create": ("new", "add", "import", "assign", "create", "invite", "register", "consent"),
    "change": ("set", "update", "enable", "disable", "change", "reset", "restore", "move", "rename", "mount", "dismount", "complete", "present"),
    "remove": ("remove", "delete", "unassign", "hard", "absent", "revoke"),
}
_HOW = ("Identity", "DomainController", "Confirm", "WhatIf", "Force", "ErrorAction", "WarningAction", "Verbose", "Debug")
"""Parameters that name the object or say how to work; all others are what was set."""


def operation(words: str) -> str:
    """create, change, remove or other, from the first word of an activity, a cmdlet or an operation."""
    first = re.split(r"[^A-Za-z]", words.strip(), maxsplit=1)[0].casefold()
    return next((found for found, verbs in _OPERATIONS.items() if first in verbs), "other")


def change(name: t.Any, old: t.Any, new: t.Any, old_known: bool, new_known: bool = True) -> dict[str, t.Any]:
    sides = {"old": old if old_known else UNKNOWN, "new": new if new_known else UNKNOWN}
    return {"property": values.text(name), **sides, "old_known": old_known, "new_known": new_known}


def row(time: t.Any, **found: t.Any) -> Row:
    """A row with every key, in the order of the outputs.  Raises ValueError for a time that is none."""
    shown, exact = moment(time)
    names = [one for one in (found.get("object"), *found.get("names", ())) if one]
    kind = values.text(found.get("kind")) or UNKNOWN
    return {
        "time": shown,
        "who": values.text(found.get("who")) or UNKNOWN,
        "operation": found["operation"],
        "action": values.text(found.get("action")) or UNKNOWN,
        "kind": kinds.of(kind),
        "object": values.text(found.get("object")) or UNKNOWN,
        "where": values.text(found.get("where")) or UNKNOWN,
        "address": found.get("address") or None,
        "outcome": found.get("outcome", UNKNOWN),
        "error": found.get("error") or None,
        "changes": found.get("changes", []),
        "id": values.text(found.get("id")),
        "run": found.get("run") or None,
        NAMES: sorted({folded for one in names for folded in spellings(one)}),
        PEOPLE: sorted({folded for one in (found.get("who"), *found.get("people", ())) for folded in spellings(one)}),
        EXACT: exact,
        ALIKE: found.get("alike", False),
        SPELLED: kinds.spellings(kind, *found.get("kinds", ())),
    }


def moment(given: t.Any) -> tuple[str, str]:
    """A time in UTC as it is shown, to the second, and as it is compared.  Raises ValueError."""
    shown = values.timestamp(given)
    if shown is None:
        raise ValueError("it has no time")
    found = datetime.datetime.fromisoformat(str(given).strip())
    return shown, f"{shown[:-1]}.{found.microsecond:06d}"


def spellings(name: t.Any) -> set[str]:
    """A name and the last part of a canonical, distinguished or domain name, without regard to case."""
    whole = values.text(name).strip().casefold()
    last = re.split(r"[/\\]", whole)[-1]
    if match := re.match(r"cn=((?:[^,\\]|\\.)+),", whole):
        last = match[1].replace("\\", "")
    return {one for one in (whole, last) if one}


def admin_audit_log(found: t.Mapping[str, t.Any]) -> Row:
    """An entry of the administrator audit log on-premises.  Old values are there at log level Verbose only."""
    given, modified = found.get("parameters") or {}, found.get("modified") or {}
    changes = [change(name, parts.get("before"), parts.get("after"), "before" in parts, "after" in parts) for name, parts in modified.items()]
    told = {name.casefold() for name in modified}
    changes += [change(name, None, value, False, value is not None) for name, value in given.items() if name not in _HOW and name.casefold() not in told]
    return row(
        found["time"],
        who=found.get("caller"),
        operation=operation(found["cmdlet"]),
        action=found["cmdlet"],
        kind=kinds.noun(found["cmdlet"]),
        object=found.get("object_name") or found.get("object"),
        names=(found.get("object"), given.get("Identity"), given.get("Name")),
        where=found.get("originating_server"),
        outcome="success" if found.get("succeeded") else "failure",
        error=found.get("error"),
        changes=changes,
        id=found["id"],
    )


def unified_audit_log(found: t.Mapping[str, t.Any]) -> Row:
    """An entry of the unified audit log, whichever way it was read."""
    data, action = found.get("audit_data") or {}, values.text(found["operation"])
    modified, given = _named(data.get("ModifiedProperties")), _named(data.get("Parameters"))
    changes = [change(name, parts.get("oldvalue"), parts.get("newvalue"), "oldvalue" in parts, "newvalue" in parts) for name, parts in modified]
    told = {name.casefold() for name, _parts in modified}
    changes += [change(name, None, parts.get("value"), False) for name, parts in given if name not in _HOW and name.casefold() not in told]
    identity = next((parts.get("value") for name, parts in given if name in ("Identity", "Name")), None)
    return row(
        found["time"],
        who=found.get("user_id"),
        operation=operation(action),
        action=action,
        kind=kinds.noun(action) if "-" in action else values.snake(values.text(found.get("record_type"))),
        object=found.get("object_id") or identity,
        names=(identity,),
        where=data.get("Workload") or found.get("record_type"),
        address=found.get("ip_address"),
        outcome=_outcome(found.get("result_status")),
        changes=changes,
        id=found["id"],
    )


def _outcome(status: t.Any) -> str:
    text = values.text(status).casefold()
    if text in ("true", "success", "succeeded"):
        return "success"
    return "failure" if text in ("false", "failure", "failed", "partiallysucceeded") else UNKNOWN


def _named(listed: t.Any) -> list[tuple[str, dict[str, t.Any]]]:
    found = [{values.fold(str(name)): value for name, value in one.items()} for one in listed if isinstance(one, t.Mapping)] if isinstance(listed, list) else []
    return [(values.text(one.get("name")), one) for one in found]


def directory_audits(found: t.Mapping[str, t.Any]) -> Row:
    """An entry of the directory's log: one row, whatever number of objects it is about; the changes of the others carry their names."""
    actor, targets = found.get("actor") or {}, [one for one in found.get("targets") or () if isinstance(one, t.Mapping)]
    first = targets[0] if targets else {}
    changes = []
    for number, target in enumerate(targets):
        of_whom = f" ({_name(target)})" if number else ""
        for one in target.get("changes") or ():
            changes.append(change(f"{one.get('property')}{of_whom}", one.get("old"), one.get("new"), True))
    by_word = operation(values.text(found.get("operation")))
    kind = values.snake(values.text(first.get("kind") or found.get("category")))
    return row(
        found["time"],
        who=actor.get("name") or actor.get("id"),
        operation=by_word if by_word != "other" else operation(values.text(found.get("activity"))),
        action=found.get("activity"),
        kind=kinds.of_activity(kind, values.text(found.get("activity"))),
        kinds=(kind,),
        object=_name(first),
        names=[one.get(key) for one in targets for key in ("name", "display_name", "id")],
        where=found.get("service") or "Entra ID",
        address=actor.get("ip_address"),
        outcome=found.get("result") if found.get("result") in ("success", "failure") else UNKNOWN,
        error=found.get("result_reason") if found.get("result") != "success" else None,
        changes=changes,
        id=found["id"],
    )


def _name(target: t.Mapping[str, t.Any]) -> str:
    return values.text(target.get("name") or target.get("display_name") or target.get("id"))


def records(found: t.Mapping[str, t.Any]) -> Row | None:
    """A change that the collection made and recorded (see `_core.record`); None for one that check mode only predicted."""
    if found.get("check_mode"):
        return None
    module, job = values.text(found.get("module")).rpartition(".")[2], found.get("awx") or {}
    sides = [side for side in (found.get("after"), found.get("before")) if isinstance(side, t.Mapping)]
    old_known, new_known = found.get("before_known", True), found.get("after_known", True)
    changes = [change(one.get("property"), one.get("before"), one.get("after"), old_known, new_known) for one in found.get("changes") or ()]
    run, about = values.text(found.get("run")), _called(found, module)
    return row(
        found["time"],
        who=job.get("launched_by") or found.get("user"),
        people=(found.get("user"),),
        operation=about.operation,
        action=found.get("call") or module or found.get("task"),
        kind=about.kind,
        kinds=about.others,
        object=found.get("object"),
        names=[*about.names, *(side.get(key) for side in sides for key in ("name", "identity", "alias", "user_principal_name", "id"))],
        where=found.get("target") or found.get("delegated_to") or found.get("host"),
        outcome="failure" if found.get("failed") else "success",
        error="It ended in the middle, so that nobody knows how much of it was done." if found.get("failed") else None,
        changes=changes,
        id=found.get("id") or hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()[:32],
        alike=not found.get("id"),
        run=f"{run}, job {job['job_id']} of AWX" if job.get("job_id") else run,
    )


def _called(found: t.Mapping[str, t.Any], module: str) -> kinds.Request:
    """What a record is about: a module's object, or that of a cmdlet or a request which its task named."""
    call = values.text(found.get("call"))
    if " /" in call:
        asked = kinds.request(call, values.text(found.get("object")))
        by_word = operation(values.snake(call.rpartition("/")[2]))
        return asked._replace(operation=asked.operation or (by_word if by_word != "other" else "change"))
    if call:
        return kinds.Request(kinds.noun(call), [], [], operation(call))
    return kinds.Request(re.sub(r"^(exchange|entra|ad|adfs|wap|skype)_", "", module), [], [], _recorded(found))


def _recorded(found: t.Mapping[str, t.Any]) -> str:
    """A change has two sides; an object that was made or removed has one."""
    if not found.get("before_known", True) or not found.get("after_known", True) or found.get("no_log"):
        return "change"
    return "create" if not found.get("before") and found.get("after") else "remove" if found.get("before") and not found.get("after") else "change"


KINDS: dict[str, t.Callable[[t.Mapping[str, t.Any]], Row | None]] = {
    "admin_audit_log": admin_audit_log,
    "unified_audit_log": unified_audit_log,
    "directory_audits": directory_audits,
    "records": records,
}
"""What makes a row of an entry, by the kind of its source."""
