# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a room is to be, and what was read of it in the tenant, on-premises and in Active Directory.  Nothing here talks to a service."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError

Row = t.Mapping[str, t.Any]

PLATFORMS = ("skype_server", "teams")
ROOM = "RoomMailbox"
REMOTE_ROOM = "RemoteRoomMailbox"
REMOTE_ROOM_TYPE = 8589934592
"""msExchRecipientTypeDetails of a remote room mailbox."""
_TYPES = {"1": "user mailbox", "4": "shared mailbox", "16": "room mailbox", "64": "contact", "128": "mail user", "2147483648": "remote user mailbox"}
"""msExchRecipientTypeDetails in words, for errors."""
NO_GUID = "00000000-0000-0000-0000-000000000000"
_DISABLED = 2


@dataclasses.dataclass(frozen=True)
class Room:
    """A room as the role's variables declare it.  Its password is no part of it."""

    address: str
    upn: str
    name: str
    alias: str
    platform: str
    licenses: tuple[str, ...]
    usage_location: str | None = None
    capacity: int | None = None
    organizational_unit: str | None = None
    remote_routing_address: str | None = None
    registrar_pool: str | None = None
    calendar: Row = dataclasses.field(default_factory=dict)
    skype: Row = dataclasses.field(default_factory=dict)

    @classmethod
    def load(cls, entry: Row, wishes: Row) -> Room:
        """An entry of the role's list, with what holds for all rooms.  Raises UsageError."""
        address = str(entry["address"]).strip()
        if address.count("@") != 1 or not all(address.split("@")):
            raise UsageError(f"'{address}' is no address of the form room@domain")
        own = {name: value for name, value in entry.items() if value is not None}
        platform = str(own.get("platform") or wishes["platform"])
        if platform not in PLATFORMS:
            raise UsageError(f"{address}: platform is '{platform}'; it is one of {', '.join(PLATFORMS)}")
        routing = wishes.get("remote_routing_domain")
        alias = str(own.get("alias") or address.partition("@")[0])
        return cls(
            address=address,
            upn=str(own.get("user_principal_name") or address),
            name=str(own.get("name") or address.partition("@")[0]),
            alias=alias,
            platform=platform,
            licenses=tuple(own.get("licenses", wishes["licenses"][platform])),
            usage_location=own.get("usage_location") or wishes.get("usage_location"),
            capacity=own.get("resource_capacity"),
            organizational_unit=own.get("organizational_unit") or wishes.get("organizational_unit"),
            remote_routing_address=own.get("remote_routing_address") or (f"{alias}@{routing}" if routing else None),
            registrar_pool=own.get("registrar_pool") or wishes.get("registrar_pool"),
            calendar={**(wishes.get("calendar") or {}), **(own.get("calendar") or {})},
            skype=own.get("skype") or {},
        )


@dataclasses.dataclass(frozen=True)
class Found:
    """What there is of one room: recipients that hold its address, its mailbox and user in the cloud, what holds its names in Active Directory."""

    online: tuple[Row, ...]
    here: tuple[Row, ...]
    accounts: tuple[Row, ...]
    mailbox: Row | None
    user: Row | None
    deleted: tuple[Row, ...]
    holders: tuple[Row, ...] = ()
    """Users of the tenant that have the address, mailbox or not."""

    @property
    def synced(self) -> bool:
        return bool(self.user and self.user.get("on_premises_sync_enabled"))

    @property
    def account(self) -> Row | None:
        """The account of the remote mailbox, once there is one."""
        return next((one for one in self.accounts if is_remote_room(one)), None)

    @property
    def enabled(self) -> bool:
        return self.account is not None and not int(self.account.get("userAccountControl") or 0) & _DISABLED


def same(one: t.Any, other: t.Any) -> bool:
    return str(one or "").casefold() == str(other or "").casefold()


def is_remote_room(account: Row) -> bool:
    return str(account.get("msExchRecipientTypeDetails")) == str(REMOTE_ROOM_TYPE)


def kind(account: Row) -> str:
    """What an object of Active Directory is, in words."""
    details = account.get("msExchRecipientTypeDetails")
    known = _TYPES.get(str(details))
    classes = [str(one).casefold() for one in account.get("objectClass") or ()]
    return known or ("contact" if "contact" in classes else "group" if "group" in classes else "account without a mailbox")


def find(room: Room, reading: Row) -> Found:
    """What the reading has of a room."""
    users = [one for one in reading["users"] if same(one.get("user_principal_name"), room.upn)]
    mailboxes = [one for one in reading["mailboxes"] if same(one.get("primary_smtp_address"), room.address)]
    return Found(
        online=_of(reading["online"], room),
        here=_of(reading["here"], room),
        accounts=_of(reading["accounts"], room),
        mailbox=mailboxes[0] if mailboxes else None,
        user=users[0] if users else None,
        deleted=tuple(one for one in reading["deleted"] if _had(one, room)),
        holders=_of(reading["holders"], room),
    )


def _of(results: t.Iterable[Row], room: Room) -> tuple[Row, ...]:
    """What one task of a loop over the rooms returned for this one."""
    rows = [one for one in results if same(one["item"]["address"], room.address)]
    return tuple(row for one in rows for row in (one["output"] if "output" in one else one["objects"]))


def _had(user: Row, room: Room) -> bool:
    """Whether a deleted user had the name or the address; its principal name begins with its identifier since."""
    addresses = [str(user.get("mail") or ""), *(str(one).partition(":")[2] for one in user.get("proxyAddresses") or ())]
    name = str(user.get("userPrincipalName") or "").removeprefix(str(user.get("id") or "").replace("-", ""))
    return same(name, room.upn) or any(same(one, room.address) for one in addresses)
