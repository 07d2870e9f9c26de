# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""win_package: MSI products, and programs that an executable installs."""

from __future__ import annotations

import hashlib
import ntpath
import typing as t

from hybridlab.windows.machine import Machine
from hybridlab.windows.packages import RESTART, UNINSTALL, Packages
from hybridlab.windows.stand_ins import StandIn
from hybridlab.windows.task import Failed, Task

_WORDS = {
    1603: "Fatal error during installation.",
    1618: "Another installation is already in progress.",
    1625: "This installation is forbidden by system policy.",
}


def win_package(task: Task) -> dict[str, t.Any]:
    path, state = task["path"], task["state"]
    packages = task.machine.part(Packages)
    nothing = {"reboot_required": False}
    if path and path.lower().startswith("http"):
        raise Failed(f"Unable to connect to the remote server: the lab has no download for {path}", **nothing)
    path = task.machine.files.expand(path) if path else None
    if path and task.machine.files.file(path) is None and not task.check:
        raise Failed(f"the file at the path '{path}' cannot be reached", **nothing)
    product = _product(task, packages, path)
    changed = (state == "present") != _installed(task, product)
    if not changed or task.check:
        return {"changed": changed, "rc": 0, **nothing}
    checksum = _checked(task, path) if state == "present" else {}
    code = _install(task, packages, path) if state == "present" else _remove(task, packages, product, path)
    result = {"rc": code, **checksum}
    if code not in task["expected_return_code"]:
        what = f"'{path or product}'"
        text = _WORDS.get(code, "")
        raise Failed(f"unexpected rc from {what}: see rc, stdout, and stderr for more details", stdout=text, stderr="", **nothing, **result)
    return {"changed": True, "failed": False, "reboot_required": code == RESTART, **result}  # said, or ansible-core takes 3010 for a failure


def _product(task: Task, packages: Packages, path: str | None) -> str:
    """The product's id: of an MSI from its file, otherwise as the task says."""
    installer = packages.installers.get((path or "").lower())
    if path and ntpath.splitext(path)[1].lower() == ".msi":
        if installer is None:
            raise Failed(f"Unhandled exception while executing module: failed to open MSI '{path}' (This installation package could not be opened)")
        return installer.product_id
    return str(task["product_id"] or "")


def _installed(task: Task, product: str) -> bool:
    machine = task.machine
    installed = bool(product) and _registered(machine, product) is not None
    if task["creates_path"]:
        file = machine.files.file(task["creates_path"])
        installed = machine.files.exists(task["creates_path"])
        if task["creates_version"] and installed:
            if file is None:
                raise Failed("Unhandled exception while executing module: creates_path must be a file not a directory when creates_version is set")
            installed = _numbers(file.version) == _numbers(task["creates_version"])
    if task["creates_service"]:
        installed = machine.services.find(task["creates_service"]) is not None
    return installed


def _registered(machine: Machine, product: str) -> str | None:
    """The path of the product's key, where Windows keeps what can be uninstalled."""
    places = (f"HKLM:\\{UNINSTALL}", f"HKLM:\\{UNINSTALL}".replace("SOFTWARE", "SOFTWARE\\Wow6432Node"), f"HKCU:\\{UNINSTALL}")
    return next((f"{place}\\{product}" for place in places if machine.registry.find(f"{place}\\{product}")), None)


def _checked(task: Task, path: str | None) -> dict[str, t.Any]:
    file = task.machine.files.file(path or "")
    if file is None:
        return {}
    found = hashlib.new(task["checksum_algorithm"], file.content).hexdigest().upper()
    if task["checksum"] and task["checksum"].upper() != found:
        raise Failed(f"The checksum for {path} did not match '{task['checksum']}', it was '{found}'", reboot_required=False)
    return {"checksum": found}


def _install(task: Task, packages: Packages, path: str | None) -> int:
    installer = packages.installers.get((path or "").lower())
    if installer is None:
        raise Failed(f"the lab does not know what {path} installs; tell it with a change of 'installers'")
    given = task["arguments"]
    line = " ".join(given) if isinstance(given, list) else str(given or "")
    wanted = installer.arguments.lower().split()
    if not path or (not path.lower().endswith(".msi") and any(word not in line.lower() for word in wanted)):
        raise Failed(f"the installer {path} asks questions and would wait for ever; it needs the arguments {installer.arguments}")
    return packages.install(path)


def _remove(task: Task, packages: Packages, product: str, path: str | None) -> int:
    known = packages.installers.get((path or "").lower())
    product = product or (known.product_id if known else "")
    if product.lower() not in packages.products:
        raise Failed(f"the lab does not know how {product or path} is removed")
    key = task.machine.registry.find(_registered(task.machine, product) or f"HKLM:\\{UNINSTALL}\\{product}")
    if path is None and key is not None and key.value("UninstallString") is None and key.value("QuietUninstallString") is None:
        raise Failed(f"Failed to find registry uninstall string at registry path '{_registered(task.machine, product)}'")
    return packages.remove(product)


def _numbers(version: str) -> list[int]:
    """``15.02.1748.010`` and ``15.2.1748.10`` are the same version."""
    return [int(part) for part in version.split(".") if part.isdigit()]


PARTS = (Packages,)
CHANGES: dict[str, t.Callable[[Machine, t.Any], None]] = {"installers": lambda machine, told: machine.part(Packages).know(told)}
STAND_INS: dict[str, StandIn] = {"ansible.windows.win_package": win_package}
