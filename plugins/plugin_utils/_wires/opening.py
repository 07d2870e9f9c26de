# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why a session did not open, or broke: the libraries' exceptions → `_core.errors`."""

from __future__ import annotations

import re
import struct
import typing as t
import xml.etree.ElementTree as ET

from ansible_collections.m365.hybrid.plugins.module_utils._core import errors
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import classify
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires.powershell import Retry

try:
    import requests
    import spnego.exceptions
    from pypsrp import exceptions as pypsrp_errors

    _LIBRARY_ERRORS: tuple[type[Exception], ...] = (requests.RequestException, pypsrp_errors.WinRMError, spnego.exceptions.SpnegoError)
except ImportError:  # `libraries` names what is missing before anything here is used
    _LIBRARY_ERRORS = ()

try:
    import krb5
    from gssapi.raw.misc import GSSError

    # pyspnego lets these pass as they are.
    KERBEROS_ERRORS: tuple[type[Exception], ...] = (krb5.Krb5Error, GSSError)
except ImportError:  # only Kerberos needs them, and `libraries` asks for them before Kerberos is used
    KERBEROS_ERRORS = ()

# What pypsrp and its libraries raise when a session does not open or breaks.  The last three: half an answer.
EXCEPTIONS: tuple[type[Exception], ...] = (
    *_LIBRARY_ERRORS,
    *KERBEROS_ERRORS,
    ET.ParseError,
    ValueError,
    struct.error,
)

# Fault codes of the WS-Management service (decimal HRESULT; winerror.h and WSManErr of the Windows SDK).
OPERATION_TIMED_OUT = 2150858793
SHELL_NOT_FOUND = 2150858843
_RESOURCE_UNKNOWN = 2150858811
_ACCESS_DENIED = 5
_SHELL_QUOTAS = frozenset((2150859173, 2150859174))

_UNADMITTED = (
    "The account was recognised but may not open a remote session here: on Exchange it needs RemotePowerShellEnabled, on an Edge Transport "
    "server or another Windows host it must be a member of the local group Administrators"
)

# What Kerberos says → what to do.  The first that fits counts.
_TICKET = "Give a password, or get a ticket with kinit before the play (KRB5CCNAME)"
_REALM = "Check realm and KDC in krb5.conf (KRB5_CONFIG)"
_KERBEROS_ADVICE: tuple[tuple[str, str], ...] = (
    (
        r"server (?:\S+ )?not found in kerberos database",
        "Use the server's full name in m365_host, or choose the service with m365_negotiate_service (Exchange: HTTP)",
    ),
    (r"cannot (?:find|contact|locate) (?:any )?kdc", _REALM),
    (r"clock skew", "Synchronise this machine's clock with the domain controllers"),
    (r"ticket expired", "Get a new ticket with kinit"),
    (r"no (?:kerberos )?credentials|can't find client principal|credentials cache", _TICKET),
    (r"not found in kerberos database", "Check the user name; Kerberos wants user@REALM"),
    (r"preauthentication failed|password incorrect|integrity check failed", "Check the password"),
)


def opening(error: BaseException, *, target: str, url: str) -> Exception:
    """The error to raise for a session that did not open: a `HybridError`, or `Retry` around one that may pass by itself."""
    found = _opening(error, url)
    inner = found.error if isinstance(found, Retry) else found
    inner.target = target
    return found


def _opening(error: BaseException, url: str) -> errors.HybridError | Retry:
    if isinstance(error, errors.HybridError):
        return error
    if isinstance(error, pypsrp_errors.AuthenticationError):
        return _login(str(error.args[0] if error.args else error))
    if isinstance(error, pypsrp_errors.WSManFaultError):
        return _fault(error, url)
    if isinstance(error, pypsrp_errors.WinRMTransportError):
        return _status(int(error.code), url)
    if isinstance(error, requests.TooManyRedirects):
        return _redirect(error)
    if isinstance(error, requests.exceptions.SSLError):
        return errors.Untrusted(f"The certificate of {url} does not verify: {_root(error)}")
    if isinstance(error, requests.exceptions.ProxyError):
        return errors.Unreachable(f"The proxy does not let through to {url}: {_root(error)}", advice="Check m365_proxy")
    if isinstance(error, (requests.ConnectTimeout, requests.ReadTimeout)):
        return errors.Unreachable(f"{url} does not answer in time")
    if isinstance(error, requests.RequestException):
        return _connection(error, url)
    if isinstance(error, (spnego.exceptions.SpnegoError, *KERBEROS_ERRORS)):
        return _kerberos(str(error))
    return _said(classify.Failure(str(error)))


def _login(text: str) -> errors.HybridError:
    offered = re.search(r"actual: '(.*)'", text)
    if offered is None:
        return errors.LoginRefused(text)
    return errors.LoginRefused(
        f"The server offers none of Kerberos, Negotiate and NTLM, but '{offered.group(1)}'", advice="Choose m365_auth among what the server offers"
    )


def _kerberos(text: str) -> errors.HybridError:
    advice = next((advice for words, advice in _KERBEROS_ADVICE if re.search(words, text, re.I)), None)
    return errors.LoginRefused(f"Kerberos has no ticket to log in with: {text}" if advice == _TICKET else text, advice=advice)


