# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Searches: what fits below a base, in pages, with the attributes asked for, and long lists of values in ranges."""

from __future__ import annotations

import dataclasses
import itertools
import re
import secrets
import typing as t

from hybridlab.ad import ber, messages, names, refusals, syntaxes
from hybridlab.ad.directory import Directory, DirectoryObject
from hybridlab.ad.filters import Filters
from hybridlab.ad.reading import Reader, Readers
from hybridlab.ad.schema import Attribute

MAX_PAGE = 1000
"""MaxPageSize of the default query policy: an answer holds no more objects."""
MAX_VALUES = 1500
"""MaxValRange: an attribute in an answer holds no more values."""
PAGED, SHOW_DELETED, EXTENDED_DN = "1.2.840.113556.1.4.319", "1.2.840.113556.1.4.417", "1.2.840.113556.1.4.529"
_RANGE = re.compile(r";range=(\d+)-(\d+|\*)$", re.IGNORECASE)
_SPECIAL_BASE = re.compile(r"<(GUID|SID|WKGUID)=([^>]+)>$", re.IGNORECASE)
_PARTITIONS = ("configuration", "dMD")
_SECRET = frozenset({"unicodePwd", "dBCSPwd", "ntPwdHistory", "lmPwdHistory", "supplementalCredentials", "userPassword"})


@dataclasses.dataclass
class Found:
    """What a search gives: encoded entries, the objects that did not fit into the page, and its controls."""

    entries: list[bytes]
    controls: tuple[messages.Control, ...] = ()
    exceeded: bool = False


class Searcher:
    """The searches of one directory."""

    def __init__(self, directory: Directory, readers: Readers, filters: Filters) -> None:
        self._directory = directory
        self._readers = readers
        self._filters = filters
        self._columns: dict[str, _Column] = {}

    def base(self, name: str) -> DirectoryObject:
        """The object a request names: by distinguished name, ``<GUID=…>`` or ``<SID=…>``.  Raises `refusals.Refused`."""
        special = _SPECIAL_BASE.match(name)
        if special is not None:
            return self._special(name, special.group(1).upper(), special.group(2))
        try:
            found = self._directory.find(name)
            if found is None:
                raise refusals.no_object(self._directory.nearest(name).dn)
        except names.BadName as error:
            raise refusals.bad_name(name) from error
        return found

    def _special(self, name: str, kind: str, value: str) -> DirectoryObject:
        try:
            if kind == "GUID":
                found = self._directory.by_guid(syntaxes.guid_of(value))
            elif kind == "SID":
                sid = syntaxes.sid_bytes(value) if value[:2].upper() == "S-" else bytes.fromhex(value)
                found = next(iter(self._directory.by_value("objectSid", sid)), None)
            else:
                raise refusals.bad_name(name)
        except ValueError as error:
            raise refusals.bad_name(name) from error
        if found is None:
            raise refusals.no_object("")
        return found

    def primary_group(self, one: DirectoryObject) -> list[DirectoryObject]:
        """The group that an account belongs to without being listed there; none for what is no account."""
        return self._readers.primary_group(one)

    def fitting(self, request: messages.Search, with_deleted: bool) -> t.Iterator[DirectoryObject]:
        """The objects that a search finds.  Raises `refusals.Refused` for a base that is not there."""
        base = self.base(request.base)
        if base.deleted and not with_deleted:
            raise refusals.no_object("")
        test = self._filters.test(request.filter)
        candidates = self._filters.candidates(request.filter) if request.scope else None
        if request.scope == 0:
            scope: t.Iterable[DirectoryObject] = (base,)
        elif request.scope == 1:
            scope = [one for one in (base.children.values() if candidates is None else candidates) if one.parent is base and not _is_partition(one)]
        else:
            scope = _partition(base) if candidates is None else [one for one in candidates if _holds(base, one)]
        for one in list(scope):
            if (with_deleted or not one.deleted) and test(one):
                yield one

    def search(self, request: messages.Search, controls: t.Mapping[str, messages.Control], pages: dict[bytes, list[DirectoryObject]]) -> Found:
        """One answer.  ``pages`` holds what a connection's paged searches have yet to bring, under their cookies."""
        entry = self._entries(request)
        paging = controls.get(PAGED)
        if paging is None:
            limit = min(request.size_limit or MAX_PAGE, MAX_PAGE)
            found = list(itertools.islice(self.fitting(request, SHOW_DELETED in controls), limit + 1))
            return Found([entry(one) for one in found[:limit]], exceeded=len(found) > limit)
        size, cookie = _page(paging)
        if cookie and cookie not in pages:
            raise refusals.unknown_control()
        waiting = pages.pop(cookie) if cookie else list(self.fitting(request, SHOW_DELETED in controls))[::-1]
        page: list[bytes] = []
        while waiting and len(page) < min(size or MAX_PAGE, MAX_PAGE):
            one = waiting.pop()
            if not one.deleted or SHOW_DELETED in controls:
                page.append(entry(one))
        following = b""
        if waiting and size:
            following = secrets.token_bytes(16)
            pages[following] = waiting
        answer = ber.tlv(ber.SEQUENCE, ber.integer(0) + ber.tlv(ber.OCTETS, following))
        return Found(page, (messages.Control(PAGED, False, answer),))

    # The attributes of an answer.

    def _entries(self, request: messages.Search) -> t.Callable[[DirectoryObject], bytes]:
        wanted = [name for name in request.attributes if name != "1.1"]
        every = not request.attributes or "*" in wanted
        fixed: dict[str, _Column] = {}
        for name in wanted:
            attribute = self._directory.schema.attribute(name)
            if attribute is not None and attribute.name not in _SECRET:
                fixed[attribute.name] = _Column(name, attribute, self._readers.of(attribute))
        columns = [column for column in fixed.values() if not every or column.lower or column.attribute.kind in ("constructed", "backlink")]
        types_only = request.types_only

        def entry(one: DirectoryObject) -> bytes:
            shown = [*self._all(one, fixed), *columns] if every else columns
            cells = ((label, () if types_only else values) for column in shown for label, values in column.read(one))
            return messages.entry(one.dn_bytes, cells)

        return entry

    def _all(self, one: DirectoryObject, asked: t.Mapping[str, _Column]) -> t.Iterator[_Column]:
        for name in dict.fromkeys(self._readers.all_names(one)):
            if name in _SECRET or (name in asked and (asked[name].lower or asked[name].attribute.kind == "backlink")):
                continue
            column = self._columns.get(name)
            if column is None:
                attribute = self._directory.schema.attributes[name]
                column = self._columns[name] = _Column(name, attribute, self._readers.of(attribute))
            yield column


