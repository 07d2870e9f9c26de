# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What synchronises on a Windows host: found out, not asked.

DirSync has neither of its two ways of loading in common with its successors, AAD Sync has the module ADSync without a cmdlet that starts a cycle, but a
program; Entra Connect has the cmdlet.  ``Get-Command -Module DirSync`` finds nothing, because the module only loads the snap-in's assembly: the module
itself is looked for.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import CommandMissing, HybridError, NotFound, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session

START = "Start-ADSyncSyncCycle"
MODULE, DIRSYNC, SNAPIN = "ADSync", "DirSync", "Coexistence-Configuration"
PROGRAM, ENGINE = "DirectorySyncClientCmd.exe", "miiserver.exe"


@dataclasses.dataclass(frozen=True)
class Installation:
    """``folder`` holds the engine's programs (empty for DirSync), ``load`` is the call that makes DirSync's commands known."""

    generation: str
    version: str | None = None
    folder: str = ""
    load: tuple[str, str] | None = None


def detect(session: Session) -> Installation:
    """What is installed.  Raises UsageError where nothing is."""
    module = _first(session, "Get-Module", {"Name": MODULE, "ListAvailable": True}, ("Name", "Path"))
    if module is not None:
        folder = str(module.get("Path") or "").rsplit("\\", 2)[0]
        if _known(session, START):
            return Installation("entra_connect", _version(session, folder), folder)
        if session.invoke("Test-Path", {"Path": f"{folder}\\{PROGRAM}"}).output == [True]:
            return Installation("aad_sync", None, folder)
        raise UsageError(
            f"the module {MODULE} is there, with neither {START} nor {folder}\\{PROGRAM}",
            target=session.target,
            advice="The account must be an administrator of the server or a member of its group ADSyncAdmins, and the installation complete",
        )
    if _first(session, "Get-Module", {"Name": DIRSYNC, "ListAvailable": True}, ("Name",)) is not None:
        return Installation("dirsync", load=("Import-Module", DIRSYNC))
    if SNAPIN in _snapins(session):
        return Installation("dirsync", load=("Add-PSSnapin", SNAPIN))
    raise UsageError(
        f"neither the module {MODULE} nor the module {DIRSYNC} nor the snap-in {SNAPIN} is installed",
        target=session.target,
        advice="Name the server that runs Entra Connect, AAD Sync or DirSync; Cloud Sync is reached over ansible_connection: m365.hybrid.graph",
    )


def _first(session: Session, cmdlet: str, parameters: dict[str, t.Any], properties: tuple[str, ...]) -> dict[str, t.Any] | None:
    found = session.invoke(cmdlet, parameters, properties=properties).output
    return t.cast(dict[str, t.Any], found[0]) if found else None


def _known(session: Session, command: str) -> bool:
    try:
        return bool(session.invoke("Get-Command", {"Name": command}, properties=("Name",)).output)
    except (CommandMissing, NotFound):
        return False


def _snapins(session: Session) -> list[str]:
    try:
        return [str(one["Name"]) for one in session.invoke("Get-PSSnapin", {"Registered": True}, properties=("Name",)).output]
    except CommandMissing:
        return []  # PowerShell 7 knows no snap-ins, so that none can be there


def _version(session: Session, folder: str) -> str | None:
    """The engine's file version: the module's own is always 1.0.  None where the file does not show it; then nothing is concluded from it."""
    try:
        found = _first(session, "Get-Command", {"Name": f"{folder}\\{ENGINE}"}, ("Version",))
    except HybridError:
        return None
    return str(found["Version"]) if found and found.get("Version") else None
