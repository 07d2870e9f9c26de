# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""win_group, win_group_membership, win_user_right and win_user_profile."""

from __future__ import annotations

import typing as t

from hybridlab.windows.accounts import Accounts, Group, Unknown
from hybridlab.windows.machine import Machine
from hybridlab.windows.registry import USERS, Key
from hybridlab.windows.stand_ins import StandIn
from hybridlab.windows.task import Failed, Task

PROFILES = "HKLM:\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList"


def win_group(task: Task) -> dict[str, t.Any]:
    accounts = task.machine.part(Accounts)
    group = accounts.groups.get(task["name"].lower())
    before = _group(accounts, group)
    if task["state"] == "absent":
        if group and not task.check:
            del accounts.groups[task["name"].lower()]
        return {"changed": group is not None, "sid": None, **task.compared(before, None)}
    if group is None and task.check:
        after = {"name": task["name"], "description": task["description"], "members": []}
        return {"changed": True, "sid": "S-1-5-0000", **task.compared(None, after)}
    changed = group is None
    group = group or accounts.group(task["name"])
    wanted = Group(group.name, group.sid, group.description if task["description"] is None else task["description"], list(group.members))
    wanted.members = _members(accounts, group.members, task["members"] or {})
    changed = changed or (group.description, sorted(group.members)) != (wanted.description, sorted(wanted.members))
    if not task.check:
        accounts.groups[group.name.lower()] = wanted
    return {"changed": changed, "sid": group.sid, **task.compared(before, _group(accounts, wanted))}


def _members(accounts: Accounts, current: list[str], wish: dict[str, t.Any]) -> list[str]:
    def sids(name: str) -> list[str]:
        return [_sid(accounts, one, f"Failed to translate '{one}' to a SecurityIdentifier: {{}}") for one in wish.get(name) or ()]

    if wish.get("set") is not None:
        return list(dict.fromkeys(sids("set")))
    removed = sids("remove")
    return [one for one in dict.fromkeys([*current, *sids("add")]) if one not in removed]


def _group(accounts: Accounts, group: Group | None) -> dict[str, t.Any] | None:
    if group is None:
        return None
    return {"name": group.name, "description": group.description, "members": sorted(accounts.name(sid) for sid in group.members)}


def win_group_membership(task: Task) -> dict[str, t.Any]:
    accounts, state = task.machine.part(Accounts), task["state"]
    group = accounts.groups.get(task["name"].lower())
    if group is None:
        raise Failed(f"Could not find local group {task['name']}", name=task["name"])
    wanted = [_sid(accounts, one, f"account_name: {one} is not a valid account, cannot get SID: {{}}") for one in task["members"]]
    added = [] if state == "absent" else [sid for sid in dict.fromkeys(wanted) if sid not in group.members]
    gone = {"present": [], "absent": [sid for sid in group.members if sid in wanted], "pure": [sid for sid in group.members if sid not in wanted]}[state]
    after = [sid for sid in (*group.members, *added) if sid not in gone]
    if not task.check:
        group.members = after
    shown = {"added": [accounts.name(sid) for sid in added]} if state != "absent" else {}
    shown |= {"removed": [accounts.name(sid) for sid in gone]} if state != "present" else {}
    return {"changed": bool(added or gone), "name": task["name"], "members": [accounts.name(sid) for sid in after], **shown}


def win_user_right(task: Task) -> dict[str, t.Any]:
    accounts, name = task.machine.part(Accounts), task["name"]
    users = [_sid(accounts, one, f"Failed to translate the account '{one}' to a SID: {{}}") for one in task["users"]]
    right = next((one for one in accounts.rights if one.lower() == name.lower()), None)
    if right is None:
        raise Failed(f"the specified right {name} is not a valid right: A specified privilege does not exist.", added=[], removed=[])
    current = accounts.rights[right]
    added = [] if task["action"] == "remove" else [sid for sid in dict.fromkeys(users) if sid not in current]
    removed = {"add": [], "remove": [sid for sid in current if sid in users], "set": [sid for sid in current if sid not in users]}[task["action"]]
    after = [sid for sid in (*current, *added) if sid not in removed]
    if not task.check:
        accounts.rights[right] = after
    result = {"changed": bool(added or removed), "added": [accounts.name(sid) for sid in added], "removed": [accounts.name(sid) for sid in removed]}
    return result | task.compared({name: [accounts.name(sid) for sid in current]}, {name: [accounts.name(sid) for sid in after]})