def _is_partition(one: DirectoryObject) -> bool:
    """Whether an object is the head of a partition within another's names: a search of the other does not enter it."""
    return one.cls.name in _PARTITIONS


def _partition(base: DirectoryObject) -> t.Iterator[DirectoryObject]:
    yield base
    for child in list(base.children.values()):
        if not _is_partition(child):
            yield from _partition(child)


def _holds(base: DirectoryObject, one: DirectoryObject) -> bool:
    """Whether an object is in the base's partition, at or below it."""
    found: DirectoryObject | None = one
    while found is not None and found is not base:
        found = None if _is_partition(found) else found.parent
    return found is base


class _Column:
    """An attribute as a request names it; ``lower`` and ``upper`` are the range it asks for, ``lower`` empty without one."""

    __slots__ = ("_label", "attribute", "lower", "read_values", "upper")

    def __init__(self, asked: str, attribute: Attribute, reader: Reader) -> None:
        match = _RANGE.search(asked)
        self.attribute = attribute
        self.read_values = reader
        self.lower = match.group(1) if match else ""
        self.upper = match.group(2) if match else "*"
        self._label = ber.text(attribute.name)

    def read(self, one: DirectoryObject) -> t.Iterator[tuple[bytes, t.Sequence[bytes]]]:
        """The encoded name and the values; nothing where there are none."""
        values = self.read_values(one)
        if not values:
            return
        if not self.lower and len(values) <= MAX_VALUES:
            yield self._label, values
            return
        if not self.lower:
            yield self._label, ()  # A domain controller names the attribute without a value beside the first range.
        first = int(self.lower or 0)
        last = len(values) - 1 if self.upper == "*" else int(self.upper)
        last = min(last, first + MAX_VALUES - 1)
        ending = "*" if last >= len(values) - 1 else str(last)
        yield ber.text(f"{self.attribute.name};range={first}-{ending}"), values[first : last + 1]


def _page(control: messages.Control) -> tuple[int, bytes]:
    try:
        (_, content), *_rest = ber.elements(control.value)
        size, cookie = ber.sequence(content, 2)[:2]
        return ber.number(size[1]), cookie[1]
    except (ber.Malformed, ValueError) as error:
        raise refusals.unknown_control() from error
