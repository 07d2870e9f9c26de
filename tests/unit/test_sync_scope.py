# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which objects are synchronised: every rule of the data, the places that were chosen, the attributes that flow."""

from __future__ import annotations

import time
import typing as t

import pytest

from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Task
from ansible_collections.m365.hybrid.plugins.module_utils._sync import scope
from tests import scenarios
from tools.generators import sync_scope

USER = {"dn": "CN=Joan,OU=Staff,DC=contoso,DC=com", "objectClass": ["top", "user"], "sAMAccountName": "joan", "userPrincipalName": "joan@contoso.com"}
CONTACT = {"dn": "CN=Ann,DC=contoso,DC=com", "objectClass": ["contact"], "mail": "ann@fabrikam.com", "proxyAddresses": ["SMTP:ann@fabrikam.com"]}
GROUP = {"dn": "CN=Team,DC=contoso,DC=com", "objectClass": ["group"], "sAMAccountName": "team", "groupType": -0x7FFFFFF8, "displayName": "Team"}
LIST = GROUP | {"groupType": "8", "mail": "team@contoso.com", "proxyAddresses": ["SMTP:team@contoso.com"]}


def rules(found: dict[str, t.Any], generation: str = "entra_connect", chosen: scope.Chosen | None = None) -> list[str]:
    return scope.excluding(scope.Seen(found), generation, chosen or scope.Chosen())


@pytest.mark.parametrize("generation", scope.GENERATIONS)
@pytest.mark.parametrize("found", [USER, CONTACT, GROUP, LIST], ids=["user", "contact", "group", "list"])
def test_ordinary_objects_are_synchronised(found: dict[str, t.Any], generation: str) -> None:
    assert rules(found, generation) == []


@pytest.mark.parametrize(
    ("found", "rule"),
    [
        (USER | {"isCriticalSystemObject": True}, "isCriticalSystemObject is present"),
        (USER | {"sAMAccountName": None}, "sAMAccountName is absent"),
        (USER | {"sAMAccountName": "msol_0123"}, "sAMAccountName begins with AAD_ or MSOL_"),
        (USER | {"sAMAccountName": "SUPPORT_388945A0"}, "sAMAccountName is SUPPORT_388945a0"),
        (USER | {"mailNickname": "SystemMailbox{1}"}, "mailNickname begins with SystemMailbox{"),
        (USER | {"mailNickname": "CAS_{1}"}, "mailNickname begins with CAS_ and contains }"),
        (USER | {"sAMAccountName": "CAS_{1}"}, "sAMAccountName begins with CAS_ and contains }"),
        (USER | {"msExchRecipientTypeDetails": 0x20000000}, "msExchRecipientTypeDetails has a bit of system objects (0x21C07000)"),
        (USER | {"msExchRecipientTypeDetails": "2"}, "it is the account of a linked mailbox (msExchRecipientTypeDetails 2)"),
        (USER | {"dn": "CN=Joan\\0ACNF:4b1e1a2c,OU=Staff,DC=contoso,DC=com"}, "the object lost a replication conflict"),
        (CONTACT | {"displayName": "Ann (MSOL)", "msExchHideFromAddressLists": "TRUE"}, "displayName contains (MSOL)"),
        (CONTACT | {"mail": ""}, "mail is absent"),
        (CONTACT | {"proxyAddresses": []}, "proxyAddresses is absent"),
        (CONTACT | {"mail": "ann", "proxyAddresses": ["smtp:ann@fabrikam.com"]}, "there is neither a primary SMTP address"),
        (GROUP | {"sAMAccountName": "MSOL_AD_Sync_RichCoexistence"}, "sAMAccountName is MSOL_AD_Sync_RichCoexistence"),
        (GROUP | {"msExchRecipientTypeDetails": 0x40000000}, "the group is a role group of Exchange"),
        (LIST | {"mail": None}, "distribution group: mail is absent"),
        (LIST | {"proxyAddresses": None}, "distribution group: proxyAddresses is absent"),
        (GROUP | {"member": ["x"] * 250_000}, "the group has 250,000 direct members or more"),
        ({"dn": "CN=PC,DC=contoso,DC=com", "objectClass": ["user", "computer"]}, "userCertificate is absent"),
        ({"dn": "CN=Print,DC=contoso,DC=com", "objectClass": ["printQueue"]}, scope.UNKNOWN_CLASS),
        (USER | {"objectClass": ["inetOrgPerson"], "isCriticalSystemObject": True}, "isCriticalSystemObject is present"),
    ],
)
def test_a_rule_keeps_an_object_out(found: dict[str, t.Any], rule: str) -> None:
    (only,) = rules(found)
    assert only.startswith(rule)


