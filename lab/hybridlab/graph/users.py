# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users, their manager and groups, and what was deleted."""

from __future__ import annotations

import re
import typing as t

from hybridlab.graph import refusals
from hybridlab.graph.call import Answer, Call, listed, one
from hybridlab.graph.tenant import Object, Tenant, Values, merged, now

DEFAULT = ("businessPhones displayName givenName id jobTitle mail mobilePhone officeLocation preferredLanguage surname userPrincipalName").split()
"""What an answer shows when nothing is selected."""
NEEDED = ("accountEnabled", "displayName", "mailNickname", "passwordProfile", "userPrincipalName")
READ_ONLY = (
    "id createdDateTime assignedLicenses assignedPlans licenseAssignmentStates provisionedPlans onPremisesSyncEnabled onPremisesLastSyncDateTime "
    "onPremisesDistinguishedName onPremisesDomainName onPremisesSamAccountName onPremisesSecurityIdentifier onPremisesUserPrincipalName "
    "onPremisesProvisioningErrors serviceProvisioningErrors proxyAddresses imAddresses lastPasswordChangeDateTime signInActivity"
).split()
CLOUD_MASTERED = ("usageLocation", "passwordPolicies", "otherMails", "preferredDataLocation", "showInAddressList", "ageGroup", "consentProvidedForMinor")
"""Properties of a synchronised user that are written in the cloud; all others belong to the on-premises directory."""
NAME = re.compile(r"^[A-Za-z0-9'._\-!#^~]+@[A-Za-z0-9.-]+$")
_CLASSES = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^A-Za-z0-9]")


def values(found: Object) -> Values:
    return {**found.values, "id": found.id}


def all_users(call: Call) -> Answer:
    return listed(call, [values(one) for one in call.tenant.all("user") if not one.unseen], DEFAULT, advanced=True)


def get(call: Call) -> Answer:
    return one(call, values(call.tenant.get("user", call.names[0])), DEFAULT)


def create(call: Call) -> Answer:
    body: Values = call.body
    for name in NEEDED:
        if body.get(name) in (None, ""):
            raise refusals.required(name)
    _check_settable(body)
    _check_name(call, body["userPrincipalName"])
    _check_password(body["passwordProfile"])
    _check_location(body)
    check_address(call.tenant, body.get("mail"))
    federated = call.tenant.domains[body["userPrincipalName"].partition("@")[2].casefold()]["authenticationType"] == "Federated"
    if federated and not body.get("onPremisesImmutableId"):
        raise refusals.required("onPremisesImmutableId")
    known: Values = {
        "userType": "Member",
        "createdDateTime": now(),
        "assignedLicenses": [],
        "businessPhones": [],
        "proxyAddresses": [],
        "onPremisesSyncEnabled": None,
    }
    found = call.tenant.add("user", known | merged({}, body))
    found.unseen = _lag(call)
    call.tenant.audit(call.actor, "Add user", "UserManagement", found, {}, _logged(body))
    return one(call, values(found), DEFAULT, 201)


def change(call: Call) -> Answer:
    found = call.tenant.get("user", call.names[0])
    body: Values = call.body
    _check_settable(body)
    if found.synchronized and any(name not in CLOUD_MASTERED for name in body):
        raise refusals.on_premises_mastered()
    for name in ("displayName", "userPrincipalName", "mailNickname"):
        if name in body and not body[name]:
            raise refusals.invalid(name)
    if body.get("userPrincipalName", found.name).casefold() != found.name.casefold():
        _check_name(call, body["userPrincipalName"], found)
    if body.get("mail", found.values.get("mail")) != found.values.get("mail"):
        check_address(call.tenant, body["mail"], found)
    if body.get("passwordProfile"):
        _check_password(body["passwordProfile"])
    _check_location(body)
    old = {name: found.values.get(name) for name in body}
    found.values = merged(found.values, body)
    call.tenant.audit(call.actor, "Update user", "UserManagement", found, _logged(old), _logged(body))
    return 204, None


def delete(call: Call) -> Answer:
    found = call.tenant.get("user", call.names[0])
    if found.synchronized:
        raise refusals.on_premises_mastered()
    bury(call.tenant, found, call.actor)
    return 204, None


def bury(tenant: Tenant, found: Object, actor: str) -> None:
    """Put a user to the deleted items."""
    found.deleted = now()
    found.values["userPrincipalName"] = found.id.replace("-", "") + found.name  # so that the name is free
    tenant.forget(found.id)
    tenant.audit(actor, "Delete user", "UserManagement", found)


def groups(call: Call) -> Answer:
    found = call.tenant.get("user", call.names[0])
    return listed(call, [{"@odata.type": "#microsoft.graph.group", **values(group)} for group in call.tenant.groups_of(found.id)], advanced=True)


