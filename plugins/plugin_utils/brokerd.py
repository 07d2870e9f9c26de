# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The session broker: one process for each playbook run and session identity.

Started by `broker` with ``python -I``, never by a fork of Ansible, with its configuration (secrets among it) on standard input and
nothing else.  It opens the session, then lets its socket appear, says so in one line on standard output, and serves until its owner
(ansible-playbook) ends however it ends, nobody used it for the idle time, it is told to stop, or a client resets it.  Then it closes
its sessions, so that none is left on the server.

A login that was refused is not tried again: such a broker serves, too, and answers everything with the refusal.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import re
import select
import signal
import socket
import struct
import sys
import threading
import time
import types
import typing as t

if t.TYPE_CHECKING:
    from ansible_collections.m365.hybrid.plugins.plugin_utils import _wires

_COLLECTION = "ansible_collections.m365.hybrid"
_WIRE_NAME = re.compile(r"\A[a-z][a-z_]*\Z")
# Seconds between two looks at who is still there.
_OWNER_LOOK = 0.5
_CLIENT_LOOK = 0.1
# Seconds that a session may still take to open when the task that wants it has gone.
_PATIENCE = 2.0


def find_collection(root: str) -> None:
    """Make ``root`` importable as the collection.

    Synthetic packages, because the broker runs without Ansible's collection loader, the root's folders need not be named
    after the collection, and another ``ansible_collections`` on sys.path must not win.
    """
    path: list[str] = []
    name = ""
    for part in _COLLECTION.split("."):
        name = f"{name}.{part}" if name else part
        package = types.ModuleType(name)
        package.__path__ = path if name != _COLLECTION else [root]
        sys.modules[name] = package


