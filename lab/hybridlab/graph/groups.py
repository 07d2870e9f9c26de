# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Groups, their members and owners; and contacts of the organization, which synchronisation brings."""

from __future__ import annotations

import typing as t

from hybridlab.graph import refusals
from hybridlab.graph.call import Answer, Call, listed, one
from hybridlab.graph.tenant import Object, Values, merged, now
from hybridlab.graph.users import DEFAULT as USER_DEFAULT
from hybridlab.graph.users import reference, values

NEEDED = ("displayName", "mailEnabled", "mailNickname", "securityEnabled")
READ_ONLY = ("id", "createdDateTime", "onPremisesSyncEnabled", "proxyAddresses", "mail", "renewedDateTime", "assignedLicenses")
IMMUTABLE = ("isAssignableToRole",)
BOUND = {"members": "members@odata.bind", "owners": "owners@odata.bind"}
_MOST_BOUND = 20
_ROLE_ASSIGNABLE_NEEDS_SECURITY = "The group must be security enabled and must not be mail enabled or dynamic to be assignable to a role."


def all_groups(call: Call) -> Answer:
    return listed(call, [values(group) for group in call.tenant.all("group") if not group.unseen], advanced=True)


def contacts(call: Call) -> Answer:
    return listed(call, [values(contact) for contact in call.tenant.all("orgContact")], advanced=True)


def get(call: Call) -> Answer:
    return one(call, values(call.tenant.get("group", call.names[0])))


def create(call: Call) -> Answer:
    body: Values = call.body
    for name in NEEDED:
        if body.get(name) in (None, ""):
            raise refusals.required(name)
    _check(body)
    unified = "Unified" in (body.get("groupTypes") or ())
    if body["mailEnabled"] and not unified:
        raise refusals.bad_request(
            "The service does not currently support writes of mail-enabled groups. Please ensure that the mail-enablement property is unset."
        )
    if any(str(other.values.get("mailNickname")).casefold() == body["mailNickname"].casefold() for other in call.tenant.all("group")) and unified:
        raise refusals.conflict("mailNickname")
    named = {role: [reference(call, link) for link in body.get(bound, ())] for role, bound in BOUND.items()}
    known: Values = {
        "createdDateTime": now(),
        "groupTypes": [],
        "proxyAddresses": [],
        "onPremisesSyncEnabled": None,
        "visibility": None,
        "isAssignableToRole": None,
    }
    if unified:
        known |= {"mail": f"{body['mailNickname']}@{call.tenant.domain}", "visibility": "Public"}
    found = call.tenant.add("group", known | merged({}, body))
    found.members = [member.id for member in named["members"]]
    found.owners = [owner.id for owner in named["owners"]]
    found.unseen = int((call.faults.take("replica-lag") or {}).get("reads", 0))
    call.tenant.audit(call.actor, "Add group", "GroupManagement", found, {}, {name: item for name, item in body.items() if "@" not in name})
    return one(call, values(found), status=201)


def change(call: Call) -> Answer:
    found = call.tenant.get("group", call.names[0])
    body: Values = call.body
    _writable(found)
    _check(body)
    for name in IMMUTABLE:
        if name in body and body[name] != found.values.get(name):
            raise refusals.bad_request(f"The property '{name}' can only be set when the group is created.")
    for role, bound in BOUND.items():
        links = body.get(bound, ())
        if links and (lag := call.faults.take("replica-lag")):
            found.late[role] = int(lag["reads"]), list(getattr(found, role))
        if len(links) > _MOST_BOUND:
            raise refusals.bad_request(f"The number of values in '{bound}' exceeds the maximum of {_MOST_BOUND}.")
        _add(found, role, [reference(call, link) for link in links])
    plain = {name: item for name, item in body.items() if "@" not in name}
    old = {name: found.values.get(name) for name in plain}
    found.values = merged(found.values, plain)
    call.tenant.audit(call.actor, "Update group", "GroupManagement", found, old, plain)
    return 204, None


