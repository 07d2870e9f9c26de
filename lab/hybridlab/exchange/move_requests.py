# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cmdlets of move requests.  How requests go on is in `moves`."""

from __future__ import annotations

import typing as t

from hybridlab.exchange import failures, settings, values
from hybridlab.exchange.call import Call, Handler, listed
from hybridlab.exchange.directory import Entry
from hybridlab.exchange.mailbox_view import MAILBOX_KINDS
from hybridlab.exchange.move_view import request_view, statistics_view
from hybridlab.exchange.moves import DONE, Request
from hybridlab.records import Output, Record, Warned

NEEDS_CONSENT = 51
"""The limit of items from which a request wants to be told that the loss of data is accepted."""
_SPANS = ("CompletedRequestAgeLimit", "RequestExpiryInterval")
_SELECTING = ("Identity", "DomainController", "ResultSize", "OrganizationalUnit", "SortBy", "Credential")
_UNTOLD = ("Flags", "Protect", "Offline", "OrganizationalUnit", "IncludeSoftDeletedObjects", "ProxyToMailbox", "SortBy", "Credential")
_NO_SETTINGS = "Identity DomainController TargetDatabase ArchiveTargetDatabase AcceptLargeDataLoss Suspend SuspendComment Remote Outbound RemoteLegacy".split()


def account_of(call: Call, identity: t.Any) -> Entry:
    found = [entry for entry in call.server.recipients.find(identity) if entry.kind in (*MAILBOX_KINDS, "MailUser")]
    if not found:
        raise failures.not_found(identity)
    if len(found) > 1:
        raise failures.ambiguous(identity)
    return found[0]


def _request(call: Call) -> Request:
    found = call.server.moves.of(account_of(call, call.identity))
    if found is None:
        text = f"Couldn't find a move request that corresponds to the specified mailbox '{call.identity}'."
        raise failures.refused(text, "ManagementObjectNotFoundException", "NotSpecified")
    return found


def get_move_request(call: Call) -> t.Iterable[Record]:
    for name in _UNTOLD:
        if call.parameters.get(name) not in (None, False):
            raise failures.not_emulated(call.cmdlet, f"-{name}")
    if call.identity is not None:
        return [Output(request_view(_request(call)))]
    chosen = [one for one in call.server.moves.requests.values() if all(_fits(call, one, name) for name in call.parameters if name not in _SELECTING)]
    return listed(call, t.cast(t.Any, chosen), t.cast(t.Any, request_view))


def _fits(call: Call, request: Request, name: str) -> bool:
    wanted = call.parameters[name]
    if wanted is None:
        return True
    if name in ("MoveStatus", "Status"):
        return request.status.lower() == str(wanted).lower()
    if name in ("SourceDatabase", "TargetDatabase"):
        return settings.database(call.server, wanted) == (request.source if name == "SourceDatabase" else request.target)
    if name == "Suspend":
        return (request.status == "Suspended") is bool(wanted)
    if name == "HighPriority":
        return (request.settings.get("Priority") in ("High", "Higher", "Highest", "Emergency")) is bool(wanted)
    kept = request.settings.get(name)
    return bool(kept) is wanted if isinstance(wanted, bool) else str(kept or "").lower() == str(wanted).lower()


def get_statistics(call: Call) -> t.Iterable[Record]:
    for name in ("Diagnostic", "DiagnosticArgument", "DiagnosticInfo", "DiagnosticOnly", "Analysis", "ReportOnly", "MailboxGuid", "ProxyToMailbox"):
        if call.parameters.get(name):
            raise failures.not_emulated(call.cmdlet, f"-{name}")
    if call.identity is None:
        queue = settings.database(call.server, call.parameters["MoveRequestQueue"])
        found = [one for one in call.server.moves.requests.values() if queue in (one.target, one.target_archive)]
    else:
        found = [_request(call)]
    shown = []
    for one in found:
        call.server.moves.looked_at(call.server, one)
        shown.append(Output(statistics_view(call, one)))
    return shown


def _given(call: Call) -> dict[str, t.Any]:
    """The settings of a request as it keeps them."""
    found: dict[str, t.Any] = {}
    for name, value in call.parameters.items():
        if name in ("BadItemLimit", "LargeItemLimit"):
            found[name] = values.count(value)
        elif name in _SPANS:
            found[name] = values.unlimited_span(value)
        elif name == "MoveOptions" or name == "SkipMoving":
            found[name] = list(value or [])
        elif name not in _NO_SETTINGS:
            found[name] = value
    return found


