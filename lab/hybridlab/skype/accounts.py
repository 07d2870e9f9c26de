# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The accounts of Active Directory as Skype for Business Server sees them: it makes none, it only writes its own attributes into them."""

from __future__ import annotations

import dataclasses
import typing as t
import uuid

from hybridlab.exchange import Exchange
from hybridlab.exchange.directory import NETBIOS, Entry

ACCOUNTS = ("User", "MailUser", "UserMailbox", "SharedMailbox", "RoomMailbox", "EquipmentMailbox")
"""The kinds of objects of an Exchange organization that are accounts, but for those of mailboxes in the cloud, whose kinds begin with Remote."""


@dataclasses.dataclass(frozen=True)
class Account:
    """One account.  ``mail`` is empty where the account has no address; ``logon`` is ``DOMAIN\\name``."""

    guid: uuid.UUID
    distinguished_name: str
    display_name: str
    logon: str
    user_principal_name: str = ""
    mail: str = ""
    first_name: str = ""
    last_name: str = ""
    disabled: bool = False

    @property
    def sam_account_name(self) -> str:
        return self.logon.rpartition("\\")[2]


class Accounts(t.Protocol):
    """Where accounts come from.

    ``stamp`` writes attributes of Active Directory into an account, by their LDAP names (``msRTCSIP-PrimaryUserAddress``); None takes one away.
    """

    def __iter__(self) -> t.Iterator[Account]: ...

    def stamp(self, account: Account, attributes: t.Mapping[str, str | None]) -> None: ...


class ExchangeAccounts:
    """The accounts behind the recipients of an Exchange organization.  ``stamped`` are the attributes written so far, by GUID."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.stamped: dict[uuid.UUID, dict[str, str]] = {}

    def __iter__(self) -> t.Iterator[Account]:
        for entry in self._exchange.recipients:
            if entry.kind in ACCOUNTS or entry.kind.startswith("Remote"):
                yield _account(entry)

    def stamp(self, account: Account, attributes: t.Mapping[str, str | None]) -> None:
        known = self.stamped.setdefault(account.guid, {})
        for name, value in attributes.items():
            if value is None:
                known.pop(name, None)
            else:
                known[name] = value


def _account(entry: Entry) -> Account:
    values = entry.values
    return Account(
        entry.guid,
        entry.dn,
        str(values.get("DisplayName") or entry.name),
        f"{NETBIOS}\\{values.get('SamAccountName') or entry.name}",
        str(values.get("UserPrincipalName") or ""),
        str(values.get("PrimarySmtpAddress") or ""),
        str(values.get("FirstName") or ""),
        str(values.get("LastName") or ""),
        bool(values.get("AccountDisabled")),
    )
