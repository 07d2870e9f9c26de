# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Paths of Microsoft Graph with what users wrote in them.

Nothing of it can leave its place: it is percent-encoded, or a quoted literal.  A name that a client or a proxy might take for a step in
the path, encoded or not, is refused: no object of the directory has such a name.
"""

from __future__ import annotations

import re
import typing as t
import urllib.parse

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError

_NO_NAME = re.compile(r"\.{0,2}|.*[/\\\x00-\x1f\x7f].*", re.DOTALL)


class Path(str):
    """A path with its query.  ``template`` is the same with ``{}`` for every name and without a query, for counts and messages."""

    template: str

    def __new__(cls, text: str, template: str) -> Path:
        found = super().__new__(cls, text)
        found.template = template
        return found


def path(template: str, *names: str, **query: t.Any) -> Path:
    """A path with its names put in for ``{}`` in order, and its query options, written without the dollar; None leaves one out.

    >>> path("/v1.0/users/{}/manager", "a b@contoso.com", select=["id"])
    '/v1.0/users/a%20b%40contoso.com/manager?$select=id'

    Raises UsageError for a name that cannot be one.
    """
    text = template.format(*(segment(str(name)) for name in names))
    options = {name: ",".join(value) if isinstance(value, (list, tuple)) else str(value) for name, value in query.items() if value is not None}
    tail = "&".join(f"${name}={_quoted(value, ',')}" for name, value in options.items())
    return Path(f"{text}?{tail}" if tail else text, template)


def segment(name: str) -> str:
    """A name as one step of a path.  Raises UsageError for one that is empty, only dots, or has a slash or a control character in it."""
    if _NO_NAME.fullmatch(name):
        raise UsageError(f"{name!r} cannot be the name of an object", advice="Name it by its principal name or id")
    return _quoted(name, "")


def _quoted(text: str, safe: str) -> str:
    try:
        return urllib.parse.quote(text, safe=safe)
    except UnicodeEncodeError:
        raise UsageError(f"{text!r} is no text that can be sent") from None


def literal(value: str) -> str:
    """A text as a filter holds it.

    >>> literal("O'Hara")
    "'O''Hara'"
    """
    return "'" + value.replace("'", "''") + "'"


def reference(identifier: str) -> dict[str, str]:
    """The body that names an object of the directory as a member, an owner or a manager."""
    return {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{segment(identifier)}"}
