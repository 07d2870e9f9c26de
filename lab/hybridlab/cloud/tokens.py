# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The token service: discovery, keys, and tokens for applications, people and managed identities.

Error codes and texts are those of the identity platform, as its documentation and public reports show them.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import secrets
import threading
import time
import typing as t
import uuid

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from hybridlab.cloud.rest import Request, Response
from hybridlab.cloud.tenants import AUDIENCE, EXCHANGE, ISSUER, RESOURCES, SUBJECT, Application, Certificate, Tenant, encoded

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
MANAGED_PATH = "/managed-identity/token"
LIFETIME = 3599


class Refused(Exception):
    """A token request that is refused: HTTP status, OAuth error, AADSTS number and text."""

    def __init__(self, status: int, error: str, number: int, text: str) -> None:
        super().__init__(text)
        self.status, self.error, self.number, self.text = status, error, number, text

    def response(self) -> Response:
        trace, correlation = uuid.uuid4(), uuid.uuid4()
        now = f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M:%SZ}"
        text = f"AADSTS{self.number}: {self.text} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {now}"
        content = {"error": self.error, "error_description": text, "error_codes": [self.number], "timestamp": now, "trace_id": str(trace)}
        return Response.of(
            self.status, content | {"correlation_id": str(correlation), "error_uri": f"https://login.microsoftonline.com/error?code={self.number}"}
        )


@dataclasses.dataclass(frozen=True)
class Grant:
    """What a valid token says: whose it is and for what."""

    tenant: str
    client_id: str
    audience: str
    roles: tuple[str, ...]
    user: str | None


