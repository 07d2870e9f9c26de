# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens for the services of a tenant, by whatever way of logging in the options say.

A token lives in this process's memory only.  It is renewed before its time is up, and once when a service refuses it.  Every wire to a
tenant makes one `Tokens` from its options and asks it for the token of the service it talks to; how somebody logs in is no wire's affair.

Refusals become `LoginRefused` with the identity platform's words, what they mean and what to do (`aadsts`).
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import json
import pathlib
import threading
import time
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, LoginRefused, TimedOut, Unreachable, UsageError
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import Call, aadsts, credentials, http

try:
    import msal
    import requests
except ImportError:  # `libraries` names what is missing before anything here is used
    msal = requests = None  # type: ignore[assignment]

# Seconds before its end at which a token is renewed; a token of a short life is renewed at half of it.
_MARGIN = 300.0
_NOBODY = "Sign in needs a person: set m365_tenant_auth to certificate, federated_token or managed_identity for runs that nobody watches"


@dataclasses.dataclass(frozen=True)
class Token:
    """A token for one service.  ``user`` is the signed-in person's account, None for an application."""

    value: str = dataclasses.field(repr=False)
    renew_at: float = 0.0
    user: str | None = None

    def roles(self) -> frozenset[str]:
        """The application permissions in the token, for messages only: a client must not decide by what a token says."""
        try:
            part = self.value.split(".")[1]
            claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        except (IndexError, ValueError, binascii.Error):
            return frozenset()
        found = claims.get("roles") if isinstance(claims, dict) else None
        return frozenset(str(one) for one in found) if isinstance(found, list) else frozenset()


class Login(t.Protocol):
    """One way to log in."""

    def acquire(self, resource: str, call: Call) -> dict[str, t.Any]:
        """msal's answer for a new token, never an old one.  Raises `HybridError` and the libraries' errors."""


class Tokens:
    """The tokens of one identity.  Thread-safe.  ``clock`` counts seconds."""

    def __init__(self, login: Login, label: str, host: str, clock: t.Callable[[], float] = time.monotonic) -> None:
        self._login, self._label, self._url, self._clock = login, label, f"https://{host}", clock
        self._lock = threading.Lock()
        self._tokens: dict[str, Token] = {}

    def token(self, resource: str, call: Call, refused: Token | None = None) -> Token:
        """The token for a service, for example ``https://outlook.office365.com``; another one than ``refused``.  Raises `HybridError`."""
        with self._lock:
            found = self._tokens.get(resource)
            if found is None or found.value == (refused.value if refused else None) or self._clock() >= found.renew_at:
                found = self._tokens[resource] = self._renewed(resource, call)
            return found

    def _renewed(self, resource: str, call: Call) -> Token:
        call.check()
        try:
            answer = self._login.acquire(resource, call)
        except (requests.RequestException, msal.ManagedIdentityError) as error:
            raise http.unreachable(error, self._url) from error
        except (ValueError, RuntimeError, KeyError) as error:  # msal's words for a tenant that is not there, or an answer that is none
            raise self._unknown(error) from error
        if "access_token" not in answer:
            raise refusal(f"{answer.get('error_description') or answer.get('error') or 'no reason was given'}", self._label)
        life = float(answer.get("expires_in") or 0)
        user = (answer.get("id_token_claims") or {}).get("preferred_username")
        return Token(str(answer["access_token"]), self._clock() + max(life - _MARGIN, life / 2), user)

    def _unknown(self, error: BaseException) -> HybridError:
        chain: list[str] = []
        found: BaseException | None = error
        while found is not None:
            chain.append(str(found))
            found = found.__cause__ or found.__context__
        told = next((text for text in chain if aadsts.code(text) is not None), None)
        if told:
            return refusal(_description(told), self._label)
        return Unreachable(f"{self._url} does not answer as the identity platform does: {chain[-1][:200]}", advice="Check m365_tenant_login_host and the proxy")


def refusal(text: str, label: str) -> HybridError:
    """The error for the identity platform's words."""
    number = aadsts.code(text)
    meaning = aadsts.CODES.get(number or 0)
    if meaning is None:
        where = f"Look the code up at https://login.microsoftonline.com/error?code={number}" if number else "Look at the sign-in logs of the tenant"
        return LoginRefused(f"The login of {label} is refused: {aadsts.said(text)}", advice=where)
    kind = Unreachable if meaning.passing else LoginRefused
    return kind(f"The login of {label} is refused: {meaning.text}. {aadsts.said(text)}", error_id=f"AADSTS{number}", advice=meaning.advice)


