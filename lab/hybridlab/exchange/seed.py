# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a fresh lab holds.  Every name and GUID is the same in every lab; tests and examples rely on them."""

from __future__ import annotations

import typing as t

from hybridlab.exchange.directory import DOMAIN, EPOCH, Entry, Store, derived_guid
from hybridlab.exchange.domains import accepted_entry, remote_entry
from hybridlab.exchange.mailbox_create import LEGACY
from hybridlab.exchange.mailbox_write import TRAITS
from hybridlab.exchange.recipient_create import contact

CONTAINERS = {
    "Users": "CN=Users,DC=contoso,DC=com",
    "Sales": "OU=Sales,DC=contoso,DC=com",
    "Contacts": "OU=Contacts,DC=contoso,DC=com",
    "Resources": "OU=Resources,DC=contoso,DC=com",
}
# Accounts without a mailbox: sam account name, first and last name.
ACCOUNTS = (("dave", "Dave", "Miller"), ("erin", "Erin", "Novak"), ("frank", "Frank", "Weber"))
# Alias, name, kind, container.
SPECIAL = (
    ("info", "Info", "SharedMailbox", "Users"),
    ("room1", "Room 1", "RoomMailbox", "Resources"),
    ("beamer", "Beamer", "EquipmentMailbox", "Resources"),
    ("twin.a", "Twin A", "UserMailbox", "Users"),
    ("twin.b", "Twin B", "UserMailbox", "Users"),
)
# Folders of calendars where there are others than one of the name Calendar; the first one is the mailbox's own.
CALENDARS: dict[str, dict[str, list[str]]] = {
    "info": {"Calendars": ["Calendar", "Calendar\\Team"]},
    "beamer": {"Calendars": ["Kalender"]},
    "twin.b": {"Calendars": []},
}
PUBLIC_FOLDERS = (("pf01", "PF01"), ("pf02", "PF02"))
# Alias, name, outside address.
CONTACTS = (("partner", "Partner", "partner@adatum.com"), ("consultant", "Consultant", "consultant@northwind.example"))
GROUPS = (("everyone", "Everyone"), ("sales-team", "Sales Team"))


def fill(recipients: Store, accepted: Store, remote: Store, mailboxes: int, public_folders: bool, online: bool = False) -> None:
    """Put the seed into empty stores."""
    accepted.add(accepted_entry(DOMAIN, DOMAIN, derived_guid("accepted", DOMAIN), EPOCH, Default=True, InitialDomain=True))
    accepted.add(accepted_entry("fabrikam.com", "fabrikam.com", derived_guid("accepted", "fabrikam.com"), EPOCH))
    remote.add(remote_entry("Default", "*", derived_guid("remote", "Default"), EPOCH, online))
    for number in range(mailboxes):
        recipients.add(mailbox_entry(f"user{number}", f"User {number}", "UserMailbox", "Users", FirstName="User", LastName=str(number)))
    for alias, name, kind, container in SPECIAL:
        more: dict[str, t.Any] = {"DisplayName": "Twin"} if alias.startswith("twin") else {}
        recipients.add(mailbox_entry(alias, name, kind, container, **more, **CALENDARS.get(alias, {})))
    for alias, name in PUBLIC_FOLDERS if public_folders else ():
        root = {"IsRootPublicFolderMailbox": True} if alias == "pf01" else {}
        recipients.add(mailbox_entry(alias, name, "PublicFolderMailbox", "Users", **root))
    for sam, first, last in ACCOUNTS:
        values = {"SamAccountName": sam, "UserPrincipalName": f"{sam}@{DOMAIN}", "DisplayName": f"{first} {last}", "FirstName": first, "LastName": last}
        recipients.add(Entry(f"{first} {last}", f"{DOMAIN}/Users", CONTAINERS["Users"], "User", derived_guid("user", sam), values))
    for alias, name, address in CONTACTS:
        recipients.add(contact(name, f"{DOMAIN}/Contacts", CONTAINERS["Contacts"], alias, address, derived_guid("contact", alias), EPOCH))
    for alias, name in GROUPS:
        recipients.add(_group(alias, name))


def mailbox_entry(alias: str, name: str, kind: str, container: str, **more: t.Any) -> Entry:
    guid = derived_guid("mailbox", alias)
    address = f"{alias}@{DOMAIN}"
    values = {
        "Alias": alias,
        "DisplayName": name,
        "SamAccountName": alias,
        "UserPrincipalName": address,
        "PrimarySmtpAddress": address,
        "WindowsEmailAddress": address,
        "EmailAddresses": [f"SMTP:{address}"],
        "LegacyExchangeDN": f"{LEGACY}{alias}",
        "ExchangeGuid": derived_guid("store", alias),
        "MailboxContainerGuid": derived_guid("store", alias),
        "WhenMailboxCreated": EPOCH,
        **more,
    }
    if kind == "UserMailbox":
        values["Opened"] = True  # its user has signed in; other mailboxes, and new ones, were never opened
    else:
        values.update(TRAITS[kind], RecipientTypeDetails=kind, AccountDisabled=True)
    return Entry(name, f"{DOMAIN}/{container}", CONTAINERS[container], kind, guid, values)


def _group(alias: str, name: str) -> Entry:
    guid = derived_guid("group", alias)
    address = f"{alias}@{DOMAIN}"
    values = {
        "Alias": alias,
        "DisplayName": name,
        "SamAccountName": alias,
        "PrimarySmtpAddress": address,
        "WindowsEmailAddress": address,
        "EmailAddresses": [f"SMTP:{address}"],
        "LegacyExchangeDN": f"{LEGACY}{alias}",
        "ObjectClass": ["top", "group"],
    }
    return Entry(name, f"{DOMAIN}/Users", CONTAINERS["Users"], "MailUniversalDistributionGroup", guid, values)