class TokenService:
    """Issues and checks the tokens of all tenants.  ``lifetime`` is how many seconds a token lives."""

    def __init__(self, tenants: t.Sequence[Tenant], lifetime: int = LIFETIME) -> None:
        self.tenants = tenants
        self.lifetime = lifetime
        self.identity_header = secrets.token_urlsafe(16)
        self.issuer_key = rsa.generate_private_key(65537, 2048)
        self.issued = 0
        self.issued_for: dict[str, int] = {}
        """How many of them for which service."""
        self._key = rsa.generate_private_key(65537, 2048)
        self._kid = secrets.token_urlsafe(12)
        self._codes: dict[str, str] = {}
        self._lock = threading.Lock()

    def __call__(self, request: Request) -> Response | None:
        if request.path == MANAGED_PATH:
            return self._managed(request)
        route = self._ROUTES.get("/".join(request.parts[1:]))
        if route is None:
            return None
        try:
            return route(self, request, self._tenant(request.parts[0]))
        except Refused as refused:
            return refused.response()

    def federated_token(self, subject: str = SUBJECT, issuer: str = ISSUER) -> str:
        """A token of another identity provider, as a workload finds it in a file."""
        now = int(time.time())
        claims = {"iss": issuer, "sub": subject, "aud": AUDIENCE, "iat": now, "nbf": now - 60, "exp": now + 86400}
        return jwt.encode(claims, self.issuer_key, "RS256")

    def check(self, token: str, audience: str) -> Grant | None:
        """What a token grants at a service; None for one that is not valid there."""
        try:
            claims = jwt.decode(token, self._key.public_key(), ["RS256"], audience=audience, options={"require": ["exp", "tid", "appid"]})
        except jwt.PyJWTError:
            return None
        return Grant(claims["tid"], claims["appid"], claims["aud"], tuple(claims.get("roles", ())), claims.get("upn"))

    # --- endpoints ---

    def _tenant(self, name: str) -> Tenant:
        for tenant in self.tenants:
            if tenant.answers_to(name):
                return tenant
        text = f"Tenant '{name}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your "
        raise Refused(400, "invalid_tenant", 90002, text + "subscription administrator, this may happen if there are no active subscriptions for the tenant.")

    def _discovery(self, request: Request, tenant: Tenant) -> Response:
        base = f"{request.base}/{tenant.id}"
        return Response.of(
            200,
            {
                "issuer": f"{base}/v2.0",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
                "jwks_uri": f"{base}/discovery/v2.0/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
                "response_types_supported": ["code"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
            },
        )

    def _keys(self, request: Request, tenant: Tenant) -> Response:
        numbers = self._key.public_key().public_numbers()
        parts = {name: encoded(number.to_bytes((number.bit_length() + 7) // 8, "big")) for name, number in (("n", numbers.n), ("e", numbers.e))}
        return Response.of(200, {"keys": [{"kty": "RSA", "use": "sig", "kid": self._kid, **parts}]})

    def _device_code(self, request: Request, tenant: Tenant) -> Response:
        form = request.form()
        self._application(tenant, form)
        code, user_code = secrets.token_urlsafe(24), secrets.token_hex(4).upper()
        with self._lock:
            self._codes[code] = form["client_id"]
        page = f"{request.base}/common/oauth2/deviceauth"
        message = f"To sign in, use a web browser to open the page {page} and enter the code {user_code} to authenticate."
        found = {"user_code": user_code, "device_code": code, "verification_uri": page, "expires_in": 900, "interval": 1, "message": message}
        return Response.of(200, found)

    def _token(self, request: Request, tenant: Tenant) -> Response:
        form = request.form()
        application = self._application(tenant, form)
        kind = form.get("grant_type")
        if kind == "client_credentials":
            self._authenticate(request, tenant, application, form)
            return self._issue(request, tenant, application, _resource(form.get("scope", "")))
        if kind == DEVICE:
            with self._lock:
                known = self._codes.pop(form.get("device_code", ""), None)
            if known != application.client_id:
                raise Refused(400, "expired_token", 70020, "The provided value for the 'device_code' parameter is not valid. This device code has expired.")
            return self._issue(request, tenant, application, _resource(form.get("scope", "") or f"{EXCHANGE}/.default"), f"admin@{tenant.domain}")
        if kind == "refresh_token":
            return self._issue(request, tenant, application, _resource(form.get("scope", "")), f"admin@{tenant.domain}")
        raise Refused(400, "unsupported_grant_type", 70003, f"The app requested an unsupported grant type '{kind}'.")

    def _application(self, tenant: Tenant, form: t.Mapping[str, str]) -> Application:
        client = form.get("client_id", "")
        found = next((one for one in tenant.applications.values() if one.client_id == client), None)
        if found is None:
            text = f"Application with identifier '{client}' was not found in the directory '{tenant.domain}'. This can happen if the application has not been "
            raise Refused(400, "unauthorized_client", 700016, text + "installed by the administrator of the tenant or consented to by any user in the tenant.")
        if not found.enabled:
            raise Refused(400, "unauthorized_client", 7000112, f"Application '{client}'(automation) is disabled.")
        return found

    def _authenticate(self, request: Request, tenant: Tenant, application: Application, form: t.Mapping[str, str]) -> None:
        if form.get("client_assertion_type") == ASSERTION:
            Assertion(self, request, tenant, application).check(form.get("client_assertion", ""))
            return
        secret = form.get("client_secret", "")
        if not secret:
            text = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
            raise Refused(401, "invalid_client", 7000218, text)
        if secret in application.expired_secrets:
            raise Refused(401, "invalid_client", 7000222, f"The provided client secret keys for app '{application.client_id}' are expired.")
        if not secrets.compare_digest(secret, application.secret):
            text = "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, "
            raise Refused(401, "invalid_client", 7000215, f"{text}for a secret added to app '{application.client_id}'.")

    def _issue(self, request: Request, tenant: Tenant, application: Application, resource: str, user: str | None = None) -> Response:
        now = int(time.time())
        claims: dict[str, t.Any] = {
            "aud": resource,
            "iss": f"{request.base}/{tenant.id}/v2.0",
            "tid": tenant.id,
            "appid": application.client_id,
            "oid": application.object_id,
            "iat": now,
            "nbf": now - 300,
            "exp": now + self.lifetime,
            "jti": secrets.token_hex(8),
        }
        roles = sorted(application.permissions.get(resource, ()))
        claims |= {"upn": user, "scp": "Exchange.Manage"} if user else {"roles": roles} if roles else {}
        with self._lock:
            self.issued += 1
            self.issued_for[resource] = self.issued_for.get(resource, 0) + 1
        found: dict[str, t.Any] = {"token_type": "Bearer", "expires_in": self.lifetime, "ext_expires_in": self.lifetime}
        found["access_token"] = jwt.encode(claims, self._key, "RS256", {"kid": self._kid})
        if user:
            found |= {"refresh_token": secrets.token_urlsafe(32), "client_info": encoded(f'{{"uid":"{user}","utid":"{tenant.id}"}}'.encode())}
            found["id_token"] = jwt.encode(claims | {"aud": application.client_id, "preferred_username": user, "sub": user}, self._key, "RS256")
        return Response.of(200, found)

    def _managed(self, request: Request) -> Response:
        """The endpoint that a managed identity finds on App Service; it is the automation application of the first tenant."""
        if request.headers.get("x-identity-header") != self.identity_header:
            return Response.of(401, {"statusCode": 401, "message": "Unauthorized"})
        resource = request.query.get("resource", "").rstrip("/")
        if resource not in RESOURCES:
            return Response.of(400, {"statusCode": 400, "message": f"AADSTS500011: The resource principal named {resource} was not found in the tenant."})
        issued = self._issue(request, self.tenants[0], self.tenants[0].applications["automation"], resource)
        found = json.loads(issued.body)
        kept = {"access_token": found["access_token"], "expires_on": str(int(time.time()) + self.lifetime), "resource": resource, "token_type": "Bearer"}
        return Response.of(200, kept)

    _ROUTES: t.ClassVar[dict[str, t.Callable[[TokenService, Request, Tenant], Response]]] = {
        "v2.0/.well-known/openid-configuration": _discovery,
        "discovery/v2.0/keys": _keys,
        "oauth2/v2.0/devicecode": _device_code,
        "oauth2/v2.0/token": _token,
    }


class Assertion:
    """An assertion by which an application logs in: signed by one of its certificates, or by another identity provider that it trusts."""

    def __init__(self, service: TokenService, request: Request, tenant: Tenant, application: Application) -> None:
        self._service, self._tenant, self._application = service, tenant, application
        self._audiences = [f"{request.base}/{name}/oauth2/v2.0/token" for name in (tenant.id, tenant.domain)]

    def check(self, text: str) -> None:
        """Raises `Refused`."""
        try:
            header, claims = jwt.get_unverified_header(text), jwt.decode(text, options={"verify_signature": False})
        except jwt.PyJWTError:
            raise Refused(401, "invalid_client", 50027, "JWT token is invalid or malformed.") from None
        if claims.get("iss") != self._application.client_id:
            self._check_federated(text, claims)
            return
        named = {str(header.get(name, "")).rstrip("=") for name in ("x5t", "x5t#S256")}
        known = next((one for one in self._application.certificates if named & one.thumbprints), None)
        if known is None:
            shown = header.get("x5t") or header.get("x5t#S256")
            reason = f"[Reason - The key was not found., Thumbprint of key used by client: '{shown}']"
            text = f"The certificate with identifier used to sign the client assertion is not registered on application. {reason}"
            raise Refused(401, "invalid_client", 700027, text)
        self._check_signed(text, header, claims, known)

    def _check_signed(self, text: str, header: t.Mapping[str, t.Any], claims: t.Mapping[str, t.Any], known: Certificate) -> None:
        if header.get("alg") not in ("RS256", "PS256"):
            raise Refused(401, "invalid_client", 5002738, f"Invalid JWT token. '{header.get('alg')}' is not a supported signature algorithm.")
        if known.certificate.not_valid_after_utc < datetime.datetime.now(datetime.UTC):
            text = f"[Reason - The key used is expired., Found key 'End={known.certificate.not_valid_after_utc:%m/%d/%Y %H:%M:%S}']"
            raise Refused(401, "invalid_client", 700027, f"The certificate with identifier used to sign the client assertion is expired on application. {text}")
        if claims.get("sub") != self._application.client_id:
            raise Refused(401, "invalid_client", 700021, "Client assertion application identifier doesn't match 'client_id' parameter.")
        try:
            jwt.decode(text, known.key.public_key(), [header["alg"]], audience=self._audiences, options={"require": ["exp", "aud"]})
        except jwt.InvalidAudienceError:
            found = claims.get("aud")
            raise Refused(401, "invalid_client", 700023, f"Client assertion audience claim does not match Realm issuer. Found '{found}'.") from None
        except (jwt.ExpiredSignatureError, jwt.ImmatureSignatureError):
            raise Refused(401, "invalid_client", 700024, "Client assertion is not within its valid time range.") from None
        except jwt.PyJWTError:
            reason = "[Reason - The key was found, but use of the key to verify the signature failed.]"
            raise Refused(401, "invalid_client", 700027, f"Client assertion contains an invalid signature. {reason}") from None

    def _check_federated(self, text: str, claims: t.Mapping[str, t.Any]) -> None:
        start = "No matching federated identity record found for presented assertion"
        if not self._application.federated or claims.get("iss") != ISSUER:
            raise Refused(401, "invalid_client", 700211, f"{start} issuer '{claims.get('iss')}'.")
        if claims.get("sub") != SUBJECT:
            raise Refused(401, "invalid_client", 700213, f"{start} subject '{claims.get('sub')}'.")
        try:
            jwt.decode(text, self._service.issuer_key.public_key(), ["RS256"], audience=AUDIENCE, options={"require": ["exp"]})
        except jwt.InvalidAudienceError:
            raise Refused(401, "invalid_client", 700212, f"{start} audience '{claims.get('aud')}'.") from None
        except jwt.ExpiredSignatureError:
            raise Refused(401, "invalid_client", 700024, "Client assertion is not within its valid time range.") from None
        except jwt.PyJWTError:
            raise Refused(
                401, "invalid_client", 50013, "Assertion failed signature validation. [Reason - The provided signature value did not match.]"
            ) from None


def _resource(scope: str) -> str:
    """The service that a scope is about."""
    named = [one for one in scope.split() if one not in ("openid", "profile", "offline_access")]
    if len(named) != 1 or not named[0].endswith("/.default"):
        raise Refused(400, "invalid_scope", 70011, f"The provided request must include a 'scope' input parameter. The provided scope {scope} is not valid.")
    resource = named[0].removesuffix("/.default")
    if resource not in RESOURCES:
        text = f"The resource principal named {resource} was not found in the tenant. This can happen if the application has not been installed by the "
        raise Refused(400, "invalid_resource", 500011, f"{text}administrator of the tenant or consented to by any user in the tenant.")
    return resource
