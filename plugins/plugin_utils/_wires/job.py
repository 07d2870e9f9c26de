# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a call to a REST service is, whatever the service: on its way until it has an answer or an error."""

from __future__ import annotations

import threading
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import errors
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import Call
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires.tokens import Token


class Job:
    """A call.  ``until`` is when, by the monotonic clock, its repetitions have to end; ``url`` is where its next request goes.

    ``reads`` says that it changes nothing.
    """

    def __init__(self, call: Call, url: str, body: t.Any, until: float, reads: bool) -> None:
        self.call, self.url, self.body, self.until, self.reads = call, url, body, until, reads
        self.done = threading.Event()
        self.token: Token | None = None
        self.refused: Token | None = None
        self._output: list[t.Any] = []
        self._seen = {url}
        self._lost = 0
        self._error: errors.HybridError | None = None

    def answer(self) -> Answer:
        return Answer(self._output)

    def result(self) -> Answer:
        """The answer, or raise what stopped the call."""
        if self._error is not None:
            raise self._error
        return self.answer()

    def fail(self, error: errors.HybridError) -> None:
        """End the call.  Each has an error of its own, whoever else failed for the same reason."""
        self._error = errors.from_dict(error.as_dict())
        self.done.set()

    def renew(self) -> bool:
        """Whether the call may be sent once more with another token than the one that was refused."""
        if self.refused is not None:
            return False
        self.refused = self.token
        return True

    def repeat(self) -> bool:
        """Whether a call of unknown fate may be sent once more: a read may, for each page of Microsoft Graph."""
        self._lost += 1
        return self.reads and self._lost == 1

    def goes_on(self, link: str) -> bool:
        """Ask for another page next.  Raises `Truncated` for one that was asked for before."""
        if link in self._seen:
            raise errors.Truncated(f"the list cannot be read beyond its first {len(self._output)} objects: its pages go round in circles")
        self._seen.add(link)
        self.url = link
        return True
