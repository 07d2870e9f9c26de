# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Move requests as Get-MoveRequest and Get-MoveRequestStatistics show them."""

from __future__ import annotations

import datetime
import typing as t

from hybridlab.clixml import Enum, MultiValued, Obj
from hybridlab.exchange import values
from hybridlab.exchange.call import Call
from hybridlab.exchange.directory import EPOCH
from hybridlab.exchange.mailbox_view import MAILBOX_KINDS

if t.TYPE_CHECKING:
    from hybridlab.exchange.moves import Request

# Numbers of Microsoft.Exchange.Data.Directory.Recipient.RequestStatus.
STATUSES = {
    "None": 0,
    "Queued": 1,
    "InProgress": 2,
    "AutoSuspended": 3,
    "CompletionInProgress": 4,
    "Synced": 5,
    "Completed": 10,
    "CompletedWithWarning": 11,
    "Suspended": 98,
    "Failed": 99,
}
_TASKS = "Microsoft.Exchange.Management.RecipientTasks"
_BASE = ("Microsoft.Exchange.Data.ConfigurableObject", "System.Object")
_ENUMERATED = ("System.Enum", "System.ValueType", "System.Object")
_SIZE = 1_288_490_188
_ITEMS = 135


def _status(request: Request) -> Enum:
    return Enum(("Microsoft.Exchange.Data.Directory.Recipient.RequestStatus", *_ENUMERATED), STATUSES[request.status], request.status)


def _common(request: Request) -> dict[str, t.Any]:
    account, given = request.account, request.settings
    style = "IntraOrg" if request.direction == "Local" else "CrossOrg"
    return {
        "Identity": account.canonical,
        "Alias": account.values["Alias"],
        "DisplayName": account.values["DisplayName"],
        "DistinguishedName": account.dn,
        "ExchangeGuid": account.values.get("ExchangeGuid"),
        "ArchiveGuid": account.values.get("ArchiveGuid"),
        "RecipientTypeDetails": account.kind,
        "Status": _status(request),
        "Flags": ", ".join([style, "Push" if request.direction == "Push" else "Pull", *(["Suspend"] if request.status == "Suspended" else [])]),
        "RequestStyle": style,
        "Direction": "Push" if request.direction == "Push" else "Pull",
        "IsOffline": bool(given.get("ForceOffline")),
        "Protect": bool(given.get("Protect")),
        "Suspend": request.status == "Suspended",
        "SuspendWhenReadyToComplete": bool(given.get("SuspendWhenReadyToComplete")),
        "SourceDatabase": request.source,
        "TargetDatabase": request.target if request.direction != "Push" else None,
        "SourceArchiveDatabase": request.source_archive,
        "TargetArchiveDatabase": request.target_archive,
        "RemoteHostName": given.get("RemoteHostName"),
        "BatchName": given.get("BatchName") or "",
        "IsValid": True,
        "ObjectState": "Unchanged",
    }


def request_view(request: Request) -> Obj:
    properties = {
        **_common(request),
        "Guid": request.account.guid,
        "Name": request.account.name,
        "RecipientType": "UserMailbox" if request.account.kind in MAILBOX_KINDS else "MailUser",
        "WhenChangedUTC": request.updated,
        "WhenCreatedUTC": EPOCH,
    }
    return Obj((f"{_TASKS}.MoveRequest", "Microsoft.Exchange.Data.Directory.ADPresentationObject", *_BASE), properties, string=request.account.canonical)


