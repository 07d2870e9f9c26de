# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bringing what the databases say about mailboxes into line with Active Directory: an action, with a report per mailbox."""

from __future__ import annotations

import collections
import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import BadParameter, CommandMissing, HybridError, SessionError, Truncated, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Module, Result, Task, Wire
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import statistics
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import ON_PREMISES
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import common

UPDATE = "Update-StoreMailboxState"
SPECIAL = ("PublicFolder", "Arbitration", "Monitoring", "AuditLog", "AuxAuditLog", "Migration")
"""Switches of Get-Mailbox for the mailboxes that it leaves out by default; a database holds them all the same."""
STATUSES = ("would_update", "updated", "failed", "unknown", "not_done")
_SHOWN = ("mailbox_guid", "display_name", "legacy_dn", "database", "is_archive", "disconnect_reason", "disconnect_date")
_STATE = ("disconnect_reason", "disconnect_date")
_COLUMNS = [statistics.column(name) for name in _SHOWN]

Key = tuple[str, str]


@dataclasses.dataclass
class Held:
    """One mailbox in one database, and what became of it."""

    row: dict[str, t.Any]
    status: str = "not_done"
    after: dict[str, t.Any] | None = None
    error: str | None = None

    @property
    def key(self) -> Key:
        return str(self.row["mailbox_guid"]).casefold(), str(self.row["database"]).casefold()

    @property
    def before(self) -> dict[str, t.Any]:
        return {name: self.row[name] for name in _STATE}

    def answers_to(self, identity: str) -> bool:
        wanted = identity.strip("{}").casefold()
        return wanted in (str(self.row[name]).casefold() for name in ("mailbox_guid", "display_name", "legacy_dn"))

    def report(self) -> dict[str, t.Any]:
        shown = {name: self.row[name] for name in ("mailbox_guid", "display_name", "database", "is_archive")}
        return {**shown, "before": self.before, "after": self.after, "status": self.status, "error": self.error}


@dataclasses.dataclass
class Work:
    """Everything a task found and did; ``failures`` say what could not even be looked at."""

    chosen: list[Held] = dataclasses.field(default_factory=list)
    failures: list[str] = dataclasses.field(default_factory=list)
    fatal: HybridError | None = None

    def result(self) -> Result:
        counted = collections.Counter(one.status for one in self.chosen)
        marked = sum(one.after is not None and bool(one.after["disconnect_reason"]) and not one.before["disconnect_reason"] for one in self.chosen)
        counts = {"selected": len(self.chosen), **{status: counted[status] for status in STATUSES}, "newly_marked": marked}
        changed = bool(counted["updated"] or counted["unknown"] or counted["would_update"])
        result: Result = {"changed": changed, "mailboxes": [one.report() for one in self.chosen], "counts": counts}
        broken = [f"{one.row['display_name']} ({one.row['mailbox_guid']}): {one.error}" for one in self.chosen if one.error]
        if broken or self.failures:
            done = f"{counts['updated'] + counts['would_update']} of {counts['selected']} mailboxes were {'updated' if counts['updated'] else 'ready'}. "
            result |= {"failed": True, "msg": done + " ".join([*self.failures, *broken]), "failures": self.failures}
        if self.fatal:
            result["error"] = self.fatal.as_result()
        return result


@dataclasses.dataclass(frozen=True)
class StoreStateModule(Module):
    """Runs Update-StoreMailboxState for the mailboxes that a selection finds."""

    wires: tuple[Wire, ...] = ON_PREMISES

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        for name in ("database", "identity"):
            if any(not str(one).strip() for one in options.get(name) or ()):
                raise UsageError(f"{name} has an empty member; each must name one object")
            if any("*" in str(one) for one in options.get(name) or ()):
                raise UsageError(f"{name} has a member with an asterisk, which would fit many objects; each must name one")

    def execute(self, session: engine.Tally, task: Task) -> Result:
        options = task.options
        work = Work()
        held = [one for database in databases(session, options) for one in read(session, database, options, work)]
        if options.get("identity") is not None:
            work.chosen = named(held, options["identity"], work)
        else:
            work.chosen = selected(session, held, options)
        for one in work.chosen:
            one.status = "would_update" if task.check_mode else "not_done"
        if not task.check_mode and work.chosen:
            update(session, work)
            look_again(session, options, work)
        return work.result()


