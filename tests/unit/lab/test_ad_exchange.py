# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exchange and Active Directory of the lab are one: what cmdlets write LDAP reads, and the other way round."""

from __future__ import annotations

import typing as t
import uuid

import ldap3
import pytest

from hybridlab.exchange import Exchange
from hybridlab.records import SecureString
from tests.unit.lab import ad_client
from tests.unit.lab.ad_client import BASE, Domain, outcome, quoted, read
from tests.unit.lab.exchange_calls import call, done

USERS = f"CN=Users,{BASE}"
REPLACE = ldap3.MODIFY_REPLACE


@pytest.fixture
def exchange() -> Exchange:
    server = Exchange("2019")
    done(server, "New-RemoteDomain", Name="Hybrid", DomainName="contoso.mail.onmicrosoft.com")
    done(server, "Set-RemoteDomain", Identity="Hybrid", TargetDeliveryDomain=True)
    done(server, "New-AcceptedDomain", Name="Hybrid", DomainName="contoso.mail.onmicrosoft.com")
    return server


@pytest.fixture
def domain(tmp_path_factory: pytest.TempPathFactory, exchange: Exchange) -> t.Iterator[Domain]:
    assert exchange.forest is not None
    with ad_client.domain(tmp_path_factory.mktemp("ad"), exchange.forest) as found:
        yield found


@pytest.fixture
def admin(domain: Domain) -> t.Iterator[ldap3.Connection]:
    client = domain.client()
    assert client.bind(), client.result
    yield client
    client.unbind()


def named(client: ldap3.Connection, account: str, *attributes: str) -> dict[str, list[bytes]]:
    """The raw values of an account by its logon name."""
    client.search(BASE, f"(sAMAccountName={account})", attributes=list(attributes) or ["*"])
    assert len(client.response) == 1
    return dict(client.response[0]["raw_attributes"])


def test_a_seeded_mailbox_is_an_object(exchange: Exchange, admin: ldap3.Connection) -> None:
    found, shown = named(admin, "user0"), done(exchange, "Get-Mailbox", Identity="user0").object
    assert found["objectGUID"] == [shown["Guid"].bytes_le]
    assert found["msExchMailboxGuid"] == [shown["ExchangeGuid"].bytes_le]
    assert found["distinguishedName"] == [shown["DistinguishedName"].encode()]
    assert found["proxyAddresses"] == [b"SMTP:user0@contoso.com"]
    assert found["msExchRecipientTypeDetails"] == [b"1"]
    assert found["homeMDB"][0].startswith(b"CN=DB01,")
    assert found["userAccountControl"] == [b"512"]


def test_a_new_remote_room_mailbox_is_a_disabled_account_with_the_attributes_that_synchronize(exchange: Exchange, admin: ldap3.Connection) -> None:
    done(exchange, "New-RemoteMailbox", Name="Room 42", Room=True, OnPremisesOrganizationalUnit="Resources", UserPrincipalName="room42@contoso.com")
    found = named(admin, "room42")
    assert found["distinguishedName"] == [f"CN=Room 42,OU=Resources,{BASE}".encode()]
    assert found["userAccountControl"] == [b"514"]
    assert found["targetAddress"] == [b"SMTP:room42@contoso.mail.onmicrosoft.com"]
    assert found["msExchRecipientTypeDetails"] == [b"8589934592"]
    assert found["msExchRecipientDisplayType"] == [b"-2147481850"]
    assert found["msExchRemoteRecipientType"] == [b"33"]
    assert found["msExchResourceMetaData"] == [b"ResourceType:Room"]
    assert b"smtp:room42@contoso.mail.onmicrosoft.com" in found["proxyAddresses"]
    assert found["mailNickname"] == [b"room42"]


def test_what_set_mailbox_writes_is_in_the_directory(exchange: Exchange, admin: ldap3.Connection) -> None:
    before = int(named(admin, "user0", "uSNChanged")["uSNChanged"][0])
    values = {"CustomAttribute3": "x", "HiddenFromAddressListsEnabled": True, "ForwardingAddress": "user1", "DeliverToMailboxAndForward": True}
    done(exchange, "Set-Mailbox", Identity="user0", Name="Zero", GrantSendOnBehalfTo=["user2"], **values)
    found = named(
        admin, "user0", "extensionAttribute3", "msExchHideFromAddressLists", "altRecipient", "deliverAndRedirect", "publicDelegates", "uSNChanged", "cn"
    )
    assert found["extensionAttribute3"] == [b"x"]
    assert found["msExchHideFromAddressLists"] == found["deliverAndRedirect"] == [b"TRUE"]
    assert found["altRecipient"] == [f"CN=User 1,{USERS}".encode()]
    assert found["publicDelegates"] == [f"CN=User 2,{USERS}".encode()]
    assert found["cn"] == [b"Zero"]
    assert int(found["uSNChanged"][0]) > before
    done(exchange, "Set-Mailbox", Identity="user0", ForwardingAddress=None, CustomAttribute3=None)
    assert not any(named(admin, "user0", "altRecipient", "extensionAttribute3").values())


