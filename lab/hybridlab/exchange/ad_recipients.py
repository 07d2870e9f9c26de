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
import functools
import typing as t
import uuid

from hybridlab.ad import accounts, names, passwords, syntaxes
from hybridlab.ad.directory import DirectoryObject
from hybridlab.ad.forest import Forest
from hybridlab.ad.reading import UF_DISABLED
from hybridlab.exchange import failures
from hybridlab.exchange.ad_table import (
    BY_DETAILS,
    GROUP_TYPES,
    KINDS,
    MAILBOXES,
    MANAGED,
    POLICY,
    REMOTE_TYPES,
    SECURITY_KINDS,
    SHARED,
    TABLE,
    UNIONS,
    Kind,
)
from hybridlab.exchange.directory import DOMAIN, Entry, Store, derived_rid, recipient_keys

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
        self._directory = forest.directory
        self._version = version
        self._databases = forest.databases
        forest.directory.watch(self._changed)

    # What cmdlets do.

    def add(self, entry: Entry) -> None:
        """Make an object of a new entry.  Raises `failures.Refused` for a name that something else in the directory has."""
        with self._directory.lock:
            parent = self._forest.path(entry.parent_dn)
            rdn = names.fold(("cn", entry.name))
            if rdn in parent.children:
                raise failures.already_exists(entry.dn)
            self._check_unique(entry, entry.values, None)
            one = self._directory.create(parent, entry.name, _kind(entry.kind).object_class, guid=entry.guid)
            one.created = entry.created
            self.entries[entry.guid] = entry
            self._write(one, {"AccountDisabled": False} | entry.values, entry.kind)
            if not one.is_a("contact"):
                self._forest.accounts.equip(one, _RIDS.get(entry.name) or derived_rid(entry.guid))
            self._directory.touch(one)
            entry.changed = one.changed = entry.created

    def change(self, entry: Entry, values: t.Mapping[str, t.Any], name: str | None = None, kind: str | None = None) -> None:
        with self._directory.lock:
            one = self._object(entry)
            self._check_unique(entry, values, one)
            entry.values = {**entry.values, **values}
            self._write(one, values, kind)
            if name is not None and name != entry.name and one.parent is not None:
                self._directory.move(one, one.parent, name)
            self._directory.touch(one)

    def reduce(self, entry: Entry, values: dict[str, t.Any], kind: str) -> None:
        with self._directory.lock:
            one = self._object(entry)
            gone = {name: None for name in TABLE if name not in values and name in entry.values}
            entry.values = dict(values)
            self._write(one, gone | values, kind)
            for attribute in ("msExchPoliciesIncluded", "msExchPoliciesExcluded", "msExchRemoteRecipientType", "msExchVersion", "homeMDB"):
                self._directory.assign(one, attribute, None)
            self._directory.touch(one)

    def remove(self, entry: Entry) -> None:
        with self._directory.lock:
            self._directory.remove(self._object(entry), self._forest.graveyard)

    def set_password(self, entry: Entry, password: str) -> None:
        with self._directory.lock:
            one = self._object(entry)
            one.secret = one.secret or passwords.Kept()
            one.secret.set(password)
            self._directory.put(one, "pwdLastSet", syntaxes.filetime(datetime.datetime.now(datetime.UTC)))

    def container(self, identity: str) -> tuple[str, str] | None:
        """Canonical and distinguished name of an organizational unit or container, by either of them or by its own name."""
        wanted = identity.casefold()
        for one in self._directory.objects(self._forest.domain_dn):
            if one.is_a("organizationalUnit") or one.is_a("container"):
                canonical = _canonical(one)
                if wanted in (canonical.casefold(), one.dn.casefold(), one.name.casefold(), str(one.guid)):
                    return canonical, one.dn
        return None

    # Writing to the directory.

    def _object(self, entry: Entry) -> DirectoryObject:
        found = self._directory.by_guid(entry.guid)
        if found is None or found.deleted:
            raise failures.not_found(entry.canonical)
        return found

    def _check_unique(self, entry: Entry, values: t.Mapping[str, t.Any], one: DirectoryObject | None) -> None:
        """What the directory keeps unique may not be another object's, also where no cmdlet shows that object."""
        for name in ("SamAccountName", "UserPrincipalName"):
            value = values.get(name)
            if value and any(other is not one for other in self._directory.by_value(TABLE[name].attribute, str(value))):
                raise failures.not_unique(name, value)

    def _write(self, one: DirectoryObject, values: t.Mapping[str, t.Any], kind: str | None) -> None:
        if kind is not None:
            self._write_kind(one, _kind(kind), kind)
        targets = {"ExternalEmailAddress", "RemoteRoutingAddress"} & values.keys()
        given = {name: value for name, value in values.items() if name in TABLE and (name not in targets or value or len(targets) == 1)}
        for name, value in given.items():
            row = TABLE[name]
            self._directory.assign(one, row.attribute, self._outgoing(row.codec, value))
        for name, function in _WRITERS.items():
            if name in values:
                function(self, one, values[name])

    def _write_kind(self, one: DirectoryObject, kind: Kind, name: str) -> None:
        assigned: tuple[t.Any, ...] = (kind.details, kind.display, *_resource(kind.resource))
        for attribute, value in zip(MANAGED, assigned, strict=True):
            self._directory.assign(one, attribute, value)
        self._directory.assign(one, "msExchVersion", self._version if kind.details is not None else None)
        if one.is_a("group"):
            scope = "Universal, SecurityEnabled" if name in SECURITY_KINDS else "Universal"
            self._directory.assign(one, "groupType", GROUP_TYPES[scope])
        if name in MAILBOXES and not one.links.get("homeMDB"):
            _write_database(self, one, "DB01")

    def _outgoing(self, codec: str, value: t.Any) -> t.Any:
        if codec in ("object", "objects"):
            items = value if isinstance(value, list) else [] if value is None else [value]
            return [found for item in items if (found := self.target(item)) is not None]
        if value in (None, "", []) or value in (_NOTHING, str(_NOTHING)):
            return None
        return uuid.UUID(str(value)) if codec == "guid" else value

    def target(self, item: Entry | str) -> DirectoryObject | None:
        """The object behind an entry, or behind the canonical name of one that is no recipient."""
        if isinstance(item, Entry):
            return self._directory.by_guid(item.guid)
        return next((one for one in self._directory.by_value("name", item.rpartition("/")[2]) if _canonical(one) == item), None)

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
        entry.name, entry.kind = one.name, _kind_of(one)
        entry.container, entry.parent_dn = _canonical(one.parent), one.parent.dn if one.parent else ""
        entry.created, entry.changed = one.created, one.changed
        entry.values = {name: value for name, value in entry.values.items() if name not in _OWNED} | self._properties(one)
        super().add(entry)

    def _properties(self, one: DirectoryObject) -> dict[str, t.Any]:
        found: dict[str, t.Any] = {}
        is_remote = _kind_of(one).startswith("Remote")
        for attribute, values in one.values.items():
            for name, codec in _BY_ATTRIBUTE.get(attribute, ()):
                found[name] = _INCOMING[codec](values)
        for attribute, targets in one.links.items():
            for name, codec in _BY_ATTRIBUTE.get(attribute, ()):
                shown = [self.shown(target) for target in targets]
                found[name] = shown if codec == "objects" else shown[0]
        if is_remote or "RemoteRoutingAddress" not in found:
            found.pop("ExternalEmailAddress", None)
        else:
            found.pop("RemoteRoutingAddress")
        for name, parts in UNIONS.items():
            whole = [item for part in parts for item in found.get(part, ())]
            found |= {name: whole} if whole else {}
        for function in _READERS:
            found |= function(self, one)
        return found

    def shown(self, target: DirectoryObject) -> Entry | str:
        """An object as a property shows it: its entry, or the canonical name of what is no recipient."""
        return self.entries.get(target.guid) or _canonical(target)


