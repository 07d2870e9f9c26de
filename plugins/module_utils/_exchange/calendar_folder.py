# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Calendars of mailboxes: found by their type whatever their name, and published only as far as the sharing policy permits."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import CommandMissing, NeverOpened, NotFound, Truncated, UsageError
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


def _secure(value: t.Any) -> bool | None:
    """Whether a published address begins with https; None for no address."""
    return value if value is None or isinstance(value, bool) else str(value).lower().startswith("https:")


FIELDS = (
    Field("reset_url", read="PublishedCalendarUrl", codec=_RESET),
    Field("use_https", read="PublishedCalendarUrl", codec=values.Codec(_secure)),
)

_OF_PUBLISHED = ("searchable_url_enabled", "detail_level", "publish_date_range_from", "publish_date_range_to")
"""What Exchange lets nobody change while a calendar is not published (PublishingNotEnabledException)."""

_OF_ADDRESS = ("publish_enabled", "searchable_url_enabled", "reset_url")
"""Changes with which Exchange makes a published calendar's address anew."""

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
        self._policies: dict[str, dict[str, t.Any]] = {}  # by the name that mailboxes have, read once for all of them
        self._publishes = False  # whether Outlook on the web was found to have an address for everybody

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
        if not after.get("publish_enabled") or (not before.get("publish_enabled") and not after.get("use_https")):
            wanted.pop("use_https", None)  # there is no address, or one is made, which is http unless it is told otherwise
        _refuse_unpublished(before, after)
        _refuse_same_address(before, wanted, after)
        if after.get("publish_enabled"):
            self._refuse_publishing(session, options, before, after)
        return wanted

    def _refuse_publishing(self, session: Session, options: Options, before: plan.State, after: plan.State) -> None:
        """What must not or cannot be published: asked when somebody would see more than before, or an address is made."""
        opens = not before.get("publish_enabled") or (after.get("searchable_url_enabled") and not before.get("searchable_url_enabled"))
        if opens or after.get("detail_level") != before.get("detail_level"):
            if after.get("detail_level") == "full_details" and not options.get("accept_full_details"):
                advice = "Say accept_full_details: true, or choose limited_details or availability_only"
                raise UsageError("whoever has the address would see everything in the calendar", advice=advice)
            self._refuse_against_policy(session, options, str(after.get("detail_level")))
        if any(before.get(name) != after.get(name) for name in _OF_ADDRESS):
            self._publishes = self._publishes or _publishes(session, common(options))

    def calls(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        """An address that is made anew stays one with https."""
        (call,) = super().calls(todo, options, found)
        if todo.changes.keys() & set(_OF_ADDRESS) and (todo.after or {}).get("use_https"):
            call.parameters["UseHttps"] = True
        return [call]

    def _refuse_against_policy(self, session: Session, options: Options, detail: str) -> None:
        """What the mailbox's sharing policy does not permit for Anonymous cannot be published."""
        shared = common(options)
        mailbox = single(
            session.invoke("Get-Mailbox", {"Identity": options["identity"]} | shared, properties=("SharingPolicy",)),
            "Get-Mailbox",
            session.target,
            self.label(options),
        )
        name = str(mailbox.get("SharingPolicy") or "")
        if name not in self._policies:
            named = {"Identity": name} if name else {}
            policies = session.invoke("Get-SharingPolicy", named | shared, properties=("Name", "Domains", "Enabled", "Default")).output
            self._policies[name] = next((one for one in policies if named or one.get("Default")), {})
        policy = self._policies[name]
        permitted = _permitted(policy)
        if permitted < 0 or (detail in DETAILS and DETAILS.index(detail) > permitted):
            most = f"no more than {DETAILS[permitted]}" if permitted >= 0 else "nothing"
            advice = "Permit it in the sharing policy (its domain Anonymous), or give the mailbox another one"
            raise UsageError(f"the sharing policy '{policy.get('Name', '')}' permits to publish {most}", target=session.target, advice=advice)


def _refuse_unpublished(before: plan.State, after: plan.State) -> None:
    if before.get("publish_enabled") or after.get("publish_enabled"):
        return
    changed = [name for name in _OF_PUBLISHED if after.get(name) != before.get(name)]
    if changed:
        text = f"the calendar is not published, and {', '.join(changed)} can be changed only while it is"
        raise UsageError(text, advice="Publish it with publish_enabled: true, or leave the option out")


def _refuse_same_address(before: plan.State, wanted: plan.State, after: plan.State) -> None:
    if wanted.get("reset_url") and not before.get("reset_url") and not _resettable(before, after):
        raise UsageError("only a calendar that is published, and not searchable, has an address that can be reset")
    made = any(before.get(name) != after.get(name) for name in _OF_ADDRESS)
    if "use_https" in wanted and wanted["use_https"] != before.get("use_https") and not made:
        present = "https" if before.get("use_https") else "http"
        raise UsageError(f"the calendar has an address with {present}, which Exchange does not change", advice="Give it a new one with reset_url: true")


def _publishes(session: Session, shared: dict[str, t.Any]) -> bool:
    """Published addresses are those of Outlook on the web, so Exchange needs a virtual directory that is open to the outside and to everybody.

    Raises UsageError where there is none.
    """
    wanted = ("ExternalUrl", "AnonymousFeaturesEnabled")
    try:
        answer = session.invoke("Get-OwaVirtualDirectory", {"ADPropertiesOnly": True} | shared, properties=wanted)
    except CommandMissing:
        return True  # an account that manages recipients only may not see it; Exchange says then whether it can be done
    folded = [{values.fold(name): value for name, value in one.items()} for one in answer.output]
    if not answer.truncated and not any(one.get("externalurl") and one.get("anonymousfeaturesenabled") for one in folded):
        text = "calendars cannot be published: no virtual directory of Outlook on the web has an external URL and permits anonymous features"
        raise UsageError(text, target=session.target, advice="Set-OwaVirtualDirectory -ExternalUrl and -AnonymousFeaturesEnabled make one")
    return True


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
