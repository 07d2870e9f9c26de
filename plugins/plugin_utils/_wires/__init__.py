# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What speaks to a server.  Third-party libraries are imported here only, and only in the broker process.

Each module of this package that is a wire has ``open_wire(options) -> Wire``.
"""

from __future__ import annotations

import threading
import time
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import LoginRefused, TimedOut, sentence
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer


class Call:
    """One call's way to end early: its time is up, or its client went away.

    ``notify``, where given, shows a line to whoever waits for the call, for example how to sign in.
    """

    def __init__(self, timeout: float | None = None, notify: t.Callable[[str], None] | None = None) -> None:
        self.notify = notify
        self._cancelled = threading.Event()
        self._timeout = timeout
        self._deadline = None if timeout is None else time.monotonic() + timeout

    def cancel(self) -> None:
        """Ask the call to stop; any thread may."""
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()

    @property
    def remaining(self) -> float:
        """Seconds left, infinite without a limit."""
        return float("inf") if self._deadline is None else self._deadline - time.monotonic()

    def check(self) -> None:
        """Raise `TimedOut` if the call has to end."""
        if self.cancelled:
            raise TimedOut("the client went away")
        if self.remaining <= 0:
            raise TimedOut(f"no end after {self._timeout:g} seconds")

    def sleep(self, seconds: float) -> None:
        """Wait, but not beyond the call's end."""
        self._cancelled.wait(max(0.0, min(seconds, self.remaining)))
        self.check()


def final(refused: LoginRefused) -> LoginRefused:
    """The refusal of a login with a password, as it is remembered: many tries would lock the account."""
    refused.advice = f"{sentence(refused.advice)} The login is not tried again in this playbook run, so that the account is not locked: "
    refused.advice += "correct the password, or let the next task try again with meta: reset_connection"
    return refused


class Wire(t.Protocol):
    """The sessions to one target under one identity.  Thread-safe."""

    target: str
    wire: str
    endpoint: str

    @property
    def refusal(self) -> LoginRefused | None:
        """The refusal of a login that must not be tried again, once there is one."""

    def open(self, call: Call | None = None) -> None:
        """Open the first session.  Raises `SessionError` or `MissingLibrary`."""

    def test(self, call: Call) -> None:
        """Prove that the server answers, with a new session if need be.  Raises `SessionError`."""

    def invoke(self, call: Call, cmdlet: str, parameters: t.Mapping[str, t.Any], properties: t.Collection[str] | None) -> Answer:
        """Run one cmdlet: see `session.Session.invoke`.  Ends soon after ``call`` says so, with the pipeline stopped."""

    def close(self) -> None:
        """Close every session, so that none is left on the server.  Never raises."""
