# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Directory modules: a documentation, a kind of object and a few rows."""

from __future__ import annotations

import dataclasses
import functools
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, fields, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Attribute
from ansible_collections.m365.hybrid.plugins.module_utils._core.resources import Exported, Options, ResourceModule
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task, Wire
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import DirectorySession, Session
from ansible_collections.m365.hybrid.plugins.module_utils._directory import catalogue, export, free, identity, listing, names
from ansible_collections.m365.hybrid.plugins.module_utils._directory.resource import DirectoryResource

LDAP: tuple[Wire, ...] = (("ldap", "ldap"),)
MANNER = ("attributes", "recursive", "update_password")
"""Options that are no attribute of the object."""


@dataclasses.dataclass(frozen=True)
class DirectoryModule(ResourceModule):
    """A resource module.

    ``kind`` is what messages call the object, ``key`` the option that names one, ``fields`` what breaks the naming rule, ``resource_type``
    the class that knows what the rule does not.
    """

    wires: tuple[Wire, ...] = LDAP
    kind: str = ""
    key: str = "identity"
    fields: tuple[fields.Field, ...] = ()
    resource_type: type[DirectoryResource] = DirectoryResource

    def __post_init__(self) -> None:
        object.__setattr__(self, "secrets", (*self.secrets, *(field.option for field in self.fields if field.secret)))

    def resource(self) -> DirectoryResource:
        attributes = fields.bind(self.docs, self.fields, keys=(self.key, *MANNER), spelling=values.camel)
        return self.resource_type(self.kind, attributes, self.key)

    @functools.cached_property
    def attributes(self) -> dict[str, Attribute]:
        return self.resource().attributes

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        if not str(options[self.key]).strip():
            raise UsageError(f"{self.key} is empty; it must name one object")
        if options.get("name") is not None and not options["name"].strip():
            raise UsageError("name is empty; an object always has one")
        if options.get("path") is not None and not names.is_name(options["path"]):
            raise UsageError(f"path: '{options['path']}' is no distinguished name such as OU=Staff,DC=contoso,DC=com")
        if options.get("sam_account_name") is not None and not options["sam_account_name"].strip():
            raise UsageError("sam_account_name is empty; an account always has one")
        free.named(options.get("attributes"))
        plan.load(self.attributes, options)

    def execute(self, session: engine.Tally, task: Task) -> Result:
        resource = self.resource()
        outcome = engine.converge(resource, session, task.options, present=self.present(task.options), check_mode=task.check_mode)
        shown = {self.key: task.options[self.key]} | nested(outcome.state) if outcome.state is not None else {}
        return {"changed": outcome.plan.action != "nothing", "diff": outcome.plan.diff(resource.label(task.options)), "resource": values.plain(shown)}

    def subject(self, options: Options) -> tuple[str, ...]:
        return (str(options[self.key]),)

    def overview(self, session: Session, options: Options, used: t.Collection[str] | None = None) -> catalogue.Catalogue:
        resource = self.resource()
        asked = listing.properties(resource, used)
        found = listing.everything(t.cast(DirectorySession, session), resource, asked)

        def again(session: Session, wanted: t.Sequence[str]) -> list[identity.Entry]:
            return listing.some(t.cast(DirectorySession, session), resource, asked, wanted)

        return catalogue.Catalogue(found, resource.by, self.key, again)

    def export(self, session: engine.Tally, options: Options, watch: t.Callable[[int, int], None]) -> Exported:
        return export.run(self.resource(), self.docs, self.key, session, options, watch)


def nested(state: plan.State) -> dict[str, t.Any]:
    """A state with the attributes that have no option under one key."""
    own = {name: value for name, value in state.items() if not name.startswith(free.PREFIX)}
    more = {name.removeprefix(free.PREFIX): value for name, value in state.items() if name.startswith(free.PREFIX)}
    return own | ({"attributes": more} if more else {})
