# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""win_disk_facts: the disks of a machine with their volumes and how much of them is free."""

from __future__ import annotations

import dataclasses
import typing as t

from hybridlab.windows.machine import Machine
from hybridlab.windows.stand_ins import StandIn
from hybridlab.windows.task import Task

GIB = 1024**3


@dataclasses.dataclass
class Volume:
    """A volume by its drive letter, on a disk of its own; sizes in bytes."""

    letter: str
    size: int
    free: int
    label: str = ""


class Disks:
    """``disks`` of a profile or a change: drive letter → size and free in GiB."""

    def __init__(self, machine: Machine) -> None:
        self.volumes: dict[str, Volume] = {}
        self.know(machine.profile.get("disks") or {"C": {"size": 127, "free": 80, "label": "System"}})

    def know(self, told: t.Mapping[str, t.Mapping[str, t.Any]]) -> None:
        for letter, facts in told.items():
            old = self.volumes.get(letter.upper())
            size = int(facts["size"] * GIB) if "size" in facts else old.size if old else 0
            free = int(facts["free"] * GIB) if "free" in facts else old.free if old else size
            self.volumes[letter.upper()] = Volume(letter.upper(), size, free, str(facts.get("label", old.label if old else "")))


def win_disk_facts(task: Task) -> dict[str, t.Any]:
    volumes = task.machine.part(Disks).volumes.values()
    wanted = set(task["filter"])
    return {"ansible_facts": {"ansible_disks": [_disk(number, one, wanted) for number, one in enumerate(volumes)]}}


def _disk(number: int, volume: Volume, wanted: set[str]) -> dict[str, t.Any]:
    disk: dict[str, t.Any] = {
        "number": number,
        "size": volume.size,
        "bus_type": "SAS",
        "friendly_name": "Msft Virtual Disk",
        "partition_style": "GPT",
        "partition_count": 1,
        "operational_status": "Online",
        "sector_size": 4096,
        "read_only": False,
        "bootable": number == 0,
        "system_disk": number == 0,
        "clustered": False,
        "manufacturer": "Msft",
        "model": "Virtual Disk",
        "firmware_version": "1.0",
        "location": f"Integrated : Adapter 0 : Port 0 : Target 0 : LUN {number}",
        "serial_number": None,
        "unique_id": f"60022480{number:024x}",
        "path": f"\\\\?\\scsi#disk&ven_msft&prod_virtual_disk#{number:06d}",
    }
    if wanted & {"partitions", "volumes"}:
        disk["partitions"] = [_partition(number, volume, "volumes" in wanted)]
    if "physical_disk" in wanted:
        disk["physical_disk"] = {"size": volume.size, "device_id": str(number), "health_status": "Healthy", "operational_status": "OK", "bus_type": "SAS"}
    if "win32_disk_drive" in wanted:
        disk["win32_disk_drive"] = {"caption": "Microsoft Virtual Disk", "device_id": f"\\\\.\\PHYSICALDRIVE{number}", "index": number, "size": volume.size}
    return disk


def _partition(number: int, volume: Volume, with_volumes: bool) -> dict[str, t.Any]:
    path = f"\\\\?\\Volume{{{number:08x}-0000-0000-0000-100000000000}}\\"
    partition: dict[str, t.Any] = {
        "number": 1,
        "size": volume.size,
        "type": "Basic",
        "drive_letter": volume.letter,
        "gpt_type": "{ebd0a0a2-b9e5-4433-87c0-68b6b72699c7}",
        "no_default_driveletter": False,
        "offset": 1048576,
        "hidden": False,
        "shadow_copy": False,
        "transition_state": 1,
        "access_paths": [f"{volume.letter}:\\", path],
    }
    if with_volumes:
        partition["volumes"] = [
            {
                "size": volume.size,
                "size_remaining": volume.free,
                "type": "NTFS",
                "label": volume.label,
                "health_status": "Healthy",
                "drive_type": "Fixed",
                "allocation_unit_size": 4096,
                "object_id": path,
                "path": path,
            }
        ]
    return partition


CHANGES: dict[str, t.Callable[[Machine, t.Any], None]] = {"disks": lambda machine, told: machine.part(Disks).know(told)}
STAND_INS: dict[str, StandIn] = {"community.windows.win_disk_facts": win_disk_facts}
