# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The contract of Microsoft Graph: which paths, queries and bodies exist.  The excerpt is made by tools/generators/graph.py."""

from __future__ import annotations

import functools
import json
import pathlib
import re
import typing as t
import urllib.parse

from hybridlab import contract
from hybridlab.graph import refusals

_KIND = re.compile(r"^(.*?)(\??)(!?)$")
_DATE = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?$")
_GUID = re.compile(r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")
_PLAIN: dict[str, t.Callable[[t.Any], bool]] = {
    "boolean": lambda value: isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "int32": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "int64": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "double": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "date-time": lambda value: isinstance(value, str) and bool(_DATE.match(value)),
    "uuid": lambda value: isinstance(value, str) and bool(_GUID.match(value)),
    "duration": lambda value: isinstance(value, str) and value.startswith("P"),
    "time": lambda value: isinstance(value, str),
    "base64url": lambda value: isinstance(value, str),
    "object": lambda value: isinstance(value, dict),
    "any": lambda value: True,
}


class Match(t.NamedTuple):
    """A path of the contract with the values of its placeholders, in order."""

    template: str
    names: tuple[str, ...]
    methods: dict[str, dict[str, t.Any]]


@functools.cache
def excerpt() -> dict[str, t.Any]:
    text = (pathlib.Path(contract.__file__).parent / "graph.json").read_text(encoding="utf-8")
    found: dict[str, t.Any] = json.loads(text)
    return found


class Schema:
    """One version of the service: ``v1.0`` or ``beta``."""

    def __init__(self, version: str) -> None:
        self.paths: dict[str, dict[str, t.Any]] = excerpt()[version]["paths"]
        self.types: dict[str, dict[str, t.Any]] = excerpt()[version]["types"]

    def match(self, path: str) -> Match:
        """The place of an encoded path in the contract.  Raises `refusals.Refused` for a path that does not exist."""
        parts = re.sub(r"\('([^']*)'\)", r"/\1", path.replace("%27", "'").replace("%28", "(").replace("%29", ")")).split("/")
        segments = [urllib.parse.unquote(part) for part in parts if part]
        best: tuple[int, Match] | None = None
        for template, methods in self.paths.items():
            fit = _fit(template.strip("/").split("/"), segments)
            if fit and (best is None or fit[0] > best[0]):
                best = fit[0], Match(template, fit[1], methods)
        if best is None:
            raise refusals.no_segment(segments[0] if len(segments) == 1 else segments[-1])
        return best[1]

    def operation(self, path: str, method: str) -> tuple[Match, dict[str, t.Any]]:
        """Raises `refusals.Refused` for a method that the path does not have."""
        match = self.match(path)
        if method.lower() not in match.methods:
            raise refusals.no_method()
        return match, match.methods[method.lower()]

    def check_query(self, operation: dict[str, t.Any], query: t.Mapping[str, str]) -> None:
        """Refuse a query option that the operation does not take."""
        known = {*operation.get("query", ()), "$skiptoken", "$format"}
        for name in query:
            if name.startswith("$") and name not in known:
                raise refusals.malformed(f"Query option '{name}' is not allowed. To allow it, set the 'AllowedQueryOptions' property.")

    def check_body(self, operation: dict[str, t.Any], body: t.Any) -> None:
        """Refuse a body that is missing, not wanted, or not of the operation's type."""
        kind = operation.get("body", "")
        if not kind:
            if body not in (None, {}):
                raise refusals.malformed("This operation takes no request body.")
            return
        if not isinstance(body, dict):
            raise refusals.malformed("Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.")
        self._check(kind, body, "")

    def properties(self, kind: str) -> dict[str, str]:
        """Name → kind of every property, inherited ones included."""
        found = self.types[kind]
        return (self.properties(found["base"]) if found.get("base") else {}) | found.get("properties", {})

    def open(self, kind: str) -> bool:
        found = self.types[kind]
        return bool(found.get("open")) or bool(found.get("base") and self.open(found["base"]))

    def navigation(self, kind: str) -> set[str]:
        found = self.types[kind]
        return set(found.get("navigation", ())) | (self.navigation(found["base"]) if found.get("base") else set())

    def derived(self, kind: str, value: t.Mapping[str, t.Any]) -> str:
        """The type that an object of this kind says it has.  Raises `refusals.Refused` for one that does not fit."""
        said = str(value.get("@odata.type", "")).removeprefix("#").removeprefix("microsoft.graph.")
        if not said or said == kind:
            return kind
        for name in self.types[kind].get("derived", ()):
            if name.casefold() == said.casefold():
                return str(name)
        raise refusals.malformed(f"A type named 'microsoft.graph.{said}' could not be resolved by the model as a {kind}.")

    def _check(self, kind: str, value: t.Any, where: str) -> None:
        name, nullable, _read_only = t.cast("re.Match[str]", _KIND.match(kind)).groups()
        if value is None:
            if not nullable and where:
                raise refusals.malformed(f"A null value was found for the property named '{where}', which is not nullable.")
        elif name.startswith("["):
            if not isinstance(value, list):
                raise refusals.malformed(f"An unexpected value was found for '{where}': a collection was expected.")
            for item in value:
                self._check(name[1:-1], item, where)
        elif name in _PLAIN:
            if not _PLAIN[name](value):
                raise refusals.malformed(f"Cannot convert the literal '{value}' of property '{where}' to the expected type '{name}'.")
        elif "values" in self.types[name]:
            self._check_enum(name, value, where)
        else:
            self._check_object(name, value, where)

    def _check_enum(self, name: str, value: t.Any, where: str) -> None:
        known = self.types[name]["values"]
        said = value.split(",") if self.types[name].get("flags") and isinstance(value, str) else [value]
        for one in said:
            if not isinstance(one, str) or one.strip() not in known:
                raise refusals.malformed(f"Requested value '{value}' was not found: property '{where}' takes {', '.join(known)}.")

    def _check_object(self, kind: str, value: t.Any, where: str) -> None:
        if not isinstance(value, dict):
            raise refusals.malformed(f"An unexpected value was found for '{where}': an object was expected.")
        name = self.derived(kind, value)
        known = self.properties(name)
        for missing in self.types[name].get("required", ()):
            if missing not in value:
                raise refusals.malformed(f"The property '{missing}' is required.")
        for key, item in value.items():
            if key in known:
                self._check(known[key], item, f"{where}.{key}" if where else key)
            elif "@odata." not in key and key not in self.navigation(name) and not self.open(name):
                raise refusals.bad_request(f"Invalid property '{key}'.")


def _fit(template: list[str], segments: list[str]) -> tuple[int, tuple[str, ...]] | None:
    """How well a path fits a template, and the values of its placeholders; None when it does not."""
    if len(template) != len(segments):
        return None
    names, score = [], 0
    for part, segment in zip(template, segments, strict=True):
        if part.startswith("{") and not segment.startswith("$"):
            names.append(segment)
        elif part.casefold() == segment.casefold() or part.casefold() == segment.casefold().replace("microsoft.graph.", "graph."):
            score += 1
        else:
            return None
    return score, tuple(names)
