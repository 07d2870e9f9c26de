# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
import urllib.parse

import pytest

from tests.unit.lab.graph_client import LICENSED, Client


@pytest.fixture
def client() -> Client:
    return Client()


def bound(identifier: str) -> str:
    return f"https://graph.microsoft.com/v1.0/directoryObjects/{identifier}"


# Users.


def test_a_user_is_made_read_changed_and_deleted(client: Client) -> None:
    made = client.good("POST", "/users", client.person(department="Algebra"))
    assert client.good("GET", "/users/emmy@contoso.com", select="id,department,usageLocation") | {"@odata.context": ""} == {
        "@odata.context": "",
        "id": made["id"],
        "department": "Algebra",
        "usageLocation": "DE",
    }
    assert client.good("PATCH", f"/users/{made['id']}", {"department": None}) is None
    assert client.good("GET", f"/users/{made['id']}", select="department")["department"] is None
    client.good("DELETE", f"/users/{made['id']}")
    client.refused(404, "Request_ResourceNotFound", "GET", "/users/emmy@contoso.com")
    assert [one["id"] for one in client.list("/directory/deletedItems/microsoft.graph.user")] == [made["id"]]
    client.good("POST", f"/directory/deletedItems/{made['id']}/restore")
    assert client.good("GET", "/users/EMMY@contoso.com")["id"] == made["id"]


def test_a_password_never_comes_back(client: Client) -> None:
    made = client.good("POST", "/users", client.person())
    for shown in (made, client.good("GET", f"/users/{made['id']}"), client.graph.tenant.audits):
        assert "Wort-und-Zahl-7" not in str(shown)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"displayName": None}, "displayName"),
        ({"userPrincipalName": "emmy@elsewhere.com"}, "verified domain names"),
        ({"userPrincipalName": "emmy@new.contoso.com"}, "verified domain names"),
        ({"userPrincipalName": "em my@contoso.com"}, "userPrincipalName"),
        ({"userPrincipalName": "ada@contoso.com"}, "userPrincipalName already exists"),
        ({"passwordProfile": {"password": "short"}}, "complexity"),
        ({"passwordProfile": {"password": "allsmallletters"}}, "complexity"),
        ({"usageLocation": "Germany"}, "usageLocation"),
        ({"assignedLicenses": []}, "read-only"),
        ({"shoeSize": 42}, "Invalid property 'shoeSize'"),
        ({"accountEnabled": "yes"}, "accountEnabled"),
    ],
)
def test_a_wrong_user_is_refused(client: Client, values: dict[str, t.Any], words: str) -> None:
    client.refused(400, words, "POST", "/users", client.person(**values))
    client.refused(404, "Request_ResourceNotFound", "GET", "/users/emmy@contoso.com")


def test_a_synchronized_user_is_written_on_premises_except_what_the_cloud_masters(client: Client) -> None:
    client.refused(400, "on-premises mastered", "PATCH", "/users/hedy@contoso.com", {"displayName": "H."})
    client.refused(400, "on-premises mastered", "DELETE", "/users/hedy@contoso.com")
    client.good("PATCH", "/users/hedy@contoso.com", {"usageLocation": "AT", "passwordPolicies": "DisablePasswordExpiration"})
    assert client.good("GET", "/users/hedy@contoso.com", select="usageLocation")["usageLocation"] == "AT"


def test_a_user_of_a_federated_domain_needs_the_immutable_id(client: Client) -> None:
    client.graph.tenant.domains["fed.contoso.com"]["authenticationType"] = "Federated"
    body = client.person(userPrincipalName="emmy@fed.contoso.com")
    client.refused(400, "onPremisesImmutableId", "POST", "/users", body)
    client.good("POST", "/users", body | {"onPremisesImmutableId": "abc="})


def test_a_manager_is_set_and_removed(client: Client) -> None:
    ada = client.good("GET", "/users/ada@contoso.com")["id"]
    client.refused(404, "manager", "GET", "/users/grace@contoso.com/manager")
    client.good("PUT", "/users/grace@contoso.com/manager/$ref", {"@odata.id": f"https://graph.microsoft.com/v1.0/users/{ada}"})
    assert client.good("GET", "/users/grace@contoso.com/manager")["id"] == ada
    client.good("DELETE", "/users/grace@contoso.com/manager/$ref")
    client.refused(404, "manager", "GET", "/users/grace@contoso.com/manager")


