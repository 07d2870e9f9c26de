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


SERVER, CLOUD = ("ex01",), ("exo01",)


class Recorded(t.NamedTuple):
    """A lab, the file in which it notes every call, and the hosts that playbooks run on."""

    lab: Lab
    record: pathlib.Path
    hosts: tuple[str, ...] = SERVER

    def writes(self) -> list[str]:
        """The cmdlets so far that change something."""
        calls = [json.loads(line)["cmdlet"] for line in self.record.read_text(encoding="utf-8").splitlines()]
        return [cmdlet for cmdlet in calls if not cmdlet.startswith("Get-") and cmdlet != "Set-ADServerSettings"]

    def book(self, name: str, *arguments: str, **variables: t.Any) -> Run:
        """One run of a playbook of the collection."""
        return self._play({IMPORT: str(PLAYBOOKS / f"{name}.yml")}, arguments=("-e", json.dumps(variables), *arguments))

    def tasks(self, *tasks: dict[str, t.Any]) -> Run:
        return self._play(*tasks).good()

    def _play(self, *plays: dict[str, t.Any], arguments: t.Sequence[str] = ()) -> Run:
        return play({name: self.lab.host(name) for name in self.hosts}, *plays, arguments=arguments)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Recorded]:
    """The server."""
    record = tmp_path_factory.mktemp("record") / "calls.jsonl"
    with playing.lab("--tenants", "1", "--record", str(record)) as lab:
        found = Recorded(lab, record)
        found.tasks(task("a short list", "exchange_mailbox", {"identity": "user2", "max_safe_senders": 2}))
        found._replace(hosts=SERVER + CLOUD).tasks(task("nothing for Anonymous", "exchange_mailbox", {"identity": "user3", "sharing_policy": "Partners"}))
        yield found
    playing.clear()


@pytest.fixture(params=[SERVER, CLOUD], ids=["server", "cloud"])
def side(recorded: Recorded, request: pytest.FixtureRequest) -> Recorded:
    """The server, then the tenant: a playbook does the same on both."""
    return recorded._replace(hosts=request.param)


def recap(run: Run) -> str:
    """How much changed on each host, by the numbers at the end of a run."""
    found = re.findall(r"ok=\d+ +changed=(\d+) +unreachable=0 +failed=0", run.good().output)
    assert found, run.output
    return "+".join(found)


def nothing(recorded: Recorded) -> str:
    return "+".join("0" for _host in recorded.hosts)


def converges(recorded: Recorded, name: str, **variables: t.Any) -> Run:
    """Check mode writes nothing and says what comes, the run does it, and a second one finds nothing to do."""
    before = recorded.writes()
    predicted = recap(recorded.book(name, "--check", **variables))
    assert recorded.writes() == before
    done = recorded.book(name, **variables)
    assert recap(done) == predicted != nothing(recorded)
    written = recorded.writes()
    assert written != before
    assert recap(recorded.book(name, **variables)) == nothing(recorded)
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


def test_forwarding_in_vain_is_reported_on_both_sides_each_for_its_own_reason(recorded: Recorded) -> None:
    both = recorded._replace(hosts=SERVER + CLOUD)
    both.tasks(task("forward", "exchange_mailbox", {"identity": "user6", "forwarding_smtp_address": "x@partner.example"}))
    before = both.writes()
    run = both.book("mail_forwarding")
    assert recap(run) == nothing(both) and both.writes() == before
    shown = {one.host: one.result["msg"] for one in run.all("m365.hybrid.mail_forwarding : Show whose forwarding is ineffective", items=True)}
    assert "remote domain 'Default' (*) does not let messages be forwarded" in shown["ex01"]
    assert "outbound spam policy 'Default' (auto_forwarding_mode automatic, which means off)" in shown["exo01"]


def test_public_folders_of_a_tenant_are_brought_to_users_and_stay_so(recorded: Recorded) -> None:
    cloud = recorded._replace(hosts=CLOUD)
    cloud.tasks(task("coexistence", "exchange_organization_config", {"public_folders_enabled": "remote", "remote_public_folder_mailboxes": ["info"]}))
    where = {"public_folder_migration_host": "exchange_online", "public_folder_migration_delay": 1, "public_folder_migration_timeout": 20}
    refused_first = cloud.book("public_folder_migration", **where)
    assert refused_first.code != 0 and "public_folder_migration_done is not true" in refused_first.output
    converges(cloud, "public_folder_migration", public_folder_migration_done=True, **where)


LISTS = {
    "junk_email_mailboxes": [{"identity": "user0@contoso.com"}, {"identity": "user1", "contacts_trusted": True}, {"identity": "room1"}],
    "junk_email_settings": {
        "enabled": True,
        "trusted_senders_and_domains": {"add": ["partner.example"]},
        "blocked_senders_and_domains": {"add": ["spam.example"], "remove": ["old.example"]},
    },
}


