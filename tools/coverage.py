# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure which lines of ``plugins`` the tests run: in test processes, in Ansible's workers and in session brokers.

coverage.py starts itself in each Python of this virtual environment that finds COVERAGE_PROCESS_START in its environment.  Forked workers go on measuring
(``fork``) and save what they have before ``os._exit`` (``_exit``).
"""

from __future__ import annotations

import shutil
import subprocess
import sys

from tools import project

FOLDER = project.BUILD / "coverage"
SETTINGS = FOLDER / "settings.ini"
TEXT = """\
[run]
source = {plugins}
data_file = {folder}/data
parallel = true
sigterm = true
concurrency = thread
patch =
    _exit
    fork
disable_warnings =
    no-data-collected
    module-not-measured
    module-not-imported

[report]
skip_covered = true
include_namespace_packages = true
show_missing = true
exclude_also =
    if t\\.TYPE_CHECKING:
    @(t\\.)?overload
    class .*\\(t\\.Protocol\\):
"""


def start() -> None:
    """Forget what was measured before."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    SETTINGS.write_text(TEXT.format(plugins=project.ROOT / "plugins", folder=FOLDER), encoding="utf-8")


def environment() -> dict[str, str]:
    """What a measured process finds in its environment."""
    return {"COVERAGE_PROCESS_START": str(SETTINGS)}


def main(arguments: list[str]) -> int:
    """Put the measurements together and report; fails when less than the per cent given is covered.  Files that nothing ran count too."""
    if not any(FOLDER.glob("data.*")):
        print("nothing was measured: run all checks with make test", file=sys.stderr)
        return 1
    settings = f"--rcfile={SETTINGS}"
    commands = (
        ["combine", "--quiet", settings],
        ["json", "--quiet", settings, "-o", str(FOLDER / "coverage.json")],
        ["report", settings, f"--fail-under={arguments[0]}"],
    )
    for command in commands:
        code = subprocess.call([sys.executable, "-m", "coverage", *command], cwd=project.ROOT)
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
