# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from hybridlab.exchange import Exchange
from hybridlab.exchange.addresses import POLICY_WARNING
from hybridlab.records import SecureString, Terminating
from tests.unit.lab.exchange_calls import call, done, mailbox

UNCHANGED = "The command completed successfully but no settings of 'contoso.com/Users/User 0' have been modified."


@pytest.fixture
def server() -> Exchange:
    return Exchange("2019")


def change(server: Exchange, **settings: t.Any) -> dict[str, t.Any]:
    outcome = done(server, "Set-Mailbox", Identity="user0", **settings)
    assert not outcome.warnings
    return mailbox(server, "user0")


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("ProhibitSendQuota", "50GB", "50 GB (53,687,091,200 bytes)"),
        ("ProhibitSendQuota", 53687091200, "50 GB (53,687,091,200 bytes)"),
        ("ProhibitSendQuota", "1.5 GB (1,610,612,736 bytes)", "1.5 GB (1,610,612,736 bytes)"),
        ("RulesQuota", "64KB", "64 KB (65,536 bytes)"),
        ("RecipientLimits", 500, "500"),
        ("RetainDeletedItemsFor", "30", "30.00:00:00"),
        ("LitigationHoldDuration", "365.00:00:00", "365.00:00:00"),
        ("ForwardingAddress", "partner@adatum.com", "contoso.com/Contacts/Partner"),
        ("ForwardingSmtpAddress", "out@adatum.com", "smtp:out@adatum.com"),
        ("DeliverToMailboxAndForward", True, True),
        ("GrantSendOnBehalfTo", ["user1", "user2@contoso.com"], ["contoso.com/Users/User 1", "contoso.com/Users/User 2"]),
        ("ModeratedBy", {"Add": ["user1"]}, ["contoso.com/Users/User 1"]),
        ("ExtensionCustomAttribute1", ["a", "b"], ["a", "b"]),
        ("RetentionPolicy", "seven years", "Seven Years"),
        ("SendModerationNotifications", "never", "Never"),
        ("MailTip", "On leave", "<html>\r\n<body>\r\nOn leave\r\n</body>\r\n</html>\r\n"),
        ("Languages", ["en-US", "de-DE"], ["en-US", "de-DE"]),
        ("SCLJunkThreshold", 4, 4),
        ("HiddenFromAddressListsEnabled", True, True),
        ("Office", "  two\r\nlines ", "  two\r\nlines "),
        ("DefaultPublicFolderMailbox", "pf02", "contoso.com/Users/PF02"),
        ("AuditOwner", {"Add": ["Update", "MailboxLogin"]}, ["Update", "MailboxLogin"]),
    ],
)
def test_a_setting_reads_back_in_the_products_form_and_once_is_enough(server: Exchange, name: str, value: t.Any, read: t.Any) -> None:
    assert change(server, **{name: value})[name] == read
    assert done(server, "Set-Mailbox", Identity="user0", **{name: value}).warnings == [UNCHANGED]


@pytest.mark.parametrize(
    ("name", "value", "cleared"),
    [("ForwardingAddress", "partner", None), ("MailTip", "x", None), ("Office", "x", ""), ("RetentionPolicy", "Seven Years", None)],
)
def test_null_clears(server: Exchange, name: str, value: str, cleared: str | None) -> None:
    change(server, **{name: value})
    assert change(server, **{name: None})[name] == cleared


def test_a_refused_call_changes_nothing_at_all(server: Exchange) -> None:
    assert call(server, "Set-Mailbox", Identity="user0", Office="x", ForwardingAddress="nobody").failure == "ManagementObjectNotFoundException"
    assert mailbox(server, "user0")["Office"] == ""


def test_quotas_keep_their_order(server: Exchange) -> None:
    error = call(server, "Set-Mailbox", Identity="user0", IssueWarningQuota="2GB", ProhibitSendQuota="1GB").error
    assert error.message == (
        "The value of property 'IssueWarningQuota' must be less than or equal to that of property 'ProhibitSendQuota'. "
        "IssueWarningQuota: '2 GB (2,147,483,648 bytes)', ProhibitSendQuota: '1 GB (1,073,741,824 bytes)'."
    )
    change(server, IssueWarningQuota="1GB", ProhibitSendQuota="1GB", ProhibitSendReceiveQuota="2GB")
    assert call(server, "Set-Mailbox", Identity="user0", ProhibitSendReceiveQuota="512MB").failure == "DataValidationException"


def test_the_address_policy_keeps_the_primary_address(server: Exchange) -> None:
    for wanted in ({"PrimarySmtpAddress": "boss@contoso.com"}, {"EmailAddresses": ["SMTP:boss@contoso.com"]}):
        assert POLICY_WARNING in done(server, "Set-Mailbox", Identity="user0", **wanted).warnings
        assert mailbox(server, "user0")["PrimarySmtpAddress"] == "user0@contoso.com"
    found = change(server, PrimarySmtpAddress="boss@fabrikam.com", EmailAddressPolicyEnabled=False)
    assert found["EmailAddresses"] == ["SMTP:boss@fabrikam.com", "smtp:user0@contoso.com"]
    assert change(server, EmailAddressPolicyEnabled=True)["PrimarySmtpAddress"] == "user0@contoso.com"


def test_a_new_alias_moves_the_address_where_the_policy_rules(server: Exchange) -> None:
    assert change(server, Alias="zero")["EmailAddresses"] == ["SMTP:zero@contoso.com", "smtp:user0@contoso.com"]
    assert call(server, "Set-Mailbox", Identity="zero", Alias="user1").failure == "RecipientTaskException"


