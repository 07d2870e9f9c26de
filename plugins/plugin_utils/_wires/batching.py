# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Calls to a REST service of a tenant: several at a time, as many in one request as wait and fit.

A call waits for one of ``max_requests`` workers.  A worker that becomes free takes all calls that wait, up to ``most``, and sends them as
one batch; so a single task has its answer as soon as ever, and bulk work needs a fraction of the requests, without anybody asking for it.
What an answer means, and what is safe to send again, is in `verdict`; all of it within ``retry_timeout`` seconds for one call.
"""

from __future__ import annotations

import abc
import collections
import threading
import time
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, LoginRefused, SessionLost, TimedOut, sentence
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import Call, http, reply, tokens
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires.verdict import Again, Doubtful, NewToken, pause

try:
    import requests
except ImportError:  # `libraries` names what is missing before anything here is used
    requests = None  # type: ignore[assignment]

_LOOK = 0.1
NOT_TAKEN = frozenset((400, 413))
"""A batch that is refused as a whole, for its form or its size: none of its calls was looked at, so each goes alone and one of them takes the blame."""
_ONCE = "The login is not tried again in this playbook run; corrected options are another login, and meta: reset_connection has the same one tried anew"
_GONE = "Nothing was executed; run the task again"
Outcome = reply.Reply | Exception


class Job(t.Protocol):
    """A call on its way.  ``until`` is when, by the monotonic clock, its repetitions have to end; ``refused`` the token that was refused for it."""

    call: Call
    until: float
    done: threading.Event
    token: tokens.Token | None
    refused: tokens.Token | None

    def result(self) -> Answer:
        """The answer, or raise what stopped the call."""

    def fail(self, error: HybridError) -> None:
        """End the call."""

    def renew(self) -> bool:
        """Whether the call may be sent once more with another token."""

    def repeat(self) -> bool:
        """Whether a call of unknown fate may be sent once more."""

    def take(self, reply: reply.Reply) -> bool:
        """Take an answer; whether there is another part to ask for.  Raises `Again`, `Doubtful`, `NewToken` and `HybridError`."""


J = t.TypeVar("J", bound=Job)


class Batching(abc.ABC, t.Generic[J]):
    """One service of one tenant under one identity.  A subclass makes requests of jobs."""

    most = 1
    """How many calls a batch takes."""

    def __init__(self, options: t.Mapping[str, t.Any], web: http.Http, identity: tokens.Tokens, host: str, resource: str) -> None:
        self.target = ""
        self.refusal: LoginRefused | None = None
        self._root, self._resource = f"https://{host}", f"https://{resource}"
        self._retry_timeout, self._size = float(options["retry_timeout"]), int(options["max_requests"])
        self._web, self._identity = web, identity
        self._batches = True
        self._changed = threading.Condition()
        self._waiting: collections.deque[J] = collections.deque()
        self._workers = self._idle = 0
        self._closed = False

    # what a subclass says

    @abc.abstractmethod
    def _single(self, job: J, identity: tokens.Token) -> Outcome:
        """Send one call."""

    @abc.abstractmethod
    def _batch(self, jobs: list[J], identity: tokens.Token) -> list[tuple[J, Outcome]]:
        """Send several calls as one request."""

    def _roleless(self, job: J, error: HybridError) -> HybridError:
        """The error of a token that is refused although it is new, with what the application lacks."""
        return error

    # what the broker asks

    def open(self, call: Call | None = None) -> None:
        """Get the first token, so that a wrong secret shows before any call."""
        try:
            self._identity.token(self._resource, call or Call())
        except LoginRefused as error:
            error.target = self.target
            error.advice = f"{sentence(error.advice)} {_ONCE}"
            self.refusal = error
            raise
        except HybridError as error:
            error.target = self.target
            raise

    def close(self) -> None:
        with self._changed:
            self._closed = True
            waiting, self._waiting = list(self._waiting), collections.deque()
            self._changed.notify_all()
        for job in waiting:
            job.fail(SessionLost("the session is being closed", advice=_GONE))
        self._web.close()

    def _made(self, job: J, name: str) -> Answer:
        """Have the call made and wait for its end.  Raises `HybridError`."""
        self._enter(job)
        try:
            while not job.done.wait(_LOOK):
                if job.call.cancelled or job.call.remaining <= 0:
                    self._leave(job)
            return job.result()
        except HybridError as error:
            error.cmdlet, error.target = error.cmdlet or name, error.target or self.target
            raise

    # calls and workers

    def _enter(self, job: J) -> None:
        with self._changed:
            if self._closed:
                raise SessionLost("the session is being closed", advice=_GONE)
            self._waiting.append(job)
            self._staff()
            self._changed.notify()

    def _staff(self) -> None:
        """Have one more worker where calls wait and nobody is free."""
        if self._waiting and not self._idle and self._workers < self._size:
            self._workers += 1
            threading.Thread(target=self._work, daemon=True).start()

    def _leave(self, job: J) -> None:
        """The call's time is up: nothing is lost while it waits, and nothing is known once it is under way.  Raises `TimedOut`."""
        why = "the client went away" if job.call.cancelled else "its time is up"
        with self._changed:
            if job in self._waiting:
                self._waiting.remove(job)
                raise TimedOut(f"the call was not sent: {why}", advice="Nothing was executed; a larger m365_tenant_command_timeout may help")
        raise TimedOut(
            f"the call is under way, but {why}",
            advice="Whether the call was executed is not known: run the task again, it looks first and changes only what still differs",
        )

    def _work(self) -> None:
        while jobs := self._next():
            try:
                self._carry_out(jobs)
            except Exception as error:  # a worker's last line of defence: its calls end with a sentence
                for job in jobs:
                    job.fail(SessionLost(f"unexpected {type(error).__name__} in the session: {error}"))

    def _next(self) -> list[J]:
        """The calls that wait, as many as fit into one request; none when the session is closed."""
        with self._changed:
            self._idle += 1
            while not self._waiting and not self._closed:
                self._changed.wait()
            self._idle -= 1
            most = self.most if self._batches else 1
            jobs = [self._waiting.popleft() for _number in range(min(most, len(self._waiting)))]
            self._staff()
            return jobs

    def _carry_out(self, jobs: list[J]) -> None:
        """Send calls until each has its answer or its error."""
        attempt = 0
        while jobs := [job for job in jobs if not job.call.cancelled and job.call.remaining > 0]:  # nobody waits for the others any more
            longest, again = 0.0, []
            for job, outcome in self._exchange(jobs):
                seconds = self._settle(job, outcome, attempt)
                if seconds is not None:
                    longest = max(longest, seconds)
                    again.append(job)
            jobs = again
            attempt = attempt + 1 if longest else 0
            self._rest(longest)

    def _rest(self, seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._closed, timeout=seconds)

    def _settle(self, job: J, outcome: Outcome, attempt: int) -> float | None:
        """Take one outcome; seconds until the call is to be sent again (0: at once), None when it is over."""
        try:
            return self._taken(job, outcome, attempt)
        except HybridError as error:
            if isinstance(outcome, reply.Reply):
                error.request_id = outcome.headers.get("request-id")
            job.fail(error)
            return None

    def _taken(self, job: J, outcome: Outcome, attempt: int) -> float | None:
        """The same; raises the error of a call that is not sent again."""
        try:
            if isinstance(outcome, Exception):
                raise outcome
            if not job.take(outcome):
                return None
            # Each part of a long list has the time and the new token of a call.
            job.until, job.refused = time.monotonic() + self._retry_timeout, None
            return 0.0
        except NewToken as refused:
            if job.renew():
                return 0.0
            raise self._roleless(job, refused.error) from None
        except Again as again:
            seconds = pause(again.wait, attempt)
            if time.monotonic() + seconds <= job.until and seconds <= job.call.remaining:
                return seconds
            raise again.error from None
        except Doubtful as doubtful:
            if job.repeat():
                return 0.0
            raise doubtful.error from None

    # requests

    def _exchange(self, jobs: list[J]) -> list[tuple[J, Outcome]]:
        try:
            identity = self._identity.token(self._resource, Call(), next((job.refused for job in jobs if job.refused), None))
        except HybridError as error:
            return [(job, error) for job in jobs]
        for job in jobs:
            job.token = identity
        if len(jobs) > 1 and self._batches:
            return self._batch(jobs, identity)
        return [(job, self._single(job, identity)) for job in jobs]

    def _send(self, jobs: t.Sequence[J], method: str, url: str, body: t.Any, headers: t.Mapping[str, str], identity: tokens.Token) -> Outcome:
        """Send one request; nobody waits for its answer longer than the calls in it."""
        patience = max(job.call.remaining for job in jobs)
        sent = {**headers, "Authorization": f"Bearer {identity.value}"}
        try:
            found = self._web.request(method, url, patience=patience, json=body, headers=sent)
        except requests.RequestException as error:
            if http.surely_unsent(error):
                return http.unreachable(error, self._root)
            return Doubtful(SessionLost(f"the connection to {self._root} broke: {http.reason(error)}"))
        return reply.Reply(found.status_code, {name.lower(): value for name, value in found.headers.items()}, found.content)

    def _here(self, link: str) -> str:
        """The address on the host that was chosen: a token goes nowhere else, whatever a link says."""
        return self._root + "/" + link.partition("://")[2].partition("/")[2]
