# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an answer of Microsoft Graph that is no success means.  Pure: status, headers and body in, error out.

Sources: the published error reference of Microsoft Graph and its throttling guidance.
"""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import (
    AccessDenied,
    AlreadyExists,
    BadParameter,
    CmdletError,
    HybridError,
    LoginRefused,
    NotFound,
    Throttled,
)

ABSENT = ("request_resourcenotfound", "resourcenotfound", "notfound", "itemnotfound", "erroritemnotfound")
"""Codes that prove an object absent, in lower case.  A wrong path is refused with 400 and proves nothing."""
PASSING = (429, 503)
"""Refused before anything was done; 504 and other failures of a gateway leave open what happened."""


def error(status: int, headers: t.Mapping[str, str], body: t.Any) -> HybridError:
    """The error for an answer; header names are in lower case, ``body`` is the decoded JSON or None."""
    said = body.get("error") if isinstance(body, dict) else None
    said = said if isinstance(said, dict) else {}
    code, text = str(said.get("code") or f"HTTP {status}"), str(said.get("message") or f"the service answered with status {status}")
    request = headers.get("request-id")
    advice = f"Ask the vendor's support with the request-id {request}" if request and status >= 500 else None
    found = _kind(status, code, said)(text, error_id=code, category=str(status), advice=advice)
    if isinstance(found, Throttled):
        found.wait = seconds(headers.get("retry-after"))
    return found


def seconds(text: str | None) -> float | None:
    """Seconds of a Retry-After; None where there is none, or a date, which is then guessed like none."""
    try:
        return None if text is None else max(0.0, float(text))
    except ValueError:
        return None


def _kind(status: int, code: str, said: t.Mapping[str, t.Any]) -> type[HybridError]:
    if status in PASSING:
        return Throttled
    if status == 404:
        return NotFound if code.casefold() in ABSENT else CmdletError
    if status == 409 or any(isinstance(one, dict) and one.get("code") == "ObjectConflict" for one in said.get("details") or ()):
        return AlreadyExists
    return {400: BadParameter, 401: LoginRefused, 403: AccessDenied, 405: BadParameter}.get(status, CmdletError)
