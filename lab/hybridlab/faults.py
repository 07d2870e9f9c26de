# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults that a lab injects: armed on the command line or while the lab runs, taken where they happen.

| fault            | what happens                                                                          | default                  |
|------------------|---------------------------------------------------------------------------------------|--------------------------|
| session-limit    | a new session is refused as if the account's 18 were open                             | always                   |
| drop-in-receive  | the connection is closed in the middle of an answer to Receive                        | once                     |
| lost-shell       | the session vanishes ``at=command``, before the call, or ``at=receive``, after it: fault 2150858843 | once, at=command |
| slow-answer      | a cmdlet waits ``seconds`` before it does anything                                    | always, seconds=5        |
| truncated-list   | a list is cut after ``keep`` objects, with the server's warning (the product's part)  | always, keep=1           |
| replica-lag      | a new object is not found by its first ``reads`` reads (the product's part)           | always, reads=2          |
| public-folder-cache | the first ``reads`` reads of mailboxes after a change of PublicFoldersEnabled show who served before | always, reads=2 |
| mailbox-lag      | the mailbox that a licence makes is not found by its first ``reads`` reads            | always, reads=2          |
| sync-busy        | a scheduled cycle, or ``by=connector`` a run by hand, of ``seconds`` begins when somebody first looks | once, seconds=2, by=cycle |
| import-lag       | directory synchronisation does not see ``object`` (a name of it) in Active Directory  | always                   |
| export-error     | the tenant refuses ``object`` (a name of it) when synchronisation exports it          | always                   |
| late-place       | a room's place is not found, although its mailbox is there (the product's part)       | once                     |
| audit-timeout    | a page of the audit log says ``ResultIndex`` -1, as when the search gave up           | once                     |
| lost-audit-page  | a page of the audit log is counted and not delivered                                  | once                     |
| access-denied    | a cmdlet fails with the directory's refusal (the product's part)                      | always                   |
| unauthorized     | HTTP 401 whatever the credentials                                                     | always                   |
| redirect         | HTTP ``status`` with Location ``to``                                                  | always, status=302       |
| expired-page     | the link to the next page of a list of Graph is refused                               | once                     |
| throttle         | ``at=runspace`` refuses the session, ``at=cmdlet`` the call: "wait for ``wait`` seconds" | once, at=runspace, wait=2 |
| expired-token    | a service of the tenant refuses a valid token with 401                                | once                     |
| too-many-requests | a service of the tenant refuses a call with 429 and Retry-After (negative: without it) | once, retry_after=2     |
| service-unavailable | the same with 503                                                                   | once, retry_after=2      |
| gateway-timeout  | 504 after the call was executed                                                       | once                     |
| wordless-refusal | 403 with bytes of zero, as for a cmdlet that no role contains                         | always                   |
| small-pages      | lists of the tenant come in pages of ``size`` objects                                 | always, size=2           |
| cut-answer       | the connection is closed in the middle of page ``page`` of an answer                  | once, page=2             |
| directory-busy   | the domain controller refuses an operation as busy (51)                               | once                     |
| host-unreachable | a Windows host (``host``; empty: any) closes every connection at once                 | always                   |
| service-does-not-start | ``service`` of a Windows ``host`` fails when it is started                      | always                   |
| file-in-use      | ``path`` on a Windows ``host`` is open in another process                             | always                   |
| restart-needed   | what is installed next on a Windows ``host`` asks for a restart                       | once                     |
| database-failover | a move into ``database`` goes on, and the database fails over to another copy             | once                     |
| directory-drop   | it closes the connection ``at=request``, before it does anything, or ``at=answer``, after it | once, at=request  |

Every fault takes ``count`` (how often; ``always``), ``after`` (how many occasions pass unharmed first), ``every`` (of the others,
one in so many) and ``cmdlet`` (only calls of this cmdlet, for the faults that know one; of the domain controller's an operation: bind, search,
add, modify, delete, rename).
"""

from __future__ import annotations

import collections
import dataclasses
import threading
import typing as t

ALWAYS = "always"


@dataclasses.dataclass(frozen=True)
class Kind:
    """A fault's defaults: how often it happens (None: always) and its own options."""

    count: int | None
    options: dict[str, t.Any] = dataclasses.field(default_factory=dict)


