# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One connection to a domain controller: opened, protected, logged in, and what ldap3 raises on the way → `_core.errors`."""

from __future__ import annotations

import contextlib
import inspect
import os
import select
import socket
import ssl
import threading
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import errors
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import Call, ldap_errors, libraries
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires.pool import Unsent

try:
    import ldap3
    from ldap3.core import exceptions as ldap3_errors
except ImportError:  # `libraries` names what is missing before anything here is used
    ldap3 = None
    ldap3_errors = None

_LOOK = 0.1
_ENTRY = 4
"""The message with an object in it (RFC 4511 section 4.5.2)."""
_TLS_RECORD = 16384
_LEFT_ALONE = ("auto_range", "auto_referrals", "auto_encode", "auto_escape", "check_names", "return_empty_attributes")
_KERBEROS = {
    "preauthentication failed": "Check the password",
    "client not found": "Check the user, which is user@REALM, and its realm",
    "revoked": "The account is disabled, locked or has expired; look at it in the directory",
    "key has expired": "The account's password has expired; it must be changed first",
    "no credentials": "Give a password, or get a ticket with kinit before the play (KRB5CCNAME)",
    "no kerberos credentials": "Give a password, or get a ticket with kinit before the play (KRB5CCNAME)",
    "expired": "Get a new ticket with kinit",
    "not found in kerberos database": "Use the name of the domain controller's own account as m365_ldap_host, or give it as m365_ldap_kerberos_host",
    "cannot find kdc": "Check realm and KDC in krb5.conf (KRB5_CONFIG)",
    "cannot contact any kdc": "Check realm and KDC in krb5.conf (KRB5_CONFIG)",
    "clock skew": "Set the clock of the control node: it differs too much from the domain controller's",
}


class Verified:
    """Protects a connection: the system's own verification of certificate and name, and nothing beside it.

    ldap3's own takes a name that is given in addition to the host's, not in its place; and it sends no name to the server.
    """

    def __init__(self, context: ssl.SSLContext, name: str) -> None:
        self._context, self._name = context, name
        self.failure: ssl.SSLError | None = None

    def tls(self) -> t.Any:
        """What ldap3 takes for LDAPS and for StartTLS; only the way in which it wraps a socket is ours."""
        found = ldap3.Tls(validate=ssl.CERT_REQUIRED)
        found.wrap_socket = self._wrap
        return found

    def _wrap(self, connection: t.Any, do_handshake: bool = False) -> None:
        """Put TLS on the connection's socket.  Raises ssl.SSLError."""
        try:
            connection.socket = self._context.wrap_socket(connection.socket, server_hostname=self._name)
        except ssl.SSLError as error:
            self.failure = error
            raise


def context(ca_cert: str | None) -> ssl.SSLContext:
    """How servers are verified: by these authorities, a path or PEM text, or by the system's.  Raises `UsageError`."""
    try:
        if ca_cert and "-----BEGIN" in ca_cert:
            return ssl.create_default_context(cadata=ca_cert)
        return ssl.create_default_context(cafile=ca_cert)
    except OSError as error:  # ssl.SSLError is one
        raise errors.UsageError(f"m365_ldap_ca_cert cannot be used: {error}") from None


