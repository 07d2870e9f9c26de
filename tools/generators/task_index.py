# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``docs/README.md``: what a reader wants, and where to go, from ``docs/tasks.yml``; on the documentation site it is the first page."""

from __future__ import annotations

import pathlib
import typing as t

import yaml

PAGE = "docs/README.md"
TASKS = pathlib.Path("docs/tasks.yml")
HEAD = """\
<!-- Written by tools/generators/task_index.py from docs/tasks.yml; renew with: make generate -->

# m365.hybrid

An Ansible collection for administrators of a hybrid Microsoft messaging estate.
[The overview](../README.md) says what it is, how it is installed and what is in it; below, find what you want to do.
In a checkout, `make docs` makes a site of all this, with a page for each module, role and playbook, in `build/docs/html`.
"""
FILES = {
    "guides": "guides/{}.md",
    "roles": "../roles/{}/README.md",
    "playbooks": "../playbooks/{}.yml",
    "modules": "../plugins/modules/{}.py",
    "plugins": "../plugins/{}.py",
    "pages": "{}.md",
}
"""Kind of place → its file, from ``docs``; in the order in which they are shown."""


def places(topics: t.Iterable[t.Mapping[str, t.Any]]) -> set[tuple[str, str]]:
    """(kind, name) of whatever the index leads to."""
    return {(kind, name) for topic in topics for task in topic["tasks"] for kind in task if kind != "want" for name in task[kind]}


def outputs(root: pathlib.Path) -> dict[str, str]:
    """The file's path and content."""
    topics = yaml.safe_load((root / TASKS).read_text(encoding="utf-8"))
    return {PAGE: page(topics, root / "docs")}


def page(topics: t.Iterable[t.Mapping[str, t.Any]], folder: pathlib.Path) -> str:
    """The page; ``folder`` is where its links begin."""
    lines = [HEAD]
    for topic in topics:
        lines += [f"## {topic['topic']}", "", "| I want to … | where to go |", "|---|---|"]
        lines += [f"| {task['want']} | {where(task, folder)} |" for task in topic["tasks"]]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def where(task: t.Mapping[str, t.Any], folder: pathlib.Path) -> str:
    found = []
    for kind, file in FILES.items():
        links = [f"[{shown(kind, name, folder)}]({file.format(name)})" for name in task.get(kind, ())]
        word = "" if kind in ("guides", "pages") else f"{kind if len(links) > 1 else kind.removesuffix('s')} "
        found += [word + ", ".join(links)] if links else []
    return "; ".join(found)


def shown(kind: str, name: str, folder: pathlib.Path) -> str:
    """What stands for a place: the title of a text, the name of anything else."""
    if kind in ("guides", "pages"):
        lines = (folder / FILES[kind].format(name)).read_text(encoding="utf-8").splitlines()
        return next(line.removeprefix("# ") for line in lines if line.startswith("# "))
    return f"`{name}.yml`" if kind == "playbooks" else f"`{name.replace('/', ' ')}`"
