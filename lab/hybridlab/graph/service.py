# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Microsoft Graph as a product behind an endpoint: contract, permissions, faults, dispatch, batches."""

from __future__ import annotations

import dataclasses
import logging
import threading
import typing as t
import urllib.parse
import uuid

from hybridlab.faults import Faults
from hybridlab.graph import access, authentication, domains, groups, licences, permissions, refusals, reports, searches, synchronization, users
from hybridlab.graph.call import Answer, Call
from hybridlab.graph.schema import Schema
from hybridlab.graph.tenant import Tenant, Values, now

log = logging.getLogger("hybridlab.graph")
LARGEST_BATCH = 20
Handler = t.Callable[[Call], Answer]
_METHODS = "/users/{user-id}/authentication"
_JOBS = "/servicePrincipals/{servicePrincipal-id}/synchronization/jobs"
_ACCESS = "/identity/conditionalAccess"
ROUTES: dict[str, dict[str, Handler]] = {
    "/users": {"GET": users.all_users, "POST": users.create},
    "/users/{user-id}": {"GET": users.get, "PATCH": users.change, "DELETE": users.delete},
    "/users/{user-id}/memberOf": {"GET": users.groups},
    "/users/{user-id}/manager": {"GET": users.superior},
    "/users/{user-id}/manager/$ref": {"PUT": users.set_superior, "DELETE": users.remove_superior},
    "/users/{user-id}/assignLicense": {"POST": licences.assign},
    "/users/{user-id}/licenseDetails": {"GET": licences.details},
    "/subscribedSkus": {"GET": licences.all_skus},
    "/directory/deletedItems/graph.user": {"GET": users.deleted("user")},
    "/directory/deletedItems/graph.group": {"GET": users.deleted("group")},
    "/directory/deletedItems/{directoryObject-id}": {"GET": users.deleted_one, "DELETE": users.delete_for_good},
    "/directory/deletedItems/{directoryObject-id}/restore": {"POST": users.restore},
    "/groups": {"GET": groups.all_groups, "POST": groups.create},
    "/groups/{group-id}": {"GET": groups.get, "PATCH": groups.change, "DELETE": groups.delete},
    **{f"/groups/{{group-id}}/{role}": {"GET": groups.related(role)} for role in ("members", "owners")},
    **{f"/groups/{{group-id}}/{role}/$ref": {"POST": groups.add(role)} for role in ("members", "owners")},
    **{f"/groups/{{group-id}}/{role}/{{directoryObject-id}}/$ref": {"DELETE": groups.remove(role)} for role in ("members", "owners")},
    "/contacts": {"GET": groups.contacts},
    "/directory/onPremisesSynchronization": {"GET": synchronization.listed_settings},
    "/directory/onPremisesSynchronization/{onPremisesDirectorySynchronization-id}": {
        "GET": synchronization.settings,
        "PATCH": synchronization.change_settings,
    },
    "/domains": {"GET": domains.all_domains},
    "/domains/{domain-id}": {"GET": domains.get, "PATCH": domains.change},
    "/domains/{domain-id}/federationConfiguration": {"GET": domains.federations, "POST": domains.federate},
    "/domains/{domain-id}/federationConfiguration/{internalDomainFederation-id}": {
        "GET": domains.federation,
        "PATCH": domains.change_federation,
        "DELETE": domains.end_federation,
    },
    f"{_METHODS}/methods": {"GET": authentication.methods},
    f"{_METHODS}/phoneMethods": {"GET": authentication.phones, "POST": authentication.add_phone},
    f"{_METHODS}/phoneMethods/{{phoneAuthenticationMethod-id}}": {
        "GET": authentication.phone,
        "PATCH": authentication.change_phone,
        "DELETE": authentication.remove_phone,
    },
    f"{_METHODS}/requirements": {"GET": authentication.requirements, "PATCH": authentication.require},
    "/policies/authenticationMethodsPolicy": {"GET": authentication.policy, "PATCH": authentication.change_policy},
    "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/{authenticationMethodConfiguration-id}": {
        "GET": authentication.configuration,
        "PATCH": authentication.change_configuration,
    },
    "/policies/identitySecurityDefaultsEnforcementPolicy": {"GET": access.security_defaults, "PATCH": access.change_security_defaults},
    f"{_ACCESS}/namedLocations": {"GET": access.locations, "POST": access.add_location},
    f"{_ACCESS}/namedLocations/{{namedLocation-id}}": {"GET": access.location, "PATCH": access.change_location, "DELETE": access.remove_location},
    f"{_ACCESS}/authenticationStrength/policies": {"GET": access.strengths},
    _JOBS: {"GET": synchronization.jobs},
    f"{_JOBS}/{{synchronizationJob-id}}": {"GET": synchronization.job},
    **{f"{_JOBS}/{{synchronizationJob-id}}/{verb}": {"POST": synchronization.order(verb)} for verb in ("start", "pause", "restart")},
    "/servicePrincipals": {"GET": access.applications},
    f"{_ACCESS}/policies": {"GET": access.policies, "POST": access.add_policy},
    f"{_ACCESS}/policies/{{conditionalAccessPolicy-id}}": {"GET": access.policy, "PATCH": access.change_policy, "DELETE": access.remove_policy},
    "/reports/authenticationMethods/userRegistrationDetails": {"GET": authentication.registrations},
    "/auditLogs/directoryAudits": {"GET": reports.audits},
    "/security/auditLog/queries": {"POST": searches.create},
    "/security/auditLog/queries/{auditLogQuery-id}": {"GET": searches.get},
    "/security/auditLog/queries/{auditLogQuery-id}/records": {"GET": searches.records},
    "/organization": {"GET": reports.organization},
}


