# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The README of a role holds its text and every variable of its specs."""

from __future__ import annotations

import pathlib

from tools.generators import role_readme

SPECS = """\
argument_specs:
  main:
    short_description: Do it
    description: [First., Second.]
    options:
      it_all:
        description: A|B or O(restore:it_path).
        type: list
        elements: dict
        default: []
        options:
          name: {description: B(Which), type: str, required: true, choices: [one, two]}
  restore:
    short_description: Undo it
    description: Back.
    options: {it_saved: {description: Where., type: path}}
  look:
    short_description: Look at it
    description: Only that.
    options: {}
"""


def test_the_readme_shows_text_and_every_variable(tmp_path: pathlib.Path) -> None:
    meta = tmp_path / "roles" / "it" / "meta"
    meta.mkdir(parents=True)
    (meta / "argument_specs.yml").write_text(SPECS, encoding="utf-8")
    (meta / "about.md").write_text("What it is.\n", encoding="utf-8")
    (written,) = role_readme.outputs(tmp_path).items()
    assert written[0] == "roles/it/README.md"
    lines = written[1].splitlines()
    assert lines[1] == "# Role `m365.hybrid.it`" and "What it is." in lines and "First. Second." in lines
    assert "| `it_all` | list of dict | `[]` | A\\|B or `it_path`. |" in lines
    assert "| `it_all.name` | str | *required* | **Which** One of `one`, `two`. |" in lines
    assert "## Variables of `tasks_from: restore`" in lines
    assert lines.count(role_readme.PATHS) == 1, "with the only table that has a path"
    assert lines[-3:] == ["## `tasks_from: look`", "", "Only that."], "no table without rows"
