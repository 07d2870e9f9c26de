# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The jobs of Cloud Sync, through Microsoft Graph.  Nothing is installed that could be asked; a job belongs to a service principal of the tenant."""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._entra import paths
from ansible_collections.m365.hybrid.plugins.module_utils._entra.info import properties
from ansible_collections.m365.hybrid.plugins.module_utils._sync.waiting import Patience

TEMPLATE = "AD2AADProvisioning"
"""The template of jobs that bring Active Directory to the tenant."""
APPLICATION = "1a4721b3-e57f-4451-ae87-ef078703ec94"
"""The application template of which every configuration of Cloud Sync is an instance (published with its Graph API)."""
_JOBS = "/v1.0/servicePrincipals/{}/synchronization/jobs"
_JOB = f"{_JOBS}/{{}}"
_RESTART = {"criteria": {"resetScope": "Full"}}

Row = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Job:
    """A job, named by the configuration that it belongs to: the service principal's name, which is the domain."""

    configuration: str
    principal: str
    found: Row

    @property
    def id(self) -> str:
        return str(self.found["id"])

    @property
    def status(self) -> Row:
        return self.found.get("status") or {}

    @property
    def code(self) -> str:
        return str(self.status.get("code") or "")

    @property
    def last(self) -> Row:
        return self.status.get("lastExecution") or {}

    @property
    def execution(self) -> str:
        """What tells the last execution from others; empty where there was none."""
        return str(self.last.get("activityIdentifier") or self.last.get("timeBegan") or "")

    def report(self) -> Row:
        """The job as results show it."""
        last = properties(self.last) or None
        quarantine = self.status.get("quarantine")
        schedule = properties(self.found.get("schedule") or {})
        return {
            "configuration": self.configuration,
            "service_principal": self.principal,
            "id": self.id,
            "template": self.found.get("templateId"),
            "state": self.code,
            "schedule": schedule,
            "quarantine": properties(quarantine) if quarantine else None,
            "last_execution": last,
        }


def jobs(session: engine.Tally, configurations: t.Collection[str] | None) -> list[Job]:
    """The jobs of the tenant, or of the named configurations.  Raises UsageError for one that there is not."""
    choice = f"applicationTemplateId eq {paths.literal(APPLICATION)}"
    principals = session.request("GET", paths.path("/v1.0/servicePrincipals", filter=choice, select=["id", "displayName"])).output
    wanted = None if configurations is None else {one.casefold() for one in configurations}
    found: list[Job] = []
    for one in principals:
        name = str(one.get("displayName") or "")
        if wanted is None or wanted & {name.casefold(), str(one["id"]).casefold()}:
            listed = session.request("GET", paths.path(_JOBS, str(one["id"]))).output
            found += [Job(name, str(one["id"]), job) for job in listed if str(job.get("templateId") or "").startswith(TEMPLATE)]
    known = {name.casefold() for job in found for name in (job.configuration, job.principal)}
    missing = [one for one in configurations or () if one.casefold() not in known]
    if missing:
        there = ", ".join(job.configuration for job in found) or "none"
        raise UsageError(f"there is no configuration of Cloud Sync named {', '.join(missing)}", target=session.target, advice=f"Named and found: {there}")
    return found


def one(session: engine.Tally, job: Job) -> Job:
    """The job as it is now."""
    answer = session.request("GET", paths.path(_JOB, job.principal, job.id)).output
    if not answer:
        raise HybridError(f"the job {job.id} was not returned", target=session.target)
    return dataclasses.replace(job, found=answer[0])


def run(session: engine.Tally, task: Task) -> Result:
    """Start or restart all jobs, wait for their next execution, and tell what it did."""
    options = task.options
    found = jobs(session, options.get("configuration"))
    if not found:
        raise UsageError(
            "the tenant has no job of Cloud Sync",
            target=session.target,
            advice="Configure Cloud Sync, or name the server of Entra Connect over ansible_connection: m365.hybrid.powershell with m365_endpoint: windows",
        )
    _permitted(found, options)
    result: Result = {
        "changed": True,
        "generation": "cloud_sync",
        "version": None,
        "policy": options["policy"],
        "staging": None,
        "waited_for": None,
        "runs": [],
        "errors": [],
        "result": None,
        "deletion_threshold_reached": None,
    }
    if task.check_mode:
        return result
    since = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S")
    for job in found:
        if options["policy"] == "initial":
            session.request("POST", paths.path(f"{_JOB}/restart", job.principal, job.id), _RESTART)
        else:
            session.request("POST", paths.path(f"{_JOB}/start", job.principal, job.id))
    return result | _ended(session, task, found, since) if options["wait"] else result


