# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How properties of recipients are written to objects of the directory and read from them; `hybridlab.exchange.ad_table` says which."""

from __future__ import annotations

import datetime
import functools
import typing as t
import uuid

from hybridlab.ad import accounts, syntaxes
from hybridlab.ad.directory import Directory, DirectoryObject
from hybridlab.ad.reading import UF_DISABLED
from hybridlab.exchange.ad_table import BY_DETAILS, GROUP_TYPES, KINDS, POLICY, REMOTE_TYPES, SHARED, TABLE, UNIONS, Kind
from hybridlab.exchange.directory import DOMAIN, Entry

_NOTHING = uuid.UUID(int=0)
_TIME = "%Y%m%d%H%M%S.0Z"


class Objects(t.Protocol):
    """What the functions need of the store of recipients."""

    directory: Directory

    def target(self, item: Entry | str) -> DirectoryObject | None:
        """The object behind an entry, or behind a canonical name."""

    def shown(self, target: DirectoryObject) -> Entry | str:
        """An object as a property shows it."""

    def database(self, name: str) -> DirectoryObject:
        """The object of a mailbox database."""


@functools.lru_cache(maxsize=1024)
def _moment(value: bytes) -> datetime.datetime:
    return datetime.datetime.strptime(value.decode(), _TIME).replace(tzinfo=datetime.UTC)


def of_kind(name: str) -> Kind:
    """What an object of this kind is in the directory."""
    return KINDS.get(name, KINDS["User"])


def kind_of(one: DirectoryObject) -> str:
    """What Exchange takes an object for."""
    known = BY_DETAILS.get(one.number("msExchRecipientTypeDetails"))
    if known is not None:
        return known
    if one.is_a("contact"):
        return "Contact"
    if not one.is_a("group"):
        return "User"
    group_type = one.number("groupType")
    if not group_type & accounts.UNIVERSAL:
        return "NonUniversalGroup"
    return "UniversalSecurityGroup" if group_type & accounts.SECURITY else "UniversalDistributionGroup"


def canonical(one: DirectoryObject | None) -> str:
    """``contoso.com/Users/Dave``, without the escapes that only LDAP's form of it has."""
    parts: list[str] = []
    while one is not None and one.rdn and not one.is_a("domain"):
        parts.append(one.name)
        one = one.parent
    return "/".join([DOMAIN, *reversed(parts)])


# Properties that are more than one attribute's value.


def _write_control(store: Objects, one: DirectoryObject, disabled: t.Any) -> None:
    if one.is_a("user"):
        control = one.number("userAccountControl", accounts.UF_NORMAL) & ~UF_DISABLED
        store.directory.assign(one, "userAccountControl", control | (UF_DISABLED if disabled else 0))


def _read_control(_: Objects, one: DirectoryObject) -> dict[str, t.Any]:
    return {"AccountDisabled": bool(one.number("userAccountControl") & UF_DISABLED)} if one.is_a("user") else {}


def _write_owners(store: Objects, one: DirectoryObject, owners: t.Any) -> None:
    """The directory has one owner; Exchange keeps the others in a link of its own."""
    found = [target for item in owners or () if (target := store.target(item)) is not None]
    store.directory.assign(one, "managedBy", found[:1])
    store.directory.assign(one, "msExchCoManagedByLink", found[1:])


def _read_owners(store: Objects, one: DirectoryObject) -> dict[str, t.Any]:
    targets = [*one.links.get("managedBy", ()), *one.links.get("msExchCoManagedByLink", ())]
    return {"ManagedBy": [store.shown(target) for target in targets]} if targets else {}


def _write_policy(store: Objects, one: DirectoryObject, enabled: t.Any) -> None:
    store.directory.assign(one, "msExchPoliciesIncluded", [POLICY] if enabled else None)
    store.directory.assign(one, "msExchPoliciesExcluded", None if enabled else [POLICY])


def _read_policy(_: Objects, one: DirectoryObject) -> dict[str, t.Any]:
    if "msExchPoliciesExcluded" in one.values:
        return {"EmailAddressPolicyEnabled": POLICY not in one.texts("msExchPoliciesExcluded")}
    return {"EmailAddressPolicyEnabled": True} if "msExchPoliciesIncluded" in one.values else {}


def _write_remote(store: Objects, one: DirectoryObject, text: t.Any) -> None:
    value = sum(bit for name, bit in REMOTE_TYPES if name in str(text).split(", ")) | (SHARED if "SharedMailbox" in str(text) else 0)
    store.directory.assign(one, "msExchRemoteRecipientType", value or None)


def _read_remote(_: Objects, one: DirectoryObject) -> dict[str, t.Any]:
    value = one.number("msExchRemoteRecipientType")
    if not value:
        return {}
    shared = value & SHARED == SHARED
    shown = [name for name, bit in REMOTE_TYPES if value & bit and not (shared and bit & SHARED)]
    return {"RemoteRecipientType": ", ".join([*shown, *(["SharedMailbox"] if shared else [])])}


