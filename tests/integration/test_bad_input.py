# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wrong input ends in one sentence that says what is wrong, and in nothing else."""

from __future__ import annotations

import pathlib
import subprocess
import sys
import typing as t

import ansible
import pytest

from tests.integration import play as playing
from tests.integration.play import Lab, Run, Variables, get, play, play_of, task

DOMAIN: Variables = {"name": "Default"}


@pytest.fixture(scope="module")
def options(module_lab: Lab) -> Run:
    """Tasks with wrong options, each on a host of its own, so that none stops another."""
    tasks = (
        task("unknown option", "exchange_remote_domain", {**DOMAIN, "auto_forward": True}),
        task("wrong type", "exchange_remote_domain", {**DOMAIN, "auto_forward_enabled": "perhaps"}),
        task("wrong choice", "exchange_remote_domain", {**DOMAIN, "content_type": "html"}),
        task("missing option", "exchange_remote_domain", {}),
        task("empty identity", "exchange_mailbox", {"identity": ""}),
        task("ambiguous identity", "exchange_mailbox", {"identity": "Twin", "custom_attribute1": "x"}),
        task("empty name", "exchange_remote_domain", {"name": " "}),
        task("script", "cmdlet", {"cmdlet": "Get-Mailbox; Remove-Mailbox user1"}),
        task("unknown cmdlet", "cmdlet", {"cmdlet": "Get-Nothing"}),
        task("unknown parameter", "cmdlet", {"cmdlet": "Get-Mailbox", "parameters": {"NoSuchThing": 1}}),
        task("not found", "exchange_mailbox", {"identity": "nobody", "custom_attribute1": "x"}),
        task("list idiom", "exchange_mailbox", {"identity": "user1", "email_addresses": {"append": ["x@contoso.com"]}}),
    )
    return play({"ex01": module_lab.host()}, *({**one, "ignore_errors": True} for one in tasks)).good()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("unknown option", ["Unsupported parameters for exchange_remote_domain: auto_forward"]),
        ("wrong type", ["auto_forward_enabled", "perhaps", "boolean"]),
        ("wrong choice", ["content_type", "mime_html_text"]),
        ("missing option", ["missing required arguments: name"]),
        ("empty identity", ["identity", "empty"]),
        ("ambiguous identity", ["Twin", "GUID or distinguished name"]),
        ("empty name", ["name", "empty"]),
        ("script", ["is not the name of a cmdlet"]),
        ("unknown cmdlet", ["Get-Nothing", "exchange on localhost"]),
        ("unknown parameter", ["NoSuchThing", "Get-Mailbox"]),
        ("list idiom", ["email_addresses", "append"]),
    ],
)
def test_a_wrong_option_is_named(options: Run, name: str, words: list[str]) -> None:
    message = options.one(name, "failed").message
    assert all(word in message for word in words), message
    assert "\n" not in message.strip()


def test_an_error_has_its_class_cmdlet_and_target(options: Run) -> None:
    error = options.one("ambiguous identity").result["error"]
    assert (error["class"], error["cmdlet"]) == ("Ambiguous", "Get-Mailbox")
    assert error["target"].startswith("exchange on localhost")


def test_no_wrong_option_changes_anything(options: Run) -> None:
    assert not [one.task for one in options.results if one.result.get("changed")]


def test_an_option_that_the_version_lacks_is_named_with_the_versions_that_have_it() -> None:
    with playing.lab("--version", "2013") as old:
        run = play({"ex01": old.host()}, task("set", "exchange_accepted_domain", {"name": "fabrikam.com", "match_sub_domains": True}))
        message = run.one("set", "failed").message
    assert "MatchSubDomains" in message and "2016" in message and "2019" in message, message


def test_a_module_on_the_wrong_endpoint_is_told_the_right_one(lab: Lab) -> None:
    before = lab.opened
    run = play({"ex01": lab.host(m365_endpoint="windows")}, task("set", "exchange_remote_domain", DOMAIN))
    message = run.one("set", "failed").message
    assert "m365_endpoint: windows" in message and "m365_endpoint: exchange" in message and lab.opened == before


