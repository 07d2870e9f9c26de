# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Searches of the unified audit log: ordered, done in the background, and then a list of records.

Source: Microsoft's references of auditLogQuery and auditLogRecord.  What the tenant's directory logs is in the unified log, too, and what other
services of the tenant add: see `Tenant.unified`.
"""

from __future__ import annotations

import dataclasses
import typing as t
import uuid

from hybridlab.graph import refusals
from hybridlab.graph.call import Answer, Call, listed, one
from hybridlab.graph.tenant import Tenant, Values

_COMPARED = {
    "recordTypeFilters": "auditLogRecordType",
    "operationFilters": "operation",
    "userPrincipalNameFilters": "userPrincipalName",
    "objectIdFilters": "objectId",
    "ipAddressFilters": "clientIp",
    "serviceFilters": "service",
}


@dataclasses.dataclass
class Searches:
    """A tenant's searches by their ids.  ``looks`` is how many reads of a search show it unfinished, ``ends`` how it ends, ``limit`` how much one finds."""

    looks: int = 1
    ends: str = "succeeded"
    limit: int = 150_000
    known: dict[str, Values] = dataclasses.field(default_factory=dict)
    found: dict[str, list[Values]] = dataclasses.field(default_factory=dict)


def of(tenant: Tenant) -> Searches:
    if tenant.searches is None:
        tenant.searches = Searches()
    return t.cast(Searches, tenant.searches)


def create(call: Call) -> Answer:
    given, kept = call.body, of(call.tenant)
    if not (given.get("filterStartDateTime") and given.get("filterEndDateTime")) or given["filterStartDateTime"] >= given["filterEndDateTime"]:
        raise refusals.bad_request("The start date must be earlier than the end date.")
    identifier = str(uuid.uuid4())
    kept.known[identifier] = {"id": identifier, **given, "status": "notStarted", "left": kept.looks}
    return one(call, _shown(kept.known[identifier]), status=201)


def get(call: Call) -> Answer:
    kept, found = of(call.tenant), _search(call)
    if found["status"] in ("notStarted", "running"):
        found["left"] -= 1
        found["status"] = "running" if found["left"] >= 0 else kept.ends
        if found["status"] == "succeeded":
            hits = [record for record in records_of(call.tenant) if _fits(record, found)]
            kept.found[found["id"]] = hits[: kept.limit]
            found |= {"approximateReturnedRecordCount": len(hits), "isRecordCountLimitExceeded": len(hits) > kept.limit, "recordCountLimit": kept.limit}
    return one(call, _shown(found))


def records(call: Call) -> Answer:
    """Nothing, as long as the search has not ended."""
    return listed(call, of(call.tenant).found.get(_search(call)["id"], []))


def _search(call: Call) -> Values:
    found = of(call.tenant).known.get(call.names[0])
    if found is None:
        raise refusals.not_found(call.names[0])
    return found


def _shown(found: Values) -> Values:
    return {name: value for name, value in found.items() if name != "left"}


def records_of(tenant: Tenant) -> list[Values]:
    """The unified log, the newest first."""
    found = [_of_directory(one) for one in tenant.audits] + tenant.unified()
    return sorted(found, key=lambda record: str(record["createdDateTime"]), reverse=True)


def _of_directory(entry: Values) -> Values:
    """What the directory logged, as the unified log has it."""
    by, (target, *_others) = entry["initiatedBy"], entry["targetResources"] or [{}]
    user = (by.get("user") or {}).get("userPrincipalName") or (by.get("app") or {}).get("displayName")
    changed = [{"Name": one["displayName"], "OldValue": one["oldValue"], "NewValue": one["newValue"]} for one in target.get("modifiedProperties") or ()]
    thing = target.get("userPrincipalName") or target.get("displayName")
    data = {"Operation": f"{entry['activityDisplayName']}.", "ObjectId": thing, "ResultStatus": "Success", "ModifiedProperties": changed}
    return record(entry["id"], entry["activityDateTime"], "AzureActiveDirectory", "AzureActiveDirectory", user, data)


def record(identity: str, time: str, kind: str, service: str, user: str | None, data: Values, address: str | None = None) -> Values:
    """An auditLogRecord."""
    return {
        "id": identity,
        "createdDateTime": time,
        "auditLogRecordType": kind,
        "service": service,
        "operation": data["Operation"],
        "userPrincipalName": user,
        "userId": user,
        "userType": "admin",
        "objectId": data.get("ObjectId"),
        "clientIp": address,
        "organizationId": None,
        "administrativeUnits": [],
        "auditData": {"@odata.type": "#microsoft.graph.security.defaultAuditData", **data},
    }


def _fits(found: Values, search: Values) -> bool:
    if not search["filterStartDateTime"] <= found["createdDateTime"] < search["filterEndDateTime"]:
        return False
    for name, compared in _COMPARED.items():
        wanted = [str(one).casefold() for one in search.get(name) or ()]
        if wanted and str(found[compared]).casefold() not in wanted:
            return False
    return str(search.get("keywordFilter") or "").casefold() in str(found["auditData"]).casefold()
