# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cmdlets as requests to Exchange Online's administration API, and its answers: values in, values out, no network.

Sources: facts that others measured and published on the endpoint ``adminapi/beta/{tenant}/InvokeCommand``, which Microsoft's own module
uses and does not document.  What becomes of what on the way back is the same as on the PowerShell wire: see `plain`.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import datetime
import re
import typing as t
import uuid

from ansible_collections.m365.hybrid.plugins.module_utils._core import errors
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Credential, Secret
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import classify, parameters, plain
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires.reply import Reply, shown

CLIENT = "m365.hybrid"
PERMISSION = "Exchange.ManageAsApp"
"""The application permission without which a token is refused."""
_HASHTABLE = {"@odata.type": "#Exchange.GenericHashTable"}
# The arbitration mailbox that every tenant has: requests of applications are routed to where it lives.
_SYSTEM_MAILBOX = "bb558c35-97f1-4cb9-8ff7-d53741dc928c"
# Cmdlets that work on another system mailbox.
_OTHER_MAILBOX = {"set-adminauditlogconfig": "8cc370d3-822a-4ab8-a926-bb94bd0641a9"}
# Nouns that live inside a mailbox: their requests are routed to the mailbox, where its address is known.
_IN_MAILBOX = ("mailboxfolder", "mailboxcalendar", "mailboxautoreply", "mailboxjunkemail", "calendarprocessing", "mailboxstatistics", "inboxrule")
_ADDRESS = re.compile(r"[^\s@:\\]+@[^\s@:\\]+(?=$|:)")
_DATES = ("System.DateTime", "#DateTimeOffset", "System.DateTimeOffset")
_TYPE_NAME = re.compile(r"[A-Za-z_][\w.+`]*\Z")


