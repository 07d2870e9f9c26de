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
        return {"problems": [text], "subjects": [], "waiting": [], "removals": [], "saved": [], "left": []}
    live = _names(list(reading["servers"]))
    named = [str(one) for one in wishes.get("stale") or ()]
    all_of_them = values.boolean(wishes.get("all_stale")) is True
    subjects: list[dict[str, t.Any]] = [{"name": name, "kind": kind, "live": _is(name, live)} for name, kind in _subjects(stat)]
    chosen = {spelling for one in named for spelling in (one.casefold(), _short(one))}
    removals = [one for one in subjects if not one["live"] and (all_of_them or _short(one["name"]) in chosen or one["name"].casefold() in chosen)]
    trees = reading.get("trees") or {}
    waiting = [key for one in removals if one["kind"] == KEY for key in _keys(f"{path}\\{one['name']}", trees) if key not in trees]
    exported = [] if waiting else removals
    return {
        "problems": list(_problems(server, live, named)),
        "subjects": subjects,
        "waiting": waiting,
        "removals": [_removal(path, one) for one in exported],
        "saved": [entry for one in exported for entry in _saved(path, one, stat, trees)],
        "left": [one["name"] for one in subjects if not one["live"] and one not in removals],
    }


def _subjects(stat: Object) -> t.Iterator[tuple[str, str]]:
    yield from ((str(name), KEY) for name in stat["sub_keys"])
    yield from ((str(name), VALUE) for name in stat["properties"] if name)  # the key's own default value names nobody


def _names(servers: t.Iterable[Object]) -> set[str]:
    """Every spelling of every server, of exchange_server_info or as an object of Active Directory: its name and its full names."""
    addresses = (str(address) for one in servers for address in one.get("networkAddress") or () if str(address).lower().startswith("ncacn_ip_tcp:"))
    names = {str(one[key]) for one in servers for key in ("name", "fqdn") if one.get(key)}
    return {name.casefold() for name in (*names, *(address.partition(":")[2] for address in addresses))}


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


def _keys(key: str, trees: t.Mapping[str, Object]) -> t.Iterator[str]:
    """A key and all keys below it, as far as they were read, and those that are to be read next."""
    yield key
    found = trees.get(key)
    if found is not None and found["exists"]:
        for name in found["sub_keys"]:
            yield from _keys(f"{key}\\{name}", trees)


def _saved(path: str, subject: Object, stat: Object, trees: t.Mapping[str, Object]) -> t.Iterator[dict[str, t.Any]]:
    """Options of win_regedit that bring it back: each key, and the values in it."""
    name = str(subject["name"])
    if subject["kind"] == VALUE:
        yield registry_values.back(path, name, registry_values.find(stat, name))
        return
    for key in _keys(f"{path}\\{name}", trees):
        if trees[key]["exists"]:
            yield {"path": key, "name": None, "state": "present"}
            yield from (registry_values.back(key, str(one), value) for one, value in trees[key]["properties"].items())
