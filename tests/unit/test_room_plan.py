# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role meeting_room plans, refuses and reports."""

from __future__ import annotations

import json
import re
import typing as t

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.m365.hybrid.plugins.filter.room_plan import FilterModule

PLAN = FilterModule().filters()["room_plan"]
Row = dict[str, t.Any]
ADDRESS = "everest@contoso.com"
GUID = "4b1e1a2c-55e0-4f3a-9a26-0d0f5d7c1f10"
NONE = "00000000-0000-0000-0000-000000000000"
ITEM = {"address": ADDRESS, "upn": ADDRESS}
LICENCES = {"skype_server": ["EXCHANGESTANDARD"], "teams": ["Rooms"]}
MAILBOX = {"primary_smtp_address": ADDRESS, "user_principal_name": ADDRESS, "exchange_guid": GUID, "archive_guid": NONE}
USER = {"id": "u1", "user_principal_name": ADDRESS, "display_name": "Everest", "on_premises_sync_enabled": True, "assigned_licenses": []}
ACCOUNT = {
    "dn": "CN=Everest,DC=contoso,DC=com",
    "userPrincipalName": ADDRESS,
    "mail": ADDRESS,
    "userAccountControl": 66048,
    "msExchRecipientTypeDetails": 8589934592,
}
REMOTE = {"RecipientTypeDetails": "RemoteRoomMailbox", "PrimarySmtpAddress": ADDRESS, "Identity": "contoso.com/Everest"}
ONLINE = {"RecipientTypeDetails": "RoomMailbox", "PrimarySmtpAddress": ADDRESS, "Identity": "Everest"}
ACTIVE = {"generation": "entra_connect", "version": "2.5.190.0", "lifecycle": {"works": True}, "staging": False, "scheduler": {"sync_cycle_enabled": True}}
THERE: Row = {
    "mailboxes": [MAILBOX],
    "users": [USER],
    "accounts": [ACCOUNT],
    "online": [ONLINE],
    "here": [REMOTE],
}


def synchronizer(server: Row | None = ACTIVE, jobs: t.Sequence[Row] = (), **features: bool) -> Row:
    return {"server": server, "tenant": {"jobs": list(jobs), "features": features}}


def plan(room: Row | None = None, platform: str = "teams", wishes: Row | None = None, **changes: t.Any) -> Row:
    reading: Row = {
        "online": [],
        "here": [],
        "accounts": [],
        "holders": [],
        "mailboxes": [],
        "users": [],
        "deleted": [],
        "synchronizer": synchronizer(),
        "domains": [{"id": "contoso.com", "isVerified": True}, {"id": "new.contoso.com", "isVerified": False}],
        "subscriptions": [{"sku": one, "sku_id": f"id-{one}", "free_seats": 1, "seats": 2} for one in ("Rooms", "EXCHANGESTANDARD")],
        "routing": ["contoso.mail.onmicrosoft.com"],
        "pools": ["pool1.contoso.com", "pool2.contoso.com"],
        "skype_users": [{"registrar_pool": "pool1.contoso.com"}, {"registrar_pool": "POOL1.contoso.com"}],
        "meeting_rooms": [],
    } | changes
    for name, field in (("online", "output"), ("here", "output"), ("holders", "output"), ("accounts", "objects")):
        reading[name] = [{"item": ITEM, field: reading[name]}]
    common = {"rooms": [{"address": ADDRESS, **(room or {})}], "platform": platform, "licenses": LICENCES, "usage_location": "DE", "secrets": [ADDRESS]}
    return t.cast(Row, PLAN(reading, common | (wishes or {})))


def problems(room: Row | None = None, **changes: t.Any) -> str:
    return " | ".join(plan(room, **changes)["failed"].get(ADDRESS, []))


def objects(found: Row, name: str) -> list[Row]:
    return t.cast(list[Row], found["steps"][name]["objects"])


def test_a_new_room_is_made_with_its_final_name_and_an_account_that_signs_in() -> None:
    (one,) = objects(plan(), "mailbox")
    assert one["microsoft_online_services_id"] == ADDRESS
    assert one["enable_room_mailbox_account"] is True


def test_a_synchronised_user_without_a_mailbox_waits_for_one_instead_of_getting_another() -> None:
    found = plan(users=[USER], accounts=[ACCOUNT], online=[ONLINE | {"RecipientTypeDetails": "MailUser", "ExternalDirectoryObjectId": "u1"}])
    assert not found["failed"]
    assert objects(found, "mailbox") == []


