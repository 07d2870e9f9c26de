# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find the session broker of a playbook run and a session identity, or start it."""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import hashlib
import hmac
import json
import os
import pathlib
import secrets
import select
import stat
import subprocess
import sys
import tempfile
import threading
import time
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, SessionError, UsageError, from_dict
from ansible_collections.m365.hybrid.plugins.module_utils._core.rpc import GRACE, Client, connected
from ansible_collections.m365.hybrid.plugins.plugin_utils.brokerd import process_start

# AF_UNIX takes 108 bytes with the final zero; the broker binds under a longer name first ("." and its pid).
LONGEST_PATH = 107 - len(".4194304")
_ROOT = pathlib.Path(__file__).resolve().parents[2]
_DAEMON = pathlib.Path(__file__).resolve().with_name("brokerd.py")
# The only variables that a broker gets in its environment: other variables may hold anything, a secret among it.
_ENVIRONMENT = frozenset(("PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR"))
_ENVIRONMENT_PREFIXES = ("LC_", "KRB5", "GSS", "NTLM_USER_FILE")
# What a broker needs too but may carry a secret (a proxy's password): it travels with the configuration.
_HANDED_OVER = frozenset(("http_proxy", "https_proxy", "no_proxy", "all_proxy", "requests_ca_bundle", "curl_ca_bundle"))


@dataclasses.dataclass(frozen=True)
class Launch:
    """What a broker is for.

    ``identity`` are the options that make another session, secrets among them; with the owner they are the broker's key.
    ``transient`` are options that do not (timeouts): the first task of a run decides them.  Both go to the wire together.
    ``owner`` is the process whose end ends the broker.  ``directory`` is where sockets should be, if their names fit.
    """

    wire: str
    identity: t.Mapping[str, t.Any]
    transient: t.Mapping[str, t.Any]
    owner: int
    directory: str
    idle_timeout: float = 900.0
    command_timeout: float = 1800.0
    start_timeout: float = 180.0


def socket_path(launch: Launch) -> str:
    """Where the broker's socket is, whether or not it runs.

    The name is a keyed hash: the names of Unix sockets are public in /proc/net/unix, and without a key that only we can read, a
    name would let other users of the machine guess passwords.
    """
    directory = _directory(launch.directory)
    identity = [launch.owner, process_start(launch.owner), launch.wire, launch.identity]
    text = json.dumps(identity, sort_keys=True, default=str).encode("utf-8", "surrogatepass")
    return os.path.join(directory, "m365-" + hmac.new(_key(directory), text, hashlib.sha256).hexdigest()[:24])


def find_or_start(launch: Launch) -> str:
    """The socket of a broker that is ready.  Raises `HybridError`: what the broker said when it could not open the session."""
    path = socket_path(launch)
    if _answers(path):
        return path
    until = time.monotonic() + launch.start_timeout
    with _locked(f"{path}.lock", until) as lock:
        if not _answers(path):
            _start(launch, path, lock, until)
    return path


def reset(launch: Launch) -> bool:
    """End the broker; whether there was one.  Its socket is gone when this returns."""
    client = Client(socket_path(launch))
    try:
        client.request({"op": "reset"}, GRACE)
    except HybridError:
        return False  # none runs, or it just ended: the same to the caller
    finally:
        client.close()
    return True


def _answers(path: str) -> bool:
    try:
        connected(path).close()
    except OSError:
        return False
    return True


