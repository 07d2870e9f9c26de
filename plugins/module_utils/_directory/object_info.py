# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists of objects: by name or by a filter, with the attributes asked for."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Module, Result, Task, Wire
from ansible_collections.m365.hybrid.plugins.module_utils._directory import attributes, identity, references
from ansible_collections.m365.hybrid.plugins.module_utils._directory.identity import Entry
from ansible_collections.m365.hybrid.plugins.module_utils._directory.module import LDAP

_SEARCHING = ("filter", "search_base", "limit")


@dataclasses.dataclass(frozen=True)
class ObjectInfo(Module):
    """Objects as the directory shows them, those that are named and not there as ``missing``."""

    wires: tuple[Wire, ...] = LDAP
    constraints: t.Mapping[str, t.Any] = dataclasses.field(default_factory=lambda: {"mutually_exclusive": [("identity", one) for one in _SEARCHING]})

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        if any(not str(one).strip() for one in options.get("identity") or ()):
            raise UsageError("identity has an empty member; each must name one object")
        if options.get("limit") is not None and options["limit"] < 1:
            raise UsageError(f"limit is {options['limit']}; it must be 1 or more")
        secret = [one for one in options["attributes"] if one.lower() in (name.lower() for name in attributes.SECRET)]
        if secret:
            raise UsageError(f"attributes: {secret[0]} is never returned")

    def execute(self, session: engine.Tally, task: Task) -> Result:
        options = task.options
        if options.get("identity") is not None:
            found, missing = self._named(session, options)
        else:
            given = {"scope": options["scope"], "attributes": options["attributes"], "deleted": options["include_deleted"], "limit": options.get("limit")}
            answer = session.search(options.get("search_base"), options.get("filter") or "(objectClass=*)", **given)
            found, missing = answer.output, []
            if answer.truncated:
                session.warnings.append(f"there are more than {options['limit']} objects; the others are not returned")
        schema = attributes.Schema(lambda text, wanted: session.search("schema", text, attributes=wanted).output)
        schema.learn({name for one in found for name in one if name != "dn"})
        return {"objects": [_row(one, schema) for one in found], "missing": missing}

    @staticmethod
    def _named(session: engine.Tally, options: t.Mapping[str, t.Any]) -> tuple[list[Entry], list[str]]:
        """The named objects in order, many in one question."""
        asked = [*options["attributes"], *identity.KEYS]
        by = references.BY
        held = identity.many(session, options["identity"], asked, by, lambda one: one.clause(by), deleted=options["include_deleted"])
        shown = {one.lower() for one in options["attributes"]} | {"dn"}
        everything = "*" in shown
        unique = {one["dn"]: one for listed in held.values() for one in listed}
        rows = [{name: value for name, value in one.items() if everything or name.lower() in shown} for one in unique.values()]
        return rows, [name for name, listed in held.items() if not listed]


def _row(found: Entry, schema: attributes.Schema) -> Entry:
    """An object; what the schema gives one value is that value."""
    return {name: value[0] if name != "dn" and (kind := schema.kind(name)) and kind.single else value for name, value in found.items()}
