# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prove that a run leaves no process behind."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pathlib
import signal
import time

PR_SET_CHILD_SUBREAPER = 36
"""prctl(2): orphaned descendants become children of this process, so that none can hide behind init."""


def adopt_orphans() -> None:
    """From now on every descendant that loses its parent becomes a child of this process (Linux)."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):  # no child is left at all
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def children() -> dict[int, str]:
    """The live children of this process: pid → command line."""
    _reap()
    found = {}
    for path in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            command = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:  # it ended while we looked
            continue
        if parent == os.getpid():
            found[int(path.name)] = command
    return found


def wait_until_none(seconds: float) -> dict[int, str]:
    """Give children time to end; what is still alive after ``seconds`` is returned, and ended."""
    deadline = time.monotonic() + seconds
    left = children()
    while left and time.monotonic() < deadline:
        time.sleep(0.1)
        left = children()
    for pid in left:
        with contextlib.suppress(ProcessLookupError):  # it ended by itself meanwhile
            os.kill(pid, signal.SIGKILL)
    return left
