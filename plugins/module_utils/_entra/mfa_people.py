# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The users of whom the role entra_mfa asks a second factor: who they are, their phones, and what is wrong with one of them.

What is wrong with one user is that user's failure and nobody else's.  Nothing here talks to a service.
"""

from __future__ import annotations

import base64
import binascii
import collections
import dataclasses
import typing as t
import uuid

from ansible_collections.m365.hybrid.plugins.module_utils._entra import phone_number

Row = t.Mapping[str, t.Any]
SOURCES = ("none", "given", "entra", "ad")
"""Where phone numbers come from: nowhere, the declared users, or also mobilePhone of Entra ID, or mobile of Active Directory."""
_USER = "#microsoft.graph.user"
_GROUP = "#microsoft.graph.group"


@dataclasses.dataclass
class Person:
    """A user who was found.  ``phones`` are normal numbers by type; ``listed`` are the types whose number is the directory's, not a declared one."""

    id: str
    name: str
    state: str | None
    phones: dict[str, str] = dataclasses.field(default_factory=dict)
    listed: set[str] = dataclasses.field(default_factory=set)


@dataclasses.dataclass(frozen=True)
class LeftOut:
    """A user who is left alone, and why."""

    name: str
    why: str


@dataclasses.dataclass
class People:
    """Who is declared and who is left out, by object ID; ``failed`` are names with their reasons, ``notes`` sentences for whoever runs the role."""

    found: dict[str, Person] = dataclasses.field(default_factory=dict)
    excluded: dict[str, LeftOut] = dataclasses.field(default_factory=dict)
    without_number: list[str] = dataclasses.field(default_factory=list)
    failed: dict[str, str] = dataclasses.field(default_factory=dict)
    problems: list[str] = dataclasses.field(default_factory=list)
    notes: list[str] = dataclasses.field(default_factory=list)


class Directory:
    """The users of the tenant, found by principal name or object ID."""

    def __init__(self, rows: t.Iterable[Row]) -> None:
        self._rows = {str(one[key]).casefold(): one for one in rows for key in ("id", "user_principal_name")}

    def find(self, name: t.Any) -> Row | None:
        return self._rows.get(str(name).strip().casefold())


class Numbers:
    """The mobile numbers of Active Directory, found by what ties an account to a user of Entra ID.

    A user who was synchronized is found by the immutable id alone: it is the GUID of the account, or the one that an administrator wrote there
    in its place.  Another account of the same principal name could be another person's.
    """

    def __init__(self, rows: t.Iterable[Row]) -> None:
        self._rows: dict[str, list[str]] = {}
        for one in rows:
            guid = one.get("mS-DS-ConsistencyGuid") or one.get("objectGUID")
            for key in (one.get("userPrincipalName"), guid):
                if key:
                    self._rows.setdefault(str(key).casefold(), []).append(str(one["mobile"]).strip())

    def find(self, user: Row) -> str:
        """The number, empty where there is none.  Raises ValueError where it is not clear whose account it is."""
        name = str(user["user_principal_name"])
        found = self._rows.get((_guid(user.get("on_premises_immutable_id")) or name).casefold(), [])
        if len(found) > 1:
            raise ValueError(f"{len(found)} accounts of Active Directory are this user's by name or id; give the number in entra_mfa_users")
        return found[0] if found else ""


def _guid(immutable: t.Any) -> str:
    """The GUID in an immutable id, which is base64 of its bytes; empty where it is none, as where another attribute was chosen."""
    try:
        return str(uuid.UUID(bytes_le=base64.b64decode(str(immutable or ""), validate=True)))
    except (binascii.Error, ValueError):
        return ""


@dataclasses.dataclass(frozen=True)
class Groups:
    """Groups by the names under which they were asked for, and their direct members; both from results of loops over requests."""

    found: t.Mapping[str, t.Sequence[Row]]
    members: t.Mapping[str, t.Sequence[Row]]

    @staticmethod
    def load(reading: Row) -> Groups:
        """Raises KeyError where a group or its members were not read."""
        found = {str(one["item"]): one["output"] for one in reading["groups"]}
        members = {str(one["item"]["id"]): one["output"] for one in reading["members"]}
        return Groups(found, members)

    def one(self, name: str, variable: str, problems: list[str]) -> Row | None:
        rows = self.found[name]
        if len(rows) != 1:
            problems.append(f"{variable}: " + (f"{len(rows)} groups are called {name}. Name one by its id" if rows else f"there is no group {name}"))
        return rows[0] if len(rows) == 1 else None

    def all(self, names: t.Iterable[str], variable: str, problems: list[str]) -> list[Row]:
        return [one for one in (self.one(name, variable, problems) for name in dict.fromkeys(names)) if one]

    def users(self, group: Row) -> list[str]:
        return [str(one["id"]) for one in self.members[str(group["id"])] if one.get("@odata.type") == _USER]

    def nested(self, group: Row) -> list[str]:
        return [str(one["id"]) for one in self.members[str(group["id"])] if one.get("@odata.type") == _GROUP]


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What is wanted of users; the fields are the role's variables of these names."""

    users: t.Sequence[Row] = ()
    groups: t.Sequence[str] = ()
    user_state: str | None = None
    phone_source: str = "none"
    directory_host: str | None = None
    default_country_code: str = ""
    break_glass: t.Sequence[str] = ()
    exclude_users: t.Sequence[str] = ()
    exclude_groups: t.Sequence[str] = ()