def win_user_profile(task: Task) -> dict[str, t.Any]:
    return _make_profile(task) if task["state"] == "present" else _remove_profile(task)


def _make_profile(task: Task) -> dict[str, t.Any]:
    machine, accounts = task.machine, task.machine.part(Accounts)
    sid = _sid(accounts, task["username"], "argument for username is of type System.String and we were unable to convert to sid: {}")
    known = machine.registry.find(f"{PROFILES}\\{sid}")
    found = known.value("ProfileImagePath") if known else None
    if found is not None:
        return {"changed": False, "path": found.data}
    if accounts.name(sid) == sid:
        raise Failed(f"Fail to map the account '{sid}' to a valid user", path=None)
    path = f"C:\\Users\\{task['name'] or accounts.name(sid).rpartition(chr(92))[2]}"
    if not task.check:
        machine.files.make_directory(path)
        machine.files.write(f"{path}\\NTUSER.DAT", b"")
        default = machine.registry.files.get("c:\\users\\default\\ntuser.dat", Key("default"))
        machine.registry.files[f"{path}\\ntuser.dat".lower()] = _copied(default)
        machine.registry.make(f"{PROFILES}\\{sid}").set("ProfileImagePath", "expandstring", path)
    return {"changed": True, "path": path}


def _remove_profile(task: Task) -> dict[str, t.Any]:
    machine, accounts = task.machine, task.machine.part(Accounts)
    profiles = machine.registry.find(PROFILES)
    keys = profiles.keys if profiles else {}
    if task["username"]:
        sid = _sid(accounts, task["username"], "argument for username is of type System.String and we were unable to convert to sid: {}")
        found = [key for key in keys.values() if key.name.upper() == sid]
    else:
        path = f"c:\\users\\{task['name']}".lower()
        found = [key for key in keys.values() if _image(key).lower() == path]
    if len(found) > 1 and not task["remove_multiple"]:
        what = "set 'remove_multiple=True' to remove all the profiles for this match"
        raise Failed(f"Found multiple profiles matching the path '{_image(found[0])}', {what}", path=None)
    for key in found:
        if machine.registry.roots[USERS].find(key.name):
            raise Failed(f"Failed to delete the profile for {key.name}: The process cannot access the file (Win32 ErrorCode 32 - 0x00000020)", path=None)
        if not task.check:
            machine.files.remove(_image(key))
            del keys[key.name.lower()]
    return {"changed": bool(found), "path": _image(found[-1]) if found else None}


def _image(key: Key) -> str:
    value = key.value("ProfileImagePath")
    return str(value.data) if value else ""


def _copied(key: Key) -> Key:
    return Key(key.name, dict(key.values), {name: _copied(one) for name, one in key.keys.items()})


def _sid(accounts: Accounts, name: str, message: str) -> str:
    try:
        return accounts.sid(str(name))
    except Unknown as error:
        raise Failed(message.format(error)) from error


def _govern(machine: Machine, rights: t.Mapping[str, t.Sequence[str]]) -> None:
    machine.part(Accounts).govern(rights)


PARTS = (Accounts,)
CHANGES: dict[str, t.Callable[[Machine, t.Any], None]] = {"governed_rights": _govern}
STAND_INS: dict[str, StandIn] = {
    "ansible.windows.win_group": win_group,
    "ansible.windows.win_group_membership": win_group_membership,
    "ansible.windows.win_user_right": win_user_right,
    "ansible.windows.win_user_profile": win_user_profile,
}
