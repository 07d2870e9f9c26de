# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists of users: by name or by what they have in common, with the properties asked for in the form of the module that manages users."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, NotFound, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import RestSession
from ansible_collections.m365.hybrid.plugins.module_utils._entra import info, licence, paths, user

_NEVER_LISTED = {
    "password": "Nobody can read it",
    "passwordprofile": "Nobody can read it",
    "forcechangepasswordnextsignin": "Nobody can read it",
    "manager": "Name the user to m365.hybrid.entra_user, which shows the manager",
}
_TEXTS = ("department", "company_name", "job_title", "office_location", "city", "country", "usage_location", "employee_type")
"""Options that select users by a property of the same name; an empty text selects those who have none."""
_SELECTING = (*_TEXTS, "account_enabled", "user_type", "on_premises_sync_enabled", "licensed", "sku", "filter")
_SLOW = "signInActivity"
"""The property for which the service shortens its pages by itself."""


@dataclasses.dataclass(frozen=True)
class Column:
    """One property of every returned user: key in the result, Graph's name, codec of the value."""

    key: str
    name: str
    codec: values.Codec | None


@dataclasses.dataclass(frozen=True)
class UserInfo(info.GraphInfoModule):
    """Users, each with the same properties; those that are named and not there are ``missing``."""

    constraints: t.Mapping[str, t.Any] = dataclasses.field(default_factory=lambda: {"mutually_exclusive": [("identity", one) for one in _SELECTING]})

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        if any(not str(one).strip() for one in options.get("identity") or ()):
            raise UsageError("identity has an empty member; each must name one user")
        columns(options["properties"])

    def execute(self, session: engine.Tally, task: Task) -> Result:
        shown = columns(task.options["properties"])
        select = sorted({column.name for column in shown} | {"id"})
        if task.options.get("identity") is not None:
            found, missing = self._named(session, task.options["identity"], select)
        else:
            text, advanced = chosen(session, task.options)
            query = {"filter": text, "select": select, "top": None if _SLOW in select else 999, "count": "true" if advanced else None}
            found, missing = session.request("GET", paths.path(self.collection, **query), eventual=advanced).output, []
        return {"users": [_row(one, shown, session.target) for one in found], "missing": missing}

    def _named(self, session: RestSession, identities: t.Iterable[str], select: list[str]) -> tuple[list[t.Any], list[str]]:
        found: dict[str, t.Any] = {}
        missing: list[str] = []
        for name in dict.fromkeys(identities):
            try:
                answer = session.request("GET", paths.path(f"{self.collection}/{{}}", name, select=select)).output
            except NotFound:
                missing.append(name)
                continue
            if len(answer) != 1:
                raise HybridError(f"neither user '{name}' nor an error was returned, so whether it exists is not known", target=session.target)
            found.setdefault(answer[0]["id"], answer[0])
        return list(found.values()), missing


def columns(names: t.Sequence[str]) -> list[Column]:
    """Properties by the names of options or of Graph.  Raises UsageError for one that no list shows."""
    special = {values.fold(field.option): field for field in user.FIELDS}
    return [_column(name, special) for name in names]


def _column(name: str, special: t.Mapping[str, t.Any]) -> Column:
    folded = values.fold(name)
    if folded in _NEVER_LISTED:
        raise UsageError(f"properties: {name} cannot be listed", advice=_NEVER_LISTED[folded])
    if not name.replace("_", "").isalnum():
        raise UsageError(f"properties: '{name}' is no name of a property")
    field = special.get(folded)
    spelt = values.camel(name) if "_" in name else name
    if field is None:
        return Column(values.snake(name), spelt, None)
    codec = values.CODECS[field.codec] if isinstance(field.codec, str) else field.codec
    return Column(field.option, field.write or values.camel(field.option), codec)


def chosen(session: RestSession, options: t.Mapping[str, t.Any]) -> tuple[str | None, bool]:
    """The filter of a task, and whether only copies of the directory answer it, which need not be up to date."""
    terms, advanced = [], False
    for name in _TEXTS:
        if options.get(name) is not None:
            terms.append(f"{values.camel(name)} eq {paths.literal(options[name]) if options[name] else 'null'}")
            advanced = advanced or not options[name] or name in ("company_name", "office_location", "employee_type", "city")
    if options.get("account_enabled") is not None:
        terms.append(f"accountEnabled eq {str(options['account_enabled']).lower()}")
    if options.get("user_type") is not None:
        terms.append(f"userType eq {paths.literal(values.pascal(options['user_type']))}")
    if options.get("on_premises_sync_enabled") is not None:
        terms.append(f"onPremisesSyncEnabled {'eq' if options['on_premises_sync_enabled'] else 'ne'} true")  # of a user of the cloud it is null
        advanced = advanced or not options["on_premises_sync_enabled"]
    if options.get("licensed") is not None:
        terms.append(f"assignedLicenses/$count {'ne' if options['licensed'] else 'eq'} 0")
        advanced = True
    if options.get("sku") is not None:
        terms.append(f"assignedLicenses/any(one:one/skuId eq {licence.subscription(session, options['sku'])['skuId']})")
    if options.get("filter") is not None:
        terms.append(f"({options['filter']})")
        advanced = True
    return " and ".join(terms) or None, advanced


def _row(found: t.Mapping[str, t.Any], shown: t.Sequence[Column], target: str) -> info.Row:
    try:
        return {one.key: info.inner(found.get(one.name)) if one.codec is None else one.codec.load(found.get(one.name)) for one in shown}
    except ValueError as error:
        raise HybridError(f"a user of the list cannot be understood: {error}", target=target) from None
