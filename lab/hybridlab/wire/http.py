# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP and HTTPS front end of WSMan services."""

from __future__ import annotations

import contextlib
import http.server
import logging
import socket
import socketserver
import ssl
import threading
import typing as t
import xml.etree.ElementTree as ET

from hybridlab.faults import Faults
from hybridlab.wire import auth, tls
from hybridlab.wire.faults import Dropped
from hybridlab.wire.wsman import Service

SOAP_TYPE = "application/soap+xml;charset=UTF-8"
_HANDSHAKE_TIMEOUT = 10.0
# IIS answers with a well-formed page.
_NOT_FOUND = b"<html><head><title>404</title></head><body><h2>404 - File or directory not found.</h2></body></html>"

log = logging.getLogger("hybridlab.http")

Headers = t.Iterable[tuple[str, str]]


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection.  Answers leave in one segment: header and body apart would wait 40 ms for a delayed acknowledgement."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 20
    server: Server

    def setup(self) -> None:
        super().setup()
        self._conversation = auth.Conversation(self.server.policy, self.server.certificate_hash)
        self._certificate: bytes | None = None

    def handle(self) -> None:
        if isinstance(self.connection, ssl.SSLSocket):
            self.connection.settimeout(_HANDSHAKE_TIMEOUT)
            self.connection.do_handshake()
            self.connection.settimeout(None)
            self._certificate = self.connection.getpeercert(binary_form=True)
        super().handle()

    def version_string(self) -> str:
        return "Microsoft-IIS/10.0"

    def log_message(self, format: str, *args: t.Any) -> None:
        log.debug(format, *args)

    def do_GET(self) -> None:
        self._reply(405 if self._served() else 404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not self._served():
            self._reply(404, _NOT_FOUND, "text/html")
        elif (redirect := self.server.faults.take("redirect")) is not None:
            self._reply(redirect["status"], headers=[("Location", redirect["to"])])
        elif self.server.faults.take("unauthorized") is not None:
            self._reply(401, headers=self._conversation.challenges())
        else:
            self._authenticate(body)

    def _served(self) -> bool:
        return self.path.partition("?")[0].strip("/").lower() in self.server.services

    def _authenticate(self, body: bytes) -> None:
        try:
            outcome = self._conversation.answer(self.headers.get("Authorization", ""), tls.principal(self._certificate))
        except auth.Refused:
            self._reply(401, headers=self._conversation.challenges())
            return
        if isinstance(outcome, auth.Continue):
            self._reply(401, headers=outcome.headers)
        elif not body:
            self._reply(200, headers=outcome.headers)
        else:
            self._serve(body, outcome)

    def _serve(self, body: bytes, granted: auth.Granted) -> None:
        service = self.server.services[self.path.partition("?")[0].strip("/").lower()]
        content_type = self.headers.get("Content-Type", "")
        encrypted = content_type.startswith("multipart/encrypted")
        if not encrypted and not self.server.clear_text:
            self._reply(500, headers=granted.headers)  # WinRM's AllowUnencrypted is off.
            return
        try:
            clear = self._conversation.decrypt(body) if encrypted else body
            status, answer = service.handle(clear, granted.account)
        except Dropped as dropped:
            self._cut(dropped.answer)
        except (ValueError, IndexError, ET.ParseError) as error:
            log.info("unreadable request: %s", error)
            self._reply(400, headers=granted.headers)
        else:
            sent_type = SOAP_TYPE
            if encrypted:
                answer, sent_type = self._conversation.encrypt(answer, content_type)
            self._reply(status, answer, sent_type, granted.headers)

    def _reply(self, status: int, body: bytes = b"", content_type: str = SOAP_TYPE, headers: Headers = ()) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if body:
            self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def _cut(self, answer: bytes) -> None:
        """Send half of what is announced and close the connection."""
        self.send_response(200)
        self.send_header("Content-Type", SOAP_TYPE)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer[: len(answer) // 2])
        self.wfile.flush()
        self.close_connection = True
        with contextlib.suppress(OSError):  # The client may have gone first.
            self.connection.shutdown(socket.SHUT_RDWR)


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Serves WSMan services by path on one loopback port.

    ``clear_text`` allows requests without message encryption; ``services`` maps a path in lower case, without slashes at its ends.
    """

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(
        self,
        services: t.Mapping[str, Service],
        policy: auth.Policy,
        faults: Faults,
        *,
        context: ssl.SSLContext | None = None,
        certificate_hash: bytes | None = None,
        clear_text: bool = False,
        port: int = 0,
    ) -> None:
        self.services = services
        self.policy = policy
        self.faults = faults
        self.certificate_hash = certificate_hash
        self.clear_text = clear_text
        self._context = context
        self.unreachable: t.Callable[[], bool] = lambda: False
        """Asked for each connection: one to a server that cannot be reached is closed at once."""
        self._started = False
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", port), Handler)

    @property
    def port(self) -> int:
        return int(self.socket.getsockname()[1])

    def start(self) -> None:
        self._started = True
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, name=f"http-{self.port}", daemon=True).start()

    def stop(self) -> None:
        """Stop listening and cut every connection."""
        if self._started:  # Otherwise shutdown would wait for a loop that never ran.
            self.shutdown()
        self.server_close()
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            with contextlib.suppress(OSError):  # Already closed by its client.
                connection.shutdown(socket.SHUT_RDWR)

    def verify_request(self, request: t.Any, client_address: t.Any) -> bool:
        return not self.unreachable()

    def get_request(self) -> tuple[socket.socket, t.Any]:
        connection, address = super().get_request()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._context is not None:
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
