# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What directory synchronisation makes of Exchange's recipients, on both sides."""

from __future__ import annotations

import pytest

from hybridlab.exchange import Exchange
from tests.unit.lab.exchange_calls import call, done
from tests.unit.lab.hybrid import Hybrid

CLOUD, LOCAL = "Extensible2", "AD"


@pytest.fixture
def lab() -> Hybrid:
    return Hybrid()


def test_active_directory_has_the_word_about_addresses(lab: Hybrid) -> None:
    plain = lab.account("plain", mailNickname=None)  # no alias: no recipient, whatever its addresses
    other = lab.account("other", mail="else@contoso.com")
    lab.sync()
    lab.directory.put(other, "displayName", "Another")
    lab.sync()
    assert lab.user("plain@contoso.com").values["proxyAddresses"][0] == "SMTP:plain@contoso.com" and lab.user("plain@contoso.com").values["mail"]
    assert call(lab.exchange, "Get-User", Identity="plain").object["RecipientTypeDetails"] == "User"
    assert lab.user("other@contoso.com").values["mail"] == "else@contoso.com"
    assert call(lab.exchange, "Get-MailUser", Identity="other").object["PrimarySmtpAddress"] == "other@contoso.com"
    lab.directory.put(plain, "mailNickname", "plain")
    lab.sync()
    assert call(lab.exchange, "Get-MailUser", Identity="plain").objects
    lab.directory.put(plain, "mailNickname", None)
    lab.sync()
    assert call(lab.exchange, "Get-User", Identity="plain").object["RecipientTypeDetails"] == "User"


def test_a_remote_room_is_a_room_in_the_cloud_and_a_remote_user_needs_a_licence(lab: Hybrid) -> None:
    lab.account("saal", userAccountControl=0x202, msExchRecipientTypeDetails=8589934592, msExchRemoteRecipientType=33)
    lab.account("joan", msExchRecipientTypeDetails=2147483648, msExchRemoteRecipientType=1, targetAddress="SMTP:joan@contoso.mail.onmicrosoft.com", c="GB")
    lab.account("old", msExchRecipientTypeDetails=1, msExchMailboxGuid=bytes(range(16)), c="GB")
    lab.account("moving", msExchRecipientTypeDetails=8589934592, msExchRemoteRecipientType=33, msExchMailboxGuid=bytes(range(16)))
    lab.sync()
    assert call(lab.exchange, "Get-MailUser", Identity="moving").object["ExchangeGuid"]
    assert call(lab.exchange, "Get-Mailbox", Identity="saal").object["RecipientTypeDetails"] == "RoomMailbox"
    found = call(lab.exchange, "Get-MailUser", Identity="joan").object
    assert found["ExternalEmailAddress"] == "SMTP:joan@contoso.mail.onmicrosoft.com"
    for name in ("joan", "old"):
        plans = [{"service": "exchange", "capabilityStatus": "Enabled", "servicePlanId": "x", "assignedDateTime": ""}]
        lab.user(f"{name}@contoso.com").values["assignedPlans"] = plans
        lab.graph.tenant.audit("tests", "Change user license", "UserManagement", lab.user(f"{name}@contoso.com"))
    assert call(lab.exchange, "Get-Mailbox", Identity="joan").object["RecipientTypeDetails"] == "UserMailbox"
    assert call(lab.exchange, "Get-Mailbox", Identity="old").errors  # its mailbox is on-premises


def test_what_exchange_makes_on_premises_arrives_in_exchange_online() -> None:
    server = Exchange("2019", mailboxes=2)
    lab = Hybrid(forest=server.forest)
    lab.sync()
    user = lab.user("user0@contoso.com")  # a mailbox on both sides: the cloud's is kept
    assert user.synchronized and call(lab.exchange, "Get-Mailbox", Identity="user0").object["IsDirSynced"] is True
    room = {"Name": "Saal", "Room": True, "RemoteRoutingAddress": "saal@contoso.mail.onmicrosoft.com"}
    done(server, "New-RemoteMailbox", **room)
    done(server, "New-DistributionGroup", Name="Board", Members=["user0", "dave"])
    lab.sync()
    found = call(lab.exchange, "Get-Mailbox", Identity="Saal@contoso.com").object
    assert (found["RecipientTypeDetails"], found["AccountDisabled"], found["IsDirSynced"]) == ("RoomMailbox", True, True)
    assert found["ExternalDirectoryObjectId"] == lab.user("Saal@contoso.com").id
    board = next(one for one in lab.graph.tenant.all("group") if one.name == "Board")
    assert {lab.graph.tenant.objects[one].name for one in board.members} == {"user0@contoso.com", "dave@contoso.com"}
    assert [one["Name"] for one in call(lab.exchange, "Get-MailContact").objects] == ["Partner", "Consultant"]  # both sides had them
    assert all(one["IsDirSynced"] for one in (*call(lab.exchange, "Get-MailContact").objects, *call(lab.exchange, "Get-DistributionGroup").objects))
    refused = call(lab.exchange, "Set-Mailbox", Identity="Saal", DisplayName="Hall").error
    assert "synchronized from your on-premises organization" in refused.message
    done(server, "Set-RemoteMailbox", Identity="Saal", DisplayName="Hall")
    lab.sync()
    assert call(lab.exchange, "Get-Mailbox", Identity="Saal@contoso.com").object["DisplayName"] == "Hall"
    done(server, "Remove-RemoteMailbox", Identity="Saal", Confirm=False)
    lab.sync()
    assert call(lab.exchange, "Get-Mailbox", Identity="Saal@contoso.com").errors
