# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""win_stat, win_file, win_find, slurp and win_file_version."""

from __future__ import annotations

import base64
import datetime
import fnmatch
import hashlib
import ntpath
import re
import typing as t

from hybridlab.windows.files import File, InUse
from hybridlab.windows.stand_ins import StandIn
from hybridlab.windows.task import Failed, Task

_OWNER = "BUILTIN\\Administrators"
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_BYTES = {"b": 1, "k": 1024, "m": 1024**2, "g": 1024**3, "t": 1024**4}


def win_stat(task: Task) -> dict[str, t.Any]:
    files = task.machine.files
    file, directory = files.file(task["path"]), files.directory(task["path"])
    if file is not None:
        shown = _file(file, task["checksum_algorithm"] if task["get_checksum"] else None)
        if not task["get_size"]:
            del shown["size"]
        return {"stat": shown}
    if directory is not None:
        size = {"size": sum(one.length for one in files.below(directory))} if task["get_size"] else {}
        return {"stat": _directory(directory) | size}
    return {"stat": {"exists": False}}


def _file(file: File, algorithm: str | None) -> dict[str, t.Any]:
    shown = _shown(file.path, file.attributes, file.written)
    shown |= {"isreg": True, "isdir": False, "extension": ntpath.splitext(file.path)[1], "size": file.length}
    return shown | ({"checksum": hashlib.new(algorithm, file.content).hexdigest()} if algorithm else {})


def _directory(path: str) -> dict[str, t.Any]:
    return _shown(path, "Directory", datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)) | {"isreg": False, "isdir": True}


def _shown(path: str, attributes: str, written: datetime.datetime) -> dict[str, t.Any]:
    flags = [flag.strip() for flag in attributes.split(",")]
    return {
        "exists": True,
        "attributes": attributes,
        "isarchive": "Archive" in flags,
        "ishidden": "Hidden" in flags,
        "isreadonly": "ReadOnly" in flags,
        "isjunction": False,
        "islnk": False,
        "isshared": False,
        "nlink": 1,
        "hlnk_targets": [],
        "creationtime": written.timestamp(),
        "lastaccesstime": written.timestamp(),
        "lastwritetime": written.timestamp(),
        "path": path,
        "filename": ntpath.basename(path),
        "owner": _OWNER,
    }


def win_file(task: Task) -> dict[str, t.Any]:
    files, path, state = task.machine.files, task["path"], task["state"]
    if files.directory(path) and task.get("_original_basename"):
        path = ntpath.join(path, task["_original_basename"])
    if state == "touch":
        _touch(task, path)
        return {"changed": True}
    if files.exists(path):
        return _existing(task, path)
    if state == "file" or (state is None and ntpath.basename(path)):
        raise Failed(f"path {path} will not be created")
    if state == "absent":
        return {"changed": False}
    if not task.check:
        files.make_directory(path)
    return {"changed": True}


def _touch(task: Task, path: str) -> None:
    files = task.machine.files
    file = files.file(path)
    if task.check:
        return
    if file is not None:
        file.written = datetime.datetime.now(datetime.UTC)
    elif not files.directory(path):
        files.write(path, b"")


def _existing(task: Task, path: str) -> dict[str, t.Any]:
    files, state = task.machine.files, task["state"]
    if state == "absent":
        try:
            if not task.check:
                files.remove(path)
        except InUse as error:
            raise Failed(f"Failed to delete {path}: Cannot remove item {path}: {error}") from error
        return {"changed": True}
    if state == "directory" and files.file(path):
        raise Failed(f"path {path} is not a directory")
    if state == "file" and files.directory(path):
        raise Failed(f"path {path} is not a file")
    return {"changed": False}


def slurp(task: Task) -> dict[str, t.Any]:
    path = task["src"]
    file = task.machine.files.file(path)
    if file is None:
        raise Failed(f"Path {path} is a directory" if task.machine.files.directory(path) else f"Path {path} is not found")
    return {"content": base64.b64encode(file.content).decode(), "encoding": "base64"}


