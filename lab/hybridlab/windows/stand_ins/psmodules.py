# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""win_psmodule and win_psmodule_info."""

from __future__ import annotations

import fnmatch
import typing as t

from hybridlab.windows.machine import Machine
from hybridlab.windows.psmodules import Modules, order
from hybridlab.windows.stand_ins import StandIn
from hybridlab.windows.task import Failed, Task

_ENGINE = r"HKLM:\SOFTWARE\Microsoft\PowerShell\3\PowerShellEngine"
_BOUNDS = ("minimum_version", "maximum_version")


def win_psmodule(task: Task) -> dict[str, t.Any]:
    name, state, modules = task["name"], task["state"], task.machine.part(Modules)
    result: dict[str, t.Any] = {"output": "", "nuget_changed": False, "repository_changed": False}
    _refuse(task, modules, result)
    if state == "absent":
        return result | _remove(task, modules, name)
    if state == "latest":
        offered = modules.offered(name, task["repository"])
        if not offered:
            raise Failed(f"Cant find the module {name}: {_no_match(name)}", **result)
        return result | _install(task, modules, max(offered, key=order), result)
    return result | _install(task, modules, task["required_version"], result)


def _refuse(task: Task, modules: Modules, result: dict[str, t.Any]) -> None:
    if _powershell(task.machine) < [5]:
        text = "Modules PowerShellGet and PackageManagement in versions 1.6.0 and 1.1.7 respectively have to be installed before using the win_psmodule."
        raise Failed(text, **result)
    bounded = any(task[bound] for bound in _BOUNDS)
    if task["required_version"] and bounded:
        raise Failed("Parameters required_version and minimum/maximum_version are mutually exclusive.", **result)
    if task["state"] == "latest" and (task["required_version"] or bounded):
        text = "When the parameter state is equal to 'latest' you can't use any of required_version, minimum_version, maximum_version."
        raise Failed(text, **result)
    if task["repository"] and task["repository"] not in modules.repositories:
        raise Failed(f"The repository {task['repository']} doesn't exist.", **result)


def _powershell(machine: Machine) -> list[int]:
    """The machine's PowerShell; of a machine whose registry does not say it, the one that its Windows has."""
    key = machine.registry.find(_ENGINE)
    value = key.value("PowerShellVersion") if key else None
    return order(str(value.data)) if value else [5, 1]


def _fitting(task: Task, versions: t.Iterable[str], exact: str | None) -> list[str]:
    """The versions that are asked for, newest first."""
    low, high = (task[bound] for bound in _BOUNDS)
    found = [one for one in versions if not exact or order(one) == order(exact)]
    found = [one for one in found if (not low or order(one) >= order(low)) and (not high or order(one) <= order(high))]
    return sorted(found, key=order, reverse=True)


def _install(task: Task, modules: Modules, exact: str | None, result: dict[str, t.Any]) -> dict[str, t.Any]:
    name = task["name"]
    if _fitting(task, modules.versions(name), exact):
        return {"output": f"Module {name} already present"}
    offered = modules.offered(name, task["repository"])
    fitting = _fitting(task, offered, exact)
    if not fitting:
        raise Failed(f"Problems installing {name} module: {_no_match(name)}", **result)
    if not task.check:
        modules.add(name, fitting[0], offered[fitting[0]])
    return {"changed": True, "output": f"Module {name} installed"}


def _remove(task: Task, modules: Modules, name: str) -> dict[str, t.Any]:
    if not modules.versions(name):
        return {"output": f"Module {name} removed"}
    fitting = _fitting(task, modules.versions(name), task["required_version"])
    if fitting and not task.check:
        for version in fitting:
            modules.remove(name, version)
    return {"changed": True, "output": f"Module {name} removed"} if fitting else {}


def _no_match(name: str) -> str:
    return f"No match was found for the specified search criteria and module name '{name}'. Try Get-PSRepository to see all available module repositories."


def win_psmodule_info(task: Task) -> dict[str, t.Any]:
    modules, pattern = task.machine.part(Modules), task["name"].lower()
    found = []
    for name in sorted(modules.names(), key=str.lower):
        for version, repository in modules.versions(name).items():
            if fnmatch.fnmatchcase(name.lower(), pattern) and task["repository"] in (None, repository):
                found.append(_information(name, version, repository))
    return {"modules": found}


def _information(name: str, version: str, repository: str) -> dict[str, t.Any]:
    base = f"C:\\Program Files\\WindowsPowerShell\\Modules\\{name}\\{version}"
    return {
        "name": name,
        "version": version,
        "module_base": base,
        "path": f"{base}\\{name}.psd1",
        "module_type": "Script",
        "power_shell_version": "5.1",
        "repository": repository or None,
        "installed_location": base if repository else None,
        "package_management_provider": "NuGet" if repository else None,
    }


PARTS = (Modules,)
STAND_INS: dict[str, StandIn] = {"community.windows.win_psmodule": win_psmodule, "community.windows.win_psmodule_info": win_psmodule_info}
