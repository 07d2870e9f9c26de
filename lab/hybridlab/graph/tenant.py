# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state of a tenant: objects of the directory, and the settings of the services beside it."""

from __future__ import annotations

import copy
import dataclasses
import datetime
import json
import typing as t
import uuid

from hybridlab.graph import refusals

SPACE = uuid.UUID("0f4d2c7a-91f5-5c1e-8a53-6e7a9c0d1b2e")
Values = dict[str, t.Any]
SYNCHRONIZATION: Values = {
    "features": {
        "allowOnPremUpdateOfOnPremisesObjectIdentifierEnabled": False,
        "blockCloudObjectTakeoverThroughHardMatchEnabled": False,
        "blockSoftMatchEnabled": False,
        "bypassDirSyncOverridesEnabled": False,
        "cloudPasswordPolicyForPasswordSyncedUsersEnabled": False,
        "concurrentCredentialUpdateEnabled": False,
        "concurrentOrgIdProvisioningEnabled": False,
        "deviceWritebackEnabled": False,
        "directoryExtensionsEnabled": False,
        "fopeConflictResolutionEnabled": False,
        "groupWriteBackEnabled": False,
        "passwordSyncEnabled": True,
        "passwordWritebackEnabled": False,
        "quarantineUponProxyAddressesConflictEnabled": True,
        "quarantineUponUpnConflictEnabled": True,
        "softMatchOnUpnEnabled": True,
        "synchronizeUpnForManagedUsersEnabled": True,
        "unifiedGroupWritebackEnabled": False,
        "userForcePasswordChangeOnLogonEnabled": False,
        "userWritebackEnabled": False,
    },
    "configuration": {"accidentalDeletionPrevention": {"synchronizationPreventionType": "enabledForCount", "alertThreshold": 500}},
    "lastCycle": None,
}
"""What a tenant says about directory synchronisation: features as new tenants have them, and when the last cycle ended."""


LOGGED = {"user": ("user", "UserManagement"), "group": ("group", "GroupManagement"), "orgContact": ("contact", "Contact")}
"""What the log calls a kind of object, and the category of what becomes of it."""


@dataclasses.dataclass(slots=True, eq=False)
class Object:
    """A user or a group.

    ``values`` are its properties by their names in the schema; what is not there is null or empty.  ``members`` and ``owners`` are ids.
    ``methods`` are a user's authentication methods, ``preferred`` is the id of the one that the user chose as default, ``mfa`` is the
    per-user state.  ``unseen`` counts the reads that still miss it; until then no list has it.  ``late`` says of members or owners how many
    reads still show the ids that were there before.  ``exchange`` is what directory synchronisation brought for Exchange Online alone.
    """

    kind: str
    id: str
    values: Values
    members: list[str] = dataclasses.field(default_factory=list)
    owners: list[str] = dataclasses.field(default_factory=list)
    manager: str = ""
    methods: list[Values] = dataclasses.field(default_factory=list)
    preferred: str = ""
    mfa: str = "disabled"
    deleted: str = ""
    unseen: int = 0
    late: dict[str, tuple[int, list[str]]] = dataclasses.field(default_factory=dict)
    exchange: Values = dataclasses.field(default_factory=dict)

    @property
    def name(self) -> str:
        return str(self.values.get("userPrincipalName") or self.values.get("displayName"))

    @property
    def synchronized(self) -> bool:
        """Whether the on-premises directory is the source of authority."""
        return bool(self.values.get("onPremisesSyncEnabled")) and not self.values.get("isCloudManaged")


@dataclasses.dataclass
class Job:
    """A provisioning job.

    ``run`` does it once, from the beginning if that is asked for, and says what came of it.  ``quarantine`` says why and since when it is in quarantine.
    """

    id: str
    template: str
    run: t.Callable[[bool], Values]
    code: str = "NotRun"
    quarantine: Values | None = None
    last: Values | None = None
    good: Values | None = None
    started: str = ""


