# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The unified audit log of Exchange Online: Search-UnifiedAuditLog with its sessions, and whether anything is recorded at all.

Sources: Microsoft's reference of Search-UnifiedAuditLog and Set-AdminAuditLogConfig, and what users of both published: ``ResultIndex`` runs
through all pages of a session, ``ResultCount`` is the number of all hits, and a search that gave up says -1 and 0.
What is done in Exchange Online of the lab gets into the log at once; before that it holds what is written here, and what tests put into it.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import typing as t
import uuid

from hybridlab.clixml import Obj
from hybridlab.contract.check import ONLINE
from hybridlab.exchange import admin_audit, failures
from hybridlab.exchange.call import Call
from hybridlab.exchange.directory import derived_guid
from hybridlab.records import Output, Record, Warned

TYPES = ("Microsoft.Exchange.Data.ApplicationLogic.UnifiedAuditLogEvent", "Microsoft.Exchange.Data.ConfigurableObject", "System.Object")
CALLER = "automation@contoso.onmicrosoft.com"
"""Who does what is done in the lab."""
LARGEST_PAGE, DEFAULT_PAGE, LARGEST_SET, LARGEST_PREVIEW = 5000, 100, 50000, 5000
# Minutes after the beginning, record type with its number, operation, user, object, address, and what else the workload says.
_DAY = datetime.datetime(2026, 3, 2, 8, 0, tzinfo=datetime.UTC)
_ADMIN, _BOB = "admin@contoso.com", "user1@contoso.com"
_SITE = "https://contoso.sharepoint.com/sites/sales/Shared Documents/"
_FORWARDING = {"Parameters": [{"Name": "Identity", "Value": "user0"}, {"Name": "ForwardingSmtpAddress", "Value": "smtp:someone@adatum.com"}]}
SEED: tuple[tuple[int, str, int, str, str, str, str, dict[str, t.Any]], ...] = (
    (0, "ExchangeAdmin", 1, "Set-Mailbox", _ADMIN, "user0", "203.0.113.7", _FORWARDING),
    (5, "ExchangeAdmin", 1, "New-InboxRule", "user0@contoso.com", "user0\\Invoices", "198.51.100.23", {"ExternalAccess": False}),
    (9, "AzureActiveDirectory", 8, "Add member to role.", _ADMIN, _BOB, "203.0.113.7", {"ResultStatus": "Success"}),
    (30, "SharePointFileOperation", 6, "FileDownloaded", _BOB, f"{_SITE}Prices.xlsx", "198.51.100.23", {"SourceFileName": "Prices.xlsx"}),
    (31, "SharePointFileOperation", 6, "FileAccessed", _BOB, f"{_SITE}Prices.xlsx", "198.51.100.23", {"SourceFileName": "Prices.xlsx"}),
    (1440, "ExchangeItem", 2, "MailItemsAccessed", "user0@contoso.com", "", "198.51.100.23", {"MailboxOwnerUPN": "user0@contoso.com"}),
)


OF_MAILBOXES = ("ExchangeItem", "ExchangeItemGroup", "ExchangeItemAggregated")
"""Record types of what is done in mailboxes, whose schema has another name for the address of the client."""


@dataclasses.dataclass(frozen=True)
class Event:
    """One entry.  ``data`` is what stands in AuditData."""

    time: datetime.datetime
    kind: str
    operation: str
    user: str
    identity: str
    data: str

    @property
    def content(self) -> dict[str, t.Any]:
        return t.cast(dict[str, t.Any], json.loads(self.data))


@dataclasses.dataclass
class Session:
    """What a session ID stands for: hits, and how many of them were delivered."""

    command: str
    hits: list[Event]
    given: int = 0


@dataclasses.dataclass
class AuditLog:
    events: list[Event]
    recording: bool = True
    sessions: dict[str, Session] = dataclasses.field(default_factory=dict)

    def keep(self, call: Call, error: str | None = None) -> None:
        """Note a call that may have changed something, with its parameters; the log has no old values of them."""
        if not self.recording or call.what_if or call.cmdlet.startswith(admin_audit.READING):
            return
        time, shown = datetime.datetime.now(datetime.UTC), admin_audit.given(call)
        content: dict[str, t.Any] = {
            "CreationTime": time.replace(tzinfo=None, microsecond=0).isoformat(),
            "Id": str(uuid.uuid4()),
            "Operation": call.cmdlet,
            "RecordType": 1,
            "UserId": CALLER,
            "ObjectId": shown.get("Identity") or shown.get("Name") or "",
            "Workload": "Exchange",
            "ResultStatus": str(error is None),
            "Parameters": [{"Name": name, "Value": value} for name, value in shown.items()],
            "Version": 1,
        }
        self.events.append(Event(time, "ExchangeAdmin", call.cmdlet, CALLER, content["Id"], json.dumps(content)))


