# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings of a mailbox that have nouns of their own."""

from __future__ import annotations

import typing as t

import pytest

from hybridlab.exchange import Exchange
from hybridlab.exchange.mailbox_create import LEGACY
from tests.unit.lab.exchange_calls import call, done, mailbox

NOUNS = ("CASMailbox", "MailboxAutoReplyConfiguration", "CalendarProcessing", "MailboxJunkEmailConfiguration")


@pytest.fixture
def server() -> Exchange:
    return Exchange("2019")


def settings(server: Exchange, noun: str, identity: str = "user0") -> dict[str, t.Any]:
    return call(server, f"Get-{noun}", Identity=identity).object


@pytest.mark.parametrize(
    ("noun", "given", "read"),
    [
        ("CASMailbox", {"ImapEnabled": False}, {"ImapEnabled": False}),
        ("CASMailbox", {"PopMessagesRetrievalMimeFormat": 1}, {"PopMessagesRetrievalMimeFormat": "HtmlOnly"}),
        ("CASMailbox", {"EwsApplicationAccessPolicy": "enforceBlockList", "EwsBlockList": ["a"]}, {"EwsBlockList": ["a"], "EwsAllowList": []}),
        ("CASMailbox", {"OwaMailboxPolicy": "kiosk"}, {"OwaMailboxPolicy": "Kiosk"}),
        ("MailboxAutoReplyConfiguration", {"ExternalMessage": "<P>a"}, {"ExternalMessage": "<html>\r\n<body>\r\n<p>a\r\n</body>\r\n</html>\r\n"}),
        ("MailboxAutoReplyConfiguration", {"AutoReplyState": "enabled"}, {"AutoReplyState": "Enabled"}),
        ("CalendarProcessing", {"AllowConflicts": True}, {"AllowConflicts": True}),
        ("MailboxJunkEmailConfiguration", {"TrustedListsOnly": True}, {"TrustedListsOnly": True}),
        ("MailboxJunkEmailConfiguration", {"BlockedSendersAndDomains": {"Add": ["x.example"]}}, {"BlockedSendersAndDomains": ["x.example"]}),
    ],
)
def test_a_setting_reads_back_and_once_is_enough(server: Exchange, noun: str, given: dict[str, t.Any], read: dict[str, t.Any]) -> None:
    assert not done(server, f"Set-{noun}", Identity="user0", **given).warnings
    found = settings(server, noun)
    assert {name: found[name] for name in read} == read
    assert "no settings of" in done(server, f"Set-{noun}", Identity="user0", **given).warnings[0]


@pytest.mark.parametrize("noun", NOUNS)
def test_settings_belong_to_one_mailbox(server: Exchange, noun: str) -> None:
    assert call(server, f"Get-{noun}", Identity="nobody").failure == "ManagementObjectNotFoundException"
    assert call(server, f"Set-{noun}", Identity="partner").failure == "ManagementObjectNotFoundException"
    assert call(server, f"Set-{noun}", Identity="Twin").failure == "ManagementObjectAmbiguousException"
    assert len(call(server, f"Get-{noun}", Identity="Twin").objects) == 2


@pytest.mark.parametrize("noun", NOUNS)
def test_what_if_changes_nothing(server: Exchange, noun: str) -> None:
    change = {"CASMailbox": {"PopEnabled": False}, "CalendarProcessing": {"RemoveOldMeetingMessages": False}}
    before = settings(server, noun)
    done(server, f"Set-{noun}", Identity="user0", WhatIf=True, **change.get(noun, {}))
    assert settings(server, noun) == before


