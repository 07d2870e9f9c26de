# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kerberos binds: SASL GSSAPI (RFC 4752) and GSS-SPNEGO (MS-SPNG), and the signing or sealing that they can bring."""

from __future__ import annotations

import typing as t

import spnego

from hybridlab.ad import refusals
from hybridlab.wire.auth import acceptor_environment

GSSAPI, GSS_SPNEGO = "GSSAPI", "GSS-SPNEGO"
NO_LAYER, INTEGRITY, CONFIDENTIALITY = 1, 2, 4
_LARGEST = 0xA00000
_LENGTH = 4


class Layer:
    """What travels after a bind that chose to be signed, or sealed: each buffer behind its length in four bytes."""

    def __init__(self, context: spnego.ContextProxy, sealed: bool) -> None:
        self._context = context
        self._sealed = sealed

    def wrap(self, data: bytes) -> bytes:
        wrapped = self._context.wrap(data, encrypt=self._sealed).data
        return len(wrapped).to_bytes(_LENGTH, "big") + wrapped

    def unwrap(self, buffer: bytearray) -> bytes | None:
        """The next buffer, taken off; None as long as it is incomplete.  Raises ValueError for one that was tampered with."""
        size = int.from_bytes(buffer[:_LENGTH], "big")
        if len(buffer) < _LENGTH or len(buffer) < _LENGTH + size:
            return None
        wrapped = bytes(buffer[_LENGTH : _LENGTH + size])
        del buffer[: _LENGTH + size]
        try:
            return self._context.unwrap(wrapped).data
        except spnego.exceptions.SpnegoError as error:
            raise ValueError(str(error)) from error


class Negotiation:
    """One bind in several steps; ``principal`` and ``layer`` are there once `step` says that it is done."""

    def __init__(self, mechanism: str, environment: t.Mapping[str, str], secure: bool) -> None:
        self.mechanism = mechanism
        self.principal = ""
        self.layer: Layer | None = None
        self._environment = environment
        self._secure = secure
        with acceptor_environment(environment):
            self._context = spnego.server(protocol="kerberos" if mechanism == GSSAPI else "negotiate", service="ldap")
        self._offered = False

    def step(self, token: bytes) -> tuple[bool, bytes]:
        """React to a client's token: whether the bind is done, and the answer.  Raises `refusals.Refused`."""
        try:
            if not self._context.complete:
                return self._authenticate(token)
            if not self._offered:
                return self._offer()
            self._choose(self._context.unwrap(token).data)
        except (spnego.exceptions.SpnegoError, ValueError) as error:
            raise refusals.credentials("52e") from error
        return True, b""

    def _authenticate(self, token: bytes) -> tuple[bool, bytes]:
        with acceptor_environment(self._environment):
            reply = self._context.step(token) or b""
        if not self._context.complete:
            return False, reply
        self.principal = self._context.client_principal or ""
        if self.mechanism == GSSAPI:
            return (False, reply) if reply else self._offer()
        attributes = self._context.context_attr
        sealed = bool(attributes & spnego.ContextReq.confidentiality)
        self._protect(CONFIDENTIALITY if sealed else INTEGRITY if attributes & spnego.ContextReq.integrity and not self._secure else NO_LAYER)
        return True, reply

    def _offer(self) -> tuple[bool, bytes]:
        self._offered = True
        offer = bytes((NO_LAYER | INTEGRITY | CONFIDENTIALITY,)) + _LARGEST.to_bytes(3, "big")
        return False, self._context.wrap(offer, encrypt=False).data

    def _choose(self, choice: bytes) -> None:
        if len(choice) < _LENGTH or choice[0] not in (NO_LAYER, INTEGRITY, CONFIDENTIALITY):
            raise ValueError("not one layer")
        self._protect(choice[0])

    def _protect(self, chosen: int) -> None:
        """Signing and sealing belong to connections without TLS, and these must have one of them."""
        if chosen == NO_LAYER and not self._secure:
            raise refusals.clear_text()
        if chosen != NO_LAYER and self._secure:
            raise refusals.unwilling("00002029")
        self.layer = Layer(self._context, chosen == CONFIDENTIALITY) if chosen != NO_LAYER else None
