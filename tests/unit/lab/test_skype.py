# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab's pool of Skype for Business Server: accounts become users or meeting rooms, or are refused."""

from __future__ import annotations

import typing as t

import pytest

from hybridlab import clixml, records
from hybridlab.contract.check import PRODUCTS, SKYPE
from hybridlab.skype import Skype
from hybridlab.skype.server import HANDLERS
from tests import fake_session

POOL, OTHER = "sfbpool01.contoso.com", "sfbpool02.contoso.com"
ROOM = "CONTOSO\\room1"


@pytest.fixture
def skype() -> Skype:
    return fake_session.skype(3)


def call(skype: Skype, cmdlet: str, **parameters: t.Any) -> list[records.Record]:
    return list(skype.invoke(cmdlet, parameters))


def shown(skype: Skype, cmdlet: str, **parameters: t.Any) -> list[dict[str, t.Any]]:
    found = []
    for record in call(skype, cmdlet, **parameters):
        assert isinstance(record, records.Output), record
        assert isinstance(record.value, clixml.Obj)
        found.append({name: value.string if isinstance(value, clixml.ValueObj) else value for name, value in record.value.props.items()})
    return found


def refused(skype: Skype, cmdlet: str, **parameters: t.Any) -> str:
    (record,) = call(skype, cmdlet, **parameters)
    assert isinstance(record, records.ErrorRecord), record
    return record.message


def enabled(skype: Skype, **parameters: t.Any) -> dict[str, t.Any]:
    given = {"Identity": ROOM, "RegistrarPool": POOL, "SipAddressType": "EmailAddress", "PassThru": True, **parameters}
    (found,) = shown(skype, "Enable-CsMeetingRoom", **given)
    return found


def test_a_room_gets_a_pool_and_an_address_and_is_no_user(skype: Skype) -> None:
    found = enabled(skype)
    assert (found["SipAddress"], found["RegistrarPool"], found["Enabled"]) == ("sip:room1@contoso.com", POOL, True)
    assert shown(skype, "Get-CsMeetingRoom", Identity="sip:ROOM1@contoso.com")[0]["Identity"] == found["Identity"]
    assert "not found for identity" in refused(skype, "Get-CsUser", Identity=ROOM)
    assert [one["SamAccountName"] for one in shown(skype, "Get-CsUser")] == ["user0", "user1"]


@pytest.mark.parametrize("identity", ["room1@contoso.com", "contoso\\ROOM1", "Room 1", "sip:room1@contoso.com", "CN=Room 1,OU=Resources,DC=contoso,DC=com"])
def test_a_room_has_many_names(skype: Skype, identity: str) -> None:
    enabled(skype)
    assert len(shown(skype, "Get-CsMeetingRoom", Identity=identity)) == 1


def test_a_logon_name_alone_is_no_identity(skype: Skype) -> None:
    assert "not found" in refused(skype, "Get-CsAdUser", Identity="user0")


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ({"SipAddressType": "UserPrincipalName"}, "sip:user2@contoso.com"),
        ({"SipAddressType": "samaccountname", "SipDomain": "fabrikam.com"}, "sip:user2@fabrikam.com"),
        ({"SipAddressType": "FirstLastName", "SipDomain": "contoso.com"}, "sip:User.2@contoso.com"),
        ({"SipAddress": "SIP:hall@contoso.com"}, "sip:hall@contoso.com"),
    ],
)
def test_an_address_is_written_or_made(skype: Skype, given: dict[str, t.Any], address: str) -> None:
    (found,) = shown(skype, "Enable-CsUser", Identity="user2@contoso.com", RegistrarPool=POOL, PassThru=True, **given)
    assert found["SipAddress"] == address


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"Identity": "nobody@contoso.com"}, 'not found for identity "nobody@contoso.com"'),
        ({"RegistrarPool": "nowhere.contoso.com"}, 'Cannot find "nowhere.contoso.com"'),
        ({"RegistrarPool": "sfbedge.contoso.com"}, "as a pool with a Registrar"),
        ({"SipAddressType": "SamAccountName"}, "SipDomain is needed"),
        ({"SipAddressType": None, "SipAddress": "sip:user0@contoso.com"}, "Filter failed to return unique result"),
        ({"SipAddressType": None, "SipAddress": "room1@contoso.com"}, "must begin with sip:"),
        ({"SipAddressType": None, "SipAddress": "sip:room1@stranger.example"}, "not a SIP domain"),
        ({"SipAddress": "sip:room1@contoso.com"}, "either SipAddress or SipAddressType"),
        ({"Identity": "user0@contoso.com"}, "has already been enabled for Skype for Business Server as a user"),
        ({"Identity": "Twin"}, "Multiple management objects"),
        ({"ProxyPool": "proxy.contoso.com"}, "Skype for Business Online"),
        ({"RegistrarPool": None}, "is needed"),
    ],
)
def test_enabling_is_refused(skype: Skype, given: dict[str, t.Any], text: str) -> None:
    parameters = {"Identity": ROOM, "RegistrarPool": POOL, "SipAddressType": "EmailAddress", **given}
    assert text in refused(skype, "Enable-CsMeetingRoom", **{name: value for name, value in parameters.items() if value is not None})
    assert not shown(skype, "Get-CsMeetingRoom")


