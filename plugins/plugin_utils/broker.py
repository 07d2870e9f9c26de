# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find the session broker of a playbook run and a session identity, or start it."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import hmac
import json
import os
import pathlib
import select
import subprocess
import sys
import threading
import time
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, SessionError, Unreachable, from_dict
from ansible_collections.m365.hybrid.plugins.module_utils._core.rpc import GRACE, Client
from ansible_collections.m365.hybrid.plugins.plugin_utils import folder
from ansible_collections.m365.hybrid.plugins.plugin_utils.owner import process_start

_ROOT = pathlib.Path(__file__).resolve().parents[2]
_DAEMON = pathlib.Path(__file__).resolve().with_name("brokerd.py")
# The only variables that a broker gets in its environment: other variables may hold anything, a secret among it.
_ENVIRONMENT = frozenset(("PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR"))
_ENVIRONMENT_PREFIXES = ("LC_", "KRB5", "GSS", "NTLM_USER_FILE")
# What a broker needs too but may carry a secret (a proxy's password): it travels with the configuration.
_HANDED_OVER = frozenset(("http_proxy", "https_proxy", "no_proxy", "all_proxy", "requests_ca_bundle", "curl_ca_bundle"))
# Where a managed identity of Azure gets its tokens, with the secret that the platform gives to the process.
_IDENTITY = frozenset(("identity_endpoint", "identity_header", "identity_server_thumbprint", "imds_endpoint", "msi_endpoint", "msi_secret"))


Notify = t.Callable[[str], None]


@dataclasses.dataclass(frozen=True)
class Launch:
    """What a broker is for.

    ``identity`` are the options that make another session, secrets among them; with the owner they are the broker's key.
    ``transient`` are options that do not (timeouts): the first task of a run decides them.  Both go to the wire together.
    ``secrets`` are what a module process must not show; only a client of the private socket gets them.
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
    secrets: t.Collection[str] = ()


def socket_path(launch: Launch) -> str:
    """Where the broker's socket is, whether or not it runs.

    The name is a keyed hash: the names of Unix sockets are public in /proc/net/unix, and without a key that only we can read, a
    name would let other users of the machine guess passwords.
    """
    directory = folder.find(launch.directory)
    identity = [launch.owner, process_start(launch.owner), launch.wire, launch.identity]
    text = json.dumps(identity, sort_keys=True, default=str).encode("utf-8", "surrogatepass")
    return os.path.join(directory, folder.PREFIX + hmac.new(folder.key(directory), text, hashlib.sha256).hexdigest()[: folder.DIGITS])


def find_or_start(launch: Launch, notify: Notify = lambda text: None) -> str:
    """The socket of a broker that is ready.  Raises `HybridError`: what the broker said when it could not open the session.

    ``notify`` gets what a person must know while it opens, for example how to sign in.
    """
    path = socket_path(launch)
    if folder.answers(path):
        return path
    until = time.monotonic() + launch.start_timeout
    lock = folder.hold(path, until)
    try:
        if folder.answers(path):
            folder.remove_lock(path)
        else:
            _start(launch, path, lock, until, notify)
    finally:
        os.close(lock)
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


def _start(launch: Launch, path: str, lock: int, until: float, notify: Notify) -> None:
    """Start a broker.  It is given the lock, so that nobody starts a second one if this task is cancelled in the meantime."""
    config = {
        "wire": launch.wire,
        "options": {**launch.transient, **launch.identity},
        "socket": path,
        "lock": lock,
        "owner_pid": launch.owner,
        "owner_start": process_start(launch.owner),
        "idle_timeout": launch.idle_timeout,
        "command_timeout": launch.command_timeout,
        "secrets": list(launch.secrets),
        "root": str(_ROOT),
        # python -I knows neither PYTHONPATH nor the user's site-packages; relative entries mean another folder there.
        "sys_path": [entry for entry in sys.path if os.path.isabs(entry)],
        "environment": {name: value for name, value in os.environ.items() if name.lower() in _HANDED_OVER | _IDENTITY},
    }
    process = _process(path, lock)
    if process.stdin is None or process.stdout is None:  # never: both are pipes
        raise SessionError("The session broker cannot be spoken to")
    try:
        with contextlib.suppress(BrokenPipeError):  # it died: the missing answer says so
            process.stdin.write(json.dumps(config).encode("utf-8", "surrogatepass"))
            process.stdin.close()
        answer = _answer(process.stdout.fileno(), until, notify)
    finally:
        process.stdout.close()
    # The broker outlives this task on purpose, but must not stay as a zombie where the owner itself started it.
    threading.Thread(target=process.wait, daemon=True).start()
    if "error" in answer:
        raise from_dict(answer["error"])
    if "pid" not in answer:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(1)
            folder.remove_lock(path)
        raise SessionError("The session broker did not start", advice=f"Check that {sys.executable} -I {_DAEMON} can run on the control node")


def _process(path: str, lock: int) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            [sys.executable, "-I", str(_DAEMON)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env=environment(os.environ),
            start_new_session=True,
            pass_fds=(lock,),
        )
    except OSError as error:
        folder.remove_lock(path)
        raise SessionError(f"The session broker did not start: {error}") from error


def _answer(descriptor: int, until: float, notify: Notify) -> dict[str, t.Any]:
    """What the broker says in the end; empty if it ends without a word.  Raises `Unreachable` if it says nothing in time."""
    for line in _lines(descriptor, until):
        found: dict[str, t.Any] = json.loads(line)
        if "notice" not in found:
            return found
        notify(str(found["notice"]))
    return {}


def _lines(descriptor: int, until: float) -> t.Iterator[bytes]:
    """The lines that the broker says, until it ends."""
    said = b""
    while True:
        ready, _w, _e = select.select([descriptor], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            raise Unreachable("No session opened in time: the server accepts connections but does not answer")
        part = os.read(descriptor, 65536)
        if not part:
            return
        *lines, said = (said + part).split(b"\n")
        yield from lines


def environment(variables: t.Mapping[str, str]) -> dict[str, str]:
    """The part of an environment that a broker gets: enough to run Python, Kerberos and TLS, and nothing that holds a secret."""
    return {name: value for name, value in variables.items() if name in _ENVIRONMENT or name.startswith(_ENVIRONMENT_PREFIXES)}
