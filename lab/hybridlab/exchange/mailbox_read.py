# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Get-Mailbox, and the choice of one mailbox by the cmdlets that change it."""

from __future__ import annotations

import typing as t

from hybridlab.exchange import failures
from hybridlab.exchange.call import Call, listed
from hybridlab.exchange.directory import Entry, recipient_keys, seen
from hybridlab.exchange.mailbox_table import PROPERTIES
from hybridlab.exchange.mailbox_view import MAILBOX_KINDS, mailbox, read
from hybridlab.exchange.opath import compiled, guids
from hybridlab.exchange.public_folders import serving
from hybridlab.exchange.settings import database, default_policy
from hybridlab.records import Output, Record

# Switches of Get-Mailbox that ask for special mailboxes of which the lab has none.
_NONE_HERE = ("Arbitration", "AuditLog", "AuxAuditLog", "GroupMailbox", "Migration", "Monitoring", "SupervisoryReviewPolicy", "RemoteArchive")
_EMULATED = "Identity Anr Archive Database Filter OrganizationalUnit PublicFolder RecipientTypeDetails ResultSize Server SoftDeletedMailbox SortBy".split()
_ORDINARY = tuple(kind for kind in MAILBOX_KINDS if kind != "PublicFolderMailbox")


def get_mailbox(call: Call) -> t.Iterable[Record]:
    _refuse_unknown(call)
    kinds = ("PublicFolderMailbox",) if call.parameters.get("PublicFolder") else _ORDINARY
    if any(call.parameters.get(name) for name in _NONE_HERE):
        kinds = ()
    store = call.server.recipients
    everything = store.named(guids(str(call.parameters.get("Filter")))) if call.identity is None else []
    candidates = [entry for entry in everything if seen(entry)] if call.identity is None else store.match(str(call.identity))
    if call.parameters.get("SoftDeletedMailbox"):
        candidates = [
            entry for entry in call.server.soft_deleted() if call.identity is None or str(call.identity).lower() in map(str.lower, recipient_keys(entry))
        ]
    entries = [entry for entry in candidates if entry.kind in kinds]
    if call.identity is not None and not entries and "*" not in str(call.identity):
        raise failures.not_found(call.identity)
    folders, sharing = serving(call), default_policy(call.server)
    return listed(call, _sorted(call, _filtered(call, entries)), lambda entry: mailbox(call.contract, entry, call.server.build, folders, sharing))


def shown(call: Call, entry: Entry) -> Record:
    """The mailbox a New- or Enable- cmdlet returns."""
    return Output(mailbox(call.contract, entry, call.server.build, serving(call), default_policy(call.server)))


def _refuse_unknown(call: Call) -> None:
    working = ("DomainController", "IgnoreDefaultScope", "ReadFromDomainController", *_NONE_HERE)
    for name in call.parameters:
        if name not in _EMULATED and name not in working:
            raise failures.not_emulated(call.cmdlet, f"-{name}")


def _filtered(call: Call, entries: list[Entry]) -> list[Entry]:
    given = call.parameters
    tests: list[t.Callable[[Entry], bool]] = []
    if given.get("Archive"):
        tests.append(lambda entry: entry.values.get("ArchiveState") == "Local")
    if given.get("Database"):
        name = database(call.server, given["Database"])
        tests.append(lambda entry: entry.values.get("Database", "DB01") == name)
    if given.get("Server"):
        host = call.server.servers.one(given["Server"]).name.lower()
        tests.append(lambda entry: str(read(entry, "ServerName")).lower() == host)
    if given.get("OrganizationalUnit"):
        container, _ = call.server.container(given["OrganizationalUnit"])
        tests.append(lambda entry: entry.container == container)
    if given.get("RecipientTypeDetails"):
        tests.append(lambda entry: entry.kind in given["RecipientTypeDetails"])
    if given.get("Anr"):
        tests.append(lambda entry: _resembles(entry, given["Anr"].lower()))
    if given.get("Filter") is not None and guids(given["Filter"]) is None:
        tests.append(compiled(given["Filter"], PROPERTIES, read))
    return [entry for entry in entries if all(test(entry) for test in tests)] if tests else entries


def _resembles(entry: Entry, beginning: str) -> bool:
    """Ambiguous name resolution: a name that begins like this."""
    return any(str(part).lower().startswith(beginning) for part in (entry.name, read(entry, "Alias"), read(entry, "DisplayName")))


def _sorted(call: Call, entries: list[Entry]) -> list[Entry]:
    name = call.parameters.get("SortBy")
    if not name:
        return entries
    known = {row.lower(): row for row in PROPERTIES}
    if str(name).lower() not in known:
        raise failures.refused(f"'{name}' is not a property that objects can be sorted by.", "TaskArgumentException", "InvalidArgument")
    return sorted(entries, key=lambda entry: str(read(entry, known[str(name).lower()])).lower())


def chosen(call: Call) -> Entry:
    """The mailbox that Set-, Disable- or Remove-Mailbox means; public-folder mailboxes answer only to -PublicFolder."""
    kinds = ("PublicFolderMailbox",) if call.parameters.get("PublicFolder") else _ORDINARY
    if any(call.parameters.get(name) for name in ("Arbitration", "AuditLog", "AuxAuditLog", "Migration")):
        kinds = ()
    entries = [entry for entry in call.server.recipients.find(call.identity) if entry.kind in kinds]
    if not entries:
        raise failures.not_found(call.identity)
    if len(entries) > 1:
        raise failures.ambiguous(call.identity)
    return entries[0]
