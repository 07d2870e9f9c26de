# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A cycle on a Windows host: wait until nothing else runs, begin, wait until it has ended, and tell what every step did."""

from __future__ import annotations

import dataclasses
import math
import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import CmdletError, CommandMissing, HybridError, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._sync import history, installation, lifecycle
from ansible_collections.m365.hybrid.plugins.module_utils._sync.waiting import Patience, Quiet

TRIGGER = "Start-OnlineCoexistenceSync"
STARTED_WITHIN = 60.0
"""Seconds in which the first run of a cycle begins."""
_BUSY = re.compile(r"(?i)already running|is busy|suspended|in progress")
_SCHEDULER = ("SyncCycleEnabled", "SyncCycleInProgress", "SchedulerSuspended", "StagingModeEnabled", "MaintenanceEnabled")


@dataclasses.dataclass
class Cycle:
    """One task's work on one host."""

    session: engine.Tally
    task: Task
    installed: installation.Installation

    def run(self) -> Result:
        """Raises `HybridError`; a cycle that was begun and went wrong is a result that failed."""
        options, installed = self.task.options, self.installed
        result: Result = {
            "changed": True,
            "generation": installed.generation,
            "version": installed.version,
            "policy": options["policy"],
            "runs": [],
            "errors": [],
        }
        gone = lifecycle.sentence(installed.generation, installed.version)
        if gone:
            self.session.warnings.append(gone)
        staging = self._permitted()
        busy = self.busy()
        result |= {"staging": staging, "waited_for": busy}
        if self.task.check_mode:
            return result | {"result": None, "deletion_threshold_reached": None}
        known = self._begin()
        if not options["wait"]:
            return result | {"result": None, "deletion_threshold_reached": None}
        return result | self._ended(known)

    # --- may it run ---

    def _permitted(self) -> bool | None:
        """Whether the server is in staging mode, None where no cmdlet tells; raises UsageError for what was not acknowledged."""
        if self.installed.generation != "entra_connect":
            return None
        scheduler = self._scheduler()
        if scheduler.get("StagingModeEnabled") is None:
            raise UsageError(
                "Get-ADSyncScheduler does not tell whether the server is in staging mode",
                target=self.session.target,
                advice="Use an account that is an administrator of the server or a member of its group ADSyncAdmins",
            )
        if scheduler["StagingModeEnabled"]:
            raise UsageError(
                "the server is in staging mode: it exports nothing, so a cycle there changes nothing in the tenant",
                target=self.session.target,
                advice="Run it on the active server",
            )
        if scheduler.get("SyncCycleEnabled") is False and not self.task.options["accept_disabled_scheduler"]:
            raise UsageError(
                "the scheduler is disabled (SyncCycleEnabled), so somebody does not want cycles now",
                target=self.session.target,
                advice="Ask why, and acknowledge with accept_disabled_scheduler: true; the scheduler stays disabled",
            )
        return False

    def _scheduler(self) -> dict[str, t.Any]:
        found = self.session.invoke("Get-ADSyncScheduler", properties=_SCHEDULER).output
        if not found:
            raise HybridError("the scheduler's settings were not returned", cmdlet="Get-ADSyncScheduler", target=self.session.target)
        return t.cast(dict[str, t.Any], found[0])

    def busy(self) -> str | None:
        """What keeps a cycle from beginning; None when nothing does."""
        if self.installed.generation == "entra_connect":
            scheduler = self._scheduler()
            if scheduler.get("SchedulerSuspended"):
                return "the scheduler is suspended, as while the wizard is open"
            if scheduler.get("SyncCycleInProgress"):
                return "a cycle is in progress"
            running = self.session.invoke("Get-ADSyncConnectorRunStatus", properties=("ConnectorName", "RunState")).output
            return f"connector {running[0].get('ConnectorName')} is busy" if running else None
        running = [row for row in history.runs(self.session, self.installed) if row["result"] == history.RUNNING]
        return f"connector {running[0]['connector']} is busy with {running[0]['profile']}" if running else None

    # --- begin ---

    def _begin(self) -> frozenset[str]:
        """Start the cycle as soon as nothing else runs; the runs that were known before.  Raises `HybridError`."""
        patience = Patience(self.task.options["busy_timeout"], self.task.options["interval"])
        while True:
            reason = self._surely_busy()
            if reason is None:
                known = frozenset(row["id"] for row in history.runs(self.session, self.installed))
                try:
                    self._start()
                except CmdletError as error:
                    if not _BUSY.search(error.text):
                        raise
                    reason = error.text  # somebody else was faster
                else:
                    return known
            if not patience.look_again():
                raise HybridError(
                    f"synchronisation was busy for {self.task.options['busy_timeout']:g} seconds, and no cycle was begun: {reason}",
                    target=self.session.target,
                    advice="Wait longer with busy_timeout, or end what runs",
                )

    def _surely_busy(self) -> str | None:
        """What runs, also where the first look met the moment between two runs: only Entra Connect has a flag for the whole cycle."""
        reason = self.busy()
        if reason is not None or self.installed.generation == "entra_connect":
            return reason
        quiet, patience = Quiet(self.task.options["interval"]), Patience(math.inf, self.task.options["interval"])
        while reason is None and not quiet.lasts(True):
            patience.look_again()
            reason = self.busy()
        return reason

    def _start(self) -> None:
        policy = self.task.options["policy"]
        if self.installed.generation == "entra_connect":
            self.session.invoke(installation.START, {"PolicyType": policy.capitalize()})
        elif self.installed.generation == "aad_sync":
            program = f"{self.installed.folder}\\{installation.PROGRAM}"
            self.session.invoke("Start-Process", {"FilePath": program, "ArgumentList": [policy]})
        else:
            self._start_dirsync({"FullSync": True} if policy == "initial" else {})

    def _start_dirsync(self, parameters: dict[str, t.Any]) -> None:
        """What was loaded is known in one session only, and the next call may come to another one: then it is loaded there, too."""
        loader, name = self.installed.load or ("", "")
        for last in (False, False, True):
            try:
                self.session.invoke(loader, {"Name": name})
                self.session.invoke(TRIGGER, parameters)
                return
            except CommandMissing:
                if last:
                    raise

    # --- end ---

    def _ended(self, known: frozenset[str]) -> Result:
        new, over = self._follow(known)
        found = history.with_steps(self.session, self.installed, reversed(new))
        result: Result = {"runs": found, "errors": history.failures(found), "result": history.verdict(found) if over else "running"}
        result["deletion_threshold_reached"] = any(history.THRESHOLD in str(run["result"]) for run in found)
        problem = self._problem(result)
        return result | ({"failed": True, "msg": problem} if problem else {})

    def _follow(self, known: frozenset[str]) -> tuple[list[history.Row], bool]:
        """The runs of the cycle, the newest first, and whether it has ended.  Raises `HybridError` where none began."""
        interval = self.task.options["interval"]
        patience, begins = Patience(self.task.options["timeout"], interval), Patience(min(STARTED_WITHIN, self.task.options["timeout"]), interval)
        quiet = Quiet(0 if self.installed.generation == "entra_connect" else interval)  # that one tells whether the cycle has ended
        while True:
            busy = self.busy()
            new = [row for row in history.runs(self.session, self.installed) if row["id"] not in known]
            if quiet.lasts(busy is None and bool(new) and all(row["result"] != history.RUNNING for row in new)):
                return new, True
            if not new and busy is None and not begins.look_again():
                raise HybridError(
                    f"no run began within {min(STARTED_WITHIN, self.task.options['timeout']):g} seconds after the cycle was started",
                    target=self.session.target,
                    advice="Look at the event log of the server; a program that ended at once says there why",
                )
            if not patience.look_again():
                return new, False

    def _problem(self, result: Result) -> str:
        """Why the task fails; empty when it does not."""
        where = f"{self.session.target}: "
        if result["result"] == "running":
            last = f"{result['runs'][-1]['connector']}, {result['runs'][-1]['profile']}" if result["runs"] else "none"
            return f"{where}The cycle has not ended within {self.task.options['timeout']:g} seconds; its last run was {last}. Raise timeout."
        if result["deletion_threshold_reached"]:
            return (
                f"{where}The export was stopped, because it would have deleted as many objects as the deletion threshold allows or more; nothing was exported. "
                "Look at the pending deletions, then correct the scope, or raise the threshold with Enable-ADSyncExportDeletionThreshold for one cycle."
            )
        wrong = "; ".join(f"{run['connector']}, {run['profile']}: {run['result']}" for run in result["runs"] if run["result"] not in history.SUCCESS)
        if result["result"] == "stopped":
            return f"{where}The cycle did not come to its end: {wrong}."
        if not any("export" in str(run["profile"]).lower() for run in result["runs"]):
            return f"{where}The cycle exported nothing, as a server in staging mode does. Run it on the active server."
        if result["result"] == "errors" and self.task.options["fail_on"] == "errors":
            first = result["errors"][0] if result["errors"] else None
            said = f" The first of {len(result['errors'])} errors is {first['type']} of {first['dn']}: {first['message']}" if first else ""
            return f"{where}The cycle ended with errors: {wrong}.{said}"
        return ""