class Tenant:
    """One tenant.  Everything but users and groups is a list or an object of plain values, as the service shows them.

    ``synchronization`` is like `SYNCHRONIZATION`, ``jobs`` are those of Cloud Sync, by the service principals that they belong to.  ``listeners``
    hear of every object that the log gets an entry about, when it has changed.
    """

    def __init__(self, identifier: str, domain: str) -> None:
        self.id = identifier
        self.domain = domain
        self.objects: dict[str, Object] = {}
        self.domains: dict[str, Values] = {}
        self.federation: dict[str, Values] = {}
        self.skus: list[Values] = []
        self.locations: dict[str, Values] = {}
        self.policies: dict[str, Values] = {}
        self.methods_policy: Values = {}
        self.security_defaults: Values = {}
        self.strengths: dict[str, Values] = {}
        self.applications: list[Values] = []
        self.audits: list[Values] = []
        self.synchronization: Values = copy.deepcopy(SYNCHRONIZATION)
        self.jobs: dict[str, dict[str, Job]] = {}
        self.searches: t.Any = None
        """The searches of the unified audit log: see `searches`."""
        self.unified: t.Callable[[], list[Values]] = list
        """What other services than the directory have in the unified audit log."""
        self.listeners: list[t.Callable[[Object], None]] = []

    def all(self, kind: str, deleted: bool = False) -> list[Object]:
        return [one for one in self.objects.values() if one.kind == kind and bool(one.deleted) == deleted]

    def add(self, kind: str, values: Values, identifier: str = "") -> Object:
        found = Object(kind, identifier or str(uuid.uuid4()), values)
        self.objects[found.id] = found
        return found

    def get(self, kind: str, name: str, deleted: bool = False) -> Object:
        """An object by id, or a user by its principal name.  Raises `refusals.Refused`."""
        for one in self.objects.values():
            if one.kind in (kind, kind or one.kind) and bool(one.deleted) == deleted and _named(one, name):
                if one.unseen > 0:
                    one.unseen -= 1
                    break
                return one
        raise refusals.not_found(name)

    def groups_of(self, member: str) -> list[Object]:
        return [one for one in self.all("group") if member in one.members]

    def forget(self, identifier: str) -> None:
        """Take an object out of all groups and everybody's manager."""
        for one in self.objects.values():
            one.members = [member for member in one.members if member != identifier]
            one.owners = [owner for owner in one.owners if owner != identifier]
            one.manager = "" if one.manager == identifier else one.manager

    def note(self, actor: str, verb: str, target: Object, old: Values, new: Values) -> None:
        """Write into the log what became of an object: ``verb`` is Add, Update, Delete or Restore."""
        name, category = LOGGED[target.kind]
        self.audit(actor, f"{verb} {name}", category, target, old, new)

    def audit(self, actor: str, activity: str, category: str, target: Object | Values, old: Values | None = None, new: Values | None = None) -> None:
        """Write what happened into the directory's log.  ``old`` and ``new`` are the properties that changed."""
        before, after = old or {}, new or {}
        names = sorted({*before, *after})
        changed = [{"displayName": name[:1].upper() + name[1:], "oldValue": _text(before.get(name)), "newValue": _text(after.get(name))} for name in names]
        shown = (
            (target.id, target.values.get("displayName"), target.kind.title())
            if isinstance(target, Object)
            else (target.get("id"), target.get("displayName"), "Other")
        )
        entry = {
            "id": f"Directory_{uuid.uuid4()}",
            "category": category,
            "correlationId": str(uuid.uuid4()),
            "result": "success",
            "resultReason": "",
            "activityDisplayName": activity,
            "activityDateTime": now(),
            "loggedByService": "Core Directory",
            "operationType": activity.partition(" ")[0],
            "initiatedBy": {"user": None, "app": {"appId": None, "displayName": actor, "servicePrincipalId": None, "servicePrincipalName": None}},
            "targetResources": [
                {
                    "id": shown[0],
                    "displayName": shown[1],
                    "type": shown[2],
                    "userPrincipalName": target.values.get("userPrincipalName") if isinstance(target, Object) else None,
                    "groupType": None,
                    "modifiedProperties": changed,
                }
            ],
            "additionalDetails": [],
        }
        self.audits.insert(0, entry)
        if isinstance(target, Object):
            for listener in self.listeners:
                listener(target)


def now() -> str:
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def derived(*parts: str) -> str:
    """The same name gets the same identifier in every lab."""
    return str(uuid.uuid5(SPACE, "/".join(parts)))


def merged(old: Values, new: t.Mapping[str, t.Any]) -> Values:
    """A PATCH of plain properties: what is given replaces what was, side-car annotations are dropped."""
    return copy.deepcopy(old) | {name: copy.deepcopy(item) for name, item in new.items() if "@odata." not in name or name == "@odata.type"}


def _named(one: Object, name: str) -> bool:
    return name.casefold() in (one.id, str(one.values.get("userPrincipalName", "")).casefold())


def _text(item: t.Any) -> str | None:
    """A value as the log shows it: a JSON list in a text, also of a single value."""
    return None if item is None else json.dumps(item if isinstance(item, list) else [item])
