# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rights on objects of Active Directory: Get-, Add- and Remove-ADPermission."""

from __future__ import annotations

import typing as t

from hybridlab.clixml import Enum, Obj, ValueObj
from hybridlab.exchange import failures, principals
from hybridlab.exchange.call import Call
from hybridlab.exchange.directory import Entry, Store
from hybridlab.exchange.mailbox_permissions import INHERITANCE, PRINCIPAL_ID
from hybridlab.exchange.principals import Ace
from hybridlab.records import Output, Record, Warned

ACES = "ADPermissions"  # the key under which an entry keeps its list
# System.DirectoryServices.ActiveDirectoryRights; the last four stand for several.
BITS = {
    "CreateChild": 0x1,
    "DeleteChild": 0x2,
    "ListChildren": 0x4,
    "Self": 0x8,
    "ReadProperty": 0x10,
    "WriteProperty": 0x20,
    "DeleteTree": 0x40,
    "ListObject": 0x80,
    "ExtendedRight": 0x100,
    "Delete": 0x10000,
    "ReadControl": 0x20000,
    "WriteDacl": 0x40000,
    "WriteOwner": 0x80000,
    "Synchronize": 0x100000,
    "AccessSystemSecurity": 0x1000000,
}
GENERIC = {"GenericAll": 0xF01FF, "GenericRead": 0x20094, "GenericWrite": 0x20028, "GenericExecute": 0x20004}
_EXTENDED = (
    "Send-As Receive-As User-Change-Password User-Force-Change-Password ms-Exch-SMTP-Submit ms-Exch-SMTP-Accept-Any-Recipient "
    "ms-Exch-SMTP-Accept-Any-Sender ms-Exch-SMTP-Accept-Authoritative-Domain-Sender ms-Exch-SMTP-Accept-Authentication-Flag ms-Exch-Accept-Headers-Routing "
    "ms-Exch-Accept-Headers-Organization ms-Exch-Accept-Headers-Forest ms-Exch-Bypass-Anti-Spam ms-Exch-Bypass-Message-Size-Limit "
    "ms-Exch-Send-Headers-Routing ms-Exch-Store-Admin ms-Exch-Store-Create-Named-Properties ms-Exch-EPI-Impersonation ms-Exch-EPI-Token-Serialization"
).split()
_SCHEMA = (
    "Personal-Information Public-Information Web-Information Email-Information Telephone-Number Description Member Public-Delegates Display-Name "
    "ms-Exch-Public-Delegates Phone-And-Mail-Options user group contact computer organizational-Unit publicFolder inetOrgPerson msExchActiveSyncDevices"
).split()
_TASKS = "Microsoft.Exchange.Management.RecipientTasks"
_TYPES = (f"{_TASKS}.ADAcePresentationObject", f"{_TASKS}.AcePresentationObject", "Microsoft.Exchange.Data.ConfigurableObject", "System.Object")
_ENUM = ("System.Enum", "System.ValueType", "System.Object")
_EMULATED = "Identity User AccessRights ExtendedRights Properties ChildObjectTypes InheritedObjectType InheritanceType Deny DomainController".split()


def inherited(entry: Entry) -> list[Ace]:
    """What objects have from their domain or their organization."""
    servers, admins = principals.well_known(principals.EXCHANGE_SERVERS), principals.well_known(principals.DOMAIN_ADMINS)
    return [
        Ace(admins, _singles("GenericAll"), inherited=True),
        Ace(servers, frozenset(("ReadProperty", "ReadControl")), inherited=True),
        Ace(servers, frozenset(("ExtendedRight",)), limits=(("ExtendedRights", "Send-As"),), inherited=True),
    ]


def own(entry: Entry) -> list[Ace]:
    """The object's own entries; an account has some for itself."""
    if ACES in entry.values:
        return t.cast(list[Ace], entry.values[ACES])
    if not entry.values.get("SamAccountName") or "UserPrincipalName" not in entry.values:
        return []
    owner = principals.well_known(principals.SELF)
    return [Ace(owner, frozenset(("ExtendedRight",)), limits=(("ExtendedRights", right),)) for right in ("Send-As", "Receive-As", "User-Change-Password")]


def _singles(right: str) -> frozenset[str]:
    bits = GENERIC.get(right) or BITS[right]
    return frozenset(name for name, bit in BITS.items() if bit & bits)


def _printed(rights: t.Collection[str]) -> list[Enum]:
    """As .NET prints flags: the names that cover most first."""
    left = sum(BITS[name] for name in rights)
    found = []
    for name, bits in (*GENERIC.items(), *BITS.items()):
        if left & bits == bits:
            found.append(Enum(("System.DirectoryServices.ActiveDirectoryRights", *_ENUM), bits, name))
            left &= ~bits
    return found


def _stores(call: Call) -> list[Store]:
    """Everything that an organisation keeps in the directory, each store once."""
    kept = [one for value in vars(call.server).values() for one in (value.values() if isinstance(value, dict) else [value])]
    outside = (call.server.stores, call.server.migrations)  # what databases hold is not in the directory
    return list({id(one): one for one in kept if isinstance(one, Store) and not any(one is other for other in outside)}.values())


