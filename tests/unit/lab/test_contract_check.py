# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from hybridlab.contract import check
from hybridlab.contract.check import Contract
from hybridlab.records import Credential, ErrorRecord, SecureString, Terminating

IDENTITY = {"Identity": "user0"}


def refusal(cmdlet: str, parameters: dict[str, t.Any], version: str = "2019") -> ErrorRecord:
    with pytest.raises(Terminating) as caught:
        Contract(version).bind(cmdlet, parameters)
    return caught.value.record


def test_an_unknown_cmdlet_is_not_recognized() -> None:
    record = refusal("Get-Nothing", {})
    assert record.error_id == "CommandNotFoundException"
    assert record.category == "ObjectNotFound"
    assert "'Get-Nothing' is not recognized" in record.message


def test_a_parameter_of_another_version_is_not_found() -> None:
    assert Contract("2016").bind("Set-AcceptedDomain", {**IDENTITY, "MatchSubDomains": True}).parameters["MatchSubDomains"] is True
    assert refusal("Set-AcceptedDomain", {**IDENTITY, "MatchSubDomains": True}, "2013").error_id == "NamedParameterNotFound,Set-AcceptedDomain"
    assert refusal("Get-AcceptedDomain", {"ResultSize": 5}).message == "A parameter cannot be found that matches parameter name 'ResultSize'."


KEPT_OF_2010 = {"Get-ExchangeServer", "Get-LogonStatistics", "Get-Mailbox", "Get-MailboxDatabase", "Set-ADServerSettings", "Set-ExchangeServer"}


def test_exchange_2010_has_what_logons_and_licences_need_and_nothing_else() -> None:
    found = {name for name in check._document() if name not in KEPT_OF_2010 and refusal(name, {}, "2010").error_id != "CommandNotFoundException"}
    assert not found
    for name in KEPT_OF_2010:
        assert Contract("2010").has(name), f"{name} exists"
    assert Contract("2010").bind("Get-LogonStatistics", IDENTITY).cmdlet == "Get-LogonStatistics"
    assert Contract("2010").bind("Set-ExchangeServer", {**IDENTITY, "ProductKey": "x"}).cmdlet == "Set-ExchangeServer"


def test_a_parameter_of_another_version_is_no_beginning_of_a_longer_one() -> None:
    assert refusal("Set-Mailbox", {**IDENTITY, "AuditLog": True}, "2013").error_id == "NamedParameterNotFound,Set-Mailbox"


def test_names_bind_in_any_case_by_alias_and_by_an_unambiguous_beginning() -> None:
    bound = Contract("2019").bind("set-MAILBOX", {"identity": "user0", "wi": True, "-ForwardingA:": "partner", "ea": "Stop"})
    assert (bound.cmdlet, bound.parameters, bound.common, bound.what_if) == (
        "Set-Mailbox",
        {"Identity": "user0", "ForwardingAddress": "partner"},
        {"ErrorAction": "Stop"},
        True,
    )
    ambiguous = refusal("Set-Mailbox", {**IDENTITY, "Forwarding": "x"})
    assert ambiguous.error_id == "AmbiguousParameter,Set-Mailbox"
    assert ambiguous.message.endswith("Possible matches include: -ForwardingAddress -ForwardingSmtpAddress.")
    assert refusal("Set-Mailbox", {"Identity": "a", "identity": "b"}).error_id == "ParameterAlreadyBound,Set-Mailbox"


def test_what_is_mandatory_must_be_given() -> None:
    assert refusal("New-RemoteDomain", {"Name": "a"}).message.endswith("missing mandatory parameters: DomainName.")
    assert refusal("New-RemoteDomain", {}).error_id == "MissingMandatoryParameter,New-RemoteDomain"
    assert refusal("New-Mailbox", {"Name": "a"}).error_id == "MissingMandatoryParameter,New-Mailbox"
    assert Contract("2019").bind("New-Mailbox", {"Name": "a", "Shared": True}).parameters["Shared"] is True


