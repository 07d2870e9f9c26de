# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Copies of mailbox databases: how they are, and what there is of them where."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import HybridError, NotFound, Truncated
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Result, Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import migration, replication, statistics
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.info import Column, InfoModule
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import common

HEALTHY = ("mounted", "healthy", "seeding_source")
"""States in which a copy does what it should; a source of seeding is a healthy copy at work."""
_WORD = values.Codec(migration.word)
_BYTES = values.Codec(statistics.size_in_bytes)
_TIMES = ("last_status_transition_time", "status_retrieved_time", "latest_available_log_time", "last_inspected_log_time", "last_replayed_log_time")


def lagged(value: t.Any) -> bool:
    """Whether the replay of a copy lags behind on purpose, from ``Enabled:True; PlayDownReason:None; …``; the active copy has no such status."""
    return re.search(r"Enabled:\s*True", str(value), re.I) is not None


FIELDS = (
    Field("database", read="DatabaseName", codec="text"),
    Field("server", read="MailboxServer", codec="text"),
    Field("status", codec=_WORD),
    Field("active", read="ActiveCopy", codec="bool"),
    Field("lagged", read="ReplayLagStatus", codec=values.Codec(lagged)),
    Field("content_index_state", codec=_WORD),
    Field("action_initiator", codec=_WORD),
    Field("latest_full_backup_time", codec="timestamp"),
    *(Field(name, codec="timestamp") for name in _TIMES),
    *(Field(name, codec="int") for name in ("activation_preference", "copy_queue_length", "replay_queue_length", "disk_free_space_percent")),
    *(Field(f"{name}_bytes", read=name, codec=_BYTES) for name in ("disk_free_space", "disk_total_space")),
)
_NAME = Column("name", "name", None)
_STATUS = Column("status", "status", _WORD)
_OF_COPIES = ("ReplayLagTimes", "TruncationLagTimes", "ActivationPreference")
_PAIR = re.compile(r"\[\s*([^,\]]+?)\s*,\s*([^\]]*?)\s*\]")


def pairs(value: t.Any) -> dict[str, str]:
    """Server → value of a list of ``[EX01, 00:00:00]``, or of objects with key and value, as deserialised."""
    found: dict[str, str] = {}
    for one in value if isinstance(value, list) else [] if value in (None, "") else [value]:
        if isinstance(one, dict):
            row = {values.fold(name): item for name, item in one.items()}
            found[str(row.get("key"))] = str(row.get("value"))
            continue
        match = _PAIR.fullmatch(str(one).strip())
        if match is None:
            raise HybridError(f"{one!r} is not a server and a value, as in [EX01, 00:00:00]")
        found[match.group(1)] = match.group(2)
    return found


@dataclasses.dataclass(frozen=True)
class DatabaseCopyModule(InfoModule):
    """Lists copies by database or server, and on demand what the databases' availability groups look like."""

    def execute(self, session: engine.Tally, task: Task) -> Result:
        options = task.options
        columns = self.columns(options["properties"])
        parameters = self.parameters(options) | common(options)
        names = options.get("database")
        asked: t.Sequence[str | None] = names if names is not None else [None if options.get("server") else "*"]
        found: list[dict[str, t.Any]] = []
        missing: list[str] = []
        for name in asked:
            try:
                found += self._list(session, ({} if name is None else {"Identity": name}) | parameters, [*columns, _NAME, _STATUS])
            except NotFound as error:
                if name is None or name.casefold() not in error.text.casefold():
                    raise
                missing.append(name)
        shown = {column.key for column in columns}
        unhealthy = [one["name"] for one in found if one["status"] not in HEALTHY]
        result: Result = {self.returns: [{key: one[key] for key in one if key in shown} for one in found], "unhealthy": unhealthy, "missing": missing}
        if options["topology"]:
            known = {str(one["name"]).partition("\\")[0] for one in found}
            result["databases"] = [dataclasses.asdict(one) | replication.judged(one) for one in Topology(session, options).of(known)]
        return result


class Topology:
    """Who has which copy, in which group and which site of Active Directory.  Every list is complete, or an error."""

    def __init__(self, session: engine.Tally, options: t.Mapping[str, t.Any]) -> None:
        self._session, self._common = session, common(options)

    def of(self, names: t.Collection[str]) -> list[replication.Database]:
        sites = {str(one["name"]).casefold(): site_name(one.get("site")) for one in self._all("Get-ExchangeServer", ("Name", "Site"))}
        groups = {str(one["name"]).casefold(): [str(each) for each in one["servers"] or ()] for one in self._groups()}
        wanted = {name.casefold() for name in names}
        read = ("Name", "Server", "MasterServerOrAvailabilityGroup", "MasterType", "DataMoveReplicationConstraint", *_OF_COPIES)
        rows = [one for one in self._all("Get-MailboxDatabase", read) if str(one["name"]).casefold() in wanted]
        return [self._database(one, groups, sites) for one in rows]

    def _groups(self) -> list[dict[str, t.Any]]:
        return self._all("Get-DatabaseAvailabilityGroup", ("Name", "Servers"))

    def _all(self, cmdlet: str, properties: t.Collection[str]) -> list[dict[str, t.Any]]:
        answer: Answer = self._session.invoke(cmdlet, self._common, properties={values.fold(name) for name in properties})
        if answer.truncated:
            raise Truncated("the list is incomplete", cmdlet=cmdlet, target=self._session.target)
        return [{values.fold(name): value for name, value in one.items()} for one in answer.output]

    def _database(self, row: dict[str, t.Any], groups: t.Mapping[str, list[str]], sites: t.Mapping[str, str]) -> replication.Database:
        group = str(row["masterserveroravailabilitygroup"]) if values.fold(str(row.get("mastertype"))) == "databaseavailabilitygroup" else None
        active = str(row["server"])
        members = groups.get(str(group).casefold(), []) if group else [active]
        lags, kept = pairs(row.get("replaylagtimes")), pairs(row.get("truncationlagtimes"))
        preferences = pairs(row.get("activationpreference"))
        copies = [
            replication.Copy(
                server,
                sites.get(server.casefold(), ""),
                _zero(lags.get(server)),
                int(preferences.get(server, 0)),
                server.casefold() == active.casefold(),
                _zero(kept.get(server)),
            )
            for server in (preferences or {active: "1"})
        ]
        return replication.Database(
            name=str(row["name"]),
            availability_group=group,
            members=[{"name": name, "site": sites.get(name.casefold(), "")} for name in members],
            copies=copies,
            data_move_replication_constraint=values.snake(str(row["datamovereplicationconstraint"])),
        )


def _zero(value: str | None) -> str:
    return values.timespan(value or "00:00:00") or "0.00:00:00"


def site_name(value: t.Any) -> str:
    """The last part of ``contoso.com/Configuration/Sites/Vienna``, or of a distinguished name's first part."""
    found = values.text(value)
    return found.partition(",")[0].partition("=")[2] if found.upper().startswith("CN=") else found.rpartition("/")[2]
