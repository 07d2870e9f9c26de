# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""win_regedit and win_reg_stat."""

from __future__ import annotations

import re
import typing as t

from hybridlab.windows.registry import KINDS, Key, Value
from hybridlab.windows.stand_ins import StandIn
from hybridlab.windows.task import Failed, Task

_ROOTS = {"HKLM": ("software", "system", "sam", "security", "hardware", "bcd00000000", "components", "drivers"), "HKU": ()}


def win_regedit(task: Task) -> dict[str, t.Any]:
    path, name, kind = task["path"], task.get("name") or None, str(task["type"]).lower()
    if name is None and kind != "string":
        task.warnings.append("the data type when name is not specified can only be 'string', the type has automatically been converted")
        kind = "string"
    if not re.match(r"(?i)^HK(CC|CR|CU|LM|U):\\", path):
        raise Failed(f"path: {path} is not a valid powershell path, see module documentation for examples.")
    root, below = task.machine.registry.locate(path, _loaded(task))
    if task["state"] == "absent":
        return _absent(task, root, below, name)
    return _present(task, root, below, name, kind, _data(kind, task["data"], name))


def _loaded(task: Task) -> Key | None:
    """The hive of a file, as HKLM:\\ANSIBLE for this run."""
    hive = task["hive"]
    if not hive:
        return None
    registry = task.machine.registry
    if task.machine.files.file(hive) is None:
        raise Failed(f"hive at path '{hive}' is not valid or accessible, cannot load hive")
    if task.machine.files.expand(hive).lower() in task.machine.locked:
        text = "The process cannot access the file because it is being used by another process"
        raise Failed(f"failed to load registry hive from '{hive}' to HKLM:\\ANSIBLE: Failed to load registry hive at {hive} ({text}, Win32ErrorCode 32)")
    found = registry.files.get(hive.lower(), Key("ANSIBLE"))
    return found if task.check else registry.files.setdefault(hive.lower(), found)


def _present(task: Task, root: Key, below: str, name: str | None, kind: str, data: t.Any) -> dict[str, t.Any]:
    path, key = task["path"], root.find(below)
    result: dict[str, t.Any] = {"changed": False, "data_changed": False, "data_type_changed": False}
    before: dict[str, t.Any] = {} if key is None else {path: {}}
    after: dict[str, t.Any] = {path: {}}
    if key is None:
        _creatable(path, root, below)
        result["changed"] = True
        key = Key("") if task.check else root.make(below)
        if task.check:
            return result | task.compared(before, after)
    if data is None:
        return result | task.compared(before, after)
    found = key.value(name)
    if found is not None:
        result["data_type_changed"] = found.kind != kind
        result["data_changed"] = found.data != data
        before[path][name or ""] = _shown(found)
    result["changed"] = result["changed"] or found is None or result["data_changed"] or result["data_type_changed"]
    after[path][name or ""] = _shown(Value(name or "", kind, data))
    if result["changed"] and not task.check:
        key.set(name, kind, data)
    return result | task.compared(before, after)


def _absent(task: Task, root: Key, below: str, name: str | None) -> dict[str, t.Any]:
    path, key = task["path"], root.find(below)
    result: dict[str, t.Any] = {"changed": False, "data_changed": False, "data_type_changed": False}
    if key is None:
        return result | task.compared("", "")
    if name is None and task["delete_key"]:
        if not task.check:
            parent, _, last = below.rpartition("\\")
            above = root.find(parent)
            if above is not None:
                above.keys.pop(last.lower(), None)
        return result | {"changed": True} | task.compared({path: {}}, {})
    found = key.value(name)
    if found is None:
        return result | task.compared("", "")
    if not task.check:
        del key.values[(name or "").lower()]
    return result | {"changed": True} | task.compared({path: {name or "": _shown(found)}}, {path: {}})


