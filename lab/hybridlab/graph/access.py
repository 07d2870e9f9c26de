# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Conditional access: named locations, policies, and the security defaults that exclude them."""

from __future__ import annotations

import ipaddress
import re
import typing as t
import uuid

from hybridlab.graph import refusals
from hybridlab.graph.call import Answer, Call, listed, one
from hybridlab.graph.tenant import Values, merged, now

_WORDS = {
    "includeUsers": ("All", "None", "GuestsOrExternalUsers"),
    "excludeUsers": ("GuestsOrExternalUsers",),
    "includeApplications": ("All", "None", "Office365", "MicrosoftAdminPortals"),
    "excludeApplications": ("Office365", "MicrosoftAdminPortals"),
    "includeLocations": ("All", "AllTrusted", "00000000-0000-0000-0000-000000000000"),
    "excludeLocations": ("AllTrusted", "00000000-0000-0000-0000-000000000000"),
}
"""Words that stand beside identifiers in the lists of a policy's conditions; the zero GUID is MFA trusted IPs."""
_IP = "#microsoft.graph.ipNamedLocation"
_COUNTRY = "#microsoft.graph.countryNamedLocation"
_MOST_RANGES = 2000
_TOO_WIDE = 8
"""Published with the limits of named locations, as is the number of ranges."""
_VERSIONS = {"#microsoft.graph.iPv4CidrRange": 4, "#microsoft.graph.iPv6CidrRange": 6}


def locations(call: Call) -> Answer:
    return listed(call, list(call.tenant.locations.values()))


def location(call: Call) -> Answer:
    return one(call, _item(call, call.tenant.locations))


def add_location(call: Call) -> Answer:
    body = call.body
    if body.get("@odata.type") not in (_IP, _COUNTRY):
        raise _invalid("1040", "@odata.type must name the kind of named location")
    if not body.get("displayName"):
        raise refusals.required("displayName")
    if any(other["displayName"].casefold() == body["displayName"].casefold() for other in call.tenant.locations.values()):
        raise refusals.conflict("displayName")
    _check_location(body)
    if not body.get("ipRanges" if body["@odata.type"] == _IP else "countriesAndRegions"):
        raise _invalid("1007", "a named location needs at least one range or country")
    known = {"isTrusted": False} if body["@odata.type"] == _IP else {"includeUnknownCountriesAndRegions": False, "countryLookupMethod": "clientIpAddress"}
    return one(call, _added(call, call.tenant.locations, known | body, "Add named location"), status=201)


def change_location(call: Call) -> Answer:
    found, body = _item(call, call.tenant.locations), call.body
    if body.get("@odata.type") != found["@odata.type"]:
        raise _invalid("1040", f"@odata.type must be {found['@odata.type']}")
    _check_location(body)
    _changed(call, found, "Update named location")
    return 204, None


def remove_location(call: Call) -> Answer:
    found = _item(call, call.tenant.locations)
    if found.get("isTrusted"):
        raise _invalid("1202", "a trusted named location cannot be deleted; mark it as not trusted first")
    for policy in call.tenant.policies.values():
        named = (policy["conditions"] or {}).get("locations") or {}
        if found["id"] in (*(named.get("includeLocations") or ()), *(named.get("excludeLocations") or ())):
            raise _invalid("1201", f"the named location is used by the policy {policy['displayName']}")
    del call.tenant.locations[found["id"]]
    call.tenant.audit(call.actor, "Delete named location", "Policy", found)
    return 204, None


def policies(call: Call) -> Answer:
    return listed(call, list(call.tenant.policies.values()))


def policy(call: Call) -> Answer:
    return one(call, _item(call, call.tenant.policies))


def add_policy(call: Call) -> Answer:
    for name in ("displayName", "state", "conditions"):
        if not call.body.get(name):
            raise refusals.required(name)
    known = {"grantControls": None, "sessionControls": None, "description": None, "templateId": None}
    _check_policy(call, known | call.body)
    made = _added(call, call.tenant.policies, known | call.body, "Add conditional access policy")
    _expand(call, made)
    return one(call, made, status=201)


def change_policy(call: Call) -> Answer:
    found = _item(call, call.tenant.policies)
    _check_policy(call, found | call.body)
    _changed(call, found, "Update conditional access policy")
    _expand(call, found)
    return 204, None


def remove_policy(call: Call) -> Answer:
    found = _item(call, call.tenant.policies)
    del call.tenant.policies[found["id"]]
    call.tenant.audit(call.actor, "Delete conditional access policy", "Policy", found)
    return 204, None


def strengths(call: Call) -> Answer:
    return listed(call, list(call.tenant.strengths.values()))


def applications(call: Call) -> Answer:
    return listed(call, call.tenant.applications, advanced=True)


def security_defaults(call: Call) -> Answer:
    return one(call, call.tenant.security_defaults)


def change_security_defaults(call: Call) -> Answer:
    if call.body.get("isEnabled") and any(policy["state"] == "enabled" for policy in call.tenant.policies.values()):
        raise refusals.bad_request("Security defaults cannot be enabled while conditional access policies are enabled.")
    old = {"isEnabled": call.tenant.security_defaults["isEnabled"]}
    call.tenant.security_defaults.update(merged({}, call.body))
    call.tenant.audit(call.actor, "Update security defaults", "Policy", call.tenant.security_defaults, old, call.body)
    return 204, None


