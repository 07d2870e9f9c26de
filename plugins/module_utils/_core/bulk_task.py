# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task around a bulk run: the list and what is wrong with it, how far the run is, what the result says."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import time
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import bulk, censor, engine, parallel, record, resources
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Loader, Module, Result, Sink, Task

LISTED_FROM = 20
"""From so many entries on, one read of all objects is taken to be quicker than one for each."""

DIFFS = 100
"""So many objects' diffs are shown; the result file has all."""

SECONDS = 5.0
"""Between two lines of progress."""


@dataclasses.dataclass(frozen=True)
class BulkModule(Module):
    """Brings many objects of one resource module, ``target``, to their wanted state."""

    target: resources.ResourceModule | None = None
    pauses: t.Sequence[float] | None = None
    seconds: float = SECONDS
    stays_in_worker: t.ClassVar[bool] = True

    def bound(self, arguments: t.Mapping[str, t.Any], load: Loader) -> Module:
        if not arguments.get("module"):
            return self  # validation says what is missing
        target = resources.resource_module(arguments["module"], load)
        return dataclasses.replace(self, target=target, wires=target.wires)

    def hidden(self, arguments: t.Mapping[str, t.Any]) -> set[str]:
        found = super().hidden(arguments)
        if self.target:
            spec = self.target.argument_spec()
            telling = {name: row for name, row in spec.items() if row.get("no_log") or row.get("type") == "dict"}
            entries = (censor.as_dict(arguments.get("defaults")), *_listed(arguments.get("objects")))
            found.update(secret for entry in entries if isinstance(entry, t.Mapping) for secret in censor.of_options(telling, entry))
        return found

    def shown(self, options: t.Mapping[str, t.Any]) -> Result:
        """The lists are the user's own and may be long and hold secrets, so only their length is shown."""
        return {name: f"{len(value)} entries" if name in ("objects", "defaults") and value else value for name, value in options.items()}

    @property
    def resource(self) -> resources.ResourceModule:
        """The module whose objects these are.  Raises UsageError where nobody could look for it."""
        if self.target is None:
            raise UsageError(f"{self.docs.module} was started without its surroundings", advice="Run it without async, on any host")
        return self.target

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        _target = self.resource
        for name, least in (("parallel", 1), ("max_failures", 0)):
            if options.get(name) is not None and options[name] < least:
                raise UsageError(f"{name} is {options[name]}; it must be {least} or more")

    def execute(self, session: engine.Tally, task: Task) -> Result:
        with contextlib.ExitStack() as stack:
            path = task.options["result_file"]
            report = Report(task, stack.enter_context(task.surroundings.keep(path)) if path else None, self.docs.module, self.seconds, session.target)
            stopped = self._work(session, task, report)
        return report.result(session.wrote, stopped)

    def record(self, diff: t.Any, failed: bool, tally: engine.Tally, task: Task) -> None:
        """Nothing is left to note: each object was, when its outcome was known."""

    def _work(self, session: engine.Tally, task: Task, report: Report) -> HybridError | None:
        """Do it; the reason why entries were skipped, if any were."""
        orders, wrong = self._orders(task.options)
        listed = task.options["read"] == "list" or (task.options["read"] == "auto" and len(orders) >= LISTED_FROM)
        target, defaults = self.resource, task.options["defaults"] or {}
        used = _used(target, orders)
        width = parallel.width(session, task.options["parallel"])
        pauses = engine.LATE.get(session.wire, engine.READ_BACK_PAUSES) if self.pauses is None else self.pauses
        limits = bulk.Limits(width, task.options["max_failures"], task.check_mode, pauses)
        run = bulk.Run(target, session, lambda: target.overview(session, defaults, used) if listed else None, limits, report.tell, report.watch)
        run.refuse_doubles(orders)
        for order, error in wrong:
            run.fail(order, error)
        run.work(orders)
        return run.stopped

    def _orders(self, options: t.Mapping[str, t.Any]) -> tuple[list[bulk.Order], list[tuple[bulk.Order, HybridError]]]:
        """The list's entries, validated, and those that are wrong with the reason."""
        good: list[bulk.Order] = []
        wrong: list[tuple[bulk.Order, HybridError]] = []
        for number, entry in enumerate(options["objects"], 1):
            try:
                if not isinstance(entry, t.Mapping):
                    raise UsageError(f"entry {number} is not a dictionary of options")
                found = self.resource.validate({**(options["defaults"] or {}), **entry})
                self.resource.check(found)
                good.append(bulk.Order(number, resources.label(self.resource.subject(found)), found))
            except HybridError as error:
                wrong.append((bulk.Order(number, _name(self.resource, entry), {}), error))
            except Exception as error:  # a defect that one entry shows must not stop the others
                wrong.append((bulk.Order(number, _name(self.resource, entry), {}), bulk.defect(error)))
        return good, wrong


