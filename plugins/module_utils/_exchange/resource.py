# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Objects that are a noun with Get-, New-, Set- and Remove- cmdlets."""

from __future__ import annotations

import dataclasses
import functools
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, lists, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import Ambiguous, HybridError, NotFound, Truncated, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Attribute
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer, Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import availability, online, recipients

Options = t.Mapping[str, t.Any]

_NAMED_BY = ("primarysmtpaddress", "identity", "name", "guid")
"""Properties that name an object whose module takes any name, the most readable one that is unique first."""


class CmdletResource:
    """One kind of Exchange object.

    ``noun`` names the cmdlets, ``key`` the option that identifies the object (None: there is only one in the organization),
    ``create_with`` the options that the New- cmdlet takes; all others are set right after.  ``facts`` are read-only properties that
    every returned resource carries when the server shows them, ``writing_verb`` is that of the cmdlet that takes the options, ``making_verb`` and
    ``removing_verb`` those of the cmdlets that begin and end an object.
    ``settings_of`` is what has the object for as long as it exists, for example a mailbox; empty for an object that can be made and
    removed.
    ``needed`` are the options without which there is no new object: those of ``create_with`` that cannot be changed afterwards,
    unless a class names others.
    """

    writing_verb: t.ClassVar[str] = "Set"
    making_verb: t.ClassVar[str] = "New"
    removing_verb: t.ClassVar[str] = "Remove"
    facts: t.ClassVar[tuple[str, ...]] = ("guid", "distinguished_name")
    settings_of = ""
    needed: t.ClassVar[tuple[str, ...] | None] = None

    def __init__(self, noun: str, attributes: dict[str, Attribute], key: str | None, create_with: t.Collection[str]) -> None:
        self.noun, self.attributes, self.key, self.create_with = noun, attributes, key, create_with
        self.recipients: dict[str, str] = {}  # names already resolved, for all objects of a task
        self._spelling: tuple[str, ...] = ()
        self._rows: list[tuple[str, str, Attribute | None]] = []

    def label(self, options: Options) -> str:
        return f"{self.noun} '{options[self.key]}'" if self.key else self.noun

    # reading many

    context: t.ClassVar[tuple[str, ...] | None] = None
    """The options whose present values a subclass looks at beyond those that the user sets; None: any."""
    scopes: t.ClassVar[tuple[dict[str, t.Any], ...]] = ({},)
    """The options with which the Get- cmdlet is asked: one set for each part of the objects that it shows by itself only."""
    unlisted: t.ClassVar[tuple[str, ...]] = ()
    """The options that a list shows nothing of, or nothing true: each object is read by itself for them."""
    essential: t.ClassVar[tuple[str, ...]] = ()
    """Those of them without which an export would not say what the object is."""
    owners: t.ClassVar[tuple[str, ...]] = ()
    """The nouns whose objects have these, one or several each; empty where the service lists the objects themselves."""
    named_by: t.ClassVar[tuple[str, ...]] = _NAMED_BY
    apart: t.ClassVar[tuple[str, ...]] = ()
    """The options that, besides the one that names it, tell an object from others."""

    def scope(self, options: Options) -> dict[str, t.Any]:
        """The parameters without which a Get- cmdlet does not see this kind of object."""
        return {}

    def naming(self, found: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        """The options that identify a listed object; a subclass adds what tells two objects of one name apart.  Raises HybridError."""
        if self.key is None:
            return {}
        folded = {values.fold(name): value for name, value in found.items()}
        name = next((str(folded[one]) for one in (("name",) if self.key == "name" else self.named_by) if folded.get(one)), None)
        if name is None:
            raise HybridError(f"a listed {self.noun} has no name")
        return {self.key: name}

    # where it works

    def lacking(self, session: Session) -> t.Mapping[str, str]:
        """The options that nothing takes where the session leads to, each with the cmdlet that would."""
        return self._only_on_servers if online.is_online(session) else {}

    @functools.cached_property
    def _only_on_servers(self) -> dict[str, str]:
        return online.lacking(self.attributes, f"{self.writing_verb}-{self.noun}", f"{self.making_verb}-{self.noun}", self.create_with)

    def admit(self, session: Session, options: Options) -> None:
        online.admit(session, options, self.attributes, self.lacking(session))

    def permit(self, session: Session, calls: t.Iterable[engine.Call]) -> None:
        online.permit(session, calls)

    def complete(self, session: Session, found: dict[str, t.Any], options: Options) -> dict[str, t.Any]:
        """A listed object with what other cmdlets tell of it, for an export."""
        return found

    def idle(self, state: plan.State) -> t.Collection[str]:
        """The options that mean nothing while the others are as they are, so that only a full export has them."""
        return ()

    def held(self, session: Session, options: Options) -> t.Iterator[tuple[dict[str, t.Any], plan.State]]:
        """What one of the ``owners`` has: the options that identify each, and its state."""
        found = self.read(session, options)
        if found.state is not None and self.key:
            yield {self.key: options[self.key]}, found.state

    # reading

    def read(self, session: Session, options: Options) -> engine.Reading:
        found = self.fetch(session, options)
        return engine.Reading(None if found is None else self.state(found))

    def fetch(self, session: Session, options: Options) -> dict[str, t.Any] | None:
        """The object as the server shows it; None only for the server's own not-found error."""
        cmdlet = f"Get-{self.noun}"
        try:
            answer = session.invoke(cmdlet, self.selection(options) | common(options), properties=self._needed_properties)
        except NotFound as error:
            if self.key is None or names_controller(error, options.get("domain_controller")):
                raise  # an organization cannot be without it, or another thing is not there: neither proves anything
            if self.settings_of:
                raise self.ownerless(error) from None
            return None
        if self.key and "*" in str(options[self.key]):
            answer = literally(answer, str(options[self.key]))
            if not answer.output and not answer.truncated:
                return None
        return single(answer, cmdlet, session.target, self.label(options))

    def selection(self, options: Options) -> dict[str, t.Any]:
        """The parameters of a read: the identity, and switches without which Get- leaves properties empty."""
        return self.identity(options)

    def ownerless(self, error: NotFound) -> NotFound:
        """The error of settings for which there is no owner."""
        error.advice = f"These are settings of a {self.settings_of}; name one that exists, or make it first"
        return error

    @functools.cached_property
    def _needed_properties(self) -> list[str]:
        return self.properties()

    def properties(self) -> list[str]:
        """The properties a read needs; the wire drops the others early."""
        return sorted({attribute.read for attribute in self.attributes.values() if attribute.readable} | {values.fold(fact) for fact in self.facts} | {"name"})

    def pinned(self, options: Options, state: plan.State | None) -> Options:
        guid = (state or {}).get("guid")
        return {**options, self.key: guid} if self.key and guid else options

    def identity(self, options: Options) -> dict[str, t.Any]:
        return {"Identity": options[self.key]} if self.key else {}

    def state(self, found: t.Mapping[str, t.Any]) -> plan.State:
        """An object's properties in readable form, by option name."""
        if self._spelling != tuple(found):  # objects of one list show the same properties
            self._spelling, self._rows = tuple(found), self._shown(found)
        return {name: found[shown] if attribute is None else self._load(attribute, found[shown]) for name, shown, attribute in self._rows}

    def _shown(self, found: t.Iterable[str]) -> list[tuple[str, str, Attribute | None]]:
        """Options and facts among the properties, as the server spells these; a fact has no attribute."""
        spelled = {values.fold(name): name for name in found}
        rows = [(name, spelled[one.read], one) for name, one in self.attributes.items() if one.readable and one.read in spelled]
        return [*rows, *((fact, spelled[values.fold(fact)], None) for fact in self.facts if values.fold(fact) in spelled)]

    def _load(self, attribute: Attribute, value: t.Any) -> t.Any:
        try:
            return attribute.codec.load(value)
        except ValueError as error:
            raise HybridError(f"{self.noun}: the server's value of {attribute.option} cannot be understood: {error}") from None

    # planning

    def wanted(self, session: Session, options: Options, current: plan.State | None) -> plan.State:
        wanted = plan.load(self.attributes, options)
        missing = [name for name in wanted if current is not None and self.attributes[name].readable and name not in current]
        if missing:
            raise UsageError(f"the connected server has no {missing[0]} for {self.noun}", target=session.target, advice=self._since(missing[0]))
        return recipients.resolve_all(session, self.attributes, wanted, current or {}, self.recipients, common(options))

    def _since(self, option: str) -> str:
        return availability.sentence(f"{self.writing_verb}-{self.noun}", self.attributes[option].write)

    # applying

    def calls(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        if todo.action == "create":
            return self.create(todo, options, found)
        if todo.action == "delete":
            return [self.call(self.removing_verb, options, self.identity(options))]
        return [self.call("Set", options, self.identity(options) | self.dump(todo.changes))]

    def create(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        """New- with what it takes; the rest is set when the object is there."""
        taken = {name: change for name, change in todo.changes.items() if name in self.create_with}
        needed = [name for name in self.create_with if self.attributes[name].immutable] if self.needed is None else self.needed
        for name in needed:
            if not (name in taken and taken[name].after):
                raise UsageError(f"{self.label(options)} does not exist, and {name} is needed to create it")
        key = {values.pascal(self.key): options[self.key]} if self.key else {}
        return [self.call(self.making_verb, options, key | self.dump(taken))]

    def call(self, verb: str, options: Options, parameters: dict[str, t.Any]) -> engine.Call:
        return engine.Call(f"{verb}-{self.noun}", parameters | common(options) | {"Confirm": False})

    def dump(self, changes: t.Mapping[str, plan.Change]) -> dict[str, t.Any]:
        """The parameters that make the changes."""
        return {self.attributes[name].write: dump(self.attributes[name], change) for name, change in changes.items()}

    def explain(self, error: HybridError, call: engine.Call) -> HybridError:
        return availability.explain(online.explain(error), call)


def dump(attribute: Attribute, change: plan.Change) -> t.Any:
    """One parameter's value.  Members to add and remove are sent as such, so that others' changes survive."""
    item, request = attribute.codec.item, change.wanted
    if not item or request is None or request.exact is not None or attribute.codec.whole:
        return attribute.codec.dump(change.after)
    if change.before is None:
        return {"Add": attribute.codec.dump(change.after)}
    added, removed = lists.difference(change.before, change.after, item.key)
    parts = {"Add": [item.dump(one) for one in added], "Remove": [item.dump(one) for one in removed]}
    return {name: members for name, members in parts.items() if members}


def common(options: Options) -> dict[str, t.Any]:
    """Parameters that every call of a task carries."""
    controller = options.get("domain_controller")
    return {"DomainController": controller} if controller else {}


def names_controller(error: NotFound, controller: str | None) -> bool:
    """Whether the domain controller is what was not found, not the object that should be read from it."""
    return bool(controller) and f"'{controller}' couldn't be found".casefold() in error.text.casefold()


def literally(answer: Answer, name: str) -> Answer:
    """The objects of exactly this name: a Get- cmdlet takes an asterisk for a pattern, and a pattern that fits nothing is no error."""
    named = [one for one in answer.output if isinstance(one, dict) and str(one.get("Name")).casefold() == name.casefold()]
    return dataclasses.replace(answer, output=named)


def single(answer: Answer, cmdlet: str, target: str, label: str) -> dict[str, t.Any]:
    """The one object of an answer; anything else is a doubt, and a doubt is an error."""
    if answer.truncated:
        raise Truncated(f"the list that should show {label} is incomplete", cmdlet=cmdlet, target=target)
    if len(answer.output) > 1:
        raise Ambiguous(f"{len(answer.output)} objects answer to {label}", cmdlet=cmdlet, target=target)
    if not answer.output or not isinstance(answer.output[0], dict):
        raise HybridError(f"neither {label} nor an error was returned, so whether it exists is not known", cmdlet=cmdlet, target=target)
    return answer.output[0]
