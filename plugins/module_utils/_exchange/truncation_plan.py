# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Loose truncation on the members of a database availability group: what is refused, what changes, what is reported.

The facts are those of Microsoft's "Manage mailbox database copies": three DWORDs that have to be the same on every member, read since Exchange Server
2013 SP1.  When space gets low, the copy that lags behind most is ignored; when it comes back, it lacks logs and has to be seeded again.
Nothing here talks to a server.
"""

from __future__ import annotations

import dataclasses
import ntpath
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import values
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import build, registry_values

Object = t.Mapping[str, t.Any]
KEY = r"HKLM:\SOFTWARE\Microsoft\ExchangeServer\v15\BackupInformation"
VALUES = {
    "min_copies_to_protect": "LooseTruncation_MinCopiesToProtect",
    "min_disk_free_space_threshold_mb": "LooseTruncation_MinDiskFreeSpaceThresholdInMB",
    "min_logs_to_protect": "LooseTruncation_MinLogsToProtect",
}
COPIES, SPACE, LOGS = VALUES
DEFAULTS: dict[str, int | None] = {COPIES: 0, SPACE: 204800, LOGS: None}
"""What holds without a value; for the logs 10,000 on an active copy and 100,000 on a passive one, which no one value says."""
SINCE = (15, 0, 847, 32)
LARGEST = 0x7FFFFFFF


@dataclasses.dataclass(frozen=True)
class Wishes:
    """``settings`` by the names of `VALUES`; ``unreachable`` are members that cannot be changed now."""

    settings: t.Mapping[str, int]
    accept_reseed: bool = False
    unreachable: t.Sequence[str] = ()

    @staticmethod
    def load(given: Object) -> Wishes:
        """Raises ValueError for a number that is none, or that a DWORD of Exchange cannot hold."""
        settings = {name: values.integer(given.get(name)) for name in VALUES}
        wrong = [f"{name} is {number}" for name, number in settings.items() if number is not None and not (name == SPACE) <= number <= LARGEST]
        if wrong:
            raise ValueError(f"{', '.join(wrong)}; it must be a number up to {LARGEST}, and the free space more than 0")
        found = {name: number for name, number in settings.items() if number is not None}
        return Wishes(found, bool(values.boolean(given.get("accept_reseed"))), tuple(str(one) for one in given.get("unreachable") or ()))


@dataclasses.dataclass(frozen=True)
class Group:
    """The availability group of a server; ``read`` are the values of each member that was read, None for a value that is not there."""

    name: str
    members: tuple[str, ...]
    autoreseed: bool
    databases_root: str
    read: t.Mapping[str, dict[str, int | None]]

    def after(self, wishes: Wishes, setting: str) -> int | None:
        """What holds on all members in the end; None where no value says it."""
        if setting in wishes.settings:
            return wishes.settings[setting]
        return next((found[setting] for found in self.read.values() if found[setting] is not None), DEFAULTS[setting])


def make(reading: Object, given: Object) -> dict[str, t.Any]:
    """The plan for one server; filter/truncation_plan.yml says what it holds.  Raises KeyError, ValueError."""
    wishes = Wishes.load(given)
    server = str(reading["server"])
    stats = {str(name).casefold(): stat for name, stat in reading["keys"].items()}
    group = _group(server, reading["groups"], stats)
    if group is None:
        text = f"{server} is not a member of a database availability group, and loose truncation exists on members only"
        return {"problems": [text], "hints": [], "changes": [], "saved": [], "report": {"server": server, "group": None}}
    changing = any(found[name] != number for found in group.read.values() for name, number in wishes.settings.items())
    own = stats[server.casefold()]
    wanted = [registry_values.present(KEY, VALUES[name], "dword", number) for name, number in wishes.settings.items()]
    changes = [one for one in wanted if registry_values.differs(registry_values.find(own, one["name"]), one)]
    databases = [one for one in reading["databases"] if str(one["availability_group"] or "").casefold() == group.name.casefold()]
    copies = [one for one in reading["copies"] if one["database"] in {database["name"] for database in databases}]
    return {
        "problems": [
            *_versions(group, reading["servers"]),
            *(_members(group, wishes) if wishes.settings else ()),
            *(_consequences(group, wishes, databases, copies, reading["paths"]) if changing else ()),
        ],
        "hints": list(_hints(group, wishes, databases)),
        "changes": changes,
        "saved": [registry_values.back(KEY, one["name"], registry_values.find(own, one["name"])) for one in changes],
        "report": {
            "server": server,
            "group": group.name,
            "members": {name: _shown(group.read[name.casefold()]) for name in group.members if name.casefold() in group.read},
            "unread": [name for name in group.members if name.casefold() not in group.read],
            "autoreseed": group.autoreseed,
            "copies": [_copy(one, group.after(wishes, SPACE)) for one in copies],
        },
    }


def _group(server: str, groups: t.Iterable[Object], stats: t.Mapping[str, Object]) -> Group | None:
    """From the output of Get-DatabaseAvailabilityGroup."""
    for one in groups:
        members = tuple(str(name).rpartition("/")[2] for name in one["Servers"] or ())
        if server.casefold() in (name.casefold() for name in members):
            read = {name.casefold(): _read(stats[name.casefold()]) for name in members if name.casefold() in stats}
            on = values.boolean(one.get("AutoDagAutoReseedEnabled")) is True
            return Group(str(one["Name"]), members, on, str(one.get("AutoDagDatabasesRootFolderPath") or ""), read)
    return None


def _read(stat: Object) -> dict[str, int | None]:
    """A value that is no DWORD is one that Exchange does not read."""
    found = {name: registry_values.find(stat, value) for name, value in VALUES.items()}
    return {name: int(one["value"]) if one is not None and registry_values.is_dword(one) else None for name, one in found.items()}


def _shown(read: t.Mapping[str, int | None]) -> dict[str, t.Any]:
    return {**read, "enabled": bool(read[COPIES])}


# Refusals


def _versions(group: Group, servers: t.Iterable[Object]) -> t.Iterator[str]:
    shown = {str(one["name"]).casefold(): one["admin_display_version"] for one in servers}
    for name in group.members:
        version = shown.get(name.casefold())
        if version is None:
            yield f"{name} is a member of {group.name}, and the list of servers does not have it"
        elif build.parse(version).parts < SINCE[: len(build.parse(version).parts)]:
            yield f"{name} runs {version}; loose truncation exists since Exchange Server 2013 SP1 (15.0.847.32)"


def _members(group: Group, wishes: Wishes) -> t.Iterator[str]:
    """All members have to have the same values."""
    unread = [name for name in group.members if name.casefold() not in group.read]
    known = {name.casefold() for name in wishes.unreachable}
    missing = [name for name in unread if name.casefold() not in known]
    if missing:
        yield (
            f"{', '.join(missing)} of {group.name} was not read: all members need the same values. Run the role on all of them in one play without serial, "
            "or name those that are down in loose_truncation_unreachable_members"
        )
    strangers = [name for name in wishes.unreachable if name.casefold() not in {member.casefold() for member in group.members}]
    if strangers:
        yield f"loose_truncation_unreachable_members: {', '.join(strangers)} is no member of {group.name}"
    for setting, value in VALUES.items():
        found = {name: group.read[name.casefold()][setting] for name in group.members if name.casefold() in group.read}
        if setting not in wishes.settings and len(set(found.values())) > 1:
            told = ", ".join(f"{name} {'has none' if number is None else number}" for name, number in found.items())
            yield f"the members disagree about {value} ({told}); give loose_truncation_{setting}, too"


def _consequences(group: Group, wishes: Wishes, databases: t.Sequence[Object], copies: t.Sequence[Object], paths: t.Sequence[Object]) -> t.Iterator[str]:
    """What speaks against turning it on, or against changing it while it is on."""
    protected = group.after(wishes, COPIES)
    if not protected:
        return
    replicated = [one for one in databases if len(one["copies"]) > 1]
    if not replicated:
        yield f"no database of {group.name} has a second copy, so there is nothing to protect and nothing to truncate loosely"
    for one in replicated:
        if protected > len(one["copies"]) - 1:
            yield (
                f"loose_truncation_min_copies_to_protect is {protected}, and {one['name']} has {len(one['copies']) - 1} passive "
                f"{'copy' if len(one['copies']) == 2 else 'copies'} to protect"
            )
    threshold = group.after(wishes, SPACE)
    for copy in (one for one in copies if one["database"] in {database["name"] for database in replicated}):
        free = _megabytes(copy)
        if free is not None and threshold is not None and free < threshold:
            yield (
                f"{copy['database']} on {copy['server']} has {free} MB free, less than the threshold of {threshold} MB: logs that copies still need would "
                "go at once. Free space first, or choose a lower loose_truncation_min_disk_free_space_threshold_mb"
            )
    if not wishes.accept_reseed:
        yield from _reseed(group, [str(one["name"]) for one in replicated], paths)


def _reseed(group: Group, replicated: t.Sequence[str], paths: t.Iterable[Object]) -> t.Iterator[str]:
    advice = "A copy whose logs were truncated has to be seeded again; configure Autoreseed, or set loose_truncation_accept_reseed to do it by hand"
    if not group.autoreseed or not group.databases_root:
        yield f"Autoreseed is not configured on {group.name}. {advice}"
        return
    root = ntpath.normcase(group.databases_root).rstrip("\\") + "\\"
    outside = [str(one["Name"]) for one in paths if str(one["Name"]) in replicated and not ntpath.normcase(str(one["EdbFilePath"])).startswith(root)]
    if outside:
        yield f"Autoreseed does not look after {', '.join(outside)}, because the files are not below {group.databases_root}. {advice}"


# What is shown


def _hints(group: Group, wishes: Wishes, databases: t.Iterable[Object]) -> t.Iterator[str]:
    protected = group.after(wishes, COPIES)
    for name in wishes.unreachable:
        yield f"{name} was not changed. Run the role again as soon as it is back, before its copies take part"
    for one in databases:
        if protected and len(one["copies"]) - 1 == protected:
            yield f"{one['name']}: every passive copy is protected. Exchange ignores the one that is farthest behind all the same, and no other"


def _megabytes(copy: Object) -> int | None:
    """None where the server did not tell, as for a copy whose server is down."""
    free = copy["disk_free_space_bytes"]
    return None if free is None else int(free) >> 20


def _copy(copy: Object, threshold: int | None) -> dict[str, t.Any]:
    first, last = copy["lowest_log_present"], copy["last_log_inspected"] or copy["last_log_generated"]
    free = _megabytes(copy)
    return {
        "database": copy["database"],
        "server": copy["server"],
        "status": copy["status"],
        "active": copy["active"],
        "free_mb": free,
        "below_threshold": None if free is None or threshold is None else free < threshold,
        "logs": int(last) - int(first) + 1 if first and last else None,
    }
