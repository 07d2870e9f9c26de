# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Objects of Active Directory: found by any of their names, made, changed, moved and removed."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, lists, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, NotEmpty, NotFound, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Attribute
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer, DirectorySession, Modification
from ansible_collections.m365.hybrid.plugins.module_utils._directory import addresses, catalogue, codecs, identity, names, places, security, unique
from ansible_collections.m365.hybrid.plugins.module_utils._directory.free import PREFIX, Free, named
from ansible_collections.m365.hybrid.plugins.module_utils._directory.identity import Entry, Identity
from ansible_collections.m365.hybrid.plugins.module_utils._directory.references import References

Options = t.Mapping[str, t.Any]
AT_ONCE = 1000
"""So many values one modification adds and removes: a domain controller writes no more than some thousands in one transaction."""
DESCRIPTOR = "nTSecurityDescriptor"
RIGHTS = {"protected_from_deletion": security.PROTECTED, "cannot_change_password": security.CANNOT_CHANGE_PASSWORD}
"""Options that are entries of the security descriptor."""
PLACED = ("name", "path")
"""Options that are parts of the distinguished name."""


@dataclasses.dataclass(frozen=True)
class Change(engine.Call):
    """One operation on the directory: ``cmdlet`` is its name, ``parameters`` its arguments."""

    def send(self, session: engine.Tally) -> Answer:
        answer: Answer = getattr(session, self.cmdlet)(**self.parameters)
        return answer


