# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a Windows module's own files say about its options, from the collections that are installed.

The options are those of its documentation; what only the argument specification of the script says (which options exclude each other or belong
together, which are secret, whether check mode is supported) is read from there as data.  Nothing of a module is run.
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import os
import pathlib
import re
import sys
import typing as t

import yaml

_BLOCK = re.compile(r"^(?P<indent> *)(?P<name>\w+) = @\{\s*$")
_CONSTRAINT = re.compile(r"^(?P<indent> *)(?P<name>mutually_exclusive|required_together|required_one_of|required_if) = (?=@\()")
_REQUIRED_BY = re.compile(r"(?ms)^    required_by = @\{(?P<body>.*?)^    \}")
_BY = re.compile(r"(?m)^\s+(?P<name>\w+) = (?:@\((?P<others>[^)]*)\)|(?P<other>['\"]\w+['\"]))")
_SECRET = re.compile(r"(?P<name>\w+) = @\{[^{}]*no_log = \$true")
_TOKEN = re.compile(r"@\(|\(|\)|,|\$true|\$false|\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|#[^\n]*\n|\s+")
_COLLECTIONS = "ansible_collections"

Options = dict[str, dict[str, t.Any]]


@dataclasses.dataclass(frozen=True)
class Specification:
    """``legacy`` modules read options one by one and ignore those that they do not know.

    ``constraints`` are those of the specification by their names, for the options themselves under ``()``, for sub-options under the names above them.
    """

    name: str
    options: Options
    legacy: bool
    check_mode: bool
    constraints: dict[tuple[str, ...], dict[str, list[t.Any]]]
    required_by: dict[str, list[str]]
    secrets: frozenset[str]
    script: str


class NoModule(LookupError):
    """No installed collection has the module."""


@functools.cache
def specification(module: str) -> Specification:
    """Of ``ansible.windows.win_ping`` and the like.  Raises `NoModule`."""
    namespace, collection, name = module.split(".")
    for root in _roots():
        folder = root / _COLLECTIONS / namespace / collection / "plugins"
        script = folder / "modules" / f"{name}.ps1"
        if script.is_file():
            return _specification(module, folder, script.read_text(encoding="utf-8-sig"))
    raise NoModule(f"{module}: no installed collection has this module as a script for Windows")


def named_by(script: str) -> str | None:
    """The full name of the module of ansible.windows that has this text."""
    return _texts().get(script)


@functools.cache
def _texts() -> dict[str, str]:
    folders = (root / _COLLECTIONS / "ansible" / "windows" / "plugins" / "modules" for root in _roots())
    folder = next((one for one in folders if one.is_dir()), None)
    return {one.read_text(encoding="utf-8-sig"): f"ansible.windows.{one.stem}" for one in folder.glob("*.ps1")} if folder else {}


def _roots() -> list[pathlib.Path]:
    """Where collections are looked for: where Ansible looks, and beside this interpreter."""
    named = [pathlib.Path(one).expanduser() for one in os.environ.get("ANSIBLE_COLLECTIONS_PATH", "").split(os.pathsep) if one]
    found = [*named, pathlib.Path(sys.prefix, "collections"), *(pathlib.Path(one) for one in sys.path if one)]
    found += [pathlib.Path("~/.ansible/collections").expanduser(), pathlib.Path("/usr/share/ansible/collections")]
    return [one.parent if one.name == _COLLECTIONS else one for one in found]


def _specification(module: str, folder: pathlib.Path, script: str) -> Specification:
    name = module.rpartition(".")[2]
    document = _document(folder / "modules", name)
    options: Options = {}
    fragments = document.get("extends_documentation_fragment") or []
    for fragment in [fragments] if isinstance(fragments, str) else fragments:
        options |= _fragment(folder, fragment)
    options |= {option: described or {} for option, described in (document.get("options") or {}).items()}
    return Specification(
        name=module,
        options=options,
        legacy="Ansible.ModuleUtils.Legacy" in script,
        check_mode=bool(re.search(r"supports_check_mode\s*=?\s*\$true", script)),
        constraints=_constraints(script),
        required_by=_required_by(script),
        secrets=frozenset(match["name"] for match in _SECRET.finditer(script)),
        script=script,
    )


def _document(folder: pathlib.Path, name: str) -> dict[str, t.Any]:
    """DOCUMENTATION of the sidecar ``NAME.yml``, or of the Python file that only holds documentation."""
    sidecar = folder / f"{name}.yml"
    if sidecar.is_file():
        return t.cast("dict[str, t.Any]", yaml.safe_load(sidecar.read_text(encoding="utf-8")).get("DOCUMENTATION") or {})
    return _python_documentation(folder / f"{name}.py", "DOCUMENTATION")


def _fragment(folder: pathlib.Path, fragment: str) -> Options:
    """The options of a fragment of the same collection; those of other collections say nothing about options."""
    parts = fragment.split(".")
    if len(parts) < 3 or (parts[0] == "ansible" and parts[1] == "builtin"):
        return {}
    path = folder / "doc_fragments" / f"{parts[2]}.py"
    attribute = parts[3].upper() if len(parts) > 3 else "DOCUMENTATION"
    return dict(_python_documentation(path, attribute).get("options") or {}) if path.is_file() else {}


def _python_documentation(path: pathlib.Path, name: str) -> dict[str, t.Any]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        targets = node.targets if isinstance(node, ast.Assign) else []
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            value = t.cast(ast.Assign, node).value
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                return t.cast("dict[str, t.Any]", yaml.safe_load(value.value) or {})
    raise NoModule(f"{path.stem}: its documentation is not where it was expected")


def _constraints(script: str) -> dict[tuple[str, ...], dict[str, list[t.Any]]]:
    found: dict[tuple[str, ...], dict[str, list[t.Any]]] = {}
    blocks: list[tuple[int, str]] = []
    position = 0
    for line in script.splitlines(keepends=True):
        match = _BLOCK.match(line) or _CONSTRAINT.match(line)
        if match:
            depth = len(match["indent"])
            blocks = [block for block in blocks if block[0] < depth]
            if match.re is _BLOCK:
                blocks.append((depth, match["name"]))
            else:
                path = tuple(name for _depth, name in blocks[1:] if name != "options")
                found.setdefault(path, {})[match["name"]] = _array(script, position + match.end())
        position += len(line)
    return found


def _required_by(script: str) -> dict[str, list[str]]:
    found = (match for block in _REQUIRED_BY.finditer(script) for match in _BY.finditer(block["body"]))
    return {match["name"]: re.findall(r"['\"](\w+)['\"]", match["others"] or match["other"]) for match in found}


def _array(script: str, start: int) -> list[t.Any]:
    """A literal array of PowerShell: ``@(, @('set', 'add'))`` becomes ``[["set", "add"]]``."""
    stack: list[list[t.Any]] = [[]]
    position = start
    while match := _TOKEN.match(script, position):
        position, token = match.end(), match.group()
        if token in ("@(", "("):
            stack.append([])
        elif token == ")":
            done = stack.pop()
            stack[-1].append(done)
            if len(stack) == 1:
                break
        elif token in ("$true", "$false"):
            stack[-1].append(token == "$true")
        elif match["double"] is not None or match["single"] is not None:
            stack[-1].append(match["double"] if match["double"] is not None else match["single"])
    return t.cast("list[t.Any]", stack[0][0]) if stack[0] else []
