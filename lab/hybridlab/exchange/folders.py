# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Folders of mailboxes, and who may use them: Get-MailboxFolderStatistics, Get-, Add-, Set- and Remove-MailboxFolderPermission."""

from __future__ import annotations

import dataclasses
import typing as t

from hybridlab.clixml import Enum, Obj, ValueObj
from hybridlab.exchange import failures, principals
from hybridlab.exchange.call import Call
from hybridlab.exchange.directory import Entry
from hybridlab.exchange.mailbox_view import MAILBOX_KINDS, read
from hybridlab.exchange.principals import Principal
from hybridlab.records import Output, Record

FOLDERS = "Folders"  # the key under which a mailbox keeps its folders
ROOT = "Top of Information Store"
# Type → name in English and in German.  A mailbox gets its folders when it is first opened, named in the language it then has.
NAMES = {
    "Root": (ROOT, "Oberste Ebene des Informationsspeichers"),
    "Calendar": ("Calendar", "Kalender"),
    "Contacts": ("Contacts", "Kontakte"),
    "DeletedItems": ("Deleted Items", "Gelöschte Elemente"),
    "Drafts": ("Drafts", "Entwürfe"),
    "Inbox": ("Inbox", "Posteingang"),
    "Journal": ("Journal", "Journal"),
    "JunkEmail": ("Junk Email", "Junk-E-Mail"),
    "Notes": ("Notes", "Notizen"),
    "Outbox": ("Outbox", "Postausgang"),
    "SentItems": ("Sent Items", "Gesendete Elemente"),
    "Tasks": ("Tasks", "Aufgaben"),
}
_BITS = {
    "ReadItems": 0x1,
    "CreateItems": 0x2,
    "EditOwnedItems": 0x8,
    "DeleteOwnedItems": 0x10,
    "EditAllItems": 0x20,
    "DeleteAllItems": 0x40,
    "CreateSubfolders": 0x80,
    "FolderOwner": 0x100,
    "FolderContact": 0x200,
    "FolderVisible": 0x400,
    "AvailabilityOnly": 0x800,
    "LimitedDetails": 0x1000,
}
_ROLES = {
    "None": 0,
    "Owner": 0x7FB,
    "PublishingEditor": 0x4FB,
    "Editor": 0x47B,
    "PublishingAuthor": 0x49B,
    "Author": 0x41B,
    "NonEditingAuthor": 0x413,
    "Reviewer": 0x401,
    "Contributor": 0x402,
}
_FREE_BUSY = 0x1800
_TASKS = "Microsoft.Exchange.Management.StoreTasks"
_ENUM = (f"{_TASKS}.MailboxFolderAccessRight", "System.Enum", "System.ValueType", "System.Object")
_USER = (f"{_TASKS}.MailboxFolderUserId", "System.Object")
_CONFIGURABLE = ("Microsoft.Exchange.Data.ConfigurableObject", "System.Object")
DEFAULT, ANONYMOUS = Principal("Default", "Default"), Principal("Anonymous", "Anonymous")
_ACCOUNTS = (*MAILBOX_KINDS, "MailUser", "MailUniversalSecurityGroup")


@dataclasses.dataclass
class Folder:
    """One folder: its type, and the rights of each user as bits."""

    kind: str
    rights: dict[Principal, int]


def opened(entry: Entry) -> dict[str, Folder]:
    """The folders of a mailbox by their paths, with backslashes and without the topmost folder's name.

    ``Entry.values["Calendars"]`` of the seed lists a mailbox's calendars by path, its own one first, where they are not just one
    in the mailbox's language.
    """
    if FOLDERS not in entry.values:
        languages = read(entry, "Languages") or ["en-US"]
        language = 1 if str(languages[0]).lower().startswith("de") else 0
        folders = {
            "" if kind == "Root" else names[language]: Folder(kind, {DEFAULT: _BITS["AvailabilityOnly"] if kind == "Calendar" else 0, ANONYMOUS: 0})
            for kind, names in NAMES.items()
        }
        if "Calendars" in entry.values:
            own = folders.pop(NAMES["Calendar"][language])
            kinds = ["Calendar", *["User Created"] * len(entry.values["Calendars"])]
            folders |= {path: Folder(kind, dict(own.rights)) for path, kind in zip(entry.values["Calendars"], kinds, strict=False)}
        entry.values[FOLDERS] = folders
    return t.cast(dict[str, Folder], entry.values[FOLDERS])