def _times(request: Request) -> dict[str, datetime.datetime | None]:
    """When what happened; steps count for minutes."""
    completed = request.updated if request.status == "Completed" else None
    return {
        "QueuedTimestamp": EPOCH,
        "StartTimestamp": EPOCH + datetime.timedelta(minutes=1) if request.step else None,
        "LastUpdateTimestamp": request.updated,
        "LastSuccessfulSyncTimestamp": request.updated if request.percent >= 95 else None,
        "InitialSeedingCompletedTimestamp": request.updated if request.percent >= 95 else None,
        "FinalSyncTimestamp": completed,
        "CompletionTimestamp": completed,
        "SuspendedTimestamp": request.updated if request.status in ("Suspended", "AutoSuspended") else None,
        "FailureTimestamp": request.updated if request.failure else None,
        "StartAfter": request.settings.get("StartAfter"),
        "CompleteAfter": request.settings.get("CompleteAfter"),
    }


def _settings(given: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    return {
        "Priority": given.get("Priority", "Normal"),
        "RemoteDatabaseName": given.get("RemoteTargetDatabase"),
        "RemoteGlobalCatalog": given.get("RemoteGlobalCatalog"),
        "TargetDeliveryDomain": given.get("TargetDeliveryDomain"),
        "BadItemLimit": given.get("BadItemLimit", "0"),
        "LargeItemLimit": given.get("LargeItemLimit", "0"),
        "AllowLargeItems": bool(given.get("AllowLargeItems", True)),
        "PreventCompletion": bool(given.get("PreventCompletion")),
        "IncrementalSyncInterval": values.print_span(given.get("IncrementalSyncInterval", datetime.timedelta(days=1))),
        "CompletedRequestAgeLimit": given.get("CompletedRequestAgeLimit", "30.00:00:00"),
        "RequestExpiryInterval": given.get("RequestExpiryInterval", "Unlimited"),
        "SkipMoving": MultiValued(given.get("SkipMoving", [])),
        "MoveOptions": MultiValued(given.get("MoveOptions", [])),
    }


def statistics_view(call: Call, request: Request) -> Obj:
    flaws = call.server.moves.flaws.get(request.account.guid, {})
    noticed = request.percent >= 60
    detail = Enum(("Microsoft.Exchange.MailboxReplicationService.RequestState", *_ENUMERATED), 1, request.detail)
    properties = {
        **_common(request),
        **{name: when and values.local(when) for name, when in _times(request).items()},
        **_settings(request.settings),
        "MailboxIdentity": request.account.canonical,
        "StatusDetail": detail,
        "SyncStage": request.detail,
        "WorkloadType": "Local" if request.direction == "Local" else "Onboarding" if request.direction == "Pull" else "Offboarding",
        "SourceServer": "ex01.contoso.com" if request.source else None,
        "TargetServer": _active(call, request),
        "BadItemsEncountered": flaws.get("bad", 0) if noticed else 0,
        "LargeItemsEncountered": flaws.get("large", 0) if noticed else 0,
        "MRSServerName": "ex01.contoso.com",
        "TotalMailboxSize": values.print_size(_SIZE),
        "TotalMailboxItemCount": _ITEMS,
        "BytesTransferred": values.print_size(_SIZE * request.percent // 100),
        "ItemsTransferred": _ITEMS * request.percent // 100,
        "PercentComplete": request.percent,
        "PositionInQueue": "",
        "FailureCode": -2146233088 if request.failure else None,
        "FailureType": request.failure or None,
        "FailureSide": "Source" if request.failure else None,
        "Message": request.message or (f"Informational: {request.comment}" if request.comment else ""),
        "ValidationMessage": "",
        "RequestGuid": request.guid,
        "RequestQueue": request.target,
        "OverallDuration": values.print_span(request.updated - EPOCH),
        "TotalStalledDueToHADuration": values.print_span(datetime.timedelta(minutes=sum("StalledDueTo" in event for event in request.events))),
        "Report": "\n".join(request.events) if call.parameters.get("IncludeReport") else None,
    }
    return Obj((f"{_TASKS}.MoveRequestStatistics", *_BASE), properties, string=request.account.canonical)


def _active(call: Call, request: Request) -> str | None:
    found = call.server.databases.find(request.target) if request.target and request.direction != "Push" else []
    return f"{found[0].values['Server'].lower()}.contoso.com" if found else None
