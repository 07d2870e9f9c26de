# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Microsoft Graph says when it refuses: status, code and text of the real service.

Codes and texts are those of the published error reference and of the answers that administrators quote; where no quotation was found
the text says plainly what is wrong under the code of its class.
"""

from __future__ import annotations

import typing as t


class Refused(Exception):
    """A request was answered with an error and nothing was done.  ``details`` are further errors, each with code, message and target."""

    def __init__(self, status: int, code: str, message: str, details: t.Sequence[dict[str, str]] = (), headers: t.Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.details, self.headers = tuple(details), dict(headers or {})


def bad_request(message: str, details: t.Sequence[dict[str, str]] = ()) -> Refused:
    """The directory's refusal of a value."""
    return Refused(400, "Request_BadRequest", message, details)


def malformed(message: str) -> Refused:
    """The refusal of a request that cannot be read."""
    return Refused(400, "BadRequest", message)


def unsupported_query(message: str = "Unsupported Query.") -> Refused:
    return Refused(400, "Request_UnsupportedQuery", message)


def no_segment(segment: str) -> Refused:
    return malformed(f"Resource not found for the segment '{segment}'.")


def no_method() -> Refused:
    return Refused(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")


def not_found(name: object) -> Refused:
    text = f"Resource '{name}' does not exist or one of its queried reference-property objects are not present."
    return Refused(404, "Request_ResourceNotFound", text)


def unknown_item(name: object) -> Refused:
    """The same from the services beside the directory: policies, authentication methods."""
    return Refused(404, "ResourceNotFound", f"The requested resource '{name}' was not found.")


def conflict(name: str, kind: str = "property") -> Refused:
    text = f"Another object with the same value for {kind} {name} already exists."
    return bad_request(text, [{"code": "ObjectConflict", "message": text, "target": name}])


def required(name: str) -> Refused:
    text = f"A value is required for property '{name}' of resource 'User'." if name == "accountEnabled" else f"A value is required for property '{name}'."
    return bad_request(text, [{"code": "MissingValue", "message": text, "target": name}])


def invalid(name: str) -> Refused:
    text = f"Invalid value specified for property '{name}' of resource."
    return bad_request(text, [{"code": "InvalidValue", "message": text, "target": name}])


def on_premises_mastered() -> Refused:
    return bad_request("Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.")


def denied() -> Refused:
    return Refused(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")


def access_denied() -> Refused:
    """What the services beside the directory say."""
    return Refused(403, "AccessDenied", "You cannot perform the requested operation, required scopes are missing in the token.")


def throttled(wait: int | None) -> Refused:
    """``wait`` are the seconds of Retry-After; None leaves the header out, as some services do."""
    headers = {} if wait is None else {"Retry-After": str(wait)}
    return Refused(429, "TooManyRequests", "Too many requests.", headers=headers)


def unavailable(wait: int | None = None) -> Refused:
    return Refused(503, "ServiceUnavailable", "The service is temporarily unavailable.", headers={} if wait is None else {"Retry-After": str(wait)})


def gave_up() -> Refused:
    """A gateway's answer after it waited in vain; what it waited for was done."""
    return Refused(504, "UnknownError", "")


def not_emulated(what: str) -> Refused:
    """Honest about the lab: never accept what is not kept."""
    return Refused(501, "LabDoesNotEmulate", f"The lab does not emulate {what}.")