def superior(call: Call) -> Answer:
    found = call.tenant.get("user", call.names[0])
    if not found.manager:
        raise refusals.not_found("manager")
    return one(call, {"@odata.type": "#microsoft.graph.user", **values(call.tenant.get("user", found.manager))}, DEFAULT)


def set_superior(call: Call) -> Answer:
    found = call.tenant.get("user", call.names[0])
    if found.synchronized:
        raise refusals.on_premises_mastered()
    found.manager = reference(call, call.body.get("@odata.id", ""), "user").id
    return 204, None


def remove_superior(call: Call) -> Answer:
    found = call.tenant.get("user", call.names[0])
    if not found.manager:
        raise refusals.not_found("manager")
    found.manager = ""
    return 204, None


def deleted(kind: str) -> t.Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        return listed(call, [values(one) | {"deletedDateTime": one.deleted} for one in call.tenant.all(kind, deleted=True)], advanced=True)

    return answer


def deleted_one(call: Call) -> Answer:
    found = call.tenant.get("", call.names[0], deleted=True)
    return one(call, {"@odata.type": f"#microsoft.graph.{found.kind}", **values(found), "deletedDateTime": found.deleted})


def restore(call: Call) -> Answer:
    found = call.tenant.get("", call.names[0], deleted=True)
    if found.kind == "user":
        name = found.name.removeprefix(found.id.replace("-", ""))
        if any(other.name.casefold() == name.casefold() for other in call.tenant.all("user")):
            raise refusals.conflict("userPrincipalName")
        found.values["userPrincipalName"] = name
    found.deleted = ""
    call.tenant.audit(call.actor, f"Restore {found.kind}", "UserManagement", found)
    return 200, {"@odata.type": f"#microsoft.graph.{found.kind}", **{name: item for name, item in values(found).items() if name != "passwordProfile"}}


def delete_for_good(call: Call) -> Answer:
    found = call.tenant.get("", call.names[0], deleted=True)
    del call.tenant.objects[found.id]
    call.tenant.audit(call.actor, f"Hard Delete {found.kind}", "UserManagement", found)
    return 204, None


def reference(call: Call, link: str, kind: str = "") -> Object:
    """The object that an @odata.id or a @odata.bind names.  Raises `refusals.Refused`."""
    match = re.search(r"/(?:v1\.0|beta)/(directoryObjects|users|groups)/([^/?]+)$|/(directoryObjects|users|groups)\('([^']+)'\)$", link)
    if not match:
        raise refusals.malformed("The request is invalid: the value of @odata.id is no reference to an object of the directory.")
    return call.tenant.get(kind, match.group(2) or match.group(4))


def _check_settable(body: Values) -> None:
    for name in body:
        if name in READ_ONLY:
            raise refusals.bad_request(f"Property '{name}' is read-only and cannot be set.")


def _check_name(call: Call, name: str, owner: Object | None = None) -> None:
    if not NAME.match(name):
        raise refusals.invalid("userPrincipalName")
    domain = call.tenant.domains.get(name.partition("@")[2].casefold())
    if not domain or not domain["isVerified"]:
        raise refusals.bad_request(
            "The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization."
        )
    if any(other.name.casefold() == name.casefold() for other in call.tenant.all("user")):
        raise refusals.conflict("userPrincipalName")
    check_address(call.tenant, name, owner)


def check_address(tenant: Tenant, address: str | None, owner: Object | None = None) -> None:
    """An address, or a name to sign in with, is nobody else's proxy address.  Raises `refusals.Refused`."""
    wanted = f"smtp:{address}".casefold()
    others = (one for one in tenant.objects.values() if one is not owner and not one.deleted)
    if address and any(wanted in map(str.casefold, one.values.get("proxyAddresses") or ()) for one in others):
        raise refusals.conflict("proxyAddresses")


def _check_password(profile: Values) -> None:
    password = profile.get("password")
    if password is None:
        return
    if len(password) < 8 or len(password) > 256 or sum(bool(re.search(one, password)) for one in _CLASSES) < 3:
        raise refusals.bad_request("The specified password does not comply with password complexity requirements. Please provide a different password.")


def _check_location(body: Values) -> None:
    location = body.get("usageLocation")
    if location is not None and not re.fullmatch(r"[A-Za-z]{2}", location):
        raise refusals.invalid("usageLocation")


def _lag(call: Call) -> int:
    """How many reads of a new object miss it."""
    return int((call.faults.take("replica-lag") or {}).get("reads", 0))


def _logged(body: Values) -> Values:
    return {name: item for name, item in body.items() if name != "passwordProfile"}
