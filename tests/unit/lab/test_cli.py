# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
import pathlib
import signal
import stat
import subprocess
import sys
import time
import typing as t

import pytest
import yaml
from pypsrp.powershell import RunspacePool
from pypsrp.wsman import WSMan

from hybridlab import cli
from hybridlab.process import Process
from tests.unit.lab.wire_client import CONFIGURATION, call

LAB = pathlib.Path(cli.__file__).parents[1]


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> t.Iterator[pathlib.Path]:
    """A folder for a lab, which is ended whatever happens."""
    place = tmp_path / "lab"
    yield place
    assert run("down", place) == 0


def run(command: str, place: pathlib.Path, *options: str) -> int:
    return cli.main([command, "--dir", str(place), *options])


def process_of(place: pathlib.Path) -> Process:
    noted = Process.read(place / "lab.pid")
    assert noted is not None
    return noted


def host(place: pathlib.Path) -> dict[str, t.Any]:
    inventory = yaml.safe_load((place / "inventory.yml").read_text())
    return t.cast("dict[str, t.Any]", inventory["all"]["children"]["exchange"]["hosts"]["ex01"])


def connect(place: pathlib.Path) -> WSMan:
    ex01 = host(place)
    return WSMan(
        ex01["ansible_host"],
        port=ex01["m365_exchange_port"],
        ssl=ex01["m365_exchange_scheme"] == "https",
        auth=ex01["m365_exchange_auth"],
        username=ex01["ansible_user"],
        password=ex01["ansible_password"],
        cert_validation=ex01["m365_ca_cert"],
        path="PowerShell",
    )


def test_a_detached_lab_serves_what_its_inventory_says_until_it_is_taken_down(
    folder: pathlib.Path, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = tmp_path / "calls.jsonl"
    assert run("up", folder, "--detach", "--record", str(record), "--fault", "slow-answer:seconds=0.1,count=1") == 0
    with RunspacePool(connect(folder), configuration_name=CONFIGURATION) as session:
        call(session, "Get-RemoteDomain", Identity="Default")
        capsys.readouterr()
        assert run("status", folder) == 0
    status = json.loads(capsys.readouterr().out)
    assert (status["product"], status["sessions"]["live"], status["calls"], status["faults"]) == ("exchange-2019", 1, 1, {})
    assert json.loads(record.read_text()) == {"target": "exchange-2019", "cmdlet": "Get-RemoteDomain", "parameters": {"Identity": "Default"}}
    lab = process_of(folder)
    assert run("down", folder) == 0
    assert not lab.alive
    assert not folder.exists()


def test_what_holds_secrets_is_private(folder: pathlib.Path) -> None:
    assert run("up", folder, "--detach") == 0
    password = host(folder)["ansible_password"]
    readable = [path.name for path in folder.iterdir() if stat.S_IMODE(path.stat().st_mode) & 0o077]
    assert sorted(readable) == ["ca.pem", "client.pem", "lab.log", "lab.pid", "server.pem"]
    assert not [name for name in readable if password in (folder / name).read_text()]
    assert yaml.safe_load((folder / "credentials.yml").read_text())["password"] == password


def test_one_folder_holds_one_lab(folder: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("up", folder, "--detach") == 0
    lab = process_of(folder)
    assert run("up", folder, "--detach") == 1
    assert run("up", folder) == 1
    assert capsys.readouterr().err.count(f"a lab runs in {folder} already (process {lab.pid})") == 2
    assert lab.alive


def test_a_lab_that_cannot_come_up_says_why_and_leaves_nothing(folder: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("up", folder, "--detach", "--fault", "rain") == 1
    assert "there is no fault 'rain'; there are: session-limit" in capsys.readouterr().err
    assert not folder.exists()
    assert run("up", folder, "--detach", "--record", str(folder.parent / "missing" / "calls.jsonl")) == 1
    assert "missing/calls.jsonl" in capsys.readouterr().err
    assert not folder.exists()


def test_files_of_others_are_left_alone(folder: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder.mkdir()
    (folder / "inventory.yml").write_text("mine")
    assert run("up", folder, "--detach") == 1
    assert "holds inventory.yml, which no lab wrote there" in capsys.readouterr().err
    assert run("down", folder) == 0
    assert (folder / "inventory.yml").read_text() == "mine"


def test_down_clears_up_after_a_killed_lab(folder: pathlib.Path) -> None:
    assert run("up", folder, "--detach") == 0
    os.kill(process_of(folder).pid, signal.SIGKILL)
    (folder / "notes.txt").write_text("mine")
    assert run("down", folder) == 0
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]


def test_up_takes_over_from_a_killed_lab(folder: pathlib.Path) -> None:
    assert run("up", folder, "--detach") == 0
    killed = process_of(folder)
    os.kill(killed.pid, signal.SIGKILL)
    while killed.alive:
        time.sleep(0.01)
    assert run("up", folder, "--detach") == 0
    assert process_of(folder).pid != killed.pid


def test_down_never_ends_another_process_with_the_same_number(folder: pathlib.Path) -> None:
    folder.mkdir()
    Process(os.getpid(), "1").write(folder / "lab.pid")
    assert run("down", folder) == 0
    assert not folder.exists()


def test_status_without_a_lab_fails(folder: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("status", folder) == 1
    assert f"no lab runs in {folder}" in capsys.readouterr().err


def test_a_wrong_number_is_a_usage_error(folder: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run("up", folder, "--mailboxes", "-3")
    assert "a number from 0 on is expected, not '-3'" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_lab_in_the_foreground_ends_on_a_signal(folder: pathlib.Path, number: int) -> None:
    command = [sys.executable, "-m", "hybridlab", "up", "--dir", str(folder)]
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(LAB)}, stdout=subprocess.PIPE, text=True) as lab:
        assert lab.stdout is not None
        assert "https://localhost:" in lab.stdout.readline()
        lab.send_signal(number)
        assert lab.wait(10) == 0
    assert not folder.exists()
