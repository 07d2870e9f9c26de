# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Synchronising now: an action, the same for every generation."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Module, Result, Task, Wire
from ansible_collections.m365.hybrid.plugins.module_utils._entra.module import advised
from ansible_collections.m365.hybrid.plugins.module_utils._sync import cloud, installation
from ansible_collections.m365.hybrid.plugins.module_utils._sync.cycle import Cycle

WIRES: tuple[Wire, ...] = (("powershell", "windows"), ("graph", "graph"))
SHORTEST = 0.05
"""The shortest interval between two looks, in seconds."""


@dataclasses.dataclass(frozen=True)
class SyncRun(Module):
    """Runs a cycle of what is installed on the host, or the jobs of Cloud Sync of a tenant."""

    wires: tuple[Wire, ...] = WIRES

    def explained(self, error: HybridError) -> HybridError:
        return advised(self.docs.module, error) if str(error.cmdlet or "").startswith(("GET ", "POST ")) else error

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        if options["policy"] == "initial" and not options["accept_initial"]:
            raise UsageError(
                "policy: initial reads and writes everything anew, which takes hours in a large directory and holds up the cycles of that time",
                advice="A delta cycle is enough unless rules or scope were changed; otherwise acknowledge with accept_initial: true",
            )
        if options["interval"] < SHORTEST:
            raise UsageError(f"interval is {options['interval']:g}; it must be {SHORTEST:g} seconds or more")
        for name in ("timeout", "busy_timeout"):
            if options[name] < 0:
                raise UsageError(f"{name} is {options[name]:g}; it must be 0 seconds or more")

    def execute(self, session: engine.Tally, task: Task) -> Result:
        if session.wire == "graph":
            return cloud.run(session, task)
        if task.options.get("configuration") is not None:
            raise UsageError("configuration is for Cloud Sync", target=session.target, advice="Set ansible_connection: m365.hybrid.graph, or leave it out")
        return Cycle(session, task, installation.detect(session)).run()
