# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CLIXML → plain values, also against pypsrp's own deserializer and the lab's writer."""

from __future__ import annotations

import datetime
import json
import typing as t
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypsrp.messages import Message, MessageType, PipelineState
from pypsrp.serializer import Serializer

from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import plain
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires.fragments import PlainFragmenter
from hybridlab import clixml


def convert(xml: str | bytes, properties: t.Collection[str] | None = None) -> t.Any:
    return plain.Converter(properties).convert(xml)


def obj(inner: str, string: str | None = None, ref: int = 0, name: str = "") -> str:
    attribute = f' N="{name}"' if name else ""
    return f'<Obj RefId="{ref}"{attribute}><TN RefId="{ref}"><T>X</T></TN>{f"<ToString>{string}</ToString>" if string else ""}{inner}</Obj>'


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        ("<S>a_x0041__x000A_b_x005F_x</S>", "aA\nb_x"),
        ("<S>_xD83D__xDE00_</S>", "\U0001f600"),
        ("<S />", ""),
        ("<Nil />", None),
        ("<B>true</B>", True),
        ("<I64>1099511627776</I64>", 1 << 40),
        ("<Db>1.5</Db>", 1.5),
        ("<Db>NaN</Db>", "NaN"),
        ("<Db>-INF</Db>", "-INF"),
        ("<D>12.340</D>", 12.34),
        ("<C>65</C>", "A"),
        ("<DT>2026-03-01T11:00:00.5000000+01:00</DT>", "2026-03-01T10:00:00.5Z"),
        ("<DT>2026-03-01T11:00:00Z</DT>", "2026-03-01T11:00:00Z"),
        ("<DT>2026-03-01T11:00:00</DT>", "2026-03-01T11:00:00"),
        ("<DT>0001-01-01T00:00:00+01:00</DT>", "0001-01-01T00:00:00+01:00"),
        ("<TS>P14DT1H2M3.5S</TS>", "14.01:02:03.5000000"),
        ("<TS>-PT15M</TS>", "-00:15:00"),
        ("<Version>15.1.2507.6</Version>", "15.1.2507.6"),
        ("<SS>secret</SS>", None),
        (obj("", "Unlimited"), "Unlimited"),
        (obj("<I32>3</I32>", "UserMailbox"), "UserMailbox"),
        (obj("<I32>3</I32>", "3"), 3),
        (obj("<LST><S>a</S><S>b</S></LST>"), ["a", "b"]),
        (obj("<LST />"), []),
        (obj('<DCT><En><S N="Key">k</S><I32 N="Value">1</I32></En></DCT>'), {"k": 1}),
        (obj("<Props />", "name only"), "name only"),
        (obj('<MS><BA N="SerializationData">AAE=</BA></MS>', "2 GB"), "2 GB"),
        (obj('<Props><S N="A">1</S></Props><MS><BA N="SerializationData">AAE=</BA><S N="Note">n</S></MS>'), {"A": "1", "Note": "n"}),
        (obj("<S>text</S><MS><S N='x'>y</S></MS>"), "text"),
    ],
)
def test_each_kind_of_value(xml: str, expected: t.Any) -> None:
    assert convert(xml) == expected


def test_nested_objects_and_shared_references() -> None:
    inner = obj('<Props><S N="Name">DB01</S></Props>', ref=1, name="Database")
    assert convert(obj(f'<Props>{inner}<Ref N="Again" RefId="1" /></Props>')) == {"Database": {"Name": "DB01"}, "Again": {"Name": "DB01"}}


def test_a_circle_ends_with_the_name_of_the_object() -> None:
    found = convert(obj('<Props><Ref N="Self" RefId="0" /></Props>', "me"))
    assert found == {"Self": "me"}
    assert json.dumps(convert(obj('<Props><Ref N="Self" RefId="0" /></Props>'))) == '{"Self": null}'


def test_only_named_properties_are_converted_whatever_their_case() -> None:
    assert convert(obj('<Props><S N="Name">a</S><S N="Other">b</S></Props>'), ["NAME"]) == {"Name": "a"}


def test_a_wanted_reference_into_an_unwanted_property_is_found() -> None:
    unwanted = obj('<Props><S N="Name">DB01</S></Props>', ref=1, name="Unwanted")
    assert convert(obj(f'<Props>{unwanted}<Ref N="Wanted" RefId="1" /></Props>'), ["Wanted"]) == {"Wanted": {"Name": "DB01"}}


