# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an answer of Microsoft Graph that is no success means.  Pure: answer in, error out.

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
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires.reply import Reply
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires.verdict import REFUSED_FOR_NOW

ABSENT = ("request_resourcenotfound", "resourcenotfound", "notfound", "itemnotfound", "erroritemnotfound")
"""Codes that prove an object absent, in lower case.  A wrong path is refused with 400 and proves nothing."""
_NO_TOKEN = "Check m365_tenant_cloud and m365_tenant_graph_host, and the sign-in logs of the tenant, which say why a token is not accepted"


def error(answer: Reply) -> HybridError:
    """The error for an answer."""
    body = answer.data
    said = body.get("error") if isinstance(body, dict) else None
    said = said if isinstance(said, dict) else {}
    code, text = str(said.get("code") or f"HTTP {answer.status}"), str(said.get("message") or f"the service answered with status {answer.status}")
    request = answer.headers.get("request-id")
    advice = f"Ask the vendor's support with the request-id {request}" if request and answer.status >= 500 else _NO_TOKEN if answer.status == 401 else None
    found = _kind(answer.status, code, said)(text, error_id=code, category=str(answer.status), advice=advice)
    if isinstance(found, Throttled):
        found.wait = answer.wait
    return found


def _kind(status: int, code: str, said: t.Mapping[str, t.Any]) -> type[HybridError]:
    if status in REFUSED_FOR_NOW:
        return Throttled
    if status == 404:
        return NotFound if code.casefold() in ABSENT else CmdletError
    if status == 409 or any(isinstance(one, dict) and one.get("code") == "ObjectConflict" for one in said.get("details") or ()):
        return AlreadyExists
    return {400: BadParameter, 401: LoginRefused, 403: AccessDenied, 405: BadParameter}.get(status, CmdletError)
