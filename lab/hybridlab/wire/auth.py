# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP authentication as IIS and WinRM do it: Basic, NTLM, Negotiate, Kerberos, client certificates; and message encryption."""

from __future__ import annotations

import base64
import binascii
import contextlib
import dataclasses
import hmac
import os
import pathlib
import struct
import threading
import typing as t

import spnego
import spnego.channel_bindings
import spnego.exceptions

BASIC = "basic"
NEGOTIATE = "negotiate"
KERBEROS = "kerberos"
NTLM = "ntlm"
CERTIFICATE = "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual"

REALM = "LAB.TEST"
_CHALLENGES = {BASIC: 'Basic realm="lab"', NEGOTIATE: "Negotiate", KERBEROS: "Kerberos", NTLM: "NTLM"}
_PROTOCOLS = {KERBEROS: "application/HTTP-Kerberos-session-encrypted", NEGOTIATE: "application/HTTP-SPNEGO-session-encrypted"}
_BOUNDARY = b"--Encrypted Boundary"

_environment = threading.Lock()


class Refused(Exception):
    """The credentials are wrong, missing or of a kind that the endpoint does not take."""


@dataclasses.dataclass(frozen=True)
class Accounts:
    """The accounts that may log on: short names and passwords, in one domain."""

    passwords: t.Mapping[str, str] = dataclasses.field(repr=False)
    domain: str = "LAB"
    realm: str = REALM

    def short(self, name: str) -> str:
        """The short name in ``DOMAIN\\user``, ``user@realm`` or ``user``."""
        return name.rpartition("\\")[2].partition("@")[0].lower()

    def verify(self, name: str, password: str) -> str:
        """The short name if the password is right.  Raises `Refused`."""
        expected = self.passwords.get(self.short(name))
        if expected is None or not hmac.compare_digest(expected.encode(), password.encode()):
            raise Refused
        return self.short(name)

    def write_ntlm(self, path: pathlib.Path) -> None:
        """Write the users in the form that NTLM acceptors read, under each name that a client may send."""
        lines = []
        for user, password in self.passwords.items():
            for domain, name in ((self.domain, user), ("", user), (self.realm, user), ("", f"{user}@{self.realm}"), ("", f"{user}@{self.realm.lower()}")):
                lines.append(f"{domain}:{name}:{password}\n")
        path.touch(mode=0o600)
        path.write_text("".join(lines), encoding="utf-8")


@dataclasses.dataclass(frozen=True)
class Policy:
    """What an endpoint accepts: the schemes it offers, in order, and how acceptors find their secrets."""

    accounts: Accounts
    schemes: tuple[str, ...]
    environment: t.Mapping[str, str]


@dataclasses.dataclass(frozen=True)
class Granted:
    """The end of an authentication: who it is, and the header that completes it."""

    account: str
    headers: tuple[tuple[str, str], ...] = ()


@dataclasses.dataclass(frozen=True)
class Continue:
    """The client has to send another token."""

    headers: tuple[tuple[str, str], ...]


