# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The escape hatch: any request to Microsoft Graph, with a typed body."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import AccessDenied, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Module, Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._entra import paths

_PATH = re.compile(r"/(?:v1\.0|beta)(?:/[!$&'()*+,\-.0-9:;=@A-Z_a-z~{}]+)+")
"""What a path holds beside percent-encoded names (RFC 3986, without the percent sign itself: names are given apart)."""
_DOTS = ("/../", "/./")


class FreeRequest(Module):
    """Makes the request that the task describes; in check mode only one that reads."""

    def check(self, options: t.Mapping[str, t.Any]) -> None:
        address(options)
        body(options)
        if options["method"] in ("GET", "DELETE") and (options["body"] is not None or options["secret_body"] is not None):
            raise UsageError(f"a {options['method']} request has no body", advice="Write what selects or filters into query")

    def execute(self, session: engine.Tally, task: Task) -> Result:
        method, path = task.options["method"], address(task.options)
        reads = method == "GET"
        if task.check_mode and not reads:
            return {"changed": True, "output": [], "msg": f"{method} {path.template} was not sent in check mode."}
        try:
            answer = session.request(method, path, body(task.options), eventual=task.options["eventual"])
        except AccessDenied as error:
            error.advice = (
                "Give the application the permission that the reference of Microsoft Graph names for this request, and let an administrator consent to it"
            )
            raise
        return {"changed": not reads, "output": [_bare(one) for one in answer.output]}

    def about(self, options: t.Mapping[str, t.Any]) -> str | None:
        """The request with the names in its path, as a person reads them."""
        names = iter(options["names"] or ())
        return f"{options['method']} " + re.sub(r"{}", lambda _place: str(next(names)), str(options["path"]))

    def call(self, options: t.Mapping[str, t.Any]) -> str | None:
        return f"{options['method']} {options['path']}"


def _bare(found: t.Any) -> t.Any:
    """An object without the link that only says of what kind it is."""
    return {name: value for name, value in found.items() if name != "@odata.context"} if isinstance(found, dict) else found


def address(options: t.Mapping[str, t.Any]) -> paths.Path:
    """The path with its names and query, percent-encoded.  Raises UsageError for what is no path below a version of the service."""
    text, names = str(options["path"]), options["names"] or []
    if "?" in text or "%" in text:
        raise UsageError(
            f"'{text}' holds a query or encoded characters", advice="Write the query into query, and names with special characters as {} and into names"
        )
    if not _PATH.fullmatch(text) or any(dots in f"{text}/" for dots in _DOTS):
        raise UsageError(
            f"'{text}' is no path of Microsoft Graph such as /v1.0/users/{{}}/manager", advice="It begins with /v1.0/ or /beta/ and has no host and no spaces"
        )
    if text.replace("{}", "").count("{") or text.replace("{}", "").count("}"):
        raise UsageError(f"'{text}' holds a brace that is no {{}}")
    if text.count("{}") != len(names):
        raise UsageError(f"path has {text.count('{}')} places for names, written {{}}, and names has {len(names)}")
    if any(not str(name).strip() or str(name) in (".", "..") for name in names):
        raise UsageError("names holds one that is empty or names no object")
    query = {str(name).removeprefix("$"): _text(value) for name, value in (options["query"] or {}).items()}
    return paths.path(text, *map(str, names), **query)


def _text(value: t.Any) -> t.Any:
    """A query option as it is written; YAML's true is OData's."""
    return str(value).lower() if isinstance(value, bool) else [str(one) for one in value] if isinstance(value, (list, tuple)) else value


def body(options: t.Mapping[str, t.Any]) -> t.Any:
    """The body with what is secret put in; None is no body.  Raises UsageError where the two do not fit together."""
    plain, secret = options["body"], options["secret_body"]
    if plain is not None and not isinstance(plain, (dict, list)):
        raise UsageError(f"body is a dictionary or a list; {type(plain).__name__} was given")
    if secret is None:
        return plain
    if isinstance(plain, list):
        raise UsageError("secret_body completes a body that is a dictionary")
    return _merged(plain or {}, secret, "")


def _merged(plain: t.Mapping[str, t.Any], secret: t.Mapping[str, t.Any], where: str) -> dict[str, t.Any]:
    found = dict(plain)
    for name, value in secret.items():
        there = found.get(name)
        if isinstance(there, dict) and isinstance(value, dict):
            found[name] = _merged(there, value, f"{where}{name}.")
        elif name in found:
            raise UsageError(f"{where}{name} is in body and in secret_body")
        else:
            found[name] = value
    return found
