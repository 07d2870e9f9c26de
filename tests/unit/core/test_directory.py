# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names, values, rights and passwords of Active Directory: what is written is read again, and nothing else changes."""

from __future__ import annotations

import datetime
import struct
import typing as t

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ldap3.operation.search import parse_filter
from ldap3.protocol.convert import prepare_filter_for_sending

from ansible_collections.m365.hybrid.plugins.module_utils._core import lists
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import Ambiguous, PasswordRefused, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer, DirectorySession, Modification, Secret
from ansible_collections.m365.hybrid.plugins.module_utils._directory import (
    attributes,
    codec,
    codecs,
    export,
    free,
    group,
    hours,
    identity,
    names,
    passwords,
    places,
    primary,
    references,
    resource,
    security,
    user,
)
from ansible_collections.m365.hybrid.plugins.modules import ad_user
from hybridlab.ad import schema
from tests.fake_directory import fake_directory

DIRECTORY = schema.load()
TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)


@given(TEXTS)
@example("a\\ ")
@example("  ")
def test_a_value_survives_a_distinguished_name(value: str) -> None:
    name = f"CN={names.escaped(value)},OU=People,DC=contoso,DC=com"
    assert names.value(names.parts(name)[0]) == value
    assert names.parent(name) == "OU=People,DC=contoso,DC=com"
    assert names.key(name) == names.key(name.upper().replace("CN=", "cn = ", 1)) or value.upper().casefold() != value.casefold()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CN=Lovelace\\, Ada,DC=contoso,DC=com", "cn=lovelace\\2C ada, dc=Contoso, dc=COM"),
        ("CN=Stra\u00dfe,DC=x,DC=y", "CN=Stra\\C3\\9Fe,DC=X,DC=Y"),
        ("CN=a\\+b,DC=x,DC=y", "CN=a\\2bb,DC=x,DC=y"),
    ],
)
def test_names_of_one_object_are_equal(one: str, other: str) -> None:
    assert names.key(one) == names.key(other)


@pytest.mark.parametrize(
    ("text", "form", "found"),
    [
        ("ada", "name", "ada"),
        ("CONTOSO\\ada", "name", "ada"),
        ("ada@contoso.com", "upn", "ada@contoso.com"),
        ("{4B1E1A2C-55E0-4F3A-9A26-0D0F5D7C1F10}", "guid", "4b1e1a2c-55e0-4f3a-9a26-0d0f5d7c1f10"),
        ("s-1-5-21-1-2-3-1104", "sid", "S-1-5-21-1-2-3-1104"),
        ("CN=Ada,DC=contoso,DC=com", "dn", "CN=Ada,DC=contoso,DC=com"),
        ("a=b", "name", "a=b"),
        ("x" * 36, "name", "x" * 36),
    ],
)
def test_what_people_write_is_told_apart(text: str, form: str, found: str) -> None:
    assert identity.parse(text) == identity.Identity(form, found)


@given(TEXTS)
def test_nothing_that_people_write_escapes_from_a_filter(value: str) -> None:
    called = identity.parse(value)
    clause = called.clause(("cn",))
    assert clause.count("(") == clause.count(")") == 1 and "*" not in clause and "\0" not in clause


@given(TEXTS)
def test_a_value_is_found_by_a_filter_as_it_is_written(value: str) -> None:
    node = parse_filter(f"(cn={names.literal(value)})", None, False, False, None, False).elements[0]
    assert prepare_filter_for_sending(node.assertion["value"]) == value.encode()


@given(st.lists(st.integers(0, (1 << 32) - 1), min_size=1, max_size=15), st.integers(0, (1 << 48) - 1))
def test_a_sid_survives(numbers: list[int], authority: int) -> None:
    text = "-".join(map(str, ("S-1", authority, *numbers)))
    assert codec.sid(codec.sid_bytes(text)) == text


@given(st.datetimes(datetime.datetime(1602, 1, 1), datetime.datetime(9999, 12, 30)))
def test_a_time_survives_to_the_second(moment: datetime.datetime) -> None:
    text = moment.replace(microsecond=0).isoformat() + "Z"
    assert codec.filetime(codec.ticks(text).encode()) == text
    assert codec.generalized(codec.generalized_text(text).encode()) == text


