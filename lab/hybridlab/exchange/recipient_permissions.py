# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may send as a recipient in Exchange Online: Get-, Add- and Remove-RecipientPermission."""

from __future__ import annotations

import typing as t

from hybridlab.clixml import Enum, MultiValued, Obj
from hybridlab.exchange import ad_permissions, failures, principals
from hybridlab.exchange.call import Call, Handler
from hybridlab.exchange.directory import Entry
from hybridlab.exchange.principals import Ace
from hybridlab.records import Output, Record, Warned

_TASKS = "Microsoft.Exchange.Management.RecipientTasks"
_TYPES = (f"{_TASKS}.RecipientPermission", "Microsoft.Exchange.Data.ConfigurableObject", "System.Object")
_CONTROL = ("System.Security.AccessControl.AccessControlType", "System.Enum", "System.ValueType", "System.Object")
_RIGHT = f"{_TASKS}.RecipientAccessRight"
_LIMIT = ("ExtendedRights", "Send-As")
_EMULATED = "Identity Trustee AccessRights ResultSize Deny".split()


def _recipient(call: Call) -> Entry:
    for name in call.parameters:
        if name not in _EMULATED:
            raise failures.not_emulated(call.cmdlet, f"-{name}")
    found = call.server.recipients.find(call.identity)
    if not found:
        raise failures.not_found(call.identity)
    if len(found) > 1:
        raise failures.ambiguous(call.identity)
    return found[0]


def _sends(ace: Ace) -> bool:
    return _LIMIT in ace.limits


def _shown(call: Call, ace: Ace) -> str:
    """A mailbox or a user by its principal name, everybody else as elsewhere."""
    entry = ace.principal.entry
    principal_name = entry.values.get("UserPrincipalName") if entry is not None and entry.guid in call.server.recipients.entries else None
    return str(principal_name or ace.principal.shown(call.server))


def _view(call: Call, entry: Entry, ace: Ace) -> Obj:
    return Obj(
        _TYPES,
        {
            "Identity": entry.name,
            "Trustee": _shown(call, ace),
            "AccessControlType": Enum(_CONTROL, int(ace.deny), "Deny" if ace.deny else "Allow"),
            "AccessRights": MultiValued(["SendAs"], _RIGHT),
            "IsInherited": ace.inherited,
            "InheritanceType": "None",
            "IsValid": True,
            "ObjectState": "Unchanged",
        },
        string=entry.name,
    )


def get_recipient_permission(call: Call) -> t.Iterable[Record]:
    if call.identity is None:
        raise failures.not_emulated(call.cmdlet, "a list of all recipients")
    entry = _recipient(call)
    trustee = principals.principal(call.server, call.parameters["Trustee"]) if call.parameters.get("Trustee") else None
    aces = [ace for ace in ad_permissions.own(entry) if _sends(ace)]
    return [Output(_view(call, entry, ace)) for ace in aces if trustee is None or ace.principal == trustee]


def _asked(call: Call) -> Ace:
    if [str(right).casefold() for right in call.parameters["AccessRights"]] != ["sendas"]:
        raise failures.invalid("The access rights can only be SendAs.")
    trustee = principals.principal(call.server, call.parameters["Trustee"])
    return Ace(trustee, frozenset(("ExtendedRight",)), bool(call.parameters.get("Deny")), limits=(_LIMIT,))


def add_recipient_permission(call: Call) -> t.Iterable[Record]:
    entry, ace = _recipient(call), _asked(call)
    after = principals.granted(ad_permissions.own(entry), ace)
    if after is None:
        return [Warned(principals.already_present(entry.dn, _shown(call, ace)))]
    if not call.what_if:
        call.server.recipients.change(entry, {ad_permissions.ACES: after})
    return [Output(_view(call, entry, ace))]


def remove_recipient_permission(call: Call) -> t.Iterable[Record]:
    entry, ace = _recipient(call), _asked(call)
    after = principals.revoked(ad_permissions.own(entry), ace)
    if after is None:
        return [Warned(principals.not_present(entry.dn, _shown(call, ace)))]
    if not call.what_if:
        call.server.recipients.change(entry, {ad_permissions.ACES: after})
    return []


HANDLERS: dict[str, Handler] = {
    "Get-RecipientPermission": get_recipient_permission,
    "Add-RecipientPermission": add_recipient_permission,
    "Remove-RecipientPermission": remove_recipient_permission,
}
