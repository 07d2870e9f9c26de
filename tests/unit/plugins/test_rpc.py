# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages between a task and the broker."""

from __future__ import annotations

import datetime
import socket
import threading
import typing as t
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.m365.hybrid.plugins.module_utils._core import rpc
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import NotFound, SessionLost, TimedOut, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Credential, Secret

text = st.text(st.characters())  # surrogates too: Ansible's text may hold them
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | text,
    lambda inner: st.lists(inner) | st.dictionaries(text, inner),
    max_leaves=20,
)
parameter = st.recursive(
    plain
    | st.binary()
    | st.uuids()
    | st.datetimes(timezones=st.none() | st.just(datetime.UTC))
    | st.dates()
    | st.timedeltas()
    | text.map(Secret)
    | st.builds(Credential, text, text.map(Secret)),
    lambda inner: st.lists(inner) | st.dictionaries(text | st.sampled_from(["$secret", "$dict"]), inner),
    max_leaves=20,
)


def over_socket(message: t.Any) -> t.Any:
    left, right = socket.socketpair()
    with left, right:
        sender = threading.Thread(target=rpc.send, args=(left, message))
        sender.start()
        received = rpc.receive(right)
        sender.join()
        return received


@given(plain)
def test_a_message_arrives_as_it_was_sent(message: t.Any) -> None:
    assert over_socket({"message": message}) == {"message": message}


@given(parameter)
def test_a_parameter_keeps_value_and_type(value: t.Any) -> None:
    assert rpc.decode(over_socket(rpc.encode(value))) == value


def test_a_secret_arrives_as_a_secret() -> None:
    arrived = rpc.decode(rpc.encode({"a": Secret("s"), "c": Credential("u", Secret("p"))}))
    assert isinstance(arrived["a"], Secret)
    assert isinstance(arrived["c"].password, Secret)
    assert repr(arrived["a"]) == "Secret()"


def test_subclasses_and_sequences_become_plain() -> None:
    class Tagged(str):
        """As Ansible marks its strings."""

    arrived = rpc.encode({"text": Tagged("x"), "tuple": (1, 2), "set": {3}})
    assert arrived == {"text": "x", "tuple": [1, 2], "set": [3]}
    assert type(arrived["text"]) is str


def test_a_value_without_a_form_is_refused_with_its_type() -> None:
    with pytest.raises(UsageError, match="complex"):
        rpc.encode({"x": [1j]})


def test_half_a_message_is_the_end() -> None:
    left, right = socket.socketpair()
    with right:
        left.sendall(rpc.HEADER.pack(10) + b"{}")
        left.close()
        assert rpc.receive(right) is None


def test_what_is_no_message_is_refused_without_reserving_memory() -> None:
    left, right = socket.socketpair()
    with left, right:
        left.sendall(b"HTTP/1.1 200 OK")
        with pytest.raises(ValueError, match="not one of ours"):
            rpc.receive(right)


class Peer:
    """A socket that answers each connection's requests from a list; None closes the connection instead."""

    def __init__(self, path: str, answers: list[t.Any]) -> None:
        self.path = path
        self.requests: list[t.Any] = []
        self._answers = answers
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        self._listener.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            with connection:
                while (request := rpc.receive(connection)) is not None:
                    self.requests.append(request)
                    answer = self._answers.pop(0)
                    if answer is None:
                        break
                    if answer != "nothing":
                        rpc.send(connection, answer)


@pytest.fixture
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("s") / "b")


def session(path: str, timeout: float | None = 5) -> rpc.RemoteSession:
    return rpc.RemoteSession(rpc.Client(path), target="exchange on x", wire="powershell", endpoint="exchange", timeout=timeout)


def test_an_answer_becomes_an_answer(path: str) -> None:
    peer = Peer(path, [{"answer": {"output": [{"A": 1}], "warnings": ["w"], "truncated": True}}])
    answer = session(path).invoke("Get-X", {"Id": uuid.UUID(int=1)}, properties=["A"])
    assert (answer.output, answer.warnings, answer.truncated) == ([{"A": 1}], ["w"], True)
    assert peer.requests[0]["parameters"] == {"Id": {"$uuid": str(uuid.UUID(int=1))}}
    assert peer.requests[0]["properties"] == ["A"]


def test_an_error_is_raised_as_its_class_with_all_attributes(path: str) -> None:
    Peer(path, [{"error": NotFound("gone", error_id="X,Y", category="NotSpecified").as_dict()}])
    with pytest.raises(NotFound) as caught:
        session(path).invoke("Get-X")
    assert (caught.value.error_id, caught.value.category, caught.value.cmdlet, caught.value.target) == ("X,Y", "NotSpecified", "Get-X", "exchange on x")


def test_a_broker_that_ends_in_mid_call_loses_the_session(path: str) -> None:
    Peer(path, [None])
    with pytest.raises(SessionLost, match="ended during the call"):
        session(path).invoke("Set-X")


def test_no_answer_in_time_is_a_timeout(path: str) -> None:
    Peer(path, ["nothing"])
    client = rpc.Client(path)
    with pytest.raises(TimedOut):
        client.request({"op": "hello"}, 0.2)


def test_a_broker_that_is_gone_is_started_again_before_the_next_request(path: str) -> None:
    Peer(path, [{"ok": 1}, None])
    other = path + "2"
    client = rpc.Client(path, restart=lambda: Peer(other, [{"ok": 2}]).path)
    assert client.request({}) == {"ok": 1}
    client.path = path + "-gone"
    client.close()
    assert client.request({}) == {"ok": 2}


def test_a_module_without_a_socket_is_told_what_to_set() -> None:
    with pytest.raises(UsageError, match="ansible_connection"):
        rpc.session(None)
