# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read, plan, apply, read back: the same for every resource, for one object or for thousands."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import functools
import threading
import time
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import plan as planning
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import (
    HybridError,
    NotApplied,
    SessionLost,
    TimedOut,
    Truncated,
    UsageError,
    WriteInCheckMode,
)
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Attribute
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import (
    Answer,
    DirectorySession,
    Divisible,
    Modification,
    Paged,
    RestSession,
    Session,
    Values,
)

READING_VERBS = ("Get", "Test", "Search", "Find", "Compare", "Resolve", "Select")
WRITING_DESPITE_THEIR_VERB = {
    "search-mailbox": "-DeleteContent deletes messages, -TargetMailbox copies them",
    "test-mailflow": "sends messages",
    "test-csim": "sends messages between users",
    "test-csgroupim": "holds a conference",
    "test-csavconference": "holds a conference",
}
READ_BACK_PAUSES = (0.0, 0.5, 1.0, 2.0, 4.0)
"""Seconds before each read-back: what was written through one domain controller may be read from another."""
LATE = {"exchange_online": (*READ_BACK_PAUSES, 8.0, 15.0, 30.0), "graph": (*READ_BACK_PAUSES, 8.0, 8.0)}
"""The same for wires behind which a new object may take a minute to be seen everywhere."""


@dataclasses.dataclass(frozen=True)
class Call:
    """One cmdlet with its parameters."""

    cmdlet: str
    parameters: dict[str, t.Any]

    def send(self, session: Tally) -> Answer:
        """Make the call.  Raises `HybridError`."""
        return session.invoke(self.cmdlet, self.parameters)


@dataclasses.dataclass(frozen=True)
class Reading:
    """What a read found: the object's readable state, or None when the server proved it absent.

    ``background`` is whatever else the read learnt that the calls need, for example the account for which a mailbox is missing.
    """

    state: planning.State | None
    background: t.Any = None


class Resource(t.Protocol):
    """What a service must say about a kind of object so that the engine can manage it.  Nothing here but ``read`` and ``wanted`` talks."""

    attributes: dict[str, Attribute]

    def label(self, options: t.Mapping[str, t.Any]) -> str:
        """How messages and diffs name the object."""

    def read(self, session: t.Any, options: t.Mapping[str, t.Any]) -> Reading:
        """The object as it is.  Every doubt is an error.  ``session`` is a `Session`, or a `RestSession` where the service is one."""

    def wanted(self, session: t.Any, options: t.Mapping[str, t.Any], current: planning.State | None) -> planning.State:
        """What the user wants, references resolved to the names under which the server shows them."""

    def admit(self, session: t.Any, options: t.Mapping[str, t.Any]) -> None:
        """Refuse, before anything is sent, what this target does not have.  Raises UsageError."""

    def permit(self, session: t.Any, calls: t.Iterable[Call]) -> None:
        """Refuse, in check mode too, calls that this target does not have.  Raises UsageError."""

    def calls(self, plan: planning.Plan, options: t.Mapping[str, t.Any], found: Reading) -> list[Call]:
        """The calls that carry the plan out, in order."""

    def pinned(self, options: t.Mapping[str, t.Any], state: planning.State | None) -> t.Mapping[str, t.Any]:
        """The options with the object named so that it is found again even if its name changes."""

    def explain(self, error: HybridError, call: Call) -> HybridError:
        """The error of a failed call, with what the service knows about it."""


def reads(cmdlet: str) -> bool:
    """Whether a cmdlet surely changes nothing."""
    return cmdlet.partition("-")[0].capitalize() in READING_VERBS and cmdlet.lower() not in WRITING_DESPITE_THEIR_VERB


