# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP and HTTPS front end of WSMan services."""

from __future__ import annotations

import logging
import ssl
import typing as t
import xml.etree.ElementTree as ET

from hybridlab.faults import Faults
from hybridlab.wire import auth, listening, tls
from hybridlab.wire.faults import Dropped
from hybridlab.wire.wsman import Service

SOAP_TYPE = "application/soap+xml;charset=UTF-8"
# IIS answers with a well-formed page.
_NOT_FOUND = b"<html><head><title>404</title></head><body><h2>404 - File or directory not found.</h2></body></html>"

log = logging.getLogger("hybridlab.http")

Headers = t.Iterable[tuple[str, str]]


class Handler(listening.Connection):
    """One connection, with who has logged on over it."""

    server: Server

    def setup(self) -> None:
        super().setup()
        self._conversation = auth.Conversation(self.server.policy, self.server.certificate_hash)

    def version_string(self) -> str:
        return "Microsoft-IIS/10.0"

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
            certificate = self.connection.getpeercert(binary_form=True) if isinstance(self.connection, ssl.SSLSocket) else None
            outcome = self._conversation.answer(self.headers.get("Authorization", ""), tls.principal(certificate))
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
        self.cut()


class Server(listening.Listener):
    """Serves WSMan services by path on one loopback port.

    ``clear_text`` allows requests without message encryption; ``services`` maps a path in lower case, without slashes at its ends.
    """

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
        self.unreachable: t.Callable[[], bool] = lambda: False
        """Asked for each connection: one to a server that cannot be reached is closed at once."""
        super().__init__(Handler, context, port)

    def verify_request(self, request: t.Any, client_address: t.Any) -> bool:
        return not self.unreachable()
