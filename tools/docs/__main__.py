# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``make docs``: the documentation site in ``build/docs/html``, from antsibull-docs and Sphinx.

A warning of either, a reference to nothing and a link to nothing are errors.
"""

from __future__ import annotations

import pathlib
import shutil
import subprocess
import sys

from tools import project
from tools.docs import html, inventory, pages
from tools.docs.links import BrokenLink, Repository

FOLDER = project.BUILD / "docs"
SOURCE, HTML = FOLDER / "source", FOLDER / "html"


def antsibull(reference: pathlib.Path) -> bool:
    """Have antsibull-docs write the pages of all plugins and roles; whether it had nothing to say against them."""
    reference.mkdir(mode=0o755, parents=True, exist_ok=True)
    command = ["antsibull-docs", "--config-file", str(project.ROOT / pages.SITE / "antsibull-docs.cfg"), "collection", "--use-current", "--squash-hierarchy"]
    done = subprocess.run(
        [*command, "--fail-on-error", "--dest-dir", str(reference), "m365.hybrid"],
        env=project.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    print(done.stdout, end="")
    return done.returncode == 0 and not done.stdout.strip()


def sphinx() -> bool:
    """Have Sphinx make the site; whether it had nothing to say against it."""
    command = [sys.executable, "-m", "sphinx", "-q", "-n", "-W", "-j2", "-b", "html", "-d", str(FOLDER / "doctrees"), str(SOURCE), str(HTML)]
    return subprocess.call(command, env=project.environment(), stdin=subprocess.DEVNULL) == 0


def build(found: Repository) -> bool:
    """Make the site anew: an earlier one would hide what a warning was about."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    pages.write(SOURCE, found)
    (SOURCE / "ansible.inv").write_bytes(inventory.inventory(inventory.labels(project.DEPENDENCIES)))
    if not antsibull(SOURCE / "reference"):
        return False
    pages.add_about(SOURCE / "reference", list(found.names["role"]))
    return sphinx()


def main() -> int:
    try:
        if not build(pages.repository(project.ROOT)):
            return 1
    except BrokenLink as error:
        print(f"a link leads to nothing: {error}", file=sys.stderr)
        return 1
    broken = html.broken(HTML)
    for line in broken:
        print(line, file=sys.stderr)
    print(f"{HTML / 'index.html'}: {sum(1 for _ in HTML.rglob('*.html'))} pages")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