class DirectoryResource:
    """One kind of object.

    ``kind`` is what messages call it, ``key`` the option that names one. ``classes`` are the object classes of a new one, ``within`` the filter that
    fits all of the kind and nothing else, ``by`` the attributes by which a plain name finds one, ``rdn`` the attribute in the relative name.
    ``needed`` are the options without which there is no new object, ``bits`` the options that are bits of a number, with the number's attribute,
    ``linked`` the options that name other objects, ``elsewhere`` those that are written at these and exported with them, ``passing`` those that say
    what happened to an object, which no export repeats. ``facts`` are the attributes beside the options that every returned resource carries,
    ``companions`` those without which no other can be understood, ``named_by`` is the one by which people name an object, its distinguished name
    where that is empty. ``well_known`` is the container of new objects, as the domain's wellKnownObjects call it; empty for the domain itself.
    """

    classes: t.ClassVar[tuple[str, ...]] = ()
    within: t.ClassVar[str] = ""
    by: t.ClassVar[tuple[str, ...]] = ("sAMAccountName", "userPrincipalName")
    rdn: t.ClassVar[str] = "CN"
    needed: t.ClassVar[tuple[str, ...]] = ()
    bits: t.ClassVar[t.Mapping[str, codecs.Bit]] = {}
    number: t.ClassVar[str] = ""
    linked: t.ClassVar[tuple[str, ...]] = ()
    elsewhere: t.ClassVar[tuple[str, ...]] = ()
    passing: t.ClassVar[tuple[str, ...]] = ()
    well_known: t.ClassVar[str] = ""
    facts: t.ClassVar[tuple[str, ...]] = ("objectGUID", "objectSid", "whenCreated", "whenChanged")
    companions: t.ClassVar[tuple[str, ...]] = ()
    named_by: t.ClassVar[str] = "sAMAccountName"

    def __init__(self, kind: str, attributes: dict[str, Attribute], key: str) -> None:
        self.kind, self.attributes, self.key = kind, attributes, key
        self.references = References()
        self._own = dict(attributes)
        self._free = Free({name: attribute.write for name, attribute in attributes.items() if name not in PLACED})
        self._made: dict[str, str] = {}
        self._above: dict[str, str] = {}

    def label(self, options: Options) -> str:
        return f"{self.kind} '{options[self.key]}'"

    def admit(self, session: DirectorySession, options: Options) -> None:
        """Attributes without an option become rows of the table when a task names them."""
        self.attributes = self._own | self._free.attributes(session, named(options.get("attributes")))

    def permit(self, session: DirectorySession, calls: t.Iterable[engine.Call]) -> None:
        """What an account may not do, the server says."""

    # reading

    def called(self, name: t.Any) -> Identity:
        """What a user called an object."""
        return identity.parse(name, "sAMAccountName" in self.by)

    def read(self, session: DirectorySession, options: Options) -> engine.Reading:
        found = self.fetch(session, options)
        return engine.Reading(None if found is None else self.shown(session, found), found)

    def properties(self, options: Options) -> list[str]:
        """The attributes to ask for."""
        options = self.settled(options, self._is_new(options))
        rights = [name for name in RIGHTS if name in self.attributes and options.get(name) is not None]
        asked = {one.write for name, one in self.attributes.items() if one.readable and name not in (*RIGHTS, *PLACED)}
        return sorted(asked | set(self.facts) | {"objectClass"} | ({DESCRIPTOR} if rights else set()))

    def fetch(self, session: DirectorySession, options: Options) -> Entry | None:
        """The object; None only where the directory proved that there is none.

        One that shall be there is found by the names that the task gives it, too, so that renaming or moving twice changes nothing.
        """
        name = self._made.get(str(options[self.key]), str(options[self.key]))
        asked = self.properties(options)
        held = session.held(name) if isinstance(session, catalogue.Shelf) else None
        if held is not None and all(one in held for one in self._compared(options, asked)):
            return held
        found = self._one(session, self.called(name), asked)
        if found is None and options.get("state", "present") == "present":
            for other in self.new_names(options, self.called(name)):
                found = found or self._one(session, other, asked)
        return found

    def _compared(self, options: Options, asked: t.Collection[str]) -> set[str]:
        """The attributes without which a listed object cannot be compared with what a task wants."""
        given = {one.write for name, one in self.attributes.items() if options.get(name) is not None or name.startswith(PREFIX)}
        return given & set(asked)

    def new_names(self, options: Options, called: Identity) -> list[Identity]:
        """What the object is called after the task."""
        given = [options.get(values.snake(attribute)) or options.get(_option(attribute)) for attribute in self.by]
        found = [self.called(one) for one in given if one]
        if options.get("name") and self.rdn.lower() in self.by:
            name, place = options["name"], options.get("path")
            found.append(Identity("dn", f"{self._relative(name)},{place}") if place else Identity("name", name))
        if called.form == "dn" and (options.get("name") or options.get("path")):
            relative = self._relative(options.get("name") or names.value(names.parts(called.text)[0]))
            found.append(Identity("dn", f"{relative},{options.get('path') or names.parent(called.text)}"))
        return [one for one in found if one != called]

    def _one(self, session: DirectorySession, called: Identity, asked: t.Collection[str]) -> Entry | None:
        found = identity.one(session, called, asked, self.by)
        if found is not None and not self.fits(found):
            what = (found.get("objectClass") or ["object"])[-1]
            raise UsageError(f"'{called.text}' is no {self.kind}, but a {what}: {found['dn']}", target=session.target)
        return found if found is None else dict.fromkeys(asked) | found

    def fits(self, found: Entry) -> bool:
        """Whether an object is of the kind."""
        return self.classes[-1] in found.get("objectClass", ())

    def shown(self, session: DirectorySession, found: Entry) -> plan.State:
        """The object in readable form, by option name; what has no option keeps its own name in the spelling of options."""
        relative = names.parts(found["dn"])[0]
        state: plan.State = {"distinguished_name": found["dn"], "name": names.value(relative), "path": names.parent(found["dn"])}
        for name, attribute in self.attributes.items():
            if attribute.readable and attribute.write in found and name not in PLACED and name not in RIGHTS:
                state[name] = self._loaded(attribute, found[attribute.write])
        for name, right in RIGHTS.items():
            if name in self.attributes and found.get(DESCRIPTOR):
                state[name] = security.denies(found[DESCRIPTOR][0], right)
        return state | {_option(fact): (found.get(fact) or [None])[0] for fact in self.facts}

    def _loaded(self, attribute: Attribute, found: list[t.Any] | None) -> t.Any:
        try:
            if attribute.codec.item is not None and not attribute.codec.whole:
                return attribute.codec.load(found or [])
            return attribute.codec.load(found[0] if found else None)
        except ValueError as error:
            raise HybridError(f"{self.kind}: the directory's value of {attribute.option} cannot be understood: {error}") from None

    def pinned(self, options: Options, state: plan.State | None) -> Options:
        identifier = (state or {}).get("object_guid")
        return {**options, self.key: identifier} if identifier else options

    # planning

    def settled(self, options: Options, new: bool) -> Options:
        """The options, with what a new object gets by default."""
        return options

    def _is_new(self, options: Options) -> bool:
        """Whether this resource made the object a moment ago."""
        return str(options.get(self.key)) in self._made

    def wanted(self, session: DirectorySession, options: Options, current: plan.State | None) -> plan.State:
        options = self.settled(options, current is None or self._is_new(options))
        given = named(options.get("attributes"))
        free = {name: row for name, row in self.attributes.items() if name.startswith(PREFIX)}
        wanted = plan.load(self._own, options) | self._free.wanted(free, given)
        for name in self.linked:
            if name in wanted:
                wanted[name] = self.references.wanted(session, name, wanted[name])
        if addresses.OPTION in wanted:
            wanted[addresses.OPTION] = addresses.settled(wanted[addresses.OPTION], (current or {}).get(addresses.OPTION) or [])
        if current is None:
            wanted = self.fresh(session, options, wanted)
        if "path" in wanted and (current is None or not _same(wanted["path"], current["path"])):
            places.require(session, wanted["path"])
        if wanted.get("protected_from_deletion") and not (current or {}).get("protected_from_deletion"):
            self._look_above(session, str(wanted.get("path") or (current or {}).get("path")))
        unique.check(session, {name: self.attributes[name].write for name in wanted}, wanted, current)
        return wanted

    def _look_above(self, session: DirectorySession, place: str) -> None:
        """Learn the rights of what holds an object that will be protected."""
        found = session.search(place, scope="base", attributes=(DESCRIPTOR,)).output
        self._above[names.key(place)] = (found[0].get(DESCRIPTOR) or [""])[0] if found else ""

    def fresh(self, session: DirectorySession, options: Options, wanted: plan.State) -> plan.State:
        """What a new object has that the task does not say."""
        called = self.called(options[self.key])
        if called.fixed:
            raise UsageError(f"{self.label(options)} does not exist, and a new one gets an identifier of its own", advice="To make one, give its name")
        if called.form == "dn":
            if called.text.partition("=")[0].strip().upper() != self.rdn:
                raise UsageError(f"{self.label(options)} does not exist, and the name of a new {self.kind} begins with {self.rdn}=")
            return {"name": names.value(names.parts(called.text)[0]), "path": names.parent(called.text)} | wanted
        place = {} if "path" in wanted else {"path": places.usual(session, self.well_known)}
        return {"name": called.text.partition("@")[0]} | place | wanted

    # applying

    def calls(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        if todo.action == "create":
            return self.create(todo, options)
        name = str((found.state or {})["distinguished_name"])
        if todo.action == "delete":
            return [Change("delete", {"name": name, "tree": bool(options.get("recursive"))})]
        return self.update(todo, name, found.background)

    def update(self, todo: plan.Plan, name: str, found: Entry) -> list[engine.Call]:
        """Attributes first, then the place; protection is taken away before all of it, and given after it."""
        rights = self._rights(todo.changes, found)
        calls: list[engine.Call] = [Change("modify", {"name": name, "changes": steps}) for steps in chunks(self.steps(todo.changes, found))]
        protected = todo.changes.get("protected_from_deletion")
        gives = protected is not None and bool(protected.after)
        if rights and not gives:
            calls.insert(0, Change("modify", {"name": name, "changes": rights}))
        state = todo.after or {}
        relative, place = self._relative(str(state["name"])), str(state["path"])
        if set(PLACED) & set(todo.changes):
            moved = "path" in todo.changes
            calls.append(Change("rename", {"name": name, "rdn": relative, "parent": place if moved else None}))
            name = f"{relative},{place}"
        if rights and gives:
            calls.append(Change("modify", {"name": name, "changes": rights}))
        return [*self._guarded(todo, place), *calls]

    def _guarded(self, todo: plan.Plan, place: str) -> list[engine.Call]:
        """What holds a protected object is told that nobody deletes its children, unless it was told before.  It is not told otherwise when one of
        them loses its protection: others may need it."""
        change = todo.changes.get("protected_from_deletion")
        descriptor = self._above.get(names.key(place), "")
        if change is None or not change.after or (descriptor and security.denies(descriptor, security.CHILDREN_PROTECTED)):
            return []
        if not descriptor:
            raise UsageError(f"protected_from_deletion: the account cannot read the rights of {place}", advice="Give it the right to read permissions")
        raw = security.raw(security.changed(descriptor, security.CHILDREN_PROTECTED, True))
        return [Change("modify", {"name": place, "changes": [Modification("replace", DESCRIPTOR, (raw,))]})]

    def create(self, todo: plan.Plan, options: Options) -> list[engine.Call]:
        missing = [name for name in self.needed if not (name in todo.changes and todo.changes[name].after not in (None, ""))]
        if missing:
            raise UsageError(f"{self.label(options)} does not exist, and {missing[0]} is needed to create it")
        after = todo.after or {}
        name = f"{self._relative(str(after['name']))},{after['path']}"
        self._made[str(options[self.key])] = name
        given: dict[str, t.Any] = {"objectClass": list(self.classes)}
        for step in self.steps(todo.changes, {}):
            given[step.attribute] = list(step.values)[:AT_ONCE]
        return [Change("add", {"name": name, "attributes": {key: value for key, value in given.items() if value}})]

    def steps(self, changes: t.Mapping[str, plan.Change], found: Entry) -> list[Modification]:
        """The changes of attributes.  What has members is changed by its differences, so that what others add meanwhile stays."""
        steps = []
        for name, change in changes.items():
            attribute = self.attributes[name]
            if name in PLACED or name in RIGHTS or name in self.bits:
                continue
            if attribute.codec.item is not None and not attribute.codec.whole:
                steps += self._difference(attribute, change)
            else:
                value = attribute.codec.dump(change.after)
                steps.append(Modification("replace", attribute.write, () if value in (None, "", []) else (value,)))
        return steps + self._number(changes, found)

    @staticmethod
    def _difference(attribute: Attribute, change: plan.Change) -> list[Modification]:
        item = attribute.codec.item
        key = item.key if item else values.TEXT.key
        added, removed = lists.difference(change.before or [], change.after, key)
        dump = item.dump if item else str
        steps = [Modification("delete", attribute.write, tuple(dump(one) for one in removed))] if removed else []
        return [*steps, Modification("add", attribute.write, tuple(dump(one) for one in added))] if added else steps

    def _number(self, changes: t.Mapping[str, plan.Change], found: Entry) -> list[Modification]:
        """The number whose bits are options."""
        own = [name for name in self.bits if name in changes]
        if not own:
            return []
        number = self.initial(changes, found)
        for name in own:
            number = self.bits[name].put(number, changes[name].after)
        return [Modification("replace", self.number, (number,))]

    def initial(self, changes: t.Mapping[str, plan.Change], found: Entry) -> int:
        """The number as it is; that of a new object where there is none."""
        return int((found.get(self.number) or [0])[0])

    def _rights(self, changes: t.Mapping[str, plan.Change], found: Entry) -> list[Modification]:
        own = [name for name in RIGHTS if name in changes]
        if not own:
            return []
        descriptor = (found.get(DESCRIPTOR) or [""])[0]
        if not descriptor:
            raise UsageError(f"{', '.join(own)}: the account cannot read the rights of {found['dn']}", advice="Give it the right to read permissions")
        for name in own:
            descriptor = security.changed(descriptor, RIGHTS[name], bool(changes[name].after))
        return [Modification("replace", DESCRIPTOR, (security.raw(descriptor),))]

    def _relative(self, name: str) -> str:
        return f"{self.rdn}={names.escaped(name)}"

    def explain(self, error: HybridError, call: engine.Call) -> HybridError:
        if isinstance(error, NotFound) and call.cmdlet == "add":
            error.advice = f"The container {names.parent(call.parameters['name'])} must be there before"
        if isinstance(error, NotEmpty):
            error.text = f"{call.parameters.get('name')} is not empty: {error.text}"
        if call.cmdlet in ("delete", "rename") and "insufficientAccess" in str(error.error_id):
            error.advice = f"The object may be protected from accidental deletion (protected_from_deletion: false takes that away first). {error.advice}"
        return error


def chunks(steps: list[Modification]) -> list[list[Modification]]:
    """The same steps, no more than `AT_ONCE` values in one modification."""
    found: list[list[Modification]] = [[]]
    room = AT_ONCE
    for step in steps:
        left = list(step.values)
        while True:
            part, left = left[:room], left[room:]
            found[-1].append(dataclasses.replace(step, values=tuple(part)))
            room -= len(part)
            if not left:
                break
            found.append([])
            room = AT_ONCE
    return [one for one in found if one]


def _same(one: t.Any, other: t.Any) -> bool:
    return names.key(one) == names.key(other)


def _option(attribute: str) -> str:
    """An attribute's name in the spelling of options."""
    special = {"sAMAccountName": "sam_account_name", "objectGUID": "object_guid", "objectSid": "object_sid"}
    return special.get(attribute, values.snake(attribute))