def test_what_ldap_writes_the_cmdlets_show(exchange: Exchange, admin: ldap3.Connection) -> None:
    changes = {
        "extensionAttribute1": [(REPLACE, ["from LDAP"])],
        "displayName": [(REPLACE, ["Shown"])],
        "proxyAddresses": [(REPLACE, ["SMTP:new@contoso.com", "smtp:user0@contoso.com"])],
        "altRecipient": [(REPLACE, [f"CN=User 2,{USERS}"])],
        "userAccountControl": [(REPLACE, [514])],
        "department": [(REPLACE, ["Sales"])],
    }
    assert admin.modify(f"CN=User 0,{USERS}", changes), admin.result
    shown = done(exchange, "Get-Mailbox", Identity="new@contoso.com").object
    assert (shown["CustomAttribute1"], shown["DisplayName"], shown["PrimarySmtpAddress"]) == ("from LDAP", "Shown", "new@contoso.com")
    assert shown["ForwardingAddress"] == "contoso.com/Users/User 2"
    assert shown["AccountDisabled"] is True
    assert done(exchange, "Get-User", Identity="user0").object["Department"] == "Sales"


def test_an_account_made_over_ldap_can_get_a_mailbox(exchange: Exchange, admin: ldap3.Connection) -> None:
    dn = f"CN=New Person,OU=Sales,{BASE}"
    values = {"sAMAccountName": "newperson", "userPrincipalName": "newperson@contoso.com", "unicodePwd": quoted("Us3r!Passw0rd"), "userAccountControl": 512}
    assert admin.add(dn, "user", values), admin.result
    account = done(exchange, "Get-User", Identity="newperson@contoso.com").object
    assert (account["RecipientTypeDetails"], account["OrganizationalUnit"]) == ("User", "contoso.com/Sales")
    done(exchange, "Enable-RemoteMailbox", Identity="newperson", RemoteRoutingAddress="newperson@contoso.mail.onmicrosoft.com")
    assert read(admin, dn, "msExchRecipientTypeDetails", "mail") == {"msExchRecipientTypeDetails": [b"2147483648"], "mail": [b"newperson@contoso.com"]}
    done(exchange, "Disable-RemoteMailbox", Identity="newperson", Confirm=False)
    left = read(admin, dn)
    assert not {name for name in left if name.startswith("msExch")} | {"targetAddress", "mailNickname"} & set(left)
    assert left["userPrincipalName"] == [b"newperson@contoso.com"]


def test_a_remote_mailbox_made_by_attributes_alone_is_one(exchange: Exchange, admin: ldap3.Connection) -> None:
    values = {
        "sAMAccountName": "scripted",
        "mailNickname": "scripted",
        "proxyAddresses": ["SMTP:scripted@contoso.com"],
        "targetAddress": "SMTP:scripted@contoso.mail.onmicrosoft.com",
        "msExchRecipientTypeDetails": 2147483648,
        "msExchRemoteRecipientType": 4,
    }
    assert admin.add(f"CN=Scripted,{USERS}", "user", values)
    shown = done(exchange, "Get-RemoteMailbox", Identity="scripted").object
    assert (shown["RemoteRoutingAddress"], shown["RemoteRecipientType"]) == ("SMTP:scripted@contoso.mail.onmicrosoft.com", "Migrated")


def test_members_are_the_same_for_both(exchange: Exchange, admin: ldap3.Connection) -> None:
    group = f"CN=Sales Team,{USERS}"
    done(exchange, "Add-DistributionGroupMember", Identity="sales-team", Member="user1")
    assert read(admin, f"CN=User 1,{USERS}", "memberOf") == {"memberOf": [group.encode()]}
    assert admin.modify(group, {"member": [(ldap3.MODIFY_ADD, [f"CN=User 2,{USERS}", f"CN=Partner,OU=Contacts,{BASE}"])]})
    names = done(exchange, "Get-DistributionGroupMember", Identity="sales-team").names
    assert names == ["User 1", "User 2", "Partner"]
    assert admin.delete(f"CN=User 2,{USERS}")
    assert done(exchange, "Get-DistributionGroupMember", Identity="sales-team").names == ["User 1", "Partner"]
    assert call(exchange, "Get-Mailbox", Identity="user2").failure == "ManagementObjectNotFoundException"


