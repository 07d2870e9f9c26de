# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One normaliser for values that a server returns differently from how they are written."""

from __future__ import annotations

import datetime
import typing as t

import hypothesis
import pytest
from hypothesis import strategies as st

from ansible_collections.m365.hybrid.plugins.module_utils._core import values
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Secret
from tests.unit.core import examples
from tests.unit.core.examples import steady

CODECS = {name: codec for name, codec in values.CODECS.items() if name != "secret"} | {"choice": values.choice(examples.CHOICES)}
every_codec = pytest.mark.parametrize("kind", CODECS)
almost = st.one_of(
    st.text(max_size=30),
    st.text("0123456789.,:-+PTZDHMSkKmMgGbByteslimnud() '", max_size=30),
    st.from_regex(r"-?P?[0-9]{0,25}[.:DT]?[0-9]{0,25}[:HMS ]?[0-9.]{0,20}(B|kb|GB| bytes)?", fullmatch=True),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.none(),
)
"""What is, is almost, or is not at all a value."""


@every_codec
@steady
@hypothesis.given(value=almost | st.lists(almost, max_size=3))
def test_whatever_is_written_is_understood_once_and_for_all_or_refused_with_a_sentence(kind: str, value: t.Any) -> None:
    codec = CODECS[kind]
    try:
        loaded = codec.load(value)
    except ValueError as error:
        assert " is n" in str(error), "a sentence that says what the value is not"
        return
    assert codec.load(loaded) == loaded
    assert codec.key(codec.load(loaded)) == codec.key(loaded)
    hash(codec.key(loaded))


@every_codec
@steady
@hypothesis.given(data=st.data())
def test_a_written_value_reads_back_as_the_same(kind: str, data: st.DataObject) -> None:
    codec = CODECS[kind]
    members = examples.members_of.get(kind)
    written = data.draw(st.lists(members, max_size=4) if members is not None else examples.values[kind])
    loaded = codec.load(written)
    assert codec.key(codec.load(codec.dump(loaded))) == codec.key(loaded)


@every_codec
def test_null_is_a_value_of_every_codec(kind: str) -> None:
    empty = {"text": "", "name": "", "recipient": "", "address": "", "uri": "", "recipient_address": "", "tristate": "unset"}
    assert CODECS[kind].load(None) == empty.get(kind, [] if kind in examples.LISTS else None)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("53687091200", 50 << 30),
        (53687091200, 50 << 30),
        ("50GB", 50 << 30),
        (" 50 gb ", 50 << 30),
        ("51200 MB", 50 << 30),
        ("50 GB (53,687,091,200 bytes)", 50 << 30),
        ("50 GB (53.687.091.200 bytes)", 50 << 30),
        ("50 GB (53\u00a0687\u00a0091\u00a0200 bytes)", 50 << 30),
        ("50 GB (53\u202f687\u202f091\u202f200 bytes)", 50 << 30),
        ("50 GB (53'687'091'200 bytes)", 50 << 30),
        ("50 GB (53’687’091’200 bytes)", 50 << 30),
        ("50 GB (53,68,70,91,200 bytes)", 50 << 30),
        ("99 GB (106,300,440,576 bytes)", 106_300_440_576),
        ("1.5 kb", 1536),
        ("1.1 GB", 1_181_116_416),
        ("7k", 7 << 10),
        ("12 bytes", 12),
        ("0", 0),
    ],
)
def test_a_size_in_every_form(written: t.Any, number: int) -> None:
    assert values.size_in_bytes(written) == number


@pytest.mark.parametrize("wrong", ["", "much", "-1", "1,5 GB", "5 kytes", "5 PB", "( bytes)", "(, bytes)", "9" * 400 + ".0GB", True, -3, "1e3", "٣ GB"])
def test_a_size_that_is_none(wrong: t.Any) -> None:
    with pytest.raises(ValueError, match="is not a size such as 50GB"):
        values.size_in_bytes(wrong)


@pytest.mark.parametrize(
    ("written", "shown"),
    [("1024", "1 KB"), ("1536", "1536 B"), ("50 GB", "50 GB"), ("1.5 GB", "1536 MB"), ("2 TB", "2 TB"), ("0", "0 B"), ("UNLIMITED ", "unlimited"), ("", None)],
)
def test_a_size_is_shown_in_the_largest_unit_that_divides_it(written: str, shown: str | None) -> None:
    assert values.size(written) == shown


