# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of who registered which methods, and what it does not say."""

from __future__ import annotations

import collections
import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._entra import info, paths
from ansible_collections.m365.hybrid.plugins.module_utils._entra.resource import is_id

UNKNOWN = "unknown"
NOT_REVEALED = ("app_passwords", "trusted_devices")
"""What belongs to a user's registration and no interface of the service shows."""
NAMED_AT_ONCE = 15
"""So many users are asked for by name; for more of them the whole report is read, which the service's budget makes cheaper."""
_ASKED_FOR = {"is_mfa_registered": "isMfaRegistered", "is_mfa_capable": "isMfaCapable", "is_passwordless_capable": "isPasswordlessCapable"}
"""Options that the service filters by (published with the report); others are compared here."""
_COMPARED = ("is_admin", "user_type")


@dataclasses.dataclass(frozen=True)
class RegistrationInfo(info.GraphInfoModule):
    """Rows of the report; identities for which it has none are unknown, not unregistered."""

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        if any(not str(one).strip() for one in options.get("identity") or ()):
            raise UsageError("identity has an empty member; each must name one user")

    def execute(self, session: engine.Tally, task: Task) -> Result:
        identities = task.options.get("identity")
        if identities is not None and not identities:
            return {"users": [], UNKNOWN: [], "summary": summary([])}
        found = session.request("GET", paths.path(self.collection, filter=_filter(task.options), top=999)).output
        rows = [row(one) for one in found]
        unknown: list[str] = []
        if identities is not None:
            rows, unknown = _named(rows, identities)
        kept = [one for one in rows if _fits(one, task.options)]
        return {"users": kept, UNKNOWN: unknown, "summary": summary(kept)}


def row(found: t.Mapping[str, t.Any]) -> info.Row:
    """A user of the report.  What it leaves empty is unknown, as is what it never says."""
    shown = {name: UNKNOWN if value is None else value for name, value in info.properties(found).items()}
    methods = [values.snake(one) for one in found.get("methodsRegistered") or ()]
    return shown | {"methods_registered": methods} | dict.fromkeys(NOT_REVEALED, UNKNOWN)


def summary(rows: t.Sequence[info.Row]) -> dict[str, t.Any]:
    """Counts of what is known; what is not known of a user is counted as that."""
    methods = collections.Counter(method for one in rows for method in one["methods_registered"])
    counted = {name: {"yes": _count(rows, name, True), "no": _count(rows, name, False), UNKNOWN: _count(rows, name, UNKNOWN)} for name in _ASKED_FOR}
    return {"users": len(rows), **counted, "methods": dict(sorted(methods.items())), **dict.fromkeys(NOT_REVEALED, UNKNOWN)}


def _count(rows: t.Sequence[info.Row], name: str, value: object) -> int:
    return sum(one.get(name, UNKNOWN) == value for one in rows)


def _filter(options: t.Mapping[str, t.Any]) -> str | None:
    terms = [f"{path} eq {str(options[name]).lower()}" for name, path in _ASKED_FOR.items() if options.get(name) is not None and not options.get("identity")]
    methods = [f"methodsRegistered/any(one:one eq {paths.literal(values.camel(name))})" for name in options.get("methods_registered") or ()]
    if methods and not options.get("identity"):
        terms.append(f"({' or '.join(methods)})" if len(methods) > 1 else methods[0])
    named = options.get("identity") or ()
    if named and len(named) <= NAMED_AT_ONCE and not any(is_id(one) for one in named):
        terms.append(" or ".join(f"userPrincipalName eq {paths.literal(one)}" for one in named))
    return " and ".join(terms) or None


def _fits(one: info.Row, options: t.Mapping[str, t.Any]) -> bool:
    """Whether a row is asked for.  A user of whom something is unknown fits neither answer."""
    wanted = {name: options[name] for name in (*_ASKED_FOR, *_COMPARED) if options.get(name) is not None}
    methods = options.get("methods_registered")
    return all(one.get(name) == value for name, value in wanted.items()) and (methods is None or bool(set(methods) & set(one["methods_registered"])))


def _named(rows: t.Sequence[info.Row], identities: t.Iterable[str]) -> tuple[list[info.Row], list[str]]:
    """The rows of the named users in their order, and the names for which the report has none."""
    known = {str(one[name]).casefold(): one for one in rows for name in ("id", "user_principal_name")}
    found = {name: known.get(name.casefold()) for name in dict.fromkeys(identities)}
    kept: dict[str, info.Row] = {one["id"]: one for one in found.values() if one}
    return list(kept.values()), [name for name, one in found.items() if one is None]
