# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTPS front end of the tenant's services: requests in, responses out."""

from __future__ import annotations

import contextlib
import dataclasses
import gzip
import http.server
import json
import logging
import socket
import socketserver
import ssl
import threading
import typing as t
import urllib.parse

log = logging.getLogger("hybridlab.rest")
_HANDSHAKE_TIMEOUT = 10.0


@dataclasses.dataclass(frozen=True)
class Request:
    """A request.  ``path`` is decoded and without its query, header names are in lower case, ``query`` and form values are the last ones given."""

    method: str
    path: str
    query: t.Mapping[str, str]
    headers: t.Mapping[str, str]
    body: bytes
    base: str
    """Where the service is, for links in answers: ``https://localhost:1234``."""
    target: str = ""
    """Path and query as they came, encoded."""

    @property
    def parts(self) -> list[str]:
        return [part for part in self.path.split("/") if part]

    def form(self) -> dict[str, str]:
        return {name: values[-1] for name, values in urllib.parse.parse_qs(self.body.decode("utf-8", "replace"), keep_blank_values=True).items()}

    def json(self) -> t.Any:
        """Raises ValueError."""
        return json.loads(self.body)


@dataclasses.dataclass(frozen=True)
class Response:
    """A response.  ``cut`` sends half of it and closes the connection."""

    status: int
    body: bytes = b""
    headers: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    cut: bool = False

    @classmethod
    def of(cls, status: int, content: t.Any, **headers: str) -> Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls(
            status, json.dumps(content, ensure_ascii=False).encode("utf-8", "surrogatepass"), {"Content-Type": "application/json; charset=utf-8"} | named
        )


Service = t.Callable[[Request], Response | None]
"""Answers the requests that are its own; None for those of others."""


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 20
    server: Server

    def handle(self) -> None:
        if isinstance(self.connection, ssl.SSLSocket):
            self.connection.settimeout(_HANDSHAKE_TIMEOUT)
            self.connection.do_handshake()
            self.connection.settimeout(None)
        super().handle()

    def log_message(self, format: str, *args: t.Any) -> None:
        log.debug(format, *args)

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PATCH(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, _, query = self.path.partition("?")
        request = Request(
            self.command,
            urllib.parse.unquote(path),
            dict(urllib.parse.parse_qsl(query, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()},
            body,
            self.server.base,
            self.path,
        )
        self._reply(request, self.server.answer(request))

    def _reply(self, request: Request, response: Response) -> None:
        body, headers = response.body, dict(response.headers)
        if len(body) > 1000 and "gzip" in request.headers.get("accept-encoding", ""):
            body, headers["Content-Encoding"] = gzip.compress(body, 1), "gzip"
        self.send_response(response.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if response.cut else body)
        self.wfile.flush()
        if response.cut:
            self.close_connection = True
            with contextlib.suppress(OSError):  # The client may have gone first.
                self.connection.shutdown(socket.SHUT_RDWR)


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Serves REST services on one loopback port; the first that answers a request has it."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, services: t.Sequence[Service], context: ssl.SSLContext, port: int = 0) -> None:
        self._services = services
        self._context = context
        self._started = False
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", port), Handler)

    @property
    def port(self) -> int:
        return int(self.socket.getsockname()[1])

    @property
    def base(self) -> str:
        return f"https://localhost:{self.port}"

    @property
    def live(self) -> int:
        """How many connections are open."""
        with self._lock:
            return len(self._connections)

    def answer(self, request: Request) -> Response:
        for service in self._services:
            response = service(request)
            if response is not None:
                return response
        log.info("501 %s %s", request.method, request.path)
        return Response.of(501, {"error": {"code": "NotImplemented", "message": f"The lab has no {request.method} {request.path}."}})

    def start(self) -> None:
        self._started = True
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, name=f"rest-{self.port}", daemon=True).start()

    def stop(self) -> None:
        """Stop listening and cut every connection."""
        if self._started:
            self.shutdown()
        self.server_close()
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            with contextlib.suppress(OSError):  # Already closed by its client.
                connection.shutdown(socket.SHUT_RDWR)

    def get_request(self) -> tuple[socket.socket, t.Any]:
        connection, address = super().get_request()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = self._context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        with self._lock:
            self._connections.add(connection)
        return connection, address

    def shutdown_request(self, request: t.Any) -> None:
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: t.Any, client_address: t.Any) -> None:
        log.debug("connection of %s ended", client_address, exc_info=True)
