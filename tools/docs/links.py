# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a file of the repository is on the site, and links between pages rewritten accordingly.

Guides, decisions and READMEs are written for GitHub: with links relative to the file, or with whole addresses where Galaxy shows the text alone.
On the site a link leads to the page that shows the file, or to the file on GitHub where no page does.
"""

from __future__ import annotations

import functools
import pathlib
import posixpath
import re
import typing as t

PLUGINS = "plugins/"
LINK = re.compile(r"(?<=\]\()([^)\s]+)(?=\))")
FENCE = re.compile(r"^(```|~~~).*?^\1[ \t]*$", re.M | re.S)
SPAN = re.compile(r"(?<!\[)`(?:m365\.hybrid\.)?([a-z]\w*)`(?!\])")
HEADING = re.compile(r"#+ ")
TABLE_OF = {"module": "module", "role": "role"}
"""Head of a table's first column → what its names are."""


class BrokenLink(Exception):
    """A page links to something that the repository does not have."""


class Repository(t.NamedTuple):
    """What links may lead to."""

    root: pathlib.Path
    address: str
    """Of the repository, as galaxy.yml has it."""
    names: t.Mapping[str, t.Collection[str]]
    """Kind of plugin, such as ``module``, ``role`` or ``connection`` → the names."""

    @property
    def files(self) -> str:
        return f"{self.address}/blob/main/"

    def page(self, path: str) -> str | None:
        """The page that shows a file or folder of the repository; None when no page does.

        Both are relative paths with ``/``; a page has its suffix.
        """
        parts = pathlib.PurePosixPath(path)
        if path in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md"):
            return {"README.md": "overview.md"}.get(path, path.lower())
        if path in ("docs", "docs/README.md"):
            return "index.md"
        if path == "CHANGELOG.rst":
            return "changelog.rst"
        if parts.parts[0] == "docs" and parts.suffix == ".md":
            return path.removeprefix("docs/")
        if parts.parts[0] == "playbooks" and len(parts.parts) == 2 and parts.suffix == ".yml":
            return f"playbooks/{parts.stem}.md"
        return self._reference(parts)

    def _reference(self, path: pathlib.PurePosixPath) -> str | None:
        """A page that antsibull-docs writes."""
        if path.parts[0] == "roles" and len(path.parts) > 1 and path.parts[1] in self.names["role"] and path.parts[2:] in ((), ("README.md",)):
            return f"reference/{path.parts[1]}_role.rst"
        if path.parts[0] == "plugins" and len(path.parts) == 3:
            kind = "module" if path.parts[1] == "modules" else path.parts[1]
            if path.stem in self.names.get(kind, ()):
                return f"reference/{path.stem}_{kind}.rst"
        return None


def link(target: str, source: str, page: str, repository: Repository) -> str:
    """A link of the file ``source`` as it has to be on ``page``.  Raises `BrokenLink`."""
    address, hash_, anchor = target.partition("#")
    if address.startswith(repository.files):
        path = address.removeprefix(repository.files)
    elif "://" in address or address.startswith("mailto:") or not address:
        return target
    else:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), address))
    if path.startswith("..") or not (repository.root / path).exists():
        raise BrokenLink(f"{source}: {target}")
    shown = repository.page(path)
    if shown is None:
        kind = "tree" if (repository.root / path).is_dir() else "blob"
        return f"{repository.address}/{kind}/main/{path}{hash_}{anchor}"
    return posixpath.relpath(shown, posixpath.dirname(page) or ".") + hash_ + anchor


def rewritten(text: str, source: str, page: str, repository: Repository) -> str:
    """The Markdown of ``source`` for ``page``: links, and names of modules and roles as links.  Code blocks stay as they are."""
    parts, end = [], 0
    for fence in FENCE.finditer(text):
        parts += [_prose(text[end : fence.start()], source, page, repository), fence[0]]
        end = fence.end()
    return "".join([*parts, _prose(text[end:], source, page, repository)])


def _prose(text: str, source: str, page: str, repository: Repository) -> str:
    lines, kind = [], None
    for line in LINK.sub(lambda found: link(found[1], source, page, repository), text).split("\n"):
        if not line.startswith("|"):
            kind = None
        elif kind is None:
            kind = TABLE_OF.get(line.split("|")[1].strip(), "")
        lines.append(line if HEADING.match(line) else SPAN.sub(functools.partial(_named, kind=kind, page=page, repository=repository), line))
    return "\n".join(lines)


def _named(found: re.Match[str], kind: str | None, page: str, repository: Repository) -> str:
    """A name in code type as a link to its page; where a module and a role share it, only a table that says which of them it lists."""
    kinds = [one for one in ("module", "role") if found[1] in repository.names[one]]
    if len(kinds) > 1:
        kinds = [one for one in kinds if one == kind]
    if not kinds or (shown := f"reference/{found[1]}_{kinds[0]}.rst") == page:
        return found[0]
    return f"[{found[0]}]({posixpath.relpath(shown, posixpath.dirname(page) or '.')})"
