# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values as Exchange prints them."""

from __future__ import annotations

import datetime
import typing as t

from hybridlab.contract.arguments import size, span

UNLIMITED = "Unlimited"
_UNITS = (("TB", 1 << 40), ("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10), ("B", 1))


def print_size(count: int) -> str:
    """``50 GB (53,687,091,200 bytes)``."""
    unit, factor = next(((name, factor) for name, factor in _UNITS if count >= factor), ("B", 1))
    number = f"{count / factor:.4g}" if count < factor * 1000 else f"{count / factor:.0f}"
    return f"{number} {unit} ({count:,} bytes)"


def quota(value: t.Any) -> str:
    """A size or Unlimited, from any form a caller may write."""
    return UNLIMITED if value is None or str(value).strip().lower() == "unlimited" else print_size(size(value))


def quota_bytes(printed: str) -> float:
    """For comparing: bytes, infinity when unlimited."""
    return float("inf") if printed == UNLIMITED else size(printed)


def print_span(length: datetime.timedelta) -> str:
    """``14.00:00:00``; without days ``10:00:00``."""
    seconds = length.seconds
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{length.days}.{clock}" if length.days else clock


def unlimited_span(value: t.Any) -> str:
    """A time span or Unlimited."""
    if value is None or str(value).strip().lower() == "unlimited":
        return UNLIMITED
    return print_span(value if isinstance(value, datetime.timedelta) else span(str(value)))


def count(value: t.Any) -> str:
    """A number or Unlimited, as text."""
    return UNLIMITED if value is None or str(value).lower() == "unlimited" else str(int(value))


def local(moment: datetime.datetime) -> datetime.datetime:
    """The server's local time; dates come twice, local with an offset and in UTC."""
    return moment.astimezone(_LOCAL)


_LOCAL = datetime.timezone(datetime.timedelta(hours=1))
