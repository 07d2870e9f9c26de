# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task that writes down what exists."""

from __future__ import annotations

import dataclasses
import time
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
        if options.get("parallel") is not None and options["parallel"] < 1:
            raise UsageError(f"parallel is {options['parallel']}; it must be 1 or more")
        if any(not str(one).strip() or "*" in str(one) for one in options.get("identity") or ()):
            raise UsageError("identity has a member that is empty or has an asterisk; each must name one object")

    def execute(self, session: engine.Tally, task: Task) -> Result:
        watch = Watch(f"{self.docs.module} {self.resource.docs.module}", task.surroundings.say)
        found = self.resource.export(session, task.options, watch)
        left = [*found.failed, *found.gone]
        result: Result = {"objects": found.objects, "left_out": [{"object": label, "msg": str(error)} for label, error in left]}
        if found.failed:
            label, error = found.failed[0]
            text = f"{_objects(found.failed)} could not be read, so the export is not whole. The first is '{label}': {error}"
            result |= {"failed": True, "msg": text, "error": error.as_result()}
        elif found.gone:
            label, error = found.gone[0]
            session.warnings.append(f"{_objects(found.gone)} left out, because there is nothing that can be exported. The first is '{label}': {error}")
        return result


def _objects(some: t.Sequence[t.Any]) -> str:
    return f"{len(some):,} object{'' if len(some) == 1 else 's'}"


class Watch:
    """Says every few seconds how many objects have been read."""

    def __init__(self, about: str, say: t.Callable[[str], None], seconds: float = 5.0) -> None:
        self._about, self._say, self._seconds = about, say, seconds
        self._said = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() - self._said >= self._seconds:
            self._said = time.monotonic()
            self._say(f"{self._about}: {done:,} of {total:,} read")
