# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mailboxes as Get-Mailbox returns them."""

from __future__ import annotations

import functools
import typing as t
import uuid

from hybridlab.clixml import STRING_ELEMENT, MultiValued, Obj, multivalued_types
from hybridlab.contract.check import ONLINE, VERSIONS, Contract
from hybridlab.exchange import values
from hybridlab.exchange.directory import Entry
from hybridlab.exchange.mailbox_table import LISTS, PROPERTIES, Property
from hybridlab.exchange.recipient_table import ALL

MAILBOX_KINDS = ("UserMailbox", "SharedMailbox", "RoomMailbox", "EquipmentMailbox", "PublicFolderMailbox")
RECIPIENT_BASE = (
    "Microsoft.Exchange.Data.Directory.Management.MailEnabledRecipient",
    "Microsoft.Exchange.Data.Directory.Management.ADPresentationObject",
    "Microsoft.Exchange.Data.Directory.ADObject",
    "Microsoft.Exchange.Data.Directory.ADRawEntry",
    "Microsoft.Exchange.Data.ConfigurableObject",
    "System.Object",
)
TYPES = ("Microsoft.Exchange.Data.Directory.Management.Mailbox", "Microsoft.Exchange.Data.Directory.Management.MailEnabledOrgPerson", *RECIPIENT_BASE)
_ASSEMBLY = "Version=15.0.0.0, Culture=neutral, PublicKeyToken=31bf3856ad364e35"
_ID_ELEMENT = f"Microsoft.Exchange.Data.Directory.ADObjectId, Microsoft.Exchange.Data.Directory, {_ASSEMBLY}"
_PROXY_ELEMENT = f"Microsoft.Exchange.Data.ProxyAddress, Microsoft.Exchange.Data, {_ASSEMBLY}"
TEXT_LIST = multivalued_types(STRING_ELEMENT)
REFERENCE_LIST = (f"Microsoft.Exchange.Data.Directory.ADMultiValuedProperty`1[[{_ID_ELEMENT}]]", *multivalued_types(_ID_ELEMENT))
PROXY_LIST = (
    "Microsoft.Exchange.Data.ProxyAddressCollection",
    f"Microsoft.Exchange.Data.ProxyAddressBaseCollection`1[[{_PROXY_ELEMENT}]]",
    *multivalued_types(_PROXY_ELEMENT),
)
_LIST_TYPES = {"proxies": PROXY_LIST, "refs": REFERENCE_LIST, "senders": REFERENCE_LIST, "groups": REFERENCE_LIST}


def exists(contract: Contract, cmdlet: str, name: str) -> bool:
    """Whether this version returns a property: not if the parameter that writes it belongs to other versions of the server.

    Exchange Online shows many properties that only the server, or the directory, can set.
    """
    if contract.version == ONLINE or contract.has(cmdlet, name):
        return True
    return not any(Contract(version).has(cmdlet, name) for version in (*VERSIONS, ONLINE))


def rendered(kind: str, value: t.Any) -> t.Any:
    """A stored value as it goes out."""
    if kind in LISTS:
        items = [item.canonical if isinstance(item, Entry) else item for item in value]
        return MultiValued(items, _LIST_TYPES.get(kind, TEXT_LIST))
    if isinstance(value, Entry):
        return value.canonical
    if kind == "guid" and isinstance(value, str):
        return uuid.UUID(value)
    return value


@functools.cache
def _template(version: str) -> tuple[dict[str, t.Any], dict[str, Property]]:
    """Every property with its default, ready to send, and the rows of those whose stored values need a form of their own."""
    contract = Contract(version)
    rows = {name: row for name, row in PROPERTIES.items() if exists(contract, "Set-Mailbox", name)}
    return {name: rendered(row.kind, row.default) for name, row in rows.items()}, rows


def mailbox(contract: Contract, entry: Entry, build: str, public_folders: t.Sequence[Entry], sharing: str) -> Obj:
    """One mailbox.

    ``public_folders`` are the mailboxes that show the hierarchy to those without a default of their own, ``sharing`` is the sharing policy of those without
    one of their own.
    """
    template, rows = _template(contract.version)
    properties = {**template, "SharingPolicy": sharing}
    for name, value in entry.values.items():
        row = rows.get(name)
        if row is not None:
            properties[name] = rendered(row.kind, value) if type(value) in _FORMED or row.kind == "guid" else value
    properties.update(identification(entry))
    properties["AdminDisplayVersion"] = build
    chosen = entry.values.get("DefaultPublicFolderMailbox") or (public_folders[entry.guid.int % len(public_folders)] if public_folders else None)
    if chosen is not None:
        properties["EffectivePublicFolderMailbox"] = chosen.canonical
    return Obj(TYPES, properties, string=entry.canonical)


_FORMED = (list, Entry)


def identification(entry: Entry) -> dict[str, t.Any]:
    """What every object of the directory has, as plain strings."""
    canonical, created, changed = entry.canonical, entry.created, entry.changed
    return {
        "Identity": canonical,
        "Id": canonical,
        "Name": entry.name,
        "DistinguishedName": entry.dn,
        "Guid": entry.guid,
        "OrganizationalUnit": entry.container,
        "WhenChanged": values.local(changed),
        "WhenCreated": values.local(created),
        "WhenChangedUTC": changed,
        "WhenCreatedUTC": created,
    }


def read(entry: Entry, name: str) -> t.Any:
    """A property's stored value or default, for filters."""
    if name in entry.values:
        return entry.values[name]
    if name in ("Identity", "Id", "Name", "DistinguishedName", "Guid", "OrganizationalUnit"):
        return identification(entry)[name]
    row = ALL.get(name)
    return row.default if row else None
