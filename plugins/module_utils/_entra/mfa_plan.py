# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role entra_mfa changes, why it refuses, and what became of everybody.  Nothing here talks to a service.

The work lies in areas.  Each is one kind of object, worked on by `bulk`: first in check mode, which tells what would change and what was
there before, then for real, then in check mode again.
"""

from __future__ import annotations

import dataclasses
import json
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._entra import mfa_report, mfa_tenant
from ansible_collections.m365.hybrid.plugins.module_utils._entra.mfa_people import Directory, Gathering, Groups, Numbers, People, Person, Row, Wanted

_TO_DO = ("created", "updated", "deleted")
_PHONE = ("identity", "phone_type")
_WISHES = ("phone_replace", "report_scope")


@dataclasses.dataclass
class Area:
    """One kind of object.  ``key`` are the options that name one, ``people`` says that each is a user's and fails alone.

    ``gone`` says that a made object is removed by ``state: absent``.
    """

    name: str
    module: str
    key: tuple[str, ...]
    objects: list[dict[str, t.Any]]
    people: bool = False
    gone: bool = False

    def shown(self, objects: list[dict[str, t.Any]], now: list[dict[str, t.Any]] | None = None) -> dict[str, t.Any]:
        """As the role takes it.  ``now`` are the objects that can be planned before anything is changed, all of them if not given."""
        return {"name": self.name, "module": self.module, "people": self.people, "objects": objects, "now": objects if now is None else now}


def make(reading: Row, wishes: Row) -> dict[str, t.Any]:
    """The plan; filter/mfa_plan.yml says what it holds.  Raises KeyError, ValueError, UsageError."""
    wanted, settings = _load(Wanted, wishes), _load(mfa_tenant.Settings, wishes)
    unknown = set(wishes) - {field.name for kind in (Wanted, mfa_tenant.Settings) for field in dataclasses.fields(kind)} - set(_WISHES)
    if unknown:
        raise UsageError(f"{', '.join(sorted(unknown))} cannot be wished")
    directory, groups = Directory(reading["users"]), Groups.load(reading)
    people = Gathering(wanted, directory, groups, Numbers(reading.get("numbers") or ())).gather()
    policy = mfa_tenant.policy(settings, directory, groups, people)
    problems = [
        *people.problems,
        *mfa_tenant.range_problems(settings),
        *mfa_tenant.method_problems(settings, reading["methods_policy"]),
        *mfa_tenant.policy_problems(settings, directory, reading["security_defaults"]),
    ]
    areas = _areas(settings, people, policy)
    people.notes += mfa_tenant.notes(settings)
    later = mfa_tenant.is_new(settings, reading["locations"])
    work = Work(areas, people, reading, bool(values.boolean(wishes.get("phone_replace") or False)), later)
    return {
        "problems": [*dict.fromkeys(problems), *work.problems],
        "areas": [area.shown(area.objects, _now(area, later)) for area in areas if area.objects],
        "changes": work.changes,
        "saved": work.saved,
        "guard": list(mfa_tenant.guard(settings, directory, reading["policies_after"])) if "policies_after" in reading else [],
        "report": mfa_report.make(people, work.results, reading.get("registrations") or {}, wishes.get("report_scope") == "declared"),
    }


Kind = t.TypeVar("Kind")


def _load(kind: type[Kind], wishes: Row) -> Kind:
    names = {field.name for field in dataclasses.fields(t.cast(t.Any, kind))}
    return kind(**{name: value for name, value in wishes.items() if name in names})


def _areas(settings: mfa_tenant.Settings, people: People, policy: list[dict[str, t.Any]]) -> list[Area]:
    """In the order of the work: a user's phone before the state that asks for it, the alternate phone after the first, the policy last."""
    persons = list(people.found.values())
    migration = [{"migration_state": settings.migration_state}] if settings.migration_state else []
    return [
        Area("methods", "entra_authentication_method_policy", ("method",), [dict(one) for one in settings.methods]),
        Area("migration", "entra_authentication_method_settings", (), migration),
        Area("location", "entra_named_location", ("identity",), mfa_tenant.location(settings), gone=True),
        Area("phones", "entra_phone_method", _PHONE, list(_phones(persons, "mobile")), people=True, gone=True),
        Area("office_phones", "entra_phone_method", _PHONE, list(_phones(persons, "office")), people=True, gone=True),
        Area("alternate_phones", "entra_phone_method", _PHONE, list(_phones(persons, "alternate_mobile")), people=True, gone=True),
        Area("states", "entra_user_mfa", ("identity",), [{"identity": one.name, "per_user_mfa_state": one.state} for one in persons if one.state], people=True),
        Area("policy", "entra_conditional_access_policy", ("identity",), policy, gone=True),
    ]