def test_client_access_is_listed_and_filtered(server: Exchange) -> None:
    done(server, "Set-CASMailbox", Identity="user1", ImapEnabled=False)
    assert call(server, "Get-CASMailbox", Filter="ImapEnabled -eq $false").names == ["User 1"]
    assert call(server, "Get-CASMailbox", OrganizationalUnit="Resources").names == ["Room 1", "Beamer"]
    assert call(server, "Get-CASMailbox", Anr="room").names == ["Room 1"]
    assert len(call(server, "Get-CASMailbox", ResultSize="2").objects) == 2
    assert call(server, "Get-CASMailbox", ProtocolSettings=True).failure == "LabDoesNotEmulateException"


def test_a_list_of_applications_and_another_policy_are_refused(server: Exchange) -> None:
    given = {"EwsApplicationAccessPolicy": "EnforceBlockList", "EwsAllowList": ["a"]}
    assert call(server, "Set-CASMailbox", Identity="user0", **given).failure == "ArgumentException"


def test_a_list_of_applications_brings_its_policy_and_joins_what_the_other_list_held(server: Exchange) -> None:
    done(server, "Set-CASMailbox", Identity="user0", EwsBlockList=["a"])
    done(server, "Set-CASMailbox", Identity="user0", EwsAllowList={"Add": ["b"]})
    found = settings(server, "CASMailbox")
    assert (found["EwsApplicationAccessPolicy"], found["EwsAllowList"], found["EwsBlockList"]) == ("EnforceAllowList", ["a", "b"], [])


def test_another_policy_empties_the_list_of_applications(server: Exchange) -> None:
    done(server, "Set-CASMailbox", Identity="user0", EwsApplicationAccessPolicy="EnforceAllowList", EwsAllowList=["a"])
    done(server, "Set-CASMailbox", Identity="user0", EwsApplicationAccessPolicy="EnforceBlockList")
    assert settings(server, "CASMailbox")["EwsAllowList"] == []
    assert call(server, "Set-CASMailbox", Identity="user0", EwsAllowList=["a"], EwsBlockList=["b"]).failure == "ArgumentException"


@pytest.mark.parametrize(
    "given", [{"AutomateProcessing": "None"}, {"AddNewRequestsTentatively": False}, {"ProcessExternalMeetingMessages": True}, {"ResourceDelegates": ["user1"]}]
)
def test_only_resources_process_requests_in_another_way(server: Exchange, given: dict[str, t.Any]) -> None:
    assert settings(server, "CalendarProcessing", "room1")["AutomateProcessing"] == "AutoAccept"
    assert settings(server, "CalendarProcessing")["AutomateProcessing"] == "AutoUpdate"
    done(server, "Set-CalendarProcessing", Identity="user0", AllBookInPolicy=False)
    assert call(server, "Set-CalendarProcessing", Identity="user0", **given).failure == "ResourceOnlyException"
    done(server, "Set-Mailbox", Identity="user0", Type="Room")
    done(server, "Set-CalendarProcessing", Identity="user0", **given)


def test_delegates_send_on_behalf_and_policies_show_legacy_names(server: Exchange) -> None:
    done(server, "Set-CalendarProcessing", Identity="room1", ResourceDelegates=["user0"], BookInPolicy=["user1@contoso.com"])
    found = settings(server, "CalendarProcessing", "room1")
    assert (found["ResourceDelegates"], found["BookInPolicy"]) == (["contoso.com/Users/User 0"], [f"{LEGACY}user1"])
    assert mailbox(server, "room1")["GrantSendOnBehalfTo"] == ["contoso.com/Users/User 0"]
    assert call(server, "Set-CalendarProcessing", Identity="room1", ResourceDelegates=["ghost"]).failure == "ManagementObjectNotFoundException"


def test_a_new_mailbox_has_no_junk_email_settings_yet(server: Exchange) -> None:
    done(server, "New-Mailbox", Name="orders", Shared=True)
    assert settings(server, "MailboxJunkEmailConfiguration", "orders")["Enabled"] is False
    refused = call(server, "Set-MailboxJunkEmailConfiguration", Identity="orders", Enabled=True)
    assert "needs to sign in to Outlook Web App" in refused.error.message


