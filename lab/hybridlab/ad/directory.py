# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The objects of a forest, their links, their indexes and the feed of changes."""

from __future__ import annotations

import datetime
import threading
import typing as t
import uuid

from hybridlab.ad import names, syntaxes
from hybridlab.ad.schema import Attribute, Class, Schema, load

Value = str | int | bool | bytes | uuid.UUID | datetime.datetime
INDEXED = (
    "sAMAccountName",
    "userPrincipalName",
    "servicePrincipalName",
    "objectSid",
    "mail",
    "proxyAddresses",
    "mailNickname",
    "displayName",
    "name",
    "legacyExchangeDN",
    "msExchMailboxGuid",
    "mS-DS-ConsistencyGuid",
    "targetAddress",
)
TOMBSTONES = "Deleted Objects"


class DirectoryObject:
    """One object; its values are kept as they go over the wire."""

    __slots__ = (
        "_dn",
        "backs",
        "changed",
        "children",
        "cls",
        "created",
        "deleted",
        "guid",
        "links",
        "name",
        "parent",
        "rdn",
        "secret",
        "usn",
        "usn_created",
        "values",
    )

    def __init__(self, parent: DirectoryObject | None, rdn: str, name: str, cls: Class, guid: uuid.UUID) -> None:
        self.parent = parent
        self.rdn = rdn
        self.name = name
        self.cls = cls
        self.guid = guid
        self.children: dict[str, DirectoryObject] = {}
        self.values: dict[str, list[bytes]] = {}
        self.links: dict[str, dict[DirectoryObject, None]] = {}
        """Under the name of the link: the objects that this one points at."""
        self.backs: dict[str, dict[DirectoryObject, None]] = {}
        """Under the name of the link: the objects that point at this one."""
        self.secret: t.Any = None
        """What `hybridlab.ad.passwords` keeps of an account's passwords."""
        self.deleted = False
        self.created = self.changed = datetime.datetime.now(datetime.UTC)
        self.usn = self.usn_created = 0
        self._dn: tuple[str, bytes] | None = None

    @property
    def dn(self) -> str:
        return self._names()[0]

    @property
    def dn_bytes(self) -> bytes:
        return self._names()[1]

    def _names(self) -> tuple[str, bytes]:
        if self._dn is None:
            own = f"{self.rdn.upper()}={names.escape(self.name)}" if self.rdn else ""
            dn = ",".join(part for part in (own, self.parent.dn if self.parent is not None else "") if part)
            self._dn = dn, dn.encode()
        return self._dn

    @property
    def classes(self) -> tuple[str, ...]:
        """From ``top`` down to its own."""
        return self.cls.chain

    @property
    def is_security_principal(self) -> bool:
        return "objectSid" in self.values

    def is_a(self, name: str) -> bool:
        return name in self.cls.chain

    def raw(self, name: str) -> bytes | None:
        """The first value of a stored attribute."""
        found = self.values.get(name)
        return found[0] if found else None

    def text(self, name: str) -> str:
        """The first value, empty where there is none."""
        found = self.values.get(name)
        return found[0].decode() if found else ""

    def texts(self, name: str) -> list[str]:
        return [value.decode() for value in self.values.get(name, ())]

    def number(self, name: str, default: int = 0) -> int:
        found = self.values.get(name)
        return int(found[0]) if found else default

    def truth(self, name: str) -> bool:
        return self.raw(name) == b"TRUE"

    def target(self, name: str) -> DirectoryObject | None:
        """The first object a link points at."""
        return next(iter(self.links.get(name, ())), None)

    def below(self) -> t.Iterator[DirectoryObject]:
        """This object and all that stand below it."""
        yield self
        for child in list(self.children.values()):
            yield from child.below()

    def is_within(self, other: DirectoryObject) -> bool:
        """Whether it is ``other`` or stands below it."""
        one: DirectoryObject | None = self
        while one is not None:
            if one is other:
                return True
            one = one.parent
        return False

    def forget_name(self) -> None:
        """It, or something above it, was renamed."""
        for one in self.below():
            one._dn = None


