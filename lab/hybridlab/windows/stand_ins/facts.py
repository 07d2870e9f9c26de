# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""setup and win_ping: what a machine says about itself."""

from __future__ import annotations

import datetime
import typing as t

from hybridlab.windows.machine import Machine
from hybridlab.windows.stand_ins import StandIn
from hybridlab.windows.task import Failed, Task


def win_ping(task: Task) -> dict[str, t.Any]:
    if task.get("data") == "crash":
        raise Failed("Unhandled exception while executing module: boom")
    return {"ping": task.get("data", "pong")}


def setup(task: Task) -> dict[str, t.Any]:
    """The facts of every machine, whatever subset was asked for."""
    facts = _system(task.machine) | _present(task.machine)
    return {"ansible_facts": {f"ansible_{name}": value for name, value in facts.items()}}


def _system(machine: Machine) -> dict[str, t.Any]:
    system = machine.profile["os"]
    version = str(system["version"])
    return {
        "os_family": "Windows",
        "system": "Win32NT",
        "system_vendor": "Microsoft Corporation",
        "distribution": system["caption"],
        "distribution_version": version,
        "distribution_major_version": version.partition(".")[0],
        "os_name": system["caption"],
        "os_product_type": system["type"],
        "os_installation_type": "Client" if system["type"] == "workstation" else "Server",
        "kernel": version,
        "architecture": "64-bit",
        "architecture2": "x86_64",
        "hostname": machine.name,
        "nodename": machine.identity.fqdn,
        "fqdn": machine.identity.fqdn,
        "domain": machine.identity.domain,
        "windows_domain": machine.identity.domain or "WORKGROUP",
        "windows_domain_member": bool(machine.identity.domain),
        "windows_domain_role": _role(bool(machine.identity.domain), system["type"] == "workstation"),
        "powershell_version": 5,
        "user_id": machine.identity.account,
        "user_sid": machine.registry.user,
        "user_dir": machine.files.expand("%USERPROFILE%"),
        "processor_count": 1,
        "processor_cores": 4,
        "memtotal_mb": int(machine.profile.get("memory_mb", 16384)),
        "virtualization_role": "guest",
        "virtualization_type": "Hyper-V",
    }


def _present(machine: Machine) -> dict[str, t.Any]:
    now = datetime.datetime.now(datetime.UTC)
    return {
        "env": {name.upper(): value for name, value in machine.files.variables.items()},
        "lastboot": machine.started.strftime("%Y-%m-%d %H:%M:%SZ"),
        "uptime_seconds": int((now - machine.started).total_seconds()),
        "reboot_pending": bool(machine.restart_needed),
        "date_time": {"iso8601": now.strftime("%Y-%m-%dT%H:%M:%SZ"), "epoch": str(now.timestamp()), "tz": "UTC", "date": now.strftime("%Y-%m-%d")},
        "win_rm_certificate_expires": (now + datetime.timedelta(days=365)).strftime("%Y-%m-%d %H:%M:%SZ"),
    }


def _role(member: bool, workstation: bool) -> str:
    kind = "workstation" if workstation else "server"
    return f"Member {kind}" if member else f"Stand-alone {kind}"


STAND_INS: dict[str, StandIn] = {"ansible.windows.win_ping": win_ping, "ansible.windows.setup": setup}
