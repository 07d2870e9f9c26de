# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Search filters as tests of objects, and which objects an index offers for one (MS-ADTS, section 3.1.1.3.1.3)."""

from __future__ import annotations

import typing as t
import uuid

from hybridlab.ad import filter_tree, names, syntaxes
from hybridlab.ad.directory import Directory, DirectoryObject
from hybridlab.ad.reading import Reader, Readers
from hybridlab.ad.schema import Attribute

Test = t.Callable[[DirectoryObject], bool | None]
"""True, False, or None for what cannot be said: an attribute that the schema does not know, a value that is none."""

BIT_AND, BIT_OR, IN_CHAIN = "1.2.840.113556.1.4.803", "1.2.840.113556.1.4.804", "1.2.840.113556.1.4.1941"
_AMBIGUOUS = (
    "displayName",
    "givenName",
    "legacyExchangeDN",
    "physicalDeliveryOfficeName",
    "proxyAddresses",
    "name",
    "sAMAccountName",
    "sn",
    "mail",
    "mailNickname",
)
"""The attributes of ambiguous name resolution, ``(anr=…)``; Exchange adds the last two."""


class Filters:
    """Makes tests of filters for one directory."""

    def __init__(self, directory: Directory, readers: Readers) -> None:
        self._directory = directory
        self._schema = directory.schema
        self._readers = readers

    def test(self, node: filter_tree.Filter) -> Test:
        """Whether an object fits."""
        if isinstance(node, filter_tree.And):
            return _all([self.test(part) for part in node.parts])
        if isinstance(node, filter_tree.Or):
            return _any([self.test(part) for part in node.parts])
        if isinstance(node, filter_tree.Not):
            inner = self.test(node.part)
            return lambda one: None if (found := inner(one)) is None else not found
        if isinstance(node, filter_tree.Extensible):
            return self._extensible(node)
        if node.name.lower() == "anr" and isinstance(node, filter_tree.Compare):
            return _any([self._substring(filter_tree.Substring(name, node.value, (), b"")) for name in _AMBIGUOUS])
        attribute = self._schema.attribute(node.name)
        if attribute is None or attribute.name == "unicodePwd":
            return lambda _: None
        if isinstance(node, filter_tree.Present):
            reader = self._readers.of(attribute)
            return lambda one: bool(reader(one))
        return self._substring(node) if isinstance(node, filter_tree.Substring) else self._compare(node, attribute)

    def candidates(self, node: filter_tree.Filter) -> t.Collection[DirectoryObject] | None:
        """A few objects among which are all that fit; None where only looking at every object would tell."""
        if isinstance(node, filter_tree.And):
            known = [found for part in node.parts if (found := self.candidates(part)) is not None]
            return min(known, key=len) if known else None
        if isinstance(node, filter_tree.Or):
            parts = [self.candidates(part) for part in node.parts]
            return None if any(part is None for part in parts) else {one: None for part in parts for one in part or ()}
        if not isinstance(node, filter_tree.Compare) or node.sign not in ("=", "~="):
            return self._chain(node) if isinstance(node, filter_tree.Extensible) and node.rule == IN_CHAIN else None
        attribute = self._schema.attribute(node.name)
        return None if attribute is None else self._indexed(attribute, node.value)

    def _indexed(self, attribute: Attribute, value: bytes) -> t.Collection[DirectoryObject] | None:
        name = attribute.name
        if name == "objectGUID":
            found = self._directory.by_guid(uuid.UUID(bytes_le=value)) if len(value) == 16 else None
            return [found] if found else []
        if name == "distinguishedName":
            target = self._object(value)
            return [target] if target else []
        if attribute.is_reference:
            target = self._object(value)
            if attribute.forward:
                return [] if target is None else target.links.get(attribute.forward, {})
            return [] if target is None else target.backs.get(name, {})
        try:
            return self._directory.indexed("name" if name == "cn" else name, attribute.key(value))
        except ValueError:
            return []

    def _object(self, value: bytes) -> DirectoryObject | None:
        try:
            return self._directory.find(value.decode())
        except (names.BadName, UnicodeDecodeError):
            return None

    def _compare(self, node: filter_tree.Compare, attribute: Attribute) -> Test:
        reader = self._readers.of(attribute)
        if attribute.name == "objectCategory":
            wanted = self._category(node.value)
            return lambda one: one.cls.category.casefold() == wanted
        if attribute.name == "objectClass":
            known = self._schema.classified(node.value.decode())
            return (lambda one: known.name in one.cls.chain) if known else lambda _: False
        if attribute.syntax == "dn":
            target = self._object(node.value)
            exact = target.dn_bytes if target is not None else b""
            return lambda one: target is not None and exact in reader(one)
        try:
            key: t.Any = attribute.key(node.value)
        except ValueError:
            return lambda _: None
        return _comparison(node.sign, reader, attribute.key, key)

    def _category(self, value: bytes) -> str:
        """The name of a category, from a class's name or from the distinguished name of one in the schema."""
        text = value.decode()
        if "=" in text:
            return names.split(text)[0][1].casefold()
        known = self._schema.classified(text)
        return known.category.casefold() if known else ""

    def _substring(self, node: filter_tree.Substring) -> Test:
        attribute = self._schema.attribute(node.name)
        if attribute is None or attribute.syntax not in syntaxes.STRINGS:
            return lambda _: None
        reader = self._readers.of(attribute)
        initial, final = _fold(node.initial, left=True), _fold(node.final, left=False)
        middle = [_fold(part, left=None) for part in node.middle]

        def fits(value: bytes) -> bool:
            text = value.decode().casefold()
            if not text.startswith(initial):
                return False
            place = len(initial)
            for part in middle:
                place = text.find(part, place)
                if place < 0:
                    return False
                place += len(part)
            return text.endswith(final) and len(text) - len(final) >= place

        return lambda one: any(fits(value) for value in reader(one))

    def _extensible(self, node: filter_tree.Extensible) -> Test:
        attribute = self._schema.attribute(node.name) if node.name else None
        if attribute is None:
            return lambda _: None
        if node.rule == IN_CHAIN:
            found = self._chain(node)
            return (lambda one: one in found) if found is not None else lambda _: None
        if node.rule not in (BIT_AND, BIT_OR) or attribute.syntax not in ("integer", "int64"):
            return lambda _: None
        try:
            mask = int(node.value)
        except ValueError:
            return lambda _: None
        reader = self._readers.of(attribute)
        if node.rule == BIT_AND:
            return lambda one: any(int(value) & mask == mask for value in reader(one))
        return lambda one: any(int(value) & mask for value in reader(one))

    def _chain(self, node: filter_tree.Extensible) -> dict[DirectoryObject, None] | None:
        """What reaches an object over a link and its like: all members of a group, direct or not, or all groups of a member."""
        attribute = self._schema.attribute(node.name)
        if attribute is None or not (attribute.link or attribute.forward):
            return None
        start = self._object(node.value)
        found: dict[DirectoryObject, None] = {}
        waiting = [start] if start is not None else []
        while waiting:
            one = waiting.pop()
            for other in one.links.get(attribute.forward, ()) if attribute.forward else one.backs.get(attribute.name, ()):
                if other not in found:
                    found[other] = None
                    waiting.append(other)
        return found


def _comparison(sign: str, reader: Reader, key_of: t.Callable[[bytes], t.Any], key: t.Any) -> Test:
    if sign in ("=", "~="):
        return lambda one: any(key_of(value) == key for value in reader(one))
    if sign == ">=":
        return lambda one: any(key_of(value) >= key for value in reader(one))
    return lambda one: any(key_of(value) <= key for value in reader(one))


def _all(tests: list[Test]) -> Test:
    def test(one: DirectoryObject) -> bool | None:
        outcome: bool | None = True
        for part in tests:
            found = part(one)
            if found is False:
                return False
            if found is None:
                outcome = None
        return outcome

    return test


def _any(tests: list[Test]) -> Test:
    def test(one: DirectoryObject) -> bool | None:
        outcome: bool | None = False
        for part in tests:
            found = part(one)
            if found:
                return True
            if found is None:
                outcome = None
        return outcome

    return test


def _fold(value: bytes, left: bool | None) -> str:
    """A piece of a substring filter; spaces at its outer end do not count."""
    text = value.decode().casefold()
    return text if left is None else text.lstrip() if left else text.rstrip()
