# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Task and play keywords mean on our connection what they mean elsewhere."""

from __future__ import annotations

import pytest

from tests.integration.play import Lab, Run, Variables, get, play, play_of, task

ELSEWHERE = {"ansible_connection": "local"}
NAMES = ["One", "Two", "Three"]
TASKS: tuple[Variables, ...] = (
    task("ping", "ansible.builtin.ping"),
    get("look", "Get-AcceptedDomain", register="found"),
    get("condition that does not hold", when="found.output | length == 0"),
    task("condition that holds", "ansible.builtin.assert", {"that": ["'contoso.com' in (found.output | map(attribute='Name'))"]}),
    task("loop", "exchange_remote_domain", {"name": "{{ item }}", "domain_name": "{{ item | lower }}.example"}, loop=NAMES),
    task("loop again", "exchange_remote_domain", {"name": "{{ item }}", "domain_name": "{{ item | lower }}.example"}, loop=NAMES),
    get("until", register="again", until="again.attempts > 1", retries=3, delay=0),
    get("become", become=True, become_user="nobody", become_method="sudo"),
    get("environment", environment={"M365_PASSWORD": "wrong", "PATH": "/nowhere"}),
    task("check mode", "exchange_remote_domain", {"name": "Unborn", "domain_name": "unborn.example"}, check_mode=True, diff=True),
    task("after check mode", "cmdlet", {"cmdlet": "Get-RemoteDomain", "properties": ["Name"]}),
    task("cmdlet in check mode", "cmdlet", {"cmdlet": "Remove-RemoteDomain", "parameters": {"Identity": "One"}}, check_mode=True),
    task("diff", "exchange_remote_domain", {"name": "One", "auto_forward_enabled": True}, diff=True),
    task("without diff", "exchange_remote_domain", {"name": "Two", "auto_forward_enabled": True}, diff=False),
    task(
        "defaults of the group",
        "exchange_remote_domain",
        {"auto_reply_enabled": True},
        module_defaults={"group/m365.hybrid.exchange": {"name": "Three"}},
    ),
    task("no_log", "cmdlet", {"cmdlet": "Get-RemoteDomain", "parameters": {"Identity": "Two"}}, no_log=True),
    task("own result of a changed_when", "cmdlet", {"cmdlet": "Set-RemoteDomain", "parameters": {"Identity": "Two", "NDREnabled": False}}, changed_when=False),
)


@pytest.fixture(scope="module")
def run(module_lab: Lab) -> Run:
    return play({"ex01": module_lab.host()}, *TASKS).good()


def test_ping_answers(run: Run) -> None:
    assert run.one("ping", "ok").result["ping"] == "pong"


def test_results_are_registered_and_used_in_conditions(run: Run) -> None:
    assert run.one("condition that does not hold").status == "skipped"
    assert run.one("condition that holds").status == "ok"


def test_a_loop_has_a_result_for_each_item_and_changes_nothing_the_second_time(run: Run) -> None:
    assert [one.result["changed"] for one in run.all("loop", items=True)] == [True] * 3
    assert [one.result["changed"] for one in run.all("loop again", items=True)] == [False] * 3


def test_until_repeats_the_task(run: Run) -> None:
    assert run.one("until").result["attempts"] == 2


def test_become_is_ignored(run: Run) -> None:
    assert run.one("become").status == "ok"


def test_the_environment_of_a_task_is_ignored(run: Run) -> None:
    assert run.one("environment").status == "ok"


def test_check_mode_predicts_and_writes_nothing(run: Run) -> None:
    predicted = run.one("check mode").result
    assert predicted["changed"] and predicted["diff"]["after"] == {"domain_name": "unborn.example"}
    assert "Unborn" not in str(run.one("after check mode").result["output"])


def test_check_mode_runs_no_writing_cmdlet(run: Run) -> None:
    assert run.one("cmdlet in check mode").result["changed"]
    assert run.one("diff").status == "ok"  # it still was there


