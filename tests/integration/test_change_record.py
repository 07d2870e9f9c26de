# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records of changes with real Ansible: loops, bulk, delegation, async, handlers, roles; and nothing else is different for it."""

from __future__ import annotations

import getpass
import json
import pathlib
import typing as t

from tests.integration.play import Lab, Variables, play, play_of, task

SECRET = "Zx9!plugh-and-xyzzy"
ENABLED = {"ANSIBLE_CALLBACKS_ENABLED": "result_lines,m365.hybrid.change_record"}
WHO = {"awx_job_id": 42, "awx_user_name": "grace", "awx_job_template_name": "Mailboxes"}
BOX = {"user_principal_name": "{{ item }}@contoso.com", "identity": "{{ item }}@contoso.com", "password": "{{ hush }}"}


def book() -> Variables:
    rooms = [{"identity": f"user{one}", "custom_attribute1": "bulk"} for one in range(3)]
    remote = {"name": "Async", "domain_name": "async.example"}
    return play_of(
        task("box {{ hush }}", "exchange_mailbox", BOX, loop=["box1", "box2"]),
        task("many", "bulk", {"module": "exchange_mailbox", "objects": rooms}),
        task("elsewhere", "exchange_remote_domain", {"name": "Far", "domain_name": "far.example"}, delegate_to="ex02", notify="handled"),
        task("later", "exchange_remote_domain", remote, **{"async": 30, "poll": 1}),
        task("unseen", "exchange_mailbox", {"identity": "user4", "custom_attribute2": "unseen"}, no_log=True),
        task("checked", "exchange_mailbox", {"identity": "user4", "custom_attribute3": "x"}, check_mode=True),
        task("as it is", "exchange_mailbox", {"identity": "user0", "custom_attribute1": "bulk"}),
        task("outside of roles", "ansible.builtin.copy", {"content": "x", "dest": "{{ playbook_dir }}/copied"}, delegate_to="localhost"),
        vars={"hush": SECRET},
        handlers=[task("handled", "exchange_mailbox", {"identity": "user3", "custom_attribute1": "handled"})],
    )


def test_every_change_of_a_run_is_recorded_and_nothing_is_shown_of_it(lab: Lab, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "changes"
    hosts = {"ex01": lab.host(), "ex02": lab.host()}
    keywords: t.Any = {"arguments": ["--limit", "ex01", "-e", json.dumps(WHO), "-vv"]}
    run = play(hosts, book(), **keywords, **ENABLED, M365_CHANGE_RECORD_PATH=str(path)).good()
    text = path.read_text(encoding="utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    boxes = [(one["object"], one["before"], one["after"]["user_principal_name"]) for one in rows if one["task"] == "box {{ hush }}"]
    assert boxes == [(f"box{one}@contoso.com", None, f"box{one}@contoso.com") for one in (1, 2)]
    assert {one["object"]: one["changes"] for one in rows if one["task"] == "many"} == {
        f"user{one}": [{"property": "custom_attribute1", "before": "", "after": "bulk"}] for one in range(3)
    }
    assert len(rows) == 9
    by_task = {one["task"]: one for one in rows}
    assert by_task["elsewhere"]["delegated_to"] == "ex02" and by_task["elsewhere"]["host"] == "ex01"
    assert by_task["later"]["module"] == "m365.hybrid.exchange_remote_domain" and by_task["later"]["after"]["domain_name"] == "async.example"
    assert (by_task["unseen"]["no_log"], by_task["unseen"]["changes"], by_task["unseen"]["object"]) == (True, [], None)
    assert by_task["handled"]["changes"][0]["after"] == "handled" and by_task["handled"]["before_known"]
    assert not {"checked", "as it is", "outside of roles"} & by_task.keys()
    for one in rows:
        assert (one["user"], one["play"], one["check_mode"], one["failed"]) == (getpass.getuser(), "play", False, False)
        assert one["awx"] == {"job_id": 42, "job_template": "Mailboxes", "launched_by": "grace"} and one["run"] == rows[0]["run"]
        assert one["target"] and one["time"].endswith("Z")
    assert SECRET not in text and '"task": "unseen"' in text and text.count("unseen") == 1
    assert path.stat().st_mode & 0o777 == 0o600
    assert all("diff" not in one.result and "before" not in json.dumps(one.result) for one in run.results if one.task != "outside of roles")
    assert "deprecat" not in run.output.lower() and "not recorded" not in run.output


def test_a_file_that_cannot_be_written_is_one_warning(lab: Lab, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "nowhere" / "changes"
    plays = [play_of(task(f"{one}", "exchange_mailbox", {"identity": "user2", "custom_attribute4": f"{one}"})) for one in range(2)]
    run = play({"ex01": lab.host()}, *plays, **ENABLED, M365_CHANGE_RECORD_PATH=str(path)).good()
    assert run.output.count("Changes are not recorded") == 1 and run.one("1").result["changed"]
