# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import functools
import json
import pathlib
import re
import threading
import time
import typing as t
import uuid
import xml.etree.ElementTree as ET

import psrpcore
import pytest
from psrpcore.types import PSInvocationState
from pypsrp.complex_objects import PSCredential
from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.serializer import TaggedValue
from pypsrp.wsman import WSMan

from hybridlab import estate
from hybridlab.records import Credential, SecureString
from hybridlab.wire.psrp import Session
from hybridlab.wire.wsman import POWERSHELL, SHELL, Request
from tests.unit.lab.wire_client import Sample, call, clear_client, client, pool, shell, within


@pytest.fixture
def product() -> Sample:
    return Sample()


@pytest.fixture
def lab(product: Sample) -> t.Iterator[estate.Estate]:
    with estate.running(product=product) as running:
        yield running


def test_objects_arrive_with_their_properties_and_types(lab: estate.Estate) -> None:
    with pool(lab) as session:
        (thing,) = call(session, "Get-Thing")
    assert thing.adapted_properties == {"Name": "thing 0", "Size": 0}
    assert thing.types == ["Microsoft.Exchange.Data.Thing", "System.Object"]


@pytest.mark.parametrize("connect", [client, functools.partial(clear_client, auth="negotiate")], ids=["tls", "encrypted messages"])
def test_a_list_larger_than_one_answer_arrives_whole(lab: estate.Estate, connect: t.Callable[[estate.Estate], WSMan]) -> None:
    with pool(lab, connect(lab)) as session:
        assert [item.adapted_properties["Size"] for item in call(session, "Get-Thing", Count=3000)] == list(range(3000))


def test_warnings_and_errors_go_to_their_streams(lab: estate.Estate) -> None:
    with pool(lab) as session:
        powershell = shell(session, "Get-Mixed")
        assert powershell.invoke() == ["after"]
    assert [warning.message for warning in powershell.streams.warning] == ["careful"]
    (error,) = powershell.streams.error
    assert error.fq_error == "[FailureCategory=Cmdlet-NotFound] 2,X"
    assert error.exception is not None
    assert (str(error), error.target_name, error.exception.types[0]) == ("Not found.", "thing", "Microsoft.Exchange.NotFoundException")


@pytest.mark.parametrize(
    ("cmdlet", "error_id", "text"),
    [("Get-Denied", "[FailureCategory=Cmdlet-DeniedException] 1,X", "Access is denied."), ("Get-Defect", "LabDefect", "The lab failed: KeyError: 'defect'")],
)
def test_a_terminating_error_fails_the_pipeline(lab: estate.Estate, cmdlet: str, error_id: str, text: str) -> None:
    with pool(lab) as session:
        powershell = shell(session, cmdlet)
        powershell.invoke()
    assert powershell.had_errors
    assert [(error.fq_error, str(error)) for error in powershell.streams.error] == [(error_id, text)]


def test_a_script_is_refused_as_in_no_language_mode(lab: estate.Estate, product: Sample) -> None:
    with pool(lab) as session:
        powershell = PowerShell(session)
        powershell.add_script("Get-Thing | Where-Object { $_.Size }")
        powershell.invoke()
    (error,) = powershell.streams.error
    assert error.fq_error == "ScriptsNotAllowed"
    assert str(error) == "The syntax is not supported by this runspace. This can occur if the runspace is in no-language mode."
    assert product.calls == []


def test_select_object_keeps_the_named_properties(lab: estate.Estate) -> None:
    with pool(lab) as session:
        powershell = shell(session, "Get-Thing", Count=5)
        powershell.add_cmdlet("Select-Object").add_parameter("Property", ["name", "Missing"]).add_parameter("First", 2)
        things = powershell.invoke()
    assert [thing.extended_properties for thing in things] == [{"Name": "thing 0", "Missing": None}, {"Name": "thing 1", "Missing": None}]
    assert things[0].types[0] == "Selected.Microsoft.Exchange.Data.Thing"


def test_other_commands_take_no_pipeline_input(lab: estate.Estate) -> None:
    with pool(lab) as session:
        powershell = shell(session, "Get-Thing")
        powershell.add_cmdlet("Remove-Thing")
        powershell.invoke()
    assert powershell.streams.error[0].fq_error == "InputObjectNotBound,Remove-Thing"


def test_statements_run_one_after_the_other(lab: estate.Estate, product: Sample) -> None:
    with pool(lab) as session:
        powershell = shell(session, "Get-Thing", Identity="a")
        powershell.add_statement().add_cmdlet("Get-Thing").add_parameter("Identity", "b")
        assert len(powershell.invoke()) == 2
    assert [parameters for _, parameters in product.calls] == [{"Identity": "a"}, {"Identity": "b"}]


def test_parameters_arrive_plain(lab: estate.Estate, product: Sample) -> None:
    sent = {
        "Text": "quotes \" ' $() ]]> \n \U0001f600 עברית",
        "Yes": True,
        "Number": 7,
        "Large": TaggedValue("I64", 2**40),
        "Real": 1.5,
        "Nothing": None,
        "Id": uuid.UUID(int=5),
        "Raw": b"\0\xff",
        "Items": ["a", 1, ["b"]],
        "Table": {"Add": ["x"], "Remove": []},
    }
    with pool(lab) as session:
        call(session, "Set-Thing", **sent)
    (received,) = [parameters for _, parameters in product.calls]
    assert received == {**sent, "Large": 2**40}
    assert {name: type(value) for name, value in received.items()} == {**{name: type(value) for name, value in sent.items()}, "Large": int}


