# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who can have rights: accounts, security groups, well-known principals; and entries of access control lists."""

from __future__ import annotations

import dataclasses
import typing as t

from hybridlab.exchange import failures
from hybridlab.exchange.directory import NETBIOS, Entry, derived_rid

if t.TYPE_CHECKING:
    from hybridlab.exchange.server import Exchange

_DOMAIN_SID = "S-1-5-21-1004336348-1177238915-682003330"
SELF = "NT AUTHORITY\\SELF"
DOMAIN_ADMINS = f"{NETBIOS}\\Domain Admins"
EXCHANGE_SERVERS = f"{NETBIOS}\\Exchange Servers"
ORGANIZATION_MANAGEMENT = f"{NETBIOS}\\Organization Management"
ANONYMOUS = "NT AUTHORITY\\ANONYMOUS LOGON"
WELL_KNOWN = {
    SELF: "S-1-5-10",
    ANONYMOUS: "S-1-5-7",
    "NT AUTHORITY\\Authenticated Users": "S-1-5-11",
    "NT AUTHORITY\\NETWORK SERVICE": "S-1-5-20",
    "Everyone": "S-1-1-0",
    DOMAIN_ADMINS: f"{_DOMAIN_SID}-512",
    EXCHANGE_SERVERS: f"{_DOMAIN_SID}-1111",
    ORGANIZATION_MANAGEMENT: f"{_DOMAIN_SID}-1112",
    f"{NETBIOS}\\Exchange Trusted Subsystem": f"{_DOMAIN_SID}-1113",
}
# Groups for distribution only have no place in an access control list.
_NO_PRINCIPALS = ("MailContact", "MailUniversalDistributionGroup", "DynamicDistributionGroup", "RoomList")


@dataclasses.dataclass(frozen=True)
class Principal:
    """A security identifier with the account behind it, or with a well-known name."""

    sid: str
    name: str = ""
    entry: Entry | None = dataclasses.field(default=None, compare=False)

    def shown(self, server: Exchange) -> str:
        """``CONTOSO\\sam``; the identifier alone once the account is gone."""
        if self.entry is not None and self.entry.guid in server.recipients.entries:
            return f"{NETBIOS}\\{self.entry.values['SamAccountName']}"
        return self.name or self.sid


def of_entry(entry: Entry) -> Principal:
    return Principal(entry.values.get("Sid") or f"{_DOMAIN_SID}-{derived_rid(entry.guid)}", entry=entry)


def well_known(name: str) -> Principal:
    return Principal(WELL_KNOWN[name], name)


def principal(server: Exchange, identity: object) -> Principal:
    """Raises `failures.Refused` for what no principal answers to, and for what several do."""
    text = str(identity)
    low = text.lower()
    for name, sid in WELL_KNOWN.items():
        if low in (name.lower(), name.lower().rpartition("\\")[2], sid.lower()):
            return Principal(sid, name)
    if low.startswith("s-1-"):
        owner = next((one for one in server.recipients if of_entry(one).sid == text.upper()), None)
        return Principal(text.upper(), entry=owner)
    found = [entry for entry in server.recipients.find(text) if entry.values.get("SamAccountName") and entry.kind not in _NO_PRINCIPALS]
    if not found:
        text = f"User or group \"{identity}\" wasn't found. Please make sure you've typed it correctly."
        raise failures.Refused(text, "ManagementObjectNotFoundException")
    if len(found) > 1:
        text = f'There are multiple users or groups matching the identity "{identity}". Please specify a unique value.'
        raise failures.Refused(text, "ManagementObjectAmbiguousException")
    return of_entry(found[0])


@dataclasses.dataclass(frozen=True)
class Ace:
    """One entry.  ``rights`` are single rights; ``limits`` narrow them down: to an extended right, to a property, to a class of objects."""

    principal: Principal
    rights: frozenset[str]
    deny: bool = False
    inheritance: str = "All"
    limits: tuple[tuple[str, str], ...] = ()
    inherited: bool = False

    @property
    def place(self) -> tuple[t.Any, ...]:
        """Entries of one place are one."""
        return (self.principal.sid, self.deny, self.inheritance, self.limits)


def granted(aces: t.Sequence[Ace], new: Ace) -> list[Ace] | None:
    """The list with the rights of ``new``; None when they are there already."""
    old = next((ace for ace in aces if not ace.inherited and ace.place == new.place), None)
    if old is None:
        return [*aces, new]
    if new.rights <= old.rights:
        return None
    return [dataclasses.replace(old, rights=old.rights | new.rights) if ace is old else ace for ace in aces]


def revoked(aces: t.Sequence[Ace], gone: Ace) -> list[Ace] | None:
    """The list without the rights of ``gone``; None when none of them was there."""
    old = next((ace for ace in aces if not ace.inherited and ace.place == gone.place), None)
    if old is None or not old.rights & gone.rights:
        return None
    rest = [dataclasses.replace(old, rights=old.rights - gone.rights) if ace is old else ace for ace in aces]
    return [ace for ace in rest if ace.rights]


def already_present(dn: str, account: str) -> str:
    return f'The appropriate access control entry is already present on the object "{dn}" for account "{account}".'


def not_present(dn: str, account: str) -> str:
    return f'Can\'t remove the access control entry on the object "{dn}" for account "{account}" because the ACE isn\'t present.'


def inherited_ignored(ace: Ace, dn: str) -> str:
    control = "Deny" if ace.deny else "Allow"
    rights = ", ".join(sorted(ace.rights))
    return f'An inherited access control entry has been specified: [Rights: {rights}, ControlType: {control}] and was ignored on object "{dn}".'