def test_sizes_are_compared_and_sent_in_bytes() -> None:
    codec = values.CODECS["size"]
    assert codec.key(codec.load("1 GB")) == codec.key(codec.load("1 GB (1,073,741,824 bytes)")) == 1 << 30
    assert [codec.dump(codec.load(one)) for one in ("1 GB", "unlimited", "")] == ["1073741824", "Unlimited", None]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("14.00:00:00", "14.00:00:00"),
        ("14", "14.00:00:00"),
        (14, "14.00:00:00"),
        ("P14D", "14.00:00:00"),
        ("p1dt2h", "1.02:00:00"),
        ("PT36H", "1.12:00:00"),
        ("10:00:00", "0.10:00:00"),
        ("1:30", "0.01:30:00"),
        ("-1.00:00:00", "-1.00:00:00"),
        ("-00:00", "0.00:00:00"),
        ("00:00:00.5000000", "0.00:00:00.5000000"),
        ("00:00:00.0000000", "0.00:00:00"),
        ("PT1.123456789S", "0.00:00:01.1234567"),
        ("10675198.00:00:00", "10675198.00:00:00"),
        ("", None),
    ],
)
def test_a_time_span_in_every_form(written: t.Any, shown: str | None) -> None:
    assert values.timespan(written) == shown


@pytest.mark.parametrize(
    "wrong", ["soon", "P", "PT", "-P", "P1DT", "1.2", "14 days", "9" * 20, "10675199", "99999999.00:00:00", "P99999999DT999999999H", True, 1.5]
)
def test_a_time_span_that_is_none(wrong: t.Any) -> None:
    with pytest.raises(ValueError, match=r"is not a time span such as 14\.00:00:00"):
        values.timespan(wrong)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("2026-03-01T10:00:00Z", "2026-03-01T10:00:00Z"),
        ("2026-03-01T11:00:00+01:00", "2026-03-01T10:00:00Z"),
        ("2026-03-01T10:00:00.1234567Z", "2026-03-01T10:00:00Z"),
        ("2026-03-01 10:00:00", "2026-03-01T10:00:00Z"),
        ("2026-03-01", "2026-03-01T00:00:00Z"),
        (datetime.datetime(2026, 3, 1, 10), "2026-03-01T10:00:00Z"),
        ("", None),
    ],
)
def test_a_time_in_every_form(written: t.Any, shown: str | None) -> None:
    assert values.timestamp(written) == shown


