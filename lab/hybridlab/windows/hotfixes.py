# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Updates of Windows (``.msu``) on a machine.

A profile tells what an update's file is, by its path: ``kb``, ``registry`` that it brings, and ``restart: false`` for one that works at once.
"""

from __future__ import annotations

import dataclasses
import typing as t

from hybridlab.windows.machine import Machine

INSTALLED, PENDING, ABSENT = "Installed", "InstallPending", "NotPresent"


@dataclasses.dataclass
class Update:
    """An update, and whether it is installed."""

    kb: str
    registry: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    restart: bool = True
    state: str = ABSENT

    @property
    def identifier(self) -> str:
        return f"Package_for_{self.kb}~31bf3856ad364e35~amd64~~1.0.0.0"


class Hotfixes:
    """Updates by path, in lower case."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.updates: dict[str, Update] = {}
        for path, facts in (machine.profile.get("hotfixes") or {}).items():
            machine.files.write(path, f"update {facts['kb']}".encode())
            self.updates[path.lower()] = Update(**facts)

    def install(self, update: Update) -> None:
        update.state = PENDING if update.restart else INSTALLED
        if update.restart:
            self._machine.restart_needed.append(update.kb)
        else:
            self._machine.registry.load(update.registry)

    def restarted(self) -> None:
        for update in self.updates.values():
            if update.state == PENDING:
                update.state = INSTALLED
                self._machine.registry.load(update.registry)