@pytest.mark.parametrize("value", [b"0", b"9223372036854775807", b"-9223372036854775808"])
def test_no_time_and_no_end_are_never(value: bytes) -> None:
    assert codec.filetime(value) == "never"


@pytest.mark.parametrize(("value", "found"), [(b"20260301100000.0Z", "2026-03-01T10:00:00Z"), (b"20260301110000+0100", "2026-03-01T10:00:00Z")])
def test_a_generalized_time_is_utc(value: bytes, found: str) -> None:
    assert codec.generalized(value) == found


# rights


def descriptor(*entries: bytes) -> str:
    rights = struct.pack("<BBHHH", 2, 0, 8 + sum(map(len, entries)), len(entries), 0) + b"".join(entries)
    owner = codec.sid_bytes("S-1-5-32-544")
    head = struct.pack("<BBHIIII", 1, 0, 0x8404, 20, 20, 0, 20 + len(owner))
    return codec.octets(head + owner + rights)


ENTRIES = st.lists(
    st.builds(
        lambda kind, flags, mask, rid: struct.pack("<BBHI", kind, flags, 36, mask) + codec.sid_bytes(f"S-1-5-21-1-2-3-{rid}"),
        st.sampled_from((0, 1)),
        st.sampled_from((0, 0x10, 0x12)),
        st.integers(1, 0xF01FF),
        st.integers(500, 5000),
    ),
    min_size=1,
    max_size=6,
)
RIGHTS = st.sampled_from((security.PROTECTED, security.CHILDREN_PROTECTED, security.CANNOT_CHANGE_PASSWORD))


@given(ENTRIES, RIGHTS, st.booleans())
def test_only_the_entries_of_a_right_are_written(entries: list[bytes], right: security.Right, denied: bool) -> None:
    before = descriptor(*entries)
    assert not security.denies(before, right)
    after = security.changed(before, right, denied)
    assert security.denies(after, right) is denied
    again = security.changed(after, right, denied)
    assert security.denies(again, right) is denied and len(again) == len(after)
    assert security._parts(security.raw(security.changed(after, right, False)))[1] == entries


def test_an_inherited_denial_is_not_the_objects_own() -> None:
    entry = struct.pack("<BBHI", 1, 0x10, 20, 0x10040) + codec.sid_bytes(security.EVERYONE)
    assert not security.denies(descriptor(entry), security.PROTECTED)


def test_a_denial_for_children_alone_is_not_the_objects_own() -> None:
    entry = struct.pack("<BBHI", 1, 0x0A, 20, 0x10040) + codec.sid_bytes(security.EVERYONE)
    assert not security.denies(descriptor(entry), security.PROTECTED)


def test_what_an_entry_denies_beside_a_right_stays_denied() -> None:
    entry = struct.pack("<BBHI", 1, 0, 20, 0x10040 | 0x40000) + codec.sid_bytes(security.EVERYONE)
    assert security.denies(descriptor(entry), security.PROTECTED)
    after = security.changed(descriptor(entry), security.PROTECTED, False)
    assert security._parts(security.raw(after))[1] == [struct.pack("<BBHI", 1, 0, 20, 0x40000) + codec.sid_bytes(security.EVERYONE)]
    again = security.changed(descriptor(entry), security.PROTECTED, True)
    assert security.denies(again, security.Right((security.EVERYONE,), 0x40000, b""))


def test_an_object_without_a_list_of_rights_is_not_closed_to_everybody() -> None:
    with pytest.raises(UsageError, match="no list of rights"):
        security.changed(codec.octets(struct.pack("<BBHIIII", 1, 0, 0x8000, 0, 0, 0, 0)), security.PROTECTED, True)


# passwords


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("Ab1", "shorter than 7 characters"),
        ("onlysmallletters", "fewer than three kinds"),
        ("Lovelace-1815", "contains the account's name"),
        ("Right-Enough-1843", "one of the last 24"),
    ],
)
def test_the_broken_rule_is_named(password: str, words: str) -> None:
    session = fake_directory()
    session.add("CN=ada,CN=Users,DC=contoso,DC=com", {"objectClass": ["user"], "sAMAccountName": ["ada"], "displayName": ["Ada Lovelace"]})
    error = passwords.explained(t.cast(t.Any, session), PasswordRefused("refused"), "CN=ada,CN=Users,DC=contoso,DC=com", password)
    assert words in error.text and "contoso.com" in error.text and password not in error.text