def test_enabling_again_changes_nothing_and_says_so(skype: Skype) -> None:
    enabled(skype)
    (warning,) = call(skype, "Enable-CsMeetingRoom", Identity=ROOM, RegistrarPool=POOL, SipAddressType="EmailAddress")
    assert isinstance(warning, records.Warned) and "was not changed" in warning.text
    assert "already been enabled" in refused(skype, "Enable-CsMeetingRoom", Identity=ROOM, RegistrarPool=OTHER, SipAddressType="EmailAddress")


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"LineURI": "+14255551297"}, "not a valid LineURI"),
        ({"LineURI": "tel:+14255551297"}, "Filter failed to return unique result"),
        ({"LineServerURI": "gateway"}, "must begin with sip:"),
        ({"RemoteCallControlTelephonyEnabled": True}, "needs both LineURI and LineServerURI"),
        ({"AudioVideoDisabled": True, "EnterpriseVoiceEnabled": True}, "can't be $true with EnterpriseVoiceEnabled"),
        ({"SipAddress": "sip:user0@contoso.com"}, "Filter failed to return unique result"),
        ({"AcpInfo": ["x"]}, "does not emulate -AcpInfo"),
    ],
)
def test_a_change_is_refused(skype: Skype, given: dict[str, t.Any], text: str) -> None:
    enabled(skype)
    call(skype, "Set-CsUser", Identity="user0@contoso.com", LineURI="tel:+14255551297")
    before = shown(skype, "Get-CsMeetingRoom")
    assert text in refused(skype, "Set-CsMeetingRoom", Identity=ROOM, **given)
    assert shown(skype, "Get-CsMeetingRoom") == before


def test_a_name_that_there_is_not_is_no_enumerator(skype: Skype) -> None:
    with pytest.raises(records.Terminating, match="valid enumerator name"):
        enabled(skype, SipAddressType="Mail")


def test_a_room_moves_and_keeps_its_settings(skype: Skype) -> None:
    enabled(skype)
    call(skype, "Set-CsMeetingRoom", Identity=ROOM, LineURI="tel:+14255551297;ext=97", Enabled=False)
    with pytest.raises(records.Terminating, match="Are you sure"):
        call(skype, "Move-CsMeetingRoom", Identity=ROOM, Target=OTHER)
    call(skype, "Move-CsMeetingRoom", Identity=ROOM, Target=OTHER, Confirm=False)
    (found,) = shown(skype, "Get-CsMeetingRoom", Identity=ROOM)
    assert (found["RegistrarPool"], found["LineURI"], found["Enabled"]) == (OTHER, "tel:+14255551297;ext=97", False)
    assert "Cannot find" in refused(skype, "Move-CsMeetingRoom", Identity=ROOM, Target="sfbedge.contoso.com", Confirm=False)


def test_what_is_disabled_is_forgotten_and_the_account_stays(skype: Skype) -> None:
    enabled(skype)
    call(skype, "Disable-CsMeetingRoom", Identity=ROOM, Confirm=False)
    assert "not found" in refused(skype, "Get-CsMeetingRoom", Identity=ROOM)
    assert shown(skype, "Get-CsAdUser", Identity=ROOM)[0]["SipAddress"] is None


