# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands in for modules on a machine in memory.

Each file of this package has a table ``STAND_INS``: the module's full name → a function that takes a `Task`, acts on its machine and returns the
module's result.  A stand-in returns what the module returns, changes nothing in check mode, and refuses what the module or Windows refuses.
Beside it may be ``CHANGES``, what else changes (name → function of machine and value), and ``PARTS``, what a machine has from its first moment.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
import typing as t

from hybridlab.windows.task import Task

if t.TYPE_CHECKING:
    from hybridlab.windows.machine import Machine

StandIn = t.Callable[[Task], dict[str, t.Any]]


@functools.cache
def known() -> dict[str, StandIn]:
    """Every stand-in by the full name of its module."""
    return {name: one for file in _files() for name, one in file.STAND_INS.items()}


@functools.cache
def changes() -> dict[str, t.Callable[[Machine, t.Any], None]]:
    """Changes that files of this package offer beside their stand-ins, in a table ``CHANGES``: see `hybridlab.windows.changes`."""
    return {name: one for file in _files() for name, one in getattr(file, "CHANGES", {}).items()}


def furnish(machine: Machine) -> Machine:
    """Make the parts of a machine that must be there from the first moment: those that files of this package name in ``PARTS``."""
    for file in _files():
        for kind in getattr(file, "PARTS", ()):
            machine.part(kind)
    return machine


def _files() -> list[t.Any]:
    return [importlib.import_module(f"{__name__}.{file.name}") for file in pkgutil.iter_modules(__path__)]