def _expand(call: Call, policy: Values) -> None:
    """A policy is shown with its authentication strength, not with a reference to it."""
    grant = policy.get("grantControls")
    if grant:
        context = (
            f"https://graph.microsoft.com/v1.0/$metadata#identity/conditionalAccess/policies('{policy['id']}')/grantControls/authenticationStrength/$entity"
        )
        strength = grant.get("authenticationStrength")
        grant["authenticationStrength@odata.context"] = context
        grant["authenticationStrength"] = dict(call.tenant.strengths[strength["id"]]) if strength else None


def _item(call: Call, items: dict[str, Values]) -> Values:
    found = items.get(call.names[0])
    if found is None:
        raise refusals.Refused(404, "NotFound", f"{call.names[0]} was not found in the directory of conditional access.")
    return found


def _added(call: Call, items: dict[str, Values], values: Values, activity: str) -> Values:
    found: Values = {"id": str(uuid.uuid4()), "createdDateTime": now(), "modifiedDateTime": None} | merged({}, values)
    items[found["id"]] = found
    call.tenant.audit(call.actor, activity, "Policy", found, {}, call.body)
    return found


def _changed(call: Call, found: Values, activity: str) -> None:
    old = {name: found.get(name) for name in call.body}
    found.update(merged({}, call.body) | {"modifiedDateTime": now()})
    call.tenant.audit(call.actor, activity, "Policy", found, old, call.body)


def _invalid(number: str, text: str) -> refusals.Refused:
    return refusals.Refused(400, "BadRequest", f"{number}: {text[0].upper()}{text[1:]}.")


def _check_location(body: t.Mapping[str, t.Any]) -> None:
    ranges = body.get("ipRanges") or ()
    if len(ranges) > _MOST_RANGES:
        raise _invalid("1008", f"a named location has at most {_MOST_RANGES} ranges")
    for found in ranges:
        version = _VERSIONS.get(found.get("@odata.type", ""))
        try:
            network = ipaddress.ip_network(str(found.get("cidrAddress")), strict=False)
        except ValueError:
            network = None
        if network is None or network.version != version:
            raise _invalid("1006", f"the range '{found.get('cidrAddress')}' is not valid")
        if network.prefixlen <= _TOO_WIDE:
            raise _invalid("1006", f"the range '{found.get('cidrAddress')}' is too wide: only masks greater than /{_TOO_WIDE} are allowed")
    for country in body.get("countriesAndRegions") or ():
        if not re.fullmatch(r"[A-Z]{2}", country):
            raise _invalid("1009", f"the country '{country}' is not valid")


def _check_policy(call: Call, values: Values) -> None:
    """Refuse a policy that names nobody, nothing, or what does not exist, and an enabled one beside the security defaults."""
    if values["state"] == "enabled" and call.tenant.security_defaults["isEnabled"]:
        text = "Security Defaults is enabled in the tenant. You must disable Security defaults before enabling a Conditional Access policy."
        raise refusals.Refused(400, "BadRequest", f"1029: {text}")
    conditions = values["conditions"] or {}
    users, targets = conditions.get("users") or {}, conditions.get("applications") or {}
    if not any(users.get(name) for name in ("includeUsers", "includeGroups", "includeRoles", "includeGuestsOrExternalUsers")):
        raise _invalid("1011", "the policy includes no users, groups or roles")
    if not any(targets.get(name) for name in ("includeApplications", "includeUserActions", "includeAuthenticationContextClassReferences")):
        raise _invalid("1012", "the policy includes no applications or user actions")
    if not values.get("grantControls") and not values.get("sessionControls"):
        raise _invalid("1013", "the policy has neither grant controls nor session controls")
    if not conditions.get("clientAppTypes", ["all"]):
        raise _invalid("1014", "the policy has no client application types")
    _check_names(users, ("includeUsers", "excludeUsers"), {one.id for one in call.tenant.all("user")}, "1015", "user")
    _check_names(users, ("includeGroups", "excludeGroups"), {one.id for one in call.tenant.all("group")}, "1016", "group")
    _check_names(conditions.get("locations") or {}, ("includeLocations", "excludeLocations"), set(call.tenant.locations), "1040", "named location")
    known = {str(one["appId"]) for one in call.tenant.applications}
    _check_names(targets, ("includeApplications", "excludeApplications"), known, "1017", "application")
    grant = values.get("grantControls") or {}
    strength = grant.get("authenticationStrength")
    if strength and strength.get("id") not in call.tenant.strengths:
        raise _invalid("1092", f"the authentication strength '{strength.get('id')}' does not exist")
    if grant and not any(grant.get(name) for name in ("builtInControls", "authenticationStrength", "termsOfUse", "customAuthenticationFactors")):
        raise _invalid("1020", "the grant controls are empty")
    if len(grant.get("builtInControls") or ()) > 1 and not grant.get("operator"):
        raise _invalid("1021", "several grant controls need an operator")


def _check_names(found: Values, lists: t.Iterable[str], known: t.Collection[str], number: str, what: str) -> None:
    for name in lists:
        for identifier in found.get(name) or ():
            if identifier not in known and identifier not in _WORDS.get(name, ()):
                raise _invalid(number, f"the {what} '{identifier}' in {name} does not exist")
