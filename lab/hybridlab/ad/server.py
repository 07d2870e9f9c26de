# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""LDAP and LDAPS on loopback: sockets, TLS and StartTLS around `hybridlab.ad.connection`."""

from __future__ import annotations

import logging
import socket
import socketserver
import ssl
import threading
import typing as t

from hybridlab.ad import ber
from hybridlab.ad.connection import Connection

_HANDSHAKE_TIMEOUT = 10.0
_LARGEST = 10 * 1024 * 1024
"""MaxReceiveBuffer of the default query policy."""

log = logging.getLogger("hybridlab.ad")


class Handler(socketserver.BaseRequestHandler):
    """One connection, served in order."""

    server: Server

    def setup(self) -> None:
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.server.open.add(self.request)

    def handle(self) -> None:
        try:
            self._serve()
        except (OSError, ValueError) as error:  # The client went away, or speaks something else: a server drops it.
            log.info("connection ends: %s", error)

    def _serve(self) -> None:
        if self.server.context is not None and self.server.ldaps:
            self._secure()
        connection = self.server.connect(self.server.ldaps)
        for message in self._messages(connection):
            layer = connection.layer
            for response in connection.answer(message):
                self.request.sendall(layer.wrap(response) if layer else response)
            if connection.wants_tls:
                self._secure()
                connection.wants_tls, connection.secure = False, True

    def _messages(self, connection: Connection) -> t.Iterator[bytes]:
        """The client's requests, out of the layer that protects them."""
        received, buffer = bytearray(), bytearray()
        while True:
            found = ber.extent(buffer)
            if found is not None and found[1] <= len(buffer):
                message = bytes(buffer[: found[1]])
                del buffer[: found[1]]
                yield message
                continue
            if found is not None and found[1] > _LARGEST:
                raise ber.Malformed("a message that is too long")
            if connection.layer is None:
                more = self.request.recv(1 << 16)
                buffer += more
            else:
                more = connection.layer.unwrap(received)
                if more is None:
                    more = self.request.recv(1 << 16)
                    received += more
                else:
                    buffer += more
            if not more:
                return

    def _secure(self) -> None:
        assert self.server.context is not None
        plain = self.request
        plain.settimeout(_HANDSHAKE_TIMEOUT)
        self.request = self.server.context.wrap_socket(plain, server_side=True)
        self.request.settimeout(None)
        self.server.open.discard(plain)
        self.server.open.add(self.request)

    def finish(self) -> None:
        self.server.open.discard(self.request)
        self.request.close()


class Server(socketserver.ThreadingTCPServer):
    """A port of the domain controller; ``ldaps`` says whether TLS is on from the first byte."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, connect: t.Callable[[bool], Connection], context: ssl.SSLContext | None, ldaps: bool) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.connect = connect
        self.context = context
        self.ldaps = ldaps
        self.open: set[socket.socket] = set()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def start(self) -> None:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, name="ldap", daemon=True).start()

    def stop(self) -> None:
        """Close the port and cut every connection."""
        self.shutdown()
        self.server_close()
        for one in list(self.open):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:  # It is closed already.
                continue
