# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Entra modules: a documentation, a collection of Microsoft Graph and a few rows."""

from __future__ import annotations

import dataclasses
import functools
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, fields, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import AccessDenied, HybridError, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Attribute
from ansible_collections.m365.hybrid.plugins.module_utils._core.resources import Exported, Options, ResourceModule
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task, Wire
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import RestSession, Session
from ansible_collections.m365.hybrid.plugins.module_utils._entra import export, permissions
from ansible_collections.m365.hybrid.plugins.module_utils._entra.catalogue import Catalogue
from ansible_collections.m365.hybrid.plugins.module_utils._entra.resource import GraphResource

GRAPH: tuple[Wire, ...] = (("graph", "graph"),)
GENERAL_ADVICE = "Give the application the permission that the request needs, and let an administrator consent"


def advised(module: str, error: HybridError) -> HybridError:
    """A refusal of the service, with the permissions that the module needs, unless it is known already what was missing."""
    if isinstance(error, AccessDenied) and error.advice == AccessDenied.advice_by_default:
        error.advice = permissions.advice(module, (error.cmdlet or "").partition(" ")[0], error.error_id or "") or GENERAL_ADVICE
    return error


@dataclasses.dataclass(frozen=True)
class GraphModule(ResourceModule):
    """A resource module.

    ``kind`` is what messages call the object, ``collection`` the path of its collection with the version, ``key`` the option that names
    it (None for the one object of a tenant), ``fields`` what breaks the naming rule, ``instructions`` the options in the module's own text that
    help to name the object, ``manner`` those that only say how to work, ``resource_type`` the class that knows what the rule does not.
    """

    wires: tuple[Wire, ...] = GRAPH
    kind: str = ""
    collection: str = ""
    key: str | None = "identity"
    fields: tuple[fields.Field, ...] = ()
    instructions: tuple[str, ...] = ()
    manner: tuple[str, ...] = ()
    resource_type: type[GraphResource] = GraphResource
    owner: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "secrets", (*self.secrets, *(field.option for field in self.fields if field.secret)))

    def resource(self) -> GraphResource:
        keys = (*self.instructions, *self.manner, *((self.key,) if self.key else ()))
        attributes = fields.bind(self.docs, self.fields, keys=keys, spelling=values.camel)
        return self.resource_type(self.kind, self.collection, attributes, self.key or "")

    @functools.cached_property
    def attributes(self) -> dict[str, Attribute]:
        return self.resource().attributes

    def explained(self, error: HybridError) -> HybridError:
        return advised(self.docs.module, error)

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        if self.key and not str(options[self.key]).strip():
            raise UsageError(f"{self.key} is empty; it must name one object")
        plan.load(self.attributes, options)

    def execute(self, session: engine.Tally, task: Task) -> Result:
        resource = self.resource()
        outcome = engine.converge(resource, session, task.options, present=self.present(task.options), check_mode=task.check_mode)
        named = {self.key: task.options[self.key]} if self.key else {}
        shown = named | outcome.state if outcome.state is not None else {}
        return {"changed": outcome.plan.action != "nothing", "diff": outcome.plan.diff(resource.label(task.options)), "resource": values.plain(shown)}

    def subject(self, options: Options) -> tuple[str, ...]:
        return (str(options[self.key]) if self.key else self.kind, *(str(options.get(name)) for name in self.instructions if name != "state"))

    def overview(self, session: Session, options: Options, used: t.Collection[str] | None = None) -> Catalogue | None:
        resource = self.resource()
        if not resource.listable or self.key is None:
            return None
        found = resource.everything(t.cast(RestSession, session), used)
        return Catalogue(self.collection, found, ("id", resource.named_by), self.key)

    def export(self, session: engine.Tally, options: Options, watch: t.Callable[[int, int], None]) -> Exported:
        return export.Exporting(self.resource, self.docs, self.key, session, options, watch).run()