class Conversation:
    """The authentication of one TCP connection; NTLM and Kerberos authenticate the connection, not the request."""

    def __init__(self, policy: Policy, certificate_hash: bytes | None) -> None:
        self._policy = policy
        self._bindings = None if certificate_hash is None else _bindings(certificate_hash)
        self._context: spnego.ContextProxy | None = None
        self.account: str | None = None

    def challenges(self) -> tuple[tuple[str, str], ...]:
        return tuple(("WWW-Authenticate", _CHALLENGES[scheme]) for scheme in self._policy.schemes)

    def answer(self, header: str, certificate_name: str | None) -> Granted | Continue:
        """React to an Authorization header, empty when there is none.  Raises `Refused`."""
        scheme, _, token = header.partition(" ")
        if not header:
            if self.account is None:
                raise Refused
            return Granted(self.account)
        self.account = None
        if header == CERTIFICATE:
            if certificate_name is None or self._policy.accounts.short(certificate_name) not in self._policy.accounts.passwords:
                raise Refused
            return Granted(self._policy.accounts.short(certificate_name))
        if scheme.lower() not in self._policy.schemes:
            raise Refused
        try:
            decoded = base64.b64decode(token, validate=True)
        except binascii.Error as error:
            raise Refused from error
        if scheme.lower() == BASIC:
            user, _, password = decoded.decode("utf-8", "replace").partition(":")
            return Granted(self._policy.accounts.verify(user, password))
        return self._step(scheme, decoded)

    def decrypt(self, body: bytes) -> bytes:
        """The clear bytes of a multipart/encrypted body.  Raises ValueError."""
        if self._context is None or not self._context.complete:
            raise ValueError("the connection has no session key")
        parts = [part for part in body.split(_BOUNDARY + b"\r\n") if part]
        clear = b""
        for description, content in zip(parts[::2], parts[1::2], strict=True):
            length = int(description.split(b"Length=")[1].split(b"\r\n")[0])
            content = content.removesuffix(_BOUNDARY + b"--\r\n").removeprefix(b"\tContent-Type: application/octet-stream\r\n")
            size = struct.unpack("<i", content[:4])[0]
            message = self._context.unwrap_winrm(content[4 : 4 + size], content[4 + size :])
            if len(message) != length:
                raise ValueError("the decrypted message has not the announced length")
            clear += message
        return clear

    def encrypt(self, message: bytes, content_type: str) -> tuple[bytes, str]:
        """The encrypted body and its content type, in the protocol that the request's content type names."""
        if self._context is None:
            raise ValueError("the connection has no session key")
        protocol = _PROTOCOLS[KERBEROS if "Kerberos-session" in content_type else NEGOTIATE]
        wrapped = self._context.wrap_winrm(message)
        head = (
            f"{_BOUNDARY.decode()}\r\n\tContent-Type: {protocol}\r\n"
            f"\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length={len(message) + wrapped.padding_length}\r\n"
            f"{_BOUNDARY.decode()}\r\n\tContent-Type: application/octet-stream\r\n"
        ).encode()
        body = head + struct.pack("<i", len(wrapped.header)) + wrapped.header + wrapped.data + _BOUNDARY + b"--\r\n"
        return body, f'multipart/encrypted;protocol="{protocol}";boundary="Encrypted Boundary"'

    def _step(self, scheme: str, token: bytes) -> Granted | Continue:
        try:
            with acceptor_environment(self._policy.environment):
                if self._context is None or self._context.complete:
                    self._context = self._acceptor(scheme.lower())
                reply = self._context.step(token)
        except (spnego.exceptions.SpnegoError, ValueError) as error:
            self._context = None
            raise Refused from error
        headers = (("WWW-Authenticate", f"{scheme} {base64.b64encode(reply).decode()}"),) if reply else ()
        if not self._context.complete:
            return Continue(headers)
        self.account = self._policy.accounts.short(self._context.client_principal or "")
        return Granted(self.account, headers)

    def _acceptor(self, scheme: str) -> spnego.ContextProxy:
        options = spnego.NegotiateOptions.wrapping_winrm
        if scheme == NTLM:
            options |= spnego.NegotiateOptions.use_ntlm
        return spnego.server(protocol=scheme, channel_bindings=self._bindings, options=options)


@contextlib.contextmanager
def acceptor_environment(variables: t.Mapping[str, str]) -> t.Iterator[None]:
    """NTLM's users and the keytab can be named to the libraries by environment variables only: one acceptor at a time."""
    with _environment:
        before = {name: os.environ.get(name) for name in variables}
        os.environ.update(variables)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value


def _bindings(certificate_hash: bytes) -> spnego.channel_bindings.GssChannelBindings:
    return spnego.channel_bindings.GssChannelBindings(application_data=b"tls-server-end-point:" + certificate_hash)
