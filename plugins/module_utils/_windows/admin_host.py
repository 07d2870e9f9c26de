# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a Windows host needs before the cloud can be administered from it.  Nothing here talks to a host.

The tables of products, versions and values are the role's data (roles/admin_host/vars); this is the arithmetic on what was read of them.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._windows.versions import Version, version

Object = t.Mapping[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Host:
    """What was read.  ``dotnet`` is the number Release of the registry; 0 where there is no .NET 4, or 4.0, which has none."""

    name: str
    os: Version
    powershell: str
    core: list[str]
    dotnet: int
    dotnet_version: str
    products: list[Object]
    values: list[dict[str, t.Any]]
    modules: dict[str, list[str]]

    @staticmethod
    def load(reading: Object) -> Host:
        """Raises KeyError for what was not read."""
        found: dict[str, Object] = {}
        products, values = [], []
        for result in reading["registry"]:
            item = result["item"]
            if item["what"] == "product" and result["exists"]:
                products.append(item)
            elif item["what"] == "value":
                values.append({"path": item["path"], "name": item["name"], "data": item["data"], "found": result["value"] if result["exists"] else None})
            elif item["what"] not in ("product", "value"):
                found[item["what"]] = result
        facts = reading["facts"]
        shown = next((str(found[name]["value"]) for name in ("powershell", "powershell_before") if found[name]["exists"]), "")
        dotnet = int(found["dotnet"]["value"]) if found["dotnet"]["exists"] else 0
        return Host(
            str(facts["ansible_os_name"]).strip(),
            version(facts["ansible_distribution_version"]),
            shown,
            sorted((str(one["value"]) for one in reading["core"] if one["exists"]), key=version),
            dotnet,
            str(found["dotnet_version"]["value"]) if found["dotnet_version"]["exists"] else "",
            products,
            values,
            {one["item"]["name"]: [str(row["version"]) for row in one["modules"]] for one in reading["modules"]},
        )

    def shown(self) -> dict[str, t.Any]:
        return {
            "os": self.name,
            "os_version": ".".join(map(str, self.os)),
            "powershell": self.powershell,
            "powershell_core": self.core,
            "dotnet": self.dotnet_version,
            "tls": self.values,
            "incompatible": [one["product"] for one in self.products],
            "modules": self.modules,
        }


@dataclasses.dataclass(frozen=True)
class Wishes:
    """The role's variables without their beginning, and its tables: ``frameworks`` by WMF version, ``dotnets`` by name, ``needs`` and ``retired`` by module."""

    powershell: str
    wmf: Object
    dotnet: Object
    modules: t.Sequence[Object]
    packages: t.Sequence[Object]
    tls: bool
    accept_retired: bool
    frameworks: t.Mapping[str, Object]
    dotnets: t.Mapping[str, int]
    needs: t.Mapping[str, Object]
    retired: t.Mapping[str, str]


_COMPLETE = {"wmf": ("version", "source", "kb"), "dotnet": ("path",)}


def make(reading: Object, wishes: Wishes) -> dict[str, t.Any]:
    """The plan; filter/admin_host_plan.yml says what it holds.  Raises KeyError, ValueError."""
    for name, complete in _COMPLETE.items():
        given = getattr(wishes, name)
        lacking = [one for one in complete if given and not given.get(one)]
        if lacking:
            raise ValueError(f"admin_host_{name}: there is no {', '.join(lacking)}")
    host = Host.load(reading)
    wmf = bool(wishes.wmf) and version(host.powershell) < version(wishes.wmf["version"])
    modules = [one for one in wishes.modules if str(one["required_version"]) not in host.modules.get(one["name"], ())] if _named(wishes) else []
    needed = _dotnet_needed(host, wishes, wmf, modules)
    dotnet = bool(needed) and bool(wishes.dotnet)
    tls = [{"path": one["path"], "name": one["name"], "data": one["data"], "type": "dword"} for one in host.values if one["found"] != one["data"]]
    installed = [{"name": one["name"], "required_version": one["required_version"]} for one in modules]
    after = str(wishes.wmf["version"]) if wmf else host.powershell
    problems = [
        *_module_problems(wishes),
        *(_wmf_problems(host, wishes) if wmf else ()),
        *([] if dotnet or not needed else [f"{needed[1]} needs .NET Framework {needed[0]}, and {_dotnet(host)} is here. Give admin_host_dotnet"]),
    ]
    if version(after) < version(wishes.powershell):
        problems.append(f"PowerShell {wishes.powershell} is needed, and {after or 'none'} is here. Give admin_host_wmf")
    return {
        "state": host.shown(),
        "problems": problems,
        "dotnet": dotnet,
        "wmf": ("hotfix" if version(host.powershell) >= (4,) else "package") if wmf else "",
        "tls": tls if wishes.tls else [],
        "modules": [dict(one) for one in modules],
        "saved": {"registry": _before(host) if wishes.tls else [], "modules": installed},
    }


def _before(host: Host) -> list[dict[str, t.Any]]:
    """The values that differ, as options of win_regedit that bring them back."""
    found = []
    for one in host.values:
        if one["found"] != one["data"]:
            where = {"path": one["path"], "name": one["name"]}
            found.append(where | ({"state": "absent"} if one["found"] is None else {"data": one["found"], "type": "dword"}))
    return found


def _named(wishes: Wishes) -> bool:
    return all(one.get("name") and one.get("required_version") for one in wishes.modules)


def _module_problems(wishes: Wishes) -> t.Iterator[str]:
    for one in wishes.modules:
        name = one.get("name")
        if not name or not one.get("required_version"):
            yield f"admin_host_modules: {dict(one)} must have name and required_version, so that every host gets the same"
        elif any(sign in str(name) for sign in "*?["):
            yield f"admin_host_modules: {name} must be an exact name"
        elif name in wishes.retired and not wishes.accept_retired:
            yield f"admin_host_modules: {name} is retired: {wishes.retired[name]}. Set admin_host_accept_retired to install it all the same"
    if wishes.packages and not wishes.accept_retired:
        yield (
            "admin_host_packages: modules that come as packages are those of 2014 (MSOnline, AzureAD), whose service is switched off since 2025. "
            "Use admin_host_modules, or set admin_host_accept_retired"
        )


def _wmf_problems(host: Host, wishes: Wishes) -> t.Iterator[str]:
    wanted = str(wishes.wmf["version"])
    framework = wishes.frameworks.get(wanted)
    if framework is None:
        yield f"admin_host_wmf: {wanted} is none of the versions that the role knows: {', '.join(wishes.frameworks)}"
        return
    if ".".join(map(str, host.os[:2])) not in framework["systems"]:
        yield f"admin_host_wmf: {wanted} is not for {host.name} ({'.'.join(map(str, host.os))}), only for versions {', '.join(framework['systems'])} of Windows"
    for one in host.products:
        if wanted in one["wmf"]:
            yield f"Windows Management Framework {wanted} must not be installed beside {one['product']}: {one['why']}"


def _dotnet_needed(host: Host, wishes: Wishes, wmf: bool, modules: t.Iterable[Object]) -> tuple[str, str] | None:
    """The newest version of .NET that something is to be installed for and that is not here, and for what."""
    asked = []
    if wmf and str(wishes.wmf["version"]) in wishes.frameworks:
        asked.append((wishes.frameworks[str(wishes.wmf["version"])]["dotnet"], f"Windows Management Framework {wishes.wmf['version']}"))
    asked += [(wishes.needs[one["name"]]["dotnet"], one["name"]) for one in modules if one["name"] in wishes.needs]
    lacking = [one for one in asked if host.dotnet < wishes.dotnets[one[0]]]
    return max(lacking, key=lambda one: version(one[0])) if lacking else None


def _dotnet(host: Host) -> str:
    return host.dotnet_version or "none of version 4"
