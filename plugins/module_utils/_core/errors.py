# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything that may stop a task.

HybridError
├── UsageError            the task's options are wrong; nothing was sent
├── MissingLibrary        a Python library is not installed where the session runs
├── NotRecorded           the log that was asked is turned off, so that finding nothing says nothing
├── NotApplied            the server took the change, but reading it back shows otherwise
├── WriteInCheckMode      the last guard: a call that may change something was about to be sent in check mode
├── SessionError          the session failed, not the object
│   ├── Unreachable       no session could be opened → the host is UNREACHABLE
│   │   ├── LoginRefused      wrong or missing credentials
│   │   └── Untrusted         the server's certificate does not verify
│   ├── SessionLimit      the server allows this account no further session
│   ├── SessionLost       the session ended during a call; whether the call ran is not known
│   └── TimedOut          no answer in time; the call was cancelled
└── CmdletError           the server ran, or refused to run, a cmdlet or another operation and said why
    ├── NotFound          the one error that proves an object absent
    ├── AlreadyExists
    ├── Ambiguous         an identity fits more than one object
    ├── AccessDenied
    ├── Throttled         surely not executed; ``wait`` holds the server's seconds, if it named any
    ├── BadParameter      a parameter is unknown to this server, or its value is refused
    ├── CommandMissing    the cmdlet does not exist in this session
    ├── NeverOpened       nobody has signed in to the mailbox yet, so it has no such settings
    ├── Truncated         the server returned only a part of the list
    ├── Elsewhere         another server or domain of the directory has the object
    ├── NotEmpty          something is below the object, so that it cannot be removed
    ├── PasswordRefused   the password breaks a rule of the domain
    ├── ProtectionNeeded  the server accepts no login or no such change without encryption
    └── Unwilling         a rule of the directory forbids the change
