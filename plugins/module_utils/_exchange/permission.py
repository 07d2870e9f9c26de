# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Entries of an access control list: Get-, Add- and Remove- cmdlets, and the rights of one user as the state.

What is managed is every entry that one user has on one object itself, all of them allowing or all of them denying.  Who the user is
the server decides: it is asked for the entries of that user, so any name will do.  Entries that an object inherits are not its own;
they are neither shown as rights nor ever removed.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, lists, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, NotFound, Truncated, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Attribute
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.module import CmdletModule
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource, Options, common, names_controller

INHERITANCE = "inheritance_type"
_SID = re.compile(r"(?i)(?:NT User:)?S-1-\d+(?:-\d+)+")
ITSELF = ("nt authority\\self", "s-1-5-10")
"""The principal that stands for the object itself."""


def rights(choices: t.Collection[str]) -> values.Codec:
    """The codec of a list of rights, each an option's choice."""
    return values.members(values.choice(choices))


def flag(value: t.Any) -> bool:
    """A switch: true or false, or the object that a server makes of a switch that it returns."""
    return bool(values.boolean(value.get("IsPresent") if isinstance(value, dict) else value))


def several(value: t.Any) -> list[str]:
    """The members of a list of flags; a server may put several names in one member: ``FullAccess, ReadPermission``."""
    members = value if isinstance(value, list) else [] if value is None else [value]
    return [name.strip() for one in members for name in str(one).split(",") if name.strip()]


@dataclasses.dataclass(frozen=True)
class Entry:
    """One entry of the object's own: its rights by option, who has them, how they are passed on to what is below (as an option's choice)."""

    rights: dict[str, list[str]]
    user: str
    inheritance_type: str | None = None


@dataclasses.dataclass(frozen=True)
class Found:
    """What a read learnt for the calls: the parameter that names the object, the entries that are the task's affair, and all of the user's."""

    target: dict[str, t.Any]
    entries: list[Entry]
    all: list[Entry]


