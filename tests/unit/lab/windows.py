# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules of Ansible for Windows on a machine in this process: arguments are bound and stand-ins run, without a wire."""

from __future__ import annotations

import typing as t

from hybridlab.faults import Faults
from hybridlab.windows import profiles, stand_ins
from hybridlab.windows.executor import Executor
from hybridlab.windows.machine import Identity, Machine

Result = dict[str, t.Any]


class Host:
    """A machine of a profile; ``changes`` are what differs from it."""

    def __init__(self, profile: str = "server", **changes: t.Any) -> None:
        self.faults = Faults()
        domain = {"svc-lab": "S-1-5-21-1-2-3-1105", "Domain Admins": "S-1-5-21-1-2-3-512"}
        machine = Machine(Identity("APP01", "contoso.com"), profiles.profile(profile) | changes, self.faults, domain.get)
        self.machine = stand_ins.furnish(machine)
        self.executor = Executor(self.machine)

    def run(self, module: str, *, check: bool = False, diff: bool = True, **options: t.Any) -> Result:
        """Run ``win_ping`` and the like, or a module by its full name.  Check mode must leave everything as it is."""
        name = module if "." in module else f"ansible.windows.{module}"
        before = self.snapshot()
        result = self.executor.result(name, options | {"_ansible_check_mode": check, "_ansible_diff": diff})
        assert not check or self.snapshot() == before, f"{module} writes in check mode"
        return result

    def snapshot(self) -> str:
        """All that is on the machine, as text."""
        machine = self.machine
        parts = [(kind.__name__, name, value) for kind, part in machine._parts.items() for name, value in vars(part).items() if not name.startswith("_")]
        return repr((machine.registry.roots, machine.registry.files, list(machine.services), vars(machine.files), machine.restart_needed, parts))

    def failed(self, module: str, **options: t.Any) -> str:
        """The message of a module that must fail."""
        result = self.run(module, **options)
        assert result.get("failed"), result
        return str(result["msg"])

    def settled(self, module: str, **options: t.Any) -> Result:
        """Run in check mode, for real, and again: check mode predicts and writes nothing, the second run changes nothing.  The result of the real run."""
        predicted = self.run(module, check=True, **options)
        done = self.run(module, **options)
        again = self.run(module, **options)
        assert not done.get("failed"), done
        assert predicted["changed"] == done["changed"], (predicted, done)
        assert not again["changed"], again
        return done
