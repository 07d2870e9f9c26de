# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ports that the services of a machine listen on, and those of others that it reaches."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from hybridlab.windows.machine import Machine


class Listeners:
    """A profile's ``listeners`` say which ports a service opens; they are open while it runs.  Its ``reached`` are ``host:port`` of others."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._ports: dict[str, list[int]] = machine.profile.get("listeners") or {}
        self.reached: list[str] = list(machine.profile.get("reached") or ())

    def open(self, port: int) -> bool:
        services = (self._machine.services.find(name) for name, ports in self._ports.items() if port in ports)
        return any(one is not None and one.state == "started" for one in services)

    def reaches(self, host: str, port: int) -> bool:
        return f"{host}:{port}".lower() in map(str.lower, self.reached)
