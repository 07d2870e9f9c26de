# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets stay in memory: not in output, logs, results, arguments, environments or files of any process that a run starts."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import pathlib
import typing as t

import pytest

from tests.integration import play as playing
from tests.integration.play import Lab, Run, Variables, processes, task

MODULE, CMDLET, CREDENTIAL, WRONG = "Pa55-module-only", "Pa55-cmdlet-only", "Pa55-credential-only", "Pa55-wrong-login"
NEW: Variables = {"Name": "Secretive", "UserPrincipalName": "secretive@contoso.com", "Password": {"$secret": "{{ cmdlet_secret }}"}}
MAILBOX: Variables = {"identity": "keeper", "type": "user", "user_principal_name": "keeper@contoso.com", "password": "{{ module_secret }}"}


def tasks() -> t.Iterator[Variables]:
    yield task("module", "exchange_mailbox", {**MAILBOX, "display_name": "Keeper"})
    yield task("cmdlet", "cmdlet", {"cmdlet": "New-Mailbox", "parameters": NEW})
    yield task("refused by the server", "cmdlet", {"cmdlet": "New-Mailbox", "parameters": {**NEW, "NoSuchThing": 1}})
    yield task("secret in a parameter that takes none", "cmdlet", {"cmdlet": "Get-Mailbox", "parameters": {"Identity": {"$secret": "{{ cmdlet_secret }}"}}})
    credential = {"$credential": {"user": "x", "password": "{{ credential_secret }}"}}
    yield task("credential", "cmdlet", {"cmdlet": "Get-Mailbox", "parameters": {"Credential": credential}})
    yield task(
        "malformed credential",
        "cmdlet",
        {"cmdlet": "Get-Mailbox", "parameters": {"C": {"$credential": {"user": "x", "password": "{{ credential_secret }}", "more": 1}}}},
    )
    yield task("wrong type", "exchange_mailbox", {**MAILBOX, "password": {"value": "{{ module_secret }}"}, "account_disabled": "perhaps"})
    yield task("wrong list", "exchange_mailbox", {**MAILBOX, "password": ["{{ module_secret }}"], "no_such_option": 1})
    yield task("secret as another option", "exchange_mailbox", {**MAILBOX, "identity": "{{ module_secret }}", "scl_junk_threshold": "{{ module_secret }}"})
    yield task("loop", "exchange_mailbox", {**MAILBOX, "identity": "{{ item }}"}, loop=["keeper"], diff=True)
    yield task("fails with the connection's password", "exchange_mailbox", {"identity": "user1", "no_such_option": "{{ ansible_password }}"})
    yield task("text with the connection's password", "exchange_mailbox", {"identity": "user1", "custom_attribute1": "{{ ansible_password }}"}, check_mode=True)
    yield task("ping", "ansible.builtin.ping")


@dataclasses.dataclass
class Seen:
    """Where secrets were seen while a run went on."""

    places: set[str] = dataclasses.field(default_factory=set)
    files: int = 0
    commands: set[str] = dataclasses.field(default_factory=set)


def look(folder: pathlib.Path, secrets: t.Sequence[bytes], seen: Seen) -> None:
    """One look at the command lines and environments of a run's processes, and at all files that they made."""
    for pid, command in processes(folder).items():
        seen.commands.add(command)
        for kind in ("cmdline", "environ"):
            with contextlib.suppress(OSError):  # it ended while we looked
                content = (pathlib.Path("/proc") / str(pid) / kind).read_bytes()
                seen.places |= {f"{kind} of {command}" for secret in secrets if secret in content}
    for parent, _, names in os.walk(folder):
        for path in (pathlib.Path(parent, name) for name in names):
            with contextlib.suppress(OSError):  # it vanished, or it is a socket
                content = path.read_bytes()
                seen.files += 1
                seen.places |= {str(path) for secret in secrets if secret in content}