def _resource(resource: str) -> tuple[t.Any, ...]:
    """What says that a mailbox is a room's or a piece of equipment's."""
    return ([f"ResourceType:{resource}"], [resource], resource) if resource else (None, None, None)


@functools.lru_cache(maxsize=1024)
def _moment(value: bytes) -> datetime.datetime:
    return datetime.datetime.strptime(value.decode(), _TIME).replace(tzinfo=datetime.UTC)


def _kind(name: str) -> Kind:
    return KINDS.get(name, KINDS["User"])


def _kind_of(one: DirectoryObject) -> str:
    """What Exchange takes an object for."""
    kind = BY_DETAILS.get(one.number("msExchRecipientTypeDetails"))
    if kind is not None:
        return kind
    if one.is_a("contact"):
        return "Contact"
    if not one.is_a("group"):
        return "User"
    group_type = one.number("groupType")
    if not group_type & accounts.UNIVERSAL:
        return "NonUniversalGroup"
    return "UniversalSecurityGroup" if group_type & accounts.SECURITY else "UniversalDistributionGroup"


def _canonical(one: DirectoryObject | None) -> str:
    """``contoso.com/Users/Dave``, without the escapes that only LDAP's form of it has."""
    parts: list[str] = []
    while one is not None and one.rdn and not one.is_a("domain"):
        parts.append(one.name)
        one = one.parent
    return "/".join([DOMAIN, *reversed(parts)])


# Properties that are more than one attribute's value.


def _write_control(store: Recipients, one: DirectoryObject, disabled: t.Any) -> None:
    if one.is_a("user"):
        control = one.number("userAccountControl", accounts.UF_NORMAL) & ~UF_DISABLED
        store._directory.assign(one, "userAccountControl", control | (UF_DISABLED if disabled else 0))


def _read_control(_: Recipients, one: DirectoryObject) -> dict[str, t.Any]:
    return {"AccountDisabled": bool(one.number("userAccountControl") & UF_DISABLED)} if one.is_a("user") else {}


def _write_managers(store: Recipients, one: DirectoryObject, managers: t.Any) -> None:
    """The directory has one manager; Exchange keeps the others in a link of its own."""
    found = [target for item in managers or () if (target := store.target(item)) is not None]
    store._directory.assign(one, "managedBy", found[:1])
    store._directory.assign(one, "msExchCoManagedByLink", found[1:])


