# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exchange Online's administration API: InvokeCommand and $batch over the cmdlets of an emulated organization."""

from __future__ import annotations

import dataclasses
import json
import re
import secrets
import threading
import time
import typing as t

from hybridlab import records
from hybridlab.cloud import answers, objects
from hybridlab.cloud.rest import Request, Response
from hybridlab.cloud.tenants import ADMINISTRATOR, EXCHANGE, MANAGE, Application, Tenant
from hybridlab.cloud.tokens import TokenService
from hybridlab.faults import Faults
from hybridlab.wire.recorder import Recorder

HASHTABLE = "#Exchange.GenericHashTable"
LARGEST_BATCH = 10
LARGEST_PAGE = 1000
CONCURRENCY = 10
"""Requests of one tenant at a time, beyond which the service refuses them; the real number is not published."""
_TAG = "@odata.type"
_PAGE_LIFE = 1800.0
_PREFERENCE = re.compile(r"odata\.maxpagesize=(\d+)")


@dataclasses.dataclass
class Load:
    """What a tenant was asked.  Requests are HTTP requests; a batch is one."""

    requests: int = 0
    batches: int = 0
    now: int = 0
    most: int = 0


@dataclasses.dataclass(frozen=True)
class _Rest:
    """What is left of an answer: to be had with the same request over the same way."""

    value: list[t.Any]
    key: tuple[str, ...]
    until: float
    page: int


