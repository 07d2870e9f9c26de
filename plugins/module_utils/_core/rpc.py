# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Calls from a task to the session broker: one message is eight bytes of length (network order) and that many bytes of JSON.

Strict request and answer: a client sends nothing while its call runs, so the broker takes any end of file in that time for a
client that went away, and cancels the call.  Values that JSON does not know travel as an object with one tag: see `encode`.
"""

from __future__ import annotations

import base64
import collections.abc
import contextlib
import datetime
import gc
import json
import socket
import struct
import typing as t
import uuid

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, SessionLost, TimedOut, UsageError, from_dict
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer, Credential, Modification, Secret, Values

HEADER = struct.Struct("!Q")
LARGEST_MESSAGE = 1 << 32
# Seconds that the broker has beyond a call's own limit to stop the pipeline and say so, before the client gives up on it.
GRACE = 15.0


def encode(value: t.Any) -> t.Any:
    """A JSON form of a cmdlet parameter; `decode` is its inverse up to plain types (str subclasses become str, tuples and sets lists).

    Raises `UsageError` for a value that has no such form.
    """
    if value is None or isinstance(value, bool):
        return value
    for kind, form in _FORMS:
        if isinstance(value, kind):
            return form(value)
    raise UsageError(f"A value of type {type(value).__name__} cannot be a cmdlet parameter")


def _encode_mapping(value: t.Mapping[t.Any, t.Any]) -> dict[str, t.Any]:
    if any(str(key).startswith("$") for key in value):
        return {"$dict": [[str(key), encode(item)] for key, item in value.items()]}
    return {str(key): encode(item) for key, item in value.items()}


def _encode_list(value: t.Iterable[t.Any]) -> list[t.Any]:
    return [encode(item) for item in value]


# The order matters: Secret is a str, datetime is a date.
_FORMS: tuple[tuple[type, t.Callable[[t.Any], t.Any]], ...] = (
    (Secret, lambda value: {"$secret": str.__str__(value)}),
    (str, str.__str__),
    (int, int),
    (float, float),
    (Credential, lambda value: {"$credential": [str(value.user), str.__str__(value.password)]}),
    (bytes, lambda value: {"$bytes": base64.b64encode(value).decode()}),
    (bytearray, lambda value: {"$bytes": base64.b64encode(value).decode()}),
    (datetime.datetime, lambda value: {"$datetime": value.isoformat()}),
    (datetime.date, lambda value: {"$date": value.isoformat()}),
    (datetime.timedelta, lambda value: {"$timespan": [value.days, value.seconds, value.microseconds]}),
    (uuid.UUID, lambda value: {"$uuid": str(value)}),
    (collections.abc.Mapping, _encode_mapping),
    (collections.abc.Set, _encode_list),
    (list, _encode_list),
    (tuple, _encode_list),
)

_TAGS: dict[str, t.Callable[[t.Any], t.Any]] = {
    "$secret": Secret,
    "$credential": lambda value: Credential(value[0], Secret(value[1])),
    "$bytes": base64.b64decode,
    "$datetime": datetime.datetime.fromisoformat,
    "$date": datetime.date.fromisoformat,
    "$timespan": lambda value: datetime.timedelta(*value),
    "$uuid": uuid.UUID,
    "$dict": lambda value: {key: decode(item) for key, item in value},
}


def decode(value: t.Any) -> t.Any:
    """The value that `encode` described."""
    if isinstance(value, dict):
        if len(value) == 1:
            (tag,) = value
            if tag in _TAGS:
                return _TAGS[tag](value[tag])
        return {key: decode(item) for key, item in value.items()}
    if isinstance(value, list):
        return [decode(item) for item in value]
    return value


def send(connection: socket.socket, message: t.Any) -> None:
    """Send one message.  Lone surrogates pass, as Ansible's text may hold them."""
    body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    connection.sendall(HEADER.pack(len(body)))
    connection.sendall(body)


def receive(connection: socket.socket) -> t.Any:
    """The next message, or None at the end of the connection (also in mid-message).  Raises ValueError for what is not a message."""
    header = _exactly(connection, HEADER.size)
    if header is None:
        return None
    (length,) = HEADER.unpack(header)
    if length > LARGEST_MESSAGE:
        raise ValueError(f"a message of {length} bytes is not one of ours")
    body = _exactly(connection, length)
    if body is None:
        return None
    with collecting_nothing():
        return json.loads(body.decode("utf-8", "surrogatepass"))


