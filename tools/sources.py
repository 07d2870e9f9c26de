# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The project's Python sources as the tests of layers and house rules see them."""

from __future__ import annotations

import ast
import dataclasses
import functools
import pathlib
import typing as t

from tools import project

OURS = "ansible_collections.m365.hybrid.plugins."
FOLDERS = ("plugins", "lab", "tools", "tests")
DOC_BLOCKS = {"DOCUMENTATION", "EXAMPLES", "RETURN"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclasses.dataclass(frozen=True)
class Import:
    """One imported name: the dotted module or object, and where it stands."""

    name: str
    line: int


class Source:
    """One Python file."""

    def __init__(self, path: pathlib.Path, root: pathlib.Path = project.ROOT) -> None:
        self.path = path.relative_to(root).as_posix()
        self.text = path.read_text(encoding="utf-8")
        self.lines = self.text.splitlines()
        self.tree = ast.parse(self.text, self.path)
        self._all = tuple(ast.walk(self.tree))

    def __repr__(self) -> str:
        return self.path

    @property
    def module(self) -> str:
        """The dotted name under which the file is imported, where it belongs to the collection."""
        return "ansible_collections.m365.hybrid." + self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def nodes(self, *kinds: type[ast.AST]) -> t.Iterator[t.Any]:
        """The nodes of these kinds, at any depth."""
        return (node for node in self._all if isinstance(node, kinds))

    def imports(self) -> list[Import]:
        """All imports, also those inside functions; ``from a import b`` counts as a.b, relative ones as what they stand for."""
        found = [Import(alias.name, node.lineno) for node in self.nodes(ast.Import) for alias in node.names]
        for node in self.nodes(ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = self.module.split(".") if self.path.endswith("__init__.py") else self.module.split(".")[:-1]
                base = ".".join([*package[: len(package) - node.level + 1], *([base] if base else [])])
            found += [Import(f"{base}.{alias.name}", node.lineno) for alias in node.names]
        return found

    def documentation_lines(self) -> int:
        """Lines that documentation blocks and docs-only strings of a plugin take."""
        count = 0
        for node in self.nodes(ast.Assign):
            if any(isinstance(target, ast.Name) and target.id in DOC_BLOCKS for target in node.targets):
                count += node.end_lineno - node.lineno + 1
        return count

    def functions(self) -> t.Iterator[Function]:
        return self.nodes(ast.FunctionDef, ast.AsyncFunctionDef)


@functools.cache
def sources(folder: str = "") -> tuple[Source, ...]:
    """All Python files of the project, or of one of its folders; what is generated, and build products, are not sources."""
    roots = [folder] if folder else list(FOLDERS)
    paths = sorted(path for root in roots for path in (project.ROOT / root).rglob("*.py"))
    return tuple(Source(path) for path in paths if not any(part.startswith(".") for part in path.relative_to(project.ROOT).parts))
