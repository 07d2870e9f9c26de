# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what an estate answered to the file that declares it: what to read, and how the file says it.

Each place of the file is in one of these states: ``exported``, ``unknown`` (it could not be read: left out), ``no_host`` (the inventory has none for it)
and ``not_derived`` (nothing of the estate says what the variables of a role should be).
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.plugin_utils import estate_derived, estate_yaml
from ansible_collections.m365.hybrid.plugins.plugin_utils.estate_file import HOSTS, Inventory, Part

Values = t.Mapping[str, t.Any]
BANNER = "# The estate as it is, written by the role m365.hybrid.estate_export.\n"
_ABOUT = (
    "Running m365.hybrid.hybrid_estate on it changes nothing; change what you want changed. Areas, lists and options that are not here are not managed.",
    "There are no secrets in it: a password or key is used when an object is made, and read by nobody. Keep those that you add in a vault.",
    "The next export writes over this file.",
)
_NOT_DERIVED = {
    "servers.lifecycle": "the role exchange_lifecycle only reports and has no state to export; lifecycle: {} has it run",
    "ad_fs.certificate": "a renewal needs the new certificate, which no estate has; certificate: {} reports how long the present ones last",
}


@dataclasses.dataclass
class Found:
    """What became of one place.  ``notes`` are for its comment."""

    place: str
    at: tuple[str, ...]
    area: str
    state: str
    host: str = ""
    value: t.Any = None
    notes: list[str] = dataclasses.field(default_factory=list)

    @property
    def objects(self) -> int | None:
        return len(self.value) if isinstance(self.value, list) else None


def plan(parts: t.Sequence[Part], areas: t.Collection[str], hosts: Values, inventory: Inventory) -> dict[str, t.Any]:
    """The places to be read: ``objects`` of modules, ``roles`` whose variables are derived; and ``fixed``, where there is nothing to ask."""
    chosen = [part for part in parts if part.area in areas]
    return {
        "banner": BANNER,
        "areas": [area for area in dict.fromkeys(part.area for part in parts) if area in areas],
        "objects": [_place(part, hosts, inventory) | {"module": part.module, "single": part.single} for part in chosen if part.module],
        "roles": [_place(part, hosts, inventory) | {"role": part.role} for part in chosen if part.role and part.place not in _NOT_DERIVED],
        "fixed": [{"place": part.place, "area": part.area, "at": list(part.at)} for part in chosen if part.place in _NOT_DERIVED],
        "order": [part.place for part in chosen],
    }


def _place(part: Part, hosts: Values, inventory: Inventory) -> dict[str, t.Any]:
    """Where it is, and the hosts that answer for it: of a role by the variable that names them, its own as ``host``."""
    keys = {"host": part.host} if part.host else {}
    keys |= {name: key for name, key in part.hosts.items() if not isinstance(key, (list, tuple))}
    members = {name: inventory.members(str(hosts.get(key) or key)) for name, key in keys.items()}
    lacking = sorted({keys[name] for name in estate_derived.NEEDED.get(part.role, ("host",)) if not members.get(name)})
    return {
        "place": part.place,
        "area": part.area,
        "at": list(part.at),
        "hosts": {name: found[0] for name, found in members.items() if found},
        "host": (members.get("host") or [""])[0],
        "lacks": f"the inventory has no host for {', '.join(lacking)}" if lacking else "",
    }


def file(read: t.Sequence[Values], planned: Values, hosts: Values) -> dict[str, t.Any]:
    """The file's ``content``, a ``report`` of every place, and a ``table`` of it for people."""
    fixed = [Found(one["place"], tuple(one["at"]), one["area"], "not_derived", notes=[_NOT_DERIVED[one["place"]]]) for one in planned["fixed"]]
    found = sorted([*map(_found, read), *fixed], key=lambda one: list(planned["order"]).index(one.place))
    text = BANNER + "".join(estate_yaml.comment(one) for one in _ABOUT)
    text += f"\n{estate_yaml.entry(HOSTS, dict(hosts), (), 0)}" if hosts else ""
    for area in planned["areas"]:
        text += f"\n{_area(area, [one for one in found if one.area == area])}"
    report = [{"place": one.place, "state": one.state, "host": one.host, "objects": one.objects, "notes": one.notes} for one in found]
    return {"content": text, "report": report, "table": [_row(one) for one in found]}


def _row(one: Found) -> str:
    count = "" if one.objects is None else f" ({one.objects})"
    return f"{one.place}: {one.state}{count}" + (f" - {'; '.join(one.notes)}" if one.notes else "")


def _found(one: Values) -> Found:
    """What the answers for a place come to."""
    found = Found(one["place"], tuple(one["at"]), one["area"], "exported", one["host"] or next(iter(one["hosts"].values()), ""))
    answers = one["answers"]
    failed = next((answer for answer in answers.values() if isinstance(answer, dict) and answer.get("failed")), None)
    if one["lacks"]:
        found.state, found.notes = "no_host", [one["lacks"]]
    elif failed is not None:
        found.state, found.notes = "unknown", [str(failed.get("msg") or "no reason was given")]
    elif one.get("module"):
        found.value, found.notes = estate_derived.objects(one["module"], answers["objects"], one["single"])
    else:
        found.value, found.notes = estate_derived.ROLES[one["role"]](answers)
    return found


def _area(area: str, found: t.Sequence[Found]) -> str:
    """An area with its comments; nothing but comments where none of it is in the file."""
    here = [one for one in found if one.state == "exported"]
    text = "".join(estate_yaml.comment(f"{one.place} is {_WORDS[one.state]}: {'; '.join(one.notes)}") for one in found if one.state != "exported")
    if not here:
        return text
    if here[0].at == ():
        return text + estate_yaml.entry(area, here[0].value, _notes(here[0]), 0)
    return text + f"{area}:\n" + _level(here, 0)


_WORDS = {"unknown": "not here, because it could not be read", "no_host": "not here", "not_derived": "not here"}


def _level(found: t.Sequence[Found], depth: int) -> str:
    """The keys below an area, or below one of its halves."""
    text = ""
    for key in dict.fromkeys(one.at[depth] for one in found):
        below = [one for one in found if one.at[depth] == key]
        indent = 2 * (depth + 1)
        if len(below[0].at) == depth + 1:
            text += estate_yaml.entry(key, below[0].value, _notes(below[0]), indent)
        else:
            text += f"{' ' * indent}{key}:\n{_level(below, depth + 1)}"
    return text


def _notes(one: Found) -> list[str]:
    return [f"{f'{one.objects} ' if one.objects is not None else ''}from {one.host}", *one.notes]