def test_the_remote_mailbox_gets_the_guid_online_and_no_archive_that_is_not_there() -> None:
    (one,) = objects(plan(**THERE), "remote_mailbox")
    assert one["exchange_guid"] == GUID
    assert "archive_guid" not in one and "archive" not in one


def test_the_remote_mailbox_gets_the_guid_of_an_archive() -> None:
    (one,) = objects(plan(**THERE | {"mailboxes": [MAILBOX | {"archive_guid": GUID}]}), "remote_mailbox")
    assert one["archive_guid"] == GUID and "archive" not in one


def test_a_room_that_is_synchronised_keeps_its_password_and_what_active_directory_owns() -> None:
    found = plan(**THERE)
    assert found["passwords"] == [] and found["cloud_passwords"] == [] and found["to_synchronise"] == []
    assert "account_enabled" not in objects(found, "user")[0]


def test_a_disabled_account_gets_a_password_again() -> None:
    assert plan(**THERE | {"accounts": [ACCOUNT | {"userAccountControl": 66050}]})["passwords"] == [ADDRESS]


def test_a_room_of_teams_is_no_meeting_room_of_skype() -> None:
    assert objects(plan(), "skype") == []
    assert "ask for a second factor" in plan()["report"][0]["reminders"][0] and plan(platform="skype_server")["report"][0]["reminders"] == []
    assert objects(plan(platform="skype_server"), "skype")[0]["registrar_pool"] == "pool1.contoso.com"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"online": [ONLINE | {"RecipientTypeDetails": "UserMailbox", "Identity": "Eve"}]}, "the user mailbox Eve of Exchange Online has the address"),
        ({"here": [ONLINE | {"RecipientTypeDetails": "MailContact", "Identity": "Eve"}]}, "the contact Eve on-premises has the address"),
        ({"here": [ONLINE]}, "move it to Exchange Online first"),
        ({"online": [ONLINE | {"PrimarySmtpAddress": "other@contoso.com"}]}, "the room mailbox Everest of Exchange Online has the address"),
        ({"users": [USER | {"on_premises_sync_enabled": None}]}, "another user of the tenant, Everest, has the user principal name"),
        ({"deleted": [{"id": "a-b", "userPrincipalName": f"ab{ADDRESS}", "displayName": "Eve"}]}, "a deleted user Eve"),
        ({"deleted": [{"id": "a", "proxyAddresses": [f"smtp:{ADDRESS}"]}]}, "deleted user a"),
        ({"accounts": [ACCOUNT | {"msExchRecipientTypeDetails": 1}]}, "the user mailbox CN=Everest,DC=contoso,DC=com of Active Directory"),
        ({"accounts": [ACCOUNT | {"msExchRecipientTypeDetails": None}]}, "the account without a mailbox CN=Everest,DC=contoso,DC=com of Active Directory"),
        ({"accounts": [{"dn": "CN=Eve", "objectClass": ["top", "contact"]}]}, "the contact CN=Eve of Active Directory has"),
        ({"accounts": [{"dn": "CN=Eve", "objectClass": ["top", "group"]}]}, "the group CN=Eve of Active Directory has"),
        ({"here": [ONLINE | {"RecipientTypeDetails": "UserMailbox", "Identity": "contoso.com/Eve"}]}, "the user mailbox contoso.com/Eve on-premises has"),
        ({"online": [ONLINE | {"RecipientTypeDetails": "MailContact"}]}, "the contact Everest of Exchange Online has the address"),
        ({"online": [ONLINE | {"RecipientTypeDetails": "GroupMailbox"}]}, "the Microsoft 365 group Everest of Exchange Online has the address"),
        ({"online": [ONLINE | {"RecipientTypeDetails": "MailUser", "ExternalDirectoryObjectId": "u9"}], "users": [USER]}, "the mail user Everest of Exchange"),
        ({"holders": [{"id": "u9", "userPrincipalName": "eve@contoso.com"}]}, "another user of the tenant, eve@contoso.com, has the address everest@"),
        (THERE | {"accounts": [ACCOUNT, ACCOUNT | {"dn": "CN=Eve"}]}, "several remote mailboxes share its user principal name and its address: CN=Everest"),
        (THERE | {"accounts": [ACCOUNT | {"mail": "top@contoso.com"}]}, "mail is top@contoso.com in Active Directory and everest@contoso.com online"),
        (THERE | {"mailboxes": [MAILBOX | {"user_principal_name": "e@contoso.com"}]}, "is e@contoso.com online and is to be everest@contoso.com"),
        ({"room": {"user_principal_name": "e@new.contoso.com"}}, "the suffix new.contoso.com of e@new.contoso.com is not a verified domain"),
        ({"subscriptions": []}, "the tenant has no subscription Rooms"),
        ({"subscriptions": [{"sku": "Rooms", "sku_id": "r", "free_seats": 0, "seats": 2}]}, "no seat of Rooms is left for it: 0 of 2 are free"),
        ({"routing": []}, "its routing address is not known"),
        ({"wishes": {"secrets": []}}, "its account needs a password"),
        ({"platform": "skype_server", "room": {"registrar_pool": "pool9"}}, "there is no registrar pool pool9; there are pool1.contoso.com, pool2.contoso.com"),
        (
            {"platform": "skype_server", "skype_users": [{"registrar_pool": "pool1"}, {"registrar_pool": "pool2"}]},
            "users are at home on pool1, pool2; say it in registrar_pool",
        ),
        ({"wishes": {"usage_location": None}}, "no licence without a usage location"),
        ({"platform": "skype_server", "skype_users": []}, "no user is at home on any"),
    ],
)
def test_refusals_name_what_is_in_the_way(changes: Row, says: str) -> None:
    assert says in problems(**changes)
    assert plan(**changes)["good"] == []


