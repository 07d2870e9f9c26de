# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the rule of nouns does not know of migration batches: a file of users, and states that they reach by themselves, in hours.

A batch that is on its way to what the task wants is left alone.  Sources: Microsoft's references of New-, Set-, Start-, Stop-, Complete- and
Remove-MigrationBatch, and of MigrationBatchStatus.
"""

from __future__ import annotations

import csv
import dataclasses
import datetime
import io
import time
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, NotApplied, TimedOut, Truncated, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Attribute, Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.resources import Options
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import migration, online
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource, common

IDLE = ("created", "stopped", "failed")
RUNNING = ("starting", "validating", "queued", "waiting", "syncing", "incremental_syncing")
READY = ("synced", "synced_with_errors")
ENDED = ("completed", "completed_with_errors")
WITH_FAILED = ("synced_with_errors", "completed_with_errors")
COMPLETING, STOPPING, REMOVING = "completing", "stopping", "removing"
FINAL = {"started": (*READY, *ENDED, "failed"), "completed": (*ENDED, "failed"), "stopped": ("stopped", "created", "failed")}
"""The statuses in which a batch that shall reach a state does not go on by itself."""

_FILE = values.Codec(values.text, dump=lambda value: str.__str__(value).encode())
_MOMENT = dataclasses.replace(values.CODECS["timestamp"], clearable=False)
_WORD = values.Codec(migration.word)
ONCE = "It is set when the batch is made"
FIELDS = (
    Field("csv", read="", write="CSVData", codec=_FILE),
    *(Field(name, codec="name", immutable=True, instead=ONCE) for name in ("source_endpoint", "target_endpoint", "target_delivery_domain")),
    *(Field(name, immutable=True, instead=ONCE) for name in ("target_databases", "target_archive_databases")),
    *(Field(name, read="") for name in ("local", "primary_only", "archive_only", "allow_unknown_columns_in_csv", "disallow_existing_users", "time_zone")),
    *(Field(name, codec="count") for name in ("bad_item_limit", "large_item_limit")),
    *(Field(name, read=f"{name}_utc", codec=_MOMENT) for name in ("complete_after", "start_after")),
)
CREATE_WITH = tuple(
    """
    csv local source_endpoint target_endpoint target_delivery_domain target_databases target_archive_databases primary_only archive_only
    complete_after start_after notification_emails move_options skip_moving skip_merging allow_unknown_columns_in_csv
    disallow_existing_users time_zone
    """.split()
)
"""What New-MigrationBatch takes for each kind of batch; by the reference's syntax the limits are not among it, so they are set right after."""
INSTRUCTIONS = ("state", "users", "wait", "wait_timeout", "approve_skipped_items", "retry_failed", "force")
_COUNTS = ("total_count", "synced_count", "finalized_count", "failed_count")


