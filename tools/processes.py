# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a command and prove that it leaves no process behind."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pathlib
import signal
import subprocess
import sys
import time
import typing as t

PR_SET_CHILD_SUBREAPER = 36
"""prctl(2): orphaned descendants become children of this process, so that none can hide behind init."""
GRACE = 15.0
"""Seconds that what a command started has to end by itself after the command."""


class Finished(t.NamedTuple):
    """How a command ended, and what it left running (and is ended by now): pid → command line."""

    code: int
    left: dict[int, str]

    @property
    def clean(self) -> bool:
        return self.code == 0 and not self.left


def _adopt_orphans(adopt: bool) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, int(adopt), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


def children() -> dict[int, str]:
    """The children of this process that have not ended: pid → command line (Linux)."""
    found = {}
    for path in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (path / "stat").read_text().rpartition(")")[2].split()[:2]
            command = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:  # it ended while we looked
            continue
        if int(parent) == os.getpid() and state != "Z":
            found[int(path.name)] = command
    return found


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):  # no child is left at all
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _code_of(pid: int) -> int:
    """Wait for one child, taking orphans that end meanwhile: who waits for one of those must see it gone."""
    while True:
        ended, status = os.wait()
        if ended == pid:
            return os.waitstatus_to_exitcode(status)


def _wait_until_none(before: t.Container[int], seconds: float) -> dict[int, str]:
    """Give orphans time to end; what is still alive after ``seconds`` is returned, and ended."""

    def left() -> dict[int, str]:
        _reap()
        return {pid: command for pid, command in children().items() if pid not in before}

    deadline = time.monotonic() + seconds
    while left() and time.monotonic() < deadline:
        time.sleep(0.1)
    remaining = left()
    for pid in remaining:
        with contextlib.suppress(ProcessLookupError):  # it ended by itself meanwhile
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    return remaining


def run(
    command: t.Sequence[str],
    environment: t.Mapping[str, str],
    cwd: pathlib.Path,
    *,
    source: pathlib.Path | None = None,
    output: pathlib.Path | None = None,
    grace: float = GRACE,
) -> Finished:
    """Run a command to its end, with ``source`` as its input and ``output`` as its output where given; say what it left running."""
    before = children()
    with contextlib.ExitStack() as stack:
        _adopt_orphans(True)
        stack.callback(_adopt_orphans, False)
        stdin = stack.enter_context(source.open("rb")) if source else subprocess.DEVNULL
        stdout = stack.enter_context(output.open("wb")) if output else None
        process = subprocess.Popen(command, stdin=stdin, stdout=stdout, env=dict(environment), cwd=cwd)
        process.returncode = code = _code_of(process.pid)
        left = _wait_until_none(before, grace)
    for pid, line in left.items():
        print(f"{command[0]} left process {pid} running: {line}", file=sys.stderr, flush=True)
    return Finished(code, left)
