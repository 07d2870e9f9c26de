# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the properties of a migration batch read."""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import values
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field


def word(value: t.Any) -> str | None:
    """An enumerator in the spelling of options: ``SyncedWithErrors`` is ``synced_with_errors``; None for no value."""
    return None if value in (None, "") else values.snake(str(value))


_WORD = values.Codec(word)
_TIMES = ("creation_date_time", "start_date_time", "initial_sync_date_time", "last_synced_date_time", "finalized_date_time", "complete_after", "start_after")
_COUNTS = ("total", "active", "pending", "synced", "finalized", "failed", "failed_initial_sync", "failed_incremental_sync", "provisioned", "stopped")

FIELDS = (
    Field("name", read="Identity", codec="text"),
    Field("status", codec=_WORD),
    Field("state", codec=_WORD),
    Field("type", read="MigrationType", codec=_WORD),
    Field("direction", read="BatchDirection", codec=_WORD),
    Field("source_endpoint", codec="text"),
    Field("target_endpoint", codec="text"),
    Field("target_delivery_domain", codec="text"),
    Field("target_databases", codec="texts"),
    Field("target_archive_databases", codec="texts"),
    Field("notification_emails", codec="texts"),
    Field("excluded_folders", codec="texts"),
    Field("bad_item_limit", codec="count"),
    Field("large_item_limit", codec="count"),
    *(Field(name, read=f"{name}_utc", codec="timestamp") for name in _TIMES),
    *(Field(f"{name}_count", codec="int") for name in _COUNTS),
)