class Directory:
    """All objects of one forest; see the package's docstring for how to use it."""

    def __init__(self, schema: Schema | None = None) -> None:
        self.schema = schema or load()
        self.lock = threading.RLock()
        self.usn = 1000
        self.root = DirectoryObject(None, "", "", self.schema.classes["top"], uuid.UUID(int=0))
        self._guids: dict[uuid.UUID, DirectoryObject] = {}
        self._indexes: dict[str, dict[syntaxes.Key, dict[DirectoryObject, None]]] = {name: {} for name in INDEXED}
        self._listeners: list[t.Callable[[DirectoryObject], None]] = []
        self._feed: dict[DirectoryObject, None] = {}

    def __len__(self) -> int:
        """How many objects there are, tombstones included."""
        return len(self._guids)

    # Finding.

    def find(self, dn: str) -> DirectoryObject | None:
        """The object of this name.  Raises `names.BadName`."""
        one = self.root
        for part in reversed(names.split(dn)):
            found = one.children.get(names.fold(part))
            if found is None:
                return None
            one = found
        return one if one is not self.root else None

    def nearest(self, dn: str) -> DirectoryObject:
        """The object of this name, or the closest one above it that exists."""
        one = self.root
        for part in reversed(names.split(dn)):
            found = one.children.get(names.fold(part))
            if found is None:
                break
            one = found
        return one

    def by_guid(self, guid: uuid.UUID) -> DirectoryObject | None:
        return self._guids.get(guid)

    def by_value(self, name: str, value: str | bytes) -> list[DirectoryObject]:
        """The objects that have this value of an indexed attribute; deleted ones do not count."""
        key = self.schema.attributes[name].key(value.encode() if isinstance(value, str) else value)
        return [one for one in self._indexes[name].get(key, ()) if not one.deleted]

    def indexed(self, name: str, key: syntaxes.Key) -> t.Collection[DirectoryObject] | None:
        """What an index holds under a key; None for an attribute without an index."""
        return self._indexes[name].get(key, {}) if name in self._indexes else None

    def objects(self, base: str = "") -> t.Iterator[DirectoryObject]:
        """The objects at and below a name; nothing where it does not exist.  Tombstones are left out."""
        start = self.find(base) if base else self.root
        for one in start.below() if start is not None else ():
            if one is not self.root and not one.deleted:
                yield one

    def changes(self, since: int) -> list[DirectoryObject]:
        """What changed after that number, tombstones included."""
        found: list[DirectoryObject] = []
        for one in reversed(self._feed):
            if one.usn <= since:
                break
            found.append(one)
        return found[::-1]

    def watch(self, listener: t.Callable[[DirectoryObject], None]) -> None:
        """Call ``listener`` after each change from now on."""
        self._listeners.append(listener)

    # Writing.  Nothing here checks what a domain controller checks of its clients' wishes.

    def create(
        self, parent: DirectoryObject, name: str, cls: str, values: t.Mapping[str, t.Any] | None = None, guid: uuid.UUID | None = None
    ) -> DirectoryObject:
        """A new object; ``values`` as `put` takes them.  Nobody hears of it before `touch` follows."""
        kind = self.schema.classes[cls]
        one = DirectoryObject(parent, kind.rdn, name, kind, guid or uuid.uuid4())
        one.created = one.created.replace(microsecond=0)
        parent.children[names.fold((one.rdn, name))] = one
        self._guids[one.guid] = one
        self._index(one, self.schema.attributes["name"], [name.encode()])
        for attribute, value in (values or {}).items():
            self._store(one, self.schema.attributes[attribute], value)
        return one

    def put(self, one: DirectoryObject, name: str, value: Value | DirectoryObject | t.Sequence[Value | DirectoryObject] | None) -> None:
        """Replace the values of an attribute; None or an empty list removes it."""
        self._store(one, self.schema.attributes[name], value)
        self.touch(one)

    def assign(self, one: DirectoryObject, name: str, value: t.Any) -> None:
        """The same without a new number, for several attributes at once: `touch` follows."""
        self._store(one, self.schema.attributes[name], value)

    def replace(self, one: DirectoryObject, attribute: Attribute, values: list[bytes]) -> None:
        """Replace the values of an attribute by such as go over the wire: `touch` follows."""
        old = one.values.pop(attribute.name, None)
        if old is None and not values:
            return
        if old and attribute.name in self._indexes:
            self._unindex(one, attribute, old)
        if values:
            one.values[attribute.name] = values
            self._index(one, attribute, values)

    def link(self, one: DirectoryObject, name: str, target: DirectoryObject) -> None:
        one.links.setdefault(name, {})[target] = None
        target.backs.setdefault(name, {})[one] = None

    def unlink(self, one: DirectoryObject, name: str, target: DirectoryObject) -> None:
        _drop(one.links, name, target)
        _drop(target.backs, name, one)

    def move(self, one: DirectoryObject, parent: DirectoryObject, name: str) -> None:
        """Give an object a new parent or a new name, or both."""
        assert one.parent is not None
        attribute = self.schema.attributes["name"]
        del one.parent.children[names.fold((one.rdn, one.name))]
        self._unindex(one, attribute, [one.name.encode()])
        one.parent, one.name = parent, name
        parent.children[names.fold((one.rdn, name))] = one
        self._index(one, attribute, [name.encode()])
        one.forget_name()
        self.touch(one)

    def remove(self, one: DirectoryObject, graveyard: DirectoryObject | None = None) -> None:
        """Make an object a tombstone: it keeps its identity and loses its links.  What stands below it goes first."""
        for child in list(one.children.values()):
            self.remove(child, graveyard)
        for name, targets in list(one.links.items()):
            for target in list(targets):
                self.unlink(one, name, target)
        pointing = [(source, name) for name, sources in one.backs.items() for source in sources]
        for source, name in pointing:
            self.unlink(source, name, one)
            self.touch(source)
        if one.parent is not None and one.rdn:
            one.values["lastKnownParent"] = [one.parent.dn_bytes]
        one.deleted = True
        if graveyard is not None:
            self.move(one, graveyard, f"{one.name}\nDEL:{one.guid}")
        else:
            self.touch(one)

    def discard(self, one: DirectoryObject) -> None:
        """Undo a creation that nobody heard of: not even a tombstone is left."""
        for name, targets in list(one.links.items()):
            for target in list(targets):
                self.unlink(one, name, target)
        for name in list(one.values):
            self.replace(one, self.schema.attributes[name], [])
        self._unindex(one, self.schema.attributes["name"], [one.name.encode()])
        if one.parent is not None:
            del one.parent.children[names.fold((one.rdn, one.name))]
        del self._guids[one.guid]

    def touch(self, one: DirectoryObject) -> None:
        """An object changed: it gets the next number, and whoever watches hears of it."""
        self.usn += 1
        one.usn = self.usn
        one.usn_created = one.usn_created or one.usn
        one.changed = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
        self._feed.pop(one, None)
        self._feed[one] = None
        for listener in self._listeners:
            listener(one)

    # Inside.

    def _store(self, one: DirectoryObject, attribute: Attribute, value: t.Any) -> None:
        given = [] if value is None else list(value) if isinstance(value, list | tuple | set | frozenset | dict) else [value]
        if not attribute.is_reference:
            self.replace(one, attribute, [encoded(item) for item in given])
            return
        targets = [item if isinstance(item, DirectoryObject) else self.find(str(item)) for item in given]
        for target in list(one.links.get(attribute.name, ())):
            self.unlink(one, attribute.name, target)
        for found in targets:
            if found is not None:
                self.link(one, attribute.name, found)

    def _index(self, one: DirectoryObject, attribute: Attribute, values: t.Iterable[bytes]) -> None:
        index = self._indexes.get(attribute.name)
        if index is not None:
            for value in values:
                index.setdefault(attribute.key(value), {})[one] = None

    def _unindex(self, one: DirectoryObject, attribute: Attribute, values: t.Iterable[bytes]) -> None:
        index = self._indexes[attribute.name]
        for value in values:
            key = attribute.key(value)
            known = index.get(key, {})
            known.pop(one, None)
            if not known:
                index.pop(key, None)


def encoded(value: t.Any) -> bytes:
    """A Python value as it goes over the wire."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, bool):
        return b"TRUE" if value else b"FALSE"
    if isinstance(value, uuid.UUID):
        return value.bytes_le
    if isinstance(value, datetime.datetime):
        return syntaxes.generalized_time(value)
    return str(value).encode()


def _drop(table: dict[str, dict[DirectoryObject, None]], name: str, item: DirectoryObject) -> None:
    known = table.get(name)
    if known is not None:
        known.pop(item, None)
        if not known:
            del table[name]
