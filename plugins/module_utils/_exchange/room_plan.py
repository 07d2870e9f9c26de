# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role meeting_room does with each room, step by step, and what became of it.  Nothing here talks to a service.

A step is one kind of object, worked on by `bulk`.  A room that was refused, or that failed in a step, takes part in no later one, and the
others go on.  Before anything is changed every step is asked what it would do with the objects that are there already (``now``).
"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import room_refusals
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.room_reading import NO_GUID, Found, Room, Row, find

DELEGATES = {
    "mailbox": "exchange_online",
    "calendar": "exchange_online",
    "user": "graph",
    "licences": "graph",
    "remote_mailbox": "exchange",
    "account": "directory",
    "skype": "skype",
}
"""The steps in their order, each with the host it runs on.  Synchronisation comes between ``account`` and ``skype``."""
MODULES = {
    "mailbox": "exchange_mailbox",
    "calendar": "exchange_calendar_processing",
    "user": "entra_user",
    "licences": "entra_license",
    "remote_mailbox": "exchange_remote_mailbox",
    "account": "ad_user",
    "skype": "skype_meeting_room",
}
Steps = t.Iterable[t.Sequence[t.Any]]
"""Pairs of a step as it was run, and its outcomes."""
_CHANGED = ("created", "updated", "deleted")
_CALENDAR = {"automate_processing": "auto_accept", "add_organizer_to_subject": False, "delete_subject": False}
_WAY_BACK = {"mailbox": {"state": "absent"}, "licences": {"state": "absent"}, "remote_mailbox": {"state": "absent"}, "skype": {"state": "absent"}}
"""What takes a made object away.  An account goes with its remote mailbox, a user with its mailbox."""
_HALVES = ("mailbox", "remote_mailbox")
REMINDER = "Exclude the room from conditional access policies that ask for a second factor: nobody answers there"


class Rooms:
    """Rooms that are wanted, each with what was found of it."""

    def __init__(self, reading: Row, wishes: Row) -> None:
        self.wishes, self.reading = wishes, reading
        self.rooms: list[Room] = []
        self.found: dict[str, Found] = {}
        self.failed: dict[str, list[str]] = {address: list(reasons) for address, reasons in (reading.get("failed") or {}).items()}
        taken: set[str] = set()
        for entry in wishes["rooms"]:
            room = Room.load(entry, wishes)
            names = {room.address.casefold(), room.upn.casefold()}
            if names & taken:
                raise UsageError(f"{' or '.join(sorted(names & taken))} is the name of two rooms in the list")
            taken |= names
            self.rooms.append(room)
            self.found[room.address] = find(room, reading)

    @property
    def good(self) -> list[Room]:
        return [room for room in self.rooms if not self.failed.get(room.address)]

    def fail(self, address: str, text: str) -> None:
        reasons = self.failed.setdefault(address, [])
        if text not in reasons:
            reasons.append(text)

    def refuse(self) -> None:
        """Fail those that cannot be begun."""
        secrets = {str(one).casefold() for one in self.wishes.get("secrets") or ()}
        for room in self.rooms:
            found = self.found[room.address]
            for text in (*room_refusals.of(room, found, self.reading, secrets), *room_refusals.synchronisation(found, self.reading, self.wishes)):
                self.fail(room.address, text)
        places = [(room, self.found[room.address]) for room in self.good]
        for address, texts in room_refusals.seats(places, self.reading["subscriptions"]).items():
            for text in texts:
                self.fail(address, text)


