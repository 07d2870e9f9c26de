# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tenant makes of an object that synchronisation brings: it matches, creates, changes and deletes, and quarantines duplicates.

Sources: "Microsoft Entra Connect: When you have an existing tenant" (hard and soft match), "Understanding errors during Microsoft Entra
synchronization", "Identity synchronization and duplicate attribute resiliency", "How the proxyAddresses attribute is populated".
"""

from __future__ import annotations

from hybridlab.graph.tenant import Object, Tenant, Values, now
from hybridlab.graph.users import NAME, bury
from hybridlab.sync.flow import initial_domain

_UNIQUE = (
    "Unable to update this object because the following attributes associated with this object have values that may already be associated with "
    "another object in your local directory services: [{attribute} {value};]. Correct or remove the duplicate values in your local directory. "
    "Please refer to http://support.microsoft.com/kb/2647098 for more information on identifying objects with duplicate attribute values."
)
_INVALID = (
    "Unable to update this object in Microsoft Entra ID, because the attribute [FederatedUser.UserPrincipalName], is not valid. "
    "Update the value in your local directory services."
)
_KINDS = {"contact": "orgContact"}
"""What the tenant calls a kind of object otherwise."""


class ExportError(Exception):
    """An object was not taken.  ``kind`` is the type of the error, ``other`` the id of the object that is in its way."""

    def __init__(self, kind: str, message: str, other: str = "") -> None:
        super().__init__(message)
        self.kind, self.message, self.other = kind, message, other


class Service:
    """The tenant's side of synchronisation.  ``actor`` is the account that the machine signs in with."""

    def __init__(self, tenant: Tenant, actor: str) -> None:
        self.tenant = tenant
        self._actor = actor
        self._anchors: dict[str, str] = {}
        self._names: dict[str, Object] = {}
        self._immutable: dict[str, Object] = {}

    def begin(self) -> None:
        """An export begins: look up who is who, once for all of it."""
        self._names = {name: one for one in self.tenant.objects.values() for name in _names(one)}
        self._immutable = {str(one.values["onPremisesImmutableId"]): one for one in self.tenant.objects.values() if one.values.get("onPremisesImmutableId")}

    def feature(self, name: str) -> bool:
        return bool(self.tenant.synchronization["features"][name])

    def put(self, kind: str, anchor: str, values: Values, exchange: Values) -> tuple[Object, bool]:
        """Create or change what an anchor stands for; says whether there was anything to do.  Raises `ExportError`."""
        found = self.hard(anchor) or self._soft(kind, values)
        values = self._addresses(values) if kind != "contact" else values
        if found is not None and not values["proxyAddresses"]:  # what Active Directory does not have stays as the tenant has it
            values |= {name: found.values.get(name) for name in ("proxyAddresses", "mail", "mailNickname") if found.values.get(name)}
        known = found if found is not None and not found.deleted else None
        values = self._sign_in(known, values) if kind == "user" else values
        values = self._quarantined(known, values) if kind == "user" else self._unique_addresses(known, values)
        added = found is None
        if found is None:
            found = self.tenant.add(_KINDS.get(kind, kind), self._fresh(kind))
        changed = {name: item for name, item in values.items() if found.values.get(name) != item}
        restored, found.deleted = found.deleted, ""
        self._anchors[anchor] = found.id
        differs = bool(changed or exchange != found.exchange or restored or added)
        if differs:
            old = {name: found.values.get(name) for name in changed}
            for name in _names(found):
                self._names.pop(name, None)
            found.values |= changed | {"onPremisesLastSyncDateTime": now()}
            found.exchange = exchange
            self._names |= dict.fromkeys(_names(found), found)
            self.tenant.note(self._actor, "Add" if added else "Restore" if restored else "Update", found, old, changed)
        return found, differs

    def delete(self, anchor: str) -> None:
        found = self.hard(anchor)
        if found is None or found.deleted:
            return
        for name in _names(found):
            self._names.pop(name, None)
        if found.kind == "user":
            bury(self.tenant, found, self._actor)
            return
        self.tenant.forget(found.id)
        found.deleted = now()
        del self.tenant.objects[found.id]
        self.tenant.note(self._actor, "Delete", found, {}, {})

    def members(self, group: Object, members: list[str]) -> None:
        if sorted(group.members) != sorted(members):
            old, group.members = group.members, members
            self.tenant.note(self._actor, "Update", group, {"members": old}, {"members": members})

    def _fresh(self, kind: str) -> Values:
        if kind != "user":
            return {"createdDateTime": now()}
        policies = {"passwordPolicies": "DisablePasswordExpiration"} if self.feature("passwordSyncEnabled") else {}
        return {"userType": "Member", "createdDateTime": now(), "assignedLicenses": [], **policies}

    # --- matching ---

    def hard(self, anchor: str) -> Object | None:
        """What has this anchor, deleted or not.  Raises `ExportError`."""
        found = self.tenant.objects.get(self._anchors.get(anchor, ""))
        if found is not None:
            return found
        found = self._immutable.get(anchor)
        if found is not None and not found.synchronized and self.feature("blockCloudObjectTakeoverThroughHardMatchEnabled"):
            text = "Another cloud created object with the same anchor exists, and the tenant does not let synchronisation take over cloud objects."
            raise ExportError("InvalidHardMatch", text, found.id)
        return found

    def _soft(self, kind: str, values: Values) -> Object | None:
        """A cloud object that has the same name to sign in with, or the same primary address; one that was synchronised before is none."""
        name = str(values.get("userPrincipalName") or "")
        primary = next((one for one in values.get("proxyAddresses", ()) if one.startswith("SMTP:")), "")
        by_name = self._names.get(f"upn:{name.casefold()}") if name and self.feature("softMatchOnUpnEnabled") else None
        for one, attribute, value in ((by_name, "UserPrincipalName", name), (self._names.get(primary.casefold()), "ProxyAddresses", primary)):
            if one is None:
                continue
            if one.kind != _KINDS.get(kind, kind):
                text = f"The object has the same address as an object of another type: {value} belongs to the {one.kind} '{one.name}'."
                raise ExportError("ObjectTypeMismatch", text, one.id)
            if one.values.get("onPremisesSyncEnabled") or one.values.get("onPremisesImmutableId"):
                continue
            if self.feature("blockSoftMatchEnabled"):
                raise ExportError("InvalidSoftMatch", _UNIQUE.format(attribute=attribute, value=value), one.id)
            return one
        return None

    # --- uniqueness ---

    def _addresses(self, values: Values) -> Values:
        """Addresses in domains that are not verified are left out; whoever has an alias gets an address in the initial domain."""
        verified = {one["id"] for one in self.tenant.domains.values() if one["isVerified"]}
        kept = [one for one in values.get("proxyAddresses", ()) if not one.casefold().startswith("smtp:") or one.rpartition("@")[2].casefold() in verified]
        if kept and values.get("mailNickname"):
            own = f"smtp:{values['mailNickname']}@{initial_domain(self.tenant)}"
            kept += [] if own.casefold() in map(str.casefold, kept) else [own]
        return values | {"proxyAddresses": kept}

    def _sign_in(self, found: Object | None, values: Values) -> Values:
        """The name to sign in with is a possible one, and stays for licensed users where the tenant does not let synchronisation change it."""
        name = str(values["userPrincipalName"])
        if not NAME.fullmatch(name):
            raise ExportError("IdentityDataValidationFailed", _INVALID)
        fixed = found is not None and found.values.get("assignedLicenses") and not self.feature("synchronizeUpnForManagedUsersEnabled")
        return values | {"userPrincipalName": found.name} if found is not None and fixed else values

    def _quarantined(self, found: Object | None, values: Values) -> Values:
        errors: list[Values] = []
        name = str(values["userPrincipalName"])
        other = self._names.get(f"upn:{name.casefold()}")
        if other is not None and other is not found:
            self._conflict("UserPrincipalName", name, found, other, errors)
            number = str(int(values["onPremisesImmutableId"].encode().hex(), 16) % 10_000).zfill(4)
            name = found.name if found is not None else f"{name.partition('@')[0]}{number}@{initial_domain(self.tenant)}"
        return self._unique_addresses(found, values | {"userPrincipalName": name}, errors)

    def _unique_addresses(self, found: Object | None, values: Values, errors: list[Values] | None = None) -> Values:
        errors = [] if errors is None else errors
        kept = []
        for address in values["proxyAddresses"]:
            other = self._names.get(address.casefold()) or self._names.get(address.casefold().replace("smtp:", "upn:", 1))
            if other is None or other is found:
                kept.append(address)
            else:
                self._conflict("ProxyAddresses", address, found, other, errors)
        before = (found.values.get("onPremisesProvisioningErrors") if found else None) or []
        known = {(one["propertyCausingError"], one["value"]): one for one in before}
        return values | {
            "proxyAddresses": kept,
            "onPremisesProvisioningErrors": [known.get((one["propertyCausingError"], one["value"]), one) for one in errors],
        }

    def _conflict(self, attribute: str, value: str, found: Object | None, other: Object, errors: list[Values]) -> None:
        """Note a duplicate that is quarantined.  Raises `ExportError` where the tenant does not do that."""
        feature = {"UserPrincipalName": "quarantineUponUpnConflictEnabled", "ProxyAddresses": "quarantineUponProxyAddressesConflictEnabled"}[attribute]
        if not self.feature(feature):
            kind = "AttributeValueMustBeUnique" if found else "InvalidSoftMatch"
            raise ExportError(kind, _UNIQUE.format(attribute=attribute, value=value), other.id)
        named = "UserPrincipalName" if attribute == "UserPrincipalName" else "ProxyAddress"
        errors.append({"category": "PropertyConflict", "occurredDateTime": now(), "propertyCausingError": named, "value": value})


def _names(one: Object) -> list[str]:
    """What nobody else may have: the name to sign in with, and the addresses."""
    if one.deleted:
        return []
    names = [f"upn:{one.name.casefold()}"] if one.kind == "user" and one.values.get("userPrincipalName") else []
    return names + [address.casefold() for address in one.values.get("proxyAddresses") or ()]
