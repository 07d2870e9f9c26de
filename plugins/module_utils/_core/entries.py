# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Entries of a log on their way out of a task: into its result, or line by line into a file, so that a long list takes no memory."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Sink, Task

Entry = dict[str, t.Any]


class Entries:
    """Takes the entries of a task one by one.  ``sink`` is where they go; without one they are kept for the result."""

    def __init__(self, sink: Sink | None = None, path: str | None = None) -> None:
        self.count = 0
        self._kept: list[Entry] = []
        self._sink, self._path = sink or self._kept.append, path

    def put(self, entry: Entry) -> None:
        self._sink(entry)
        self.count += 1

    def result(self, order: t.Callable[[Entry], t.Any] | None = None) -> Result:
        """What the task says of them.  ``order`` is by what entries in a result are sorted, the largest first; a file keeps the order of the service."""
        if self._path is not None:
            return {"count": self.count, "path": self._path}
        if order is not None:
            self._kept.sort(key=order, reverse=True)
        return {"count": self.count, "entries": self._kept}


@contextlib.contextmanager
def collected(task: Task) -> t.Iterator[Entries]:
    """Where the entries of a task go, as its option ``path`` says.  The file is there when this ends without an error, whole, or not at all.

    Raises UsageError for a file that cannot be written, before anything is sent.
    """
    path = task.options["path"]
    if path is None:
        yield Entries()
        return
    with task.surroundings.keep(path, whole=True) as sink:
        yield Entries(sink, path)
