# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an answer of a REST service means for its call: done, refused for good, or worth another try, and whether that is safe.

| answer                                                       | was it executed | then                                        |
|--------------------------------------------------------------|-----------------|---------------------------------------------|
| 401                                                          | no              | once more with a new token                  |
| 429, 503, or the words of too many requests                  | no              | again after Retry-After, or a growing pause |
| 408, 502, 504, a broken connection, an answer cut off        | perhaps         | a read once more; a write is reported       |
| anything else                                                | as it says      | reported                                    |

408, 502 and 504 come from a gateway that stopped waiting: what it waited for may still run, so a write is never sent a second time.
"""

from __future__ import annotations

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError

REFUSED_FOR_NOW = frozenset((429, 503))
PERHAPS_DONE = frozenset((408, 502, 504))
PAUSES = (3.0, 6.0, 9.0, 15.0, 30.0)
LEAST = 0.01
"""Seconds of the shortest pause; it doubles with each refusal in a row."""


class Again(Exception):
    """The call surely did not run; ``error`` says why, ``wait`` how many seconds the server asks to wait."""

    def __init__(self, error: HybridError, wait: float | None = None) -> None:
        super().__init__(str(error))
        self.error, self.wait = error, wait


class Doubtful(Exception):
    """Whether the call ran is not known; ``error`` says so."""

    def __init__(self, error: HybridError) -> None:
        super().__init__(str(error))
        self.error = error


class NewToken(Exception):
    """The token was refused, so nothing ran; ``error`` is for the case that a new one is refused, too."""

    def __init__(self, error: HybridError) -> None:
        super().__init__(str(error))
        self.error = error


def pause(wait: float | None, attempt: int) -> float:
    """Seconds until the next try: what the server asks, or a little more each time; never nothing, also for a server that says "at once" each time."""
    asked = wait if wait is not None else PAUSES[min(attempt, len(PAUSES) - 1)]
    return max(asked, LEAST * 2.0 ** min(attempt, 10))
