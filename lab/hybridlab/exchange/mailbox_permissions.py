# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rights on mailboxes: Get-, Add- and Remove-MailboxPermission."""

from __future__ import annotations

import typing as t

from hybridlab.clixml import Enum, Obj, ValueObj
from hybridlab.exchange import failures, principals
from hybridlab.exchange.call import Call
from hybridlab.exchange.directory import Entry
from hybridlab.exchange.mailbox_view import MAILBOX_KINDS
from hybridlab.exchange.principals import Ace
from hybridlab.records import Output, Record, Warned

ACES = "MailboxPermissions"  # the key under which an entry keeps its list
RIGHTS = {"FullAccess": 1, "SendAs": 2, "ExternalAccount": 4, "DeleteItem": 65536, "ReadPermission": 131072, "ChangePermission": 262144, "ChangeOwner": 524288}
INHERITANCE = {"None": 0, "All": 1, "Descendents": 2, "SelfAndChildren": 3, "Children": 4}
_TASKS = "Microsoft.Exchange.Management.RecipientTasks"
_TYPES = (f"{_TASKS}.MailboxAcePresentationObject", f"{_TASKS}.AcePresentationObject", "Microsoft.Exchange.Data.ConfigurableObject", "System.Object")
_ENUM = ("System.Enum", "System.ValueType", "System.Object")
PRINCIPAL_ID = ("Microsoft.Exchange.Configuration.Tasks.SecurityPrincipalIdParameter", "System.Object")


def inherited() -> list[Ace]:
    """What every mailbox has from its organization."""
    everything = frozenset(RIGHTS) - {"SendAs", "ExternalAccount"}
    return [
        Ace(principals.well_known(principals.DOMAIN_ADMINS), frozenset(("FullAccess",)), deny=True, inherited=True),
        Ace(principals.well_known(principals.ORGANIZATION_MANAGEMENT), frozenset(("FullAccess",)), deny=True, inherited=True),
        Ace(principals.well_known(principals.EXCHANGE_SERVERS), frozenset(("FullAccess", "ReadPermission")), inherited=True),
        Ace(principals.well_known(principals.ORGANIZATION_MANAGEMENT), everything - {"FullAccess"}, inherited=True),
    ]


def own(entry: Entry) -> list[Ace]:
    """The mailbox's own entries; a new mailbox has one, for its owner."""
    found = entry.values.get(ACES)
    owner = Ace(principals.well_known(principals.SELF), frozenset(("FullAccess", "ReadPermission")), inheritance="All")
    return [owner] if found is None else t.cast(list[Ace], found)


def _mailbox(call: Call) -> Entry:
    found = [entry for entry in call.server.recipients.find(call.identity) if entry.kind in MAILBOX_KINDS]
    if not found:
        raise failures.not_found(call.identity)
    if len(found) > 1:
        raise failures.ambiguous(call.identity)
    return found[0]


def _view(call: Call, entry: Entry, ace: Ace) -> Obj:
    held = [Enum((f"{_TASKS}.MailboxRights", *_ENUM), number, name) for name, number in RIGHTS.items() if name in ace.rights]
    return Obj(
        _TYPES,
        {
            "AccessRights": held,
            "Deny": ace.deny,
            "InheritanceType": Enum(("System.DirectoryServices.ActiveDirectorySecurityInheritance", *_ENUM), INHERITANCE[ace.inheritance], ace.inheritance),
            "User": ValueObj(PRINCIPAL_ID, ace.principal.shown(call.server)),
            "Identity": entry.canonical,
            "IsInherited": ace.inherited,
            "IsValid": True,
            "ObjectState": "Unchanged",
        },
        string=ace.principal.shown(call.server),
    )


def _refuse_unknown(call: Call, emulated: t.Collection[str]) -> None:
    for name in call.parameters:
        if name not in (*emulated, "Identity", "User", "DomainController", "IgnoreDefaultScope", "ReadFromDomainController"):
            raise failures.not_emulated(call.cmdlet, f"-{name}")


def get_mailbox_permission(call: Call) -> t.Iterable[Record]:
    _refuse_unknown(call, ("ResultSize",))
    entry = _mailbox(call)
    user = principals.principal(call.server, call.parameters["User"]) if call.parameters.get("User") else None
    return [Output(_view(call, entry, ace)) for ace in [*own(entry), *inherited()] if user is None or ace.principal == user]


def _asked(call: Call) -> Ace:
    given = call.parameters
    inheritance = str(given.get("InheritanceType") or "All")
    named = next((name for name in INHERITANCE if name.lower() == inheritance.lower()), None)
    if named is None:
        raise failures.refused(f"'{inheritance}' is no inheritance type.", "TaskArgumentException", "InvalidArgument")
    held = frozenset(part.strip() for right in given["AccessRights"] for part in right.split(","))
    return Ace(principals.principal(call.server, given["User"]), held, bool(given.get("Deny")), named)


def add_mailbox_permission(call: Call) -> t.Iterable[Record]:
    _refuse_unknown(call, ("AccessRights", "Deny", "InheritanceType", "AutoMapping"))
    entry = _mailbox(call)
    ace = _asked(call)
    after = principals.granted(own(entry), ace)
    if after is None:
        return [Warned(principals.already_present(entry.dn, ace.principal.shown(call.server)))]
    if not call.what_if:
        call.server.recipients.change(entry, {ACES: after})
    merged = next(one for one in after if one.place == ace.place)
    return [Output(_view(call, entry, merged))]


def remove_mailbox_permission(call: Call) -> t.Iterable[Record]:
    _refuse_unknown(call, ("AccessRights", "Deny", "InheritanceType"))
    entry = _mailbox(call)
    ace = _asked(call)
    after = principals.revoked(own(entry), ace)
    if after is None:
        if any(one.place == ace.place and one.rights & ace.rights for one in inherited()):
            return [Warned(principals.inherited_ignored(ace, entry.dn))]
        return [Warned(principals.not_present(entry.dn, ace.principal.shown(call.server)))]
    if not call.what_if:
        call.server.recipients.change(entry, {ACES: after})
    return []


HANDLERS = {
    "Get-MailboxPermission": get_mailbox_permission,
    "Add-MailboxPermission": add_mailbox_permission,
    "Remove-MailboxPermission": remove_mailbox_permission,
}
