# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A recipient's addresses, and recipients as references."""

from __future__ import annotations

import typing as t

import hypothesis
import pytest
from hypothesis import strategies as st

from ansible_collections.m365.hybrid.plugins.module_utils._core import errors, fields, lists, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import proxy_addresses, recipients
from tests.unit.core.examples import steady
from tests.unit.core.fake import FakeSession

PRESENT = ["SMTP:a@x", "smtp:b@x", "sip:a@x"]


def after(wanted: lists.Wanted, current: list[str], primary: str | None = None) -> list[str]:
    request = proxy_addresses.request("email_addresses", wanted.map(values.proxy_address), current, primary)
    return lists.apply("email_addresses", request, current, values.PROXY_ADDRESS.key)


@pytest.mark.parametrize(
    ("wanted", "primary", "shown"),
    [
        (lists.Wanted(add=("c@x",)), None, [*PRESENT, "smtp:c@x"]),
        (lists.Wanted(add=("A@x", "SIP:a@x")), None, PRESENT),
        (lists.Wanted(add=("c@x", "SMTP:b@x")), None, ["SMTP:b@x", "smtp:a@x", "sip:a@x", "smtp:c@x"]),
        (lists.Wanted(remove=("B@X", "gone@x")), None, ["SMTP:a@x", "sip:a@x"]),
        (lists.Wanted(add=("SMTP:b@x",)), None, ["SMTP:b@x", "smtp:a@x", "sip:a@x"]),
        (lists.Wanted(add=("SMTP:c@x",), remove=("a@x",)), None, ["SMTP:c@x", "smtp:b@x", "sip:a@x"]),
        (lists.Wanted(add=("c@x",)), "c@x", ["SMTP:c@x", "smtp:a@x", "smtp:b@x", "sip:a@x"]),
        (lists.Wanted(exact=["b@x", "a@x"]), None, ["SMTP:a@x", "smtp:b@x"]),
        (lists.Wanted(exact=["b@x", "SMTP:c@x"]), None, ["SMTP:c@x", "smtp:b@x"]),
        (lists.Wanted(exact=["b@x"]), "c@x", ["SMTP:c@x", "smtp:b@x"]),
    ],
)
def test_the_primary_address_stays_unless_another_is_named(wanted: lists.Wanted, primary: str | None, shown: list[str]) -> None:
    assert after(wanted, PRESENT, primary) == shown


@pytest.mark.parametrize(
    ("wanted", "primary", "message"),
    [
        (lists.Wanted(remove=("a@x",)), None, "email_addresses removes the primary address a@x"),
        (lists.Wanted(remove=("SMTP:A@x",)), None, "removes the primary address"),
        (lists.Wanted(remove=("b@x",)), "B@x", "removes the primary address B@x"),
        (lists.Wanted(exact=["b@x", "c@x"]), None, "removes the primary address a@x"),
        (lists.Wanted(exact=["sip:a@x"]), None, "removes the primary address a@x"),
        (lists.Wanted(exact=[]), None, "removes the primary address a@x"),
        (lists.Wanted(exact=["SMTP:b@x", "SMTP:c@x"]), None, "more than one primary address: b@x, c@x"),
        (lists.Wanted(add=("SMTP:b@x",)), "c@x", "more than one primary address: b@x, c@x"),
    ],
)
def test_contradictions_about_the_primary_address_are_refused(wanted: lists.Wanted, primary: str | None, message: str) -> None:
    with pytest.raises(errors.UsageError, match=message):
        after(wanted, PRESENT, primary)


def test_primary_addresses_of_other_types_stay_primary() -> None:
    current = [values.proxy_address(one) for one in ("SMTP:a@x", "EUM:100", "X500:/o=A")]
    assert after(lists.Wanted(add=("SMTP:c@x",)), current) == ["SMTP:c@x", "smtp:a@x", "EUM:100", "X500:/o=A"]


def test_a_new_recipient_keeps_the_addresses_that_the_server_gives_it() -> None:
    request = proxy_addresses.request("email_addresses", lists.Wanted(add=("smtp:M@x", "smtp:b@x")), [], "m@x")
    assert request == lists.Wanted(add=("smtp:b@x",))


addresses = st.lists(st.builds("{}{}@x".format, st.sampled_from(["", "SMTP:", "smtp:", "sip:"]), st.sampled_from("aAbc")), max_size=4)


@steady
@hypothesis.given(addresses, addresses, addresses, st.booleans(), st.none() | st.sampled_from(["a@x", "C@x"]))
def test_a_request_about_addresses_leaves_nothing_to_do(start: list[str], add: list[str], remove: list[str], exact: bool, primary: str | None) -> None:
    wanted = lists.Wanted(exact=add) if exact else lists.Wanted(add=tuple(add), remove=tuple(remove))
    try:
        current = after(lists.Wanted(exact=start), [])
        once = after(wanted, current, primary)
        twice = after(wanted, once, primary)
    except errors.UsageError:
        hypothesis.reject()
    key = values.PROXY_ADDRESS.key
    assert {key(one) for one in once} == {key(one) for one in twice}
    primaries = [sum(one.startswith("SMTP:") for one in addresses) for addresses in (current, once)]
    assert max(primaries) <= 1
    assert primaries != [1, 0] or not any(one.startswith("smtp:") for one in once), "a primary address is replaced, not lost"


