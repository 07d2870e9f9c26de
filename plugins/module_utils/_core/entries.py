# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the entries of a log go: into the task's result, or line by line into a file, so that very many of them never are in memory at once."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Sink, Task

Entry = dict[str, t.Any]


class Entries:
    """Entries in the order of their arrival.  ``sink`` takes them where they go to a file; then only their number is kept."""

    def __init__(self, sink: Sink | None = None) -> None:
        self._sink, self._kept = sink, list[Entry]()
        self.count = 0

    @property
    def streamed(self) -> bool:
        """Whether they go to a file: then a module reads page by page, and what was read stays when a later page fails."""
        return self._sink is not None

    def add(self, some: t.Iterable[Entry]) -> None:
        for one in some:
            self.count += 1
            if self._sink is None:
                self._kept.append(one)
            else:
                self._sink(one)

    def result(self, key: t.Callable[[Entry], t.Any] | None = None) -> Result:
        """What the task returns; ``key`` brings them into the order of a list, the largest first."""
        if self._sink is not None:
            return {"count": self.count}
        return {"entries": self._kept if key is None else sorted(self._kept, key=key, reverse=True), "count": self.count}


@contextlib.contextmanager
def kept(task: Task) -> t.Iterator[Entries]:
    """The entries of a task, in the file that it names with ``result_file`` or in its result.  Raises UsageError."""
    path = task.options.get("result_file")
    if not path:
        yield Entries()
        return
    with task.surroundings.keep(path) as sink:
        yield Entries(sink)
