# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The answers of Exchange Online's administration API, successes and refusals, as they were captured and published."""

from __future__ import annotations

import typing as t

from hybridlab.cloud.rest import Response
from hybridlab.records import ErrorRecord

TYPE = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
_CORE = "Microsoft.Exchange.Admin.OData.Core.ODataServiceException"
_INVOCATION = "Microsoft.Exchange.AdminApi.CommandInvocation"
_WARNINGS = "adminapi.warnings@odata.type"
# Exception types whose refusals have a status of their own; all others are bad requests.
_STATUS = {"ManagementObjectNotFoundException": (404, "NotFound"), "ADNoSuchObjectException": (404, "NotFound")}
_UNKNOWN_PARAMETER = "NamedParameterNotFound"
# What the binder refuses before the cmdlet runs.
_BINDING = ("ParameterBindingException", "ParameterBindingValidationException", "ParameterBindingArgumentTransformationException")


def success(context: str, value: list[t.Any], warnings: list[str], link: str | None) -> Response:
    found: dict[str, t.Any] = {"@odata.context": context, _WARNINGS: "#Collection(String)", "@adminapi.warnings": warnings, "value": value}
    return Response.of(200, found | ({"@odata.nextLink": link} if link else {}), Content_Type=TYPE)


def refusal(records: t.Sequence[ErrorRecord], warnings: list[str], parameter: str | None = None) -> Response:
    """What cmdlets say goes into the details; what the binder says does not, and has no details at all but for unknown parameters."""
    first = records[0]
    name = first.exception_type.rpartition(".")[2]
    if first.error_id.startswith(_UNKNOWN_PARAMETER):
        text = "Parameter set cannot be resolved using the specified named parameters. Invalid cmdlet parameters specified. " + (parameter or "")
        return _error(400, "BadRequest", "Error executing cmdlet", [f"|{_INVOCATION}.AmbiguousParameterSetException|{text}"], "", warnings)
    if name in _BINDING:
        return _error(400, "BadRequest", "Invalid Operation", [], first.message, warnings)
    status, code = _STATUS.get(name, (400, "BadRequest"))
    details = [f"{record.error_id.rpartition(' ')[2].partition(',')[0]}|{record.exception_type}|{record.message}" for record in records]
    return _error(status, code, "Error executing cmdlet", details, "", warnings)


def unparsed(text: str) -> Response:
    """A request that is no call."""
    return _error(400, "BadRequest", "Invalid Operation", [], text, [])


def stale_page() -> Response:
    return _error(400, "BadRequest", "Invalid Operation", [], "Expired or Invalid pagination request. Default Expiry time is 00:30:00", [])


def too_many() -> Response:
    text = "You have reached the maximum number of concurrent requests per tenant. Please wait and try again."
    return Response.of(429, {"error": {"code": "TooManyRequests", "message": text}})


def wordless(exception: str) -> Response:
    """403 with bytes of zero instead of a text."""
    return Response(403, bytes(180), {"Content-Type": "application/json", "X-ExceptionType": exception})


def unauthorized(text: str) -> Response:
    challenge = f'Bearer client_id="00000002-0000-0ff1-ce00-000000000000", error="invalid_token", error_description="{text}"'
    return Response(401, b"", {"WWW-Authenticate": challenge})


def busy(status: int, retry_after: int) -> Response:
    """A refusal for load, in plain text; a negative ``retry_after`` leaves the header out."""
    headers = {"Content-Type": "text/plain"} | ({"Retry-After": str(retry_after)} if retry_after >= 0 else {})
    return Response(status, {429: b"Too many requests", 503: b"The service is unavailable.", 504: b"Gateway Timeout"}[status], headers)


def _error(status: int, code: str, message: str, details: list[str], internal: str, warnings: list[str]) -> Response:
    kind = f"{_INVOCATION}.{'ParameterTransformationException' if internal else 'DirectInvokeCmdletExecutionException'}"
    error: dict[str, t.Any] = {"code": code, "message": message}
    if details:
        error["details"] = [{"code": "Client", "target": "", "message": text} for text in details]
    said = internal or f"Exception of type '{kind}' was thrown."
    inner = {"message": message, "type": _CORE, "stacktrace": "", "internalexception": {"message": said, "type": kind, "stacktrace": ""}}
    error |= {"innererror": inner, _WARNINGS: "#Collection(String)", "@adminapi.warnings": warnings}
    return Response.of(status, {"error": error}, Content_Type=TYPE)
