# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands in for modules on a machine in memory.

Each file of this package has a table ``STAND_INS``: the module's full name → a function that takes a `Task`, acts on its machine and returns the
module's result.  A stand-in returns what the module returns, changes nothing in check mode, and refuses what the module or Windows refuses.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
import typing as t

from hybridlab.windows.task import Task

StandIn = t.Callable[[Task], dict[str, t.Any]]


@functools.cache
def known() -> dict[str, StandIn]:
    """Every stand-in by the full name of its module."""
    found: dict[str, StandIn] = {}
    for file in pkgutil.iter_modules(__path__):
        found |= importlib.import_module(f"{__name__}.{file.name}").STAND_INS
    return found