"""

from __future__ import annotations

import typing as t


class HybridError(Exception):
    """A failure that a task can report.

    ``text`` is what went wrong, in the server's words where a server spoke.  The keyword arguments say where: the
    ``cmdlet``, the ``target`` (as messages name it, for example ``exchange on ex01.contoso.com``), the server's
    ``error_id``, ``category`` and exception ``error_type``, what to do (``advice``; each class has a default), after how
    many seconds another try makes sense (``wait``), and by which ``request_id`` the vendor's support finds the request.
    """

    advice_by_default = ""
    planned: t.Mapping[str, t.Any] | None = None
    """The diff of a change of which at least a part may have been done before the error."""
    wrote = False
    """Whether anything was, or may have been, written before an error that is the whole task's.  Both are put on other exceptions, too."""

    def __init__(
        self,
        text: str,
        *,
        cmdlet: str | None = None,
        target: str | None = None,
        error_id: str | None = None,
        category: str | None = None,
        error_type: str | None = None,
        advice: str | None = None,
        wait: float | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(text)
        self.text = text
        self.cmdlet = cmdlet
        self.target = target
        self.error_id = error_id
        self.category = category
        self.error_type = error_type
        self.advice = self.advice_by_default if advice is None else advice
        self.wait = wait
        self.request_id = request_id

    def __str__(self) -> str:
        """One sentence each: what failed and where, the server's words, what to do."""
        where = f"{self.cmdlet or ''}{' failed on ' if self.cmdlet else ''}{self.target}: " if self.target else f"{self.cmdlet}: " if self.cmdlet else ""
        return " ".join(part for part in (where + sentence(self.text), sentence(self.advice)) if part)

    def about(self, label: str, target: str) -> HybridError:
        """The same error, with the object it is about in its text unless it stands there already."""
        self.text = self.text if label in self.text else f"{label}: {self.text}"
        self.target = self.target or target
        return self

    def as_dict(self) -> dict[str, t.Any]:
        """A JSON-able form in which the error crosses a process boundary; `from_dict` is its inverse."""
        return {"kind": type(self).__name__, **{name: getattr(self, name) for name in _ATTRIBUTES}}

    def as_result(self) -> dict[str, t.Any]:
        """The ``error`` key of a failed task's result."""
        found = {
            "class": type(self).__name__,
            "id": self.error_id,
            "category": self.category,
            "type": self.error_type,
            "cmdlet": self.cmdlet,
            "target": self.target,
        }
        return found | ({"request_id": self.request_id} if self.request_id else {})


_ATTRIBUTES = ("text", "cmdlet", "target", "error_id", "category", "error_type", "advice", "wait", "request_id")


def sentence(text: str) -> str:
    """The text, ended like a sentence."""
    text = text.strip()
    return text if not text or text[-1] in ".!?" else text + "."


def from_dict(data: t.Mapping[str, t.Any]) -> HybridError:
    """The error that `HybridError.as_dict` described; an unknown kind becomes a plain HybridError."""
    fields = {name: data.get(name) for name in _ATTRIBUTES if name != "text"}
    return _BY_NAME.get(data.get("kind", ""), HybridError)(str(data.get("text", "")), **fields)


class UsageError(HybridError):
    pass


class MissingLibrary(HybridError):
    advice_by_default = "Install it for the Python that runs ansible-playbook"


class NotRecorded(HybridError):
    advice_by_default = "Turn the log on; what happens before that is not recorded"


class NotApplied(HybridError):
    advice_by_default = "Look at the object; another administrator, a policy or replication may have changed it back"


class WriteInCheckMode(HybridError):
    pass


class SessionError(HybridError):
    pass


class Unreachable(SessionError):
    advice_by_default = "Check the host name, the port and that the service is running"


class LoginRefused(Unreachable):
    advice_by_default = "Check the user name, the password or ticket, and that the account may use remote PowerShell"


class Untrusted(Unreachable):
    advice_by_default = "Name the certificate authority with m365_ca_cert, or use the host name that the certificate carries"


class SessionLimit(SessionError):
    advice_by_default = "Close other sessions of this account or use another account"


class SessionLost(SessionError):
    advice_by_default = "Whether the call was executed is not known: run the task again, it looks first and changes only what still differs"


class TimedOut(SessionError):
    advice_by_default = "The call was cancelled; raise m365_command_timeout if the server needs longer"


class CmdletError(HybridError):
    pass


class NotFound(CmdletError):
    pass


class AlreadyExists(CmdletError):
    pass


class Ambiguous(CmdletError):
    advice_by_default = "Name the object by its GUID or distinguished name"


class AccessDenied(CmdletError):
    advice_by_default = "Give the account a management role that contains the cmdlet and its parameters"


class Throttled(CmdletError):
    advice_by_default = "Nothing was executed; try again later"


class BadParameter(CmdletError):
    pass


class CommandMissing(CmdletError):
    advice_by_default = "The server does not have the cmdlet, or no management role of the account contains it"


class NeverOpened(CmdletError):
    advice_by_default = "Sign in to the mailbox once, with Outlook on the web or with Outlook in Cached Exchange Mode"


class Truncated(CmdletError):
    advice_by_default = "Narrow the request or raise its result size; an incomplete list is never acted on"


class Elsewhere(CmdletError):
    advice_by_default = "Connect to a writable domain controller of the object's own domain; referrals are not followed"


class NotEmpty(CmdletError):
    advice_by_default = "Remove what is below it first, or all of it at once with recursive: true"


class PasswordRefused(CmdletError):
    advice_by_default = "Choose a password that keeps the rule; a password settings object may demand more of some users than the domain does"


class ProtectionNeeded(CmdletError):
    advice_by_default = "Set m365_ldap_encryption to ldaps or starttls"


class Unwilling(CmdletError):
    pass


def _tree(cls: type[HybridError]) -> t.Iterator[type[HybridError]]:
    yield cls
    for child in cls.__subclasses__():
        yield from _tree(child)


_BY_NAME: dict[str, type[HybridError]] = {cls.__name__: cls for cls in _tree(HybridError)}
