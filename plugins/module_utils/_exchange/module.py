# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exchange modules: a documentation, a noun and a few rows."""

from __future__ import annotations

import dataclasses
import functools
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, fields, plan
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Attribute
from ansible_collections.m365.hybrid.plugins.module_utils._core.resources import Exported, Options, ResourceModule
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task, Wire
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import catalogue, exporting, online
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource, common

ON_PREMISES: tuple[Wire, ...] = (("powershell", "exchange"),)
IN_THE_CLOUD: tuple[Wire, ...] = (("exchange_online", online.ENDPOINT),)
ANYWHERE: tuple[Wire, ...] = (*ON_PREMISES, *IN_THE_CLOUD)


def wires_for(documentation: str) -> tuple[Wire, ...]:
    """Where a module works: its documentation says so, by the doc fragment that it extends."""
    if "- m365.hybrid.exchange_online\n" in documentation:
        return IN_THE_CLOUD
    return ANYWHERE if "- m365.hybrid.exchange_anywhere\n" in documentation else ON_PREMISES


@dataclasses.dataclass(frozen=True)
class CmdletModule(ResourceModule):
    """A resource module.

    ``noun`` names its cmdlets, ``key`` the option that identifies the object (None for the one object of an organization),
    ``create_with`` the options that the New- cmdlet takes, ``fields`` what breaks the naming rule, ``instructions`` the options in
    the module's own text that say how to work, ``resource_type`` the class that knows what the rule does not.  ``settings_of`` is what
    has such an object for as long as it exists, for example a mailbox: settings are never made nor removed, and where there is
    nothing to set, the task fails.
    """

    noun: str = ""
    key: str | None = "name"
    fields: tuple[fields.Field, ...] = ()
    create_with: tuple[str, ...] = ()
    instructions: tuple[str, ...] = ()
    settings_of: str = ""
    resource_type: type[CmdletResource] = CmdletResource
    defaults: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    """What the service gives a new object, as options; an export leaves it out."""
    in_order: bool = False
    owner: str | None = None

    exportable: t.ClassVar[bool] = True
    """Whether what exists is a setting that can be written down and given back."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "wires", self.wires or wires_for(self.documentation))
        object.__setattr__(self, "secrets", (*self.secrets, *(field.option for field in self.fields if field.secret)))

    def resource(self) -> CmdletResource:
        attributes = fields.bind(self.docs, self.fields, keys=(*self.instructions, *((self.key,) if self.key else ())))
        resource = self.resource_type(self.noun, attributes, self.key, self.create_with)
        resource.settings_of = self.settings_of
        return resource

    def validate(self, arguments: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        read_only = [name for name in self.resource_type.facts if name in arguments and name not in self.docs.options]
        if read_only:
            raise UsageError(f"{read_only[0]} is read-only: it is returned, and cannot be set", advice="Leave it out")
        return super().validate(arguments)

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        if self.key and not str(options[self.key]).strip():
            raise UsageError(f"{self.key} is empty; it must name one object")
        if self.key == "identity" and "*" in str(options["identity"]):
            raise UsageError("identity has an asterisk, which would fit many objects; it must name one")
        plan.load(self.attributes, options)

    def execute(self, session: engine.Tally, task: Task) -> Result:
        resource = self.resource()
        outcome = engine.converge(resource, session, task.options, present=self.present(task.options), check_mode=task.check_mode)
        shown = outcome.state if outcome.state is None or self.key is None else {self.key: task.options[self.key]} | outcome.state
        return {"changed": outcome.plan.action != "nothing", "diff": outcome.plan.diff(resource.label(task.options)), "resource": shown or {}}

    # many objects

    @functools.cached_property
    def attributes(self) -> dict[str, Attribute]:
        return self.resource().attributes

    def subject(self, options: Options) -> tuple[str, ...]:
        named = str(options[self.key]) if self.key else self.noun
        return (named, *(str(options.get(name) or "") for name in self.resource_type.apart))

    def overview(self, session: Session, options: Options, used: t.Collection[str] | None = None) -> catalogue.Catalogue | None:
        if self.key is None:
            return None
        resource = self.resource()
        context = () if self.resource_type is CmdletResource else resource.context
        names = set(resource.properties())
        if used is not None and context is not None:
            needed = {self.attributes[name].read for name in self.attributes if name in used or name in context}
            names -= {attribute.read for attribute in self.attributes.values()} - needed
        return catalogue.read(session, f"Get-{self.noun}", common(options), names, self.key)

    def export(self, session: engine.Tally, options: Options, watch: t.Callable[[int, int], None]) -> Exported:
        return exporting.Exporting(self, session, options, watch).run()
