# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Outbound spam filter policies and their rules in the cloud: what the service asks before it acts, and what it leaves behind."""

from __future__ import annotations

import pytest

from hybridlab.exchange import Exchange
from hybridlab.records import Terminating
from tests.unit.lab.exchange_calls import call, done

POLICY, RULE = "HostedOutboundSpamFilterPolicy", "HostedOutboundSpamFilterRule"


@pytest.fixture
def server() -> Exchange:
    organization = Exchange("online")
    done(organization, f"New-{RULE}", Name="Executives", HostedOutboundSpamFilterPolicy="Executives", From=["user0"])
    return organization


def test_a_policy_is_removed_with_force_and_its_rule_stays(server: Exchange) -> None:
    with pytest.raises(Terminating, match="Are you sure"):
        done(server, f"Remove-{POLICY}", Identity="Executives")
    done(server, f"Remove-{POLICY}", Identity="Executives", Force=True)
    assert call(server, f"Get-{POLICY}").names == ["Default"]
    assert call(server, f"Get-{RULE}", Identity="Executives").object[POLICY] == "Executives"


def test_a_rule_keeps_its_own_policy(server: Exchange) -> None:
    done(server, f"Set-{RULE}", Identity="Executives", HostedOutboundSpamFilterPolicy="Executives", Comments="Same policy")
    assert call(server, f"Get-{RULE}", Identity="Executives").object["Comments"] == "Same policy"


def test_rules_are_listed_by_state(server: Exchange) -> None:
    done(server, f"Disable-{RULE}", Identity="Executives", Confirm=False)
    assert call(server, f"Get-{RULE}", State="Enabled").names == []
    assert call(server, f"Get-{RULE}", State="Disabled").names == ["Executives"]


def test_a_rule_keeps_a_condition(server: Exchange) -> None:
    assert "no condition" in call(server, f"Set-{RULE}", Identity="Executives", From=None).error.message


@pytest.mark.parametrize("version", ["2013", "se"])
def test_no_server_has_them(version: str) -> None:
    with pytest.raises(Terminating):
        call(Exchange(version), f"Get-{RULE}")
