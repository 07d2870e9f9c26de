# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check the calls that the tests recorded against the published cmdlet reference, with the program that is named."""

from __future__ import annotations

import json
import subprocess
import sys
import typing as t

from tools import project

DIRECTORY = ".ldap.jsonl"
"""How records of LDAP operations end; the reference has none of these."""

LISTED_WITHOUT_A_NAME = ("Get-HostedOutboundSpamFilterPolicy",)
"""Cmdlets whose -Identity the reference marks as required, although Microsoft's guide to outbound spam policies lists all of them without it."""

ASKED_WHERE_IT_IS_NOT = {("wap", "Get-AdfsSslCertificate")}
"""(product, cmdlet) by which a module finds out what a host is: a proxy answers that it has no such cmdlet, and the module asks for the proxy's own."""


def main(arguments: list[str]) -> int:
    records = sorted(path for path in project.RECORDS.glob("*.jsonl") if not path.name.endswith(DIRECTORY))
    if not any(record.stat().st_size for record in records):
        print("no calls were recorded: run all checks with make test", file=sys.stderr)
        return 1
    together = project.RECORDS / "all.calls"
    lines = [line for record in records for line in record.read_text(encoding="utf-8").splitlines()]
    together.write_text("".join(f"{line}\n" for line in lines if not _exempt(json.loads(line))), encoding="utf-8")
    return subprocess.call([sys.executable, *arguments, str(together)])


def _exempt(call: dict[str, t.Any]) -> bool:
    if (str(call.get("target", "")).partition("-")[0], call.get("cmdlet")) in ASKED_WHERE_IT_IS_NOT:
        return True
    return call.get("cmdlet") in LISTED_WITHOUT_A_NAME and "Identity" not in call["parameters"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