def test_a_new_user_may_be_missed_by_the_first_reads(client: Client) -> None:
    client.graph.faults.arm("replica-lag", reads=2)
    made = client.good("POST", "/users", client.person())
    client.graph.faults.clear()
    assert [client.ask("GET", f"/users/{made['id']}").status for _ in range(3)] == [404, 404, 200]


# Lists.


def test_pages_follow_each_other_until_everything_was_shown() -> None:
    client = Client(users=230)
    body = client.good("GET", "/users", top=100, select="id")
    seen = [one["id"] for one in body["value"]]
    while "@odata.nextLink" in body:
        link = urllib.parse.urlsplit(body["@odata.nextLink"])
        body = client.good("GET", f"{link.path}?{link.query}")
        seen += [one["id"] for one in body["value"]]
    assert len(seen) == len(set(seen)) == 235


def test_a_made_up_or_expired_page_is_refused() -> None:
    client = Client(users=230)
    client.refused(400, "skip token", "GET", "/users", skiptoken="x")
    link = urllib.parse.urlsplit(client.good("GET", "/users")["@odata.nextLink"])
    client.graph.faults.arm("expired-page")
    client.refused(400, "Directory_ExpiredPageToken", "GET", f"{link.path}?{link.query}")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("userPrincipalName eq 'ADA@contoso.com'", ["Ada Lovelace"]),
        ("startswith(displayName,'A')", ["Ada Lovelace", "Alan Turing"]),
        ("department eq 'Research' and mobilePhone eq null", ["Konrad Zuse"]),
        ("displayName in ('Grace Hopper', 'nobody')", ["Grace Hopper"]),
        ("displayName eq 'O''Hara'", []),
    ],
)
def test_a_filter_selects(client: Client, text: str, names: list[str]) -> None:
    assert [one["displayName"] for one in client.list("/users", filter=text, orderby="displayName")] == names


@pytest.mark.parametrize("text", ["department ne 'Research'", "endswith(mail,'@contoso.com')", "not(department eq 'Research')", "assignedLicenses/$count eq 0"])
def test_an_advanced_filter_needs_eventual_consistency(client: Client, text: str) -> None:
    client.refused(400, "Request_UnsupportedQuery", "GET", "/users", filter=text)
    client.refused(400, "Request_UnsupportedQuery", "GET", "/users", filter=text, eventual=True)
    body = client.good("GET", "/users", filter=text, count="true", eventual=True)
    assert body["@odata.count"] == len(body["value"]) > 0


@pytest.mark.parametrize("text", ["department eq", "department like 'x'", "shoeSize eq 42", "(department eq 'x'", "department eq 'x", "a eq 1 or"])
def test_a_filter_that_cannot_be_read_is_refused(client: Client, text: str) -> None:
    client.refused(400, "BadRequest", "GET", "/users", filter=text)


@pytest.mark.parametrize(
    ("query", "status"), [({"select": "shoeSize"}, 400), ({"top": "1000"}, 400), ({"top": "0"}, 400), ({"skip": "3"}, 400), ({"search": '"x"'}, 501)]
)
def test_a_query_the_service_or_the_lab_does_not_know_is_refused(client: Client, query: dict[str, t.Any], status: int) -> None:
    assert client.ask("GET", "/users", **query).status == status


# Groups.


def test_members_are_added_listed_and_removed_once(client: Client) -> None:
    konrad = client.good("GET", "/users/konrad@contoso.com")["id"]
    group = client.list("/groups", filter="displayName eq 'Engineering'")[0]["id"]
    client.good("POST", f"/groups/{group}/members/$ref", {"@odata.id": bound(konrad)})
    assert {one["displayName"] for one in client.list(f"/groups/{group}/members")} == {"Ada Lovelace", "Grace Hopper", "Konrad Zuse"}
    client.refused(400, "already exist", "POST", f"/groups/{group}/members/$ref", {"@odata.id": bound(konrad)})
    client.good("DELETE", f"/groups/{group}/members/{konrad}/$ref")
    client.refused(404, "Request_ResourceNotFound", "DELETE", f"/groups/{group}/members/{konrad}/$ref")
    assert [one["displayName"] for one in client.list("/users/ada@contoso.com/memberOf")] == ["Engineering"]


