# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cmdlet parameters as pypsrp has to get them."""

from __future__ import annotations

import collections
import datetime
import enum
import typing as t
import uuid
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypsrp.complex_objects import PSCredential
from pypsrp.serializer import Serializer, TaggedValue

from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Credential, Secret
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import parameters, plain


class Tagged(str):
    """As Ansible marks its strings."""


class Level(enum.IntEnum):
    HIGH = 2


def wire(value: t.Any) -> ET.Element:
    element = Serializer().serialize(parameters.serializable(value))
    assert element is not None
    return element


@pytest.mark.parametrize(
    ("value", "tag", "text"),
    [
        (True, "B", "true"),
        (None, "Nil", None),
        ("a", "S", "a"),
        (Tagged("a"), "S", "a"),
        (5, "I32", "5"),
        (Level.HIGH, "I32", "2"),
        (2**31 - 1, "I32", str(2**31 - 1)),
        (2**31, "I64", str(2**31)),
        (-(2**31) - 1, "I64", str(-(2**31) - 1)),
        (2**63, "U64", str(2**63)),
        (2**70, "S", str(2**70)),
        (0.1, "Db", "0.1"),
        (b"\x00\xff", "BA", "AP8="),
        (uuid.UUID(int=5), "G", str(uuid.UUID(int=5))),
        (datetime.datetime(2026, 3, 1, 10, tzinfo=datetime.UTC), "S", "2026-03-01T10:00:00+00:00"),
        (datetime.date(2026, 3, 1), "S", "2026-03-01"),
        (datetime.timedelta(days=14), "S", "14.00:00:00"),
        (datetime.timedelta(seconds=-90), "S", "-0.00:01:30"),
    ],
)
def test_each_type_has_its_wire_type(value: t.Any, tag: str, text: str | None) -> None:
    element = wire(value)
    assert (element.tag, element.text) == (tag, text)


@pytest.mark.parametrize("value", [["a", 1], ("a", 1)])
def test_sequences_are_lists(value: t.Any) -> None:
    assert plain.Converter().convert(ET.tostring(wire(value))) == ["a", 1]


def test_dictionaries_of_any_class_are_hashtables() -> None:
    value = collections.OrderedDict(Add=("a", "b"), Remove={"c"})
    assert plain.Converter().convert(ET.tostring(wire(value))) == {"Add": ["a", "b"], "Remove": ["c"]}


@given(st.text(st.characters()))
def test_any_text_survives(value: str) -> None:
    """Quotes, $(), control characters, lone surrogates, U+FFFF: whatever it is, the server reads what was written."""
    assert plain.Converter().convert(ET.tostring(wire(value))) == value


def test_secrets_are_secure_strings_and_credentials() -> None:
    secret = parameters.serializable(Secret("s"))
    assert isinstance(secret, TaggedValue)
    assert (secret.tag, type(secret.value)) == ("SS", str)
    credential = parameters.serializable(Credential("u", Secret("p")))
    assert isinstance(credential, PSCredential)
    assert (credential.username, credential.password) == ("u", "p")


@pytest.mark.parametrize(
    ("value", "expected"), [({"a": [Secret("x")]}, True), (Credential("u", Secret("p")), True), ({"a": ["x"], "b": 1}, False), ((Secret("x"),), True)]
)
def test_a_secret_anywhere_needs_the_key_exchange(value: t.Any, expected: bool) -> None:
    assert parameters.has_secret(value) is expected


def test_what_has_no_form_is_refused_with_its_type() -> None:
    with pytest.raises(UsageError, match="object"):
        parameters.serializable({"a": [object()]})
