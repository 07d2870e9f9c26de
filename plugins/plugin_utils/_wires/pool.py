# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A few sessions to one target, and what is repeated when one of them fails.

Repeated is only what surely did not run: opening a session, a call that the server refused or never saw, a call that was refused
by throttling before it began.  A call whose fate is not known raises `SessionLost`; only reads are asked once more.
All of it within ``retry_timeout`` seconds for one call.
"""

from __future__ import annotations

import threading
import time
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import (
    HybridError,
    LoginRefused,
    SessionError,
    SessionLimit,
    SessionLost,
    Throttled,
    TimedOut,
    Unreachable,
    from_dict,
)
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import Call, final

_PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0)
# Seconds that all sessions together have to close.
_CLOSING = 10.5


class Unsent(Exception):
    """The call surely did not run; ``error`` says why."""

    def __init__(self, error: HybridError) -> None:
        super().__init__(str(error))
        self.error = error


class Retry(Exception):
    """The session could not be opened now, but may be soon; ``error`` says why."""

    def __init__(self, error: HybridError) -> None:
        super().__init__(str(error))
        self.error = error


class Pooled(t.Protocol):
    """One session, used by one call at a time."""

    def open(self, call: Call) -> None:
        """Raises `SessionError`, or `Retry` where another try makes sense."""

    def alive(self, call: Call) -> bool:
        """Whether the server still has the session; asks it."""

    @property
    def broken(self) -> bool:
        """Whether the session can take no further call."""

    def close(self) -> None:
        """Never raises."""


S = t.TypeVar("S", bound=Pooled)


class Pool(t.Generic[S]):
    """Up to ``size`` sessions.  A call takes a free one, opens another while there are fewer, or waits.

    ``once``: whether a login that was refused must not be tried again, because tries may lock the account.
    """

    def __init__(self, new: t.Callable[[], S], target: str, endpoint: str, size: int = 1, retry_timeout: float = 60.0, once: bool = True) -> None:
        self.target = target
        self.endpoint = endpoint
        self.opened = 0
        self.refusal: LoginRefused | None = None
        self._new = new
        self._size = max(1, size)
        self._retry_timeout = retry_timeout
        self._once = once
        self._changed = threading.Condition()
        self._free: list[S] = []
        self._taken = 0
        self._closed = False

    def open(self, call: Call | None = None) -> None:
        """Open the first session, so that a wrong password shows before any call."""
        try:
            self._give_back(self._take(call or Call(), time.monotonic() + self._retry_timeout))
        except TimedOut as error:
            raise Unreachable(f"No session opened: {error.text}", target=self.target) from error

    def test(self, call: Call) -> None:
        until = time.monotonic() + self._retry_timeout
        session = self._take(call, until)
        if not session.alive(call):
            self._discard(session)
            session = self._take(call, until)
        self._give_back(session)

    def run(self, call: Call, what: str, reads: bool, work: t.Callable[[S], Answer]) -> Answer:
        """One call: ``what`` is how errors name it, ``reads`` whether it surely changes nothing, ``work`` makes it over a session."""
        try:
            return self._repeat(call, reads, work)
        except HybridError as error:
            error.cmdlet, error.target = error.cmdlet or what, error.target or self.target
            raise

    def _repeat(self, call: Call, reads: bool, work: t.Callable[[S], Answer]) -> Answer:
        until = time.monotonic() + self._retry_timeout
        lost = 0
        for attempt in range(1000):
            session = self._take(call, until)
            try:
                return work(session)
            except Unsent as unsent:
                if attempt:
                    self._pause(call, unsent.error, attempt, until)
            except SessionLost:
                lost += 1
                if lost > 1 or not reads:
                    raise
            except Throttled as error:
                self._pause(call, error, attempt, until)
            finally:
                self._give_back(session)
        raise SessionLost("no session stayed open long enough for the call", advice="Nothing was executed; look at the server's event log")

    def _take(self, call: Call, until: float) -> S:
        """A session for one call: a free one, a new one, or the next that is given back."""
        with self._changed:
            while True:
                call.check()
                if self._closed:
                    raise SessionLost("the session is being closed", advice="Nothing was executed; run the task again")
                if self._free:
                    self._taken += 1
                    return self._free.pop()
                if self._taken < self._size:
                    self._taken += 1
                    break
                self._changed.wait(min(0.25, max(0.01, call.remaining)))
        try:
            session = self._opened(call, until)
        except BaseException as error:
            with self._changed:
                self._taken -= 1
                others = self._taken + len(self._free)
                if isinstance(error, SessionLimit) and others:
                    self._size = others  # the server allows no more than what is open: share it
                self._changed.notify_all()
            if isinstance(error, SessionLimit) and others:
                return self._take(call, until)
            raise
        return session

    def _opened(self, call: Call, until: float) -> S:
        for attempt in range(1000):
            if self.refusal:
                raise from_dict(self.refusal.as_dict())
            session = self._new()
            try:
                session.open(call)
            except Retry as retry:
                session.close()
                with self._changed:
                    others = self._taken > 1 or bool(self._free)
                if isinstance(retry.error, SessionLimit) and others:
                    raise retry.error from retry
                self._pause(call, retry.error, attempt, until)
                continue
            except LoginRefused as error:
                session.close()
                if self._once:
                    self.refusal = final(error)
                raise
            except BaseException:
                session.close()
                raise
            with self._changed:
                self.opened += 1
            return session
        raise SessionError("the session could not be opened")

    @staticmethod
    def _pause(call: Call, error: HybridError, attempt: int, until: float) -> None:
        """Wait as long as the server says, or a little longer each time; raise the error if that ends too late."""
        seconds = error.wait if error.wait is not None else _PAUSES[min(attempt, len(_PAUSES) - 1)]
        if time.monotonic() + seconds > until:
            raise error
        try:
            call.sleep(seconds)
        except TimedOut:
            if call.cancelled:
                raise
            raise error from None

    def _give_back(self, session: S) -> None:
        with self._changed:
            if not session.broken and not self._closed:
                self._taken -= 1
                self._free.append(session)
                self._changed.notify_all()
                return
        self._discard(session)

    def _discard(self, session: S) -> None:
        session.close()  # while it still counts as taken: `close` waits for that, and the process ends right after it
        with self._changed:
            self._taken -= 1
            self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            sessions, self._free = self._free, []
            self._changed.notify_all()
        closing = [threading.Thread(target=session.close, daemon=True) for session in sessions]
        for thread in closing:
            thread.start()
        # Calls were cancelled before; each closes its own session as it ends.  A server that hangs must not keep the process.
        until = time.monotonic() + _CLOSING
        with self._changed:
            self._changed.wait_for(lambda: self._taken == 0, timeout=_CLOSING)
        for thread in closing:
            thread.join(max(0.0, until - time.monotonic()))
