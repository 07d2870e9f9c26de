# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When users are brought to migrated public folders, what is refused, what changes, and who is reported."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.m365.hybrid.plugins.filter.public_folder_plan import FilterModule
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import public_folder_plan

PLAN = FilterModule().filters()["public_folder_plan"]
Row = dict[str, t.Any]


def hierarchy(name: str, primary: bool = False, ready: bool = True, excluded: bool = True) -> Row:
    return {
        "identity": f"contoso.com/Users/{name.upper()}",
        "name": name.upper(),
        "alias": name,
        "primary_smtp_address": f"{name}@contoso.com",
        "guid": f"guid-{name}",
        "distinguished_name": f"CN={name.upper()},CN=Users,DC=contoso,DC=com",
        "is_root_public_folder_mailbox": primary,
        "is_hierarchy_ready": ready,
        "is_excluded_from_serving_hierarchy": excluded,
    }


def user(name: str, default: str | None = None, effective: str | None = None) -> Row:
    def full(one: str | None) -> str | None:
        return one and f"contoso.com/Users/{one}"

    return {
        "identity": f"contoso.com/Users/{name}",
        "primary_smtp_address": f"{name}@contoso.com",
        "default_public_folder_mailbox": full(default),
        "effective_public_folder_mailbox": full(effective),
    }


def requests(serial: t.Sequence[str] = (), batch: t.Sequence[str] = ()) -> list[Row]:
    """Loop results with one request for each status."""
    return [
        {"item": cmdlet, "truncated": False, "output": [{"Name": f"r{number}", "Status": status} for number, status in enumerate(statuses)]}
        for cmdlet, statuses in zip(public_folder_plan.CMDLETS, (serial, batch), strict=True)
    ]


def reading(**changes: t.Any) -> Row:
    """A coexistence whose migration is done; ``organization`` is added to its settings, everything else replaced."""
    settings = {"public_folders_enabled": "remote", "remote_public_folder_mailboxes": ["contoso.com/Users/Old"], **changes.pop("organization", {})}
    whole = {"hierarchies": [hierarchy("pf01", primary=True), hierarchy("pf02")], "requests": requests(), "batches": [], "pilot": [], "mailboxes": []}
    return {"organization": settings, **whole, **changes}


def plan(done: t.Any = True, keep_excluded: t.Sequence[str] = (), **changes: t.Any) -> Row:
    return t.cast(Row, PLAN(reading(**changes), {"done": done, "keep_excluded": keep_excluded}))


def test_after_the_migration_users_are_brought_here() -> None:
    found = plan()
    assert found["problems"] == []
    assert found["organization"] == {"public_folders_enabled": "local"}
    assert found["mailboxes"] == [
        {"identity": "pf01@contoso.com", "type": "public_folder", "is_excluded_from_serving_hierarchy": False},
        {"identity": "pf02@contoso.com", "type": "public_folder", "is_excluded_from_serving_hierarchy": False},
    ]
    assert found["saved"] == {
        "organization": {"public_folders_enabled": "remote", "remote_public_folder_mailboxes": ["contoso.com/Users/Old"]},
        "mailboxes": [{**one, "is_excluded_from_serving_hierarchy": True} for one in found["mailboxes"]],
    }
    assert len(found["differences"]) == 3 and "is 'remote' and is to be 'local'" in found["differences"][0]


def test_what_is_as_it_should_be_is_left_alone() -> None:
    home = {"organization": {"public_folders_enabled": "local"}, "hierarchies": [hierarchy("pf01", primary=True, excluded=False)]}
    found = PLAN(reading(**home, pilot=[user("user0")]), {"done": True, "pilot": "user0"})
    assert [found[part] for part in ("problems", "organization", "mailboxes", "pilot", "differences")] == [[], {}, [], {}, []]
    assert found["saved"] == {"organization": {}, "mailboxes": []}
    assert "public folder mailbox pf01@contoso.com serves the hierarchy" in found["facts"]


def test_a_mailbox_that_is_still_excluded_is_a_change_of_its_own() -> None:
    found = plan(organization={"public_folders_enabled": "local"}, hierarchies=[hierarchy("pf01", primary=True, excluded=False), hierarchy("pf02")])
    assert found["organization"] == {} and [one["identity"] for one in found["mailboxes"]] == ["pf02@contoso.com"]
    assert found["saved"]["organization"] == {}


