# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules for names of cmdlets and parameters, the same on every wire."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError

# Only cmdlets: a path or the name of a program would run a program on an endpoint that has a language.
_CMDLET = re.compile(r"\A[A-Za-z]+-[A-Za-z0-9_]+\Z")
_PARAMETER = re.compile(r"\A[A-Za-z][A-Za-z0-9_]*\Z")
_READS = ("get-", "test-")


def check(cmdlet: str, parameters: t.Iterable[str]) -> None:
    """Raises `UsageError` for what is no name."""
    if not _CMDLET.match(cmdlet):
        raise UsageError(f"'{cmdlet}' is not the name of a cmdlet")
    wrong = next((name for name in parameters if not _PARAMETER.match(name)), None)
    if wrong is not None:
        raise UsageError(f"'{wrong}' is not the name of a parameter")


def reads(cmdlet: str) -> bool:
    """Whether the cmdlet may be asked once more when nobody knows whether it ran."""
    return cmdlet.lower().startswith(_READS)