def make(reading: Row, wishes: Row) -> dict[str, t.Any]:
    """The plan; filter/room_plan.yml says what it holds.  Raises KeyError, ValueError, UsageError."""
    if not reading:
        return {"queries": [_query(Room.load(entry, wishes)) for entry in wishes["rooms"]]}
    rooms = Rooms(reading, wishes)
    if not reading.get("begun"):
        rooms.refuse()
    changed, seen = _outcomes(rooms, reading.get("done") or ()), reading.get("seen") or ()
    for one in reading.get("passwords") or ():
        if one.get("error"):
            rooms.fail(one["item"]["address"], f"password: {one['msg']}")
    _mismatches(rooms, reading)
    _cycle(rooms, reading)
    _arrivals(rooms, reading.get("arrivals"))
    _outcomes(rooms, reading.get("verified") or (), last=True)
    steps = {name: _step(name, rooms) for name in DELEGATES}
    unsynced = [room for room in rooms.good if not rooms.found[room.address].synced]
    moved = {room for name in ("remote_mailbox", "account") for room in changed.get(name, ())}
    return {
        "failed": rooms.failed,
        "good": [room.address for room in rooms.good],
        "steps": steps,
        "now": [_now(step, rooms) for step in steps.values()],
        "passwords": [room.address for room in rooms.good if room_refusals.needs_password(rooms.found[room.address])],
        "cloud_passwords": [{"address": room.address, "upn": room.upn} for room in rooms.good if not rooms.found[room.address].synced],
        "quiet": _is_quiet(rooms, steps, seen) and not unsynced,
        "stale": bool(changed) or any(rooms.found[room.address].mailbox is None for room in rooms.good),
        "to_synchronise": [{"address": room.address, "upn": room.upn} for room in rooms.good if room in unsynced or room.address in moved],
        "saved": _saved(rooms, seen),
        "report": _report(rooms, changed, reading),
    }


def _query(room: Room) -> dict[str, str]:
    """How to ask for everything that holds a room's names.  The marks of each filter language are escaped."""
    escaped = {name: "".join(f"\\{ord(one):02x}" if one in "\\*()\0" else one for one in text) for name, text in (("upn", room.upn), ("mail", room.address))}
    quoted = room.address.replace("'", "''")
    return {
        "address": room.address,
        "upn": room.upn,
        "recipients": f"EmailAddresses -eq 'smtp:{quoted}'",
        "users": f"proxyAddresses/any(p:p eq 'smtp:{quoted}')",
        "directory": f"(|(userPrincipalName={escaped['upn']})(mail={escaped['mail']})(proxyAddresses=smtp:{escaped['mail']}))",
    }


def _step(name: str, rooms: Rooms) -> dict[str, t.Any]:
    """The objects of a step, and beside them the rooms they belong to."""
    pairs = [(room, one) for room in rooms.good for one in _objects(name, room, rooms.found[room.address], rooms.reading)]
    return {
        "name": name,
        "module": MODULES[name],
        "delegate": DELEGATES[name],
        "rooms": [room.address for room, _one in pairs],
        "objects": [one for _room, one in pairs],
    }


def _now(step: dict[str, t.Any], rooms: Rooms) -> dict[str, t.Any]:
    """The step without the objects that only an earlier step makes possible."""
    kept = [number for number, address in enumerate(step["rooms"]) if _is_there(step["name"], rooms.found[address])]
    return step | {"rooms": [step["rooms"][one] for one in kept], "objects": [step["objects"][one] for one in kept]}


def _is_there(name: str, found: Found) -> bool:
    if name == "user":
        return found.user is not None
    if name == "licences":
        return bool(found.user and found.user.get("usage_location"))
    if name == "calendar":
        return found.mailbox is not None
    return found.account is not None if name in ("account", "skype") else True


def _objects(name: str, room: Room, found: Found, reading: Row) -> t.Iterator[dict[str, t.Any]]:
    yield from t.cast(t.Iterable[dict[str, t.Any]], _MAKERS[name](room, found, reading))


def _given(**options: t.Any) -> dict[str, t.Any]:
    return {name: value for name, value in options.items() if value is not None}


def _mailbox(room: Room, found: Found, reading: Row) -> t.Iterator[dict[str, t.Any]]:
    """A user that is synchronised gets its mailbox from synchronisation or from its licence."""
    if found.mailbox is not None:
        yield _given(identity=room.address, type="room", resource_capacity=room.capacity)
    elif not found.synced:
        names = _given(identity=room.address, name=room.name, display_name=room.name, alias=room.alias, primary_smtp_address=room.address)
        yield names | _given(type="room", enable_room_mailbox_account=True, microsoft_online_services_id=room.upn, resource_capacity=room.capacity)


