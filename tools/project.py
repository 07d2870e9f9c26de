# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where things are, and the environment in which the project's programs run."""

from __future__ import annotations

import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = ROOT / "build"
LOGS = BUILD / "logs"
CHECKOUT_COLLECTIONS = BUILD / "collections"
DEPENDENCIES = ROOT / ".venv" / "collections"
"""The collections that galaxy.yml names as dependencies, as ``tools/prepare.py`` unpacked them."""
INSTALLED_COLLECTIONS = BUILD / "installed"
INSTALLED = INSTALLED_COLLECTIONS / "ansible_collections" / "m365" / "hybrid"
RECORDS = BUILD / "records"
SHARED = ROOT.parent / "shared"


def environment(collections: pathlib.Path = CHECKOUT_COLLECTIONS, /, **more: str) -> dict[str, str]:
    """The caller's environment with this virtual environment's programs first and Ansible's own files under ``build``.

    Ansible looks for collections in ``collections``, and beside the interpreter for those that ours depends on:
    what happens to be installed for the user must not make a test pass.
    """
    found = dict(os.environ)
    found["PATH"] = os.pathsep.join((str(pathlib.Path(sys.executable).parent), found.get("PATH", os.defpath)))
    found["ANSIBLE_COLLECTIONS_PATH"] = os.pathsep.join((str(collections), str(DEPENDENCIES)))
    found["ANSIBLE_COLLECTIONS_SCAN_SYS_PATH"] = "false"
    found["ANSIBLE_HOME"] = str(BUILD / "ansible")
    found["ANSIBLE_NOCOLOR"] = "true"
    found["ANSIBLE_LOCALHOST_WARNING"] = "false"
    found["PYTHONDONTWRITEBYTECODE"] = "1"
    if "UTF-8" not in (found.get("LC_ALL") or found.get("LC_CTYPE") or found.get("LANG") or "").upper().replace("UTF8", "UTF-8"):
        found["LC_ALL"] = "C.UTF-8"
    return found | more
