# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of servers that managed availability still watches although they are gone: which of them may be removed from a server's registry.

A name is a subkey or a value of the key of subjects.  It is stale only when a list of servers that was read from Active Directory lacks it, and that list
counts only when it has the server itself, whose registry this is.  Nothing here talks to a server.
"""

from __future__ import annotations

import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import values
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import registry_values

Object = t.Mapping[str, t.Any]
KEY, VALUE = "key", "value"


def make(reading: Object, wishes: Object) -> dict[str, t.Any]:
    """The plan; filter/subjects_plan.yml says what it holds.  Raises KeyError for what was not read, ValueError."""
    path, server, stat = str(reading["path"]), str(reading["server"]), reading["key"]
    if not stat["exists"]:
        text = f"{path} does not exist on {server}, so nothing is known of what it watches. Name the key of this version in managed_availability_subjects_path"
        return {"problems": [text], "subjects": [], "removals": [], "saved": [], "left": []}
    live = _names(reading["servers"])
    named = [str(one) for one in wishes.get("stale") or ()]
    all_of_them = values.boolean(wishes.get("all_stale")) is True
    subjects: list[dict[str, t.Any]] = [{"name": name, "kind": kind, "live": _is(name, live)} for name, kind in _subjects(stat)]
    chosen = {spelling for one in named for spelling in (one.casefold(), _short(one))}
    removals = [one for one in subjects if not one["live"] and (all_of_them or _short(one["name"]) in chosen or one["name"].casefold() in chosen)]
    return {
        "problems": list(_problems(server, live, named)),
        "subjects": subjects,
        "removals": [_removal(path, one) for one in removals],
        "saved": [entry for one in removals for entry in _saved(path, one, stat, reading.get("trees") or {})],
        "left": [one["name"] for one in subjects if not one["live"] and one not in removals],
    }


def _subjects(stat: Object) -> t.Iterator[tuple[str, str]]:
    yield from ((str(name), KEY) for name in stat["sub_keys"])
    yield from ((str(name), VALUE) for name in stat["properties"] if name)  # the key's own default value names nobody


def _names(servers: t.Iterable[Object]) -> set[str]:
    """Every spelling of every server: its name and its full name."""
    return {str(one[key]).casefold() for one in servers for key in ("name", "fqdn") if one.get(key)}


def _short(name: str) -> str:
    return name.casefold().partition(".")[0]


def _is(name: str, live: t.Collection[str]) -> bool:
    """Whether a name is, or could be, one of these servers: in doubt it is."""
    return name.casefold() in live or _short(name) in live


def _problems(server: str, live: t.Collection[str], named: t.Iterable[str]) -> t.Iterator[str]:
    if not live:
        yield "Active Directory shows no Exchange server at all, which cannot be true; perhaps the account does not see them"
    elif not _is(server, live):
        yield f"the list of servers from Active Directory lacks {server} itself, so it is not complete, and what it lacks is not gone"
    for name in named:
        if _is(name, live):
            yield f"managed_availability_stale_servers: {name} is a server of the organization, so its name stays"


def _removal(path: str, subject: Object) -> dict[str, t.Any]:
    if subject["kind"] == KEY:
        return {"path": f"{path}\\{subject['name']}", "name": None, "state": "absent"}
    return {"path": path, "name": subject["name"], "state": "absent"}


def _saved(path: str, subject: Object, stat: Object, trees: t.Mapping[str, Object]) -> t.Iterator[dict[str, t.Any]]:
    """Options of win_regedit that bring it back: keys first, and the values in them.  Raises KeyError for a key that was not read whole."""
    name = str(subject["name"])
    if subject["kind"] == VALUE:
        yield registry_values.back(path, name, registry_values.find(stat, name))
        return
    waiting = [f"{path}\\{name}"]
    while waiting:
        key = waiting.pop(0)
        found = trees[key]
        if not found["exists"]:
            continue
        yield {"path": key, "name": None, "state": "present"}
        yield from (registry_values.back(key, str(one), value) for one, value in found["properties"].items())
        waiting += [f"{key}\\{one}" for one in found["sub_keys"]]
