# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The folder of a lab: which files it holds, whose it is, and how it is emptied."""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil

from hybridlab import control
from hybridlab.process import Process
from hybridlab.wire import kdc

KERBEROS = "kerberos"
FEDERATION = "adfs"
_PID = "lab.pid"
_NTLM = ("ntlm-users", "ntlm-edge01", "ntlm-edge02", "ntlm-sync01")
_FILES = ("inventory.yml", "credentials.yml", "ca.pem", "server.pem", "server.key", "client.pem", "client.key", *_NTLM, control.FILE, "lab.log")


class Occupied(Exception):
    """The folder belongs to a running lab, or holds files that are not the lab's."""


class Directory:
    """A lab's folder.  It need not exist."""

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path.resolve()
        self._pid = self.path / _PID

    def __truediv__(self, name: str) -> pathlib.Path:
        return self.path / name

    def owner(self) -> Process | None:
        """The living process of the lab in this folder."""
        noted = Process.read(self._pid)
        return noted if noted is not None and noted.alive else None

    @property
    def left_behind(self) -> bool:
        """Whether a lab that is gone has left its files here."""
        return self._pid.exists() and self.owner() is None

    def claim(self) -> None:
        """Make the folder this process's own, after clearing what a killed lab left.  Raises `Occupied`."""
        owner = self.owner()
        if owner is not None:
            raise Occupied(f"a lab runs in {self.path} already (process {owner.pid}); end it with: python -m hybridlab down --dir {self.path}")
        if self._pid.exists():
            self.clear()
        foreign = [name for name in (*_FILES, KERBEROS, FEDERATION) if (self / name).exists() and name != "lab.log"]
        if foreign:
            raise Occupied(f"{self.path} holds {foreign[0]}, which no lab wrote there; choose another folder")
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            Process.of(os.getpid()).write(self._pid)
        except FileExistsError:
            raise Occupied(f"another lab is coming up in {self.path}") from None

    def clear(self) -> None:
        """Remove what a lab made here, and the folder if nothing else is in it.  Ends a KDC that outlived its lab."""
        leftover = Process.read(kdc.pid_file(self / KERBEROS))
        if leftover is not None:
            leftover.end()
        for name in _FILES:
            (self / name).unlink(missing_ok=True)
        for name in (KERBEROS, FEDERATION):
            shutil.rmtree(self / name, ignore_errors=True)
        self._pid.unlink(missing_ok=True)  # Last: while it is there, the files above are known to be a lab's.
        with contextlib.suppress(OSError):  # Other files are in it, or it never existed.
            self.path.rmdir()

    def write_private(self, name: str, text: str) -> pathlib.Path:
        """Write a file that its owner alone may read."""
        path = self / name
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
        return path