def test_parameters_of_two_sets_do_not_go_together() -> None:
    assert refusal("New-Mailbox", {"Name": "a", "Shared": True, "Room": True}).error_id == "AmbiguousParameterSet,New-Mailbox"


@pytest.mark.parametrize(
    ("parameter", "value", "error"),
    [
        ("HiddenFromAddressListsEnabled", "true", "CannotConvertArgumentNoMessage"),
        ("HiddenFromAddressListsEnabled", None, "ParameterArgumentValidationErrorNullNotAllowed"),
        ("ResourceCapacity", "many", "CannotConvertArgumentNoMessage"),
        ("ProhibitSendQuota", "plenty", "ParameterArgumentTransformationError"),
        ("RecipientLimits", "5GB", "ParameterArgumentTransformationError"),
        ("RetainDeletedItemsFor", "soon", "CannotConvertArgumentNoMessage"),
        ("StartDateForRetentionHold", "soon", "CannotConvertArgumentNoMessage"),
        ("PrimarySmtpAddress", "nobody", "ParameterArgumentTransformationError"),
        ("EmailAddresses", {"Replace": ["a@contoso.com"]}, "ParameterArgumentTransformationError"),
        ("Office", ["a"], "CannotConvertArgumentNoMessage"),
        ("Password", "as text", "CannotConvertArgumentNoMessage"),
        ("LinkedCredential", "as text", "ParameterArgumentTransformationError"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(parameter: str, value: t.Any, error: str) -> None:
    assert refusal("Set-Mailbox", {**IDENTITY, parameter: value}).error_id == f"{error},Set-Mailbox"


def test_a_refused_secret_is_not_repeated() -> None:
    assert "as text" not in refusal("Set-Mailbox", {**IDENTITY, "Password": "as text"}).message


def test_an_unknown_enumerator_is_refused_with_the_known_ones() -> None:
    record = refusal("Set-Mailbox", {**IDENTITY, "Type": "Garage"})
    assert record.error_id == "CannotConvertArgumentNoMessage,Set-Mailbox"
    assert "Unable to match the identifier name Garage" in record.message
    assert "Equipment, Regular, Room, Shared" in record.message


def test_values_arrive_in_the_type_of_the_parameter() -> None:
    given = {"Type": "shared", "HiddenFromAddressListsEnabled": 1, "ResourceCapacity": "12", "EmailAddresses": {"add": "a@contoso.com"}, "AuditAdmin": "Copy"}
    assert Contract("2019").bind("Set-Mailbox", {**IDENTITY, **given}).parameters == {
        "Identity": "user0",
        "Type": "Shared",
        "HiddenFromAddressListsEnabled": True,
        "ResourceCapacity": 12,
        "EmailAddresses": {"Add": ["a@contoso.com"]},
        "AuditAdmin": ["Copy"],
    }
    linked = {"LinkedCredential": Credential("a", SecureString("b"))}
    assert Contract("2019").bind("Set-Mailbox", {**IDENTITY, **linked}).parameters["LinkedCredential"].user == "a"


@pytest.mark.parametrize("given", [{}, {"Confirm": True}, {"Confirm": None}])
def test_nobody_answers_a_question_in_a_session_without_a_host(given: dict[str, t.Any]) -> None:
    record = refusal("Remove-RemoteDomain", {"Identity": "a", **given})
    assert record.error_id == "InvalidOperation,Remove-RemoteDomain"
    assert "does not support user interaction" in record.message
    Contract("2019").bind("Remove-RemoteDomain", {"Identity": "a", "Confirm": False})
    Contract("2019").bind("Remove-RemoteDomain", {"Identity": "a", "WhatIf": True})


def test_there_is_no_other_version() -> None:
    with pytest.raises(ValueError, match="there are: 2010, 2013, 2016, 2019, SE"):
        Contract("2007")