@contextlib.contextmanager
def collecting_nothing() -> t.Iterator[None]:
    """Without the garbage collector: values made from text have no circles, and looking for them takes longer than making the values."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _exactly(connection: socket.socket, size: int) -> bytearray | None:
    buffer = bytearray(size)
    view, filled = memoryview(buffer), 0
    while filled < size:
        count = connection.recv_into(view[filled:])
        if not count:
            return None
        filled += count
    return buffer


class Client:
    """One connection to a broker, opened at the first request and kept for the whole task.

    ``path`` is the broker's socket.  ``restart``, where given, starts a broker if none listens any more, and returns its path:
    it runs only before a request is sent, so nothing is ever executed twice.
    """

    def __init__(self, path: str, restart: t.Callable[[], str] | None = None) -> None:
        self.path = path
        self._restart = restart
        self._connection: socket.socket | None = None

    def request(self, message: t.Mapping[str, t.Any], timeout: float | None = None) -> dict[str, t.Any]:
        """Send one request and wait up to ``timeout`` seconds for its answer.

        Raises the `HybridError` that the broker answered, `TimedOut`, or `SessionLost` when the broker ended.
        """
        connection = self._open(timeout)
        try:
            send(connection, message)
            answer = receive(connection)
        except TimeoutError as error:
            self.close()
            raise TimedOut(f"no answer within {timeout:g} seconds") from error
        except (OSError, ValueError) as error:
            self.close()
            raise SessionLost(f"the connection to the session broker broke: {error}") from error
        if answer is None:
            self.close()
            raise SessionLost("the session broker ended during the call")
        if "error" in answer:
            raise from_dict(answer["error"])
        return t.cast(dict[str, t.Any], answer)

    def twin(self) -> Client:
        """Another connection to the same broker, not open yet."""
        return Client(self.path, self._restart)

    def _open(self, timeout: float | None) -> socket.socket:
        connection = self._connection
        if connection is not None and _ended(connection):
            self.close()
            connection = None
        if connection is None:
            try:
                connection = connected(self.path)
            except OSError as error:
                if self._restart is None:
                    raise SessionLost(f"no session broker listens any more: {error}", advice="Nothing was executed; run the task again") from error
                self.path = self._restart()
                connection = connected(self.path)
            self._connection = connection
        connection.settimeout(timeout)
        return connection

    def close(self) -> None:
        """End the connection; a call that runs is cancelled by the broker."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def connected(path: str) -> socket.socket:
    """A connection to the broker's socket.  Raises OSError."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(path)
    except OSError:
        connection.close()
        raise
    return connection


def _ended(connection: socket.socket) -> bool:
    """Whether the other side closed an idle connection."""
    connection.setblocking(False)
    try:
        return connection.recv(1, socket.MSG_PEEK) == b""
    except (BlockingIOError, InterruptedError):
        return False
    except OSError:
        return True


class RemoteSession:
    """A `session.Session` whose calls run in the broker.  ``secrets`` are the connection's, which no result may show."""

    def __init__(
        self, client: Client, *, target: str, wire: str, endpoint: str, timeout: float | None = None, secrets: t.Iterable[str] = (), width: int = 1
    ) -> None:
        self.secrets = frozenset(secrets)
        self.width = width
        self.client = client
        self.target = target
        self.wire = wire
        self.endpoint = endpoint
        self.timeout = timeout

    def invoke(self, cmdlet: str, parameters: t.Mapping[str, t.Any] | None = None, *, properties: t.Collection[str] | None = None) -> Answer:
        """Run one cmdlet: see `session.Session.invoke`."""
        message = {
            "op": "invoke",
            "cmdlet": cmdlet,
            "parameters": {str(name): encode(value) for name, value in (parameters or {}).items()},
            "properties": None if properties is None else [str(name) for name in properties],
            "timeout": self.timeout,
        }
        try:
            answer = self.client.request(message, None if self.timeout is None else self.timeout + GRACE)["answer"]
        except HybridError as error:
            error.cmdlet = error.cmdlet or cmdlet
            error.target = error.target or self.target
            raise
        return Answer(answer["output"], answer["warnings"], answer["truncated"])

    def request(self, method: str, path: str, body: t.Any = None, *, eventual: bool = False) -> Answer:
        """Make one request: see `session.RestSession.request`."""
        message = {"op": "request", "method": method, "path": str(path), "body": encode(body), "eventual": eventual, "timeout": self.timeout}
        try:
            answer = self.client.request(message, None if self.timeout is None else self.timeout + GRACE)["answer"]
        except HybridError as error:
            error.cmdlet = error.cmdlet or f"{method} {path.partition('?')[0]}"
            error.target = error.target or self.target
            raise
        return Answer(answer["output"], answer["warnings"], answer["truncated"])

    def page(self, path: str, *, eventual: bool = False) -> Answer:
        """One page of a list: see `session.Paged.page`."""
        message = {"op": "page", "path": str(path), "eventual": eventual, "timeout": self.timeout}
        try:
            answer = self.client.request(message, None if self.timeout is None else self.timeout + GRACE)["answer"]
        except HybridError as error:
            error.cmdlet = error.cmdlet or f"GET {path.partition('?')[0]}"
            error.target = error.target or self.target
            raise
        return Answer(answer["output"], answer["warnings"], answer["truncated"], answer["more"])

    def search(
        self,
        base: str | None,
        text: str = "(objectClass=*)",
        *,
        scope: str = "subtree",
        attributes: t.Collection[str] = ("*",),
        deleted: bool = False,
        limit: int | None = None,
    ) -> Answer:
        """See `session.DirectorySession`, here and below."""
        wanted = [str(name) for name in attributes]
        return self._directory("search", str(base), base=base, text=text, scope=scope, attributes=wanted, deleted=deleted, limit=limit)

    def add(self, name: str, attributes: t.Mapping[str, Values]) -> Answer:
        return self._directory("add", name, name=name, attributes=attributes)

    def modify(self, name: str, changes: t.Sequence[Modification]) -> Answer:
        return self._directory("modify", name, name=name, changes=[[one.how, one.attribute, list(one.values)] for one in changes])

    def delete(self, name: str, *, tree: bool = False) -> Answer:
        return self._directory("delete", name, name=name, tree=tree)

    def rename(self, name: str, rdn: str, parent: str | None = None) -> Answer:
        return self._directory("rename", name, name=name, rdn=rdn, parent=parent)

    def _directory(self, operation: str, about: str, **arguments: t.Any) -> Answer:
        """One operation of a directory; ``about`` is what an error names."""
        message = {"op": "directory", "operation": operation, "arguments": encode(arguments), "timeout": self.timeout}
        try:
            answer = self.client.request(message, None if self.timeout is None else self.timeout + GRACE)["answer"]
        except HybridError as error:
            error.cmdlet = error.cmdlet or f"{operation} {about}"
            error.target = error.target or self.target
            raise
        return Answer(answer["output"], answer["warnings"], answer["truncated"])

    def another(self) -> RemoteSession:
        """A second connection to the same broker, for a call beside this one's."""
        return connect(self.client.twin(), self.timeout)

    def test(self, timeout: float | None = None) -> None:
        """Prove that the server answers, with a new session if the present one is dead.  Raises `SessionError`."""
        self.client.request({"op": "test"}, timeout if timeout is None else timeout + GRACE)

    def close(self) -> None:
        """Leave the broker; its session stays for the next task."""
        self.client.close()


def connect(client: Client, timeout: float | None = None) -> RemoteSession:
    """The session behind a broker.  ``timeout``: seconds that a call may take, by default what the connection's options say."""
    hello = client.request({"op": "hello"}, GRACE)
    limit = hello["command_timeout"] if timeout is None else timeout
    names = ("target", "wire", "endpoint", "secrets")
    return RemoteSession(client, timeout=limit, width=hello.get("max_sessions", 1), **{name: hello[name] for name in names})


def session(path: str | None) -> RemoteSession:
    """The session for a module process, from the socket that the connection plugin handed over."""
    if not path:
        raise UsageError("The module was started without a session", advice="Set ansible_connection to a connection plugin of m365.hybrid")
    return connect(Client(path))
