# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Components of servers: what each requester wants of them, in the server's registry and in Active Directory.

A component is active only if no requester holds it otherwise, so one requester's word is compared with its own, never with the outcome.
Source: the reference of Get- and Set-ServerComponentState, and the object as it is captured from Exchange 2016 and 2019.
"""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.resources import Exported
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import catalogue
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource, Options, common

ACTIVE = "active"
PLACES = {"local": "localstates", "remote": "remotestates"}
"""Where a requester's word is kept, by the folded name of the property that shows it: the registry of the server, and Active Directory."""
_NAMED = {"local": "in the registry", "remote": "in Active Directory"}
_ALONE = {"local_only": "local", "remote_only": "remote"}
FIELDS = (Field("state", codec=values.choice(("active", "inactive", "draining"))),)


def requesters(found: t.Mapping[str, t.Any], place: str) -> dict[str, str]:
    """Who wants what of a component in one place: requester → state, in the spelling of options.  Raises HybridError for what cannot be understood."""
    shown = {values.fold(name): value for name, value in found.items()}.get(PLACES[place])
    result = {}
    for one in shown or ():
        row = {values.fold(name): value for name, value in one.items()} if isinstance(one, dict) else {}
        if not row.get("requester") or row.get("state") in (None, ""):
            raise HybridError(f"what a requester wants of the component cannot be understood: {one!r}")
        result[values.snake(str(row["requester"]))] = values.snake(str(row["state"]))
    return result


class ComponentState(CmdletResource):
    """What one requester wants of one component of one server.  A requester that never spoke holds nothing: it is as if it wanted it active."""

    facts = ()
    apart = ("component", "requester")

    def properties(self) -> list[str]:
        return ["state", "serverwideofflineisoffline", *PLACES.values()]

    def label(self, options: Options) -> str:
        return f"component {options['component']} of {options['server']}, requester {options['requester']}"

    def identity(self, options: Options) -> dict[str, t.Any]:
        return {"Identity": options["server"], "Component": options["component"]}

    def read(self, session: Session, options: Options) -> engine.Reading:
        found = self.fetch(session, options)
        if found is None:
            raise HybridError(f"{self.label(options)}: the server shows no such component", target=session.target)
        known = {place: requesters(found, place) for place in PLACES}
        own = {place: states.get(options["requester"], ACTIVE) for place, states in known.items()}
        shown = {values.fold(name): value for name, value in found.items()}
        return engine.Reading(
            {
                "state": _word({place: own[place] for place in places(options)}),
                "effective_state": values.snake(str(shown["state"])),
                "server_wide_offline": shown.get("serverwideofflineisoffline"),
                "held_by": [
                    {"requester": requester, "state": state, "where": place}
                    for place, states in known.items()
                    for requester, state in sorted(states.items())
                    if state != ACTIVE
                ],
            }
        )

    def fetch(self, session: Session, options: Options) -> dict[str, t.Any] | None:
        try:
            return super().fetch(session, options)
        except HybridError as error:
            raise error.about(self.label(options), session.target) from None

    def calls(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        only = {values.pascal(name): True for name in _ALONE if options.get(name)}
        parameters = self.identity(options) | {"Requester": values.pascal(options["requester"])} | self.dump(todo.changes) | only
        return [engine.Call("Set-ServerComponentState", parameters | common(options) | {"Confirm": False})]


def places(options: Options) -> list[str]:
    """Where the task reads and writes."""
    alone = [place for name, place in _ALONE.items() if options.get(name)]
    return alone or list(PLACES)


def _word(own: dict[str, str]) -> str:
    """The state that the places agree on, or what each has."""
    return next(iter(own.values())) if len(set(own.values())) == 1 else ", ".join(f"{state} {_NAMED[place]}" for place, state in own.items())


class ComponentStateModule(CmdletModule):
    """Says after a task what keeps a component from being active.  What is done to a server now is nothing to export."""

    exportable = False

    def present(self, options: Options) -> bool:
        return True  # the state is one of the component, which is always there

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        super().check(options)
        for name in ("server", "component"):
            if "*" in str(options[name]) or not str(options[name]).strip():
                raise UsageError(f"{name} must name one {name}")

    def overview(self, session: Session, options: Options, used: t.Collection[str] | None = None) -> catalogue.Catalogue | None:
        return None  # the cmdlet lists the components of a named server only

    def export(self, session: engine.Tally, options: t.Mapping[str, t.Any], watch: t.Callable[[int, int], None]) -> Exported:
        raise UsageError("what requesters want of components is what is being done to servers now, not settings")

    def execute(self, session: engine.Tally, task: Task) -> Result:
        result = super().execute(session, task)
        shown = {name: task.options[name] for name in ("server", "component", "requester")} | result["resource"]
        others = [f"{one['requester']} ({one['state']} {_NAMED[one['where']]})" for one in shown["held_by"] if one["requester"] != task.options["requester"]]
        following = result["changed"] and not others  # the server takes a moment to
        if shown["state"] == ACTIVE != shown["effective_state"] and not task.check_mode and not following:
            why = (
                f"held by {', '.join(others)}"
                if others
                else "ServerWideOffline keeps it so"
                if shown["server_wide_offline"]
                else "the server has not followed yet"
            )
            session.warnings.append(f"{task.options['component']} of {task.options['server']} is {shown['effective_state']} all the same: {why}")
        return result | {"resource": shown}
