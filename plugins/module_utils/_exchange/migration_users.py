# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users of migration batches: how far each is and why it failed, once or until they have come as far as is waited for.

Sources: the references of Get-MigrationUser and Get-MigrationUserStatistics, MigrationUserStatus and MigrationUserStatusSummary.
"""

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
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.move_requests import TRIES
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import common, names_controller, single

STATISTICS = "Get-MigrationUserStatistics"
READ = ("identity", "batchid", "status", "statussummary", "errorsummary", "skippeditemcount", "synceditemcount")
STANDINGS = ("active", "synced", "completed", "stopped", "failed")
ON_THE_WAY = {"synced": ("active",), "completed": ("active", "synced")}
"""The standings of users that are still waited for, by what is waited for."""
Row = dict[str, t.Any]


@dataclasses.dataclass
class Reading:
    """The users as one look found them."""

    rows: list[Row]
    missing: list[str]

    @property
    def counts(self) -> dict[str, int]:
        found = collections.Counter(one["standing"] for one in self.rows)
        return {name: found[name] for name in STANDINGS}

    def waits(self, options: t.Mapping[str, t.Any]) -> bool:
        """A batch that was just made shows its users a moment later."""
        late = not self.rows and options.get("batch") is not None and options.get("standing") is None
        return late or any(one["standing"] in ON_THE_WAY[options["wait_for"]] for one in self.rows)


@dataclasses.dataclass(frozen=True)
class MigrationUsersModule(InfoModule):
    """Get-MigrationUser, on request with Get-MigrationUserStatistics of each."""

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        super().check(options)
        if options["wait"] < 0 or options["poll"] < 0:
            raise UsageError("wait and poll are numbers of seconds")

    def execute(self, session: engine.Tally, task: Task) -> Result:
        options = task.options
        self.admit(session, options)
        found = self._look(session, options)
        until = time.monotonic() + (0 if task.check_mode else options["wait"])
        while found.waits(options) and time.monotonic() < until:
            task.surroundings.say("users: " + ", ".join(f"{number} {name}" for name, number in found.counts.items() if number))
            time.sleep(min(options["poll"], max(0.0, until - time.monotonic())))
            found = self._look_again(session, options)
        return {
            self.returns: [self._measured(session, one, options) for one in found.rows] if options["statistics"] else found.rows,
            "counts": found.counts,
            "missing": found.missing,
            "timed_out": bool(options["wait"] and not task.check_mode and found.waits(options)),
        }

    def _look_again(self, session: engine.Tally, options: t.Mapping[str, t.Any]) -> Reading:
        """Another look; a server that does not answer for a moment is part of what is waited for."""
        for left in reversed(range(TRIES)):
            try:
                return self._look(session, options)
            except (SessionError, Throttled) as error:
                if not left:
                    raise
                session.warnings.append(f"while waiting: {error}")
                time.sleep(options["poll"])
        raise HybridError("nothing was read")  # not reached: the last failure is raised

    def _look(self, session: engine.Tally, options: t.Mapping[str, t.Any]) -> Reading:
        rows: list[Row] = []
        missing: list[str] = []
        identities = options.get("identity")
        for identity in (None,) if identities is None else identities:
            try:
                rows += self._users(session, identity, options)
            except NotFound as error:
                if identity is None or names_controller(error, options.get("domain_controller")):
                    raise
                missing.append(identity)
        return Reading([one for one in rows if options.get("standing") in (None, one["standing"])], missing)

    def _users(self, session: engine.Tally, identity: str | None, options: t.Mapping[str, t.Any]) -> list[Row]:
        named = {"ResultSize": "Unlimited"} | self.parameters(options) if identity is None else {"Identity": identity}
        answer = session.invoke("Get-MigrationUser", named | common(options), properties=READ)
        if answer.truncated:
            raise Truncated(f"the server returned {len(answer.output)} users and has more", cmdlet="Get-MigrationUser", target=session.target)
        return [_row(one) for one in answer.output]

    @staticmethod
    def _measured(session: engine.Tally, row: Row, options: t.Mapping[str, t.Any]) -> Row:
        asked = {"Identity": row["identity"]} | ({"IncludeReport": True} if options["include_report"] else {}) | common(options)
        answer = session.invoke(STATISTICS, asked)
        found = {values.fold(name): one for name, one in single(answer, STATISTICS, session.target, f"migration user '{row['identity']}'").items()}
        report = {"report": values.text(found.get("report"))} if options["include_report"] else {}
        return {**row, "percent_complete": found.get("percentagecomplete"), "error": values.text(found.get("error")) or row["error"], **report}


def _row(found: t.Mapping[str, t.Any]) -> Row:
    folded = {values.fold(name): value for name, value in found.items()}
    return {
        "identity": values.text(folded["identity"]),
        "batch": values.text(folded.get("batchid")),
        "status": migration.word(folded["status"]),
        "standing": migration.word(folded["statussummary"]),
        "error": values.text(folded.get("errorsummary")),
        "synced_item_count": folded.get("synceditemcount"),
        "skipped_item_count": folded.get("skippeditemcount"),
    }
