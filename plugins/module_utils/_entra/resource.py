# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Objects of Microsoft Graph that are members of a collection: read by name, made with POST, changed with PATCH, ended with DELETE."""

from __future__ import annotations

import copy
import dataclasses
import typing as t
import uuid

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import Ambiguous, HybridError, NotFound, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Attribute
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer, RestSession
from ansible_collections.m365.hybrid.plugins.module_utils._entra import catalogue, paths

Options = t.Mapping[str, t.Any]
V1 = "/v1.0"
BETA = "/beta"
_LARGEST_PAGE = 999


@dataclasses.dataclass(frozen=True)
class Ask(engine.Call):
    """One request: ``cmdlet`` is its method, ``parameters`` its body; an empty one is none."""

    path: paths.Path

    def send(self, session: engine.Tally) -> Answer:
        return session.request(self.cmdlet, self.path, self.parameters or None)


@dataclasses.dataclass(frozen=True)
class Make(Ask):
    """A request that makes an object.  ``keep`` is told the new object's id: a list may miss the object for a while, its id names it at once."""

    keep: t.Callable[[str], None]

    def send(self, session: engine.Tally) -> Answer:
        answer = super().send(session)
        if answer.output and isinstance(answer.output[0], dict) and answer.output[0].get("id"):
            self.keep(str(answer.output[0]["id"]))
        return answer


def is_id(text: object) -> bool:
    """Whether a name is the identifier of an object."""
    try:
        return str(uuid.UUID(str(text))) == str(text).lower()
    except ValueError:
        return False


def nested(found: t.Mapping[str, t.Any], path: str) -> t.Any:
    """A property by its path, ``conditions/users/includeUsers``; None where it or what should hold it is missing."""
    value: t.Any = found
    for part in path.split("/"):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def put(found: dict[str, t.Any], path: str, value: t.Any) -> None:
    """Set a property by its path; what should hold it is made."""
    *outer, last = path.split("/")
    for part in outer:
        if not isinstance(found.get(part), dict):
            found[part] = {}
        found = found[part]
    found[last] = value


def no_user(name: object, target: str) -> UsageError:
    """What belongs to a user who is not there is not absent: the task names nobody."""
    return UsageError(f"there is no user {name}", target=target, advice="One that was made a moment ago may not be known to all services yet")


