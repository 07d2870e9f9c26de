# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the generated files of the repository, or with ``--check`` prove that they are as they would be written.

Each module in ``tools/generators`` has ``outputs(root)``: path → content.
One that lacks its source of facts raises ``Skipped``, which is said and is no failure.
"""

from __future__ import annotations

import argparse
import importlib
import pathlib
import pkgutil
import sys
import typing as t

from tools import generators, project
from tools.generators import Skipped

Outputs = t.Callable[[pathlib.Path], dict[str, str]]


def known() -> dict[str, Outputs]:
    """Generator's name → its function."""
    names = sorted(found.name for found in pkgutil.iter_modules(generators.__path__) if not found.name.startswith("_"))
    return {name: importlib.import_module(f"tools.generators.{name}").outputs for name in names}


def stale(root: pathlib.Path, wanted: t.Mapping[str, str]) -> list[str]:
    """The paths whose content differs, or that are missing."""
    return [path for path, content in wanted.items() if not (root / path).is_file() or (root / path).read_text(encoding="utf-8") != content]


def write(root: pathlib.Path, wanted: t.Mapping[str, str], paths: t.Iterable[str]) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(wanted[path], encoding="utf-8")


def generate(root: pathlib.Path, found: t.Mapping[str, Outputs], check: bool) -> list[str]:
    """Run the generators; returns the paths that were not current, after saying what is with each generator."""
    changed: list[str] = []
    for name, outputs in found.items():
        try:
            wanted = outputs(root)
        except Skipped as reason:
            print(f"{name}: skipped: {reason}")
            continue
        differing = stale(root, wanted)
        if not check:
            write(root, wanted, differing)
        for path in differing:
            print(f"{name}: {path} {'is not current; run: make generate' if check else 'written'}")
        if not differing:
            print(f"{name}: {len(wanted)} file{'s' if len(wanted) != 1 else ''} current")
        changed += differing
    return changed


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="tools.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a file is not current")
    options = parser.parse_args(arguments)
    changed = generate(project.ROOT, known(), options.check)
    return 1 if options.check and changed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
