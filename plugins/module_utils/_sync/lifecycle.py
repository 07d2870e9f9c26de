# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which generations of directory synchronisation still work, as data: builds, dates and why.

Sources: "Upgrade Microsoft Entra Connect from an earlier version: mandatory upgrade" (2.5.79.0), "Decommission Azure AD Connect V1", "Upgrade from
DirSync" and "Upgrade from Azure AD Sync", which say that neither works any more.
"""

from __future__ import annotations

import re
import typing as t

CLOUD_SYNC = "Entra Cloud Sync is the successor"


class Ended(t.NamedTuple):
    """A generation, or its builds below one, no longer synchronises since a day (ISO 8601)."""

    generation: str
    below: str
    since: str
    instead: str


ENDED = (
    Ended("dirsync", "", "2017-04-13", f"install Entra Connect 2.5.79.0 or later; {CLOUD_SYNC}"),
    Ended("aad_sync", "", "2017-04-13", f"install Entra Connect 2.5.79.0 or later; {CLOUD_SYNC}"),
    Ended("entra_connect", "2.0.0.0", "2023-10-01", f"upgrade to 2.5.79.0 or later; {CLOUD_SYNC}"),
    Ended("entra_connect", "2.5.79.0", "2026-09-30", f"upgrade to 2.5.79.0 or later; {CLOUD_SYNC}"),
)
TITLES = {"dirsync": "DirSync", "aad_sync": "AAD Sync", "entra_connect": "Entra Connect", "cloud_sync": "Entra Cloud Sync"}


def ended(generation: str, version: str | None) -> Ended | None:
    """Why an installation no longer synchronises; None for one that does, or of which the version is not known."""
    for row in ENDED:
        if row.generation == generation and (not row.below or (version and build(version) < build(row.below))):
            return row
    return None


def build(version: str) -> tuple[int, ...]:
    """A version to compare.

    >>> build("2.5.9.0") < build("2.5.79.0")
    True
    """
    return tuple(int(part) for part in re.findall(r"\d+", version))


def report(generation: str, version: str | None) -> dict[str, t.Any]:
    """Whether the tenant still takes what an installation brings; ``works`` is null where the version is not known."""
    found = ended(generation, version)
    unknown = version is None and any(row.below for row in ENDED if row.generation == generation)
    return {
        "works": None if found is None and unknown else found is None,
        "below": found.below or None if found else None,
        "since": found.since if found else None,
        "instead": found.instead if found else None,
    }


def sentence(generation: str, version: str | None) -> str:
    """What to tell about an installation that no longer synchronises; empty for another."""
    found = ended(generation, version)
    if found is None:
        return ""
    which = f"{TITLES[generation]} {version or ''}".strip() + (f" is below {found.below} and" if found.below else "")
    return f"{which} no longer synchronises since {found.since}: {found.instead}"
