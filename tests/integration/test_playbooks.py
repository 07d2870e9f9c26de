# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Playbooks that need no role: in check mode, for real, a second time, with bad input."""

from __future__ import annotations

import json
import pathlib
import re
import typing as t

import pytest

from tests.integration import play as playing
from tests.integration.play import IMPORT, Lab, Run, play, task
from tools import project

PLAYBOOKS = project.ROOT / "playbooks"


class Recorded(t.NamedTuple):
    """A lab and the file in which it notes every call."""

    lab: Lab
    record: pathlib.Path

    def writes(self) -> list[str]:
        """The cmdlets so far that change something."""
        calls = [json.loads(line)["cmdlet"] for line in self.record.read_text(encoding="utf-8").splitlines()]
        return [cmdlet for cmdlet in calls if not cmdlet.startswith("Get-") and cmdlet != "Set-ADServerSettings"]

    def book(self, name: str, *arguments: str, **variables: t.Any) -> Run:
        """One run of a playbook of the collection."""
        imported = {IMPORT: str(PLAYBOOKS / f"{name}.yml")}
        return play({"ex01": self.lab.host()}, imported, arguments=("-e", json.dumps(variables), *arguments))

    def tasks(self, *tasks: dict[str, t.Any]) -> Run:
        return play({"ex01": self.lab.host()}, *tasks).good()


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Recorded]:
    record = tmp_path_factory.mktemp("record") / "calls.jsonl"
    with playing.lab("--record", str(record)) as lab:
        found = Recorded(lab, record)
        limits = task("a short list", "exchange_mailbox", {"identity": "user2", "max_safe_senders": 2})
        found.tasks(limits, task("nothing for Anonymous", "exchange_mailbox", {"identity": "user3", "sharing_policy": "Partners"}))
        yield found
    playing.clear()


def recap(run: Run) -> str:
    """The numbers at the end of a run."""
    found = re.search(r"ok=\d+ +changed=(\d+) +unreachable=0 +failed=0", run.good().output)
    assert found, run.output
    return found[1]


def converges(recorded: Recorded, name: str, **variables: t.Any) -> Run:
    """Check mode writes nothing and says what comes, the run does it, and a second one finds nothing to do."""
    before = recorded.writes()
    predicted = recap(recorded.book(name, "--check", **variables))
    assert recorded.writes() == before
    done = recorded.book(name, **variables)
    assert recap(done) == predicted != "0"
    written = recorded.writes()
    assert written != before
    assert recap(recorded.book(name, **variables)) == "0"
    assert recorded.writes() == [*written, *refused(written[len(before) :], recorded.writes()[len(written) :])]
    return done


def refused(first: list[str], second: list[str]) -> list[str]:
    """What a second run sends although nothing changes: the tries at mailboxes that take nothing."""
    assert len(second) < len(first)
    return second


@pytest.mark.parametrize("name", ["mailbox_statistics", "logon_statistics"])
def test_a_report_changes_nothing(recorded: Recorded, name: str) -> None:
    before = recorded.writes()
    assert recap(recorded.book(name)) == recap(recorded.book(name, "--check")) == "0"
    assert recorded.writes() == before


LISTS = {
    "junk_email_mailboxes": [{"identity": "user0@contoso.com"}, {"identity": "user1", "contacts_trusted": True}, {"identity": "room1"}],
    "junk_email_settings": {
        "enabled": True,
        "trusted_senders_and_domains": {"add": ["partner.example"]},
        "blocked_senders_and_domains": {"add": ["spam.example"], "remove": ["old.example"]},
    },
}


def test_senders_come_and_go_and_the_rest_stays(recorded: Recorded, tmp_path: pathlib.Path) -> None:
    user = {"identity": "user0", "trusted_senders_and_domains": ["friend.example"], "blocked_senders_and_domains": ["old.example", "worse.example"]}
    recorded.tasks(task("before", "exchange_junk_email_configuration", user))
    saved = tmp_path / "saved.json"
    run = converges(recorded, "junk_email", **LISTS, junk_email_save_path=str(saved))
    report = run.one("Report").result["msg"]
    assert report == {"updated": ["user0@contoso.com", "user1"], "unchanged": 0, "never_opened": ["room1"]}
    shown = recorded.tasks(task("after", "exchange_junk_email_configuration", {"identity": "user0"})).one("after").result["resource"]
    assert shown["trusted_senders_and_domains"] == ["friend.example", "partner.example"]
    assert shown["blocked_senders_and_domains"] == ["worse.example", "spam.example"]
    kept = {one["object"]: one["diff"]["before"] for one in json.loads(saved.read_text(encoding="utf-8"))}
    assert kept["user0@contoso.com"]["blocked_senders_and_domains"] == user["blocked_senders_and_domains"]
    back = {"args": "{{ {'identity': item.object} | combine(item.diff.before) }}", "loop": f"{{{{ lookup('file', '{saved}') | from_json }}}}"}
    recorded.tasks(task("back", "exchange_junk_email_configuration", {}, **back, when="item.object != 'room1'"))
    assert recorded.tasks(task("again", "exchange_junk_email_configuration", user)).one("again").result["changed"] is False


