# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A process known by its number and its start time, so that a number that was given away again is never signalled."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import pathlib
import signal
import subprocess
import time


@dataclasses.dataclass(frozen=True)
class Process:
    """A process that was once alive."""

    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> Process:
        """The living process with this number.  Raises ProcessLookupError."""
        started = _started(pid)
        if started is None:
            raise ProcessLookupError(pid)
        return cls(pid, started)

    @classmethod
    def read(cls, path: pathlib.Path) -> Process | None:
        """The process that `write` noted; None if nothing readable is there."""
        try:
            noted = json.loads(path.read_text(encoding="utf-8"))
            return cls(int(noted["pid"]), str(noted["started"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, path: pathlib.Path) -> None:
        """Note the process.  Raises FileExistsError: a note is never overwritten."""
        with path.open("x", encoding="utf-8") as file:
            json.dump(dataclasses.asdict(self), file)

    @property
    def alive(self) -> bool:
        return _started(self.pid) == self.started

    def end(self, patience: float = 10.0) -> None:
        """Ask it to end, insist after ``patience`` seconds, and return when it is gone."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            if not self.alive:
                return
            with contextlib.suppress(ProcessLookupError):  # It may end between the look and the signal.
                os.kill(self.pid, number)
            until = time.monotonic() + patience
            while self.alive and time.monotonic() < until:
                time.sleep(0.02)


def _started(pid: int) -> str | None:
    """The start time in the system's own unit; None for a process that does not exist or is only waited for."""
    stat = pathlib.Path(f"/proc/{pid}/stat")
    if stat.parent.parent.joinpath("self").exists():
        try:
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] in ("Z", "X") else fields[19]
    shown = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout.strip()
    return None if not shown or shown.startswith("Z") else shown.split(maxsplit=1)[1]