def test_a_new_account_has_the_rules_of_the_domain() -> None:
    error = passwords.explained(t.cast(t.Any, fake_directory()), PasswordRefused("refused"), "CN=new,CN=Users,DC=contoso,DC=com", "x")
    assert "shorter than 7 characters; it has characters of fewer than three kinds" in error.text


class Answers:
    """A session that knows these objects, by what is asked for."""

    target = "ldap on dc01"

    def __init__(self, **known: t.Mapping[str, t.Any]) -> None:
        self._known = {name.replace("_", "="): found for name, found in known.items()}

    def search(self, base: str | None, *_args: t.Any, **_options: t.Any) -> Answer:
        found = next(found for name, found in self._known.items() if str(base).startswith(name))
        return Answer([found] if found else [])


@pytest.mark.parametrize(
    ("password", "words"),
    [("Lovelace-1815", "keeps the rules"), ("Ada.Lovelace-1", "it contains the account's name"), ("Byron-1815", "or a part of the full name")],
)
def test_the_accounts_name_counts_as_a_whole_the_full_name_in_parts(password: str, words: str) -> None:
    domain: dict[str, t.Any] = {"defaultNamingContext": ["DC=x"], "minPwdLength": [7], "pwdHistoryLength": [24], "pwdProperties": [1]}
    session = Answers(**{"CN_ada": {"sAMAccountName": ["ada.lovelace"], "displayName": ["Augusta_Byron"]}, "": domain})
    assert words in passwords.explained(t.cast(t.Any, session), PasswordRefused("refused"), "CN=ada,DC=x", password).text


@pytest.mark.parametrize(("length", "words"), [(9, "keeps the rules"), (10, "keeps the rules"), (11, "shorter than 11 characters")])
def test_the_rules_of_a_password_settings_object_stand_before_the_domains(length: int, words: str) -> None:
    settings = {"msDS-MinimumPasswordLength": [length], "msDS-PasswordHistoryLength": [3], "msDS-PasswordComplexityEnabled": [True]}
    session = Answers(CN_ada={"sAMAccountName": ["ada"], "msDS-ResultantPSO": ["CN=Strict,DC=x"]}, CN_Strict=settings)
    error = passwords.explained(t.cast(t.Any, session), PasswordRefused("refused"), "CN=ada,DC=x", "Abcdefgh-1")
    assert words in error.text and "the password settings object Strict" in error.text


def test_rules_that_the_account_may_not_read_leave_the_refusal_as_it_is() -> None:
    session = Answers(CN_ada={"sAMAccountName": ["ada"], "msDS-ResultantPSO": ["CN=Strict,DC=x"]}, CN_Strict={})
    assert passwords.explained(t.cast(t.Any, session), PasswordRefused("refused"), "CN=ada,DC=x", "Abcdefgh-1").text == "refused"


def test_new_objects_go_where_the_domain_says() -> None:
    root = {
        "defaultNamingContext": ["DC=x"],
        "wellKnownObjects": ["B:32:AA312825768811D1ADED00C04FD8D5CD:CN=Computers,DC=x", f"B:32:{places.USERS}:OU=New,DC=x"],
    }
    assert places.usual(t.cast(t.Any, Answers(**{"": root})), places.USERS) == "OU=New,DC=x"
    assert places.usual(t.cast(t.Any, Answers(**{"": {**root, "wellKnownObjects": None}})), places.USERS) == "CN=Users,DC=x"


# changes


