# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Calendars and sharing policies: what scenarios do not tell about them."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import AccessDenied, CommandMissing
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from hybridlab.exchange import Exchange
from tests import scenarios
from tests.fake_session import FakeSession as InProcess
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

OPEN = {"ExternalUrl": "https://mail.example/owa", "AnonymousFeaturesEnabled": True}


def published(policies: t.Any, own: str | None = "Own", owa: t.Any = None, **options: t.Any) -> tuple[dict[str, t.Any], FakeSession]:
    """The result of publishing in check mode, for a mailbox with this sharing policy of its own."""
    session = FakeSession(
        {
            "Get-MailboxFolderStatistics": Answer(FOLDERS),
            "Get-MailboxCalendarFolder": CALENDAR,
            "Get-Mailbox": {"SharingPolicy": own},
            "Get-SharingPolicy": Answer(policies),
            "Get-OwaVirtualDirectory": owa or OPEN,
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


EVERYBODY = [policy("Anonymous:CalendarSharingFreeBusySimple")]


@pytest.mark.parametrize(
    "owa",
    [
        {"ExternalUrl": None, "AnonymousFeaturesEnabled": True},
        {"ExternalUrl": "https://mail.example/owa", "AnonymousFeaturesEnabled": False},
        Answer([]),
    ],
)
def test_nothing_is_published_where_outlook_on_the_web_has_no_address_for_everybody(owa: t.Any) -> None:
    result, _ = published(EVERYBODY, owa=owa)
    assert "no virtual directory of Outlook on the web has an external URL" in result["msg"]


def test_one_open_virtual_directory_is_enough() -> None:
    result, _ = published(EVERYBODY, owa=Answer([{"ExternalUrl": None, "AnonymousFeaturesEnabled": True}, OPEN]))
    assert result["changed"]


def test_who_may_not_see_virtual_directories_leaves_it_to_the_server() -> None:
    result, _ = published(EVERYBODY, owa=CommandMissing("The term is not recognized"))
    assert result["changed"]


def test_a_directory_that_cannot_be_read_is_no_open_one() -> None:
    result, _ = published(EVERYBODY, owa=AccessDenied("no access"))
    assert result["failed"] and result["error"]["class"] == "AccessDenied"


def run(product: Exchange, **options: t.Any) -> Result:
    return MODULE.run(lambda: InProcess(product), Task(MODULE.validate({"identity": "user0", **options})))


def address(product: Exchange) -> str:
    return str(InProcess(product).invoke("Get-MailboxCalendarFolder", {"Identity": "user0:\\Calendar"}).output[0]["PublishedCalendarUrl"])


def test_an_address_stays_one_with_https_when_it_is_made_anew() -> None:
    product = Exchange()
    assert run(product, publish_enabled=True, use_https=True)["resource"]["use_https"] is True
    assert not run(product, publish_enabled=True, use_https=True)["changed"]
    first = address(product)
    assert run(product, reset_url=True)["changed"]
    assert address(product).startswith("https://") and address(product) != first
    assert run(product, searchable_url_enabled=True)["changed"]
    assert address(product).startswith("https://")


def test_an_address_changes_its_beginning_only_when_it_is_made_anew() -> None:
    product = Exchange()
    run(product, publish_enabled=True, use_https=False)
    refused = run(product, use_https=True)
    assert refused["failed"] and "has an address with http, which Exchange does not change. Give it a new one" in refused["msg"]
    assert run(product, use_https=True, reset_url=True)["changed"] and address(product).startswith("https://")
    assert run(product, use_https=False, reset_url=True)["changed"] and address(product).startswith("http://")


def test_a_calendar_without_an_address_has_none_with_or_without_https() -> None:
    assert not run(Exchange(), publish_enabled=False, use_https=True)["changed"]


def test_a_server_that_knows_http_only_says_which_know_https() -> None:
    product = Exchange("2013")
    assert run(product, publish_enabled=True, use_https=False)["changed"]
    refused = run(product, use_https=True, reset_url=True)
    assert "Set-MailboxCalendarFolder -UseHttps exists on Exchange 2016, 2019, SE" in refused["msg"]


def test_what_holds_for_all_calendars_is_read_once() -> None:
    product = Exchange()
    names = [{"identity": name, "publish_enabled": True} for name in ("user0", "user1", "user2", "info")]
    bulk = scenarios.module("bulk").bound({"module": "exchange_calendar_folder", "objects": names}, scenarios.module)
    result = bulk.run(lambda: InProcess(product), Task(bulk.validate({"module": "exchange_calendar_folder", "objects": names, "parallel": 1})))
    assert result["changed"], result
    asked = [cmdlet for cmdlet, _ in product.calls]
    assert asked.count("Set-MailboxCalendarFolder") == 4
    assert asked.count("Get-OwaVirtualDirectory") == asked.count("Get-SharingPolicy") == 1
