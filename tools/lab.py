# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab as the make targets use it: started for a while in a folder of its own, and ended whatever happens."""

from __future__ import annotations

import contextlib
import pathlib
import shutil
import subprocess
import sys
import typing as t

from tools import project

FOR_DEMO = ("--adfs", "2016", "--windows", "PC01:client")
"""What the sample playbook needs beside the estate that every lab has."""


class LabFailed(Exception):
    """The lab did not start or did not end; the message holds its output."""


def _call(*arguments: str) -> None:
    command = [sys.executable, "-m", "hybridlab", *arguments]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=project.environment(), timeout=90, check=False)
    if done.returncode:
        raise LabFailed(f"hybridlab {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")


@contextlib.contextmanager
def running(directory: pathlib.Path, *options: str, record: pathlib.Path | None = None) -> t.Iterator[pathlib.Path]:
    """A lab in ``directory``, which is made anew; gives the path of its inventory.  ``record``: file to which calls are appended."""
    if directory.exists():
        with contextlib.suppress(LabFailed):  # an earlier run that was killed may have left one; most often there is none
            _call("down", "--dir", str(directory))
        shutil.rmtree(directory)
    directory.mkdir(parents=True)
    recording = ["--record", str(record)] if record else []
    _call("up", "--dir", str(directory), "--detach", *recording, *options)
    try:
        yield directory / "inventory.yml"
    finally:
        _call("down", "--dir", str(directory))