KINDS: dict[str, Kind] = {
    "session-limit": Kind(None),
    "drop-in-receive": Kind(1),
    "lost-shell": Kind(1, {"at": "command"}),
    "slow-answer": Kind(None, {"seconds": 5.0}),
    "truncated-list": Kind(None, {"keep": 1}),
    "replica-lag": Kind(None, {"reads": 2}),
    "public-folder-cache": Kind(None, {"reads": 2}),
    "mailbox-lag": Kind(None, {"reads": 2}),
    "sync-busy": Kind(1, {"seconds": 2.0, "by": "cycle"}),
    "import-lag": Kind(None, {"object": ""}),
    "export-error": Kind(None, {"object": ""}),
    "late-place": Kind(1),
    "audit-timeout": Kind(1),
    "lost-audit-page": Kind(1),
    "access-denied": Kind(None),
    "unauthorized": Kind(None),
    "redirect": Kind(None, {"status": 302, "to": "https://elsewhere.lab.test/PowerShell"}),
    "expired-page": Kind(1),
    "throttle": Kind(1, {"at": "runspace", "wait": 2}),
    "expired-token": Kind(1),
    "too-many-requests": Kind(1, {"retry_after": 2}),
    "service-unavailable": Kind(1, {"retry_after": 2}),
    "gateway-timeout": Kind(1),
    "wordless-refusal": Kind(None),
    "small-pages": Kind(None, {"size": 2}),
    "cut-answer": Kind(1, {"page": 2}),
    "directory-busy": Kind(1),
    "host-unreachable": Kind(None, {"host": ""}),
    "service-does-not-start": Kind(None, {"host": "", "service": ""}),
    "file-in-use": Kind(None, {"host": "", "path": ""}),
    "restart-needed": Kind(1, {"host": ""}),
    "database-failover": Kind(1, {"database": ""}),
    "directory-drop": Kind(1, {"at": "request"}),
}
_EVERYWHERE = ("count", "after", "every", "cmdlet")


@dataclasses.dataclass
class _Armed:
    options: dict[str, t.Any]
    left: int | None
    after: int
    every: int
    passed: int = 0


class Faults:
    """The faults that are armed now.  Thread-safe.  ``happened`` counts them by name since the lab started."""

    def __init__(self) -> None:
        self.happened: collections.Counter[str] = collections.Counter()
        self._lock = threading.Lock()
        self._armed: dict[str, _Armed] = {}

    def arm(self, name: str, **options: t.Any) -> None:
        """Arm a fault, replacing an earlier arming of it; values may be text, as from a command line.

        Raises ValueError for a fault or an option that does not exist, or a value of the wrong kind.
        """
        kind = KINDS.get(name)
        if kind is None:
            raise ValueError(f"there is no fault {name!r}; there are: {', '.join(KINDS)}")
        unknown = [option for option in options if option not in kind.options and option not in _EVERYWHERE]
        if unknown:
            raise ValueError(f"fault {name} has no option {unknown[0]!r}; it has: {', '.join((*kind.options, *_EVERYWHERE))}")
        count = options.get("count", kind.count)
        typed: dict[str, t.Any] = {"fault": name}  # So that what `take` returns is never empty, thus never false.
        typed.update((option, type(default)(options.get(option, default))) for option, default in kind.options.items())
        if options.get("cmdlet"):
            typed["cmdlet"] = str(options["cmdlet"])
        armed = _Armed(typed, None if count in (None, ALWAYS) else int(count), int(options.get("after", 0)), int(options.get("every", 1)))
        if armed.left is not None and armed.left < 1:
            raise ValueError(f"fault {name}: count must be 1 or more, or {ALWAYS!r}")
        if armed.every < 1:
            raise ValueError(f"fault {name}: every must be 1 or more")
        with self._lock:
            self._armed[name] = armed

    def arm_text(self, text: str) -> None:
        """Arm ``NAME[:option=value,…]``, the form of the command line."""
        name, _, rest = text.partition(":")
        pairs = [part.partition("=") for part in rest.split(",") if part]
        self.arm(name.strip(), **{option.strip(): value.strip() for option, _, value in pairs})

    def clear(self, name: str | None = None) -> None:
        """Disarm one fault, or all."""
        with self._lock:
            if name is None:
                self._armed.clear()
            else:
                self._armed.pop(name, None)

    def take(self, name: str, cmdlet: str | None = None) -> dict[str, t.Any] | None:
        """The fault's options if it is to happen now, else None.  Uses up one of its ``count``."""
        with self._lock:
            armed = self._armed.get(name)
            if armed is None or not _fits(armed, cmdlet):
                return None
            if armed.after > 0:
                armed.after -= 1
                return None
            armed.passed += 1
            if armed.passed % armed.every:
                return None
            self.happened[name] += 1
            if armed.left is not None:
                armed.left -= 1
                if armed.left == 0:
                    del self._armed[name]
            return dict(armed.options)

    def peek(self, name: str) -> dict[str, t.Any] | None:
        """The options of an armed fault, without using it up."""
        with self._lock:
            armed = self._armed.get(name)
            return None if armed is None else dict(armed.options)

    def armed(self) -> dict[str, dict[str, t.Any]]:
        """Every armed fault with its options and what is left of its count."""
        with self._lock:
            return {name: {**armed.options, "count": armed.left or ALWAYS} for name, armed in self._armed.items()}


def _fits(armed: _Armed, cmdlet: str | None) -> bool:
    wanted = armed.options.get("cmdlet")
    return wanted is None or cmdlet is None or wanted.lower() == cmdlet.lower()