def _description(text: str) -> str:
    """The ``error_description`` out of a JSON answer that a library put into its own sentence."""
    try:
        found = json.loads(text[text.index("{") : text.rindex("}") + 1])
        return str(found["error_description"])
    except (ValueError, KeyError, TypeError):
        return text


class Application:
    """An application with a secret, certificate or assertion.  ``credential`` makes msal's form of it, anew for every login."""

    def __init__(self, client_id: str, authority: str, web: http.Http, credential: t.Callable[[], t.Any]) -> None:
        self._client_id, self._authority, self._web, self._credential = client_id, authority, web, credential

    def acquire(self, resource: str, call: Call) -> dict[str, t.Any]:
        app = msal.ConfidentialClientApplication(
            self._client_id, client_credential=self._credential(), authority=self._authority, http_client=self._web, instance_discovery=False
        )
        return t.cast("dict[str, t.Any]", app.acquire_token_for_client([f"{resource}/.default"]))


class Managed:
    """The identity of the machine in Azure; ``client_id`` names one of several."""

    def __init__(self, client_id: str | None, web: http.Http) -> None:
        self._identity = msal.UserAssignedManagedIdentity(client_id=client_id) if client_id else msal.SystemAssignedManagedIdentity()
        self._web = web

    def acquire(self, resource: str, call: Call) -> dict[str, t.Any]:
        return t.cast("dict[str, t.Any]", msal.ManagedIdentityClient(self._identity, http_client=self._web).acquire_token_for_client(resource=resource))


class Person:
    """Somebody who signs in with a browser, once; later tokens come from that login."""

    def __init__(self, client_id: str, authority: str, web: http.Http) -> None:
        self._client_id, self._authority, self._web = client_id, authority, web
        self._app: t.Any = None

    def acquire(self, resource: str, call: Call) -> dict[str, t.Any]:
        if self._app is None:
            self._app = msal.PublicClientApplication(self._client_id, authority=self._authority, http_client=self._web, instance_discovery=False)
        scopes = [f"{resource}/.default"]
        for account in self._app.get_accounts():
            found = self._app.acquire_token_silent_with_error(scopes, account, force_refresh=True)
            if found and "access_token" in found:
                return t.cast("dict[str, t.Any]", found)
        if call.notify is None:
            raise LoginRefused("The login has ended and nobody can be asked to sign in again", advice=_NOBODY)
        flow = self._app.initiate_device_flow(scopes)
        if "message" not in flow:
            return t.cast("dict[str, t.Any]", flow)
        call.notify(str(flow["message"]))
        found = self._app.acquire_token_by_device_flow(flow, exit_condition=lambda flow: call.cancelled or flow["expires_at"] < time.time())
        if call.cancelled:
            raise TimedOut("the client went away before anybody signed in")
        return t.cast("dict[str, t.Any]", found)


def for_options(options: t.Mapping[str, t.Any], web: http.Http) -> Tokens:
    """The tokens of the identity that the options describe.  Raises `UsageError`."""
    authority = f"https://{options['login_host']}/{options['id']}"
    client = options["client_id"]
    label = f"application {client} to tenant {options['id']}"
    login: Login
    if options["auth"] == "managed_identity":
        login, label = Managed(client, http.session({**options, "proxy": "none"})), f"the managed identity to tenant {options['id']}"
    elif options["auth"] == "device_code":
        login = Person(client, authority, web)
    else:
        login = Application(client, authority, web, _credential(options))
    return Tokens(login, label, options["login_host"])


def _credential(options: t.Mapping[str, t.Any]) -> t.Callable[[], t.Any]:
    if options["auth"] == "certificate":
        found = credentials.certificate(options)
        return lambda: found
    if options["auth"] == "federated_token":
        return lambda: {"client_assertion": lambda: _assertion(options["federated_token_file"])}
    return lambda: options["client_secret"]


def _assertion(path: str) -> str:
    try:
        found = pathlib.Path(path).read_text(encoding="ascii").strip()
    except (OSError, ValueError) as error:
        raise UsageError(f"m365_tenant_federated_token_file: the file {path} cannot be read: {error}") from None
    if not found:
        raise UsageError(f"m365_tenant_federated_token_file: the file {path} is empty")
    return found
