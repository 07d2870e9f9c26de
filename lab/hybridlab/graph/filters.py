# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OData's $filter, as far as clients of a directory use it: comparisons, startswith and endswith, in, any, and, or, not.

Grammar: OData 4.01, part 2, section 5.1.1.  What is left out is refused as the service refuses an unsupported query.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t

from hybridlab.graph import refusals

Fits = t.Callable[[t.Mapping[str, t.Any]], bool]
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<mark>[(),:])|(?P<word>[A-Za-z_@$][\w./$@-]*)|(?P<value>\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)|[\w-]+))",
)
_COMPARE: dict[str, t.Callable[[t.Any, t.Any], bool]] = {
    "eq": lambda left, right: bool(left == right),
    "ne": lambda left, right: bool(left != right),
    "ge": lambda left, right: left is not None and left >= right,
    "gt": lambda left, right: left is not None and left > right,
    "le": lambda left, right: left is not None and left <= right,
    "lt": lambda left, right: left is not None and left < right,
}
_CONSTANTS = {"true": True, "false": False, "null": None}


@dataclasses.dataclass(frozen=True)
class Filter:
    """A parsed filter.  ``advanced`` says that the directory answers it only as an advanced query; ``paths`` are the properties it names."""

    fits: Fits
    advanced: bool
    paths: frozenset[str]


def parse(text: str) -> Filter:
    """Raises `refusals.Refused` for what is no filter and for what is not understood."""
    parser = _Parser(text)
    fits = parser.any_of()
    parser.end()
    return Filter(fits, parser.advanced, frozenset(parser.paths))


def value(item: t.Any, path: str) -> t.Any:
    """A property of an object, by a path with slashes; None when it is not there.  Text compares without case."""
    for part in path.split("/"):
        if part == "$count":
            return len(item) if isinstance(item, list) else 0
        item = item.get(part) if isinstance(item, dict) else None
    return item


def folded(item: t.Any) -> t.Any:
    return item.casefold() if isinstance(item, str) else item


class _Parser:
    def __init__(self, text: str) -> None:
        self.advanced = False
        self.paths: set[str] = set()
        self._text = text
        self._tokens: list[tuple[str, str]] = []
        self._variable = ""
        at = 0
        while at < len(text.rstrip()):
            match = _TOKEN.match(text, at)
            if not match:
                raise refusals.malformed(f"Invalid filter clause: There is an unterminated literal at position {at} in '{text}'.")
            self._tokens.append((str(match.lastgroup), match.group(str(match.lastgroup))))
            at = match.end()

    def any_of(self) -> Fits:
        found = [self._all_of()]
        while self._take("or"):
            found.append(self._all_of())
        return lambda item: any(fits(item) for fits in found)

    def end(self) -> None:
        if self._tokens:
            raise self._invalid()

    def _all_of(self) -> Fits:
        found = [self._term()]
        while self._take("and"):
            found.append(self._term())
        return lambda item: all(fits(item) for fits in found)

    def _term(self) -> Fits:
        if self._take("not"):
            self.advanced = True
            inner = self._term()
            return lambda item: not inner(item)
        if self._take("("):
            inner = self.any_of()
            self._need(")")
            return inner
        kind, path = self._next()
        if kind != "word":
            raise self._invalid()
        if path.lower() in ("startswith", "endswith"):
            return self._text_function(path.lower())
        if path.endswith("/any"):
            return self._any(path.removesuffix("/any"))
        return self._comparison(path)

    def _text_function(self, name: str) -> Fits:
        self._need("(")
        path = self._path(self._next()[1])
        self._need(",")
        wanted = str(folded(self._literal()))
        self._need(")")
        self.advanced = self.advanced or name == "endswith"
        return lambda item: bool(getattr(str(folded(value(item, path)) or ""), name)(wanted))

    def _any(self, path: str) -> Fits:
        self._need("(")
        self.paths.add(path)
        self._variable = self._next()[1]
        self._need(":")
        inner = self.any_of()
        self._need(")")
        self._variable = ""
        return lambda item: any(inner(one if isinstance(one, dict) else {"": one}) for one in value(item, path) or ())

    def _comparison(self, path: str) -> Fits:
        path = self._path(path)
        _kind, operator = self._next()
        if operator == "in":
            self._need("(")
            wanted = [folded(self._literal())]
            while self._take(","):
                wanted.append(folded(self._literal()))
            self._need(")")
            return lambda item: folded(value(item, path)) in wanted
        if operator not in _COMPARE:
            raise self._invalid()
        self.advanced = self.advanced or operator == "ne" or path.endswith("$count")
        compare, single = _COMPARE[operator], folded(self._literal())
        return lambda item: compare(folded(value(item, path)), single)

    def _path(self, path: str) -> str:
        """A property's path; inside ``any`` it begins with the variable."""
        if self._variable and path == self._variable:
            return ""
        if self._variable and path.startswith(f"{self._variable}/"):
            return path.partition("/")[2]
        self.paths.add(path)
        return path

    def _literal(self) -> t.Any:
        kind, text = self._next()
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if kind not in ("word", "value"):
            raise self._invalid()
        return int(text) if text.isdigit() else text

    def _next(self) -> tuple[str, str]:
        if not self._tokens:
            raise self._invalid()
        return self._tokens.pop(0)

    def _take(self, text: str) -> bool:
        if self._tokens and self._tokens[0][0] != "text" and self._tokens[0][1] == text:
            self._tokens.pop(0)
            return True
        return False

    def _need(self, text: str) -> None:
        if not self._take(text):
            raise self._invalid()

    def _invalid(self) -> refusals.Refused:
        return refusals.malformed(f"Invalid filter clause: Syntax error at the end or near '{self._tokens[0][1] if self._tokens else ''}' in '{self._text}'.")