def _used(target: resources.ResourceModule, orders: t.Iterable[bulk.Order]) -> frozenset[str] | None:
    """The options that any entry sets; None where an object is to be removed, because all that is known of it is shown then."""
    found: set[str] = set()
    for order in orders:
        if not target.present(order.options):
            return None
        found.update(name for name, value in order.options.items() if value is not None)
    return frozenset(found)


def _listed(value: t.Any) -> t.Sequence[t.Any]:
    return value if isinstance(value, (list, tuple)) else ()


def _name(target: resources.ResourceModule, entry: t.Any) -> str:
    """What a wrong entry seems to be about."""
    try:
        return resources.label(target.subject(entry)) or "?"
    except (KeyError, TypeError, AttributeError):  # what names the object is missing, or the entry is no dictionary
        return "?"


class Report:
    """Counts outcomes, passes them to a result file, and shows how far the run is."""

    def __init__(self, task: Task, sink: Sink | None, module: str, seconds: float = SECONDS, target: str | None = None) -> None:
        self._task, self._sink, self._seconds, self._target = task, sink, seconds, target
        self._about = f"{module} {str(task.options['module']).rpartition('.')[2]}"
        self._total = len(task.options["objects"])
        self._counts: collections.Counter[str] = collections.Counter()
        self._outcomes: list[bulk.Outcome] = []
        self._began = self._said = time.monotonic()

    def tell(self, outcome: bulk.Outcome) -> None:
        if not self._outcomes:
            self._began = time.monotonic()  # the list read before it says nothing about the rest
        self._counts[outcome.word] += 1
        if self._sink:
            self._sink(outcome.line())
        self._record(outcome)
        self._outcomes.append(dataclasses.replace(outcome, diff=outcome.diff if self._task.diff else None, perhaps=None))

    def _record(self, outcome: bulk.Outcome) -> None:
        """Note what became of an object that was, or may have been, changed."""
        if outcome.word in ("created", "updated", "deleted") or outcome.perhaps is not None:
            found = record.change(outcome.perhaps or outcome.diff, outcome.name)
            found = record.unproven(found) if outcome.error else found
            module = f"m365.hybrid.{str(self._task.options['module']).rpartition('.')[2]}"
            self._task.surroundings.record(found | {"module": module, "target": self._target, "check_mode": self._task.check_mode})

    def watch(self, written: int) -> None:
        """Say how far the run is, every few seconds; ``written`` are changes that were sent and are not looked at yet."""
        now = time.monotonic()
        if now - self._said >= self._seconds:
            self._said = now
            self._task.surroundings.say(f"{self._about}: {self._progress(now - self._began, written)}")

    def _progress(self, seconds: float, written: int) -> str:
        known = len(self._outcomes)
        if not known + written:
            return f"reading what there is of {self._total:,} objects"
        words = [self._words()] if known else []
        words += [f"{written:,} written and to be looked at"] if written else []
        words += [f"about {seconds / known * (self._total - known):.0f} s left"] if known and seconds > self._seconds else []
        return f"{known:,} of {self._total:,} done, {', '.join(words)}"

    def _words(self) -> str:
        return ", ".join(f"{self._counts[word]:,} {word}" for word in bulk.WORDS if self._counts[word]) or "nothing to do"

    def result(self, wrote: bool, stopped: HybridError | None) -> Result:
        outcomes = sorted(self._outcomes, key=lambda one: one.number)
        changed = wrote or any(self._counts[word] for word in ("created", "updated", "deleted"))
        found: Result = {
            "changed": changed,
            "msg": f"{self._total:,} objects: {self._words()}.",
            "counts": {word: self._counts[word] for word in bulk.WORDS},
            "outcomes": [one.brief() for one in outcomes],
            "diff": self._diff(outcomes),
        }
        errors = [one for one in outcomes if one.error]
        if errors or stopped:
            found |= {"failed": True, "msg": found["msg"] + self._reason(errors, stopped)}
            found["error"] = (errors[0].error or HybridError("")).as_result() if errors else {}
        return found

    @staticmethod
    def _reason(errors: list[bulk.Outcome], stopped: HybridError | None) -> str:
        first = f" The first failure is entry {errors[0].number}, '{errors[0].name}': {errors[0].error}" if errors else ""
        return first + (f" The run was ended early: {stopped}" if stopped else "")

    @staticmethod
    def _diff(outcomes: list[bulk.Outcome]) -> list[t.Mapping[str, t.Any]]:
        diffs = [one.diff for one in outcomes if one.diff]
        rest = len(diffs) - DIFFS
        return diffs[:DIFFS] + ([{"prepared": f"... and {rest:,} more objects that change\n"}] if rest > 0 else [])
