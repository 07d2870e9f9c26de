# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Roles and features of a Windows server, as Server Manager keeps them."""

from __future__ import annotations

import dataclasses
import functools
import importlib.resources
import typing as t

from hybridlab.windows.machine import Machine
from hybridlab.windows.services import Service


@dataclasses.dataclass(frozen=True)
class Feature:
    """A line of features.txt.  ``needs`` are other features; ``tools`` what the management tools are."""

    name: str
    display_name: str
    kind: str
    parent: str
    depth: int
    needs: tuple[str, ...]
    tools: tuple[str, ...]
    restart: bool
    removed: bool


class Refused(Exception):
    """Server Manager's words."""


class Features:
    """``installed`` are the names in lower case; ``pending`` those whose change waits for a restart."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.installed: set[str] = set()
        self.pending: set[str] = set()
        for name in machine.profile.get("features") or ():
            self.apply(self.closure(name))

    def restarted(self) -> None:
        self.pending.clear()

    def find(self, name: str) -> Feature:
        """Raises `Refused`."""
        found = table().get(name.lower())
        if found is None:
            raise Refused(f"ArgumentNotValid: The role, role service, or feature name is not valid: '{name}'. The name was not found.")
        return found

    def closure(self, name: str, *, below: bool = False, tools: bool = False) -> list[Feature]:
        """The feature with everything that comes with it: what it is part of, what it needs, and on demand what is below it and its tools."""
        wanted: dict[str, Feature] = {}
        self._collect(self.find(name), wanted, tools)
        if below:
            for feature in descendants(name):
                self._collect(feature, wanted, tools)
        elif name.lower() == "web-server":  # Server Manager's default role services
            for default in _WEB_DEFAULTS:
                self._collect(self.find(default), wanted, False)
        return list(wanted.values())

    def missing(self, features: t.Iterable[Feature]) -> list[Feature]:
        return [one for one in features if one.name.lower() not in self.installed]

    def needing(self, name: str) -> list[Feature]:
        """What must go with a feature: what is below it and what needs it, as far as it is installed."""
        found = {one.name: one for one in (self.find(name), *descendants(name))}
        while more := [one for one in table().values() if one.name not in found and set(one.needs) & set(found) and one.name.lower() in self.installed]:
            found |= {one.name: one for one in more}
        return [one for one in found.values() if one.name.lower() in self.installed]

    def apply(self, features: t.Iterable[Feature]) -> None:
        self.installed |= {one.name.lower() for one in features}
        if "web-webserver" in self.installed and self._machine.services.find("W3SVC") is None:
            path = "C:\\Windows\\system32\\svchost.exe -k iissvcs"
            self._machine.services.add(Service("WAS", "Windows Process Activation Service", path=path, start_mode="manual"))
            self._machine.services.add(Service("W3SVC", "World Wide Web Publishing Service", path=path, dependencies=["WAS"]))

    def take_away(self, features: t.Iterable[Feature]) -> None:
        self.installed -= {one.name.lower() for one in features}

    def _collect(self, feature: Feature, wanted: dict[str, Feature], tools: bool) -> None:
        if feature.name in wanted:
            return
        for name in (feature.parent, *feature.needs):
            if name:
                self._collect(self.find(name), wanted, False)
        wanted[feature.name] = feature
        for name in feature.tools if tools else ():
            for one in (self.find(name), *descendants(name)):
                self._collect(one, wanted, False)


_WEB_DEFAULTS = (
    "Web-Default-Doc",
    "Web-Dir-Browsing",
    "Web-Http-Errors",
    "Web-Static-Content",
    "Web-Http-Logging",
    "Web-Stat-Compression",
    "Web-Filtering",
)


@functools.cache
def table() -> dict[str, Feature]:
    """Every feature by its name in lower case, in the order of the file."""
    text = importlib.resources.files(__package__).joinpath("features.txt").read_text(encoding="utf-8")
    found: dict[str, Feature] = {}
    above: list[str] = []
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        depth = (len(line) - len(line.lstrip())) // 2
        name, display_name, kind, rest = (part.strip() for part in line.split("|", 3))
        words = [word.strip() for word in rest.split(",") if word.strip()]
        del above[depth:]
        found[name.lower()] = Feature(
            name,
            display_name,
            kind,
            above[-1] if above else "",
            depth + 1,
            tuple(word for word in words if word not in ("restart", "removed") and "=" not in word),
            tuple(word.removeprefix("tools=") for word in words if word.startswith("tools=")),
            "restart" in words,
            "removed" in words,
        )
        above.append(name)
    return found


def descendants(name: str) -> list[Feature]:
    direct = [one for one in table().values() if one.parent.lower() == name.lower()]
    return [found for one in direct for found in (one, *descendants(one.name))]
