# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One play that talks to every service: how many sessions each of them saw, told by the services, and that none is left."""

from __future__ import annotations

import json
import typing as t

import pytest

from tests.integration import play as playing
from tests.integration.play import IMPORT, Lab, Run, Variables
from tools import project

GROUPS = {"directory": "dc01", "exchange": "ex01", "exchange_online": "exo01", "entra": "entra01", "skype": "sfb01", "directory_sync": "sync01"}
SERVICES = {"directory", "EX01\\administrator", "exchange_online", "graph", "SFB01\\administrator", "SYNC01\\administrator"}
PEOPLE = [f"user{number}@contoso.com" for number in range(3)] + ["room1@contoso.com", "nobody@contoso.com"]


@pytest.fixture(scope="module")
def estate() -> t.Iterator[Lab]:
    with playing.lab("--tenants", "1") as lab:
        yield lab
    playing.clear()


def services(lab: Lab, what: str) -> dict[str, int]:
    return {name: one[what] for name, one in lab.client.status()["sessions"]["services"].items()}


def look(lab: Lab, people: t.Any, *arguments: str, without: str = "", **changes: t.Any) -> tuple[Run, dict[str, int]]:
    """A run of the playbook, and how many sessions each service saw more than before it; ``changes`` are variables of the Exchange server."""
    hosts = {group: {name: lab.host(name, **(changes if group == "exchange" else {}))} for group, name in GROUPS.items() if group != without}
    inventory: Variables = {"all": {"children": {group: {"hosts": members} for group, members in hosts.items()}}}
    before = services(lab, "opened")
    book = {IMPORT: str(project.ROOT / "playbooks" / "one_session.yml")}
    (lab.directory / "groups.yml").write_text(json.dumps(inventory), encoding="utf-8")
    cycle = playing.play_of(playing.task("synchronise", "directory_sync_run", {}), hosts="sync01")
    run = playing.play(
        {},
        *([cycle] if "--check" not in arguments and people else []),
        book,
        arguments=("-i", str(lab.directory / "groups.yml"), "-e", json.dumps({"one_session_people": people}), *arguments),
    )
    opened = {name: count - before.get(name, 0) for name, count in services(lab, "opened").items() if count != before.get(name, 0)}
    playing.until(lambda: not any(services(lab, "live").values()), 30, f"no session is left: {services(lab, 'live')}")
    return run, opened


def reports(run: Run) -> dict[str, Variables]:
    return {one.host: one.result["one_session_report"] for one in run.all("Show it")}


def test_every_service_sees_one_session_whatever_the_number_of_plays_people_and_forks(estate: Lab) -> None:
    run, opened = look(estate, PEOPLE, "--forks", "10")
    assert opened == dict.fromkeys(SERVICES, 1), run.output
    found = reports(run.good())
    assert set(found) == set(PEOPLE)
    assert found["nobody@contoso.com"] == dict.fromkeys(found["nobody@contoso.com"], "absent") and len(found["nobody@contoso.com"]) == 7
    user = found["user0@contoso.com"]
    assert user["active_directory"]["displayName"] == "User 0" and user["exchange_server"]["type"] == "user" and user["skype_room"] == "absent"
    assert user["entra_id"]["account_enabled"] is True and user["exchange_online"]["primary_smtp_address"] == "user0@contoso.com"
    assert user["exchange_server_remote"] == "absent"
    assert "Export: success" in str(run.one("Show when and how it was").result["msg"])


def test_services_that_fail_or_cannot_be_reached_are_unknown_and_cost_no_second_session_also_in_check_mode(estate: Lab) -> None:
    estate.fault("access-denied", cmdlet="Get-Mailbox", count=1)
    run, opened = look(estate, PEOPLE[:2], "--check", "--forks", "2", without="skype", m365_exchange_port=1)
    estate.client.clear()
    assert opened == dict.fromkeys(SERVICES - {"SFB01\\administrator", "EX01\\administrator"}, 1), run.output
    found = reports(run.good())
    assert all(report["exchange_server_remote"].startswith("unknown: ") for report in found.values())
    assert all(report["exchange_server"].startswith("unknown: ") and "skype_user" not in report for report in found.values())
    online = [report["exchange_online"] for report in found.values()]
    denied = [one for one in online if isinstance(one, str)]
    assert len(denied) == 1 and "unknown: " in denied[0] and "access" in denied[0].lower(), run.output
    assert all(report["entra_id"]["user_principal_name"] == host for host, report in found.items())


def test_names_in_one_text_and_a_mailbox_that_is_in_exchange_online(estate: Lab) -> None:
    remote = {"identity": "erin", "remote_routing_address": "erin@contoso.mail.onmicrosoft.com"}
    playing.play({"ex01": estate.host()}, playing.task("remote", "exchange_remote_mailbox", remote)).good()
    found = reports(look(estate, "Erin@contoso.com, user1@contoso.com")[0].good())
    assert set(found) == {"erin@contoso.com", "user1@contoso.com"}
    said = found["erin@contoso.com"]
    assert said["exchange_server"] == "absent" and said["exchange_server_remote"]["RemoteRoutingAddress"] == "SMTP:erin@contoso.mail.onmicrosoft.com"
    assert found["user1@contoso.com"]["exchange_server_remote"] == "absent"


def test_remote_mailboxes_that_nobody_may_read_are_unknown(estate: Lab) -> None:
    estate.fault("access-denied", cmdlet="Get-RemoteMailbox", count=1)
    found = reports(look(estate, "user1@contoso.com")[0].good())
    assert found["user1@contoso.com"]["exchange_server_remote"].startswith("unknown: ")


@pytest.mark.parametrize(
    "people", [[], "", '["user0@contoso.com"', {"user0@contoso.com": 1}, ["user0"]], ids=["none", "empty", "no-json", "mapping", "no-login"]
)
def test_a_run_without_people_says_how_to_name_them(estate: Lab, people: t.Any) -> None:
    run, opened = look(estate, people, "--check")
    assert run.code != 0 and "Name people or rooms" in run.output and not opened
