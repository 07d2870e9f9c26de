# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is registered with what, who is not, of whom that is not known, and what the role entra_mfa made of each declared user."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._entra.mfa_people import People, Row
from ansible_collections.m365.hybrid.plugins.module_utils._entra.mfa_registration_info import NOT_REVEALED, UNKNOWN


@dataclasses.dataclass
class Results:
    """What became of users, by principal name: the reasons of those who failed, who kept another number, in whom something was written."""

    failed: dict[str, list[str]]
    kept: list[str] = dataclasses.field(default_factory=list)
    done: set[str] = dataclasses.field(default_factory=set)


def make(people: People, results: Results, registrations: Row, only_declared: bool) -> dict[str, t.Any]:
    """``registrations`` is the result of entra_mfa_registration_info, empty or failed where the report could not be read."""
    failed = results.failed
    rows = {str(one["user_principal_name"]).casefold(): one for one in registrations.get("users") or ()}
    declared = {person.name.casefold(): person for person in people.found.values()}
    names = {str(one["user_principal_name"]).casefold(): str(one["user_principal_name"]) for one in rows.values()}
    names |= {one.name.casefold(): one.name for one in people.excluded.values()}
    names |= {person.name.casefold(): person.name for person in people.found.values()}
    excluded = {one.name.casefold(): identifier for identifier, one in people.excluded.items()}
    users = []
    for folded, name in sorted(names.items()):
        person, row = declared.get(folded), rows.get(folded)
        identifier = person.id if person else excluded.get(folded) or str((row or {}).get("id"))
        outcome = "excluded" if folded in excluded and not person else _outcome(name, person is not None, results)
        if outcome != "not_declared" or not only_declared:
            state = person.state if person else None
            users.append(_registration(name, identifier, row) | {"outcome": outcome, "wanted_state": state, "reasons": failed.get(name, [])})
    strangers = [name for name in failed if name.casefold() not in names]
    users += [_registration(name, "", None) | {"outcome": "failed", "wanted_state": None, "reasons": failed[name]} for name in sorted(strangers)]
    known = not registrations.get("failed") and "users" in registrations
    return {
        "users": users,
        "declared": len(declared),
        "not_registered": [one["user"] for one in users if one["is_mfa_registered"] is False],
        UNKNOWN: [one["user"] for one in users if one["is_mfa_registered"] == UNKNOWN],
        "failed": [one["user"] for one in users if one["outcome"] == "failed"],
        "problems": [f"{one['user']}: {'; '.join(one['reasons'])}" for one in users if one["outcome"] == "failed"],
        "notes": people.notes,
        "without_number": people.without_number,
        "kept_number": sorted(results.kept, key=str.casefold),
        "excluded": [one["user"] for one in users if one["outcome"] == "excluded"],
        "counts": _counts(users),
        "registrations": "" if known else str(registrations.get("msg") or "not read"),
        **dict.fromkeys(NOT_REVEALED, UNKNOWN),
    }


def _outcome(name: str, declared: bool, results: Results) -> str:
    if name in results.failed:
        return "failed"
    if not declared:
        return "not_declared"
    return "changed" if name in results.done else "unchanged"


def _registration(name: str, identifier: str, row: Row | None) -> dict[str, t.Any]:
    """What the service says of one user; a user of whom it says nothing is unknown, not unregistered."""
    said = row or {}
    return {
        "user": name,
        "id": identifier,
        "is_mfa_registered": said.get("is_mfa_registered", UNKNOWN),
        "is_mfa_capable": said.get("is_mfa_capable", UNKNOWN),
        "methods_registered": said.get("methods_registered", UNKNOWN),
        **dict.fromkeys(NOT_REVEALED, UNKNOWN),
    }


def _counts(users: t.Sequence[Row]) -> dict[str, int]:
    """How many users of each kind there are."""
    counts = {"users": len(users), "registered": sum(one["is_mfa_registered"] is True for one in users)}
    counts |= {"not_registered": sum(one["is_mfa_registered"] is False for one in users)}
    counts |= {UNKNOWN: sum(one["is_mfa_registered"] == UNKNOWN for one in users)}
    return counts | {word: sum(one["outcome"] == word for one in users) for word in ("changed", "unchanged", "failed", "excluded", "not_declared")}