@pytest.mark.parametrize("name", ["pf01", "PF01@contoso.com", "guid-pf01", "CN=PF01,CN=Users,DC=contoso,DC=com", "contoso.com/Users/PF01"])
def test_a_mailbox_named_in_any_way_stays_excluded(name: str) -> None:
    found = plan(keep_excluded=[name])
    assert found["problems"] == [] and [one["identity"] for one in found["mailboxes"]] == ["pf02@contoso.com"]


def test_the_state_says_what_was_read() -> None:
    state = plan(requests=requests(["Completed"]))["state"]
    assert (state["public_folders_enabled"], state["remote_public_folder_mailboxes"]) == ("remote", ["contoso.com/Users/Old"])
    assert state["hierarchies"][0] == {"mailbox": "pf01@contoso.com", "primary": True, "ready": True, "excluded": True}
    assert state["requests"] == [{"cmdlet": "Get-PublicFolderMigrationRequest", "name": "r0", "status": "Completed", "open": False}]


@pytest.mark.parametrize("status", ["created", "synced", "completed_with_errors", "stopped"])
def test_a_batch_of_public_folders_that_is_not_completed_is_an_open_migration(status: str) -> None:
    found = plan(batches=[{"name": "PFs", "type": "public_folder", "status": status}])
    assert found["problems"] == [f"migration batch 'PFs' is {status}: the migration is open. Complete it, or remove a batch that is of no use any more"]
    assert found["state"]["batches"] == [{"name": "PFs", "status": status, "open": True}]


def test_a_completed_batch_and_batches_of_mailboxes_stand_in_nobodys_way() -> None:
    batches = [{"name": "PFs", "type": "public_folder", "status": "completed"}, {"name": "Wave 1", "type": "exchange_local_move", "status": "synced"}]
    assert plan(batches=batches)["problems"] == []


def test_batches_that_were_not_read_are_an_error() -> None:
    whole = reading()
    del whole["batches"]
    with pytest.raises(AnsibleFilterError, match="batches"):
        PLAN(whole, {"done": True})


# The pilot


def pilot_plan(*pilots: Row) -> Row:
    return t.cast(Row, PLAN(reading(pilot=list(pilots)), {"done": True, "pilot": "user0"}))


def test_the_pilot_goes_to_the_primary_hierarchy_and_its_default_is_saved() -> None:
    found = pilot_plan(user("user0"))
    assert found["pilot"] == {"identity": "user0@contoso.com", "default_public_folder_mailbox": "contoso.com/Users/PF01"}
    assert found["saved"]["mailboxes"][-1] == {"identity": "user0@contoso.com", "default_public_folder_mailbox": ""}
    assert pilot_plan(user("user0", default="PF02"))["saved"]["mailboxes"][-1]["default_public_folder_mailbox"] == "contoso.com/Users/PF02"


@pytest.mark.parametrize(("pilots", "says"), [((), "there is no such mailbox"), ((user("a"), user("b")), "2 mailboxes answer")])
def test_a_pilot_is_one_mailbox(pilots: tuple[Row, ...], says: str) -> None:
    found = pilot_plan(*pilots)
    assert says in found["problems"][0] and found["pilot"] == {}


# Refusals


@pytest.mark.parametrize("done", [False, "no", None])
def test_the_gate(done: t.Any) -> None:
    (problem,) = plan(done=done)["problems"]
    assert "public_folder_migration_done" in problem and "cuts everybody off" in problem


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"hierarchies": []}, "no primary hierarchy mailbox"),
        ({"hierarchies": [hierarchy("pf02")]}, "no primary hierarchy mailbox"),
        ({"hierarchies": [hierarchy("pf01", primary=True), hierarchy("pf02", primary=True)]}, "2 public folder mailboxes say"),
        ({"hierarchies": [hierarchy("pf01", primary=True, ready=False)]}, "pf01@contoso.com: its hierarchy is not ready"),
        ({"hierarchies": [hierarchy("pf01", primary=True), hierarchy("pf02", ready=False)]}, "pf02@contoso.com: its hierarchy is not ready"),
        ({"keep_excluded": ["pf03"]}, "answers to 'pf03'"),
        ({"keep_excluded": ["pf01", "pf02"]}, "names every public folder mailbox"),
        ({"organization": {"public_folders_locked_for_migration": True}}, "legacy public folders are locked"),
        ({"organization": {"public_folder_mailboxes_locked_for_new_connections": True}}, "public_folder_mailboxes_locked_for_new_connections is true"),
        ({"organization": {"public_folder_mailboxes_migration_complete": True}}, "public_folder_mailboxes_migration_complete is true"),
    ],
)
def test_what_would_cut_users_off_is_refused(changes: Row, says: str) -> None:
    (problem,) = plan(**changes)["problems"]
    assert says in problem