JOB = {"configuration": "contoso.com", "state": "Active", "quarantine": None}
RETIRED = {"works": False, "since": "2026-09-30", "instead": "upgrade to 2.5.79.0 or later"}


@pytest.mark.parametrize(
    ("found", "says", "accepted"),
    [
        (synchronizer(ACTIVE | {"staging": True}), "is in staging mode and exports nothing", ""),
        (synchronizer(ACTIVE | {"scheduler": {"sync_cycle_enabled": False}}), "the scheduler .* is disabled", "accept_disabled_scheduler"),
        (synchronizer(ACTIVE | {"lifecycle": RETIRED}), "entra_connect 2.5.190.0 no longer synchronises since 2026-09-30: upgrade", "accept_retired"),
        (synchronizer(None), "no job of Cloud Sync", ""),
        (synchronizer(None, [JOB | {"state": "Paused"}]), "the job of Cloud Sync of contoso.com is paused", "accept_disabled_scheduler"),
        (synchronizer(None, [JOB | {"state": "Quarantine", "quarantine": {"reason": "TooManyDeletes"}}]), "in quarantine: TooManyDeletes", ""),
        (synchronizer(block_soft_match_enabled=True), "the tenant blocks soft match", ""),
    ],
)
def test_a_new_room_is_refused_while_nothing_would_bring_it(found: Row, says: str, accepted: str) -> None:
    assert re.search(says, problems(synchronizer=found))
    assert (problems(synchronizer=found, wishes={accepted: True}) == "") is bool(accepted)
    assert problems(**THERE, synchronizer=found) == "", "what is synchronised already needs nothing of it"


def test_a_user_that_has_the_anchor_is_matched_by_it() -> None:
    matched: Row = {"mailboxes": [MAILBOX], "online": [ONLINE], "users": [USER | {"on_premises_sync_enabled": None, "on_premises_immutable_id": "x"}]}
    assert problems(**matched, synchronizer=synchronizer(block_soft_match_enabled=True)) == ""
    blocked = synchronizer(block_cloud_object_takeover_through_hard_match_enabled=True)
    assert "does not let synchronisation take over its user by the anchor" in problems(**matched, synchronizer=blocked)


def test_jobs_of_cloud_sync_bring_a_room_although_their_rules_are_not_known() -> None:
    scope: Row = {"objects": [{"user_principal_name": ADDRESS, "immutable_id": "x", "synchronized": None, "excluded_by": []}]}
    assert problems(synchronizer=synchronizer(None, [JOB]), begun=True, scope=scope) == ""