@pytest.mark.parametrize("damaged", ["<S>", '<Ref RefId="7" />', "no xml", "<Obj RefId='0'>" * 3000 + "</Obj>" * 3000])
def test_what_is_not_clixml_is_a_value_error(damaged: str) -> None:
    with pytest.raises(ValueError, match="CLIXML"):
        convert(damaged)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_survives_as_the_lab_and_as_pypsrp_write_it(value: str) -> None:
    assert convert(clixml.dumps(value)) == value


scalars = st.none() | st.booleans() | st.integers(-(2**31), 2**31 - 1) | st.text(st.characters(exclude_categories=["Cs", "Cc"]))


@given(st.dictionaries(st.from_regex(r"\A[A-Z][a-z]{1,5}\Z"), scalars | st.lists(scalars), min_size=1))
def test_objects_agree_with_the_stock_deserializer(properties: dict[str, t.Any]) -> None:
    xml = clixml.dumps(clixml.Obj(["X", "System.Object"], properties))
    stock = Serializer().deserialize(xml.decode()).adapted_properties
    mine = convert(xml)
    assert {name: value for name, value in mine.items() if not isinstance(value, list)} == {
        name: stock[name] for name, value in mine.items() if not isinstance(value, list)
    }
    assert mine == properties


def test_a_mailbox_as_exchange_sends_it() -> None:
    moment = datetime.datetime(2026, 3, 1, 10, tzinfo=datetime.UTC)
    xml = clixml.dumps(
        clixml.Obj(
            ["Microsoft.Exchange.Data.Directory.Management.Mailbox", "System.Object"],
            {
                "EmailAddresses": clixml.MultiValued(["SMTP:a@x", "smtp:b@x"], "System.String"),
                "Guid": uuid.UUID(int=7),
                "WhenCreatedUTC": moment,
                "Type": clixml.Enum(["Microsoft.Exchange.RecipientTypeDetails"], 1, "UserMailbox"),
                "Quota": clixml.ValueObj(["Microsoft.Exchange.Data.Unlimited"], "Unlimited"),
                "Empty": clixml.MultiValued([], "System.String"),
            },
        )
    )
    assert convert(xml) == {
        "EmailAddresses": ["SMTP:a@x", "smtp:b@x"],
        "Guid": str(uuid.UUID(int=7)),
        "WhenCreatedUTC": "2026-03-01T10:00:00Z",
        "Type": "UserMailbox",
        "Quota": "Unlimited",
        "Empty": [],
    }


def fragments(message: bytes, size: int, identifier: int = 1) -> bytes:
    parts = [message[start : start + size] for start in range(0, len(message), size)]
    last = len(parts) - 1
    head = (identifier.to_bytes(8, "big") + number.to_bytes(8, "big") + bytes([(number == 0) | (number == last) << 1]) for number in range(len(parts)))
    return b"".join(start + len(part).to_bytes(4, "big") + part for start, part in zip(head, parts, strict=True))


def output_message(xml: str) -> bytes:
    return (1).to_bytes(4, "little") + MessageType.PIPELINE_OUTPUT.to_bytes(4, "little") + bytes(32) + b"\xef\xbb\xbf" + xml.encode()


@given(st.integers(1, 200))
def test_an_object_in_any_number_of_fragments(size: int) -> None:
    (message,) = PlainFragmenter(1000, Serializer()).defragment(fragments(output_message("<S>" + "ü" * 200 + "</S>"), size))
    assert message.data.data == "ü" * 200


def test_a_missing_fragment_is_noticed() -> None:
    with pytest.raises(ValueError, match="arrived instead"):
        PlainFragmenter(1000, Serializer()).defragment(fragments(output_message("<S>abc</S>"), 20)[41:])


def test_a_message_of_twenty_megabytes_is_not_quadratic() -> None:
    data = fragments(output_message("<S>" + "x" * 20_000_000 + "</S>"), 30_000)
    fragmenter = PlainFragmenter(1000, Serializer())
    half = len(data) // 30_021 // 2 * 30_021
    assert fragmenter.defragment(data[:half]) == []
    (message,) = fragmenter.defragment(data[half:])
    assert len(message.data.data) == 20_000_000


def test_other_messages_stay_pypsrp_s() -> None:
    state = '<Obj RefId="0"><MS><I32 N="PipelineState">4</I32></MS></Obj>'
    raw = (1).to_bytes(4, "little") + MessageType.PIPELINE_STATE.to_bytes(4, "little") + bytes(32) + state.encode()
    (message,) = PlainFragmenter(1000, Serializer()).defragment(fragments(raw, 50))
    assert isinstance(message, Message)
    assert isinstance(message.data, PipelineState)
    assert message.data.state == 4
