# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Presence in Outlook: which client each profile of a Windows host is to name, and whether the option is switched off.

Office looks for ``DefaultIMApp`` in ``Software\\IM Providers`` of the user, and for the client of that name in ``SOFTWARE\\IM Providers`` of the machine
(Microsoft, "Integrating IM applications with Office").  Nothing here talks to a host.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._exchange import registry_values

Object = t.Mapping[str, t.Any]
PROVIDERS, DEFAULT = r"Software\IM Providers", "DefaultIMApp"
NEW_USERS = "default"
"""The profile of users who have not signed in yet; its hive is a file, which Windows loads as `LOADED` for a moment."""
LOADED = r"HKLM:\ANSIBLE"
_PERSON = re.compile(r"S-1-(5-21|12-1)(-\d+)+$", re.IGNORECASE)


def profiles(stat: Object) -> list[str]:
    """The users whose hives are loaded, of HKEY_USERS; neither services nor the classes that each user has beside."""
    if not stat["exists"]:
        raise ValueError("HKEY_USERS was not found, which cannot be")
    return [str(name) for name in stat["sub_keys"] if _PERSON.match(str(name))]


def make(reading: Object, wishes: Object) -> dict[str, t.Any]:
    """The plan for a host; filter/presence_plan.yml says what it holds.  Raises KeyError for what was not read, ValueError."""
    sids = profiles(reading["users"])
    options = [_option(str(version), str(wishes["option"])) for version in wishes["versions"]]
    if "machine" not in reading:
        return _reads(sids, options, wishes["evidence"])
    clients = list(dict.fromkeys(str(one["client"]) for one in wishes["evidence"]))
    wanted = str(wishes.get("client") or "")
    machine = _installed(reading["machine"])
    found = {sid: machine | _installed(one for one in reading["own"] if one["item"]["sid"] == sid) for sid in sids}
    everywhere = [one for one in clients if any(one in have for have in (machine, *found.values()))]
    choices = {sid: _choice(wanted, [one for one in clients if one in have]) for sid, have in {**found, NEW_USERS: machine}.items()}
    stats = {(one["item"]["sid"], one["item"]["below"]): one for one in reading["values"]}
    plans = [_profile(sid, choices[sid], {path: stat for (of, path), stat in stats.items() if of == sid}, options) for sid in sids]
    if reading.get("new_users") is not None:
        plans.append(_new_users(choices[NEW_USERS], reading["new_users"]))
    return {
        "problems": list(_problems(wanted, everywhere, clients, [sid for sid, have in found.items() if len(have) > 1 and not choices[sid]])),
        "installed": everywhere,
        "changes": [change for one in plans for change in one.pop("changes")],
        "saved": [back for one in plans for back in one.pop("saved")],
        "report": plans,
    }


def _option(version: str, name: str) -> dict[str, str]:
    """Where a version of Outlook keeps the option, and where a policy does."""
    path = rf"Microsoft\Office\{version}\Outlook\IM"
    return {"path": rf"Software\{path}", "policy": rf"Software\Policies\{path}", "name": name}


def _reads(sids: t.Sequence[str], options: t.Sequence[Object], evidence: t.Sequence[Object]) -> dict[str, t.Any]:
    """What is to be read of the machine, and of each profile."""
    below = [PROVIDERS, *(str(one[kind]) for one in options for kind in ("path", "policy"))]
    own = [(sid, one) for sid in sids for one in evidence if one.get("hive") is not None]
    return {
        "profiles": list(sids),
        "machine": [{"client": one["client"], "path": one["path"], "prefix": one.get("prefix") or ""} for one in evidence if one.get("hive") is None],
        "own": [
            {"sid": sid, "client": one["client"], "path": rf"HKU:\{sid}{one['hive']}\{one['path']}", "prefix": one.get("prefix") or ""} for sid, one in own
        ],
        "values": [{"sid": sid, "below": path, "path": rf"HKU:\{sid}\{path}"} for sid in sids for path in below],
    }