def users_file(users: t.Iterable[str]) -> str:
    """The file of a batch: a header, and an address in each line."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["EmailAddress"])
    writer.writerows([one] for one in users)
    return text.getvalue()


@dataclasses.dataclass(frozen=True)
class Move:
    """What brings a batch to a state: the status that it gets, and the verbs of the cmdlets in order.  ``now`` lets it complete as soon as it can."""

    status: str
    verbs: tuple[str, ...]
    now: bool = False


def move(goal: str, status: str, ends: str | None, scheduled: bool) -> Move | None:
    """None where the batch is there, or on its way.

    ``ends`` is when it completes by itself, ``scheduled`` whether the task says when that shall be.  Raises UsageError where there is no way.
    """
    if goal == "created" or status in ({"completed": (COMPLETING, *ENDED), "stopped": (STOPPING, *IDLE)}.get(goal) or (*RUNNING, *READY, COMPLETING, *ENDED)):
        return None
    if status in (STOPPING, REMOVING) or (goal == "stopped" and status in ENDED) or status == "corrupted":
        advice = "Run the task again when it has stopped" if status == STOPPING else "Remove it and make it anew" if status == "corrupted" else ""
        raise UsageError(f"the batch is {status.replace('_', ' ')}, and cannot be {goal}", advice=advice)
    if goal == "stopped":
        return Move(STOPPING, ("Stop",))
    if goal == "started":
        return Move("starting", ("Start",))
    due = ends is not None and ends <= _now()
    if status in READY:
        return None if scheduled else Move(COMPLETING, ("Complete",))
    if status in IDLE:
        return Move(COMPLETING, ("Start",), now=not (scheduled or due))
    return None if scheduled or due else Move(COMPLETING, (), now=True)


def _now() -> str:
    return values.timestamp(datetime.datetime.now(datetime.UTC)) or ""


class MigrationBatch(CmdletResource):
    """A batch.  ``status`` is compared like an option, but only where the state that is wanted takes a cmdlet."""

    facts = ("batch_guid", *_COUNTS)
    needed = ()

    def __init__(self, noun: str, attributes: dict[str, Attribute], key: str | None, create_with: t.Collection[str]) -> None:
        super().__init__(noun, attributes, key, create_with)
        self.attributes = {**attributes, "status": Attribute("status", "status", "", "own", _WORD, False, False)}

    def properties(self) -> list[str]:
        return sorted({*super().properties(), "identity"})

    def naming(self, found: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        return {"name": next(values.text(value) for name, value in found.items() if values.fold(name) == "identity")}

    def pinned(self, options: Options, state: plan.State | None) -> Options:
        return options  # a batch keeps its name

    def fetch(self, session: Session, options: Options) -> dict[str, t.Any] | None:
        """Out of the list of all: what the service says of a batch that is not there is no class of its own.  One that is being removed is gone."""
        cmdlet = f"Get-{self.noun}"
        answer = session.invoke(cmdlet, common(options), properties=self._needed_properties)
        if answer.truncated:
            raise Truncated(f"the list that should show {self.label(options)} is incomplete", cmdlet=cmdlet, target=session.target)
        wanted = str(options["name"]).casefold()
        found = next((one for one in answer.output if self.naming(one)["name"].casefold() == wanted), None)
        removing = found is not None and options.get("state") == "absent" and self.state(found).get("status") == REMOVING
        return None if removing else found

    def wanted(self, session: Session, options: Options, current: plan.State | None) -> plan.State:
        if options.get("retry_failed") and (current or {}).get("status") == "completed_with_errors" and not online.is_online(session):
            advice = "Remove the batch, and make a new one of the users that are left"
            raise UsageError(f"{self.label(options)} is completed, and servers do not try users again that failed in it", target=session.target, advice=advice)
        given = dict(options)
        if options.get("users") is not None:
            given["csv"] = users_file(options["users"])
        wanted = super().wanted(session, given, current)
        if current is None:
            return wanted
        step = self._step(options, current)
        return wanted | ({"status": step.status} if step else {})

    @staticmethod
    def _step(options: Options, current: plan.State) -> Move | None:
        if options.get("retry_failed") and current["status"] in WITH_FAILED:
            return Move("starting", ("Start",))
        return move(options["state"], current["status"] or "", current.get("complete_after"), options.get("complete_after") is not None)

    def create(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        if "csv" not in todo.changes:
            raise UsageError(f"{self.label(options)} does not exist, and users or csv is needed to create it")
        if not any(options.get(name) for name in ("source_endpoint", "target_endpoint", "local")):
            raise UsageError(f"{self.label(options)} does not exist, and source_endpoint, target_endpoint or local is needed to create it")
        (call,) = super().create(todo, options, found)
        for name in [name for name, value in call.parameters.items() if value is False and name != "Confirm"]:
            del call.parameters[name]  # switches of other kinds of batches
        if options["state"] in ("started", "completed"):
            call.parameters["AutoStart"] = True
        if options["state"] == "completed":
            call.parameters.setdefault("CompleteAfter", _now())
        return [call]

    def calls(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        if todo.action == "delete":
            call = self.call("Remove", options, self.identity(options))
            return [dataclasses.replace(call, parameters=call.parameters | ({"Force": True} if options.get("force") else {}))]
        if todo.action == "create":
            return self.create(todo, options, found)
        changes = {name: change for name, change in todo.changes.items() if name != "status"}
        step = self._step(options, found.state or {}) if "status" in todo.changes else None
        parameters = self.dump(changes) | ({"CompleteAfter": _now()} if step and step.now else {})
        made = [self.call("Set", options, self.identity(options) | parameters)] if parameters else []
        if step and options.get("approve_skipped_items") and (found.state or {})["status"] == "synced_with_errors":
            made.append(self.call("Set", options, self.identity(options) | {"ApproveSkippedItems": True}))
        return [*made, *(self.call(verb, options, self.identity(options)) for verb in (step.verbs if step else ()))]


@dataclasses.dataclass(frozen=True)
class MigrationBatchModule(CmdletModule):
    """A batch, and on request the time until it does not go on by itself.  ``pause`` is in seconds between two looks at it."""

    pause: float = 15.0

    def present(self, options: Options) -> bool:
        return options.get("state") != "absent"

    def check(self, options: Options) -> None:
        super().check(options)
        if options.get("users") is not None and not (options["users"] and all(str(one).strip() for one in options["users"])):
            raise UsageError("users is empty, or has an empty member")
        if options.get("retry_failed") and options.get("state") != "started":
            raise UsageError("retry_failed goes with state: started")
        if options.get("wait") and options.get("state") in ("created", "absent"):
            raise UsageError(f"there is nothing to wait for in state {options['state']}")

    def execute(self, session: engine.Tally, task: Task) -> Result:
        result = super().execute(session, task)
        if task.options.get("wait") and not task.check_mode:
            result["resource"] = {"name": task.options["name"]} | self._waited(session, task)
        return result

    def _waited(self, session: engine.Tally, task: Task) -> plan.State:
        """The batch in a status that it does not leave by itself.  Raises NotApplied for one that failed, TimedOut."""
        options, resource = task.options, t.cast(MigrationBatch, self.resource())
        end = time.monotonic() + options["wait_timeout"]
        while True:
            state = resource.read(session, options).state
            if state is None:
                raise HybridError(f"{resource.label(options)} went while its end was waited for", target=session.target)
            status = str(state["status"])
            if status in FINAL[options["state"]]:
                break
            if time.monotonic() >= end:
                text = f"{resource.label(options)} is {status} after {options['wait_timeout']} seconds"
                raise TimedOut(f"{text}; {_progress(state)}", target=session.target, advice="It goes on by itself; run the task again, or raise wait_timeout")
            task.surroundings.say(f"{resource.label(options)}: {status}, {_progress(state)}")
            time.sleep(self.pause)
        if status == "failed" or (options["state"] == "completed" and status == "completed_with_errors"):
            advice = "exchange_migration_batch_info and Get-MigrationUser show which users failed, and why"
            raise NotApplied(f"{resource.label(options)} is {status}; {_progress(state)}", target=session.target, advice=advice)
        return state


def _progress(state: plan.State) -> str:
    found = {name: state.get(name) for name in _COUNTS}
    return f"of {found['total_count']} users {found['synced_count']} are synchronised, {found['finalized_count']} completed, {found['failed_count']} failed"
