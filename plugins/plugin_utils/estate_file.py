# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file that declares an estate: what is wrong with it, and what it asks of which module or role.

What a file may hold is a table (the role hybrid_estate's ``__hybrid_estate_areas``) over the documentation of modules and the argument specs of roles;
no option is known here.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
import typing as t

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.m365.hybrid.plugins.module_utils._core import censor
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Loader, Module

HOSTS = "hosts"
WORDS = ("yes", "no", "true", "false")
Spec = t.Mapping[str, t.Mapping[str, t.Any]]
Values = t.Mapping[str, t.Any]
_OF_MODULE = re.compile(r"ptions of M\(m365\.hybrid\.(\w+)\)")
"""How the documentation of a dictionary says that it holds the options of a module."""
_FEW = 12
"""How many names are shown where none is near to a wrong one."""
_KINDS = {
    **dict.fromkeys(("str", "path", "AnsibleUnicode"), "a text"),
    **dict.fromkeys(("int", "float"), "a number"),
    **dict.fromkeys(("list", "AnsibleSequence"), "a list"),
    **dict.fromkeys(("dict", "AnsibleMapping"), "a mapping"),
    "bool": "a truth value",
    "NoneType": "empty",
}
"""How types of Python and of ansible-core are called here."""
_WRONG_TYPE = re.compile(
    r"(?s)(?:argument|(?P<each>Elements) value for option) '(?P<name>[^']+)' is of type (?:<class ')?(?P<given>[\w.]+)(?:'>)?"
    r"(?: found in '(?P<above>[^']+)'\.)? and we were unable to convert to (?P<wanted>\w+)"
)


@dataclasses.dataclass(frozen=True)
class Part:
    """A place of the file: objects of one ``module``, a ``single`` one or a list of them, or the variables of one ``role``.

    ``host`` and ``hosts`` name keys of the file's ``hosts``, ``hosts`` by the role's variable that takes the host, or in a list all of them.  ``given`` are
    variables that the file need not repeat, ``report`` the fact in which the role says what it did.
    """

    area: str
    at: tuple[str, ...]
    module: str = ""
    role: str = ""
    host: str = ""
    single: bool = False
    hosts: Values = dataclasses.field(default_factory=dict)
    given: Values = dataclasses.field(default_factory=dict)
    report: str = ""

    @property
    def place(self) -> str:
        return ".".join((self.area, *self.at))

    def used(self) -> set[str]:
        """The keys of ``hosts`` that it works through."""
        named = (one[0] if isinstance(one, (list, tuple)) else one for one in self.hosts.values())
        return {*named, *([self.host] if self.host else [])}


@dataclasses.dataclass(frozen=True)
class Inventory:
    """The hosts of the inventory: ``groups`` by name, and the names of all hosts."""

    groups: t.Mapping[str, t.Sequence[str]]
    hosts: t.Collection[str]

    def members(self, name: str) -> list[str]:
        """The hosts of a group, or the host of that name; none where the inventory has neither."""
        return list(self.groups[name]) if name in self.groups else [name] if name in self.hosts else []


@dataclasses.dataclass
class Estate:
    """A file and what it may hold.  ``roles`` are the options of each role's argument specs."""

    declared: Values
    parts: t.Sequence[Part]
    roles: t.Mapping[str, Spec]
    inventory: Inventory
    load: Loader
    turns_words: bool = False
    """Whether `set_fact`, which hands a role its variables, makes truth values of the words yes, no, true and false: ansible-core before 2.19 does."""
    problems: list[str] = dataclasses.field(default_factory=list)

    def check(self) -> list[str]:
        """A sentence for everything that is wrong, with its place in the file."""
        self.problems = []
        if not isinstance(self.declared, t.Mapping):
            return [f"The file must hold a mapping of areas; it holds {_kind(self.declared)}"]
        areas = {part.area: None for part in self.parts}
        self._known("", self.declared, (HOSTS, *areas))
        self._check_hosts()
        for area in areas:
            self._check_level(area, self.declared.get(area), [part for part in self.parts if part.area == area], 0)
        return self.problems

    def plan(self) -> dict[str, list[dict[str, t.Any]]]:
        """What each area that is declared asks for, in order.  Only for a file that `check` finds nothing wrong with."""
        found: dict[str, list[dict[str, t.Any]]] = {}
        before: dict[str, set[str]] = {}
        for part in self.parts:
            content = self._content(part)
            if content is not None:
                found.setdefault(part.area, []).append(self._asked(part, content, before))
        return found

    def _content(self, part: Part) -> t.Any:
        found: t.Any = self.declared.get(part.area)
        for key in part.at:
            found = found.get(key) if found is not None else None
        return found

    def _asked(self, part: Part, content: t.Any, before: dict[str, set[str]]) -> dict[str, t.Any]:
        host = self._hosts(part.host)[:1] if part.host else []
        asked: dict[str, t.Any] = {"place": part.place, "host": host[0] if host else "", "lacks": self._lacks(part, content)}
        if part.module:
            return asked | {"module": part.module, "objects": [content] if part.single else list(content)}
        variables = self._variables(part, content)
        left = before.get(part.role, set()) - variables.keys()  # of the same role, run before for another place
        reset = {name: row["default"] for name, row in self.roles[part.role].items() if name in left and "default" in row}
        before.setdefault(part.role, set()).update(variables)
        return asked | {"role": part.role, "report": part.report, "variables": reset | variables | ({part.report: None} if part.report else {})}

    def _variables(self, part: Part, content: Values) -> dict[str, t.Any]:
        """The role's variables: what the table gives, hosts of the inventory, and over them what the file says."""
        found = dict(part.given)
        for variable, name in part.hosts.items():
            members = self._hosts(name[0]) if isinstance(name, (list, tuple)) else self._hosts(name)
            if members:
                found[variable] = members if isinstance(name, (list, tuple)) else members[0]
        return {f"{part.role}_{name}": value for name, value in (found | {key: value for key, value in content.items() if value is not None}).items()}

    def _hosts(self, key: str) -> list[str]:
        return self.inventory.members((self.declared.get(HOSTS) or {}).get(key) or key)

    def _lacks(self, part: Part, content: t.Any) -> str:
        """Why the part has no host to work through; empty where it has."""
        needed = {part.host} if part.host else set()
        for variable, name in part.hosts.items():
            if variable not in content and self.roles[part.role][f"{part.role}_{variable}"].get("required"):
                needed.add(name[0] if isinstance(name, (list, tuple)) else name)
        missing = sorted(key for key in needed if not self._hosts(key))
        return f"The inventory has no host for {', '.join(missing)}: make a group of that name, or name a host or group in {HOSTS}" if missing else ""

    def _check_hosts(self) -> None:
        declared = self.declared.get(HOSTS)
        if declared is None or not self._is_mapping(HOSTS, declared):
            return
        self._known(HOSTS, declared, sorted(set().union(*(part.used() for part in self.parts))))
        names = [*self.inventory.groups, *self.inventory.hosts]
        for key, name in declared.items():
            if name is not None and (not isinstance(name, str) or name not in names):
                self.problems.append(f"{HOSTS}.{key}: the inventory has neither group nor host {name!r}{nearest(str(name), names)}")

    def _check_level(self, place: str, content: t.Any, parts: t.Sequence[Part], depth: int) -> None:
        """A level of an area: a place that one part describes whole, or a mapping of places."""
        if content is None:
            return
        if len(parts) == 1 and len(parts[0].at) == depth:
            return self._check_part(parts[0], content)
        if not self._is_mapping(place, content):
            return
        below = {part.at[depth]: None for part in parts}
        self._known(place, content, list(below))
        for key in below:
            self._check_level(f"{place}.{key}", content.get(key), [part for part in parts if part.at[depth] == key], depth + 1)

    def _check_part(self, part: Part, content: t.Any) -> None:
        if part.role:
            return self._check_role(part, content)
        module = self.load(part.module)
        if part.single:
            return self._check_object(part.place, module, content)
        if not isinstance(content, (list, tuple)):
            self.problems.append(f"{part.place} must be a list of objects; it is {_kind(content)}")
            return
        for number, entry in enumerate(content, 1):
            self._check_object(f"{part.place}, entry {number}", module, entry)

    def _check_object(self, place: str, module: Module, entry: t.Any) -> None:
        if not self._is_mapping(place, entry) or not self._known_options(place, entry, module.argument_spec()):
            return
        try:
            module.check(module.validate(entry))
        except HybridError as error:
            self.problems.append(f"{place}: {censor.Censor(module.hidden(entry)).text(str(error))}")

    def _check_role(self, part: Part, content: t.Any) -> None:
        prefix = f"{part.role}_"
        spec = {name.removeprefix(prefix): row for name, row in self.roles[part.role].items()}
        if not self._is_mapping(part.place, content) or not self._known_options(part.place, content, spec):
            return
        lacking = {name for name in part.hosts if name not in content}
        given = {name: row for name, row in spec.items() if name in content or (row.get("required") and name not in lacking)}
        checked = ArgumentSpecValidator(given).validate({key: value for key, value in content.items() if value is not None})
        hide = censor.Censor(censor.of_options(spec, content))
        self.problems.extend(f"{part.place}: {hide.text(worded(str(error)))}" for error in checked.errors)
        turned = [name for name, value in content.items() if self.turns_words and str(value).lower() in WORDS and isinstance(value, str)]
        advice = "ansible-core before 2.19 would hand it to the role as a truth value. Give it for each object, where that is possible, or use a later one"
        self.problems.extend(f"{part.place}.{name} is {content[name]!r}: {advice}" for name in turned if spec[name].get("type", "str") == "str")
        self._check_twice(part, content, spec)

    def _check_twice(self, part: Part, content: Values, spec: Spec) -> None:
        """A variable without a default cannot be taken back, so a role that is run again would get the one of the run before."""
        after = [one for one in self.parts[self.parts.index(part) + 1 :] if one.role == part.role]
        for later in after:
            other = self._content(later)
            left = [name for name in content if "default" not in spec[name] and isinstance(other, t.Mapping) and name not in other]
            self.problems.extend(f"{later.place} needs {name} of its own, because {part.place} has it" for name in left)

    def _known_options(self, place: str, given: Values, spec: Spec) -> bool:
        """Whether the specification knows all keys, also those of dictionaries below."""
        before = len(self.problems)
        self._known(place, given, list(spec))
        for name, value in given.items():
            row = spec.get(name, {})
            below = row.get("options") or self._options_of_module(row)
            entries = value if isinstance(value, (list, tuple)) else [value]
            for number, entry in enumerate(entries if below else [], 1):
                if isinstance(entry, t.Mapping):
                    self._known_options(f"{place}.{name}" + (f", entry {number}" if entries is value else ""), entry, below)
        return len(self.problems) == before

    def _options_of_module(self, row: t.Mapping[str, t.Any]) -> Spec:
        text = row.get("description", "")
        found = _OF_MODULE.search(text if isinstance(text, str) else " ".join(text)) if row.get("type") == "dict" else None
        return self.load(found[1]).argument_spec() if found else {}

    def _known(self, place: str, given: Values, known: t.Sequence[str]) -> None:
        for key in given:
            if key not in known:
                self.problems.append(f"{f'{place}: ' if place else ''}there is no key {str(key)!r}{nearest(str(key), known)}")

    def _is_mapping(self, place: str, value: t.Any) -> bool:
        if not isinstance(value, t.Mapping):
            self.problems.append(f"{place} must be a mapping; it is {_kind(value)}")
        return isinstance(value, t.Mapping)


def parts(table: t.Mapping[str, t.Sequence[Values]]) -> list[Part]:
    """The parts of the table, in its order."""
    return [Part(area=area, at=tuple(row["at"]), **{key: value for key, value in row.items() if key != "at"}) for area, rows in table.items() for row in rows]


def nearest(word: str, known: t.Iterable[str]) -> str:
    """``; the nearest one is ...``, or all of them where none is near - a long list of all would help nobody."""
    names = {one.casefold(): one for one in known}
    found = difflib.get_close_matches(word.casefold(), names, 1)
    if found:
        return f"; the nearest one is {names[found[0]]!r}"
    return f"; there are {', '.join(names.values())}" if 0 < len(names) <= _FEW else ""


def worded(text: str) -> str:
    """An error of ansible-core's own check of types in the words of this file; it names classes of Python.

    >>> worded("argument 'rooms' is of type <class 'dict'> and we were unable to convert to list: ...")
    "'rooms' must be a list; it is a mapping"
    """
    found = _WRONG_TYPE.match(text)
    if not found:
        return text
    wanted, given = (_KINDS.get(found[name].rpartition(".")[2], "") for name in ("wanted", "given"))
    what = f"{'each entry of ' if found['each'] else ''}{found['name']!r}" + (f" in {found['above']!r}" if found["above"] else "")
    return f"{what} must be {wanted or found['wanted']}" + (f"; it is {given}" if given and given != wanted else "")


def _kind(value: t.Any) -> str:
    return next((_KINDS[kind.__name__] for kind in type(value).__mro__ if kind.__name__ in _KINDS), f"of type {type(value).__name__}")