def test_addresses_are_a_list_or_added_and_removed(server: Exchange) -> None:
    assert change(server, EmailAddresses={"Add": ["a@contoso.com", "x500:/o=Old/cn=zero"]})["EmailAddresses"] == [
        "SMTP:user0@contoso.com",
        "smtp:a@contoso.com",
        "x500:/o=Old/cn=zero",
    ]
    assert change(server, EmailAddresses={"Remove": ["A@contoso.com"]})["EmailAddresses"] == ["SMTP:user0@contoso.com", "x500:/o=Old/cn=zero"]
    assert done(server, "Set-Mailbox", Identity="user0", EmailAddresses={"Remove": ["a@contoso.com"]}).warnings == [UNCHANGED]
    assert change(server, EmailAddresses=["b@contoso.com", "SMTP:user0@contoso.com"])["EmailAddresses"] == ["SMTP:user0@contoso.com", "smtp:b@contoso.com"]
    assert mailbox(server, "b@contoso.com")["Alias"] == "user0"
    two = ["SMTP:user0@contoso.com", "SMTP:b@contoso.com"]
    for wrong in ({"Remove": ["user0@contoso.com"]}, two, ["x500:only"], []):
        assert call(server, "Set-Mailbox", Identity="user0", EmailAddresses=wrong).failure == "DataValidationException"


def test_an_address_belongs_to_one_recipient_and_to_an_accepted_domain(server: Exchange) -> None:
    for taken in ("user1@contoso.com", "SMTP:USER1@contoso.com"):
        error = call(server, "Set-Mailbox", Identity="user0", EmailAddresses={"Add": [taken]}, EmailAddressPolicyEnabled=False).error
        assert error.exception_type.endswith(".ProxyAddressExistsException")
        assert error.message.endswith('is already being used by "contoso.com/Users/User 1". Please choose another proxy address.')
    assert call(server, "Set-Mailbox", Identity="user0", EmailAddresses={"Add": ["a@sub.contoso.com"]}).failure == "NotAcceptedDomainException"
    done(server, "Set-AcceptedDomain", Identity="contoso.com", MatchSubDomains=True)
    change(server, EmailAddresses={"Add": ["a@sub.contoso.com"]})


def test_a_mailbox_is_converted(server: Exchange) -> None:
    assert change(server, Type="Room", ResourceCapacity=12)["ResourceCapacity"] == 12
    found = change(server, Type="Shared")
    assert found["RecipientTypeDetails"] == "SharedMailbox" and found["IsShared"] is True and found["ResourceCapacity"] is None
    assert call(server, "Get-Mailbox", RecipientTypeDetails=["SharedMailbox"]).names == ["User 0", "Info"]
    assert call(server, "Set-Mailbox", Identity="user0", ResourceCapacity=2).failure == "RecipientTaskException"
    assert done(server, "Set-Mailbox", Identity="user0", Type="Shared").warnings == [UNCHANGED]


def test_a_hold_has_a_date_and_an_owner(server: Exchange) -> None:
    outcome = done(server, "Set-Mailbox", Identity="user0", LitigationHoldEnabled=True)
    assert outcome.warnings == ["The hold setting may take up to 60 minutes to take effect."]
    found = mailbox(server, "user0")
    assert found["LitigationHoldDate"] and found["LitigationHoldOwner"]
    done(server, "Set-Mailbox", Identity="user0", LitigationHoldEnabled=False)
    assert mailbox(server, "user0")["LitigationHoldDate"] is None


def test_who_may_send_is_one_fact_in_three_views(server: Exchange) -> None:
    found = change(server, AcceptMessagesOnlyFromSendersOrMembers=["user1", "everyone"])
    assert found["AcceptMessagesOnlyFrom"] == ["contoso.com/Users/User 1"]
    assert found["AcceptMessagesOnlyFromDLMembers"] == ["contoso.com/Users/Everyone"]
    found = change(server, AcceptMessagesOnlyFrom={"Add": ["user2"], "Remove": ["user1"]})
    assert found["AcceptMessagesOnlyFromSendersOrMembers"] == ["contoso.com/Users/User 2", "contoso.com/Users/Everyone"]
    assert call(server, "Set-Mailbox", Identity="user0", AcceptMessagesOnlyFromDLMembers=["user1"]).failure == "ManagementObjectNotFoundException"


def test_references_follow_a_renamed_object(server: Exchange) -> None:
    change(server, GrantSendOnBehalfTo=["user1"])
    done(server, "Set-Mailbox", Identity="user1", Name="One")
    assert mailbox(server, "user0")["GrantSendOnBehalfTo"] == ["contoso.com/Users/One"]
    assert call(server, "Set-Mailbox", Identity="One", Name="User 0").failure == "ADObjectAlreadyExistsException"


def test_a_password_is_a_change_that_cannot_be_read(server: Exchange) -> None:
    assert done(server, "Set-Mailbox", Identity="user0", Password=SecureString("Passw0rd!")).warnings == []
    assert "Passw0rd" not in repr(server.calls) + repr(mailbox(server, "user0"))


def test_what_the_lab_does_not_keep_it_refuses(server: Exchange) -> None:
    assert call(server, "Set-Mailbox", Identity="user0", OABGen=True).failure == "LabDoesNotEmulateException"


@pytest.mark.parametrize(("action", "records"), [("SilentlyContinue", 0), ("Continue", 1)])
def test_the_caller_chooses_what_becomes_of_an_error(server: Exchange, action: str, records: int) -> None:
    assert len(call(server, "Set-Mailbox", Identity="nobody", ErrorAction=action).errors) == records
    with pytest.raises(Terminating):
        call(server, "Set-Mailbox", Identity="nobody", ErrorAction="Stop")
    assert done(server, "Set-Mailbox", Identity="user0", Office="", WarningAction="SilentlyContinue").warnings == []