def _write_group_type(store: Objects, one: DirectoryObject, text: t.Any) -> None:
    if text in GROUP_TYPES:
        store.directory.assign(one, "groupType", GROUP_TYPES[text])


def _read_group_type(_: Objects, one: DirectoryObject) -> dict[str, t.Any]:
    value = one.number("groupType") & ~1
    return {"GroupType": next((name for name, number in GROUP_TYPES.items() if number == value), "Universal")} if one.is_a("group") else {}


def write_database(store: Objects, one: DirectoryObject, name: t.Any) -> None:
    store.directory.assign(one, "homeMDB", [store.database(str(name))] if name else None)


def _read_database(_: Objects, one: DirectoryObject) -> dict[str, t.Any]:
    target = one.target("homeMDB")
    return {"Database": target.name} if target is not None else {}


def _read_identity(_: Objects, one: DirectoryObject) -> dict[str, t.Any]:
    """What follows from other attributes: class, security identifier, primary address, manager."""
    found: dict[str, t.Any] = {"ObjectClass": list(one.classes)} | ({} if not one.is_a("group") or one.links.get("member") else {"Members": []})
    sid, manager = one.raw("objectSid"), one.target("manager")
    primary = next((text[5:] for text in one.texts("proxyAddresses") if text.startswith("SMTP:")), "")
    found |= {"Sid": syntaxes.sid_text(sid)} if sid else {}
    found |= {"Manager": canonical(manager)} if manager is not None else {}
    found |= {"PrimarySmtpAddress": primary} if primary else {}
    if "msExchRecipientTypeDetails" in one.values and kind_of(one).startswith("Remote"):
        found["OnPremisesOrganizationalUnit"] = canonical(one.parent)
    return found


_Writer = t.Callable[[Objects, DirectoryObject, t.Any], None]
_Reader = t.Callable[[Objects, DirectoryObject], dict[str, t.Any]]
WRITERS: dict[str, _Writer] = {
    "AccountDisabled": _write_control,
    "ManagedBy": _write_owners,
    "EmailAddressPolicyEnabled": _write_policy,
    "RemoteRecipientType": _write_remote,
    "GroupType": _write_group_type,
    "Database": write_database,
}
READERS: tuple[_Reader, ...] = (_read_control, _read_owners, _read_policy, _read_remote, _read_group_type, _read_database, _read_identity)
OWNED = frozenset({*TABLE, *UNIONS, *WRITERS, "ObjectClass", "Sid", "Manager", "PrimarySmtpAddress", "OnPremisesOrganizationalUnit"})
BY_ATTRIBUTE: dict[str, list[tuple[str, str]]] = {}
for _property, _row in TABLE.items():
    BY_ATTRIBUTE.setdefault(_row.attribute, []).append((_property, _row.codec))
INCOMING: dict[str, t.Callable[[list[bytes]], t.Any]] = {
    "text": lambda values: values[0].decode(),
    "texts": lambda values: [value.decode() for value in values],
    "number": lambda values: int(values[0]),
    "truth": lambda values: values[0] == b"TRUE",
    "guid": lambda values: uuid.UUID(bytes_le=values[0]),
    "time": lambda values: _moment(values[0]),
}


def outgoing(store: Objects, codec: str, value: t.Any) -> t.Any:
    """A property's value as `hybridlab.ad.directory` takes it; None for what is empty."""
    if codec in ("object", "objects"):
        items = value if isinstance(value, list) else [] if value is None else [value]
        return [found for item in items if (found := store.target(item)) is not None]
    if value in (None, "", []) or value in (_NOTHING, str(_NOTHING)):
        return None
    return uuid.UUID(str(value)) if codec == "guid" else value


def properties(store: Objects, one: DirectoryObject) -> dict[str, t.Any]:
    """All that the directory holds of a recipient, under the names of its properties."""
    found: dict[str, t.Any] = {}
    is_remote = kind_of(one).startswith("Remote")
    for attribute, values in one.values.items():
        for name, codec in BY_ATTRIBUTE.get(attribute, ()):
            found[name] = INCOMING[codec](values)
    for attribute, targets in one.links.items():
        for name, codec in BY_ATTRIBUTE.get(attribute, ()):
            shown = [store.shown(target) for target in targets]
            found[name] = shown if codec == "objects" else shown[0]
    if is_remote or "RemoteRoutingAddress" not in found:
        found.pop("ExternalEmailAddress", None)
    else:
        found.pop("RemoteRoutingAddress")
    for name, parts in UNIONS.items():
        whole = [item for part in parts for item in found.get(part, ())]
        found |= {name: whole} if whole else {}
    for function in READERS:
        found |= function(store, one)
    return found