def _now(area: Area, later: bool) -> list[dict[str, t.Any]]:
    """The objects without what names a location that is still to be made: the service has no identifier of it yet."""
    return [mfa_tenant.without_location(one) for one in area.objects] if area.name == "policy" and later else area.objects


def _phones(persons: t.Iterable[Person], kind: str) -> t.Iterator[dict[str, t.Any]]:
    """Of one type at a time: two phones of a user that are taken back at once would each take the other for the method that is left."""
    for person in persons:
        if kind in person.phones:
            yield {"identity": person.name, "phone_type": kind, "phone_number": person.phones[kind]}


class Work:
    """What the areas' outcomes mean.

    ``reading`` has them by the name of their area: ``outcomes`` are those of the first look, as the lines of a result file, ``done`` those
    of the change and ``verified`` those of the last look, as the list that `bulk` returns.
    """

    def __init__(self, areas: t.Iterable[Area], people: People, reading: Row, replace: bool, later: bool) -> None:
        self.results = mfa_report.Results({name: [reason] for name, reason in people.failed.items()})
        self.problems: list[str] = []
        self.changes: list[dict[str, t.Any]] = []
        self.saved: dict[str, list[dict[str, t.Any]]] = {}
        self._replace, self._later, self._policies = replace, later, reading["policies"]
        self._listed = {person.name for person in people.found.values() if person.listed}
        self._with_mobile: set[str] = set()
        outcomes, done, verified = (reading.get(name) or {} for name in ("outcomes", "done", "verified"))
        for area in areas:
            if area.name in outcomes:
                self._first_look(area, _lines(outcomes[area.name]))
            self._change(area, done.get(area.name) or ())
            self._last_look(area, verified.get(area.name) or ())

    def _first_look(self, area: Area, lines: t.Iterable[Row]) -> None:
        changing, now, saved = [], [], []
        for line in sorted(lines, key=lambda one: int(one["number"])):
            wanted = area.objects[line["number"] - 1]
            waits = area.name == "alternate_phones" and line["outcome"] == "failed" and wanted["identity"] in self._with_mobile
            if self._is_kept(area, wanted, line):
                self.results.kept.append(wanted["identity"])
            elif line["outcome"] in _TO_DO or waits or (area.name == "policy" and self._later and line["outcome"] == "unchanged"):
                changing.append(wanted)
                now += [] if waits else [wanted]
                saved.append(self._before(area, wanted, line))
                if area.name == "phones" and line["outcome"] == "created":
                    self._with_mobile.add(wanted["identity"])
            elif line["outcome"] != "unchanged":
                self._wrong(area, line)
        if changing:
            area = dataclasses.replace(area, objects=now)
            self.changes.append(area.shown(changing, _now(area, self._later)))
            self.saved[area.name] = saved

    def _is_kept(self, area: Area, wanted: Row, line: Row) -> bool:
        """Whether a user has registered another phone than the directory lists: the user knows better, unless it is to be replaced."""
        listed = area.name == "phones" and wanted["identity"] in self._listed
        return listed and line["outcome"] == "updated" and not self._replace

    def _change(self, area: Area, found: t.Iterable[Row]) -> None:
        for line in found:
            if line["outcome"] in ("failed", "skipped"):
                self._wrong(area, line)
            elif area.people:
                self.results.done.add(_person(line))

    def _last_look(self, area: Area, found: t.Iterable[Row]) -> None:
        """After the change everything must have come to rest."""
        for line in found:
            if line["outcome"] != "unchanged":
                self._wrong(area, {"msg": "after the change the service shows something else. Run the role again in a minute", **line})

    def _wrong(self, area: Area, line: Row) -> None:
        text = str(line.get("msg") or "not begun")
        if area.people:
            reasons = self.results.failed.setdefault(_person(line), [])
            reasons += [text] if text not in reasons else []
        else:
            self.problems.append(f"{area.name}, {line['object']}: {text}")

    def _before(self, area: Area, wanted: Row, line: Row) -> dict[str, t.Any]:
        """Options that lead back: what a changed object had, or that a made one is not there."""
        named = {key: wanted[key] for key in area.key}
        if line["outcome"] in ("created", "failed") and area.gone:
            return named | {"state": "absent"}
        before = {name: value for name, value in ((line.get("diff") or {}).get("before") or {}).items() if value is not None}
        outside = mfa_tenant.outside(wanted["identity"], self._policies) if area.name == "policy" and self._later else {}
        return named | outside | before


def _lines(text: t.Any) -> list[Row]:
    """The lines of a result file, as text or already read."""
    return [json.loads(line) for line in text.splitlines() if line.strip()] if isinstance(text, str) else list(text)


def _person(line: Row) -> str:
    """The user of an outcome: what names a phone is the user and the type."""
    return str(line["object"]).partition(" / ")[0]
