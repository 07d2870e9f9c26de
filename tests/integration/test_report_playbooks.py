# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbooks that report or act by a module alone, as they are shipped, on the version that each is for."""

from __future__ import annotations

import json
import typing as t

import pytest
import yaml

from tests.integration import play
from tests.integration.play import Lab, Run
from tools import project

NAMES = ("exchange_lifecycle", "logon_statistics", "mailbox_state", "mailbox_statistics", "public_folder_migration")


def book(lab: Lab, name: str, *arguments: str, **variables: t.Any) -> Run:
    """A run of playbooks/<name>.yml with these variables."""
    plays = yaml.safe_load((project.ROOT / "playbooks" / f"{name}.yml").read_text(encoding="utf-8"))
    return play.play({"ex01": lab.host()}, *plays, arguments=("-e", json.dumps(variables), *arguments))


@pytest.fixture(scope="module")
def old() -> t.Iterator[Lab]:
    with play.lab("--version", "2010") as lab:
        yield lab
        lab.rest()
    play.clear()


def shown(run: Run, task: str) -> list[str]:
    return [str(one.result.get("msg")) for one in run.all(task, items=True)]


def test_exchange_2010_shows_who_is_logged_on(old: Lab) -> None:
    run = book(old, "logon_statistics", logon_statistics_fallback=False).good()
    assert shown(run, "Show who is logged on") == [f"CONTOSO\\{name} since 2026-03-01T09:00:00Z from PC1" for name in ("user0", "user1")]
    assert not shown(run, "Show when each mailbox was last opened")


def test_a_later_version_shows_when_each_mailbox_was_last_opened(lab: Lab) -> None:
    run = book(lab, "logon_statistics").good()
    assert "2026-03-01T09:00:00Z by CONTOSO\\user0" in shown(run, "Show when each mailbox was last opened")
    assert not shown(run, "Show who is logged on")


def test_a_later_version_says_why_it_does_not_show_who_is_logged_on(lab: Lab) -> None:
    failed = book(lab, "logon_statistics", logon_statistics_fallback=False).one("Read who is logged on, or was last", "failed")
    assert "works on Exchange Server 2010 only" in failed.message and "fallback: true" in failed.message


def test_what_mailboxes_hold_is_added_up(lab: Lab) -> None:
    run = book(lab, "mailbox_statistics", mailbox_statistics_hidden_items=20).good()
    total = run.one("Show how much there is").result["msg"]
    assert total["disconnected"] == ["User 1", "Left Employee"]
    assert total["visible_items"] > total["hidden_items"] > 0 and total["bytes"] > 1 << 30
    many = shown(run, "Show mailboxes with very many hidden items")
    assert many and all(int(one.split()[3]) > 20 for one in many)


def test_disconnected_mailboxes_are_found_in_check_mode_and_shown_by_a_run(lab: Lab) -> None:
    task = "m365.hybrid.mailbox_state : Show the counts"
    runs = [book(lab, "mailbox_state", *arguments).good().one(task).result["msg"] for arguments in (("--check",), (), ())]
    assert [(one["would_update"], one["updated"], one["newly_marked"]) for one in runs] == [(2, 0, 0), (0, 2, 1), (0, 2, 0)]


@pytest.mark.parametrize(
    ("today", "state"), [("2025-01-01", "supported"), ("2025-10-14", "supported"), ("2026-04-14", "extended"), ("2026-11-22", "unsupported")]
)
def test_what_is_supported_depends_on_the_day(lab: Lab, today: str, state: str) -> None:
    run = book(lab, "exchange_lifecycle", exchange_lifecycle_today=today, exchange_lifecycle_fail_on_unsupported=True)
    table = run.one("m365.hybrid.exchange_lifecycle : Show the table").result["msg"]
    assert [line.split()[:7] for line in table[1:]] == [[name, "Exchange", "Server", "2019", "CU15", "unknown", state] for name in ("EX01", "EX02")]
    assert (run.code == 0) is (state == "supported")


@pytest.mark.parametrize(("said", "code"), [("no", 0), ("yes", 2)])
def test_whether_an_unsupported_server_is_a_failure_can_be_said_on_the_command_line(lab: Lab, said: str, code: int) -> None:
    assert book(lab, "exchange_lifecycle", exchange_lifecycle_today="2026-11-22", exchange_lifecycle_fail_on_unsupported=said).code == code


def test_an_old_server_is_a_service_pack(old: Lab) -> None:
    table = book(old, "exchange_lifecycle").good().one("m365.hybrid.exchange_lifecycle : Show the table").result["msg"]
    assert "Exchange Server 2010  SP3  unknown  unsupported  2020-10-13" in table[1]


def test_public_folders_without_a_word_that_they_are_migrated_say_what_stands_in_the_way(lab: Lab) -> None:
    run = book(lab, "public_folder_migration")
    assert run.code != 0 and "Nothing was changed. public_folder_migration_done is not true" in run.output


@pytest.mark.parametrize("name", NAMES)
def test_a_read_that_is_denied_ends_the_playbook(lab: Lab, name: str) -> None:
    lab.fault("access-denied")
    run = book(lab, name)
    assert run.code != 0 and "Insufficient access rights" in run.output
