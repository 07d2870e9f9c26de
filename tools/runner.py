# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run job templates under ansible-runner, as AWX does: in one go, and as transmit | worker | process.

Each has a private data directory with what AWX makes of ``extensions/awx``: the environment and the files of the credentials, the answers of the survey as
extra variables, and an inventory without any login.  All use the installed collection and one lab.  What changes something does so in one go; piped, it finds
nothing to do.  No secret may be in the events and the output that ansible-runner keeps of a job.
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
import shutil
import sys
import typing as t

import yaml

from tools import awx, lab, playbook, processes, project

FOLDER = project.BUILD / "runner"
LOGINS = ("ansible_user", "ansible_password", "m365_tenant_id", "m365_tenant_client_id", "m365_tenant_client_secret")
"""What a credential brings, and the inventory of a controller does not have."""
TENANT, ACCOUNT, DIRECTORY = "m365.hybrid tenant, secret", "m365.hybrid Exchange account", "m365.hybrid directory account"
OWN_FILE = "command"
"""The one artifact in which ansible-runner itself keeps the environment of a job, for the owner only.  AWX removes it with the job's folder."""


class RunnerFailed(Exception):
    """A stage of ansible-runner ended with an error, left no statistics or kept a secret."""


@dataclasses.dataclass(frozen=True)
class Job:
    """A job template as somebody launches it."""

    playbook: str
    credentials: tuple[str, ...]
    answers: t.Mapping[str, t.Any]
    changes: bool


JOBS = (
    Job("exchange_lifecycle", (ACCOUNT,), {"exchange_lifecycle_notice_days": 30}, False),
    Job(
        "mail_forwarding",
        (ACCOUNT, TENANT),
        {
            "survey_mail_forwarding_mailboxes": "- identity: user1\n  forwarding_smtp_address: sales@partner.example",
            "survey_mail_forwarding_accept_external": "true",
        },
        True,
    ),
    Job("entra_mfa", (TENANT, DIRECTORY), {}, False),
)
REFUSED = Job("mail_forwarding", (ACCOUNT, TENANT), {"survey_mail_forwarding_mailboxes": "- identity: user2\n  state: perhaps"}, False)
"""An answer that the survey cannot refuse, and the role does before it has asked anybody."""


def inputs(hosts: t.Mapping[str, t.Any]) -> dict[str, dict[str, str]]:
    """What an administrator enters for each credential."""
    exchange, directory, tenant = (next(iter(hosts[group]["hosts"].values())) for group in ("exchange", "directory", "exchange_online"))
    return {
        ACCOUNT: {"user": exchange["ansible_user"], "password": exchange["ansible_password"]},
        DIRECTORY: {
            "host": "localhost",
            "user": directory["ansible_user"],
            "password": directory["ansible_password"],
            "ca_cert": pathlib.Path(directory["m365_ca_cert"]).read_text(encoding="utf-8"),
        },
        TENANT: {
            "tenant_id": tenant["m365_tenant_id"],
            "client_id": tenant["m365_tenant_client_id"],
            "client_secret": tenant["m365_tenant_client_secret"],
            "cloud": "worldwide",
        },
    }


def private_data(name: str, job: Job, hosts: t.Mapping[str, t.Any]) -> pathlib.Path:
    """A folder as ansible-runner wants it: project, inventory, and in ``env`` what credentials and answers became."""
    folder = FOLDER / name
    for part in ("project", "inventory", "env"):
        (folder / part).mkdir(parents=True)
    shutil.copy(project.INSTALLED / "playbooks" / f"{job.playbook}.yml", folder / "project")
    without = {
        group: {"hosts": {host: {key: value for key, value in known.items() if key not in LOGINS} for host, known in content["hosts"].items()}}
        for group, content in hosts.items()
        if group in ("exchange", "exchange_online", "entra", "directory")
    }
    (folder / "inventory" / "hosts.yml").write_text(yaml.safe_dump({"all": {"children": without}}), encoding="utf-8")
    ours = project.environment(project.INSTALLED_COLLECTIONS)
    environment = {key: value for key, value in ours.items() if key.startswith("ANSIBLE_") or key == "LC_ALL"}
    variables: dict[str, t.Any] = awx.answered(awx.survey(job.playbook), job.answers)
    types, given = awx.credential_types(), inputs(hosts)
    for kind in job.credentials:
        handed, more = awx.injected(types[kind], given[kind], folder / "env", folder / "env")
        environment |= handed
        variables |= more
    (folder / "env" / "cmdline").write_text("-u root", encoding="utf-8")  # as AWX does where there is no machine credential
    (folder / "env" / "envvars").write_text(json.dumps(environment), encoding="utf-8")
    (folder / "env" / "extravars").write_text(json.dumps(variables), encoding="utf-8")
    return folder


