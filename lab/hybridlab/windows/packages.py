# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Programs on a machine: what an installer does, and what Windows knows of what is installed.

A profile or a change tells what an installer is, by its path:

``product_id``, ``name``, ``version``, ``publisher``; ``files`` (path → version), ``services`` and ``registry`` are what it brings; ``exit_code`` is
what it says when all went well.  A file in use is replaced at the next restart; ``says_so: false`` makes an installer that reports success all the same.
"""

from __future__ import annotations

import dataclasses
import ntpath
import typing as t

from hybridlab.windows.files import InUse
from hybridlab.windows.machine import Machine
from hybridlab.windows.services import Service

UNINSTALL = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall"
SUCCESS, RESTART, FATAL = 0, 3010, 1603


@dataclasses.dataclass(frozen=True)
class Installer:
    """What an installer file is and does."""

    product_id: str
    name: str
    version: str = ""
    publisher: str = ""
    arguments: str = ""
    """What its command line must hold for an installation without questions; without it the installer waits for ever."""
    files: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    services: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    registry: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    exit_code: int = SUCCESS
    says_so: bool = True
    uninstall: str = ""
    """The command that removes it, for what is no MSI."""


class Packages:
    """Installers by path, products by id; both in lower case."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.installers: dict[str, Installer] = {}
        self.products: dict[str, Installer] = {}
        self.pending: dict[str, str] = {}
        """Files in use that the next restart replaces: path → version."""
        self.know(machine.profile.get("installers") or {})
        for path in machine.profile.get("installed") or ():
            self.install(machine.files.expand(path))

    def know(self, told: t.Mapping[str, t.Mapping[str, t.Any]]) -> None:
        """What installers are, by path; the files appear with that."""
        for path, facts in told.items():
            path = self._machine.files.expand(path)
            self.installers[path.lower()] = Installer(**facts)
            if self._machine.files.file(path) is None:
                self._machine.files.write(path, f"installer of {facts['name']} {facts.get('version', '')}".encode())

    def restarted(self) -> None:
        for path, version in self.pending.items():
            self._machine.files.write(path, f"{ntpath.basename(path)} {version}".encode(), at_restart=True, version=version)
        self.pending.clear()

    def install(self, path: str) -> int:
        """Run the installer of a path; its exit code."""
        installer = self.installers[path.lower()]
        if installer.exit_code not in (SUCCESS, RESTART):
            return installer.exit_code
        waits = [self._write(*file) for file in installer.files.items()]
        for name, facts in installer.services.items():
            if self._machine.services.find(name) is None:
                self._machine.services.add(Service(name, **(facts or {})))
        self._machine.registry.load(installer.registry)
        self.products[installer.product_id.lower()] = installer
        self._note(installer)
        return self._code(installer, any(waits))

    def remove(self, product_id: str) -> int:
        """Uninstall; the exit code."""
        installer = self.products[product_id.lower()]
        waits = False
        for path in installer.files:
            try:
                self._machine.files.remove(self._machine.files.expand(path))
            except InUse:
                waits = True
        for name in installer.services:
            if self._machine.services.find(name):
                self._machine.services.remove(name)
        del self.products[product_id.lower()]
        above = self._machine.registry.make(f"HKLM:\\{UNINSTALL}")
        above.keys.pop(product_id.lower(), None)
        return self._code(installer, waits)

    def _write(self, path: str, version: str) -> bool:
        """Put a file in place; True when that waits for a restart."""
        path = self._machine.files.expand(path)
        try:
            self._machine.files.write(path, f"{ntpath.basename(path)} {version}".encode(), version=version)
        except InUse:
            self.pending[path] = version
            return True
        return False

    def _code(self, installer: Installer, waits: bool) -> int:
        if waits or installer.exit_code == RESTART or self._machine.take("restart-needed"):
            self._machine.restart_needed.append(installer.name)
            return RESTART if installer.says_so else SUCCESS
        return SUCCESS

    def _note(self, installer: Installer) -> None:
        values = {"DisplayName": installer.name, "DisplayVersion": installer.version, "Publisher": installer.publisher}
        command = installer.uninstall or f"MsiExec.exe /X{installer.product_id}"
        self._machine.registry.load({f"HKLM:\\{UNINSTALL}\\{installer.product_id}": values | {"UninstallString": command}})
