# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Versions of programs and files on Windows."""

from __future__ import annotations

import re
import typing as t

Version = tuple[int, ...]


def version(text: t.Any) -> Version:
    """The numbers of a version; empty for none.

    >>> version("5.1.20348.1") > version("5.1") > version("") == ()
    True
    """
    return tuple(int(part) for part in re.findall(r"\d+", str(text or "").partition("-")[0]))
