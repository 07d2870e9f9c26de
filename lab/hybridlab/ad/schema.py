# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The schema: which attributes and classes there are, from ``tables/``."""

from __future__ import annotations

import dataclasses
import functools
import importlib.resources
import typing as t

from hybridlab.ad import syntaxes

_PREFIXES = ("2.5.4.", "2.5.6.", "1.2.840.113556.1.2.", "1.2.840.113556.1.3.", "", "", "", "", "2.5.5.", "1.2.840.113556.1.4.", "1.2.840.113556.1.5.")
"""The first entries of a domain controller's table of OID prefixes (MS-DRSR, section 5.12.4): the number of an attribute is the place and the rest."""


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Attribute:
    """One attribute.

    ``upper`` is the longest value or None.  ``link`` is the name of the back link, empty for what is no link; ``forward`` the link of a
    back link.  ``kind`` says who writes it: ``stored`` (whoever may), ``system``, ``sam``, ``constructed`` or ``backlink``.
    """

    name: str
    oid: str
    syntax: str
    single: bool
    upper: int | None
    link: str
    forward: str
    kind: str
    key: t.Callable[[bytes], syntaxes.Key]

    @property
    def is_reference(self) -> bool:
        """Whether values are distinguished names of other objects."""
        return self.syntax == "dn" and self.kind not in ("constructed", "system") and self.name not in ("objectCategory", "lastKnownParent")

    @property
    def number(self) -> str:
        """The internal number that diagnostic messages show, in hexadecimal digits."""
        for place, prefix in enumerate(_PREFIXES):
            rest = self.oid.removeprefix(prefix)
            if prefix and rest != self.oid and rest.isdecimal():
                return f"{place << 16 | int(rest):x}"
        return "7fff0000"


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Class:
    """One class; ``chain`` are the names from top down to its own, ``must`` and ``may`` what the whole chain and its auxiliary classes allow."""

    name: str
    oid: str
    kind: str
    category: str
    rdn: str
    below: frozenset[str]
    chain: tuple[str, ...]
    must: frozenset[str]
    may: frozenset[str]


class Schema:
    """Attributes and classes, found by name or OID whatever the case."""

    def __init__(self, attributes: t.Iterable[Attribute], classes: t.Iterable[Class]) -> None:
        self.attributes = {one.name: one for one in attributes}
        self.classes = {one.name: one for one in classes}
        self._attributes = {name.lower(): one for one in self.attributes.values() for name in (one.name, one.oid)}
        self._classes = {name.lower(): one for one in self.classes.values() for name in (one.name, one.oid)}
        self._attributes.pop("-", None)

    def attribute(self, name: str) -> Attribute | None:
        """The attribute of this name; options such as ``;range=`` do not count."""
        return self._attributes.get(name.partition(";")[0].lower())

    def classified(self, name: str) -> Class | None:
        return self._classes.get(name.lower())


@functools.cache
def load() -> Schema:
    """The schema of the tables."""
    attributes = _attributes(_text("attributes.txt"))
    return Schema(attributes, _classes(_text("classes.txt")))


def _text(name: str) -> str:
    return importlib.resources.files("hybridlab.ad").joinpath("tables", name).read_text(encoding="utf-8")


def _attributes(text: str) -> list[Attribute]:
    rows = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    links = {rule.partition("=")[2]: row[0] for row in rows for rule in row[3:] if rule.startswith("link=")}
    found = []
    for name, oid, syntax, *rules in rows:
        options = dict(rule.split("=") for rule in rules if "=" in rule)
        kind = next((rule for rule in rules if rule in ("system", "sam", "constructed", "backlink")), "stored")
        upper = int(options["upper"]) if "upper" in options else None
        found.append(
            Attribute(name, oid, syntax, "single" in rules, upper, options.get("link", ""), links.get(name, ""), kind, syntaxes.KEYS[syntax]),
        )
    return found


def _classes(text: str) -> list[Class]:
    blocks: dict[str, dict[str, list[str]]] = {}
    block: dict[str, list[str]] = {}
    for line in text.splitlines():
        words = line.split()
        if line.startswith("class "):
            block = blocks[words[1]] = {"class": words[2:]}
        elif line.startswith("  "):
            block[words[0]] = words[1:]
    return [_class(name, blocks) for name in blocks]


def _class(name: str, blocks: t.Mapping[str, t.Mapping[str, list[str]]]) -> Class:
    chain = _chain(name, blocks)
    parts = [part for one in chain for part in (one, *_auxiliary(one, blocks))]

    def union(key: str) -> frozenset[str]:
        return frozenset(attribute for part in parts for attribute in blocks[part].get(key, []))

    below = next((blocks[one]["below"] for one in reversed(chain) if "below" in blocks[one]), [])
    block = blocks[name]
    oid, kind, _ = block["class"]
    return Class(name, oid, kind, block["category"][0], block["rdn"][0], frozenset(below), tuple(chain), union("must"), union("may"))


def _chain(name: str, blocks: t.Mapping[str, t.Mapping[str, list[str]]]) -> list[str]:
    above = blocks[name]["class"][2]
    return [name] if above == "-" else [*(_chain(above, blocks) if above != name else []), name]


def _auxiliary(name: str, blocks: t.Mapping[str, t.Mapping[str, list[str]]]) -> list[str]:
    return [part for one in blocks[name].get("aux", []) for part in (*_chain(one, blocks), *_auxiliary(one, blocks))]