@pytest.mark.parametrize("status", ["Queued", "InProgress", "AutoSuspended", "CompletionInProgress", "Synced", "Suspended", "Failed"])
def test_an_open_request_is_refused_whatever_the_migration(status: str) -> None:
    (serial,) = plan(requests=requests([status]))["problems"]
    (batch,) = plan(requests=requests((), [status]))["problems"]
    assert f"PublicFolderMigrationRequest 'r0' is {status}" in serial and f"PublicFolderMailboxMigrationRequest 'r0' is {status}" in batch


def test_completed_requests_are_not_open_and_a_completed_migration_may_stay_locked() -> None:
    locked = {"public_folders_locked_for_migration": True, "public_folder_migration_complete": True}
    assert plan(requests=requests(["Completed"], ["CompletedWithWarning"]), organization=locked)["problems"] == []


def test_all_problems_are_said_at_once() -> None:
    assert len(plan(done=False, hierarchies=[hierarchy("pf02", ready=False)], requests=requests(["Queued"], ["Failed"]))["problems"]) == 5


# Who is without


MAILBOXES = [
    user("served", effective="PF01"),
    user("own", default="PF02", effective="PF02"),
    user("stale", effective="Old"),
    user("nothing"),
    user("astray", default="Old", effective="Old"),
]


def test_after_the_change_everybody_without_is_reported() -> None:
    home = [hierarchy("pf01", primary=True, excluded=False), hierarchy("pf02", excluded=False)]
    found = plan(organization={"public_folders_enabled": "local"}, hierarchies=home, mailboxes=MAILBOXES)
    assert {one["mailbox"]: one["reason"] for one in found["report"]} == {
        "stale@contoso.com": "elsewhere",
        "nothing@contoso.com": "none",
        "astray@contoso.com": "default_elsewhere",
    }
    assert found["waiting"] == 2


def test_before_the_change_only_those_it_does_not_help_are_reported() -> None:
    found = plan(mailboxes=MAILBOXES)
    assert [one["mailbox"] for one in found["report"]] == ["astray@contoso.com"] and found["waiting"] == 0


# Readings that cannot be trusted


def test_a_request_list_that_is_missing_or_cut_short_is_an_error() -> None:
    with pytest.raises(AnsibleFilterError, match="Get-PublicFolderMailboxMigrationRequest"):
        plan(requests=requests()[:1])
    with pytest.raises(AnsibleFilterError, match="only a part"):
        plan(requests=[one | {"truncated": True} for one in requests()])


@pytest.mark.parametrize("wishes", [{"finished": True}, {"done": "perhaps"}])
def test_wishes_that_do_not_exist_are_errors(wishes: Row) -> None:
    with pytest.raises(AnsibleFilterError):
        PLAN(reading(), wishes)


def online(status: str) -> list[Row]:
    """What a tenant has of requests: those of batches only."""
    return [{"item": public_folder_plan.CMDLETS[1], "endpoint": "exchange_online", "truncated": False, "output": [{"Name": "r", "Status": status}]}]


@pytest.mark.parametrize(("status", "is_open"), [("Completed", False), ("Syncing", True)])
def test_exchange_online_has_no_serial_migration_to_ask_for(status: str, is_open: bool) -> None:
    assert any("the migration is open" in one for one in plan(requests=online(status))["problems"]) is is_open


def test_a_server_without_its_serial_migration_read_is_an_error() -> None:
    one = [{**online("Completed")[0], "endpoint": "exchange"}]
    with pytest.raises(AnsibleFilterError, match="there is nothing from Get-PublicFolderMigrationRequest"):
        plan(requests=one)
