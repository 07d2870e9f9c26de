# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Import the tarball as Galaxy does.  Its warnings count as failures."""

from __future__ import annotations

import re
import subprocess
import sys

from tools import package, project

COMPLAINT = re.compile(r"^(WARNING|ERROR|CRITICAL): |^Traceback ", re.M)


def main() -> int:
    (tarball,) = package.PACKAGE.glob("*.tar.gz")
    folder = project.BUILD / "importer"
    folder.mkdir(exist_ok=True)
    environment = project.environment(project.INSTALLED_COLLECTIONS)
    command = [sys.executable, "-m", "galaxy_importer.main", str(tarball)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment, cwd=folder, check=False)
    output = done.stdout + done.stderr
    print(output)
    return 1 if done.returncode or COMPLAINT.search(output) else 0


if __name__ == "__main__":
    sys.exit(main())