def _calendar(room: Room, found: Found, reading: Row) -> t.Iterator[dict[str, t.Any]]:
    yield {"identity": room.address, **_CALENDAR, **room.calendar}


def _user(room: Room, found: Found, reading: Row) -> t.Iterator[dict[str, t.Any]]:
    """Whether a synchronised room may sign in is said in Active Directory only."""
    enabled = None if found.synced else True
    yield _given(identity=room.upn, usage_location=room.usage_location, account_enabled=enabled, password_policies={"add": ["disable_password_expiration"]})


def _licences(room: Room, found: Found, reading: Row) -> t.Iterator[dict[str, t.Any]]:
    for sku in room.licenses:
        yield {"identity": room.upn, "sku": sku}


def _remote_mailbox(room: Room, found: Found, reading: Row) -> t.Iterator[dict[str, t.Any]]:
    names = _given(identity=room.address, type="room", email_address_policy_enabled=False, remote_routing_address=room.remote_routing_address)
    names |= _given(exchange_guid=_guid(found, "exchange_guid"), archive_guid=_guid(found, "archive_guid"))
    if found.account is None:
        names |= _given(name=room.name, display_name=room.name, alias=room.alias, user_principal_name=room.upn, primary_smtp_address=room.address)
        names |= _given(on_premises_organizational_unit=room.organizational_unit)
    yield names


def _guid(found: Found, name: str) -> str | None:
    value = (found.mailbox or {}).get(name)
    return None if value in (None, "", NO_GUID) else str(value)


def _account(room: Room, found: Found, reading: Row) -> t.Iterator[dict[str, t.Any]]:
    yield {"identity": room.upn, "enabled": True, "password_never_expires": True}


def _skype(room: Room, found: Found, reading: Row) -> t.Iterator[dict[str, t.Any]]:
    if room.platform == "skype_server":
        pool = room.registrar_pool or next(iter(room_refusals.pools_in_use(reading)), None)
        yield {"identity": room.upn, "sip_address_type": "email_address", **_given(registrar_pool=pool), **room.skype}


_MAKERS = {
    "mailbox": _mailbox,
    "calendar": _calendar,
    "user": _user,
    "licences": _licences,
    "remote_mailbox": _remote_mailbox,
    "account": _account,
    "skype": _skype,
}


def _outcomes(rooms: Rooms, done: Steps, last: bool = False) -> dict[str, list[str]]:
    """The rooms that each step changed; a room whose object failed has failed.  After the last look, what is not at rest has failed as well."""
    changed: dict[str, list[str]] = {}
    for step, lines in done:
        name = step["name"]
        for line in lines:
            address = step["rooms"][int(line["number"]) - 1]
            if line["outcome"] in _CHANGED and not last:
                changed.setdefault(name, []).append(address)
            elif line["outcome"] != "unchanged":
                why = line.get("msg") or ("after the change it is not as declared" if last else "not begun")
                rooms.fail(address, f"{name.replace('_', ' ')}: {why}")
    return changed


def _mismatches(rooms: Rooms, reading: Row) -> None:
    """Once both halves are made, their names must be the same before synchronisation joins them."""
    if reading.get("both_halves"):
        for room in rooms.good:
            found = rooms.found[room.address]
            if found.account is None:
                rooms.fail(room.address, f"Active Directory shows no account of the remote mailbox {room.upn}")
            if found.mailbox is None:
                rooms.fail(room.address, f"Exchange Online shows no mailbox {room.address}")
            for text in room_refusals.mismatches(room, found):
                rooms.fail(room.address, text)