def win_file_version(task: Task) -> dict[str, t.Any]:
    path = task["path"]
    file = task.machine.files.file(path)
    nothing: dict[str, t.Any] = {"win_file_version": {}}
    if file is None:
        raise Failed(f"Specified path {path} does not exist or is not a file.", **nothing)
    if ntpath.splitext(path)[1].lower() not in (".exe", ".dll"):
        raise Failed(f"Specified path {path} is not a valid file type; must be DLL or EXE.", **nothing)
    parts = ([int(part) for part in re.findall(r"\d+", file.version)] + [0, 0, 0, 0])[:4]
    names = ("file_major_part", "file_minor_part", "file_build_part", "file_private_part")
    version = {
        "path": path,
        "file_version": file.version,
        "product_version": file.product_version or file.version,
        "file_version_raw": ".".join(map(str, parts)),
        **{name: str(part) for name, part in zip(names, parts, strict=True)},
    }
    return {"win_file_version": version}


def win_find(task: Task) -> dict[str, t.Any]:
    files = task.machine.files
    found: dict[str, dict[str, t.Any]] = {}
    examined: set[str] = set()
    for path in task["paths"]:
        path = files.expand(path)
        if files.directory(path) is None:
            what = "is a file not a directory" if files.file(path) else "does not exist or is not accessible"
            task.warnings.append(f"Argument path '{path}' {what}, skipping")
            continue
        for one in _candidates(task, path):
            examined.add(one["path"].lower())
            if _wanted(task, one):
                found.setdefault(one["path"].lower(), one)
    listed = list(found.values())
    return {"examined": len(examined), "matched": len(listed), "files": listed}


def _candidates(task: Task, path: str) -> t.Iterator[dict[str, t.Any]]:
    files, depth = task.machine.files, task["depth"]
    level = path.rstrip("\\").count("\\") + 1
    algorithm = task["checksum_algorithm"] if task["get_checksum"] else None
    for directory in files.directories_below(path, task["recurse"]):
        if not depth or directory.count("\\") - level < depth:
            yield _directory(directory) | {"extension": None, "size": None, "checksum": None}
    for file in files.below(path, task["recurse"]):
        if not depth or file.path.count("\\") - level < depth:
            yield {"checksum": None, **_file(file, algorithm)}


def _wanted(task: Task, one: dict[str, t.Any]) -> bool:
    if task["file_type"] != "any" and (task["file_type"] == "directory") != one["isdir"]:
        return False
    if one["ishidden"] and not task["hidden"]:
        return False
    if task["patterns"] and not any(_fits(task, pattern, one["filename"]) for pattern in task["patterns"]):
        return False
    if task["size"] is not None and not _beyond(_amount(task["size"], _BYTES, "size"), one["size"] or 0):
        return False
    age = datetime.datetime.now(datetime.UTC).timestamp() - one["lastwritetime"]
    return task["age"] is None or _beyond(_amount(task["age"], _SECONDS, "age"), age)


def _fits(task: Task, pattern: str, name: str) -> bool:
    if not task["use_regex"]:
        return fnmatch.fnmatchcase(name.lower(), pattern.lower())
    return re.search(pattern, name, 0 if task["case_sensitive"] else re.IGNORECASE) is not None


def _amount(text: str, units: t.Mapping[str, int], what: str) -> int:
    match = re.fullmatch(r"(-?\d+)([a-z]?)[a-z]*", str(text).lower().strip())
    if match is None or (match[2] and match[2] not in units):
        raise Failed(f"failed to process {what}: {text}")
    return int(match[1]) * (units[match[2]] if match[2] else 1)


def _beyond(limit: int, value: float) -> bool:
    return value >= limit if limit >= 0 else value <= -limit


STAND_INS: dict[str, StandIn] = {
    "ansible.windows.win_stat": win_stat,
    "ansible.windows.win_file": win_file,
    "ansible.windows.win_find": win_find,
    "ansible.windows.slurp": slurp,
    "community.windows.win_file_version": win_file_version,
}
