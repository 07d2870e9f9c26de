# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Recipient filters: a server prints them with other blanks, parentheses and quotation marks than they were written with."""

from __future__ import annotations

import re
import typing as t

_TOKEN = re.compile(r"""\s*(?:'(?P<single>(?:[^']|'')*)'|"(?P<double>[^"]*)"|(?P<paren>[()])|(?P<word>[^\s()'"]+))""")
Token = tuple[str, str]


def key(text: str) -> t.Hashable:
    """What two spellings of one filter share.  A filter that is not understood is its own text, blanks aside.

    >>> key("((Department -eq 'Sales') -and (Title -ne $null))") == key('department -EQ "sales" -and Title -ne $Null')
    True
    """
    try:
        tokens = _tokens(text.strip().removeprefix("{").removesuffix("}"))
        found = _either(tokens)
        return " ".join(text.split()).casefold() if tokens else found
    except IndexError:  # it ends too early or holds what no filter has; the server says so
        return " ".join(text.split()).casefold()


def _tokens(text: str) -> list[Token]:
    found: list[Token] = []
    position = 0
    while position < len(text.rstrip()):
        match = _TOKEN.match(text, position)
        if match is None:
            raise IndexError(position)
        if match["single"] is not None or match["double"] is not None:
            found.append(("text", match["double"] or (match["single"] or "").replace("''", "'")))
        else:
            found.append(("sign", match["paren"] or match["word"]))
        position = match.end()
    return found


def _either(tokens: list[Token]) -> t.Hashable:
    return _joined(tokens, "-or", lambda rest: _joined(rest, "-and", _term))


def _joined(tokens: list[Token], operator: str, part: t.Callable[[list[Token]], t.Hashable]) -> t.Hashable:
    """One part, or several in their order; nested ones of the same operator are one row."""
    parts = [part(tokens)]
    while _next_is(tokens, operator):
        tokens.pop(0)
        parts.append(part(tokens))
    flat = [inner for one in parts for inner in (one[1] if isinstance(one, tuple) and one[0] == operator else (one,))]
    return (operator, tuple(flat)) if len(flat) > 1 else flat[0]


def _next_is(tokens: list[Token], sign: str) -> bool:
    return bool(tokens) and tokens[0][0] == "sign" and tokens[0][1].casefold() == sign


def _term(tokens: list[Token]) -> t.Hashable:
    if _next_is(tokens, "-not"):
        tokens.pop(0)
        return "-not", _term(tokens)
    if _next_is(tokens, "("):
        tokens.pop(0)
        inner = _either(tokens)
        if not _next_is(tokens, ")"):
            raise IndexError("a parenthesis is open")
        tokens.pop(0)
        return inner
    return "is", tuple(tokens.pop(0)[1].casefold() for _token in range(3))