@given(st.lists(st.tuples(st.sampled_from(("add", "delete")), st.integers(0, 2500)), max_size=4))
def test_no_modification_has_more_than_a_thousand_values_and_none_is_lost(parts: list[tuple[str, int]]) -> None:
    steps = [Modification(how, "member", tuple(f"{number}-{place}" for place in range(count))) for number, (how, count) in enumerate(parts) if count]
    found = resource.chunks(steps)
    assert all(0 < sum(len(one.values) for one in chunk) <= resource.AT_ONCE for chunk in found)
    assert [(one.how, value) for chunk in found for one in chunk for value in one.values] == [(one.how, value) for one in steps for value in one.values]
    total = sum(len(one.values) for one in steps)
    assert len(found) == -(-total // resource.AT_ONCE)


def test_clearing_takes_a_modification_without_values() -> None:
    step = Modification("replace", "title")
    assert resource.chunks([step]) == [[step]]


@given(st.integers(0, 0x7FFFFFFF), st.booleans())
def test_a_bit_is_put_and_read_and_the_others_stay(number: int, wanted: bool) -> None:
    for bit in (codecs.Bit(0x2, inverted=True), codecs.Bit(0x10000)):
        found = bit.put(number, wanted)
        assert bit.codec().load(found) is wanted and found & ~bit.bit == number & ~bit.bit


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([1], "takes a dictionary"),
        ({"member": []}, "ad_group manages members"),
        ({"unicodePwd": "x"}, "has an option"),
        ({"userpassword": ["x"]}, "holds a secret"),
        ({"ms-Mcs-AdmPwd": "x"}, "holds a secret"),
        ({"info": "a", "INFO": "b"}, "more than once"),
    ],
)
def test_attributes_that_are_not_set_so(given: t.Any, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        free.named(given)
    assert message in str(caught.value)


def test_a_change_with_a_password_does_not_show_it() -> None:
    assert "Passw0rd" not in repr(user.SetPassword("modify", {"changes": [Modification("replace", "unicodePwd", (Secret("Passw0rd"),))]}, "Passw0rd"))


def test_a_name_of_another_domain_is_left_to_the_directory() -> None:
    session = t.cast(DirectorySession, fake_directory())
    found = references.References().find(session, "members", ["CN=Ada,OU=x,DC=child,DC=contoso,DC=com"])
    assert [one["dn"] for one in found] == ["CN=Ada,OU=x,DC=child,DC=contoso,DC=com"]
    with pytest.raises(UsageError, match="there is no CN=Ada,OU=x"):
        references.References().find(session, "members", ["CN=Ada,OU=x,dc=Contoso, dc=com"])


@pytest.mark.parametrize("other", ["CN=Bob,CN=Users,DC=child,DC=contoso,DC=com", "CN=S-1-5-21-9,CN=ForeignSecurityPrincipals,DC=contoso,DC=com"])
def test_a_name_that_a_member_of_another_domain_may_have_is_not_proven_absent(other: str) -> None:
    found = group.Group("group", {}, "identity")
    request, session = lists.Wanted(remove=("bob",)), t.cast(DirectorySession, fake_directory())
    state = {"distinguished_name": "CN=g,CN=Users,DC=contoso,DC=com", "members": [references.Dn("CN=Ada,CN=Users,DC=contoso,DC=com")]}
    assert found._members(session, request, state) == lists.Wanted()
    with pytest.raises(UsageError, match="there is no bob"):
        found._members(session, request, {**state, "members": [*state["members"], references.Dn(other)]})


@pytest.mark.parametrize("full", [True, False])
def test_an_export_locks_and_unlocks_nobody(full: bool) -> None:
    state = {"sam_account_name": "ada", "distinguished_name": "CN=ada,DC=contoso,DC=com", "locked": True, "enabled": True, "department": "Sales"} | {
        "password": "x"
    }
    exported = export.entry(ad_user.MODULE.resource(), ad_user.MODULE.docs, "identity", state, full)
    assert exported == {"identity": "ada", "enabled": True, "department": "Sales"}


def test_an_object_that_cannot_be_seen_is_not_absent() -> None:
    """A base that is there, of which the account may not read even the class, is neither returned nor an error."""
    session = fake_directory()
    session.search = lambda *_args, **_options: Answer([])  # type: ignore[method-assign]
    with pytest.raises(UsageError, match="neither the object nor an error was returned"):
        identity.one(t.cast(DirectorySession, session), identity.parse("CN=ada,CN=Users,DC=contoso,DC=com"), (), ())


def test_a_listed_object_that_lacks_what_a_task_compares_is_read_again() -> None:
    session = t.cast(DirectorySession, fake_directory())
    listed = ad_user.MODULE.overview(t.cast(t.Any, session), {}, {"display_name"})
    shelf = t.cast(DirectorySession, listed.over(t.cast(t.Any, session)))
    options = {"identity": "Administrator", "attributes": {"primaryGroupID": 513}, "department": "IT"}
    found = ad_user.MODULE.resource()
    found.admit(shelf, options)
    state = found.read(shelf, options).state
    assert state and state["department"] == "" and state["attributes.primaryGroupID"] == 513


def test_a_name_that_fits_two_objects_is_no_reference() -> None:
    session = fake_directory()
    entries = [{"dn": f"CN={number}", "userPrincipalName": ["bob@contoso.com"]} for number in range(2)]
    session.search = lambda *_args, **_options: Answer(entries)  # type: ignore[method-assign]
    with pytest.raises(Ambiguous, match="fits CN=0 and CN=1"):
        references.References().find(t.cast(DirectorySession, session), "manager", ["bob@contoso.com"])


@given(st.binary(min_size=21, max_size=21))
def test_hours_survive(week: bytes) -> None:
    shown = hours.load(codec.octets(week))
    assert hours.dump(shown) == (None if week == b"\xff" * 21 else week) and hours.load(shown) == shown


def test_hours_are_bits_from_sunday_on() -> None:
    assert hours.dump({"sunday": "0-1"}) == b"\1" + bytes(20) and hours.dump({"saturday": "23-24"}) == bytes(20) + b"\x80"
    assert hours.dump({"monday": "8-9"}) == bytes(4) + b"\1" + bytes(16)


_KINDS = {"integer": "int", "int64": "int64", "boolean": "bool", "octets": "octets", "descriptor": "octets", "sid": "sid", "dn": "dn", "time": "time"}
_MORE_THAN_THE_SCHEMA = {"int64": ("filetime",), "octets": ("guid", "sid")}
_AS_OCTETS = ("userParameters",)
"""A text that holds binary data."""


@pytest.mark.parametrize("known", [one for one in attributes.KNOWN.values() if one.name in DIRECTORY.attributes], ids=lambda one: one.name)
def test_the_table_of_attributes_says_what_the_schema_says(known: attributes.Kind) -> None:
    found = DIRECTORY.attributes[known.name]
    kind = _KINDS.get(found.syntax, "text")
    assert known.single is found.single
    assert known.kind in (kind, *_MORE_THAN_THE_SCHEMA.get(kind, ())) or (known.name in _AS_OCTETS and known.kind == "octets")


@pytest.mark.parametrize(
    ("group_sid", "account_sid", "number", "holds"),
    [
        ("S-1-5-21-1-2-3-513", "S-1-5-21-1-2-3-1104", 513, True),
        ("S-1-5-21-1-2-3-513", "S-1-5-21-1-2-3-1104", 514, False),
        ("S-1-5-21-9-9-9-513", "S-1-5-21-1-2-3-1104", 513, False),
        (None, None, 513, False),
        ("S-1-5-21-1-2-3-513", "S-1-5-21-1-2-3-1104", None, False),
    ],
)
def test_a_group_is_the_primary_one_of_its_own_domain(group_sid: str | None, account_sid: str | None, number: int | None, holds: bool) -> None:
    assert primary.is_in(group_sid, account_sid, number) is holds


def test_many_names_are_asked_for_in_parts_and_none_is_forgotten() -> None:
    session = fake_directory()
    wanted = [f"nobody{number}" for number in range(120)] + ["Administrator", "CN=Users,DC=contoso,DC=com"]
    held = identity.many(t.cast(DirectorySession, session), wanted, identity.KEYS, references.BY, lambda one: one.clause(references.BY))
    assert list(held) == wanted and [name for name, found in held.items() if found] == wanted[-2:] and len(session.calls) == 3


@pytest.mark.parametrize("span", ["8-25", "8-8", "18-8", "8", "", "-1-5", "8-18h"])
def test_hours_that_are_none(span: str) -> None:
    with pytest.raises(ValueError, match="no span of whole hours"):
        hours.load({"monday": [span]})
