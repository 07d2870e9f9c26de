# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The registry of a machine: keys and values without regard to case, the hives of users who are logged on, and hives in files."""

from __future__ import annotations

import dataclasses
import re
import typing as t

MACHINE, USERS = "HKLM", "HKU"
DEFAULT_USER = ".DEFAULT"
"""The subkey of HKU of the system's own account; what new users get is the hive in the default profile's file."""
_HIVES = {
    "HKLM": (MACHINE, ""),
    "HKU": (USERS, ""),
    "HKCR": (MACHINE, r"SOFTWARE\Classes"),
    "HKCC": (MACHINE, r"SYSTEM\CurrentControlSet\Hardware Profiles\Current"),
}
_PATH = re.compile(r"(?i)^(?P<hive>HKCC|HKCR|HKCU|HKLM|HKU):\\(?P<rest>.*)$", re.DOTALL)
KINDS = {
    "string": "REG_SZ",
    "expandstring": "REG_EXPAND_SZ",
    "multistring": "REG_MULTI_SZ",
    "dword": "REG_DWORD",
    "qword": "REG_QWORD",
    "binary": "REG_BINARY",
    "none": "REG_NONE",
}


@dataclasses.dataclass
class Value:
    """``kind`` is one of `KINDS`; ``data`` a str, an int without sign, a list of str or bytes."""

    name: str
    kind: str
    data: t.Any


@dataclasses.dataclass
class Key:
    """A key with its values and subkeys, both by name in lower case."""

    name: str
    values: dict[str, Value] = dataclasses.field(default_factory=dict)
    keys: dict[str, Key] = dataclasses.field(default_factory=dict)

    def find(self, path: str) -> Key | None:
        """The key below this one; itself for an empty path."""
        found: Key | None = self
        for part in _parts(path):
            found = found.keys.get(part.lower()) if found else None
        return found

    def make(self, path: str) -> Key:
        found = self
        for part in _parts(path):
            found = found.keys.setdefault(part.lower(), Key(part))
        return found

    def value(self, name: str | None) -> Value | None:
        return self.values.get((name or "").lower())

    def set(self, name: str | None, kind: str, data: t.Any) -> None:
        self.values[(name or "").lower()] = Value(name or "", kind, data)


class Registry:
    """``user`` is the security identifier of the account that modules run as: its hive is HKCU."""

    def __init__(self, user: str) -> None:
        self.user = user
        self.roots = {MACHINE: Key(MACHINE), USERS: Key(USERS)}
        self.files: dict[str, Key] = {}
        """Hives in files that are not loaded, by path in lower case."""
        self.roots[USERS].make(user)
        self.roots[USERS].make(DEFAULT_USER)

    def locate(self, path: str, loaded: Key | None = None) -> tuple[Key, str]:
        """The root of a path in PowerShell's form (``HKLM:\\SOFTWARE\\…``) and the path below it.

        ``loaded`` is the hive of a file, which is HKLM:\\ANSIBLE for the moment.  Raises ValueError for anything else.
        """
        match = _PATH.match(path)
        if match is None:
            raise ValueError(path)
        hive, rest = match["hive"].upper(), match["rest"].strip("\\")
        if hive == "HKCU":
            return self.roots[USERS].make(self.user), rest
        first, _, below = rest.partition("\\")
        if loaded is not None and hive == MACHINE and first.upper() == "ANSIBLE":
            return loaded, below
        root, prefix = _HIVES[hive]
        return self.roots[root], "\\".join(part for part in (prefix, rest) if part)

    def find(self, path: str) -> Key | None:
        root, below = self.locate(path)
        return root.find(below)

    def make(self, path: str) -> Key:
        root, below = self.locate(path)
        return root.make(below)

    def load(self, values: t.Mapping[str, t.Mapping[str, t.Any]]) -> None:
        """Set values as a profile tells them: path → name → data; the kind follows from the data, or is ``[kind, data]``."""
        for path, named in values.items():
            key = self.make(path)
            for name, data in named.items():
                typed = data if isinstance(data, list) and len(data) == 2 and data[0] in KINDS else [_kind(data), data]
                key.set(name, *typed)


def _kind(data: t.Any) -> str:
    return "dword" if isinstance(data, int) else "multistring" if isinstance(data, list) else "string"


def _parts(path: str) -> list[str]:
    return [part for part in path.replace("/", "\\").split("\\") if part]