def databases(session: engine.Tally, options: t.Mapping[str, t.Any]) -> list[str]:
    """The databases that are named, or all but recovery databases, which hold copies of mailboxes that live elsewhere."""
    if options.get("database") is not None:
        return list(dict.fromkeys(options["database"]))
    answer = session.invoke("Get-MailboxDatabase", common(options), properties=("Name", "Recovery"))
    if answer.truncated:
        raise Truncated("the list of databases is incomplete", cmdlet="Get-MailboxDatabase", target=session.target)
    return [str(one["Name"]) for one in answer.output if not one.get("Recovery")]


def read(session: engine.Tally, database: str, options: t.Mapping[str, t.Any], work: Work) -> list[Held]:
    """What a database holds.  One that cannot be read does not keep the others from being looked at; its mailboxes are left alone."""
    try:
        rows = statistics.listed(session, {"Database": database} | common(options), _COLUMNS)
    except (SessionError, CommandMissing):
        raise  # no other database would fare better
    except HybridError as error:
        work.failures.append(f"Database {database} was left out: {error}")
        return []
    return [Held(row) for row in rows]


def named(held: list[Held], identities: t.Iterable[str], work: Work) -> list[Held]:
    """The mailboxes of these GUIDs, display names or legacy DNs, each only if it is one."""
    found: dict[int, Held] = {}
    for identity in identities:
        fitting = [one for one in held if one.answers_to(identity)]
        if len(fitting) == 1:
            found[id(fitting[0])] = fitting[0]
        elif fitting:
            places = ", ".join(f"{one.row['mailbox_guid']} in {one.row['database']}" for one in fitting)
            work.failures.append(f"'{identity}' fits {len(fitting)} mailboxes: {places}. Name the database and the mailbox GUID.")
        else:
            work.failures.append(f"'{identity}' is in none of the databases that were read.")
    return list(found.values())


def selected(session: engine.Tally, held: list[Held], options: t.Mapping[str, t.Any]) -> list[Held]:
    if options["selection"] == "all":
        return held
    if options["selection"] == "disconnected":
        return [one for one in held if one.row["disconnect_reason"]]
    known = in_directory(session, options) if held else set()
    return [one for one in held if one.key[0] not in known]


def in_directory(session: engine.Tally, options: t.Mapping[str, t.Any]) -> set[str]:
    """The GUIDs of all mailboxes and archives of Active Directory, also of those that Exchange keeps for itself.

    The database does not count: while a mailbox is moved two databases hold it, and neither copy is one that Active Directory has forgotten.
    """
    found: set[str] = set()
    wanted = ("ExchangeGuid", "ArchiveGuid")
    for switch in (None, *SPECIAL):
        parameters = {"ResultSize": "Unlimited"} | common(options) | ({switch: True} if switch else {})
        try:
            answer = session.invoke("Get-Mailbox", parameters, properties=wanted)
        except (BadParameter, CommandMissing):
            if switch is None:
                raise
            continue  # a server without the switch has no such mailboxes
        if answer.truncated:
            raise Truncated("the list of mailboxes is incomplete, so which have no mailbox in Active Directory is not known", target=session.target)
        found.update(str(one.get(name)).casefold() for one in answer.output for name in wanted)
    return found


def update(session: engine.Tally, work: Work) -> None:
    """One call for each mailbox.  A mailbox that fails does not stop the others; only the end of the session, or a missing cmdlet, does."""
    for one in work.chosen:
        try:
            session.invoke(UPDATE, {"Database": one.row["database"], "Identity": str(one.row["mailbox_guid"]), "Confirm": False})
        except CommandMissing as error:
            error.advice = "Update-StoreMailboxState exists since Exchange Server 2013, and its management role must hold it; 2010 has Clean-MailboxDatabase"
            raise
        except SessionError as error:
            one.status, one.error, work.fatal = "unknown", str(error), error
            return
        except HybridError as error:
            one.status, one.error, work.fatal = "failed", str(error), work.fatal or error
            continue
        one.status = "updated"


def look_again(session: engine.Tally, options: t.Mapping[str, t.Any], work: Work) -> None:
    """What the databases say now.  Not knowing it does not undo what was done, so it is a warning."""
    for database in dict.fromkeys(str(one.row["database"]) for one in work.chosen if one.status == "updated"):
        try:
            rows = statistics.listed(session, {"Database": database} | common(options), _COLUMNS)
        except HybridError as error:
            session.warnings.append(f"The states were updated, but how database {database} sees them now could not be read: {error}")
            continue
        now = {Held(row).key: row for row in rows}
        for one in work.chosen:
            if one.status == "updated" and one.key in now:
                one.after = {name: now[one.key][name] for name in _STATE}