@pytest.mark.parametrize(
    ("found", "rule"),
    [
        (USER | {"mailNickname": "odd{1"}, "mailNickname contains {"),
        (USER | {"mailNickname": "CAS_1"}, "mailNickname begins with CAS_"),
        (USER | {"sAMAccountName": "odd}"}, "sAMAccountName contains }"),
        (USER | {"msExchRecipientTypeDetails": 0x4000}, "msExchRecipientTypeDetails is one of a system object"),
        (USER | {"dn": "CN=Joan,OU=Staff\\0ACNF:4b1e1a2c,DC=contoso,DC=com"}, "the object, or one that it is in, lost a replication conflict"),
        (GROUP | {"mail": "team@contoso.com", "displayName": None}, "mail is present and displayName is absent"),
        (LIST | {"member": ["x"] * 15_001}, "the group has more than 15,000 direct members"),
        ({"dn": "CN=PC,DC=contoso,DC=com", "objectClass": ["computer"], "userCertificate": "x"}, scope.UNKNOWN_CLASS),
    ],
)
def test_dirsync_has_rules_of_its_own(found: dict[str, t.Any], rule: str) -> None:
    (only,) = rules(found, "dirsync")
    assert only.startswith(rule)


def test_all_rules_that_fit_are_named() -> None:
    assert len(rules(USER | {"isCriticalSystemObject": True, "sAMAccountName": "MSOL_1", "msExchRecipientTypeDetails": 2})) == 3


def test_a_combined_type_of_recipient_is_judged_by_its_bits() -> None:
    assert rules(USER | {"msExchRecipientTypeDetails": 0x80000000}) == [], "a remote mailbox"
    assert rules(USER | {"msExchRecipientTypeDetails": 0x80000000}, "dirsync") == []


@pytest.mark.parametrize(
    ("within", "without", "rule"),
    [
        ([], [], None),
        (["OU=staff, DC=contoso,dc=com"], [], None),
        (["OU=Rooms,DC=contoso,DC=com"], [], scope.OUTSIDE),
        (["OU=Staff,DC=contoso,DC=co"], [], scope.OUTSIDE),
        (["DC=contoso,DC=com"], ["OU=Staff,DC=contoso,DC=com"], "it is in OU=Staff,DC=contoso,DC=com, which is not synchronised"),
        (["OU=Staff,DC=contoso,DC=com"], ["DC=contoso,DC=com"], None),
        ([], ["OU=Staff,DC=contoso,DC=com"], "it is in OU=Staff,DC=contoso,DC=com, which is not synchronised"),
    ],
)
def test_the_nearest_chosen_place_decides(within: list[str], without: list[str], rule: str | None) -> None:
    assert rules(USER, chosen=scope.Chosen(tuple(within), tuple(without))) == ([] if rule is None else [rule])


@pytest.mark.parametrize("place", ["OU=Research\\, Berlin,DC=contoso,DC=com", "ou=research\\2c berlin, dc=Contoso,dc=com"])
def test_a_place_is_the_same_however_its_name_is_escaped(place: str) -> None:
    inside = USER | {"dn": "CN=a\\\\,OU=Research\\, Berlin,DC=contoso,DC=com"}  # the name ends with a backslash
    assert rules(inside, chosen=scope.Chosen((place,))) == [] and rules(USER, chosen=scope.Chosen((place,))) == [scope.OUTSIDE]
    assert len(rules(inside, chosen=scope.Chosen((), (place,)))) == 1


def test_exchange_attributes_stay_at_home_without_an_alias() -> None:
    assert "msExchArchiveGUID" in scope.flowing("user") and "msExchArchiveGUID" not in scope.flowing("user", exchange=False)
    assert "displayName" in scope.flowing("user", exchange=False) and scope.flowing("contact", ["azure_rms"]) != scope.flowing("contact")
    assert "proxyAddresses" in scope.written_back("contact") and scope.written_back("device") == []


