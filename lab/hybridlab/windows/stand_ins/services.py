# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""win_service and win_service_info."""

from __future__ import annotations

import dataclasses
import fnmatch
import typing as t

from hybridlab.windows.services import DoesNotStart, Service
from hybridlab.windows.stand_ins import StandIn
from hybridlab.windows.task import Failed, Task

_PLAIN = (
    "description",
    "display_name",
    "error_control",
    "failure_actions",
    "failure_actions_on_non_crash_failure",
    "failure_command",
    "failure_reboot_msg",
    "failure_reset_period_sec",
    "load_order_group",
    "path",
    "pre_shutdown_timeout_ms",
    "required_privileges",
    "service_type",
    "sid_info",
    "start_mode",
)
_SYSTEM = ("localsystem", "system", "nt authority\\system", "s-1-5-18")
_WELL_KNOWN = {
    "localservice": "NT AUTHORITY\\LOCAL SERVICE",
    "networkservice": "NT AUTHORITY\\NETWORK SERVICE",
    "nt authority\\localservice": "NT AUTHORITY\\LOCAL SERVICE",
    "nt authority\\networkservice": "NT AUTHORITY\\NETWORK SERVICE",
}


def win_service(task: Task) -> dict[str, t.Any]:
    service = task.machine.services.find(task["name"])
    before = _difference(service)
    if task["state"] == "absent":
        return {"exists": False, **_remove(task, service), **task.compared(before, "")}
    wanted = {name: task[name] for name in (*_PLAIN, "dependencies", "username", "password", "state") if task[name] is not None}
    if service is None and not wanted and not task["desktop_interact"] and task["dependency_action"] == "set":
        return {"exists": False, **task.compared("", "")}
    created = service is None
    if service is None:
        if task["path"] is None:
            raise Failed(f"Service '{task['name']}' is not installed, need to set 'path' to create a new service", exists=False)
        service = Service(task["name"], task["name"], path=task["path"], start_mode="auto", state="stopped")
        if not task.check:
            task.machine.services.add(service)
    real = service
    if task.check:
        service = dataclasses.replace(service)
    changed = _configure(task, service, created) or created
    changed = _set_state(task, service, real) or changed
    return {"changed": changed, "exists": True, **_result(task, service), **task.compared(before, _difference(service))}


def _remove(task: Task, service: Service | None) -> dict[str, t.Any]:
    if service is None:
        return {"changed": False}
    _stop(task, dataclasses.replace(service) if task.check else service)
    if not task.check:
        task.machine.services.remove(service.name)
    return {"changed": True}


def _configure(task: Task, service: Service, created: bool) -> bool:
    before = dataclasses.replace(service)
    for name in _PLAIN:
        if task[name] is not None:
            setattr(service, name, task.machine.files.expand(task[name]) if name == "path" else task[name])
    if task["dependencies"] is not None:
        service.dependencies = _dependencies(service.dependencies, task["dependencies"], task["dependency_action"])
    if task["username"] is not None:
        service.username = _account(task["username"])
    if task["desktop_interact"] and service.username.lower() not in _SYSTEM:
        raise Failed("Can only set 'desktop_interact' to true when 'username' equals 'SYSTEM'")
    service.desktop_interact = task["desktop_interact"]
    changed = dataclasses.asdict(before) != dataclasses.asdict(service)
    if task["password"] is not None and (created or task["update_password"] == "always"):
        service.password = task["password"]
        changed = True
    return changed


def _account(name: str) -> str:
    if name.lower() in _SYSTEM:
        return "NT AUTHORITY\\SYSTEM"
    return _WELL_KNOWN.get(name.lower(), name)


def _dependencies(current: list[str], given: list[str], action: str) -> list[str]:
    named = {one.lower() for one in given}
    if action == "add":
        return current + [one for one in given if one.lower() not in (other.lower() for other in current)]
    if action == "remove":
        return [one for one in current if one.lower() not in named]
    return current if {one.lower() for one in current} == named else given


def _set_state(task: Task, service: Service, real: Service) -> bool:
    """Started, stopped, restarted or paused; ``service`` is a copy of ``real`` in check mode."""
    wanted = task["state"]
    if wanted in (None, service.state):
        return False
    if wanted == "paused" and not service.pausable:
        raise Failed(f"failed to pause service {service.name}: The service does not support pausing")
    if wanted in ("stopped", "restarted"):
        _stop(task, service)
    if wanted in ("started", "restarted"):
        _start(task, service)
    if wanted == "paused":
        service.state = "paused"
    return True


def _start(task: Task, service: Service) -> None:
    if task.check:
        service.state = "started"
        return
    try:
        task.machine.services.start(service)
    except DoesNotStart as error:
        raise Failed(f"Unhandled exception while executing module: {error}") from error


def _stop(task: Task, service: Service) -> None:
    try:
        if not task.check:
            task.machine.services.stop(service, task["force_dependent_services"])
    except ValueError as error:
        raise Failed(f"Unhandled exception while executing module: {error}") from error
    service.state = "stopped"


def _difference(service: Service | None) -> t.Any:
    if service is None:
        return ""
    hidden = ("pausable", "starts")
    shown = {name: value for name, value in dataclasses.asdict(service).items() if name not in hidden}
    return shown | {"password": "REDACTED"}


def _result(task: Task, service: Service) -> dict[str, t.Any]:
    names = ("dependencies", "description", "desktop_interact", "display_name", "name", "path", "start_mode")
    return {
        **{name: getattr(service, name) for name in names},
        "username": "LocalSystem" if service.username.lower() in _SYSTEM else service.username,
        "state": "running" if service.state == "started" else service.state,
        "can_pause_and_continue": service.pausable and service.state == "started",
        "depended_by": [one.name for one in task.machine.services.dependents(service)],
    }


def win_service_info(task: Task) -> dict[str, t.Any]:
    pattern = task.get("name", "*").lower()
    found = [one for one in task.machine.services if fnmatch.fnmatchcase(one.name.lower(), pattern) or fnmatch.fnmatchcase(one.display_name.lower(), pattern)]
    return {"exists": bool(found), "services": [_information(task, one) for one in found]}


def _information(task: Task, service: Service) -> dict[str, t.Any]:
    facts = dataclasses.asdict(service)
    for name in ("password", "pausable", "starts"):
        del facts[name]
    running = service.state == "started"
    return {
        **facts,
        "checkpoint": 0,
        "controls_accepted": (["stop", "shutdown", *(["pause_continue"] if service.pausable else [])] if running else []),
        "dependency_of": [one.name for one in task.machine.services.dependents(service)],
        "launch_protection": "none",
        "preferred_node": None,
        "process_id": 1000 + sum(map(ord, service.name)) + service.starts if running else 0,
        "service_exit_code": 0,
        "service_flags": [],
        "triggers": [],
        "wait_hint_ms": 0,
        "win32_exit_code": 0,
    }


STAND_INS: dict[str, StandIn] = {"ansible.windows.win_service": win_service, "ansible.windows.win_service_info": win_service_info}
