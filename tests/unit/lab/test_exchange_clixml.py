# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
import typing as t
import uuid
import xml.etree.ElementTree as ElementTree

import hypothesis
import pytest
from hypothesis import strategies
from psrpcore import types
from psrpcore._crypto import PSRemotingCrypto

from hybridlab import clixml
from hybridlab.exchange import Exchange
from hybridlab.records import Output

ANY_TEXT = strategies.text(strategies.characters(exclude_categories=()))


def read_back(value: t.Any) -> t.Any:
    """What a client reads that knows nothing of the writer."""
    return types.deserialize(ElementTree.fromstring(clixml.dumps(value)), PSRemotingCrypto())


@hypothesis.given(strategies.text())
@hypothesis.example('O\'Neil "B" $(x) `n\r\n\t]]> <a>&amp; _x0041_ _X \x00\x7f\x85 \U0001f600 \u202e \ufffe')
def test_every_string_survives(text: str) -> None:
    assert str(read_back(text)) == text
    name = f"property {text}"  # never a name that Python itself gives an object
    found = read_back(clixml.Obj(("Lab", "System.Object"), {name: text}))
    assert [str(getattr(found, item.name)) for item in found.PSObject.adapted_properties + found.PSObject.extended_properties if item.name == name] == [text]


@hypothesis.given(ANY_TEXT)
def test_half_a_surrogate_pair_is_still_well_formed(text: str) -> None:
    ElementTree.fromstring(clixml.dumps({"key": text}))


@pytest.mark.parametrize(
    ("value", "element"),
    [
        (None, "<Nil/>"),
        (True, "<B>true</B>"),
        (-1, "<I32>-1</I32>"),
        (2**31, "<I64>2147483648</I64>"),
        (2**70, "<D>1180591620717411303424</D>"),
        (1.5, "<Db>1.5</Db>"),
        (float("nan"), "<Db>NaN</Db>"),
        (float("-inf"), "<Db>-INF</Db>"),
        (uuid.UUID(int=5), "<G>00000000-0000-0000-0000-000000000005</G>"),
        (b"\x00\xff", "<BA>AP8=</BA>"),
        (datetime.datetime(2026, 3, 1, 10, tzinfo=datetime.UTC), "<DT>2026-03-01T10:00:00Z</DT>"),
        (datetime.datetime(2026, 3, 1, 10, tzinfo=datetime.timezone(datetime.timedelta(hours=1))), "<DT>2026-03-01T10:00:00+01:00</DT>"),
        (datetime.timedelta(days=1, seconds=2, microseconds=5), "<TS>P1DT2.000005S</TS>"),
        (clixml.Tag("Version", "15.2"), "<Version>15.2</Version>"),
    ],
)
def test_primitives(value: t.Any, element: str) -> None:
    assert clixml.dumps(value).decode() == element


def test_a_type_name_list_is_written_once() -> None:
    both = clixml.dumps([clixml.MultiValued(["a"]), clixml.MultiValued([]), clixml.ValueObj(("Size", "System.Object"), "1 GB")]).decode()
    assert both.count("MultiValuedPropertyBase") == 1
    assert '<Obj RefId="2"><TNRef RefId="1"/><LST/></Obj>' in both
    assert '<Obj RefId="3"><TN RefId="2"><T>Size</T><T>System.Object</T></TN><ToString>1 GB</ToString></Obj>' in both


def test_what_has_no_form_is_refused() -> None:
    with pytest.raises(TypeError, match="set has no CLIXML form"):
        clixml.dumps({1: {2}})


def test_another_implementation_reads_a_mailbox() -> None:
    record = next(iter(Exchange().invoke("Get-Mailbox", {"Identity": "user0"})))
    assert isinstance(record, Output)
    found = read_back(record.value)
    assert found.PSTypeNames[0].endswith("Microsoft.Exchange.Data.Directory.Management.Mailbox")
    assert (str(found.Alias), bool(found.IsValid), found.ForwardingAddress) == ("user0", True, None)
    assert "SMTP:user0@contoso.com" in clixml.dumps(record.value).decode()
