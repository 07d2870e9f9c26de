# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTPS to the hosts of a tenant: verified, through a proxy if there is one, and without anything that requests would add by itself."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, Unreachable, Untrusted
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import trust

try:
    import requests
    import requests.adapters
    from requests.utils import get_environ_proxies
except ImportError:  # `libraries` names what is missing before anything here is used
    requests = None  # type: ignore[assignment]

# Seconds without use after which connections are replaced: a server may have closed an idle one, and what is sent over it then is lost
# without a word on whether it arrived.
_DOUBTFUL = 20.0
# Seconds that a host may be silent in the middle of an answer.  Long cmdlets take minutes before the first byte.
_SILENCE = 600.0
# What libraries say where there was no connection to send anything over: urllib3's classes, its and http.client's words about a proxy, and
# OpenSSL's names for what only a handshake ends with.
_UNSENT = (
    "NewConnectionError",
    "NameResolutionError",
    "Unable to connect to proxy",
    "Tunnel connection failed",
    "CERTIFICATE_VERIFY_FAILED",
    "HANDSHAKE_FAILURE",
    "WRONG_VERSION_NUMBER",
    "UNSUPPORTED_PROTOCOL",
    "PROTOCOL_VERSION",
)
_CA_ADVICE = "Name the certificate authority with m365_tenant_ca_cert, or check that nothing sits between this machine and the tenant"


def session(options: t.Mapping[str, t.Any]) -> Http:
    """The session for the options of a connection to a tenant.  Raises `UsageError`."""
    held = trust.Held()
    verify = trust.authorities(held.path(options["ca_cert"]), "m365_tenant_ca_cert")
    found = Http(verify, options["proxy"], float(options["connect_timeout"]), int(options["max_requests"]))
    found.held = held
    return found


class Http(requests.Session if requests else object):  # type: ignore[misc]
    """A requests session that ignores netrc files (they would replace the token) and follows no redirect (it would hand the token on).

    Thread-safe as far as it is used here: no cookies are kept, and connections come from one pool.
    """

    held: trust.Held

    def __init__(self, verify: bool | str, proxy: str | None, connect_timeout: float, pool: int) -> None:
        super().__init__()
        self.trust_env = False
        self._verify, self._proxy, self._connect_timeout = verify, proxy, connect_timeout
        self._pool = pool
        self._used = time.monotonic()
        self._mount()

    def _mount(self) -> None:
        self.mount("https://", requests.adapters.HTTPAdapter(pool_connections=4, pool_maxsize=max(4, self._pool), max_retries=0))

    def request(self, method: str, url: str, *args: t.Any, patience: float = _SILENCE, **given: t.Any) -> requests.Response:
        """As in requests; ``patience``: seconds that the host may be silent, within its own limit."""
        now = time.monotonic()
        if now - self._used > _DOUBTFUL:
            self._mount()
        self._used = now
        given.setdefault("timeout", (self._connect_timeout, max(1.0, min(patience, _SILENCE))))
        given.setdefault("verify", self._verify)
        given["allow_redirects"] = False
        if self._proxy != "none":
            given.setdefault("proxies", {"https": self._proxy, "http": self._proxy} if self._proxy else get_environ_proxies(url))
        self.cookies.clear()
        try:
            return super().request(method, url, *args, **given)
        finally:
            self._used = time.monotonic()


def unreachable(error: BaseException, url: str) -> HybridError:
    """The error for a host that could not be asked: nothing was executed."""
    if isinstance(error, requests.exceptions.SSLError) and "CERTIFICATE_VERIFY_FAILED" in repr(error):
        return Untrusted(f"The certificate of {url} does not verify: {reason(error)}", advice=_CA_ADVICE)
    if isinstance(error, requests.exceptions.ProxyError):
        return Unreachable(f"The proxy does not let through to {url}: {reason(error)}", advice="Check m365_tenant_proxy")
    if isinstance(error, requests.Timeout):
        return Unreachable(f"{url} does not answer in time")
    return Unreachable(f"{url} cannot be reached: {reason(error)}", advice="Check the name of the host, the cloud (m365_tenant_cloud) and the proxy")


def surely_unsent(error: BaseException) -> bool:
    """Whether the request surely did not reach the host: no connection was made.

    Neither an error of TLS nor one of the proxy says so by itself: a connection that breaks in the middle may end in either.
    """
    return isinstance(error, requests.ConnectTimeout) or any(words in repr(error) for words in _UNSENT)


def reason(error: BaseException) -> str:
    """The innermost words of a chain of library errors."""
    while error.__cause__ or error.__context__:
        error = t.cast(BaseException, error.__cause__ or error.__context__)
    text = str(error.args[-1] if error.args else error)
    return text.rpartition("object at 0x")[2].partition(">: ")[2] or text
