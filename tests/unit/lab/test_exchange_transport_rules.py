# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from hybridlab.exchange import Exchange
from hybridlab.exchange import transport_rule_table as table
from tests.unit.lab.exchange_calls import call, done


@pytest.fixture
def server() -> Exchange:
    return Exchange("2019")


def names(server: Exchange) -> list[tuple[str, int]]:
    return [(one["Name"], one["Priority"]) for one in done(server, "Get-TransportRule").objects]


def test_a_rule_that_rejects_forwarding_can_be_seen(server: Exchange) -> None:
    assert done(server, "Get-TransportRule").objects == []
    made = done(server, "New-TransportRule", Name="Inside", MessageTypeMatches="AutoForward", SentToScope="NotInOrganization", RejectMessageReasonText="No")
    assert made.object["State"] == "Enabled"
    found = done(server, "Get-TransportRule").object
    assert (found["MessageTypeMatches"], found["RejectMessageReasonText"], found["RejectMessageEnhancedStatusCode"]) == ("AutoForward", "No", "5.7.1")
    assert found["From"] is None and found["DeleteMessage"] is False and found["Exceptions"] is None
    assert "NotifySender" not in found and found["SenderNotificationType"] is None
    done(server, "Remove-TransportRule", Identity="Inside", Confirm=False)


def test_every_parameter_of_the_reference_is_kept(server: Exchange) -> None:
    working = {"Name", "Identity", "Priority", "Enabled", "Confirm", "WhatIf", "DomainController"}
    given = {name for cmdlet in ("New-TransportRule", "Set-TransportRule") for name in server.contract.parameters(cmdlet)}
    assert given - working == set(table.KINDS)


def test_rules_keep_their_order(server: Exchange) -> None:
    for name, place in (("a", None), ("b", None), ("c", 0), ("d", 1)):
        done(server, "New-TransportRule", Name=name, SetSCL=1, **({} if place is None else {"Priority": place}))
    assert names(server) == [("c", 0), ("d", 1), ("a", 2), ("b", 3)]
    done(server, "Set-TransportRule", Identity="c", Priority=3)
    assert names(server) == [("d", 0), ("a", 1), ("b", 2), ("c", 3)]
    done(server, "Remove-TransportRule", Identity="a", Confirm=False)
    assert names(server) == [("d", 0), ("b", 1), ("c", 2)]
    for cmdlet, given, lowest in (("Set-TransportRule", {"Identity": "b"}, 2), ("New-TransportRule", {"Name": "e", "SetSCL": 1}, 3)):
        for place in (-1, lowest + 1):
            refused = call(server, cmdlet, **given, Priority=place).error.message
            assert refused == f"The specified rule priority is invalid. Use a value between '0' (highest priority), and '{lowest}' (lowest priority)."


def test_a_rule_is_switched(server: Exchange) -> None:
    done(server, "New-TransportRule", Name="a", SetSCL="-1", Enabled=False)
    assert done(server, "Get-TransportRule", State="Enabled").objects == []
    done(server, "Enable-TransportRule", Identity="a", Mode="Audit")
    found = done(server, "Get-TransportRule", State="Enabled").object
    assert (found["State"], found["Mode"], found["SetSCL"]) == ("Enabled", "Audit", "-1")
    assert done(server, "Enable-TransportRule", Identity="a").warnings
    done(server, "Disable-TransportRule", Identity="a", Confirm=False)
    assert done(server, "Get-TransportRule", Identity="a").object["State"] == "Disabled"


