# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How users prove who they are: their methods, their per-user state, and what the tenant allows."""

from __future__ import annotations

import re
import typing as t

from hybridlab.graph import refusals
from hybridlab.graph.call import Answer, Call, listed, one
from hybridlab.graph.tenant import Object, Values, merged, now

PHONES = {
    "mobile": "3179e48a-750b-4051-897c-87b9720928f7",
    "alternateMobile": "b6332ec1-7057-4abe-9331-3d72feddfe41",
    "office": "e37fc753-ff3b-4958-9484-eaa9425c82bc",
}
"""The fixed identifiers of the three phones that a user can have (published with phoneAuthenticationMethod)."""
PHONE = "#microsoft.graph.phoneAuthenticationMethod"
PASSWORD = {"@odata.type": "#microsoft.graph.passwordAuthenticationMethod", "id": "28c10230-6103-485e-b985-444c60001490", "password": None}
_NUMBER = re.compile(r"^\+\d{1,3} \d{4,14}(x\d{1,11})?$")
_LONGEST_SNOOZE = 14
_REGISTERED = {
    "mobile": "mobilePhone",
    "alternateMobile": "alternateMobilePhone",
    "office": "officePhone",
}
_STRONG = {
    "#microsoft.graph.microsoftAuthenticatorAuthenticationMethod": "microsoftAuthenticatorPush",
    "#microsoft.graph.fido2AuthenticationMethod": "passKeyDeviceBound",
}


def methods(call: Call) -> Answer:
    found = call.tenant.get("user", call.names[0])
    return listed(call, [PASSWORD, *found.methods], pages=False)


def phones(call: Call) -> Answer:
    return listed(call, _phones(call.tenant.get("user", call.names[0])), pages=False)


def phone(call: Call) -> Answer:
    return one(call, _phone(call))


def add_phone(call: Call) -> Answer:
    found, body = call.tenant.get("user", call.names[0]), call.body
    for name in ("phoneNumber", "phoneType"):
        if not body.get(name):
            raise refusals.required(name)
    _check_number(body["phoneNumber"])
    known = [method["phoneType"] for method in _phones(found)]
    if body["phoneType"] in known:
        raise refusals.Refused(400, "badRequest", f"A phone method of type {body['phoneType']} is already registered for this user.")
    if body["phoneType"] == "alternateMobile" and "mobile" not in known:
        raise refusals.Refused(400, "badRequest", "An alternate mobile phone cannot be registered without a mobile phone.")
    method = {"@odata.type": PHONE, "id": PHONES[body["phoneType"]], "smsSignInState": "notAllowedByPolicy", **body}
    found.methods.append(method)
    _enforce(found)
    call.tenant.audit(call.actor, "Admin registered security info", "UserManagement", found, {}, {"phoneType": body["phoneType"]})
    return one(call, method, status=201)


def change_phone(call: Call) -> Answer:
    method, body = _phone(call), call.body
    if body.get("phoneType", method["phoneType"]) != method["phoneType"]:
        raise refusals.Refused(400, "badRequest", "The type of a phone cannot be changed.")
    if "phoneNumber" in body:
        _check_number(body["phoneNumber"])
    method.update(merged({}, body))
    return one(call, method)


def remove_phone(call: Call) -> Answer:
    found, method = call.tenant.get("user", call.names[0]), _phone(call)
    if method["phoneType"] == "mobile" and any(other["phoneType"] == "alternateMobile" for other in _phones(found)):
        raise refusals.Refused(400, "badRequest", "The mobile phone cannot be removed while an alternate mobile phone is registered.")
    if method["id"] == found.preferred:
        raise refusals.Refused(400, "badRequest", "The phone is the user's default authentication method and cannot be deleted.")
    found.methods.remove(method)
    call.tenant.audit(call.actor, "Admin deleted security info", "UserManagement", found, {"phoneType": method["phoneType"]}, {})
    return 204, None


def requirements(call: Call) -> Answer:
    return one(call, {"perUserMfaState": call.tenant.get("user", call.names[0]).mfa})


def require(call: Call) -> Answer:
    found = call.tenant.get("user", call.names[0])
    old, found.mfa = found.mfa, call.body.get("perUserMfaState", found.mfa)
    _enforce(found)
    activity = f"{'Disable' if found.mfa == 'disabled' else 'Enable'} Strong Authentication"
    call.tenant.audit(call.actor, activity, "UserManagement", found, {"perUserMfaState": old}, {"perUserMfaState": found.mfa})
    return 204, None


def policy(call: Call) -> Answer:
    found = call.tenant.methods_policy
    return one(call, found | {"authenticationMethodConfigurations": [each for each in found["authenticationMethodConfigurations"] if _known(call, each)]})


