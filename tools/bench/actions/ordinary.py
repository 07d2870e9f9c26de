# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run one of the collection's modules as an ordinary module process over the host's session.

Core does the same for ``async``, whose polling in whole seconds would hide what the process costs.
"""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """Arguments: ``module`` is the full name, ``arguments`` are what the module gets."""

    TRANSFERS_FILES = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        super().run(tmp, task_vars)
        with self._connection.exposed():
            return t.cast(
                "dict[str, t.Any]",
                self._execute_module(module_name=self._task.args["module"], module_args=dict(self._task.args["arguments"]), task_vars=task_vars),
            )