class GraphResource:
    """One kind of object.

    ``kind`` is what messages call it, ``collection`` the path where its objects are, ``key`` the option that names one.  ``by`` is the
    property that the key is, where an object is not found by a path with its name.  ``needed`` are the options without which there is no
    new object, ``facts`` the properties beside the options that every returned resource carries, as Graph spells them.
    ``listable`` says that the collection lists all objects of the kind, with what a single read shows, ``named_by`` the property by which
    people name a listed one.
    """

    facts: t.ClassVar[tuple[str, ...]] = ("id",)
    by: t.ClassVar[str] = ""
    needed: t.ClassVar[tuple[str, ...]] = ()
    listable: t.ClassVar[bool] = False
    named_by: t.ClassVar[str] = "displayName"

    def __init__(self, kind: str, collection: str, attributes: dict[str, Attribute], key: str) -> None:
        self.kind, self.collection, self.attributes, self.key = kind, collection, attributes, key
        self._made: dict[str, str] = {}

    def label(self, options: Options) -> str:
        return f"{self.kind} '{options[self.key]}'"

    def admit(self, session: RestSession, options: Options) -> None:
        """Every tenant has all of it."""

    def permit(self, session: RestSession, calls: t.Iterable[engine.Call]) -> None:
        """What a tenant does not permit, it says itself."""

    # reading

    def read(self, session: RestSession, options: Options) -> engine.Reading:
        found = self.fetch(session, options)
        return engine.Reading(None if found is None else self.shown(session, found), found)

    def fetch(self, session: RestSession, options: Options) -> dict[str, t.Any] | None:
        """The object as Graph shows it; None only where Graph says that it is not there, or that a whole list does not have it.

        One that shall be there and is named by a property is also found by the new value that the task gives the property, so that renaming
        twice changes nothing.
        """
        name = self._made.get(str(options[self.key]), str(options[self.key]))
        held = session.held(self.collection, name) if isinstance(session, catalogue.Shelf) else None
        if held is not None:
            return held
        if self.by and not is_id(name):
            found = self._by_filter(session, name)
            renamed = str(options.get(values.snake(self.by)) or name)
            if found or options.get("state") == "absent" or renamed.casefold() == name.casefold():
                return found
            return self._by_filter(session, renamed)  # or a second run would make another object
        try:
            answer = session.request("GET", paths.path(f"{self.collection}/{{}}", name, select=self.properties()))
        except NotFound:
            return None
        return self._one(answer, session, options)

    def _by_filter(self, session: RestSession, name: str) -> dict[str, t.Any] | None:
        asked = paths.path(self.collection, filter=f"{self.by} eq {paths.literal(name)}", select=self.properties())
        found = session.request("GET", asked).output
        if len(found) > 1:
            raise Ambiguous(f"{len(found)} objects are called {self.kind} '{name}'", target=session.target, advice="Name the object by its id")
        return found[0] if found else None

    def _one(self, answer: Answer, session: RestSession, options: Options) -> dict[str, t.Any]:
        if len(answer.output) != 1 or not isinstance(answer.output[0], dict):
            raise HybridError(f"neither {self.label(options)} nor an error was returned, so whether it exists is not known", target=session.target)
        return answer.output[0]

    def shown(self, session: RestSession, found: t.Mapping[str, t.Any]) -> plan.State:
        """The properties in readable form, with names in place of identifiers where options have names."""
        return self.state(found)

    def properties(self) -> list[str] | None:
        """The properties to ask for; None where Graph shows all of them anyhow and cannot select."""
        return sorted({attribute.write.partition("/")[0] for attribute in self.attributes.values() if attribute.readable} | set(self.facts))

    def state(self, found: t.Mapping[str, t.Any]) -> plan.State:
        """The properties in readable form, by option name; what has no option keeps its own name in the spelling of options."""
        state: plan.State = {}
        for name, attribute in self.attributes.items():
            if attribute.readable and attribute.write.partition("/")[0] in found:
                try:
                    state[name] = attribute.codec.load(nested(found, attribute.write))
                except ValueError as error:
                    raise HybridError(f"{self.kind}: Graph's value of {name} cannot be understood: {error}") from None
        return state | {values.snake(fact): found.get(fact) for fact in self.facts}

    def pinned(self, options: Options, state: plan.State | None) -> Options:
        identifier = (state or {}).get("id")
        return {**options, self.key: identifier} if identifier else options

    # all objects

    def everything(self, session: RestSession, used: t.Collection[str] | None = None) -> list[dict[str, t.Any]]:
        """All objects of the kind.  ``used`` are the options that will be compared, None means all of them.  Raises `UsageError`."""
        if not self.listable:
            raise UsageError(f"the service lists no {self.kind} without the name of one", target=session.target)
        selected = self.properties()
        if selected is not None and used is not None:
            needed = {attribute.write.partition("/")[0] for name, attribute in self.attributes.items() if name in used} | {*self.facts, "id", self.named_by}
            selected = [name for name in selected if name in needed]
        query = {} if selected is None else {"select": selected, "top": _LARGEST_PAGE}
        return session.request("GET", paths.path(self.collection, **query)).output

    def complete(self, session: RestSession, found: dict[str, t.Any], full: bool) -> dict[str, t.Any]:
        """A listed object with what has to be asked for apart; ``full`` says that everything is wanted, whatever it costs."""
        return found

    # planning

    def wanted(self, session: RestSession, options: Options, current: plan.State | None) -> plan.State:
        return plan.load(self.attributes, options)

    # applying

    def calls(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        if todo.action == "create":
            return self.create(todo, options)
        if todo.action == "delete":
            return [self.ask("DELETE", "", found.state or {})]
        body = self.body(todo.changes, found.background or {})
        return [self.ask("PATCH", "", found.state or {}, body=body)] if body else []

    def create(self, todo: plan.Plan, options: Options) -> list[engine.Call]:
        missing = [name for name in self.needed if not (name in todo.changes and todo.changes[name].after not in (None, ""))]
        if missing:
            raise UsageError(f"{self.label(options)} does not exist, and {missing[0]} is needed to create it")
        name = str(options[self.key])
        if is_id(name):
            raise UsageError(f"{self.label(options)} does not exist, and a new one gets an id of its own", advice="To make one, give its name")
        return [Make("POST", self.body(todo.changes, {}), paths.path(self.collection), lambda identifier: self._made.update({name: identifier}))]

    def ask(self, method: str, tail: str, state: plan.State, *names: str, body: dict[str, t.Any] | None = None) -> Ask:
        """A request about the object itself, or with ``tail`` about what it has."""
        return Ask(method, body or {}, paths.path(f"{self.collection}/{{}}{tail}", str(state["id"]), *names))

    def body(self, changes: t.Mapping[str, plan.Change], found: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        """The properties that make the changes.  Graph replaces collections and nested objects as a whole, so what is there goes along."""
        body: dict[str, t.Any] = {}
        for name, change in changes.items():
            top, _slash, rest = self.attributes[name].write.partition("/")
            value = self.attributes[name].codec.dump(change.after)
            if rest:
                body.setdefault(top, copy.deepcopy(found.get(top)) or {})
                put(body[top], rest, value)
            else:
                body[top] = value
        return body

    def explain(self, error: HybridError, call: engine.Call) -> HybridError:
        return error


class GraphSingleton(GraphResource):
    """The one object of a tenant that a path names; it is neither made nor removed."""

    def label(self, options: Options) -> str:
        return self.kind

    def fetch(self, session: RestSession, options: Options) -> dict[str, t.Any]:
        return self._one(session.request("GET", paths.path(self.collection)), session, options)

    def everything(self, session: RestSession, used: t.Collection[str] | None = None) -> list[dict[str, t.Any]]:
        return [self.fetch(session, {})]

    def pinned(self, options: Options, state: plan.State | None) -> Options:
        return options

    def ask(self, method: str, tail: str, state: plan.State, *names: str, body: dict[str, t.Any] | None = None) -> Ask:
        return Ask(method, body or {}, paths.path(self.collection + tail, *names))