def _consented(call: Call, given: t.Mapping[str, t.Any]) -> None:
    for name in ("BadItemLimit", "LargeItemLimit"):
        limit = given.get(name, "0")
        if (limit == "Unlimited" or int(limit) >= NEEDS_CONSENT) and not call.parameters.get("AcceptLargeDataLoss"):
            text = f"When the {name} parameter is set to {limit}, large data loss can occur. If this is OK, you must also specify AcceptLargeDataLoss."
            raise failures.refused(text, "LargeDataLossNotAcceptedPermanentException", "InvalidArgument")
    if call.parameters.get("AllowLargeItems") and "LargeItemLimit" in call.parameters:
        raise failures.refused("AllowLargeItems and LargeItemLimit can't be used together.", "RecipientTaskException", "InvalidArgument")


def new(call: Call) -> t.Iterable[Record]:
    account = account_of(call, call.identity)
    known = call.server.moves.of(account)
    if known is not None and known.status in DONE:
        text = f"Mailbox '{account.name}' has a completed move request associated with it. Before you create a new move request for the mailbox, "
        raise failures.refused(f"{text}run the Remove-MoveRequest cmdlet to clear the completed move request.", "RecipientTaskException", "InvalidArgument")
    if known is not None:
        raise failures.refused(f"Mailbox '{account.name}' is already being moved to '{known.target or 'remote'}'.", "RecipientTaskException", "InvalidArgument")
    given = _given(call)
    _consented(call, given)
    remote = next((name for name in ("Remote", "Outbound", "RemoteLegacy") if call.parameters.get(name)), None)
    made = _local(call, account, given) if remote is None else _elsewhere(call, account, given, remote)
    if call.what_if:
        return []
    if call.parameters.get("Suspend"):
        made.comment = str(call.parameters.get("SuspendComment") or "")
        made.show("Suspended")
    call.server.moves.requests[account.guid] = made
    records: list[Record] = [Output(request_view(made))]
    if made.settings.get("BadItemLimit", "0") == "Unlimited" or call.parameters.get("AcceptLargeDataLoss"):
        records.append(Warned("When an item can't be read from the source database or it can't be written to the destination database, it will be skipped."))
    return records


def _database(call: Call, name: str) -> str | None:
    if call.parameters.get(name) is None:
        return None
    entry = call.server.databases.one(str(settings.database(call.server, call.parameters[name])))
    if entry.values["Recovery"]:
        raise failures.refused(f"Database '{entry.name}' is a recovery database, to which mailboxes can't be moved.", "RecipientTaskException")
    if not entry.values["Mounted"]:
        raise failures.refused(f"Database '{entry.name}' is dismounted.", "DatabaseCouldNotBeMappedException", "InvalidArgument")
    return entry.name


def _local(call: Call, account: Entry, given: dict[str, t.Any]) -> Request:
    if account.kind not in MAILBOX_KINDS:
        raise failures.refused(f"'{account.canonical}' is a mail user, and only a move from another forest begins with one.", "RecipientTaskException")
    archive = account.values.get("ArchiveDatabase") if account.values.get("ArchiveState") == "Local" else None
    home = account.values.get("Database", "DB01")
    if call.parameters.get("PrimaryOnly") and call.parameters.get("ArchiveOnly"):
        raise failures.refused("PrimaryOnly and ArchiveOnly can't be used together.", "RecipientTaskException", "InvalidArgument")
    if (call.parameters.get("ArchiveOnly") or call.parameters.get("ArchiveTargetDatabase")) and archive is None:
        raise failures.refused(f"Mailbox '{account.name}' doesn't have an archive.", "RecipientTaskException", "InvalidArgument")
    target = _database(call, "TargetDatabase") or (None if call.parameters.get("ArchiveOnly") else _any_other(call, home))
    moved = target if not call.parameters.get("ArchiveOnly") else None
    archive_target = None
    if archive is not None and not call.parameters.get("PrimaryOnly"):
        archive_target = _database(call, "ArchiveTargetDatabase") or target
    if moved == home and (archive_target in (None, archive)):
        raise failures.refused(f"Mailbox '{account.name}' is already on database '{home}'.", "RecipientTaskException", "InvalidArgument")
    return Request(account, "Local", home if moved else None, moved, archive if archive_target else None, archive_target, given)


