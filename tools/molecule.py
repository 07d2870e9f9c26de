# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the molecule scenarios of roles: converge, idempotence, verify, against the lab; nothing may be left running."""

from __future__ import annotations

import argparse
import os
import pathlib
import sys

from tools import processes, project

MOLECULE = pathlib.Path(sys.executable).with_name("molecule")


def succeeds(role: str, **more: str) -> bool:
    """Whether a role's scenario ends well and leaves nothing; ``more`` goes into its environment."""
    record = project.RECORDS / f"molecule-{role}.jsonl"
    folders = {"LAB_DIRECTORY": str(project.BUILD / "molecule" / role), "MOLECULE_PROJECT_DIRECTORY": str(project.ROOT), "LAB_RECORD": str(record)}
    record.unlink(missing_ok=True)  # a scenario counts what its own lab got
    return processes.run([str(MOLECULE), "test", "-s", role], project.environment(**folders, **more), project.ROOT / "extensions").clean


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="tools.molecule", description=__doc__)
    parser.add_argument("roles", nargs="*", default=sorted(path.name for path in (project.ROOT / "roles").iterdir()), help="all of them, if none is named")
    parser.add_argument("--programs", type=pathlib.Path, help="the folder of another ansible-core's programs")
    options = parser.parse_args(arguments)
    (project.BUILD / "molecule").mkdir(exist_ok=True)
    more = {"PATH": os.pathsep.join((str(options.programs), os.environ.get("PATH", os.defpath)))} if options.programs else {}
    failed = [role for role in options.roles if not succeeds(role, **more)]
    if failed:
        print(f"failed: {', '.join(failed)}")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