@contextlib.contextmanager
def _locked(path: str, until: float) -> t.Iterator[int]:
    """Hold a lock that only one starter holds, for at most as long as a start may take."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise SessionError("another task has been opening the same session for too long") from None
                time.sleep(0.05)
        yield descriptor
    finally:
        os.close(descriptor)


def _start(launch: Launch, path: str, lock: int, until: float) -> None:
    """Start a broker.  It inherits the lock, so that nobody starts a second one if this task is cancelled in the meantime."""
    config = {
        "wire": launch.wire,
        "options": {**launch.transient, **launch.identity},
        "socket": path,
        "lock": lock,
        "owner_pid": launch.owner,
        "owner_start": process_start(launch.owner),
        "idle_timeout": launch.idle_timeout,
        "command_timeout": launch.command_timeout,
        "root": str(_ROOT),
        # python -I knows neither PYTHONPATH nor the user's site-packages; relative entries mean another folder there.
        "sys_path": [entry for entry in sys.path if os.path.isabs(entry)],
        "environment": {name: value for name, value in os.environ.items() if name.lower() in _HANDED_OVER},
    }
    process = subprocess.Popen(
        [sys.executable, "-I", str(_DAEMON)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env=environment(os.environ),
        start_new_session=True,
        pass_fds=(lock,),
    )
    if process.stdin is None or process.stdout is None:  # never: both are pipes
        raise SessionError("The session broker cannot be spoken to")
    try:
        with contextlib.suppress(BrokenPipeError):  # it died: the missing answer says so
            process.stdin.write(json.dumps(config).encode("utf-8", "surrogatepass"))
            process.stdin.close()
        answer = json.loads(_line(process.stdout.fileno(), until) or b"{}")
    finally:
        process.stdout.close()
    # The broker outlives this task on purpose, but must not stay as a zombie where the owner itself started it.
    threading.Thread(target=process.wait, daemon=True).start()
    if "error" in answer:
        raise from_dict(answer["error"])
    if "pid" not in answer:
        raise SessionError("The session broker did not start", advice=f"Check that {sys.executable} -I {_DAEMON} can run on the control node")


def _line(descriptor: int, until: float) -> bytes:
    """What the broker says, up to its first line end; empty if it ends without a word or says nothing in time."""
    said = b""
    while not said.endswith(b"\n"):
        ready, _w, _e = select.select([descriptor], [], [], max(0.0, until - time.monotonic()))
        part = os.read(descriptor, 65536) if ready else b""
        if not part:
            return b""
        said += part
    return said


def environment(variables: t.Mapping[str, str]) -> dict[str, str]:
    """The part of an environment that a broker gets: enough to run Python, Kerberos and TLS, and nothing that holds a secret."""
    return {name: value for name, value in variables.items() if name in _ENVIRONMENT or name.startswith(_ENVIRONMENT_PREFIXES)}


def _directory(wanted: str) -> str:
    """A private directory in which a socket's name fits: the wanted one, else a short one.  Raises `UsageError` if there is none."""
    longest = LONGEST_PATH - len("/m365-") - 24
    # A folder of our own in it: the mode of a folder that others use, too, is not ours to change.
    candidates = [os.path.join(os.path.abspath(os.path.expanduser(wanted)), "m365")]
    if runtime := os.environ.get("XDG_RUNTIME_DIR"):
        candidates.append(os.path.join(runtime, "m365"))
    candidates += [os.path.join(base, f"m365-{os.getuid()}") for base in dict.fromkeys((tempfile.gettempdir(), "/tmp"))]
    for candidate in candidates:
        if len(os.fsencode(candidate)) <= longest and _private(candidate):
            return candidate
    raise UsageError(
        "There is no directory for the session's socket: " + ", ".join(candidates) + " are too long, not writable or not private",
        advice="Set ANSIBLE_PERSISTENT_CONTROL_PATH_DIR to a short path that only this user can enter",
    )


def _private(directory: str) -> bool:
    """Make the directory if it is missing; whether only we can enter it."""
    try:
        os.makedirs(directory, mode=0o700, exist_ok=True)
        found = os.lstat(directory)
        private = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077
        return private and os.access(directory, os.W_OK | os.X_OK)
    except OSError:
        return False  # the next candidate may do


def _key(directory: str) -> bytes:
    """A random key that all tasks of this user share; it protects names, not data."""
    path = os.path.join(directory, "m365-key")
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