@dataclasses.dataclass(frozen=True)
class Caller:
    """Who asks, as the token says: the application and its permissions."""

    application: str
    roles: frozenset[str]


@dataclasses.dataclass(frozen=True)
class Request:
    """``path`` begins with the version and has no host; ``base`` is scheme and host; header names are in lower case."""

    method: str
    path: str
    caller: Caller
    body: t.Any = None
    headers: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    base: str = "https://graph.microsoft.com"


@dataclasses.dataclass(frozen=True)
class Response:
    """``body`` None is no body."""

    status: int
    body: t.Any = None
    headers: t.Mapping[str, str] = dataclasses.field(default_factory=dict)


class Graph:
    """The service for one tenant.  Thread-safe.  ``calls`` lists every request as (method, path, body), those inside batches, too."""

    name = "graph"

    def __init__(self, tenant: Tenant, faults: Faults | None = None) -> None:
        self.tenant = tenant
        self.faults = faults or Faults()
        self.calls: list[tuple[str, str, t.Any]] = []
        self._schemas = {version: Schema(version) for version in ("v1.0", "beta")}
        self.lock = threading.RLock()

    @property
    def writes(self) -> list[tuple[str, str, t.Any]]:
        """A search of the audit log is none: it changes nothing but the list of searches."""
        return [call for call in self.calls if call[0] != "GET" and not call[1].endswith(("/$batch", "/security/auditLog/queries"))]

    def handle(self, request: Request) -> Response:
        """Answer one request; refusals are answers like all others."""
        identifier = str(uuid.uuid4())
        self.calls.append((request.method, request.path, request.body))
        try:
            self._hinder()
            response = self._answer(request)
            if not request.path.endswith("/$batch") and self.faults.take("gateway-timeout"):
                raise refusals.gave_up()
        except refusals.Refused as refused:
            if refused.status == 501:
                log.warning("%s %s: %s", request.method, request.path, refused.message)
            response = Response(refused.status, _error(refused, identifier), refused.headers)
        return dataclasses.replace(
            response, headers={**response.headers, "request-id": identifier, "client-request-id": request.headers.get("client-request-id", identifier)}
        )

    def _answer(self, request: Request) -> Response:
        link = urllib.parse.urlsplit(request.path)
        version, _slash, path = link.path.strip("/").partition("/")
        schema = self._schemas.get(version)
        if schema is None:
            raise refusals.malformed(f"Invalid version: {version}.")
        match, operation = schema.operation(path, request.method)
        schema.check_query(operation, query := dict(urllib.parse.parse_qsl(link.query, keep_blank_values=True)))
        if match.template == "/$batch":
            return self._batch(request, version)
        self._permit(request, f"/{path}")
        schema.check_body(operation, request.body)
        handler = ROUTES.get(match.template, {}).get(request.method)
        if handler is None:
            raise refusals.not_emulated(f"{request.method} {match.template}")
        kind = str(operation.get("answer", "")).rstrip("?!")
        call = Call(
            self.tenant, schema, self.faults, request.caller.application, request.base + request.path, match.names, query, request.headers, request.body, kind
        )
        with self.lock:
            status, body = handler(call)
        return Response(status, body)

    def _permit(self, request: Request, path: str) -> None:
        row = permissions.missing(path, request.method, request.caller.roles)
        if row is not None:
            raise refusals.access_denied() if row.beside else refusals.denied()

    def _hinder(self) -> None:
        """The faults that meet a request before anything is done."""
        for name, refusal in (("too-many-requests", refusals.throttled), ("service-unavailable", refusals.unavailable)):
            if order := self.faults.take(name):
                raise refusal(None if order["retry_after"] < 0 else int(order["retry_after"]))

    def _batch(self, request: Request, version: str) -> Response:
        items = (request.body or {}).get("requests")
        if not isinstance(items, list) or not items:
            raise refusals.malformed("Invalid batch payload format.")
        if len(items) > LARGEST_BATCH:
            raise refusals.malformed(f"Number of batch request steps exceeds the maximum value of {LARGEST_BATCH}.")
        if len({item.get("id") for item in items}) < len(items) or any(not item.get("id") for item in items):
            raise refusals.malformed("Each batch request step needs an id of its own.")
        done: dict[str, Response] = {}
        for item in items:
            done[item["id"]] = self._step(request, version, item, done)
        responses = [_step_answer(identifier, response) for identifier, response in done.items()]
        return Response(200, {"responses": responses})

    def _step(self, request: Request, version: str, item: Values, done: t.Mapping[str, Response]) -> Response:
        failed = [other for other in item.get("dependsOn", ()) if other not in done or done[other].status >= 400]
        if failed:
            refused = refusals.Refused(424, "FailedDependency", "A request that this one depends on failed.")
            return Response(424, _error(refused, str(uuid.uuid4())))
        if item.get("body") is not None and "application/json" not in str({**item.get("headers", {})}).lower():
            refused = refusals.malformed("A batch request step with a body needs the header Content-Type.")
            return Response(400, _error(refused, str(uuid.uuid4())))
        path = f"/{version}/{str(item['url']).lstrip('/')}"
        headers = {name.lower(): value for name, value in item.get("headers", {}).items()}
        return self.handle(Request(item["method"].upper(), path, request.caller, item.get("body"), headers, request.base))


def _step_answer(identifier: str, response: Response) -> Values:
    headers = {**response.headers, "Content-Type": "application/json"} if response.body is not None else dict(response.headers)
    return {"id": identifier, "status": response.status, "headers": headers, **({"body": response.body} if response.body is not None else {})}


def _error(refused: refusals.Refused, identifier: str) -> Values:
    inner = {"date": now().removesuffix("Z"), "request-id": identifier, "client-request-id": identifier}
    error = {"code": refused.code, "message": refused.message, "innerError": inner}
    return {"error": error | ({"details": list(refused.details)} if refused.details else {})}
