# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What lets an Exchange server use the Rights Management connector, and what is refused."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.m365.hybrid.plugins.filter.rms_plan import FilterModule

PLAN = FilterModule().filters()["rms_plan"]
TENANT = "5c6bb73b-1038-4eec-863d-49bded473437.rms.na.aadrm.com"
WISHES = {"tenant_url": f"https://{TENANT}/_wmcs/licensing", "connector_url": "https://RMSconnector.contoso.com/"}
SE, OLD = "Version 15.2 (Build 2562.17)", "Version 14.3 (Build 123.4)"
RMS = "CN=RightsManagementServices,CN=Services,CN=Configuration,DC=contoso,DC=com"
MSDRM, IRM = r"HKLM:\SOFTWARE\Microsoft\MSDRM\ServiceLocation", r"HKLM:\SOFTWARE\Microsoft\ExchangeServer\v15\IRM"
Row = dict[str, t.Any]


def key(name: str = "", value: str = "") -> Row:
    return {"exists": True, "sub_keys": [], "properties": {name: {"type": "REG_SZ", "value": value, "raw_value": value}} if value else {}}


DONE = {
    rf"{MSDRM}\Activation": key("", f"https://{TENANT}/_wmcs/certification"),
    rf"{MSDRM}\EnterprisePublishing": key("", f"https://{TENANT}/_wmcs/licensing"),
    rf"{IRM}\CertificationServerRedirection": key(f"https://{TENANT}", "https://rmsconnector.contoso.com"),
    rf"{IRM}\LicenseServerRedirection": key(f"https://{TENANT}", "https://rmsconnector.contoso.com"),
}


def reading(version: str = SE, **changes: t.Any) -> Row:
    servers = {"server": "ex01", "servers": [{"name": "EX01", "admin_display_version": version}]}
    paths = PLAN(servers, WISHES)["paths"]
    whole = {"keys": {path: {"exists": False} for path in paths}, "answer": {"status_code": 401}, "irm": {"licensing_location": []}}
    return {**servers, **whole, "service_connection_points": [], **changes}


def plan(accept: bool = False, **changes: t.Any) -> Row:
    return t.cast(Row, PLAN(reading(**changes), {**WISHES, "accept_ad_rms": accept}))


def test_a_new_server_gets_the_four_values() -> None:
    found = plan()
    assert found["problems"] == []
    assert [(one["path"], one["name"], one["data"]) for one in found["changes"]] == [
        (rf"{MSDRM}\Activation", "", f"https://{TENANT}/_wmcs/certification"),
        (rf"{MSDRM}\EnterprisePublishing", "", f"https://{TENANT}/_wmcs/Licensing"),
        (rf"{IRM}\CertificationServerRedirection", f"https://{TENANT}", "https://rmsconnector.contoso.com"),
        (rf"{IRM}\LicenseServerRedirection", f"https://{TENANT}", "https://rmsconnector.contoso.com"),
    ]
    assert {one["state"] for one in found["saved"]} == {"absent"} and len(found["saved"]) == 4


def test_exchange_2010_has_a_key_of_its_own() -> None:
    found = plan(version=OLD)
    assert found["changes"][2]["path"] == r"HKLM:\SOFTWARE\Microsoft\ExchangeServer\v14\IRM\CertificationServerRedirection"
    assert any("Update Rollup 2" in one for one in found["checklist"])


def test_what_is_so_already_in_any_case_is_left_alone() -> None:
    assert plan(keys=DONE)["changes"] == plan(keys=DONE)["saved"] == []


def test_another_connector_is_replaced_and_can_be_returned_to() -> None:
    path = rf"{IRM}\LicenseServerRedirection"
    found = plan(keys={**DONE, path: key(f"https://{TENANT}", "http://old.contoso.com")})
    assert found["saved"] == [{"path": path, "name": f"https://{TENANT}", "type": "string", "data": "http://old.contoso.com", "state": "present"}]


# Refusals


@pytest.mark.parametrize(
    ("rival", "says"),
    [
        (
            {"service_connection_points": [{"dn": f"CN=SCP,{RMS}", "serviceBindingInformation": ["https://rms.contoso.com/_wmcs/certification"]}]},
            "Active Directory",
        ),
        ({"keys": {**DONE, rf"{MSDRM}\Activation": key("", "https://rms.contoso.com/_wmcs/certification")}}, "the registry names another"),
        ({"irm": {"licensing_location": ["https://rms.contoso.com/_wmcs/licensing"]}}, "Exchange gets licences from https://rms.contoso.com"),
    ],
)
def test_an_existing_ad_rms_is_refused_unless_it_is_acknowledged(rival: Row, says: str) -> None:
    found = plan(**rival)
    assert len(found["problems"]) == 1 and says in found["problems"][0] and "rms_connector_accept_ad_rms" in found["problems"][0]
    accepted = plan(accept=True, **rival)
    assert accepted["problems"] == [] and accepted["ad_rms"]


def test_the_tenants_own_locations_and_other_products_are_no_ad_rms() -> None:
    assert plan(service_connection_points=[{"dn": "CN=SCP,CN=Other,CN=Services,CN=Configuration,DC=contoso,DC=com"}])["ad_rms"] == []
    assert plan(irm={"licensing_location": [f"https://{TENANT}/_wmcs/licensing"]})["ad_rms"] == []


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"status_code": None, "msg": "The underlying connection was closed: Could not establish trust relationship."}, "Could not establish trust"),
        ({"status_code": 404, "status_description": "Not Found"}, "it answers 404 Not Found"),
        ({}, "there is no answer"),
    ],
)
def test_a_connector_that_does_not_answer_over_tls_is_refused(answer: Row, says: str) -> None:
    assert len(plan(answer=answer)["problems"]) == 1 and says in plan(answer=answer)["problems"][0]


@pytest.mark.parametrize("version", ["Version 15.0 (Build 712.24)", "Version 14.2 (Build 247.5)", "Version 8.3 (Build 83.6)"])
def test_a_server_that_is_too_old_is_refused(version: str) -> None:
    assert "the connector works with" in plan(version=version)["problems"][0]


def test_a_server_that_exchange_does_not_know_is_refused() -> None:
    assert "is no server of the Exchange organization" in plan(servers=[])["problems"][0]


@pytest.mark.parametrize("wish", [{"connector_url": "http://rmsconnector.contoso.com"}, {"tenant_url": "contoso"}, {"tenant_url": None}])
def test_what_is_no_https_url_is_refused(wish: Row) -> None:
    with pytest.raises(AnsibleFilterError, match="rms_connector_"):
        PLAN(reading(), {**WISHES, **wish})
