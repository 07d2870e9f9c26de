# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The index by task leads to everything, and to nothing that does not exist."""

from __future__ import annotations

import pathlib

import pytest
import yaml

from tools import project
from tools.generators import task_index

TOPICS = yaml.safe_load((project.ROOT / task_index.TASKS).read_text(encoding="utf-8"))
LISTED = task_index.places(TOPICS)
DOCS = project.ROOT / "docs"


def there(kind: str) -> set[str]:
    """The names of what exists of a kind."""
    folder = pathlib.Path(task_index.FILES[kind].replace("/README.md", ""))
    found = (DOCS / folder.parent).glob(folder.name.format("[!_.]*"))
    return {path.name if path.is_dir() else path.stem for path in found}


@pytest.mark.parametrize("kind", ["guides", "roles", "playbooks", "modules"])
def test_everything_is_found_by_a_task(kind: str) -> None:
    missing = there(kind) - {name for one, name in LISTED if one == kind}
    assert not missing, f"add these {kind} to docs/tasks.yml, where a reader looks for them, then run make generate: {', '.join(sorted(missing))}"


@pytest.mark.parametrize("kind", sorted({kind for kind, _name in LISTED}))
def test_every_place_exists(kind: str) -> None:
    assert kind in task_index.FILES, f"docs/tasks.yml: {kind} is none of {', '.join(task_index.FILES)}"
    wrong = [name for one, name in LISTED if one == kind and not (DOCS / task_index.FILES[kind].format(name)).is_file()]
    assert not wrong, f"docs/tasks.yml names {kind} that do not exist: {', '.join(sorted(wrong))}"


def test_a_task_is_named_once_and_leads_somewhere() -> None:
    tasks = [task for topic in TOPICS for task in topic["tasks"]]
    wants = [task["want"] for task in tasks]
    assert len(wants) == len(set(wants))
    assert not [task["want"] for task in tasks if not task_index.where(task, DOCS)]
