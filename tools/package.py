# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the tarball into ``build/package``; with ``--install`` also install it into the empty path ``build/installed``."""

from __future__ import annotations

import pathlib
import shutil
import subprocess
import sys

from tools import project

PACKAGE = project.BUILD / "package"


def build() -> pathlib.Path:
    """The path of the tarball, built from the checkout as it is."""
    shutil.rmtree(PACKAGE, ignore_errors=True)
    command = ["ansible-galaxy", "collection", "build", "--output-path", str(PACKAGE), str(project.ROOT)]
    subprocess.run(command, env=project.environment(), check=True)
    (tarball,) = PACKAGE.glob("m365-hybrid-*.tar.gz")
    return tarball


def install(tarball: pathlib.Path) -> None:
    """Install as a user does, into a path that holds nothing else, without a Galaxy server."""
    shutil.rmtree(project.INSTALLED_COLLECTIONS, ignore_errors=True)
    command = ["ansible-galaxy", "collection", "install", "--offline", "-p", str(project.INSTALLED_COLLECTIONS), str(tarball)]
    subprocess.run(command, env=project.environment(project.INSTALLED_COLLECTIONS), check=True)


def main(arguments: list[str]) -> int:
    try:
        tarball = build()
        if "--install" in arguments:
            install(tarball)
    except subprocess.CalledProcessError as error:
        return error.returncode
    print(tarball)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