class Login:
    """How somebody logs in to a host, from the connection's options."""

    def __init__(self, options: t.Mapping[str, t.Any]) -> None:
        self._options = options
        self.context = context(options["ca_cert"]) if options["encryption"] in ("ldaps", "starttls") else None

    def connected(self, host: str) -> t.Any:
        """A ldap3 connection that is logged in.  Raises `SessionError`, `UsageError`, `MissingLibrary`."""
        label = f"ldap on {host}"
        options = self._options
        tls = Verified(self.context, options["certificate_name"] or host) if self.context else None
        given = {"tls": tls.tls() if tls else None, "get_info": ldap3.NONE, "connect_timeout": options["connect_timeout"]}
        server = ldap3.Server(host, options["port"], options["encryption"] == "ldaps", **given)
        connection = raw(ldap3.Connection(server, **self._arguments(host)))
        try:
            self._open(connection, tls, label)
            self._bind(connection, label)
        except BaseException:
            discard(connection)
            raise
        connection.socket.settimeout(None)  # from here on an operation has its own time
        return connection

    def _arguments(self, host: str) -> dict[str, t.Any]:
        """ldap3 itself is to decide nothing: it follows no referral, repeats nothing, and changes no value."""
        options = self._options
        found: dict[str, t.Any] = dict.fromkeys(_LEFT_ALONE, False) | {"client_strategy": ldap3.SYNC}
        if options["auth"] == "simple":
            sent = options["password"].encode()  # a text would be changed by ldap3 (SASLprep), which Active Directory does not do with its own
            return found | {"user": options["user"], "password": sent, "authentication": ldap3.SIMPLE}
        credentials = (options["kerberos_host"] or host, None, ticket(options))
        found |= {"authentication": ldap3.SASL, "sasl_mechanism": ldap3.KERBEROS, "sasl_credentials": credentials}
        if options["encryption"] == "sealing":
            if "session_security" not in inspect.signature(ldap3.Connection.__init__).parameters:
                raise errors.MissingLibrary(f"ldap3 {ldap3.__version__} cannot seal a connection", advice=libraries.advice('pip install "ldap3>=2.10"'))
            found["session_security"] = "ENCRYPT"
        return found

    def _open(self, connection: t.Any, tls: Verified | None, label: str) -> None:
        try:
            connection.open(read_server_info=False)
            if self._options["encryption"] == "starttls" and not connection.start_tls(read_server_info=False):
                raise errors.Unreachable(f"the server does not begin TLS: {connection.last_error or connection.result}", target=label)
        except (ldap3_errors.LDAPExceptionError, OSError) as error:
            raise _unopened(error, tls, label) from error

    def _bind(self, connection: t.Any, label: str) -> None:
        try:
            done = connection.bind(read_server_info=False)
        except ldap3_errors.LDAPExceptionError as error:
            if "security layer" in str(error):  # what the server says in the last step of Kerberos
                raise errors.ProtectionNeeded("the server accepts no login that is not protected by encryption", target=label) from error
            raise errors.Unreachable(f"the connection broke during the login: {error}", target=label) from error
        except Exception as error:
            if type(error).__module__.partition(".")[0] != "gssapi":
                raise
            raise kerberos_refusal(error, label) from error
        if not done:
            raise _login_error(connection.result, label)


def raw(connection: t.Any) -> t.Any:
    """The connection, which makes nothing of the values of a search: text of each of them, as ldap3 makes it, is read by nobody here and takes as
    long as all the rest."""
    strategy = connection.strategy
    usual = strategy.decode_response_fast

    def decoded(message: t.Mapping[str, t.Any]) -> t.Any:
        if message["protocolOp"] != _ENTRY:
            return usual(message)
        name, attributes = message["payload"]
        values = {str(row[3][0][3], "utf-8"): [bytes(one[3]) for one in row[3][1][3]] for row in attributes[3]}
        return {"type": "searchResEntry", "dn": str(name[3], "utf-8"), "raw_attributes": values}

    strategy.decode_response_fast = decoded
    strategy.socket_size = _TLS_RECORD
    return connection


def _login_error(result: t.Mapping[str, t.Any], label: str) -> errors.HybridError:
    found = ldap_errors.of_result(result, label)
    if isinstance(found, (errors.Throttled, errors.ProtectionNeeded, errors.LoginRefused)):
        return found
    return ldap_errors.refused(found.text, str(found.error_id), label)


def _unopened(error: Exception, tls: Verified | None, label: str) -> errors.HybridError:
    """Why there is no connection."""
    failure = tls.failure if tls else None
    if isinstance(failure, ssl.SSLCertVerificationError):
        words = failure.verify_message or str(failure)
        advice = "Name the certificate authority with m365_ldap_ca_cert, or the server by a name that its certificate carries (m365_ldap_certificate_name)"
        return errors.Untrusted(f"the server's certificate does not verify: {words}", target=label, advice=advice)
    if failure is not None:
        return errors.Unreachable(f"no TLS with the server: {failure.reason or failure}", target=label)
    return errors.Unreachable(f"no connection: {error}", target=label)


def ticket(options: t.Mapping[str, t.Any]) -> t.Any:
    """Kerberos credentials: got with the password, taken from a cache, or None for what the environment has.  Raises `LoginRefused`."""
    import gssapi

    raw = gssapi.raw
    label = f"Kerberos for {options['user'] or options['ccache']}"
    try:
        if options["password"]:
            name = gssapi.Name(options["user"], gssapi.NameType.user)
            return raw.acquire_cred_with_password(name, options["password"].encode(), usage="initiate", mechs=[gssapi.MechType.kerberos]).creds
        if options["ccache"]:
            store: dict[bytes | str, bytes | str] = {b"ccache": os.path.expanduser(options["ccache"]).encode()}
            return raw.acquire_cred_from(store, usage="initiate", mechs=[gssapi.MechType.kerberos]).creds
    except gssapi.exceptions.GSSError as error:
        raise kerberos_refusal(error, label) from error
    return None