def events(folder: pathlib.Path) -> list[dict[str, t.Any]]:
    paths = sorted(folder.glob("artifacts/**/job_events/*.json"), key=lambda one: int(one.name.partition("-")[0]))
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


def statistics(folder: pathlib.Path, clean: bool) -> playbook.Outcome:
    """What the last event of the run says."""
    for event in reversed(events(folder)):
        if event["event"] == "playbook_on_stats":
            data = event["event_data"]
            hosts = {host for part in ("ok", "changed", "failures", "dark") for host in data[part]}
            return playbook.Outcome(clean, len(hosts), sum(data["changed"].values()), sum(data["failures"].values()) + sum(data["dark"].values()))
    raise RunnerFailed(f"{folder} holds no statistics: the play did not run to its end")


def keeps_no_secret(folder: pathlib.Path, secrets: t.Iterable[str]) -> None:
    """Raises `RunnerFailed` where a job's artifacts hold a secret of its credentials."""
    files = [path for path in folder.glob("artifacts/**/*") if path.is_file() and path.name != OWN_FILE]
    if not any(path.parent.name == "job_events" for path in files):
        raise RunnerFailed(f"{folder} holds no events to look at")
    for secret in secrets:
        found = [str(path) for path in files if secret.encode() in path.read_bytes()]
        if found:
            raise RunnerFailed(f"a secret of a credential is in {', '.join(found)}")


def plain(name: str, job: Job, hosts: t.Mapping[str, t.Any]) -> pathlib.Path:
    folder = private_data(name, job, hosts)
    command = ["ansible-runner", "run", str(folder), "-p", f"{job.playbook}.yml"]
    finished = processes.run(command, project.environment(project.INSTALLED_COLLECTIONS), FOLDER)
    if finished.left:
        raise RunnerFailed(f"{job.playbook} left processes running")
    return folder


def piped(name: str, job: Job, hosts: t.Mapping[str, t.Any]) -> pathlib.Path:
    """transmit | worker | process, each with its own folder: only the pipe joins them."""
    sent = private_data(f"{name}-transmitted", job, hosts)
    received, artifacts = FOLDER / f"{name}-worker", FOLDER / f"{name}-processed"
    received.mkdir()
    artifacts.mkdir()
    environment = project.environment(project.INSTALLED_COLLECTIONS)
    data: pathlib.Path | None = None
    stages = (["transmit", str(sent), "-p", f"{job.playbook}.yml"], ["worker", "--private-data-dir", str(received)], ["process", str(artifacts)])
    for stage in stages:
        output = FOLDER / f"{name}-{stage[0]}.out"
        finished = processes.run(["ansible-runner", *stage], environment, FOLDER, source=data, output=output)
        if not finished.clean:
            raise RunnerFailed(f"ansible-runner {stage[0]} ended with {finished.code}: {output.read_text(errors='replace')[-2000:]}")
        data = output
    print((FOLDER / f"{name}-process.out").read_text(errors="replace"))
    return artifacts


def judged(job: Job, hosts: t.Mapping[str, t.Any], secrets: t.Collection[str]) -> bool:
    """Both ways of running a job: what it changes, it changes once."""
    first_folder, second_folder = plain(job.playbook, job, hosts), piped(job.playbook, job, hosts)
    for folder in (first_folder, second_folder):
        keeps_no_secret(folder, secrets)
    first, second = statistics(first_folder, True), statistics(second_folder, True)
    print(f"{job.playbook}: plain: {first}\n{job.playbook}: transmit | worker | process: {second}")
    return first.good and second.good and (first.changed > 0) == job.changes and second.changed == 0


def refused(hosts: t.Mapping[str, t.Any], record: pathlib.Path) -> bool:
    """Whether an answer out of range fails by the role's argument specification, and nothing reaches a server."""
    before = record.read_bytes() if record.exists() else b""
    folder = plain("refused", REFUSED, hosts)
    failures = [event["event_data"]["res"] for event in events(folder) if event["event"] == "runner_on_failed"]
    said = bool(failures) and all("perhaps" in json.dumps(one) and "argument_errors" in one for one in failures)
    print(f"an answer out of range: {failures}")
    return said and (record.read_bytes() if record.exists() else b"") == before


def main() -> int:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    record = project.RECORDS / "runner.jsonl"
    record.unlink(missing_ok=True)
    try:
        with lab.running(FOLDER / "lab", record=record) as inventory:
            hosts = yaml.safe_load(inventory.read_text(encoding="utf-8"))["all"]["children"]
            secrets = {value for given in inputs(hosts).values() for key, value in given.items() if key in ("password", "client_secret")}
            good = [refused(hosts, record), *(judged(job, hosts, secrets) for job in JOBS)]
    except (RunnerFailed, awx.Refused, lab.LabFailed) as error:
        print(error)
        return 1
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
