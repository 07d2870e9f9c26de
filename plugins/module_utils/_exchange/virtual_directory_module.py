# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module of virtual directories, for one of them and for all."""

from __future__ import annotations

import dataclasses
import functools
import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, fields, plan
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, SessionError, Truncated, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Attribute
from ansible_collections.m365.hybrid.plugins.module_utils._core.resources import Exported, ResourceModule
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import export
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.hybrid_configuration import named
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import ON_PREMISES
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import Options, common
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.virtual_directory import (
    ANYWHERE,
    FIELDS,
    IN_DIRECTORY,
    INSTRUCTIONS,
    KINDS,
    SITE,
    URLS,
    VirtualDirectory,
    short,
)

_SELECT_NOTHING = ("identity", "filter", "organizational_unit", "database", "folder_type")


class OfEveryKind:
    """What the engine asks of a directory, answered by the resource of its type."""

    def __init__(self, kinds: t.Mapping[str, VirtualDirectory]) -> None:
        self._kinds = kinds
        self._any = next(iter(kinds.values()))
        self.attributes: dict[str, Attribute] = {name: row for kind in kinds.values() for name, row in kind.attributes.items()}

    def label(self, options: Options) -> str:
        return self._any.label(options)

    def admit(self, session: Session, options: Options) -> None:
        if options["recreate"]:
            raise UsageError("recreate is for a task about one directory, not for a list of them", advice="Leave it out here")
        self._kinds[options["type"]].admit(session, options)

    def read(self, session: Session, options: Options) -> engine.Reading:
        return self._kinds[options["type"]].read(session, options)

    def wanted(self, session: Session, options: Options, current: plan.State | None) -> plan.State:
        return self._kinds[options["type"]].wanted(session, options, current)

    def permit(self, session: Session, calls: t.Iterable[engine.Call]) -> None:
        self._any.permit(session, calls)

    def calls(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        return self._kinds[options["type"]].calls(todo, options, found)

    def pinned(self, options: Options, state: plan.State | None) -> Options:
        return options

    def explain(self, error: HybridError, call: engine.Call) -> HybridError:
        return self._any.explain(error, call)


@dataclasses.dataclass(frozen=True)
class VirtualDirectoryModule(ResourceModule):
    """A directory there with its settings, not there, or made anew."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "wires", self.wires or ON_PREMISES)

    @functools.cached_property
    def attributes(self) -> dict[str, Attribute]:
        """Of every type."""
        return fields.bind(self.docs, FIELDS, keys=INSTRUCTIONS)

    def of(self, kind: str) -> VirtualDirectory:
        return VirtualDirectory(KINDS[kind].noun, {name: self.attributes[name] for name in KINDS[kind].options}, None, URLS)

    def resource(self) -> OfEveryKind:
        return OfEveryKind({kind: self.of(kind) for kind in KINDS})

    def check(self, options: Options) -> None:
        kind = options["type"]
        known = KINDS[kind].options
        given = [name for name in self.attributes if options.get(name) is not None]
        foreign = [name for name in given if name not in known]
        if foreign:
            raise UsageError(f"{foreign[0]} is nothing that type {kind} has", advice=f"It has {', '.join(known)}")
        beyond = [name for name in given if name not in IN_DIRECTORY]
        if options["ad_properties_only"] and beyond:
            raise UsageError(f"{beyond[0]} is kept in IIS, and ad_properties_only does not ask it", advice="Leave ad_properties_only out")
        if kind == ANYWHERE and (options["recreate"] or options["state"] == "absent"):
            raise UsageError("Outlook Anywhere can be neither removed nor made anew")
        if options["recreate"] and options["state"] == "absent":
            raise UsageError("recreate is for a directory that shall be there")
        plan.load(self.attributes, options)

    def execute(self, session: engine.Tally, task: Task) -> Result:
        resource, options = self.of(task.options["type"]), dict(task.options)
        resource.admit(session, options)
        anew = options["recreate"] and resource.read(session, options)
        if anew and anew.state is not None:
            kept = {name: anew.state[name] for name in URLS if name in resource.attributes and options.get(name) is None}
            options |= {name: value or None for name, value in kept.items()}
            if task.check_mode:
                after = {name: value for name, value in plan.load(resource.attributes, options).items() if not hasattr(value, "exact")}
                diff = plan.Plan("create", None, after, {name: plan.Change(None, value) for name, value in after.items()}).diff(resource.label(options))
                return {"changed": True, "diff": diff, "resource": after}
            engine.carry_out(resource, session, [resource.call("Remove", options, {"Identity": anew.background})])
        try:
            outcome = engine.converge(resource, session, options, present=self.present(options), check_mode=task.check_mode)
        except HybridError as error:
            if anew and anew.state is not None:
                error.advice = f"It was removed and is not back whole: run the task again, with the same options. {error.advice}"
            raise
        return {"changed": outcome.plan.action != "nothing", "diff": outcome.plan.diff(resource.label(options)), "resource": outcome.state or {}}

    # many objects

    def subject(self, options: Options) -> tuple[str, ...]:
        return short(options["server"]), options["type"], str(options.get("web_site") or SITE)

    def lanes(self, listed: t.Sequence[Options]) -> list[t.Hashable]:
        """Those of one server are worked on one after the other: they meet in the one configuration of its IIS."""
        return [short(options["server"]) for options in listed]

    def export(self, session: engine.Tally, options: Options, watch: t.Callable[[int, int], None]) -> Exported:
        given = [name for name in _SELECT_NOTHING if options.get(name) is not None]
        if given:
            raise UsageError(f"{given[0]} selects no virtual directories", advice="Select those of one server with server")
        result = Exported()
        for number, kind in enumerate(KINDS):
            watch(number, len(KINDS))
            try:
                result.objects += self._exported(session, options, kind)
            except SessionError:
                raise
            except HybridError as error:
                result.failed.append((kind, error))
        return result

    def _exported(self, session: Session, options: Options, kind: str) -> list[dict[str, t.Any]]:
        """All of a type, over the servers that the user did not leave out."""
        resource = self.of(kind)
        cmdlet = f"Get-{resource.noun}"
        chosen = {"Server": options["server"]} if options.get("server") else {}
        answer = session.invoke(cmdlet, chosen | common(options), properties=resource.properties())
        if answer.truncated:
            raise Truncated(f"the list of virtual directories of type {kind} is incomplete", cmdlet=cmdlet, target=session.target)
        found = []
        for one in answer.output:
            server, name = named(one.get("Server")), resource.name_of(one)
            site = re.search(r"\(([^()]*)\)$", name)
            if not server or not site:
                raise HybridError(f"a listed {resource.noun} does not say where it is", cmdlet=cmdlet, target=session.target)
            naming = {"type": kind, "server": server} | ({"web_site": site[1]} if site[1] != SITE else {})
            found.append(export.entry(resource, self.docs, {}, naming, resource.state(one), bool(options["full"])))
        return sorted(found, key=lambda one: str(one["server"]).casefold())
