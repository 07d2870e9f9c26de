# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connectors in the cloud: what the service refuses of those who ask it directly."""

from __future__ import annotations

import typing as t

import pytest

from hybridlab.exchange import Exchange
from hybridlab.records import Terminating
from tests.unit.lab.exchange_calls import call, done

INBOUND: dict[str, t.Any] = {"Name": "In", "SenderDomains": ["contoso.com"]}
OUTBOUND: dict[str, t.Any] = {"Name": "Out", "RecipientDomains": ["contoso.com"]}


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"SenderIPAddresses": ["192.0.2.0/23"]}, "/24 through /32"),
        ({"SenderIPAddresses": ["2001:db8::1"]}, "isn't a valid IPv4"),
        ({"SenderDomains": ["domain.*.contoso.com"]}, "isn't a valid SMTP domain"),
        ({"EFSkipIPs": ["192.0.2.9-nine"]}, "isn't a valid IP address or range"),
        ({"TreatMessagesAsInternal": True}, "only when ConnectorType is OnPremises"),
        ({"TlsSenderCertificateName": "mail.*.contoso.com"}, "isn't a valid SMTP domain"),
        ({"RestrictDomainsToIPAddresses": True}, "needs at least one sender IP address"),
    ],
)
def test_an_inbound_connector_is_refused(given: dict[str, t.Any], text: str) -> None:
    server = Exchange("online")
    assert text in call(server, "New-InboundConnector", **{**INBOUND, **given}).error.message
    assert call(server, "Get-InboundConnector").names == ["Inbound from Contoso"]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"UseMXRecord": False}, "SmartHosts must be specified"),
        ({"SmartHosts": ["mail.contoso.com:587"]}, "isn't a valid smart host"),
        ({"RouteAllMessagesViaOnPremises": True}, "only when ConnectorType is OnPremises"),
        ({"TlsDomain": "mail.contoso.com", "TlsSettings": "CertificateValidation"}, "only when TlsSettings is DomainValidation"),
    ],
)
def test_an_outbound_connector_is_refused(given: dict[str, t.Any], text: str) -> None:
    server = Exchange("online")
    assert text in call(server, "New-OutboundConnector", **{**OUTBOUND, **given}).error.message
    assert call(server, "Get-OutboundConnector").names == ["Outbound to Contoso"]


def test_connectors_for_rules_and_in_test_mode_are_listed_apart() -> None:
    server = Exchange("online")
    done(server, "New-OutboundConnector", **OUTBOUND, TestMode=True)
    assert call(server, "Get-OutboundConnector").names == ["Outbound to Contoso"]
    assert call(server, "Get-OutboundConnector", IncludeTestModeConnectors=True).names == ["Out"]
    assert call(server, "Get-OutboundConnector", IsTransportRuleScoped=True).names == ["Through the scanner"]


@pytest.mark.parametrize("version", ["2013", "se"])
def test_no_server_has_them(version: str) -> None:
    with pytest.raises(Terminating):
        call(Exchange(version), "Get-InboundConnector")
