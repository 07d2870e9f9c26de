# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""win_copy, in the four ways in which its action plugin calls it; win_template calls it, too."""

from __future__ import annotations

import base64
import hashlib
import io
import ntpath
import typing as t
import zipfile

from hybridlab.windows.files import File
from hybridlab.windows.stand_ins import StandIn
from hybridlab.windows.task import Failed, Task


def win_copy(task: Task) -> dict[str, t.Any]:
    return _WAYS[task.get("_copy_mode", "single")](task)


def _query(task: Task) -> dict[str, t.Any]:
    """Which of the control node's files and directories are to be sent."""
    files, dest = task.machine.files, task["dest"]
    wanted = []
    for one in task.get("files", []):
        path = ntpath.join(dest, one["dest"].replace("/", "\\"))
        if files.directory(path):
            path = ntpath.join(path, one["src"].replace("\\", "/").rpartition("/")[2])
        found = files.file(path)
        if files.directory(path):
            raise Failed(f"cannot copy file to dest '{path}': object at path is already a directory")
        if found is None or (task["force"] and _checksum(found) != one.get("checksum")):
            wanted.append(one)
    directories = []
    for one in task.get("directories", []):
        path = ntpath.join(dest, one["dest"].replace("/", "\\"))
        if files.file(path):
            raise Failed(f"cannot copy folder to dest '{path}': object at path is already a file")
        if not files.directory(path):
            directories.append(one)
    return {"files": wanted, "directories": directories, "symlinks": []}


def _single(task: Task) -> dict[str, t.Any]:
    source = _source(task)
    path = _destination(task, task["dest"], task.get("_original_basename", ntpath.basename(task["src"])))
    result = _backup(task, path)
    task.machine.files.copy(source, path)
    return {"changed": True, **result}


def _explode(task: Task) -> dict[str, t.Any]:
    """The names in the archive are in base64; a directory's ends in a slash."""
    with zipfile.ZipFile(io.BytesIO(_source(task).content)) as archive:
        for entry in archive.infolist():
            name = base64.b64decode(entry.filename.rstrip("/\\")).decode("utf-8").replace("/", "\\")
            path = ntpath.join(task["dest"], name)
            if task.check:
                continue
            if entry.is_dir():
                task.machine.files.make_directory(path)
            else:
                task.machine.files.write(path, archive.read(entry))
    return {"changed": True}


def _remote(task: Task) -> dict[str, t.Any]:
    files, src, dest = task.machine.files, task["src"], task["dest"]
    if not files.exists(src):
        raise Failed(f"Cannot copy src file: '{src}' as it does not exist", src=src, dest=dest)
    if files.directory(src):
        return _folder(task, src, dest)
    path = _destination(task, dest, ntpath.basename(src))
    source = _source(task)
    result = {"src": src, "dest": path, "operation": "file_copy", "original_basename": ntpath.basename(src), "size": source.length}
    return result | {"checksum": _checksum(source)} | _copied(task, source, path)


def _folder(task: Task, src: str, dest: str) -> dict[str, t.Any]:
    """With a slash at its end the source's content, without one the directory itself."""
    files, bare = task.machine.files, src.rstrip("/\\")
    target = dest if src != bare else ntpath.join(dest, ntpath.basename(bare))
    changed = files.directory(target) is None
    if not task.check:
        files.make_directory(target)
    for file in list(files.below(bare)):
        changed = _copied(task, file, ntpath.join(target, file.path[len(bare) + 1 :]))["changed"] or changed
    return {"changed": changed, "src": src, "dest": target, "operation": "folder_copy", "size": sum(one.length for one in files.below(bare))}


def _copied(task: Task, source: File, path: str) -> dict[str, t.Any]:
    found = task.machine.files.file(path)
    if found is not None and (not task["force"] or (_checksum(found), found.version) == (_checksum(source), source.version)):
        return {"changed": False}
    result = _backup(task, path)
    if not task.check:
        task.machine.files.copy(source, path)
    return {"changed": True, **result}


def _source(task: Task) -> File:
    found = task.machine.files.file(task["src"])
    if found is None:
        what = "expand src zip file" if task.get("_copy_mode") == "explode" else "copy src file"
        raise Failed(f"Cannot {what}: '{task['src']}' as it does not exist")
    return found


def _destination(task: Task, dest: str, basename: str) -> str:
    """The file's path; a missing directory is made only for a destination that is a directory."""
    files = task.machine.files
    inside = dest.endswith(("/", "\\")) or files.directory(dest) is not None
    path = ntpath.join(dest, basename) if inside else dest
    parent = files.parent(path)
    if files.file(parent):
        raise Failed(f"object at destination parent dir '{parent}' is currently a file")
    if files.directory(parent) is None and not inside:
        raise Failed(f"Destination directory '{parent}' does not exist")
    return path


def _backup(task: Task, path: str) -> dict[str, t.Any]:
    found = task.machine.files.file(path)
    if not task.get("backup") or found is None:
        return {}
    kept = f"{path}.4711.20260101-000000.bak"
    if not task.check:
        task.machine.files.copy(found, kept)
    return {"backup_file": kept}


def _checksum(file: File) -> str:
    return hashlib.sha1(file.content).hexdigest()


_WAYS: dict[str, t.Callable[[Task], dict[str, t.Any]]] = {"query": _query, "single": _single, "explode": _explode, "remote": _remote}
STAND_INS: dict[str, StandIn] = {"ansible.windows.win_copy": win_copy}