def change_policy(call: Call) -> Answer:
    body = call.body
    if {"id", "authenticationMethodConfigurations"} & set(body):
        raise refusals.Refused(400, "invalidRequest", "The configurations of methods are changed one by one.")
    campaign = (body.get("registrationEnforcement") or {}).get("authenticationMethodsRegistrationCampaign") or {}
    _check_targets(call, campaign)
    if not 0 <= campaign.get("snoozeDurationInDays", 0) <= _LONGEST_SNOOZE:
        raise refusals.Refused(400, "invalidRequest", f"snoozeDurationInDays must be between 0 and {_LONGEST_SNOOZE}.")
    call.tenant.methods_policy.update(merged({}, body) | {"lastModifiedDateTime": now()})
    return 204, None


def configuration(call: Call) -> Answer:
    return one(call, _configuration(call))


def change_configuration(call: Call) -> Answer:
    found, body = _configuration(call), call.body
    if body.get("@odata.type", found["@odata.type"]).casefold() != found["@odata.type"].casefold():
        raise refusals.Refused(400, "invalidRequest", f"The configuration {found['id']} is of the type {found['@odata.type']}.")
    _check_targets(call, body)
    lifetimes = [(found | body).get(name) for name in ("minimumLifetimeInMinutes", "defaultLifetimeInMinutes", "maximumLifetimeInMinutes")]
    if None not in lifetimes and lifetimes != sorted(lifetimes):
        raise refusals.Refused(400, "invalidRequest", "The default lifetime must be between the minimum and the maximum lifetime.")
    found.update(merged({}, body))
    return 204, None


def _check_targets(call: Call, body: Values) -> None:
    """Refuse a group that does not exist as a target, and the same one twice."""
    known = {"all_users"} | {one.id for one in (*call.tenant.all("group"), *call.tenant.all("user"))}
    for name in ("includeTargets", "excludeTargets"):
        aimed = [target.get("id") for target in body.get(name) or ()]
        if set(aimed) - known or len(set(aimed)) < len(aimed):
            raise refusals.Refused(400, "invalidRequest", f"A target in {name} does not exist or is there twice.")


def registrations(call: Call) -> Answer:
    """Who is registered with what, as the report shows it: without the users who may not sign in."""
    return listed(call, [_registration(found) for found in call.tenant.all("user") if found.values.get("accountEnabled", True)])


def _phones(found: Object) -> list[Values]:
    return [method for method in found.methods if method["@odata.type"] == PHONE]


def _phone(call: Call) -> Values:
    for method in _phones(call.tenant.get("user", call.names[0])):
        if method["id"] == call.names[1]:
            return method
    raise refusals.unknown_item(call.names[1])


def _known(call: Call, configuration: Values) -> bool:
    """Whether the version of the request has this kind of configuration."""
    return str(configuration["@odata.type"]).removeprefix("#microsoft.graph.") in call.schema.types


def _configuration(call: Call) -> Values:
    for found in call.tenant.methods_policy["authenticationMethodConfigurations"]:
        if found["id"].casefold() == call.names[0].casefold() and _known(call, found):
            return t.cast(Values, found)
    raise refusals.unknown_item(call.names[0])


def _check_number(number: str) -> None:
    if not _NUMBER.match(number):
        raise refusals.Refused(400, "invalidPhoneNumber", "The phone number is invalid: it must be of the form +<country code> <number>x<extension>.")


def _enforce(found: Object) -> None:
    """A user who has to use a second factor, and has one, is held to it."""
    if found.mfa == "enabled" and found.methods:
        found.mfa = "enforced"


def _registration(found: Object) -> Values:
    names = [
        _REGISTERED[method["phoneType"]] if method["@odata.type"] == PHONE else _STRONG.get(method["@odata.type"], "softwareOneTimePasscode")
        for method in found.methods
    ]
    return {
        "id": found.id,
        "userPrincipalName": found.name,
        "userDisplayName": found.values.get("displayName"),
        "userType": str(found.values.get("userType", "Member")).lower(),
        "isAdmin": False,
        "isSsprRegistered": bool(names),
        "isSsprEnabled": False,
        "isSsprCapable": False,
        "isMfaRegistered": bool(names),
        "isMfaCapable": bool(names),
        "isPasswordlessCapable": "passKeyDeviceBound" in names,
        "methodsRegistered": names,
        "isSystemPreferredAuthenticationMethodEnabled": True,
        "systemPreferredAuthenticationMethods": [],
        "userPreferredMethodForSecondaryAuthentication": "none",
        "lastUpdatedDateTime": now(),
    }
