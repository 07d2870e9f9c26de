# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a federation service shows to its clients: certificates over TLS, with and without a name, the federation metadata, the page to sign in."""

from __future__ import annotations

import base64
import datetime
import http.client
import socket
import ssl
import typing as t
import xml.etree.ElementTree as ET

from ansible_collections.m365.hybrid.plugins.module_utils._adfs import certificates

METADATA = "/FederationMetadata/2007-06/FederationMetadata.xml"
SIGN_IN = "/adfs/ls/idpinitiatedsignon"
_KEY = "{urn:oasis:names:tc:SAML:2.0:metadata}KeyDescriptor"
_CERTIFICATE = "{http://www.w3.org/2000/09/xmldsig#}X509Certificate"
_LIMIT = 4 * 1024 * 1024
Row = dict[str, t.Any]


def look(address: str, name: str, timeout: float, now: datetime.datetime) -> Row:
    """What the service ``name`` shows at ``address`` (HOST:PORT).  What cannot be reached is told, not raised.  Raises ValueError for no address."""
    host, _colon, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise ValueError(f"{address!r} is no HOST:PORT")
    place = (host.strip("[]"), int(port))
    found: Row = {"address": address, "reached": False, "error": None, "certificate": None, "without_name": None, "alternate": None}
    found |= {"metadata": None, "signing": [], "sign_in_page": None}
    try:
        found |= {"certificate": presented(place, name, timeout).shown(now), "reached": True}
    except (OSError, ValueError) as error:
        return found | {"error": f"{name} at {address}: {error}"}
    for key, asked in (("without_name", None), ("alternate", f"certauth.{name}")):
        try:
            found[key] = presented(place, asked, timeout).shown(now)
        except (OSError, ValueError):
            found[key] = None  # nothing is bound for it, which is the rule
    try:
        status, body = get(place, name, METADATA, timeout)
        found |= {"metadata": status, "signing": signing(body, now) if status == 200 else [], "sign_in_page": get(place, name, SIGN_IN, timeout)[0]}
    except (OSError, ValueError, ET.ParseError, http.client.HTTPException) as error:
        found["error"] = f"{name} at {address}: {error}"
    return found


def presented(place: tuple[str, int], name: str | None, timeout: float) -> certificates.Facts:
    """The certificate that a server presents for a name, or to a client that gives none.  Raises OSError, ValueError."""
    with _context().wrap_socket(socket.create_connection(place, timeout), server_hostname=name) as connection:
        return certificates.parse(connection.getpeercert(True) or b"")


def get(place: tuple[str, int], name: str, path: str, timeout: float) -> tuple[int, bytes]:
    """Status and body.  Raises OSError, HTTPException."""
    connection = _Named(place, name, timeout)
    try:
        connection.request("GET", path, headers={"Host": name})
        answer = connection.getresponse()
        return answer.status, answer.read(_LIMIT)
    finally:
        connection.close()


def signing(body: bytes, now: datetime.datetime) -> list[Row]:
    """The certificates in federation metadata that sign, in their order, each with its text.  Raises ValueError, ParseError."""
    texts = ["".join((one.text or "").split()) for key in ET.fromstring(body).iter(_KEY) if key.get("use") != "encryption" for one in key.iter(_CERTIFICATE)]
    return [certificates.parse(base64.b64decode(text)).shown(now) | {"certificate": text} for text in dict.fromkeys(texts)]


def _context() -> ssl.SSLContext:
    """Whatever is presented is wanted, also what no client would trust: it is told, and compared by thumbprint."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class _Named(http.client.HTTPSConnection):
    """Connects to one server of a service and asks it for the service's name, which need not resolve to it."""

    def __init__(self, place: tuple[str, int], name: str, timeout: float) -> None:
        super().__init__(*place, timeout=timeout, context=_context())
        self._name = name

    def connect(self) -> None:
        self.sock = _context().wrap_socket(socket.create_connection((self.host, self.port), self.timeout), server_hostname=self._name)
