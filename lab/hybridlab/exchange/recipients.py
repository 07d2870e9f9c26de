# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Get- cmdlets of recipients that are no mailboxes, and those that see any recipient, user, contact or group."""

from __future__ import annotations

import typing as t

from hybridlab.exchange import failures
from hybridlab.exchange.call import Call, Handler, listed
from hybridlab.exchange.directory import Entry, seen
from hybridlab.exchange.mailbox_view import MAILBOX_KINDS, read
from hybridlab.exchange.opath import compiled
from hybridlab.exchange.recipient_table import CONTACTS, GROUPS, REMOTE, USERS
from hybridlab.exchange.recipient_view import MAIL_ENABLED, RECIPIENT_TYPES, names, value, view
from hybridlab.records import Record

_EMULATED = (
    "Identity Anr ANR Filter OrganizationalUnit OnPremisesOrganizationalUnit RecipientType RecipientTypeDetails ResultSize DomainController "
    "IgnoreDefaultScope ReadFromDomainController Archive"
).split()


def _get(kinds: t.Sequence[str], noun: str) -> Handler:
    def handler(call: Call) -> t.Iterable[Record]:
        for name in call.parameters:
            if name not in _EMULATED:
                raise failures.not_emulated(call.cmdlet, f"-{name}")
        store = call.server.recipients
        candidates = [entry for entry in store if seen(entry)] if call.identity is None else store.match(str(call.identity))
        entries = [entry for entry in candidates if entry.kind in kinds]
        if call.identity is not None and not entries and "*" not in str(call.identity):
            raise failures.not_found(call.identity)
        version = call.contract.version
        filterable = {*names(noun, version), "Name", "Guid", "DistinguishedName", "Identity", "Members"}
        return listed(call, _filtered(call, entries, filterable), view(noun, version))

    return handler


def _filtered(call: Call, entries: list[Entry], filterable: t.Collection[str]) -> list[Entry]:
    given = call.parameters
    if given.get("Filter") is not None:
        matches = compiled(given["Filter"], filterable, _plain)
        entries = [entry for entry in entries if matches(entry)]
    unit = given.get("OrganizationalUnit") or given.get("OnPremisesOrganizationalUnit")
    if unit:
        container, _ = call.server.container(unit)
        entries = [entry for entry in entries if entry.container == container]
    if given.get("Archive"):
        entries = [entry for entry in entries if entry.values.get("ArchiveState", "None") != "None"]
    if given.get("RecipientTypeDetails"):
        entries = [entry for entry in entries if entry.kind in given["RecipientTypeDetails"]]
    if given.get("RecipientType"):
        entries = [entry for entry in entries if RECIPIENT_TYPES.get(entry.kind, entry.kind) in given["RecipientType"]]
    beginning = given.get("Anr") or given.get("ANR")
    if beginning:
        entries = [entry for entry in entries if any(str(read(entry, name)).lower().startswith(beginning.lower()) for name in ("Name", "Alias", "DisplayName"))]
    return entries


def _plain(entry: Entry, name: str) -> t.Any:
    if name in ("RecipientType", "RecipientTypeDetails"):
        return value(entry, name)
    if name == "Members":
        return entry.values.get("Members", [])
    return read(entry, name)


HANDLERS: dict[str, Handler] = {
    "Get-Recipient": _get(MAIL_ENABLED, "ReducedRecipient"),
    "Get-User": _get((*MAILBOX_KINDS, *REMOTE, "User", "MailUser"), "User"),
    "Get-Contact": _get(("Contact", "MailContact"), "Contact"),
    "Get-Group": _get((*GROUPS, "UniversalDistributionGroup", "UniversalSecurityGroup", "NonUniversalGroup", "RoleGroup"), "WindowsGroup"),
    "Get-MailContact": _get(CONTACTS, "MailContact"),
    "Get-MailUser": _get(USERS, "MailUser"),
    "Get-RemoteMailbox": _get(REMOTE, "RemoteMailbox"),
    "Get-DistributionGroup": _get(GROUPS, "DistributionGroup"),
}
