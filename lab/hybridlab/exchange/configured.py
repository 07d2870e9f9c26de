# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Configuration objects that have Get-, New-, Set- and Remove- cmdlets: what all of them share."""

from __future__ import annotations

import datetime
import typing as t
import uuid

from hybridlab.clixml import Obj
from hybridlab.contract import refusals
from hybridlab.exchange import failures
from hybridlab.exchange.call import Call, Handler, commit, found, listed, valid_name
from hybridlab.exchange.directory import EPOCH, Entry, Store, configuration_keys, derived_guid, escape_rdn
from hybridlab.exchange.mailbox_table import Property
from hybridlab.exchange.mailbox_view import exists, rendered
from hybridlab.exchange.settings import stored
from hybridlab.exchange.shapes import CONFIGURATION_TYPES, configuration_identification, shaped
from hybridlab.records import Output, Record

Values = dict[str, t.Any]


class Sort:
    """One kind of object.

    ``rows`` are its properties, ``captured`` the type of a captured shape, or ``types`` the type names of objects nobody captured.
    A parameter is a property of the same name unless ``special`` turns it into others.
    """

    noun: t.ClassVar[str]
    parent: t.ClassVar[str]
    rows: t.ClassVar[dict[str, Property]]
    captured: t.ClassVar[str] = ""
    types: t.ClassVar[tuple[str, ...]] = ()

    def handlers(self) -> dict[str, Handler]:
        return {f"{verb}-{self.noun}": getattr(self, verb.lower()) for verb in ("Get", "New", "Set", "Remove")}

    def fresh_store(self) -> Store:
        return Store(configuration_keys)

    def seed(self, store: Store) -> None:
        """Put in what a new organisation has."""

    def store(self, call: Call) -> Store:
        return call.server.objects[self.noun]

    def entry(self, name: str, guid: uuid.UUID | None = None, when: datetime.datetime = EPOCH, **values: t.Any) -> Entry:
        """An object with its defaults; without ``guid`` the one that the seed gives this name."""
        known = {row.name: list(row.default) if isinstance(row.default, list) else row.default for row in self.rows.values()} | values
        return Entry(name, "", self.home(known), self.noun, guid or derived_guid(self.noun, name), known, when, when)

    # what kinds differ in

    def home(self, values: Values) -> str:
        """The distinguished name of the parent."""
        return self.parent

    def special(self, call: Call, settings: Values, entry: Entry | None) -> Values:
        """Take parameters out of the settings that are no properties, and return the properties they mean.  Raises `failures.Refused`."""
        return {}

    def check(self, call: Call, values: Values, entry: Entry | None) -> None:
        """Refuse an object with these properties.  ``entry`` is the object that shall get them, None for a new one."""

    def removable(self, call: Call, entry: Entry) -> None:
        """Refuse to remove the object."""

    def view(self, call: Call, entry: Entry) -> Obj:
        hidden = [name for name in self.rows if not exists(call.contract, f"Set-{self.noun}", name)]
        if self.captured:
            return shaped(self.captured, entry, hidden)
        shown = {name: rendered(row.kind, entry.values.get(name, row.default)) for name, row in self.rows.items() if name not in hidden}
        return Obj((*self.types, *CONFIGURATION_TYPES), shown | configuration_identification(entry), string=entry.name)

    # cmdlets

    def get(self, call: Call) -> t.Iterable[Record]:
        return listed(call, self.listing(call), lambda entry: self.view(call, entry))

    def listing(self, call: Call) -> list[Entry]:
        """What Get- shows."""
        return found(call, self.store(call))

    def new(self, call: Call) -> t.Iterable[Record]:
        name = valid_name(call.parameters["Name"])
        settings = {key: value for key, value in call.settings.items() if key != "Name"}
        values = self.special(call, settings, None)
        values |= {key: self.value(call, key, value, None) for key, value in settings.items()}
        made = self.entry(name, uuid.uuid4(), datetime.datetime.now(datetime.UTC).replace(microsecond=0), **values)
        self._refuse_known(call, made.name, made.parent_dn, None)
        self.check(call, made.values, None)
        if call.what_if:
            return []
        self.store(call).add(made)
        records: list[Record] = [Output(self.view(call, made))]
        self.added(call, made)
        call.fresh(made)
        return records

    def added(self, call: Call, entry: Entry) -> None:
        """What a new object changes elsewhere."""

    def set(self, call: Call) -> t.Iterable[Record]:
        entry = self.store(call).one(call.identity)
        settings, name = dict(call.settings), None
        if "Name" in settings:
            name = valid_name(settings.pop("Name"))
            self._refuse_known(call, name, entry.parent_dn, entry)
        changes = self.special(call, settings, entry)
        changes |= {key: self.value(call, key, value, entry) for key, value in settings.items()}
        self.check(call, entry.values | changes, entry)
        return commit(call, self.store(call), entry, changes, name)

    def remove(self, call: Call) -> t.Iterable[Record]:
        entry = self.store(call).one(call.identity)
        self.removable(call, entry)
        if not call.what_if:
            self.store(call).remove(entry)
        return []

    def value(self, call: Call, name: str, value: t.Any, entry: Entry | None) -> t.Any:
        """A parameter's value as the store keeps it.  Raises `failures.Refused`."""
        row = self.rows.get(name)
        if row is None or not row.settable:
            raise failures.not_emulated(call.cmdlet, f"-{name}")
        if row.kind in ("flags", "enum", "enum?") and value is not None:
            return _enumerators(call, row, str(value))
        current = entry.values[name] if entry else row.default
        return stored(row, value, current, call.server)

    def _refuse_known(self, call: Call, name: str, parent: str, entry: Entry | None) -> None:
        dn = f"CN={escape_rdn(name)},{parent}"
        if any(other is not entry for other in self.store(call).known(dn)):
            raise failures.already_exists(dn)


def _enumerators(call: Call, row: Property, value: str) -> str:
    """The names in the spelling and order of the enumeration."""
    asked = [part.strip().lower() for part in value.split(",")] if row.kind == "flags" else [value.lower()]
    known = {name.lower(): name for name in row.names}
    for one in asked:
        if one not in known:
            raise refusals.not_an_enumerator(call.cmdlet, row.name, one, row.name, row.names)
    return ", ".join(known[name] for name in known if name in asked and (name != "none" or len(set(asked)) == 1))
