# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check the calls that the tests recorded against the published cmdlet reference, with the program that is named."""

from __future__ import annotations

import subprocess
import sys

from tools import project

DIRECTORY = ".ldap.jsonl"
"""How records of LDAP operations end; the reference has none of these."""


def main(arguments: list[str]) -> int:
    records = sorted(path for path in project.RECORDS.glob("*.jsonl") if not path.name.endswith(DIRECTORY))
    if not any(record.stat().st_size for record in records):
        print("no calls were recorded: run all checks with make test", file=sys.stderr)
        return 1
    together = project.RECORDS / "all.calls"
    together.write_bytes(b"".join(record.read_bytes() for record in records))
    return subprocess.call([sys.executable, *arguments, str(together)])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
