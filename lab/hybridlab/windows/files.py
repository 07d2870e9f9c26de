# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of a machine: paths without regard to case, versions of programs, and files that somebody has open."""

from __future__ import annotations

import dataclasses
import datetime
import ntpath
import re
import typing as t

_DIRECTORIES = ("Windows\\Temp", "Windows\\System32", "Program Files", "Program Files (x86)", "Users", "ProgramData")
_VARIABLE = re.compile(r"%([^%]+)%")


@dataclasses.dataclass
class File:
    """A file.  ``version`` and ``product_version`` are those of a program's resource, empty for what has none."""

    path: str
    content: bytes = b""
    version: str = ""
    product_version: str = ""
    size: int | None = None
    """Bytes, where the content only stands for a larger one."""
    written: datetime.datetime = dataclasses.field(default_factory=lambda: datetime.datetime.now(datetime.UTC))
    attributes: str = "Archive"

    @property
    def length(self) -> int:
        return len(self.content) if self.size is None else self.size


class InUse(Exception):
    """Another process has the file open."""

    def __init__(self, path: str) -> None:
        super().__init__(f"The process cannot access the file '{path}' because it is being used by another process.")


class FileSystem:
    """``locked`` says whether a file is open in another process: it can be read, and neither be written nor removed."""

    def __init__(self, variables: t.Mapping[str, str], locked: t.Callable[[str], bool]) -> None:
        self.variables = {name.lower(): value for name, value in variables.items()}
        self._locked = locked
        self._files: dict[str, File] = {}
        self._directories: dict[str, str] = {}
        for path in _DIRECTORIES:
            self.make_directory(f"C:\\{path}")
        self.make_directory(self.expand("%TEMP%"))

    def expand(self, path: str) -> str:
        """The path with environment variables replaced, as Windows does: an unknown one stays."""
        return _VARIABLE.sub(lambda match: self.variables.get(match[1].lower(), match[0]), path)

    def file(self, path: str) -> File | None:
        return self._files.get(_key(path))

    def directory(self, path: str) -> str | None:
        """The directory's path as it was made; None when there is none."""
        return self._directories.get(_key(path))

    def exists(self, path: str) -> bool:
        return _key(path) in self._files or _key(path) in self._directories

    def parent(self, path: str) -> str:
        return ntpath.dirname(path.replace("/", "\\").rstrip("\\"))

    def write(self, path: str, content: bytes, *, at_restart: bool = False, **facts: t.Any) -> File:
        """Raises `InUse`; ``at_restart`` nothing is in use."""
        if not at_restart and _key(path) in self._files and self._locked(path):
            raise InUse(path)
        written = File(path.replace("/", "\\"), content, **facts)
        self.make_directory(self.parent(path))
        self._files[_key(path)] = written
        return written

    def copy(self, source: File, path: str) -> File:
        return self.write(path, source.content, version=source.version, product_version=source.product_version, size=source.size)

    def make_directory(self, path: str) -> None:
        path = path.replace("/", "\\").rstrip("\\")
        while path and _key(path) not in self._directories:
            self._directories[_key(path)] = path if not path.endswith(":") else f"{path}\\"
            path = ntpath.dirname(path).rstrip("\\")

    def remove(self, path: str) -> None:
        """Remove a file, or a directory with what is in it.  Raises `InUse` and then removes nothing."""
        key = _key(path)
        gone = [one for one in self._files if one == key or one.startswith(f"{key}\\")]
        for one in gone:
            if self._locked(self._files[one].path):
                raise InUse(self._files[one].path)
        for one in gone:
            del self._files[one]
        for one in [one for one in self._directories if one == key or one.startswith(f"{key}\\")]:
            del self._directories[one]

    def below(self, path: str, recurse: bool = True) -> t.Iterator[File]:
        """The files in a directory."""
        prefix = f"{_key(path)}\\"
        for key, file in sorted(self._files.items()):
            if key.startswith(prefix) and (recurse or "\\" not in key[len(prefix) :]):
                yield file

    def directories_below(self, path: str, recurse: bool = True) -> t.Iterator[str]:
        prefix = f"{_key(path)}\\"
        for key, directory in sorted(self._directories.items()):
            if key.startswith(prefix) and (recurse or "\\" not in key[len(prefix) :]):
                yield directory


def _key(path: str) -> str:
    return ntpath.normpath(path.replace("/", "\\")).rstrip("\\").lower()
