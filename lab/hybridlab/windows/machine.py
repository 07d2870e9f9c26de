# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Windows host in memory: what the stand-ins of modules act on."""

from __future__ import annotations

import copy
import dataclasses
import datetime
import typing as t

from hybridlab.faults import Faults
from hybridlab.windows.files import FileSystem
from hybridlab.windows.registry import Registry
from hybridlab.windows.services import Service, Services

ADMINISTRATOR_SID = "S-1-5-21-1004336348-1177238915-682003330-500"

Part = t.TypeVar("Part")


@dataclasses.dataclass(frozen=True)
class Identity:
    """Whose name a machine has.  ``domain`` is empty for a machine in a workgroup."""

    name: str
    domain: str = ""
    account: str = "administrator"

    @property
    def fqdn(self) -> str:
        return f"{self.name}.{self.domain}".lower() if self.domain else self.name.lower()


class Machine:
    """One host.  ``profile`` is what it is when it comes up: see profiles.yml.

    Registry, services and files are here; everything else is a part that `part` makes when a stand-in first asks for it.
    """

    def __init__(
        self, identity: Identity, profile: t.Mapping[str, t.Any], faults: Faults, principal: t.Callable[[str], str | None] = lambda name: None
    ) -> None:
        self.identity = identity
        self.profile = profile
        self.faults = faults
        self.principal = principal
        """The security identifier of an account of the domain by its short name; None for none."""
        self.calls: list[tuple[str, dict[str, t.Any]]] = []
        """Every module that ran, with its arguments as they were bound."""
        self.started = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=3)
        self.restarts = 0
        self.restart_needed: list[str] = list(profile.get("restart_needed") or [])
        """Why Windows wants to restart, in words."""
        self.locked: set[str] = set()
        """Paths, in lower case, that another process has open."""
        self._parts: dict[type, t.Any] = {}
        self.registry = Registry(ADMINISTRATOR_SID)
        self.services = Services(self._refuses_to_start)
        self.files = FileSystem(_variables(identity) | (profile.get("variables") or {}), self._is_locked)
        self._seed()

    @property
    def name(self) -> str:
        return self.identity.name

    def part(self, kind: type[Part]) -> Part:
        """The machine's ``kind``, made of the machine when it is first asked for."""
        if kind not in self._parts:
            self._parts[kind] = t.cast("t.Callable[[Machine], Part]", kind)(self)
        return t.cast(Part, self._parts[kind])

    def restart(self) -> None:
        """What a restart does: pending work is done, services that start by themselves run, nothing is open any more."""
        self.restarts += 1
        self.started = datetime.datetime.now(datetime.UTC)
        self.restart_needed.clear()
        self.locked.clear()
        for service in self.services:
            service.state = "stopped"
        for part in self._parts.values():
            restarted = getattr(part, "restarted", None)
            if restarted is not None:
                restarted()
        for service in self.services:
            if service.start_mode in ("auto", "delayed") and not self._refuses_to_start(service.name):
                service.state = "started"

    def status(self) -> dict[str, t.Any]:
        return {
            "machine": self.name,
            "restarts": self.restarts,
            "restart_needed": list(self.restart_needed),
            "locked": sorted(self.locked),
            "services": {one.name: one.state for one in self.services},
        }

    def take(self, fault: str, **facts: str) -> dict[str, t.Any] | None:
        """The armed fault, if it is for this machine and for this object: an option that is empty fits everything."""
        armed = self.faults.peek(fault)
        if armed is None or any(armed.get(name) and armed[name].lower() != value.lower() for name, value in (("host", self.name), *facts.items())):
            return None
        return self.faults.take(fault)

    def _seed(self) -> None:
        for name, facts in (self.profile.get("services") or {}).items():
            self.services.add(Service(name, **copy.deepcopy(facts or {})))
        self.registry.load(self.profile.get("registry") or {})
        for path, facts in (self.profile.get("files") or {}).items():
            told = dict(facts or {})
            self.files.write(self.files.expand(path), str(told.pop("content", "")).encode(), **told)
        for path in self.profile.get("directories") or []:
            self.files.make_directory(self.files.expand(path))
        for service in self.services:
            service.path = self.files.expand(service.path)

    def _is_locked(self, path: str) -> bool:
        return path.lower() in self.locked or self._is_held(path) or self.take("file-in-use", path=path) is not None

    def _is_held(self, path: str) -> bool:
        """Whether a service has the file open: a profile's ``holds`` say which files a service has open while it runs."""
        for name, paths in (self.profile.get("holds") or {}).items():
            service = self.services.find(name)
            if service is not None and service.state == "started" and path.lower() in (self.files.expand(one).lower() for one in paths):
                return True
        return False

    def _refuses_to_start(self, service: str) -> str | None:
        return "the lab was told so" if self.take("service-does-not-start", service=service) else None


def _variables(identity: Identity) -> dict[str, str]:
    profile = f"C:\\Users\\{identity.account}"
    return {
        "SystemDrive": "C:",
        "SystemRoot": "C:\\Windows",
        "windir": "C:\\Windows",
        "ProgramFiles": "C:\\Program Files",
        "ProgramFiles(x86)": "C:\\Program Files (x86)",
        "ProgramData": "C:\\ProgramData",
        "PUBLIC": "C:\\Users\\Public",
        "USERPROFILE": profile,
        "APPDATA": f"{profile}\\AppData\\Roaming",
        "LOCALAPPDATA": f"{profile}\\AppData\\Local",
        "TEMP": f"{profile}\\AppData\\Local\\Temp",
        "TMP": f"{profile}\\AppData\\Local\\Temp",
        "COMPUTERNAME": identity.name.upper(),
    }
