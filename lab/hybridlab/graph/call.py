# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One request as a handler sees it, and how lists are answered."""

from __future__ import annotations

import base64
import dataclasses
import typing as t

from hybridlab.faults import Faults
from hybridlab.graph import filters, refusals
from hybridlab.graph.schema import Schema
from hybridlab.graph.tenant import Tenant, Values

PAGE = 100
LARGEST_PAGE = 999
_ONLY_WHEN_SELECTED = ("passwordProfile", "isCloudManaged")
Answer = tuple[int, t.Any]
"""Status and body; None is no body."""


@dataclasses.dataclass(frozen=True)
class Call:
    """``names`` are the values of the path's placeholders, ``kind`` is the type that the operation answers, ``link`` the URL of the request."""

    tenant: Tenant
    schema: Schema
    faults: Faults
    actor: str
    link: str
    names: tuple[str, ...]
    query: t.Mapping[str, str]
    headers: t.Mapping[str, str]
    body: t.Any
    kind: str

    @property
    def eventual(self) -> bool:
        """Whether this is an advanced query: only then the directory answers some filters."""
        return self.headers.get("consistencylevel", "").casefold() == "eventual" and self.query.get("$count", "").casefold() == "true"

    def shown(self, values: Values, default: t.Collection[str] | None = None) -> Values:
        """The selected properties of an object; ``default`` are those that come when none are selected, None for all."""
        known = self.schema.properties(self.kind) if self.kind in self.schema.types else {}
        if self.kind == "directoryObject":  # a list of it takes the properties of what is in it
            known = known | self.schema.properties("user") | self.schema.properties("group")
        chosen = [name for name in self.query.get("$select", "").split(",") if name]
        for name in chosen:
            if name not in known and name not in self.schema.navigation(self.kind):
                raise refusals.malformed(f"Could not find a property named '{name}' on type 'microsoft.graph.{self.kind}'.")
        if not chosen:
            chosen = [name for name in (default or values) if name not in _ONLY_WHEN_SELECTED]
        shown = {name: values.get(name, [] if known.get(name, "").startswith("[") else None) for name in chosen}
        return ({"@odata.type": values["@odata.type"]} if "@odata.type" in values else {}) | shown


def one(call: Call, values: Values, default: t.Collection[str] | None = None, status: int = 200) -> Answer:
    return status, {"@odata.context": f"https://graph.microsoft.com/v1.0/$metadata#{call.kind}/$entity", **call.shown(values, default)}


def listed(call: Call, items: t.Sequence[Values], default: t.Collection[str] | None = None, *, advanced: bool = False, pages: bool = True) -> Answer:
    """A list: filtered, ordered, paged, selected.  ``advanced`` says that the directory keeps it, with its rules for advanced queries."""
    kind = call.kind.removesuffix("CollectionResponse")
    call = dataclasses.replace(call, kind=kind)
    found = _ordered(call, _filtered(call, items, advanced))
    if "$search" in call.query or "$expand" in call.query:
        raise refusals.not_emulated(f"{'$search' if '$search' in call.query else '$expand'} of {kind}")
    body: Values = {"@odata.context": f"https://graph.microsoft.com/v1.0/$metadata#{kind}"}
    if call.query.get("$count", "").casefold() == "true":
        body["@odata.count"] = len(found)
    size, start = (_number(call, "$top", PAGE), _start(call)) if pages else (max(1, len(found)), 0)
    if size > LARGEST_PAGE and pages:
        raise refusals.bad_request(f"Invalid page size specified: '{size}'. Must be between 1 and {LARGEST_PAGE} inclusive.")
    if start + size < len(found):
        body["@odata.nextLink"] = f"{_without_token(call.link)}$skiptoken={_token(start + size)}"
    body["value"] = [call.shown(item, default) for item in found[start : start + size]]
    return 200, body


def _filtered(call: Call, items: t.Sequence[Values], advanced: bool) -> list[Values]:
    text = call.query.get("$filter")
    if text is None:
        return list(items)
    parsed = filters.parse(text)
    known = call.schema.properties(call.kind)
    for path in parsed.paths:
        if path.partition("/")[0] not in known and not call.schema.open(call.kind):
            raise refusals.malformed(f"Could not find a property named '{path}' on type 'microsoft.graph.{call.kind}'.")
    if advanced and parsed.advanced and not call.eventual:
        raise refusals.unsupported_query()
    return [item for item in items if parsed.fits(item)]


def _ordered(call: Call, items: list[Values]) -> list[Values]:
    for clause in reversed([part.strip() for part in call.query.get("$orderby", "").split(",") if part.strip()]):
        name, _space, direction = clause.partition(" ")
        items = sorted(items, key=lambda item: str(filters.folded(filters.value(item, name)) or ""), reverse=direction.strip().casefold() == "desc")
    return items


def _number(call: Call, name: str, default: int) -> int:
    text = call.query.get(name, str(default))
    if not text.isdigit() or int(text) < 1:
        raise refusals.malformed(f"Invalid value '{text}' for {name} query option found.")
    return int(text)


def _token(start: int) -> str:
    return base64.urlsafe_b64encode(f"at={start}".encode()).decode().rstrip("=")


def _start(call: Call) -> int:
    token = call.query.get("$skiptoken")
    if token is None:
        return 0
    if call.faults.take("expired-page"):
        raise refusals.Refused(400, "Directory_ExpiredPageToken", "The specified page token value has expired and can no longer be included in your request.")
    try:
        name, _equals, start = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode().partition("=")
        found = int(start) if name == "at" else -1
    except ValueError:
        found = -1  # a token that was not made here
    if found < 0:
        raise refusals.malformed("Skip token is null or invalid.")
    return found


def _without_token(link: str) -> str:
    path, _mark, query = link.partition("?")
    kept = [part for part in query.split("&") if part and not part.lower().startswith(("$skiptoken=", "%24skiptoken="))]
    return f"{path}?{''.join(f'{part}&' for part in kept)}"
