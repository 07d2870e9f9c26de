# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each fault that the lab can inject, as a user of a playbook meets it."""

from __future__ import annotations

from tests.integration.play import Lab, Variables, get, play, task


def create(name: str) -> Variables:
    return task("create", "exchange_remote_domain", {"name": name, "domain_name": f"{name.lower()}.example"})


def names(lab: Lab) -> str:
    run = play({"ex01": lab.host()}, task("names", "cmdlet", {"cmdlet": "Get-RemoteDomain", "properties": ["Name"]})).good()
    return str(run.one("names").result["output"])


def test_session_limit_fails_with_a_sentence_within_the_time_for_repeating(lab: Lab) -> None:
    lab.fault("session-limit")
    run = play({"ex01": lab.host(m365_retry_timeout=3)}, get("look"))
    result = run.one("look").result
    assert result["error"]["class"] == "SessionLimit" and "Close other sessions of this account" in result["msg"]
    assert run.seconds < 50


def test_session_limit_that_passes_is_waited_for(lab: Lab) -> None:
    lab.fault("session-limit", count=2)
    assert play({"ex01": lab.host()}, get("look")).one("look", "ok")


def test_a_read_whose_connection_drops_is_asked_again(lab: Lab) -> None:
    lab.fault("drop-in-receive", after=3)
    run = play({"ex01": lab.host()}, *(get(f"look {number}") for number in range(5))).good()
    assert not lab.client.status()["faults"], "the fault happened"
    assert run.seconds < 60


def test_a_write_whose_connection_drops_fails_and_the_next_run_finds_what_was_done(lab: Lab) -> None:
    lab.fault("lost-shell", at="receive", cmdlet="New-RemoteDomain")
    failed = play({"ex01": lab.host()}, create("Dropped")).one("create", "failed")
    assert failed.result["error"]["class"] == "SessionLost" and "run the task again" in failed.message
    assert play({"ex01": lab.host()}, create("Dropped")).good().one("create", "ok")
    assert names(lab).count("Dropped") == 1


def test_a_write_that_the_server_never_took_is_sent_again(lab: Lab) -> None:
    lab.fault("lost-shell", at="command", cmdlet="New-RemoteDomain")
    assert play({"ex01": lab.host()}, create("Resent")).good().one("create").result["changed"]
    assert names(lab).count("Resent") == 1


def test_a_slow_answer_is_waited_for(lab: Lab) -> None:
    lab.fault("slow-answer", seconds=4, cmdlet="Get-OrganizationConfig")
    run = play({"ex01": lab.host()}, get("look")).good()
    assert run.one("look", "ok") and run.seconds > 4


def test_an_answer_slower_than_the_limit_is_cancelled_and_named(lab: Lab) -> None:
    lab.fault("slow-answer", seconds=60, cmdlet="Get-OrganizationConfig")
    run = play({"ex01": lab.host(m365_command_timeout=2)}, get("look", ignore_errors=True), get("next", "Get-AcceptedDomain")).good()
    failed = run.one("look", "failed")
    assert failed.result["error"]["class"] == "TimedOut" and "m365_command_timeout" in failed.message
    assert run.one("next", "ok") and run.seconds < 50


def test_a_truncated_list_is_no_list(lab: Lab) -> None:
    lab.fault("truncated-list", keep=2)
    run = play(
        {"ex01": lab.host()},
        task("info", "exchange_mailbox_info", {}, ignore_errors=True),
        task("cmdlet", "cmdlet", {"cmdlet": "Get-Mailbox", "properties": ["Name"]}),
    ).good()
    assert run.one("info", "failed").result["error"]["class"] == "Truncated"
    assert run.one("cmdlet").result["truncated"] is True and run.one("cmdlet").result["warnings"]


def test_a_new_object_that_a_replica_does_not_have_yet_is_created_once(lab: Lab) -> None:
    lab.fault("replica-lag", reads=2)
    run = play({"ex01": lab.host()}, create("Lagging")).good()
    assert run.one("create").result["resource"]["name"] == "Lagging"
    lab.client.clear()
    assert names(lab).count("Lagging") == 1


def test_refused_credentials_make_the_host_unreachable(lab: Lab) -> None:
    lab.fault("unauthorized")
    failed = play({"ex01": lab.host()}, get("look")).one("look", "unreachable")
    assert failed.result["error"]["class"] == "LoginRefused"


def test_a_redirect_is_not_followed_but_named(lab: Lab) -> None:
    lab.fault("redirect", to="https://elsewhere.example/PowerShell")
    failed = play({"ex01": lab.host()}, get("look")).one("look", "unreachable")
    assert "https://elsewhere.example/PowerShell" in failed.message and "m365_host" in failed.message


def test_a_throttled_session_is_opened_after_the_time_that_the_server_names(lab: Lab) -> None:
    lab.fault("throttle", at="runspace", wait=3)
    run = play({"ex01": lab.host()}, get("look")).good()
    assert run.one("look", "ok") and run.seconds > 3


def test_a_throttled_call_is_made_again_after_the_time_that_the_server_names(lab: Lab) -> None:
    lab.fault("throttle", at="cmdlet", wait=3, cmdlet="New-RemoteDomain")
    run = play({"ex01": lab.host()}, create("Throttled")).good()
    assert run.one("create").result["changed"] and run.seconds > 3


def test_throttling_beyond_the_time_for_repeating_fails_with_the_server_s_words(lab: Lab) -> None:
    lab.fault("throttle", at="cmdlet", wait=500, count="always", cmdlet="Get-OrganizationConfig")
    run = play({"ex01": lab.host()}, get("look"))
    failed = run.one("look", "failed")
    assert failed.result["error"]["class"] == "Throttled" and "wait for 500 seconds" in failed.message
    assert run.seconds < 50


def test_a_read_that_fails_is_never_taken_for_absence(lab: Lab) -> None:
    lab.fault("throttle", at="cmdlet", wait=500, count="always", cmdlet="Get-RemoteDomain")
    assert play({"ex01": lab.host()}, create("Unread")).one("create", "failed").result["changed"] is False
    lab.client.clear()
    assert "Unread" not in names(lab)
