# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The accounts of Active Directory as Skype for Business Server sees them: it makes none, it only writes its own attributes into them."""

from __future__ import annotations

import dataclasses
import typing as t
import uuid

from hybridlab.ad.directory import DirectoryObject
from hybridlab.ad.forest import NETBIOS, Forest

ATTRIBUTES = ("msRTCSIP-PrimaryUserAddress", "msRTCSIP-UserEnabled", "msRTCSIP-DeploymentLocator", "msRTCSIP-Line", "msRTCSIP-PrivateLine", "msRTCSIP-OwnerUrn")
"""What Skype for Business Server writes into an account."""
_DISABLED = 2


@dataclasses.dataclass(frozen=True)
class Account:
    """One account.

    ``mail`` is empty where the account has no address; ``logon`` is ``DOMAIN\\name``; ``stamped`` are those of `ATTRIBUTES` that it has.
    """

    guid: uuid.UUID
    distinguished_name: str
    display_name: str
    logon: str
    user_principal_name: str = ""
    mail: str = ""
    first_name: str = ""
    last_name: str = ""
    disabled: bool = False
    stamped: t.Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def sam_account_name(self) -> str:
        return self.logon.rpartition("\\")[2]


class Accounts(t.Protocol):
    """Where accounts come from.

    ``stamp`` writes attributes of Active Directory into an account, by their LDAP names (``msRTCSIP-PrimaryUserAddress``); None takes one away.
    """

    def __iter__(self) -> t.Iterator[Account]: ...

    def stamp(self, account: Account, attributes: t.Mapping[str, str | None]) -> None: ...


class DirectoryAccounts:
    """The accounts of a forest: its users, computers left out."""

    def __init__(self, forest: Forest) -> None:
        self._forest = forest

    def __iter__(self) -> t.Iterator[Account]:
        directory = self._forest.directory
        with directory.lock:
            found = [_account(one) for one in directory.objects(self._forest.domain_dn) if one.is_a("user") and not one.is_a("computer")]
        return iter(found)

    def stamp(self, account: Account, attributes: t.Mapping[str, str | None]) -> None:
        directory = self._forest.directory
        with directory.lock:
            one = directory.by_guid(account.guid)
            if one is None or one.deleted:
                return
            for name, value in attributes.items():
                directory.assign(one, name, value)
            directory.touch(one)


def _account(one: DirectoryObject) -> Account:
    return Account(
        one.guid,
        one.dn,
        one.text("displayName") or one.name,
        f"{NETBIOS}\\{one.text('sAMAccountName')}",
        one.text("userPrincipalName"),
        one.text("mail"),
        one.text("givenName"),
        one.text("sn"),
        bool(one.number("userAccountControl") & _DISABLED),
        {name: one.text(name) for name in ATTRIBUTES if one.text(name)},
    )
