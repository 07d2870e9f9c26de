# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of OPATH that -Filter understands here: comparisons with -eq, -ne, -like and -notlike, joined by -and, -or, -not and parentheses.

Anything else is refused, never ignored: a filter that is half understood returns the wrong objects.
"""

from __future__ import annotations

import fnmatch
import re
import typing as t
import uuid

from hybridlab.exchange import failures
from hybridlab.exchange.directory import Entry

Predicate = t.Callable[[Entry], bool]
Lookup = t.Callable[[Entry, str], t.Any]

_TOKEN = re.compile(
    r"""\s*(?:(?P<string>'(?:[^']|'')*'|"[^"]*")|(?P<operator>-[A-Za-z]+)|(?P<constant>\$[A-Za-z]+)|(?P<paren>[()])|(?P<number>\d+)|(?P<word>[A-Za-z]\w*))"""
)
_CONSTANTS = {"$null": None, "$true": True, "$false": False}


_GUIDS = re.compile(r"(?i)guid -eq '([0-9a-f-]{36})'( -or guid -eq '[0-9a-f-]{36}')*")


def guids(text: str) -> list[uuid.UUID] | None:
    """The objects of a filter that only names GUIDs, which a directory finds by its index; None for any other filter."""
    return [uuid.UUID(one) for one in re.findall(r"[0-9A-Fa-f-]{36}", text)] if _GUIDS.fullmatch(text.strip()) else None


def compiled(text: str, properties: t.Collection[str], lookup: Lookup) -> Predicate:
    """The filter as a predicate.  ``lookup`` reads a property of an entry.  Raises `failures.Refused`."""
    text = text.strip()
    if text.startswith("{") and text.endswith("}"):
        text = text[1:-1]
    return _Parser(text, {name.lower(): name for name in properties}, lookup).whole()


def _invalid(text: str, why: str) -> failures.Refused:
    message = f'Invalid filter syntax. For a description of the filter parameter syntax see the command help.\r\n"{text}": {why}'
    return failures.Refused(message, "ParsingException", "InvalidArgument", "Data")


class _Parser:
    def __init__(self, text: str, properties: dict[str, str], lookup: Lookup) -> None:
        self.text = text
        self.properties = properties
        self.lookup = lookup
        self.tokens = self._tokens()
        self.at = 0

    def _tokens(self) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        position = 0
        while position < len(self.text.rstrip()):
            match = _TOKEN.match(self.text, position)
            if not match or match.lastgroup is None:
                raise _invalid(self.text, f"unexpected character at {position}")
            found.append((match.lastgroup, match[match.lastgroup]))
            position = match.end()
        return found

    def whole(self) -> Predicate:
        predicate = self._either()
        if self.at != len(self.tokens):
            raise _invalid(self.text, f"unexpected '{self.tokens[self.at][1]}'")
        return predicate

    def _next(self) -> tuple[str, str]:
        if self.at >= len(self.tokens):
            raise _invalid(self.text, "it ends too early")
        self.at += 1
        return self.tokens[self.at - 1]

    def _accept(self, text: str) -> bool:
        if self.at < len(self.tokens) and self.tokens[self.at][1].lower() == text and self.tokens[self.at][0] in ("operator", "paren"):
            self.at += 1
            return True
        return False

    def _either(self) -> Predicate:
        parts = [self._both()]
        while self._accept("-or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else lambda entry: any(part(entry) for part in parts)

    def _both(self) -> Predicate:
        parts = [self._term()]
        while self._accept("-and"):
            parts.append(self._term())
        return parts[0] if len(parts) == 1 else lambda entry: all(part(entry) for part in parts)

    def _term(self) -> Predicate:
        if self._accept("-not"):
            inner = self._term()
            return lambda entry: not inner(entry)
        if self._accept("("):
            inner = self._either()
            if not self._accept(")"):
                raise _invalid(self.text, "a parenthesis is not closed")
            return inner
        return self._comparison()

    def _comparison(self) -> Predicate:
        kind, word = self._next()
        if kind != "word":
            raise _invalid(self.text, f"a property is expected instead of '{word}'")
        name = self.properties.get(word.lower())
        if name is None:
            raise _invalid(self.text, f'"{word}" is not a recognized filterable property. For a complete list of filterable properties see the command help.')
        operator = self._next()[1].lower()
        kind, literal = self._next()
        test = _test(operator, self._value(kind, literal))
        if test is None:
            raise _invalid(self.text, f"the lab does not emulate the operator '{operator}' here")
        return lambda entry: test(_texts(self.lookup(entry, name)))

    def _value(self, kind: str, literal: str) -> t.Any:
        if kind == "string":
            return literal[1:-1].replace("''", "'") if literal[0] == "'" else literal[1:-1]
        if kind == "constant" and literal.lower() in _CONSTANTS:
            return _CONSTANTS[literal.lower()]
        if kind == "number":
            return literal
        raise _invalid(self.text, f"a value is expected instead of '{literal}'")


def _texts(value: t.Any) -> list[str]:
    """A property's value, or values, as lower-case text; nothing for null and the empty string."""
    values = value if isinstance(value, list) else [value]
    found: list[str] = []
    for item in values:
        if isinstance(item, Entry):
            found += [item.dn.lower(), item.canonical.lower(), item.name.lower()]
        elif item not in (None, ""):
            found.append(str(item).lower())
    return found


def _test(operator: str, wanted: t.Any) -> t.Callable[[list[str]], bool] | None:
    if operator in ("-eq", "-ne"):
        negate = operator == "-ne"
        if wanted is None or wanted == "":
            return lambda values: bool(values) == negate
        low = str(wanted).lower()
        return lambda values: (low in values) != negate
    if operator in ("-like", "-notlike") and isinstance(wanted, str):
        negate = operator == "-notlike"
        pattern = wanted.lower().replace("[", "[[]").replace("?", "[?]")
        return lambda values: any(fnmatch.fnmatchcase(value, pattern) for value in values) != negate
    return None