def test_the_directory_is_told(skype: Skype) -> None:
    enabled(skype)
    (account,) = skype.known(ROOM)
    assert account.stamped["msRTCSIP-PrimaryUserAddress"] == "sip:room1@contoso.com" and account.stamped["msRTCSIP-OwnerUrn"] == "urn:device:roomsystem"
    call(skype, "Disable-CsMeetingRoom", Identity=ROOM, Confirm=False)
    assert skype.known(ROOM)[0].stamped == {}


def test_what_the_directory_says_of_an_account_holds(skype: Skype) -> None:
    enabled(skype)
    (account,) = skype.known(ROOM)
    skype.accounts.stamp(account, {"msRTCSIP-UserEnabled": "FALSE", "msRTCSIP-Line": "tel:+14255551297"})
    (found,) = shown(skype, "Get-CsMeetingRoom", Identity=ROOM)
    assert (found["Enabled"], found["LineURI"]) == (False, "tel:+14255551297")
    skype.accounts.stamp(account, {"msRTCSIP-PrimaryUserAddress": None})
    assert "not found" in refused(skype, "Get-CsMeetingRoom", Identity=ROOM)


def test_policies_are_granted_to_users_and_rooms_and_taken_back(skype: Skype) -> None:
    enabled(skype)
    for identity in (ROOM, "user0@contoso.com"):
        (found,) = shown(skype, "Grant-CsExternalAccessPolicy", Identity=identity, PolicyName="tag:rooms", PassThru=True)
        assert (found["ExternalAccessPolicy"], found["VoicePolicy"]) == ("Rooms", None)
    (found,) = shown(skype, "Grant-CsExternalAccessPolicy", Identity=ROOM, PolicyName=None, PassThru=True)
    assert found["ExternalAccessPolicy"] is None
    assert "is not a user policy" in refused(skype, "Grant-CsDialPlan", Identity=ROOM, PolicyName="Site:Redmond")
    assert "not found" in refused(skype, "Grant-CsDialPlan", Identity="user2@contoso.com", PolicyName="Rooms")


def test_what_if_changes_nothing(skype: Skype) -> None:
    call(skype, "Enable-CsMeetingRoom", Identity=ROOM, RegistrarPool=POOL, SipAddressType="EmailAddress", WhatIf=True)
    assert shown(skype, "Get-CsMeetingRoom") == []


def test_lists_are_filtered(skype: Skype) -> None:
    enabled(skype)
    assert [one["SamAccountName"] for one in shown(skype, "Get-CsAdUser", Filter="Enabled -eq $true")] == ["user0", "user1", "room1"]
    assert [one["SamAccountName"] for one in shown(skype, "Get-CsUser", Filter=f"RegistrarPool -eq '{POOL}'", ResultSize=1)] == ["user0"]
    assert [one["SamAccountName"] for one in shown(skype, "Get-CsMeetingRoom", OU="OU=Resources,DC=contoso,DC=com")] == ["room1"]
    assert "not a recognized filterable property" in refused(skype, "Get-CsUser", Filter="Mood -eq 'good'")
    assert "does not emulate -LdapFilter" in refused(skype, "Get-CsUser", LdapFilter="(cn=x)")


def test_the_topology_names_the_pools_that_register(skype: Skype) -> None:
    assert [one["PoolFqdn"] for one in shown(skype, "Get-CsService", Registrar=True)] == [POOL, OTHER]
    assert len(shown(skype, "Get-CsPool")) == 3
    assert "Cannot find pool" in refused(skype, "Get-CsPool", Identity="nowhere.contoso.com")
    assert [one["Identity"] for one in shown(skype, "Get-CsSipDomain")] == ["contoso.com", "fabrikam.com"]


@pytest.mark.parametrize("version", PRODUCTS[SKYPE])
def test_every_cmdlet_of_the_contract_has_a_handler(version: str) -> None:
    contract = fake_session.skype(0, version).contract
    assert all(contract.has(cmdlet) for cmdlet in HANDLERS)
    with pytest.raises(records.Terminating, match="not recognized"):
        contract.bind("Get-Mailbox", {})


def test_there_is_no_other_version() -> None:
    with pytest.raises(ValueError, match="no Skype Server '2016'; there are: 2013, 2015, 2019"):
        fake_session.skype(0, "2016")