def test_the_room_itself_does_not_hold_its_address_against_itself() -> None:
    own: Row = {"mailboxes": [MAILBOX], "online": [ONLINE | {"ExternalDirectoryObjectId": "U1"}], "users": [USER | {"on_premises_sync_enabled": None}]}
    assert problems(**own, holders=[{"id": "u1", "userPrincipalName": ADDRESS}]) == ""


def test_a_room_that_began_online_gets_its_other_half_and_keeps_the_first() -> None:
    online: Row = {"mailboxes": [MAILBOX], "users": [USER | {"on_premises_sync_enabled": None}], "online": [ONLINE]}
    found = plan({"remote_routing_address": "everest@contoso.mail.onmicrosoft.com", "organizational_unit": "contoso.com/Rooms"}, **online)
    assert objects(found, "mailbox") == [{"identity": ADDRESS, "type": "room"}]
    (made,) = objects(found, "remote_mailbox")
    assert (made["user_principal_name"], made["primary_smtp_address"], made["exchange_guid"]) == (ADDRESS, ADDRESS, GUID)
    assert made["email_address_policy_enabled"] is False and made["on_premises_organizational_unit"] == "contoso.com/Rooms"
    assert found["passwords"] == [ADDRESS] and [one["upn"] for one in found["to_synchronise"]] == [ADDRESS]


def test_a_room_that_began_on_premises_gets_its_other_half_and_keeps_the_first() -> None:
    found = plan(accounts=[ACCOUNT], here=[REMOTE])
    (made,) = objects(found, "mailbox")
    assert made["microsoft_online_services_id"] == ADDRESS and made["primary_smtp_address"] == ADDRESS
    (kept,) = objects(found, "remote_mailbox")
    assert not kept.keys() & {"name", "alias", "user_principal_name", "primary_smtp_address", "on_premises_organizational_unit"}
    assert objects(found, "account") == [{"identity": ADDRESS, "enabled": True, "password_never_expires": True}]


def test_both_halves_are_joined_in_the_end_whichever_was_first() -> None:
    assert objects(plan(**THERE), "mailbox") == [{"identity": ADDRESS, "type": "room"}]
    assert objects(plan(**THERE), "remote_mailbox") == [{"identity": ADDRESS, "type": "room", "email_address_policy_enabled": False, "exchange_guid": GUID}]


@pytest.mark.parametrize(
    ("status", "message"),
    [
        ("missing", "the tenant has no user everest@contoso.com"),
        ("cloud_only", "everest@contoso.com is a user of the cloud, not matched with the account"),
        ("duplicate", "the account came as everest1234@contoso.onmicrosoft.com instead of everest@contoso.com"),
        ("soft_match_blocked", "the tenant blocks soft match (blockSoftMatchEnabled)"),
        ("other_anchor", "everest@contoso.com is synchronised from another account"),
        ("provisioning_errors", "everest@contoso.com was synchronised with errors: ProxyAddress"),
    ],
)
def test_a_room_that_arrived_as_something_else_fails_with_what_was_seen_and_is_not_enabled_in_skype(status: str, message: str) -> None:
    arrived = [{"identity": ADDRESS, "status": status, "message": message}]
    found = plan(platform="skype_server", **THERE, begun=True, arrivals=arrived)
    assert found["failed"][ADDRESS] == [f"synchronisation did not bring it. Seen last: {message}"]
    assert objects(found, "skype") == []


def test_a_licence_that_the_room_has_takes_no_seat() -> None:
    none_left = [{"sku": "Rooms", "sku_id": "r", "free_seats": 0, "seats": 2}]
    licensed = USER | {"assigned_licenses": [{"sku_id": "r", "disabled_plans": []}]}
    assert problems(**THERE | {"users": [licensed], "subscriptions": none_left}) == ""


def test_what_was_begun_is_not_refused_for_seats_any_more() -> None:
    assert problems(begun=True, subscriptions=[]) == ""


def test_a_room_that_fails_in_a_step_takes_part_in_no_later_one() -> None:
    step = plan()["steps"]["mailbox"]
    found = plan(begun=True, done=[[step, [{"number": 1, "outcome": "failed", "msg": "it is full"}]]])
    assert found["failed"] == {ADDRESS: ["mailbox: it is full"]}
    assert all(not one["objects"] for one in found["steps"].values())
    assert found["report"][0]["outcome"] == "failed"


