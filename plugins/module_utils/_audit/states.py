# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How whole a source is: said with every timeline, never left to be guessed."""

from __future__ import annotations

import typing as t

COMPLETE, PARTIAL, TRUNCATED, DISABLED, REFUSED, UNREACHABLE, FAILED, NOT_ASKED = (
    "complete partial truncated disabled refused unreachable failed not_asked".split()
)
_BY_ERROR = {
    "Truncated": TRUNCATED,
    "NotRecorded": DISABLED,
    "AccessDenied": REFUSED,
    "CommandMissing": REFUSED,
    "LoginRefused": REFUSED,
    "Unreachable": UNREACHABLE,
    "Untrusted": UNREACHABLE,
    "SessionLimit": UNREACHABLE,
    "SessionLost": UNREACHABLE,
    "TimedOut": UNREACHABLE,
    "Throttled": UNREACHABLE,
}
"""By the class of the error that a module's result names."""


class State(t.NamedTuple):
    """``state`` is one of the words above; ``reason`` says why it is not complete, ``notes`` what else is to be known."""

    state: str
    reason: str | None = None
    notes: tuple[str, ...] = ()


def of_result(result: t.Mapping[str, t.Any]) -> State:
    """The state of a source by what the module that read it returned, also where a playbook ignored that it failed."""
    error, reason = result.get("error") or {}, str(result.get("msg") or "the module gave no reason")
    notes = tuple(str(one) for one in result.get("warnings") or ())
    if result.get("skipped"):
        return State(NOT_ASKED, str(result.get("skip_reason") or "the task was skipped"))
    if error.get("class") in _BY_ERROR:
        return State(_BY_ERROR[error["class"]], reason, notes)
    if result.get("unreachable"):
        return State(UNREACHABLE, reason, notes)
    if error or result.get("failed") or "count" not in result:
        return State(FAILED, reason, notes)
    if (result.get("log") or {}).get("enabled") is False:
        return State(DISABLED, "the log is turned off now; what it holds is from before", notes)
    more = tuple(_of_the_log(result.get("log")))
    # What a reader warns of are entries that the log may not hold, however whole it was read.
    return State(PARTIAL, notes[0], (*notes[1:], *more)) if notes else State(COMPLETE, None, more)


def _of_the_log(log: t.Mapping[str, t.Any] | None) -> t.Iterator[str]:
    if log and log.get("level") == "none":
        yield "The log keeps no old values: Set-AdminAuditLogConfig -LogLevel Verbose has it keep those of later changes."
