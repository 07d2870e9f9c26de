# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pages of the site that are not written by antsibull-docs, and what is added to those that are."""

from __future__ import annotations

import pathlib
import re
import shutil

import yaml

from tools import project
from tools.docs.links import PLUGINS, Repository, rewritten

DOCUMENTS = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md")
"""Files at the root that are pages, where they exist."""
SITE = pathlib.Path("docs/site")
ENTRY_POINT = re.compile(r"^\.\. _ansible_collections\.\S+__entrypoint-", re.M)
ABOUT = ".. include:: about/{role}.txt\n   :parser: myst_parser.sphinx_\n\n"


def repository(root: pathlib.Path) -> Repository:
    """What links may lead to, as the checkout has it."""
    galaxy = yaml.safe_load((root / "galaxy.yml").read_text(encoding="utf-8"))
    names = {"role": [path.name for path in (root / "roles").iterdir() if path.is_dir()]}
    for kind in ("modules", "connection", "filter", "inventory", "lookup", "callback"):
        names[kind.removesuffix("s")] = sorted({path.stem for path in (root / PLUGINS / kind).glob("[!_]*.*")})
    return Repository(root, galaxy["repository"], names)


def write(source: pathlib.Path, found: Repository) -> None:
    """Write all pages of our own below ``source``, and the settings of Sphinx."""
    for path in [*DOCUMENTS, *(one.relative_to(found.root).as_posix() for one in sorted((found.root / "docs").rglob("*.md")))]:
        if (found.root / path).exists() and (page := found.page(path)):
            text = rewritten((found.root / path).read_text(encoding="utf-8"), path, page, found)
            put(source / page, text + (contents(found) if page == "index.md" else ""))
    for book in books(found.root):
        put(source / "playbooks" / f"{book.stem}.md", playbook(book, found))
    for role in found.names["role"]:
        about = (found.root / "roles" / role / "meta" / "about.md").read_text(encoding="utf-8")
        # In the repository the text stands below the heading of the role's README; here it stands on its own.
        shown = rewritten(about, f"roles/{role}/README.md", f"reference/{role}_role.rst", found)
        put(source / "reference" / "about" / f"{role}.txt", re.sub(r"^##", "#", shown, flags=re.M))
    shutil.copy(found.root / "CHANGELOG.rst", source / "changelog.rst")
    shutil.copy(found.root / SITE / "conf.py", source)


def put(path: pathlib.Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def books(root: pathlib.Path) -> list[pathlib.Path]:
    return sorted((root / "playbooks").glob("*.yml"))


def playbook(book: pathlib.Path, found: Repository) -> str:
    """A page that shows a playbook, with links to the roles that it uses."""
    text = book.read_text(encoding="utf-8")
    title = yaml.safe_load(text)[0].get("name", book.stem)
    roles = [role for role in found.names["role"] if f"m365.hybrid.{role}\n" in text]
    uses = f"Roles: {', '.join(f'[`{role}`](../reference/{role}_role.rst)' for role in roles)}.\n\n" if roles else ""
    run = f"```shell\nansible-playbook -i inventory.yml m365.hybrid.{book.stem} --check --diff\n```\n"
    return f"# {book.name}: {title}\n\n{uses}{run}\n```yaml\n{text.removeprefix('---').lstrip()}```\n"


def contents(found: Repository) -> str:
    """The hidden tables of contents from which the sidebar is made."""
    guides = sorted(path.stem for path in (found.root / "docs" / "guides").glob("*.md"))
    decisions = sorted(path.stem for path in (found.root / "docs" / "adr").glob("*.md"))
    others = sorted(path.stem for path in (found.root / "docs").glob("*.md") if path.name != "README.md")
    parts = {
        "Begin": ["Overview <overview>"],
        "Guides": [f"guides/{name}" for name in guides],
        "Roles": [f"{name} <reference/{name}_role>" for name in sorted(found.names["role"])],
        "Playbooks": [f"{book.name} <playbooks/{book.stem}>" for book in books(found.root)],
        "Modules and plugins": ["All modules, plugins and roles <reference/index>", "reference/environment_variables"],
        "Reference": [*others, "changelog"],
        "Decisions": [f"adr/{name}" for name in decisions],
        "Project": [path.lower().removesuffix(".md") for path in DOCUMENTS[1:] if (found.root / path).exists()],
    }
    return "".join(f"\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n" + "\n".join(pages) + "\n```\n" for caption, pages in parts.items())


def add_about(reference: pathlib.Path, roles: list[str] | tuple[str, ...]) -> None:
    """Show what a role is about above the variables of its first entry point, on the page that antsibull-docs wrote."""
    for role in roles:
        page = reference / f"{role}_role.rst"
        text = page.read_text(encoding="utf-8")
        entry = ENTRY_POINT.search(text)
        if entry is None:
            raise ValueError(f"{page.relative_to(project.BUILD)} has no entry point")
        page.write_text(text[: entry.start()] + ABOUT.format(role=role) + text[entry.start() :], encoding="utf-8")
