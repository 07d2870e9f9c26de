# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Calendars and sharing policies: what scenarios do not tell about them."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from tests import scenarios
from tests.unit.core.fake import FakeSession

MODULE = scenarios.module("exchange_calendar_folder")
FOLDERS = [
    {"FolderPath": "/Kalender/Geburtstage", "FolderType": "BirthdayCalendar"},
    {"FolderPath": "/Kalender", "FolderType": "Calendar"},
    {"FolderPath": "/Kalender/Team", "FolderType": "User Created"},
]
CALENDAR = {
    "PublishEnabled": False,
    "DetailLevel": "AvailabilityOnly",
    "SearchableUrlEnabled": False,
    "PublishDateRangeFrom": "OneDay",
    "PublishDateRangeTo": "OneDay",
    "PublishedCalendarUrl": None,
    "PublishedICalUrl": None,
}


def published(policies: t.Any, own: str | None = "Own", **options: t.Any) -> tuple[dict[str, t.Any], FakeSession]:
    """The result of publishing in check mode, for a mailbox with this sharing policy of its own."""
    session = FakeSession(
        {
            "Get-MailboxFolderStatistics": Answer(FOLDERS),
            "Get-MailboxCalendarFolder": CALENDAR,
            "Get-Mailbox": {"SharingPolicy": own},
            "Get-SharingPolicy": Answer(policies),
        }
    )
    given = MODULE.validate({"identity": "user0", "publish_enabled": True, **options})
    return MODULE.run(lambda: session, Task(given, check_mode=True)), session


def policy(*domains: str, name: str = "Own", enabled: bool = True, default: bool = False) -> dict[str, t.Any]:
    return {"Name": name, "Domains": list(domains), "Enabled": enabled, "Default": default}


def test_the_calendar_is_found_by_its_type_among_others() -> None:
    _, session = published([policy("Anonymous:CalendarSharingFreeBusySimple")])
    assert ("Get-MailboxCalendarFolder", {"Identity": "user0:\\Kalender"}) in session.calls


@pytest.mark.parametrize(
    ("domains", "most"),
    [
        (["Anonymous:CalendarSharingFreeBusySimple"], "availability_only"),
        (["*:CalendarSharingFreeBusyReviewer", "Anonymous: CalendarSharingFreeBusyDetail, ContactsSharing"], "limited_details"),
        (["anonymous:CALENDARSHARINGFREEBUSYREVIEWER"], "full_details"),
    ],
)
def test_a_calendar_is_published_as_far_as_its_policy_permits(domains: list[str], most: str) -> None:
    details = ["availability_only", "limited_details", "full_details"]
    for level in details:
        result, _ = published([policy(*domains)], detail_level=level, accept_full_details=True)
        assert bool(result.get("failed")) == (details.index(level) > details.index(most)), result
        assert not result.get("failed") or f"permits to publish no more than {most}" in result["msg"]


@pytest.mark.parametrize("lacking", [policy("*:CalendarSharingFreeBusyReviewer"), policy(), policy("Anonymous:CalendarSharingFreeBusySimple", enabled=False)])
def test_a_policy_that_permits_nothing_is_named(lacking: dict[str, t.Any]) -> None:
    result, _ = published([lacking])
    assert "the sharing policy 'Own' permits to publish nothing" in result["msg"]


def test_a_mailbox_without_a_policy_has_the_default_one() -> None:
    others = [policy(name="Other"), policy("Anonymous:CalendarSharingFreeBusySimple", name="Default", default=True)]
    result, session = published(others, own=None)
    assert result["changed"] and ("Get-SharingPolicy", {}) in session.calls
