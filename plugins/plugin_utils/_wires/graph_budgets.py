# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Services behind Microsoft Graph that allow so little that asking first is cheaper than being refused.

Sources: the published service-specific throttling limits.  The figures are for a whole tenant and change without notice: a refusal is
waited out whatever stands here.
"""

from __future__ import annotations

import collections
import dataclasses
import re
import threading
import time
import typing as t


@dataclasses.dataclass(frozen=True)
class Budget:
    """At most ``requests`` within ``seconds``, for paths that fit."""

    paths: re.Pattern[str]
    requests: int
    seconds: float


BUDGETS = (
    Budget(re.compile(r"/(v1\.0|beta)/identity/conditionalAccess(/|$)"), 1, 1.0),
    Budget(re.compile(r"/(v1\.0|beta)/(reports|auditLogs)/"), 5, 10.0),
)


class Ledger:
    """What was spent of the budgets.  Thread-safe.  ``clock`` counts seconds."""

    def __init__(self, budgets: t.Sequence[Budget] = BUDGETS, clock: t.Callable[[], float] = time.monotonic) -> None:
        self._budgets, self._clock = budgets, clock
        self._lock = threading.Lock()
        self._spent: dict[Budget, collections.deque[float]] = {budget: collections.deque() for budget in budgets}

    def reserve(self, path: str) -> float:
        """Take a place in the budget of the path; seconds until it is there."""
        budget = next((one for one in self._budgets if one.paths.match(path)), None)
        if budget is None:
            return 0.0
        with self._lock:
            times, now = self._spent[budget], self._clock()
            at = now if len(times) < budget.requests else max(now, times[-budget.requests] + budget.seconds)
            times.append(at)
            while len(times) > budget.requests:
                times.popleft()
        return at - now
