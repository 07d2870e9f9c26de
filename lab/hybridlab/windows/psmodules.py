# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules of PowerShell on a machine, and the repositories that it knows.

A profile tells both: ``psmodules`` (name → versions that are installed) and ``repositories`` (repository → name → versions that it has).
"""

from __future__ import annotations

import re
import typing as t

from hybridlab.windows.machine import Machine

GALLERY = "PSGallery"


def order(version: str) -> list[int]:
    """Versions compare by their numbers."""
    return [int(part) for part in re.findall(r"\d+", version)]


class Modules:
    """What is installed, name → version → the repository that it came from, empty for none; and what repositories have."""

    def __init__(self, machine: Machine) -> None:
        self._installed: dict[str, tuple[str, dict[str, str]]] = {}
        for name, versions in (machine.profile.get("psmodules") or {}).items():
            for version in versions:
                self.add(name, str(version), "")
        self.repositories: dict[str, dict[str, list[str]]] = machine.profile.get("repositories") or {GALLERY: {}}

    def versions(self, name: str) -> dict[str, str]:
        """The installed versions of a module, newest first, with their repositories."""
        _, found = self._installed.get(name.lower(), (name, {}))
        return dict(sorted(found.items(), key=lambda one: order(one[0]), reverse=True))

    def names(self) -> t.Iterator[str]:
        return (name for name, versions in self._installed.values() if versions)

    def add(self, name: str, version: str, repository: str) -> None:
        self._installed.setdefault(name.lower(), (name, {}))[1][version] = repository

    def remove(self, name: str, version: str) -> None:
        del self._installed[name.lower()][1][version]

    def offered(self, name: str, repository: str | None) -> dict[str, str]:
        """The versions that the repositories have, with the repository of each."""
        places = {repository: self.repositories[repository]} if repository else self.repositories
        return {
            str(version): place
            for place, modules in places.items()
            for known, versions in modules.items()
            for version in versions
            if known.lower() == name.lower()
        }
