# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The private folder with the sockets of brokers, and what keeps it tidy.

A broker's socket has a name that `broker.socket_path` makes; while a broker is being started, a lock of the same name and ``.lock``
lies beside it.  Whoever holds a lock removes its file before letting go of it: a starter that needed no broker, or the broker.
Only the random key stays when no playbook runs.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import secrets
import stat
import tempfile
import time

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import SessionError, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.rpc import connected

# AF_UNIX takes 108 bytes with the final zero; the broker binds under a longer name first ("." and its pid).
LONGEST_PATH = 107 - len(".4194304")
PREFIX = "m365-"
DIGITS = 24
_OURS = re.compile(rf"({PREFIX}[0-9a-f]{{{DIGITS}}})(?:\.lock|\.\d+)?\Z")


def find(wanted: str) -> str:
    """A private directory in which a socket's name fits: the wanted one, else a short one.  Raises `UsageError` if there is none."""
    longest = LONGEST_PATH - len(f"/{PREFIX}") - DIGITS
    # A folder of our own in it: the mode of a folder that others use, too, is not ours to change.
    candidates = [os.path.join(os.path.abspath(os.path.expanduser(wanted)), "m365")]
    if runtime := os.environ.get("XDG_RUNTIME_DIR"):
        candidates.append(os.path.join(runtime, "m365"))
    candidates += [os.path.join(base, f"m365-{os.getuid()}") for base in dict.fromkeys((tempfile.gettempdir(), "/tmp"))]
    for candidate in candidates:
        if len(os.fsencode(candidate)) <= longest and private(candidate):
            return candidate
    raise UsageError(
        "There is no directory for the session's socket: " + ", ".join(candidates) + " are too long, not writable or not private",
        advice="Set ANSIBLE_PERSISTENT_CONTROL_PATH_DIR to a short path that only this user can enter",
    )


def private(directory: str) -> bool:
    """Make the directory if it is missing; whether only we can enter it."""
    try:
        os.makedirs(directory, mode=0o700, exist_ok=True)
        found = os.lstat(directory)
        closed = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077
        return closed and os.access(directory, os.W_OK | os.X_OK)
    except OSError:
        return False  # the next candidate may do


def key(directory: str) -> bytes:
    """A random key that all tasks of this user share; it protects names, not data."""
    path = os.path.join(directory, f"{PREFIX}key")
    with contextlib.suppress(FileNotFoundError):
        with open(path, "rb") as file:
            return file.read()
    handle, draft = tempfile.mkstemp(dir=directory)
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_bytes(32))
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)  # unlike a rename, this never replaces another task's key
    os.unlink(draft)
    with open(path, "rb") as file:
        return file.read()


def answers(path: str) -> bool:
    """Whether a broker listens on the socket."""
    try:
        connected(path).close()
    except OSError:
        return False
    return True


def lock_of(path: str) -> str:
    """The lock that belongs to a socket."""
    return f"{path}.lock"


def hold(path: str, until: float) -> int:
    """The descriptor of a socket's lock, held.  Raises `SessionError` if another holds it until that moment (`time.monotonic`)."""
    while True:
        descriptor = os.open(lock_of(path), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _wait(descriptor, until)
            if _is(descriptor, lock_of(path)):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # its holder removed the file in the meantime: only the present file counts


def _wait(descriptor: int, until: float) -> None:
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise SessionError("another task has been opening the same session for too long") from None
            time.sleep(0.05)


def _is(descriptor: int, path: str) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False


def remove_lock(path: str) -> None:
    """Remove the file of a lock that the caller holds, or was given."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(lock_of(path))


def sweep(directory: str) -> None:
    """Remove what killed brokers left: what belongs to a socket on which nobody listens and whose lock nobody holds."""
    for name in sorted({match.group(1) for match in map(_OURS.match, os.listdir(directory)) if match}):
        path = os.path.join(directory, name)
        if answers(path):
            continue
        try:
            lock = hold(path, 0.0)
        except SessionError:
            continue  # its broker is just being started
        try:
            if not answers(path):
                _remove(directory, name)
        finally:
            remove_lock(path)
            os.close(lock)


def _remove(directory: str, name: str) -> None:
    for entry in os.listdir(directory):
        match = _OURS.match(entry)
        if match and match.group(1) == name and not entry.endswith(".lock"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(os.path.join(directory, entry))