def test_an_endpoint_that_does_not_exist(lab: Lab) -> None:
    run = play({"ex01": lab.host(m365_endpoint="notes")}, get("look"))
    assert "notes" in run.one("look", "failed").message and "endpoint" in run.one("look").message


def foreign_modules(marker: pathlib.Path) -> dict[str, t.Any]:
    """Tasks that would each make the marker if they ran on the control node."""
    script, template = marker.parent / "script.sh", marker.parent / "template.j2"
    script.write_text(f"#!/bin/sh\ntouch {marker}\n")
    template.write_text("text")
    return {
        "command": {"cmd": f"touch {marker}"},
        "shell": {"cmd": f"touch {marker}"},
        "raw": f"touch {marker}",
        "script": str(script),
        "copy": {"content": "text", "dest": str(marker)},
        "template": {"src": str(template), "dest": str(marker)},
        "file": {"path": str(marker), "state": "touch"},
        "lineinfile": {"path": str(marker), "line": "text", "create": True},
        "fetch": {"src": str(script), "dest": str(marker), "flat": True},
        "setup": {},
        "stat": {"path": "/"},
    }


@pytest.fixture(scope="module")
def refused(module_lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, pathlib.Path]:
    marker = tmp_path_factory.mktemp("control") / "marker"
    tasks = [task(name, f"ansible.builtin.{name}", body, ignore_errors=True) for name, body in foreign_modules(marker).items()]
    touch = {"cmd": f"touch {marker}"}
    tasks.append(task("command in the background", "ansible.builtin.command", touch, ignore_errors=True, **{"async": 10, "poll": 1}))
    gather = play_of(get("after facts"), hosts="facts", gather_facts=True)
    return play({"ex01": module_lab.host(), "facts": module_lab.host()}, play_of(*tasks, get("ours"), hosts="ex01"), gather), marker


@pytest.mark.parametrize("name", ["command", "shell", "raw", "script", "copy", "template", "file", "lineinfile", "fetch", "setup", "stat"])
def test_another_module_is_refused_with_one_sentence(refused: tuple[Run, pathlib.Path], name: str) -> None:
    message = refused[0].one(name, "failed").message
    assert "m365.hybrid.powershell runs only m365.hybrid modules and ansible.builtin.ping" in message, message
    assert "control node" in message and f"`{name}`" in message


def test_facts_are_not_gathered_and_the_refusal_says_how_to_turn_that_off(refused: tuple[Run, pathlib.Path]) -> None:
    message = refused[0].one("Gathering Facts", "failed").message
    assert "gather_facts: false" in message
    assert not refused[0].all("after facts")


def test_another_module_is_refused_in_the_background_too(refused: tuple[Run, pathlib.Path]) -> None:
    assert "`command`" in refused[0].one("command in the background", "failed").message


def test_nothing_of_a_refused_module_ran_on_the_control_node(refused: tuple[Run, pathlib.Path]) -> None:
    assert not refused[1].exists()
    assert refused[0].one("ours", "ok")


def test_a_session_that_cannot_be_opened_makes_the_host_unreachable_and_says_why(lab: Lab) -> None:
    hosts = {
        "wrong_password": lab.host(ansible_password="wrong"),
        "unknown_user": lab.host(ansible_user="nobody@CONTOSO.COM"),
        "untrusted": lab.host(m365_ca_cert=None),
        "closed": lab.host(m365_exchange_port=1),
        "wrong_name": lab.host(ansible_host="host.invalid"),
        "wrong_path": lab.host(m365_exchange_path="nothing"),
        "wrong_configuration": lab.host(m365_exchange_configuration_name="Microsoft.Nothing"),
        "tls_on_http": lab.host(m365_exchange_port=lab.credentials["http_port"]),
    }
    run = play(hosts, get("look"), arguments=["--forks", "4"])
    found = {one.host: one for one in run.all("look")}
    assert {host: one.status for host, one in found.items()} == dict.fromkeys(hosts, "unreachable")
    classes = {host: one.result["error"]["class"] for host, one in found.items()}
    assert classes["wrong_password"] == classes["unknown_user"] == "LoginRefused"
    assert classes["untrusted"] == "Untrusted" and "m365_ca_cert" in found["untrusted"].message
    assert "localhost:1" in found["closed"].message and "refused" in found["closed"].message
    assert "host.invalid" in found["wrong_name"].message
    assert "404" in found["wrong_path"].message and "m365_path" in found["wrong_path"].message
    assert "m365_configuration_name" in found["wrong_configuration"].message