def _cycle(rooms: Rooms, reading: Row) -> None:
    """Rules that keep an account out, and errors that a cycle had for it; a cycle that did not end well brought nobody."""
    by_upn = {room.upn.casefold(): room.address for room in rooms.rooms}
    scope, cycle = reading.get("scope") or {}, reading.get("cycle") or {}
    anchors: dict[t.Any, str] = {}
    for one in scope.get("objects") or ():
        address = by_upn.get(str(one.get("user_principal_name")).casefold())
        if address is not None:
            anchors[one.get("immutable_id")] = address
            if one["excluded_by"]:
                rooms.fail(address, f"it is not synchronised: {'; '.join(one['excluded_by'])}")
    for one in cycle.get("errors") or ():
        if one.get("immutable_id") in anchors:
            rooms.fail(anchors[one["immutable_id"]], f"synchronisation had an error for it: {one.get('type')} - {one['message']}")
    if cycle.get("failed") or ("msg" in cycle and "result" not in cycle):
        for address in anchors.values():
            rooms.fail(address, f"synchronisation failed: {cycle.get('msg')}")


def _arrivals(rooms: Rooms, arrivals: t.Iterable[Row] | None) -> None:
    """What the tenant has of the rooms that were synchronised."""
    for one in arrivals or ():
        if one["status"] != "synchronized":
            room = next(room for room in rooms.rooms if room.upn.casefold() == str(one["identity"]).casefold())
            rooms.fail(room.address, f"synchronisation did not bring it. Seen last: {one['message']}")


def _is_quiet(rooms: Rooms, steps: t.Mapping[str, Row], seen: Steps) -> bool:
    """Whether the first look at every object found it as declared, so that nothing is left to do and to verify."""
    outcomes = {step["name"]: [line["outcome"] for line in _lines(text)] for step, text in seen}
    passwords = any(room_refusals.needs_password(rooms.found[room.address]) for room in rooms.good)
    return not passwords and all(outcomes.get(name, []) == ["unchanged"] * len(step["objects"]) for name, step in steps.items())


def _saved(rooms: Rooms, seen: Steps) -> dict[str, list[dict[str, t.Any]]]:
    """Options that lead back, by step; ``seen`` are steps, each with the lines of its result file: what a changed object had, or that a made one goes.

    A room that began on one side keeps what it got on the other: once both are synchronised, removing one half takes the other with it.
    Whether it may sign in belongs to Active Directory then.
    """
    saved: dict[str, list[dict[str, t.Any]]] = {}
    for step, text in seen:
        name = step["name"]
        for line in _lines(text):
            number = int(line["number"]) - 1
            wanted, found = step["objects"][number], rooms.found[step["rooms"][number]]
            named = {key: wanted[key] for key in ("identity", "sku") if key in wanted}
            before = {key: value for key, value in ((line.get("diff") or {}).get("before") or {}).items() if value is not None}
            stays = name in _HALVES and (found.mailbox is not None or found.account is not None)
            if line["outcome"] == "created" and name in _WAY_BACK and not stays:
                saved.setdefault(name, []).append(named | _WAY_BACK[name])
            elif line["outcome"] == "updated":
                kept = {key: value for key, value in before.items() if (name, key) != ("user", "account_enabled")}
                saved.setdefault(name, []).append(named | kept)
    return saved


def _lines(text: t.Any) -> list[Row]:
    """The lines of a result file, as text or already read."""
    return [json.loads(line) for line in text.splitlines() if line.strip()] if isinstance(text, str) else list(text)


def _report(rooms: Rooms, changed: t.Mapping[str, list[str]], reading: Row) -> list[dict[str, t.Any]]:
    """Every room with what became of it and what was read back."""
    arrived = {str(one["identity"]).casefold(): one for one in reading.get("arrivals") or ()}
    skype = {str(one.get("user_principal_name")).casefold(): one for one in reading.get("meeting_rooms") or ()}
    rows = []
    for room in rooms.rooms:
        found, steps = rooms.found[room.address], [name for name, addresses in changed.items() if room.address in addresses]
        problems = rooms.failed.get(room.address) or []
        rows.append(
            {
                "room": room.address,
                "platform": room.platform,
                "outcome": "failed" if problems else "changed" if steps else "unchanged",
                "problems": problems,
                "changed": steps,
                "mailbox": found.mailbox,
                "user": found.user,
                "account": found.account,
                "synchronised": found.synced,
                "arrival": (arrived.get(room.upn.casefold()) or {}).get("message"),
                "skype": skype.get(room.upn.casefold()),
                "reminders": [REMINDER] if room.platform == "teams" else [],
            }
        )
    return rows