def test_a_dashed_name_without_value_is_a_switch(lab: estate.Estate, product: Sample) -> None:
    with pool(lab) as session:
        powershell = PowerShell(session).add_cmdlet("Set-Thing").add_argument("one").add_parameter("-Force").add_parameter("-Name:", "x")
        powershell.invoke()
    assert product.calls == [("Set-Thing", {"Identity": "one", "Force": True, "Name": "x"})]


def test_secrets_arrive_decrypted_and_are_recorded_as_any(tmp_path: pathlib.Path, product: Sample) -> None:
    record = tmp_path / "calls.jsonl"
    with estate.running(product=product, record=record) as lab, pool(lab) as session:
        session.exchange_keys()
        secret = TaggedValue("SS", "s3cr$t")
        login = PSCredential(username="u", password="p4ss")  # type: ignore[no-untyped-call]
        call(session, "Set-Thing", Password=secret, Login=login, Raw=b"ab", Plain="x")
    ((_, received),) = product.calls
    assert received["Password"] == SecureString("s3cr$t") and isinstance(received["Password"], SecureString)
    assert received["Login"] == Credential("u", SecureString("p4ss"))
    anything = {"$any": True}
    assert [json.loads(line) for line in record.read_text().splitlines()] == [
        {"target": "exchange-2019", "cmdlet": "Set-Thing", "parameters": {"Password": anything, "Login": anything, "Raw": [97, 98], "Plain": "x"}}
    ]


def test_calls_of_many_sessions_are_recorded_line_by_line(tmp_path: pathlib.Path, product: Sample) -> None:
    record = tmp_path / "calls.jsonl"

    def work(lab: estate.Estate) -> None:
        with pool(lab) as session:
            for number in range(5):
                call(session, "Set-Thing", Number=number, Text="x" * 2000)

    with estate.running(product=product, record=record) as lab:
        threads = [threading.Thread(target=work, args=(lab,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len([json.loads(line) for line in record.read_text().splitlines()]) == 20
        assert lab.counters["calls"] == 20


def test_a_stop_ends_the_products_generator(lab: estate.Estate, product: Sample) -> None:
    with pool(lab) as session:
        powershell = shell(session, "Get-Endless")
        powershell.begin_invoke()
        powershell.poll_invoke()
        assert not product.cancelled.is_set()
        powershell.stop()
        assert product.cancelled.wait(10)
        assert len(call(session, "Get-Thing")) == 1


def test_closing_the_session_ends_what_runs_in_it(lab: estate.Estate, product: Sample) -> None:
    session = RunspacePool(client(lab), configuration_name="Microsoft.Exchange")
    session.open()
    shell(session, "Get-Endless").begin_invoke()
    assert within(10, lambda: bool(product.calls))  # a session may be closed before its cmdlet has begun: nothing is then to be ended
    session.close()
    assert product.cancelled.wait(10)
    assert lab.service.live() == {}


def test_nothing_to_receive_yet_is_asked_again(lab: estate.Estate, product: Sample) -> None:
    with pool(lab, client(lab, operation_timeout=1, read_timeout=5)) as session:
        threading.Timer(1.3, product.release.set).start()
        assert call(session, "Wait-Release") == []


def test_calls_beyond_the_runspaces_of_a_session_wait(lab: estate.Estate, product: Sample) -> None:
    with pool(lab, max_runspaces=1) as session:
        first = shell(session, "Wait-Release")
        first.begin_invoke()
        second = shell(session, "Get-Thing")
        second.begin_invoke()
        assert within(10, lambda: len(product.calls) == 1)
        assert session.get_available_runspaces() == 0
        time.sleep(0.1)
        assert [cmdlet for cmdlet, _ in product.calls] == ["Wait-Release"]
        product.release.set()
        first.end_invoke()
        second.end_invoke()
        assert session.get_available_runspaces() == 1
    assert [cmdlet for cmdlet, _ in product.calls] == ["Wait-Release", "Get-Thing"]


def test_a_request_for_the_metadata_of_commands_fails_at_once() -> None:
    near = psrpcore.ClientRunspacePool()
    far = Session("id", "account", lambda pipeline, streams: None)

    def receive(command: uuid.UUID | None = None) -> list[object]:
        stream = ET.Element("DesiredStream", {"CommandId": str(command)} if command else {})
        answer = far.receive(Request("account", stream, timeout=0.1), stream)
        for data in re.findall(r"<rsp:Stream[^>]*>([^<]*)<", answer):
            near.receive_data(psrpcore.PSRPPayload(base64.b64decode(data), psrpcore.StreamType.default, command))
        return list(iter(near.next_event, None))

    def encoded(tag: str) -> ET.Element:
        payload = near.data_to_send()
        assert payload is not None
        outer = ET.Element("outer", {} if payload.pipeline_id is None else {"CommandId": str(payload.pipeline_id)})
        ET.SubElement(outer, tag).text = base64.b64encode(payload.data).decode()
        return outer

    near.open()
    far.open(encoded(POWERSHELL + "creationXml"))
    receive()
    pipeline = psrpcore.ClientGetCommandMetadata(near, "*")
    pipeline.start()
    far.command(encoded(SHELL + "Arguments"), {})
    receive(pipeline.pipeline_id)
    assert pipeline.state == PSInvocationState.Failed


def test_a_finished_call_leaves_nothing_in_its_session(lab: estate.Estate) -> None:
    with pool(lab) as session:
        for _ in range(20):
            call(session, "Get-Thing")
        (remote,) = lab.service._shells.values()
        assert isinstance(remote, Session)
        assert remote._runs == {}
