# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Subscriptions with their seats, and the licences of users."""

from __future__ import annotations

import typing as t

from hybridlab.graph import refusals
from hybridlab.graph.call import Answer, Call, listed
from hybridlab.graph.tenant import Object, Tenant, Values, derived, now
from hybridlab.graph.users import DEFAULT, values


def all_skus(call: Call) -> Answer:
    if "$filter" in call.query:
        raise refusals.bad_request("The request uses a filter property that is not indexed")
    return listed(call, [shown(call.tenant, sku) for sku in call.tenant.skus], pages=False)


def details(call: Call) -> Answer:
    found = call.tenant.get("user", call.names[0])
    assigned = [(licence, _sku(call.tenant, licence["skuId"])) for licence in found.values["assignedLicenses"]]
    items = [
        {
            "id": derived(found.id, sku["skuId"]),
            "skuId": sku["skuId"],
            "skuPartNumber": sku["skuPartNumber"],
            "servicePlans": [
                plan | {"provisioningStatus": "Disabled" if plan["servicePlanId"] in licence["disabledPlans"] else "Success"} for plan in sku["servicePlans"]
            ],
        }
        for licence, sku in assigned
    ]
    return listed(call, items, pages=False)


def assign(call: Call) -> Answer:
    """All of the request or nothing of it."""
    found = call.tenant.get("user", call.names[0])
    body: Values = call.body
    for name in ("addLicenses", "removeLicenses"):
        if name not in body:
            raise refusals.malformed(f"The parameter '{name}' in the request payload is required.")
    old = {licence["skuId"]: licence for licence in found.values["assignedLicenses"]}
    new = dict(old)
    for sku_id in body["removeLicenses"]:
        if sku_id not in new:
            raise refusals.bad_request("User does not have a corresponding license.")
        if any(one["skuId"] == sku_id and one["assignedByGroup"] for one in found.values.get("licenseAssignmentStates", ())):
            raise refusals.bad_request("User license is inherited from a group membership and it cannot be removed directly from the user.")
        del new[sku_id]
    for licence in body["addLicenses"]:
        new[licence["skuId"]] = _assigned(call.tenant, found, licence, licence["skuId"] in old)
    found.values["assignedLicenses"] = list(new.values())
    _plans(call.tenant, found)
    call.tenant.audit(call.actor, "Change user license", "UserManagement", found, {"AssignedLicense": sorted(old)}, {"AssignedLicense": sorted(new)})
    return 200, {name: values(found).get(name) for name in DEFAULT}


def consumed(tenant: Tenant, sku_id: str) -> int:
    users = (one for one in tenant.all("user"))
    return sum(any(licence["skuId"] == sku_id for licence in one.values["assignedLicenses"]) for one in users)


def shown(tenant: Tenant, sku: Values) -> Values:
    """A subscription as the service shows it, with the seats in use."""
    return {
        "accountId": tenant.id,
        "accountName": tenant.domain.partition(".")[0],
        "appliesTo": "User",
        "capabilityStatus": "Enabled",
        "consumedUnits": consumed(tenant, sku["skuId"]),
        "id": f"{tenant.id}_{sku['skuId']}",
        "skuId": sku["skuId"],
        "skuPartNumber": sku["skuPartNumber"],
        "subscriptionIds": [derived(tenant.id, sku["skuId"])],
        "prepaidUnits": {"enabled": sku["seats"], "suspended": 0, "warning": 0, "lockedOut": 0},
        "servicePlans": [plan | {"provisioningStatus": "Success", "appliesTo": "User"} for plan in sku["servicePlans"]],
    }


def _sku(tenant: Tenant, sku_id: str) -> Values:
    for sku in tenant.skus:
        if sku["skuId"] == str(sku_id).lower():
            return sku
    raise refusals.bad_request(f"License {sku_id} does not correspond to a valid company License.")


def _assigned(tenant: Tenant, found: Object, licence: Values, again: bool) -> Values:
    sku = _sku(tenant, licence["skuId"])
    if not found.values.get("usageLocation"):
        raise refusals.bad_request("License assignment cannot be done for user with invalid usage location.")
    if not again and consumed(tenant, sku["skuId"]) >= sku["seats"]:
        raise refusals.bad_request(f"Subscription with SKU {sku['skuId']} does not have any available licenses.")
    known = {plan["servicePlanId"] for plan in sku["servicePlans"]}
    disabled: t.Sequence[str] = licence.get("disabledPlans") or ()
    for plan in disabled:
        if plan not in known:
            raise refusals.bad_request(f"Service plan {plan} is not valid for SKU {sku['skuId']}.")
    return {"skuId": sku["skuId"], "disabledPlans": sorted(disabled)}


def _plans(tenant: Tenant, found: Object) -> None:
    """Write what follows from the licences: the user's plans and how each licence came."""
    states, plans = [one for one in found.values.get("licenseAssignmentStates", ()) if one["assignedByGroup"]], []
    inherited = {one["skuId"] for one in states}
    for licence in found.values["assignedLicenses"]:
        if licence["skuId"] not in inherited:
            states.append({**licence, "assignedByGroup": None, "state": "Active", "error": "None", "lastUpdatedDateTime": now()})
        for plan in _sku(tenant, licence["skuId"])["servicePlans"]:
            off = plan["servicePlanId"] in licence["disabledPlans"]
            status = "Deleted" if off else "Enabled"
            service = plan["servicePlanName"].partition("_")[0].lower()
            plans.append({"assignedDateTime": now(), "capabilityStatus": status, "service": service, "servicePlanId": plan["servicePlanId"]})
    found.values |= {"licenseAssignmentStates": states, "assignedPlans": plans}
