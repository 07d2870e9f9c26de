# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task that writes down what exists."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, resources
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Loader, Module, Result, Task


@dataclasses.dataclass(frozen=True)
class ExportModule(Module):
    """Lists the objects of one resource module, ``target``, as its options."""

    target: resources.ResourceModule | None = None
    stays_in_worker: t.ClassVar[bool] = True

    def bound(self, arguments: t.Mapping[str, t.Any], load: Loader) -> Module:
        if not arguments.get("module"):
            return self  # validation says what is missing
        target = resources.resource_module(arguments["module"], load)
        return dataclasses.replace(self, target=target, wires=target.wires)

    @property
    def resource(self) -> resources.ResourceModule:
        """The module whose objects these are.  Raises UsageError where nobody could look for it."""
        if self.target is None:
            raise UsageError(f"{self.docs.module} was started without its surroundings", advice="Run it without async, on any host")
        return self.target

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        _target = self.resource

    def execute(self, session: engine.Tally, task: Task) -> Result:
        return {"objects": self.resource.export(session, task.options, task.options["full"])}