def test_verification_can_be_switched_off_explicitly(lab: Lab) -> None:
    assert play({"ex01": lab.host(m365_ca_cert=None, m365_validate_certs=False)}, get("look")).one("look", "ok")


def test_ping_does_not_answer_for_a_server_that_is_down(lab: Lab) -> None:
    assert "localhost:1" in play({"ex01": lab.host(m365_exchange_port=1)}, task("ping", "ansible.builtin.ping")).one("ping", "unreachable").message


@pytest.fixture(scope="module")
def without_pypsrp(tmp_path_factory: pytest.TempPathFactory) -> t.Sequence[str]:
    """The command line of an ansible-playbook whose Python has everything that ours has, but not pypsrp."""
    folder = tmp_path_factory.mktemp("bare")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    (target,) = folder.glob("lib/python3*/site-packages")
    source = pathlib.Path(ansible.__file__).parents[1]
    for path in source.iterdir():
        if not path.name.startswith(("pypsrp", "pip", "__pycache__")) and path.suffix != ".pth":
            (target / path.name).symlink_to(path)
    return [str(folder / "bin" / "python"), "-m", "ansible", "playbook"]


def test_a_missing_library_is_named_with_the_line_that_installs_it(lab: Lab, without_pypsrp: t.Sequence[str]) -> None:
    message = play({"ex01": lab.host()}, get("look"), program=without_pypsrp).one("look", "failed").message
    assert "pypsrp" in message and 'pip install "pypsrp[kerberos]' in message and without_pypsrp[0] in message


STRINGS = [
    'it\'s "quoted"',
    "$(Remove-Item x) `whoami` $env:PATH",
    "line one\nline two\r\nthree",
    "]]> <![CDATA[ </S> &amp;",
    "emoji 😀 שלום é",
    "_x000A_ _x005F_",
    " ; & | ' -Confirm:$false",
]


def test_any_text_survives_a_write_and_a_read(lab: Lab) -> None:
    write = task("write", "exchange_mailbox", {"identity": "user1", "custom_attribute1": "{{ item }}"}, loop=STRINGS, register="written")
    again = task("again", "exchange_mailbox", {"identity": "user1", "custom_attribute1": STRINGS[-1]})
    book = play_of(write, again, task("read", "exchange_mailbox_info", {"identity": ["user1"], "properties": ["CustomAttribute1"]}))
    run = play({"ex01": lab.host()}, book).good()
    assert [one.result["resource"]["custom_attribute1"] for one in run.all("write", items=True)] == STRINGS
    assert run.one("again").result["changed"] is False
    assert STRINGS[-1] in str(run.one("read").result)


def test_names_of_objects_may_hold_any_text(lab: Lab) -> None:
    names = ['O\'Neil "&" Söhne', "$(whoami) ]]>", "emoji 😀"]
    make = task(
        "make", "exchange_remote_domain", {"name": "{{ item }}", "domain_name": "d{{ index }}.example"}, loop=names, loop_control={"index_var": "index"}
    )
    again = {**make, "name": "again"}
    remove = task("remove", "exchange_remote_domain", {"name": "{{ item }}", "state": "absent"}, loop=names)
    run = play({"ex01": lab.host()}, make, again, remove).good()
    assert [one.result["resource"]["name"] for one in run.all("make", items=True)] == names
    assert not any(one.result["changed"] for one in run.all("again", items=True))
    assert all(one.result["changed"] for one in run.all("remove", items=True))
