# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from hybridlab.exchange import Exchange
from hybridlab.exchange.databases import CONSTRAINTS
from tests.unit.lab.exchange_calls import call, done

RELAY: dict[str, t.Any] = {"Name": "Relay", "Usage": "Custom", "TransportRole": "FrontendTransport", "Bindings": ["0.0.0.0:25"]}


@pytest.fixture
def server() -> Exchange:
    return Exchange("2019")


def test_a_server_has_the_connectors_of_setup(server: Exchange) -> None:
    assert len(done(server, "Get-ReceiveConnector", Server="ex01.contoso.com").objects) == 5
    assert done(server, "Get-ReceiveConnector", Server="EX02").objects == []
    assert call(server, "Get-ReceiveConnector", Server="EX99").failure == "ManagementObjectNotFoundException"
    found = done(server, "Get-ReceiveConnector", Identity="EX01\\Default Frontend EX01").object
    assert (found["Identity"], found["TransportRole"], found["Bindings"]) == ("EX01\\Default Frontend EX01", "FrontendTransport", ["[::]:25", "0.0.0.0:25"])


def test_one_name_on_two_servers_is_ambiguous_without_the_server(server: Exchange) -> None:
    for name in ("EX01", "EX02"):
        done(server, "New-ReceiveConnector", **RELAY, RemoteIPRanges=["10.0.0.1"], Server=name)
    assert len(done(server, "Get-ReceiveConnector", Identity="Relay").objects) == 2
    assert call(server, "Set-ReceiveConnector", Identity="Relay", Enabled=False).failure == "ManagementObjectAmbiguousException"
    done(server, "Set-ReceiveConnector", Identity="EX02\\Relay", Enabled=False)
    again = call(server, "New-ReceiveConnector", **RELAY, RemoteIPRanges=["10.0.0.2"], Server="EX02")
    assert again.failure == "ADObjectAlreadyExistsException"


@pytest.mark.parametrize(
    ("role", "bindings", "ranges", "failure"),
    [
        ("HubTransport", ["0.0.0.0:25"], ["10.0.0.1"], "ReceiveConnectorRoleConflictException"),
        ("HubTransport", ["192.0.2.1:25"], ["10.0.0.1"], "ReceiveConnectorRoleConflictException"),
        ("HubTransport", ["0.0.0.0:26"], ["10.0.0.1"], None),
        ("FrontendTransport", ["0.0.0.0:25"], ["10.0.0.1"], None),
        ("FrontendTransport", ["0.0.0.0:25"], ["0.0.0.0/0"], "ConnectorMappingConflictException"),
        ("FrontendTransport", ["192.0.2.1:25"], ["0.0.0.0/0"], None),
        ("FrontendTransport", ["0.0.0.0:25"], ["10.0.0.9-10.0.0.1"], "DataValidationException"),
    ],
)
def test_connectors_must_be_told_apart(server: Exchange, role: str, bindings: list[str], ranges: list[str], failure: str | None) -> None:
    made = call(server, "New-ReceiveConnector", **{**RELAY, "TransportRole": role, "Bindings": bindings}, RemoteIPRanges=ranges)
    assert (made.failure if made.errors else None) == failure


def test_flags_come_back_in_the_order_of_their_enumeration(server: Exchange) -> None:
    made = done(server, "New-ReceiveConnector", **RELAY, RemoteIPRanges=["10.0.0.1"], AuthMechanism="BasicAuth,Tls", PermissionGroups=["ExchangeUsers"]).object
    assert (made["AuthMechanism"], made["PermissionGroups"]) == ("Tls, BasicAuth", "ExchangeUsers")


def test_a_product_key_licenses_a_trial_edition(server: Exchange) -> None:
    outcome = done(server, "Set-ExchangeServer", Identity="EX02", ProductKey="STAND-00000-00000-00000-00000")
    assert "Information Store" in outcome.warnings[0]
    assert done(server, "Get-ExchangeServer", Identity="EX02").object["Edition"] == "Standard"
    assert server.calls[0] == ("Set-ExchangeServer", {"Identity": "EX02", "ProductKey": {"$any": True}})


def test_a_database_that_is_mounted_is_not_mounted_again(server: Exchange) -> None:
    assert done(server, "Get-MailboxDatabase", Identity="DB01").object["Mounted"] is None
    assert done(server, "Get-MailboxDatabase", Identity="DB01", Status=True).object["Mounted"] is True
    assert call(server, "Mount-Database", Identity="DB01").failure == "DatabaseMountedException"
    done(server, "Dismount-Database", Identity="DB01", Confirm=False)
    assert done(server, "Get-MailboxDatabase", Identity="DB01", Status=True).object["Mounted"] is False


def test_every_constraint_of_the_reference_is_known(server: Exchange) -> None:
    row = server.contract.parameters("Set-MailboxDatabase")["DataMoveReplicationConstraint"]
    assert set(row["accepted_values"]) == set(CONSTRAINTS.split(","))


def test_policies_close_up_when_one_goes(server: Exchange) -> None:
    for name in ("First", "Second", "Third"):
        done(server, "New-EmailAddressPolicy", Name=name, IncludedRecipients="Resources", EnabledPrimarySMTPAddressTemplate="@contoso.com")
    done(server, "Set-EmailAddressPolicy", Identity="Third", Priority=1)
    done(server, "Remove-EmailAddressPolicy", Identity="First", Confirm=False)
    found = {one["Name"]: one["Priority"] for one in done(server, "Get-EmailAddressPolicy").objects}
    assert found == {"Default Policy": "Lowest", "Third": "1", "Second": "2"}


def test_a_new_mailbox_goes_to_a_database_that_may_be_chosen(server: Exchange) -> None:
    done(server, "Set-MailboxDatabase", Identity="DB01", IsExcludedFromProvisioning=True)
    assert done(server, "New-Mailbox", Name="First", Shared=True).object["Database"] == "DB02"
    assert done(server, "New-Mailbox", Name="Second", Shared=True, Database="db01").object["Database"] == "DB01"
    done(server, "Dismount-Database", Identity="DB02", Confirm=False)
    refused = call(server, "New-Mailbox", Name="Third", Shared=True)
    assert refused.error.message == "Load balancing failed to find a valid mailbox database."


def test_a_database_is_named_by_guid_too(server: Exchange) -> None:
    guid = done(server, "Get-MailboxDatabase", Identity="DB02").object["Guid"]
    assert done(server, "New-Mailbox", Name="First", Shared=True, Database=str(guid)).object["Database"] == "DB02"
    assert call(server, "New-Mailbox", Name="Second", Shared=True, Database="DB99").failure == "ManagementObjectNotFoundException"


def test_an_archive_keeps_its_database(server: Exchange) -> None:
    done(server, "New-MailboxDatabase", Name="Archives", Server="EX01")
    done(server, "Mount-Database", Identity="Archives")
    done(server, "Enable-Mailbox", Identity="user0", Archive=True, ArchiveDatabase="Archives")
    assert call(server, "Remove-MailboxDatabase", Identity="Archives", Confirm=False).failure == "AssociatedUserMailboxExistException"