def _creatable(path: str, root: Key, below: str) -> None:
    """Windows lets nobody make a key directly below a hive; a user who is not logged on has none below HKU."""
    allowed = _ROOTS.get(root.name)
    first = below.partition("\\")[0].lower()
    if allowed is not None and first not in allowed and first not in root.keys:
        raise Failed(f"failed to create registry key at {path}: The parameter is incorrect.")


def _data(kind: str, data: t.Any, name: str | None) -> t.Any:
    """The data as Windows keeps it."""
    if kind in ("binary", "none"):
        return _bytes(data)
    if kind in ("dword", "qword"):
        return _number(kind, data)
    if kind == "multistring":
        return [] if data is None else [str(item) for item in data] if isinstance(data, list) else [str(data)]
    if data is None:
        return "" if name else None
    return data if isinstance(data, str) else str(data)


def _bytes(data: t.Any) -> bytes:
    if isinstance(data, list):
        return bytes(int(item) for item in data)
    if isinstance(data, int):
        if data > 255:
            raise Failed(
                f"cannot convert binary data '{data}' to byte array, please specify this value as a yaml byte array or a comma separated hex value string"
            )
        return bytes([data])
    digits = re.sub(r"[^a-f0-9,:]", "", str(data or "").lower().removeprefix("hex:")).replace(",", ":")
    if ":" in digits:
        return bytes(int(part, 16) for part in digits.split(":") if part)
    return bytes.fromhex(digits) if len(digits) % 2 == 0 else bytes([int(digits, 16)]) if len(digits) == 1 else b""


def _number(kind: str, data: t.Any) -> int:
    if isinstance(data, float) and data % 1:
        raise Failed(f"data '{data}' cannot be a decimal or float value with a remainder when type is dword or qword")
    try:
        number = 0 if data is None else int(data, 0) if isinstance(data, str) else int(data)
    except ValueError:
        raise Failed(f'Cannot convert value "{data}" to type "System.UInt64". Error: "Input string was not in a correct format."') from None
    limit = 0xFFFFFFFF if kind == "dword" else 0xFFFFFFFFFFFFFFFF
    if number > limit:
        raise Failed(f"data cannot be larger than 0x{limit:x} when type is {kind}")
    return number & limit


def _shown(value: Value) -> dict[str, t.Any]:
    """A value in a difference."""
    shown: t.Any = value.data
    if isinstance(value.data, bytes):
        shown = [f"0x{one:02x}" for one in value.data]
    elif value.kind in ("dword", "qword"):
        shown = f"0x{value.data:0{8 if value.kind == 'dword' else 16}x}"
    names = {"expandstring": "ExpandString", "multistring": "MultiString", "dword": "DWord", "qword": "QWord"}
    return {"type": names.get(value.kind, value.kind.capitalize()), "value": shown}


def win_reg_stat(task: Task) -> dict[str, t.Any]:
    path = task["path"]
    if not re.match(r"(?i)^HK(CC|CR|CU|LM|U):\\", path):
        raise Failed(f"path: {path} is not a valid registry path, see module documentation for examples.")
    key = task.machine.registry.find(path)
    if key is None:
        return {"exists": False}
    if task["name"] is None:
        return {
            "exists": True,
            "properties": {value.name: _told(task, value) for value in key.values.values()},
            "sub_keys": [one.name for one in key.keys.values()],
        }
    found = key.value(task["name"])
    return {"exists": True, **_told(task, found)} if found else {"exists": False}


def _told(task: Task, value: Value) -> dict[str, t.Any]:
    raw: t.Any = value.data
    cooked: t.Any = value.data
    if isinstance(value.data, bytes):
        raw, cooked = [f"0x{one:02x}" for one in value.data], list(value.data)
    elif value.kind == "expandstring":
        cooked = task.machine.files.expand(value.data)
    return {"type": KINDS[value.kind], "value": cooked, "raw_value": raw}


STAND_INS: dict[str, StandIn] = {"ansible.windows.win_regedit": win_regedit, "ansible.windows.win_reg_stat": win_reg_stat}
