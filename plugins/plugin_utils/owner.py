# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The process that a session broker belongs to: its number is not enough, as numbers are used again.

Apart from `brokerd`, because every task needs it: ansible-core compiles what a task imports anew for each.
"""

from __future__ import annotations

import os


def process_start(pid: int) -> str | None:
    """When the process started, in clock ticks since boot; None if there is no such process or no /proc (only Linux has it)."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
            return stat.read().rsplit(")", 1)[1].split()[19]
    except (OSError, IndexError):
        return None


def runs(pid: int, start: str | None) -> bool:
    """Whether the process that started then still runs.  Without /proc, a new process under the same number counts as the old."""
    if start is not None:
        return process_start(pid) == start
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
