# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The scripts and standard input that ansible-core sends to a Windows host, read as orders.

Every module, and most of the connections' own work, travels as one constant script, the bootstrap wrapper; what is to be done is data on its
standard input.  The lab knows the wrappers by their hashes (``ansible_core.json``) and runs no script.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import importlib.resources
import json
import re
import typing as t

END = "\0\0\0\0"
"""The line that ends a part of the standard input."""
# What the shell plugin puts around a script that it encodes itself.
_BEFORE = "Set-StrictMode -Version Latest\n"
_AFTER = "\nIf (-not $?) { If (Get-Variable LASTEXITCODE -ErrorAction SilentlyContinue) { exit $LASTEXITCODE } Else { exit 1 } }"
_ENCODED = re.compile(r"(?i)^(?:type\s+(?P<file>.+?)\s*\|\s*)?PowerShell(?:\.exe)?\s.*-EncodedCommand\s+(?P<script>\S+)\s*$", re.DOTALL)
_REMOVE = re.compile(r"^Remove-Item '(?P<path>(?:[^']|'')*)' -Force(?: -Recurse)?;$")


class Unreadable(Exception):
    """A script or a payload that the lab does not know; the message is for the person who runs the play."""


@dataclasses.dataclass(frozen=True)
class Order:
    """What is to be done: an executor script of ansible-core by its name, with its parameters, and the lines of input for it."""

    name: str
    parameters: dict[str, t.Any]
    input: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class ModuleOrder:
    """A module by its full name and its arguments, ``_ansible_…`` among them.

    ``asynchronous`` are the parameters of a job that goes on alone, None for a task that waits; ``become`` those of another user.
    """

    module: str
    arguments: dict[str, t.Any]
    become: dict[str, t.Any] | None = None
    asynchronous: dict[str, t.Any] | None = None


@dataclasses.dataclass(frozen=True)
class Line:
    """A command line that starts PowerShell: its script, and the file that is its standard input, if it is one."""

    script: str
    file: str | None


def read_line(line: str) -> Line:
    """Raises `Unreadable` for any other program."""
    match = _ENCODED.match(line.strip())
    if match is None:
        raise Unreadable(f"the lab runs no command lines; it was asked to run {line[:100]!r}")
    file = match["file"]
    return Line(base64.b64decode(match["script"]).decode("utf-16-le"), file.strip("'\"") if file else None)


def normal(script: str) -> str:
    """The script without empty lines, indentation and what the shell plugin adds."""
    text = "\n".join(line.strip() for line in script.splitlines() if line.strip())
    return text.removeprefix(_BEFORE).removesuffix(_AFTER)


def fingerprint(script: str) -> str:
    return hashlib.sha256(normal(script).encode()).hexdigest()


def known() -> dict[str, t.Any]:
    """The facts about the releases of ansible-core."""
    return t.cast("dict[str, t.Any]", json.loads(importlib.resources.files(__package__).joinpath("ansible_core.json").read_text(encoding="utf-8")))


def read(script: str, lines: t.Sequence[str]) -> Order | ModuleOrder:
    """The order that a script with that input is.  Raises `Unreadable`."""
    text = normal(script)
    removal = _REMOVE.match(text)
    if removal:
        return Order("remove", {"Path": removal["path"].replace("''", "'")})
    found = known()["wrappers"].get(fingerprint(script))
    if found is None:
        raise Unreadable(
            f"the lab runs no scripts; only the bootstrap wrapper of an ansible-core that it knows is answered ({', '.join(known()['releases'])}), "
            f"and this script is none: {text[:100]!r}"
        )
    try:
        return _manifest(lines)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise Unreadable(f"the payload of the bootstrap wrapper is not what ansible-core {found} sends: {type(error).__name__}: {error}") from error


def _manifest(lines: t.Sequence[str]) -> Order | ModuleOrder:
    """ansible-core 2.19 and later: the script to start with, the manifest, and the lines of input, each part ended by `END`."""
    parts: list[list[str]] = [[]]
    for line in lines:
        if line == END:
            parts.append([])
        else:
            parts[-1].append(line)
    manifest = json.loads("".join(parts[1]))
    actions = {action["name"]: action for action in manifest["actions"]}
    module = actions.get("module_wrapper.ps1")
    if module is None:
        (only,) = manifest["actions"]
        return Order(only["name"].removesuffix(".ps1"), only["params"], parts[2] if len(parts) > 2 else [])
    become, job = actions.get("become_wrapper.ps1"), actions.get("async_wrapper.ps1")
    arguments = next(one["Value"] for one in module["params"]["Variables"] if one["Name"] == "complex_args")
    return ModuleOrder(_module_name(module["params"]["Script"]), arguments, become["params"] if become else None, {**job["params"]} if job else None)


def _module_name(script: str) -> str:
    """``ansible.windows.win_ping`` of ``ansible_collections.ansible.windows.plugins.modules.win_ping.ps1``."""
    return script.removesuffix(".ps1").removeprefix("ansible_collections.").replace(".plugins.modules.", ".")