def test_senders_come_and_go_and_the_rest_stays(side: Recorded, tmp_path: pathlib.Path) -> None:
    user = {"identity": "user0", "trusted_senders_and_domains": ["friend.example"], "blocked_senders_and_domains": ["old.example", "worse.example"]}
    side.tasks(task("before", "exchange_junk_email_configuration", user))
    saved = tmp_path / "saved.json"
    run = converges(side, "junk_email", **LISTS, junk_email_save_path=str(saved))
    report = run.one("Report").result["msg"]
    assert report == {"updated": ["user0@contoso.com", "user1"], "unchanged": 0, "never_opened": ["room1"]}
    shown = side.tasks(task("after", "exchange_junk_email_configuration", {"identity": "user0"})).one("after").result["resource"]
    assert shown["trusted_senders_and_domains"] == ["friend.example", "partner.example"]
    assert shown["blocked_senders_and_domains"] == ["worse.example", "spam.example"]
    kept = {one["object"]: one["diff"]["before"] for one in json.loads(saved.read_text(encoding="utf-8"))}
    assert kept["user0@contoso.com"]["blocked_senders_and_domains"] == user["blocked_senders_and_domains"]
    back = {"args": "{{ {'identity': item.object} | combine(item.diff.before) }}", "loop": f"{{{{ lookup('file', '{saved}') | from_json }}}}"}
    side.tasks(task("back", "exchange_junk_email_configuration", {}, **back, when="item.object != 'room1'"))
    assert side.tasks(task("again", "exchange_junk_email_configuration", user)).one("again").result["changed"] is False


def test_one_run_manages_senders_of_both_organizations_and_keeps_what_was_apart(recorded: Recorded, tmp_path: pathlib.Path) -> None:
    both = recorded._replace(hosts=SERVER + CLOUD)
    saved = {"junk_email_save_path": f"{tmp_path}/{{{{ inventory_hostname }}}}.json"}
    run = converges(both, "junk_email", **LISTS | {"junk_email_mailboxes": [{"identity": "user5"}]}, **saved)
    assert [one.result["msg"]["updated"] for one in run.all("Report")] == [["user5"], ["user5"]]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ex01.json", "exo01.json"]


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


def test_calendars_are_published_in_any_language_and_get_new_addresses_when_asked(side: Recorded, tmp_path: pathlib.Path) -> None:
    saved = tmp_path / "saved.json"
    run = converges(side, "calendar_publishing", **PUBLISHED, calendar_publishing_save_path=str(saved))
    shown = [one.result["msg"] for one in run.all("Report", items=True)]
    resources = "contoso.com/Resources/" if side.hosts == SERVER else ""  # in the cloud an identity is a name
    assert shown[1].startswith(f"{resources}Beamer:\\Kalender: limited_details at http")
    kept = json.loads(saved.read_text(encoding="utf-8"))
    assert [(one["mailbox"], one["publish_enabled"]) for one in kept] == [("info@contoso.com", False), ("beamer", False)]
    again = side.book("calendar_publishing", calendar_publishing_reset_urls=["info@contoso.com"])
    assert recap(again) == "1" and again.all("Report", items=True)[0].result["msg"] != shown[0]


def test_one_run_publishes_calendars_of_both_organizations_and_asks_only_the_servers_whether_they_show_them(recorded: Recorded) -> None:
    both = recorded._replace(hosts=SERVER + CLOUD)
    run = converges(both, "calendar_publishing", **PUBLISHED | {"calendar_publishing_mailboxes": [{"identity": "user5"}]})
    assert {one.host: one.status for one in run.all("Ask whether the servers show what is published")} == {"ex01": "ok", "exo01": "skipped"}
    shown = [one.result["msg"] for one in run.all("Report", items=True)]
    assert sorted(shown)[0].startswith("User 5:\\Calendar: availability_only at http") and len(set(shown)) == 2


OPEN = {"identity": "user2", "detail_level": "full_details"}


@pytest.mark.parametrize(
    ("mailboxes", "message"),
    [
        ([{"identity": "user4"}, {"identity": "nobody"}, {"identity": "twin.b"}], "nobody has opened it yet: nobody, twin.b"),
        ([{"identity": "user4"}, {"identity": "user3"}, OPEN], "user3, user2: .*'Partners' permits to publish nothing.* see everything in the calendar"),
    ],
)
def test_calendars_that_would_be_refused_are_refused_before_anything_is_written(side: Recorded, mailboxes: list[dict[str, t.Any]], message: str) -> None:
    before = side.writes()
    run = side.book("calendar_publishing", **PUBLISHED | {"calendar_publishing_mailboxes": mailboxes})
    assert run.code != 0 and re.search(message, re.sub(r"\s+", " ", run.output)), run.output
    assert side.writes() == before


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