def attribute(name: str, kind: str) -> fields.Attribute:
    return fields.Attribute(name, name, name, kind, values.CODECS[kind], False, False)


ATTRIBUTES = {"one": attribute("one", "recipient"), "many": attribute("many", "recipients"), "text": attribute("text", "text")}
BOB = "contoso.com/Users/Bob"


def resolve(session: FakeSession, wanted: dict[str, t.Any], current: dict[str, t.Any] | None = None, known: dict[str, str] | None = None) -> dict[str, t.Any]:
    return recipients.resolve_all(session, ATTRIBUTES, wanted, current or {}, {} if known is None else known, {"DomainController": "dc1"})


def test_a_recipient_is_looked_up_once_under_each_of_its_names() -> None:
    session, known = FakeSession({"Get-Recipient": {"Identity": BOB}}), dict[str, str]()
    for _ in range(2):
        found = resolve(session, {"one": "bob", "many": lists.Wanted(add=("BOB", "bob@x")), "text": "bob"}, known=known)
        assert found == {"one": BOB, "many": lists.Wanted(add=(BOB, BOB)), "text": "bob"}
    assert [parameters for _, parameters in session.calls] == [{"Identity": one, "DomainController": "dc1"} for one in ("bob", "bob@x")]


def test_a_reference_may_be_shown_by_its_address() -> None:
    session = FakeSession({"Get-Recipient": {"Identity": BOB, "PrimarySmtpAddress": "bob@x"}})
    attributes = ATTRIBUTES | {"to": attribute("to", "recipient_addresses")}
    found = recipients.resolve_all(session, attributes, {"to": lists.Wanted(exact=["bob", "b@x", "BOB@X"]), "one": "bob"}, {"to": ["bob@x"]}, {}, {})
    assert found == {"to": lists.Wanted(exact=["bob@x", "bob@x", "BOB@X"]), "one": BOB}


def test_an_address_of_nobody_here_is_left_to_the_server_and_a_name_is_not() -> None:
    session = FakeSession({"Get-Recipient": errors.NotFound("no such recipient")})
    attributes = {"to": attribute("to", "recipient_addresses")}
    assert recipients.resolve_all(session, attributes, {"to": lists.Wanted(add=("x@else",))}, {}, {}, {}) == {"to": lists.Wanted(add=("x@else",))}
    with pytest.raises(errors.NotFound, match="to: no such recipient"):
        recipients.resolve_all(session, attributes, {"to": lists.Wanted(add=("nobody",))}, {}, {}, {})


def test_what_the_server_shows_already_needs_no_lookup_and_none_is_none() -> None:
    session = FakeSession({})
    assert resolve(session, {"one": BOB.upper(), "many": lists.Wanted(exact=[BOB])}, {"one": BOB, "many": [BOB]})["one"] == BOB.upper()
    assert resolve(session, {"one": "", "many": lists.Wanted(exact=[])}) == {"one": "", "many": lists.Wanted(exact=[])}


def test_one_to_be_removed_need_not_exist_any_more_and_is_not_taken_for_known() -> None:
    session = FakeSession({"Get-Recipient": errors.NotFound("no such recipient")})
    known: dict[str, str] = {}
    assert resolve(session, {"many": lists.Wanted(remove=("gone",))}, known=known) == {"many": lists.Wanted(remove=("gone",))}
    with pytest.raises(errors.NotFound, match="one: no such recipient"):
        resolve(session, {"one": "gone"}, known=known)


def test_members_of_a_group_may_be_no_recipients() -> None:
    answers = {"Get-Recipient": errors.NotFound("no such recipient"), "Get-User": errors.NotFound("no such user"), "Get-Group": {"Identity": BOB}}
    assert recipients.lookup(FakeSession(answers), "members", "bob", {}, True, recipients.KINDS["members"]) == BOB
    with pytest.raises(errors.NotFound, match="managed_by: no such recipient"):
        recipients.lookup(FakeSession(answers), "managed_by", "bob", {}, True, recipients.KINDS["owners"])
    assert recipients.lookup(FakeSession(answers), "managed_by", "bob", {}, False, recipients.KINDS["owners"]) is None
    twins = answers | {"Get-User": Answer([{"Identity": BOB}, {"Identity": BOB}])}
    with pytest.raises(errors.Ambiguous, match="2 users answer to 'bob'"):
        recipients.lookup(FakeSession(twins), "members", "bob", {}, True, recipients.KINDS["members"])
    with pytest.raises(errors.AccessDenied):  # a failed look is no proof that there is nobody
        recipients.lookup(FakeSession(answers | {"Get-User": errors.AccessDenied("no")}), "members", "bob", {}, True, recipients.KINDS["members"])


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer([{"Identity": BOB}, {"Identity": BOB}]), errors.Ambiguous),
        (Answer([{"Identity": BOB}], truncated=True), errors.Ambiguous),
        (Answer([]), errors.HybridError),
        (Answer([{"Name": "Bob"}]), errors.HybridError),
        (errors.AccessDenied("no"), errors.AccessDenied),
    ],
)
def test_a_doubtful_recipient_is_an_error_even_where_it_is_to_be_removed(answer: t.Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        resolve(FakeSession({"Get-Recipient": answer}), {"many": lists.Wanted(remove=("bob",))})
