# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP session of the wires to a tenant: what requests would add by itself, and it does not."""

from __future__ import annotations

import pathlib
import ssl
import typing as t

import pytest
import requests
import urllib3

from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import http

TOKEN = {"Authorization": "Bearer token"}


class Host(requests.adapters.BaseAdapter):
    """Answers every request with a redirect, and keeps what it was sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[requests.PreparedRequest, dict[str, t.Any]]] = []

    def send(self, request: requests.PreparedRequest, *_given: t.Any, **keywords: t.Any) -> requests.Response:
        self.sent.append((request, keywords))
        answer = requests.Response()
        answer.status_code, answer.url, answer.request = 302, str(request.url), request
        answer.headers["Location"] = "https://elsewhere.example/"
        answer.raw, answer._content = None, b""
        return answer

    def close(self) -> None:
        """Nothing is open."""


def asked(proxy: str | None = None) -> Host:
    web, host = http.Http(True, proxy, 3.0, 1), Host()
    web.mount("https://", host)
    web.request("POST", "https://service.example/x", json={}, headers=TOKEN, patience=7.0)
    return host


def test_no_redirect_is_followed_because_it_would_take_the_token_along() -> None:
    assert len(asked().sent) == 1


def test_no_netrc_file_replaces_the_token(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("default login somebody password secret")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert asked().sent[0][0].headers["Authorization"] == TOKEN["Authorization"]


def test_no_cookie_goes_back() -> None:
    web, host = http.Http(True, "none", 3.0, 1), Host()
    web.mount("https://", host)
    web.cookies.set("a", "b", domain="service.example")  # as an answer before would have
    web.request("GET", "https://service.example/x")
    assert "Cookie" not in host.sent[0][0].headers


@pytest.mark.parametrize(("option", "used"), [(None, "http://from.environment:1"), ("none", None), ("http://own.example:2", "http://own.example:2")])
def test_the_proxy_is_the_options_else_the_environments(monkeypatch: pytest.MonkeyPatch, option: str | None, used: str | None) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", "http://from.environment:1")
    ((_request, keywords),) = asked(option).sent
    assert dict(keywords["proxies"]).get("https") == used
    assert keywords["timeout"] == (3.0, 7.0) and keywords["verify"] is True


def test_a_silent_host_is_not_waited_for_beyond_the_call() -> None:
    web, host = http.Http(True, "none", 3.0, 1), Host()
    web.mount("https://", host)
    for patience in (0.1, 10_000.0):
        web.request("GET", "https://service.example/x", patience=patience)
    assert [keywords["timeout"][1] for _request, keywords in host.sent] == [1.0, 600.0]


class Mounting(http.Http):
    """Counts how often its connections are made anew."""

    mounted = 0

    def _mount(self) -> None:
        self.mounted += 1
        self.mount("https://", Host())


@pytest.mark.parametrize(("idle", "mounted"), [(5.0, 1), (25.0, 2)])
def test_connections_that_may_have_been_closed_are_not_used_again(idle: float, mounted: int) -> None:
    web = Mounting(True, "none", 3.0, 1)
    web._used -= idle
    web.request("POST", "https://service.example/x")
    web.request("POST", "https://service.example/x")
    assert web.mounted == mounted


def wrapped(kind: type[requests.RequestException], inner: BaseException) -> requests.RequestException:
    """An error as requests raises it: around urllib3's, around what happened."""
    return kind(urllib3.exceptions.MaxRetryError(t.cast(t.Any, None), "/x", inner if isinstance(inner, urllib3.exceptions.HTTPError) else Exception(inner)))


def proxy(words: str) -> urllib3.exceptions.ProxyError:
    return urllib3.exceptions.ProxyError(words, OSError("inner"))


@pytest.mark.parametrize(
    ("error", "unsent"),
    [
        (requests.ConnectTimeout("no"), True),
        (requests.ReadTimeout("no"), False),
        (requests.ConnectionError("Connection aborted.", ConnectionResetError(104, "Connection reset by peer")), False),
        (wrapped(requests.ConnectionError, urllib3.exceptions.NewConnectionError(t.cast(t.Any, None), "refused")), True),
        (wrapped(requests.exceptions.SSLError, ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] unknown authority")), True),
        (wrapped(requests.exceptions.SSLError, ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number")), True),
        (wrapped(requests.exceptions.SSLError, ssl.SSLEOFError(8, "EOF occurred in violation of protocol")), False),
        (wrapped(requests.exceptions.SSLError, ssl.SSLError(1, "[SSL: DECRYPTION_FAILED_OR_BAD_RECORD_MAC] bad record mac")), False),
        (wrapped(requests.exceptions.ProxyError, proxy("Unable to connect to proxy")), True),
        (wrapped(requests.exceptions.ProxyError, urllib3.exceptions.ProxyError("x", OSError("Tunnel connection failed: 407"))), True),
        (wrapped(requests.exceptions.ProxyError, proxy("Cannot connect to proxy.")), False),  # urllib3 1 says so of any broken connection through one
    ],
    ids=repr,
)
def test_only_what_ends_before_a_connection_is_surely_unsent(error: requests.RequestException, unsent: bool) -> None:
    assert http.surely_unsent(error) == unsent


def test_only_a_certificate_that_does_not_verify_is_not_trusted() -> None:
    broken = wrapped(requests.exceptions.SSLError, ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number"))
    wrong = wrapped(requests.exceptions.SSLError, ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] unknown authority"))
    assert [type(http.unreachable(one, "https://x")).__name__ for one in (broken, wrong)] == ["Unreachable", "Untrusted"]