def _connection(error: requests.RequestException, url: str) -> errors.HybridError | Retry:
    text = _root(error)
    unreachable = errors.Unreachable(f"{url} cannot be reached: {text}")
    # A connection that was accepted and then dropped: a service that is starting or recycling.
    dropped = any(words in repr(error) for words in ("RemoteDisconnected", "ConnectionResetError", "Connection aborted", "IncompleteRead"))
    return Retry(unreachable) if dropped else unreachable


def _redirect(error: requests.TooManyRedirects) -> errors.HybridError:
    place = error.response.headers.get("Location", "another address") if error.response is not None else "another address"
    return errors.Unreachable(
        f"The server redirects to {place}", advice="A session cannot follow: set m365_host (and m365_scheme, m365_port, m365_path) to that address"
    )


def _status(code: int, url: str) -> errors.HybridError | Retry:
    if code == 401:
        return errors.LoginRefused(f"{url} refuses the credentials (HTTP 401)")
    if code == 403:
        return errors.LoginRefused(f"{url} denies access (HTTP 403)")
    if code == 404:
        return errors.Unreachable(
            f"{url} does not exist (HTTP 404)", advice="Check m365_endpoint, m365_path and m365_port: Exchange listens on 80 and 443, not on 5985"
        )
    if code in (429, 502, 503, 504):
        return Retry(errors.Unreachable(f"{url} is not ready (HTTP {code})"))
    return errors.Unreachable(
        f"{url} answers HTTP {code} without a reason", advice="Check m365_scheme, m365_auth and m365_message_encryption: plain http needs encrypted messages"
    )


def _fault(error: pypsrp_errors.WSManFaultError, url: str) -> errors.HybridError | Retry:
    code = int(error.code or 0)
    if not code and not error.reason and isinstance(error.__context__, pypsrp_errors.WinRMTransportError):
        return _status(int(error.__context__.code), url)  # a web server's page that happens to be well-formed XML is no fault
    text = fault_text(error)
    said = _said(classify.Failure(text))
    if isinstance(said, Retry):
        return said  # refusals for load come as "access denied" faults, too: the text decides
    if code in _SHELL_QUOTAS:
        return Retry(errors.SessionLimit(classify.readable(text), wait=classify.wait_seconds(text)))
    if code == _RESOURCE_UNKNOWN:
        return errors.Unreachable(text, advice="Check m365_endpoint, m365_configuration_name and m365_port: this listener does not offer that configuration")
    if code == _ACCESS_DENIED:
        return errors.LoginRefused(classify.readable(text), advice=_UNADMITTED)
    return _said(classify.Failure(text))


def _said(failure: classify.Failure) -> errors.HybridError | Retry:
    said = classify.error(failure)
    if isinstance(said, errors.SessionLimit):
        return Retry(said)
    if isinstance(said, errors.Throttled):
        return Retry(errors.Unreachable(said.text, wait=said.wait, advice="The server takes no new session of this account now; try again later"))
    if isinstance(said, errors.AccessDenied):
        return errors.LoginRefused(said.text)
    return errors.Unreachable(said.text or "The server closed the session without a reason")


def fault_text(error: pypsrp_errors.WSManFaultError) -> str:
    """The server's own words in a fault."""
    return str(error.provider_fault or error.reason or error)


def surely_not_sent(error: BaseException) -> bool:
    """Whether the request that raised this surely had no effect: the connection was never made, or the server refused the request."""
    if isinstance(error, pypsrp_errors.WSManFaultError):
        return int(error.code or 0) == SHELL_NOT_FOUND
    if isinstance(error, pypsrp_errors.WinRMTransportError):
        return int(error.code) in (401, 429, 503)
    if isinstance(error, pypsrp_errors.AuthenticationError):
        return True
    return isinstance(error, requests.ConnectTimeout) or (isinstance(error, requests.ConnectionError) and "NewConnectionError" in repr(error))


def is_login(error: BaseException) -> bool:
    """Whether the server refused the login."""
    return isinstance(error, pypsrp_errors.AuthenticationError) or (isinstance(error, pypsrp_errors.WinRMTransportError) and int(error.code) == 401)


def is_cut(error: BaseException) -> bool:
    """Whether it was the connection that failed, not the server that refused."""
    return not isinstance(error, (pypsrp_errors.WSManFaultError, pypsrp_errors.WinRMTransportError, pypsrp_errors.AuthenticationError, *KERBEROS_ERRORS))


def lost(error: BaseException, target: str) -> errors.SessionLost:
    """The error for a session that broke."""
    if isinstance(error, pypsrp_errors.WSManFaultError):
        text = fault_text(error)
    elif isinstance(error, requests.RequestException):
        text = f"the connection broke: {_root(error)}"
    else:
        text = f"the connection broke: {error}"
    return errors.SessionLost(classify.readable(text), target=target)


def _root(error: BaseException) -> str:
    """The innermost reason of a requests exception, without addresses of objects."""
    reason: t.Any = error
    for _depth in range(8):
        inner = (
            getattr(reason, "reason", None) or next((arg for arg in getattr(reason, "args", ()) if isinstance(arg, BaseException)), None) or reason.__cause__
        )
        if not isinstance(inner, BaseException):
            break
        reason = inner
    text = str(getattr(reason, "verify_message", None) or getattr(reason, "strerror", None) or reason)
    return re.sub(r"<[^<>]* object at 0x[0-9a-f]+>:? ?", "", text).strip() or type(reason).__name__
