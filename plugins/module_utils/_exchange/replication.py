# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which constraint on moves a database's copies can satisfy.

``DataMoveReplicationConstraint`` says which copies must have a moved mailbox's data before a move into the database goes on.  A constraint that the
copies cannot satisfy stalls every move.  Source: the reference of Set-MailboxDatabase.  A lagged copy gets its logs in time and replays them days later, so
that nothing is built on it but the second copy, where it is the only one.
"""

from __future__ import annotations

import dataclasses
import typing as t

CONSTRAINTS = ("none", "second_copy", "second_datacenter", "all_datacenters", "all_copies", "ci_no_replication", "ci_second_copy", "ci_second_datacenter")
NO_LAG = "0.00:00:00"


@dataclasses.dataclass(frozen=True)
class Copy:
    """``replay_lag`` and ``truncation_lag`` as `values.timespan` writes them."""

    server: str
    site: str
    replay_lag: str
    activation_preference: int
    active: bool
    truncation_lag: str = NO_LAG


@dataclasses.dataclass(frozen=True)
class Database:
    name: str
    availability_group: str | None
    members: list[dict[str, str]]
    copies: list[Copy]
    data_move_replication_constraint: str

    @property
    def home(self) -> str:
        """The site of the active copy."""
        return next((one.site for one in self.copies if one.active), "")

    @property
    def passive(self) -> list[Copy]:
        return [one for one in self.copies if not one.active]

    @property
    def prompt(self) -> list[Copy]:
        return [one for one in self.passive if one.replay_lag == NO_LAG]


def judged(database: Database) -> dict[str, t.Any]:
    """``constraints``: what is wrong with each, empty for one that the copies satisfy; ``recommended_constraint`` and whether the present one is sound."""
    verdicts = {name: objection(database, name) for name in CONSTRAINTS}
    return {
        "constraints": verdicts,
        "recommended_constraint": "second_copy" if database.passive else "none",
        "constraint_is_sound": not verdicts.get(database.data_move_replication_constraint, "it is unknown"),
    }


def objection(database: Database, constraint: str) -> str:
    """Why the copies of a database cannot satisfy a constraint; empty when they can."""
    kind = constraint.removeprefix("ci_")
    if kind in ("none", "no_replication"):
        return ""
    if database.availability_group is None:
        return f"{database.name} is in no availability group"
    if len(database.members) < 2:
        return f"availability group {database.availability_group} has {len(database.members)} member, and copies need two"
    if not database.passive:
        return f"{database.name} has no passive copy"
    return "" if kind == "second_copy" else _far(database, kind)


def _far(database: Database, kind: str) -> str:
    sites = {one.site for one in database.passive} - {database.home}
    reached = {one.site for one in database.prompt} - {database.home}
    late = [one.server for one in database.passive if one not in database.prompt]
    if kind == "second_datacenter" and not reached:
        if len({one["site"] for one in database.members}) < 2:
            return f"all members of {database.availability_group} are in site {database.home}"
        return f"{database.name} has only lagged copies outside site {database.home}: {', '.join(late)}" if sites else f"all copies are in site {database.home}"
    if kind == "all_datacenters" and (sites - reached or not database.prompt):
        where = ", ".join(sorted(sites - reached)) or database.home
        return f"{database.name} has no copy without replay lag in site {where}"
    if kind == "all_copies" and late:
        return f"the copies on {', '.join(late)} lag behind on purpose"
    return ""
