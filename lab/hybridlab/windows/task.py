# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run of a module on a machine, as its stand-in sees it."""

from __future__ import annotations

import dataclasses
import typing as t

if t.TYPE_CHECKING:
    from hybridlab.windows.machine import Machine


class Failed(Exception):
    """The module fails.  ``more`` are results that it returns with its message."""

    def __init__(self, message: str, **more: t.Any) -> None:
        super().__init__(message)
        self.message = message
        self.more = more


@dataclasses.dataclass
class Task:
    """``options`` has a value for every documented option, None for what is not set, and the module's hidden arguments.

    ``check`` and ``diff`` are the modes of the run.
    """

    machine: Machine
    options: dict[str, t.Any]
    check: bool = False
    diff: bool = False
    warnings: list[str] = dataclasses.field(default_factory=list)

    def __getitem__(self, option: str) -> t.Any:
        return self.options[option]

    def get(self, option: str, default: t.Any = None) -> t.Any:
        """An option's value, or of a hidden argument; ``default`` when it is not set."""
        value = self.options.get(option)
        return default if value is None else value

    def compared(self, before: t.Any, after: t.Any) -> dict[str, t.Any]:
        """The part of a result that shows a difference, if it was asked for."""
        return {"diff": {"before": before, "after": after}} if self.diff else {}