def event(minutes: int, kind: str, number: int, operation: str, user: str, thing: str, address: str, more: dict[str, t.Any]) -> Event:
    time = _DAY + datetime.timedelta(minutes=minutes)
    identity = str(derived_guid("audit", f"{minutes} {operation} {user}"))
    named = {"CreationTime": time.replace(tzinfo=None).isoformat(), "Id": identity, "Operation": operation, "RecordType": number, "UserId": user}
    from_where = "ClientIPAddress" if kind in OF_MAILBOXES else "ClientIP"
    return Event(time, kind, operation, user, identity, json.dumps({**named, "ObjectId": thing, from_where: address, "Version": 1, **more}))


def seeded() -> AuditLog:
    return AuditLog([event(*row) for row in SEED])


def get_config(call: Call) -> t.Iterable[Record]:
    if call.contract.version != ONLINE:
        return admin_audit.config(call)
    return [Output(Obj(("Microsoft.Exchange.Data.Directory.SystemConfiguration.AdminAuditLogConfig", "System.Object"), _config(call)))]


def _config(call: Call) -> dict[str, t.Any]:
    return {"Name": "Admin Audit Log Settings", "AdminAuditLogEnabled": True, "UnifiedAuditLogIngestionEnabled": call.server.audit_log.recording}


def set_config(call: Call) -> t.Iterable[Record]:
    if call.contract.version != ONLINE:
        return admin_audit.set_config(call)
    wanted = call.settings.get("UnifiedAuditLogIngestionEnabled")
    if wanted is None or wanted == call.server.audit_log.recording:
        return [Warned(failures.unchanged("Admin Audit Log Settings"))]
    if not call.what_if:
        call.server.audit_log.recording = wanted
    return []


def search(call: Call) -> t.Iterable[Record]:
    given, log = call.parameters, call.server.audit_log
    size = given.get("ResultSize", DEFAULT_PAGE)
    if not 1 <= size <= LARGEST_PAGE:
        raise failures.invalid(f"The value of parameter 'ResultSize' must be between 1 and {LARGEST_PAGE}; it is {size}.")
    if given["StartDate"] > given["EndDate"]:
        raise failures.refused("The start date must be earlier than the end date.", "InvalidOperationException", "InvalidArgument")
    name, command = given.get("SessionId"), given.get("SessionCommand", "")
    known = log.sessions.get(str(name)) if name else None
    if known is None or known.command != command:
        known = Session(command, _hits(call))
        if name:
            log.sessions[str(name)] = known
    if call.server.faults.take("audit-timeout", call.cmdlet):
        return [Output(_shown(Event(_DAY, "", "", "", "", ""), -1, 0))]
    start = known.given
    most = LARGEST_SET if command == "ReturnLargeSet" else LARGEST_PREVIEW
    page = known.hits[start : min(start + size, most)]
    known.given += len(page)
    if call.server.faults.take("lost-audit-page", call.cmdlet):
        page, start = known.hits[known.given : min(known.given + size, most)], known.given
        known.given += len(page)
    return [Output(_shown(one, start + number, len(known.hits))) for number, one in enumerate(page, 1)]


def _hits(call: Call) -> list[Event]:
    """Oldest first, where a session asks for the large set: the service does not sort it; otherwise the newest first."""
    found = [one for one in call.server.audit_log.events if _fits(one, call.parameters)] if call.server.audit_log.recording else []
    return sorted(found, key=lambda one: one.time, reverse=call.parameters.get("SessionCommand") != "ReturnLargeSet")


def _fits(one: Event, given: t.Mapping[str, t.Any]) -> bool:
    if not given["StartDate"] <= one.time < given["EndDate"]:
        return False
    content = one.content
    compared = {"RecordType": one.kind, "Operations": one.operation, "UserIds": one.user}
    address = content.get("ClientIP") or content.get("ClientIPAddress")
    compared |= {"ObjectIds": str(content["ObjectId"]), "IPAddresses": str(address), "SiteIds": str(content.get("Site", ""))}
    for name, value in compared.items():
        wanted = given.get(name)
        if wanted is not None and value.lower() not in [str(each).lower() for each in (wanted if isinstance(wanted, list) else [wanted])]:
            return False
    return str(given.get("FreeText") or "").lower() in one.data.lower()


def _shown(one: Event, index: int, count: int) -> Obj:
    properties = {
        "RecordType": one.kind,
        "CreationDate": one.time,
        "UserIds": one.user,
        "Operations": one.operation,
        "AuditData": one.data,
        "ResultIndex": index,
        "ResultCount": count,
        "Identity": one.identity,
        "IsValid": True,
        "ObjectState": "Unchanged",
    }
    return Obj(TYPES, properties, string=one.identity)


HANDLERS = {"Get-AdminAuditLogConfig": get_config, "Set-AdminAuditLogConfig": set_config, "Search-UnifiedAuditLog": search}
