# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every HTTP server of the lab does alike: a port on loopback, a thread for each connection, an end that cuts them all."""

from __future__ import annotations

import contextlib
import http.server
import logging
import socket
import socketserver
import ssl
import threading
import typing as t

_HANDSHAKE_TIMEOUT = 10.0

log = logging.getLogger("hybridlab.http")


class Connection(http.server.BaseHTTPRequestHandler):
    """One connection.  Answers leave in one segment: header and body apart would wait 40 ms for a delayed acknowledgement."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 20

    def handle(self) -> None:
        if isinstance(self.connection, ssl.SSLSocket):  # in the thread of the connection: a client that stays silent holds up nobody else
            self.connection.settimeout(_HANDSHAKE_TIMEOUT)
            self.connection.do_handshake()
            self.connection.settimeout(None)
        super().handle()

    def log_message(self, format: str, *args: t.Any) -> None:
        log.debug(format, *args)

    def cut(self) -> None:
        """Close the connection, whatever was announced."""
        self.close_connection = True
        with contextlib.suppress(OSError):  # The client may have gone first.
            self.connection.shutdown(socket.SHUT_RDWR)


class Listener(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Serves one loopback port, over TLS where it has a ``context``."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, handler: type[Connection], context: ssl.SSLContext | None, port: int = 0) -> None:
        self._context = context
        self._started = False
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", port), handler)

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
