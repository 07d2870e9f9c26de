# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Objects of the directory, and how Exchange finds one by whatever name a caller uses."""

from __future__ import annotations

import dataclasses
import datetime
import fnmatch
import re
import typing as t
import uuid

from hybridlab.exchange import failures

DOMAIN = "contoso.com"
DOMAIN_DN = "DC=contoso,DC=com"
NETBIOS = "CONTOSO"
CONFIGURATION_DN = f"CN=Contoso,CN=Microsoft Exchange,CN=Services,CN=Configuration,{DOMAIN_DN}"
SPACE = uuid.UUID("6f1a2f0e-6d1c-5f43-9a55-c0ffee0c0de5")
EPOCH = datetime.datetime(2026, 3, 1, 9, 0, 0, tzinfo=datetime.UTC)
_SPECIAL = re.compile(r'[,+"\\<>;=]|^[# ]| $')


@dataclasses.dataclass(slots=True, eq=False)
class Entry:
    """One object.

    ``container`` is the canonical name of its parent, ``parent_dn`` the same as a distinguished name.  ``values`` holds what
    differs from the defaults of its kind, under the names of the properties.  ``unseen`` counts the reads that still miss a
    new object.
    """

    name: str
    container: str
    parent_dn: str
    kind: str
    guid: uuid.UUID
    values: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    created: datetime.datetime = EPOCH
    changed: datetime.datetime = EPOCH
    unseen: int = 0

    @property
    def dn(self) -> str:
        return f"CN={escape_rdn(self.name)},{self.parent_dn}"

    @property
    def canonical(self) -> str:
        return f"{self.container}/{self.name}"


def escape_rdn(name: str) -> str:
    """A relative name as it stands in a distinguished name."""
    return _SPECIAL.sub(lambda match: "\\" + match.group(), name).replace("\n", "\\0A").replace("\r", "\\0D")


def recipient_keys(entry: Entry) -> t.Iterator[str]:
    """Every name by which Exchange finds a recipient."""
    values = entry.values
    yield entry.name
    yield str(entry.guid)
    yield entry.dn
    yield entry.canonical
    for name in ("Alias", "DisplayName", "UserPrincipalName", "LegacyExchangeDN"):
        if values.get(name):
            yield values[name]
    for name in ("ExchangeGuid", "ExternalDirectoryObjectId"):
        if values.get(name):
            yield str(values[name])
    if values.get("SamAccountName"):
        yield values["SamAccountName"]
        yield f"{NETBIOS}\\{values['SamAccountName']}"
    for address in values.get("EmailAddresses", ()):
        yield address.partition(":")[2]


def configuration_keys(entry: Entry) -> t.Iterator[str]:
    """Configuration objects have a name, a GUID and a distinguished name."""
    yield entry.name
    yield str(entry.guid)
    yield entry.dn


class Store:
    """Objects of one sort with an index over their names.

    ``touched`` are the objects that came, changed or went since somebody emptied it, by GUID and in that order.
    """

    def __init__(self, keys: t.Callable[[Entry], t.Iterable[str]]) -> None:
        self._keys = keys
        self.entries: dict[uuid.UUID, Entry] = {}
        self._index: dict[str, list[Entry]] = {}
        self._known: dict[uuid.UUID, set[str]] = {}
        """The names under which each object is in the index."""
        self.touched: dict[uuid.UUID, Entry] = {}

    def __iter__(self) -> t.Iterator[Entry]:
        return iter(list(self.entries.values()))

    def __len__(self) -> int:
        return len(self.entries)

    def named(self, guids: t.Sequence[uuid.UUID] | None) -> list[Entry]:
        """These objects, as far as they exist; all for None."""
        return list(self) if guids is None else [self.entries[guid] for guid in guids if guid in self.entries]

    def add(self, entry: Entry) -> None:
        self.entries[entry.guid] = self.touched[entry.guid] = entry
        self._known[entry.guid] = {key.lower() for key in self._keys(entry)}
        for key in self._known[entry.guid]:
            self._index.setdefault(key, []).append(entry)

    def reduce(self, entry: Entry, values: dict[str, t.Any], kind: str) -> None:
        """Leave an object nothing but these properties: what made it a recipient goes."""
        self._forget(entry)
        entry.values, entry.kind = values, kind
        self.add(entry)

    def set_password(self, entry: Entry, password: str) -> None:
        """Give an account its password; here nobody logs on with it."""

    def container(self, identity: str) -> tuple[str, str] | None:
        """Canonical and distinguished name of an organizational unit, where the store knows units."""
        return None

    def remove(self, entry: Entry) -> None:
        self._forget(entry)
        self.touched[entry.guid] = self.entries.pop(entry.guid)

    def change(self, entry: Entry, values: t.Mapping[str, t.Any], name: str | None = None, kind: str | None = None) -> None:
        """Write properties, and the name and kind if given.  The one place where an object changes."""
        self._forget(entry)
        entry.values.update(values)
        entry.name = entry.name if name is None else name
        entry.kind = entry.kind if kind is None else kind
        entry.changed = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
        self.add(entry)

    def _forget(self, entry: Entry) -> None:
        for key in self._known.pop(entry.guid, ()):
            known = self._index[key]
            known.remove(entry)
            if not known:
                del self._index[key]

    def known(self, key: str) -> list[Entry]:
        """What has this name, fresh objects included: for checks of uniqueness."""
        return self._index.get(key.lower(), [])

    def find(self, identity: object) -> list[Entry]:
        """What an identity fits.  A fresh object that replication has not brought yet is passed over, once per read."""
        text = str(identity).strip("{}") if isinstance(identity, uuid.UUID) or str(identity).startswith("{") else str(identity)
        return [entry for entry in self._index.get(text.lower(), []) if seen(entry)]

    def match(self, pattern: str) -> list[Entry]:
        """A Get- cmdlet's identity, where ``*`` stands for any characters in a name."""
        if "*" not in pattern:
            return self.find(pattern)
        wanted = pattern.lower().replace("[", "[[]").replace("?", "[?]")
        return [entry for entry in self if any(fnmatch.fnmatchcase(key.lower(), wanted) for key in self._names(entry)) and seen(entry)]

    def one(self, identity: object) -> Entry:
        """The one object a changing cmdlet means.  Raises `failures.Refused` for none and for several."""
        found = self.find(identity)
        if not found:
            raise failures.not_found(identity)
        if len(found) > 1:
            raise failures.ambiguous(identity)
        return found[0]

    @staticmethod
    def _names(entry: Entry) -> t.Iterator[str]:
        yield entry.name
        for name in ("Alias", "DisplayName"):
            if entry.values.get(name):
                yield entry.values[name]


def seen(entry: Entry) -> bool:
    """Whether a read finds the object; each read that misses it brings replication one step nearer."""
    if entry.unseen > 0:
        entry.unseen -= 1
        return False
    return True


def derived_rid(guid: uuid.UUID) -> int:
    """The last part of the security identifier of an account that Exchange makes: the same in every lab, as its GUID is."""
    return 2000 + guid.int % 1_000_000_000


def derived_guid(*parts: str) -> uuid.UUID:
    """The same name gets the same GUID in every lab."""
    return uuid.uuid5(SPACE, "/".join(parts))
