# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Calendars of mailboxes: found by their type whatever their name, and published only as far as the sharing policy permits."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import NeverOpened, NotFound, Truncated, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.info import Column, InfoModule
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource, Options, common, single

DETAILS = ("availability_only", "limited_details", "full_details")
"""How much of a published calendar can be seen, the least first."""

_PERMITTED = {"calendarsharingfreebusysimple": 0, "calendarsharingfreebusydetail": 1, "calendarsharingfreebusyreviewer": 2}
"""What a sharing policy permits, as positions in `DETAILS`."""

_RESET = values.Codec(lambda value: value is True)
"""An option's true; the address itself is neither reset nor not."""

RANGES = ("one_day", "three_days", "one_week", "one_month", "three_months", "six_months", "one_year")

FIELDS = (Field("reset_url", read="PublishedCalendarUrl", codec=_RESET),)

SHOWN = (
    Field("detail_level", codec=values.choice(DETAILS)),
    *(Field(name, codec=values.choice(RANGES)) for name in ("publish_date_range_from", "publish_date_range_to")),
    *(Field(name, codec="text") for name in ("published_calendar_url", "published_ical_url")),
)
"""How a list shows what options of the resource module show by their documented choices."""


def identity(session: Session, mailbox: str, folder: str | None, shared: dict[str, t.Any]) -> str:
    """How the cmdlets name a calendar, for example ``user0:\\Kalender``; without a folder the mailbox's own calendar.

    Raises NotFound when there is no such mailbox, NeverOpened when it has no calendar yet.
    """
    if folder:
        path = folder.replace("/", "\\").strip("\\")
        return f"{mailbox}:\\{path}"
    own, *_others = calendars(session, mailbox, shared)
    return f"{mailbox}:\\{own}"


def calendars(session: Session, mailbox: str, shared: dict[str, t.Any]) -> list[str]:
    """The paths of a mailbox's calendars, its own one first.  Raises as `identity` does."""
    cmdlet = "Get-MailboxFolderStatistics"
    answer = session.invoke(cmdlet, {"Identity": mailbox, "FolderScope": "Calendar"} | shared, properties=("FolderPath", "FolderType"))
    if answer.truncated:
        raise Truncated(f"the list of calendars of '{mailbox}' is incomplete", cmdlet=cmdlet, target=session.target)
    shown = sorted(answer.output, key=lambda one: one.get("FolderType") != "Calendar")
    if not shown or shown[0].get("FolderType") != "Calendar":
        raise NeverOpened(f"the mailbox '{mailbox}' has no calendar yet", cmdlet=cmdlet, target=session.target)
    return [str(one["FolderPath"]).strip("/").replace("/", "\\") for one in shown]


