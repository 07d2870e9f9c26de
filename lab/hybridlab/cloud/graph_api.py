# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Microsoft Graph of all tenants behind the site's port: who asks, for which tenant, and what the recorder notes."""

from __future__ import annotations

import json
import time
import typing as t

from hybridlab import graph
from hybridlab.cloud.rest import Request, Response
from hybridlab.cloud.tenants import GRAPH, Tenant
from hybridlab.cloud.tokens import TokenService
from hybridlab.faults import Faults
from hybridlab.wire.recorder import Recorder

VERSIONS = ("v1.0", "beta")
_EMPTY = "Access token is empty."
_EXPIRED = "Lifetime validation failed, the token is expired."


class GraphApi:
    """The service.  The token says which tenant is meant; the path does not."""

    def __init__(self, tokens: TokenService, faults: Faults, recorder: Recorder) -> None:
        self._tokens, self._faults, self._recorder = tokens, faults, recorder

    def __call__(self, request: Request) -> Response | None:
        if request.path.strip("/").partition("/")[0] not in VERSIONS:
            return None
        known = self._caller(request)
        if isinstance(known, Response):
            return known
        tenant, caller = known
        try:
            body = request.json() if request.body.strip() else None
        except ValueError:
            return Response.of(400, {"error": {"code": "BadRequest", "message": "Unable to read JSON request payload."}})
        self._recorder.request(request.method, request.target, _without_headers(body) if request.path.endswith("/$batch") else body)
        slow = self._faults.take("slow-answer", "graph")
        if slow is not None:
            time.sleep(slow["seconds"])
        asked = graph.Request(request.method, request.target, caller, body, request.headers, request.base)
        return self._answered(tenant, asked, "$skiptoken" in request.query)

    def _caller(self, request: Request) -> tuple[Tenant, graph.Caller] | Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        grant = self._tokens.check(token, GRAPH) if scheme.lower() == "bearer" else None
        tenant = next((one for one in self._tokens.tenants if grant and one.id == grant.tenant), None)
        if grant is None or tenant is None or self._faults.take("expired-token"):
            error = {"error": {"code": "InvalidAuthenticationToken", "message": _EXPIRED if token else _EMPTY}}
            return Response.of(401, error, WWW_Authenticate='Bearer realm="", error="invalid_token"')
        return tenant, graph.Caller(grant.client_id, frozenset(grant.roles) if grant.user is None else graph.EVERYTHING)

    def _answered(self, tenant: Tenant, request: graph.Request, later_page: bool) -> Response:
        found = tenant.directory.handle(request)
        body = b"" if found.body is None else json.dumps(found.body, ensure_ascii=False).encode("utf-8", "surrogatepass")
        headers = {**found.headers, "Content-Type": "application/json; charset=utf-8"} if body else dict(found.headers)
        cut = later_page and bool(self._faults.take("cut-answer", "graph"))
        return Response(found.status, body, headers, cut)


def _without_headers(batch: t.Any) -> t.Any:
    """A batch as it is noted: the headers of its steps are left out, as are those of other requests."""
    steps = batch.get("requests") if isinstance(batch, dict) else None
    if not isinstance(steps, list):
        return batch
    return batch | {"requests": [{name: item for name, item in step.items() if name != "headers"} if isinstance(step, dict) else step for step in steps]}
