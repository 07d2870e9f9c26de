# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Playbooks over our connection: what may run, what is refused, and what is unreachable."""

from __future__ import annotations

import json
import logging
import os
import pathlib
import subprocess
import sys
import tempfile
import typing as t

import pytest

from tests.unit.plugins.place import Place, until

ROOT = pathlib.Path(__file__).resolve().parents[3]

PLAY = """
- hosts: all
  gather_facts: {facts}
  tasks:
{tasks}
"""


def play(place: Place, tasks: list[str], facts: bool = False, more: t.Mapping[str, t.Any] | None = None, **variables: t.Any) -> tuple[int, dict[str, t.Any]]:
    """Run a playbook whose tasks may fail; its exit code and its output.  ``more`` are hosts beside ex01 with variables of their own."""
    work = pathlib.Path(tempfile.mkdtemp(dir=place.directory))
    common = {
        "ansible_connection": "m365.hybrid.powershell",
        "ansible_host": "localhost",
        "ansible_user": place.lab.user,
        "ansible_password": place.lab.password,
        "m365_auth": "basic",
        "m365_scheme": "https",
        "m365_port": place.lab.https_port,
        "m365_ca_cert": str(place.lab.ca_path),
    }
    (work / "inventory.json").write_text(json.dumps({"all": {"hosts": {name: common | own for name, own in {"ex01": variables, **(more or {})}.items()}}}))
    lines = [f"    - {{name: t{number}, ignore_errors: true, {task}}}" for number, task in enumerate(tasks)]
    (work / "play.yml").write_text(PLAY.format(facts=str(facts).lower(), tasks="\n".join(lines)))
    environment = os.environ | {
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "build" / "collections"),
        "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.default",
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "json",
        "ANSIBLE_HOME": str(work / "home"),
        "ANSIBLE_LOG_PATH": str(work / "log"),
        "ANSIBLE_NOCOLOR": "1",
        "M365_CONNECT_TIMEOUT": "5",
    }
    environment.pop("PYTHONPATH", None)
    program = pathlib.Path(sys.executable).with_name("ansible-playbook")
    done = subprocess.run(
        [sys.executable, str(program), "-vvvv", "-i", str(work / "inventory.json"), str(work / "play.yml")],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert place.lab.password not in done.stdout + done.stderr
    assert place.lab.password not in (work / "log").read_text()
    return done.returncode, {"output": done.stdout + done.stderr}


def test_only_our_modules_and_ping_run_on_our_connection(place: Place) -> None:
    touched = pathlib.Path(place.directory, "touched")
    tasks = [
        "ansible.builtin.ping: {}",
        f"ansible.builtin.command: touch {touched}",
        f"ansible.builtin.raw: touch {touched}",
        f"ansible.builtin.copy: {{content: x, dest: {touched}}}",
        "ansible.builtin.setup: {}",
        "ansible.builtin.ping: {}, become: true",
        "ansible.builtin.ping: {}, async: 20, poll: 1",
        "ansible.builtin.meta: reset_connection",
        "ansible.builtin.wait_for_connection: {timeout: 10}",
        f"ansible.builtin.command: touch {touched}-local, delegate_to: localhost, vars: {{ansible_connection: local}}",
    ]
    code, result = play(place, tasks)
    output = result["output"]
    assert code == 0, output[-3000:]
    assert not touched.exists()
    for name in ("command", "raw", "copy", "setup"):
        assert f"`{name}` would have run on the control node" in output, name
    assert "ok=9 " in output, output[-600:]
    assert "ignored=4" in output
    assert "Traceback" not in output
    assert until(lambda: place.live == 0)


def test_gathering_facts_fails_with_the_way_out(place: Place) -> None:
    code, result = play(place, ["ansible.builtin.ping: {}"], facts=True)
    assert code == 2
    assert "gather_facts: false" in result["output"]


def test_a_server_that_is_down_makes_ping_unreachable(place: Place) -> None:
    code, result = play(place, ["ansible.builtin.ping: {}"], m365_port=1)
    assert code == 4
    assert "UNREACHABLE" in result["output"]
    assert "Connection refused" in result["output"]


def test_hosts_with_a_wrong_password_make_one_attempt_and_after_the_run_only_the_key_is_left(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "hybridlab")
    wrong = {f"wrong{number:02}": {"ansible_password": "wrong"} for number in range(20)}
    code, result = play(place, ["ansible.builtin.ping: {}"], more=wrong)
    assert code == 4
    assert result["output"].count("not tried again in this playbook run") >= 20
    assert sum('" 401 ' in record.getMessage() for record in caplog.records) == 1
    (folder,) = (path for path in pathlib.Path(place.directory).rglob("m365") if path.is_dir())
    assert until(lambda: [path.name for path in folder.iterdir()] == ["m365-key"]), list(folder.iterdir())
    assert until(lambda: place.live == 0)
