# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Microsoft Graph with real Ansible: many objects at once, what exists as options, the escape hatch."""

from __future__ import annotations

import json
import pathlib
import typing as t

import pytest

from tests.integration import play as playing
from tests.integration.play import Lab, Variables, play, task

USERS = 40
SECRET = "Sesame, 0pen!"


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return tmp_path_factory.mktemp("record") / "calls"


@pytest.fixture(scope="module")
def module_lab(record: pathlib.Path) -> t.Iterator[Lab]:
    with playing.lab("--mailboxes", str(USERS), "--record", str(record)) as lab:
        yield lab
    playing.clear()


def calls(record: pathlib.Path, begin: int = 0) -> list[Variables]:
    """What the lab was asked, from a place of the record on."""
    return [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()[begin:]]


def users(city: str) -> list[Variables]:
    return [{"identity": f"user{number}@contoso.com", "city": city} for number in range(USERS)]


def bulk(name: str, objects: t.Any, module: str = "entra_user", **options: t.Any) -> Variables:
    return task(name, "bulk", {"module": module, "objects": objects, **options})


def test_many_users_take_few_requests_and_a_second_run_none_that_writes(lab: Lab, record: pathlib.Path) -> None:
    begin = len(calls(record)) if record.exists() else 0
    run = play({"cloud": lab.host("entra01")}, bulk("first", users("Bonn")), bulk("again", users("Bonn"))).good()
    assert run.one("first").result["counts"]["updated"] == USERS
    assert run.one("again").result["counts"]["unchanged"] == USERS
    made = [f"{one['method']} {one['path'].partition('?')[0]}" for one in calls(record, begin) if "method" in one]
    assert made.count("POST /v1.0/$batch") < USERS / 2, made
    assert made.count("GET /v1.0/users") == 3  # before and after the changes, and once in the second run


def test_a_throttled_run_with_an_expiring_token_changes_each_user_once(lab: Lab, record: pathlib.Path) -> None:
    log = task("log", "entra_directory_audit_info", {"activity": "Update user"})
    before = len(play({"cloud": lab.host("entra01")}, log).good().one("log").result["entries"])
    lab.client.fault("too-many-requests", retry_after=0, count="always", every=7)
    lab.client.fault("expired-token", after=4)
    run = play({"cloud": lab.host("entra01")}, bulk("change", users("Mainz"))).good()
    assert run.one("change").result["counts"]["updated"] == USERS
    happened = lab.client.status()["happened"]
    assert happened["too-many-requests"] > 5 and happened["expired-token"] == 1
    lab.client.clear()
    after = play({"cloud": lab.host("entra01")}, log).good().one("log").result["entries"]
    assert len(after) == before + USERS


def test_a_connection_that_is_reset_in_mid_page_loses_nobody(lab: Lab) -> None:
    lab.client.fault("cut-answer")
    run = play({"cloud": lab.host("entra01")}, task("read", "graph_request", {"path": "/v1.0/users", "query": {"select": ["id"], "top": 10}})).good()
    found = [one["id"] for one in run.one("read").result["output"]]
    assert len(found) == len(set(found)) >= USERS and lab.client.status()["happened"]["cut-answer"] == 1


def test_one_that_fails_does_not_stop_the_others(lab: Lab) -> None:
    objects = [*users("Köln")[:5], {"identity": "user5@contoso.com", "usage_location": "X1"}, *users("Köln")[6:]]
    run = play({"cloud": lab.host("entra01")}, bulk("change", objects))
    result = run.one("change", "failed").result
    assert (result["counts"]["updated"], result["counts"]["failed"]) == (USERS - 1, 1)
    assert "The first failure is entry 6, 'user5@contoso.com'" in result["msg"]


def test_what_is_exported_changes_nothing(lab: Lab) -> None:
    policy = {"identity": "MFA", "policy_state": "report_only", "include_users": ["all"], "include_applications": ["all"], "grant_controls": ["mfa"]}
    tasks = [task("policy", "entra_conditional_access_policy", {**policy, "exclude_users": ["ada@contoso.com"], "exclude_groups": ["Break Glass"]})]
    for module in ("entra_user", "entra_group", "entra_conditional_access_policy"):
        tasks.append(task(f"export {module}", "export", {"module": module}, register="found"))
        tasks.append(bulk(f"bulk {module}", "{{ found.objects }}", module))
    run = play({"cloud": lab.host("entra01")}, *tasks).good()
    for module in ("entra_user", "entra_group", "entra_conditional_access_policy"):
        assert not run.one(f"bulk {module}").result["changed"]
    assert run.one("export entra_conditional_access_policy").result["objects"][0]["exclude_users"] == ["ada@contoso.com"]
    assert "unsupported in variable storage" not in run.output


def test_a_secret_of_a_request_is_shown_nowhere(lab: Lab, record: pathlib.Path) -> None:
    begin = len(calls(record))
    where = {"path": "/v1.0/users/{}", "names": ["ada@contoso.com"]}
    request = {"method": "PATCH", **where, "secret_body": {"passwordProfile": {"password": "{{ word }}"}}}
    host = lab.host("entra01", word=SECRET)
    run = play({"cloud": host}, task("good", "graph_request", request), task("look", "graph_request", where), arguments=("-vvv",)).good()
    assert run.one("good").result["changed"] and run.one("look").result["output"][0]["displayName"] == "Ada Lovelace"
    assert SECRET not in run.output
    assert [sorted(one["body"]["passwordProfile"]) for one in calls(record, begin) if one.get("body")] == [["password"]]