@pytest.fixture(scope="module")
def run(module_lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Seen, list[str]]:
    password = module_lab.credentials["password"]
    outside = tmp_path_factory.mktemp("outside") / "secrets.json"
    variables = {"module_secret": MODULE, "cmdlet_secret": CMDLET, "credential_secret": CREDENTIAL}
    outside.write_text(json.dumps({**variables, "good_password": password, "wrong_password": WRONG}))
    hosts = {"ex01": module_lab.host(ansible_password="{{ good_password }}"), "wrong": module_lab.host(ansible_password="{{ wrong_password }}")}
    books = (
        playing.play_of(*({**one, "ignore_errors": True} for one in tasks()), hosts="ex01"),
        playing.play_of(playing.get("wrong password"), hosts="wrong"),
    )
    going = playing.start(hosts, *books, arguments=["-vvvv", "--diff", "-e", f"@{outside}"], ANSIBLE_LOG_PATH="ansible.log")
    secrets, seen = [password, MODULE, CMDLET, CREDENTIAL, WRONG], Seen()
    while going.process.poll() is None:
        look(going.folder, [one.encode() for one in secrets], seen)
    finished = going.finish()
    look(going.folder, [one.encode() for one in secrets], seen)
    return finished, seen, secrets


def test_the_story_reached_the_server(run: tuple[Run, Seen, list[str]]) -> None:
    assert run[0].one("module", "ok").result["changed"] and run[0].one("cmdlet", "ok").result["changed"]
    assert run[0].one("wrong password").status == "unreachable"
    failing = ["refused by the server", "malformed credential", "wrong type", "wrong list", "secret as another option", "fails with the connection's password"]
    assert [run[0].one(name).status for name in failing] == ["failed"] * len(failing)


def test_no_secret_is_in_the_output_at_the_highest_verbosity(run: tuple[Run, Seen, list[str]]) -> None:
    lines = [line[:400] for line in run[0].output.splitlines() if any(secret in line for secret in run[2])]
    assert not lines


def test_no_secret_is_in_a_result(run: tuple[Run, Seen, list[str]]) -> None:
    assert not [one.task for one in run[0].results if any(secret in json.dumps(one.result) for secret in run[2])]


def test_no_secret_was_in_a_log_a_file_an_argument_or_an_environment(run: tuple[Run, Seen, list[str]]) -> None:
    assert not run[1].places
    assert (run[0].folder / "ansible.log").stat().st_size > 1000 and run[1].files > 100
    assert any("brokerd.py" in command for command in run[1].commands), "a broker was looked at"


def test_masked_values_say_so(run: tuple[Run, Seen, list[str]]) -> None:
    assert run[0].one("module").result["invocation"]["module_args"]["password"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


def test_no_secret_of_an_asynchronous_task_is_shown(lab: Lab) -> None:
    asynchronous = {"async": 30, "poll": 1, "ignore_errors": True}
    run = playing.play(
        {"ex01": lab.host()},
        task("works", "exchange_mailbox", {**MAILBOX, "identity": "keeper2", "user_principal_name": "keeper2@contoso.com", "password": MODULE}, **asynchronous),
        task("fails", "exchange_mailbox", {**MAILBOX, "password": MODULE, "no_such_option": MODULE}, **asynchronous),
        task("shows the connection's", "exchange_mailbox", {"identity": "user0", "custom_attribute1": "{{ ansible_password }}"}, **asynchronous),
        arguments=["-v"],
    )
    assert run.one("shows the connection's", "ok").result["resource"]["custom_attribute1"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
    password = lab.credentials["password"]
    assert password not in run.output and password not in json.dumps([one.result for one in run.results])
    assert run.one("works", "ok").result["changed"] and run.one("fails", "failed")
    assert MODULE not in run.output and MODULE not in json.dumps([one.result for one in run.results])


def test_a_broker_does_not_inherit_the_secrets_of_the_environment(lab: Lab) -> None:
    lab.fault("slow-answer", seconds=2, cmdlet="Get-OrganizationConfig")
    password = lab.credentials["password"]
    going = playing.start({"ex01": lab.host(ansible_password=None)}, playing.get("look"), M365_PASSWORD=password, SOME_TOKEN=MODULE)
    playing.until(going.brokers, 20, "a broker")
    (broker,) = going.brokers()
    environment = (pathlib.Path("/proc") / str(broker) / "environ").read_bytes()
    assert going.finish().good().one("look", "ok")
    assert password.encode() not in environment and MODULE.encode() not in environment
