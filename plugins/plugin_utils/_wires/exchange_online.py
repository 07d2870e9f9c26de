# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exchange Online: cmdlets over HTTPS, several at a time, ten in one request where ten are waiting.

A call waits for one of ``max_requests`` workers.  A worker that becomes free takes all calls that wait, up to ten, and sends them as one
``$batch``; so a single task has its answer as soon as ever, and bulk work needs a tenth of the requests, without anybody asking for it.
What an answer means, and what is safe to send again, is in `verdict`; all of it within ``retry_timeout`` seconds for one call.
"""

from __future__ import annotations

import collections
import threading
import time
import typing as t
import uuid

from ansible_collections.m365.hybrid.plugins.module_utils._core.clouds import CLOUDS
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, LoginRefused, SessionError, SessionLost, TimedOut, sentence
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import Call, Wire, cmdlets, http, invoke_command, libraries, tokens
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires.cmdlet_job import Job
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires.verdict import Again, Doubtful, NewToken, pause

try:
    import requests
except ImportError:  # `libraries` names what is missing before anything here is used
    requests = None  # type: ignore[assignment]

IN_A_BATCH = 10
_NO_BATCHES = frozenset((404, 405, 501))
_LOOK = 0.1
_ONCE = "The login is not tried again in this playbook run; corrected options are another login, and meta: reset_connection has the same one tried anew"
_GONE = "Nothing was executed; run the task again"

Outcome = invoke_command.Reply | Exception


def open_wire(options: t.Mapping[str, t.Any]) -> Wire:
    """The wire for the options that the connection plugin resolved.  Raises `MissingLibrary` and `UsageError`."""
    libraries.require_tenant()
    web = http.session(options)
    return ExchangeOnline(options, web, tokens.for_options(options, web))


class ExchangeOnline:
    """One tenant under one identity."""

    wire = "exchange_online"
    endpoint = "exchange_online"

    def __init__(self, options: t.Mapping[str, t.Any], web: http.Http, identity: tokens.Tokens) -> None:
        self.target = f"Exchange Online of {options['id']}"
        self.refusal: LoginRefused | None = None
        self._tenant = str(options["id"])
        self._root = f"https://{options['exchange_host']}"
        self._path = f"{self._root}/adminapi/beta/{self._tenant}"
        self._resource = f"https://{CLOUDS[options['cloud']].exchange}"
        self._retry_timeout, self._size = float(options["retry_timeout"]), int(options["max_requests"])
        self._web, self._identity = web, identity
        self._connection = str(uuid.uuid4())
        self._batches = True
        self._changed = threading.Condition()
        self._waiting: collections.deque[Job] = collections.deque()
        self._workers = self._idle = 0
        self._closed = False

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

    def test(self, call: Call) -> None:
        """Ask something small.  A refusal of the cmdlet is an answer, too."""
        try:
            self.invoke(call, "Get-AcceptedDomain", {}, ())
        except HybridError as error:
            if isinstance(error, SessionError):
                raise

    def invoke(self, call: Call, cmdlet: str, parameters: t.Mapping[str, t.Any], properties: t.Collection[str] | None) -> Answer:
        cmdlets.check(cmdlet, parameters)
        call.check()
        body = invoke_command.body(cmdlet, parameters)
        job = Job(call, cmdlet, parameters, properties, body, f"{self._path}/InvokeCommand", time.monotonic() + self._retry_timeout)
        self._enter(job)
        try:
            while not job.done.wait(_LOOK):
                if call.cancelled or call.remaining <= 0:
                    self._leave(job)
            return job.result()
        except HybridError as error:
            error.cmdlet, error.target = error.cmdlet or cmdlet, error.target or self.target
            raise

    def close(self) -> None:
        with self._changed:
            self._closed = True
            waiting, self._waiting = list(self._waiting), collections.deque()
            self._changed.notify_all()
        for job in waiting:
            job.fail(SessionLost("the session is being closed", advice=_GONE))
        self._web.close()

    # --- calls and workers ---

    def _enter(self, job: Job) -> None:
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

    def _leave(self, job: Job) -> None:
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

    def _next(self) -> list[Job]:
        """The calls that wait, as many as fit into one request; none when the session is closed."""
        with self._changed:
            self._idle += 1
            while not self._waiting and not self._closed:
                self._changed.wait()
            self._idle -= 1
            most = IN_A_BATCH if self._batches else 1
            jobs = [self._waiting.popleft() for _number in range(min(most, len(self._waiting)))]
            self._staff()
            return jobs

    def _carry_out(self, jobs: list[Job]) -> None:
        """Send calls until each has its answer or its error."""
        attempt = 0
        while jobs := [job for job in jobs if not job.call.cancelled]:
            longest, again = 0.0, []
            for job, outcome in self._exchange(jobs):
                seconds = self._settle(job, outcome, attempt)
                if seconds is not None:
                    longest = max(longest, seconds)
                    again.append(job)
            jobs = again
            attempt = attempt + 1 if longest else attempt
            self._rest(longest)

    def _rest(self, seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._closed, timeout=seconds)

    def _settle(self, job: Job, outcome: Outcome, attempt: int) -> float | None:
        """Take one outcome; seconds until the call is to be sent again (0: at once), None when it is over."""
        try:
            if isinstance(outcome, Exception):
                raise outcome
            return 0.0 if job.take(outcome) else None
        except NewToken as refused:
            if job.renew():
                return 0.0
            job.fail(self._roleless(refused.error))
        except Again as again:
            seconds = pause(again.wait, attempt)
            if time.monotonic() + seconds <= job.until and seconds <= job.call.remaining:
                return seconds
            job.fail(again.error)
        except Doubtful as doubtful:
            if job.repeat():
                return 0.0
            job.fail(doubtful.error)
        except HybridError as error:
            job.fail(error)
        return None

    # --- requests ---

    def _exchange(self, jobs: list[Job]) -> list[tuple[Job, Outcome]]:
        try:
            identity = self._identity.token(self._resource, Call(), next((job.refused for job in jobs if job.refused), None))
        except HybridError as error:
            return [(job, error) for job in jobs]
        for job in jobs:
            job.token = identity
        if len(jobs) > 1 and self._batches:
            return self._batch(jobs, identity)
        return [(job, self._single(job, identity)) for job in jobs]

    def _single(self, job: Job, identity: tokens.Token) -> Outcome:
        return self._post([job], self._here(job.url), job.body, self._headers(job, identity) | _bearer(identity))

    def _batch(self, jobs: list[Job], identity: tokens.Token) -> list[tuple[Job, Outcome]]:
        parts = [
            {"id": str(number), "method": "POST", "url": self._here(job.url), "headers": self._headers(job, identity), "body": job.body}
            for number, job in enumerate(jobs)
        ]
        own = {"connection-id": self._connection, "X-AnchorMailbox": parts[0]["headers"]["X-AnchorMailbox"]}  # type: ignore[index]
        own |= {"Accept": "application/json", "Prefer": "odata.continue-on-error", "client-request-id": str(uuid.uuid4())}
        outcome = self._post(jobs, f"{self._path}/$batch", {"requests": parts}, own | _bearer(identity))
        if isinstance(outcome, Exception):
            return [(job, outcome) for job in jobs]
        if outcome.status in _NO_BATCHES:
            self._batches = False
            return [(job, self._single(job, identity)) for job in jobs]
        if outcome.status != 200:
            return [(job, outcome) for job in jobs]
        found = invoke_command.parts(outcome)
        missing = Doubtful(SessionLost("the answer to a batch of calls lacks this call's"))
        return [(job, found.get(str(number), missing)) for number, job in enumerate(jobs)]

    def _headers(self, job: Job, identity: tokens.Token) -> dict[str, str]:
        where = invoke_command.anchor(job.cmdlet, job.parameters, self._tenant, identity.user)
        return invoke_command.headers(job.cmdlet, where, self._connection)

    def _post(self, jobs: list[Job], url: str, body: t.Any, headers: dict[str, str]) -> Outcome:
        """Send one request; nobody waits for its answer longer than the calls in it."""
        try:
            reply = self._web.request("POST", url, patience=max(job.call.remaining for job in jobs), json=body, headers=headers)
        except requests.RequestException as error:
            if http.surely_unsent(error):
                return http.unreachable(error, self._root)
            return Doubtful(SessionLost(f"the connection to {self._root} broke: {http.reason(error)}"))
        return invoke_command.Reply(reply.status_code, {name.lower(): value for name, value in reply.headers.items()}, reply.content)

    def _here(self, link: str) -> str:
        """The address on the host that was chosen: a token goes nowhere else, whatever a link says."""
        return link if link.startswith(f"{self._path}/") else self._root + "/" + link.partition("://")[2].partition("/")[2]

    def _roleless(self, error: HybridError) -> HybridError:
        """The error of a token that is refused although it is new, with what the application lacks."""
        token = self._identity.token(self._resource, Call())
        if token.user is None and invoke_command.PERMISSION not in token.roles():
            error.text = f"the application has no permission {invoke_command.PERMISSION}. {error.text}"
        return error


def _bearer(identity: tokens.Token) -> dict[str, str]:
    return {"Authorization": f"Bearer {identity.value}"}