def kerberos_refusal(error: Exception, label: str) -> errors.LoginRefused:
    """What the Kerberos library said, with what to do about it."""
    words = " ".join(str(error).split())
    advice = next((advice for part, advice in _KERBEROS.items() if part in words.lower()), "Check user, password, realm and KDC (krb5.conf)")
    return errors.LoginRefused(f"Kerberos failed: {words}", target=label, advice=advice)


def discard(connection: t.Any) -> None:
    """Leave the server, politely where that is possible at once."""
    with contextlib.suppress(Exception):  # whatever it says, the connection is not used again
        if connection.socket is not None:
            connection.socket.settimeout(1.0)
        connection.unbind()
    with contextlib.suppress(Exception):  # a connection that never opened has none
        connection.socket.close()


class Link:
    """A logged-in connection, used by one call at a time.

    A call that has to end while it waits for the server breaks the connection: LDAP has no other way that a server must obey.
    """

    def __init__(self, login: Login, hosts: t.Callable[[], list[str]], prefer: t.Callable[[str], None]) -> None:
        self._login, self._hosts, self._prefer = login, hosts, prefer
        self._connection: t.Any = None
        self.broken = False
        self.host = ""

    def open(self, call: Call) -> None:
        """Connect to the first host that answers.  A refused login is refused everywhere, so that it ends the search.  Raises `SessionError`."""
        failures: list[errors.HybridError] = []
        for host in self._hosts():
            call.check()
            try:
                self._connection, self.host = self._login.connected(host), host
            except (errors.LoginRefused, errors.UsageError, errors.MissingLibrary):
                raise
            except errors.HybridError as error:
                failures.append(error)
            else:
                self._prefer(host)
                return
        if len(failures) == 1:
            raise failures[0]
        kind = errors.Untrusted if all(isinstance(one, errors.Untrusted) for one in failures) else errors.Unreachable
        raise kind("; ".join(f"{one.target}: {one.text}" for one in failures), advice=failures[0].advice)

    def alive(self, call: Call) -> bool:
        """Whether the server still answers."""
        try:
            self.perform(call, lambda connection: connection.search("", "(objectClass=*)", ldap3.BASE, attributes=["currentTime"]))
        except (errors.SessionError, Unsent):
            return False
        return True

    def perform(self, call: Call, work: t.Callable[[t.Any], t.Any]) -> tuple[dict[str, t.Any], list[dict[str, t.Any]]]:
        """(result, entries) of one operation.  Raises `Unsent`, `SessionLost`, `TimedOut`, `UsageError`."""
        call.check()
        if self.broken or _ended(self._connection.socket):
            self.broken = True
            raise Unsent(errors.SessionLost("the server closed the connection", target=f"ldap on {self.host}", advice="Nothing was executed"))
        with _Watch(call, self._connection.socket):
            try:
                return self.worked(work)
            except (ldap3_errors.LDAPCommunicationError, OSError) as error:
                self.broken = True
                call.check()
                raise errors.SessionLost(f"the connection broke: {error}", target=f"ldap on {self.host}") from error

    def worked(self, work: t.Callable[[t.Any], t.Any]) -> tuple[dict[str, t.Any], list[dict[str, t.Any]]]:
        """(result, entries) of what ldap3 did.  Raises `BadParameter` for a filter or a name that it cannot write down, and its own errors."""
        try:
            work(self._connection)
        except ldap3_errors.LDAPCommunicationError:
            raise
        except ldap3_errors.LDAPExceptionError as error:  # nothing was sent
            raise errors.BadParameter(f"{error}", target=f"ldap on {self.host}") from error
        return self._connection.result, self._connection.response or []

    def close(self) -> None:
        if self._connection is not None:
            discard(self._connection)


def _ended(sock: t.Any) -> bool:
    """Whether the server ended an idle connection.  Nothing is due on it, so that whatever is there to read is a farewell."""
    if sock is None:
        return True
    try:
        return bool(select.select([sock], [], [], 0)[0])
    except (OSError, ValueError):
        return True


class _Watch:
    """Breaks a connection when the call that waits for it has to end."""

    def __init__(self, call: Call, sock: t.Any) -> None:
        self._call, self._socket = call, sock
        self._done = threading.Event()
        self._thread = threading.Timer(2 * _LOOK, self._look)
        self._thread.daemon = True

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_error: object) -> None:
        self._done.set()
        self._thread.cancel()

    def _look(self) -> None:
        while not self._done.wait(_LOOK):
            if self._call.cancelled or self._call.remaining <= 0:
                with contextlib.suppress(OSError):  # it is broken already
                    self._socket.shutdown(socket.SHUT_RDWR)
                return
