# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changes of a machine that no module makes: what somebody else did, or what happened to it."""

from __future__ import annotations

import typing as t

from hybridlab.windows import stand_ins
from hybridlab.windows.machine import Machine
from hybridlab.windows.services import Service

Change = t.Callable[[Machine, t.Any], None]


def change(machine: Machine, order: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Make the changes, by name; returns what the machine is then.  Raises ValueError."""
    known = {**_CHANGES, **stand_ins.changes()}
    for name, value in order.items():
        if name not in known:
            raise ValueError(f"{machine.name} has no {name!r} to change; there are: {', '.join(known)}")
        known[name](machine, value)
    return machine.status()


def _files(machine: Machine, files: t.Mapping[str, t.Any]) -> None:
    """Path → content, facts of a file, or None to remove it."""
    for path, told in files.items():
        if told is None:
            machine.files.remove(path)
        else:
            facts = {"content": told} if isinstance(told, str) else dict(told)
            machine.files.write(machine.files.expand(path), str(facts.pop("content", "")).encode(), **facts)


def _services(machine: Machine, services: t.Mapping[str, t.Any]) -> None:
    """Name → what differs; None removes it, an unknown name adds it."""
    for name, facts in services.items():
        found = machine.services.find(name)
        if found is None:
            machine.services.add(Service(name, **(facts or {})))
        elif facts is None:
            machine.services.remove(found.name)
        else:
            for fact, value in facts.items():
                setattr(found, fact, value)


def _locked(machine: Machine, paths: list[str]) -> None:
    machine.locked = {machine.files.expand(path).lower() for path in paths}


def _restart_needed(machine: Machine, reasons: list[str]) -> None:
    machine.restart_needed[:] = reasons


_CHANGES: dict[str, Change] = {
    "files": _files,
    "services": _services,
    "registry": lambda machine, values: machine.registry.load(values),
    "locked": _locked,
    "restart_needed": _restart_needed,
    "restart": lambda machine, _wanted: machine.restart(),
}