TOO_LONG = {"identity": "user2", "trusted_senders_and_domains": ["a.example", "b.example", "c.example"]}


@pytest.mark.parametrize(
    ("mailboxes", "message"),
    [
        ([], "Name the mailboxes"),
        ([{"identity": "user4"}, TOO_LONG, {"identity": "nobody"}], "Nothing was changed. user2, nobody: .*3 entries, and the mailbox allows 2.*nobody"),
    ],
)
def test_lists_that_would_be_refused_are_refused_before_anything_is_written(recorded: Recorded, mailboxes: list[dict[str, t.Any]], message: str) -> None:
    before = recorded.writes()
    run = recorded.book("junk_email", **LISTS | {"junk_email_mailboxes": mailboxes})
    assert run.code != 0 and re.search(message, run.output), run.output
    assert recorded.writes() == before


PUBLISHED = {
    "calendar_publishing_mailboxes": [{"identity": "info@contoso.com"}, {"identity": "beamer", "detail_level": "limited_details"}],
    "calendar_publishing_settings": {"publish_enabled": True, "detail_level": "availability_only", "publish_date_range_to": "six_months"},
}


def test_calendars_are_published_in_any_language_and_get_new_addresses_when_asked(recorded: Recorded, tmp_path: pathlib.Path) -> None:
    saved = tmp_path / "saved.json"
    run = converges(recorded, "calendar_publishing", **PUBLISHED, calendar_publishing_save_path=str(saved))
    shown = [one.result["msg"] for one in run.all("Report", items=True)]
    assert shown[1].startswith("contoso.com/Resources/Beamer:\\Kalender: limited_details at http")
    kept = json.loads(saved.read_text(encoding="utf-8"))
    assert [(one["mailbox"], one["publish_enabled"]) for one in kept] == [("info@contoso.com", False), ("beamer", False)]
    again = recorded.book("calendar_publishing", calendar_publishing_reset_urls=["info@contoso.com"])
    assert recap(again) == "1" and again.all("Report", items=True)[0].result["msg"] != shown[0]


OPEN = {"identity": "user2", "detail_level": "full_details"}


@pytest.mark.parametrize(
    ("mailboxes", "message"),
    [
        ([{"identity": "user4"}, {"identity": "nobody"}, {"identity": "twin.b"}], "nobody has opened it yet: nobody, twin.b"),
        ([{"identity": "user4"}, {"identity": "user3"}, OPEN], "user3, user2: .*'Partners' permits to publish nothing.* see everything in the calendar"),
    ],
)
def test_calendars_that_would_be_refused_are_refused_before_anything_is_written(recorded: Recorded, mailboxes: list[dict[str, t.Any]], message: str) -> None:
    before = recorded.writes()
    run = recorded.book("calendar_publishing", **PUBLISHED | {"calendar_publishing_mailboxes": mailboxes})
    assert run.code != 0 and re.search(message, re.sub(r"\s+", " ", run.output)), run.output
    assert recorded.writes() == before


def test_calendars_are_not_published_where_no_server_shows_them(recorded: Recorded) -> None:
    servers = [f"{server}\\owa (Default Web Site)" for server in ("EX01", "EX02")]
    switches = [
        task(f"{server} {shown}", "cmdlet", {"cmdlet": "Set-OwaVirtualDirectory", "parameters": {"Identity": server, "AnonymousFeaturesEnabled": shown}})
        for shown in (False, True)
        for server in servers
    ]
    recorded.tasks(*switches[:2])
    before = recorded.writes()
    run = recorded.book("calendar_publishing", **PUBLISHED)
    assert run.code != 0 and "No server shows a published calendar" in re.sub(r"\s+", " ", run.output), run.output
    assert recorded.writes() == before
    recorded.tasks(*switches[2:])