def delete(call: Call) -> Answer:
    found = call.tenant.get("group", call.names[0])
    _writable(found)
    call.tenant.forget(found.id)
    if "Unified" in found.values["groupTypes"]:
        found.deleted = now()
    else:
        del call.tenant.objects[found.id]  # a security group is gone at once
    call.tenant.audit(call.actor, "Delete group", "GroupManagement", found)
    return 204, None


def related(role: str) -> t.Callable[[Call], Answer]:
    """List the members or owners."""

    def answer(call: Call) -> Answer:
        found = call.tenant.get("group", call.names[0])
        reads, names = found.late.pop(role, (0, getattr(found, role)))
        if reads > 1:
            found.late[role] = reads - 1, names
        objects = [call.tenant.objects[name] for name in names if name in call.tenant.objects]
        return listed(call, [_as_related(one) for one in objects], advanced=True)

    return answer


def add(role: str) -> t.Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        found = call.tenant.get("group", call.names[0])
        _writable(found, role)
        added = reference(call, call.body.get("@odata.id", ""))
        _add(found, role, [added])
        call.tenant.audit(call.actor, f"Add {role.removesuffix('s')} to group", "GroupManagement", found, {}, {role: added.name})
        return 204, None

    return answer


def remove(role: str) -> t.Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        found = call.tenant.get("group", call.names[0])
        _writable(found, role)
        names: list[str] = getattr(found, role)
        if call.names[1] not in names:
            raise refusals.not_found(call.names[1])
        if role == "owners" and len(names) == 1 and "Unified" in found.values["groupTypes"]:
            raise refusals.bad_request("The group must have at least one owner, hence this owner cannot be removed.")
        names.remove(call.names[1])
        call.tenant.audit(call.actor, f"Remove {role.removesuffix('s')} from group", "GroupManagement", found, {role: call.names[1]}, {})
        return 204, None

    return answer


def _as_related(found: Object) -> Values:
    shown = values(found)
    names = USER_DEFAULT if found.kind == "user" else [name for name in shown if name != "passwordProfile"]
    return {"@odata.type": f"#microsoft.graph.{found.kind}", **{name: shown.get(name) for name in names}}


def _add(found: Object, role: str, objects: t.Sequence[Object]) -> None:
    names: list[str] = getattr(found, role)
    if any(one.id in names for one in objects):
        raise refusals.bad_request(f"One or more added object references already exist for the following modified properties: '{role}'.")
    if any(one.id == found.id for one in objects):
        raise refusals.bad_request("An object cannot be a member of itself.")
    if role == "owners" and any(one.kind != "user" for one in objects):
        raise refusals.bad_request("The reference target of 'owners' must be a user or a service principal.")
    names.extend(one.id for one in objects)


def _writable(found: Object, role: str = "") -> None:
    if found.synchronized:
        raise refusals.on_premises_mastered()
    if found.values.get("mailEnabled") and "Unified" not in found.values["groupTypes"]:
        raise refusals.bad_request("Cannot Update a mail-enabled security groups and or distribution list.")
    if role == "members" and "DynamicMembership" in found.values["groupTypes"]:
        raise refusals.bad_request("Updating membership of a group with dynamic membership is not allowed.")


def _check(body: Values) -> None:
    for name in body:
        if name in READ_ONLY:
            raise refusals.bad_request(f"Property '{name}' is read-only and cannot be set.")
    if "displayName" in body and not body["displayName"]:
        raise refusals.invalid("displayName")
    if not set(body.get("groupTypes") or ()) <= {"Unified", "DynamicMembership"}:
        raise refusals.invalid("groupTypes")
    dynamic = "DynamicMembership" in (body.get("groupTypes") or ())
    if dynamic and not body.get("membershipRule"):
        raise refusals.required("membershipRule")
    if body.get("isAssignableToRole") and (dynamic or not body.get("securityEnabled", True)):
        raise refusals.bad_request(_ROLE_ASSIGNABLE_NEEDS_SECURITY)