def test_what_a_cmdlet_removes_is_a_tombstone(exchange: Exchange, admin: ldap3.Connection) -> None:
    assert exchange.forest is not None
    since, guid = exchange.forest.directory.usn, named(admin, "user3", "objectGUID")["objectGUID"][0]
    done(exchange, "Remove-Mailbox", Identity="user3", Confirm=False)
    assert [(one.guid, one.deleted) for one in exchange.forest.directory.changes(since)] == [(uuid.UUID(bytes_le=guid), True)]


def test_a_unit_made_over_ldap_takes_recipients_and_its_name_is_theirs(exchange: Exchange, admin: ldap3.Connection) -> None:
    assert admin.add(f"OU=Berlin,OU=Sales,{BASE}", "organizationalUnit")
    done(exchange, "New-MailContact", Name="There", ExternalEmailAddress="there@adatum.com", OrganizationalUnit="contoso.com/Sales/Berlin")
    assert admin.modify_dn(f"OU=Berlin,OU=Sales,{BASE}", "OU=Hamburg")
    shown = done(exchange, "Get-MailContact", Identity="There").object
    assert shown["DistinguishedName"] == f"CN=There,OU=Hamburg,OU=Sales,{BASE}"
    assert shown["Identity"] == "contoso.com/Sales/Hamburg/There"
    assert done(exchange, "Get-Recipient", Identity="contoso.com/Sales/Hamburg/There").names == ["There"]


def test_names_are_unique_across_both(exchange: Exchange, admin: ldap3.Connection) -> None:
    assert not admin.add(f"CN=Other,{USERS}", "user", {"sAMAccountName": "USER0"})
    assert outcome(admin) == (68, "00000524")
    given: dict[str, t.Any] = {"Name": "Other", "UserPrincipalName": "other@contoso.com", "Password": SecureString("Us3r!Passw0rd")}
    assert "Domain Users" in call(exchange, "New-Mailbox", **given, SamAccountName="Domain Users").error.message
    assert "already exists" in call(exchange, "New-Mailbox", **(given | {"Name": "Administrator"})).error.message


def test_the_password_of_a_new_mailbox_logs_on_to_the_directory(exchange: Exchange, domain: Domain) -> None:
    done(exchange, "New-Mailbox", Name="Logon", UserPrincipalName="logon@contoso.com", Password=SecureString("Us3r!Passw0rd"))
    assert domain.client("logon@contoso.com", "Us3r!Passw0rd").bind()
    assert not domain.client("logon@contoso.com", "nonsense").bind()


def test_a_global_group_made_over_ldap_is_shown_and_is_no_distribution_group(exchange: Exchange, admin: ldap3.Connection) -> None:
    assert admin.add(f"CN=Global,{USERS}", "group", {"sAMAccountName": "global"})
    assert done(exchange, "Get-Group", Identity="global").object["RecipientTypeDetails"] == "NonUniversalGroup"
    assert call(exchange, "Enable-DistributionGroup", Identity="global").failure
    assert admin.modify(f"CN=Global,{USERS}", {"groupType": [(REPLACE, [-2147483640])]})
    assert done(exchange, "Enable-DistributionGroup", Identity="global").object["RecipientTypeDetails"] == "MailUniversalSecurityGroup"


def test_a_refused_change_over_ldap_shows_nothing(exchange: Exchange, admin: ldap3.Connection) -> None:
    assert not admin.add(f"CN=Refused,{USERS}", "user", {"sAMAccountName": "refused", "userAccountControl": 512})
    assert call(exchange, "Get-User", Identity="Refused").failure == "ManagementObjectNotFoundException"
    assert not admin.modify(f"CN=User 0,{USERS}", {"displayName": [(REPLACE, ["Changed"])], "mail": [(ldap3.MODIFY_ADD, ["second@contoso.com"])]})
    done(exchange, "Set-Mailbox", Identity="user0", CustomAttribute1="x")
    assert done(exchange, "Get-Mailbox", Identity="user0").object["DisplayName"] == "User 0"


REMOTE = {"Shared": (b"97", "ProvisionMailbox, SharedMailbox"), "Equipment": (b"65", "ProvisionMailbox, EquipmentMailbox")}


@pytest.mark.parametrize("switch", REMOTE)
def test_the_type_of_a_remote_mailbox_is_kept_as_bits(exchange: Exchange, admin: ldap3.Connection, switch: str) -> None:
    done(exchange, "New-RemoteMailbox", Name="Thing", UserPrincipalName="thing@contoso.com", **{switch: True})
    number, text = REMOTE[switch]
    assert named(admin, "thing", "msExchRemoteRecipientType") == {"msExchRemoteRecipientType": [number]}
    assert done(exchange, "Get-RemoteMailbox", Identity="thing").object["RemoteRecipientType"] == text
    done(exchange, "Set-RemoteMailbox", Identity="thing", Type="Regular")
    assert named(admin, "thing", "msExchRemoteRecipientType") == {"msExchRemoteRecipientType": [b"1"]}