class AdminApi:
    """The service of all tenants.  ``load`` is by tenant."""

    def __init__(self, tokens: TokenService, faults: Faults, recorder: Recorder, limit: int = CONCURRENCY) -> None:
        self.limit = limit
        self.load = {tenant.id: Load() for tenant in tokens.tenants}
        self._tokens, self._faults, self._recorder = tokens, faults, recorder
        self._pages: dict[str, _Rest] = {}
        self._lock = threading.Lock()

    def __call__(self, request: Request) -> Response | None:
        parts = request.parts
        if len(parts) != 4 or parts[0].lower() != "adminapi":
            return None
        if parts[1].lower() != "beta" or request.method != "POST" or parts[3].lower() not in ("invokecommand", "$batch"):
            return Response.of(405, {"error": {"code": "", "message": "The requested resource does not support http method."}})
        if set(request.query) - {"$skiptoken"}:
            return None  # the lab has no other, and says so
        allowed = self._authorized(request, parts[2])
        if isinstance(allowed, Response):
            return allowed
        tenant, application = allowed
        load = self.load[tenant.id]
        with self._lock:
            load.requests += 1
            load.now += 1
            load.most = max(load.most, load.now)
            crowded = load.now > self.limit
        try:
            if crowded:
                return answers.too_many()
            if parts[3].lower() == "$batch":
                load.batches += 1
                return self._batch(request, tenant, application)
            self._delay(request.body)
            return self._invoke(request, tenant, application)
        finally:
            with self._lock:
                load.now -= 1

    # --- who may ---

    def _authorized(self, request: Request, name: str) -> tuple[Tenant, Application | None] | Response:
        """The tenant and the application, None for a person.  A permission is needed to get in at all; a role decides what may be done."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        grant = self._tokens.check(token, EXCHANGE) if scheme.lower() == "bearer" else None
        if grant is None or self._faults.take("expired-token"):
            return answers.unauthorized("The access token has expired or is not yet valid." if token else "There is no token.")
        tenant = next((one for one in self._tokens.tenants if one.id == grant.tenant and one.answers_to(name)), None)
        if tenant is None:
            return answers.unauthorized("The token is for another tenant.")
        if grant.user is not None:
            return tenant, None
        if MANAGE not in grant.roles:
            return answers.unauthorized("The token has no role that is valid for this resource.")
        return tenant, next(one for one in tenant.applications.values() if one.client_id == grant.client_id)

    @staticmethod
    def _permitted(application: Application | None, cmdlet: str) -> bool:
        if application is None or application.role == ADMINISTRATOR:
            return True
        return application.role is not None and cmdlet.lower().startswith(("get-", "test-"))

    # --- requests ---

    def _batch(self, request: Request, tenant: Tenant, application: Application | None) -> Response:
        try:
            parts = request.json()["requests"]
            if not 0 < len(parts) <= LARGEST_BATCH or len({part["id"] for part in parts}) != len(parts):
                return answers.unparsed(f"A batch has 1 to {LARGEST_BATCH} requests, each with an id of its own.")
            singles = [(part["id"], self._part(request, part)) for part in parts]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return answers.unparsed(f"The batch cannot be read: {error}")
        self._delay(singles[0][1].body)
        responses = []
        for number, single in singles:
            answer = self._invoke(single, tenant, application)
            if answer.cut:
                return Response(200, b'{"responses":[' + bytes(64), cut=True)
            responses.append({"id": number, "status": answer.status, "headers": dict(answer.headers), "body": _body(answer)})
        return Response.of(200, {"responses": responses})

    @staticmethod
    def _part(request: Request, part: dict[str, t.Any]) -> Request:
        path, _, query = str(part["url"]).removeprefix(request.base).partition("?")
        if part["method"] != "POST" or not path.lower().endswith("/invokecommand"):
            raise ValueError(f"{part['method']} {part['url']}")
        found = {name: value for name, _, value in (one.partition("=") for one in query.split("&")) if name}
        headers = {name.lower(): str(value) for name, value in part.get("headers", {}).items()}
        return Request(
            "POST", path, {name.replace("%24", "$"): value for name, value in found.items()}, headers, json.dumps(part["body"]).encode(), request.base
        )

    def _invoke(self, request: Request, tenant: Tenant, application: Application | None) -> Response:
        try:
            given = request.json()["CmdletInput"]
            cmdlet, parameters = str(given["CmdletName"]), given["Parameters"]
            if not isinstance(parameters, dict):
                return answers.unparsed("Value cannot be null. Parameter name: Parameters")
            plain = {name: _argument(name, value) for name, value in parameters.items()}
        except (ValueError, KeyError, TypeError) as error:
            return answers.unparsed(str(error))
        refused = self._fault(cmdlet)
        if refused is not None:
            return refused
        if not self._permitted(application, cmdlet):
            return answers.wordless("CmdletAccessDeniedException")
        way = [request.headers.get(name, "") for name in ("x-anchormailbox", "connection-id")]
        key = (tenant.id, *way, json.dumps(given, sort_keys=True))
        if "$skiptoken" in request.query:
            return self._continued(request, cmdlet, key)
        answer = self._run(request, tenant, cmdlet, plain, key)
        late = self._faults.take("gateway-timeout", cmdlet)
        return answers.busy(504, -1) if late else answer

    def _delay(self, body: bytes) -> None:
        """Make a request slow; a batch is one request, and is known by its first cmdlet."""
        named = re.search(rb'"CmdletName":\s*"([\w-]+)"', body)
        slow = self._faults.take("slow-answer", named.group(1).decode() if named else None)
        if slow is not None:
            time.sleep(slow["seconds"])

    def _fault(self, cmdlet: str) -> Response | None:
        for name, status in (("too-many-requests", 429), ("service-unavailable", 503)):
            found = self._faults.take(name, cmdlet)
            if found is not None:
                return answers.busy(status, int(found["retry_after"]))
        return answers.wordless("CmdletAccessDeniedException") if self._faults.take("wordless-refusal", cmdlet) else None

    def _run(self, request: Request, tenant: Tenant, cmdlet: str, plain: dict[str, t.Any], key: tuple[str, ...]) -> Response:
        self._recorder.cmdlet(tenant.exchange.name, cmdlet, plain)
        output: list[t.Any] = []
        warnings: list[str] = []
        failures: list[records.ErrorRecord] = []
        try:
            for record in tenant.exchange.invoke(cmdlet, plain):
                if isinstance(record, records.Output):
                    output.append(objects.shown(record.value))
                elif isinstance(record, records.Warned):
                    warnings.append(record.text)
                else:
                    failures.append(record)
        except records.Terminating as stop:
            if stop.record.error_id == "CommandNotFoundException":
                return answers.wordless("CommandNotFoundException")
            failures.append(stop.record)
        if failures:
            return answers.refusal(failures, warnings, _quoted(failures[0].message))
        return self._paged(request, cmdlet, _Rest(output, key, time.monotonic() + _PAGE_LIFE, 1), warnings)

    # --- pages ---

    def _continued(self, request: Request, cmdlet: str, key: tuple[str, ...]) -> Response:
        """The next page.  It may be asked for again, but only with the request and over the way of the first."""
        rest = self._pages.get(request.query["$skiptoken"])
        if rest is None or rest.key != key or time.monotonic() > rest.until:
            return answers.stale_page()
        return self._paged(request, cmdlet, rest, [])

    def _paged(self, request: Request, cmdlet: str, rest: _Rest, warnings: list[str]) -> Response:
        wished = _PREFERENCE.search(request.headers.get("prefer", ""))
        size = max(1, min(LARGEST_PAGE, int(wished.group(1)) if wished else LARGEST_PAGE))
        small = self._faults.peek("small-pages")
        size = min(size, int(small["size"])) if small else size
        link = None
        if len(rest.value) > size:
            token = secrets.token_urlsafe(24)
            self._pages[token] = _Rest(rest.value[size:], rest.key, rest.until, rest.page + 1)
            link = f"{request.base}{request.path}?%24skiptoken={token}"
        response = answers.success(f"{request.base}/adminapi/beta/$metadata#Collection(Exchange.GenericHashTable)", rest.value[:size], warnings, link)
        cut = self._faults.peek("cut-answer")
        if cut and rest.page == int(cut["page"]) and self._faults.take("cut-answer", cmdlet):
            return dataclasses.replace(response, cut=True)
        return response


def _argument(name: str, value: t.Any) -> t.Any:
    """A parameter's value; an object that does not say that it is a hashtable is none that the binder knows."""
    if isinstance(value, list):
        return [_argument(name, item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get(_TAG) != HASHTABLE:
        raise TypeError(f"Cannot process argument transformation on parameter '{name}'. Cannot convert value of type 'Newtonsoft.Json.Linq.JObject'.")
    found = {key: _argument(name, item) for key, item in value.items() if key != _TAG}
    return found if found else []


def _quoted(text: str) -> str:
    return text.rpartition(" '")[2].rstrip(".'")


def _body(response: Response) -> t.Any:
    try:
        return json.loads(response.body)
    except ValueError:
        return response.body.decode("utf-8", "replace")
