# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a certificate is good for a name, by the rules of RFC 6125 that browsers follow."""

from __future__ import annotations

import typing as t


def covers(name: str, patterns: t.Iterable[str]) -> bool:
    """Whether one of a certificate's DNS names is ``name``.  A wildcard stands for one label, the leftmost, and never for a whole top-level domain."""
    wanted = name.rstrip(".").lower()
    _label, _dot, parent = wanted.partition(".")
    return any(pattern.rstrip(".").lower() in (wanted, f"*.{parent}" if "." in parent else wanted) for pattern in patterns)