def mailbox(call: Call, identity: str) -> Entry:
    found = [entry for entry in call.server.recipients.find(identity) if entry.kind in MAILBOX_KINDS]
    if not found:
        raise failures.not_found(identity)
    if len(found) > 1:
        raise failures.ambiguous(identity)
    return found[0]


def _folder(call: Call) -> tuple[Entry, str, Folder]:
    """What ``user0:\\Calendar`` means: the mailbox, the folder's name, the folder."""
    owner, colon, path = str(call.identity).partition(":")
    entry = mailbox(call, owner)
    wanted = path.strip("\\").lower()
    found = next(((name, folder) for name, folder in opened(entry).items() if name.lower() == wanted), None) if colon else None
    if found is None:
        raise failures.Refused(f"The operation couldn't be performed because '{call.identity}' couldn't be found.", "ManagementObjectNotFoundException")
    return entry, found[0].rpartition("\\")[2] or ROOT, found[1]


def _user(call: Call) -> Principal:
    text = str(call.parameters["User"])
    for special in (DEFAULT, ANONYMOUS):
        if text.lower() == special.name.lower():
            return special
    found = [entry for entry in call.server.recipients.find(text) if entry.kind != "User"]
    if not found:
        words = f'The user "{text}" is either not valid SMTP address, or there is no matching information.'
        raise failures.Refused(words, "InvalidExternalUserIdException", namespace="Store")
    if len(found) > 1:
        raise failures.ambiguous(text)
    if found[0].kind not in _ACCOUNTS:
        words = f'The user "{found[0].name}" was found in Active Directory but isn\'t valid to use for permissions. Try an SMTP address instead.'
        raise failures.Refused(words, "InvalidInternalUserIdException", namespace="Store")
    return principals.of_entry(found[0])


def _shown(call: Call, user: Principal) -> str:
    if user.entry is None:
        return user.name
    known = user.entry.guid in call.server.recipients.entries
    return str(user.entry.values.get("DisplayName") or user.entry.name) if known else f"NT User:{user.sid}"


def _rights(call: Call, folder: Folder) -> int:
    """The bits of what is asked for; to see when somebody is busy makes sense for a calendar only."""
    bits = 0
    known = {name.lower(): bit for name, bit in (*_BITS.items(), *_ROLES.items())}
    for name in (part.strip() for right in call.parameters["AccessRights"] for part in str(right).split(",")):
        if name.lower() not in known:
            words = f'Cannot convert value "{name}" to type "{_TASKS}.MailboxFolderAccessRight".'
            raise failures.Refused(words, "ParameterBindingArgumentTransformationException", "InvalidData", "Store")
        bits |= known[name.lower()]
    if bits & _FREE_BUSY and folder.kind != "Calendar":
        raise failures.refused("AvailabilityOnly and LimitedDetails can be set on a calendar folder only.", "InvalidOperationException")
    return bits


def _view(call: Call, name: str, user: Principal, bits: int) -> Obj:
    role = next((role for role, stands_for in _ROLES.items() if stands_for == bits), None)
    named = [(role, bits)] if role else [(right, bit) for right, bit in _BITS.items() if bits & bit]
    shown = _shown(call, user)
    properties = {
        "FolderName": name,
        "User": ValueObj(_USER, shown),
        "AccessRights": [Enum(_ENUM, bit, right) for right, bit in named],
        "Identity": ValueObj(_USER, shown),
        "IsValid": True,
        "ObjectState": "New",
    }
    return Obj((f"{_TASKS}.MailboxFolderPermission", *_CONFIGURABLE), properties, string=shown)


def _no_entry(call: Call, user: Principal) -> failures.Refused:
    words = f"There is no existing permission entry found for user: {_shown(call, user)}."
    return failures.Refused(words, "UserNotFoundInPermissionEntryException", "InvalidOperation", "Store")