class Permission(CmdletResource):
    """What one user may do with one object.

    ``choices`` are the rights that an option knows; an option without choices takes any.  Options that, besides the user, say which
    entries are meant are no attributes; `meant` knows them.
    """

    writing_verb = "Add"
    facts = ()
    apart: t.ClassVar[tuple[str, ...]] = ("user", "deny")
    choices: t.ClassVar[dict[str, tuple[str, ...]]] = {}

    def __init__(self, noun: str, attributes: dict[str, Attribute], key: str | None, create_with: t.Collection[str]) -> None:
        super().__init__(noun, attributes, key, create_with)
        self._targets: dict[tuple[t.Any, ...], dict[str, t.Any]] = {}

    def label(self, options: Options) -> str:
        return f"{self.noun} of '{options['user']}' on '{options[t.cast(str, self.key)]}'"

    @property
    def rights(self) -> list[str]:
        """The options that hold rights."""
        return [name for name, attribute in self.attributes.items() if attribute.codec.item is not None]

    # reading

    def read(self, session: Session, options: Options) -> engine.Reading:
        absent = options.get("state") == "absent"
        try:
            target = self._known_target(session, options)
            everything = self.entries(session, options, target)
        except NotFound as error:
            if not absent or names_controller(error, options.get("domain_controller")):
                raise
            return engine.Reading(None)  # nobody has rights on what is not there, and who is not there has none
        found = [entry for entry in self.limited(everything, options) if any(entry.rights.values())] if absent else everything
        return engine.Reading(self.summary(found, options) if found or not absent else None, Found(target, found, everything))

    def _known_target(self, session: Session, options: Options) -> dict[str, t.Any]:
        """An object is looked up once in a task, also where several users have rights on it."""
        asked = tuple(options.get(name) for name in (self.key or "", "folder", "folder_type", "domain_controller"))
        if asked not in self._targets:
            self._targets[asked] = self.target(session, options)
        return self._targets[asked]

    def target(self, session: Session, options: Options) -> dict[str, t.Any]:
        """The parameter that names the object."""
        return self.identity(options)

    def entries(self, session: Session, options: Options, target: dict[str, t.Any]) -> list[Entry]:
        sid = _SID.fullmatch(str(options["user"]).strip())
        try:
            found = self._own_entries(session, options, target | {"User": options["user"]})
        except NotFound as error:
            if not sid or names_controller(error, options.get("domain_controller")):
                raise
            # A SID that is nobody's any more is what the list shows of its entry; that the server does not find its owner proves nothing.
            found = [one for one in self._own_entries(session, options, target) if _user(one) == sid[0].casefold()]
        return [self.entry(one) for one in found if self.meant(one, options)]

    def _own_entries(self, session: Session, options: Options, parameters: dict[str, t.Any]) -> list[dict[str, t.Any]]:
        """The object's own entries, by folded names of their properties."""
        return [one for one in self.shown_entries(session, options, parameters) if not flag(one.get("isinherited"))]

    def shown_entries(self, session: Session, options: Options, parameters: dict[str, t.Any]) -> list[dict[str, t.Any]]:
        """All entries, inherited ones too."""
        return self.ask(session, options, f"Get-{self.noun}", parameters, ("AccessRights", "Deny", "IsInherited", "User", *self.read_too()))

    def ask(self, session: Session, options: Options, cmdlet: str, parameters: dict[str, t.Any], properties: tuple[str, ...]) -> list[dict[str, t.Any]]:
        """What a cmdlet shows, by folded names; an incomplete list, or what is no object, is an error."""
        answer = session.invoke(cmdlet, parameters | common(options), properties=properties)
        label = self.label(options) if options.get("user") else f"{self.noun} of {parameters.get('Identity')}"
        if answer.truncated:
            raise Truncated(f"the list of {label} is incomplete", cmdlet=cmdlet, target=session.target)
        if any(not isinstance(one, dict) for one in answer.output):
            raise HybridError(f"what was returned for {label} cannot be understood", cmdlet=cmdlet, target=session.target)
        return [{values.fold(name): value for name, value in one.items()} for one in answer.output]

    def read_too(self) -> list[str]:
        """Further properties that a read needs."""
        return [attribute.read for attribute in self.attributes.values()]

    def meant(self, shown: t.Mapping[str, t.Any], options: Options) -> bool:
        """Whether an entry, by folded names of its properties, is one of those that the task manages."""
        return flag(shown.get("deny")) == bool(options.get("deny"))

    def entry(self, shown: t.Mapping[str, t.Any]) -> Entry:
        held = {name: self.attributes[name].codec.load(several(shown.get(self.attributes[name].read))) for name in self.rights}
        inheritance = self.attributes[INHERITANCE].codec.load(shown.get(INHERITANCE.replace("_", ""))) if INHERITANCE in self.attributes else None
        return Entry(held, values.text(shown.get("user")), inheritance)

    def limited(self, found: list[Entry], options: Options) -> list[Entry]:
        """Of what shall be absent, only the rights that the task names; all of them where it names none."""
        named = {option: request for option, request in plan.load(self.attributes, options).items() if isinstance(request, lists.Wanted)}
        meant = {name: self.keys(name, self.single(name, request.exact or ())) for name, request in named.items()}
        return [dataclasses.replace(entry, rights=self._only(entry, meant)) for entry in found] if named else found

    def _only(self, entry: Entry, meant: t.Mapping[str, set[t.Hashable]]) -> dict[str, list[str]]:
        return {name: [one for one in entry.rights[name] if self.item(name).key(one) in keys] for name, keys in meant.items()}

    def summary(self, found: t.Sequence[Entry], options: Options) -> plan.State:
        """All entries as one state."""
        state: plan.State = {"user": found[0].user if found else options["user"]}
        for name in self.rights:
            state[name] = self.joined(name, sorted({right for entry in found for right in entry.rights.get(name, ())}))
        if INHERITANCE in self.attributes:
            state[INHERITANCE] = ", ".join(sorted({str(entry.inheritance_type) for entry in found})) or None
        return state

    def item(self, name: str) -> values.Codec:
        return t.cast(values.Codec, self.attributes[name].codec.item)

    def keys(self, name: str, held: t.Iterable[str]) -> set[t.Hashable]:
        """What tells the rights of an option apart."""
        return {self.item(name).key(one) for one in held}

    def single(self, name: str, held: t.Sequence[str]) -> list[str]:
        """The rights with each one that stands for several taken apart."""
        return list(held)

    def joined(self, name: str, held: t.Sequence[str]) -> list[str]:
        """The opposite of `single`."""
        return list(held)

    def pinned(self, options: Options, state: plan.State | None) -> Options:
        """The user as the server names him, which any of his names leads to."""
        user = (state or {}).get("user")
        return {**options, "user": user} if user and "\\" in user else options

    # reading many

    def held(self, session: Session, options: Options) -> t.Iterator[tuple[dict[str, t.Any], t.Any]]:
        """Everybody's entries on one object, but for those that every object has for itself."""
        key = t.cast(str, self.key)
        yield from self._held(session, options, {key: options[key]}, self._known_target(session, options))

    def _held(self, session: Session, options: Options, place: dict[str, t.Any], target: dict[str, t.Any]) -> t.Iterator[tuple[dict[str, t.Any], t.Any]]:
        entries: dict[tuple[t.Any, ...], list[Entry]] = {}
        for shown in self._own_entries(session, options, dict(target)):
            naming = place | self.naming(shown)
            if self.meant(shown, naming) and naming["user"].casefold() not in ITSELF:
                entries.setdefault(tuple(naming.items()), []).append(self.entry(shown))
        for named, found in entries.items():
            yield dict(named), self.summary(found, dict(named))

    def naming(self, found: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        """The options that, besides the object, tell an entry from others."""
        return {"user": values.text(found.get("user"))} | ({"deny": True} if flag(found.get("deny")) else {})

    # planning

    def wanted(self, session: Session, options: Options, current: plan.State | None) -> plan.State:
        wanted = super().wanted(session, options, current)
        after = {name: self._after(name, wanted.get(name), (current or {}).get(name) or []) for name in self.rights}
        if not any(after.values()):
            wanted.pop(INHERITANCE, None)  # without a right there is nothing to pass on
        return {name: lists.Wanted(exact=after[name]) if name in after else value for name, value in wanted.items()}

    def _after(self, name: str, request: lists.Wanted | None, held: t.Sequence[str]) -> list[str]:
        if request is None:
            return list(held)
        exact = None if request.exact is None else self.single(name, request.exact)
        taken_apart = lists.Wanted(exact, tuple(self.single(name, request.add)), tuple(self.single(name, request.remove)))
        return self.joined(name, lists.apply(name, taken_apart, self.single(name, held), self.item(name).key))

    # applying

    def calls(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        """Rights are taken away entry by entry, each as it is inherited, before others are given."""
        known: Found = found.background
        wanted = {name: self.single(name, (todo.after or {}).get(name) or ()) for name in self.rights}
        inheritance = (todo.after or {}).get(INHERITANCE)
        moved = INHERITANCE in todo.changes
        made: list[engine.Call] = []
        left: dict[str, set[t.Hashable]] = {name: set() for name in self.rights}
        for entry in known.entries:
            for name, held in entry.rights.items():
                stays = set() if moved and entry.inheritance_type != inheritance else self.keys(name, held) & self.keys(name, wanted[name])
                left[name] |= stays
                gone = [one for one in held if self.item(name).key(one) not in stays]
                made += self.change("Remove", options, known.target, name, gone, entry.inheritance_type)
        for name in self.rights:
            missing = [one for one in wanted[name] if self.item(name).key(one) not in left[name]]
            made += self.change("Add", options, known.target, name, missing, inheritance)
        return made

    def change(self, verb: str, options: Options, target: dict[str, t.Any], name: str, changed: list[str], inheritance: str | None) -> list[engine.Call]:
        """One call, or none where nothing changes."""
        if not changed:
            return []
        parameters = target | {"User": options["user"], self.attributes[name].write: self.attributes[name].codec.dump(self.joined(name, changed))}
        if options.get("deny"):
            parameters["Deny"] = True
        if inheritance and "," not in inheritance:
            parameters[self.attributes[INHERITANCE].write] = values.pascal(inheritance)
        return [self.call(verb, options, parameters | self.extra(verb, options))]

    def extra(self, verb: str, options: Options) -> dict[str, t.Any]:
        """Further parameters of one verb."""
        return {}


def _user(shown: t.Any) -> str:
    """Whose an entry is, folded."""
    user = next((value for name, value in shown.items() if values.fold(name) == "user"), None) if isinstance(shown, dict) else None
    return str(user.get("DisplayName") if isinstance(user, dict) else user).casefold()


@dataclasses.dataclass(frozen=True)
class PermissionModule(CmdletModule):
    """A module for the rights of one user on one object; ``key`` names the object, ``user`` the user."""

    resource_type: type[CmdletResource] = Permission
    defaults: t.Mapping[str, t.Any] = dataclasses.field(default_factory=lambda: {INHERITANCE: "all"})

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        for name in (t.cast(str, self.key), "user"):
            given = str(options[name])
            if not given.strip() or "*" in given:
                raise UsageError(f"{name} {'has an asterisk' if given.strip() else 'is empty'}; it must name one object")
        super().check(options)
        self._check_rights(t.cast(Permission, self.resource()), options)

    def overview(self, session: Session, options: Options, used: t.Collection[str] | None = None) -> None:
        """No cmdlet lists the rights on all objects."""

    def _check_rights(self, resource: Permission, options: t.Mapping[str, t.Any]) -> None:
        for name, request in plan.load(resource.attributes, options).items():
            if not isinstance(request, lists.Wanted):
                continue
            known = resource.choices.get(name)
            unknown = [str(one) for one in request.members() if known and one not in known]
            if unknown:
                raise UsageError(f"{name}: '{unknown[0]}' is not one of {', '.join(known or ())}")
            if options.get("state") == "absent" and request.exact is None:
                raise UsageError(f"{name}: with state absent it is a list of the rights that shall go", advice="Use add and remove with state present")
