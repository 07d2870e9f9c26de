# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Move requests as a list: which are done, which are on their way, which wait for something, which need somebody."""

from __future__ import annotations

import collections
import dataclasses
import time
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, NotFound, SessionError, Throttled, Truncated, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import migration
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.info import InfoModule
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.move_request import DONE, STATISTICS, progress
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import common, names_controller, single

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


Row = dict[str, t.Any]
STANDINGS = ("completed", "moving", "stalled", "ready", "suspended", "failed")


TRIES = 10
"""How many readings in a row may fail while the module waits: the server that answers may be the one that fails over."""


@dataclasses.dataclass
class Reading:
    """The requests as one look found them."""

    rows: list[Row]
    missing: list[str]

    @property
    def moving(self) -> list[Row]:
        return [one for one in self.rows if one["standing"] in ("moving", "stalled")]

    def line(self) -> str:
        counts = collections.Counter(one["standing"] for one in self.rows)
        done = sum(int(one.get("percent_complete") or 0) for one in self.rows) // max(1, len(self.rows))
        held = sorted({f"{one['display_name']}: {one['status_detail']}" for one in self.rows if one["standing"] == "stalled"})
        return f"{', '.join(f'{counts[name]} {name}' for name in STANDINGS if counts[name])}, {done}% in all" + (f" ({'; '.join(held[:5])})" if held else "")


@dataclasses.dataclass(frozen=True)
class MoveRequestsModule(InfoModule):
    """Get-MoveRequest, and Get-MoveRequestStatistics of each unless that is not wanted; once, or until nothing moves any more."""

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        super().check(options)
        if options["wait"] and not options["statistics"]:
            raise UsageError("wait needs statistics: without them nothing shows whether a request goes on")
        if options["wait"] < 0 or options["poll"] < 0:
            raise UsageError("wait and poll are numbers of seconds")

    def execute(self, session: engine.Tally, task: Task) -> Result:
        options = task.options
        self.admit(session, options)
        found = self._look(session, options)
        held: dict[str, set[str]] = {}
        began = time.monotonic()
        until = began + (0 if task.check_mode else options["wait"])
        note(held, found)
        while found.moving and time.monotonic() < until:
            task.surroundings.say(f"moves: {found.line()}")
            time.sleep(min(options["poll"], max(0.0, until - time.monotonic())))
            found = self._look_again(session, options)
            note(held, found)
        counts = collections.Counter(one["standing"] for one in found.rows)
        return {
            self.returns: found.rows,
            "counts": {name: counts[name] for name in STANDINGS},
            "missing": found.missing,
            "held_up": [{"identity": identity, "by": sorted(details)} for identity, details in sorted(held.items())],
            "timed_out": bool(options["wait"] and found.moving and not task.check_mode),
        }

    def _look_again(self, session: engine.Tally, options: t.Mapping[str, t.Any]) -> Reading:
        """Another look; a server that does not answer for a moment is part of what is waited for."""
        for left in reversed(range(TRIES)):
            try:
                return self._look(session, options)
            except (SessionError, Throttled, NotFound) as error:
                if not left:
                    raise
                session.warnings.append(f"while waiting: {error}")
                time.sleep(options["poll"])
        raise HybridError("nothing was read")  # not reached: the last failure is raised

    def _look(self, session: engine.Tally, options: t.Mapping[str, t.Any]) -> Reading:
        found: list[Row] = []
        missing: list[str] = []
        identities = options.get("identity")
        for identity in (None,) if identities is None else identities:
            try:
                found += self._requests(session, identity, options)
            except NotFound as error:
                if identity is None or names_controller(error, options.get("domain_controller")):
                    raise
                missing.append(identity)
        wanted = options.get("status")
        rows = [one for one in found if wanted is None or one["status"] in wanted]
        return Reading([self._measured(session, one, options) for one in rows] if options["statistics"] else rows, missing)

    def _requests(self, session: engine.Tally, identity: str | None, options: t.Mapping[str, t.Any]) -> list[Row]:
        named = {"ResultSize": "Unlimited"} | self.parameters(options) if identity is None else {"Identity": identity}
        answer = session.invoke("Get-MoveRequest", named | common(options), properties=READ)
        if answer.truncated:
            raise Truncated(f"the server returned {len(answer.output)} requests and has more", cmdlet="Get-MoveRequest", target=session.target)
        return [_row(one) for one in answer.output]

    @staticmethod
    def _measured(session: engine.Tally, row: Row, options: t.Mapping[str, t.Any]) -> Row:
        asked = {"Identity": row["identity"]} | ({"IncludeReport": True} if options["include_report"] else {}) | common(options)
        found = single(session.invoke(STATISTICS, asked), STATISTICS, session.target, f"move request '{row['identity']}'")
        report = {"report": _text(found, "report")} if options["include_report"] else {}
        row = {**row, **progress(found), **report}
        return {**row, "standing": standing(row)}


def note(held: dict[str, set[str]], found: Reading) -> None:
    """Remember what requests were seen to wait for."""
    for one in found.rows:
        if one["standing"] == "stalled":
            held.setdefault(str(one["identity"]), set()).add(str(one["status_detail"]))


def _text(found: t.Mapping[str, t.Any], name: str) -> str:
    value = {values.fold(key): one for key, one in found.items()}.get(name)
    return "\n".join(map(str, value)) if isinstance(value, list) else values.text(value)


def _row(found: t.Mapping[str, t.Any]) -> Row:
    folded = {values.fold(name): value for name, value in found.items()}
    row: Row = {name: folded.get(values.fold(name)) or None for name in _TEXTS}
    row |= {
        "display_name": folded.get("displayname"),
        "status": migration.word(folded["status"]),
        "archive_target_database": row.pop("target_archive_database"),
    }
    return {**row, "standing": standing(row)}
