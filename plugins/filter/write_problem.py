# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter that tells why nothing can be written at a path of the control node; write_problem.yml documents it."""

from __future__ import annotations

import os
import typing as t


def problem(path: str, folder: bool = False) -> str:
    """Why not, without a full stop; empty where it can."""
    place = os.path.realpath(os.path.expanduser(path))
    if os.path.isdir(place) and not folder:
        return f"{place} is a folder"
    holder = place if folder else os.path.dirname(place)
    while folder and not os.path.lexists(holder):
        holder = os.path.dirname(holder)  # the folder in which those that are missing would be made
    if not os.path.isdir(holder):
        return f"{holder} is no folder" if os.path.lexists(holder) else f"the folder {holder} does not exist"
    return "" if os.access(holder, os.W_OK | os.X_OK) else f"this user may not write to {holder}"


class FilterModule:
    """The filter for ansible-core."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"write_problem": problem}