class Gathering:
    """Makes the people of what is wanted and what was read."""

    def __init__(self, wanted: Wanted, directory: Directory, groups: Groups, numbers: Numbers) -> None:
        self._wanted, self._directory, self._groups, self._numbers = wanted, directory, groups, numbers
        self.people = People()

    def gather(self) -> People:
        self._check_settings()
        self._leave_out()
        for one in self._wanted.users:
            self._declared(one)
        self._members()
        self.people.without_number.sort(key=str.casefold)
        return self.people

    def _check_settings(self) -> None:
        wanted, problems = self._wanted, self.people.problems
        if wanted.phone_source not in SOURCES:
            problems.append(f"entra_mfa_phone_source is {wanted.phone_source}; it is one of {', '.join(SOURCES)}")
        if wanted.phone_source == "none" and any(one.get("phones") for one in wanted.users):
            problems.append(
                "entra_mfa_users gives phones, and entra_mfa_phone_source is none. Set it to given, or to entra or ad for the others' numbers as well"
            )
        if wanted.phone_source == "ad" and not wanted.directory_host:
            problems.append("entra_mfa_phone_source is ad, which needs entra_mfa_directory_host: a host of the inventory with the connection m365.hybrid.ldap")
        if wanted.default_country_code:
            try:
                phone_number.country_code(wanted.default_country_code)
            except ValueError as error:
                problems.append(f"entra_mfa_default_country_code: {error}")

    def _leave_out(self) -> None:
        """Accounts for emergencies, rooms and service accounts.  One that is not there is refused: who names it believes that it is safe."""
        wanted = self._wanted
        for variable, names, why in (("break_glass", wanted.break_glass, "a break-glass account"), ("exclude_users", wanted.exclude_users, "excluded")):
            for name in names:
                row = self._directory.find(name)
                if row is None:
                    self.people.problems.append(
                        f"entra_mfa_{variable}: there is no user {name}. Name a user by principal name or object ID; a group does not count"
                    )
                    continue
                self.people.excluded.setdefault(str(row["id"]), LeftOut(str(row["user_principal_name"]), why))
        for group in self._groups.all(wanted.exclude_groups, "entra_mfa_exclude_groups", self.people.problems):
            for identifier in self._groups.users(group):
                name = str((self._directory.find(identifier) or {}).get("user_principal_name", identifier))
                self.people.excluded.setdefault(identifier, LeftOut(name, f"excluded as a member of {group['displayName']}"))

    def _declared(self, one: Row) -> None:
        name, people = str(one["identity"]).strip(), self.people
        row = self._directory.find(name)
        if row is None:
            people.failed[name] = f"there is no user {name}"
            return
        identifier, state = str(row["id"]), one.get("per_user_mfa_state") or self._wanted.user_state
        if identifier in people.found:
            people.problems.append(f"entra_mfa_users names {row['user_principal_name']} twice. Write one entry for a user")
            return
        if identifier in people.excluded and state in ("enabled", "enforced"):
            why = people.excluded[identifier].why
            people.problems.append(f"entra_mfa_users: {row['user_principal_name']} is to be {state}, and is {why}. Take it out of one of the two")
            return
        self._add(row, state, one.get("phones") or ())

    def _members(self) -> None:
        groups = self._groups.all(self._wanted.groups, "entra_mfa_groups", self.people.problems)
        known = {str(group["id"]) for group in groups}
        for group in groups:
            for identifier in self._groups.users(group):
                row = self._directory.find(identifier)
                if row is None:
                    self.people.failed[identifier] = f"a member of {group['displayName']} that the list of users does not have; run the role again in a minute"
                elif identifier not in self.people.found and identifier not in self.people.excluded:
                    self._add(row, self._wanted.user_state, ())
            missing = set(self._groups.nested(group)) - known
            if missing:
                self.people.notes.append(
                    f"group {group['displayName']} has {len(missing)} groups as members, whose members are not taken. "
                    f"Name them in entra_mfa_groups to take them: {', '.join(sorted(missing))}"
                )

    def _add(self, row: Row, state: str | None, phones: t.Iterable[Row]) -> None:
        person = Person(str(row["id"]), str(row["user_principal_name"]), state)
        self.people.found[person.id] = person
        if self._wanted.phone_source == "none":
            return
        try:
            self._phones(person, list(phones), row)
        except ValueError as error:
            self.people.failed[person.name] = str(error)
            person.phones.clear()
            return
        if not person.phones:
            self.people.without_number.append(person.name)

    def _phones(self, person: Person, given: list[Row], row: Row) -> None:
        """Raises ValueError for a number that is none, for two phones of one type, and for two accounts of one user."""
        for kind, count in collections.Counter(str(one["type"]) for one in given).items():
            if count > 1:
                raise ValueError(f"{count} phones of the type {kind} are given, and a user has one of each type")
        for one in given:
            person.phones[str(one["type"])] = self._number(str(one["number"]))
        mobile = "" if "mobile" in person.phones else self._listed(row)
        if mobile:
            person.phones["mobile"] = self._number(mobile)
            person.listed.add("mobile")

    def _listed(self, row: Row) -> str:
        """The number that the directory has which is the source.  Raises ValueError."""
        if self._wanted.phone_source == "ad":
            return self._numbers.find(row)
        return str(row.get("mobile_phone") or "").strip() if self._wanted.phone_source == "entra" else ""

    def _number(self, text: str) -> str:
        try:
            return phone_number.normal(text, self._wanted.default_country_code)
        except ValueError as error:
            raise ValueError(str(error).replace("default_country_code", "entra_mfa_default_country_code")) from None
