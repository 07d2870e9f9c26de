# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The built tarball, installed into an empty path, and a run under ansible-runner, far from the checkout."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess

import pytest

from tests.integration.play import PROGRAMS, TRACEBACK, Lab, environment_for, inventory, play, play_of, processes, task, until
from tools import project

TASK = task("write", "exchange_remote_domain", {"name": "Packaged", "domain_name": "packaged.example"}, diff=True)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A collections path that holds what a user gets, and nothing else."""
    built, empty = tmp_path_factory.mktemp("built"), tmp_path_factory.mktemp("installed")
    galaxy = str(PROGRAMS / "ansible-galaxy")
    environment = project.environment(empty)
    subprocess.run([galaxy, "collection", "build", "--output-path", str(built), str(project.ROOT)], env=environment, check=True, capture_output=True)
    (tarball,) = built.glob("m365-hybrid-*.tar.gz")
    subprocess.run([galaxy, "collection", "install", "--offline", "-p", str(empty), str(tarball)], env=environment, cwd=empty, check=True, capture_output=True)
    return empty


def test_the_installed_tarball_runs_without_the_checkout(lab: Lab, installed: pathlib.Path) -> None:
    run = play({"ex01": lab.host()}, TASK, task("ping", "ansible.builtin.ping"), arguments=["-vvv"], collections=installed).good()
    assert run.one("write").result["resource"]["name"] == "Packaged"
    assert str(installed) in run.output and str(project.CHECKOUT_COLLECTIONS) not in run.output


def test_the_tarball_has_no_tests_lab_or_tools(installed: pathlib.Path) -> None:
    folders = {path.name for path in (installed / "ansible_collections" / "m365" / "hybrid").iterdir()}
    assert {"plugins", "meta"} <= folders and not folders & {"build", ".venv", ".git", ".cache"}


def private_data(folder: pathlib.Path, lab: Lab, environment: dict[str, str]) -> pathlib.Path:
    """A folder as ansible-runner wants it."""
    for part in ("project", "inventory", "env"):
        (folder / part).mkdir(parents=True)
    (folder / "project" / "book.yml").write_text(json.dumps([play_of(TASK)]))
    (folder / "inventory" / "hosts.yml").write_text(json.dumps(inventory({"ex01": lab.host()})))
    (folder / "env" / "envvars").write_text(json.dumps({name: value for name, value in environment.items() if name.startswith(("ANSIBLE_", "LC_", "RESULT_"))}))
    return folder


def events(folder: pathlib.Path, name: str) -> list[dict[str, object]]:
    found = [json.loads(path.read_text()) for path in folder.glob("artifacts/**/job_events/*.json")]
    return [event["event_data"]["res"] for event in found if event["event"] == name]


def test_ansible_runner_runs_it_and_its_events_hold_the_results(lab: Lab, installed: pathlib.Path, tmp_path: pathlib.Path) -> None:
    environment = environment_for(tmp_path, installed)
    folder = private_data(tmp_path / "data", lab, environment)
    runner = [str(PROGRAMS / "ansible-runner"), "run", str(folder), "-p", "book.yml"]
    done = subprocess.run(runner, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0 and TRACEBACK not in done.stdout, done.stdout + done.stderr
    assert [result["resource"]["name"] for result in events(folder, "runner_on_ok")] == ["Packaged"]  # type: ignore[index]
    until(lambda: not processes(tmp_path), 30, "nothing is left")


def test_ansible_runner_transmits_works_and_processes(lab: Lab, installed: pathlib.Path, tmp_path: pathlib.Path) -> None:
    environment = environment_for(tmp_path, installed)
    folder = private_data(tmp_path / "data", lab, environment)
    worker, artifacts, runner = tmp_path / "worker", tmp_path / "artifacts", str(PROGRAMS / "ansible-runner")
    worker.mkdir()
    artifacts.mkdir()
    sent = b""
    for stage in (["transmit", str(folder), "-p", "book.yml"], ["worker", "--private-data-dir", str(worker)], ["process", str(artifacts)]):
        done = subprocess.run([runner, *stage], input=sent, env=environment, cwd=tmp_path, capture_output=True, timeout=120, check=False)
        assert done.returncode == 0, f"{stage[0]}: {done.stdout[-2000:]!r} {done.stderr!r}"
        sent = done.stdout
    assert TRACEBACK not in os.fsdecode(sent) and b"failed=0" in sent
    assert [result["resource"]["name"] for result in events(artifacts, "runner_on_ok")] == ["Packaged"]  # type: ignore[index]
    until(lambda: not processes(tmp_path), 30, "nothing is left")
