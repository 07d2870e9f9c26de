# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the molecule scenario of a role: converge, idempotence, verify, against the lab; nothing may be left running."""

from __future__ import annotations

import sys

from tools import processes, project


def main(arguments: list[str]) -> int:
    (role,) = arguments
    environment = project.environment(
        MOLECULE_PROJECT_DIRECTORY=str(project.ROOT),
        LAB_DIRECTORY=str(project.BUILD / "molecule" / role),
        LAB_RECORD=str(project.RECORDS / f"molecule-{role}.jsonl"),
    )
    (project.BUILD / "molecule").mkdir(exist_ok=True)
    (project.RECORDS / f"molecule-{role}.jsonl").unlink(missing_ok=True)  # a scenario counts what its own lab got
    finished = processes.run(["molecule", "test", "-s", role], environment, project.ROOT / "extensions")
    return 0 if finished.clean else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
