# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The machine that synchronises: when it runs, what its scheduler is set to, and what it was installed with.

The lab's scheduler begins no cycle by itself, because nothing would come of one that nobody asked for; the fault ``sync-busy`` begins one.
Source: "Microsoft Entra Connect Sync: Scheduler"; the words of refusals are those that administrators quote.
"""

from __future__ import annotations

import datetime
import threading
import typing as t

from hybridlab.faults import Faults
from hybridlab.sync import runs
from hybridlab.sync.engine import Engine

INTERVAL = {"connect": datetime.timedelta(minutes=30), "aadsync": datetime.timedelta(hours=3), "dirsync": datetime.timedelta(hours=3)}
PACE = 0.05
"""Seconds that a run takes."""
RELEASE = {"connect": "2.5.190.0", "aadsync": "1.0.491.413", "dirsync": "1.0.6862.0"}
"""What is installed, unless the lab is told otherwise."""
_STEPS = 6


class Busy(Exception):
    """A cycle cannot begin; the words say why."""


class Machine:
    """One installation on one server.  ``snapin`` is about DirSync alone: older ones have a snap-in, newer ones a module.

    ``scheduler`` has the settings that Set-ADSyncScheduler writes.
    """

    def __init__(self, engine: Engine, faults: Faults, machine: str = "SYNC01", pace: float = PACE) -> None:
        if engine.generation not in INTERVAL:
            raise ValueError(f"what runs on a server is one of {', '.join(INTERVAL)}, not {engine.generation!r}")
        self.engine, self.faults, self.machine = engine, faults, machine
        self.generation = engine.generation
        self.calls: list[tuple[str, dict[str, t.Any]]] = []
        self.snapin = False
        self.version = RELEASE[engine.generation]
        self.scheduler: dict[str, t.Any] = {
            "CustomizedSyncCycleInterval": None,
            "MaintenanceEnabled": True,
            "NextSyncCyclePolicyType": "Delta",
            "PurgeRunHistoryInterval": datetime.timedelta(days=7),
            "SchedulerSuspended": False,
            "SyncCycleEnabled": True,
        }
        self.auto_upgrade = ("Enabled", "")
        self.last_start: datetime.datetime | None = None
        self.by_hand = False
        self._pace = pace
        self._current: runs.Run | None = None
        self._stopping = threading.Event()
        self._idle = threading.Event()
        self._idle.set()
        self._lock = threading.Lock()

    @property
    def busy(self) -> bool:
        return not self._idle.is_set()

    @property
    def current(self) -> runs.Run | None:
        """The run that is in progress."""
        return self._current if self.busy else None

    @property
    def interval(self) -> datetime.timedelta:
        """How often cycles run: as set, but not more often than allowed."""
        return max(INTERVAL[self.generation], self.scheduler["CustomizedSyncCycleInterval"] or INTERVAL[self.generation])

    def look(self) -> None:
        """Somebody looks at the machine: the fault of a busy one happens now."""
        order = self.faults.peek("sync-busy")
        if order and not self.busy and (order := self.faults.take("sync-busy")):
            self.by_hand = order["by"] == "connector"
            self._begin("Delta", order["seconds"] / _STEPS)

    def start(self, policy: str) -> None:
        """Begin a cycle and return at once.  Raises `Busy`."""
        if self.scheduler["SchedulerSuspended"]:
            raise Busy("Scheduler is already suspended via global parameters.")
        if self.busy and self.by_hand:
            raise Busy(f"Connector: {self.engine.cloud.name} is busy.")
        self.by_hand = False
        self._begin(policy, self._pace)

    def run(self, policy: str) -> None:
        """A cycle from its beginning to its end.  Raises `Busy`."""
        self.start(policy)
        self._idle.wait()

    def wait(self, seconds: float = 10.0) -> bool:
        """Whether the machine is idle within that time."""
        return self._idle.wait(seconds)

    def stop(self) -> None:
        """The run in progress is the last one of its cycle."""
        self._stopping.set()

    def change(self, order: dict[str, t.Any]) -> dict[str, t.Any]:
        """Make something of the machine from outside: ``staging``, ``snapin`` or ``version``.  Returns its `status`.  Raises ValueError."""
        unknown = set(order) - {"server", "staging", "snapin", "version"}
        if unknown:
            raise ValueError(f"{', '.join(sorted(unknown))} cannot be changed on {self.machine}")
        self.engine.staging = bool(order.get("staging", self.engine.staging))
        self.snapin = bool(order.get("snapin", self.snapin))
        self.version = str(order.get("version", self.version))
        return self.status()

    def status(self) -> dict[str, t.Any]:
        state = {"generation": self.generation, "staging": self.engine.staging, "snapin": self.snapin, "version": self.version, "busy": self.busy}
        return {"server": self.machine, **state, "runs": len(self.engine.history)}

    def _begin(self, policy: str, pace: float) -> None:
        with self._lock:
            if self.busy:
                raise Busy("Sync is already running. Cannot start a new run till this one completes.")
            self._idle.clear()
            self._stopping.clear()
            self.last_start = runs.moment()
        threading.Thread(target=self._cycle, args=(policy, pace), name="sync", daemon=True).start()

    def _cycle(self, policy: str, pace: float) -> None:
        try:
            for run in self.engine.cycle(policy):
                self._current = run
                if self._stopping.wait(pace):
                    run.end(runs.STOPPED)
                    return
        finally:
            if self._current is not None and self._current.result == runs.RUNNING:  # the engine broke off, and nobody shall wait for it
                self._current.end(runs.BROKEN)
            self._idle.set()
