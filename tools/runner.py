# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the sample playbook under ansible-runner, as AWX does: in one go, and as transmit | worker | process.

Both use the installed collection and a lab of their own; the first changes something, the second finds nothing to do.
"""

from __future__ import annotations

import json
import pathlib
import shutil
import sys

from tools import lab, playbook, processes, project

FOLDER = project.BUILD / "runner"
PLAYBOOK = "demo.yml"


class RunnerFailed(Exception):
    """A stage of ansible-runner ended with an error, or left no statistics."""


def private_data(name: str, inventory: pathlib.Path) -> pathlib.Path:
    """A folder as ansible-runner wants it: project, inventory and environment."""
    folder = FOLDER / name
    for part in ("project", "inventory", "env"):
        (folder / part).mkdir(parents=True)
    shutil.copytree(project.INSTALLED / "playbooks", folder / "project", dirs_exist_ok=True)
    shutil.copy(inventory, folder / "inventory" / "hosts.yml")
    variables = {name: value for name, value in project.environment(project.INSTALLED_COLLECTIONS).items() if name.startswith("ANSIBLE_") or name == "LC_ALL"}
    (folder / "env" / "envvars").write_text(json.dumps(variables), encoding="utf-8")
    (folder / "env" / "cmdline").write_text("--skip-tags ad_fs", encoding="utf-8")  # this lab has no federation servers
    return folder


def statistics(folder: pathlib.Path, clean: bool) -> playbook.Outcome:
    """What the last event of the run says."""
    events = folder.glob("artifacts/**/job_events/*.json")
    for path in sorted(events, key=lambda one: int(one.name.partition("-")[0]), reverse=True):
        event = json.loads(path.read_text(encoding="utf-8"))
        if event["event"] == "playbook_on_stats":
            data = event["event_data"]
            hosts = {host for part in ("ok", "changed", "failures", "dark") for host in data[part]}
            return playbook.Outcome(clean, len(hosts), sum(data["changed"].values()), sum(data["failures"].values()) + sum(data["dark"].values()))
    raise RunnerFailed(f"{folder} holds no statistics: the play did not run to its end")


def plain(inventory: pathlib.Path) -> playbook.Outcome:
    folder = private_data("plain", inventory)
    command = ["ansible-runner", "run", str(folder), "-p", PLAYBOOK]
    return statistics(folder, processes.run(command, project.environment(project.INSTALLED_COLLECTIONS), FOLDER).clean)


def piped(inventory: pathlib.Path) -> playbook.Outcome:
    """transmit | worker | process, each with its own folder: only the pipe joins them."""
    sent = private_data("transmitted", inventory)
    received = FOLDER / "worker"
    artifacts = FOLDER / "processed"
    received.mkdir()
    artifacts.mkdir()
    environment = project.environment(project.INSTALLED_COLLECTIONS)
    data: pathlib.Path | None = None
    stages = (["transmit", str(sent), "-p", PLAYBOOK], ["worker", "--private-data-dir", str(received)], ["process", str(artifacts)])
    for stage in stages:
        output = FOLDER / f"{stage[0]}.out"
        finished = processes.run(["ansible-runner", *stage], environment, FOLDER, source=data, output=output)
        if not finished.clean:
            raise RunnerFailed(f"ansible-runner {stage[0]} ended with {finished.code}: {output.read_text(errors='replace')[-2000:]}")
        data = output
    print((FOLDER / "process.out").read_text(errors="replace"))
    return statistics(artifacts, True)


def main() -> int:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    try:
        with lab.running(FOLDER / "lab", record=project.RECORDS / "runner.jsonl") as inventory:
            first, second = plain(inventory), piped(inventory)
    except (RunnerFailed, lab.LabFailed) as error:
        print(error)
        return 1
    print(f"plain: {first}\ntransmit | worker | process: {second}")
    return 0 if first.good and second.good and first.changed > 0 and second.changed == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
