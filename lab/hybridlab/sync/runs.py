# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a machine remembers of its runs: connectors, run profiles, the steps with their counters and results."""

from __future__ import annotations

import dataclasses
import datetime
import typing as t
import uuid

SPACE = uuid.UUID("5d4c6a0e-8e0b-5c39-9b1f-2a4b7d9e1c30")
SUCCESS = "success"
RUNNING = "in-progress"
EXPORT_ERRORS = "completed-export-errors"
TOO_MANY_DELETIONS = "stopped-deletion-threshold-exceeded"
STOPPED = "stopped-user-termination-from-wmi-or-ui"
BROKEN = "stopped-server"


@dataclasses.dataclass(frozen=True)
class Connector:
    """``kind`` is the type as the product names it."""

    id: uuid.UUID
    name: str
    kind: str

    @property
    def partition(self) -> uuid.UUID:
        return uuid.uuid5(SPACE, f"partition {self.id}")

    def profile(self, name: str) -> uuid.UUID:
        return uuid.uuid5(SPACE, f"profile {self.id} {name}")


@dataclasses.dataclass
class Counters:
    """What a step did, by the names of the product; those that are not here are always 0 in the lab."""

    StageNoChange: int = 0
    StageAdd: int = 0
    StageUpdate: int = 0
    StageDelete: int = 0
    DisconnectorFiltered: int = 0
    ConnectorFlow: int = 0
    ExportAdd: int = 0
    ExportUpdate: int = 0
    ExportDelete: int = 0
    ExportFailure: int = 0


class Failure(t.NamedTuple):
    """An object that was not exported: its names in the space of the tenant and in Active Directory, the error's type and words."""

    dn: str
    source: str
    guid: uuid.UUID
    kind: str
    message: str


@dataclasses.dataclass
class Run:
    """One run profile of one connector; it has one step."""

    number: int
    connector: Connector
    profile: str
    started: datetime.datetime
    ended: datetime.datetime | None = None
    result: str = RUNNING
    counters: Counters = dataclasses.field(default_factory=Counters)
    errors: list[Failure] = dataclasses.field(default_factory=list)
    id: uuid.UUID = dataclasses.field(default_factory=uuid.uuid4)
    step_id: uuid.UUID = dataclasses.field(default_factory=uuid.uuid4)

    def end(self, result: str = "") -> None:
        self.ended = moment()
        if self.result == RUNNING:
            self.result = result or SUCCESS


def moment() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
