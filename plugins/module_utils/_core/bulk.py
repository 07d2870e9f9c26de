# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many objects of one kind: planned one by one over one list read, written over several sessions, one outcome for each.

Pure orchestration: nothing here talks but through the sessions of the engine's tally.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import threading
import time
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, parallel, plan
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import (
    HybridError,
    MissingLibrary,
    NotApplied,
    SessionLimit,
    SessionLost,
    Unreachable,
    UsageError,
)
from ansible_collections.m365.hybrid.plugins.module_utils._core.resources import Overview, ResourceModule
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session

DONE = {"create": "created", "update": "updated", "delete": "deleted", "nothing": "unchanged"}
WORDS = (*DONE.values(), "failed", "skipped")
WHILE_WORKING = 100
"""So many changed objects are looked at together while others are worked on, so that the result file follows the work."""
TOGETHER = 10
"""From so many changed objects on, those that are left in the end are looked at by reads of many rather than one by one."""
ALL = 0.5
"""From this part of all objects on, by one read of all."""
NO_USE_TO_GO_ON = (Unreachable, SessionLimit, MissingLibrary)


@dataclasses.dataclass(frozen=True)
class Order:
    """One entry of the list: its place (from 1), how it names its object, and its validated options."""

    number: int
    name: str
    options: t.Mapping[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What became of one entry.  ``word`` is one of `WORDS`; ``skipped`` means that it was not begun."""

    number: int
    name: str
    word: str
    diff: t.Mapping[str, t.Any] | None = None
    error: HybridError | None = None
    perhaps: t.Mapping[str, t.Any] | None = None
    """The diff of a change that failed after a part of it was, or may have been, done."""

    def line(self) -> dict[str, t.Any]:
        """All that is known, as a result file keeps it."""
        return self.brief() | ({"diff": self.diff} if self.diff else {}) | ({"error": self.error.as_result()} if self.error else {})

    def brief(self) -> dict[str, t.Any]:
        wrong = {"msg": str(self.error), "class": type(self.error).__name__} if self.error else {}
        return {"number": self.number, "object": self.name, "outcome": self.word} | wrong


@dataclasses.dataclass(frozen=True)
class Limits:
    """How to work: calls at a time, and how many failures are too many (None: never)."""

    width: int = 1
    max_failures: int | None = None
    check_mode: bool = False
    pauses: t.Sequence[float] = engine.READ_BACK_PAUSES


def defect(error: Exception) -> HybridError:
    """What nobody thought of, as the failure of one entry."""
    return HybridError(f"a defect of the collection: {type(error).__name__}: {error}", advice="Please report it with the entry")


Tell = t.Callable[[Outcome], None]
Watch = t.Callable[[int], None]
"""Told how many changes were sent of which nobody knows yet whether they show."""
Listing = t.Callable[[], t.Optional[Overview]]  # noqa: UP045  (an alias is evaluated where Python 3.9 is linted for)
"""Reads all objects; None where they are read one by one."""


@dataclasses.dataclass(frozen=True)
class _Written:
    """An update that was sent and not yet looked at."""

    order: Order
    options: t.Mapping[str, t.Any]
    todo: plan.Plan
    diff: t.Mapping[str, t.Any]


class Run:
    """Works on a list of orders.  ``tell`` gets every outcome as it is known, one at a time; ``watch`` is called a few times a second."""

    def __init__(self, module: ResourceModule, session: engine.Tally, listing: Listing, limits: Limits, tell: Tell, watch: Watch) -> None:
        self._module, self._session, self._listing, self._limits = module, session, listing, limits
        self._tell = tell
        self._watch: parallel.Watch = lambda: watch(len(self._written) + len(self._late))
        self._claimed: dict[tuple[str, ...], int] = {}
        self._lock = threading.Lock()
        self._failures = 0
        self._written: list[_Written] = []
        self._late: list[_Written] = []
        self._open: dict[int, _Written] = {}
        self._look_at: float = WHILE_WORKING
        self._overview = parallel.beside(listing, self._watch)
        self.stopped: HybridError | None = None
        """Why entries were skipped."""

    def refuse_doubles(self, orders: t.Sequence[Order]) -> None:
        """Raises UsageError when two entries mean one object: which of them would win is a matter of chance."""
        seen: dict[tuple[str, ...], Order] = {}
        for order in orders:
            named, *rest = self._module.subject(order.options)
            surest = self._overview.handle(order.options) if self._overview else None
            for name in dict.fromkeys((named.casefold(), surest or named.casefold())):
                other = seen.setdefault((name, *(one.casefold() for one in rest)), order)
                if other is not order:
                    raise UsageError(
                        f"entries {other.number} ('{other.name}') and {order.number} ('{order.name}') are the same object",
                        advice="Write one entry for it; nothing was changed",
                    )

    def work(self, orders: t.Sequence[Order]) -> None:
        """Look at every entry's object and bring it to the wanted state; then look at what was changed."""
        lanes: dict[t.Hashable, list[Order]] = {}
        for lane, order in zip(self._module.lanes([order.options for order in orders]), orders, strict=True):
            lanes.setdefault(lane, []).append(order)
        try:
            self._in_parallel(list(lanes.values()), self._one_by_one)
            self._verify()
        except BaseException:  # a defect, or the end of the task's time
            for one in list(self._open.values()):
                self.fail(one.order, HybridError("the change was sent, but the run ended before anybody looked whether it shows"), one.diff)
            raise

    def _in_parallel(self, jobs: t.Sequence[t.Any], work: t.Callable[[engine.Resource, engine.Tally, t.Any], None]) -> None:
        """The jobs over several sessions; a resource keeps nothing that another thread sees."""

        def worker(session: engine.Tally) -> t.Callable[[t.Any], None]:
            return functools.partial(work, self._module.resource(), session)

        left, broken = parallel.work_off(self._session, jobs, self._limits.width, worker, self._watch)
        for job in left:
            self.stopped = self.stopped or broken
            self._leave(job)

    def _leave(self, job: t.Any) -> None:
        """A job that no thread took."""
        if isinstance(job, list):
            for order in job:
                self._say(order, "skipped")
        elif self.stopped:
            self.fail(job.order, self.stopped, job.diff)  # its change was sent, but nobody could look whether it shows

    # one object

    def _one_by_one(self, resource: engine.Resource, session: engine.Tally, lane: list[Order]) -> None:
        """Each as the one before left it: what one may do can depend on what became of the other."""
        for order in lane:
            self._one(resource, session, order)

    def _one(self, resource: engine.Resource, session: engine.Tally, order: Order) -> None:
        if self.stopped:
            self._say(order, "skipped")
            return
        try:
            outcome = self._converge(resource, session, order)
        except HybridError as error:
            perhaps = error.planned
            self.fail(order, error.about(resource.label(order.options), session.target) if isinstance(error, NotApplied) else error, perhaps)
            return
        except Exception as error:  # a defect that one object shows must not stop the others
            self.fail(order, defect(error), getattr(error, "planned", None))
            return
        except BaseException as error:  # the end of the task's time
            if perhaps := getattr(error, "planned", None):
                self.fail(order, HybridError("the run ended after the change was sent"), perhaps)
            raise
        if outcome:
            self._say(order, *outcome)

    def _converge(self, resource: engine.Resource, session: engine.Tally, order: Order) -> tuple[str, t.Mapping[str, t.Any] | None] | None:
        """What became of the object; None where that is not known yet."""
        present = self._module.present(order.options)
        found, todo = engine.look(resource, self._reading(session), order.options, present)
        self._claim(order, resource.pinned(order.options, found.state))
        calls = engine.planned(resource, session, todo, order.options, found)
        diff = todo.diff(resource.label(order.options)) if todo.action != "nothing" else None
        if calls and not self._limits.check_mode:
            pinned = resource.pinned(order.options, found.state)
            with engine.carrying_out(todo, resource.label(order.options), session):
                self._carry_out(resource, session, pinned, present, calls)
                if self._module.in_order:
                    self._overview = None  # what was written may have moved the others
                if todo.action == "update" and self._overview:
                    self._look_later(resource, session, _Written(order, pinned, todo, diff or {}))
                    return None
                state = engine.settle(resource, session, pinned, todo, self._limits.pauses)
                self._claim(order, resource.pinned(order.options, state))  # a new object answers to more names than the one it was made with
        return DONE[todo.action], diff

    def _claim(self, order: Order, pinned: t.Mapping[str, t.Any]) -> None:
        """Two entries may name one object by different names: the first one has it."""
        subject = tuple(name.casefold() for name in self._module.subject(pinned))
        with self._lock:
            first = self._claimed.setdefault(subject, order.number)
        if first != order.number:
            raise UsageError(f"'{order.name}' is the same object as in entry {first}", advice="Write one entry for it")

    def _reading(self, session: Session) -> Session:
        return self._overview.over(session) if self._overview else session

    def _carry_out(self, resource: engine.Resource, session: engine.Tally, options: t.Mapping[str, t.Any], present: bool, calls: list[engine.Call]) -> None:
        """Send the calls.  When the session is lost under one, look what became of it and send only what is still needed, once.

        What cannot be read (a password) no look can tell: its resource wants it until a call that carried it has succeeded.  A new object that
        does not show behind a wire where that takes its time may be there all the same, and a second one could have the same name.
        """
        try:
            engine.carry_out(resource, session, calls)
        except SessionLost:
            found, left = engine.look(resource, session, options, present)
            waiting = list(self._limits.pauses) if session.wire in engine.LATE else []
            while left.action == "create" and waiting:
                time.sleep(waiting.pop(0))
                found, left = engine.look(resource, session, options, present)
            if left.action == "create" and session.wire in engine.LATE:
                raise
            engine.carry_out(resource, session, engine.planned(resource, session, left, options, found))

    # what was changed

    def _look_later(self, resource: engine.Resource, session: engine.Tally, one: _Written) -> None:
        """Together with others: so many at a time, and once more in the end for those that do not show their change yet."""
        with self._lock:
            self._open[one.order.number] = one
            self._written.append(one)
            if not self._overview or len(self._written) < self._look_at:
                return
            written, self._written = self._written, []
        try:
            shown = self._overview.some(session, [each.options for each in written])
        except HybridError:
            shown = None  # at the end of the run there is another look, which says what is wrong
        late = [each for each in written if shown is None or not self._settled(resource, session, shown, each)]
        with self._lock:
            self._look_at = math.inf if shown is None else self._look_at
            self._late += late

    def _verify(self) -> None:
        """Look at the updated objects that nobody has seen yet, all together where they are many, then one by one."""
        written, self._late, self._written = [*self._late, *self._written], [], []
        shown = self._looked_at(written) if written and len(written) >= min(TOGETHER, ALL * len(self._overview or ())) else None
        resource = self._module.resource()
        unsettled = [one for one in written if shown is None or not self._settled(resource, self._session, shown, one)]
        self._in_parallel(unsettled, self._settle)

    def _looked_at(self, written: list[_Written]) -> Overview | None:
        """None where no such read is possible: each object is read by itself then, and says what is wrong."""
        try:
            few = self._overview and len(written) < ALL * len(self._overview)
            some = self._overview.some(self._session, [one.options for one in written]) if self._overview and few else None
            return some or parallel.beside(self._listing, self._watch)
        except HybridError:
            return None

    def _settled(self, resource: engine.Resource, session: engine.Tally, listed: Overview, one: _Written) -> bool:
        try:
            _found, left = engine.look(resource, listed.over(session), one.options, True)
        except HybridError:
            return False  # looked at by itself, it says what is wrong
        if left.action == "nothing":
            self._say(one.order, DONE[one.todo.action], one.diff)
        return left.action == "nothing"

    def _settle(self, resource: engine.Resource, session: engine.Tally, one: _Written) -> None:
        try:
            engine.settle(resource, session, one.options, one.todo, self._limits.pauses)
        except NotApplied as error:
            self.fail(one.order, error.about(resource.label(one.order.options), session.target), one.diff)
        except HybridError as error:
            self.fail(one.order, error, one.diff)
        else:
            self._say(one.order, DONE[one.todo.action], one.diff)

    # outcomes

    def fail(self, order: Order, error: HybridError, perhaps: t.Mapping[str, t.Any] | None = None) -> None:
        self._say(order, "failed", error=self._module.explained(error), perhaps=perhaps)
        with self._lock:
            self._failures += 1
            limit = self._limits.max_failures
            if isinstance(error, NO_USE_TO_GO_ON):
                self.stopped = self.stopped or error
            elif limit is not None and self._failures > limit:
                self.stopped = self.stopped or UsageError(f"more than {limit} objects failed, as many as max_failures allows")

    def _say(
        self,
        order: Order,
        word: str,
        diff: t.Mapping[str, t.Any] | None = None,
        error: HybridError | None = None,
        perhaps: t.Mapping[str, t.Any] | None = None,
    ) -> None:
        with self._lock:
            self._open.pop(order.number, None)
            self._tell(Outcome(order.number, order.name, word, diff, error, perhaps))