def test_a_diff_is_shown_only_where_it_is_asked_for(run: Run) -> None:
    shown = run.one("diff").result["diff"]
    assert (shown["before"], shown["after"]) == ({"auto_forward_enabled": False}, {"auto_forward_enabled": True})
    assert "diff" not in run.one("without diff").result
    assert '"auto_forward_enabled": true' in run.output


def test_module_defaults_of_the_group_fill_options(run: Run) -> None:
    assert run.one("defaults of the group").result["resource"]["name"] == "Three"


def test_no_log_hides_the_whole_result(run: Run) -> None:
    assert "output" not in run.one("no_log").result and "censored" in run.one("no_log").result


def test_changed_when_decides(run: Run) -> None:
    assert run.one("own result of a changed_when").result["changed"] is False


def test_nothing_warns_and_nothing_is_deprecated(run: Run) -> None:
    assert "[WARNING]" not in run.output and "DEPRECATION" not in run.output


def test_the_whole_play_took_one_session(lab: Lab) -> None:
    before = lab.opened
    play({"ex01": lab.host()}, *TASKS[:5], arguments=["--check"]).good()
    assert lab.opened == before + 1


def test_check_mode_of_the_whole_run(lab: Lab) -> None:
    options = {"name": "Never", "domain_name": "never.example"}
    run = play({"ex01": lab.host()}, task("create", "exchange_remote_domain", options), get("look", "Get-RemoteDomain"), arguments=["--check", "--diff"]).good()
    assert run.one("create").result["changed"] and "never.example" in run.output
    assert "Never" not in str(run.one("look").result["output"])


def test_delegation_goes_to_the_other_host_with_its_variables(lab: Lab) -> None:
    hosts = {"here": {**ELSEWHERE, "ansible_user": "nobody", "m365_exchange_port": 1}, "ex01": lab.host()}
    run = play(hosts, play_of(get("look", delegate_to="ex01"), hosts="here")).good()
    assert run.one("look", "ok").host == "here"


def test_run_once_runs_once(lab: Lab) -> None:
    hosts = {f"ex{number}": lab.host() for number in range(3)}
    before = lab.opened
    run = play(hosts, play_of(get("look", run_once=True), get("throttled", throttle=1), serial=2)).good()
    assert len(run.all("look")) == 2, "once for each batch"
    assert {one.host for one in run.all("throttled")} == set(hosts)
    assert lab.opened == before + 1, "batches of serial share the session"


def test_strategy_free(lab: Lab) -> None:
    hosts = {f"ex{number}": lab.host() for number in range(3)}
    run = play(hosts, play_of(get("first"), get("second"), strategy="free")).good()
    assert len(run.all("first")) == len(run.all("second")) == 3


def test_a_loop_may_delegate_to_several_servers(lab: Lab) -> None:
    hosts = {"here": ELSEWHERE, "ex01": lab.host(), "ex02": lab.host(ansible_host="127.0.0.1", m365_exchange_validate_certs=False)}
    before = lab.opened
    run = play(hosts, play_of(get("look", delegate_to="{{ item }}", loop=["ex01", "ex02"]), hosts="here")).good()
    assert [one.status for one in run.all("look", items=True)] == ["ok", "ok"]
    assert lab.opened == before + 2, "another name is another server"


def test_shell_and_interpreter_of_a_windows_host_do_not_matter(lab: Lab) -> None:
    windows = lab.host(ansible_shell_type="powershell", ansible_python_interpreter="/nonexistent/python")
    run = play({"ex01": windows}, task("ping", "ansible.builtin.ping"), get("look"), {**get("async"), "async": 30, "poll": 1}).good()
    assert run.one("ping", "ok") and run.one("look", "ok") and run.one("async", "ok")


def test_modules_run_without_pipelining_too(lab: Lab) -> None:
    run = play({"ex01": lab.host()}, task("ping", "ansible.builtin.ping"), get("look"), ANSIBLE_KEEP_REMOTE_FILES="true").good()
    assert run.one("ping", "ok") and run.one("look", "ok")
