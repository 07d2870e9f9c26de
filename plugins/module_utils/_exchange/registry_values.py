# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of a Windows registry, between what ansible.windows.win_reg_stat returns of a key and the options of ansible.windows.win_regedit.

A *stat* is a result of win_reg_stat for a whole key: ``exists`` and, if it is true, ``properties`` and ``sub_keys``.  A stat without ``exists`` is the
result of a failed read: it raises KeyError, because what was not read is not absent.
"""

from __future__ import annotations

import typing as t

Object = t.Mapping[str, t.Any]
Options = dict[str, t.Any]
TYPES = {
    "REG_SZ": "string",
    "REG_EXPAND_SZ": "expandstring",
    "REG_MULTI_SZ": "multistring",
    "REG_DWORD": "dword",
    "REG_QWORD": "qword",
    "REG_BINARY": "binary",
    "REG_NONE": "none",
}


def present(path: str, name: str, kind: str, data: t.Any) -> Options:
    """Options of win_regedit for a value; an empty name is the key's default value."""
    return {"path": path, "name": name, "type": kind, "data": data, "state": "present"}


def find(stat: Object, name: str) -> Object | None:
    """A value of a key without regard to case; None when the key or the value is not there."""
    if not stat["exists"]:
        return None
    return next((value for one, value in stat["properties"].items() if one.casefold() == name.casefold()), None)


def data(stat: Object, name: str) -> t.Any:
    found = find(stat, name)
    return None if found is None else found["value"]


def back(path: str, name: str, found: Object | None) -> Options:
    """Options of win_regedit that lead back to a value as it was found.  Raises ValueError for a type that win_regedit does not write."""
    if found is None:
        return {"path": path, "name": name, "state": "absent"}
    kind = TYPES.get(found["type"])
    if kind is None:
        raise ValueError(f"{path}: value '{name}' is of the type {found['type']}, which cannot be written back")
    return present(path, name, kind, found["value"] if kind in ("binary", "none") else found["raw_value"])


def differs(found: Object | None, wanted: Options) -> bool:
    """Whether a value is to be written: its data, or its type, is another."""
    return found is None or TYPES.get(found["type"]) != wanted["type"] or found["value"] != wanted["data"]


def is_dword(found: Object | None) -> bool:
    return found is not None and found["type"] == "REG_DWORD"
