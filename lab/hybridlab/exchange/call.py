# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One call on its way through a cmdlet."""

from __future__ import annotations

import dataclasses
import typing as t

from hybridlab.contract.check import ONLINE, Contract
from hybridlab.exchange import failures
from hybridlab.exchange.directory import Entry, Store, seen
from hybridlab.records import Output, Record, Warned

if t.TYPE_CHECKING:
    from hybridlab.exchange.server import Exchange

TRUNCATED_BY_DEFAULT = (
    "By default, only the first 1000 items are returned. Use the ResultSize parameter to specify the number of items returned. To return all items, "
    'specify "-ResultSize Unlimited". Be aware that, depending on the actual number of items, returning all items can take a long time and consume a '
    "large amount of memory. Also, we don't recommend storing the results in a variable. Instead, pipe the results to another task or script to "
    "perform batch changes."
)
TRUNCATED = "There are more results available than are currently displayed. To view them, increase the value for the ResultSize parameter."
# Say how to work; never a property of the object.
WORKING = {
    "Identity",
    "DomainController",
    "Force",
    "IgnoreDefaultScope",
    "PublicFolder",
    "Arbitration",
    "Migration",
    "AuditLog",
    "AuxAuditLog",
    "SkipDualWrite",
}


EDGE_ONLY = ("Get-IPBlockListProvidersConfig", "Set-IPBlockListProvidersConfig", "Get-TransportAgent", "Enable-TransportAgent", "Disable-TransportAgent")


@dataclasses.dataclass
class Call:
    """A bound call and the organisation it acts on."""

    server: Exchange
    cmdlet: str
    parameters: dict[str, t.Any]
    what_if: bool

    @property
    def contract(self) -> Contract:
        return self.server.contract

    @property
    def policies(self) -> bool:
        """Whether email address policies keep the addresses of new recipients; Exchange Online has none for these."""
        return self.contract.version != ONLINE

    @property
    def identity(self) -> t.Any:
        return self.parameters.get("Identity")

    @property
    def settings(self) -> dict[str, t.Any]:
        """The parameters that are about the object."""
        return {name: value for name, value in self.parameters.items() if name not in WORKING}

    def fresh(self, entry: Entry) -> Entry:
        """A new object, as late as replication makes it when that fault is armed."""
        fault = self.server.faults.take("replica-lag", self.cmdlet)
        entry.unseen = int(fault["reads"]) if fault else 0
        return entry


Handler = t.Callable[[Call], t.Iterable[Record]]
View = t.Callable[[Entry], t.Any]


def edge_only(call: Call) -> t.Iterable[Record]:
    """What the lab emulates on Edge Transport servers (`edge`), asked of another server."""
    raise failures.not_emulated(call.cmdlet, "servers without the Edge Transport role")


def listed(call: Call, entries: t.Sequence[Entry], view: View) -> t.Iterator[Record]:
    """The objects, up to ResultSize, and the warning of a shortened list."""
    wanted = call.parameters.get("ResultSize")
    limit = None if wanted == "Unlimited" else 1000 if wanted is None else int(wanted)
    warning = TRUNCATED_BY_DEFAULT if wanted is None else TRUNCATED
    fault = call.server.faults.peek("truncated-list") if call.identity is None else None
    if fault and len(entries) > int(fault["keep"]) and call.server.faults.take("truncated-list", call.cmdlet):
        limit = int(fault["keep"])
    for entry in entries if limit is None else entries[:limit]:
        yield Output(view(entry))
    if limit is not None and len(entries) > limit:
        yield Warned(warning)


def found(call: Call, store: Store) -> list[Entry]:
    """What a Get- cmdlet without filters of its own reads.  Raises `failures.Refused` for an identity that fits nothing."""
    if call.identity is None:
        return [entry for entry in store if seen(entry)]
    entries = store.match(str(call.identity))
    if not entries and "*" not in str(call.identity):
        raise failures.not_found(call.identity)
    return entries


def commit(call: Call, store: Store, entry: Entry, changes: dict[str, t.Any], name: str | None = None, kind: str | None = None) -> t.Iterator[Record]:
    """Write what differs, or warn that nothing does.  -WhatIf ends here."""
    different = {key: value for key, value in changes.items() if key not in entry.values or entry.values[key] != value}
    if not different and (name is None or name == entry.name) and (kind is None or kind == entry.kind):
        yield Warned(failures.unchanged(entry.canonical if entry.container.startswith("contoso.com") else entry.name))
    elif not call.what_if:
        store.change(entry, different, name, kind)


def valid_name(name: str, longest: int = 64) -> str:
    """Raises `failures.Refused` for what Active Directory does not take as a common name."""
    if not name or any(ord(character) < 32 or ord(character) == 127 for character in name):
        raise failures.invalid(f"The value \"{name}\" of property 'Name' isn't valid: it is empty or contains control characters.")
    if name != name.strip():
        raise failures.invalid("The property value is invalid. The value can't contain leading or trailing whitespace. Property Name: Name")
    if len(name) > longest:
        raise failures.invalid(f"The length of the property is too long. The maximum length is {longest} and the length of the value provided is {len(name)}.")
    return name