class Broker:
    """Serves one wire on one listening socket.  ``path`` is where clients find the socket."""

    def __init__(self, wire: _wires.Wire, listener: socket.socket, path: str, config: t.Mapping[str, t.Any]) -> None:
        self.wire = wire
        self.path = path
        self._listener = listener
        self._config = config
        self._inode = os.stat(path).st_ino
        self._lock = threading.Lock()
        self._clients = 0
        self._calls: dict[socket.socket, _wires.Call] = {}
        self._last = time.monotonic()
        self._ended = threading.Event()

    def serve(self) -> None:
        """Return when the broker has to end; the socket is gone then, and no call runs any more."""
        watchers = [threading.Thread(target=watch, daemon=True) for watch in (self._watch_owner, self._watch_clients)]
        for watcher in watchers:
            watcher.start()
        self._listener.settimeout(0.2)
        while not self._ended.is_set():
            try:
                connection, _address = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                break
            connection.settimeout(None)
            with self._lock:
                self._clients += 1
            threading.Thread(target=self._serve_client, args=(connection,), daemon=True).start()
        self.end()
        self._unlink()
        with self._lock:
            calls = list(self._calls.values())
        for call in calls:
            call.cancel()

    def end(self) -> None:
        """Make `serve` return; any thread and a signal handler may."""
        self._ended.set()

    def _watch_owner(self) -> None:
        while not self._ended.wait(_OWNER_LOOK):
            with self._lock:
                idle = not self.wire.refusal and not self._clients and time.monotonic() - self._last > self._config["idle_timeout"]
            if idle or not _owner().runs(self._config["owner_pid"], self._config["owner_start"]):
                self.end()

    def _watch_clients(self) -> None:
        """Cancel the call of a client that went away.  A client sends nothing during its call, so anything readable is the end of it."""
        while not self._ended.wait(_CLIENT_LOOK):
            with self._lock:
                running = list(self._calls.items())
            for connection, call in running:
                if _is_gone(connection):
                    call.cancel()

    def _serve_client(self, connection: socket.socket) -> None:
        try:
            # An error means that the client went away in mid-message; there is nobody to tell.
            with contextlib.suppress(OSError, ValueError):
                if _same_user(connection):
                    self._converse(connection)
        finally:
            connection.close()
            with self._lock:
                self._clients -= 1
                self._last = time.monotonic()

    def _converse(self, connection: socket.socket) -> None:
        while (request := self._rpc.receive(connection)) is not None:
            try:
                self._rpc.send(connection, self._answer(connection, request))
            finally:
                if request.get("op") == "reset":
                    self.end()  # after the answer, which the end of the process would cut off

    @property
    def _rpc(self) -> types.ModuleType:
        return importlib.import_module(f"{_COLLECTION}.plugins.module_utils._core.rpc")

    def _answer(self, connection: socket.socket, request: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        errors = importlib.import_module(f"{_COLLECTION}.plugins.module_utils._core.errors")
        operation = {
            "hello": self._hello,
            "invoke": self._invoke,
            "request": self._request,
            "page": self._page,
            "directory": self._directory,
            "test": self._test,
            "reset": self._reset,
        }.get(str(request.get("op")))
        try:
            if operation is None:
                raise errors.UsageError(f"the broker does not know '{request.get('op')}'")
            return operation(connection, request)
        except errors.HybridError as error:
            return {"error": error.as_dict()}
        except Exception as error:  # a thread's last line of defence: the client gets a sentence, never a silent end or a traceback
            return {"error": errors.SessionLost(f"unexpected {type(error).__name__} in the session broker: {error}").as_dict()}

    def _hello(self, _connection: socket.socket, _request: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        if self.wire.refusal:
            return {"error": self.wire.refusal.as_dict()}
        return {
            "target": self.wire.target,
            "wire": self.wire.wire,
            "endpoint": self.wire.endpoint,
            "command_timeout": self._config["command_timeout"],
            "secrets": self._config.get("secrets", []),
            "max_sessions": self._config.get("options", {}).get("max_sessions", 1),
            "pid": os.getpid(),
        }

    def _invoke(self, connection: socket.socket, request: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        given = {name: self._rpc.decode(value) for name, value in request["parameters"].items()}
        with _Running(self, connection, request.get("timeout")) as call:
            answer = self.wire.invoke(call, request["cmdlet"], given, request["properties"])
        return {"answer": {"output": answer.output, "warnings": answer.warnings, "truncated": answer.truncated}}

    def _request(self, connection: socket.socket, request: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        send = getattr(self.wire, "request", None)
        if send is None:
            errors = importlib.import_module(f"{_COLLECTION}.plugins.module_utils._core.errors")
            raise errors.UsageError(f"{self.wire.target} takes cmdlets, not requests")
        with _Running(self, connection, request.get("timeout")) as call:
            answer = send(call, request["method"], request["path"], self._rpc.decode(request["body"]), request["eventual"])
        return {"answer": {"output": answer.output, "warnings": answer.warnings, "truncated": answer.truncated}}

    def _page(self, connection: socket.socket, request: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        send = getattr(self.wire, "page", None)
        if send is None:
            errors = importlib.import_module(f"{_COLLECTION}.plugins.module_utils._core.errors")
            raise errors.UsageError(f"{self.wire.target} has no lists with pages")
        with _Running(self, connection, request.get("timeout")) as call:
            answer = send(call, request["path"], request["eventual"])
        return {"answer": {"output": answer.output, "warnings": answer.warnings, "truncated": answer.truncated, "more": answer.more}}

    def _directory(self, connection: socket.socket, request: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        operate = getattr(self.wire, "operate", None)
        if operate is None:
            errors = importlib.import_module(f"{_COLLECTION}.plugins.module_utils._core.errors")
            raise errors.UsageError(f"{self.wire.target} is no directory")
        with _Running(self, connection, request.get("timeout")) as call:
            answer = operate(call, request["operation"], self._rpc.decode(request["arguments"]))
        return {"answer": {"output": answer.output, "warnings": answer.warnings, "truncated": answer.truncated}}

    def _test(self, connection: socket.socket, request: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        with _Running(self, connection, request.get("timeout")) as call:
            self.wire.test(call)
        return {"ok": True}

    def _reset(self, _connection: socket.socket, _request: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        self._unlink()  # before the answer: nobody may find this broker once the client believes that it is gone
        return {"ok": True}

    def _unlink(self) -> None:
        with contextlib.suppress(OSError):  # somebody removed it already
            if os.stat(self.path).st_ino == self._inode:  # else it belongs to a later broker
                os.unlink(self.path)


class _Running:
    """Registers a call with its client's connection while it runs."""

    def __init__(self, broker: Broker, connection: socket.socket, timeout: float | None) -> None:
        wires = importlib.import_module(f"{_COLLECTION}.plugins.plugin_utils._wires")
        self._broker = broker
        self._connection = connection
        self._call: _wires.Call = wires.Call(timeout)

    def __enter__(self) -> _wires.Call:
        with self._broker._lock:
            self._broker._calls[self._connection] = self._call
        return self._call

    def __exit__(self, *_error: object) -> None:
        with self._broker._lock:
            del self._broker._calls[self._connection]


def _is_gone(connection: socket.socket) -> bool:
    try:
        readable, _w, _e = select.select([connection], [], [], 0)
        return bool(readable) and connection.recv(1, socket.MSG_PEEK) == b""
    except (OSError, ValueError):
        return True


def _same_user(connection: socket.socket) -> bool:
    """Whether the peer runs as our user.  Only Linux tells; elsewhere the socket's directory and mode have to do."""
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        return True
    _pid, uid, _gid = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, option, 12))
    return bool(uid == os.getuid())


def listen(path: str) -> socket.socket:
    """A listening socket of mode 0600 that appears under its path only when it accepts connections."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    hidden = f"{path}.{os.getpid()}"
    mask = os.umask(0o177)
    try:
        listener.bind(hidden)
    finally:
        os.umask(mask)
    listener.listen(128)
    os.rename(hidden, path)
    return listener


def make_wire(name: str, options: t.Mapping[str, t.Any]) -> _wires.Wire:
    """The wire of that name among our own, not open yet.  Raises HybridError."""
    if not _WIRE_NAME.match(name):
        raise ValueError(f"'{name}' is not the name of a wire")
    module = importlib.import_module(f"{_COLLECTION}.plugins.plugin_utils._wires.{name}")
    wire: _wires.Wire = module.open_wire(options)
    return wire


def say(message: t.Mapping[str, t.Any]) -> None:
    """Tell the starter, and let go of its pipes; it may be gone already."""
    with contextlib.suppress(OSError):  # its task was cancelled; the next task finds the socket
        os.write(1, json.dumps(message).encode() + b"\n")
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)


def notify(text: str) -> None:
    """Show a line to the person who runs the playbook, while the session opens."""
    with contextlib.suppress(OSError):  # the task was cancelled: nobody is left to tell
        os.write(1, json.dumps({"notice": text}).encode() + b"\n")


def release(config: dict[str, t.Any]) -> None:
    """Let go of the starter's lock, once: from here on the socket, if there is one, says that there is a broker."""
    lock = config.pop("lock", None)
    if lock is not None:
        _folder().remove_lock(config["socket"])
        os.close(lock)


def _folder() -> types.ModuleType:
    return importlib.import_module(f"{_COLLECTION}.plugins.plugin_utils.folder")


def _owner() -> types.ModuleType:
    return importlib.import_module(f"{_COLLECTION}.plugins.plugin_utils.owner")


def follow_owner(config: dict[str, t.Any], serving: threading.Event) -> None:
    """While the session opens, which may take long against a dead server: end the process with its owner, or when nobody waits for it."""
    patience = _PATIENCE
    while not serving.wait(_OWNER_LOOK):
        patience -= _OWNER_LOOK if _unheard() else 0.0
        if patience <= 0 or not _owner().runs(config["owner_pid"], config["owner_start"]):
            release(config)
            os._exit(1)


def _unheard() -> bool:
    """Whether the starter closed its end of our standard output."""
    poll = select.poll()
    poll.register(1, 0)
    return any(event & select.POLLERR for _descriptor, event in poll.poll(0))


def opened(config: t.Mapping[str, t.Any]) -> tuple[_wires.Wire | None, dict[str, t.Any]]:
    """The wire with its first session, and what to tell the starter.  No wire, if there is nothing to serve."""
    errors = importlib.import_module(f"{_COLLECTION}.plugins.module_utils._core.errors")
    wires = importlib.import_module(f"{_COLLECTION}.plugins.plugin_utils._wires")
    wire = None
    try:
        wire = make_wire(config["wire"], config["options"])
        wire.open(wires.Call(config["command_timeout"], notify))
        return wire, {"pid": os.getpid()}
    except errors.HybridError as error:
        return wire if wire and wire.refusal else None, {"error": error.as_dict()}
    except Exception as error:  # the starter shows a sentence; a traceback would end in nowhere
        return None, {"error": errors.SessionError(f"unexpected {type(error).__name__} while the session opened: {error}").as_dict()}


def main() -> int:
    config = json.loads(sys.stdin.buffer.read())
    # Ctrl-C and a closed terminal are meant for ansible-playbook: the broker follows its end.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.update(config["environment"])
    sys.path.extend(entry for entry in config["sys_path"] if entry not in sys.path)
    find_collection(config["root"])
    serving = threading.Event()
    threading.Thread(target=follow_owner, args=(config, serving), daemon=True).start()
    wire, message = opened(config)
    if wire is None:
        release(config)
        say(message)
        return 1
    try:
        broker = Broker(wire, listen(config["socket"]), config["socket"], config)
        signal.signal(signal.SIGTERM, lambda *_: broker.end())
        serving.set()
        release(config)
        say(message)
        _folder().sweep(os.path.dirname(config["socket"]))
        broker.serve()
    finally:
        wire.close()
    return 0


if __name__ == "__main__":
    code = main()
    # Threads may still wait for a client or a dead server: nothing that they could do matters any more.
    os._exit(code)
