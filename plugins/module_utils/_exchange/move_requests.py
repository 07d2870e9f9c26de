# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Move requests as a list: which are done, which are on their way, which wait for something, which need somebody."""

from __future__ import annotations

import collections
import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import NotFound, Truncated
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import migration, online
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.info import InfoModule
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.move_request import DONE, STATISTICS, progress
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import common, single

READ = ("identity", "displayname", "alias", "batchname", "status", "sourcedatabase", "targetdatabase", "sourcearchivedatabase", "targetarchivedatabase")
_TEXTS = ("identity", "alias", "batch_name", "source_database", "target_database", "source_archive_database", "target_archive_database")
_WAITING = ("stalled", "transient")


def standing(row: t.Mapping[str, t.Any]) -> str:
    """What a request is about: ``completed``, ``failed``, ``stalled``, ``suspended``, ``ready`` or ``moving``.

    One that is stalled, or that met a transient failure, goes on by itself.  One that is ready was told to wait before it completes.
    """
    status, detail = str(row.get("status")), str(row.get("status_detail"))
    if status in DONE:
        return "completed"
    if status in ("failed", "suspended"):
        return status
    if status in ("synced", "auto_suspended"):
        return "ready"
    return "stalled" if detail.startswith(_WAITING) else "moving"


STANDINGS = ("completed", "moving", "stalled", "ready", "suspended", "failed")


@dataclasses.dataclass(frozen=True)
class MoveRequestsModule(InfoModule):
    """Get-MoveRequest, and Get-MoveRequestStatistics of each unless that is not wanted."""

    def admit(self, session: engine.Tally, options: t.Mapping[str, t.Any]) -> None:
        super().admit(session, options)
        online.refuse_controller(session, options)

    def execute(self, session: engine.Tally, task: Task) -> Result:
        options = task.options
        self.admit(session, options)
        found: list[dict[str, t.Any]] = []
        missing: list[str] = []
        identities = options.get("identity")
        for identity in (None,) if identities is None else identities:
            try:
                found += self._requests(session, identity, options)
            except NotFound as error:
                if identity is None or identity.casefold() not in error.text.casefold():
                    raise
                missing.append(identity)
        wanted = options.get("status")
        rows = [one for one in found if wanted is None or one["status"] in wanted]
        rows = [self._measured(session, one, options) for one in rows] if options["statistics"] else rows
        counts = collections.Counter(one["standing"] for one in rows)
        return {self.returns: rows, "counts": {name: counts[name] for name in STANDINGS}, "missing": missing}

    def _requests(self, session: engine.Tally, identity: str | None, options: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
        named = {"ResultSize": "Unlimited"} | self.parameters(options) if identity is None else {"Identity": identity}
        answer = session.invoke("Get-MoveRequest", named | common(options), properties=READ)
        if answer.truncated:
            raise Truncated(f"the server returned {len(answer.output)} requests and has more", cmdlet="Get-MoveRequest", target=session.target)
        return [_row(one) for one in answer.output]

    @staticmethod
    def _measured(session: engine.Tally, row: dict[str, t.Any], options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        asked = {"Identity": row["identity"]} | ({"IncludeReport": True} if options["include_report"] else {}) | common(options)
        found = single(session.invoke(STATISTICS, asked), STATISTICS, session.target, f"move request '{row['identity']}'")
        report = {"report": _text(found, "report")} if options["include_report"] else {}
        row = {**row, **progress(found), **report}
        return {**row, "standing": standing(row)}


def _text(found: t.Mapping[str, t.Any], name: str) -> str:
    value = {values.fold(key): one for key, one in found.items()}.get(name)
    return "\n".join(map(str, value)) if isinstance(value, list) else values.text(value)


def _row(found: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    folded = {values.fold(name): value for name, value in found.items()}
    row: dict[str, t.Any] = {name: folded.get(values.fold(name)) or None for name in _TEXTS}
    row |= {"display_name": folded.get("displayname"), "status": migration.word(folded["status"]), "archive_target_database": row.pop("target_archive_database")}
    return {**row, "standing": standing(row)}
