# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What clients of a farm reach: TLS with the certificate that is bound to the name they ask for, the federation metadata, and the page to sign in."""

from __future__ import annotations

import base64
import contextlib
import http.server
import pathlib
import ssl
import tempfile
import threading
import typing as t
from xml.sax import saxutils

from cryptography.hazmat.primitives import serialization

from hybridlab.adfs.cmdlets import raw
from hybridlab.adfs.farm import DECRYPTING, FALLBACK, HTTPS, SIGNING, Farm, Node
from hybridlab.adfs.proxy import Proxy
from hybridlab.windows.certificates import Held

METADATA = "/FederationMetadata/2007-06/FederationMetadata.xml"
SIGN_IN = "/adfs/ls/idpinitiatedsignon"
_NAMESPACES = 'xmlns="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"'


class Listener:
    """Port 443 of one host, on a free port of loopback."""

    def __init__(self, host: Node | Proxy, farm: Farm) -> None:
        self._host, self._farm = host, farm
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._server: _Server | None = None

    @property
    def port(self) -> int:
        return self._server.port if self._server else 0

    def start(self) -> None:
        self._server = _Server(self._context, _handler(self._host, self._farm))
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="adfs", daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def _context(self, name: str | None) -> ssl.SSLContext | None:
        """What HTTP.sys presents to a client that asks for a name, or for none; None where it ends the handshake."""
        key = ((name or FALLBACK).lower(), HTTPS)
        thumbprint = self._host.bindings.get(key) or self._host.bindings.get((FALLBACK, HTTPS))
        held = self._host.store.get(thumbprint or "")
        if held is None or held.key is None:
            return None
        if held.thumbprint not in self._contexts:
            self._contexts[held.thumbprint] = presenting(held)
        return self._contexts[held.thumbprint]


def presenting(held: Held) -> ssl.SSLContext:
    """A context that presents a certificate."""
    if held.key is None:
        raise ValueError("a certificate without its key cannot be presented")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    key = held.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    with tempfile.TemporaryDirectory(prefix="hybridlab-") as folder:
        path = pathlib.Path(folder, "pair.pem")  # the library reads files alone; the folder is its owner's
        path.write_bytes(held.certificate.public_bytes(serialization.Encoding.PEM) + key)
        context.load_cert_chain(path)
    return context


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, choose: t.Callable[[str | None], ssl.SSLContext | None], handler: type[http.server.BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self._choose = choose

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def finish_request(self, request: t.Any, client_address: t.Any) -> None:
        request.settimeout(10)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)

        def choose(connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, _first: ssl.SSLContext) -> int | None:
            chosen = self._choose(name)
            if chosen is None:
                return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
            connection.context = chosen
            return None

        context.sni_callback = choose
        # a client that drops the connection, or that nothing is presented to, is no news
        with contextlib.suppress(OSError):
            super().finish_request(context.wrap_socket(request, server_side=True), client_address)


def _handler(host: Node | Proxy, farm: Farm) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, kind, body = _answer(self.path.partition("?")[0], host, farm)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: t.Any) -> None:
            """Nobody reads it."""

    return Handler


def _answer(path: str, host: Node | Proxy, farm: Farm) -> tuple[int, str, bytes]:
    if not host.running or (isinstance(host, Proxy) and not (host.trusted and any(one.running for one in farm.nodes))):
        return 503, "text/html", b"Service Unavailable"
    if path.lower() == METADATA.lower():
        return 200, "application/samlmetadata+xml", metadata(farm).encode()
    if path.lower().rstrip("/").removesuffix(".aspx") == SIGN_IN:
        enabled = farm.properties["EnableIdPInitiatedSignonPage"]
        return (200, "text/html", b"<html><title>Sign In</title></html>") if enabled else (404, "text/html", b"An error occurred")
    return 404, "text/html", b"Not Found"


def metadata(farm: Farm) -> str:
    """The certificate that decrypts, then those that sign: the primary one and the one that comes next."""
    keys = "".join(
        f'<KeyDescriptor use="{use}"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{base64.b64encode(raw(one.held.certificate)).decode()}'
        "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor>"
        for use, shown in (("encryption", farm.of(DECRYPTING)[:1]), ("signing", farm.of(SIGNING)))
        for one in shown
    )
    identifier = saxutils.quoteattr(f"http://{farm.service}/adfs/services/trust")
    role = '<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
    return f'<?xml version="1.0" encoding="utf-8"?><EntityDescriptor {_NAMESPACES} entityID={identifier}>{role}{keys}</IDPSSODescriptor></EntityDescriptor>'