def _permitted(found: t.Iterable[Job], options: t.Mapping[str, t.Any]) -> None:
    paused = [job.configuration for job in found if job.code == "Paused"]
    if paused and not options["accept_disabled_scheduler"]:
        raise UsageError(
            f"the job of {', '.join(paused)} is paused, so somebody does not want it to run now",
            advice="Ask why, and acknowledge with accept_disabled_scheduler: true; the job is active from then on",
        )


def _ended(session: engine.Tally, task: Task, begun: t.Sequence[Job], since: str) -> Result:
    """Wait until every job has an execution that began after it was started, at the time ``since``."""
    patience = Patience(task.options["timeout"], task.options["interval"])
    waiting, done, earlier = list(begun), list[Job](), dict[str, str]()
    while True:
        now = [(before, one(session, before)) for before in waiting]
        over = [_over(before, after, since, earlier) for before, after in now]
        done += [after for (_before, after), ended in zip(now, over, strict=True) if ended]
        waiting = [before for (before, _after), ended in zip(now, over, strict=True) if not ended]
        if not waiting or not patience.look_again():
            break
    runs = [_row(job) for job in done]
    result: Result = {"runs": runs, "result": "running" if waiting else _verdict(runs), "deletion_threshold_reached": any(_threshold(job) for job in done)}
    problem = _problem(session, task, waiting, runs, result)
    return result | ({"failed": True, "msg": problem} if problem else {})


def _over(before: Job, after: Job, since: str, earlier: dict[str, str]) -> bool:
    """Whether a job did its work.  An execution that nobody sees may run already when a job is started, so that the next one to be seen has not all of it:
    it counts where its time says that it began later, and where the two clocks differ, the one after it does.  ``earlier`` keeps the next by job."""
    if after.code == "Quarantine":
        return True
    if not after.execution or after.execution == before.execution:
        return False
    first = earlier.setdefault(after.id, after.execution)
    return after.execution != first or str(after.last.get("timeBegan") or "") >= since


def _row(job: Job) -> Row:
    """An execution in the shape of a run."""
    last = properties(job.last)
    state = "quarantine" if job.code == "Quarantine" else str(job.last.get("state") or "")
    counters = {name: value for name, value in last.items() if name.startswith("count_") and value}
    return {
        "id": job.id,
        "connector": job.configuration,
        "profile": job.found.get("templateId"),
        "number": None,
        "result": {"Succeeded": "success", "EntryLevelErrors": "completed-export-errors", "Failed": "failed"}.get(state, state),
        "started": last.get("time_began"),
        "ended": last.get("time_ended"),
        "steps": [{"number": 1, "result": state, "counters": counters, "errors": []}],
    }


def _verdict(runs: t.Iterable[Row]) -> str:
    said = {run["result"] for run in runs}
    return "success" if said == {"success"} else "errors" if said <= {"success", "completed-export-errors"} else "stopped"


def _threshold(job: Job) -> bool:
    """Cloud Sync quarantines a job that would delete too much."""
    return "delet" in str((job.status.get("quarantine") or {}).get("reason") or "").lower() and job.code == "Quarantine"


def _problem(session: engine.Tally, task: Task, waiting: t.Sequence[Job], runs: t.Sequence[Row], result: Result) -> str:
    where = f"{session.target}: "
    if waiting:
        names = ", ".join(job.configuration for job in waiting)
        return f"{where}The job of {names} has not been executed within {task.options['timeout']:g} seconds. It runs every few minutes: raise timeout."
    wrong = "; ".join(f"{run['connector']}: {run['result']}" for run in runs if run["result"] != "success")
    if result["result"] == "stopped":
        return f"{where}The job did not succeed: {wrong}. The provisioning logs of the tenant say why."
    if result["result"] == "errors" and task.options["fail_on"] == "errors":
        return f"{where}The job ended with errors: {wrong}. The provisioning logs of the tenant name the objects."
    return ""
