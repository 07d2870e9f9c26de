# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Recipients that are objects of Active Directory.

The directory owns what `hybridlab.exchange.ad_table` names; an `Entry` shows it.  Cmdlets write through this store into the directory, and every
change there, theirs or an LDAP client's, is shown again by the one function `Recipients._changed`.  What is not in the table (quotas, permissions,
settings of the store) stays with the entry.
"""

from __future__ import annotations

import datetime
import typing as t
import uuid

from hybridlab.ad import names, passwords, syntaxes
from hybridlab.ad.directory import DirectoryObject
from hybridlab.ad.forest import Forest
from hybridlab.exchange import failures
from hybridlab.exchange.ad_properties import OWNED, WRITERS, canonical, kind_of, of_kind, outgoing, properties, write_database
from hybridlab.exchange.ad_table import (
    GROUP_TYPES,
    MAILBOXES,
    MANAGED,
    SECURITY_KINDS,
    TABLE,
    Kind,
)
from hybridlab.exchange.directory import Entry, Store, derived_rid, recipient_keys

_ADOPTED = ("user", "group", "contact")
_RIDS = {"Organization Management": 1112}
_NOTHING = uuid.UUID(int=0)
_TIME = "%Y%m%d%H%M%S.0Z"


class Recipients(Store):
    """The recipients, accounts and groups of one organization in its forest."""

    def __init__(self, forest: Forest, version: int) -> None:
        """``version`` is what msExchVersion of a mail-enabled object says."""
        super().__init__(recipient_keys)
        self._forest = forest
        self.directory = forest.directory
        self._version = version
        self._databases = forest.databases
        forest.directory.watch(self._changed)

    # What cmdlets do.

    def add(self, entry: Entry) -> None:
        """Make an object of a new entry.  Raises `failures.Refused` for a name that something else in the directory has."""
        with self.directory.lock:
            parent = self._forest.path(entry.parent_dn)
            rdn = names.fold(("cn", entry.name))
            if rdn in parent.children:
                raise failures.already_exists(entry.dn)
            self._check_unique(entry, entry.values, None)
            one = self.directory.create(parent, entry.name, of_kind(entry.kind).object_class, guid=entry.guid)
            one.created = entry.created
            self.entries[entry.guid] = entry
            self._write(one, {"AccountDisabled": False} | entry.values, entry.kind)
            if not one.is_a("contact"):
                self._forest.accounts.equip(one, _RIDS.get(entry.name) or derived_rid(entry.guid))
            self.directory.touch(one)
            entry.changed = one.changed = entry.created

    def change(self, entry: Entry, values: t.Mapping[str, t.Any], name: str | None = None, kind: str | None = None) -> None:
        with self.directory.lock:
            one = self._object(entry)
            self._check_unique(entry, values, one)
            entry.values = {**entry.values, **values}
            self._write(one, values, kind)
            if name is not None and name != entry.name and one.parent is not None:
                self.directory.move(one, one.parent, name)
            self.directory.touch(one)

    def reduce(self, entry: Entry, values: dict[str, t.Any], kind: str) -> None:
        with self.directory.lock:
            one = self._object(entry)
            gone = {name: None for name in TABLE if name not in values and name in entry.values}
            entry.values = dict(values)
            self._write(one, gone | values, kind)
            for attribute in ("msExchPoliciesIncluded", "msExchPoliciesExcluded", "msExchRemoteRecipientType", "msExchVersion", "homeMDB"):
                self.directory.assign(one, attribute, None)
            self.directory.touch(one)

    def remove(self, entry: Entry) -> None:
        with self.directory.lock:
            self.directory.remove(self._object(entry), self._forest.graveyard)

    def set_password(self, entry: Entry, password: str) -> None:
        with self.directory.lock:
            one = self._object(entry)
            one.secret = one.secret or passwords.Kept()
            one.secret.set(password)
            self.directory.put(one, "pwdLastSet", syntaxes.filetime(datetime.datetime.now(datetime.UTC)))

    def container(self, identity: str) -> tuple[str, str] | None:
        """Canonical and distinguished name of an organizational unit or container, by either of them or by its own name."""
        wanted = identity.casefold()
        for one in self.directory.objects(self._forest.domain_dn):
            if one.is_a("organizationalUnit") or one.is_a("container"):
                shown = canonical(one)
                if wanted in (shown.casefold(), one.dn.casefold(), one.name.casefold(), str(one.guid)):
                    return shown, one.dn
        return None

    # Writing to the directory.

    def _object(self, entry: Entry) -> DirectoryObject:
        found = self.directory.by_guid(entry.guid)
        if found is None or found.deleted:
            raise failures.not_found(entry.canonical)
        return found

    def _check_unique(self, entry: Entry, values: t.Mapping[str, t.Any], one: DirectoryObject | None) -> None:
        """What the directory keeps unique may not be another object's, also where no cmdlet shows that object."""
        for name in ("SamAccountName", "UserPrincipalName"):
            value = values.get(name)
            if value and any(other is not one for other in self.directory.by_value(TABLE[name].attribute, str(value))):
                raise failures.not_unique(name, value)

    def _write(self, one: DirectoryObject, values: t.Mapping[str, t.Any], kind: str | None) -> None:
        if kind is not None:
            self._write_kind(one, of_kind(kind), kind)
        targets = {"ExternalEmailAddress", "RemoteRoutingAddress"} & values.keys()
        given = {name: value for name, value in values.items() if name in TABLE and (name not in targets or value or len(targets) == 1)}
        for name, value in given.items():
            row = TABLE[name]
            self.directory.assign(one, row.attribute, outgoing(self, row.codec, value))
        for name, function in WRITERS.items():
            if name in values:
                function(self, one, values[name])

    def _write_kind(self, one: DirectoryObject, kind: Kind, name: str) -> None:
        assigned: tuple[t.Any, ...] = (kind.details, kind.display, *resource_attributes(kind.resource))
        for attribute, value in zip(MANAGED, assigned, strict=True):
            self.directory.assign(one, attribute, value)
        self.directory.assign(one, "msExchVersion", self._version if kind.details is not None else None)
        if one.is_a("group"):
            scope = "Universal, SecurityEnabled" if name in SECURITY_KINDS else "Universal"
            self.directory.assign(one, "groupType", GROUP_TYPES[scope])
        if name in MAILBOXES and not one.links.get("homeMDB"):
            write_database(self, one, "DB01")

    def target(self, item: Entry | str) -> DirectoryObject | None:
        """The object behind an entry, or behind the canonical name of one that is no recipient."""
        if isinstance(item, Entry):
            return self.directory.by_guid(item.guid)
        return next((one for one in self.directory.by_value("name", item.rpartition("/")[2]) if canonical(one) == item), None)

    def database(self, name: str) -> DirectoryObject:
        return self._databases.children.get(names.fold(("cn", name))) or self._forest.make(self._databases, name, "msExchPrivateMDB")

    # Reading from it.

    def _changed(self, one: DirectoryObject) -> None:
        """Show what the directory holds now; called after each change of an object."""
        entry = self.entries.get(one.guid)
        if one.deleted:
            if entry is not None:
                super().remove(entry)
            return
        if entry is not None:
            self._show(entry, one)
        elif one.guid not in self._forest.made and any(one.is_a(name) for name in _ADOPTED) and not one.is_a("computer"):
            self._show(Entry(one.name, "", "", "", one.guid, {}), one)
        elif one.children:
            for below in one.below():
                if below is not one and below.guid in self.entries:
                    self._show(self.entries[below.guid], below)

    def _show(self, entry: Entry, one: DirectoryObject) -> None:
        self._forget(entry)
        entry.name, entry.kind = one.name, kind_of(one)
        entry.container, entry.parent_dn = canonical(one.parent), one.parent.dn if one.parent else ""
        entry.created, entry.changed = one.created, one.changed
        entry.values = {name: value for name, value in entry.values.items() if name not in OWNED} | properties(self, one)
        super().add(entry)

    def shown(self, target: DirectoryObject) -> Entry | str:
        """An object as a property shows it: its entry, or the canonical name of what is no recipient."""
        return self.entries.get(target.guid) or canonical(target)


def resource_attributes(resource: str) -> tuple[t.Any, ...]:
    """What says that a mailbox is a room's or a piece of equipment's."""
    return ([f"ResourceType:{resource}"], [resource], resource) if resource else (None, None, None)
