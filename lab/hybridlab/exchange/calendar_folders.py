# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Calendars of mailboxes: how they are published, as far as sharing policies and Outlook on the web permit it."""

from __future__ import annotations

import typing as t
import uuid

from hybridlab.clixml import Obj
from hybridlab.exchange import failures, folders
from hybridlab.exchange.call import Call, commit
from hybridlab.exchange.directory import Entry
from hybridlab.exchange.mailbox_settings import STORE_TYPES
from hybridlab.exchange.mailbox_table import table
from hybridlab.exchange.mailbox_view import read
from hybridlab.exchange.settings import default_policy, stored
from hybridlab.records import Output, Record

if t.TYPE_CHECKING:
    from hybridlab.exchange.server import Exchange

_RANGES = "OneDay,ThreeDays,OneWeek,OneMonth,ThreeMonths,SixMonths,OneYear"
ROWS = table(f"""
PublishEnabled                          bool        false
PublishDateRangeFrom                    enum        ThreeMonths:{_RANGES}
PublishDateRangeTo                      enum        ThreeMonths:{_RANGES}
DetailLevel                             enum        AvailabilityOnly:AvailabilityOnly,LimitedDetails,FullDetails
SearchableUrlEnabled                    bool        false
PublishedCalendarUrl                    =text?      -
PublishedICalUrl                        =text?      -
""")
_KEPT = "MailboxCalendarFolder"
_LEVELS = {"CalendarSharingFreeBusySimple": 0, "CalendarSharingFreeBusyDetail": 1, "CalendarSharingFreeBusyReviewer": 2}


def calendars(entry: Entry) -> list[str]:
    """The paths of a mailbox's calendars, its own one first."""
    opened = folders.opened(entry)
    own = next((path for path, folder in opened.items() if folder.kind == "Calendar"), None)
    return [] if own is None else [own, *(path for path in opened if path.startswith(f"{own}\\"))]


def _chosen(call: Call) -> tuple[Entry, str]:
    """The mailbox and the path of the calendar that ``user0:\\Calendar`` names.  Raises `failures.Refused`."""
    mailbox, colon, path = str(call.identity).partition(":\\")
    known = call.server.recipients
    if not colon:
        raise failures.invalid(f"'{call.identity}' isn't a mailbox folder identity. The form is: <Mailbox>:\\<Folder>.")
    entries = [entry for entry in known.find(mailbox) if "ExchangeGuid" in entry.values]
    if not entries:
        raise failures.not_found(mailbox)
    if len(entries) > 1:
        raise failures.ambiguous(mailbox)
    found = [one for one in calendars(entries[0]) if one.lower() == path.lower()]
    if not found:
        raise failures.not_found(call.identity)
    return entries[0], found[0]


def _now(entry: Entry, path: str) -> dict[str, t.Any]:
    return {name: row.default for name, row in ROWS.items()} | entry.values.get(_KEPT, {}).get(path, {})


def get_calendar_folder(call: Call) -> t.Iterable[Record]:
    entry, path = _chosen(call)
    identity = f"{entry.canonical}:\\{path}"
    properties = _now(entry, path) | {"Identity": identity, "MailboxFolderId": identity, "IsValid": True, "ObjectState": "Unchanged"}
    types = ("Microsoft.Exchange.Data.Storage.Management.MailboxCalendarFolder", *STORE_TYPES)
    return [Output(Obj(types, properties, string=identity))]


def set_calendar_folder(call: Call) -> t.Iterable[Record]:
    entry, path = _chosen(call)
    before = _now(entry, path)
    after = dict(before)
    for name, value in call.settings.items():
        if name in ROWS:
            after[name] = stored(ROWS[name], value, before[name], call.server)
        elif name not in ("ResetUrl", "UseHttps"):
            raise failures.not_emulated(call.cmdlet, f"-{name}")
    if after["PublishEnabled"]:
        _refuse_against_policy(call.server, entry, after["DetailLevel"])
        reset = bool(call.settings.get("ResetUrl")) and not after["SearchableUrlEnabled"]
        if reset or not before["PublishEnabled"] or after["SearchableUrlEnabled"] != before["SearchableUrlEnabled"]:
            after |= _addresses(call, entry, path, after["SearchableUrlEnabled"])
    elif not before["PublishEnabled"] and call.settings.keys() - {"PublishEnabled", "UseHttps"}:
        raise failures.refused("Publishing isn't enabled for this calendar.", "PublishingNotEnabledException")
    else:
        after |= {"PublishedCalendarUrl": None, "PublishedICalUrl": None}
    return commit(call, call.server.recipients, entry, {_KEPT: {**entry.values.get(_KEPT, {}), path: after}} if after != before else {})


def _refuse_against_policy(server: Exchange, entry: Entry, detail: str) -> None:
    name = read(entry, "SharingPolicy") or default_policy(server)
    policy = server.objects["SharingPolicy"].one(name).values
    lines = [one.partition(":") for one in policy["Domains"] if policy["Enabled"]]
    actions = [action.strip() for domain, _colon, listed in lines if domain.lower() == "anonymous" for action in listed.split(",")]
    most = max((_LEVELS.get(action, -1) for action in actions), default=-1)
    if not policy.get("Enabled") or ROWS["DetailLevel"].names.index(detail) > most:
        raise failures.refused(f"The sharing policy '{name}' doesn't allow this calendar to be published with {detail}.", "InvalidOperationException")


def _addresses(call: Call, entry: Entry, path: str, searchable: bool) -> dict[str, str]:
    """A published address is one of Outlook on the web for the outside; without https unless the call says so."""
    doors = [one.values["ExternalUrl"] for one in call.server.objects["OwaVirtualDirectory"] if one.values["AnonymousFeaturesEnabled"]]
    outside = next((url for url in doors if url), None)
    if outside is None:
        raise failures.refused("No external Outlook Web App service could be found.", "NoExternalOwaAvailableException")
    mailbox = f"{entry.values['PrimarySmtpAddress']}/{path}" if searchable else f"{entry.values['ExchangeGuid']}@contoso.com/{uuid.uuid4().hex}"
    base = f"{'https' if call.settings.get('UseHttps') else 'http'}{outside.removeprefix('https')}/calendar/{mailbox}"
    return {"PublishedCalendarUrl": f"{base}/calendar.html", "PublishedICalUrl": f"{base}/calendar.ics"}


HANDLERS = {
    "Get-MailboxCalendarFolder": get_calendar_folder,
    "Set-MailboxCalendarFolder": set_calendar_folder,
}
