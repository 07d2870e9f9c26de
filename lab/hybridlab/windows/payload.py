# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The scripts and standard input that ansible-core sends to a Windows host, read as orders.

Every module, and most of the connections' own work, travels as one constant script, the bootstrap wrapper; what is to be done is data on its
standard input.  The lab knows the wrappers by their fingerprints (``ansible_core.json``, see ``tools/windows_payload.py``) and runs no script.
"""

from __future__ import annotations

import base64
import dataclasses
import functools
import gzip
import hashlib
import importlib.resources
import json
import re
import typing as t

from hybridlab.windows import documents

END = "\0\0\0\0"
"""The line that ends a part of the standard input."""
# What the shell plugin puts around a script that it encodes itself.
_BEFORE = "Set-StrictMode -Version Latest\n"
_AFTER = "\nIf (-not $?) { If (Get-Variable LASTEXITCODE -ErrorAction SilentlyContinue) { exit $LASTEXITCODE } Else { exit 1 } }"
_ENCODED = re.compile(r"(?i)^(?:type\s+(?P<file>.+?)\s*\|\s*)?PowerShell(?:\.exe)?\s.*-EncodedCommand\s+(?P<script>\S+)\s*$", re.DOTALL)
_REMOVE = re.compile(r"^Remove-Item (?:-LiteralPath )?(?:'(?P<quoted>(?:[^']|'')*)'|(?P<bare>[^\s']+)) -Force(?: -Recurse)?;?$")
_EXIT = "exit $LASTEXITCODE"
_AFTER_COMMAND = f"; {_AFTER.lstrip()}"
_VALUE = re.compile(r"'(?:[^']|'')*'|(?<![\w.$])\d+(?![\w.])|\$(?:True|False)\b")


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


def read_line(line: str) -> Line | None:
    """None for anything but a command line that starts PowerShell with an encoded script."""
    match = _ENCODED.match(line.strip().removesuffix(_EXIT).strip())
    if match is None:
        return None
    file = match["file"]
    return Line(base64.b64decode(match["script"]).decode("utf-16-le"), file.strip("'\"") if file else None)


def normal(script: str) -> str:
    """The script without empty lines, comments, indentation and what the shell plugin or win_reboot adds."""
    lines = (line.strip() for line in script.splitlines())
    text = "\n".join(line for line in lines if line and not line.startswith("#"))
    return text.removeprefix(_BEFORE).removesuffix(_AFTER).removesuffix(_AFTER_COMMAND)


def fingerprint(script: str) -> str:
    return hashlib.sha256(normal(script).encode()).hexdigest()


def skeleton(script: str) -> tuple[str, list[str]]:
    """The fingerprint of a script into which values were written, without them, and the values: texts, numbers and truths."""
    values: list[str] = []

    def note(match: re.Match[str]) -> str:
        values.append(match[0])
        return "?"

    text = _VALUE.sub(note, normal(script))
    return hashlib.sha256(text.encode()).hexdigest(), [one[1:-1].replace("''", "'") if one.startswith("'") else one for one in values]


@functools.cache
def known() -> dict[str, t.Any]:
    """The facts about the releases of ansible-core: see the file's own note."""
    return t.cast("dict[str, t.Any]", json.loads(importlib.resources.files(__package__).joinpath("ansible_core.json").read_text(encoding="utf-8")))


def read(script: str, lines: t.Sequence[str], arguments: t.Sequence[t.Any] = ()) -> Order | ModuleOrder:
    """The order that a script with that input and those arguments is.  Raises `Unreadable`."""
    shape = known()["wrappers"].get(fingerprint(script))
    if shape is not None:
        return decode(shape, lines)
    removal = _REMOVE.match(normal(script))
    if removal is not None:
        return Order("remove", {"Path": removal["bare"] or removal["quoted"].replace("''", "'")})
    found, values = skeleton(script)
    told = known()["scripts"].get(found)
    if told is None:
        raise Unreadable(
            f"the lab runs no scripts; it answers those of ansible-core that it knows (releases {', '.join(known()['releases'])}), "
            f"and this one is none: {normal(script)[:100]!r}"
        )
    named = dict(zip(told.get("values", ()), values, strict=False)) | dict(zip(told.get("arguments", ()), arguments, strict=False))
    return Order(told["name"], {name: value for name, value in named.items() if name}, list(lines))


def decode(shape: str, lines: t.Sequence[str]) -> Order | ModuleOrder:
    """The standard input of a bootstrap wrapper.  Raises `Unreadable`."""
    try:
        return _SHAPES[shape](lines)
    except (ValueError, KeyError, TypeError, IndexError, StopIteration) as error:
        raise Unreadable(f"the payload of the bootstrap wrapper is not of the shape {shape}: {type(error).__name__}: {error}") from error


def _parts(lines: t.Sequence[str]) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for line in lines:
        if line == END:
            parts.append([])
        else:
            parts[-1].append(line)
    return parts


def _manifest(lines: t.Sequence[str]) -> Order | ModuleOrder:
    """ansible-core 2.19 and later: the script to start with, the manifest, and the lines of input, each part ended by `END`.

    The manifest may be compressed; a module's arguments are an object, since 2.22 the text of one.
    """
    parts = _parts(lines)
    text = "".join(parts[1])
    if json.loads("".join(parts[0]))["params"].get("DecompressInput"):
        text = gzip.decompress(base64.b64decode(text)).decode("utf-8")
    manifest = json.loads(text)
    actions = {action["name"]: action for action in manifest["actions"]}
    module = actions.get("module_wrapper.ps1")
    if module is None:
        (only,) = manifest["actions"]
        return Order(only["name"].removesuffix(".ps1"), only["params"], parts[2] if len(parts) > 2 else [])
    params = module["params"]
    if "ArgumentJSON" in params:
        arguments = json.loads(params["ArgumentJSON"])
    else:
        arguments = next(one["Value"] for one in params["Variables"] if one["Name"] == "complex_args")
    become, job = actions.get("become_wrapper.ps1"), actions.get("async_wrapper.ps1")
    return ModuleOrder(_module_name(params["Script"]), arguments, become["params"] if become else None, job["params"] if job else None)


def _object(lines: t.Sequence[str]) -> ModuleOrder:
    """ansible-core 2.16 to 2.18: the exec wrapper, `END`, and one object.  The module is its text; its name is among its arguments."""
    manifest = json.loads("\n".join(lines).split(END, 1)[1])
    arguments = manifest["module_args"]
    become = {"BecomeUser": manifest["become_user"]} if "become_wrapper" in manifest["actions"] else None
    job = {"AsyncJid": manifest["async_jid"]} if "async_wrapper" in manifest["actions"] else None
    return ModuleOrder(_named(arguments["_ansible_module_name"], manifest["module_entry"]), arguments, become, job)


def _named(name: str, entry: str) -> str:
    """The full name of a module that was called by a short one, or by one of ansible-core's own for any system: it is known by its text."""
    if name.count(".") == 2 and not name.startswith(("ansible.legacy.", "ansible.builtin.")):
        return name
    return documents.named_by(base64.b64decode(entry).decode("utf-8-sig")) or name


def _module_name(script: str) -> str:
    """``ansible.windows.win_ping`` of ``ansible_collections.ansible.windows.plugins.modules.win_ping.ps1``."""
    return script.removesuffix(".ps1").removeprefix("ansible_collections.").replace(".plugins.modules.", ".")


_SHAPES: dict[str, t.Callable[[t.Sequence[str]], Order | ModuleOrder]] = {"manifest": _manifest, "object": _object}
