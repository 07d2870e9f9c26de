# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab's Edge Transport server: what a session knows, what the role has, what it keeps."""

from __future__ import annotations

import typing as t

import pytest

from hybridlab.exchange.edge import CONNECTION_FILTERING, RESTART, SNAPINS, Edge
from hybridlab.exchange.windows import Session
from hybridlab.records import ErrorRecord, Output, Terminating, Warned
from tests.unit.lab.exchange_calls import plain

GET, SET = "Get-IPBlockListProvidersConfig", "Set-IPBlockListProvidersConfig"


def session(edge: Edge) -> Session:
    made = edge.session()
    assert not call(made, "Add-PSSnapin", Name=SNAPINS[0])
    return made


def call(made: Session, cmdlet: str, **parameters: t.Any) -> list[t.Any]:
    return list(made.invoke(cmdlet, parameters))


def shown(made: Session, cmdlet: str, **parameters: t.Any) -> list[dict[str, t.Any]]:
    return [plain(record.value) for record in call(made, cmdlet, **parameters) if isinstance(record, Output)]


def refused(made: Session, cmdlet: str, **parameters: t.Any) -> ErrorRecord:
    (record,) = call(made, cmdlet, **parameters)
    assert isinstance(record, ErrorRecord)
    return record


def test_each_session_needs_the_snap_in_for_itself() -> None:
    edge = Edge()
    assert shown(session(edge), GET)
    with pytest.raises(Terminating, match="The term 'Get-IPBlockListProvidersConfig' is not recognized"):
        call(edge.session(), GET)


@pytest.mark.parametrize(("version", "known"), [("2010", SNAPINS[:1]), ("2013", SNAPINS), ("se", SNAPINS)])
def test_the_snap_in_has_the_names_of_its_version(version: str, known: tuple[str, ...]) -> None:
    for name in SNAPINS:
        records = call(Edge(version).session(), "Add-PSSnapin", Name=name)
        assert not records if name in known else records[0].error_id.startswith("AddPSSnapInRead,")


def test_a_snap_in_is_loaded_once() -> None:
    assert "already added" in refused(session(Edge()), "Add-PSSnapin", Name=SNAPINS[0]).message


def test_powershell_knows_its_own_parameters() -> None:
    with pytest.raises(Terminating, match="missing mandatory parameters: Name"):
        call(Edge().session(), "Add-PSSnapin")
    with pytest.raises(Terminating, match="matches parameter name 'Colour'"):
        call(Edge().session(), "Get-Item", Path="Env:COMPUTERNAME", Colour="red")
    assert refused(Edge().session(), "Get-Item", Path="Env:OTHER").category == "ObjectNotFound"
    assert refused(Edge().session(), "Restart-Service", Name="Other").category == "ObjectNotFound"


@pytest.mark.parametrize("cmdlet", ["Get-Mailbox", "Set-OrganizationConfig", "Get-Nothing"])
def test_the_role_has_its_own_cmdlets_only(cmdlet: str) -> None:
    with pytest.raises(Terminating, match="is not recognized"):
        call(session(Edge()), cmdlet)


@pytest.mark.parametrize("cmdlet", [GET, SET, "Get-TransportAgent", "Get-ExchangeServer"])
def test_no_cmdlet_takes_a_domain_controller(cmdlet: str) -> None:
    assert "DomainController" in refused(session(Edge()), cmdlet, DomainController="dc01.contoso.com").message


def test_addresses_are_checked_and_merged() -> None:
    edge = Edge()
    made = session(edge)
    call(made, SET, BypassedRecipients=["a@contoso.com", "b@contoso.com"])
    call(made, SET, BypassedRecipients={"Add": ["c@contoso.com", "A@contoso.com"], "Remove": ["B@contoso.com", "z@contoso.com"]})
    assert edge.settings.values["BypassedRecipients"] == ["A@contoso.com", "c@contoso.com"]
    with pytest.raises(Terminating, match="Please use this format"):
        call(made, SET, BypassedRecipients={"Add": ["nobody"]})
    assert edge.settings.values["BypassedRecipients"] == ["A@contoso.com", "c@contoso.com"]


def test_what_if_writes_nothing_and_no_change_is_a_warning() -> None:
    edge = Edge()
    made = session(edge)
    assert not call(made, SET, Enabled=False, WhatIf=True) and edge.settings.values["Enabled"]
    (record,) = call(made, SET, Enabled=True)
    assert isinstance(record, Warned)


def test_an_agent_counts_when_the_transport_service_has_restarted() -> None:
    edge = Edge()
    made = session(edge)
    (warned,) = call(made, "Disable-TransportAgent", Identity=CONNECTION_FILTERING.lower(), Confirm=False)
    assert isinstance(warned, Warned) and warned.text == RESTART
    (agent,) = shown(made, "Get-TransportAgent", Identity=CONNECTION_FILTERING)
    assert agent["Enabled"] is False and edge.running[CONNECTION_FILTERING]
    assert not call(made, "Restart-Service", Name="MSExchangeTransport")
    assert not edge.running[CONNECTION_FILTERING]
    call(made, "Enable-TransportAgent", Identity=CONNECTION_FILTERING)
    assert edge.agents[CONNECTION_FILTERING] and not edge.running[CONNECTION_FILTERING]
    assert len(shown(made, "Get-TransportAgent")) == 10
    assert "not found" in refused(made, "Get-TransportAgent", Identity="No Agent").message


def test_the_server_is_known_by_its_name_and_role() -> None:
    edge = Edge(machine="EDGE02")
    made = session(edge)
    assert shown(made, "Get-Item", Path="Env:COMPUTERNAME")[0]["Value"] == "EDGE02"
    (server,) = shown(made, "Get-ExchangeServer", Identity="edge02")
    assert server["IsEdgeServer"] is True and server["ServerRole"] == "Edge"
    assert "couldn't be found" in refused(made, "Get-ExchangeServer", Identity="EX01").message
    assert edge.change({"server": "EDGE02", "role": "Mailbox"})["role"] == "Mailbox"
    assert shown(made, "Get-ExchangeServer")[0]["IsEdgeServer"] is False
    with pytest.raises(ValueError, match="colour"):
        edge.change({"server": "EDGE02", "colour": "red"})
