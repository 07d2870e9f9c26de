# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exchange modules: a documentation, a noun and a few rows."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, fields, plan
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Module, Result, Task, Wire
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource

ON_PREMISES: tuple[Wire, ...] = (("powershell", "exchange"),)


@dataclasses.dataclass(frozen=True)
class CmdletModule(Module):
    """A resource module.

    ``noun`` names its cmdlets, ``key`` the option that identifies the object (None for the one object of an organization),
    ``create_with`` the options that the New- cmdlet takes, ``fields`` what breaks the naming rule, ``instructions`` the options in
    the module's own text that say how to work, ``resource_type`` the class that knows what the rule does not.  ``settings_of`` is what
    has such an object for as long as it exists, for example a mailbox: settings are never made nor removed, and where there is
    nothing to set, the task fails.
    """

    wires: tuple[Wire, ...] = ON_PREMISES
    noun: str = ""
    key: str | None = "name"
    fields: tuple[fields.Field, ...] = ()
    create_with: tuple[str, ...] = ()
    instructions: tuple[str, ...] = ()
    settings_of: str = ""
    resource_type: type[CmdletResource] = CmdletResource

    def __post_init__(self) -> None:
        object.__setattr__(self, "secrets", (*self.secrets, *(field.option for field in self.fields if field.secret)))

    def resource(self) -> CmdletResource:
        attributes = fields.bind(self.docs, self.fields, keys=(*self.instructions, *((self.key,) if self.key else ())))
        resource = self.resource_type(self.noun, attributes, self.key, self.create_with)
        resource.settings_of = self.settings_of
        return resource

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        if self.key and not str(options[self.key]).strip():
            raise UsageError(f"{self.key} is empty; it must name one object")
        if self.key == "identity" and "*" in str(options["identity"]):
            raise UsageError("identity has an asterisk, which would fit many objects; it must name one")
        plan.load(self.resource().attributes, options)

    def execute(self, session: engine.Tally, task: Task) -> Result:
        resource = self.resource()
        present = task.options.get("state", "present") == "present"
        outcome = engine.converge(resource, session, task.options, present=present, check_mode=task.check_mode)
        shown = outcome.state if outcome.state is None or self.key is None else {self.key: task.options[self.key]} | outcome.state
        return {"changed": outcome.plan.action != "nothing", "diff": outcome.plan.diff(resource.label(task.options)), "resource": shown or {}}
