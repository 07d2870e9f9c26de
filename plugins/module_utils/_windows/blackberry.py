# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a BlackBerry Enterprise Server 5 needs to work with Exchange Server 2013.  Nothing here talks to a host.

Exchange Server 2013 takes MAPI over RPC/HTTP only, which MAPI/CDO learnt with 6.5.8309; what worked in the field was 6.5.8353.0 and later.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import values
from ansible_collections.m365.hybrid.plugins.module_utils._windows.versions import version

Object = t.Mapping[str, t.Any]
MAPI_NOT_OPEN = "0x8004011d"
"""The error of OpenMsgStore that followed in the field when the wildcard was taken away."""
_PARTS = ("file_major_part", "file_minor_part", "file_build_part", "file_private_part")
_BY_ITSELF = ("auto", "delayed")
_STOPPED = "{} starts with the host and is stopped; the role starts what ran when it began. Start it yourself where a run that was interrupted left it so"
MAINTENANCE = 2
"""The maintenance release of 5.0 SP4 that is the first to work."""


@dataclasses.dataclass(frozen=True)
class Wishes:
    """The role's variables without their beginning."""

    product: str
    minimum: str
    maintenance_release: int
    special_update: bool
    mapi_minimum: str
    mapi_installer: str
    mapi_file: str
    registry_data: str

    @staticmethod
    def load(given: Object) -> Wishes:
        """From the role's variables, in which ansible-core before 2.19 makes texts of numbers.  Raises ValueError, TypeError."""
        release, special = values.integer(given["maintenance_release"]), values.boolean(given["special_update"])
        return Wishes(**{**given, "maintenance_release": release or 0, "special_update": bool(special)})


def make(reading: Object, wishes: Wishes) -> dict[str, t.Any]:
    """The plan; filter/blackberry_plan.yml says what it holds.  Raises KeyError."""
    server, mapi = file_version(reading["server"]), file_version(reading["mapi"])
    value = reading["value"]["value"] if reading["value"]["exists"] else None
    old = version(mapi) < version(wishes.mapi_minimum)
    differs = value != wishes.registry_data
    problems = [*_server_problems(server, wishes)]
    if reading["value"]["exists"] and reading["value"]["type"] != "REG_SZ":
        problems.append(f"the value in the registry is {reading['value']['type']}, not REG_SZ; it is not what the role is for")
    if old and not wishes.mapi_installer:
        problems.append(f"{wishes.mapi_file} has {_shown(mapi)}, and {wishes.mapi_minimum} is needed. Give blackberry_exchange_mapi_installer")
    return {
        "state": {"server": server, "mapi": mapi, "registry": value, "services": _running(reading)},
        "problems": problems,
        "mapi": old,
        "registry": differs,
        "warnings": [
            *([_wildcard(value, wishes.registry_data)] if value and "*" in value and differs and "*" not in wishes.registry_data else []),
            *(_STOPPED.format(one["name"]) for one in reading["services"]["services"] if one["state"] == "stopped" and one["start_mode"] in _BY_ITSELF),
        ],
        "running": [name for name, state in _running(reading).items() if state == "started"],
        "saved": {"mapi": mapi, "registry": value} if old or differs else {},
    }


def file_version(answer: Object) -> str:
    """The version of a file from community.windows.win_file_version; empty where there is no such file.  Raises KeyError for no answer."""
    found = answer.get("win_file_version")
    if not found:
        if "does not exist" in str(answer.get("msg")):
            return ""
        raise KeyError(f"no version was read: {answer.get('msg')}")
    return ".".join(str(found[name]) for name in _PARTS)


def _running(reading: Object) -> dict[str, str]:
    return {str(one["name"]): str(one["state"]) for one in reading["services"]["services"]}


def _server_problems(server: str, wishes: Wishes) -> t.Iterator[str]:
    if not server:
        yield "there is no BlackBerry Enterprise Server at blackberry_exchange_server_file"
    elif version(server) < version(wishes.minimum):
        yield f"BlackBerry Enterprise Server {server} does not work with Exchange Server 2013; {wishes.minimum} (5.0 SP4) is needed"
    if wishes.product == "express" and not wishes.special_update:
        yield "BlackBerry Enterprise Server Express needs its vendor's special update for SP4; set blackberry_exchange_special_update when it is installed"
    if wishes.product == "server" and wishes.maintenance_release < MAINTENANCE:
        yield (
            f"BlackBerry Enterprise Server needs 5.0 SP4 MR{MAINTENANCE}, which the versions of its files do not show; say in "
            "blackberry_exchange_maintenance_release which one is installed"
        )


def _wildcard(value: str, wanted: str) -> str:
    return (
        f"The value changes from '{value}', which has a wildcard, to '{wanted}', which has none. In the field, a change like this made for coexistence with "
        f"Exchange Server 2007 and 2010 broke OpenMsgStore with {MAPI_NOT_OPEN}, and leaving the wildcard did no harm"
    )


def _shown(found: str) -> str:
    return f"version {found}" if found else "no version, because it is not there"