class Tally:
    """A session that counts its calls and knows whether it wrote; in check mode it lets nothing but reading verbs pass."""

    def __init__(self, session: Session, check_mode: bool = False) -> None:
        self._session, self._check_mode = session, check_mode
        self.target, self.wire, self.endpoint = session.target, session.wire, session.endpoint
        self.calls: collections.Counter[str] = collections.Counter()
        self.warnings: list[str] = []
        self.wrote = False
        self._adding = threading.Lock()

    def invoke(self, cmdlet: str, parameters: t.Mapping[str, t.Any] | None = None, *, properties: t.Collection[str] | None = None) -> Answer:
        return self._counted(cmdlet, not reads(cmdlet), lambda: self._session.invoke(cmdlet, parameters, properties=properties))

    def request(self, method: str, path: str, body: t.Any = None, *, eventual: bool = False) -> Answer:
        """One request to a REST service; only GET surely changes nothing."""
        session = t.cast(RestSession, self._session)
        name = f"{method} {getattr(path, 'template', path)}"
        return self._counted(name, method != "GET", lambda: session.request(method, path, body, eventual=eventual))

    def query(self, path: str, body: t.Any) -> Answer:
        """Ask a REST service for a search that it does in the background: a POST that changes nothing but the service's list of searches."""
        session = t.cast(RestSession, self._session)
        return self._counted(f"POST {getattr(path, 'template', path)}", False, lambda: session.request("POST", path, body))

    def pages(self, path: str, *, eventual: bool = False) -> t.Iterator[list[t.Any]]:
        """The members of a list at a REST service, page by page; all at once where the session knows no pages.  Raises a `HybridError`."""
        session, seen, more = self._session, set[str](), t.cast(str | None, path)
        if not isinstance(session, Paged):
            yield self.request("GET", path, eventual=eventual).output
            return
        name, count = f"GET {getattr(path, 'template', path)}", 0
        while more is not None:
            if more in seen:
                raise Truncated(f"the list cannot be read beyond its first {count} objects: its pages go round in circles", cmdlet=name, target=self.target)
            seen.add(more)
            answer = self._counted(name, False, functools.partial(session.page, more, eventual=eventual))
            count += len(answer.output)
            more = answer.more
            yield answer.output

    def search(
        self,
        base: str | None,
        text: str = "(objectClass=*)",
        *,
        scope: str = "subtree",
        attributes: t.Collection[str] = ("*",),
        deleted: bool = False,
        limit: int | None = None,
    ) -> Answer:
        """One operation of a directory, as those below; only a search surely changes nothing."""
        return self._counted("search", False, lambda: self._directory.search(base, text, scope=scope, attributes=attributes, deleted=deleted, limit=limit))

    def add(self, name: str, attributes: t.Mapping[str, Values]) -> Answer:
        return self._counted("add", True, lambda: self._directory.add(name, attributes))

    def modify(self, name: str, changes: t.Sequence[Modification]) -> Answer:
        return self._counted("modify", True, lambda: self._directory.modify(name, changes))

    def delete(self, name: str, *, tree: bool = False) -> Answer:
        return self._counted("delete", True, lambda: self._directory.delete(name, tree=tree))

    def rename(self, name: str, rdn: str, parent: str | None = None) -> Answer:
        return self._counted("rename", True, lambda: self._directory.rename(name, rdn, parent))

    @property
    def _directory(self) -> DirectorySession:
        return t.cast(DirectorySession, self._session)

    def _counted(self, name: str, writes: bool, send: t.Callable[[], Answer]) -> Answer:
        if writes and self._check_mode:
            raise WriteInCheckMode("in check mode nothing is written", cmdlet=name, target=self.target)
        self.calls[name] += 1
        try:
            answer = send()
        except (SessionLost, TimedOut):
            self.wrote = self.wrote or writes  # it may have happened, so it must not be reported as unchanged
            raise
        self.wrote = self.wrote or writes
        self.warnings.extend(answer.warnings)
        return answer

    @property
    def width(self) -> int:
        """How many calls the session budget allows at a time."""
        return max(1, self._session.width) if isinstance(self._session, Divisible) else 1

    @contextlib.contextmanager
    def branch(self) -> t.Iterator[Tally]:
        """Another way to the target for one thread; what it counted is added up when it ends."""
        part = self._session.another() if isinstance(self._session, Divisible) else None
        tally = Tally(part or self._session, self._check_mode)
        try:
            yield tally
        finally:
            with self._adding:
                self.calls += tally.calls
                self.warnings += tally.warnings
                self.wrote = self.wrote or tally.wrote
            if part is not None:
                part.close()


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What became of one object; ``state`` is what is known of it now, None when it does not exist."""

    plan: planning.Plan
    state: planning.State | None


def converge(
    resource: Resource,
    session: Tally,
    options: t.Mapping[str, t.Any],
    *,
    present: bool = True,
    check_mode: bool = False,
    pauses: t.Sequence[float] | None = None,
) -> Outcome:
    """Bring one object to the wanted state, or only say what that would take.

    ``pauses`` are seconds before each look at what was written; by default what is known of the session's wire.
    """
    found, plan = look(resource, session, options, present)
    calls = planned(resource, session, plan, options, found)
    if not calls or check_mode:
        return Outcome(plan, plan.after)
    with carrying_out(plan, resource.label(options), session):
        carry_out(resource, session, calls)
        try:
            pauses = LATE.get(session.wire, READ_BACK_PAUSES) if pauses is None else pauses
            return Outcome(plan, settle(resource, session, resource.pinned(options, found.state), plan, pauses))
        except NotApplied as error:
            raise error.about(resource.label(options), session.target) from None


@contextlib.contextmanager
def carrying_out(plan: planning.Plan, label: str, session: Tally) -> t.Iterator[None]:
    """While a plan is carried out: an error that comes after something was, or may have been, written knows what was to be done."""
    before, session.wrote = session.wrote, False
    try:
        yield
    except BaseException as error:  # whatever it is, also the end of a task's time
        if session.wrote:
            t.cast(HybridError, error).planned = plan.diff(label)
        raise
    finally:
        session.wrote = session.wrote or before


def planned(resource: Resource, session: Session, plan: planning.Plan, options: t.Mapping[str, t.Any], found: Reading) -> list[Call]:
    """The calls of a plan.  What cannot be carried out is refused in check mode too, so they are made up in any case."""
    calls = resource.calls(plan, options, found) if plan.action != "nothing" else []
    resource.permit(session, calls)
    return calls


def carry_out(resource: Resource, session: Tally, calls: t.Iterable[Call]) -> None:
    for call in calls:
        try:
            call.send(session)
        except HybridError as error:
            raise resource.explain(error, call) from None


def look(resource: Resource, session: Session, options: t.Mapping[str, t.Any], present: bool) -> tuple[Reading, planning.Plan]:
    """Read the object and plan what it takes."""
    resource.admit(session, options)
    found = resource.read(session, options)
    try:
        wanted = resource.wanted(session, options, found.state) if present else {}
        return found, planning.make(resource.attributes, present, wanted, found.state)
    except UsageError as error:
        raise error.about(resource.label(options), session.target) from None


def settle(resource: Resource, session: Tally, options: t.Mapping[str, t.Any], plan: planning.Plan, pauses: t.Sequence[float]) -> planning.State | None:
    """Look until there is nothing left to do; a change that does not show within seconds is not reported as done.

    What a creation did not set is set when the new object is first seen, so that it is compared with what the server made of it.
    """
    unfinished = plan.action == "create"
    waiting = list(pauses)
    while waiting:
        time.sleep(waiting.pop(0))
        found, left = look(resource, session, options, plan.action != "delete")
        if left.action == "nothing":
            return found.state
        if unfinished and left.action == "update":
            carry_out(resource, session, planned(resource, session, left, options, found))
            unfinished, waiting = False, list(pauses)
    raise NotApplied(f"the change was written without an error, but {_left(left)}")


def _left(plan: planning.Plan) -> str:
    if plan.action == "delete":
        return "it is still there"
    if plan.action == "create":
        return "it cannot be found"
    return " and ".join(f"{name} still reads {change.before!r}" for name, change in plan.changes.items())
