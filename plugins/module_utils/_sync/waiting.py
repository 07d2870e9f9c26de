# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting for something that takes its time: looks, sleeps, looks again, and gives up."""

from __future__ import annotations

import dataclasses
import time
import typing as t

FIRST = 0.1
"""Seconds before the first look; the pauses double until they are as long as asked."""


@dataclasses.dataclass
class Patience:
    """How long to wait, and how often to look, both in seconds; begun when it is made.

    The first looks follow each other faster, so that what is done in a moment is not waited for.
    """

    seconds: float
    interval: float
    sleep: t.Callable[[float], None] = time.sleep
    now: t.Callable[[], float] = time.monotonic
    _end: float = dataclasses.field(init=False)
    _pause: float = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        self._end = self.now() + self.seconds
        self._pause = min(self.interval, FIRST)

    def look_again(self) -> bool:
        """Sleep until the next look; False when the time is over."""
        left = self._end - self.now()
        if left <= 0:
            return False
        self.sleep(min(self._pause, left))
        self._pause = min(self.interval, 2 * self._pause)
        return True


@dataclasses.dataclass
class Quiet:
    """Whether nothing happens for so many ``seconds``, seen by two looks in a row at least: between two runs there is a moment without one."""

    seconds: float
    now: t.Callable[[], float] = time.monotonic
    _since: float | None = dataclasses.field(init=False, default=None)

    def lasts(self, nothing: bool) -> bool:
        """Tell what one look saw."""
        before = self._since
        self._since = None if not nothing else self.now() if before is None else before
        return nothing and before is not None and self.now() - before >= self.seconds