def test_what_does_not_come_to_rest_is_not_reported_as_done() -> None:
    step = plan(**THERE)["steps"]["calendar"]
    assert plan(**THERE, begun=True, verified=[[step, [{"number": 1, "outcome": "updated"}]]])["report"][0]["outcome"] == "failed"


def test_halves_that_differ_fail_before_synchronisation() -> None:
    found = plan(**THERE | {"accounts": [ACCOUNT | {"userPrincipalName": "e@contoso.com"}]}, begun=True, both_halves=True)
    assert "userPrincipalName is e@contoso.com in Active Directory and everest@contoso.com online" in found["failed"][ADDRESS]


def test_synchronisation_that_keeps_it_out_or_has_errors_fails_the_room() -> None:
    scope = {"objects": [{"user_principal_name": ADDRESS, "immutable_id": "x", "synchronized": False, "excluded_by": ["a rule"]}]}
    assert "it is not synchronised: a rule" in problems(begun=True, scope=scope)
    scope["objects"][0] |= {"synchronized": True, "excluded_by": []}
    cycle: Row = {"result": "errors", "errors": [{"immutable_id": "x", "type": "T", "message": "no"}, {"immutable_id": "y", "type": "T", "message": "other"}]}
    assert problems(begun=True, scope=scope, cycle=cycle) == "synchronisation had an error for it: T - no"
    assert "synchronisation failed: busy" in problems(begun=True, scope=scope, cycle={"msg": "busy"})


def test_a_room_that_does_not_arrive_is_told_as_it_was_seen_last() -> None:
    arrivals = [{"identity": ADDRESS.upper(), "status": "missing", "message": "the tenant has no user"}]
    assert "Seen last: the tenant has no user" in problems(begun=True, arrivals=arrivals)


def test_what_leads_back_is_saved() -> None:
    found = plan(**THERE)
    line = json.dumps({"number": 1, "outcome": "updated", "diff": {"before": {"delete_subject": True}}})
    seen = [[found["steps"]["calendar"], line], [found["steps"]["licences"], json.dumps({"number": 1, "outcome": "created"})]]
    assert plan(seen=seen)["saved"] == {
        "calendar": [{"identity": ADDRESS, "delete_subject": True}],
        "licences": [{"identity": ADDRESS, "sku": "Rooms", "state": "absent"}],
    }


def test_only_a_room_that_was_on_neither_side_is_removed_on_the_way_back() -> None:
    made = json.dumps({"number": 1, "outcome": "created"})
    assert plan(seen=[[plan()["steps"][one], made] for one in ("mailbox", "remote_mailbox")])["saved"].keys() == {"mailbox", "remote_mailbox"}
    online: Row = {"mailboxes": [MAILBOX], "users": [USER], "online": [ONLINE]}
    assert plan(**online, seen=[[plan(**online)["steps"]["remote_mailbox"], made]])["saved"] == {}


def test_a_room_that_is_as_declared_is_looked_at_once() -> None:
    found = plan(**THERE)
    seen = [[step, json.dumps({"number": 1, "outcome": "unchanged"})] for step in found["steps"].values() if step["objects"]]
    assert plan(**THERE, seen=seen)["quiet"] is True
    assert plan(**THERE, seen=seen[1:])["quiet"] is False
    assert plan(**THERE | {"users": [USER | {"on_premises_sync_enabled": False}]}, seen=seen)["quiet"] is False
    seen[0][1] = json.dumps({"number": 1, "outcome": "updated"})
    assert plan(**THERE, seen=seen)["quiet"] is False


def test_marks_of_filter_languages_are_escaped() -> None:
    (one,) = PLAN({}, {"rooms": [{"address": "o'neil(*)@contoso.com"}], "platform": "teams", "licenses": LICENCES})["queries"]
    assert one["recipients"] == "EmailAddresses -eq 'smtp:o''neil(*)@contoso.com'"
    assert "userPrincipalName=o'neil\\28\\2a\\29@contoso.com" in one["directory"]


def test_two_rooms_of_one_name_are_refused() -> None:
    rooms = [{"address": ADDRESS}, {"address": "k2@contoso.com", "user_principal_name": ADDRESS.upper()}]
    nothing: Row = {name: [] for name in ("users", "mailboxes", "online", "here", "holders", "accounts", "deleted")}
    with pytest.raises(AnsibleFilterError, match="is the name of two rooms"):
        PLAN(nothing, {"rooms": rooms, "platform": "teams", "licenses": LICENCES})