class CalendarFolder(CmdletResource):
    """How one calendar is published."""

    facts = ("published_calendar_url", "published_ical_url")
    owners = ("Mailbox",)
    apart = ("folder",)
    unlisted = ("reset_url",)

    def __init__(self, *arguments: t.Any) -> None:
        super().__init__(*arguments)
        self._identities: dict[tuple[str, str | None], str] = {}
        self._addresses: dict[str, t.Any] = {}  # as they were first seen in this task

    # reading

    def identity(self, options: Options) -> dict[str, t.Any]:
        return {"Identity": self._identities[options["identity"], options.get("folder")]}

    def read(self, session: Session, options: Options) -> engine.Reading:
        asked = options["identity"], options.get("folder")
        if asked not in self._identities:
            try:
                self._identities[asked] = identity(session, *asked, common(options))
            except NotFound as error:
                raise self.ownerless(error) from None
        found = super().read(session, options)
        state = dict(found.state or {})
        address = state.get("published_calendar_url")
        first = self._addresses.setdefault(self._identities[asked], address)
        state["reset_url"] = address != first
        if options.get("reset_url") is None:
            del state["reset_url"]
        return engine.Reading(state)

    def held(self, session: Session, options: Options) -> t.Iterator[tuple[dict[str, t.Any], plan.State]]:
        """All calendars of a mailbox."""
        mailbox = options["identity"]
        for number, path in enumerate(calendars(session, mailbox, common(options))):
            naming = {"identity": mailbox} | ({"folder": path} if number else {})
            self._identities[mailbox, naming.get("folder")] = f"{mailbox}:\\{path}"
            state = self.read(session, {**options, **naming, "reset_url": None}).state
            yield naming, state or {}

    # planning

    def wanted(self, session: Session, options: Options, current: plan.State | None) -> plan.State:
        wanted, before = super().wanted(session, options, current), current or {}
        after = {**before, **wanted}
        if wanted.get("reset_url") and not before.get("reset_url") and not _resettable(before, after):
            raise UsageError("only a calendar that is published, and not searchable, has an address that can be reset")
        shows_more = not before.get("publish_enabled") or after.get("detail_level") != before.get("detail_level")
        if after.get("publish_enabled") and shows_more:
            if after.get("detail_level") == "full_details" and not options.get("accept_full_details"):
                advice = "Say accept_full_details: true, or choose limited_details or availability_only"
                raise UsageError("whoever has the address would see everything in the calendar", advice=advice)
            self._refuse_against_policy(session, options, str(after.get("detail_level")))
        return wanted

    def _refuse_against_policy(self, session: Session, options: Options, detail: str) -> None:
        """What the mailbox's sharing policy does not permit for Anonymous cannot be published."""
        shared = common(options)
        mailbox = single(
            session.invoke("Get-Mailbox", {"Identity": options["identity"]} | shared, properties=("SharingPolicy",)),
            "Get-Mailbox",
            session.target,
            self.label(options),
        )
        named = {"Identity": mailbox["SharingPolicy"]} if mailbox.get("SharingPolicy") else {}
        policies = session.invoke("Get-SharingPolicy", named | shared, properties=("Name", "Domains", "Enabled", "Default")).output
        policy: dict[str, t.Any] = next((one for one in policies if named or one.get("Default")), {})
        permitted = _permitted(policy)
        if permitted < 0 or (detail in DETAILS and DETAILS.index(detail) > permitted):
            most = f"no more than {DETAILS[permitted]}" if permitted >= 0 else "nothing"
            advice = "Permit it in the sharing policy (its domain Anonymous), or give the mailbox another one"
            raise UsageError(f"the sharing policy '{policy.get('Name', '')}' permits to publish {most}", target=session.target, advice=advice)


def _resettable(before: plan.State, after: plan.State) -> bool:
    return bool(before.get("publish_enabled") and after.get("publish_enabled")) and not after.get("searchable_url_enabled")


def _permitted(policy: t.Mapping[str, t.Any]) -> int:
    """The position in `DETAILS` up to which a policy lets calendars be published; -1 for not at all.

    >>> _permitted({"Enabled": True, "Domains": ["*:ContactsSharing", "Anonymous:CalendarSharingFreeBusyDetail"]})
    1
    """
    parts = [str(one).partition(":") for one in policy.get("Domains") or ()]
    actions = [action for domain, _colon, listed in parts if domain.strip().lower() == "anonymous" for action in listed.split(",")]
    return max((_PERMITTED.get(action.strip().lower(), -1) for action in actions), default=-1) if policy.get("Enabled") else -1


class CalendarFolderInfo(InfoModule):
    """The calendars of many mailboxes, one after the other."""

    def parameters(self, options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        return super().parameters(options) | ({"Folder": options["folder"]} if options.get("folder") else {})

    def _list(self, session: engine.Tally, parameters: dict[str, t.Any], columns: list[Column]) -> list[dict[str, t.Any]]:
        mailbox, rest = parameters["Identity"], {name: value for name, value in parameters.items() if name not in ("Identity", "Folder")}
        try:
            named = identity(session, mailbox, parameters.get("Folder"), rest)
        except NeverOpened as error:
            raise NotFound(error.text) from None  # one of many mailboxes without a calendar is no reason to stop
        return [{"mailbox": mailbox, **row} for row in super()._list(session, {"Identity": named} | rest, columns)]