@pytest.mark.parametrize("wrong", ["soon", "3/1/2026 10:00 AM", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"])
def test_a_time_that_is_none(wrong: str) -> None:
    with pytest.raises(ValueError, match="is not a time such as"):
        values.timestamp(wrong)


@steady
@hypothesis.given(st.integers(-(2**63), 2**63 - 1))
def test_every_whole_number_of_a_cmdlet(number: int) -> None:
    assert values.integer(number) == values.integer(str(number)) == values.integer(f" {number:,} ") == number


@pytest.mark.parametrize("wrong", [True, "1.5", "one", "9" * 5000, "-", 1.5])
def test_a_number_that_is_none(wrong: t.Any) -> None:
    with pytest.raises(ValueError, match="is not a whole number"):
        values.integer(wrong)


def test_a_number_or_unlimited() -> None:
    assert [values.count(one) for one in ("Unlimited", "500", 500, "", None)] == ["unlimited", 500, 500, None, None]
    assert [values.CODECS["count"].dump(one) for one in ("unlimited", 500)] == ["Unlimited", 500]


def test_a_truth_value_or_none_at_all() -> None:
    assert [values.boolean(one) for one in (True, "False", "yes", 0, None)] == [True, False, True, False, None]
    assert [values.tristate(one) for one in (True, "false", None, "unset")] == ["true", "false", "unset", "unset"]
    assert [values.CODECS["tristate"].dump(one) for one in ("true", "false", "unset")] == [True, False, None]
    with pytest.raises(ValueError, match="neither true nor false"):
        values.boolean("perhaps")


@pytest.mark.parametrize("shown", ["InternalOnly", "internalonly", "INTERNAL_ONLY", "internal_only"])
def test_a_choice_in_any_spelling(shown: str) -> None:
    codec = values.choice(examples.CHOICES)
    assert (codec.load(shown), codec.dump(codec.load(shown))) == ("internal_only", "InternalOnly")


def test_a_choice_that_the_option_does_not_know_is_shown_as_it_is_and_differs() -> None:
    codec = values.choice(examples.CHOICES)
    assert codec.load("SomethingNew") == "SomethingNew"
    assert codec.key("SomethingNew") not in {codec.key(one) for one in examples.CHOICES}


@pytest.mark.parametrize("written", ["a@b.example", "smtp:a@b.example", "SMTP:a@b.example", " smtp: SMTP:a@b.example"])
def test_an_smtp_address_goes_without_its_type(written: str) -> None:
    assert values.smtp_address(written) == "a@b.example"


def test_a_proxy_address_keeps_its_type_and_who_is_primary() -> None:
    written = ["a@b", "SMTP:a@b", "Smtp:a@b", "X500:/o=First/cn=A", "sip:a@b"]
    assert [values.proxy_address(one) for one in written] == ["smtp:a@b", "SMTP:a@b", "smtp:a@b", "X500:/o=First/cn=A", "sip:a@b"]
    key = values.PROXY_ADDRESS.key
    assert key("smtp:A@b") == key("smtp:a@B") != key("SMTP:a@b"), "who is primary is a difference"


def test_unset_is_a_choice_for_null() -> None:
    codec = values.choice((*examples.CHOICES, values.UNSET))
    assert (codec.load(None), codec.load("unset"), codec.dump("unset"), codec.key(codec.load(None))) == ("unset", "unset", None, codec.key("unset"))
    assert values.choice(examples.CHOICES).load(None) is None


def test_an_array_is_written_as_a_whole_and_null_when_it_is_empty() -> None:
    codec = values.array(values.NAME)
    assert codec.whole and (codec.load(None), codec.dump([]), codec.dump(["b", "a"])) == ([], None, ["b", "a"])
    assert codec.key(["B", "a"]) == codec.key(["a", "b"])


def test_lists_have_no_order_and_no_null() -> None:
    codec = values.CODECS["texts"]
    assert codec.key(codec.load(["B", "a"])) == codec.key(codec.load(("A", "b")))
    assert (codec.load(None), codec.load("one")) == ([], ["one"])


def test_an_ordered_list_has_an_order() -> None:
    codec = values.CODECS["ordered_names"]
    assert codec.key(["en-US", "de-DE"]) == codec.key(["EN-us", "de-de"]) != codec.key(["de-DE", "en-US"])


def test_names_and_addresses_ignore_case_texts_do_not() -> None:
    assert values.NAME.key("DB01") == values.NAME.key("db01")
    assert values.ADDRESS.key("A@b") == values.ADDRESS.key("a@B")
    assert values.TEXT.key("A") != values.TEXT.key("a")


@pytest.mark.parametrize("written", ["{0B9A6C36-1111-2222-3333-444455556666}", "0b9a6c36-1111-2222-3333-444455556666", "0b9a6c36111122223333444455556666"])
def test_a_guid_has_one_form(written: str) -> None:
    assert values.guid(written) == "0b9a6c36-1111-2222-3333-444455556666"


@pytest.mark.parametrize("nothing", [None, "", "00000000-0000-0000-0000-000000000000"])
def test_no_guid_and_all_zeros_are_one(nothing: str | None) -> None:
    assert values.guid(nothing) is None


def test_no_guid_is_written_as_zeros() -> None:
    assert values.CODECS["guid"].dump(None) == values.NO_GUID


def test_what_is_no_guid_is_refused() -> None:
    with pytest.raises(ValueError, match="'erin' is not a GUID"):
        values.guid("erin")


def test_a_secret_is_sent_as_one() -> None:
    assert isinstance(values.CODECS["secret"].dump("geheim"), Secret)


@pytest.mark.parametrize(
    ("option", "vendor"),
    [("auto_forward_enabled", "AutoForwardEnabled"), ("use_7_bit", "Use7Bit"), ("50220", "50220"), ("scl_delete_enabled", "SclDeleteEnabled")],
)
def test_an_option_as_a_vendor_name_and_back(option: str, vendor: str) -> None:
    assert values.pascal(option) == vendor
    assert values.fold(option) == values.fold(vendor)


def test_flags_are_a_set_of_names_and_written_as_a_whole() -> None:
    codec = values.flags(("tls", "basic_auth", "basic_auth_require_tls"))
    assert codec.load("Tls, BasicAuthRequireTLS") == ["tls", "basic_auth_require_tls"]
    assert codec.load("None") == codec.load(None) == codec.load("") == []
    assert codec.key(codec.load("BasicAuth, Tls")) == codec.key(["tls", "basic_auth"])
    assert codec.dump(["tls", "basic_auth"]) == "Tls, BasicAuth"
    assert codec.dump([]) == "None"
    assert codec.load(codec.dump(["tls", "basic_auth_require_tls"])) == ["tls", "basic_auth_require_tls"]


def test_no_flag_may_have_a_name_of_its_own() -> None:
    codec = values.flags(("downgrade_dns_failures",), none="default")
    assert codec.load("Default") == codec.load(None) == []
    assert codec.dump([]) == "Default" and codec.dump(["downgrade_dns_failures"]) == "DowngradeDnsFailures"


def test_a_choice_may_be_none() -> None:
    codec = values.choice_or_none(("none", "encryption_only"))
    assert [codec.load(one) for one in (None, "none", "EncryptionOnly")] == ["none", "none", "encryption_only"]
    assert [codec.dump(one) for one in ("none", "encryption_only")] == [None, "EncryptionOnly"]
    assert codec.key("none") != codec.key("encryption_only")


def test_a_size_that_there_is_always_one_of() -> None:
    codec = values.CODECS["limited_size"]
    assert codec.load("36 MB (37,748,736 bytes)") == codec.load("36864KB") == "36 MB"
    with pytest.raises(ValueError, match="cannot be lifted"):
        codec.load("Unlimited")


def test_an_address_with_and_without_a_slash_at_its_end() -> None:
    codec = values.CODECS["uri"]
    assert codec.key("https://mail.contoso.com/") == codec.key("https://MAIL.contoso.com") != codec.key("https://mail.contoso.com/owa")


def test_a_flag_that_only_the_server_knows_stays() -> None:
    codec = values.flags(("tls",))
    assert codec.dump(codec.load("Tls, Kerberos5")) == "Tls, Kerberos5"
