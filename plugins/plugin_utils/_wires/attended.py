# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A session whose server may hang: nobody waits for it beyond a call's end.

A blocking request cannot be interrupted, so each piece of work runs in a thread of its own.  What does not end in time is left to
itself: it closes the session when the server stirs at last, or its own read timeout has passed.
"""

from __future__ import annotations

import threading
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import TimedOut
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import Call
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires.powershell import PowerShellSession

Result = t.TypeVar("Result")
# Seconds between two looks at whether the call has to end.
_LOOK = 0.1


class Errand(t.Generic[Result]):
    """Work in a thread of its own."""

    def __init__(self, work: t.Callable[[], Result]) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._results: list[Result] = []
        self._error: BaseException | None = None
        self._afterwards: t.Callable[[], None] | None = None
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        try:
            self._results.append(self._work())
        except BaseException as error:  # `result` raises it
            self._error = error
        with self._lock:
            self._done.set()
            afterwards = self._afterwards
        if afterwards is not None:
            afterwards()

    def ended(self, call: Call, patience: float) -> bool:
        """Wait until the work ends; False if it did not within ``patience`` seconds after the call's end."""
        while not self._done.wait(max(0.0, min(_LOOK, call.remaining))):
            if call.cancelled or call.remaining <= 0:
                return self._done.wait(patience)
        return True

    def abandon(self, afterwards: t.Callable[[], None]) -> bool:
        """Have ``afterwards`` run in the work's thread when it ends; False if it has ended already."""
        with self._lock:
            if not self._done.is_set():
                self._afterwards = afterwards
            return self._afterwards is not None

    def result(self) -> Result:
        """What the work returned, or raise what it raised."""
        if self._error is not None:
            raise self._error
        return self._results[0]


class Attended:
    """A `powershell.PowerShellSession` that keeps nobody waiting.

    ``patience``: seconds to stop a call, or to close a session that is broken.  ``closing``: seconds to close one that is not; what a
    busy server does not end counts against the account until its idle timeout, and nobody waits for it but the process that keeps it.
    """

    def __init__(self, session: PowerShellSession, patience: float = 2.0, closing: float = 10.0) -> None:
        self._session = session
        self._patience = patience
        self._closing = closing
        self._stuck = False

    def open(self, call: Call) -> None:
        self._attend(call, lambda: self._session.open(call))

    def alive(self, call: Call) -> bool:
        return self._attend(call, lambda: self._session.alive(call))

    def invoke(self, call: Call, cmdlet: str, parameters: t.Mapping[str, t.Any], properties: t.Collection[str] | None) -> Answer:
        return self._attend(call, lambda: self._session.invoke(call, cmdlet, parameters, properties))

    @property
    def broken(self) -> bool:
        return self._stuck or self._session.broken

    def close(self) -> None:
        if not self._stuck:
            patience = self._patience if self._session.broken else self._closing
            Errand(self._session.close).ended(Call(0.0), patience)

    def _attend(self, call: Call, work: t.Callable[[], Result]) -> Result:
        errand = Errand(work)
        if not errand.ended(call, self._patience) and errand.abandon(self._session.close):
            self._stuck = True
            why = "the client went away" if call.cancelled else "its time is up"
            raise TimedOut(
                f"the server does not answer, not even to stop the call ({why})",
                advice="Whether the call was executed is not known: run the task again, it looks first and changes only what still differs",
            )
        return errand.result()