REFUSED: list[tuple[dict[str, t.Any], str]] = [
    ({"FromScope": "InOrganization", "DeleteMessage": False}, "ArgumentException"),
    ({"RedirectMessageTo": ["user1"], "DeleteMessage": True}, "ArgumentException"),
    ({"RedirectMessageTo": ["user1"], "RejectMessageEnhancedStatusCode": "5.7.1"}, "ArgumentException"),
    ({"HasClassification": "Company Internal", "HasNoClassification": True, "SetSCL": 1}, "ArgumentException"),
    ({"HeaderContainsWords": ["x"], "SetSCL": 1}, "ArgumentException"),
    ({"BetweenMemberOf1": ["everyone"], "BetweenMemberOf2": [], "SetSCL": 1}, "ArgumentException"),
    ({"ExceptIfManagerForEvaluatedUser": "Sender", "SetSCL": 1}, "ArgumentException"),
    ({"SetHeaderName": "X-A"}, "ArgumentException"),
    ({"ADComparisonOperator": "Equal", "SetSCL": 1}, "ArgumentException"),
    ({"ApplyHtmlDisclaimerFallbackAction": "Wrap", "SetSCL": 1}, "ArgumentException"),
    ({"NotifySender": "NotifyOnly"}, "ArgumentException"),
    ({"Quarantine": True}, "ArgumentException"),
    ({"RejectMessageEnhancedStatusCode": "5.7.2"}, "DataValidationException"),
    ({"SetSCL": 10}, "DataValidationException"),
    ({"SetHeaderName": "X A", "SetHeaderValue": "a"}, "DataValidationException"),
    ({"SubjectMatchesPatterns": ["("], "SetSCL": 1}, "DataValidationException"),
    ({"SubjectContainsWords": [" a"], "SetSCL": 1}, "DataValidationException"),
    ({"SenderIpRanges": ["10.0.0.1-"], "SetSCL": 1}, "DataValidationException"),
    ({"AttachmentPropertyContainsWords": ["High"], "SetSCL": 1}, "DataValidationException"),
    ({"MessageContainsDataClassifications": [{"minCount": "2"}], "SetSCL": 1}, "DataValidationException"),
    ({"ExpiryDate": "2020-01-01", "SetSCL": 1}, "DataValidationException"),
    ({"ADComparisonAttribute": "Shoes", "SetSCL": 1}, "ManagementObjectNotFoundException"),
    ({"FromMemberOf": ["user1"], "SetSCL": 1}, "ManagementObjectNotFoundException"),
    ({"ModerateMessageByUser": ["everyone"]}, "ManagementObjectNotFoundException"),
    ({"ApplyRightsProtectionTemplate": "Nothing"}, "ManagementObjectNotFoundException"),
    ({"DlpPolicy": "Nothing", "SetSCL": 1}, "ManagementObjectNotFoundException"),
]


@pytest.mark.parametrize(("given", "failure"), REFUSED, ids=lambda one: "+".join(one) if isinstance(one, dict) else one)
def test_a_rule_that_cannot_be(server: Exchange, given: dict[str, t.Any], failure: str) -> None:
    assert call(server, "New-TransportRule", Name="a", **given).failure == failure
    assert done(server, "Get-TransportRule").objects == []


def test_a_condition_is_made_of_what_comes_with_one_call(server: Exchange) -> None:
    done(server, "New-TransportRule", Name="a", HeaderContainsMessageHeader="X-A", HeaderContainsWords=["x"], RejectMessageReasonText="No", Comments="c")
    assert call(server, "Set-TransportRule", Identity="a", HeaderContainsWords=["y"]).failure == "ArgumentException"
    done(server, "Set-TransportRule", Identity="a", RejectMessageEnhancedStatusCode="5.7.901")
    found = done(server, "Get-TransportRule", Identity="a").object
    assert (found["RejectMessageReasonText"], found["HeaderContainsWords"]) == ("Delivery not authorized, message refused", ["x"])
    done(server, "Set-TransportRule", Identity="a", HeaderContainsMessageHeader=None, HeaderContainsWords=None, FromScope=None, ApplyHtmlDisclaimerText="b")
    found = done(server, "Get-TransportRule", Identity="a").object
    assert (found["HeaderContainsWords"], found["HeaderContainsMessageHeader"], found["Conditions"]) == (None, None, None)
    assert (found["ApplyHtmlDisclaimerLocation"], found["ApplyHtmlDisclaimerFallbackAction"], found["Comments"]) == ("Append", "Wrap", "c")


def test_another_version_has_other_properties() -> None:
    old = Exchange("2013")
    done(old, "New-TransportRule", Name="a", SetSCL=1)
    found = done(old, "Get-TransportRule").object
    assert "AttachmentPropertyContainsWords" not in found and "From" in found