def test_a_group_is_made_with_members_and_up_to_twenty_are_added_at_once() -> None:
    client = Client(users=30)
    people = [one["id"] for one in client.list("/users", filter="startswith(userPrincipalName,'user')")]
    body = {"displayName": "Pilots", "mailEnabled": False, "mailNickname": "pilots", "securityEnabled": True, "members@odata.bind": [bound(people[0])]}
    made = client.good("POST", "/groups", body)
    client.refused(400, "exceeds the maximum of 20", "PATCH", f"/groups/{made['id']}", {"members@odata.bind": [bound(one) for one in people[1:22]]})
    client.good("PATCH", f"/groups/{made['id']}", {"members@odata.bind": [bound(one) for one in people[1:21]]})
    assert len(client.list(f"/groups/{made['id']}/members")) == 21


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"securityEnabled": None}, "securityEnabled"),
        ({"mailEnabled": True}, "mail-enabled"),
        ({"groupTypes": ["DynamicMembership"]}, "membershipRule"),
        ({"groupTypes": ["Secret"]}, "groupTypes"),
        ({"mail": "x@contoso.com"}, "read-only"),
        ({"members@odata.bind": [bound("00000000-0000-0000-0000-000000000001")]}, "does not exist"),
    ],
)
def test_a_wrong_group_is_refused(client: Client, values: dict[str, t.Any], words: str) -> None:
    base = {"displayName": "Pilots", "mailEnabled": False, "mailNickname": "pilots", "securityEnabled": True}
    response = client.ask("POST", "/groups", base | values)
    assert response.status in (400, 404)
    assert words in response.body["error"]["message"]
    assert not client.list("/groups", filter="displayName eq 'Pilots'")


def test_a_synchronized_group_is_written_on_premises(client: Client) -> None:
    group = client.list("/groups", filter="displayName eq 'Sync Staff'")[0]["id"]
    ada = client.good("GET", "/users/ada@contoso.com")["id"]
    client.refused(400, "on-premises mastered", "POST", f"/groups/{group}/members/$ref", {"@odata.id": bound(ada)})
    client.refused(400, "on-premises mastered", "PATCH", f"/groups/{group}", {"description": "x"})


# Licences.


def test_a_licence_takes_a_seat_and_gives_it_back(client: Client) -> None:
    seats = {one["skuPartNumber"]: one for one in client.list("/subscribedSkus")}
    mail = next(plan["servicePlanId"] for plan in seats["ENTERPRISEPACK"]["servicePlans"] if plan["servicePlanName"] == "EXCHANGE_S_ENTERPRISE")
    order = {"addLicenses": [{"skuId": LICENSED, "disabledPlans": [mail]}], "removeLicenses": []}
    client.good("POST", "/users/ada@contoso.com/assignLicense", order)
    plans = {plan["servicePlanName"]: plan["provisioningStatus"] for plan in client.list("/users/ada@contoso.com/licenseDetails")[0]["servicePlans"]}
    assert (plans["EXCHANGE_S_ENTERPRISE"], plans["TEAMS1"]) == ("Disabled", "Success")
    used = {one["skuId"]: one["consumedUnits"] for one in client.list("/subscribedSkus")}
    assert used[LICENSED] == 1
    client.good("POST", "/users/ada@contoso.com/assignLicense", {"addLicenses": [], "removeLicenses": [LICENSED]})
    client.refused(400, "corresponding license", "POST", "/users/ada@contoso.com/assignLicense", {"addLicenses": [], "removeLicenses": [LICENSED]})


def test_no_seat_no_location_and_no_such_licence_are_refused(client: Client) -> None:
    rooms = "6af4b3d6-14bb-4a2a-960c-6c902aad34f3"
    order = {"addLicenses": [{"skuId": rooms, "disabledPlans": []}], "removeLicenses": []}
    for name in ("ada", "grace"):
        client.good("POST", f"/users/{name}@contoso.com/assignLicense", order)
    client.refused(400, "does not have any available licenses", "POST", "/users/alan@contoso.com/assignLicense", order)
    client.good("PATCH", "/users/konrad@contoso.com", {"usageLocation": None})
    client.refused(400, "usage location", "POST", "/users/konrad@contoso.com/assignLicense", order)
    order["addLicenses"][0] = {"skuId": "00000000-0000-0000-0000-000000000000", "disabledPlans": []}
    client.refused(400, "valid company License", "POST", "/users/alan@contoso.com/assignLicense", order)
    client.refused(400, "removeLicenses", "POST", "/users/alan@contoso.com/assignLicense", {"addLicenses": []})
