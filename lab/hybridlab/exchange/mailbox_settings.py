# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings that every mailbox has, read and written by a noun of their own: what the nouns have in common."""

from __future__ import annotations

import dataclasses
import typing as t

from hybridlab.clixml import Obj
from hybridlab.exchange import failures
from hybridlab.exchange.call import Call, commit, listed
from hybridlab.exchange.directory import Entry, seen
from hybridlab.exchange.mailbox_table import Property
from hybridlab.exchange.mailbox_view import MAILBOX_KINDS, exists, rendered
from hybridlab.exchange.settings import stored
from hybridlab.records import Record

STORE_TYPES = (
    "Microsoft.Exchange.Data.Storage.Management.XsoMailboxConfigurationObject",
    "Microsoft.Exchange.Data.ConfigurableObject",
    "System.Object",
)


@dataclasses.dataclass(frozen=True)
class Sheet:
    """The settings of one noun.  A mailbox keeps what differs from the defaults, by property, under the noun in its `Entry.values`."""

    noun: str
    rows: dict[str, Property]
    types: tuple[str, ...]
    named: t.Callable[[Entry], dict[str, t.Any]]
    """The properties that say whose settings they are."""
    initial: t.Callable[[Entry], dict[str, t.Any]] = lambda entry: {}
    """Defaults that are not those of the rows, or depend on the kind of mailbox."""

    def read(self, entry: Entry, name: str) -> t.Any:
        kept = entry.values.get(self.noun, {})
        return kept[name] if name in kept else self.default(entry, name)

    def default(self, entry: Entry, name: str) -> t.Any:
        return self.initial(entry).get(name, self.rows[name].default)

    def view(self, call: Call, entry: Entry) -> Obj:
        rows = [row for row in self.rows.values() if exists(call.contract, f"Set-{self.noun}", row.name)]
        properties = {row.name: rendered(row.kind, self.read(entry, row.name)) for row in rows}
        return Obj(self.types, properties | self.named(entry), string=entry.canonical)

    def changes(self, call: Call, entry: Entry, special: t.Mapping[str, t.Callable[[t.Any], t.Any]]) -> dict[str, t.Any]:
        """The new values of the properties that the call names.  ``special`` has a function for what its row does not tell."""
        found = {}
        for name, value in call.settings.items():
            row = self.rows.get(name)
            if name in special:
                found[name] = special[name](value)
            elif row is None or not row.settable:
                raise failures.not_emulated(call.cmdlet, f"-{name}")
            else:
                found[name] = stored(row, value, self.read(entry, name), call.server)
        return found

    def write(self, call: Call, entry: Entry, changes: dict[str, t.Any], besides: dict[str, t.Any] | None = None) -> t.Iterable[Record]:
        """Keep the changes, and ``besides`` properties of the mailbox itself; a warning where nothing differs."""
        kept = {**entry.values.get(self.noun, {}), **changes}
        kept = {name: value for name, value in kept.items() if value != self.default(entry, name)}
        changed = {} if kept == entry.values.get(self.noun, {}) else {self.noun: kept}
        return commit(call, call.server.recipients, entry, changed | (besides or {}))


def owner(call: Call, kinds: t.Sequence[str] = MAILBOX_KINDS) -> Entry:
    """The one mailbox that a call is about.  Raises `failures.Refused`."""
    found = [entry for entry in call.server.recipients.find(call.identity) if entry.kind in kinds]
    if not found:
        raise failures.not_found(call.identity)
    if len(found) > 1:
        raise failures.ambiguous(call.identity)
    return found[0]


def owners(call: Call) -> list[Entry]:
    """The mailboxes whose settings a Get- cmdlet reads; without an identity all of them."""
    store = call.server.recipients
    candidates = [entry for entry in store if seen(entry)] if call.identity is None else store.match(str(call.identity))
    found = [entry for entry in candidates if entry.kind in MAILBOX_KINDS and entry.kind != "PublicFolderMailbox"]
    if call.identity is not None and not found and "*" not in str(call.identity):
        raise failures.not_found(call.identity)
    return found


def get(sheet: Sheet, *emulated: str) -> t.Callable[[Call], t.Iterable[Record]]:
    """The handler of a Get- cmdlet; ``emulated`` names its parameters besides the identity and those about the way to work."""

    def handler(call: Call) -> t.Iterable[Record]:
        for name in call.parameters:
            if name not in ("Identity", "ResultSize", "DomainController", "ReadFromDomainController", "IgnoreDefaultScope", *emulated):
                raise failures.not_emulated(call.cmdlet, f"-{name}")
        return listed(call, owners(call), lambda entry: sheet.view(call, entry))

    return handler


def owned(entry: Entry) -> dict[str, t.Any]:
    """How an object in the mailbox's store names its owner."""
    return {"MailboxOwnerId": entry.canonical, "Identity": entry.canonical, "IsValid": True, "ObjectState": "Unchanged"}
