# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The services of a machine."""

from __future__ import annotations

import dataclasses
import typing as t

STATES = ("stopped", "started", "paused")


@dataclasses.dataclass
class Service:
    """A service in the words of ansible.windows.win_service_info."""

    name: str
    display_name: str = ""
    description: str = ""
    path: str = ""
    username: str = "NT AUTHORITY\\SYSTEM"
    password: str = dataclasses.field(default="", repr=False)
    start_mode: str = "auto"
    state: str = "started"
    dependencies: list[str] = dataclasses.field(default_factory=list)
    pausable: bool = False
    desktop_interact: bool = False
    error_control: str = "normal"
    failure_actions: list[dict[str, t.Any]] = dataclasses.field(default_factory=list)
    failure_actions_on_non_crash_failure: bool = False
    failure_command: str | None = None
    failure_reboot_msg: str | None = None
    failure_reset_period_sec: int = 0
    load_order_group: str = ""
    pre_shutdown_timeout_ms: int = 180000
    required_privileges: list[str] = dataclasses.field(default_factory=list)
    service_type: str = "win32_own_process"
    sid_info: str = "none"
    starts: int = 0
    """How often it was started since the lab came up."""


class DoesNotStart(Exception):
    """The service control manager's words."""


class Services:
    """``refuses`` says why a service does not start now, or None."""

    def __init__(self, refuses: t.Callable[[str], str | None]) -> None:
        self._refuses = refuses
        self._services: dict[str, Service] = {}

    def add(self, service: Service) -> None:
        service.display_name = service.display_name or service.name
        self._services[service.name.lower()] = service

    def remove(self, name: str) -> None:
        del self._services[name.lower()]

    def find(self, name: str) -> Service | None:
        """By its name, or by its display name."""
        by_display = (one for one in self if one.display_name.lower() == name.lower())
        return self._services.get(name.lower()) or next(by_display, None)

    def __iter__(self) -> t.Iterator[Service]:
        return iter(sorted(self._services.values(), key=lambda one: one.name.lower()))

    def dependents(self, service: Service) -> list[Service]:
        """The services that need this one."""
        return [one for one in self if service.name.lower() in (name.lower() for name in one.dependencies)]

    def start(self, service: Service) -> None:
        """Start it after what it depends on.  Raises `DoesNotStart`."""
        if service.state == "started":
            return
        who = f"Service '{service.display_name} ({service.name})'"
        text = f"{who} cannot be started due to the following error: Cannot start service {service.name} on computer '.'."
        if service.start_mode == "disabled":
            raise DoesNotStart(text)
        for name in service.dependencies:
            needed = self.find(name)
            if needed is None:
                raise DoesNotStart(text)
            self.start(needed)
        if self._refuses(service.name):
            raise DoesNotStart(text)
        service.state = "started"
        service.starts += 1

    def stop(self, service: Service, force: bool) -> None:
        """Stop it; with ``force`` after the services that depend on it.  Raises ValueError with Windows' words."""
        running = [one for one in self.dependents(service) if one.state != "stopped"]
        if running and not force:
            who = f"service '{service.display_name} ({service.name})'"
            raise ValueError(f"Cannot stop {who} because it has dependent services. It can only be stopped if the Force flag is set.")
        for one in running:
            self.stop(one, force)
        service.state = "stopped"