def _installed(evidence: t.Iterable[Object]) -> set[str]:
    """Clients of which there is a key, or a subkey whose name begins as it should; ``evidence`` are loop results of win_reg_stat."""
    return {str(one["item"]["client"]) for one in evidence if _is_there(one)}


def _is_there(stat: Object) -> bool:
    if not stat["exists"]:
        return False
    prefix = str(stat["item"].get("prefix") or "").casefold()
    return not prefix or any(str(name).casefold().startswith(prefix) for name in stat["sub_keys"])


def _choice(wanted: str, installed: t.Sequence[str]) -> str:
    """The client that a profile is to name; empty where there is none, or where nobody can say which."""
    if wanted:
        return wanted if wanted in installed else ""
    return installed[0] if len(installed) == 1 else ""


def _problems(wanted: str, everywhere: t.Sequence[str], clients: t.Sequence[str], undecided: t.Sequence[str]) -> t.Iterator[str]:
    if not everywhere:
        yield f"none of {', '.join(clients)} is installed for anybody on this host; a client that is not there would leave presence greyed out"
    elif wanted and wanted not in everywhere:
        yield f"{wanted} is not installed for anybody on this host; there is {', '.join(everywhere)}"
    elif undecided and not wanted:
        yield f"several clients are installed ({', '.join(everywhere)}), so outlook_presence_client has to say which one Outlook asks"


def _profile(sid: str, client: str, seen: t.Mapping[str, Object], options: t.Sequence[Object]) -> dict[str, t.Any]:
    """A profile whose hive is loaded; ``seen`` are stats by the path below it."""
    named = registry_values.find(seen[PROVIDERS], DEFAULT)
    shown: dict[str, t.Any] = {"profile": sid, "client": client or None, "before": named and named["value"], "policy": None, "changes": [], "saved": []}
    if not client:
        return shown | {"status": "client_not_installed"}
    wanted = [(rf"HKU:\{sid}\{PROVIDERS}", named, registry_values.present(rf"HKU:\{sid}\{PROVIDERS}", DEFAULT, "string", client))]
    for option in options:
        path, name = str(option["path"]), str(option["name"])
        if registry_values.data(seen[option["policy"]], name) == 0:
            shown["policy"] = f"{option['policy']}\\{name} is 0"
            continue
        value = registry_values.find(seen[path], name)
        if value is not None and value["value"] == 0:  # without a value it is switched on
            wanted.append((rf"HKU:\{sid}\{path}", value, registry_values.present(rf"HKU:\{sid}\{path}", name, "dword", 1)))
    changes = [(value, one) for _path, value, one in wanted if registry_values.differs(value, one)]
    return shown | {
        "status": "policy" if shown["policy"] else "differs" if changes else "ok",
        "changes": [one for _value, one in changes],
        "saved": [registry_values.back(one["path"], one["name"], value) for value, one in changes],
    }


def _new_users(client: str, seen: Object) -> dict[str, t.Any]:
    """The profile of new users.  ``seen`` has ``file`` and ``result``, what win_regedit in check mode said it would change there."""
    path = rf"{LOADED}\{PROVIDERS}"
    result = seen["result"]
    before = _before(result["diff"]["before"], path)
    shown: dict[str, t.Any] = {"profile": NEW_USERS, "client": client or None, "before": before, "policy": None, "changes": [], "saved": []}
    if not client:
        return shown | {"status": "client_not_installed"}
    change = registry_values.present(path, DEFAULT, "string", client) | {"hive": seen["file"]}
    found = None if before is None else {"type": "REG_SZ", "value": before, "raw_value": before}
    if not registry_values.differs(found, change):
        return shown | {"status": "ok"}
    return shown | {"status": "differs", "changes": [change], "saved": [registry_values.back(path, DEFAULT, found) | {"hive": seen["file"]}]}


def _before(told: t.Any, path: str) -> str | None:
    """The value that a difference of win_regedit shows, None where there is none."""
    key = told.get(path) if isinstance(told, t.Mapping) else None
    value = key.get(DEFAULT) if isinstance(key, t.Mapping) else None
    return None if value is None else str(value["value"])