def get_mailbox_folder_permission(call: Call) -> t.Iterable[Record]:
    if call.parameters.get("GroupMailbox"):
        raise failures.not_emulated(call.cmdlet, "-GroupMailbox")
    _, name, folder = _folder(call)
    if not call.parameters.get("User"):
        return [Output(_view(call, name, user, bits)) for user, bits in folder.rights.items()]
    user = _user(call)
    if user not in folder.rights:
        raise _no_entry(call, user)
    return [Output(_view(call, name, user, folder.rights[user]))]


def add_mailbox_folder_permission(call: Call) -> t.Iterable[Record]:
    _, name, folder = _folder(call)
    user = _user(call)
    if user in folder.rights:
        words = f"An existing permission entry was found for user: {_shown(call, user)}."
        raise failures.Refused(words, "UserAlreadyExistInPermissionEntryException", "InvalidOperation", "Store")
    bits = _rights(call, folder)
    if not call.what_if:
        folder.rights[user] = bits
    return [Output(_view(call, name, user, bits))]


def set_mailbox_folder_permission(call: Call) -> t.Iterable[Record]:
    _, _, folder = _folder(call)
    user = _user(call)
    if user not in folder.rights:
        raise _no_entry(call, user)
    bits = _rights(call, folder)
    if not call.what_if:
        folder.rights[user] = bits
    return []


def remove_mailbox_folder_permission(call: Call) -> t.Iterable[Record]:
    if call.parameters.get("ResetDelegateUserCollection"):
        raise failures.not_emulated(call.cmdlet, "-ResetDelegateUserCollection")
    _, _, folder = _folder(call)
    user = _user(call)
    if user in (DEFAULT, ANONYMOUS):
        words = f"The permission entry of the special user {user.name} can't be removed."
        raise failures.Refused(words, "CannotRemoveSpecialUserException", "InvalidOperation", "Store")
    if user not in folder.rights:
        raise _no_entry(call, user)
    if not call.what_if:
        del folder.rights[user]
    return []


def get_mailbox_folder_statistics(call: Call) -> t.Iterable[Record]:
    for name in call.parameters:
        if name not in ("Identity", "FolderScope", "DomainController"):
            raise failures.not_emulated(call.cmdlet, f"-{name}")
    entry = mailbox(call, str(call.identity))
    scope = str(call.parameters.get("FolderScope") or "All").lower()
    if scope != "all" and scope not in {kind.lower() for kind in NAMES}:
        raise failures.not_emulated(call.cmdlet, f"-FolderScope {scope}")
    above = [path for path, folder in opened(entry).items() if scope in ("all", folder.kind.lower())]
    found = [(path, folder) for path, folder in opened(entry).items() if any(path == one or path.startswith(f"{one}\\") for one in above)]
    return [Output(_statistics(entry, path, folder)) for path, folder in found]


def _statistics(entry: Entry, path: str, folder: Folder) -> Obj:
    whole = path or ROOT
    shown = "/".join(part.replace("/", "\uf8ff") for part in whole.split("\\"))
    properties = {
        "Name": whole.rpartition("\\")[2],
        "FolderPath": f"/{shown}",
        "FolderType": folder.kind,
        "Identity": f"{entry.canonical}\\{whole}",
        "ItemsInFolder": 0,
        "ItemsInFolderAndSubfolders": 0,
        "FolderSize": "0 B (0 bytes)",
        "FolderAndSubfolderSize": "0 B (0 bytes)",
        "IsValid": True,
        "ObjectState": "Unchanged",
    }
    types = ("Microsoft.Exchange.Management.Tasks.MailboxFolderConfiguration", *_CONFIGURABLE)
    return Obj(types, properties, string=str(properties["Identity"]))


HANDLERS = {
    "Get-MailboxFolderStatistics": get_mailbox_folder_statistics,
    "Get-MailboxFolderPermission": get_mailbox_folder_permission,
    "Add-MailboxFolderPermission": add_mailbox_folder_permission,
    "Set-MailboxFolderPermission": set_mailbox_folder_permission,
    "Remove-MailboxFolderPermission": remove_mailbox_folder_permission,
}
