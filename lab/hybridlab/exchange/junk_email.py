# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Get- and Set-MailboxJunkEmailConfiguration: whom a mailbox trusts and whom it blocks."""

from __future__ import annotations

import re
import typing as t

from hybridlab.exchange import failures
from hybridlab.exchange.call import Call
from hybridlab.exchange.directory import Entry
from hybridlab.exchange.mailbox_settings import STORE_TYPES, Sheet, get, owned, owner
from hybridlab.exchange.mailbox_table import table
from hybridlab.exchange.mailbox_view import read
from hybridlab.records import Record

ROWS = """
BlockedSendersAndDomains                texts
ContactsTrusted                         bool        false
Enabled                                 bool        false
TrustedListsOnly                        bool        false
TrustedSendersAndDomains                texts
"""
LIMITS = {"TrustedSendersAndDomains": "MaxSafeSenders", "BlockedSendersAndDomains": "MaxBlockedSenders"}
NEVER_OPENED = (
    "The Junk Email configuration couldn't be set. The user needs to sign in to Outlook Web App before they can modify their Safe Senders and "
    "Recipients or Blocked Senders lists."
)
_ENTRY = re.compile(r"([^@\s]+@|@)?([^@\s.]+(\.[^@\s.]+)+)")


def _initial(entry: Entry) -> dict[str, t.Any]:
    """The junk e-mail rule comes into being when the mailbox is opened for the first time."""
    return {"Enabled": bool(entry.values.get("Opened"))}


SHEET = Sheet(
    "MailboxJunkEmailConfiguration", table(ROWS), ("Microsoft.Exchange.Data.Storage.Management.MailboxJunkEmailConfiguration", *STORE_TYPES), owned, _initial
)


def set_junk_email(call: Call) -> t.Iterable[Record]:
    entry = owner(call)
    if not entry.values.get("Opened"):
        raise failures.refused(NEVER_OPENED, "InvalidOperationException")
    changes = SHEET.changes(call, entry, {})
    for name in changes.keys() & LIMITS.keys():
        _check(call, entry, name, changes[name])
    return SHEET.write(call, entry, changes)


def _check(call: Call, entry: Entry, name: str, members: list[str]) -> None:
    """What a list has already is not looked at again.  Sources: notes of the cmdlet's reference, and what servers were seen to say."""
    kept = SHEET.read(entry, name)
    for one in members:
        if one not in kept and (not _ENTRY.fullmatch(one) or _internal(call, entry, name, one.lower().removeprefix("@"))):
            raise failures.refused(f'Junk email validation error. Value: "{one}".', "PropertyValidationException", "NotSpecified")
    limit = read(entry, LIMITS[name])
    if limit is not None and len(members) > max(limit, len(kept)):
        text = f"Junk email validation error. The list has {len(members)} entries; the limit is {limit}."
        raise failures.refused(text, "PropertyValidationException", "NotSpecified")


def _internal(call: Call, entry: Entry, name: str, one: str) -> bool:
    """The mailbox's own addresses and domains, addresses of anybody in the organisation, and trusted ones of the mailbox's domains."""
    own = {address.partition(":")[2].lower().partition("@")[2] for address in read(entry, "EmailAddresses") if address.lower().startswith("smtp:")}
    if "@" not in one:
        return one in own
    return bool(call.server.recipients.known(one)) or (name == "TrustedSendersAndDomains" and one.partition("@")[2] in own)


HANDLERS = {"Get-MailboxJunkEmailConfiguration": get(SHEET), "Set-MailboxJunkEmailConfiguration": set_junk_email}