def body(cmdlet: str, given: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The request; parameters are an object even where there are none.  Raises `UsageError` for a value that has no such form."""
    return {"CmdletInput": {"CmdletName": cmdlet, "Parameters": {name: value(name, one) for name, one in given.items()}}}


def value(name: str, given: t.Any) -> t.Any:
    """A parameter's value in JSON.  A hashtable must say that it is one, each inside another too; the binder takes no other object."""
    if isinstance(given, (Secret, Credential)):
        raise errors.UsageError(
            f"{name} is a secret, and secrets are not sent to Exchange Online",
            advice="Leave it out here; passwords of accounts in the cloud are set with Microsoft Graph",
        )
    if given is None or isinstance(given, (bool, int, float)):
        return given
    if isinstance(given, str):
        return str.__str__(given)
    if isinstance(given, collections.abc.Mapping):
        return _HASHTABLE | {str(key): value(name, item) for key, item in given.items()}
    if isinstance(given, (list, tuple, collections.abc.Set)):
        return [value(name, item) for item in given]
    if isinstance(given, (bytes, bytearray)):
        return list(given)
    if isinstance(given, datetime.timedelta):
        return parameters.timespan(given)
    if isinstance(given, (datetime.datetime, datetime.date)):
        return given.isoformat()
    if isinstance(given, uuid.UUID):
        return str(given)
    raise errors.UsageError(f"A value of type {type(given).__name__} cannot be a cmdlet parameter")


def anchor(cmdlet: str, given: t.Mapping[str, t.Any], tenant: str, user: str | None) -> str:
    """Where the service routes the request: the mailbox it is about, the person's, or the tenant's own.  All pages of an answer take the same way."""
    low = cmdlet.lower()
    if low.partition("-")[2].startswith(_IN_MAILBOX):
        address = _ADDRESS.match(str(next((one for name, one in given.items() if name.lower() == "identity"), "")))
        if address:
            return f"UPN:{address.group(0)}"
    if user:
        return f"UPN:{user}"
    return f"APP:SystemMailbox{{{_OTHER_MAILBOX.get(low, _SYSTEM_MAILBOX)}}}@{tenant}"


def headers(cmdlet: str, where: str, connection: str) -> dict[str, str]:
    """The headers of one request but for its token.  ``connection`` is a GUID that stays the same for the session."""
    return {
        "X-AnchorMailbox": where,
        "X-CmdletName": cmdlet,
        "X-ClientApplication": CLIENT,
        "X-ResponseFormat": "json",
        "Prefer": "odata.maxpagesize=1000",
        "connection-id": connection,
        "client-request-id": str(uuid.uuid4()),
        "Content-Type": "application/json;odata.metadata=minimal",
        "Accept": "application/json",
        "parameter-based-routing": "true",
    }


@dataclasses.dataclass(frozen=True)
class Page:
    """A part of what a cmdlet returned.  ``more`` is the address of the next part."""

    output: list[t.Any]
    warnings: list[str]
    more: str | None


def page(reply: Reply, cmdlet: str, properties: t.Collection[str] | None, silent: bool) -> Page:
    """The content of a successful answer.  ``silent``: whether a cmdlet may return nothing at all.  Raises `CmdletError`."""
    found = reply.data
    if not isinstance(found, dict) or not (silent or "value" in found):
        if silent and reply.status in (200, 201, 202, 204):
            return Page([], [], None)
        raise errors.CmdletError(f"the answer cannot be understood: HTTP {reply.status}, {shown(reply)}")
    listed = found.get("value")
    items = [] if listed is None else listed if isinstance(listed, list) else [listed]
    wanted = None if properties is None else frozenset(name.lower() for name in properties)
    return Page([_item(one, wanted) for one in items], warnings(reply, found), found.get("@odata.nextLink"))


def warnings(reply: Reply, found: t.Mapping[str, t.Any]) -> list[str]:
    """What the server warned of: in the body, and in a header that some answers have instead."""
    said = found.get("@adminapi.warnings")
    listed = [str(one) for one in said if one] if isinstance(said, list) else []
    header = reply.headers.get("x-warnings", "").strip()
    return listed if not header or header in listed else [*listed, header]


def _item(found: t.Any, wanted: frozenset[str] | None) -> t.Any:
    """One object as the PowerShell wire would deliver it: names with an at sign only describe other names."""
    if isinstance(found, list):
        return [_item(one, None) for one in found]
    if not isinstance(found, dict):
        return found
    kept = {name: one for name, one in found.items() if "@" not in name and (wanted is None or name.lower() in wanted)}
    return {name: plain.date(one) if _is_date(found, name, one) else _item(one, None) for name, one in kept.items()}


def _is_date(found: t.Mapping[str, t.Any], name: str, one: t.Any) -> bool:
    return isinstance(one, str) and (found.get(f"{name}@data.type") in _DATES or found.get(f"{name}@odata.type") in _DATES)


def failure(reply: Reply) -> classify.Failure:
    """What the server says about a failure: the cmdlet's own words, else those of what was in its way, else the general ones."""
    found = reply.data
    error = found.get("error") if isinstance(found, dict) else None
    if not isinstance(error, dict):
        return classify.Failure(f"HTTP {reply.status}: {shown(reply)}", error_type=reply.headers.get("x-exceptiontype", ""))
    for detail in error.get("details") or ():
        text = str(detail.get("message") or "") if isinstance(detail, dict) else ""
        if text:
            return _detailed(text)
    inner = _object(error, "innererror")
    internal = _object(inner, "internalexception")
    if internal.get("message"):
        return classify.Failure(str(internal["message"]), error_type=str(internal.get("type") or ""))
    return classify.Failure(str(error.get("message") or shown(reply)), error_type=str(inner.get("type") or reply.headers.get("x-exceptiontype", "")))


def _object(found: t.Mapping[str, t.Any], name: str) -> dict[str, t.Any]:
    inside = found.get(name)
    return inside if isinstance(inside, dict) else {}


def _detailed(text: str) -> classify.Failure:
    """``<id>|<type>|<words>``; the id may be empty, and words may have bars of their own."""
    parts = text.split("|", 2)
    if len(parts) == 3 and _TYPE_NAME.match(parts[1]):
        return classify.Failure(parts[2].strip(), parts[0], error_type=parts[1])
    return classify.Failure(text.strip())


def is_nothing(reply: Reply) -> bool:
    """Whether the body is the service's way to refuse without words: nothing, or bytes of zero, or what it calls gzip and is none."""
    return not reply.content.strip(b"\0 \r\n\t")