def _any_other(call: Call, home: str) -> str:
    others = sorted(one.name for one in call.server.databases if one.name != home and one.values["Mounted"] and not one.values["Recovery"])
    if not others:
        raise failures.refused("Load balancing failed to find a valid mailbox database.", "RecipientTaskException", "InvalidArgument")
    return others[0]


def _elsewhere(call: Call, account: Entry, given: dict[str, t.Any], way: str) -> Request:
    pulled = way != "Outbound"
    if pulled is (account.kind in MAILBOX_KINDS) and not call.parameters.get("ArchiveOnly"):
        wanted = "a mail user" if pulled else "a mailbox"
        raise failures.refused(f"'{account.canonical}' isn't {wanted}, with which this move begins.", "RecipientTaskException", "InvalidArgument")
    if not pulled and not (call.parameters.get("RemoteTargetDatabase") or call.parameters.get("RemoteArchiveTargetDatabase")):
        raise failures.refused("You must specify RemoteTargetDatabase for a move to another forest.", "RecipientTaskException", "InvalidArgument")
    target = _database(call, "TargetDatabase") if pulled else str(call.parameters.get("RemoteTargetDatabase") or "")
    source = account.values.get("Database", "DB01") if not pulled else None
    return Request(account, "Pull" if pulled else "Push", source, target or None, None, None, given)


def set_request(call: Call) -> t.Iterable[Record]:
    request = _request(call)
    if request.status in DONE:
        raise failures.refused(
            f"The move request of '{request.account.name}' can't be modified: it is already complete.", "CannotSetCompletedPermanentException"
        )
    given = _given(call)
    _consented(call, given)
    targets = {name: _database(call, name) for name in ("TargetDatabase", "ArchiveTargetDatabase") if name in call.parameters}
    if targets and request.status not in ("Queued", "Suspended"):
        text = f"The target database can be changed only while the request is queued; that of '{request.account.name}' is {request.status}."
        raise failures.refused(text, "CannotSetTargetPermanentException", "InvalidArgument")
    if not call.what_if:
        request.settings.update(given)
        request.target = targets.get("TargetDatabase") or request.target
        request.target_archive = targets.get("ArchiveTargetDatabase") or request.target_archive
    return []


def suspend(call: Call) -> t.Iterable[Record]:
    request = _request(call)
    if request.status in (*DONE, "CompletionInProgress"):
        raise failures.refused(f"The move request of '{request.account.name}' can't be suspended: it is {request.status}.", "SuspendCompletedRequestException")
    if not call.what_if:
        request.comment = str(call.parameters.get("SuspendComment") or "")
        request.show("Suspended")
    return []


def resume(call: Call) -> t.Iterable[Record]:
    request = _request(call)
    if request.status in DONE:
        raise failures.refused(f"The move request of '{request.account.name}' can't be resumed: it is {request.status}.", "ResumeCompletedRequestException")
    if not call.what_if:
        again = bool(call.parameters.get("SuspendWhenReadyToComplete"))
        request.resumed = request.status == "AutoSuspended" and not again
        if again:
            request.settings["SuspendWhenReadyToComplete"] = True
        request.failure = request.message = request.comment = ""
        request.at(request.step)
    return []


def remove(call: Call) -> t.Iterable[Record]:
    if call.identity is None:
        raise failures.not_emulated(call.cmdlet, "-MoveRequestQueue")
    request = _request(call)
    if request.status == "CompletionInProgress":
        text = f"The move request of '{request.account.name}' can't be removed: it is being completed."
        raise failures.refused(text, "CannotRemoveRequestInCompletionException")
    if not call.what_if:
        del call.server.moves.requests[request.account.guid]
    return []


HANDLERS: dict[str, Handler] = {
    "Get-MoveRequest": get_move_request,
    "Get-MoveRequestStatistics": get_statistics,
    "New-MoveRequest": new,
    "Set-MoveRequest": set_request,
    "Suspend-MoveRequest": suspend,
    "Resume-MoveRequest": resume,
    "Remove-MoveRequest": remove,
}