def test_names_of_the_metaverse_stand_for_attributes() -> None:
    one = scope.Seen(USER | {"objectGUID": "4b1e1a2c-55e0-4f3a-9a26-0d0f5d7c1f10"})
    assert scope.set_of(one, ["sourceAnchor", "usageLocation", "samAccountName", "mail", "domainFQDN"]) == ["sourceAnchor", "samAccountName", "domainFQDN"]


def test_the_anchor_is_what_was_written_down_and_else_the_guid() -> None:
    guid, other = "4b1e1a2c-55e0-4f3a-9a26-0d0f5d7c1f10", "11111111-1111-1111-1111-111111111111"
    both = scope.Seen(USER | {"objectGUID": guid, "ms-ds-consistencyguid": other})
    assert scope.anchor(both, "entra_connect") == "EREREREREREREREREREREQ=="
    assert scope.anchor(both, "dirsync") == "LBoeS+BVOk+aJg0PXXwfEA==" and scope.anchor(scope.Seen(USER), "dirsync") is None


def test_the_module_offers_the_services_of_the_data() -> None:
    assert scenarios.module("directory_sync_scope_info").docs.options["services"]["choices"] == list(scope.SERVICES)


def test_ten_thousand_objects_take_seconds() -> None:
    module = scenarios.module("directory_sync_scope_info")
    objects = [USER | {"dn": f"CN=User {number},OU=Staff,DC=contoso,DC=com", "sAMAccountName": f"user{number}"} for number in range(10_000)]
    options = module.validate({"objects": objects, "organizational_units": ["OU=Staff,DC=contoso,DC=com"]})
    start = time.process_time()
    result = module.run(lambda: pytest.fail("nothing is to be asked"), Task(options))
    assert result["summary"]["synchronized"] == 10_000 and time.process_time() - start < 10


def test_a_rule_that_nobody_can_read_stops_the_generator() -> None:
    with pytest.raises(ValueError, match="nothing in READ says what the rule 'whenCreated is a Friday' tests"):
        sync_scope.rules({"user": [{"rule": "whenCreated is a Friday"}]})


def of_cloud_sync(*objects: dict[str, t.Any], **options: t.Any) -> dict[str, t.Any]:
    module = scenarios.module("directory_sync_scope_info")
    given = {"objects": list(objects), "generation": "cloud_sync", **options}
    return module.run(lambda: pytest.fail("the directory is not asked"), Task(module.validate(given)))


def test_what_cloud_sync_does_by_itself_is_not_published_and_so_not_claimed() -> None:
    result = of_cloud_sync(USER | {"isCriticalSystemObject": True}, show_attributes=True)
    (one,) = result["objects"]
    assert (one["synchronized"], one["exchange_attributes"], one["excluded_by"], one["flowing"]) == (None, None, [], None)
    assert "is not published" in one["notes"][0] and one["written_back"][0] == "msDS-ExternalDirectoryObjectID"
    assert {name: result["summary"][name] for name in ("synchronized", "excluded", "unknown")} == {"synchronized": 0, "excluded": 0, "unknown": 1}
    assert result["attributes"]["user"]["flowing"] is None
    assert of_cloud_sync(USER, show="excluded")["objects"] == [] and len(of_cloud_sync(USER, show="unknown")["objects"]) == 1


def test_cloud_sync_is_known_for_its_places_and_its_limit() -> None:
    (outside,) = of_cloud_sync(USER, organizational_units=["OU=Rooms,DC=contoso,DC=com"])["objects"]
    assert (outside["synchronized"], outside["excluded_by"]) == (False, [scope.OUTSIDE])
    members = [f"CN={number},DC=contoso,DC=com" for number in range(50_001)]
    (group,) = of_cloud_sync(GROUP | {"member": members})["objects"]
    assert group["synchronized"] is False and "more than 50,000 direct members" in group["excluded_by"][0]
    assert of_cloud_sync(GROUP | {"member": members[1:]})["objects"][0]["synchronized"] is None