def _object(call: Call) -> tuple[Store, Entry]:
    """Any object of the directory; recipients answer to fewer names than elsewhere.  Raises `failures.Refused`."""
    wanted = str(call.identity).lower()
    found: list[tuple[Store, Entry]] = []
    for store in _stores(call):
        for entry in store.find(call.identity):
            directory = (entry.name, entry.dn, entry.canonical, str(entry.guid), entry.values.get("UserPrincipalName", ""))
            if store is not call.server.recipients or wanted in map(str.lower, directory):
                found.append((store, entry))
    if not found:
        raise failures.not_found(call.identity)
    if len(found) > 1:
        raise failures.ambiguous(call.identity)
    return found[0]


def _view(call: Call, entry: Entry, ace: Ace) -> Obj:
    limits = dict(ace.limits)
    shown = ace.principal.shown(call.server)
    inheritance = Enum(("System.DirectoryServices.ActiveDirectorySecurityInheritance", *_ENUM), INHERITANCE[ace.inheritance], ace.inheritance)
    several = {name: [limits[name]] if name in limits else None for name in ("ExtendedRights", "Properties", "ChildObjectTypes")}
    return Obj(
        _TYPES,
        {
            "AccessRights": _printed(ace.rights),
            **several,
            "InheritedObjectType": limits.get("InheritedObjectType"),
            "InheritanceType": inheritance,
            "Deny": ace.deny,
            "User": ValueObj(PRINCIPAL_ID, shown),
            "Identity": entry.canonical if entry.container else entry.name,
            "IsInherited": ace.inherited,
            "IsValid": True,
            "ObjectState": "Unchanged",
        },
        string=shown,
    )


def _refuse_unknown(call: Call) -> None:
    for name in call.parameters:
        if name not in _EMULATED:
            raise failures.not_emulated(call.cmdlet, f"-{name}")


def get_ad_permission(call: Call) -> t.Iterable[Record]:
    _refuse_unknown(call)
    _, entry = _object(call)
    user = principals.principal(call.server, call.parameters["User"]) if call.parameters.get("User") else None
    return [Output(_view(call, entry, ace)) for ace in [*own(entry), *inherited(entry)] if user is None or ace.principal == user]


def _known(names: t.Collection[str], kind: str, given: str) -> str:
    """The directory's spelling of an extended right or of a part of the schema."""
    folded = given.replace(" ", "-").lower()
    found = next((name for name in names if folded in (name.lower(), name.replace("-", "").lower())), None)
    if found is None:
        raise failures.reference_not_found(kind, given)
    return found


def _asked(call: Call) -> list[Ace]:
    """The entries that the parameters describe: one for each extended right, property or class, otherwise one."""
    given = call.parameters
    inheritance = next((name for name in INHERITANCE if name.lower() == str(given.get("InheritanceType") or "All").lower()), "All")
    extended = [_known(_EXTENDED, "extended right", one) for one in given.get("ExtendedRights") or ()]
    named = [right.strip() for one in given.get("AccessRights") or () for right in one.split(",")]
    plain = frozenset(single for right in named if not (extended and right == "ExtendedRight") for single in _singles(right))
    if not plain and not extended:
        raise failures.refused("You must specify either AccessRights or ExtendedRights.", "TaskArgumentException", "InvalidArgument")
    common: tuple[tuple[str, str], ...] = ()
    if given.get("InheritedObjectType"):
        common = (("InheritedObjectType", _known(_SCHEMA, "schema object", given["InheritedObjectType"])),)
    parts = [(name, _known(_SCHEMA, "schema object", one)) for name in ("Properties", "ChildObjectTypes") for one in given.get(name) or ()]
    user, deny = principals.principal(call.server, given["User"]), bool(given.get("Deny"))
    found = [Ace(user, frozenset(("ExtendedRight",)), deny, inheritance, (("ExtendedRights", one), *common)) for one in extended]
    if plain:
        found += [Ace(user, plain, deny, inheritance, (part, *common)) for part in parts] or [Ace(user, plain, deny, inheritance, common)]
    return found


def add_ad_permission(call: Call) -> t.Iterable[Record]:
    _refuse_unknown(call)
    store, entry = _object(call)
    records: list[Record] = []
    for ace in _asked(call):
        after = principals.granted(own(entry), ace)
        if after is None:
            records.append(Warned(principals.already_present(entry.dn, ace.principal.shown(call.server))))
            continue
        if not call.what_if:
            store.change(entry, {ACES: after})
        records.append(Output(_view(call, entry, next(one for one in after if one.place == ace.place))))
    return records


def remove_ad_permission(call: Call) -> t.Iterable[Record]:
    _refuse_unknown(call)
    store, entry = _object(call)
    records: list[Record] = []
    for ace in _asked(call):
        after = principals.revoked(own(entry), ace)
        if after is not None:
            if not call.what_if:
                store.change(entry, {ACES: after})
        elif any(one.place == ace.place and one.rights & ace.rights for one in inherited(entry)):
            records.append(Warned(principals.inherited_ignored(ace, entry.dn)))
        else:
            records.append(Warned(principals.not_present(entry.dn, ace.principal.shown(call.server))))
    return records


HANDLERS = {
    "Get-ADPermission": get_ad_permission,
    "Add-ADPermission": add_ad_permission,
    "Remove-ADPermission": remove_ad_permission,
}