def _read_managers(store: Recipients, one: DirectoryObject) -> dict[str, t.Any]:
    targets = [*one.links.get("managedBy", ()), *one.links.get("msExchCoManagedByLink", ())]
    return {"ManagedBy": [store.shown(target) for target in targets]} if targets else {}


def _write_policy(store: Recipients, one: DirectoryObject, enabled: t.Any) -> None:
    store._directory.assign(one, "msExchPoliciesIncluded", [POLICY] if enabled else None)
    store._directory.assign(one, "msExchPoliciesExcluded", None if enabled else [POLICY])


def _read_policy(_: Recipients, one: DirectoryObject) -> dict[str, t.Any]:
    if "msExchPoliciesExcluded" in one.values:
        return {"EmailAddressPolicyEnabled": POLICY not in one.texts("msExchPoliciesExcluded")}
    return {"EmailAddressPolicyEnabled": True} if "msExchPoliciesIncluded" in one.values else {}


def _write_remote(store: Recipients, one: DirectoryObject, text: t.Any) -> None:
    value = sum(bit for name, bit in REMOTE_TYPES if name in str(text).split(", ")) | (SHARED if "SharedMailbox" in str(text) else 0)
    store._directory.assign(one, "msExchRemoteRecipientType", value or None)


def _read_remote(_: Recipients, one: DirectoryObject) -> dict[str, t.Any]:
    value = one.number("msExchRemoteRecipientType")
    if not value:
        return {}
    shared = value & SHARED == SHARED
    shown = [name for name, bit in REMOTE_TYPES if value & bit and not (shared and bit & SHARED)]
    return {"RemoteRecipientType": ", ".join([*shown, *(["SharedMailbox"] if shared else [])])}


def _write_group_type(store: Recipients, one: DirectoryObject, text: t.Any) -> None:
    if text in GROUP_TYPES:
        store._directory.assign(one, "groupType", GROUP_TYPES[text])


def _read_group_type(_: Recipients, one: DirectoryObject) -> dict[str, t.Any]:
    value = one.number("groupType") & ~1
    return {"GroupType": next((name for name, number in GROUP_TYPES.items() if number == value), "Universal")} if one.is_a("group") else {}


def _write_database(store: Recipients, one: DirectoryObject, name: t.Any) -> None:
    store._directory.assign(one, "homeMDB", [store.database(str(name))] if name else None)


def _read_database(_: Recipients, one: DirectoryObject) -> dict[str, t.Any]:
    target = one.target("homeMDB")
    return {"Database": target.name} if target is not None else {}


def _read_identity(_: Recipients, one: DirectoryObject) -> dict[str, t.Any]:
    """What follows from other attributes: class, security identifier, primary address, manager."""
    found: dict[str, t.Any] = {"ObjectClass": list(one.classes)} | ({} if not one.is_a("group") or one.links.get("member") else {"Members": []})
    sid, manager = one.raw("objectSid"), one.target("manager")
    primary = next((text[5:] for text in one.texts("proxyAddresses") if text.startswith("SMTP:")), "")
    found |= {"Sid": syntaxes.sid_text(sid)} if sid else {}
    found |= {"Manager": _canonical(manager)} if manager is not None else {}
    found |= {"PrimarySmtpAddress": primary} if primary else {}
    if "msExchRecipientTypeDetails" in one.values and _kind_of(one).startswith("Remote"):
        found["OnPremisesOrganizationalUnit"] = _canonical(one.parent)
    return found


_Writer = t.Callable[[Recipients, DirectoryObject, t.Any], None]
_Reader = t.Callable[[Recipients, DirectoryObject], dict[str, t.Any]]
_WRITERS: dict[str, _Writer] = {
    "AccountDisabled": _write_control,
    "ManagedBy": _write_managers,
    "EmailAddressPolicyEnabled": _write_policy,
    "RemoteRecipientType": _write_remote,
    "GroupType": _write_group_type,
    "Database": _write_database,
}
_READERS: tuple[_Reader, ...] = (_read_control, _read_managers, _read_policy, _read_remote, _read_group_type, _read_database, _read_identity)
_OWNED = frozenset({*TABLE, *UNIONS, *_WRITERS, "ObjectClass", "Sid", "Manager", "PrimarySmtpAddress", "OnPremisesOrganizationalUnit"})
_BY_ATTRIBUTE: dict[str, list[tuple[str, str]]] = {}
for _property, _row in TABLE.items():
    _BY_ATTRIBUTE.setdefault(_row.attribute, []).append((_property, _row.codec))
_INCOMING: dict[str, t.Callable[[list[bytes]], t.Any]] = {
    "text": lambda values: values[0].decode(),
    "texts": lambda values: [value.decode() for value in values],
    "number": lambda values: int(values[0]),
    "truth": lambda values: values[0] == b"TRUE",
    "guid": lambda values: uuid.UUID(bytes_le=values[0]),
    "time": lambda values: _moment(values[0]),
}