@pytest.mark.parametrize("entry", ["user1@contoso.com", "nobody@contoso.com", "@contoso.com", "nonsense", "a b@x.example"])
def test_what_cannot_be_a_trusted_sender_is_refused(server: Exchange, entry: str) -> None:
    refused = call(server, "Set-MailboxJunkEmailConfiguration", Identity="user0", TrustedSendersAndDomains=[entry])
    assert refused.failure == "PropertyValidationException"


@pytest.mark.parametrize(("entry", "taken"), [("user0@contoso.com", False), ("user1@contoso.com", False), ("contoso.com", False), ("spoof@contoso.com", True)])
def test_own_addresses_are_not_blocked(server: Exchange, entry: str, taken: bool) -> None:
    answer = call(server, "Set-MailboxJunkEmailConfiguration", Identity="user0", BlockedSendersAndDomains=[entry])
    assert (not answer.errors) == taken


def test_a_list_of_senders_has_a_limit(server: Exchange) -> None:
    done(server, "Set-Mailbox", Identity="user0", MaxBlockedSenders=1)
    done(server, "Set-MailboxJunkEmailConfiguration", Identity="user0", BlockedSendersAndDomains=["x.example"])
    refused = call(server, "Set-MailboxJunkEmailConfiguration", Identity="user0", BlockedSendersAndDomains={"Add": ["y.example"]})
    assert refused.failure == "PropertyValidationException"


def test_a_calendar_is_published_as_far_as_the_sharing_policy_permits(server: Exchange) -> None:
    name = "user0:\\calendar"
    done(server, "Set-MailboxCalendarFolder", Identity=name, PublishEnabled=True, DetailLevel="FullDetails")
    first = call(server, "Get-MailboxCalendarFolder", Identity=name).object["PublishedCalendarUrl"]
    done(server, "Set-MailboxCalendarFolder", Identity=name, ResetUrl=True)
    assert call(server, "Get-MailboxCalendarFolder", Identity=name).object["PublishedCalendarUrl"] not in (None, first)
    done(server, "Set-Mailbox", Identity="user1", SharingPolicy="Partners")
    assert call(server, "Set-MailboxCalendarFolder", Identity="user1:\\Calendar", PublishEnabled=True).failure == "InvalidOperationException"


def test_a_calendar_that_is_not_published_has_nothing_to_change(server: Exchange) -> None:
    name = "user0:\\Calendar"
    for setting in ({"DetailLevel": "LimitedDetails"}, {"PublishDateRangeTo": "OneYear", "PublishEnabled": False}, {"ResetUrl": True}):
        assert call(server, "Set-MailboxCalendarFolder", Identity=name, **setting).failure == "PublishingNotEnabledException"
    done(server, "Set-OwaVirtualDirectory", Identity="EX01\\owa (Default Web Site)", AnonymousFeaturesEnabled=False)
    assert call(server, "Set-MailboxCalendarFolder", Identity=name, PublishEnabled=True).failure == "NoExternalOwaAvailableException"


@pytest.mark.parametrize(("identity", "failure"), [("user0", "DataValidationException"), ("user0:\\No", "ManagementObjectNotFoundException")])
def test_a_calendar_is_named_by_mailbox_and_path(server: Exchange, identity: str, failure: str) -> None:
    assert call(server, "Get-MailboxCalendarFolder", Identity=identity).failure == failure


def test_calendars_and_policies_are_listed(server: Exchange) -> None:
    folders = done(server, "Get-MailboxFolderStatistics", Identity="info", FolderScope="Calendar").objects
    assert [(one["FolderPath"], one["FolderType"]) for one in folders] == [("/Calendar", "Calendar"), ("/Calendar/Team", "User Created")]
    assert call(server, "Get-SharingPolicy").names == ["Default Sharing Policy", "Partners"]
    assert call(server, "Get-SharingPolicy", Identity="None").failure == "ManagementObjectNotFoundException"
