# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``docs/permissions.md``: the application permissions of each module that talks to Microsoft Graph, from the table that its errors advise with."""

from __future__ import annotations

import importlib.util
import pathlib
import sys
import typing as t

from tools.generators import runtime

TABLE = pathlib.Path("plugins/module_utils/_entra/permissions.py")
HEAD = """\
<!-- Written by tools/generators/permissions.py from plugins/module_utils/_entra/permissions.py; renew with: make generate -->
# Permissions of Microsoft Graph for each module

Give the application of the connection the application permissions of the modules that you use, all that stand in a cell, and let an
administrator consent to them. They are the least that do; a wider one, such as `Directory.ReadWrite.All`, may do as well.
Check mode needs those of the second column only.

| module | to read | to change | also |
|---|---|---|---|
"""


def outputs(root: pathlib.Path) -> dict[str, str]:
    """The file's path and content."""
    table = _loaded(root / TABLE).BY_MODULE
    rows = [_row(name, table[name]) for name in runtime.modules(root) if name in table]
    return {"docs/permissions.md": HEAD + "\n".join(rows) + "\n"}


def _row(name: str, needs: t.Any) -> str:
    further = [f"`{permission}` where {reason}" for permission, reason in needs.sometimes.items()]
    also = ". ".join([*further, needs.beside] if needs.beside else further)
    return f"| `{name}` | {_cell(needs.read)} | {_cell(needs.write)} | {also} |"


def _cell(names: t.Iterable[str]) -> str:
    return "<br>".join(f"`{name}`" for name in names)


def _loaded(path: pathlib.Path) -> t.Any:
    """The table's module, which needs nothing but the standard library."""
    spec = importlib.util.spec_from_file_location("permissions_of_modules", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # a dataclass looks itself up there
    spec.loader.exec_module(module)
    return module
