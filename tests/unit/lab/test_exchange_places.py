# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Places and the unified audit log of an emulated Exchange Online: what the service refuses, and in which shape it answers."""

from __future__ import annotations

import typing as t

import pytest

from hybridlab.exchange import Exchange
from hybridlab.records import Terminating
from tests.unit.lab.exchange_calls import call, done

MARCH = {"StartDate": "2026-03-01", "EndDate": "2026-04-01"}


@pytest.fixture
def server() -> Exchange:
    return Exchange("online")


def test_a_place_shows_the_friendly_name_of_its_country(server: Exchange) -> None:
    for written in ("de", "DE", "germany"):
        done(server, "Set-Place", Identity="room1", CountryOrRegion=written)
        assert call(server, "Get-Place", Identity="room1").object["CountryOrRegion"] == "Germany"
    done(server, "Set-Place", Identity="room1", CountryOrRegion=None)
    assert call(server, "Get-Place", Identity="room1").object["CountryOrRegion"] is None


@pytest.mark.parametrize("country", ["United States of America", "XX", ""])
def test_another_name_of_a_country_is_refused(server: Exchange, country: str) -> None:
    with pytest.raises(Terminating, match="does not represent a country/region"):
        done(server, "Set-Place", Identity="room1", CountryOrRegion=country)


@pytest.mark.parametrize("wrong", ["47.6", "47.6,122.1", "91;0", "0;181", "a;b"])
def test_what_are_no_coordinates_is_refused(server: Exchange, wrong: str) -> None:
    with pytest.raises(Terminating, match="isn't latitude and longitude"):
        done(server, "Set-Place", Identity="room1", GeoCoordinates=wrong)


def test_only_rooms_are_places(server: Exchange) -> None:
    assert {one["DisplayName"] for one in call(server, "Get-Place").objects} == {"Room 1", "Synced Room"}
    assert call(server, "Get-Place", Type="Space").objects == []
    for identity in ("user0", "beamer", "nobody"):
        assert call(server, "Get-Place", Identity=identity).failure == "ManagementObjectNotFoundException"
        assert call(server, "Set-Place", Identity=identity, Building="A").failure == "ManagementObjectNotFoundException"


def test_the_address_of_a_synchronised_room_is_refused_and_the_rest_is_not(server: Exchange) -> None:
    assert "synchronized from your on-premises organization" in call(server, "Set-Place", Identity="synced-room", City="Graz", Building="A").error.message
    done(server, "Set-Place", Identity="synced-room", Building="A")
    assert call(server, "Set-Place", Identity="room1", Capacity=-1).failure == "DataValidationException"


def test_a_new_room_has_no_place_yet(server: Exchange) -> None:
    server.faults.arm("late-place")
    assert call(server, "Get-Place", Identity="room1").failure == "ManagementObjectNotFoundException"
    assert call(server, "Get-Place", Identity="room1").object["Type"] == "Room"


def found(server: Exchange, **given: t.Any) -> list[str]:
    return [one["Operations"] for one in call(server, "Search-UnifiedAuditLog", **(MARCH | given)).objects]


def test_a_search_without_a_session_shows_the_newest_first(server: Exchange) -> None:
    assert found(server, ResultSize=2) == ["MailItemsAccessed", "FileAccessed"]
    assert found(server, ResultSize=2) == ["MailItemsAccessed", "FileAccessed"]


def test_a_session_goes_on_with_each_call_until_nothing_is_left(server: Exchange) -> None:
    session = {"SessionId": "one", "SessionCommand": "ReturnLargeSet", "ResultSize": 4}
    pages = [call(server, "Search-UnifiedAuditLog", **MARCH, **session).objects for _ in range(3)]
    assert [[one["ResultIndex"] for one in page] for page in pages] == [[1, 2, 3, 4], [5, 6], []]
    assert {one["ResultCount"] for page in pages for one in page} == {6}


def test_filters_of_a_search(server: Exchange) -> None:
    assert found(server, UserIds=["USER1@contoso.com"], Operations="filedownloaded") == ["FileDownloaded"]
    assert found(server, FreeText="ForwardingSmtpAddress", RecordType="ExchangeAdmin") == ["Set-Mailbox"]
    assert found(server, IPAddresses=["192.0.2.1"]) == found(server, ObjectIds=["Prices.xlsx"]) == found(server, SiteIds=["x"]) == []


@pytest.mark.parametrize("size", [0, 5001])
def test_a_page_has_a_limit(server: Exchange, size: int) -> None:
    assert call(server, "Search-UnifiedAuditLog", **MARCH, ResultSize=size).failure == "DataValidationException"


def test_times_that_are_none_or_in_the_wrong_order_are_refused(server: Exchange) -> None:
    assert "earlier" in call(server, "Search-UnifiedAuditLog", StartDate="2026-03-02", EndDate="2026-03-01").error.message
    with pytest.raises(Terminating, match="not recognized as a valid DateTime"):
        done(server, "Search-UnifiedAuditLog", StartDate="soon", EndDate="2026-03-01")
    with pytest.raises(Terminating, match="mandatory parameters: EndDate"):
        done(server, "Search-UnifiedAuditLog", StartDate="2026-03-01")


def test_a_log_that_is_turned_off_is_empty(server: Exchange) -> None:
    done(server, "Set-AdminAuditLogConfig", UnifiedAuditLogIngestionEnabled=False, WhatIf=True)
    assert call(server, "Get-AdminAuditLogConfig").object["UnifiedAuditLogIngestionEnabled"] is True
    done(server, "Set-AdminAuditLogConfig", UnifiedAuditLogIngestionEnabled=False)
    assert call(server, "Get-AdminAuditLogConfig").object["UnifiedAuditLogIngestionEnabled"] is False
    assert found(server) == []
    assert "no settings" in call(server, "Set-AdminAuditLogConfig", UnifiedAuditLogIngestionEnabled=False).warnings[0]


def test_a_server_has_neither_places_nor_the_unified_log_but_one_of_its_own() -> None:
    server = Exchange("2019")
    for cmdlet in ("Get-Place", "Search-UnifiedAuditLog"):
        with pytest.raises(Terminating, match="is not recognized"):
            done(server, cmdlet)
    shown = done(server, "Get-AdminAuditLogConfig").object
    assert shown["AdminAuditLogEnabled"] is True and "UnifiedAuditLogIngestionEnabled" not in shown
    assert call(server, "Set-AdminAuditLogConfig", UnifiedAuditLogIngestionEnabled=True).failure == "LabDoesNotEmulateException"
