# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages that Exchange keeps as HTML: equal is what a reader sees as equal.

Exchange puts a document around a text, ends lines its own way, writes ``&`` and ``<`` as entities, quotes attributes, writes tags in
small letters and drops comments; a message is compared without all that.
"""

from __future__ import annotations

import html.parser
import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import values

_DOCUMENT = re.compile(r"(?is)^\s*(?:<!doctype[^>]*>\s*)?<html[^>]*>\s*(?:<head[^>]*>.*?</head>\s*)?<body[^>]*>\s*(.*?)\s*</body>\s*</html>\s*$")
_SPACE = re.compile(r"\s+")
_AROUND = frozenset(("html", "head", "body", "meta", "title"))
"""Elements that make a document of a text and show nothing."""
_UNSHOWN = frozenset(("style", "script", "title"))
"""Elements whose content a reader does not see."""
_ENDED_BY_THEMSELVES = frozenset(("p", "li", "td", "th", "tr", "tbody"))
"""Elements whose end may be left out."""

_WITHIN_A_LINE = frozenset("a abbr b big cite code del em font i ins kbd mark q s small span strike strong sub sup tt u".split())
"""Elements beside which a space shows; beside all others Exchange ends lines as it likes."""

Token = tuple[t.Any, ...]


class _Tokens(html.parser.HTMLParser):
    """What a reader sees, as tokens: ("text", words), ("start", name, attributes), ("end", name)."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tokens: list[Token] = []
        self._text = ""
        self._unshown = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unshown += tag in _UNSHOWN
        if tag not in _AROUND | _UNSHOWN:
            self._flush()
            self.tokens.append(("start", tag, tuple(sorted((name, value or "") for name, value in attrs))))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _UNSHOWN:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self._unshown -= tag in _UNSHOWN and self._unshown > 0
        if tag in _AROUND | _UNSHOWN:
            return
        self._flush()
        if tag not in _ENDED_BY_THEMSELVES:
            self.tokens.append(("end", tag))

    def handle_data(self, data: str) -> None:
        if not self._unshown:
            self._text += data

    def _flush(self) -> None:
        if self._text:
            self.tokens.append(("text", _SPACE.sub(" ", self._text)))
        self._text = ""

    def close(self) -> None:
        super().close()
        self._flush()


def load(value: t.Any) -> str:
    """The message without the document that Exchange puts around it, lines ended alike."""
    found = values.text(value).replace("\r\n", "\n")
    match = _DOCUMENT.match(found)
    return match.group(1) if match else found.strip("\n")


def key(value: str) -> tuple[Token, ...]:
    """What two messages must share to look the same.

    >>> key("a &lt; b<BR/>c") == key("<html><body>a < b <br>\\r\\nc</body></html>")
    True
    """
    parser = _Tokens()
    parser.feed(value)
    parser.close()
    return tuple(_trimmed(parser.tokens))


def _trimmed(tokens: list[Token]) -> t.Iterator[Token]:
    """The tokens without spaces that do not show: those at the ends and beside what begins a line."""
    for before, token, after in zip([None, *tokens], tokens, [*tokens[1:], None], strict=False):
        text = token[1] if token[0] == "text" else ""
        text = text.lstrip() if _ends_a_line(before) else text
        text = text.rstrip() if _ends_a_line(after) else text
        if token[0] != "text" or text:
            yield (token[0], text) if token[0] == "text" else token


def _ends_a_line(token: Token | None) -> bool:
    return token is None or token[0] == "text" or token[1] not in _WITHIN_A_LINE


MESSAGE = values.Codec(load, key, lambda value: value or None)
